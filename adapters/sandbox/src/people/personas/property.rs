//! The personas' land and Lan's company.

use super::{ENTERPRISE, HAI, HOA, LAN, MINH, TUAN, civil::name_and_birth};
use crate::people::{
    draw::date,
    facts::{
        AssetKind, AttachedAsset, CoOwner, CompanyRole, Directness, Encumbrance, EncumbranceKind,
        Enterprise, EnterpriseStatus, Industry, Interest, LandUse, LegalForm, LegalRepresentative,
        Owner, OwnerKind, Parcel, RoleKind, Tenure, UseUntil,
    },
};
use motlan_schemas::date::PartialDate;

pub(super) const COMPANY_NAME: &str = "CÔNG TY TNHH MỘT THÀNH VIÊN MAY MẶC HOÀI AN";
const CHARTER_CAPITAL_VND: u64 = 1_900_000_000;

fn day(year: i16, month: i8, day: i8) -> PartialDate {
    PartialDate::Full(date(year, month, day))
}

fn registered_on() -> PartialDate {
    day(2019, 4, 16)
}

pub(in crate::people) fn roles(number: &str) -> Vec<CompanyRole> {
    if number != LAN {
        return Vec::new();
    }
    let role = |role, owning: bool| CompanyRole {
        enterprise_code: ENTERPRISE.to_owned(),
        enterprise_name: COMPANY_NAME.to_owned(),
        enterprise_status: EnterpriseStatus::Active,
        role,
        since: registered_on(),
        until: None,
        share_percent: owning.then_some(100.0),
        capital_contribution_vnd: owning.then_some(CHARTER_CAPITAL_VND),
    };
    vec![
        role(RoleKind::Owner, true),
        role(RoleKind::LegalRepresentative, false),
        role(RoleKind::Director, false),
        role(RoleKind::BeneficialOwner, true),
    ]
}

pub(in crate::people) fn enterprise(code: &str) -> Option<Enterprise> {
    let (full_name, born) = name_and_birth(LAN)?;
    (code == ENTERPRISE).then(|| Enterprise {
        enterprise_code: ENTERPRISE.to_owned(),
        name: COMPANY_NAME.to_owned(),
        name_foreign: Some("HOAI AN GARMENT ONE MEMBER CO., LTD".to_owned()),
        name_short: Some("HOAI AN".to_owned()),
        legal_form: LegalForm::SingleMemberLlc,
        status: EnterpriseStatus::Active,
        registered_on: registered_on(),
        address: "Số 102 phố Kim Mã, phường Giảng Võ, thành phố Hà Nội".to_owned(),
        commune: GIANG_VO.to_owned(),
        province: HA_NOI.to_owned(),
        charter_capital_vnd: CHARTER_CAPITAL_VND,
        industries: vec![
            Industry {
                code: "1410",
                title: "May trang phục (trừ trang phục từ da lông thú)",
                main: true,
            },
            Industry {
                code: "4641",
                title: "Bán buôn vải, hàng may mặc, giày dép",
                main: false,
            },
        ],
        legal_representatives: vec![LegalRepresentative {
            full_name: full_name.to_owned(),
            personal_id: LAN.to_owned(),
            title: "Giám đốc",
        }],
        parent_code: None,
        phone: Some("0900000123".to_owned()),
        email: Some("lienhe@hoaian.example.vn".to_owned()),
        owners: vec![Owner {
            owner_kind: OwnerKind::Person,
            full_name: full_name.to_owned(),
            personal_id: Some(LAN.to_owned()),
            enterprise_code: None,
            nationality: Some("VN"),
            birth_date: Some(born),
            interest: Interest::Shareholding,
            directness: Directness::Direct,
            beneficial: true,
            share_percent: Some(100.0),
            since: Some(registered_on()),
        }],
        under_investigation: false,
    })
}

const HA_NOI: &str = "01";
const BA_DINH: &str = "00004";
const GIANG_VO: &str = "00025";
const OFFICE: &str = "Văn phòng đăng ký đất đai Thành phố Hà Nội";

pub(in crate::people) fn parcels(number: &str) -> Vec<Parcel> {
    let mut parcels = Vec::new();
    let mut add = |parcel: Parcel, holders: &[&str]| {
        if holders.contains(&number) {
            parcels.push(held_by(parcel, holders, number));
        }
    };
    add(house_of_lan(), &[LAN, HAI]);
    add(orchard(), &[LAN, HAI, TUAN]);
    add(house_of_minh(), &[MINH]);
    add(house_of_hoa(), &[HOA]);
    parcels
}

