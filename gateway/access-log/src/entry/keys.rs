//! What an entry says when the keys of the log change.

use serde::{Deserialize, Serialize};

use crate::pseudonym::Epoch;

/// A key began or ceased to sign the log. Whoever knows one key that was in force can follow these
/// entries to those that are in force now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyChange {
    /// Whether it began or ceased.
    pub change: KeyChangeKind,
    /// The keys that sign from now on, newest first, in the form `name+hash+key`.
    pub in_force: Vec<String>,
    /// The key that began or ceased, in the same form.
    pub key: String,
}

/// How a key changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChangeKind {
    /// It signs from now on.
    Added,
    /// It signs nothing any more, and is not to be believed.
    Retired,
}

/// An epoch of pseudonyms began or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochChange {
    /// Whether it began or ended.
    pub change: EpochChangeKind,
    /// The epoch.
    pub epoch: Epoch,
}

/// How an epoch changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EpochChangeKind {
    /// Its key names people from now on.
    Begun,
    /// Its key is destroyed: nobody can tell any more whom its entries are about.
    Destroyed,
}
