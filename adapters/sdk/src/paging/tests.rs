//! Lists as real servers cut, bend and lose them. A list is whole, or an error says that it is not.

use crate::{
    adapter::{AdapterError, Call},
    fhir::FhirClient,
    hal::HalClient,
    http::{
        HttpClient, HttpConfig,
        tests::{
            call,
            server::{Reply, Server, reply},
        },
    },
    ogc::{Comparison, FeatureQuery, FeaturesClient, Search},
    paging::{PagingLimits, problem_code},
};
use http::HeaderMap;
use motlan_schemas::answer::RegistryProblem;
use serde_json::{Value, json};

const LIMITS: PagingLimits = PagingLimits {
    pages_max: 5,
    bytes_max: 10_000,
};

fn page(body: &Value) -> Reply {
    reply(200, "", &body.to_string())
}

fn client(server: &Server) -> HttpClient {
    HttpClient::new(&HttpConfig::new(server.url.clone())).unwrap()
}

fn soon() -> Call {
    call(5_000)
}

async fn hal(server: &Server) -> Result<Vec<Value>, AdapterError> {
    let hal = HalClient::new(client(server), "application/json", LIMITS).unwrap();
    hal.search("roles", &json!({}), "roles", &HeaderMap::new(), &soon())
        .await
}

async fn fhir(server: &Server) -> Result<Vec<Value>, AdapterError> {
    let fhir = FhirClient::new(client(server), LIMITS);
    let parameters = [("patient.identifier", "001185012345".to_owned())];
    fhir.search("Coverage", &parameters, &HeaderMap::new(), &soon())
        .await
}

async fn ogc(server: &Server) -> Result<Vec<Value>, AdapterError> {
    let limits = LIMITS;
    let ogc = FeaturesClient::new(client(server), "parcels".to_owned(), Search::Post, limits);
    let query = FeatureQuery {
        queryable: "holder",
        comparison: Comparison::Contains,
        value: "001185012345",
        properties: &["sheet"],
        page_size: 1,
    };
    ogc.features(query, &HeaderMap::new(), &soon()).await
}

fn roles(count: usize, total: u64, next: Option<&str>) -> Value {
    let links = next.map_or(json!({}), |href| json!({"next": {"href": href}}));
    json!({"_embedded": {"roles": vec![json!({}); count]}, "_links": links, "page": {"totalElements": total}})
}

#[tokio::test]
async fn fewer_records_than_announced_and_no_link_to_more_is_truncated() {
    let cut = roles(2, 26, None);
    let error = hal(&Server::start([page(&cut)]).await).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry's answer is not complete: fewer records than announced, and no link to more"
    );
    let coverage = json!({"resource": {"resourceType": "Coverage"}});
    let cut = json!({"resourceType": "Bundle", "type": "searchset", "total": 26, "entry": [coverage, coverage]});
    let error = fhir(&Server::start([page(&cut)]).await).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTruncated);
    let cut = json!({"type": "FeatureCollection", "numberMatched": "26", "features": [{}]});
    let error = ogc(&Server::start([page(&cut)]).await).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTruncated);
    // The first page knew of more than the last admits.
    let server = Server::start([page(&roles(1, 3, Some("?p=2"))), page(&roles(1, 2, None))]).await;
    let error = hal(&server).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTruncated);
}

#[tokio::test]
async fn a_link_is_followed_letter_by_letter() {
    let next = "/other/roles?cursor=%2Fa%2bb%3D%3D&x=1+2&y=%E1%BA%A1";
    let server = Server::start([page(&roles(1, 2, Some(next))), page(&roles(1, 2, None))]).await;
    assert_eq!(hal(&server).await.unwrap().len(), 2);
    let second = server.requests().remove(1);
    assert!(
        second.starts_with(&format!("GET {next} HTTP/1.1\r\n")),
        "{second}"
    );
}

#[tokio::test]
async fn a_link_that_is_encoded_as_a_whole_leads_to_the_next_page() {
    let server = Server::start([reply(500, "", "")]).await;
    let origin = server.url.origin().ascii_serialization();
    let encoded = format!(
        "{}%2Fapi%2FCoverage%2F%3Fpage-offset%3D2%26_count%3D1",
        origin.replace(':', "%3A").replace('/', "%2F")
    );
    let coverage = json!({"resource": {"resourceType": "Coverage"}});
    let first = json!({"resourceType": "Bundle", "total": 2, "entry": [coverage], "link": [{"relation": "next", "url": encoded}]});
    let last = json!({"resourceType": "Bundle", "total": 2, "entry": [coverage]});
    let server = server.replying([page(&first), page(&last)]);
    assert_eq!(fhir(&server).await.unwrap().len(), 2);
    let requests = server.requests();
    assert!(
        requests[1].starts_with("GET /api/Coverage/?page-offset=2&_count=1 "),
        "{}",
        requests[1]
    );
    // The number is in the form of the first request, and in no address.
    assert!(
        requests
            .iter()
            .all(|request| !request.lines().next().unwrap().contains("001185012345"))
    );
}

