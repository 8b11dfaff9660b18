//! What a deployment of a population register may call differently.

use crate::defaults;
use motlan_adapter_sdk::{
    field_map::{Field, FieldMap},
    http::HttpConfig,
    serves::Serves,
    xroad::{Subsystem, XRoadConfig},
};
use motlan_schemas::{catalogue::Dataset, ids::RegistryId};
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// The configuration of one population register. Only `http.base_url` has no default.
///
/// `examples/brp.toml` is one for a Dutch-style service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The registry's id.
    #[serde(default = "defaults::registry")]
    pub registry: RegistryId,
    /// Address, limits, trust and credentials.
    pub http: HttpConfig,
    /// How Motlan appears on X-Road; `enabled = false` for a registry without security servers.
    #[serde(default)]
    pub xroad: XRoadConfig,
    /// The subsystem that provides the service.
    #[serde(default = "defaults::provider")]
    pub provider: Subsystem,
    /// The service's code on X-Road.
    #[serde(default = "defaults::service")]
    pub service: String,
    /// The path below the service (or the base address) to which questions are posted.
    #[serde(default = "defaults::path")]
    pub path: String,
    /// The path that tells whether the registry is up, where it is reached without X-Road.
    #[serde(default = "defaults::health_path")]
    pub health_path: String,
    /// Statuses of that path, beside success, that show a registry which is up: for services that
    /// answer to nothing but questions.
    #[serde(default)]
    pub health_statuses: Vec<u16>,
    /// The datasets that the registry has; absent, all four.
    #[serde(default)]
    pub serves: Serves,
    /// The `type` of a question by number.
    #[serde(default = "defaults::query_type")]
    pub query_type: String,
    /// The member of a question with the list of numbers.
    #[serde(default = "defaults::numbers_member")]
    pub numbers_member: String,
    /// Further members that each question carries, such as a municipality that may ask only about
    /// its own.
    #[serde(default)]
    pub query_members: BTreeMap<String, String>,
    /// The member of an answer with the list of persons.
    #[serde(default = "defaults::persons_member")]
    pub persons_member: String,
    /// The member of an answer that says how many persons there are.
    #[serde(default = "defaults::total_member")]
    pub total_member: String,
    /// The member of a person with the number.
    #[serde(default = "defaults::number_member")]
    pub number_member: String,
    /// The member that says which parts are under investigation: yes or no, or an object of them.
    /// It counts wherever it stands in a person.
    #[serde(default = "defaults::investigation_member")]
    pub investigation_member: String,
    /// Members that come with every answer. They are never asked for, and are no surplus.
    #[serde(default = "defaults::unasked_members")]
    pub unasked_members: Vec<String>,
    /// The members of a date.
    #[serde(default)]
    pub dates: DateNames,
    /// Where each dataset's attributes stand in a person.
    #[serde(default)]
    pub datasets: Datasets,
}

/// The members of a date, which is an object of what is known: the date, year and month, the year,
/// or that nothing is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DateNames {
    /// The whole date, `YYYY-MM-DD`.
    pub date: String,
    /// The year.
    pub year: String,
    /// The month.
    pub month: String,
    /// That nothing is known.
    pub unknown: String,
}

/// Where each dataset's attributes stand in a person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Datasets {
    /// `population.identity`.
    pub identity: Records,
    /// `population.residence`.
    pub residence: Records,
    /// `population.household`, one record a member.
    pub household: Records,
    /// `population.documents`, one record a document.
    pub documents: Records,
}

/// Where one dataset's attributes stand.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Records {
    /// For datasets with many records, the path of their list in a person.
    #[serde(default)]
    pub list: Option<String>,
    /// The attributes by path from the person; in the path of a list's item the list stands as if
    /// it were the item (`documents.number`). The same paths are asked for in `fields`, without
    /// places in arrays.
    pub fields: FieldMap,
}

impl Records {
    /// What is asked for only to count the records of a list, where nothing that is wanted stands in
    /// them: the attribute that tells least, one with a code list.
    pub(crate) fn counted_by(
        &self,
        dataset: &Dataset,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Option<(&str, &Field)> {
        let list = format!("{}.", self.list.as_ref()?);
        let inside = |field: &Field| field.path.iter().any(|path| path.starts_with(&list));
        let within: Vec<_> = self
            .fields
            .fields()
            .filter(|(_, field)| inside(field))
            .collect();
        if within.iter().any(|(name, _)| wanted(name)) {
            return None;
        }
        let tells_least = |name: &str| {
            let attribute = dataset.attribute(name);
            attribute.is_some_and(|attribute| attribute.code_list.is_some() && !attribute.person)
        };
        let least = within.iter().find(|(name, _)| tells_least(name));
        least.or(within.first()).copied()
    }
}

impl Config {
    /// The national defaults for one address.
    #[must_use]
    pub fn new(base_url: Url) -> Self {
        Self {
            registry: defaults::registry(),
            http: HttpConfig::new(base_url),
            xroad: XRoadConfig::default(),
            provider: defaults::provider(),
            service: defaults::service(),
            path: defaults::path(),
            health_path: defaults::health_path(),
            health_statuses: Vec::new(),
            serves: Serves::default(),
            query_type: defaults::query_type(),
            numbers_member: defaults::numbers_member(),
            query_members: BTreeMap::new(),
            persons_member: defaults::persons_member(),
            total_member: defaults::total_member(),
            number_member: defaults::number_member(),
            investigation_member: defaults::investigation_member(),
            unasked_members: defaults::unasked_members(),
            dates: DateNames::default(),
            datasets: Datasets::default(),
        }
    }

    /// Whether a member of a person comes without being asked for.
    pub(crate) fn comes_unasked(&self, member: &str) -> bool {
        member == self.investigation_member
            || self.unasked_members.iter().any(|name| name == member)
    }
}

impl Default for DateNames {
    fn default() -> Self {
        let [date, year, month, unknown] = ["date", "year", "month", "unknown"].map(str::to_owned);
        Self {
            date,
            year,
            month,
            unknown,
        }
    }
}

impl Default for Datasets {
    fn default() -> Self {
        Self {
            identity: defaults::identity(),
            residence: defaults::residence(),
            household: defaults::household(),
            documents: defaults::documents(),
        }
    }
}
