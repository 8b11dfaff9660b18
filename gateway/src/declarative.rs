//! Registries that folders describe: read at the start, and followed while the gateway runs.
//!
//! Each folder of the configured directory is a registry. The start reads all of them, before the
//! catalogue is made, because a folder may bring datasets of its own; a folder with mistakes stops
//! it. What happens later is in [`follow`].

mod follow;

pub use follow::follow;

use crate::registry::RegistryLimits;
use follow::Followed;
use motlan_access_log::entry::record::{Bytes32, Mapping};
use motlan_adapter_sdk::{contract::Contract, tier::Committed};
use motlan_declarative::{DeclarativeAdapter, Files, Folder, Mistake, Mistakes};
use motlan_schemas::{
    catalogue::{Catalogue, CatalogueError},
    codes::Provinces,
    ids::RegistryId,
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use url::Url;

/// The section `declarative`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeclarativeConfig {
    /// A directory with a folder for each registry; absent: there are none.
    pub directory: Option<PathBuf>,
    /// What is set here and not in the folders, by registry id.
    pub registries: BTreeMap<RegistryId, DeclarativeRegistryConfig>,
}

/// How the gateway treats one declarative registry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeclarativeRegistryConfig {
    /// Time limit, share and breaker.
    pub limits: RegistryLimits,
    /// The codes of the provinces that it serves; absent: the whole country.
    pub provinces: Option<Provinces>,
    /// Where the source is, if not where its manifest says.
    pub base_url: Option<Url>,
}

/// Why the folders cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeclarativeError {
    /// The directory.
    #[error("the directory `{}` cannot be read", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What is wrong in the folders.
    #[error("{0}")]
    Folders(Mistakes),
    /// Datasets that two folders describe otherwise, or that are too many.
    #[error("the datasets of the folders cannot be joined to the catalogue")]
    Catalogue(#[from] CatalogueError),
    /// A registry in the configuration that no folder describes.
    #[error("`declarative.registries.{0}`: no folder in the directory describes this registry")]
    NoFolder(RegistryId),
}

/// The folders as the start found them.
#[derive(Debug, Default)]
pub struct Found(Vec<FoundFolder>);

#[derive(Debug)]
struct FoundFolder {
    directory: PathBuf,
    folder: Folder,
    digest: [u8; 32],
}

/// The folders that serve, for as long as the gateway lives.
#[derive(Debug, Default)]
pub struct Declarative {
    directory: Option<PathBuf>,
    followed: Vec<Followed>,
}

/// An adapter of a folder, how it is treated, and for which provinces it is asked.
pub type Limited = (Arc<DeclarativeAdapter>, RegistryLimits, Option<Provinces>);

impl Found {
    /// Reads all folders.
    ///
    /// # Errors
    /// All mistakes of all of them.
    pub fn read(config: &DeclarativeConfig) -> Result<Self, DeclarativeError> {
        let Some(directory) = &config.directory else {
            return Ok(Self::default());
        };
        let mut found = Vec::new();
        let mut mistakes = Vec::new();
        for directory in folders(directory)? {
            match read(&directory) {
                Ok((folder, digest)) => found.push(FoundFolder {
                    directory,
                    folder,
                    digest,
                }),
                Err(more) => mistakes.extend(more),
            }
        }
        if !mistakes.is_empty() {
            return Err(DeclarativeError::Folders(Mistakes(mistakes)));
        }
        let described = |id: &&RegistryId| found.iter().any(|found| found.folder.registry() == *id);
        match config.registries.keys().find(|id| !described(id)) {
            Some(id) => Err(DeclarativeError::NoFolder(id.clone())),
            None => Ok(Self(found)),
        }
    }

    /// The national catalogue with the datasets that the folders bring.
    ///
    /// # Errors
    /// A dataset that two folders describe otherwise.
    pub fn catalogue(&self) -> Result<Arc<Catalogue>, DeclarativeError> {
        let mut brought: Vec<(&str, &str)> = Vec::new();
        for (name, text) in self.0.iter().flat_map(|found| found.folder.schemas()) {
            let schema = (name.as_str(), text.as_str());
            // The same file in two folders is one dataset; other words for it are refused.
            if !brought.contains(&schema) {
                brought.push(schema);
            }
        }
        Ok(Catalogue::extended(brought)?)
    }

    /// What the log says that the gateway began with.
    #[must_use]
    pub fn mappings(&self) -> Vec<Mapping> {
        self.0
            .iter()
            .map(|found| mapping(&found.folder, found.digest))
            .collect()
    }

    /// Makes the adapters; makes no connection yet.
    ///
    /// # Errors
    /// All mistakes that only show then, such as a secret that is not there.
    pub fn adapters(
        self,
        config: &DeclarativeConfig,
        contract: &Arc<Contract>,
    ) -> Result<(Vec<Limited>, Declarative), DeclarativeError> {
        let mut adapters = Vec::new();
        let mut declarative = Declarative {
            directory: config.directory.clone(),
            followed: Vec::new(),
        };
        let mut mistakes = Vec::new();
        for FoundFolder {
            directory,
            folder,
            digest,
        } in self.0
        {
            let own = config
                .registries
                .get(folder.registry())
                .cloned()
                .unwrap_or_default();
            match DeclarativeAdapter::new(folder, own.base_url, Arc::clone(contract)) {
                Ok(adapter) => {
                    let adapter = Arc::new(adapter);
                    let followed = Followed::new(directory, Arc::clone(&adapter), digest);
                    declarative.followed.push(followed);
                    adapters.push((adapter, own.limits, own.provinces));
                }
                Err(more) => mistakes.extend(more),
            }
        }
        if mistakes.is_empty() {
            Ok((adapters, declarative))
        } else {
            Err(DeclarativeError::Folders(Mistakes(mistakes)))
        }
    }
}

impl Declarative {
    /// What the conformance kit found of each folder, where it is as it was then.
    pub fn conformance(&self) -> impl Iterator<Item = (RegistryId, Option<Committed>)> {
        let followed = self.followed.iter();
        followed.map(|followed| (followed.registry_id(), followed.conformance()))
    }

    /// Whether there is anything to follow.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.followed.is_empty()
    }
}

/// The folders of a directory, in the order of their names; names that start with a dot are not.
fn folders(directory: &Path) -> Result<Vec<PathBuf>, DeclarativeError> {
    let error = |source| DeclarativeError::Directory {
        path: directory.to_owned(),
        source,
    };
    let mut folders = Vec::new();
    for entry in fs::read_dir(directory).map_err(error)? {
        let entry = entry.map_err(error)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && entry.path().is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

/// A folder and the digest of the very files that were compiled.
fn read(directory: &Path) -> Result<(Folder, [u8; 32]), Vec<Mistake>> {
    let files = motlan_declarative::files(directory).map_err(|mistake| vec![mistake])?;
    let folder = Folder::compile(directory, &files)?;
    Ok((folder, digest(&files)))
}

/// SHA-256 over the files in the order of their names: of each the length of its name, the name,
/// the length of its text, the text; lengths in eight bytes, the highest first.
fn digest(files: &Files) -> [u8; 32] {
    let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for text in files.iter().flat_map(|(name, text)| [name, text]) {
        digest.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(text.as_bytes());
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.finish().as_ref());
    bytes
}

fn mapping(folder: &Folder, digest: [u8; 32]) -> Mapping {
    Mapping {
        digest: Bytes32(digest),
        registry: folder.registry().to_string(),
        version: folder.version().to_owned(),
    }
}

#[cfg(test)]
mod tests;
