//! A mistake in a folder: where it is, what is wrong there, and what to write instead.

use std::{fmt, path::PathBuf};

/// A mistake in a file of a folder.
///
/// Printed, it shows the line with the place under it:
///
/// ```text
/// tax/adapter.toml:41:22: there is no filter `ascii_downcas` with no argument
///    41 | status = { jq = ".ma | ascii_downcas" }
///       |                        ^^^^^^^^^^^^^
///   fix: write `ascii_downcase`
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, or what was expected there.
    pub expected: String,
    /// What to do about it.
    pub fix: String,
    /// The line's text, and how many of its characters are meant.
    pub(crate) shown: Option<(String, usize)>,
}

/// All mistakes of a folder, printed one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistake {
    /// A mistake of a file as a whole: that it is missing, or cannot be read.
    pub(crate) fn whole(file: impl Into<PathBuf>, expected: impl Into<String>, fix: &str) -> Self {
        Self {
            file: file.into(),
            line: 1,
            column: 1,
            expected: expected.into(),
            fix: fix.to_owned(),
            shown: None,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            expected,
            fix,
            shown,
        } = self;
        writeln!(formatter, "{}:{line}:{column}: {expected}", file.display())?;
        if let Some((text, length)) = shown {
            let before = " ".repeat(column.saturating_sub(1));
            writeln!(formatter, "{line:>5} | {text}")?;
            writeln!(
                formatter,
                "      | {before}{}",
                "^".repeat((*length).max(1))
            )?;
        }
        write!(formatter, "  fix: {fix}")
    }
}

impl std::error::Error for Mistake {}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, mistake) in self.0.iter().enumerate() {
            if place > 0 {
                writeln!(formatter)?;
            }
            mistake.fmt(formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
