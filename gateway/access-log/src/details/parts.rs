//! Opens many entries without putting each together again: for an index, a report, a detector.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::tree::{KeyTree, Seed};
use super::{DetailKeys, DetailsError, Period, SHOWN, WITHHELD, newest, open_part, part_keys};
use crate::entry::Envelope;
use crate::pseudonym::Pseudonym;

/// An entry taken apart.
#[derive(Debug)]
pub struct Parts<'a> {
    /// What kind of entry it is.
    pub kind: Cow<'a, str>,
    /// When it happened, as it is written.
    pub time: Cow<'a, str>,
    /// Whom it is about, where its details are sealed.
    pub subject: Option<Pseudonym>,
    /// What else it says.
    pub record: RecordText<'a>,
}

/// The texts of an entry's record: JSON objects whose members belong together.
#[derive(Debug)]
pub enum RecordText<'a> {
    /// It was never sealed.
    Clear(&'a str),
    /// What the citizen may see, and what only a data protection officer may see.
    Opened(Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>),
    /// The keys are destroyed.
    Erased,
}

/// Opens one entry after the other, and remembers the keys of the subjects it has met.
#[derive(Debug)]
pub struct Opener<'k> {
    keys: &'k DetailKeys,
    /// The tree of the month at hand, and the keys taken from it.
    month: Option<(Period, Month)>,
}

#[derive(Default)]
struct Month {
    /// `None` where the month's keys are destroyed.
    tree: Option<Arc<KeyTree>>,
    known: HashMap<Pseudonym, Option<(u32, Zeroizing<Seed>)>>,
}

/// Subjects whose keys are remembered: 100 bytes each.
const REMEMBERED_MAX: usize = 65_536;

impl<'k> Opener<'k> {
    /// An opener that has met nobody yet.
    #[must_use]
    pub const fn new(keys: &'k DetailKeys) -> Self {
        Self { keys, month: None }
    }

    /// Takes an entry apart.
    ///
    /// # Errors
    /// [`DetailsError`]; never `Erased`, which [`RecordText::Erased`] tells.
    pub fn open<'a>(&mut self, bytes: &'a [u8]) -> Result<Parts<'a>, DetailsError> {
        let envelope = Envelope::parse(bytes)?;
        let Some(sealed) = envelope.sealed() else {
            return Ok(Parts {
                record: RecordText::Clear(envelope.record.get()),
                kind: envelope.kind,
                time: envelope.time,
                subject: None,
            });
        };
        let period = envelope.time.parse().map_err(|_| DetailsError::Damaged)?;
        let mut record = RecordText::Erased;
        if let Some((generation, key)) = self.key(period, &sealed.subject)? {
            let keys = part_keys(key, &sealed.subject, &envelope.nonce);
            match open_part(&envelope.kind, SHOWN, &keys.shown, &sealed.shown) {
                Ok(shown) => {
                    let withheld = &sealed.withheld;
                    let withheld = open_part(&envelope.kind, WITHHELD, &keys.withheld, withheld)?;
                    record = RecordText::Opened(shown, withheld);
                }
                // Sealed under a key that was erased since.
                Err(DetailsError::Damaged) if generation > 0 => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Parts {
            kind: envelope.kind,
            time: envelope.time,
            subject: Some(sealed.subject),
            record,
        })
    }

    fn key(
        &mut self,
        period: Period,
        subject: &Pseudonym,
    ) -> Result<Option<(u32, &Seed)>, DetailsError> {
        if self
            .month
            .as_ref()
            .is_none_or(|(known, _)| *known != period)
        {
            let tree = self.keys.trees.find(period)?;
            let known = HashMap::new();
            self.month = Some((period, Month { tree, known }));
        }
        let Some((_, month)) = &mut self.month else {
            return Ok(None);
        };
        if month.known.len() >= REMEMBERED_MAX {
            month.known.clear();
        }
        let Month { tree, known } = month;
        let key = known
            .entry(*subject)
            .or_insert_with(|| newest(tree.as_ref()?, subject));
        Ok(key.as_ref().map(|(generation, key)| (*generation, &**key)))
    }
}

impl std::fmt::Debug for Month {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Month(hidden)")
    }
}
