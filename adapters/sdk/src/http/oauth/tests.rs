//! Token endpoints as they are and as they should not be.

use super::*;
use crate::{
    adapter::Call,
    http::{
        HttpClient, counted,
        tests::{
            call,
            server::{Reply, Server, answer, reply},
        },
    },
};
use http::HeaderMap;
use motlan_schemas::answer::RegistryProblem;

const TOKEN: &str =
    r#"{"access_token": "t0ken-one", "token_type": "bearer", "expires_in": "3600"}"#;
const OTHER: &str = r#"{"access_token": "t0ken-two", "token_type": "Bearer"}"#;

fn oauth(endpoint: &Server) -> OAuthConfig {
    OAuthConfig {
        token_url: endpoint.url.join("/oauth/token").unwrap(),
        client_id: "mot lan".to_owned(),
        client_secret: "s3cret+/:é".into(),
        client_authentication: ClientAuthentication::Basic,
        scope: Some("persons.read tax".to_owned()),
        parameters: BTreeMap::from([("audience".to_owned(), "urn:tax".to_owned())]),
        roots_pem_file: None,
        allow_plain_http: false,
    }
}

fn client(registry: &Server, oauth: OAuthConfig) -> HttpClient {
    let config = HttpConfig {
        oauth: Some(oauth),
        ..HttpConfig::new(registry.url.clone())
    };
    HttpClient::new(&config).unwrap()
}

async fn ask(client: &HttpClient, call: &Call) -> Result<HttpAnswer, AdapterError> {
    let url = client.url("things").unwrap();
    client.get(&url, HeaderMap::new(), call).await
}

#[tokio::test]
async fn one_token_is_fetched_for_all_callers_and_goes_with_every_request() {
    let slow = Reply::Later(Duration::from_millis(50), answer(200, "", TOKEN));
    let endpoint = Server::start([slow]).await;
    let registry = Server::start([reply(200, "", "{}")]).await;
    let client = client(&registry, oauth(&endpoint));
    let call = call(5_000);
    let many = async {
        tokio::join!(
            ask(&client, &call),
            ask(&client, &call),
            ask(&client, &call)
        )
    };
    let ((one, two, three), requests) = counted(many).await;
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    // A token says nothing about a person, and the registry does not see that it is fetched.
    assert_eq!(requests, 3);
    assert!(ask(&client, &call).await.is_ok());
    let fetched = endpoint.requests();
    assert_eq!(fetched.len(), 1);
    assert!(
        fetched[0].starts_with("POST /oauth/token HTTP/1.1\r\n"),
        "{}",
        fetched[0]
    );
    // "mot+lan:s3cret%2B%2F%3A%C3%A9"
    let basic = "authorization: Basic bW90K2xhbjpzM2NyZXQlMkIlMkYlM0ElQzMlQTk=\r\n";
    assert!(fetched[0].contains(basic), "{}", fetched[0]);
    let form = "grant_type=client_credentials&scope=persons.read+tax&audience=urn%3Atax";
    assert!(fetched[0].ends_with(form), "{}", fetched[0]);
    assert_eq!(registry.requests().len(), 4);
    for request in registry.requests() {
        assert!(
            request.contains("authorization: Bearer t0ken-one\r\n"),
            "{request}"
        );
    }
    let shown = format!("{client:?} {:?}", oauth(&endpoint));
    assert!(
        !shown.contains("t0ken") && !shown.contains("s3cret"),
        "{shown}"
    );
}

#[tokio::test]
async fn name_and_password_may_be_in_the_form() {
    let endpoint = Server::start([reply(200, "", TOKEN)]).await;
    let registry = Server::start([reply(200, "", "{}")]).await;
    let in_body = OAuthConfig {
        client_authentication: ClientAuthentication::Body,
        ..oauth(&endpoint)
    };
    assert!(ask(&client(&registry, in_body), &call(5_000)).await.is_ok());
    let request = endpoint.requests().remove(0);
    assert!(!request.contains("authorization"), "{request}");
    assert!(
        request.ends_with("&client_id=mot+lan&client_secret=s3cret%2B%2F%3A%C3%A9"),
        "{request}"
    );
}

#[tokio::test]
async fn a_token_that_the_registry_refuses_is_replaced_once() {
    let endpoint = Server::start([reply(200, "", TOKEN), reply(200, "", OTHER)]).await;
    let registry = Server::start([reply(401, "", "{}"), reply(200, "", "{}")]).await;
    let renewed = client(&registry, oauth(&endpoint));
    let (answer, requests) = counted(ask(&renewed, &call(5_000))).await;
    assert_eq!((answer.unwrap().status, requests), (StatusCode::OK, 2));
    assert!(registry.requests()[1].contains("Bearer t0ken-two"));

    let endpoint = Server::start([reply(200, "", TOKEN)]).await;
    let registry = Server::start([reply(401, "", "{}")]).await;
    let refused = client(&registry, oauth(&endpoint));
    let (answer, requests) = counted(ask(&refused, &call(5_000))).await;
    assert_eq!(
        (answer.unwrap().status, requests),
        (StatusCode::UNAUTHORIZED, 2)
    );
    // A registry that refuses every token does not make us fetch one for every call.
    for _ in 0..10 {
        let _ = ask(&refused, &call(5_000)).await;
    }
    assert!(
        endpoint.requests().len() <= 5,
        "{}",
        endpoint.requests().len()
    );
}

