//! The facts that registries hold about one person, enterprise or parcel, in no registry's format.
//!
//! Servers turn these plain values into their own protocol. An absent value is `None`, as in a real register;
//! a commune or province code is a string of digits, as the code lists have it. Nothing here is computed.

use motlan_schemas::date::PartialDate;
use std::fmt;

/// Declares a closed list whose members know their code in the shared vocabulary.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($variant),+ }

        impl $name {
            /// Every member, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code in the shared vocabulary.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
    };
}

pub mod record;
pub mod tax;

coded!(Sex { Male = "male", Female = "female" });
coded!(PersonStatus { Active = "active", Deceased = "deceased", Missing = "missing", Emigrated = "emigrated" });
coded!(MaritalState { NeverMarried = "never_married", Married = "married", Widowed = "widowed", Divorced = "divorced" });
coded!(MarriageStatus { Valid = "valid", Dissolved = "dissolved", Annulled = "annulled" });
coded!(EndReason { Death = "death", Divorce = "divorce", Annulment = "annulment" });
coded!(GuardianshipKind { Appointed = "appointed", Natural = "natural", ByCourt = "by_court" });
coded!(GuardianshipEnd {
    FullCapacity = "full_capacity", WardDeath = "ward_death", Adoption = "adoption",
    ParentsAble = "parents_able", GuardianChanged = "guardian_changed",
});
coded!(RegistrationKind { OnTime = "on_time", Late = "late", Again = "again" });
coded!(
    /// How a member of a household stands to its head.
    Relationship {
        Head = "head", Spouse = "spouse", Child = "child", Parent = "parent",
        Sibling = "sibling", Grandchild = "grandchild", Other = "other",
    }
);
coded!(DocumentKind {
    CitizenCard = "citizen_card", IdentityCardNineDigit = "identity_card_9_digit",
    Passport = "passport", BirthCertificate = "birth_certificate",
});
coded!(DocumentStatus { Valid = "valid", Expired = "expired", Revoked = "revoked", Lost = "lost" });
coded!(RoleKind {
    Owner = "owner", LegalRepresentative = "legal_representative", Director = "director", Chair = "chair",
    Member = "member", Shareholder = "shareholder", BeneficialOwner = "beneficial_owner",
});
coded!(LegalForm {
    PrivateEnterprise = "private_enterprise", SingleMemberLlc = "single_member_llc",
    MultiMemberLlc = "multi_member_llc", JointStock = "joint_stock", Partnership = "partnership", Branch = "branch",
});
coded!(EnterpriseStatus { Active = "active", Suspended = "suspended", Dissolved = "dissolved" });
coded!(OwnerKind { Person = "person", Enterprise = "enterprise" });
coded!(Interest {
    Shareholding = "shareholding", VotingRights = "voting_rights", Appointment = "appointment", Other = "other",
});
coded!(Directness { Direct = "direct", Indirect = "indirect", Unknown = "unknown" });
coded!(HealthStatus { Active = "active", Expired = "expired", Suspended = "suspended", Ended = "ended" });
coded!(SocialKind { Compulsory = "compulsory", Voluntary = "voluntary" });
coded!(SocialStatus { Contributing = "contributing", Paused = "paused", Pension = "pension", Ended = "ended" });
coded!(Tenure { Sole = "sole", Common = "common" });
coded!(EncumbranceKind { Mortgage = "mortgage", Seizure = "seizure", Restriction = "restriction" });
coded!(AssetKind {
    House = "house", Apartment = "apartment", Construction = "construction",
    PlantedForest = "planted_forest", PerennialTrees = "perennial_trees",
});

/// Everything the civil-status and population registers hold about one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub identity: Identity,
    pub birth: Option<Birth>,
    pub marital_status: MaritalStatus,
    pub marriages: Vec<Marriage>,
    pub death: Option<Death>,
    /// Those under which the person is or was a ward, in the order of time.
    pub guardianships: Vec<Guardianship>,
    pub residence: Option<Residence>,
    pub documents: Vec<Document>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// NFC, upper case, family name first, as registers print it.
    pub full_name: String,
    pub personal_id: String,
    pub birth_date: PartialDate,
    pub sex: Sex,
    /// Two digits of the code list `ethnicity`, here and below.
    pub ethnicity: Option<&'static str>,
    pub religion: Option<&'static str>,
    /// ISO 3166-1 alpha-2.
    pub nationality: &'static str,
    pub birth_place: Option<String>,
    pub home_town: Option<String>,
    pub status: PersonStatus,
    pub deceased: bool,
    pub under_investigation: bool,
}

