//! Configuration: how one insurance registry is asked, and by which systems, codes and extensions
//! its FHIR resources say what they mean.
//!
//! # The Coverage profile
//! vn-core, the Ministry of Health's guide, has a Patient and no Coverage. The defaults here are a
//! profile of R4 Coverage for the two Vietnamese schemes:
//!
//! | element | health card | social insurance |
//! |---|---|---|
//! | `type` | `insurance-scheme#BHYT` | `insurance-scheme#BHXH` |
//! | `identifier` | card number, `…/sid/insurance_number` (vn-core) | social-insurance number |
//! | `status`, extension `insurance-status` | R4's status, and ours where R4 has no word for it | same |
//! | `period` | validity of the card | since the first contribution |
//! | `class` | `group`: two letters; `plan`: benefit level 1–5 | – |
//! | extensions | `coverage-percent`, `care-facility`, `five-years-from` | `insurance-kind`, `contribution-months`, `unemployment-months`, `last-contribution`, `contribution-salary`, `employer` |
//!
//! `care-facility` and `employer` are references to a contained Organization. The extensions' URLs
//! start with [`EXTENSION_BASE`]; all of them are configuration.

mod scalars;

pub use scalars::UtcOffset;

use crate::identifier::Identifiers;
use motlan_adapter_sdk::{
    caller_headers::CallerHeaderNames,
    codes::Codes,
    config::ConfigError,
    fhir::{Coding, Search},
    http::HttpConfig,
    paging::PagingLimits,
    serves::Serves,
};
use motlan_schemas::ids::RegistryId;
use scalars::scheme_or_any;
use serde::Deserialize;
use url::Url;

/// What the URLs of the profile's extensions start with.
pub const EXTENSION_BASE: &str = "https://motlan.gov.vn/fhir/StructureDefinition/";

/// One FHIR R4 server with Patient and Coverage. `examples/us-core.toml` and `examples/openimis.toml`
/// are two for foreign servers.
///
/// ```
/// let config: motlan_insurance::Config = serde_json::from_str(r#"{
///     "registry": "insurance",
///     "http": {"base_url": "https://fhir.example/r4", "bearer_token": "…"},
///     "person_system": "https://fhir.example/national-id",
///     "ask_elements": false, "ask_type": false,
///     "health": {"scheme": "any", "card_system": "https://fhir.example/card"}
/// }"#).unwrap();
/// assert_eq!(config.health.scheme, None);
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The registry's id.
    #[serde(default = "registry")]
    pub registry: RegistryId,
    /// How it is reached.
    pub http: HttpConfig,
    /// The datasets that the registry has; absent, both.
    #[serde(default)]
    pub serves: Serves,
    /// The identifier system of personal numbers; empty where the server names none, and the type
    /// below has to tell.
    #[serde(default = "person_system")]
    pub person_system: String,
    /// The type of identifiers that are personal numbers, for servers where the system is not enough.
    #[serde(default)]
    pub person_type: Option<Coding>,
    /// How the server is searched. `post` keeps the personal number out of URLs; `get` is for servers
    /// that know no other way.
    #[serde(default)]
    pub search: Search,
    /// End the path of a resource type in `/`, for servers that answer with a redirect otherwise.
    #[serde(default)]
    pub trailing_slash: bool,
    /// The search parameter for the Patient of a Coverage.
    #[serde(default = "beneficiary_parameter")]
    pub beneficiary_parameter: String,
    /// The country's offset from UTC: a moment becomes the day that it is there.
    #[serde(default)]
    pub utc_offset: UtcOffset,
    /// Ask for the elements that are needed only (`_elements`). Switched off for servers that refuse
    /// the parameter.
    #[serde(default = "yes")]
    pub ask_elements: bool,
    /// Ask for coverages of the scheme that is needed only (`type`).
    #[serde(default = "yes")]
    pub ask_type: bool,
    /// How many resources a page should have (`_count`); the server may lower it.
    #[serde(default = "page_size")]
    pub page_size: u32,
    /// The health card.
    #[serde(default)]
    pub health: HealthCard,
    /// The social-insurance record.
    #[serde(default)]
    pub social: SocialRecord,
    /// The extension with the status in our words, where R4's status has no word for it.
    #[serde(default = "status_extension")]
    pub status_extension: String,
    /// How much of an answer is read.
    #[serde(default)]
    pub paging: PagingLimits,
    /// The headers that say who asks and why.
    #[serde(default)]
    pub headers: CallerHeaderNames,
}

/// Where a Coverage says what of a health card.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HealthCard {
    /// The Coverage's `type`; `"any"` where the server has health cards only.
    #[serde(deserialize_with = "scheme_or_any")]
    pub scheme: Option<Coding>,
    /// The identifier system of card numbers; without such an identifier `subscriberId` is read.
    pub card_system: String,
    /// The type of identifiers that are card numbers, where the system is not enough.
    pub card_type: Option<Coding>,
    /// What the values of `status_extension` mean; empty, they are in our words.
    pub status_codes: Codes,
    /// The code of the `class` that is the group of insured persons; empty where there is none.
    pub group_class: String,
    /// What the groups mean; empty, they are in our words.
    pub group_codes: Codes,
    /// The code of the `class` that is the benefit level; empty where there is none.
    pub level_class: String,
    /// Extension: how many per cent of the cost are paid.
    pub coverage_percent: String,
    /// Extension: reference to the facility of first registration.
    pub facility: String,
    /// The identifier system of facility codes.
    pub facility_system: String,
    /// Extension: from when five years without a gap are reached.
    pub five_years_from: String,
}