/// The parcel as one of its holders sees it.
fn held_by(parcel: Parcel, holders: &[&str], subject: &str) -> Parcel {
    let share = format!("1/{}", holders.len());
    let others = holders.iter().filter(|holder| **holder != subject);
    let co_owners = others.filter_map(|holder| {
        let (full_name, _) = name_and_birth(holder)?;
        Some(CoOwner {
            full_name: full_name.to_owned(),
            personal_id: Some((*holder).to_owned()),
            share: share.clone(),
        })
    });
    Parcel {
        co_owners: co_owners.collect(),
        tenure: if holders.len() > 1 {
            Tenure::Common
        } else {
            Tenure::Sole
        },
        share,
        ..parcel
    }
}

fn house_of_lan() -> Parcel {
    Parcel {
        encumbrances: vec![Encumbrance {
            kind: EncumbranceKind::Mortgage,
            holder: "Ngân hàng TMCP Ngoại thương Việt Nam".to_owned(),
            since: day(2021, 9, 30),
            reference: Some("4410/HĐTC".to_owned()),
        }],
        ..urban_house("0000410000015", "12", "154", 86.4, 72.0)
    }
}

fn house_of_minh() -> Parcel {
    Parcel {
        certificate_number: Some("BK 00345678".to_owned()),
        certificate_date: Some(day(1996, 6, 3)),
        ..urban_house("0000410000008", "7", "31", 64.0, 48.5)
    }
}

/// An old paper, of which little has been entered.
fn house_of_hoa() -> Parcel {
    Parcel {
        origin: None,
        certificate_number: None,
        certificate_book_number: None,
        certificate_date: None,
        certificate_office: None,
        attached_assets: Vec::new(),
        ..urban_house("0000410000003", "12", "160", 31.2, 30.0)
    }
}

fn urban_house(id: &str, map_sheet: &str, parcel_number: &str, area: f64, built: f64) -> Parcel {
    Parcel {
        parcel_id: id.to_owned(),
        province: HA_NOI.to_owned(),
        commune: BA_DINH.to_owned(),
        old_commune: Some("Phường Đội Cấn".to_owned()),
        map_sheet: map_sheet.to_owned(),
        parcel_number: parcel_number.to_owned(),
        address: Some("phường Ba Đình, thành phố Hà Nội".to_owned()),
        area_m2: area,
        land_uses: vec![LandUse {
            code: "ODT",
            area_m2: area,
            until: UseUntil::LongTerm,
        }],
        tenure: Tenure::Sole,
        use_until: UseUntil::LongTerm,
        origin: Some("Nhận chuyển nhượng quyền sử dụng đất"),
        certificate_number: Some("CD 01234567".to_owned()),
        certificate_book_number: Some("CS01542".to_owned()),
        certificate_date: Some(day(2015, 8, 21)),
        certificate_office: Some(OFFICE.to_owned()),
        share: "1/1".to_owned(),
        co_owners: Vec::new(),
        encumbrances: Vec::new(),
        attached_assets: vec![AttachedAsset {
            kind: AssetKind::House,
            area_m2: built,
            floors: Some(4),
        }],
        disputed: false,
    }
}

/// The parcel that Lan and Hải share with Tuấn: a house with an orchard in the Mekong delta, two uses
/// on one paper. It is kept by another land office than their house in Hà Nội.
fn orchard() -> Parcel {
    let until_2063 = UseUntil::Date(day(2063, 10, 15));
    Parcel {
        province: DONG_THAP.to_owned(),
        old_commune: Some("Xã Đông Hòa Hiệp".to_owned()),
        commune: CAI_BE.to_owned(),
        address: Some("Ấp Phú Hòa, xã Cái Bè, tỉnh Đồng Tháp".to_owned()),
        land_uses: vec![
            LandUse {
                code: "ONT",
                area_m2: 300.0,
                until: UseUntil::LongTerm,
            },
            LandUse {
                code: "CLN",
                area_m2: 1150.5,
                until: until_2063,
            },
        ],
        certificate_number: Some("DB 00765432".to_owned()),
        certificate_book_number: Some("CS00897".to_owned()),
        certificate_date: Some(day(2020, 3, 11)),
        certificate_office: Some(OFFICE_OF_2020.to_owned()),
        ..urban_house("2836010000001", "45", "208", 1450.5, 96.0)
    }
}

const DONG_THAP: &str = "82";
const CAI_BE: &str = "28360";
/// Cái Bè was in Tiền Giang until Tiền Giang became part of Đồng Tháp in 2025.
const OFFICE_OF_2020: &str = "Văn phòng đăng ký đất đai Tỉnh Tiền Giang";
