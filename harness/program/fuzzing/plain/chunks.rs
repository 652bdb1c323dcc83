//! A chunked body, all of it at once.

/// How the chunks ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fuzzing) enum End {
    /// They did not.
    Missing,
    /// As they should.
    Good,
    /// Malformed.
    Broken,
}

/// The longest line between chunks.
const LONGEST: usize = 8192;

/// The data of the chunks at the front of `bytes`, how many bytes they took, and how they ended.
pub(in crate::fuzzing) fn chunks(bytes: &[u8]) -> (Vec<u8>, usize, End) {
    let mut data = Vec::new();
    let mut at = 0;
    loop {
        let line = match line(bytes, &mut at) {
            Ok(line) => line,
            Err(end) => return (data, at, end),
        };
        let Some(size) = size(&line) else { return (data, at, End::Broken) };
        if size == 0 {
            break;
        }
        for _ in 0..size {
            let Some(&byte) = bytes.get(at) else { return (data, at, End::Missing) };
            data.push(byte);
            at += 1;
        }
        match self::line(bytes, &mut at) {
            Ok(line) if line.is_empty() => {}
            Ok(_) => return (data, at, End::Broken),
            Err(end) => return (data, at, end),
        }
    }
    loop {
        match line(bytes, &mut at) {
            Ok(line) if line.is_empty() => return (data, at, End::Good),
            Ok(_) => {}
            Err(end) => return (data, at, end),
        }
    }
}

/// The next line without white space around it.
fn line(bytes: &[u8], at: &mut usize) -> Result<Vec<u8>, End> {
    let mut line = Vec::new();
    loop {
        let Some(&byte) = bytes.get(*at) else { return Err(End::Missing) };
        *at += 1;
        if byte == b'\n' {
            return Ok(line.trim_ascii().to_vec());
        }
        line.push(byte);
        if line.len() > LONGEST {
            return Err(End::Broken);
        }
    }
}

fn size(line: &[u8]) -> Option<u64> {
    let mut digits = Vec::new();
    for &byte in line {
        if byte == b';' {
            break;
        }
        digits.push(byte);
    }
    let digits = digits.trim_ascii();
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let mut size: u64 = 0;
    for &digit in digits {
        size = size * 16 + u64::from(char::from(digit).to_digit(16)?);
    }
    Some(size)
}
