//! Configuration: how one business registry is asked, and what its fields mean.

use motlan_adapter_sdk::{
    caller_headers::CallerHeaderNames,
    field_map::{Field, FieldKind, FieldMap},
    http::HttpConfig,
    paging::PagingLimits,
    serves::Serves,
};
use motlan_schemas::ids::RegistryId;
use serde::Deserialize;
use url::Url;

/// One business registry that speaks REST with HAL. `examples/brreg.toml` is one for a
/// Norwegian-style register.
///
/// ```
/// let config: motlan_business_registry::Config = serde_json::from_str(r#"{
///     "registry": "business",
///     "http": {"base_url": "https://register.example/api"},
///     "profile": {"path": "enheter/{code}", "fields_parameter": "", "code": "organisasjonsnummer",
///                 "deleted_on": "slettedato",
///                 "attributes": {"enterprise_code": "organisasjonsnummer", "name": "navn"}}
/// }"#).unwrap();
/// assert_eq!(config.roles.path, "roles/search");
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The registry's id.
    #[serde(default = "registry")]
    pub registry: RegistryId,
    /// How it is reached.
    pub http: HttpConfig,
    /// The datasets that the registry has; absent, all three.
    #[serde(default)]
    pub serves: Serves,
    /// What is accepted of it.
    #[serde(default = "media_type")]
    pub media_type: String,
    /// A path that answers without personal data, for the question whether the registry is there.
    #[serde(default)]
    pub health_path: String,
    /// `business.roles`: what a person is in enterprises.
    #[serde(default)]
    pub roles: Roles,
    /// `business.profile`: one enterprise.
    #[serde(default)]
    pub profile: Profile,
    /// `business.owners`: who owns an enterprise.
    #[serde(default)]
    pub owners: Owners,
    /// How much of an answer is read.
    #[serde(default)]
    pub paging: PagingLimits,
    /// The headers that say who asks and why.
    #[serde(default)]
    pub headers: CallerHeaderNames,
}

/// A search by posting; the names are those of the posted object's members. Or a list that is got, if
/// the path has the person in it; the names are then those of the query's parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Roles {
    /// Where the search is posted to; or where a person's list is, with `{person}` for the number.
    pub path: String,
    /// Allows a path with `{person}`, which brings the number into the logs of every proxy on the way.
    pub subject_in_url: bool,
    /// The list's name in `_embedded`.
    pub embedded: String,
    /// Member for the personal number.
    pub subject_parameter: String,
    /// Member for the fields that are asked for; empty where the registry knows no such thing.
    pub fields_parameter: String,
    /// Member for the number of the page, counted from zero; empty where there is none.
    pub page_parameter: String,
    /// Member for the size of a page; empty where there is none.
    pub size_parameter: String,
    /// The size of a page; the registry may lower it.
    pub page_size: u32,
    /// The field of a role that names its holder's number. It is always asked for.
    pub holder: String,
    /// Where each attribute comes from. A map in the configuration replaces this one.
    pub attributes: FieldMap,
}

/// One enterprise by its code.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Where an enterprise is; `{code}` stands for its code.
    pub path: String,
    /// The query parameter for the fields that are asked for; empty where there is none.
    pub fields_parameter: String,
    /// The field with the enterprise's code. It is always asked for.
    pub code: String,
    /// The field with the date on which a dissolved enterprise left the register, whatever its status
    /// says. Empty where there is none.
    pub deleted_on: String,
    /// Where each attribute comes from. A map in the configuration replaces this one.
    pub attributes: FieldMap,
}

/// Owners as statements of the Beneficial Ownership Data Standard 0.4; or as records of the registry's
/// own, if `attributes` says where in them each attribute stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Owners {
    /// Where an enterprise's statements or records are; `{code}` stands for its code.
    pub path: String,
    /// The identifier schemes of enterprise codes.
    pub enterprise_schemes: Vec<String>,
    /// The identifier schemes of personal numbers.
    pub person_schemes: Vec<String>,
    /// Records: where they are in the document; `*` is every item of a list.
    pub list: String,
    /// Records: where the document says which enterprise it is about, by its code or by an address
    /// with the code in it.
    pub code: String,
    /// Records: the conditions that each must fulfil to be an owner.
    pub keep: Vec<Condition>,
    /// Records: the conditions of which each that fulfils one is none, such as having left.
    pub drop: Vec<Condition>,
    /// Records: where each attribute comes from. Absent, the document is BODS.
    pub attributes: Option<FieldMap>,
}

/// That the value at a path is one of some texts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Where the value is.
    pub path: String,
    /// What it may be.
    pub is: Vec<String>,
}

