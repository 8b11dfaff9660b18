//! Ownership in the Beneficial Ownership Data Standard, version 0.4: statements about entities,
//! persons and the relationships between them.

use crate::{
    exchange::without_nulls,
    people::facts::{Directness, Enterprise, Interest, Owner, OwnerKind},
};
use serde_json::{Value, json};

/// The statements about an enterprise and its owners; `code` is what its documents carry.
pub(super) fn statements(enterprise: &Enterprise, code: &str) -> Vec<Value> {
    let subject = entity_record(code);
    let mut statements = vec![entity(&subject, code, &enterprise.name, enterprise)];
    for (place, owner) in enterprise.owners.iter().enumerate() {
        let party = format!("{code}-party-{place}");
        statements.push(match owner.owner_kind {
            OwnerKind::Person => person(&party, owner, enterprise),
            OwnerKind::Enterprise => {
                let owner_code = owner.enterprise_code.as_deref().unwrap_or_default();
                entity(&party, owner_code, &owner.full_name, enterprise)
            }
        });
        statements.push(relationship(place, code, &party, owner, enterprise));
        // What an enterprise owns of its own owner is stated too: circles are legal.
        if owner.owner_kind == OwnerKind::Enterprise {
            statements.push(cross_holding(place, &subject, &party, enterprise));
        }
    }
    statements
}

fn entity_record(code: &str) -> String {
    format!("{code}-entity")
}

fn statement(
    record: &str,
    kind: &str,
    about: &str,
    details: &Value,
    enterprise: &Enterprise,
) -> Value {
    let date = enterprise.registered_on.to_string();
    without_nulls(json!({
        "statementId": format!("motlan-sandbox-{record}-1"),
        "declarationSubject": about,
        "statementDate": date,
        "recordId": record,
        "recordType": kind,
        "recordStatus": "new",
        "recordDetails": details,
        "publicationDetails": {"bodsVersion": "0.4", "publicationDate": date, "publisher": {"name": "Motlan sandbox"}},
    }))
}

fn entity(record: &str, code: &str, name: &str, enterprise: &Enterprise) -> Value {
    let details = json!({
        "isComponent": false,
        "entityType": {"type": "registeredEntity"},
        "name": name,
        "jurisdiction": {"code": "VN", "name": "Việt Nam"},
        "identifiers": [{"scheme": "VN-MSDN", "schemeName": "Mã số doanh nghiệp", "id": code}],
    });
    statement(record, "entity", record, &details, enterprise)
}

fn person(record: &str, owner: &Owner, enterprise: &Enterprise) -> Value {
    let identifier = owner.personal_id.as_ref().map(
        |number| json!([{"scheme": "VN-DDCN", "schemeName": "Số định danh cá nhân", "id": number}]),
    );
    let details = json!({
        "isComponent": false,
        "personType": "knownPerson",
        "names": [{"type": "legal", "fullName": owner.full_name}],
        "identifiers": identifier,
        "nationalities": owner.nationality.map(|code| json!([{ "code": code }])),
        "birthDate": owner.birth_date.map(|date| date.to_string()),
    });
    statement(record, "person", record, &details, enterprise)
}

fn relationship(
    place: usize,
    code: &str,
    party: &str,
    owner: &Owner,
    enterprise: &Enterprise,
) -> Value {
    let kind = match owner.interest {
        Interest::Shareholding => "shareholding",
        Interest::VotingRights => "votingRights",
        Interest::Appointment => "appointmentOfBoard",
        Interest::Other => "otherInfluenceOrControl",
    };
    let directness = match owner.directness {
        Directness::Direct => "direct",
        Directness::Indirect => "indirect",
        Directness::Unknown => "unknown",
    };
    let details = json!({
        "isComponent": false,
        "subject": entity_record(code),
        "interestedParty": party,
        "interests": [{
            "type": kind,
            "directOrIndirect": directness,
            "beneficialOwnershipOrControl": owner.beneficial,
            "share": owner.share_percent.map(|share| json!({ "exact": share })),
            "startDate": owner.since.map(|date| date.to_string()),
        }],
    });
    statement(
        &format!("{code}-relationship-{place}"),
        "relationship",
        &entity_record(code),
        &details,
        enterprise,
    )
}

fn cross_holding(place: usize, subject: &str, party: &str, enterprise: &Enterprise) -> Value {
    let details = json!({
        "isComponent": false,
        "subject": party,
        "interestedParty": subject,
        "interests": [{
            "type": "shareholding",
            "directOrIndirect": "direct",
            "beneficialOwnershipOrControl": false,
            "share": {"minimum": 0, "exclusiveMaximum": 5},
        }],
    });
    statement(
        &format!("{subject}-cross-holding-{place}"),
        "relationship",
        party,
        &details,
        enterprise,
    )
}
