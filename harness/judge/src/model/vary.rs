//! A session that showed something new becomes another one that may show more.

use super::{
    dice::Dice,
    generate::{MOST_OPERATIONS, Maker, session},
    operation::{Act, Body, Connection, Operation, Slot},
    role::in_order,
};

/// The most operations of a varied session, besides those that end what is still open.
const MOST: usize = 2 * MOST_OPERATIONS;

/// Keeps variations from making the choices of the sessions with the same seed.
const OTHERWISE: u64 = 0x7661_7279_7661_7279;

/// A session of a campaign: a variation of one of `count` earlier ones, or a new one. It depends on the seed, the case, and
/// the earlier ones.
#[must_use]
pub fn variation<'e>(
    seed: u64,
    case: u64,
    count: usize,
    earlier: impl Fn(usize) -> &'e [Operation],
) -> Vec<Operation> {
    let mut maker = Maker::with(Dice::of(seed ^ OTHERWISE, case));
    if count == 0 || maker.dice.chance(40) {
        return session(seed, case);
    }
    let mut pick = || earlier(usize::try_from(maker.dice.below(count as u64)).unwrap_or_default());
    let (first, second) = (pick(), pick());
    let mut operations = first.to_vec();
    for _ in 0..=maker.dice.below(4) {
        stroke(&mut maker, &mut operations, second);
    }
    in_order(&mut operations);
    operations.truncate(MOST);
    operations.into_iter().for_each(|operation| maker.push(operation));
    maker.finish()
}

/// Changes one thing.
fn stroke(maker: &mut Maker, operations: &mut Vec<Operation>, other: &[Operation]) {
    let place = |maker: &mut Maker, length: usize| {
        usize::try_from(maker.dice.below(length as u64)).unwrap_or_default()
    };
    if operations.is_empty() {
        operations.extend_from_slice(other);
        return;
    }
    let at = place(maker, operations.len());
    match maker.dice.below(8) {
        0 => {
            operations.remove(at);
        }
        1 => operations.insert(at, operations[at]),
        2 => {
            let with = place(maker, operations.len());
            operations.swap(at, with);
        }
        3 => {
            operations.truncate(at);
            let from = place(maker, other.len().max(1));
            operations.extend(other.iter().skip(from));
        }
        4 if !other.is_empty() => operations.insert(at, other[place(maker, other.len())]),
        5 => operations[at].twist = Some(maker.twist()),
        6 => operations[at] = moved(maker, operations[at]),
        _ => operations[at] = sent_otherwise(maker, operations[at]),
    }
}

/// With another number.
fn moved(maker: &mut Maker, operation: Operation) -> Operation {
    let point = maker.point();
    let act = match operation.act {
        Act::Fragment { first, last, total, body } => match maker.dice.below(3) {
            0 => Act::Fragment { first: point, last, total, body },
            1 => Act::Fragment { first, last: point, total, body },
            _ => Act::Fragment { first, last, total: point, body },
        },
        Act::Fetch(_) => Act::Fetch(maker.fetch()),
        Act::GetRange { first, .. } => Act::GetRange { first, last: point },
        Act::Create { size } => {
            let most = u64::from(size) + 2;
            Act::Create { size: u16::try_from(maker.dice.below(most)).unwrap_or(size) }
        }
        other => other,
    };
    Operation { act, ..operation }
}

/// In another slot, over another connection, with another body, or in another way.
fn sent_otherwise(maker: &mut Maker, operation: Operation) -> Operation {
    let ways = [Connection::Main, Connection::Other, Connection::Fresh];
    match (maker.dice.below(4), operation.act) {
        (0, Act::Fragment { first, last, total, .. }) => {
            let sent = u16::try_from(maker.dice.below(500)).unwrap_or(0);
            let bodies = [Body::Whole, Body::Cut(sent), Body::Short, Body::Long, Body::Other];
            let body = maker.dice.pick(&bodies);
            Operation { act: Act::Fragment { first, last, total, body }, ..operation }
        }
        (1, _) => Operation { slot: maker.dice.pick(&Slot::ALL), ..operation },
        (2, _) => Operation { way: Some(maker.any_way()), ..operation },
        _ => Operation { connection: maker.dice.pick(&ways), ..operation },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variation_depends_on_seed_case_and_what_there_was() {
        let pool: Vec<Vec<Operation>> = (0..9).map(|case| session(1, case)).collect();
        let of = |seed, case, count| variation(seed, case, count, |at| &pool[at]);
        assert_eq!(of(1, 2, 9), of(1, 2, 9));
        assert_eq!(of(1, 2, 0), session(1, 2));
        let varied = (0..200).filter(|case| of(1, *case, 9) != session(1, *case)).count();
        assert!((80..160).contains(&varied), "{varied}");
        let longest = (0..200).map(|case| of(1, case, 9).len()).max();
        assert!(longest <= Some(MOST + Slot::ALL.len()), "{longest:?}");
    }
}
