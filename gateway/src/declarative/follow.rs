//! Follows the folders while the gateway runs.
//!
//! A folder that has changed, and has then stayed as it is for a second, is read anew. If it holds,
//! the change becomes an entry of the access log, and then serves; if not, what served before goes
//! on, and the log line says where the mistakes are. Nothing here can stop the gateway.

use super::{mapping, read};
use crate::app::App;
use motlan_access_log::entry::{
    Record,
    record::{Bytes32, Mapping, MappingLoad},
};
use motlan_adapter_sdk::tier::Committed;
use motlan_declarative::{DeclarativeAdapter, Mistake, Prepared};
use motlan_schemas::ids::RegistryId;
use parking_lot::Mutex;
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::{Duration, SystemTime},
};

/// A folder that serves.
#[derive(Debug)]
pub(super) struct Followed {
    directory: PathBuf,
    adapter: Arc<DeclarativeAdapter>,
    /// Only the following task changes it; the lock is held for no I/O.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The files as they were acted upon last.
    seen: Stamp,
    /// The files as the last look found them, where that differs.
    changing: Option<Stamp>,
    /// Of the files that serve.
    digest: [u8; 32],
}

/// Names, times and sizes of a folder's files; empty where there is no folder.
type Stamp = Vec<(PathBuf, SystemTime, u64)>;

/// What a look at a folder finds.
#[derive(Debug)]
pub(super) enum Look {
    /// Nothing to do.
    Same,
    /// The folder is gone.
    Removed,
    /// The folder has mistakes, or would change what must not change.
    Refused(Vec<Mistake>),
    /// The folder can serve.
    Ready(Box<Ready>),
}

/// Another version of a folder, and what the log will say of it.
#[derive(Debug)]
pub(super) struct Ready {
    prepared: Prepared,
    mapping: Mapping,
    previous: [u8; 32],
}

impl Followed {
    pub(super) fn new(
        directory: PathBuf,
        adapter: Arc<DeclarativeAdapter>,
        digest: [u8; 32],
    ) -> Self {
        // A change between the reading and here is found by the digest at the first look.
        let state = State {
            seen: Stamp::new(),
            changing: Some(Stamp::new()),
            digest,
        };
        Self {
            directory,
            adapter,
            state: Mutex::new(state),
        }
    }

    fn registry(&self) -> String {
        self.registry_id().to_string()
    }

    pub(super) fn registry_id(&self) -> RegistryId {
        self.adapter.folder().registry().clone()
    }

    /// What the conformance kit found of the folder, where it is as it was then.
    pub(super) fn conformance(&self) -> Option<Committed> {
        // A folder that cannot be read is told of by the next look.
        Committed::of_folder(&self.directory).ok().flatten()
    }

    /// Looks at the files, and reads them where they have changed and come to rest.
    pub(super) fn look(&self) -> Look {
        let found = stamp(&self.directory);
        let previous = {
            let mut state = self.state.lock();
            if found == state.seen {
                state.changing = None;
                return Look::Same;
            }
            if state.changing.as_ref() != Some(&found) {
                state.changing = Some(found);
                return Look::Same;
            }
            state.changing = None;
            state.seen.clone_from(&found);
            state.digest
        };
        if found.is_empty() {
            return Look::Removed;
        }
        match read(&self.directory) {
            Ok((_, digest)) if digest == previous => Look::Same,
            Ok((folder, digest)) => match self.adapter.prepare(folder) {
                Ok(prepared) => {
                    let mapping = mapping(prepared.folder(), digest);
                    Look::Ready(Box::new(Ready {
                        prepared,
                        mapping,
                        previous,
                    }))
                }
                Err(mistakes) => Look::Refused(mistakes),
            },
            Err(mistakes) => Look::Refused(mistakes),
        }
    }

    /// Serves what was made ready.
    pub(super) fn serve(&self, ready: Ready) {
        self.state.lock().digest = ready.mapping.digest.0;
        self.adapter.serve(ready.prepared);
    }

    /// Forgets that the files were acted upon, so that the next looks do it again.
    fn look_again(&self) {
        self.state.lock().seen = Stamp::new();
    }
}

/// Follows the folders until the gateway is gone.
pub async fn follow(app: Weak<App>) {
    let mut told = HashSet::new();
    let mut seconds = tokio::time::interval(LOOK_EVERY);
    loop {
        seconds.tick().await;
        let Some(app) = app.upgrade() else { return };
        for place in 0..app.declarative.followed.len() {
            let looking = Arc::clone(&app);
            let looked = tokio::task::spawn_blocking(move || {
                looking.declarative.followed.get(place).map(Followed::look)
            });
            // A panic in it is told by the runtime.
            if let (Ok(Some(look)), Some(followed)) =
                (looked.await, app.declarative.followed.get(place))
            {
                act(&app, followed, look).await;
            }
        }
        tell_of_new_folders(&app, &mut told);
    }
}

async fn act(app: &App, followed: &Followed, look: Look) {
    let registry = followed.registry();
    let ready = match look {
        Look::Same => return,
        Look::Removed => {
            return tracing::warn!(
                registry,
                "the folder of a registry is gone; it serves until the next start"
            );
        }
        Look::Refused(mistakes) => {
            app.metrics.folder_met(&registry, "refused");
            for mistake in mistakes {
                tracing::error!(
                    registry,
                    file = %mistake.file.display(),
                    line = mistake.line,
                    column = mistake.column,
                    fix = mistake.fix,
                    "a changed folder is refused, and the one before goes on: {}",
                    mistake.expected,
                );
            }
            return;
        }
        Look::Ready(ready) => *ready,
    };
    let load = MappingLoad {
        mapping: ready.mapping.clone(),
        previous: Bytes32(ready.previous),
    };
    if let Err(error) = app.record(Record::MappingLoad(load)).await {
        followed.look_again();
        return tracing::error!(%error, "a change of a mapping cannot be logged yet");
    }
    let version = ready.mapping.version.clone();
    followed.serve(ready);
    if let Some(registry) = app.pipeline.registries.by_id(&followed.registry_id()) {
        registry.set_conformance(followed.conformance());
    }
    app.metrics.folder_met(&registry, "loaded");
    tracing::info!(registry, version, "a changed folder serves");
}

/// A folder that was not there at the start is told of once.
fn tell_of_new_folders(app: &App, told: &mut HashSet<PathBuf>) {
    let declarative = &app.declarative;
    let folders = declarative.directory.as_deref().map(super::folders);
    for folder in folders.and_then(Result::ok).into_iter().flatten() {
        let known = declarative
            .followed
            .iter()
            .any(|followed| followed.directory == folder);
        if !known && told.insert(folder.clone()) {
            tracing::warn!(folder = %folder.display(), "a new folder serves after the next start");
        }
    }
}

fn stamp(directory: &Path) -> Stamp {
    let mut stamp = Stamp::new();
    for folder in ["", "codes", "datasets"] {
        let entries = fs::read_dir(directory.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries {
            let counts = !folder.is_empty() || entry.file_name() == motlan_declarative::MANIFEST;
            if let Ok(metadata) = entry.metadata().and_then(|m| Ok((m.modified()?, m.len())))
                && counts
            {
                stamp.push((entry.path(), metadata.0, metadata.1));
            }
        }
    }
    stamp.sort();
    stamp
}

const LOOK_EVERY: Duration = Duration::from_secs(1);
