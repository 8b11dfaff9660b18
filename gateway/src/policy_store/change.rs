//! Changes of the store: a version comes in, another becomes current. Durable before it is said.

use super::{
    ACTIVE, Active, CURRENT, Cause, Current, Digest, HISTORY, PolicyStore, StoreError, Version,
};
use motlan_policies::decide::Policies;
use motlan_schemas::{catalogue::Catalogue, clock::wire_time};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Held by the command that changes a store.
#[derive(Debug)]
pub struct Changing<'a> {
    store: &'a PolicyStore,
    _lock: File,
}

/// What a policy directory consists of; whatever else lies there is not copied.
const PARTS: [&str; 3] = ["agencies", "bundle", "purposes"];

impl PolicyStore {
    /// Begins a change; makes the store where there is none.
    ///
    /// # Errors
    /// Another command is changing it, or it cannot be written.
    pub fn change(&self) -> Result<Changing<'_>, StoreError> {
        let versions = self.directory.join("versions");
        fs::create_dir_all(&versions).map_err(io_error(&versions))?;
        let path = self.directory.join("lock");
        let lock = File::create(&path).map_err(io_error(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Changing {
                store: self,
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
            Err(TryLockError::Error(source)) => Err(StoreError::Io { path, source }),
        }
    }

    /// Whether a gateway follows this store now.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        let lock = File::open(self.gateway_lock());
        lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Becomes the gateway that follows the store; `None` where another one does. It ends when the
    /// file is dropped.
    ///
    /// # Errors
    /// The store cannot be written.
    pub(super) fn follow_alone(&self) -> io::Result<Option<File>> {
        fs::create_dir_all(&self.directory)?;
        let lock = File::create(self.gateway_lock())?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Says what the gateway made of the store.
    pub(super) fn write_active(&self, active: &Active) -> io::Result<()> {
        let bytes = serde_json::to_vec(active).map_err(io::Error::other)?;
        replace(&self.directory.join(ACTIVE), &bytes)
    }

    fn gateway_lock(&self) -> PathBuf {
        self.directory.join("gateway.lock")
    }
}

impl Changing<'_> {
    /// Copies a draft into the store and gives its name. A version that is there already is left as
    /// it is, unless its files were changed: then it is copied again.
    ///
    /// # Errors
    /// The draft does not hold, or the store cannot be written.
    pub fn add(&self, draft: &Path, catalogue: &Arc<Catalogue>) -> Result<Digest, StoreError> {
        let digest = Digest(*Policies::load(draft, catalogue)?.digest());
        let version = Version::Stored(digest);
        if self.store.policies(version, None, catalogue).is_ok() {
            return Ok(digest);
        }
        let versions = self.store.directory.join("versions");
        let copy = versions.join(".new");
        let target = self.store.version_directory(digest);
        for remains in [&copy, &target] {
            match fs::remove_dir_all(remains) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(io_error(remains)(error));
                }
                _ => {}
            }
        }
        copy_policies(draft, &copy).map_err(io_error(draft))?;
        // The draft may have been edited while it was copied: what counts is the copy.
        let found = Digest(*Policies::load(&copy, catalogue)?.digest());
        if found != digest {
            return Err(StoreError::Changed {
                expected: digest,
                found,
            });
        }
        fs::rename(&copy, &target).map_err(io_error(&target))?;
        sync_directory(&versions).map_err(io_error(&versions))?;
        Ok(digest)
    }

    /// Makes a version current, and notes it in the history first: a line too many says of a crash,
    /// a line too few would hide a change.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn switch(
        &self,
        version: Version,
        cause: Cause,
        now: jiff::Timestamp,
    ) -> Result<Current, StoreError> {
        let history = self.store.directory.join(HISTORY);
        let line = format!("{} {version} {}\n", wire_time(now), cause.as_str());
        append(&history, line.as_bytes()).map_err(io_error(&history))?;
        let current = self.store.directory.join(CURRENT);
        replace(&current, format!("{version}\n").as_bytes()).map_err(io_error(&current))?;
        self.store.current()
    }
}

fn copy_policies(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let is_part = PARTS.iter().any(|part| name == *part);
        if is_part {
            copy_folder(&path, &to.join(&name))?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            copy_file(&path, &to.join(&name))?;
        }
    }
    sync_directory(to)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            copy_file(&entry.path(), &target)?;
        }
    }
    sync_directory(to)
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut file = File::create_new(to)?;
    file.write_all(&fs::read(from)?)?;
    file.sync_all()
}

fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A reader sees the old file or the new one, also after a crash.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), sync_directory)
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |source| StoreError::Io {
        path: path.clone(),
        source,
    }
}
