//! Times at which the server was gone, and what they excuse.

use std::collections::BTreeSet;

use crate::transcript::{Answer, Exchange, Outage, OutageKind};

/// What was done to the server, as far as the exchanges have come.
pub(super) struct Outages<'t> {
    all: &'t [Outage],
    /// How many of them are past.
    past: usize,
    /// Whether nothing has been heard of the server since.
    is_coming_back: bool,
    /// The connections that were used.
    used: BTreeSet<u32>,
    /// Those of them that the server must have lost.
    lost: BTreeSet<u32>,
}

impl<'t> Outages<'t> {
    /// All of a transcript, none of them past.
    pub(super) fn of(all: &'t [Outage]) -> Self {
        let (used, lost) = (BTreeSet::new(), BTreeSet::new());
        Self { all, past: 0, is_coming_back: false, used, lost }
    }

    /// Goes on to an exchange; whether the server has gone before it.
    pub(super) fn pass(&mut self, exchange: &Exchange) -> bool {
        let mut has_gone = false;
        while let Some(outage) = self.all.get(self.past)
            && outage.order.began < exchange.order.began
        {
            self.past += 1;
            self.is_coming_back = true;
            has_gone |= outage.kind != OutageKind::Started;
        }
        if has_gone {
            self.lost.append(&mut self.used);
        }
        self.used.insert(exchange.connection);
        has_gone
    }

    /// Hears of the server.
    pub(super) fn hear(&mut self, exchange: &Exchange) {
        if !is_nothing(exchange) {
            self.is_coming_back = false;
            self.lost.remove(&exchange.connection);
        }
    }

    /// Whether it is no wonder that nothing came of an exchange.
    pub(super) fn excuse(&self, exchange: &Exchange) -> bool {
        let during = || self.all.iter().any(|outage| outage.order.overlaps(exchange.order));
        is_nothing(exchange)
            && (self.is_coming_back || self.lost.contains(&exchange.connection) || during())
    }
}

/// Whether nothing came that the BITS layer has said: no answer, or one of a server in front of it that cannot reach it.
fn is_nothing(exchange: &Exchange) -> bool {
    exchange.answer().is_none_or(|answer| answer.head.status >= 500 && !Answer::speaks_bits(answer))
}
