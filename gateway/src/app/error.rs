//! Why a gateway cannot start.

use crate::{
    auth::AuthConfigError, consents::FollowError, declarative::DeclarativeError,
    policy_store::StoreError, registry::RegistriesError, witnesses::WitnessesError,
};
use motlan_access_log::{
    entry::EntryError,
    keys::KeysError,
    log::{AppendError, OpenError},
};
use motlan_adapter_sdk::contract::ContractError;
use motlan_policies::{consent::ConsentStoreError, load::LoadError};
use std::io;

/// Why a gateway cannot start. Each says what to mend.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The keys of the access log.
    #[error("the keys of the access log cannot be used")]
    LogKeys(#[from] KeysError),
    /// The access log.
    #[error("the access log cannot be opened")]
    Log(#[from] OpenError),
    /// The witnesses of the access log.
    #[error("the section `access_log.witnesses` cannot be used")]
    Witnesses(#[from] WitnessesError),
    /// The first entry.
    #[error("the start cannot be written to the access log")]
    FirstEntry(#[from] AppendError),
    /// The first entry is too long, which only a strange configuration can cause.
    #[error("the start cannot be written to the access log")]
    Entry(#[from] EntryError),
    /// Purposes, agencies and rules.
    #[error("the policies cannot be loaded")]
    Policies(#[from] LoadError),
    /// The version that the policy store calls current.
    #[error("the current version of the policy store cannot be used")]
    PolicyStore(#[from] StoreError),
    /// Consents.
    #[error("the consent store cannot be opened")]
    Consents(#[from] ConsentStoreError),
    /// Consents and seals that do not follow the log.
    #[error("consents and seals cannot be brought to what the access log says")]
    Follow(#[from] FollowError),
    /// A directory or key file of the gateway's own.
    #[error("cannot make or read `{what}`")]
    Files {
        /// Which.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Tokens.
    #[error("the section `auth` cannot be used")]
    Auth(#[from] AuthConfigError),
    /// An adapter.
    #[error("the section {section} cannot be used")]
    Adapter {
        /// Which section, and which table of several.
        section: String,
        /// Why.
        #[source]
        source: motlan_adapter_sdk::config::ConfigError,
    },
    /// The folders of declarative registries.
    #[error("the section `declarative` cannot be used:\n{0}")]
    Declarative(#[from] DeclarativeError),
    /// Registries that cannot be run together.
    #[error(transparent)]
    Registries(#[from] RegistriesError),
    /// A dataset schema.
    #[error(transparent)]
    Contract(#[from] ContractError),
}
