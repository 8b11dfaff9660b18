//! The personas in the registers of civil status, identity and residence.

use super::{AN, HAI, HOA, LAN, MAI, MINH, PHUC, TUAN, guardianships};
use crate::people::{
    draw::date,
    facts::{
        Birth, Death, Document, DocumentKind, DocumentStatus, EndReason, HouseholdMember, Identity,
        MaritalState, MaritalStatus, Marriage, MarriageStatus, Parent, Person, PersonStatus,
        Registration, RegistrationKind, Relationship, Residence, Sex,
    },
};
use motlan_schemas::date::PartialDate;

/// Ba Đình, Đống Đa, Hoàn Kiếm and Cầu Giấy, Hà Nội.
const BA_DINH: &str = "00004";
const HA_NOI: &str = "01";
const KINH: &str = "01";
const VIETNAM: &str = "VN";
const HOME_OF_LAN: &str = "Số 15 phố Đội Cấn, phường Ba Đình, thành phố Hà Nội";
const HOME_OF_MINH: &str = "Số 8 phố Ngọc Hà, phường Ba Đình, thành phố Hà Nội";
const HOME_OF_HOA: &str = "Số 3 ngõ 27 phố Đội Cấn, phường Ba Đình, thành phố Hà Nội";
const HOME_OF_TUAN: &str = "Số 61 phố Vạn Phúc, phường Ba Đình, thành phố Hà Nội";

/// What differs from one persona to the next.
struct Sketch {
    number: &'static str,
    full_name: &'static str,
    born: PartialDate,
    sex: Sex,
    mother: Option<Parent>,
    father: Option<Parent>,
    home: &'static str,
    home_since: PartialDate,
}

pub(in crate::people) fn person(number: &str) -> Option<Person> {
    let sketch = sketch(number)?;
    let person = draft(&sketch);
    Some(match number {
        LAN => married(person, HAI),
        HAI => married(person, LAN),
        MINH => deceased(person),
        MAI => widowed(person),
        HOA => half_unknown(person),
        TUAN => secret(person),
        _ => child(person),
    })
}

pub(in crate::people) fn household(number: &str) -> Vec<HouseholdMember> {
    let (code, members): (_, &[(&str, Relationship)]) = match number {
        LAN | HAI | AN => (
            "0110000015",
            &[
                (HAI, Relationship::Head),
                (LAN, Relationship::Spouse),
                (AN, Relationship::Child),
            ],
        ),
        MAI | PHUC => (
            "0110000008",
            &[(MAI, Relationship::Head), (PHUC, Relationship::Grandchild)],
        ),
        HOA => ("0110000003", &[(HOA, Relationship::Head)]),
        TUAN => ("0110000061", &[(TUAN, Relationship::Head)]),
        _ => return Vec::new(),
    };
    let members = members.iter().filter_map(|(number, relationship)| {
        let sketch = sketch(number)?;
        Some(HouseholdMember {
            household_code: code.to_owned(),
            full_name: sketch.full_name.to_owned(),
            personal_id: (*number).to_owned(),
            relationship: *relationship,
            sex: sketch.sex,
            birth_date: sketch.born,
            since: Some(sketch.home_since),
        })
    });
    members.collect()
}

/// Name, birth date and more of a persona, for whoever names them.
pub(super) fn name_and_birth(number: &str) -> Option<(&'static str, PartialDate)> {
    sketch(number).map(|sketch| (sketch.full_name, sketch.born))
}

pub(super) fn day(year: i16, month: i8, day: i8) -> PartialDate {
    PartialDate::Full(date(year, month, day))
}

