//! The witnesses of the access log: the newest checkpoint is offered to each of them
//! ([C2SP tlog-witness](https://c2sp.org/tlog-witness)), and once a quorum has cosigned it, it
//! becomes the cosigned checkpoint, a second published one beside the first.
//!
//! No answer and no publication waits for them (`docs/decisions/0014-witnesses-follow-the-log.md`).
//! Only checkpoints and hashes leave. A witness that says that our log does not extend what it has
//! cosigned before raises the fork alarm: whatever the reason, a person must look, so the node is
//! not ready until it is started again.

use crate::{config::AccessLogConfig, metrics::Metrics};
use futures::future::join_all;
use motlan_access_log::{
    checkpoint::SignedCheckpoint,
    cosignature::Cosignature,
    files::DiskFiles,
    log::{AccessLog, TileLog},
    note::Verifiers,
    store::ReadError,
    witness::{
        cosigned::{Cosigned, CosignedError},
        policy::{Policy, PolicyError},
    },
};
use parking_lot::Mutex;
use request::{Endpoint, Offered};
use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior, interval};

mod request;

/// The witnesses of one log, and what they said last.
#[derive(Debug)]
pub struct Witnesses {
    policy: Policy,
    keys: Verifiers,
    log: Arc<dyn AccessLog>,
    directory: PathBuf,
    metrics: Arc<Metrics>,
    /// Those that have an address, asked by the one task that follows the log.
    endpoints: Vec<Endpoint>,
    every: Duration,
    /// The last cosigned checkpoint; written by the following task only, after it is durable.
    cosigned: Mutex<Option<Arc<Cosigned>>>,
    fork_alarm: AtomicBool,
}

/// Why the witnesses cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum WitnessesError {
    /// The policy file.
    #[error("cannot read the witness policy `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The policy itself.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The policy is about other logs.
    #[error("the witness policy names logs, and no key of this one; add a line `log {key}`")]
    OtherLog {
        /// The key to add.
        key: String,
    },
    /// A witness's address.
    #[error("the address of the witness `{name}` must begin with https:// or http://")]
    Address {
        /// Its name in the policy.
        name: String,
    },
    /// The witnesses that have addresses are too few.
    #[error("the witnesses that have an address cannot make up the quorum")]
    NoQuorum,
    /// The HTTP client.
    #[error("cannot make an HTTP client for the witnesses")]
    Client(#[source] reqwest::Error),
    /// The checkpoint that was cosigned last.
    #[error(transparent)]
    Cosigned(#[from] CosignedError),
    /// The tiles below it.
    #[error("the tree of the cosigned checkpoint cannot be read")]
    Tiles(#[from] ReadError),
    /// The log was rewritten, or is an older copy.
    #[error(
        "the log does not extend the checkpoint over {tree_size} entries that its witnesses cosigned"
    )]
    Forked {
        /// Entries of that checkpoint.
        tree_size: u64,
    },
}

/// A checkpoint that does not change is cosigned anew after this time, so that its age keeps
/// telling whether the witnesses answer.
const REFRESH_AFTER: Duration = Duration::from_secs(60);

