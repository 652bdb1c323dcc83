//! Messages grouped as people think of them: a request and its answer are one theme.

use super::{ClauseResult, Results};
use crate::spec::Message;

/// The name of the theme to which a message belongs.
pub(super) const fn name(message: Message) -> &'static str {
    match message {
        Message::Any | Message::AnyRequest | Message::AnyAck => "any",
        Message::Ping | Message::AckPing => "ping",
        Message::CreateSession | Message::AckCreateSession => "create-session",
        Message::Fragment | Message::AckFragment => "fragment",
        Message::CloseSession | Message::AckCloseSession => "close-session",
        Message::CancelSession | Message::AckCancelSession => "cancel-session",
        Message::NotifyRequest | Message::NotifyResponse => "notify",
        Message::Download => "download",
    }
}

/// The clauses by theme. The themes stand in the order in which the specification first speaks of them.
pub(super) fn group(results: &Results) -> Vec<(&'static str, Vec<&ClauseResult>)> {
    let mut groups: Vec<(&'static str, Vec<&ClauseResult>)> = Vec::new();
    for result in &results.clauses {
        let theme = name(result.clause.message);
        match groups.iter_mut().find(|(name, _)| *name == theme) {
            Some((_, members)) => members.push(result),
            None => groups.push((theme, vec![result])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_clause_is_in_one_group() {
        let results = sample::everything();
        let groups = group(&results);
        let names: Vec<_> = groups.iter().map(|(name, members)| (*name, members.len())).collect();
        assert_eq!(
            names,
            [
                ("ping", 2),
                ("create-session", 2),
                ("fragment", 3),
                ("notify", 1),
                ("close-session", 1)
            ]
        );
    }
}