fn sketch(number: &str) -> Option<Sketch> {
    let on_paper = |name, year| Some(paper_parent(name, year));
    let sketch = |number, full_name, born, sex, mother, father, home, home_since| Sketch {
        number,
        full_name,
        born,
        sex,
        mother,
        father,
        home,
        home_since,
    };
    Some(match number {
        LAN => sketch(
            LAN,
            "NGUYỄN THỊ LAN",
            day(1985, 6, 12),
            Sex::Female,
            on_paper("HOÀNG THỊ CÚC", 1958),
            on_paper("NGUYỄN VĂN BÌNH", 1955),
            HOME_OF_LAN,
            day(2010, 12, 1),
        ),
        HAI => sketch(
            HAI,
            "TRẦN VĂN HẢI",
            day(1982, 9, 2),
            Sex::Male,
            on_paper("LÊ THỊ THƠM", 1957),
            on_paper("TRẦN VĂN SƠN", 1953),
            HOME_OF_LAN,
            day(2009, 5, 20),
        ),
        AN => sketch(
            AN,
            "TRẦN NGUYỄN HOÀI AN",
            day(2016, 3, 8),
            Sex::Female,
            registered_parent(LAN, HOME_OF_LAN),
            registered_parent(HAI, HOME_OF_LAN),
            HOME_OF_LAN,
            day(2016, 3, 8),
        ),
        MINH => sketch(
            MINH,
            "LÊ QUANG MINH",
            day(1958, 11, 23),
            Sex::Male,
            on_paper("PHẠM THỊ TƯ", 1933),
            on_paper("LÊ QUANG KỶ", 1930),
            HOME_OF_MINH,
            day(1990, 4, 1),
        ),
        MAI => sketch(
            MAI,
            "VŨ THỊ MAI",
            day(1961, 1, 30),
            Sex::Female,
            on_paper("ĐẶNG THỊ NĂM", 1937),
            None,
            HOME_OF_MINH,
            day(1990, 4, 1),
        ),
        HOA => sketch(
            HOA,
            "PHẠM THỊ HOA",
            PartialDate::Year(1958),
            Sex::Female,
            None,
            None,
            HOME_OF_HOA,
            PartialDate::Year(1999),
        ),
        TUAN => sketch(
            TUAN,
            "ĐỖ ANH TUẤN",
            day(1983, 2, 14),
            Sex::Male,
            on_paper("BÙI THỊ NGA", 1960),
            on_paper("ĐỖ ĐÌNH THÀNH", 1956),
            HOME_OF_TUAN,
            day(2018, 7, 9),
        ),
        // His mother, who died, was a daughter of Minh and Mai; no father is recorded.
        PHUC => sketch(
            PHUC,
            "LÊ HOÀNG PHÚC",
            day(2015, 10, 9),
            Sex::Male,
            on_paper("LÊ THU HÀ", 1988),
            None,
            HOME_OF_MINH,
            day(2019, 5, 6),
        ),
        _ => return None,
    })
}

fn paper_parent(full_name: &str, year: i16) -> Parent {
    Parent {
        full_name: full_name.to_owned(),
        personal_id: None,
        birth_date: Some(PartialDate::Year(year)),
        ethnicity: Some(KINH),
        nationality: Some(VIETNAM),
        residence: None,
    }
}

fn registered_parent(number: &str, residence: &str) -> Option<Parent> {
    let (full_name, born) = name_and_birth(number)?;
    Some(Parent {
        full_name: full_name.to_owned(),
        personal_id: Some(number.to_owned()),
        birth_date: Some(born),
        ethnicity: Some(KINH),
        nationality: Some(VIETNAM),
        residence: Some(residence.to_owned()),
    })
}

/// A living, never married person with a full record.
fn draft(sketch: &Sketch) -> Person {
    let birth = birth(sketch);
    let identity = Identity {
        full_name: birth.full_name.clone(),
        personal_id: birth.personal_id.clone(),
        birth_date: birth.date,
        sex: birth.sex,
        ethnicity: birth.ethnicity,
        religion: Some("Không"),
        nationality: VIETNAM,
        birth_place: birth.place.clone(),
        home_town: birth.home_town.clone(),
        status: PersonStatus::Active,
        deceased: false,
        under_investigation: false,
    };
    let card = Document {
        kind: DocumentKind::CitizenCard,
        number: sketch.number.to_owned(),
        issued_on: day(2021, 5, 4),
        issued_by: Some("Cục Cảnh sát quản lý hành chính về trật tự xã hội".to_owned()),
        // At 40 or 60, or for life.
        expires_on: (sketch.born.year() > 1975).then(|| match sketch.born {
            PartialDate::Full(born) => day(born.year() + 60, born.month(), born.day()),
            other => PartialDate::Year(other.year() + 60),
        }),
        status: DocumentStatus::Valid,
    };
    let residence = Residence {
        permanent_address: sketch.home.to_owned(),
        permanent_commune: BA_DINH.to_owned(),
        permanent_province: HA_NOI.to_owned(),
        permanent_since: Some(sketch.home_since),
        temporary: None,
        current_address: sketch.home.to_owned(),
        current_commune: BA_DINH.to_owned(),
        address_secret: false,
        under_investigation: false,
    };
    let marital_status = MaritalStatus {
        status: MaritalState::NeverMarried,
        since: None,
        confirmed_on: day(2026, 1, 15),
        deceased: false,
    };
    Person {
        identity,
        birth: Some(birth),
        marital_status,
        marriages: Vec::new(),
        death: None,
        guardianships: guardianships::of(sketch.number),
        residence: Some(residence),
        documents: vec![card],
    }
}

