//! Looks for an order in which answers make sense (Wing and Gong): what was over before another began comes before it, and
//! what overlapped may come either way.

use std::{collections::HashSet, hash::Hash};

use crate::transcript::Order;

/// The most exchanges of which an order is looked for; one bit each.
const MOST: usize = 128;

/// The most states that are visited before it is left open.
const PATIENCE: usize = 50_000;

/// What acts do to a state, and when their answers are right.
pub(super) trait Model {
    /// What is so between two acts.
    type State: Clone + Eq + Hash;

    /// The states to which the act can lead if its answer is right here; none if it is not.
    fn explained(&self, state: &Self::State, act: usize) -> Vec<Self::State>;

    /// The states to which the act can lead whatever its answer was.
    fn any(&self, state: &Self::State, act: usize) -> Vec<Self::State>;
}

/// What came of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found<S> {
    /// An order, and every state in which such orders end.
    Order(Vec<usize>, Vec<S>),
    /// There is none.
    None,
    /// There are too many to try.
    Open,
}

/// Looks for an order of all acts. The answers of those in `doubted` do not count.
pub(super) fn search<M: Model>(
    model: &M,
    start: M::State,
    orders: &[Order],
    doubted: u128,
) -> Found<M::State> {
    if orders.len() > MOST {
        return Found::Open;
    }
    let mut search = Search {
        model,
        orders,
        doubted,
        visited: HashSet::new(),
        path: Vec::new(),
        order: None,
        ends: Vec::new(),
    };
    let complete = search.go_on(start, 0);
    match search.order {
        Some(order) if complete => Found::Order(order, search.ends),
        None if complete => Found::None,
        _ => Found::Open,
    }
}

/// A set of acts whose answers cannot all be right, and of which none can be left out.
pub(super) fn smallest_conflict<M: Model>(
    model: &M,
    start: &M::State,
    orders: &[Order],
) -> Vec<usize> {
    let mut doubted = 0;
    // What came first stays, if it can: there the trouble began.
    for act in (0..orders.len()).rev() {
        let more = doubted | 1 << act;
        if search(model, start.clone(), orders, more) == Found::None {
            doubted = more;
        }
    }
    (0..orders.len()).filter(|act| doubted & 1 << act == 0).collect()
}

struct Search<'a, M: Model> {
    model: &'a M,
    orders: &'a [Order],
    doubted: u128,
    visited: HashSet<(u128, M::State)>,
    path: Vec<usize>,
    order: Option<Vec<usize>>,
    ends: Vec<M::State>,
}

impl<M: Model> Search<'_, M> {
    /// Tries whatever can come next; false if it takes too long.
    fn go_on(&mut self, state: M::State, done: u128) -> bool {
        if done.count_ones() as usize == self.orders.len() {
            self.order.get_or_insert_with(|| self.path.clone());
            if !self.ends.contains(&state) {
                self.ends.push(state);
            }
            return true;
        }
        if self.visited.len() >= PATIENCE {
            return false;
        }
        if !self.visited.insert((done, state.clone())) {
            return true;
        }
        let ready: Vec<usize> =
            (0..self.orders.len()).filter(|act| self.is_ready(*act, done)).collect();
        // What is right here and changes nothing would be right here in any order that there is.
        let idle = ready.iter().copied().find(|act| self.next(&state, *act) == [state.clone()]);
        let choices = idle.map_or(ready, |act| vec![act]);
        choices.into_iter().all(|act| {
            self.path.push(act);
            let next = self.next(&state, act);
            let complete = next.into_iter().all(|state| self.go_on(state, done | 1 << act));
            self.path.pop();
            complete
        })
    }

    fn next(&self, state: &M::State, act: usize) -> Vec<M::State> {
        match self.doubted & 1 << act {
            0 => self.model.explained(state, act),
            _ => self.model.any(state, act),
        }
    }

    /// Whether everything that has to come before has come.
    fn is_ready(&self, act: usize, done: u128) -> bool {
        let waits_for =
            |other: usize| done & 1 << other == 0 && self.orders[other].precedes(self.orders[act]);
        done & 1 << act == 0 && !(0..self.orders.len()).any(waits_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that acts set, or that they were told.
    struct Cell(Vec<Act>);

    enum Act {
        Set(u8),
        Told(u8),
    }

    impl Model for Cell {
        type State = u8;

        fn explained(&self, state: &u8, act: usize) -> Vec<u8> {
            match self.0[act] {
                Act::Set(value) => vec![value],
                Act::Told(value) => vec![*state].into_iter().filter(|it| *it == value).collect(),
            }
        }

        fn any(&self, state: &u8, act: usize) -> Vec<u8> {
            match self.0[act] {
                Act::Set(value) => vec![value, *state],
                Act::Told(_) => vec![*state],
            }
        }
    }

    fn at(points: &[(u64, u64)]) -> Vec<Order> {
        points.iter().map(|(began, ended)| Order { began: *began, ended: *ended }).collect()
    }

    #[test]
    fn what_overlaps_can_come_either_way() {
        let cell = Cell(vec![Act::Set(1), Act::Set(2), Act::Told(1)]);
        let found = search(&cell, 0, &at(&[(1, 3), (2, 4), (5, 6)]), 0);
        assert_eq!(found, Found::Order(vec![1, 0, 2], vec![1]));
        let found = search(&cell, 0, &at(&[(1, 2), (3, 4), (5, 6)]), 0);
        assert_eq!(found, Found::None);
    }

    #[test]
    fn the_smallest_conflict_leaves_out_what_does_not_matter() {
        let cell = Cell(vec![Act::Set(1), Act::Told(1), Act::Set(2), Act::Told(7), Act::Told(2)]);
        let orders = at(&[(1, 2), (3, 4), (5, 9), (6, 8), (10, 11)]);
        assert_eq!(smallest_conflict(&cell, &0, &orders), [3]);
        let cell = Cell(vec![Act::Set(1), Act::Told(2), Act::Set(2), Act::Told(1)]);
        let orders = at(&[(1, 2), (3, 6), (4, 7), (8, 9)]);
        assert_eq!(smallest_conflict(&cell, &0, &orders).last(), Some(&3));
    }

    #[test]
    fn what_has_too_many_orders_is_left_open() {
        let many: Vec<_> = (0..30).map(|at| (at + 1, 100)).collect();
        let cell = Cell(
            (0..30).map(|value| if value == 7 { Act::Told(99) } else { Act::Set(value) }).collect(),
        );
        assert_eq!(search(&cell, 0, &at(&many), 0), Found::Open);
        let orders = vec![Order { began: 1, ended: 2 }; MOST + 1];
        assert_eq!(search(&cell, 0, &orders, 0), Found::Open);
    }
}
