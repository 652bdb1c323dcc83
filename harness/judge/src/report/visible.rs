//! Text that a server may have chosen, made harmless: no escape sequence, no line of its own, nothing XML refuses.

/// The text on one line, with everything that a terminal would obey or an XML reader refuse written as an escape.
///
/// Escapes rather than nothing, because the odd byte is often the very proof.
pub(super) fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, character| {
        if is_treacherous(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
        shown
    })
}

const fn is_treacherous(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Invisible, ends of lines, and changes of direction, which can make a line read as another.
        | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        // No characters at all, and not allowed in XML.
        | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_stays_as_it_is() {
        assert_eq!(visible("Range: \"1\" \\ é € █"), "Range: \"1\" \\ é € █");
    }

    #[test]
    fn what_a_terminal_or_an_xml_reader_minds_is_escaped() {
        assert_eq!(visible("\u{1b}[2J\0\r\n\t"), "\\u{1b}[2J\\u{0}\\r\\n\\t");
        assert_eq!(visible("\u{9b}\u{7f}\u{202e}\u{fffe}"), "\\u{9b}\\u{7f}\\u{202e}\\u{fffe}");
    }
}
