//! The running gateway follows the store: once a second it looks at `current`.
//!
//! A change is loaded and checked beside the policies that serve. It is then written into the access
//! log, and only when that entry is durable do new questions meet the new version, all at once.
//! Questions under way end under the version they began with. A version that does not hold is
//! refused, and the old one goes on; the refusal is told by `/readyz`, a metric, and the store itself.

use super::{Active, Cause, Current, PolicyStore, StoreError, Version};
use crate::app::App;
use motlan_access_log::entry::{
    Record,
    record::{Bytes32, PolicyLoad},
};
use motlan_policies::decide::Policies;
use motlan_schemas::catalogue::Catalogue;
use parking_lot::Mutex;
use std::{
    fs::File,
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};

/// The store as a gateway follows it.
#[derive(Debug)]
pub struct LivePolicies {
    store: PolicyStore,
    base: Option<PathBuf>,
    catalogue: Arc<Catalogue>,
    /// Changed by [`LivePolicies::look`] only, which one task runs.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The state of `current` that was acted upon last.
    seen: Current,
    /// What serves.
    version: Version,
    /// Why what `seen` names does not serve.
    refused: Option<String>,
    /// Held while this gateway follows the store.
    lock: Option<File>,
}

/// How often the gateway looks at the store.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl LivePolicies {
    /// Opens the store and loads what is current in it.
    ///
    /// # Errors
    /// What is current does not hold: at a start there is nothing older that could go on.
    pub fn start(
        directory: PathBuf,
        base: Option<PathBuf>,
        catalogue: Arc<Catalogue>,
    ) -> Result<(Self, Policies), StoreError> {
        let store = PolicyStore::at(directory);
        let seen = store.current()?;
        let version = seen.version()?;
        let policies = store.policies(version, base.as_deref(), &catalogue)?;
        let state = State {
            seen,
            version,
            refused: None,
            lock: None,
        };
        let live = Self {
            store,
            base,
            catalogue,
            state: Mutex::new(state),
        };
        live.tell(policies.version());
        Ok((live, policies))
    }

    /// Why the current version of the store does not serve.
    #[must_use]
    pub fn refused(&self) -> Option<String> {
        self.state.lock().refused.clone()
    }

    /// Says in the store what serves. A store that cannot be written is followed all the same.
    fn tell(&self, policy_version: &str) {
        let mut state = self.state.lock();
        if state.lock.is_none() {
            state.lock = self.store.follow_alone().unwrap_or_else(|error| {
                tracing::warn!(%error, "the policy store cannot be told what serves");
                None
            });
        }
        if state.lock.is_none() {
            return;
        }
        let active = Active {
            policy_version: policy_version.to_owned(),
            refused: state.refused.clone(),
            stamp: state.seen.stamp.clone(),
        };
        if let Err(error) = self.store.write_active(&active) {
            tracing::warn!(%error, "the policy store cannot be told what serves");
        }
    }
}

/// Follows the store until the gateway is gone.
pub async fn follow(app: Weak<App>) {
    let mut seconds = tokio::time::interval(LOOK_EVERY);
    loop {
        seconds.tick().await;
        let Some(app) = app.upgrade() else { return };
        if let Some(live) = &app.live_policies {
            live.look(&app).await;
        }
    }
}

impl LivePolicies {
    /// Acts upon `current` where it has changed.
    async fn look(&self, app: &App) {
        let current = match self.store.current() {
            Ok(current) if current == self.state.lock().seen => return,
            Ok(current) => current,
            // The next look may see it; what serves goes on.
            Err(error) => return tracing::warn!(%error, "the policy store cannot be read"),
        };
        let refused = match self.load(&current).await {
            Ok(None) => None,
            Ok(Some((version, policies))) => {
                if let Err(error) = self.put_in_force(app, version, policies).await {
                    return tracing::error!(%error, "a change of policies cannot be logged yet");
                }
                None
            }
            Err(error) => {
                app.metrics.policy_met("refused");
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, cause, "a version of the policies is refused; the one before goes on");
                Some(error.to_string())
            }
        };
        {
            let mut state = self.state.lock();
            state.seen = current;
            state.refused = refused;
        }
        self.tell(app.pipeline.policies.load().version());
    }

    /// The version that a state of `current` names, unless it serves already.
    async fn load(&self, current: &Current) -> Result<Option<(Version, Policies)>, StoreError> {
        let version = current.version()?;
        if version == self.state.lock().version {
            return Ok(None);
        }
        let (store, base) = (self.store.clone(), self.base.clone());
        let catalogue = Arc::clone(&self.catalogue);
        let loading = tokio::task::spawn_blocking(move || {
            store.policies(version, base.as_deref(), &catalogue)
        });
        match loading.await {
            Ok(loaded) => Ok(Some((version, loaded?))),
            Err(ended) => Err(StoreError::Io {
                path: self.store.directory().to_owned(),
                source: std::io::Error::other(ended),
            }),
        }
    }

    async fn put_in_force(
        &self,
        app: &App,
        version: Version,
        policies: Policies,
    ) -> Result<(), motlan_access_log::log::AppendError> {
        let history = self.store.history().unwrap_or_default();
        let cause = match history.last() {
            Some(line) if line.version == version => line.cause,
            _ => Cause::Change,
        };
        let previous = Arc::clone(app.pipeline.policies.load().version());
        let load = PolicyLoad {
            cause: Some(cause.as_str().into()),
            digest: Bytes32(*policies.digest()),
            policy_version: policies.version().to_string(),
            previous: Some(previous.to_string()),
        };
        app.record(Record::PolicyLoad(load)).await?;
        let in_force = Arc::clone(policies.version());
        app.pipeline.policies.store(Arc::new(policies));
        self.state.lock().version = version;
        app.metrics.policy_met("loaded");
        tracing::info!(policy.version = %in_force, policy.previous = %previous, "other policies are in force");
        Ok(())
    }
}