fn birth(sketch: &Sketch) -> Birth {
    let year = sketch.born.year();
    Birth {
        full_name: sketch.full_name.to_owned(),
        personal_id: sketch.number.to_owned(),
        date: sketch.born,
        sex: sketch.sex,
        place: Some("Bệnh viện Phụ sản Hà Nội, thành phố Hà Nội".to_owned()),
        place_commune: Some(BA_DINH.to_owned()),
        home_town: Some("phường Ba Đình, thành phố Hà Nội".to_owned()),
        ethnicity: Some(KINH),
        nationality: VIETNAM,
        mother: sketch.mother.clone(),
        father: sketch.father.clone(),
        registration: registration(
            &format!("27/{year}"),
            match sketch.born {
                PartialDate::Full(born) => {
                    PartialDate::Full(born.saturating_add(jiff::ToSpan::days(17)))
                }
                other => other,
            },
        ),
        kind: RegistrationKind::OnTime,
        under_investigation: false,
        cancelled: false,
    }
}

pub(super) fn registration(number: &str, on: PartialDate) -> Registration {
    Registration {
        number: number.to_owned(),
        book: Some(format!("01/{}", on.year())),
        date: on,
        office: BA_DINH.to_owned(),
    }
}

/// One entry for both spouses, with the other one named.
fn marriage(spouse: &str, on: PartialDate, ended_on: Option<PartialDate>) -> Option<Marriage> {
    let (full_name, born) = name_and_birth(spouse)?;
    Some(Marriage {
        spouse_full_name: full_name.to_owned(),
        spouse_personal_id: Some(spouse.to_owned()),
        spouse_birth_date: Some(born),
        spouse_nationality: Some(VIETNAM),
        date: on,
        status: if ended_on.is_some() {
            MarriageStatus::Dissolved
        } else {
            MarriageStatus::Valid
        },
        ended_on,
        end_reason: ended_on.map(|_| EndReason::Death),
        registration: registration(&format!("96/{}", on.year()), on),
        under_investigation: false,
    })
}

fn married(mut person: Person, spouse: &str) -> Person {
    let on = day(2010, 11, 20);
    person.marital_status.status = MaritalState::Married;
    person.marital_status.since = Some(on);
    person.marriages = marriage(spouse, on, None).into_iter().collect();
    person
}

fn child(mut person: Person) -> Person {
    person.documents = person
        .birth
        .iter()
        .map(|birth| Document {
            kind: DocumentKind::BirthCertificate,
            number: birth.registration.number.clone(),
            issued_on: birth.registration.date,
            issued_by: Some("Ủy ban nhân dân phường Ba Đình".to_owned()),
            expires_on: None,
            status: DocumentStatus::Valid,
        })
        .collect();
    person
}

const MINH_MARRIED: (i16, i8, i8) = (1986, 10, 5);

pub(super) fn minh_died() -> PartialDate {
    day(2024, 2, 17)
}

fn minh_married() -> PartialDate {
    let (year, month, of_month) = MINH_MARRIED;
    day(year, month, of_month)
}

fn deceased(mut person: Person) -> Person {
    let died = minh_died();
    person.identity.status = PersonStatus::Deceased;
    person.identity.deceased = true;
    person.marital_status = MaritalStatus {
        status: MaritalState::Married,
        since: Some(minh_married()),
        confirmed_on: day(2024, 2, 19),
        deceased: true,
    };
    person.marriages = marriage(MAI, minh_married(), Some(died))
        .into_iter()
        .collect();
    person.death = Some(Death {
        date: died,
        time: Some("04:30".to_owned()),
        place: Some("Bệnh viện Hữu nghị, thành phố Hà Nội".to_owned()),
        place_commune: Some(BA_DINH.to_owned()),
        cause: Some("Bệnh tim mạch"),
        certificate_number: Some("0213/2024".to_owned()),
        declared_by_court: false,
        registration: registration("31/2024", day(2024, 2, 19)),
        under_investigation: false,
    });
    for document in &mut person.documents {
        document.status = DocumentStatus::Revoked;
    }
    person
}

fn widowed(mut person: Person) -> Person {
    person.marital_status.status = MaritalState::Widowed;
    person.marital_status.since = Some(minh_died());
    person.marriages = marriage(MINH, minh_married(), Some(minh_died()))
        .into_iter()
        .collect();
    person
}

/// Hoa's birth was registered again, decades later, from what witnesses remembered.
fn half_unknown(mut person: Person) -> Person {
    person.identity.birth_place = None;
    person.identity.home_town = None;
    person.identity.religion = None;
    person.identity.ethnicity = None;
    if let Some(birth) = &mut person.birth {
        birth.place = None;
        birth.place_commune = None;
        birth.home_town = None;
        birth.ethnicity = None;
        birth.kind = RegistrationKind::Again;
        birth.registration = registration("212/1999", PartialDate::YearMonth(1999, 8));
        birth.registration.book = None;
    }
    if let Some(residence) = &mut person.residence {
        residence.permanent_since = None;
    }
    person
}

fn secret(mut person: Person) -> Person {
    if let Some(residence) = &mut person.residence {
        residence.address_secret = true;
    }
    person
}
