//! Folders for the other protocols: SOAP before the sandbox, HAL and JSON before canned answers, SQL
//! without a database.
#![expect(clippy::panic, reason = "a test says what is wrong by panicking")]

use motlan_adapter_sdk::{
    adapter::AdapterError,
    testing::{World, call, canned},
};
use motlan_declarative::{DeclarativeAdapter, Files, Folder, MANIFEST, Mistakes};
use motlan_sandbox::people::personas::{LAN, MINH, NOBODY};
use serde_json::{Value, json};
use std::path::Path;
use url::Url;

const HEAD: &str = r#"
[adapter]
registry = "test_registry"
version = "1"
environment = "test"
title = { vi = "Sổ", en = "Register", fr = "Registre" }
"#;

fn folder(text: &str) -> Folder {
    let files = Files::from([(MANIFEST.to_owned(), format!("{HEAD}{text}"))]);
    Folder::compile(Path::new("test"), &files)
        .unwrap_or_else(|mistakes| panic!("{}", Mistakes(mistakes)))
}

fn at(url: Url, text: &str) -> World<DeclarativeAdapter, Url> {
    World::at(url, |url, contract| {
        Ok(DeclarativeAdapter::new(folder(text), Some(url), contract)
            .unwrap_or_else(|mistakes| panic!("{}", Mistakes(mistakes))))
    })
}

const DEATH: &str = r#"
protocol = "soap"
[source]
base_url = "http://127.0.0.1:1"
[soap]
namespace = "urn:vn:moj:civil-status"
provider = "VN/GOV/G15/civil-status"
service_version = "v1"
not_found_codes = ["NotFound"]
[datasets."civil_status.death"]
records = ".hoSo | items"
subject = { jq = ".soDinhDanh", given = ["soDinhDanh"] }
total = ".tongSo"
[datasets."civil_status.death".request]
operation = "getDeath"
xml = "<soDinhDanh>{subject}</soDinhDanh><fields><field>{fields}</field></fields>"
[datasets."civil_status.death".attributes]
date = { jq = ".nktNgayChet", needs = ["nktNgayChet"], as = "date" }
place = { jq = ".nktNoiChet", needs = ["nktNoiChet"] }
under_investigation = { jq = ".dangXacMinh", given = ["dangXacMinh"], as = "flag" }
"#;

#[tokio::test]
async fn a_soap_service_is_asked_in_xml_and_read_in_jq() {
    let folder = folder(DEATH);
    let world = World::start("civil_status", |url, contract| {
        Ok(DeclarativeAdapter::new(folder, Some(url), contract).unwrap())
    })
    .await;
    let death = world
        .json(
            MINH,
            &["civil_status.death.date", "civil_status.death.place"],
        )
        .await;
    assert!(
        death["date"].is_string() && death["place"].is_string(),
        "{death}"
    );
    let body = world.last_request()["body"].as_str().unwrap().to_owned();
    assert!(
        body.contains("nktNgayChet") && body.contains("nktNoiChet"),
        "{body}"
    );
    let only = world.json(MINH, &["civil_status.death.date"]).await;
    assert!(only["place"].is_null());
    assert!(
        !world.last_request()["body"]
            .as_str()
            .unwrap()
            .contains("nktNoiChet")
    );
    world.assert_absent(NOBODY, &["civil_status.death"]).await;
    world.assert_absent(LAN, &["civil_status.death"]).await;
    world
        .fault_round(&[(MINH, "civil_status.death")], 10_000, &[MINH])
        .await;
}

const INCOME: &str = r#"
[datasets."tax.income".attributes]
year = { jq = ".nam", as = "integer" }
payer_name = ".ten"
"#;

fn rest(dataset: &str, request: &str) -> String {
    format!(
        r#"protocol = "rest"
[source]
base_url = "http://127.0.0.1:1"
[health]
path = "health"
[datasets."tax.income"]
subject = ".so"
records = ".ds | items"
{dataset}
[datasets."tax.income".request]
path = "q?tu={{offset}}"
{request}
{INCOME}"#
    )
}

fn record(year: i64) -> Value {
    json!({"so": LAN, "nam": year, "ten": " Nguye\u{302}\u{303}n "})
}

#[tokio::test]
async fn pages_are_read_to_the_end_in_each_way() {
    let json = r#"json = { so = "{subject}", con_tro = "{cursor}" }"#;
    for (dataset, pages) in [
        (
            "paging = { next = \".tiep\" }",
            vec![
                json!({"ds": record(1), "tiep": "/q2"}),
                json!({"ds": [record(2)]}),
            ],
        ),
        (
            "paging = { cursor = \".tiep\" }\ntotal = \".tong\"",
            vec![
                json!({"ds": [record(1)], "tiep": "x", "tong": "2"}),
                json!({"ds": [record(2)], "tiep": ""}),
            ],
        ),
        (
            "paging = { offset = true }",
            vec![
                json!({"ds": [record(1)]}),
                json!({"ds": [record(2)]}),
                json!({"ds": []}),
            ],
        ),
        (
            "paging = { offset = true }\ntotal = \".tong\"",
            vec![
                json!({"ds": [record(1)], "tong": 2}),
                json!({"ds": [record(2)], "tong": 2}),
            ],
        ),
    ] {
        let url = canned(200, pages.iter().map(Value::to_string).collect()).await;
        // Years below 1900 break the schema, so they are raised here.
        let text = rest(dataset, json).replace(".nam\"", "(.nam + 2000)\"");
        let records = at(url, &text).json(LAN, &["tax.income"]).await;
        assert_eq!(
            records,
            json!([{"year": 2001, "payer_name": "Nguyễn"}, {"year": 2002, "payer_name": "Nguyễn"}]),
            "{dataset}"
        );
    }
}

