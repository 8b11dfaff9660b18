//! Tricks that would have a client connect somewhere else. A second listener counts: it must see
//! nobody.

use super::{
    server::{Server, reply},
    *,
};
use crate::{
    fhir::FhirClient,
    hal::HalClient,
    http::oauth::{ClientAuthentication, OAuthConfig},
    ogc::{Comparison, FeatureQuery, FeaturesClient, Search},
    paging::PagingLimits,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every way that we know of to write an address that is not the registry's, but the trap's.
fn addresses_of(trap: &Server, registry: &Server) -> Vec<String> {
    let (trap, own) = (trap.url.port().unwrap(), registry.url.port().unwrap());
    vec![
        format!("http://127.0.0.1:{trap}/x"),
        format!("http://localhost:{trap}/x"),
        format!("http://localhost:{own}/x"),
        format!("//127.0.0.1:{trap}/x"),
        format!("\\\\127.0.0.1:{trap}\\x"),
        format!("/\\127.0.0.1:{trap}/x"),
        format!("http:\\\\127.0.0.1:{trap}/x"),
        format!("HTTP://127.0.0.1:{trap}/x"),
        format!("ht\ntp://127.0.0.1:{trap}/x"),
        format!(" \t//127.0.0.1:{trap}/x"),
        format!("http://2130706433:{trap}/x"),
        format!("http://0x7f000001:{trap}/x"),
        format!("http://017700000001:{trap}/x"),
        format!("http://127.1:{trap}/x"),
        format!("http://①②⑦.0.0.1:{trap}/x"),
        format!("http://[::1]:{trap}/x"),
        format!("http://[::ffff:127.0.0.1]:{trap}/x"),
        format!("http://0.0.0.0:{trap}/x"),
        format!("http://127.0.0.1:{own}@127.0.0.1:{trap}/x"),
        format!("http://127.0.0.1:{trap}#@127.0.0.1:{own}/x"),
        format!("http://127.0.0.1:{trap}\\@127.0.0.1:{own}/x"),
        format!("http://name:word@127.0.0.1:{own}/x"),
        format!("http://127.0.0.1:{own}.evil.example/x"),
        format!("https://127.0.0.1:{own}/x"),
        format!("http%3A%2F%2F127.0.0.1%3A{trap}%2Fx"),
        format!("ftp://127.0.0.1:{trap}/x"),
        format!("ws://127.0.0.1:{own}/x"),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1:70/x".to_owned(),
        "data:application/json,{}".to_owned(),
    ]
}

async fn trap() -> Server {
    Server::start([reply(200, "", "{}")]).await
}

fn client(server: &Server) -> HttpClient {
    HttpClient::new(&HttpConfig::new(server.url.clone())).unwrap()
}

#[tokio::test]
async fn no_redirect_of_any_kind_is_followed() {
    let trap = trap().await;
    for status in [300, 301, 302, 303, 305, 306, 307, 308, 399] {
        for header in ["location", "refresh", "content-location", "uri", "alt-svc"] {
            let to = &trap.url;
            let value = if header == "refresh" {
                format!("0; url={to}")
            } else {
                to.to_string()
            };
            let server =
                Server::start([reply(status, &format!("{header}: {value}\r\n"), "")]).await;
            let client = client(&server);
            let url = client.url("x").unwrap();
            for posted in [false, true] {
                let outcome = if posted {
                    client
                        .post(&url, HeaderMap::new(), "{}", &call(2_000))
                        .await
                } else {
                    client.get(&url, HeaderMap::new(), &call(2_000)).await
                };
                let problem = outcome.unwrap_err().problem();
                assert_eq!(
                    problem,
                    RegistryProblem::RegistryRefused,
                    "{status} {header}"
                );
            }
        }
    }
    let hints = format!(
        "refresh: 0; url={0}\r\nlink: <{0}>; rel=preload\r\nalt-svc: h2=\"{0}\"\r\n",
        trap.url
    );
    let server = Server::start([reply(200, &hints, "{}")]).await;
    let client = client(&server);
    for _ in 0..2 {
        let url = client.url("x").unwrap();
        assert!(
            client
                .get(&url, HeaderMap::new(), &call(2_000))
                .await
                .is_ok()
        );
    }
    assert_eq!(trap.connections(), 0);
}

/// A page of each protocol whose next link leads to `href`.
fn pages(href: &str) -> [(&'static str, Value); 4] {
    [
        (
            "hal",
            json!({"_embedded": {"items": [{}]}, "_links": {"next": {"href": href}}}),
        ),
        (
            "fhir",
            json!({"resourceType": "Bundle", "link": [{"relation": "next", "url": href}]}),
        ),
        (
            "ogc",
            json!({"type": "FeatureCollection", "features": [], "links": [{"rel": "next", "href": href}]}),
        ),
        (
            "ogc",
            json!({"type": "FeatureCollection", "features": [], "links": [{"rel": "next", "href": href, "method": "POST", "body": {}}]}),
        ),
    ]
}

async fn read_all(protocol: &str, client: HttpClient) -> Result<Vec<Value>, AdapterError> {
    let (headers, limits, call) = (HeaderMap::new(), PagingLimits::default(), call(5_000));
    match protocol {
        "hal" => {
            let hal = HalClient::new(client, "application/json", limits).unwrap();
            hal.search("x", &json!({}), "items", &headers, &call).await
        }
        "fhir" => {
            let fhir = FhirClient::new(client, limits);
            fhir.search("Coverage", &[], &headers, &call).await
        }
        _ => {
            let ogc = FeaturesClient::new(client, "parcels".to_owned(), Search::Post, limits);
            let query = FeatureQuery {
                queryable: "holder",
                comparison: Comparison::Equals,
                value: "1",
                properties: &[],
                page_size: 10,
            };
            ogc.features(query, &headers, &call).await
        }
    }
}

#[tokio::test]
async fn no_next_link_leads_out_of_the_configured_origin() {
    let trap = trap().await;
    let registry = Server::start([reply(500, "", "{}")]).await;
    let client = client(&registry);
    for href in addresses_of(&trap, &registry) {
        for (protocol, page) in pages(&href) {
            let registry = registry.clone();
            registry.replying([reply(200, "", &page.to_string())]);
            let outcome = read_all(protocol, client.clone()).await;
            assert!(outcome.is_err(), "{protocol}: {href}");
        }
    }
    // Whatever is taken for a path of the registry's own is asked there, without what a link says of
    // names and passwords.
    for request in registry.requests() {
        assert!(!request.contains("authorization"), "{request}");
    }
    assert_eq!(trap.connections(), 0);
}

#[test]
fn no_path_leads_out_of_the_configured_address() {
    let config = HttpConfig::new("https://registry.example/api/v1".parse().unwrap());
    let client = HttpClient::new(&config).unwrap();
    for path in [
        "../admin",
        "a/../../admin",
        "..",
        "%2e%2e/admin",
        "a/%2E%2E/%2e./%2e%2E/x",
        "..\\admin",
        "../v1x",
    ] {
        assert!(client.url(path).is_err(), "{path}");
    }
    for path in [
        "",
        "a",
        "a/b?c=../..",
        "a/./b",
        "a/../b",
        "...",
        "//evil.example/x",
    ] {
        let url = client.url(path).unwrap();
        assert!(
            url.as_str().starts_with("https://registry.example/api/v1"),
            "{path}: {url}"
        );
    }
}

#[tokio::test]
async fn a_token_is_fetched_at_the_configured_address_only() {
    let trap = trap().await;
    let to = &trap.url;
    let hints = format!(
        r#"{{"access_token": "t", "token_type": "bearer", "token_endpoint": "{to}", "issuer": "{to}", "resource": "{to}"}}"#
    );
    let challenge = format!(
        "www-authenticate: Bearer authorization_uri=\"{to}\", resource_metadata=\"{to}\"\r\n"
    );
    let endpoint = Server::start([reply(200, "", &hints)]).await;
    let redirecting = Server::start([reply(307, &format!("location: {to}\r\n"), "")]).await;
    let registry = Server::start([reply(401, &challenge, "{}")]).await;
    for token_url in [endpoint.url.clone(), redirecting.url.clone()] {
        let config = HttpConfig {
            oauth: Some(OAuthConfig {
                token_url,
                client_id: "motlan".to_owned(),
                client_secret: "s".into(),
                client_authentication: ClientAuthentication::Body,
                scope: None,
                parameters: BTreeMap::new(),
                roots_pem_file: None,
                allow_plain_http: false,
            }),
            ..HttpConfig::new(registry.url.clone())
        };
        let client = HttpClient::new(&config).unwrap();
        let url = client.url("x").unwrap();
        let _ = client.get(&url, HeaderMap::new(), &call(2_000)).await;
    }
    assert_eq!(trap.connections(), 0);
}

/// Runs one test of this program in a process of its own, with some variables in its environment.
pub(super) fn in_a_child(test: &str, variables: &[(&str, String)]) -> std::process::Output {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            test,
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_proxy_of_the_environment_is_used() {
    let trap = trap().await;
    let registry = Server::start([reply(200, "", "{}")]).await;
    let proxies = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ];
    let proxy = trap.url.origin().ascii_serialization();
    let mut variables: Vec<_> = proxies.map(|name| (name, proxy.clone())).into();
    variables.push((REGISTRY, registry.url.to_string()));
    let child = tokio::task::spawn_blocking(move || {
        in_a_child("http::tests::elsewhere::child_with_proxies", &variables)
    });
    let output = child.await.unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!((registry.requests().len(), trap.connections()), (1, 0));
}

const REGISTRY: &str = "MOTLAN_TEST_REGISTRY";

#[tokio::test]
#[ignore = "started by `no_proxy_of_the_environment_is_used`, with proxies in its environment"]
async fn child_with_proxies() {
    let Some(url) = std::env::var_os(REGISTRY) else {
        return;
    };
    let config = HttpConfig::new(url.to_str().unwrap().parse().unwrap());
    let client = HttpClient::new(&config).unwrap();
    let url = client.url("x").unwrap();
    assert!(
        client
            .get(&url, HeaderMap::new(), &call(5_000))
            .await
            .is_ok()
    );
}
