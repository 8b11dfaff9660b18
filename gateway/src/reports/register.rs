//! The register of processing (Article 30 of the GDPR; Vietnam's Law 91/2025 asks for the same in its
//! assessment of processing): who processes which data of whom, for what, on which ground, out of
//! which registry, and for how long.
//!
//! It is made of the policies in force and the catalogue, so it is never out of date. Everything in
//! it is sorted, so that two registers can be compared line by line.

use super::csv;
use crate::{i18n::texts, retention::RetentionPolicy};
use motlan_policies::{
    agency::Agency,
    decide::Policies,
    purpose::{Deceased, Purpose},
};
use motlan_schemas::{
    catalogue::{Attribute, Catalogue, Dataset, Sensitivity, SubjectKind},
    language::Language,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// The whole register.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProcessingRegister)]
pub struct Register {
    /// The version of the policies that it is made of.
    pub policy_version: String,
    /// Who decides that data is processed: each agency, with the procedures it carries out.
    pub controllers: Vec<Controller>,
    /// The procedures, with what each may read.
    pub purposes: Vec<RegisteredPurpose>,
    /// Where the data comes from.
    pub registries: Vec<RegistrySource>,
    /// How long the access log is kept.
    pub retention: RetentionPolicy,
    /// What protects the data, in the language asked for.
    pub security_measures: Vec<String>,
    /// Whether data leaves the country: it does not.
    pub third_country_transfers: bool,
}

/// An agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct Controller {
    /// Its id.
    pub id: String,
    /// Its name in the language asked for.
    pub name: String,
    /// Its data protection officer.
    pub contact: Contact,
    /// The procedures it carries out, by id.
    pub purposes: Vec<String>,
}

/// A data protection officer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Contact {
    /// The name or the office.
    pub name: String,
    /// Where to write to.
    pub email: String,
}

/// An administrative procedure for which data is processed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredPurpose {
    /// Its id.
    pub id: String,
    /// Its code in the national database of administrative procedures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub code: Option<String>,
    /// Its title in the language asked for.
    pub title: String,
    /// `law`, `consent` or `vital_interest`.
    pub basis: &'static str,
    /// The law and the article.
    pub reference: String,
    /// Whose data: `person`, `enterprise`, and `other_persons` where the data names such.
    pub subjects: BTreeSet<&'static str>,
    /// Which data, in the order of their names.
    pub data: Vec<RegisteredAttribute>,
    /// Who is told: the agencies that carry it out, by id.
    pub recipients: Vec<String>,
    /// Where it comes from, by id.
    pub registries: BTreeSet<String>,
    /// How many days the agency may keep what it was told.
    pub retention_days: u32,
    /// What is asked for beyond a token: `case`, `officer`, `role`, `network_zone`, `office_hours`,
    /// `review_afterwards`; and `deceased_too` where it covers the dead.
    pub conditions: Vec<&'static str>,
}

/// An attribute that a procedure may read.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredAttribute {
    /// Its full dotted name.
    pub name: String,
    /// Its title in the language asked for.
    pub title: String,
    /// `basic`, `sensitive` or `special`.
    pub sensitivity: &'static str,
}

/// A registry that data comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrySource {
    /// Its id.
    pub id: String,
    /// The authority that keeps it, in the language asked for.
    pub owner: String,
    /// Its datasets.
    pub datasets: Vec<String>,
}

/// The measures by their keys in the texts.
const MEASURES: [&str; 8] = [
    "register-measure-log",
    "register-measure-purpose",
    "register-measure-sealed",
    "register-measure-pseudonyms",
    "register-measure-tokens",
    "register-measure-budgets",
    "register-measure-consent",
    "register-measure-review",
];