/// Where and how a civil-status event was entered; the number is unique only with book and office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub number: String,
    pub book: Option<String>,
    pub date: PartialDate,
    /// The commune code of the office.
    pub office: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Birth {
    pub full_name: String,
    pub personal_id: String,
    pub date: PartialDate,
    pub sex: Sex,
    pub place: Option<String>,
    pub place_commune: Option<String>,
    pub home_town: Option<String>,
    pub ethnicity: Option<&'static str>,
    pub nationality: &'static str,
    pub mother: Option<Parent>,
    pub father: Option<Parent>,
    pub registration: Registration,
    pub kind: RegistrationKind,
    pub under_investigation: bool,
    pub cancelled: bool,
}

/// A parent as the birth record names them; parents of older people are on paper only, without a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Parent {
    pub full_name: String,
    pub personal_id: Option<String>,
    pub birth_date: Option<PartialDate>,
    pub ethnicity: Option<&'static str>,
    pub nationality: Option<&'static str>,
    pub residence: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaritalStatus {
    pub status: MaritalState,
    pub since: Option<PartialDate>,
    pub confirmed_on: PartialDate,
    pub deceased: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Marriage {
    pub spouse_full_name: String,
    pub spouse_personal_id: Option<String>,
    pub spouse_birth_date: Option<PartialDate>,
    pub spouse_nationality: Option<&'static str>,
    pub date: PartialDate,
    pub status: MarriageStatus,
    pub ended_on: Option<PartialDate>,
    pub end_reason: Option<EndReason>,
    pub registration: Registration,
    pub under_investigation: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    pub date: PartialDate,
    /// `HH:MM`.
    pub time: Option<String>,
    pub place: Option<String>,
    pub place_commune: Option<String>,
    pub cause: Option<&'static str>,
    pub certificate_number: Option<String>,
    pub declared_by_court: bool,
    pub registration: Registration,
    pub under_investigation: bool,
}

/// A guardianship in force has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Guardianship {
    pub guardian_full_name: String,
    pub guardian_personal_id: Option<String>,
    pub kind: GuardianshipKind,
    pub from: PartialDate,
    pub until: Option<PartialDate>,
    pub ended: Option<(PartialDate, GuardianshipEnd)>,
    pub registration: Registration,
    pub under_investigation: bool,
}

