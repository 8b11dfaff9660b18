//! What an entry says when the keys that sign the log change.

use serde::{Deserialize, Serialize};

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
