//! An entry of the access log as the citizen it is about may see it.

use super::sentence;
use motlan_access_log::entry::{Entry, Record, record};
use motlan_policies::decide::Policies;
use motlan_schemas::{
    answer::DenialReason, catalogue::Catalogue, ids::ConsentId, language::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Who looked at the citizen's data.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Accesses {
    /// What happened, newest first.
    pub(in crate::api) accesses: Vec<AccessView>,
    /// The `cursor` of the next page; null where this is the last one. A page can hold fewer than
    /// `limit` accesses and still not be the last.
    #[schema(required)]
    pub(in crate::api) next: Option<String>,
    /// How many entries of the whole log, about whomever, an order hides today. Each is shown to the
    /// person it is about when the order ends. The number says nothing about one citizen.
    pub(in crate::api) hidden_in_log: u64,
}

/// One thing that happened to the citizen's data. What does not apply is left out.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Access)]
pub(in crate::api) struct AccessView {
    /// Where its entry stands in the access log. A data protection officer finds it by this number.
    pub(in crate::api) leaf_index: u64,
    /// When it happened, in UTC.
    pub(in crate::api) time: String,
    /// `disclosure`, `refusal`, `mention` (an answer about somebody else named the citizen),
    /// `check` (only yes or no was told), `dry_run`, `consent_change`, `look` (a data protection
    /// officer read these entries).
    pub(in crate::api) kind: &'static str,
    /// What happened, in one sentence in the language asked for.
    pub(in crate::api) sentence: String,
    /// What came of it: `disclosed`, `nothing_disclosed`, `refused`, `mentioned`, `checked`,
    /// `explained`, `given`, `withdrawn`, `used_up`, `looked`.
    pub(in crate::api) outcome: String,
    /// The agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) agency: Option<AgencyName>,
    /// The administrative procedure for which it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) purpose: Option<PurposeName>,
    /// The administrative procedures that a consent covers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::api) purposes: Vec<PurposeName>,
    /// What allowed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) basis: Option<GroundView>,
    /// The agency's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) case: Option<String>,
    /// Whether the agency's officer is on record; the agency knows the name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::api) officer_recorded: bool,
    /// The check that was made: `age_at_least`, `is_married`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) check: Option<String>,
    /// What the agency was told; in a check what was looked at, in a consent what it covers.
    pub(in crate::api) attributes: Vec<AttributeName>,
    /// What it was refused, and why.
    pub(in crate::api) denied: Vec<DeniedView>,
    /// Where the data came from: `registry`, `cache` (a copy that the gateway had), or `mixed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) served_from: Option<&'static str>,
    /// The age of the oldest copy, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) age_seconds: Option<u64>,
    /// The citizen's consent that it rests on, or that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) consent_id: Option<String>,
    /// As what somebody acted in the citizen's place: `parent`, `guardian`, `attorney`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) acting: Option<String>,
    /// Why the data was needed at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) emergency: Option<EmergencyView>,
}

/// An agency by id and name.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct AgencyName {
    /// Its id.
    pub(in crate::api) id: String,
    /// Its name in the language asked for.
    pub(in crate::api) name: String,
}

/// A purpose by id and title.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PurposeName {
    /// Its id.
    pub(in crate::api) id: String,
    /// Its title in the language asked for.
    pub(in crate::api) title: String,
}

/// An attribute by name and title.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct AttributeName {
    /// Its full dotted name.
    pub(in crate::api) name: String,
    /// Its title in the language asked for.
    pub(in crate::api) title: String,
}

/// What allowed an access.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ground)]
pub(in crate::api) struct GroundView {
    /// `law`, `consent` or `vital_interest`.
    pub(in crate::api) kind: &'static str,
    /// The law and the article, or the consent.
    pub(in crate::api) reference: String,
}

/// An attribute that was asked for and refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefusedAttribute)]
pub(in crate::api) struct DeniedView {
    /// Its full dotted name.
    pub(in crate::api) attribute: String,
    /// Why, from the closed list of reasons.
    pub(in crate::api) reason: String,
}

/// Why data was needed at once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmergencyReason)]
pub(in crate::api) struct EmergencyView {
    /// The kind of emergency.
    pub(in crate::api) ground: String,
    /// Until when a data protection officer has to review it, in UTC.
    pub(in crate::api) review_due: String,
}

/// What is needed to show entries to people.
#[derive(Clone, Copy)]
pub(in crate::api) struct View<'a> {
    pub(in crate::api) catalogue: &'a Catalogue,
    pub(in crate::api) policies: &'a Policies,
    pub(in crate::api) language: Language,
}