impl Config {
    /// The Vietnamese defaults for one address.
    #[must_use]
    pub fn new(base_url: Url) -> Self {
        Self {
            registry: registry(),
            http: HttpConfig::new(base_url),
            serves: Serves::default(),
            media_type: media_type(),
            health_path: String::new(),
            roles: Roles::default(),
            profile: Profile::default(),
            owners: Owners::default(),
            paging: PagingLimits::default(),
            headers: CallerHeaderNames::default(),
        }
    }
}

impl Default for Roles {
    fn default() -> Self {
        Self {
            path: "roles/search".to_owned(),
            subject_in_url: false,
            embedded: "roles".to_owned(),
            subject_parameter: "personalNumber".to_owned(),
            fields_parameter: "fields".to_owned(),
            page_parameter: "page".to_owned(),
            size_parameter: "size".to_owned(),
            page_size: 100,
            holder: "holder.personalNumber".to_owned(),
            attributes: FieldMap::new([
                ("enterprise_code", Field::text("enterprise.code")),
                ("enterprise_name", Field::text("enterprise.name")),
                ("enterprise_status", enterprise_status("enterprise.status")),
                (
                    "role",
                    Field::text("role.code").codes([
                        ("CSH", "owner"),
                        ("DDPL", "legal_representative"),
                        ("GD", "director"),
                        ("CT", "chair"),
                        ("TVGV", "member"),
                        ("CD", "shareholder"),
                        ("CSHHL", "beneficial_owner"),
                    ]),
                ),
                ("since", Field::of(FieldKind::Date, "from")),
                ("until", Field::of(FieldKind::Date, "to")),
                (
                    "share_percent",
                    Field::of(FieldKind::Number, "sharePercent"),
                ),
                (
                    "capital_contribution_vnd",
                    Field::of(FieldKind::Integer, "capitalContribution"),
                ),
            ]),
        }
    }
}

impl Default for Profile {
    fn default() -> Self {
        let industries = FieldMap::new([
            ("code", Field::text("code")),
            ("title", Field::text("title")),
            ("main", Field::of(FieldKind::Flag, "main")),
        ]);
        let representatives = FieldMap::new([
            ("full_name", Field::text("name")),
            ("personal_id", Field::text("personalNumber")),
            ("title", Field::text("title")),
        ]);
        Self {
            path: "enterprises/{code}".to_owned(),
            fields_parameter: "fields".to_owned(),
            code: "code".to_owned(),
            deleted_on: "deletedOn".to_owned(),
            attributes: FieldMap::new([
                ("enterprise_code", Field::text("code")),
                ("name", Field::text("name")),
                ("name_foreign", Field::text("nameForeign")),
                ("name_short", Field::text("nameShort")),
                (
                    "legal_form",
                    Field::text("legalForm.code").codes([
                        ("DNTN", "private_enterprise"),
                        ("TNHH1TV", "single_member_llc"),
                        ("TNHH2TV", "multi_member_llc"),
                        ("CTCP", "joint_stock"),
                        ("CTHD", "partnership"),
                        ("CN", "branch"),
                    ]),
                ),
                ("status", enterprise_status("status")),
                ("registered_on", Field::of(FieldKind::Date, "registeredOn")),
                ("address", Field::text("address.text")),
                ("commune", Field::text("address.communeCode")),
                ("province", Field::text("address.provinceCode")),
                (
                    "charter_capital_vnd",
                    Field::of(FieldKind::Integer, "charterCapital"),
                ),
                ("industries", Field::list("industries", industries)),
                (
                    "legal_representatives",
                    Field::list("legalRepresentatives", representatives),
                ),
                ("parent_code", Field::text("parentCode")),
                ("phone", Field::text("phone")),
                ("email", Field::text("email")),
                (
                    "under_investigation",
                    Field::of(FieldKind::Flag, "underInvestigation"),
                ),
            ]),
        }
    }
}

impl Default for Owners {
    fn default() -> Self {
        Self {
            path: "enterprises/{code}/ownership".to_owned(),
            enterprise_schemes: vec!["VN-MSDN".to_owned()],
            person_schemes: vec!["VN-DDCN".to_owned()],
            list: String::new(),
            code: String::new(),
            keep: Vec::new(),
            drop: Vec::new(),
            attributes: None,
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "a constant of this file, read by every test"
)]
fn registry() -> RegistryId {
    "business".parse().expect("a constant registry id is valid")
}

fn enterprise_status(path: &str) -> Field {
    Field::text(path).codes([
        ("DANG_HOAT_DONG", "active"),
        ("TAM_NGUNG", "suspended"),
        ("DA_GIAI_THE", "dissolved"),
    ])
}

fn media_type() -> String {
    "application/hal+json, application/json;q=0.9".to_owned()
}
