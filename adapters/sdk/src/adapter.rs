//! The trait that every adapter implements, and the errors it may return.

use async_trait::async_trait;
use jiff::Timestamp;
use motlan_policies::permit::Permit;
use motlan_schemas::{
    answer::RegistryProblem, catalogue::DatasetId, ids::RegistryId, record::Records,
};
use std::{fmt::Debug, time::Instant};
use uuid::Uuid;

/// A registry as the gateway sees it.
///
/// # What callers may assume
/// - `fetch` returns before `call.deadline`, with an error of kind timeout if it must.
/// - What it returns is about the permit's subject, has permitted attributes only, and is valid
///   against the dataset's schema.
/// - `Records::Absent` means that the registry said so, never that something failed.
///
/// # What implementers must do
/// - Ask the registry for the permit's attributes only, where its protocol can say so.
/// - Compare the subject of every record with the permit's, whatever the registry's filter
///   promises, and return [`AdapterError::WrongSubject`] if all of them are somebody else.
/// - Follow paging links as opaque text, and return [`AdapterError::Truncated`] rather than part
///   of a list.
/// - Bound size, depth and time of what they read; never follow a redirect; never put the
///   subject into a URL when the protocol offers a body.
/// - Carry officer, case, purpose and request id upstream in the protocol's own fields.
/// - Hand everything over through [`Contract::check`](crate::contract::Contract::check).
///
/// # What implementers must never do
/// - Put a value of a person, or the subject's number, into an error, a log line or a span.
/// - Keep anything between two calls except connections, credentials and configuration.
///
/// # Without a permit there is no fetch
///
/// ```compile_fail,E0061
/// use motlan_adapter_sdk::adapter::{Adapter, Call};
/// async fn ask(adapter: &dyn Adapter, call: &Call) {
///     let _ = adapter.fetch(call).await;
/// }
/// ```
#[async_trait]
pub trait Adapter: Send + Sync + Debug {
    /// What the adapter serves. Constant while it lives.
    fn descriptor(&self) -> &Descriptor;

    /// Fetches what the permit allows.
    ///
    /// Dropping the future cancels the call.
    async fn fetch(&self, permit: &Permit, call: &Call) -> Result<Fetched, AdapterError>;

    /// Whether the registry can be reached, asked without any personal data.
    async fn health(&self, call: &Call) -> Result<(), AdapterError>;
}

/// What an adapter serves.
#[derive(Debug, Clone)]
pub struct Descriptor {
    /// The registry.
    pub registry: RegistryId,
    /// Its datasets.
    pub datasets: Vec<ServedDataset>,
    /// The registry answers differently depending on who asks, so that an answer given to one
    /// agency must not be served to another from the cache.
    pub answers_depend_on_asker: bool,
}

/// A dataset that an adapter serves.
#[derive(Debug, Clone, Copy)]
pub struct ServedDataset {
    /// The dataset.
    pub dataset: DatasetId,
    /// The registry can be asked for single attributes; otherwise it sends whole records and the
    /// adapter drops what is not permitted.
    pub selective: bool,
}

/// The circumstances of one call.
#[derive(Debug, Clone)]
pub struct Call {
    /// When the answer is worthless.
    pub deadline: Instant,
    /// The call's id, for the protocol's own request-id field.
    pub id: Uuid,
    /// The W3C trace context to pass on (`traceparent`), where a trace is recorded.
    pub traceparent: Option<String>,
}

/// What a registry said, checked. Made by [`Contract::check`](crate::contract::Contract::check).
#[derive(Debug)]
pub struct Fetched {
    pub(crate) records: Records,
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) over_delivered: usize,
}

impl Fetched {
    /// The records, with permitted attributes only.
    #[must_use]
    pub const fn records(&self) -> &Records {
        &self.records
    }

    /// The records, without the rest.
    #[must_use]
    pub fn into_records(self) -> Records {
        self.records
    }

    /// When the registry says this was true; without its word, the caller takes the time of the call.
    #[must_use]
    pub const fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// How many values the registry sent beyond what was permitted; they are dropped.
    #[must_use]
    pub const fn over_delivered(&self) -> usize {
        self.over_delivered
    }
}

/// Why a registry gave nothing, by what the caller does next. Texts never hold data of a person.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AdapterError {
    /// No answer before the deadline.
    #[error("the registry did not answer in time")]
    Timeout,
    /// No connection, a broken one, or the registry says that it is out of order.
    #[error("the registry is down: {reason}")]
    Down {
        /// What was noticed: `connection refused`, `HTTP 503`, `X-Road Server.ServerProxy…`.
        reason: String,
    },
    /// The registry understood and refused: credentials, rights, a limit.
    #[error("the registry refused: {reason}")]
    Refused {
        /// The registry's own code.
        reason: String,
    },
    /// Not its protocol, not the dataset's schema, too large or too deep.
    #[error("the registry's answer cannot be read: {reason}")]
    Malformed {
        /// What was expected where, without values.
        reason: String,
    },
    /// Part of an answer.
    #[error("the registry's answer is not complete: {reason}")]
    Truncated {
        /// How that shows.
        reason: String,
    },
    /// An answer about somebody else.
    #[error("the registry answered about somebody else")]
    WrongSubject,
}

impl AdapterError {
    /// The code that callers of the gateway see.
    #[must_use]
    pub const fn problem(&self) -> RegistryProblem {
        match self {
            Self::Timeout => RegistryProblem::RegistryTimeout,
            Self::Down { .. } => RegistryProblem::RegistryDown,
            Self::Refused { .. } => RegistryProblem::RegistryRefused,
            Self::Malformed { .. } => RegistryProblem::RegistryMalformed,
            Self::Truncated { .. } => RegistryProblem::RegistryTruncated,
            Self::WrongSubject => RegistryProblem::RegistryWrongSubject,
        }
    }

    /// An unreadable answer.
    #[must_use]
    pub fn malformed(reason: impl Into<String>) -> Self {
        Self::Malformed {
            reason: reason.into(),
        }
    }
}
