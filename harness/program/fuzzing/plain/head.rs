//! A head, line by line.

/// What is wrong with a head: each kind once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::fuzzing) struct Faults {
    pub(in crate::fuzzing) bare_line_feed: bool,
    pub(in crate::fuzzing) control: bool,
    pub(in crate::fuzzing) folded: bool,
    pub(in crate::fuzzing) no_colon: bool,
    pub(in crate::fuzzing) name: bool,
    pub(in crate::fuzzing) status_line: bool,
}

/// The lines of a head, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::fuzzing) struct Head {
    pub(in crate::fuzzing) first: Vec<u8>,
    pub(in crate::fuzzing) fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub(in crate::fuzzing) faults: Faults,
    /// How many bytes it took.
    pub(in crate::fuzzing) length: usize,
}

impl Head {
    /// The values of all fields of this name.
    pub(in crate::fuzzing) fn all(&self, name: &str) -> Vec<Vec<u8>> {
        let mut values = Vec::new();
        for (own, value) in &self.fields {
            if own.eq_ignore_ascii_case(name.as_bytes()) {
                values.push(value.clone());
            }
        }
        values
    }
}

/// The head at the front of `bytes`, if its empty line is there.
pub(in crate::fuzzing) fn head(bytes: &[u8]) -> Option<Head> {
    let mut head = Head::default();
    let mut is_first = true;
    loop {
        let rest = &bytes[head.length..];
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        head.length += end + 1;
        let mut line = rest[..end].to_vec();
        if line.last() == Some(&b'\r') {
            line.pop();
        } else {
            head.faults.bare_line_feed = true;
        }
        if line.iter().any(|&byte| (byte < 32 && byte != b'\t') || byte == 127) {
            head.faults.control = true;
        }
        if line.is_empty() {
            return Some(head);
        }
        if is_first {
            head.first = line;
            is_first = false;
        } else {
            field(&line, &mut head);
        }
    }
}

fn field(line: &[u8], head: &mut Head) {
    if line[0] == b' ' || line[0] == b'\t' {
        head.faults.folded = true;
        return;
    }
    let Some(colon) = line.iter().position(|&byte| byte == b':') else {
        head.faults.no_colon = true;
        return;
    };
    let mut name = line[..colon].to_vec();
    if !is_token(&name) {
        head.faults.name = true;
    }
    while matches!(name.last(), Some(b' ' | b'\t')) {
        name.pop();
    }
    head.fields.push((name, trimmed(&line[colon + 1..])));
}

/// The bytes without blanks and tabs around them.
pub(in crate::fuzzing) fn trimmed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    while matches!(bytes.last(), Some(b' ' | b'\t')) {
        bytes.pop();
    }
    while matches!(bytes.first(), Some(b' ' | b'\t')) {
        bytes.remove(0);
    }
    bytes
}

/// Whether these bytes are a token of HTTP.
pub(in crate::fuzzing) fn is_token(bytes: &[u8]) -> bool {
    const OTHERS: &[u8] = b"!#$%&'*+-.^_`|~";
    let right = |byte: &u8| byte.is_ascii_alphanumeric() || OTHERS.contains(byte);
    !bytes.is_empty() && bytes.iter().all(right)
}
