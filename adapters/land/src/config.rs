//! Configuration: how one land registry is asked, and what its properties mean.

use motlan_adapter_sdk::{
    caller_headers::CallerHeaderNames,
    field_map::{Field, FieldKind, FieldMap},
    http::HttpConfig,
    ogc::{Comparison, Parameters, Search},
    paging::PagingLimits,
};
use motlan_schemas::ids::RegistryId;
use serde::Deserialize;
use url::Url;

/// One collection of parcels on one OGC API – Features server. `examples/pygeoapi.toml` and
/// `examples/gokoala.toml` are two for foreign servers.
///
/// ```
/// let config: motlan_land::Config = serde_json::from_str(r#"{
///     "registry": "land_hanoi",
///     "http": {"base_url": "https://dat-dai.example/ogc/v1"},
///     "collection": "thua_dat",
///     "search": "get"
/// }"#).unwrap();
/// assert_eq!(config.owner_ids, "soDinhDanhNguoiSuDung");
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The registry's id.
    #[serde(default = "registry")]
    pub registry: RegistryId,
    /// Where the server's landing page is, and how it is reached.
    pub http: HttpConfig,
    /// The collection of parcels.
    #[serde(default = "collection")]
    pub collection: String,
    /// How it is searched. `post` keeps the personal number out of URLs; `get` is for servers that
    /// know no other way.
    #[serde(default)]
    pub search: Search,
    /// The queryable that holds the personal numbers of a parcel's users.
    #[serde(default = "owner_ids")]
    pub owner_queryable: String,
    /// Whether that queryable is a list (`contains`) or a single number (`equals`).
    #[serde(default)]
    pub owner_comparison: Comparison,
    /// The property with the personal numbers of a parcel's users: a number, or a list of them. It is
    /// always asked for, because no filter is trusted.
    #[serde(default = "owner_ids")]
    pub owner_ids: String,
    /// What stands between the numbers, where the server writes a list of them as one text.
    #[serde(default)]
    pub owner_ids_separator: String,
    /// The list of users with names and shares, asked for only where these are permitted.
    #[serde(default)]
    pub owners: OwnerProperties,
    /// Where each other attribute comes from. A map in the configuration replaces this one.
    #[serde(default = "attributes")]
    pub attributes: FieldMap,
    /// The attribute that the feature's own `id`, beside its properties, is; empty: none.
    #[serde(default)]
    pub id_attribute: String,
    /// What the server calls the parameters that not every server has.
    #[serde(default)]
    pub parameters: Parameters,
    /// How many features a page should have; the server may lower it.
    #[serde(default = "page_size")]
    pub page_size: u32,
    /// How much of an answer is read.
    #[serde(default)]
    pub paging: PagingLimits,
    /// The headers that say who asks and why.
    #[serde(default)]
    pub headers: CallerHeaderNames,
}

/// The property that lists a parcel's users, and the members of its items.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnerProperties {
    /// The list; empty where the server has none.
    pub property: String,
    /// The personal number of a user.
    pub personal_id: String,
    /// The name.
    pub full_name: String,
    /// The share, as a fraction: `1/2`.
    pub share: String,
}

impl Config {
    /// The Vietnamese defaults for one address.
    #[must_use]
    pub fn new(base_url: Url) -> Self {
        Self {
            registry: registry(),
            http: HttpConfig::new(base_url),
            collection: collection(),
            search: Search::default(),
            owner_queryable: owner_ids(),
            owner_comparison: Comparison::default(),
            owner_ids: owner_ids(),
            owner_ids_separator: String::new(),
            owners: OwnerProperties::default(),
            attributes: attributes(),
            id_attribute: String::new(),
            parameters: Parameters::default(),
            page_size: page_size(),
            paging: PagingLimits::default(),
            headers: CallerHeaderNames::default(),
        }
    }
}

impl Default for OwnerProperties {
    fn default() -> Self {
        Self {
            property: "nguoiSuDung".to_owned(),
            personal_id: "soDinhDanh".to_owned(),
            full_name: "hoTen".to_owned(),
            share: "phan".to_owned(),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "a constant of this file, read by every test"
)]
fn registry() -> RegistryId {
    "land".parse().expect("a constant registry id is valid")
}

fn collection() -> String {
    "parcels".to_owned()
}

fn owner_ids() -> String {
    "soDinhDanhNguoiSuDung".to_owned()
}

const fn page_size() -> u32 {
    100
}

fn attributes() -> FieldMap {
    let number = |path| Field::of(FieldKind::Number, path);
    let term = |path| Field::of(FieldKind::Date, path).codes([("LAU_DAI", "long_term")]);
    let land_uses = FieldMap::new([
        ("code", Field::text("ma")),
        ("area_m2", number("dienTich")),
        ("until", term("thoiHan")),
    ]);
    let encumbrances = FieldMap::new([
        (
            "kind",
            Field::text("loai").codes([
                ("THE_CHAP", "mortgage"),
                ("KE_BIEN", "seizure"),
                ("HAN_CHE", "restriction"),
            ]),
        ),
        ("holder", Field::text("benNhan")),
        ("since", Field::of(FieldKind::Date, "tuNgay")),
        ("reference", Field::text("soHieu")),
    ]);
    let assets = FieldMap::new([
        (
            "kind",
            Field::text("loai").codes([
                ("NHA_O", "house"),
                ("CAN_HO", "apartment"),
                ("CONG_TRINH", "construction"),
                ("RUNG_TRONG", "planted_forest"),
                ("CAY_LAU_NAM", "perennial_trees"),
            ]),
        ),
        ("area_m2", number("dienTich")),
        ("floors", Field::of(FieldKind::Integer, "soTang")),
    ]);
    FieldMap::new([
        ("parcel_id", Field::text("maThua")),
        ("province", Field::text("maTinh")),
        ("commune", Field::text("maXa")),
        ("old_commune", Field::text("tenXaCu")),
        ("map_sheet", Field::text("soTo")),
        ("parcel_number", Field::text("soThua")),
        ("address", Field::text("diaChi")),
        ("area_m2", number("dienTich")),
        ("land_uses", Field::list("loaiDat", land_uses)),
        (
            "tenure",
            Field::text("hinhThucSuDung").codes([("RIENG", "sole"), ("CHUNG", "common")]),
        ),
        ("use_until", term("thoiHanSuDung")),
        ("origin", Field::text("nguonGoc")),
        ("certificate_number", Field::text("soPhatHanh")),
        ("certificate_book_number", Field::text("soVaoSo")),
        ("certificate_date", Field::of(FieldKind::Date, "ngayCap")),
        ("certificate_office", Field::text("coQuanCap")),
        ("encumbrances", Field::list("hanChe", encumbrances)),
        ("attached_assets", Field::list("taiSan", assets)),
        ("disputed", Field::of(FieldKind::Flag, "dangTranhChap")),
    ])
}
