//! Fetches under way, so that equal reads at the same time cost one.

use super::reading::Held;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use motlan_schemas::{answer::RegistryProblem, catalogue::AttributeSet};
use parking_lot::Mutex;
use std::{collections::HashMap, fmt, hash::Hash, sync::Arc};

type Outcome = Result<Arc<Held>, RegistryProblem>;
pub(super) type SharedFetch = Shared<BoxFuture<'static, Outcome>>;

struct Running {
    id: u64,
    attributes: AttributeSet,
    fetch: SharedFetch,
}

struct State<K> {
    next_id: u64,
    running: HashMap<K, Vec<Running>>,
}

/// The fetches under way, by key. A short lock guards the map; nothing waits while holding it.
pub(super) struct InFlight<K>(Arc<Mutex<State<K>>>);

impl<K: Eq + Hash + Clone + Send + 'static> InFlight<K> {
    /// Joins a fetch of the same key that asks for at least `attributes`, or starts one.
    pub(super) fn join_or_start<F>(
        &self,
        key: &K,
        attributes: AttributeSet,
        fetch: impl FnOnce() -> F,
    ) -> SharedFetch
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let mut state = self.0.lock();
        let running = state.running.get(key).into_iter().flatten();
        if let Some(running) = running
            .into_iter()
            .find(|r| attributes.is_subset(r.attributes))
        {
            return running.fetch.clone();
        }
        let id = state.next_id;
        state.next_id += 1;
        let leaving = Leaving {
            state: Arc::clone(&self.0),
            key: key.clone(),
            id,
        };
        let inner = fetch();
        let fetch = self.alone(async move {
            let _leaving = leaving;
            inner.await
        });
        let entry = Running {
            id,
            attributes,
            fetch: fetch.clone(),
        };
        state.running.entry(key.clone()).or_default().push(entry);
        fetch
    }

    /// Runs a fetch that nobody joins. It goes on when its caller leaves, up to the registry's own
    /// time limit: what it brings is of use to the next one.
    pub(super) fn alone(
        &self,
        fetch: impl Future<Output = Outcome> + Send + 'static,
    ) -> SharedFetch {
        let task = tokio::spawn(fetch);
        async move {
            task.await
                .unwrap_or(Err(RegistryProblem::RegistryMalformed))
        }
        .boxed()
        .shared()
    }

    /// Lets nobody join the fetches of these keys any more.
    pub(super) fn forget(&self, is_it: impl Fn(&K) -> bool) {
        self.0.lock().running.retain(|key, _| !is_it(key));
    }
}

/// Takes a fetch off the map when it ends, also when it ends in a panic: nobody may join what is
/// over.
struct Leaving<K: Eq + Hash> {
    state: Arc<Mutex<State<K>>>,
    key: K,
    id: u64,
}

impl<K: Eq + Hash> Drop for Leaving<K> {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        let left = state.running.get_mut(&self.key).map(|running| {
            running.retain(|fetch| fetch.id != self.id);
            running.len()
        });
        if left == Some(0) {
            state.running.remove(&self.key);
        }
    }
}

impl<K> Default for InFlight<K> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            next_id: 0,
            running: HashMap::new(),
        })))
    }
}

impl<K> fmt::Debug for InFlight<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "InFlight({} keys)", self.0.lock().running.len())
    }
}
