//! Ids of clauses and points in scenario files.

use super::{
    document::Document,
    error::{Blame as _, Fault, LoadErrorKind},
};
use crate::spec::{CLAUSES, POINTS};

/// The rows of the error table.
const ERROR_ROWS: std::ops::RangeInclusive<u32> = 1..=21;

/// Checks that every id has the form of one.
pub(super) fn check(document: &Document) -> Result<(), Fault> {
    for id in &document.clauses {
        if !is_clause(&id.value) {
            return Err(LoadErrorKind::ClauseId(id.value.clone())).at(id.place);
        }
    }
    for id in &document.points {
        if !is_point(&id.value) {
            return Err(LoadErrorKind::PointId(id.value.clone())).at(id.place);
        }
    }
    Ok(())
}

/// The ids that are in no table.
pub(super) fn unknown(document: &Document) -> Vec<&str> {
    let clauses = document
        .clauses
        .iter()
        .map(|id| id.value.as_str())
        .filter(|id| !CLAUSES.iter().any(|clause| clause.id == *id));
    let points = document
        .points
        .iter()
        .map(|id| id.value.as_str())
        .filter(|id| !id.starts_with('E') && !POINTS.iter().any(|point| point.id == *id));
    clauses.chain(points).collect()
}

fn is_clause(id: &str) -> bool {
    let Some((place, number)) = id.rsplit_once('-') else { return false };
    let numbered = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    let section = |text: &str| {
        text.split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let page = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    numbered
        && (place.strip_prefix("BUP-").is_some_and(section)
            || place.strip_prefix("W32-").is_some_and(page))
}

fn is_point(id: &str) -> bool {
    let digits = id.get(1..).unwrap_or_default();
    let number = if digits.starts_with(['0', '+']) { None } else { digits.parse::<u32>().ok() };
    match (id.chars().next(), number) {
        (Some('D' | 'S' | 'U'), Some(number)) => (1..=99).contains(&number),
        (Some('E'), Some(number)) => ERROR_ROWS.contains(&number),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_a_form() {
        for id in ["BUP-3.2.5.2.6-01", "BUP-2.2-01", "W32-bits-upload-protocol-01"] {
            assert!(is_clause(id), "{id}");
        }
        for id in ["", "BUP-2.2.6", "BUP-2..6-01", "BUP-2.2-1", "MS-2.2-01", "W32--01 "] {
            assert!(!is_clause(id), "{id}");
        }
        assert!(is_point("D5") && is_point("E21") && is_point("U17"));
        assert!(!is_point("E22") && !is_point("D05") && !is_point("X1") && !is_point("D"));
    }
}
