//! What a `Range` header asks for.

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::fuzzing) enum Asked {
    /// Everything.
    Whole,
    /// These places, each a first byte and the one behind the last, in this order.
    Places(Vec<(u64, u64)>),
    /// Nothing can be.
    Nothing,
}

/// The most ranges that anybody is served.
const MOST: usize = 64;

/// What a header of this value asks of so many bytes.
pub(in crate::fuzzing) fn asked(value: &str, size: u64) -> Asked {
    let Some(equals) = value.find('=') else { return Asked::Whole };
    if !value[..equals].trim().eq_ignore_ascii_case("bytes") {
        return Asked::Whole;
    }
    let mut places = Vec::new();
    let mut count = 0;
    for member in value[equals + 1..].split(',') {
        let member = member.trim();
        if member.is_empty() {
            continue;
        }
        count += 1;
        let Some((first, end)) = place(member, size) else { return Asked::Whole };
        if first < end {
            places.push((first, end));
        }
        if count > MOST {
            return Asked::Whole;
        }
    }
    if count == 0 {
        Asked::Whole
    } else if places.is_empty() {
        Asked::Nothing
    } else {
        Asked::Places(places)
    }
}

fn place(member: &str, size: u64) -> Option<(u64, u64)> {
    let dash = member.find('-')?;
    let (first, last) = (&member[..dash], &member[dash + 1..]);
    if first.is_empty() {
        let count = number(last)?;
        return Some((size - count.min(u128::from(size)) as u64, size));
    }
    let first = number(first)?;
    let last = if last.is_empty() { u128::from(u64::MAX) } else { number(last)? };
    if last < first {
        return None;
    }
    let inside = |at: u128| at.min(u128::from(size)) as u64;
    Some((inside(first), inside(last.saturating_add(1))))
}

/// A number; whatever is too large for one is the largest.
fn number(digits: &str) -> Option<u128> {
    if digits.is_empty() {
        return None;
    }
    let mut number: u128 = 0;
    for digit in digits.bytes() {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = (number * 10 + u128::from(digit - b'0')).min(u128::from(u64::MAX));
    }
    Some(number)
}
