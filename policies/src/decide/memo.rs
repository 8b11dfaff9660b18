//! Remembers what the rules said of facts. It belongs to one version of the policies, and its key
//! is all that the rules see, so a remembered verdict is never another than a new one would be.

use super::facts::{Facts, Verdict};
use parking_lot::RwLock;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct Memo {
    /// Several maps, so that threads seldom meet at one lock.
    shards: [RwLock<HashMap<Facts, Verdict>>; SHARDS],
}

impl Memo {
    pub(super) fn get_or_judge(
        &self,
        facts: Facts,
        judge: impl FnOnce(&Facts) -> Verdict,
    ) -> Verdict {
        // Picked by dataset: hashing the facts a second time would cost more than the lock.
        let Some(shard) = self.shards.get(facts.dataset.index() % SHARDS) else {
            return judge(&facts);
        };
        if let Some(verdict) = shard.read().get(&facts) {
            return verdict.clone();
        }
        let verdict = judge(&facts);
        let mut shard = shard.write();
        // Facts are few: only rules that name very many agencies and purposes fill a shard. It is
        // then filled anew, which costs time and nothing else.
        if shard.len() >= SHARD_ENTRIES_MAX {
            shard.clear();
        }
        shard.insert(facts, verdict.clone());
        verdict
    }
}

const SHARDS: usize = 16;

/// 16 × 4,096 verdicts of some 100 bytes are 6 MB at the very most.
const SHARD_ENTRIES_MAX: usize = 4_096;
