//! What can be wrong with purposes, agencies and rules, and where.

use std::{error::Error, io, path::PathBuf};

/// Why purposes, agencies and rules cannot be used. Nothing is loaded then.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or directory cannot be read.
    #[error("`{}` cannot be read", .path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is no TOML, or a value in it is none that could be.
    #[error("`{file}`, line {line}: does not say what it should")]
    Form {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// Line, column and reason.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A field that files of this kind do not have.
    #[error("`{file}`, line {line}: there is no field `{name}`{}", did_you_mean(.nearest.as_ref()))]
    UnknownField {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The field: `basis.referense`.
        name: String,
        /// The most similar field that exists.
        nearest: Option<String>,
    },
    /// A field that files of this kind must have.
    #[error("`{file}`: the field `{field}` is missing; it must be {expected}")]
    MissingField {
        /// The file.
        file: String,
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The id in a file and the file's name differ.
    #[error("`{file}`: `id` is `{id}`, so the file must be called `{id}.toml`")]
    FileName {
        /// The file.
        file: String,
        /// The id in it.
        id: String,
    },
    /// A name that nothing has.
    #[error("`{file}`, line {line}: `{field}` names `{name}`, which does not exist{}", did_you_mean(.nearest.as_ref()))]
    UnknownName {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The field.
        field: &'static str,
        /// The name.
        name: String,
        /// The most similar name that exists.
        nearest: Option<String>,
    },
    /// A field whose value cannot be accepted together with the rest.
    #[error("`{file}`, line {line}: `{field}` {reason}")]
    Field {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The field.
        field: &'static str,
        /// Why not.
        reason: String,
    },
    /// An id or a client program that two files claim.
    #[error("`{file}`: `{id}` is already taken by another file")]
    Taken {
        /// The second file.
        file: String,
        /// What both claim.
        id: String,
    },
    /// Rules or their schema that do not parse.
    #[error("`{file}` is not written as Cedar is")]
    Syntax {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A place in the rules that Cedar does not accept.
    #[error("`{file}`, line {line}: {reason}")]
    RuleText {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What Cedar says of it.
        reason: String,
    },
    /// A rule without the annotations by which decisions name it.
    #[error("`{file}`: rule {rule} {reason}")]
    Rule {
        /// The file.
        file: String,
        /// The rule: its `@id`, or its place in the file.
        rule: String,
        /// What is missing or wrong.
        reason: String,
    },
    /// Rules that parse, but ask for what no question has.
    #[error("the rules do not fit `{schema}`: {}", .errors.join("; "))]
    Validation {
        /// The schema.
        schema: String,
        /// What the validator says of each rule.
        errors: Vec<String>,
    },
}

impl LoadError {
    /// The file or directory with the mistake.
    #[must_use]
    pub fn file(&self) -> String {
        match self {
            Self::Read { path, .. } => path.display().to_string(),
            Self::Validation { schema, .. } => schema.clone(),
            Self::Form { file, .. }
            | Self::UnknownField { file, .. }
            | Self::MissingField { file, .. }
            | Self::FileName { file, .. }
            | Self::UnknownName { file, .. }
            | Self::Field { file, .. }
            | Self::Taken { file, .. }
            | Self::Syntax { file, .. }
            | Self::RuleText { file, .. }
            | Self::Rule { file, .. } => file.clone(),
        }
    }

    /// The line of the mistake, from 1, where it has one.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::Form { line, .. }
            | Self::UnknownField { line, .. }
            | Self::UnknownName { line, .. }
            | Self::Field { line, .. }
            | Self::RuleText { line, .. } => Some(*line),
            Self::Read { .. }
            | Self::MissingField { .. }
            | Self::FileName { .. }
            | Self::Taken { .. }
            | Self::Syntax { .. }
            | Self::Rule { .. }
            | Self::Validation { .. } => None,
        }
    }

    /// What is wrong, without the place, with its causes.
    #[must_use]
    pub fn what(&self) -> String {
        if let Self::Form { source, .. } = self {
            // Its own text repeats the place, draws the line, and speaks of types of the program.
            let message = source
                .message()
                .replace("a nonzero u32", "a number above zero");
            return message.replace("u32", WHOLE).replace("u64", WHOLE);
        }
        let text = self.to_string();
        let place = match self.line() {
            Some(line) => format!("`{}`, line {line}: ", self.file()),
            None => format!("`{}`: ", self.file()),
        };
        let mut what = text.strip_prefix(&place).unwrap_or(&text).to_owned();
        let mut source = self.source();
        while let Some(cause) = source {
            what.push_str(": ");
            what.push_str(&cause.to_string());
            source = cause.source();
        }
        what
    }
}

fn did_you_mean(nearest: Option<&String>) -> String {
    nearest
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

const WHOLE: &str = "a whole number, neither negative nor very large";
