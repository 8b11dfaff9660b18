//! The key trees of all months: one file each, in a directory of their own beside the other keys,
//! outside the log and its backups.
//!
//! A file is a line that says what it is, the nodes of its tree, and the SHA-256 of both. It is
//! never changed in place: a tree that loses keys is written anew, and the old file's bytes are
//! overwritten before its space is given back.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::Period;
use super::month::MonthKeys;
use super::tree::{KeyTree, Seed};
use crate::keys::{
    KeysError, at, create_private_directory, create_private_file, overwrite, read_private_file,
    remove_for_good,
};
use crate::merkle::sha256;

const FIRST_LINE: &[u8] = b"motlan/details/v1\n";
const CHECKSUM_BYTES: usize = 32;
/// Separates the roots of months that follow from one secret.
const ROOT_CONTEXT: &[u8] = b"motlan/details/month/";

/// The key trees, by month.
pub(super) struct Trees {
    home: Home,
    /// Those that were used since the start.
    known: RwLock<BTreeMap<Period, Arc<MonthKeys>>>,
    /// Held while files change.
    changes: Mutex<()>,
}

enum Home {
    Directory {
        path: PathBuf,
        new_secret: Box<dyn Fn() -> Seed + Send + Sync>,
    },
    Nowhere(Zeroizing<Seed>),
}

impl Trees {
    pub(super) fn open(
        directory: &Path,
        new_secret: Box<dyn Fn() -> Seed + Send + Sync>,
    ) -> Result<Self, KeysError> {
        create_private_directory(directory)?;
        let home = Home::Directory {
            path: directory.to_owned(),
            new_secret,
        };
        let trees = Self {
            home,
            known: RwLock::default(),
            changes: Mutex::default(),
        };
        // A damaged file is found at start, not when an entry of that month is wanted.
        for period in trees.periods()? {
            trees.find(period)?;
        }
        Ok(trees)
    }

    pub(super) fn kept_nowhere(secret: Seed) -> Self {
        Self {
            home: Home::Nowhere(Zeroizing::new(secret)),
            known: RwLock::default(),
            changes: Mutex::default(),
        }
    }

    /// The tree of a month, which is made if there is none.
    pub(super) fn of(&self, period: Period) -> Result<Arc<MonthKeys>, KeysError> {
        if let Some(tree) = self.find(period)? {
            return Ok(tree);
        }
        let _changing = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = self.find(period)? {
            return Ok(tree);
        }
        let tree = match &self.home {
            Home::Directory { path, new_secret } => {
                let tree = KeyTree::new(&Zeroizing::new(new_secret()));
                create_private_file(&file(path, period), &encode(&tree))?;
                tree
            }
            Home::Nowhere(secret) => month_of(secret, period),
        };
        Ok(self.keep(period, tree))
    }

    /// The tree of a month, if there is one.
    pub(super) fn find(&self, period: Period) -> Result<Option<Arc<MonthKeys>>, KeysError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = known.get(&period) {
            return Ok(Some(Arc::clone(tree)));
        }
        drop(known);
        let directory = match &self.home {
            Home::Directory { path, .. } => path,
            Home::Nowhere(secret) => {
                return Ok(Some(self.keep(period, month_of(secret, period))));
            }
        };
        let path = file(directory, period);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = read_private_file(&path)?;
        let tree = decode(&bytes).ok_or(KeysError::Malformed { path })?;
        Ok(Some(self.keep(period, tree)))
    }

    /// The months that have a tree, oldest first.
    pub(super) fn periods(&self) -> Result<Vec<Period>, KeysError> {
        let Home::Directory { path, .. } = &self.home else {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            return Ok(known.keys().copied().collect());
        };
        let mut periods = Vec::new();
        for entry in fs::read_dir(path).map_err(at(path))? {
            let name = entry.map_err(at(path))?.file_name();
            let period = name.to_str().and_then(|name| name.strip_suffix(".key"));
            periods.extend(period.and_then(|period| period.parse::<Period>().ok()));
        }
        periods.sort_unstable();
        Ok(periods)
    }

    /// Changes every tree there is; returns how many did change.
    pub(super) fn change_all(
        &self,
        mut change: impl FnMut(&mut KeyTree),
    ) -> Result<usize, KeysError> {
        let _changing = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = 0;
        for period in self.periods()? {
            let Some(before) = self.find(period)? else {
                continue;
            };
            let mut tree = before.tree().clone();
            change(&mut tree);
            if tree == *before.tree() {
                continue;
            }
            if let Home::Directory { path, .. } = &self.home {
                let path = file(path, period);
                replace_for_good(&path, &encode(&tree)).map_err(at(&path))?;
            }
            self.keep(period, tree);
            changed += 1;
        }
        Ok(changed)
    }

    /// Removes the trees of the months before one; returns how many.
    pub(super) fn destroy_before(&self, period: Period) -> Result<usize, KeysError> {
        let _changing = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut destroyed = 0;
        for old in self.periods()?.into_iter().filter(|old| *old < period) {
            if let Home::Directory { path, .. } = &self.home {
                let path = file(path, old);
                remove_for_good(&path).map_err(at(&path))?;
            }
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.remove(&old);
            destroyed += 1;
        }
        Ok(destroyed)
    }

    fn keep(&self, period: Period, tree: KeyTree) -> Arc<MonthKeys> {
        let keys = Arc::new(MonthKeys::new(tree));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(period, Arc::clone(&keys));
        keys
    }
}

/// The tree of a month that follows from one secret.
fn month_of(secret: &Seed, period: Period) -> KeyTree {
    let month = period.to_string();
    let root = [ROOT_CONTEXT, secret.as_slice(), month.as_bytes()].concat();
    KeyTree::new(&sha256(&Zeroizing::new(root)))
}

fn file(directory: &Path, period: Period) -> PathBuf {
    directory.join(format!("{period}.key"))
}

fn encode(tree: &KeyTree) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(FIRST_LINE.to_vec());
    bytes.extend_from_slice(&tree.to_bytes());
    let checksum = sha256(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

fn decode(bytes: &[u8]) -> Option<KeyTree> {
    let (text, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM_BYTES)?)?;
    let nodes = text.strip_prefix(FIRST_LINE)?;
    (sha256(text) == checksum)
        .then(|| KeyTree::from_bytes(nodes))
        .flatten()
}

/// Replaces a file and overwrites what it held before.
fn replace_for_good(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = OpenOptions::new().write(true).open(path)?;
    create_private_file(path, bytes).map_err(|error| match error {
        KeysError::Io { source, .. } => source,
        other => io::Error::other(other),
    })?;
    overwrite(&old)
}
