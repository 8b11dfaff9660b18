//! A small source of invented people, as recorded exchanges, and what an adapter must say of them.

use motlan_adapter_sdk::conformance::{Case, Expect, Fixtures, Source};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const LAN: &str = "001185012345";
const HOA: &str = "001158002468";
const NOBODY: &str = "001190999999";
const AN: &str = "001316006789";
pub(crate) const NUMBERS: [&str; 4] = [LAN, HOA, NOBODY, AN];

pub(crate) fn source() -> Source {
    let exchange = |method: &str, path: &str, contains: &[&str], body: Value| {
        json!({
            "request": {"method": method, "path": path, "contains": contains},
            "answer": {"headers": {"content-type": "application/json"}, "body": body},
        })
    };
    let lan = json!({"so": LAN, "hoTen": "NGUYỄN THỊ LAN", "ngaySinh": "1985-06-12", "gioiTinh": "2",
        "danToc": "01", "tonGiao": "Phật giáo", "quocTich": "VN", "noiSinh": "Phường Ba Đình, Hà Nội",
        "queQuan": "Xã Tiên Điền, Hà Tĩnh", "trangThai": "1", "daChet": false, "xacMinh": true});
    let hoa = json!({"so": HOA, "hoTen": "PHẠM THỊ HOA", "ngaySinh": "1958", "gioiTinh": "2",
        "quocTich": "VN", "trangThai": "4", "daChet": false});
    let member = |of: &str, nth: usize| {
        let (name, number, relation, born) = MEMBERS[nth];
        json!({"cua": of, "maHo": "HN-00004-021187", "hoTen": name, "so": number, "quanHe": relation,
            "gioiTinh": "2", "ngaySinh": born, "tuNgay": "2016-03"})
    };
    let next = "{base_url}/household/7f3a9c21d4";
    let exchanges = json!([
        exchange("POST", "/identity", &[], json!({"persons": []})),
        exchange("POST", "/identity", &[LAN], json!({"persons": [lan]})),
        exchange("POST", "/identity", &[HOA], json!({"persons": [hoa]})),
        exchange(
            "POST",
            "/household",
            &[],
            json!({"total": 0, "members": []})
        ),
        exchange(
            "POST",
            "/household",
            &[LAN],
            json!({"total": 3, "members": [member(LAN, 0), member(LAN, 1)], "next": next})
        ),
        exchange(
            "GET",
            "/household/7f3a9c21d4",
            &[],
            json!({"total": 3, "members": [member(LAN, 2)]})
        ),
        exchange(
            "POST",
            "/household",
            &[HOA],
            json!({"total": 1, "members": [member(HOA, 1)]})
        ),
        exchange("GET", "/status", &[], json!({"status": "up"})),
    ]);
    Source::Fixtures(Arc::new(Fixtures::new(
        serde_json::from_value(exchanges).unwrap(),
    )))
}

pub(crate) fn cases() -> Vec<Case> {
    let case = |name: &str, subject: &str, dataset: &str, records: Value| Case {
        name: name.to_owned(),
        subject: subject.to_owned(),
        dataset: format!("population.{dataset}"),
        expect: match records {
            Value::Null => Expect::Absent,
            records => Expect::Records(records),
        },
        as_of: None,
    };
    let member = |nth: usize| {
        let (name, number, relation, born) = MEMBERS[nth];
        json!({"household_code": "HN-00004-021187", "member_full_name": name, "member_personal_id": number,
            "relationship": if relation == "1" { "head" } else { "child" }, "sex": "female",
            "birth_date": born, "since": "2016-03"})
    };
    vec![
        case(
            "lan",
            LAN,
            "identity",
            json!({"full_name": "NGUYỄN THỊ LAN", "personal_id": LAN,
            "birth_date": "1985-06-12", "sex": "female", "ethnicity": "01", "religion": "Phật giáo",
            "nationality": "VN", "birth_place": "Phường Ba Đình, Hà Nội",
            "home_town": "Xã Tiên Điền, Hà Tĩnh", "status": "active", "deceased": false,
            "under_investigation": true}),
        ),
        case(
            "hoa",
            HOA,
            "identity",
            json!({"full_name": "PHẠM THỊ HOA", "personal_id": HOA,
            "birth_date": "1958", "sex": "female", "nationality": "VN", "status": "emigrated",
            "deceased": false}),
        ),
        case("nobody", NOBODY, "identity", Value::Null),
        case(
            "lan's household",
            LAN,
            "household",
            json!([member(0), member(1), member(2)]),
        ),
        case("hoa's household", HOA, "household", json!([member(1)])),
        case("nobody's household", NOBODY, "household", Value::Null),
    ]
}

/// Name, number, relationship and birth of each member.
const MEMBERS: [(&str, &str, &str, &str); 3] = [
    ("NGUYỄN THỊ LAN", LAN, "1", "1985-06-12"),
    ("TRẦN NGUYỄN HOÀI AN", AN, "3", "2016-03-08"),
    ("TRẦN NGUYỄN MINH KHUÊ", "001318001234", "3", "2018-11"),
];
