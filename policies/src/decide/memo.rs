//! Remembers what the rules said of facts. It belongs to one version of the policies, and its key
//! is all that the rules see, so a remembered verdict is never another than a new one would be.

use super::facts::{FactsKey, Verdict};
use foldhash::fast::RandomState;
use parking_lot::RwLock;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct Memo {
    /// Several maps, so that threads seldom meet at one lock.
    shards: [RwLock<HashMap<FactsKey, Verdict, RandomState>>; SHARDS],
}

impl Memo {
    /// The verdict on these facts; `dataset` is the position of their dataset.
    pub(super) fn get_or_judge(
        &self,
        key: FactsKey,
        dataset: usize,
        judge: impl FnOnce() -> Verdict,
    ) -> Verdict {
        // Picked by dataset: hashing the facts a second time would cost more than the lock.
        let Some(shard) = self.shards.get(dataset % SHARDS) else {
            return judge();
        };
        if let Some(verdict) = shard.read().get(&key) {
            return verdict.clone();
        }
        let verdict = judge();
        let mut shard = shard.write();
        // Facts are few: only rules that name very many agencies and purposes fill a shard. It is
        // then filled anew, which costs time and nothing else.
        if shard.len() >= SHARD_ENTRIES_MAX {
            shard.clear();
        }
        shard.insert(key, verdict.clone());
        verdict
    }

    /// How many verdicts are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }
}

const SHARDS: usize = 16;

/// 16 × 4,096 verdicts of some 60 bytes are 4 MB at the very most.
const SHARD_ENTRIES_MAX: usize = 4_096;
