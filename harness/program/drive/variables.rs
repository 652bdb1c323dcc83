//! What the variables of a plan stand for while it is carried out.

use std::collections::BTreeMap;

use bits_judge::plan::{Head, Template, variables};
use bits_wire::{Headers, http1::RequestHead, text};

/// The values of variables.
#[derive(Clone)]
pub(super) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(super) fn new(host: String, base: &str, prefix: &str) -> Self {
        let known = [
            (variables::HOST, host),
            (variables::BASE, base.to_owned()),
            (variables::PREFIX, prefix.to_owned()),
        ];
        Self(known.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// The text of a template, or the name of the first variable without a value.
    pub(super) fn fill<'t>(&self, template: &'t Template) -> Result<String, &'t str> {
        template.fill(|name| self.0.get(name).map(String::as_str))
    }

    /// The exact head of a request, or the name of the first variable without a value.
    pub(super) fn head<'h>(&self, head: &'h Head) -> Result<RequestHead, &'h str> {
        match head {
            Head::Raw(bytes) => Ok(RequestHead::read(&text::to_bytes(&self.fill(bytes)?))),
            Head::Made { method, target, version, headers } => {
                let filled =
                    headers.iter().map(|(name, value)| Ok((name.clone(), self.fill(value)?)));
                let headers: Headers = filled.collect::<Result<_, &str>>()?;
                Ok(RequestHead::write(&self.fill(method)?, &self.fill(target)?, version, &headers))
            }
        }
    }
}
