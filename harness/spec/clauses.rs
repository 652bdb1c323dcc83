//! The table of clauses, in the order of the specification.

use super::Clause;

/// Every clause.
pub const CLAUSES: &[Clause] = &[];
