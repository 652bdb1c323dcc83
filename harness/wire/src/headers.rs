//! Header fields as they stood on the wire: in order, in their own case, duplicates kept.

use std::borrow::Cow;

use super::names;

/// One header field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// The name in its own case. Most names are few, and need no memory of their own.
    pub name: Cow<'static, str>,
    /// The value without the white space around it, one character a byte.
    pub value: String,
}

impl Header {
    fn new(name: impl AsRef<str>, value: impl Into<String>) -> Self {
        let name = name.as_ref();
        let known = names::COMMON.into_iter().find(|known| *known == name);
        let name = known.map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed);
        Self { name, value: value.into() }
    }
}

/// An ordered list of header fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a field; others of the same name stay.
    pub fn push(&mut self, name: impl AsRef<str>, value: impl Into<String>) {
        self.0.push(Header::new(name, value));
    }

    /// Puts one field in the place of the first of this name, or at the end, and drops the others of this name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        match self.0.iter().position(|header| header.name.eq_ignore_ascii_case(name)) {
            None => self.push(name, value),
            Some(first) => {
                self.0[first] = Header::new(name, value);
                let mut at = 0;
                self.0.retain(|header| {
                    at += 1;
                    at - 1 <= first || !header.name.eq_ignore_ascii_case(name)
                });
            }
        }
    }

    /// Drops every field of this name, whatever its case.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|header| !header.name.eq_ignore_ascii_case(name));
    }

    /// The value of the first field of this name, whatever its case.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The value, if there is exactly one field of this name.
    #[must_use]
    pub fn only(&self, name: &str) -> Option<&str> {
        let mut all = self.all(name);
        let first = all.next();
        if all.next().is_none() { first } else { None }
    }

    /// The values of all fields of this name, in order.
    pub fn all<'s, 'n>(&'s self, name: &'n str) -> impl Iterator<Item = &'s str> + use<'s, 'n> {
        self.0
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// Whether there is a field of this name, whatever its case.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// All fields in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| Header::new(name, value)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Headers {
        [("A", "1"), ("b", "2"), ("a", "3")].into_iter().collect()
    }

    #[test]
    fn set_takes_the_first_place_and_drops_the_duplicates() {
        let mut headers = sample();
        headers.set("a", "9");
        assert_eq!(headers, [("a", "9"), ("b", "2")].into_iter().collect());
    }

    #[test]
    fn only_refuses_duplicates() {
        assert_eq!(sample().only("B"), Some("2"));
        assert_eq!(sample().only("A"), None);
        assert_eq!(sample().first("A"), Some("1"));
    }

    #[test]
    fn remove_disregards_case() {
        let mut headers = sample();
        headers.remove("A");
        assert_eq!(headers.len(), 1);
    }
}