impl Register {
    /// The register of these policies.
    #[must_use]
    pub fn of(policies: &Policies, retention: RetentionPolicy, language: Language) -> Self {
        let catalogue = policies.catalogue();
        let agencies: Vec<_> = policies.agencies().iter().collect();
        let mut recipients: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for agency in &agencies {
            for purpose in agency.mandates() {
                let told = recipients.entry(purpose.as_str()).or_default();
                told.push(agency.id.to_string());
            }
        }
        let purposes = policies.purposes().iter().map(|purpose| {
            let told = recipients.remove(purpose.id.as_str()).unwrap_or_default();
            registered(purpose, told, catalogue, language)
        });
        Self {
            policy_version: policies.version().to_string(),
            purposes: purposes.collect(),
            controllers: agencies.iter().map(|a| controller(a, language)).collect(),
            registries: sources(catalogue, language),
            retention,
            security_measures: MEASURES.map(|key| texts().plain(language, key)).into(),
            third_country_transfers: false,
        }
    }

    /// The register as lines of comma-separated values: one a controller and purpose.
    pub fn csv_lines(&self) -> impl Iterator<Item = String> + '_ {
        let purposes: BTreeMap<_, _> = self.purposes.iter().map(|p| (p.id.as_str(), p)).collect();
        let rows = self.controllers.iter().flat_map(move |controller| {
            let known = controller.purposes.iter();
            let known: Vec<_> = known
                .filter_map(|id| purposes.get(id.as_str()).copied())
                .collect();
            known
                .into_iter()
                .map(move |purpose| self.csv_line(controller, purpose))
        });
        std::iter::once(csv::line(&COLUMNS)).chain(rows)
    }

    fn csv_line(&self, controller: &Controller, purpose: &RegisteredPurpose) -> String {
        let joined = |texts: &mut dyn Iterator<Item = &str>| texts.collect::<Vec<_>>().join(" ");
        let most_sensitive = ["special", "sensitive"].into_iter().find(|level| {
            let mut data = purpose.data.iter();
            data.any(|attribute| attribute.sensitivity == *level)
        });
        csv::line(&[
            &controller.id,
            &controller.name,
            &controller.contact.name,
            &controller.contact.email,
            &purpose.id,
            purpose.code.as_deref().unwrap_or_default(),
            &purpose.title,
            purpose.basis,
            &purpose.reference,
            &joined(&mut purpose.subjects.iter().copied()),
            &joined(&mut purpose.data.iter().map(|data| data.name.as_str())),
            most_sensitive.unwrap_or("basic"),
            &controller.id,
            &joined(&mut purpose.registries.iter().map(String::as_str)),
            &purpose.retention_days.to_string(),
            &self.retention.details_months.to_string(),
            &self.retention.entries_months.to_string(),
            &joined(&mut purpose.conditions.iter().copied()),
            &self.policy_version,
        ])
    }
}

const COLUMNS: [&str; 19] = [
    "controller",
    "controller_name",
    "contact_name",
    "contact_email",
    "purpose",
    "code",
    "title",
    "basis",
    "reference",
    "subjects",
    "attributes",
    "highest_sensitivity",
    "recipient",
    "registries",
    "retention_days",
    "log_details_months",
    "log_entries_months",
    "conditions",
    "policy_version",
];

fn controller(agency: &Agency, language: Language) -> Controller {
    Controller {
        id: agency.id.to_string(),
        name: agency.name.get(language).to_owned(),
        contact: Contact {
            name: agency.dpo.name.clone(),
            email: agency.dpo.email.clone(),
        },
        purposes: agency.mandates().iter().map(ToString::to_string).collect(),
    }
}

