//! Registries that are described by a folder.
#![warn(missing_docs)]

mod adapter;
mod codes;
mod fetch;
mod folder;
mod jq;
mod loaded;
mod manifest;
mod map_one;
mod mapping;
mod mistake;
mod section;
mod source;
mod template;
mod xml;

pub use adapter::{DeclarativeAdapter, Prepared};
pub use folder::{Files, Folder, MANIFEST, files};
pub use manifest::{Environment, Protocol};
pub use map_one::MapOne;
pub use mistake::{Mistake, Mistakes};