impl Witnesses {
    /// Reads the policy and the checkpoint that was cosigned last; none where no witness is
    /// configured. Asks nobody yet.
    ///
    /// # Errors
    /// [`WitnessesError`].
    pub fn open(
        config: &AccessLogConfig,
        log: &Arc<TileLog>,
        metrics: &Arc<Metrics>,
    ) -> Result<Option<Arc<Self>>, WitnessesError> {
        let Some(path) = &config.witnesses else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path).map_err(|source| WitnessesError::Read {
            path: path.clone(),
            source,
        })?;
        let policy = Policy::parse(&text)?;
        let keys = log.verifiers().clone();
        if !policy.logs.is_empty() && !keys.keys().iter().any(|key| policy.logs.contains(key)) {
            let key = log.verifier().to_string();
            return Err(WitnessesError::OtherLog { key });
        }
        let endpoints = endpoints(&policy)?;
        let cosigned = kept(config, log, &policy)?;
        if let Some(cosigned) = &cosigned {
            metrics.checkpoint_cosigned(cosigned.timestamp);
        }
        Ok(Some(Arc::new(Self {
            policy,
            keys,
            log: Arc::clone(log) as Arc<dyn AccessLog>,
            directory: config.directory.clone(),
            metrics: Arc::clone(metrics),
            endpoints,
            every: Duration::from_secs(config.witness_interval_seconds.max(1)),
            cosigned: Mutex::new(cosigned.map(Arc::new)),
            fork_alarm: AtomicBool::new(false),
        })))
    }

    /// The checkpoint that a quorum cosigned last.
    #[must_use]
    pub fn cosigned(&self) -> Option<Arc<Cosigned>> {
        self.cosigned.lock().clone()
    }

    /// Whether a witness said, since the start, that the log was rewritten.
    #[must_use]
    pub fn fork_alarm(&self) -> bool {
        self.fork_alarm.load(Ordering::Relaxed)
    }

    /// Offers the newest checkpoint to every witness; keeps it where they are a quorum. Says
    /// whether they were.
    async fn round(&self) -> bool {
        let newest = self.log.checkpoint();
        let asked = self.endpoints.iter().map(|endpoint| {
            let offered = endpoint.offer(&newest, &self.log);
            async move { (endpoint, offered.await) }
        });
        let mut cosignatures = Vec::new();
        for (endpoint, offered) in join_all(asked).await {
            self.metrics
                .witness_asked(&endpoint.name, offered.outcome());
            self.tell(endpoint, &offered);
            if let Offered::Cosigned(cosignature) = offered {
                cosignatures.push(cosignature);
            }
        }
        self.keep(&newest, &cosignatures).await
    }

    /// Raises the alarm, and tells what has changed with a witness since the last round.
    fn tell(&self, endpoint: &Endpoint, offered: &Offered) {
        if let Offered::Forked { .. } = offered {
            self.fork_alarm.store(true, Ordering::Relaxed);
            self.metrics.fork_alarm();
        }
        let (witness, outcome) = (endpoint.name.as_str(), offered.outcome());
        if !endpoint.is_news(outcome) {
            return;
        }
        match offered {
            Offered::Cosigned(_) => tracing::info!(witness, "a witness cosigns the access log"),
            Offered::Forked { tree_size } => tracing::error!(
                witness,
                tree_size,
                "a witness says that the access log does not extend what it cosigned before; this \
                 node is not ready until it is started again"
            ),
            _ => tracing::warn!(witness, outcome, "a witness does not cosign the access log"),
        }
    }

    async fn keep(&self, newest: &SignedCheckpoint, cosignatures: &[Cosignature]) -> bool {
        let Ok(cosigned) = Cosigned::assemble(newest, cosignatures, &self.policy, &self.keys)
        else {
            return false;
        };
        let (kept, directory) = (cosigned.clone(), self.directory.clone());
        let writing = tokio::task::spawn_blocking(move || kept.write(&DiskFiles, &directory));
        match writing.await {
            Ok(Ok(())) => {
                self.metrics.checkpoint_cosigned(cosigned.timestamp);
                *self.cosigned.lock() = Some(Arc::new(cosigned));
                true
            }
            failed => {
                tracing::error!(?failed, "the cosigned checkpoint cannot be written");
                false
            }
        }
    }

    /// Whether the newest checkpoint is the one that was cosigned last.
    fn is_up_to_date(&self) -> bool {
        let newest = self.log.checkpoint();
        let cosigned = self.cosigned();
        cosigned.is_some_and(|cosigned| cosigned.signed.checkpoint == newest.checkpoint)
    }
}

/// Follows the log until the gateway is gone.
pub async fn follow(witnesses: Weak<Witnesses>) {
    let Some(every) = witnesses.upgrade().map(|witnesses| witnesses.every) else {
        return;
    };
    let mut ticks = interval(every);
    // A round that took long is not made up for by others in quick succession.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut cosigned_at: Option<Instant> = None;
    loop {
        ticks.tick().await;
        let Some(witnesses) = witnesses.upgrade() else {
            return;
        };
        let fresh = cosigned_at.is_some_and(|at| at.elapsed() < REFRESH_AFTER);
        if !(fresh && witnesses.is_up_to_date()) && witnesses.round().await {
            cosigned_at = Some(Instant::now());
        }
    }
}

/// The witnesses that can be asked.
fn endpoints(policy: &Policy) -> Result<Vec<Endpoint>, WitnessesError> {
    let http = request::http_client().map_err(WitnessesError::Client)?;
    let mut endpoints = Vec::new();
    for witness in &policy.witnesses {
        if let Some(url) = &witness.url {
            let endpoint = Endpoint::new(witness, url, http.clone());
            endpoints.push(endpoint.ok_or_else(|| WitnessesError::Address {
                name: witness.name.clone(),
            })?);
        }
    }
    let names: Vec<&str> = endpoints.iter().map(|e| e.name.as_str()).collect();
    match policy.is_quorum(&names) {
        true => Ok(endpoints),
        false => Err(WitnessesError::NoQuorum),
    }
}

/// The cosigned checkpoint of the last run, which the log must extend.
fn kept(
    config: &AccessLogConfig,
    log: &TileLog,
    policy: &Policy,
) -> Result<Option<Cosigned>, WitnessesError> {
    let cosigned = match Cosigned::read(&config.directory, policy, log.verifiers()) {
        Ok(Some(cosigned)) => cosigned,
        Ok(None) => return Ok(None),
        // The policy or the log's key has changed since; the next quorum replaces it.
        Err(CosignedError::Unsatisfied(reason)) => {
            tracing::warn!(%reason, "the kept cosigned checkpoint is not used");
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let tree_size = cosigned.signed.checkpoint.tree_size;
    let tiles = log.tiles();
    if tree_size > tiles.tree_size() || tiles.root(tree_size)? != cosigned.signed.checkpoint.root {
        return Err(WitnessesError::Forked { tree_size });
    }
    Ok(Some(cosigned))
}

#[cfg(test)]
mod tests;
