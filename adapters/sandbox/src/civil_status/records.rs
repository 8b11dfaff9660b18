//! The register's own names, codes and dates for the facts about a person.

use crate::people::facts::{
    Birth, Death, EndReason, Guardianship, GuardianshipEnd, GuardianshipKind, MaritalState,
    MaritalStatus, Marriage, MarriageStatus, Parent, Person, Registration, RegistrationKind, Sex,
};
use motlan_schemas::date::PartialDate;
use quick_xml::escape::escape;

/// An operation of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Birth,
    MaritalStatus,
    Marriages,
    Death,
    Guardianships,
}

/// An element of a record.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    value: Content,
}

#[derive(Debug)]
enum Content {
    Text(Option<String>),
    Date(Option<String>),
    /// Sent whatever fields are asked for.
    Flag(bool),
}

pub(super) type Record = Vec<Field>;

impl Operation {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "getBirth" => Self::Birth,
            "getMaritalStatus" => Self::MaritalStatus,
            "getMarriages" => Self::Marriages,
            "getDeath" => Self::Death,
            "getGuardianships" => Self::Guardianships,
            _ => return None,
        })
    }

    /// The names of the operation's elements, which a request may list.
    pub(super) const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Birth => &[
                "nksHoTen",
                "nksSoDinhDanh",
                "nksNgaySinh",
                "nksGioiTinh",
                "nksNoiSinh",
                "nksNoiSinhDVHC",
                "nksQueQuan",
                "nksDanToc",
                "nksQuocTich",
                "meHoTen",
                "meSoDinhDanh",
                "meNgaySinh",
                "meDanToc",
                "meQuocTich",
                "meNoiCuTru",
                "chaHoTen",
                "chaSoDinhDanh",
                "chaNgaySinh",
                "chaDanToc",
                "chaQuocTich",
                "chaNoiCuTru",
                "so",
                "quyenSo",
                "ngayDangKy",
                "noiDangKy",
                "loaiDangKy",
                "dangXacMinh",
                "daHuy",
            ],
            Self::MaritalStatus => &["tinhTrangHonNhan", "tuNgay", "ngayXacNhan", "daChet"],
            Self::Marriages => &[
                "voChongHoTen",
                "voChongSoDinhDanh",
                "voChongNgaySinh",
                "voChongQuocTich",
                "ngayKetHon",
                "tinhTrang",
                "ngayChamDut",
                "lyDoChamDut",
                "so",
                "quyenSo",
                "ngayDangKy",
                "noiDangKy",
                "dangXacMinh",
            ],
            Self::Death => &[
                "nktNgayChet",
                "nktGioChet",
                "nktNoiChet",
                "nktNoiChetDVHC",
                "nktNguyenNhanChet",
                "nktSoGiayBaoTu",
                "toaAnTuyenBo",
                "so",
                "quyenSo",
                "ngayDangKy",
                "noiDangKy",
                "dangXacMinh",
            ],
            Self::Guardianships => &[
                "nguoiGiamHoHoTen",
                "nguoiGiamHoSoDinhDanh",
                "loaiGiamHo",
                "tinhTrang",
                "tuNgay",
                "denNgay",
                "ngayChamDut",
                "lyDoChamDut",
                "so",
                "quyenSo",
                "ngayDangKy",
                "noiDangKy",
                "dangXacMinh",
            ],
        }
    }

    /// Whether a person may have several records of this kind.
    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::Marriages | Self::Guardianships)
    }

    /// The records about a person; `None` where there is none of a kind that has one.
    pub(super) fn records(self, person: &Person) -> Option<Vec<Record>> {
        match self {
            Self::Birth => person.birth.as_ref().map(|record| vec![birth(record)]),
            Self::MaritalStatus => Some(vec![marital_status(&person.marital_status)]),
            Self::Marriages => Some(person.marriages.iter().map(marriage).collect()),
            Self::Death => person.death.as_ref().map(|record| vec![death(record)]),
            Self::Guardianships => Some(person.guardianships.iter().map(guardianship).collect()),
        }
    }
}