#[tokio::test]
async fn a_token_is_renewed_shortly_before_it_expires() {
    let short = r#"{"access_token": "t0ken-one", "token_type": "bearer", "expires_in": 1}"#;
    let endpoint = Server::start([reply(200, "", short), reply(200, "", OTHER)]).await;
    let registry = Server::start([reply(200, "", "{}")]).await;
    let client = client(&registry, oauth(&endpoint));
    assert!(ask(&client, &call(5_000)).await.is_ok());
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(ask(&client, &call(5_000)).await.is_ok());
    assert!(registry.requests()[1].contains("Bearer t0ken-two"));
    let seconds = Duration::from_secs;
    assert_eq!(
        (kept(seconds(3600)), kept(seconds(40))),
        (seconds(3570), seconds(20))
    );
    assert_eq!(kept(Duration::MAX), seconds(86_370));
}

#[tokio::test]
async fn each_failure_of_the_endpoint_is_told_and_nobody_asks_the_registry() {
    let elsewhere = "location: http://127.0.0.1:1/\r\n";
    let cases = [
        (
            reply(
                401,
                "",
                r#"{"error": "invalid_client", "error_description": "s3cret"}"#,
            ),
            "the registry refused: at the token endpoint, HTTP 401, invalid_client",
        ),
        (
            reply(400, "", "<html>"),
            "the registry refused: at the token endpoint, HTTP 400",
        ),
        (
            reply(500, "", ""),
            "the registry is down: at the token endpoint, HTTP 500",
        ),
        (
            reply(503, "retry-after: 9\r\n", ""),
            "the registry is down: at the token endpoint, HTTP 503, retry after 9 s",
        ),
        (
            reply(307, elsewhere, ""),
            "the registry refused: at the token endpoint, a redirect",
        ),
        (
            reply(200, "", "{}"),
            "the registry's answer cannot be read: at the token endpoint, no `access_token`",
        ),
        (
            reply(200, "", r#"{"access_token": "t0ken", "token_type": "mac"}"#),
            "the registry's answer cannot be read: at the token endpoint, a `token_type` other than Bearer",
        ),
        (
            reply(
                200,
                "",
                r#"{"access_token": "t0\r\nx-evil: 1", "token_type": "bearer"}"#,
            ),
            "the registry's answer cannot be read: at the token endpoint, an `access_token` that no header can carry",
        ),
        (
            Reply::Close,
            "the registry is down: at the token endpoint, the connection was closed without an answer",
        ),
    ];
    for (bad, expected) in cases {
        let endpoint = Server::start([bad]).await;
        let registry = Server::start([reply(200, "", "{}")]).await;
        let client = client(&registry, oauth(&endpoint));
        let call = call(5_000);
        let (one, two) = tokio::join!(ask(&client, &call), ask(&client, &call));
        assert_eq!(one.unwrap_err().to_string(), expected);
        assert_eq!(two.unwrap_err().to_string(), expected);
        assert_eq!(
            (endpoint.requests().len(), registry.connections()),
            (1, 0),
            "{expected}"
        );
    }
}

#[tokio::test]
async fn the_endpoint_counts_in_the_deadline() {
    let endpoint = Server::start([Reply::Silence]).await;
    let registry = Server::start([reply(200, "", "{}")]).await;
    let client = client(&registry, oauth(&endpoint));
    let begun = Instant::now();
    let error = ask(&client, &call(100)).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTimeout);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(registry.connections(), 0);
}

#[test]
fn bad_credentials_and_limits_are_named() {
    let refused = |text: &str| {
        let config: HttpConfig = serde_json::from_str(text).unwrap();
        HttpClient::new(&config).unwrap_err().to_string()
    };
    let with = |oauth: &str| {
        refused(&format!(
            r#"{{"base_url": "https://a.example", "oauth": {{"client_id": "m", "client_secret": "s", {oauth}}}}}"#
        ))
    };
    assert!(
        with(r#""token_url": "http://b.example/token""#)
            .starts_with("`oauth.token_url`: plain http")
    );
    assert!(with(r#""token_url": "https://m:s@b.example/token""#).contains("credentials"));
    assert!(
        with(r#""token_url": "https://b.example/token", "roots_pem_file": "missing.pem""#)
            .starts_with("`oauth.roots_pem_file`")
    );
    let two = refused(
        r#"{"base_url": "https://a.example", "bearer_token": "x", "basic": {"user": "u"}}"#,
    );
    assert!(two.contains("only one of"), "{two}");
    let colon = refused(r#"{"base_url": "https://a.example", "basic": {"user": "u:v"}}"#);
    assert!(colon.starts_with("`basic.user`"), "{colon}");
    for limit in [
        "connect_timeout_ms",
        "first_byte_timeout_ms",
        "timeout_ms",
        "body_bytes_max",
        "concurrency_max",
    ] {
        let error = refused(&format!(
            r#"{{"base_url": "https://a.example", "{limit}": 0}}"#
        ));
        assert_eq!(error, format!("`{limit}`: must be 1 or more"));
    }
}

#[tokio::test]
async fn a_name_and_a_password_go_as_basic() {
    let registry = Server::start([reply(200, "", "{}")]).await;
    let text = format!(
        r#"{{"base_url": "{}", "basic": {{"user": "Aladdin", "password": "open sesame"}}}}"#,
        registry.url
    );
    let config: HttpConfig = serde_json::from_str(&text).unwrap();
    assert!(
        ask(&HttpClient::new(&config).unwrap(), &call(5_000))
            .await
            .is_ok()
    );
    let request = registry.requests().remove(0);
    assert!(
        request.contains("authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
        "{request}"
    );
}
