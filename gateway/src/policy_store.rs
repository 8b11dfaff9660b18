//! Versions of the policies on disk, of which one is current.
//!
//! An operator changes policies while the gateway runs: `motlan policy load` puts a draft into the
//! store, `motlan policy rollback` goes back, and the gateway follows ([`live`]). The store is a
//! directory that holds:
//!
//! | path | what |
//! |---|---|
//! | `versions/<digest>/` | a full copy of a policy directory, never changed; the name is its digest |
//! | `current` | the digest of the version in force, or `base` |
//! | `history` | one line a change: time, digest or `base`, `change` or `rollback` |
//! | `active` | what the gateway made of `current`, as JSON |
//! | `lock`, `gateway.lock` | held by whoever changes the store; by the gateway that follows it |
//!
//! `base` are the policies of the configuration, which count before the first version is loaded. A
//! version is switched to by renaming one small file, so that every reader sees the old version or
//! the new one, and nothing in between.

mod change;
pub mod live;

pub use change::Changing;

use motlan_policies::{decide::Policies, load::LoadError};
use motlan_schemas::catalogue::Catalogue;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::UNIX_EPOCH,
};

/// A store, which need not exist yet.
#[derive(Debug, Clone)]
pub struct PolicyStore {
    directory: PathBuf,
}

/// The SHA-256 digest of a version, which is its name in the store.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

/// What can be in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// The policies of the configuration.
    Base,
    /// A version of the store.
    Stored(Digest),
}

/// Why a version came into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A version was loaded.
    Change,
    /// An operator went back.
    Rollback,
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// When, in UTC.
    pub time: String,
    /// What came into force.
    pub version: Version,
    /// Why.
    pub cause: Cause,
}

/// One state of the file `current`: what it names, and when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// What it says.
    text: String,
    /// When it was written last, as the file system tells it; empty where it was never written.
    pub stamp: String,
}

/// What the gateway that follows a store made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// The version that serves, as decisions and log entries name it.
    pub policy_version: String,
    /// Why the current version does not serve; null where it does.
    pub refused: Option<String>,
    /// The [`Current::stamp`] that this is about.
    pub stamp: String,
}

/// Why a version cannot be used, or the store not be changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or directory of the store.
    #[error("cannot read or write `{}`", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file `current` names nothing.
    #[error("`current` of the policy store names no version; run `motlan policy rollback`")]
    Current,
    /// The policies do not hold.
    #[error(transparent)]
    Policies(#[from] LoadError),
    /// A version is not what it was when it was loaded.
    #[error(
        "version {expected} of the policy store was changed: its files have the digest {found}"
    )]
    Changed {
        /// Its name.
        expected: Digest,
        /// The digest that its files have now.
        found: Digest,
    },
    /// Somebody else is changing the store.
    #[error("another command is changing the policy store; try again when it has ended")]
    Busy,
    /// No version has this name, or more than one begins so.
    #[error("{found} versions are called `{name}`; `motlan policy versions` lists them")]
    Name {
        /// What was asked for.
        name: String,
        /// How many there are.
        found: usize,
    },
    /// There is nothing to go back to.
    #[error("there is no earlier version to go back to")]
    NothingEarlier,
}

const CURRENT: &str = "current";
const HISTORY: &str = "history";
const ACTIVE: &str = "active";
const BASE: &str = "base";

