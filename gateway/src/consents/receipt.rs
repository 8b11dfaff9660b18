//! The receipt of a consent: what the citizen keeps, and can show to whoever doubts it.
//!
//! A JSON-LD document with the fields of ISO/IEC TS 27560:2023 in the terms of the Data Privacy
//! Vocabulary (<https://w3id.org/dpv>), the place of the consent's entry in the access log with its
//! inclusion proof, and a signature: a W3C Data Integrity proof, `eddsa-jcs-2022`
//! (<https://www.w3.org/TR/vc-di-eddsa/>), whose key `/.well-known/jwks.json` publishes too.

use crate::{keys::ReceiptKey, random::Random};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use motlan_access_log::{
    log::{AccessLog, LeafIndex},
    receipt::InclusionProof,
};
use motlan_policies::{
    consent::{Consent, ConsentState, ConsentUses, EntryPlace},
    decide::Policies,
};
use motlan_schemas::{catalogue::Catalogue, clock::wire_time, language::Text};
use serde_json::{Map, Value, json};
use std::{io, path::Path, sync::Arc, time::Duration};

/// Signs receipts.
#[derive(Debug)]
pub struct ReceiptSigner {
    key: ReceiptKey,
    origin: String,
}

/// A receipt waits so long at most for its entry to be under the published checkpoint.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(1);

impl ReceiptSigner {
    /// Opens the signer whose key lies in `directory`, or makes the key.
    ///
    /// # Errors
    /// The key cannot be read or made.
    pub fn open_or_create(
        directory: &Path,
        origin: String,
        random: &dyn Random,
    ) -> io::Result<Self> {
        let key = ReceiptKey::open_or_create(directory, random)?;
        Ok(Self { key, origin })
    }

    /// The public key, as `did:key` names it: `z6Mk…`.
    #[must_use]
    pub fn public_key(&self) -> String {
        multibase(&[ED25519_PUBLIC, self.key.public()].concat())
    }

    /// The public key's 32 bytes.
    #[must_use]
    pub fn public_key_bytes(&self) -> &[u8] {
        self.key.public()
    }

    /// The signed receipt of a consent as it stands, with the place and proof of its last entry
    /// where that is known.
    pub async fn receipt(
        &self,
        consent: &Consent,
        entry: Option<EntryPlace>,
        log: &Arc<dyn AccessLog>,
        policies: &Policies,
        catalogue: &Catalogue,
        now: Timestamp,
    ) -> Value {
        let mut document = document(consent, policies, catalogue, now);
        if let Some(entry) = entry {
            document.extend(self.place(entry, log).await);
        }
        self.sign(document, now)
    }

    /// The members of every receipt of the log, and the proof that can be checked offline.
    async fn place(&self, entry: EntryPlace, log: &Arc<dyn AccessLog>) -> Map<String, Value> {
        let receipt = json!({
            "log": self.origin,
            "leaf_index": entry.leaf_index,
            "leaf_hash": STANDARD.encode(entry.leaf_hash),
            "checkpoint": CHECKPOINT,
        });
        let Value::Object(mut members) = receipt else {
            return Map::new();
        };
        let size = entry.leaf_index.saturating_add(1);
        let published = tokio::time::timeout(PUBLISHED_WITHIN, log.published(size)).await;
        if matches!(published, Ok(Ok(_))) {
            let log = Arc::clone(log);
            let proving = tokio::task::spawn_blocking(move || {
                InclusionProof::build(log.as_ref(), LeafIndex(entry.leaf_index))
            });
            if let Ok(Ok(proof)) = proving.await {
                members.insert("tlog_proof".to_owned(), proof.to_string().into());
            }
        }
        members
    }

    /// Adds the proof: two digests, of the proof's own options and of the document, signed as one.
    fn sign(&self, mut document: Map<String, Value>, now: Timestamp) -> Value {
        let method = format!("did:key:{0}#{0}", self.public_key());
        let mut proof = json!({
            "@context": document.get("@context"),
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "created": wire_time(now),
            "verificationMethod": method,
            "proofPurpose": "assertionMethod",
        });
        let signed = signed_bytes(&proof, &Value::Object(document.clone()));
        if let Value::Object(members) = &mut proof {
            let signature = self.key.sign(&signed);
            members.insert("proofValue".to_owned(), multibase(&signature).into());
        }
        document.insert("proof".to_owned(), proof);
        Value::Object(document)
    }
}