/// What is told of one answer.
async fn told(status: u16, body: &Value, dataset: &str) -> Result<Value, String> {
    let url = canned(status, vec![body.to_string()]).await;
    let world = at(url, &rest(dataset, r#"json = { so = "{subject}" }"#));
    world
        .read(LAN, &["tax.income"])
        .await
        .map_err(|error: AdapterError| error.to_string())
}

#[tokio::test]
async fn answers_mean_what_the_outcomes_say() {
    let ok = json!({"ds": [record(2020)]});
    let absent =
        "outcomes = [{ status = 404, when = '.ma == \"KHONG_CO\"', outcome = \"absent\" }]";
    assert!(told(200, &ok, "").await.unwrap().is_array());
    assert_eq!(
        told(404, &json!({"ma": "KHONG_CO"}), absent).await,
        Ok(Value::Null)
    );
    for (status, body, dataset, expected) in [
        (
            404,
            json!({"ma": "X"}),
            absent,
            "the registry refused: HTTP 404",
        ),
        (
            404,
            json!({"code": "notFound"}),
            "",
            "the registry refused: HTTP 404, notFound",
        ),
        (500, json!({}), "", "the registry is down: HTTP 500"),
        (
            200,
            json!({"ma": "E9"}),
            "outcomes = [{ when = '.ma != null', outcome = \"down\", code = \".ma\" }]",
            "the registry is down: HTTP 200, E9",
        ),
        (
            200,
            json!({"ds": [], "tong": 3}),
            "total = \".tong\"",
            "the registry's answer is not complete: fewer records than announced, and no link to more",
        ),
        (
            200,
            json!({"ds": [{"so": NOBODY}]}),
            "",
            "the registry answered about somebody else",
        ),
        (
            200,
            json!({"ds": [{"nam": 2020}]}),
            "",
            "the registry's answer cannot be read: a record that does not say whose it is",
        ),
        (
            200,
            json!({"ds": [{"so": LAN, "nam": "x"}]}),
            "",
            "the registry's answer cannot be read: `year` is not a whole number",
        ),
        (
            200,
            json!({"ds": "x"}),
            "",
            "the registry's answer cannot be read: `subject` does not fit what the registry sent",
        ),
    ] {
        assert_eq!(
            told(status, &body, dataset).await,
            Err(expected.to_owned()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn records_of_others_are_left_out() {
    let body = json!({"ds": [record(2020), {"so": NOBODY, "nam": 2021}]});
    let records = told(200, &body, "").await.unwrap();
    assert_eq!(records.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn hal_resources_are_got_and_searched() {
    let resource = |request: &str| {
        format!(
            r#"protocol = "hal"
[source]
base_url = "http://127.0.0.1:1"
[health]
path = "health"
[datasets."tax.income"]
subject = ".so"
[datasets."tax.income".request]
{request}
{INCOME}"#
        )
    };
    let got = resource("method = \"GET\"\npath = \"nguoi/{subject}\"\nsubject_in_path = true");
    let url = canned(200, vec![record(2020).to_string()]).await;
    assert_eq!(
        at(url, &got).json(LAN, &["tax.income"]).await[0]["year"],
        2020
    );
    let url = canned(404, vec!["{}".to_owned()]).await;
    at(url, &got).assert_absent(LAN, &["tax.income"]).await;
    let list = json!({"_embedded": {"ds": [record(2021)]}, "page": {"totalElements": 1}});
    let searched = resource("path = \"tim\"\nembedded = \"ds\"\njson = { so = \"{subject}\" }");
    let url = canned(200, vec![list.to_string()]).await;
    assert_eq!(
        at(url, &searched).json(LAN, &["tax.income"]).await[0]["year"],
        2021
    );
}

#[tokio::test]
async fn a_database_that_is_not_there_is_down() {
    let text = r#"protocol = "sql"
[source]
host = "127.0.0.1"
port = 1
database = "thue"
user = "motlan"
allow_plain = true
[datasets."tax.income"]
subject = { jq = '.["t.so"]', needs = ["t.so"] }
[datasets."tax.income".request]
from = "thu_nhap AS t"
filter = "t.so = $1"
subject_column = "t.so"
[datasets."tax.income".attributes]
year = { jq = '.["t.nam"]', needs = ["t.nam"], as = "integer" }
"#;
    let world = at("http://127.0.0.1:1".parse().unwrap(), text);
    let permit = world.permit(LAN, &["tax.income"]);
    let error = motlan_adapter_sdk::adapter::Adapter::fetch(&world.adapter, &permit, &call(2_000))
        .await
        .unwrap_err();
    assert!(matches!(error, AdapterError::Down { .. }), "{error}");
}
