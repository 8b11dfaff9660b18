//! Comma-separated values by RFC 4180, which a spreadsheet can open without running anything.

use std::fmt::Write;

/// One line: its cells, and CRLF.
#[must_use]
pub fn line(cells: &[&str]) -> String {
    let mut line = String::new();
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        push(&mut line, cell);
    }
    line.push_str("\r\n");
    line
}

/// A cell that a spreadsheet could take for a formula begins with an apostrophe.
fn push(line: &mut String, cell: &str) {
    let defuse = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let apostrophe = if defuse { "'" } else { "" };
    let quoted = cell.contains([',', '"', '\r', '\n']) || cell.starts_with(' ') || defuse;
    if quoted {
        // Writing to a string cannot fail.
        let _ = write!(line, "\"{apostrophe}{}\"", cell.replace('"', "\"\""));
    } else {
        line.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_defused() {
        assert_eq!(line(&["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(
            line(&["a,b", "say \"no\"", "1\n2"]),
            "\"a,b\",\"say \"\"no\"\"\",\"1\n2\"\r\n"
        );
        assert_eq!(line(&["=1+1", "@x", "-5"]), "\"'=1+1\",\"'@x\",\"'-5\"\r\n");
    }
}
