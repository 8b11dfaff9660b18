//! A parcel as the land registry writes it: a GeoJSON feature with Vietnamese property names.

use crate::{
    exchange::{with, without_nulls},
    people::facts::{AssetKind, EncumbranceKind, Parcel, Tenure, UseUntil},
};
use serde_json::{Value, json};

/// The properties that a client may ask for.
pub(super) const PROPERTIES: [&str; 21] = [
    "maThua",
    "maTinh",
    "maXa",
    "tenXaCu",
    "soTo",
    "soThua",
    "diaChi",
    "dienTich",
    "loaiDat",
    "hinhThucSuDung",
    "thoiHanSuDung",
    "nguonGoc",
    "soPhatHanh",
    "soVaoSo",
    "ngayCap",
    "coQuanCap",
    "soDinhDanhNguoiSuDung",
    "nguoiSuDung",
    "hanChe",
    "taiSan",
    "dangTranhChap",
];

/// The feature.
pub(super) fn feature(parcel: &Parcel, properties: &Value, skip_geometry: bool) -> Value {
    json!({
        "type": "Feature",
        "id": parcel.parcel_id,
        "geometry": if skip_geometry { Value::Null } else { outline(parcel) },
        "properties": properties,
    })
}

/// With properties that nobody asked for and no client knows.
pub(super) fn with_more(properties: Value) -> Value {
    let more = json!({"giaDatThamKhao": 85_000_000, "ghiChuNoiBo": "hồ sơ gốc lưu tại kho"});
    with(properties, more)
}

/// The properties, in which `owner` is the number of the person whose parcel it is.
pub(super) fn properties(parcel: &Parcel, owner: &str, name: Option<&str>) -> Value {
    let others = parcel.co_owners.iter();
    let owner_entry = json!({"hoTen": name, "soDinhDanh": owner, "phan": parcel.share});
    let owners: Vec<Value> =
        std::iter::once(owner_entry)
            .chain(others.clone().map(
                |o| json!({"hoTen": o.full_name, "soDinhDanh": o.personal_id, "phan": o.share}),
            ))
            .collect();
    let numbers: Vec<&str> = std::iter::once(owner)
        .chain(others.filter_map(|other| other.personal_id.as_deref()))
        .collect();
    let land_uses = parcel.land_uses.iter();
    let land_uses =
        land_uses.map(|u| json!({"ma": u.code, "dienTich": u.area_m2, "thoiHan": term(u.until)}));
    let restrictions = parcel.encumbrances.iter();
    let restrictions = restrictions.map(|e| {
        json!({"loai": restriction(e.kind), "benNhan": e.holder, "tuNgay": day(&e.since.to_string()), "soHieu": e.reference})
    });
    let assets = parcel.attached_assets.iter();
    let assets =
        assets.map(|a| json!({"loai": asset(a.kind), "dienTich": a.area_m2, "soTang": a.floors}));
    without_nulls(json!({
        "maThua": parcel.parcel_id,
        "maTinh": parcel.province,
        "maXa": parcel.commune,
        "tenXaCu": parcel.old_commune,
        "soTo": parcel.map_sheet,
        "soThua": parcel.parcel_number,
        "diaChi": parcel.address,
        "dienTich": parcel.area_m2,
        "loaiDat": land_uses.collect::<Vec<_>>(),
        "hinhThucSuDung": match parcel.tenure { Tenure::Sole => "RIENG", Tenure::Common => "CHUNG" },
        "thoiHanSuDung": term(parcel.use_until),
        "nguonGoc": parcel.origin,
        "soPhatHanh": parcel.certificate_number,
        "soVaoSo": parcel.certificate_book_number,
        "ngayCap": parcel.certificate_date.map(|date| day(&date.to_string())),
        "coQuanCap": parcel.certificate_office,
        "soDinhDanhNguoiSuDung": numbers,
        "nguoiSuDung": owners,
        "hanChe": restrictions.collect::<Vec<_>>(),
        "taiSan": assets.collect::<Vec<_>>(),
        "dangTranhChap": parcel.disputed,
    }))
}

/// Land offices write the day first.
fn day(date: &str) -> String {
    let mut parts: Vec<&str> = date.split('-').collect();
    parts.reverse();
    parts.join("/")
}

fn term(until: UseUntil) -> String {
    match until {
        UseUntil::LongTerm => "LAU_DAI".to_owned(),
        UseUntil::Date(date) => day(&date.to_string()),
    }
}

fn restriction(kind: EncumbranceKind) -> &'static str {
    match kind {
        EncumbranceKind::Mortgage => "THE_CHAP",
        EncumbranceKind::Seizure => "KE_BIEN",
        EncumbranceKind::Restriction => "HAN_CHE",
    }
}

fn asset(kind: AssetKind) -> &'static str {
    match kind {
        AssetKind::House => "NHA_O",
        AssetKind::Apartment => "CAN_HO",
        AssetKind::Construction => "CONG_TRINH",
        AssetKind::PlantedForest => "RUNG_TRONG",
        AssetKind::PerennialTrees => "CAY_LAU_NAM",
    }
}

/// A square of the parcel's area somewhere in Hà Nội: the sandbox has no map.
fn outline(parcel: &Parcel) -> Value {
    let side = parcel.area_m2.sqrt() / METRES_A_DEGREE;
    let (west, south) = (105.81, 21.03);
    let (east, north) = (west + side, south + side);
    json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]})
}

const METRES_A_DEGREE: f64 = 111_000.0;
