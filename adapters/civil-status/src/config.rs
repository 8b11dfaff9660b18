//! What a deployment of a civil-status register may call differently.

use motlan_adapter_sdk::{
    codes::Codes,
    http::HttpConfig,
    paths::Paths,
    secret::Secret,
    serves::Serves,
    xroad::{Subsystem, XRoadConfig},
};
use motlan_schemas::ids::RegistryId;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// The configuration of one civil-status register. Only `http.base_url` has no default.
///
/// An element is named by its local name; a way to one further down by names joined with `/`.
/// `examples/x-road-estonia.toml` is a configuration for an Estonian-style service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The registry's id.
    #[serde(default = "registry")]
    pub registry: RegistryId,
    /// Address, limits, trust and credentials.
    pub http: HttpConfig,
    /// How Motlan appears on X-Road.
    #[serde(default)]
    pub xroad: XRoadConfig,
    /// The subsystem that provides the service.
    #[serde(default = "provider")]
    pub provider: Subsystem,
    /// The datasets that the register has; absent, all five.
    #[serde(default)]
    pub serves: Serves,
    /// What is got to see whether the register is up, where it is reached without X-Road.
    #[serde(default = "health_path")]
    pub health_path: String,
    /// The version of the service; empty where it has none.
    #[serde(default = "service_version")]
    pub service_version: Option<String>,
    /// The namespace of the operations' elements.
    #[serde(default = "namespace")]
    pub namespace: String,
    /// Whether the elements below an operation's are in the namespace too (`elementFormDefault`).
    #[serde(default = "yes")]
    pub qualified: bool,
    /// The element around everything that a request says; empty where there is none.
    #[serde(default)]
    pub request_element: String,
    /// Elements of each request before the person's number, such as a user and a password.
    #[serde(default)]
    pub before_subject: Vec<Constant>,
    /// Elements of each request behind it, such as a language.
    #[serde(default)]
    pub after_subject: Vec<Constant>,
    /// The operations.
    #[serde(default)]
    pub operations: Operations,
    /// Whether a request lists the elements it wants, as `<fields><field>…`. Off for services that
    /// always send whole records.
    #[serde(default = "yes")]
    pub field_selection: bool,
    /// The element with the person's number, in requests and in each record.
    #[serde(default = "subject_element")]
    pub subject_element: String,
    /// The way to that number in a record, where it is another; empty: the same.
    #[serde(default)]
    pub record_subject: String,
    /// The way to the records in a response.
    #[serde(default = "record_element")]
    pub record_element: String,
    /// The same, for datasets where it is another: `death` = `response`.
    #[serde(default)]
    pub record_elements: BTreeMap<String, String>,
    /// The way to the number of all records in a response; empty where it is not said.
    #[serde(default = "total_element")]
    pub total_element: String,
    /// Elements of a response that may stand in it without any record. Others in the place of records
    /// mean that the configuration looks for the wrong ones.
    #[serde(default)]
    pub notice_elements: Vec<String>,
    /// The way to an error code in a response, where it is no `fault`; empty where there is none.
    #[serde(default)]
    pub error_element: String,
    /// The codes in that element that mean success.
    #[serde(default = "success_codes")]
    pub success_codes: Vec<String>,
    /// Codes of a fault or error within a response that mean "no such person" or "no such record".
    #[serde(default = "not_found_codes")]
    pub not_found_codes: Vec<String>,
    /// The dates of elements that repeat for each time in which they held.
    #[serde(default)]
    pub history: Option<History>,
    /// Whether the Vietnamese elements are read where `fields` names no other.
    #[serde(default = "yes")]
    pub default_fields: bool,
    /// Elements that the service calls otherwise: `birth.full_name` = `childName`. Texts of several
    /// elements are joined by a space.
    #[serde(default)]
    pub fields: BTreeMap<String, Paths>,
    /// Code lists that the service writes otherwise, by list: `sex` = { `M` = `male` }.
    #[serde(default)]
    pub codes: BTreeMap<String, Codes>,
}

/// An element that every request has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// The element.
    pub name: String,
    /// Its text.
    pub value: Secret,
}

/// Where an element that repeats says for which time it held. The one that has not ended counts; of
/// several, the one that began last.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The element with the first day.
    pub from: String,
    /// The element with the last day.
    pub until: String,
}

/// The operation that serves each dataset.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operations {
    /// `civil_status.birth`.
    pub birth: String,
    /// `civil_status.marital_status`.
    pub marital_status: String,
    /// `civil_status.marriages`.
    pub marriages: String,
    /// `civil_status.death`.
    pub death: String,
    /// `civil_status.guardianships`, asked about the ward.
    pub guardianships: String,
}

impl Operations {
    /// The operation of a dataset, named without its registry.
    pub(crate) fn of(&self, dataset: &str) -> &str {
        match dataset {
            "birth" => &self.birth,
            "marital_status" => &self.marital_status,
            "marriages" => &self.marriages,
            "death" => &self.death,
            _ => &self.guardianships,
        }
    }
}

impl Default for Operations {
    fn default() -> Self {
        Self {
            birth: "getBirth".to_owned(),
            marital_status: "getMaritalStatus".to_owned(),
            marriages: "getMarriages".to_owned(),
            death: "getDeath".to_owned(),
            guardianships: "getGuardianships".to_owned(),
        }
    }
}

impl Config {
    /// The national defaults for one address.
    #[must_use]
    pub fn new(base_url: Url) -> Self {
        Self {
            registry: registry(),
            http: HttpConfig::new(base_url),
            xroad: XRoadConfig::default(),
            provider: provider(),
            serves: Serves::default(),
            health_path: health_path(),
            service_version: service_version(),
            namespace: namespace(),
            qualified: true,
            request_element: String::new(),
            before_subject: Vec::new(),
            after_subject: Vec::new(),
            operations: Operations::default(),
            field_selection: true,
            subject_element: subject_element(),
            record_subject: String::new(),
            record_element: record_element(),
            record_elements: BTreeMap::new(),
            total_element: total_element(),
            notice_elements: Vec::new(),
            error_element: String::new(),
            success_codes: success_codes(),
            not_found_codes: not_found_codes(),
            history: None,
            default_fields: true,
            fields: BTreeMap::new(),
            codes: BTreeMap::new(),
        }
    }
}

#[expect(clippy::expect_used, reason = "a constant that the tests read")]
fn registry() -> RegistryId {
    "civil_status"
        .parse()
        .expect("a constant registry id is valid")
}

/// The ministry of justice keeps the electronic civil-status database (Law on Civil Status, 2014).
fn provider() -> Subsystem {
    Subsystem {
        instance: "VN".to_owned(),
        member_class: "GOV".to_owned(),
        member_code: "G15".to_owned(),
        subsystem_code: "civil-status".to_owned(),
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the default of an optional setting"
)]
fn service_version() -> Option<String> {
    Some("v1".to_owned())
}

fn namespace() -> String {
    "urn:vn:moj:civil-status".to_owned()
}

const fn yes() -> bool {
    true
}

fn subject_element() -> String {
    "soDinhDanh".to_owned()
}

fn record_element() -> String {
    "hoSo".to_owned()
}

fn total_element() -> String {
    "tongSo".to_owned()
}

fn health_path() -> String {
    "?wsdl".to_owned()
}

fn success_codes() -> Vec<String> {
    vec!["0".to_owned()]
}

fn not_found_codes() -> Vec<String> {
    ["NotFound", "PersonNotFound", "KhongTimThay"]
        .map(str::to_owned)
        .to_vec()
}
