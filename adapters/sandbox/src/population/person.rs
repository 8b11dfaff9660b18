//! A person in the register's own JSON.

use crate::{
    exchange::without_nulls,
    people::facts::{
        Document, DocumentKind, DocumentStatus, HouseholdMember, Person, PersonStatus,
        Relationship, Residence, Sex,
    },
};
use motlan_schemas::date::PartialDate;
use serde_json::{Map, Value, json};

/// Everything that may be asked for of a person. What is not recorded is absent.
pub(super) fn whole(person: &Person, household: &[HouseholdMember]) -> Value {
    let identity = &person.identity;
    let members: Vec<Value> = household.iter().map(member).collect();
    let household = household
        .first()
        .map(|first| json!({ "code": first.household_code, "members": members }));
    let (code, description) = match identity.status {
        PersonStatus::Active => ("A", "Đang sinh sống"),
        PersonStatus::Deceased => ("D", "Đã chết"),
        PersonStatus::Missing => ("M", "Mất tích"),
        PersonStatus::Emigrated => ("E", "Đã xuất cảnh định cư"),
    };
    without_nulls(json!({
        "personalNumber": identity.personal_id,
        "name": { "full": identity.full_name },
        "birth": { "date": date(Some(identity.birth_date)), "place": identity.birth_place },
        "sex": sex(identity.sex),
        "ethnicity": identity.ethnicity.map(|code| json!({ "code": code })),
        "religion": identity.religion,
        "nationality": { "code": identity.nationality },
        "homeTown": identity.home_town,
        "registration": { "status": { "code": code, "description": description } },
        "residence": person.residence.as_ref().map(residence),
        "household": household,
        "documents": person.documents.iter().map(document).collect::<Vec<_>>(),
    }))
}

/// Adds the flags, which come unasked; the investigation only of the parts that were asked for.
pub(super) fn add_flags(selected: &mut Value, person: &Person, fields: &[String]) {
    let Some(members) = selected.as_object_mut() else {
        return;
    };
    let residence = person.residence.as_ref();
    if person.identity.deceased {
        members.insert("deceased".to_owned(), Value::Bool(true));
    }
    if residence.is_some_and(|residence| residence.address_secret) {
        members.insert("addressSecret".to_owned(), Value::Bool(true));
    }
    let is_residence = |field: &String| field.starts_with("residence");
    let mut parts = Map::new();
    if person.identity.under_investigation && !fields.iter().all(is_residence) {
        parts.insert("identity".to_owned(), Value::Bool(true));
    }
    if residence.is_some_and(|residence| residence.under_investigation)
        && fields.iter().any(is_residence)
    {
        parts.insert("residence".to_owned(), Value::Bool(true));
    }
    if !parts.is_empty() {
        members.insert("underInvestigation".to_owned(), Value::Object(parts));
    }
}

/// Of a secret address only province and dates are given.
fn residence(residence: &Residence) -> Value {
    let open = !residence.address_secret;
    let temporary = residence.temporary.as_ref().map(|temporary| {
        json!({
            "address": open.then_some(&temporary.address),
            "communeCode": open.then_some(&temporary.commune),
            "provinceCode": temporary.province,
            "from": date(Some(temporary.from)),
            "until": date(temporary.until),
        })
    });
    json!({
        "permanent": {
            "address": open.then_some(&residence.permanent_address),
            "communeCode": open.then_some(&residence.permanent_commune),
            "provinceCode": residence.permanent_province,
            "since": date(residence.permanent_since),
        },
        "temporary": temporary,
        "current": open.then(|| json!({ "address": residence.current_address, "communeCode": residence.current_commune })),
    })
}

fn member(member: &HouseholdMember) -> Value {
    let (code, description) = match member.relationship {
        Relationship::Head => ("01", "Chủ hộ"),
        Relationship::Spouse => ("02", "Vợ/chồng"),
        Relationship::Child => ("03", "Con"),
        Relationship::Parent => ("04", "Bố/mẹ"),
        Relationship::Sibling => ("05", "Anh/chị/em"),
        Relationship::Grandchild => ("06", "Cháu"),
        Relationship::Other => ("99", "Khác"),
    };
    json!({
        "name": member.full_name,
        "personalNumber": member.personal_id,
        "relationship": { "code": code, "description": description },
        "sex": sex(member.sex),
        "birthDate": date(Some(member.birth_date)),
        "since": date(member.since),
    })
}

fn document(document: &Document) -> Value {
    let (kind, kind_text) = match document.kind {
        DocumentKind::CitizenCard => ("CCCD", "Thẻ căn cước"),
        DocumentKind::IdentityCardNineDigit => ("CMND", "Chứng minh nhân dân 9 số"),
        DocumentKind::Passport => ("HC", "Hộ chiếu"),
        DocumentKind::BirthCertificate => ("GKS", "Giấy khai sinh"),
    };
    let (status, status_text) = match document.status {
        DocumentStatus::Valid => ("V", "Còn hiệu lực"),
        DocumentStatus::Expired => ("E", "Hết hạn"),
        DocumentStatus::Revoked => ("R", "Thu hồi"),
        DocumentStatus::Lost => ("L", "Báo mất"),
    };
    json!({
        "kind": { "code": kind, "description": kind_text },
        "number": document.number,
        "issuedOn": date(Some(document.issued_on)),
        "issuedBy": document.issued_by,
        "expiresOn": date(document.expires_on),
        "status": { "code": status, "description": status_text },
    })
}

fn sex(sex: Sex) -> Value {
    match sex {
        Sex::Male => json!({ "code": "M", "description": "Nam" }),
        Sex::Female => json!({ "code": "F", "description": "Nữ" }),
    }
}

/// The date union: a whole date, a year and month, a year, or a date known not to be known.
fn date(date: Option<PartialDate>) -> Value {
    match date {
        Some(PartialDate::Full(date)) => json!({ "type": "Date", "date": date.to_string() }),
        Some(PartialDate::YearMonth(year, month)) => {
            json!({ "type": "YearMonth", "year": year, "month": month })
        }
        Some(PartialDate::Year(year)) => json!({ "type": "Year", "year": year }),
        None => json!({ "type": "UnknownDate", "unknown": true }),
    }
}