impl View<'_> {
    /// The entry as its citizen sees it; `None` for kinds that are not shown.
    pub(in crate::api) fn access(&self, leaf_index: u64, entry: &Entry) -> Option<AccessView> {
        let (kind, view) = match &entry.record {
            Record::Disclosure(access) if access.attributes.is_empty() => {
                ("disclosure", self.asked(access, "nothing_disclosed"))
            }
            Record::Disclosure(access) => ("disclosure", self.asked(access, "disclosed")),
            Record::Refusal(access) => ("refusal", self.asked(access, "refused")),
            Record::Check(access) => ("check", self.asked(access, "checked")),
            Record::DryRun(access) => ("dry_run", self.asked(access, "explained")),
            Record::Mention(mention) => ("mention", self.mentioned(mention)),
            Record::ConsentChange(change) => ("consent_change", self.consented(change)),
            Record::Look(_) => {
                let outcome = "looked".to_owned();
                let view = AccessView {
                    outcome,
                    ..AccessView::default()
                };
                ("look", view)
            }
            _ => return None,
        };
        let mut view = AccessView {
            leaf_index,
            time: entry.time.clone(),
            kind,
            ..view
        };
        view.sentence = sentence::tell(&view, self.catalogue, self.language);
        Some(view)
    }

    fn asked(&self, access: &record::Access, outcome: &str) -> AccessView {
        let (served_from, age_seconds) = sources(access);
        let acting = access.acting.as_ref();
        AccessView {
            outcome: outcome.to_owned(),
            agency: Some(self.agency(&access.agency)),
            purpose: Some(self.purpose(&access.purpose)),
            basis: access.basis.as_ref().map(ground),
            case: access.case.clone(),
            officer_recorded: access.officer.is_some(),
            check: access.check.as_ref().map(ToString::to_string),
            attributes: self.attributes(&access.attributes),
            denied: access.denied.iter().map(denied).collect(),
            served_from,
            age_seconds,
            consent_id: access.basis.as_ref().and_then(consent_id),
            acting: acting.map(|acting| acting.relation.to_string()),
            emergency: access.emergency.as_ref().map(|emergency| EmergencyView {
                ground: emergency.ground.to_string(),
                review_due: emergency.review_due.clone(),
            }),
            ..AccessView::default()
        }
    }

    fn mentioned(&self, mention: &record::Mention) -> AccessView {
        AccessView {
            outcome: "mentioned".to_owned(),
            agency: Some(self.agency(&mention.agency)),
            purpose: Some(self.purpose(&mention.purpose)),
            // The consent of an answer about somebody else is that person's.
            basis: (mention.basis.as_ref().map(ground)).filter(|ground| ground.kind != "consent"),
            officer_recorded: mention.officer.is_some(),
            attributes: self.attributes(&mention.attributes),
            ..AccessView::default()
        }
    }

    fn consented(&self, change: &record::ConsentChange) -> AccessView {
        let consent = &change.consent;
        let acting = change.acting.as_ref();
        AccessView {
            outcome: change.change.to_string(),
            agency: Some(self.agency(&consent.agency)),
            purposes: consent.purposes.iter().map(|id| self.purpose(id)).collect(),
            attributes: self.attributes(&consent.attributes),
            consent_id: Some(consent.id.clone()),
            acting: acting.map(|acting| acting.relation.to_string()),
            ..AccessView::default()
        }
    }

    /// An agency; one that is gone is called by its id.
    pub(in crate::api) fn agency(&self, id: &str) -> AgencyName {
        let known = id.parse().ok();
        let known = known.and_then(|id| self.policies.agencies().get(&id));
        AgencyName {
            id: id.to_owned(),
            name: known
                .map_or(id, |agency| agency.name.get(self.language))
                .to_owned(),
        }
    }

    /// A purpose; one that is gone is called by its id.
    pub(in crate::api) fn purpose(&self, id: &str) -> PurposeName {
        let known = id.parse().ok();
        let known = known.and_then(|id| self.policies.purposes().get(&id));
        PurposeName {
            id: id.to_owned(),
            title: known
                .map_or(id, |purpose| purpose.title.get(self.language))
                .to_owned(),
        }
    }

    /// Attributes; such as are gone are called by their names.
    pub(in crate::api) fn attributes(&self, names: &[String]) -> Vec<AttributeName> {
        let named = names.iter().map(|name| {
            let known = name.rsplit_once('.').and_then(|(dataset, attribute)| {
                self.catalogue.dataset_named(dataset)?.attribute(attribute)
            });
            AttributeName {
                name: name.clone(),
                title: known
                    .map_or(name.as_str(), |a| a.title.get(self.language))
                    .to_owned(),
            }
        });
        named.collect()
    }
}

fn ground(basis: &record::Basis) -> GroundView {
    let (kind, reference) = match basis {
        record::Basis::Law { reference } => ("law", reference),
        record::Basis::Consent { reference } => ("consent", reference),
        record::Basis::VitalInterest { reference } => ("vital_interest", reference),
    };
    GroundView {
        kind,
        reference: reference.clone(),
    }
}

/// The consent behind a basis. Where none was in force, the reference is the law that asks for one.
fn consent_id(basis: &record::Basis) -> Option<String> {
    match basis {
        record::Basis::Consent { reference } => {
            let id: Option<ConsentId> = reference.parse().ok();
            id.map(|id| id.to_string())
        }
        _ => None,
    }
}

/// That a seal was the reason is told to nobody: the citizen's list may be read by whom the seal
/// protects from.
fn denied(denied: &record::Denied) -> DeniedView {
    let reason = match &*denied.reason {
        reason if reason == DenialReason::Sealed.as_str() => DenialReason::ForbiddenByRule.as_str(),
        reason => reason,
    };
    DeniedView {
        attribute: denied.attribute.clone(),
        reason: reason.to_owned(),
    }
}

/// Where the data came from, and the age of the oldest copy.
fn sources(access: &record::Access) -> (Option<&'static str>, Option<u64>) {
    let served = || access.datasets.values().flatten();
    let any = |source: &str| served().any(|o| o.served_from.as_deref() == Some(source));
    let from = match (any("registry"), any("cache")) {
        (true, true) => "mixed",
        (true, false) => "registry",
        (false, true) => "cache",
        (false, false) => return (None, None),
    };
    let copies = served().filter(|outcome| outcome.served_from.as_deref() == Some("cache"));
    (Some(from), copies.filter_map(|copy| copy.age_seconds).max())
}