#[tokio::test]
async fn a_next_page_that_is_to_be_posted_gets_the_body_that_belongs_to_it() {
    let features =
        |links: Value| json!({"type": "FeatureCollection", "features": [{}], "links": links});
    let server = Server::start([
        page(&features(
            json!([{"rel": "next", "href": "search", "method": "POST", "body": {"token": "t"}}]),
        )),
        page(&features(
            json!([{"rel": "next", "href": "search", "method": "POST"}]),
        )),
        page(&features(json!([]))),
    ])
    .await;
    assert_eq!(ogc(&server).await.unwrap().len(), 3);
    let bodies: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.split_once("\r\n\r\n").unwrap().1.to_owned())
        .collect();
    assert_eq!(bodies[1], r#"{"token":"t"}"#);
    assert_eq!(bodies[2], bodies[0]);
}

#[tokio::test]
async fn lists_without_end_and_in_a_circle_are_left() {
    let circle = Server::start([page(&roles(1, 9, Some("?p=2")))]).await;
    let error = hal(&circle).await.unwrap_err().to_string();
    assert!(error.contains("go in a circle"), "{error}");
    assert_eq!(circle.requests().len(), 2);
    let pages = (0..9).map(|number| page(&roles(1, 0, Some(&format!("?p={number}")))));
    let endless = Server::start(pages.collect::<Vec<_>>()).await;
    let error = hal(&endless).await.unwrap_err().to_string();
    assert!(error.contains("more than 5 pages"), "{error}");
    let long =
        json!({"_embedded": {"roles": ["x".repeat(6_000)]}, "_links": {"next": {"href": "?p=2"}}});
    let error = hal(&Server::start([page(&long)]).await).await.unwrap_err();
    assert!(
        error.to_string().contains("longer than 10000 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn a_page_that_fails_makes_the_list_fail() {
    for (bad, problem) in [
        (reply(500, "", "{}"), RegistryProblem::RegistryDown),
        (reply(404, "", "{}"), RegistryProblem::RegistryRefused),
        (
            reply(200, "", "{\"_embedded\": {\"roles\": ["),
            RegistryProblem::RegistryTruncated,
        ),
        (reply(200, "", "<html>"), RegistryProblem::RegistryMalformed),
        (
            reply(302, "location: /x\r\n", ""),
            RegistryProblem::RegistryRefused,
        ),
    ] {
        let server = Server::start([page(&roles(1, 2, Some("?p=2"))), bad]).await;
        assert_eq!(hal(&server).await.unwrap_err().problem(), problem);
    }
}

#[tokio::test]
async fn not_found_is_told_from_a_wrong_address_and_from_an_error() {
    let html = "HTTP/1.1 404 X\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
    let refused = Err(RegistryProblem::RegistryRefused);
    for (answer, expected) in [
        (reply(404, "", "{}"), Ok(false)),
        (reply(410, "", "{}"), Ok(false)),
        (reply(200, "", r#"{"slettedato": "2020-01-01"}"#), Ok(true)),
        (Reply::Bytes(html.to_owned()), refused),
        (reply(403, "", "{}"), refused),
        (reply(502, "", "{}"), Err(RegistryProblem::RegistryDown)),
        (reply(204, "", ""), Err(RegistryProblem::RegistryMalformed)),
    ] {
        let server = Server::start([answer]).await;
        let hal = HalClient::new(client(&server), "application/json", LIMITS).unwrap();
        let found = hal
            .get("units/0100109106", &HeaderMap::new(), &soon())
            .await;
        let found = found.map(|unit| unit.is_some());
        assert_eq!(found.map_err(|error| error.problem()), expected);
    }
}

#[test]
fn codes_are_found_in_every_form_of_an_error_document() {
    for document in [
        json!({"type": "about:blank", "code": "tooMany"}),
        json!({"error": "tooMany"}),
        json!({"errors": [{"error": "tooMany", "type": "ch:service"}]}),
    ] {
        assert_eq!(problem_code(&document), Some("tooMany"), "{document}");
    }
    for other in [
        json!({"errors": []}),
        json!({"code": 7}),
        json!([]),
        json!(null),
    ] {
        assert_eq!(problem_code(&other), None, "{other}");
    }
}