impl Field {
    pub(super) const fn is_flag(&self) -> bool {
        matches!(self.value, Content::Flag(_))
    }

    /// What is not recorded is an empty element, and a nil one where the schema wants a date.
    pub(super) fn write(&self, out: &mut String) {
        let name = self.name;
        let element = match &self.value {
            Content::Text(Some(text)) | Content::Date(Some(text)) => {
                format!("<cs:{name}>{}</cs:{name}>", escape(text.as_str()))
            }
            Content::Text(None) => format!("<cs:{name}/>"),
            Content::Date(None) => format!("<cs:{name} xsi:nil=\"true\"/>"),
            Content::Flag(flag) => format!("<cs:{name}>{}</cs:{name}>", u8::from(*flag)),
        };
        out.push_str(&element);
    }
}

fn birth(birth: &Birth) -> Record {
    let mut record = vec![
        text("nksHoTen", Some(&birth.full_name)),
        text("nksSoDinhDanh", Some(&birth.personal_id)),
        date("nksNgaySinh", Some(birth.date)),
        text("nksGioiTinh", Some(sex(birth.sex))),
        text("nksNoiSinh", birth.place.as_deref()),
        text("nksNoiSinhDVHC", birth.place_commune.as_deref()),
        text("nksQueQuan", birth.home_town.as_deref()),
        text("nksDanToc", birth.ethnicity),
        text("nksQuocTich", Some(birth.nationality)),
    ];
    let mother = [
        "meHoTen",
        "meSoDinhDanh",
        "meNgaySinh",
        "meDanToc",
        "meQuocTich",
        "meNoiCuTru",
    ];
    record.extend(parent(mother, birth.mother.as_ref()));
    let father = [
        "chaHoTen",
        "chaSoDinhDanh",
        "chaNgaySinh",
        "chaDanToc",
        "chaQuocTich",
        "chaNoiCuTru",
    ];
    record.extend(parent(father, birth.father.as_ref()));
    record.extend(registration(&birth.registration));
    let kind = match birth.kind {
        RegistrationKind::OnTime => "1",
        RegistrationKind::Late => "2",
        RegistrationKind::Again => "3",
    };
    record.extend([
        text("loaiDangKy", Some(kind)),
        flag("dangXacMinh", birth.under_investigation),
        flag("daHuy", birth.cancelled),
    ]);
    record
}

