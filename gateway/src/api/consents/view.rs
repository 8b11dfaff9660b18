//! A consent as its citizen reads it.

use crate::consents::receipt::since;
use jiff::Timestamp;
use motlan_policies::{consent::Consent, decide::Policies};
use motlan_schemas::{
    catalogue::Catalogue, clock::wire_time, consent::ConsentUses, language::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

/// The consents of a citizen, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consents)]
pub struct ConsentsView {
    /// Those about the citizen, and those given in another's place.
    pub consents: Vec<ConsentView>,
}

/// One consent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consent)]
pub struct ConsentView {
    /// Its id.
    pub consent_id: String,
    /// `given`, `used_up`, `expired` or `withdrawn`.
    pub status: &'static str,
    /// Since when.
    pub status_since: String,
    /// The agency that may ask.
    pub agency: NamedThing,
    /// For which procedures.
    pub purposes: Vec<NamedThing>,
    /// What it may be told.
    pub attributes: Vec<NamedThing>,
    /// When it was given.
    pub given_at: String,
    /// From when it counts.
    pub from: String,
    /// From when it no longer counts.
    pub until: String,
    /// How often it may be used.
    pub uses: ConsentUses,
    /// `self`, `somebody_acting_for_me`, or `me_acting_for_another`.
    pub given_by: &'static str,
}

/// Something with an id and a name in the language asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedThing {
    /// The id.
    pub id: String,
    /// The name; the id again where the name is no longer known.
    pub name: String,
}

impl ConsentView {
    /// The view of a consent that is about the citizen, or that the citizen gave for another.
    #[must_use]
    pub fn new(
        consent: &Consent,
        own: bool,
        policies: &Policies,
        catalogue: &Catalogue,
        language: Language,
        now: Timestamp,
    ) -> Self {
        let agency = policies.agencies().get(&consent.agency);
        let purposes = consent.purposes.iter().map(|id| {
            let purpose = policies.purposes().get(id);
            named(id.as_str(), purpose.map(|p| p.title.get(language)))
        });
        let attributes = consent.attributes.iter().flat_map(|(dataset, set)| {
            let attributes = catalogue.dataset(dataset).attributes_in(set);
            attributes.map(|a| named(&a.path, Some(a.title.get(language))))
        });
        let retired = consent.retired_attributes.iter().map(|a| named(a, None));
        Self {
            consent_id: consent.id.to_string(),
            status: consent.state_at(now).as_str(),
            status_since: wire_time(since(consent, now)),
            agency: named(
                consent.agency.as_str(),
                agency.map(|agency| agency.name.get(language)),
            ),
            purposes: purposes.collect(),
            attributes: attributes.chain(retired).collect(),
            given_at: wire_time(consent.given_at),
            from: wire_time(consent.from),
            until: wire_time(consent.until),
            uses: consent.uses,
            given_by: match (own, consent.giver) {
                (true, None) => "self",
                (true, Some(_)) => "somebody_acting_for_me",
                (false, _) => "me_acting_for_another",
            },
        }
    }
}

fn named(id: &str, name: Option<&str>) -> NamedThing {
    NamedThing {
        id: id.to_owned(),
        name: name.unwrap_or(id).to_owned(),
    }
}
