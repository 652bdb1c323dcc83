//! Text in columns as wide as what stands in them.

use crate::report::{terminal::cut, visible::visible};

const GAP: usize = 2;

/// The least that is left of the last column, however narrow the table has to be.
const LEAST_TITLE: usize = 20;

/// A line of heads and a line for each row. The last column is cut at `width`.
pub(super) fn render(heads: &[&str], rows: &[Vec<String>], indent: usize, width: usize) -> String {
    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(heads)
        .chain(rows.iter().map(|row| row.iter().map(|cell| visible(cell)).collect()))
        .collect();
    let columns = lines[0].len();
    let widths: Vec<usize> = (0..columns.saturating_sub(1))
        .map(|at| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or_default())
        .collect();
    let before: usize = indent + widths.iter().map(|column| column + GAP).sum::<usize>();
    let room = width.saturating_sub(before).max(LEAST_TITLE);
    lines.iter().fold(String::new(), |mut text, line| {
        let mut shown = " ".repeat(indent);
        for (cell, column) in line.iter().zip(&widths) {
            shown.push_str(&format!("{cell:<0$}", column + GAP));
        }
        if let Some(title) = line.last() {
            shown.push_str(&cut(title, room));
        }
        text.push_str(shown.trim_end());
        text.push('\n');
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["long name".into(), "x".into()], vec!["é".into(), "y".into()]];
        assert_eq!(
            render(&["a", "b"], &rows, 2, 80),
            "  a          b\n  long name  x\n  é          y\n"
        );
    }

    #[test]
    fn the_last_column_keeps_something_in_a_narrow_table() {
        let rows = [vec!["name".into(), "t".repeat(30)]];
        assert_eq!(
            render(&["a", "b"], &rows, 0, 5),
            format!("a     b\nname  {}…\n", "t".repeat(19))
        );
    }

    #[test]
    fn a_cell_cannot_make_a_line_of_its_own() {
        let rows = [vec!["one\ntwo".into(), "\u{1b}[2J".into()]];
        assert_eq!(render(&["a", "b"], &rows, 0, 80).lines().count(), 2);
    }
}
