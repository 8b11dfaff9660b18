//! Where purposes, agencies and rules are read from, and what can be wrong with them.
//!
//! They are read either from this build (the national ones, compiled in) or from a directory of
//! the same shape: `purposes/*.toml`, `agencies/*.toml`, `bundle/*.cedar`,
//! `bundle/schema.cedarschema`. What a file says wrong is told with file, line and nearest name,
//! because the people who write these files are lawyers and data protection officers.

mod embedded;

use aws_lc_rs::digest;
use serde::de::DeserializeOwned;
use std::{
    fmt::Write,
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
};

/// The texts of a policy directory, in the order of their paths.
#[derive(Debug)]
pub struct PolicyFiles {
    pub(crate) purposes: Vec<SourceFile>,
    pub(crate) agencies: Vec<SourceFile>,
    pub(crate) rules: Vec<SourceFile>,
    pub(crate) rule_schema: SourceFile,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path within the policy directory: `purposes/birth-registration.toml`.
    pub path: String,
    /// What it says.
    pub text: String,
}

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
    /// A file is no TOML, or lacks a field, or has one too many.
    #[error("`{file}` does not say what it should")]
    Form {
        /// The file.
        file: String,
        /// Line, column and reason.
        #[source]
        source: Box<toml::de::Error>,
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
        source: Box<dyn std::error::Error + Send + Sync>,
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

impl PolicyFiles {
    /// The files of this build.
    #[must_use]
    pub fn embedded() -> Self {
        embedded::files()
    }

    /// The files of a directory. Files whose names start with `_` or `.` are left out.
    ///
    /// # Errors
    /// The first file or directory that cannot be read.
    pub fn read(directory: &Path) -> Result<Self, LoadError> {
        let schema = directory.join(RULE_SCHEMA);
        let text = fs::read_to_string(&schema).map_err(|source| LoadError::Read {
            path: schema,
            source,
        })?;
        Ok(Self {
            purposes: read_folder(directory, "purposes", "toml")?,
            agencies: read_folder(directory, "agencies", "toml")?,
            rules: read_folder(directory, "bundle", "cedar")?,
            rule_schema: SourceFile {
                path: RULE_SCHEMA.to_owned(),
                text,
            },
        })
    }

    /// SHA-256 over the path and the bytes of every file.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        let folders = [&self.purposes, &self.agencies, &self.rules];
        for file in folders.into_iter().flatten().chain([&self.rule_schema]) {
            for part in [&file.path, &file.text] {
                // The length keeps two files from sharing bytes and still having one digest.
                context.update(&(part.len() as u64).to_be_bytes());
                context.update(part.as_bytes());
            }
        }
        // INVARIANT: SHA-256 has 32 bytes.
        context.finish().as_ref().try_into().unwrap_or_default()
    }
}

/// The name of the version with this digest: its beginning.
pub(crate) fn version(digest: &[u8; 32]) -> String {
    let beginning = digest.iter().take(VERSION_BYTES);
    beginning.fold("sha256:".to_owned(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl SourceFile {
    /// Reads the file as TOML, and checks that its name is the id in it.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, LoadError> {
        toml::from_str(&self.text).map_err(|source| LoadError::Form {
            file: self.path.clone(),
            source: Box::new(source),
        })
    }

    /// The file is called as its id says, so that whoever knows the one finds the other.
    pub(crate) fn check_id(&self, id: &str) -> Result<(), LoadError> {
        let stem = Path::new(&self.path)
            .file_stem()
            .and_then(|stem| stem.to_str());
        if stem == Some(id) {
            return Ok(());
        }
        Err(LoadError::FileName {
            file: self.path.clone(),
            id: id.to_owned(),
        })
    }

    /// The line, from 1, in which a span of bytes starts.
    pub(crate) fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().iter().take(span.start);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}

fn read_folder(root: &Path, folder: &str, extension: &str) -> Result<Vec<SourceFile>, LoadError> {
    let directory = root.join(folder);
    let read_error = |path: &Path| {
        let path = path.to_owned();
        move |source| LoadError::Read { path, source }
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(&directory).map_err(read_error(&directory))? {
        let path = entry.map_err(read_error(&directory))?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let wanted = path.extension().is_some_and(|found| found == extension);
        if !wanted || name.starts_with(['_', '.']) {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(read_error(&path))?;
        files.push(SourceFile {
            path: format!("{folder}/{name}"),
            text,
        });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn did_you_mean(nearest: Option<&String>) -> String {
    nearest
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

const RULE_SCHEMA: &str = "bundle/schema.cedarschema";

/// 96 bits name a version among the few thousand that a country will ever have.
const VERSION_BYTES: usize = 12;

#[cfg(test)]
mod tests;
