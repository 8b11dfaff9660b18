//! Declarations as the standard allows them, and as they must not be.

use super::*;

const CODE: &str = "0108472167";

fn statement(record: &str, kind: &str, details: &Value) -> Value {
    json!({"statementId": record, "statementDate": "2020-01-01", "recordId": record, "recordType": kind, "recordStatus": "new", "recordDetails": details})
}

fn company(record: &str, code: &str) -> Value {
    statement(
        record,
        "entity",
        &json!({"name": "CÔNG TY", "identifiers": [{"scheme": "VN-MSDN", "id": code}]}),
    )
}

fn holding(record: &str, subject: &str, party: &Value, interests: &Value) -> Value {
    statement(
        record,
        "relationship",
        &json!({"subject": subject, "interestedParty": party, "interests": interests}),
    )
}

fn read(statements: &[Value]) -> Result<Vec<Map<String, Value>>, AdapterError> {
    owners(
        &Owners::default(),
        &json!(statements),
        &CODE.parse().unwrap(),
    )
}

#[test]
fn enterprises_that_own_each_other_are_read_in_one_step() {
    let half =
        json!([{"type": "shareholding", "directOrIndirect": "direct", "share": {"exact": 50}}]);
    let owners = read(&[
        company("a", CODE),
        company("b", "0100109106"),
        holding("1", "a", &json!("b"), &half),
        holding("2", "b", &json!("a"), &half),
        holding("3", "a", &json!("a"), &half),
    ])
    .unwrap();
    assert_eq!(owners.len(), 2);
    assert_eq!(owners[0]["enterprise_code"], "0100109106");
    assert_eq!(owners[1]["enterprise_code"], CODE);
}

#[test]
fn partial_birth_dates_ranges_and_unnamed_parties_are_kept_as_they_are() {
    let person = statement(
        "p",
        "person",
        &json!({"names": [{"fullName": "ALIAS"}, {"type": "legal", "fullName": "LÊ VĂN A"}], "birthDate": "1965-11", "identifiers": [{"scheme": "PASSPORT", "id": "B1"}]}),
    );
    let interests = json!([
        {"type": "shareholding", "share": {"minimum": 25, "maximum": 50}},
        {"type": "votingRights", "share": {"minimum": 30, "maximum": 30}},
        {"type": "settlor", "endDate": "2021-01-01"},
    ]);
    let owners = read(&[
        company("a", CODE),
        person,
        holding("1", "a", &json!("p"), &interests),
        holding(
            "2",
            "a",
            &json!({"reason": "subjectUnableToConfirmOrIdentifyBeneficialOwner"}),
            &json!([]),
        ),
    ])
    .unwrap();
    assert_eq!(owners.len(), 3);
    assert_eq!(owners[0]["full_name"], "LÊ VĂN A");
    assert_eq!(owners[0]["birth_date"], "1965-11");
    assert!(owners[0].get("share_percent").is_none() && owners[0].get("personal_id").is_none());
    assert_eq!(owners[1]["share_percent"], 30.0);
    assert_eq!(owners[1]["interest"], "voting_rights");
    assert!(owners[2].is_empty());
}

#[test]
fn the_latest_statement_counts_and_closed_records_do_not() {
    let mut closed = holding("1", "a", &json!("b"), &json!([]));
    closed["recordStatus"] = json!("closed");
    closed["statementDate"] = json!("2022-01-01");
    let earlier = holding("1", "a", &json!("b"), &json!([]));
    assert!(
        read(&[
            company("a", CODE),
            company("b", "0100109106"),
            closed,
            earlier
        ])
        .unwrap()
        .is_empty()
    );
    assert!(read(&[]).unwrap().is_empty());
}

#[test]
fn a_party_without_statement_is_a_truncated_declaration() {
    let error = read(&[
        company("a", CODE),
        holding("1", "a", &json!("p"), &json!([])),
    ])
    .unwrap_err();
    assert!(matches!(error, AdapterError::Truncated { .. }));
}

#[test]
fn statements_about_another_enterprise_are_the_wrong_subject() {
    assert!(matches!(
        read(&[company("b", "0100109106")]),
        Err(AdapterError::WrongSubject)
    ));
    assert!(owners(&Owners::default(), &json!({}), &CODE.parse().unwrap()).is_err());
    assert!(read(&[json!({"recordType": "entity"})]).is_err());
}
