//! Registries that are described by a folder: a manifest with jq mappings, code tables, schemas.
//!
//! [`Folder::read`] reads and compiles a folder, and tells every mistake in it with file, line,
//! column and a fix. [`DeclarativeAdapter`] serves it like an adapter in Rust, through the same
//! clients and the same contract, and can exchange it while calls are under way.
//!
//! The way of one call: `loaded` finds the dataset and the wanted attributes, `fetch` asks the
//! source in its protocol, `mapping` compares the subject and runs the jq of each attribute, and the
//! contract checks what comes out. `manifest` is what `adapter.toml` says; `jq` bounds what its
//! expressions may do. The format is described in `docs/declarative-adapters.md`.
//!
//! ```
//! use motlan_declarative::{Files, Folder, MANIFEST};
//! use std::path::Path;
//! let files = Files::from([(MANIFEST.to_owned(), "[adapter]\nregisty = 'tax'\n".to_owned())]);
//! let mistakes = Folder::compile(Path::new("tax"), &files).unwrap_err();
//! let told = mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
//! assert!(told.contains("tax/adapter.toml:2:1: `registy` is nothing that `[adapter]` knows"));
//! assert!(told.contains("fix: write `registry`"));
//! ```
#![warn(missing_docs)]

mod about;
mod adapter;
mod candidate;
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

pub use about::Address;
pub use adapter::{DeclarativeAdapter, Prepared};
pub use candidate::{EXAMPLES, candidate, fixtures};
pub use folder::{Files, Folder, MANIFEST, files};
pub use manifest::{Environment, Protocol};
pub use map_one::MapOne;
pub use mistake::{Mistake, Mistakes};
