//! How far an adapter may be trusted, and the file beside it that says so.
//!
//! The file is written by the conformance kit and committed: `conformance.toml`. Gateways read it to
//! show the tier in their catalogue; for a folder it counts only while the folder's digest is the
//! one that was examined.

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, fs, io, path::Path};

/// How far an adapter may be trusted. Each tier holds the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// It has not shown that it is safe.
    None,
    /// Safe: never somebody else's data, never "nothing on record" by mistake, never stuck.
    Bronze,
    /// And frugal and exact: asks for no more than is permitted, reads lists and values rightly.
    Silver,
    /// And complete: documented, compatible with the version before, nothing left unproven.
    Gold,
}

/// The result of a run as it is committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Committed {
    /// The tier that was reached.
    pub tier: Tier,
    /// The version of the kit.
    pub kit: String,
    /// The digest of the folder that was examined; an adapter in Rust has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// How every check ended: `passed`, `failed`, `not_applicable`, `unproven`.
    pub checks: BTreeMap<String, String>,
    /// Why a check did not pass.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
    /// What the author says about attributes: asked for always, or never sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
}

impl Tier {
    /// `bronze`, as files and reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Committed {
    /// Reads a committed file.
    ///
    /// # Errors
    /// What TOML or serde finds wrong, with its place.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Reads the file of a folder; nothing where there is none, where it cannot be read, or where
    /// the folder has changed since it was examined.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn of_folder(folder: &Path) -> io::Result<Option<Self>> {
        let Ok(text) = fs::read_to_string(folder.join(FILE_NAME)) else {
            return Ok(None);
        };
        let digest = digest(folder)?;
        let committed = Self::read(&text).ok();
        Ok(committed.filter(|committed| committed.digest.as_ref() == Some(&digest)))
    }

    /// The text of the file.
    ///
    /// # Errors
    /// What TOML cannot write; these types hold nothing of the kind.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        Ok(format!("{HEADER}{}", toml::to_string(self)?))
    }

    /// How many checks ended in one way.
    #[must_use]
    pub fn count(&self, verdict: &str) -> usize {
        self.checks.values().filter(|each| *each == verdict).count()
    }
}

/// The digest of everything in a folder that decides how its adapter behaves: `adapter.toml`, the code
/// tables and the schemas, by name and content, in the order of names. Notes, cases and recordings
/// change nothing of it.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn digest(folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    files.sort();
    let mut context = Context::new(&SHA256);
    for name in files {
        let content = fs::read(folder.join(&name))?;
        // Lengths keep names and contents apart.
        context.update(format!("{}:{name}:{}:", name.len(), content.len()).as_bytes());
        context.update(&content);
    }
    let bytes = context.finish();
    let hex: String = bytes
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(format!("sha256:{hex}"))
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            // The same on every system.
            let name = name.to_string_lossy().replace('\\', "/");
            if decides(&name) {
                files.push(name);
            }
        }
    }
    Ok(())
}

/// Whether a file of a folder has a say in what its adapter does.
fn decides(name: &str) -> bool {
    match name.split_once('/') {
        None => name == "adapter.toml",
        Some(("codes" | "datasets", file)) => !file.contains('/'),
        Some(_) => false,
    }
}

/// The name of the committed file.
pub const FILE_NAME: &str = "conformance.toml";
const HEADER: &str = "# What the conformance kit found; written by it, see docs/conformance.md.\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_committed_file_counts_until_its_folder_changes() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("adapter.toml"), "a").unwrap();
        let committed = Committed {
            tier: Tier::Gold,
            kit: "1".to_owned(),
            digest: Some(digest(folder.path()).unwrap()),
            checks: [("a.b".to_owned(), "passed".to_owned())].into(),
            reasons: BTreeMap::new(),
            notes: BTreeMap::new(),
        };
        fs::write(folder.path().join(FILE_NAME), committed.to_toml().unwrap()).unwrap();
        fs::write(folder.path().join("README.md"), "how it is asked").unwrap();
        assert_eq!(
            Committed::of_folder(folder.path()).unwrap(),
            Some(committed)
        );
        fs::create_dir(folder.path().join("codes")).unwrap();
        fs::write(folder.path().join("codes/sex.csv"), "1,male").unwrap();
        assert_eq!(Committed::of_folder(folder.path()).unwrap(), None);
    }

    #[test]
    fn tiers_are_in_order_and_gold_is_the_highest() {
        assert!(Tier::None < Tier::Bronze && Tier::Silver < Tier::Gold);
        assert_eq!(serde_json::to_value(Tier::Gold).unwrap(), "gold");
    }
}
