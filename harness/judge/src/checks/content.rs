//! The bytes of an upload, as the payloads that carried them.

use std::{cell::RefCell, fmt, rc::Rc, sync::Arc};

use bits_wire::Payload;

/// The content of a file, shared by all exchanges that could see it.
pub(crate) type Entity = Arc<[Payload]>;

/// What a session has been given so far. Every exchange remembers it as it was at its time; all of them share one list,
/// of which each sees its own beginning, so that a long session costs no more for each exchange than a short one.
#[derive(Clone, Default)]
pub(crate) struct Content {
    all: Rc<RefCell<Vec<Payload>>>,
    length: usize,
}

impl Content {
    /// Adds what came next.
    pub(crate) fn push(&mut self, payload: Payload) {
        if self.all.borrow().len() != self.length {
            // Somebody else went on from here in another way.
            self.all = Rc::new(RefCell::new(self.to_vec()));
        }
        self.all.borrow_mut().push(payload);
        self.length += 1;
    }

    /// All of it.
    pub(crate) fn to_vec(&self) -> Vec<Payload> {
        self.all.borrow()[..self.length].to_vec()
    }

    /// All of it, as the content of a file.
    pub(crate) fn entity(&self) -> Entity {
        self.all.borrow()[..self.length].into()
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.all.borrow()[..self.length] == other.all.borrow()[..other.length]
    }
}

impl Eq for Content {}

impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(&self.all.borrow()[..self.length]).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_keeps_what_it_saw_and_goes_its_own_way() {
        let byte = |byte| Payload::Bytes(vec![byte]);
        let mut one = Content::default();
        one.push(byte(1));
        let (before, mut other) = (one.clone(), one.clone());
        one.push(byte(2));
        other.push(byte(3));
        assert_eq!(before.to_vec(), [byte(1)]);
        assert_eq!(one.to_vec(), [byte(1), byte(2)]);
        assert_eq!(other.to_vec(), [byte(1), byte(3)]);
        assert_ne!(one, other);
    }
}
