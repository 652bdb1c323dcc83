//! Does the served program lose anything: killed, restarted, stopped, or on a full disk?

mod client;
mod crowds;
mod kills;
mod stops;