impl PolicyStore {
    /// The store in a directory.
    #[must_use]
    pub const fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What the file `current` says now.
    ///
    /// # Errors
    /// It is there, and cannot be read.
    pub fn current(&self) -> Result<Current, StoreError> {
        let path = self.directory.join(CURRENT);
        // Text and time of one file, also where another one takes its place meanwhile.
        let read = File::open(&path).and_then(|mut file| {
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            let written = file.metadata()?.modified()?;
            let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
            Ok(Current {
                text,
                stamp: since.as_nanos().to_string(),
            })
        });
        match read {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Current {
                text: BASE.to_owned(),
                stamp: String::new(),
            }),
            read => read.map_err(|source| StoreError::Io { path, source }),
        }
    }

    /// The policies of a version, read and checked. `base` is the configuration's directory.
    ///
    /// # Errors
    /// They do not hold, or are not those that were loaded.
    pub fn policies(
        &self,
        version: Version,
        base: Option<&Path>,
        catalogue: &Arc<Catalogue>,
    ) -> Result<Policies, StoreError> {
        let digest = match version {
            Version::Base => {
                return Ok(match base {
                    Some(directory) => Policies::load(directory, catalogue)?,
                    None => Policies::embedded(catalogue)?,
                });
            }
            Version::Stored(digest) => digest,
        };
        let policies = Policies::load(&self.version_directory(digest), catalogue)?;
        match Digest(*policies.digest()) {
            found if found == digest => Ok(policies),
            found => Err(StoreError::Changed {
                expected: digest,
                found,
            }),
        }
    }

    /// The versions that the store has, in the order of their names.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn versions(&self) -> Result<Vec<Digest>, StoreError> {
        let path = self.directory.join("versions");
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|source| StoreError::Io {
                path: path.clone(),
                source,
            })?,
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut digests: Vec<Digest> = names.filter_map(|name| name.parse().ok()).collect();
        digests.sort_unstable_by_key(|digest| digest.0);
        Ok(digests)
    }

    /// A version by its name: `base`, or as much of the digest as tells it from others, with or
    /// without `sha256:`.
    ///
    /// # Errors
    /// None or several are called so.
    pub fn find(&self, name: &str) -> Result<Version, StoreError> {
        if name == BASE {
            return Ok(Version::Base);
        }
        let beginning = name.strip_prefix("sha256:").unwrap_or(name);
        let all = self.versions()?.into_iter();
        let found: Vec<_> = all
            .filter(|digest| !beginning.is_empty() && digest.to_string().starts_with(beginning))
            .collect();
        match found.as_slice() {
            [digest] => Ok(Version::Stored(*digest)),
            found => Err(StoreError::Name {
                name: name.to_owned(),
                found: found.len(),
            }),
        }
    }

    /// What came into force when, the oldest first. Lines that say nothing are left out.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn history(&self) -> Result<Vec<HistoryLine>, StoreError> {
        let path = self.directory.join(HISTORY);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text.map_err(|source| StoreError::Io { path, source })?,
        };
        Ok(text.lines().filter_map(HistoryLine::parse).collect())
    }

    /// What was in force before the current version, without what was rolled back. Where `current`
    /// names nothing, because somebody wrote it by hand, it is what was in force last.
    ///
    /// # Errors
    /// There is nothing earlier, or the store cannot be read.
    pub fn earlier(&self) -> Result<Version, StoreError> {
        let mut in_force = vec![Version::Base];
        for line in self.history()? {
            if line.cause == Cause::Rollback {
                let place = in_force
                    .iter()
                    .rposition(|version| *version == line.version);
                in_force.truncate(place.unwrap_or(in_force.len()));
            }
            if in_force.last() != Some(&line.version) {
                in_force.push(line.version);
            }
        }
        if self.current()?.version().is_ok() {
            in_force.pop();
        }
        in_force.pop().ok_or(StoreError::NothingEarlier)
    }

    /// What the gateway made of the store, where one ever followed it.
    #[must_use]
    pub fn active(&self) -> Option<Active> {
        let bytes = fs::read(self.directory.join(ACTIVE)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    fn version_directory(&self, digest: Digest) -> PathBuf {
        self.directory.join("versions").join(digest.to_string())
    }
}

impl Current {
    /// The version that it names.
    ///
    /// # Errors
    /// It names none.
    pub fn version(&self) -> Result<Version, StoreError> {
        self.text
            .trim_end()
            .parse()
            .map_err(|()| StoreError::Current)
    }
}

impl HistoryLine {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (time, version, cause) = (words.next()?, words.next()?, words.next()?);
        Some(Self {
            time: time.to_owned(),
            version: version.parse().ok()?,
            cause: match cause {
                "change" => Cause::Change,
                "rollback" => Cause::Rollback,
                _ => return None,
            },
        })
    }
}

impl Cause {
    /// As the history and the access log say it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Rollback => "rollback",
        }
    }
}

impl Digest {
    /// The version as decisions name it: the digest's beginning.
    #[must_use]
    pub fn policy_version(&self) -> String {
        let text = self.to_string();
        format!("sha256:{}", text.get(..24).unwrap_or(&text))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(());
        }
        for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
            let hex = text.get(at..at + 2).unwrap_or_default();
            if !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                return Err(());
            }
            *byte = u8::from_str_radix(hex, 16).map_err(|_| ())?;
        }
        Ok(Self(digest))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base => formatter.write_str(BASE),
            Self::Stored(digest) => digest.fmt(formatter),
        }
    }
}

impl FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            BASE => Ok(Self::Base),
            digest => digest.parse().map(Self::Stored),
        }
    }
}

#[cfg(test)]
mod tests;