/// The true addresses; when `address_secret` is set, it is the server that withholds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Residence {
    pub permanent_address: String,
    pub permanent_commune: String,
    pub permanent_province: String,
    pub permanent_since: Option<PartialDate>,
    pub temporary: Option<TemporaryResidence>,
    pub current_address: String,
    pub current_commune: String,
    pub address_secret: bool,
    pub under_investigation: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryResidence {
    pub address: String,
    pub commune: String,
    pub province: String,
    pub from: PartialDate,
    pub until: Option<PartialDate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdMember {
    pub household_code: String,
    pub full_name: String,
    pub personal_id: String,
    pub relationship: Relationship,
    pub sex: Sex,
    pub birth_date: PartialDate,
    pub since: Option<PartialDate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub kind: DocumentKind,
    pub number: String,
    pub issued_on: PartialDate,
    pub issued_by: Option<String>,
    pub expires_on: Option<PartialDate>,
    pub status: DocumentStatus,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CompanyRole {
    pub enterprise_code: String,
    pub enterprise_name: String,
    pub enterprise_status: EnterpriseStatus,
    pub role: RoleKind,
    pub since: PartialDate,
    pub until: Option<PartialDate>,
    /// Of the whole capital, 0 to 100.
    pub share_percent: Option<f64>,
    pub capital_contribution_vnd: Option<u64>,
}

/// One enterprise with everybody who owns a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Enterprise {
    pub enterprise_code: String,
    pub name: String,
    pub name_foreign: Option<String>,
    pub name_short: Option<String>,
    pub legal_form: LegalForm,
    pub status: EnterpriseStatus,
    pub registered_on: PartialDate,
    pub address: String,
    pub commune: String,
    pub province: String,
    pub charter_capital_vnd: u64,
    pub industries: Vec<Industry>,
    pub legal_representatives: Vec<LegalRepresentative>,
    pub parent_code: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub owners: Vec<Owner>,
    pub under_investigation: bool,
}

/// A class of the Vietnamese standard industrial classification (VSIC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Industry {
    pub code: &'static str,
    pub title: &'static str,
    pub main: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalRepresentative {
    pub full_name: String,
    pub personal_id: String,
    pub title: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Owner {
    pub owner_kind: OwnerKind,
    pub full_name: String,
    /// Set when the owner is a person.
    pub personal_id: Option<String>,
    /// Set when the owner is an enterprise.
    pub enterprise_code: Option<String>,
    pub nationality: Option<&'static str>,
    pub birth_date: Option<PartialDate>,
    pub interest: Interest,
    pub directness: Directness,
    pub beneficial: bool,
    pub share_percent: Option<f64>,
    pub since: Option<PartialDate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthInsurance {
    /// 15 characters in the old style, 10 digits in the new.
    pub card_number: String,
    pub status: HealthStatus,
    /// Two letters: `DN`, `HC`, `TE`, `HN`, `GD`, `HS`, `HT`, `CN`.
    pub group: &'static str,
    /// 1 to 5.
    pub benefit_level: u8,
    pub coverage_percent: u8,
    pub valid_from: PartialDate,
    pub valid_until: PartialDate,
    pub facility_code: Option<String>,
    pub facility_name: Option<String>,
    pub five_years_from: Option<PartialDate>,
    pub deceased: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialInsurance {
    pub social_insurance_number: String,
    pub kind: SocialKind,
    pub status: SocialStatus,
    pub contribution_months: u32,
    pub unemployment_months: u32,
    pub first_contribution: PartialDate,
    pub last_contribution: Option<PartialDate>,
    pub employer_code: Option<String>,
    pub employer_name: Option<String>,
    pub salary_vnd: Option<u64>,
    pub deceased: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    pub parcel_id: String,
    pub province: String,
    pub commune: String,
    /// The name of the commune before July 2025, within which map sheet and parcel number are unique.
    pub old_commune: Option<String>,
    pub map_sheet: String,
    pub parcel_number: String,
    pub address: Option<String>,
    /// The sum of the areas of its uses.
    pub area_m2: f64,
    pub land_uses: Vec<LandUse>,
    pub tenure: Tenure,
    pub use_until: UseUntil,
    pub origin: Option<&'static str>,
    pub certificate_number: Option<String>,
    pub certificate_book_number: Option<String>,
    pub certificate_date: Option<PartialDate>,
    pub certificate_office: Option<String>,
    /// The subject's own part, a fraction such as `1/2`.
    pub share: String,
    /// The others who hold the parcel, the subject left out.
    pub co_owners: Vec<CoOwner>,
    pub encumbrances: Vec<Encumbrance>,
    pub attached_assets: Vec<AttachedAsset>,
    pub disputed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LandUse {
    /// Circular 08/2024/TT-BTNMT, Appendix II, such as `ODT` or `LUC`.
    pub code: &'static str,
    pub area_m2: f64,
    pub until: UseUntil,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseUntil {
    LongTerm,
    Date(PartialDate),
}

/// `long_term` or the date.
impl fmt::Display for UseUntil {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LongTerm => formatter.write_str("long_term"),
            Self::Date(date) => date.fmt(formatter),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoOwner {
    pub full_name: String,
    pub personal_id: Option<String>,
    pub share: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encumbrance {
    pub kind: EncumbranceKind,
    pub holder: String,
    pub since: PartialDate,
    pub reference: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AttachedAsset {
    pub kind: AssetKind,
    pub area_m2: f64,
    pub floors: Option<u8>,
}
