//! Identity documents: what was issued, and what is still good.

use super::{
    cells::as_of,
    draw::{Draw, Topic, date},
    facts::{Birth, Document, DocumentKind, DocumentStatus},
    family::Life,
    places,
};
use jiff::civil::Date;
use motlan_schemas::date::PartialDate;

const CARD_OFFICE: &str = "Cục Cảnh sát quản lý hành chính về trật tự xã hội";
const CARD_OFFICE_SINCE_2024: &str = "Bộ Công an";
const PASSPORT_OFFICE: &str = "Cục Quản lý xuất nhập cảnh";

pub(super) fn documents(seed: u64, life: &Life, birth: &Birth) -> Vec<Document> {
    let mut draw = Draw::new(seed, Topic::Documents, life.id());
    let mut documents = Vec::new();
    if life.age_on(as_of()) < 14 {
        documents.push(birth_certificate(life, birth));
    }
    let last_day = life.died.unwrap_or_else(as_of);
    if life.age_on(last_day) >= 14 {
        documents.extend(nine_digit_card(&mut draw, life));
        documents.extend(citizen_card(&mut draw, life, last_day));
        documents.extend(passport(&mut draw, life, last_day));
    }
    documents
}

fn birth_certificate(life: &Life, birth: &Birth) -> Document {
    Document {
        kind: DocumentKind::BirthCertificate,
        number: birth.registration.number.clone(),
        issued_on: birth.registration.date,
        issued_by: None,
        expires_on: None,
        status: status(life, None, false),
    }
}

/// The old paper card: expired with the year 2024 (Law 26/2023/QH15, Article 46).
fn nine_digit_card(draw: &mut Draw, life: &Life) -> Option<Document> {
    let (turned_14, last_issued) = (date(life.born.year() + 15, 1, 1), date(2020, 12, 31));
    if life.born.year() > 1999 || !draw.chance(6500) {
        return None;
    }
    let issued = draw.day_between(turned_14.max(date(2000, 1, 1)), last_issued);
    let end = date(2024, 12, 31);
    let alive_then = life.died.is_none_or(|died| died > issued);
    alive_then.then(|| Document {
        kind: DocumentKind::IdentityCardNineDigit,
        number: format!("{:09}", draw.between(10_000_000, 399_999_999)),
        issued_on: PartialDate::Full(issued),
        issued_by: Some(format!(
            "Công an {}",
            places::former_name(life.member.couple.province)
        )),
        expires_on: Some(PartialDate::Full(end)),
        status: status(life, Some(end), draw.chance(300)),
    })
}

/// The card that bears the personal number; renewed at 14, 25, 40 and 60.
fn citizen_card(draw: &mut Draw, life: &Life, last_day: Date) -> Option<Document> {
    let from = date(life.born.year() + 14, life.born.month(), 28).max(date(2021, 3, 1));
    if from > last_day || draw.chance(250) {
        return None;
    }
    let issued = draw.day_between(from, last_day);
    let age = life.age_on(issued);
    // A card issued within two years of the next age is good until the one after it.
    let until = [25, 40, 60].into_iter().find(|limit| age + 2 < *limit);
    let expires =
        until.map(|limit| date(life.born.year() + limit, life.born.month(), life.born.day()));
    let office = if issued < date(2024, 7, 1) {
        CARD_OFFICE
    } else {
        CARD_OFFICE_SINCE_2024
    };
    Some(Document {
        kind: DocumentKind::CitizenCard,
        number: life.number.text(),
        issued_on: PartialDate::Full(issued),
        issued_by: Some(office.to_owned()),
        expires_on: expires.map(PartialDate::Full),
        status: status(life, expires, draw.chance(80)),
    })
}

fn passport(draw: &mut Draw, life: &Life, last_day: Date) -> Option<Document> {
    let from = date(life.born.year() + 14, 12, 31).max(date(2014, 1, 1));
    if from > last_day || !draw.chance(1400) {
        return None;
    }
    let issued = draw.day_between(from, last_day);
    let expires = date(issued.year() + 10, issued.month(), issued.day().min(28));
    let letter = if issued < date(2022, 7, 1) { "C" } else { "P" };
    Some(Document {
        kind: DocumentKind::Passport,
        number: format!("{letter}{:08}", draw.between(0, 99_999_999)),
        issued_on: PartialDate::Full(issued),
        issued_by: Some(PASSPORT_OFFICE.to_owned()),
        expires_on: Some(PartialDate::Full(expires)),
        status: status(life, Some(expires), draw.chance(150)),
    })
}

fn status(life: &Life, expires: Option<Date>, lost: bool) -> DocumentStatus {
    match expires {
        _ if !life.is_alive() => DocumentStatus::Revoked,
        _ if lost => DocumentStatus::Lost,
        Some(expires) if expires < as_of() => DocumentStatus::Expired,
        _ => DocumentStatus::Valid,
    }
}
