//! What a run came to, and how it is shown. Renderers are functions from [`Results`] to text; they read no clock.

mod results;

pub use results::{
    ClauseResult, Fate, FindingResult, ReadingResult, Results, ScenarioResult, Summary,
};
