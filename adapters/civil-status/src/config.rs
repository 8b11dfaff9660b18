//! What a deployment of a civil-status register may call differently.

use motlan_adapter_sdk::{
    http::HttpConfig,
    xroad::{Subsystem, XRoadConfig},
};
use motlan_schemas::ids::RegistryId;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// The configuration of one civil-status register. Only `http.base_url` has no default.
///
/// ```toml
/// [http]
/// base_url = "https://security-server.example/civil-status"
/// roots_pem_file = "/etc/motlan/xroad-roots.pem"
///
/// [fields]                    # attribute = element, where the service calls it otherwise
/// "birth.full_name" = "childName"
///
/// [codes.sex]                 # the service's code = ours, replacing the default list
/// M = "male"
/// F = "female"
/// ```
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
    /// The version of the service, where it has one.
    #[serde(default = "service_version")]
    pub service_version: Option<String>,
    /// The namespace of the elements in requests and responses.
    #[serde(default = "namespace")]
    pub namespace: String,
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
    /// The element of a record in a response.
    #[serde(default = "record_element")]
    pub record_element: String,
    /// The element of a response that says how many records there are.
    #[serde(default = "total_element")]
    pub total_element: String,
    /// Codes of a `fault` within a response that mean "no such person" or "no such record".
    #[serde(default = "not_found_codes")]
    pub not_found_codes: Vec<String>,
    /// Elements that the service calls otherwise: `birth.full_name` = `childName`.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Code lists that the service writes otherwise, by list: `sex` = { `M` = `male` }.
    #[serde(default)]
    pub codes: BTreeMap<String, BTreeMap<String, String>>,
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
            service_version: service_version(),
            namespace: namespace(),
            operations: Operations::default(),
            field_selection: true,
            subject_element: subject_element(),
            record_element: record_element(),
            total_element: total_element(),
            not_found_codes: not_found_codes(),
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

fn not_found_codes() -> Vec<String> {
    ["NotFound", "PersonNotFound", "KhongTimThay"]
        .map(str::to_owned)
        .to_vec()
}