/// Where a Coverage says what of a social-insurance record.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SocialRecord {
    /// The Coverage's `type`; `"any"` where the server has social-insurance records only.
    #[serde(deserialize_with = "scheme_or_any")]
    pub scheme: Option<Coding>,
    /// The identifier system of social-insurance numbers.
    pub number_system: String,
    /// The type of identifiers that are social-insurance numbers, where the system is not enough.
    pub number_type: Option<Coding>,
    /// What the values of `status_extension` mean; empty, they are in our words.
    pub status_codes: Codes,
    /// Extension: compulsory or voluntary.
    pub kind: String,
    /// What the values of that extension mean; empty, they are in our words.
    pub kind_codes: Codes,
    /// Extension: months of contribution.
    pub contribution_months: String,
    /// Extension: months of contribution to unemployment insurance.
    pub unemployment_months: String,
    /// Extension: the last month of contribution.
    pub last_contribution: String,
    /// Extension: the salary that contributions are counted from, as Money in VND.
    pub salary: String,
    /// Extension: reference to the employer.
    pub employer: String,
    /// The identifier system of employer codes.
    pub employer_system: String,
}

impl Config {
    /// The Vietnamese defaults for one address. The bearer token is in `http`.
    #[must_use]
    pub fn new(base_url: Url) -> Self {
        Self {
            registry: registry(),
            http: HttpConfig::new(base_url),
            serves: Serves::default(),
            person_system: person_system(),
            person_type: None,
            search: Search::default(),
            trailing_slash: false,
            beneficiary_parameter: beneficiary_parameter(),
            utc_offset: UtcOffset::default(),
            ask_elements: true,
            ask_type: true,
            page_size: page_size(),
            health: HealthCard::default(),
            social: SocialRecord::default(),
            status_extension: status_extension(),
            paging: PagingLimits::default(),
            headers: CallerHeaderNames::default(),
        }
    }
}

impl Config {
    /// The identifiers that are personal numbers.
    pub(crate) fn persons(&self) -> Identifiers<'_> {
        Identifiers {
            system: &self.person_system,
            kind: self.person_type.as_ref(),
        }
    }

    /// Checks what cannot be checked while reading.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.person_system.is_empty() && self.person_type.is_none() {
            let reason =
                "is empty, so `person_type` must say which identifiers are personal numbers";
            return Err(ConfigError::setting("person_system", reason));
        }
        if self.beneficiary_parameter.is_empty() {
            let reason = "must name a search parameter, as in beneficiary or patient";
            return Err(ConfigError::setting("beneficiary_parameter", reason));
        }
        Ok(())
    }
}

impl Default for HealthCard {
    fn default() -> Self {
        Self {
            scheme: Some(scheme("BHYT")),
            card_system: "http://fhir.ehealth.gov.vn/core/sid/insurance_number".to_owned(),
            card_type: None,
            status_codes: Codes::default(),
            group_class: "group".to_owned(),
            group_codes: Codes::default(),
            level_class: "plan".to_owned(),
            coverage_percent: extension("coverage-percent"),
            facility: extension("care-facility"),
            facility_system: "https://motlan.gov.vn/fhir/sid/facility-code".to_owned(),
            five_years_from: extension("five-years-from"),
        }
    }
}

impl Default for SocialRecord {
    fn default() -> Self {
        Self {
            scheme: Some(scheme("BHXH")),
            number_system: "https://motlan.gov.vn/fhir/sid/social-insurance-number".to_owned(),
            number_type: None,
            status_codes: Codes::default(),
            kind: extension("insurance-kind"),
            kind_codes: Codes::default(),
            contribution_months: extension("contribution-months"),
            unemployment_months: extension("unemployment-months"),
            last_contribution: extension("last-contribution"),
            salary: extension("contribution-salary"),
            employer: extension("employer"),
            employer_system: "https://motlan.gov.vn/fhir/sid/employer-code".to_owned(),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "a constant of this file, read by every test"
)]
fn registry() -> RegistryId {
    "insurance"
        .parse()
        .expect("a constant registry id is valid")
}

fn scheme(code: &str) -> Coding {
    Coding {
        system: "https://motlan.gov.vn/fhir/CodeSystem/insurance-scheme".to_owned(),
        code: code.to_owned(),
    }
}

fn extension(name: &str) -> String {
    format!("{EXTENSION_BASE}{name}")
}

/// The 12-digit number; vn-core calls the old nine-digit one `citizen_id`.
fn person_system() -> String {
    "http://fhir.ehealth.gov.vn/core/sid/national_id".to_owned()
}

fn beneficiary_parameter() -> String {
    "beneficiary".to_owned()
}

fn status_extension() -> String {
    extension("insurance-status")
}

const fn page_size() -> u32 {
    50
}

const fn yes() -> bool {
    true
}
