//! Colours, and how errors are told. Colour leaves by itself where the output is no terminal.

use anstream::eprintln;
use anstyle::{AnsiColor, Style};

pub(super) const TITLE: Style = Style::new().bold();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default();
pub(super) const QUIET: Style = Style::new().dimmed();
pub(super) const ACCENT: Style = AnsiColor::Cyan.on_default();

/// Text in a style.
pub(super) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Tells an error with its causes, one a line.
pub(super) fn complain(error: &anyhow::Error) {
    eprintln!("{} {error}", paint(BAD, "error:"));
    for cause in error.chain().skip(1) {
        eprintln!("  {} {cause}", paint(QUIET, "because"));
    }
}
