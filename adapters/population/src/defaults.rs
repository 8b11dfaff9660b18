//! The names and codes of the national population database.

use crate::config::Records;
use motlan_adapter_sdk::{
    field_map::{Field, FieldKind, FieldMap},
    xroad::Subsystem,
};
use motlan_schemas::ids::RegistryId;

#[expect(clippy::expect_used, reason = "a constant that the tests read")]
pub(crate) fn registry() -> RegistryId {
    "population"
        .parse()
        .expect("a constant registry id is valid")
}

/// The ministry of public security keeps the national population database (Law on Identity, 2023).
pub(crate) fn provider() -> Subsystem {
    Subsystem {
        instance: "VN".to_owned(),
        member_class: "GOV".to_owned(),
        member_code: "G01".to_owned(),
        subsystem_code: "population".to_owned(),
    }
}

pub(crate) fn service() -> String {
    "person-service".to_owned()
}

pub(crate) fn path() -> String {
    "persons".to_owned()
}

pub(crate) fn health_path() -> String {
    "health".to_owned()
}

pub(crate) fn query_type() -> String {
    "RetrieveByPersonalNumber".to_owned()
}

pub(crate) fn numbers_member() -> String {
    "personalNumbers".to_owned()
}

pub(crate) fn persons_member() -> String {
    "persons".to_owned()
}

pub(crate) fn number_member() -> String {
    "personalNumber".to_owned()
}

pub(crate) fn total_member() -> String {
    "total".to_owned()
}

pub(crate) fn unasked_members() -> Vec<String> {
    ["deceased", "addressSecret"].map(str::to_owned).to_vec()
}

pub(crate) fn investigation_member() -> String {
    "underInvestigation".to_owned()
}

pub(crate) fn identity() -> Records {
    let fields = FieldMap::new([
        ("full_name", Field::text("name.full")),
        ("personal_id", Field::text("personalNumber")),
        ("birth_date", date("birth.date")),
        ("sex", sex("sex.code")),
        ("ethnicity", Field::text("ethnicity.code")),
        ("religion", Field::text("religion")),
        ("nationality", Field::text("nationality.code")),
        ("birth_place", Field::text("birth.place")),
        ("home_town", Field::text("homeTown")),
        (
            "status",
            Field::text("registration.status.code").codes([
                ("A", "active"),
                ("D", "deceased"),
                ("M", "missing"),
                ("E", "emigrated"),
            ]),
        ),
        ("deceased", flag("deceased")),
        ("under_investigation", flag("underInvestigation")),
    ]);
    Records { list: None, fields }
}

pub(crate) fn residence() -> Records {
    let fields = FieldMap::new([
        (
            "permanent_address",
            Field::text("residence.permanent.address"),
        ),
        (
            "permanent_commune",
            Field::text("residence.permanent.communeCode"),
        ),
        (
            "permanent_province",
            Field::text("residence.permanent.provinceCode"),
        ),
        ("permanent_since", date("residence.permanent.since")),
        (
            "temporary_address",
            Field::text("residence.temporary.address"),
        ),
        (
            "temporary_commune",
            Field::text("residence.temporary.communeCode"),
        ),
        (
            "temporary_province",
            Field::text("residence.temporary.provinceCode"),
        ),
        ("temporary_from", date("residence.temporary.from")),
        ("temporary_until", date("residence.temporary.until")),
        ("current_address", Field::text("residence.current.address")),
        (
            "current_commune",
            Field::text("residence.current.communeCode"),
        ),
        ("address_secret", flag("addressSecret")),
        ("under_investigation", flag("underInvestigation")),
    ]);
    Records { list: None, fields }
}

pub(crate) fn household() -> Records {
    let fields = FieldMap::new([
        ("household_code", Field::text("household.code")),
        ("member_full_name", Field::text("household.members.name")),
        (
            "member_personal_id",
            Field::text("household.members.personalNumber"),
        ),
        (
            "relationship",
            Field::text("household.members.relationship.code").codes([
                ("01", "head"),
                ("02", "spouse"),
                ("03", "child"),
                ("04", "parent"),
                ("05", "sibling"),
                ("06", "grandchild"),
                ("99", "other"),
            ]),
        ),
        ("sex", sex("household.members.sex.code")),
        ("birth_date", date("household.members.birthDate")),
        ("since", date("household.members.since")),
    ]);
    Records {
        list: Some("household.members".to_owned()),
        fields,
    }
}

pub(crate) fn documents() -> Records {
    let fields = FieldMap::new([
        (
            "kind",
            Field::text("documents.kind.code").codes([
                ("CCCD", "citizen_card"),
                ("CMND", "identity_card_9_digit"),
                ("HC", "passport"),
                ("GKS", "birth_certificate"),
            ]),
        ),
        ("number", Field::text("documents.number")),
        ("issued_on", date("documents.issuedOn")),
        ("issued_by", Field::text("documents.issuedBy")),
        ("expires_on", date("documents.expiresOn")),
        (
            "status",
            Field::text("documents.status.code").codes([
                ("V", "valid"),
                ("E", "expired"),
                ("R", "revoked"),
                ("L", "lost"),
            ]),
        ),
    ]);
    Records {
        list: Some("documents".to_owned()),
        fields,
    }
}

fn date(path: &str) -> Field {
    Field::of(FieldKind::Date, path)
}

fn flag(path: &str) -> Field {
    Field::of(FieldKind::Flag, path)
}

fn sex(path: &str) -> Field {
    Field::text(path).codes([("M", "male"), ("F", "female"), ("X", "other")])
}