fn registered(
    purpose: &Purpose,
    recipients: Vec<String>,
    catalogue: &Catalogue,
    language: Language,
) -> RegisteredPurpose {
    let covered: Vec<(&Dataset, &Attribute)> = purpose
        .attributes
        .iter()
        .flat_map(|(dataset, set)| {
            let dataset = catalogue.dataset(dataset);
            dataset.attributes_in(set).map(move |a| (dataset, a))
        })
        .collect();
    let mut data: Vec<_> = covered
        .iter()
        .map(|(_, attribute)| RegisteredAttribute {
            name: attribute.path.to_string(),
            title: attribute.title.get(language).to_owned(),
            sensitivity: sensitivity(attribute.sensitivity),
        })
        .collect();
    data.sort_by(|a, b| a.name.cmp(&b.name));
    let mut subjects: BTreeSet<_> = covered
        .iter()
        .map(|(dataset, _)| match dataset.subject {
            SubjectKind::Person => "person",
            SubjectKind::Enterprise => "enterprise",
        })
        .collect();
    if covered.iter().any(|(_, attribute)| attribute.person) {
        subjects.insert("other_persons");
    }
    RegisteredPurpose {
        id: purpose.id.to_string(),
        code: purpose.code.as_deref().map(str::to_owned),
        title: purpose.title.get(language).to_owned(),
        basis: purpose.basis_kind.as_str(),
        reference: purpose.basis_reference.to_string(),
        subjects,
        data,
        recipients,
        registries: covered
            .iter()
            .map(|(dataset, _)| dataset.registry.to_string())
            .collect(),
        retention_days: purpose.retention_days,
        conditions: conditions(purpose),
    }
}

fn conditions(purpose: &Purpose) -> Vec<&'static str> {
    let all = [
        (purpose.case_required, "case"),
        (purpose.officer_required, "officer"),
        (!purpose.roles.is_empty(), "role"),
        (!purpose.zones.is_empty(), "network_zone"),
        (purpose.office_hours, "office_hours"),
        (purpose.review_hours.is_some(), "review_afterwards"),
        (purpose.deceased == Deceased::Allow, "deceased_too"),
    ];
    let holding = all.into_iter().filter(|(holds, _)| *holds);
    holding.map(|(_, condition)| condition).collect()
}

fn sources(catalogue: &Catalogue, language: Language) -> Vec<RegistrySource> {
    let mut sources: BTreeMap<String, RegistrySource> = BTreeMap::new();
    for dataset in catalogue.datasets() {
        let id = dataset.registry.to_string();
        let source = sources.entry(id.clone()).or_insert_with(|| RegistrySource {
            id,
            owner: dataset.owner.get(language).to_owned(),
            datasets: Vec::new(),
        });
        source.datasets.push(dataset.name.to_string());
    }
    sources.into_values().collect()
}

/// As in the catalogue.
#[must_use]
pub const fn sensitivity(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Basic => "basic",
        Sensitivity::Sensitive => "sensitive",
        Sensitivity::Special => "special",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(language: Language) -> Register {
        let policies = Policies::embedded(&Catalogue::national()).unwrap();
        Register::of(&policies, RetentionPolicy::default(), language)
    }

    #[test]
    fn every_mandate_is_a_line_and_every_purpose_says_what_it_reads() {
        let register = register(Language::En);
        let mandates: usize = register.controllers.iter().map(|c| c.purposes.len()).sum();
        let recipients: usize = register.purposes.iter().map(|p| p.recipients.len()).sum();
        assert!(mandates > 100);
        assert_eq!(mandates, recipients);
        assert_eq!(register.csv_lines().count(), mandates + 1);
        let columns = COLUMNS.len();
        for purpose in &register.purposes {
            assert!(!purpose.reference.is_empty() && !purpose.subjects.is_empty());
            assert!(
                !purpose.data.is_empty() || purpose.id.contains("check"),
                "{}",
                purpose.id
            );
            assert!(purpose.data.is_sorted_by(|a, b| a.name < b.name));
        }
        let header = register.csv_lines().next().unwrap();
        assert_eq!(header.trim_end().split(',').count(), columns);
    }

    #[test]
    fn the_same_policies_give_the_same_register_in_any_language_but_for_its_texts() {
        let once = serde_json::to_string(&register(Language::Vi)).unwrap();
        assert_eq!(
            once,
            serde_json::to_string(&register(Language::Vi)).unwrap()
        );
        let ids = |language| -> Vec<_> {
            let register = register(language);
            register.purposes.into_iter().map(|p| p.id).collect()
        };
        assert_eq!(ids(Language::Vi), ids(Language::Fr));
        let french = register(Language::Fr);
        assert!(
            french
                .security_measures
                .iter()
                .all(|text| text.contains(' '))
        );
    }
}
