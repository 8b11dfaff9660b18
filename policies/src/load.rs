//! Where purposes, agencies and rules are read from, and what can be wrong with them.
//!
//! They are read either from this build (the national ones, compiled in) or from a directory of
//! the same shape: `purposes/*.toml`, `agencies/*.toml`, `bundle/*.cedar`,
//! `bundle/schema.cedarschema`, `calendar.toml`. What a file says wrong is told with file, line and nearest name,
//! because the people who write these files are lawyers and data protection officers.

mod check;
mod embedded;
mod error;
pub(crate) mod form;
mod warning;

pub use check::{Findings, check};
pub use error::LoadError;
pub use warning::Warning;

use aws_lc_rs::digest;
use std::{fmt::Write, fs, ops::Range, path::Path};
use toml::Spanned;

/// The texts of a policy directory, in the order of their paths.
#[derive(Debug, Clone)]
pub struct PolicyFiles {
    pub(crate) purposes: Vec<SourceFile>,
    pub(crate) agencies: Vec<SourceFile>,
    pub(crate) rules: Vec<SourceFile>,
    pub(crate) rule_schema: SourceFile,
    /// When offices work: `calendar.toml`.
    pub(crate) calendar: SourceFile,
    /// What the rules must say of some facts: `bundle/tests/*.json`.
    pub(crate) cases: Vec<SourceFile>,
    /// Rules that must not be accepted: `bundle/tests/_*.cedar`.
    pub(crate) refused: Vec<SourceFile>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path within the policy directory: `purposes/birth-registration.toml`.
    pub path: String,
    /// What it says.
    pub text: String,
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
        Ok(Self {
            rule_schema: read_file(directory, RULE_SCHEMA)?,
            calendar: read_file(directory, CALENDAR)?,
            purposes: read_folder(directory, "purposes", "toml", is_ordinary)?,
            agencies: read_folder(directory, "agencies", "toml", is_ordinary)?,
            rules: read_folder(directory, "bundle", "cedar", is_ordinary)?,
            cases: read_tests(directory, "json", is_ordinary)?,
            refused: read_tests(directory, "cedar", |name| name.starts_with('_'))?,
        })
    }

    /// The rules and the calendar of these files, with other purposes and agencies.
    #[must_use]
    pub fn deciding_for(self, purposes: Vec<SourceFile>, agencies: Vec<SourceFile>) -> Self {
        Self {
            purposes,
            agencies,
            ..self
        }
    }

    /// SHA-256 over the path and the bytes of every file that decides; cases decide nothing.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        let folders = [&self.purposes, &self.agencies, &self.rules];
        let single = [&self.rule_schema, &self.calendar];
        for file in folders.into_iter().flatten().chain(single) {
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
    /// The file is called as its id says, so that whoever knows the one finds the other.
    pub(crate) fn check_id(&self, id: &str) -> Result<(), LoadError> {
        if self.stem() == id {
            return Ok(());
        }
        Err(LoadError::FileName {
            file: self.path.clone(),
            id: id.to_owned(),
        })
    }

    /// The file's name without its ending, which is the id in it.
    pub(crate) fn stem(&self) -> &str {
        let stem = Path::new(&self.path).file_stem();
        stem.and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    /// A field of this file whose value cannot be accepted, with its line.
    pub(crate) fn field<T>(
        &self,
        value: &Spanned<T>,
        field: &'static str,
        reason: impl Into<String>,
    ) -> LoadError {
        LoadError::Field {
            file: self.path.clone(),
            line: self.line(&value.span()),
            field,
            reason: reason.into(),
        }
    }

    /// The line, from 1, in which a span of bytes starts.
    pub(crate) fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().iter().take(span.start);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}

fn read_file(root: &Path, name: &str) -> Result<SourceFile, LoadError> {
    let path = root.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(SourceFile {
            path: name.to_owned(),
            text,
        }),
        Err(source) => Err(LoadError::Read { path, source }),
    }
}

/// Cases are welcome and not demanded: a directory without them decides as well.
fn read_tests(
    root: &Path,
    extension: &str,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<SourceFile>, LoadError> {
    if root.join(TESTS).is_dir() {
        read_folder(root, TESTS, extension, wanted)
    } else {
        Ok(Vec::new())
    }
}

fn is_ordinary(name: &str) -> bool {
    !name.starts_with('_')
}

fn read_folder(
    root: &Path,
    folder: &str,
    extension: &str,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<SourceFile>, LoadError> {
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
        let is_kind = path.extension().is_some_and(|found| found == extension);
        if !is_kind || name.starts_with('.') || !wanted(name) {
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

const TESTS: &str = "bundle/tests";
const CALENDAR: &str = "calendar.toml";
const RULE_SCHEMA: &str = "bundle/schema.cedarschema";

/// 96 bits name a version among the few thousand that a country will ever have.
const VERSION_BYTES: usize = 12;

#[cfg(test)]
mod tests;
