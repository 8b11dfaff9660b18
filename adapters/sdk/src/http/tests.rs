//! Each way an HTTP exchange can go wrong, against a socket that does exactly that.

mod elsewhere;
mod memory;
mod repeat;
pub(crate) mod server;
mod tls;

use super::*;
use motlan_schemas::answer::RegistryProblem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server that reads one request and writes some bytes; returns the request through the handle.
async fn server(bytes: &'static [u8]) -> (Url, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let handle = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (url, handle)
}

pub(crate) fn call(milliseconds: u64) -> Call {
    let deadline = Instant::now() + Duration::from_millis(milliseconds);
    let traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
    Call {
        deadline,
        id: uuid::Uuid::nil(),
        traceparent,
    }
}

async fn answer_to(bytes: &'static [u8]) -> Result<HttpAnswer, AdapterError> {
    let (url, _server) = server(bytes).await;
    let client = HttpClient::new(&HttpConfig {
        body_bytes_max: 1000,
        ..HttpConfig::new(url)
    })
    .unwrap();
    client
        .get(
            &client.url("things?person=001185012345").unwrap(),
            HeaderMap::new(),
            &call(2000),
        )
        .await
}

#[tokio::test]
async fn a_whole_answer_is_read_and_the_trace_context_travels() {
    let (url, server) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\ncontent-type: Application/JSON; charset=\"UTF-8\"\r\n\r\n{\"a\":1}").await;
    let client = HttpClient::new(&HttpConfig::new(url)).unwrap();
    let answer = client
        .post(
            &client.url("/things").unwrap(),
            HeaderMap::new(),
            "{}",
            &call(2000),
        )
        .await
        .unwrap();
    assert_eq!(answer.json().unwrap()["a"], 1);
    assert_eq!(
        (answer.media_type().as_deref(), answer.charset().as_deref()),
        (Some("application/json"), Some("utf-8"))
    );
    let request = server.await.unwrap();
    assert!(
        request.starts_with("POST /api/things HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("traceparent: 00-0af7651916cd43dd8448eb211c80319c"),
        "{request}"
    );
}

#[tokio::test]
async fn each_broken_answer_is_its_own_error_and_none_repeats_the_query() {
    let cases: [(&'static [u8], RegistryProblem); 11] = [
        (b"", RegistryProblem::RegistryDown),
        (
            b"HTTP/1.1 200 OK\r\ncontent-le",
            RegistryProblem::RegistryDown,
        ),
        (
            b"not http at all\r\n\r\n",
            RegistryProblem::RegistryMalformed,
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\"",
            RegistryProblem::RegistryTruncated,
        ),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
            RegistryProblem::RegistryTruncated,
        ),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n",
            RegistryProblem::RegistryMalformed,
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n",
            RegistryProblem::RegistryMalformed,
        ),
        (
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            RegistryProblem::RegistryRefused,
        ),
        (
            b"HTTP/1.1 429 Too Many\r\nretry-after: 30\r\ncontent-length: 0\r\n\r\n",
            RegistryProblem::RegistryRefused,
        ),
        (
            b"HTTP/1.1 503 No\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n",
            RegistryProblem::RegistryDown,
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx",
            RegistryProblem::RegistryMalformed,
        ),
    ];
    for (bytes, problem) in cases {
        let error = answer_to(bytes).await.unwrap_err();
        assert_eq!(
            error.problem(),
            problem,
            "{:?}: {error}",
            String::from_utf8_lossy(bytes)
        );
        assert!(!format!("{error} {error:?}").contains("001185012345"));
    }
    let error = answer_to(b"HTTP/1.1 503 No\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("retry after 7 s"));
    let error =
        answer_to(b"HTTP/1.1 429 No\r\nretry-after: 2338097978\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap_err();
    assert!(error.to_string().contains("more than a day"), "{error}");
}

#[tokio::test]
async fn a_silent_registry_is_left_before_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let client = HttpClient::new(&HttpConfig::new(url)).unwrap();
    let call = call(80);
    let error = client
        .get(&client.url("x").unwrap(), HeaderMap::new(), &call)
        .await
        .unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTimeout);
    assert!(Instant::now() <= call.deadline + SCHEDULING);
}

#[tokio::test]
async fn nobody_listening_is_down() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(listener);
    let client = HttpClient::new(&HttpConfig::new(url)).unwrap();
    let error = client
        .get(&client.url("x").unwrap(), HeaderMap::new(), &call(2000))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry is down: connection refused"
    );
}

#[test]
fn a_link_to_another_host_is_not_followed() {
    let client = HttpClient::new(&HttpConfig::new(
        "https://registry.example/api".parse().unwrap(),
    ))
    .unwrap();
    let asked = client.url("items?limit=10").unwrap();
    assert_eq!(
        asked.as_str(),
        "https://registry.example/api/items?limit=10"
    );
    assert_eq!(
        client.follow(&asked, "?cursor=%2Fab%3D").unwrap().as_str(),
        "https://registry.example/api/items?cursor=%2Fab%3D"
    );
    for bad in [
        "https://evil.example/",
        "//evil.example/x",
        "http://registry.example/",
        "file:///etc/passwd",
        "https://registry.example:8443/",
        "http://[",
    ] {
        assert!(client.follow(&asked, bad).is_err(), "{bad}");
    }
    assert_eq!(
        client.url("//evil.example/x").unwrap().host_str(),
        Some("registry.example")
    );
    assert_eq!(
        client.url("").unwrap().as_str(),
        "https://registry.example/api"
    );
}

#[test]
fn bad_settings_are_named() {
    let refused = |url: &str| {
        HttpClient::new(&HttpConfig::new(url.parse().unwrap()))
            .unwrap_err()
            .to_string()
    };
    assert!(refused("http://registry.example/").contains("allow_plain_http"));
    assert!(refused("https://user:secret@registry.example/").contains("credentials"));
    assert!(!refused("https://user:secret@registry.example/").contains("secret"));
    assert!(refused("https://registry.example/?a=1").contains("query"));
    assert!(refused("ftp://registry.example/").contains("https://"));
    let text = r#"{"base_url": "https://registry.example", "bearer_token": "s3cret", "api_key": {"header": "X-Api-Key", "value": "k3y"}}"#;
    let config: HttpConfig = serde_json::from_str(text).unwrap();
    assert!(!format!("{config:?}").contains("s3cret") && !format!("{config:?}").contains("k3y"));
    assert!(!format!("{:?}", HttpClient::new(&config).unwrap()).contains("s3cret"));
    assert!(
        serde_json::from_str::<HttpConfig>(r#"{"base_url": "https://a.example", "timeout": 3}"#)
            .is_err()
    );
    let missing = HttpConfig {
        roots_pem_file: Some("missing.pem".into()),
        ..HttpConfig::new("https://a.example".parse().unwrap())
    };
    assert!(
        HttpClient::new(&missing)
            .unwrap_err()
            .to_string()
            .contains("roots_pem_file")
    );
}

/// A busy machine wakes a task late.
const SCHEDULING: Duration = Duration::from_secs(3);
