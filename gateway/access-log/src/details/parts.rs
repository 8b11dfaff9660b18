//! Opens many entries without putting each together again: for an index, a report, a detector.

use std::borrow::Cow;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::month::MonthKeys;
use super::{
    DetailKeys, DetailsError, Period, SHOWN, SealedRecord, WITHHELD, open_part, part_keys,
};
use crate::entry::record::Bytes32;
use crate::entry::{Entry, Envelope, Record};
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
    nonce: Bytes32,
    version: u32,
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

/// Opens one entry after the other. It keeps the keys of the month at hand, so that it should last
/// no longer than a stretch of the log.
#[derive(Debug)]
pub struct Opener<'k> {
    keys: &'k DetailKeys,
    /// The month at hand; without keys where they are destroyed.
    month: Option<(Period, Option<Arc<MonthKeys>>)>,
}

impl Parts<'_> {
    /// The entry as a whole.
    ///
    /// # Errors
    /// [`DetailsError`].
    pub fn entry(&self) -> Result<Entry, DetailsError> {
        let record = match &self.record {
            RecordText::Clear(text) => Record::parse(&self.kind, self.version, text.as_bytes())?,
            RecordText::Opened(shown, withheld) => {
                let text = self.joined(shown, withheld).ok_or(DetailsError::Damaged)?;
                Record::parse(&self.kind, self.version, &text)?
            }
            RecordText::Erased => return Err(DetailsError::Erased),
        };
        Ok(Entry {
            time: self.time.clone().into_owned(),
            nonce: self.nonce,
            record,
        })
    }

    /// One object of the members of both parts and the subject; their order matters to no reader.
    fn joined(&self, shown: &[u8], withheld: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let subject = serde_json::to_vec(&self.subject).ok()?;
        let length = shown.len() + withheld.len() + subject.len() + br#"{"subject":}"#.len();
        let mut text = Zeroizing::new(Vec::with_capacity(length));
        text.extend_from_slice(br#"{"subject":"#);
        text.extend_from_slice(&subject);
        for part in [shown, withheld] {
            let members = part.strip_prefix(b"{")?.strip_suffix(b"}")?;
            if !members.is_empty() {
                text.push(b',');
                text.extend_from_slice(members);
            }
        }
        text.push(b'}');
        Some(text)
    }
}

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
        let sealed = envelope.sealed();
        let record = match &sealed {
            Some(sealed) => self.record(&envelope, sealed)?,
            None => RecordText::Clear(envelope.record.get()),
        };
        Ok(Parts {
            kind: envelope.kind,
            time: envelope.time,
            subject: sealed.map(|sealed| sealed.subject),
            record,
            nonce: envelope.nonce,
            version: envelope.version,
        })
    }

    fn record<'a>(
        &mut self,
        envelope: &Envelope<'_>,
        sealed: &SealedRecord<'_>,
    ) -> Result<RecordText<'a>, DetailsError> {
        let period = envelope.time.parse().map_err(|_| DetailsError::Damaged)?;
        let month = self.month(period)?;
        let Some(key) = month.and_then(|month| month.key(&sealed.subject)) else {
            return Ok(RecordText::Erased);
        };
        let keys = part_keys(&key.seed, &sealed.subject, &envelope.nonce);
        let kind = &envelope.kind;
        let Some(shown) = open_part(kind, SHOWN, &keys.shown, &sealed.shown)? else {
            return match key.generation {
                0 => Err(DetailsError::Damaged),
                // Sealed under a key that was erased since.
                _ => Ok(RecordText::Erased),
            };
        };
        let withheld = open_part(kind, WITHHELD, &keys.withheld, &sealed.withheld)?;
        let withheld = withheld.ok_or(DetailsError::Damaged)?;
        Ok(RecordText::Opened(shown, withheld))
    }

    fn month(&mut self, period: Period) -> Result<Option<&MonthKeys>, DetailsError> {
        if self
            .month
            .as_ref()
            .is_none_or(|(known, _)| *known != period)
        {
            self.month = Some((period, self.keys.trees.find(period)?));
        }
        Ok(self.month.as_ref().and_then(|(_, keys)| keys.as_deref()))
    }
}
