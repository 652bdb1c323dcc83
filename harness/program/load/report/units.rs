//! Numbers for people.

/// Bytes in the unit that fits.
pub(super) fn bytes(count: f64) -> String {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let unit = units.into_iter().find(|(_, unit)| count >= f64::from(*unit));
    match unit {
        Some((name, unit)) => format!("{} {name}", short(count / f64::from(unit))),
        None => format!("{count:.0} B"),
    }
}

/// Microseconds in the unit that fits.
pub(super) fn time(microseconds: f64) -> String {
    match microseconds {
        us if us >= 1e6 => format!("{} s", short(us / 1e6)),
        us if us >= 1e3 => format!("{} ms", short(us / 1e3)),
        us => format!("{us:.0} µs"),
    }
}

/// A number with three digits that count.
pub(super) fn short(number: f64) -> String {
    match number.abs() {
        size if size >= 100.0 => grouped(number.round()),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// A whole number with a comma before every three digits.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A part as percent.
pub(super) fn percent(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_their_unit() {
        assert_eq!(bytes(512.0), "512 B");
        assert_eq!(bytes(1536.0), "1.50 KiB");
        assert_eq!(bytes(2e9), "1.86 GiB");
        assert_eq!(
            (time(12.3), time(1500.0), time(2.5e6)),
            ("12 µs".into(), "1.50 ms".into(), "2.50 s".into())
        );
        assert_eq!((grouped(999.0), grouped(1e6)), ("999".into(), "1,000,000".into()));
        assert_eq!(percent(0.875), "88 %");
    }
}