fn parent(
    [name, number, born, ethnicity, nationality, home]: [&'static str; 6],
    parent: Option<&Parent>,
) -> [Field; 6] {
    // Old books give a parent's year only, and just as that.
    let year_or_date = parent
        .and_then(|parent| parent.birth_date)
        .map(|born| match born {
            PartialDate::Year(year) => year.to_string(),
            other => slashed(other),
        });
    [
        text(name, parent.map(|parent| parent.full_name.as_str())),
        text(
            number,
            parent.and_then(|parent| parent.personal_id.as_deref()),
        ),
        Field {
            name: born,
            value: Content::Date(year_or_date),
        },
        text(ethnicity, parent.and_then(|parent| parent.ethnicity)),
        text(nationality, parent.and_then(|parent| parent.nationality)),
        text(home, parent.and_then(|parent| parent.residence.as_deref())),
    ]
}

fn marital_status(status: &MaritalStatus) -> Record {
    let code = match status.status {
        MaritalState::NeverMarried => "1",
        MaritalState::Married => "2",
        MaritalState::Widowed => "3",
        MaritalState::Divorced => "4",
    };
    vec![
        text("tinhTrangHonNhan", Some(code)),
        date("tuNgay", status.since),
        date("ngayXacNhan", Some(status.confirmed_on)),
        flag("daChet", status.deceased),
    ]
}

fn marriage(marriage: &Marriage) -> Record {
    let status = match marriage.status {
        MarriageStatus::Valid => "1",
        MarriageStatus::Dissolved => "2",
        MarriageStatus::Annulled => "3",
    };
    let reason = marriage.end_reason.map(|reason| match reason {
        EndReason::Death => "1",
        EndReason::Divorce => "2",
        EndReason::Annulment => "3",
    });
    let mut record = vec![
        text("voChongHoTen", Some(&marriage.spouse_full_name)),
        text("voChongSoDinhDanh", marriage.spouse_personal_id.as_deref()),
        date("voChongNgaySinh", marriage.spouse_birth_date),
        text("voChongQuocTich", marriage.spouse_nationality),
        date("ngayKetHon", Some(marriage.date)),
        text("tinhTrang", Some(status)),
        date("ngayChamDut", marriage.ended_on),
        text("lyDoChamDut", reason),
    ];
    record.extend(registration(&marriage.registration));
    record.push(flag("dangXacMinh", marriage.under_investigation));
    record
}

fn death(death: &Death) -> Record {
    let mut record = vec![
        date("nktNgayChet", Some(death.date)),
        text(
            "nktGioChet",
            death
                .time
                .as_ref()
                .map(|time| format!("{time}:00"))
                .as_deref(),
        ),
        text("nktNoiChet", death.place.as_deref()),
        text("nktNoiChetDVHC", death.place_commune.as_deref()),
        text("nktNguyenNhanChet", death.cause),
        text("nktSoGiayBaoTu", death.certificate_number.as_deref()),
        text(
            "toaAnTuyenBo",
            Some(if death.declared_by_court { "1" } else { "0" }),
        ),
    ];
    record.extend(registration(&death.registration));
    record.push(flag("dangXacMinh", death.under_investigation));
    record
}

fn guardianship(guardianship: &Guardianship) -> Record {
    let kind = match guardianship.kind {
        GuardianshipKind::Appointed => "1",
        GuardianshipKind::Natural => "2",
        GuardianshipKind::ByCourt => "3",
    };
    let status = if guardianship.ended.is_none() {
        "1"
    } else {
        "2"
    };
    let reason = guardianship.ended.map(|(_, reason)| match reason {
        GuardianshipEnd::FullCapacity => "1",
        GuardianshipEnd::WardDeath => "2",
        GuardianshipEnd::Adoption => "3",
        GuardianshipEnd::ParentsAble => "4",
        GuardianshipEnd::GuardianChanged => "5",
    });
    let guardian = guardianship.guardian_personal_id.as_deref();
    let mut record = vec![
        text("nguoiGiamHoHoTen", Some(&guardianship.guardian_full_name)),
        text("nguoiGiamHoSoDinhDanh", guardian),
        text("loaiGiamHo", Some(kind)),
        text("tinhTrang", Some(status)),
        date("tuNgay", Some(guardianship.from)),
        date("denNgay", guardianship.until),
        date("ngayChamDut", guardianship.ended.map(|(on, _)| on)),
        text("lyDoChamDut", reason),
    ];
    record.extend(registration(&guardianship.registration));
    record.push(flag("dangXacMinh", guardianship.under_investigation));
    record
}

fn registration(registration: &Registration) -> [Field; 4] {
    [
        text("so", Some(&registration.number)),
        text("quyenSo", registration.book.as_deref()),
        date("ngayDangKy", Some(registration.date)),
        text("noiDangKy", Some(&registration.office)),
    ]
}

fn text(name: &'static str, text: Option<&str>) -> Field {
    Field {
        name,
        value: Content::Text(text.map(str::to_owned)),
    }
}

fn date(name: &'static str, date: Option<PartialDate>) -> Field {
    Field {
        name,
        value: Content::Date(date.map(slashed)),
    }
}

const fn flag(name: &'static str, flag: bool) -> Field {
    Field {
        name,
        value: Content::Flag(flag),
    }
}

/// `dd/MM/yyyy`, with zeros for what is not known.
fn slashed(date: PartialDate) -> String {
    match date {
        PartialDate::Full(date) => {
            format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
        }
        PartialDate::YearMonth(year, month) => format!("00/{month:02}/{year:04}"),
        PartialDate::Year(year) => format!("00/00/{year:04}"),
    }
}

const fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "1",
        Sex::Female => "2",
    }
}
