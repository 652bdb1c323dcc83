//! The places at which a fault misreads a range, or the maximum that it has to keep to.

use bits_wire::{ContentRange, ContentRangeError};

use super::{Fault, Rules};

impl Rules {
    /// Reads the range of a fragment.
    pub(crate) fn range(self, text: &str) -> Result<ContentRange, ContentRangeError> {
        let read = text.parse();
        match (self.fault(), read) {
            (Some(Fault::RangeBackwards), Err(ContentRangeError::Backwards)) => turned(text),
            (Some(Fault::RangeBeyond), Err(ContentRangeError::Beyond)) => stretched(text),
            (Some(Fault::RangeUnknownTotal), Err(ContentRangeError::UnknownTotal)) => {
                text.replace('*', &u64::MAX.to_string()).parse()
            }
            (_, read) => read,
        }
    }

    /// The numbers of a range as they are understood.
    pub(crate) fn understood(self, range: ContentRange) -> ContentRange {
        let mask = match self.fault() {
            Some(Fault::RangeOf32Bits) => u64::from(u32::MAX),
            Some(Fault::RangeOf31Bits) => u64::from(u32::MAX >> 1),
            _ => u64::MAX,
        };
        let (first, last) = (range.first & mask, range.last & mask);
        if first <= last { ContentRange { first, last, ..range } } else { range }
    }

    /// Whether a fragment fits into the maximum of its directory. `alone` says whether its session is the only one.
    pub(crate) fn fits(
        self,
        range: ContentRange,
        maximum: Option<u64>,
        alone: impl FnOnce() -> bool,
    ) -> bool {
        let Some(maximum) = maximum else { return true };
        match self.fault() {
            Some(Fault::LimitOfFragments) => range.length() <= maximum,
            Some(Fault::LimitPlusOne) => range.total <= maximum + 1,
            Some(Fault::LimitOfOneSession) if !alone() => true,
            _ => range.total <= maximum,
        }
    }
}

/// The two offsets of a range and its total, as far as they are numbers.
fn numbers(text: &str) -> Option<[u64; 3]> {
    let (span, total) = text.split_once(' ')?.1.split_once('/')?;
    let (first, last) = span.split_once('-')?;
    Some([first.trim().parse().ok()?, last.parse().ok()?, total.parse().ok()?])
}

/// A range that ends before it begins, read from its end.
fn turned(text: &str) -> Result<ContentRange, ContentRangeError> {
    let [first, last, total] = numbers(text).ok_or(ContentRangeError::Backwards)?;
    // What lies beyond its total has another mistake, too.
    if first >= total {
        return Err(ContentRangeError::Backwards);
    }
    Ok(ContentRange { first: last, last: first, total })
}

/// A range that ends beyond its total, with a total that holds it.
fn stretched(text: &str) -> Result<ContentRange, ContentRangeError> {
    let [first, last, _] = numbers(text).ok_or(ContentRangeError::Beyond)?;
    Ok(ContentRange { first, last, total: last.saturating_add(1) })
}
