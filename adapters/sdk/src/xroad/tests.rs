//! Paths, headers and errors of X-Road REST.

use super::*;
use bytes::Bytes;
use jiff::Timestamp;
use motlan_policies::permit::{AssertedBy, Officer};
use motlan_schemas::{answer::RegistryProblem, ids::QueryId};
use std::time::Instant;

fn asking() -> Asking {
    Asking {
        query_id: QueryId::new(Timestamp::UNIX_EPOCH, [0; 10]),
        decided_at: Timestamp::UNIX_EPOCH,
        agency: "ward-ba-dinh".parse().unwrap(),
        client: "ward-desk".parse().unwrap(),
        officer: Some(Officer {
            id: "cán-bộ-7".parse().unwrap(),
            asserted_by: AssertedBy::Agency,
        }),
        purpose: "birth-registration".parse().unwrap(),
        case: Some("H01.12-261121-0007".parse().unwrap()),
    }
}

fn call() -> Call {
    Call {
        deadline: Instant::now(),
        id: uuid::Uuid::from_u128(7),
        traceparent: None,
    }
}

fn answer(status: u16, headers: &[(&str, &str)]) -> HttpAnswer {
    let name = |name: &str| HeaderName::try_from(name).unwrap();
    let headers = headers
        .iter()
        .map(|(n, v)| (name(n), HeaderValue::try_from(*v).unwrap()))
        .collect();
    HttpAnswer {
        status: status.try_into().unwrap(),
        headers,
        body: Bytes::new(),
    }
}

fn provider() -> Subsystem {
    "VN/GOV/G01/population".to_owned().try_into().unwrap()
}

#[test]
fn requests_say_who_asks_whom_and_why() {
    let config = XRoadConfig::default();
    assert_eq!(
        config.rest_path(&provider(), Some("person service"), "persons"),
        "r1/VN/GOV/G01/population/person%20service/persons"
    );
    assert_eq!(
        config.rest_path(&provider(), None, "listMethods"),
        "r1/VN/GOV/G01/population/listMethods"
    );
    let headers = config.rest_headers(Some(&asking()), &call());
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap();
    assert_eq!(header("x-road-client"), "VN/GOV/motlan/gateway");
    assert_eq!(header("x-road-id"), "00000000-0000-0000-0000-000000000007");
    assert_eq!(header("x-road-userid"), "VNc%C3%A1n-b%E1%BB%99-7");
    assert_eq!(header("x-road-issue"), "H01.12-261121-0007");
    assert_eq!(header("x-road-represented-party"), "GOV/ward-ba-dinh");
    assert_eq!(header("x-motlan-purpose"), "birth-registration");
}

#[test]
fn without_x_road_only_the_purpose_is_named() {
    let config = XRoadConfig {
        enabled: false,
        ..XRoadConfig::default()
    };
    assert_eq!(
        config.rest_path(&provider(), Some("service"), "persons"),
        "persons"
    );
    assert_eq!(config.rest_headers(Some(&asking()), &call()).len(), 1);
}

#[test]
fn errors_of_the_security_server_are_told_from_the_registry_s() {
    let problem = |code| {
        check_rest_answer(&answer(500, &[("x-road-error", code)]), &call())
            .unwrap_err()
            .problem()
    };
    assert_eq!(
        problem("Server.ServerProxy.NetworkError"),
        RegistryProblem::RegistryDown
    );
    assert_eq!(
        problem("Server.ServerProxy.AccessDenied"),
        RegistryProblem::RegistryRefused
    );
    assert_eq!(
        problem("Client.MissingHeader"),
        RegistryProblem::RegistryRefused
    );
    assert_eq!(
        problem("person 001185012345"),
        RegistryProblem::RegistryDown
    );
    let error = check_rest_answer(
        &answer(500, &[("x-road-error", "person 001185012345")]),
        &call(),
    )
    .unwrap_err();
    assert!(!error.to_string().contains("001185012345"));
    assert!(check_rest_answer(&answer(404, &[]), &call()).is_ok());
    assert!(check_rest_answer(&answer(200, &[("x-road-id", "another")]), &call()).is_err());
    assert!(
        check_rest_answer(
            &answer(
                200,
                &[("x-road-id", "00000000-0000-0000-0000-000000000007")]
            ),
            &call()
        )
        .is_ok()
    );
}

#[test]
fn identifiers_are_checked() {
    for bad in [
        "",
        "VN",
        "VN/GOV/G01",
        "VN/GOV/G01/",
        "VN/GOV/G01/a/b",
        "VN/GOV/../a",
        "VN/GOV/a b/c",
        "VN/GOV/a\n/c",
    ] {
        assert!(Subsystem::try_from(bad.to_owned()).is_err(), "{bad}");
    }
    let bad = XRoadConfig {
        purpose_header: Some("a b".to_owned()),
        ..XRoadConfig::default()
    };
    assert!(bad.check().is_err() && XRoadConfig::default().check().is_ok());
}
