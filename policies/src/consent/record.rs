//! A consent as stores keep it: names instead of positions, so that it outlives the catalogue.

use super::{Consent, ConsentState, ConsentUses, SubjectKey};
use jiff::Timestamp;
use motlan_schemas::{
    catalogue::{Catalogue, Selection},
    ids::{AgencyId, ConsentId, PurposeId},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The stored form of a [`Consent`]. The subject is the key under which it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRecord {
    version: u8,
    id: String,
    agency: AgencyId,
    purposes: Vec<PurposeId>,
    attributes: Vec<Arc<str>>,
    given_at: Timestamp,
    from: Timestamp,
    until: Timestamp,
    uses: ConsentUses,
    state: ConsentState,
}

/// Why a stored form is no consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Written by another version of the program.
    #[error("the stored consent has format {0}, expected {VERSION}")]
    Version(u8),
    /// No consent id.
    #[error("the stored consent has no valid id")]
    Id,
}

impl ConsentRecord {
    /// The stored form of a consent of this catalogue.
    #[must_use]
    pub fn new(consent: &Consent, catalogue: &Catalogue) -> Self {
        let attributes = consent.attributes.iter().flat_map(|(dataset, set)| {
            catalogue
                .dataset(dataset)
                .attributes_in(set)
                .map(|a| Arc::clone(&a.path))
        });
        Self {
            version: VERSION,
            id: consent.id.to_string(),
            agency: consent.agency.clone(),
            purposes: consent.purposes.clone(),
            attributes: attributes
                .chain(consent.retired_attributes.iter().cloned())
                .collect(),
            given_at: consent.given_at,
            from: consent.from,
            until: consent.until,
            uses: consent.uses,
            state: consent.state,
        }
    }

    /// The consent of `subject`, in the terms of this catalogue.
    ///
    /// # Errors
    /// A record that this version did not write.
    pub fn into_consent(
        self,
        subject: SubjectKey,
        catalogue: &Catalogue,
    ) -> Result<Consent, RecordError> {
        if self.version != VERSION {
            return Err(RecordError::Version(self.version));
        }
        let id: ConsentId = self.id.parse().map_err(|_| RecordError::Id)?;
        let mut attributes = Selection::default();
        let mut retired_attributes = Vec::new();
        for name in self.attributes {
            match catalogue.resolve(&name) {
                Ok((dataset, set)) => attributes.add(dataset, set),
                Err(_) => retired_attributes.push(name),
            }
        }
        Ok(Consent {
            id,
            subject,
            agency: self.agency,
            purposes: self.purposes,
            attributes,
            retired_attributes,
            given_at: self.given_at,
            from: self.from,
            until: self.until,
            uses: self.uses,
            state: self.state,
        })
    }
}

const VERSION: u8 = 1;