fn document(
    consent: &Consent,
    policies: &Policies,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Map<String, Value> {
    let agency = policies.agencies().get(&consent.agency);
    let purposes = consent.purposes.iter().map(|id| {
        let purpose = policies.purposes().get(id);
        json!({
            "@id": format!("urn:motlan:purpose:{id}"),
            "@type": "dpv:Purpose",
            "dct:title": purpose.map(|p| titles(&p.title)),
            "dct:source": purpose.map(|p| p.basis_reference.as_ref()),
        })
    });
    let data = consent.attributes.iter().flat_map(|(dataset, set)| {
        let attributes = catalogue.dataset(dataset).attributes_in(set);
        attributes.map(|attribute| {
            json!({
                "@id": format!("urn:motlan:attribute:{}", attribute.path),
                "@type": "dpv:PersonalData",
                "dct:title": titles(&attribute.title),
            })
        })
    });
    let value = json!({
        "@context": {
            "dct": "http://purl.org/dc/terms/",
            "dpv": "https://w3id.org/dpv#",
            "schema": "https://schema.org/",
            "log": "https://c2sp.org/tlog-checkpoint#origin",
            "leaf_index": "https://c2sp.org/tlog-proof#index",
            "leaf_hash": "https://www.rfc-editor.org/rfc/rfc6962#section-2.1",
            "checkpoint": "https://c2sp.org/tlog-checkpoint",
            "tlog_proof": "https://c2sp.org/tlog-proof",
            "proof": "https://w3id.org/security#proof",
        },
        "@id": format!("urn:uuid:{}", consent.id.uuid()),
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": consent.id.to_string(),
        "dct:conformsTo": "https://w3id.org/dpv/schema/iso-27560",
        "dct:created": wire_time(consent.given_at),
        "dct:modified": wire_time(since(consent, now)),
        "dpv:hasConsentStatus": status(consent, now),
        "dpv:hasDataController": {
            "@id": format!("urn:motlan:agency:{}", consent.agency),
            "@type": "dpv:PublicAuthority",
            "dct:title": agency.map(|agency| titles(&agency.name)),
            "dpv:hasContact": agency.map(|agency| agency.dpo.email.as_str()),
        },
        "dpv:hasPurpose": purposes.collect::<Vec<_>>(),
        "dpv:hasPersonalData": data.collect::<Vec<_>>(),
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasFrequency": match consent.uses {
            ConsentUses::Once => "dpv:SingularFrequency",
            ConsentUses::Repeated => "dpv:OftenFrequency",
        },
        "schema:validFrom": wire_time(consent.from),
        "schema:validThrough": wire_time(consent.until),
        "dpv:hasRight": {
            "@id": "dpv:A7-3",
            "dct:description": "This consent can be withdrawn at any time, with effect at once.",
            "schema:url": format!("/v1/consents/{}/revoke", consent.id),
        },
    });
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn status(consent: &Consent, now: Timestamp) -> &'static str {
    match consent.state_at(now) {
        ConsentState::Given => "dpv:ConsentGiven",
        ConsentState::UsedUp { .. } | ConsentState::Expired { .. } => "dpv:ConsentExpired",
        ConsentState::Withdrawn { .. } => "dpv:ConsentWithdrawn",
    }
}

/// Since when a consent is in its state.
#[must_use]
pub fn since(consent: &Consent, now: Timestamp) -> Timestamp {
    match consent.state_at(now) {
        ConsentState::Given => consent.given_at,
        ConsentState::UsedUp { at }
        | ConsentState::Expired { at }
        | ConsentState::Withdrawn { at } => at,
    }
}

fn titles(text: &Text) -> Value {
    use motlan_schemas::language::Language;
    let title =
        |language: Language| json!({"@value": text.get(language), "@language": language.tag()});
    json!([
        title(Language::Vi),
        title(Language::En),
        title(Language::Fr)
    ])
}

/// What `eddsa-jcs-2022` signs.
fn signed_bytes(proof: &Value, document: &Value) -> Vec<u8> {
    let hash = |value| digest(&SHA256, canonical(value).as_bytes());
    [hash(proof).as_ref(), hash(document).as_ref()].concat()
}

/// RFC 8785 for values without fractions and with names in ASCII, which ours are: members in
/// order, and otherwise as serde writes them.
fn canonical(value: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by_key(|(name, _)| name.as_str());
                let sorted = members.into_iter().map(|(n, v)| (n.clone(), sorted(v)));
                Value::Object(sorted.collect())
            }
            Value::Array(items) => items.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    sorted(value).to_string()
}

/// Base 58 with its multibase prefix.
fn multibase(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

/// Where the log's checkpoint is.
const CHECKPOINT: &str = "/v1/access-log/checkpoint";

/// The multicodec of an Ed25519 public key.
const ED25519_PUBLIC: &[u8] = &[0xed, 0x01];

#[cfg(test)]
mod tests;
