//! The harness over plain sockets: what really travels in each mode, and what is recorded.

use crate::{
    RunningRegistry, Sandbox, SandboxOptions,
    faults::Fault,
    people::personas::{LAN, MINH},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxOptions {
        seed: 1,
        ..SandboxOptions::default()
    })
    .await
    .unwrap()
}

/// Sends a request and gives everything that comes back until the connection ends, head and body.
async fn exchange(
    registry: &RunningRegistry,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (String, String) {
    let address = registry.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.to_owned(), body.to_owned())
}

async fn set(registry: &RunningRegistry, order: &Value) -> (String, String) {
    exchange(
        registry,
        "POST",
        "/_sandbox/faults",
        "content-type: application/json\r\n",
        &order.to_string(),
    )
    .await
}

async fn ask(registry: &RunningRegistry, fields: &Value) -> (String, String) {
    let body =
        json!({"type": "RetrieveByPersonalNumber", "personalNumbers": [LAN], "fields": fields});
    exchange(
        registry,
        "POST",
        "/persons",
        "content-type: application/json\r\n",
        &body.to_string(),
    )
    .await
}

#[tokio::test]
async fn faults_are_set_and_seen_over_http_and_do_not_count_as_requests() {
    let sandbox = sandbox().await;
    let registry = sandbox.registry("population").unwrap();
    ask(&registry, &json!(["name"])).await;
    let (_, state) = set(&registry, &json!({"mode": "down", "delay_ms": 5})).await;
    assert_eq!(
        serde_json::from_str::<Value>(&state).unwrap()["mode"],
        "down"
    );
    let (head, help) = set(&registry, &json!({"mode": "upside_down"})).await;
    assert!(
        head.starts_with("HTTP/1.1 400") && help.contains("over_delivery"),
        "{head} {help}"
    );
    let (_, state) = exchange(&registry, "GET", "/_sandbox/faults", "", "").await;
    let state: Value = serde_json::from_str(&state).unwrap();
    assert_eq!(
        (&state["mode"], &state["requests"]),
        (&json!("down"), &json!(1))
    );
    assert_eq!(state["last_request"]["path"], "/persons");
    assert_eq!(
        state["last_request"]["headers"]["content-type"],
        "application/json"
    );
}

#[tokio::test]
async fn each_mode_does_to_http_what_it_says() {
    let sandbox = sandbox().await;
    let registry = sandbox.registry("population").unwrap();
    let (whole_head, whole) = ask(&registry, &json!(["name"])).await;
    assert!(
        whole_head.starts_with("HTTP/1.1 200") && whole.contains("NGUYỄN THỊ LAN"),
        "{whole_head}"
    );
    registry.faults.set(Fault::Down);
    assert_eq!(
        ask(&registry, &json!(["name"])).await,
        (String::new(), String::new())
    );
    registry.faults.set(Fault::Truncated);
    // The handler cuts the list of persons; a refusal has no list and is cut by the harness.
    let (_, short) = ask(&registry, &json!(["name"])).await;
    assert_eq!(
        serde_json::from_str::<Value>(&short).unwrap(),
        json!({"type": "RetrieveByPersonalNumber", "total": 1, "persons": []})
    );
    let (head, short) = ask(&registry, &json!([])).await;
    let announced = head
        .to_lowercase()
        .split_once("content-length: ")
        .unwrap()
        .1
        .split("\r\n")
        .next()
        .unwrap()
        .parse::<usize>()
        .unwrap();
    assert!(short.len() < announced, "{} of {announced}", short.len());
    registry.faults.set(Fault::Endless);
    let (_, long) = ask(&registry, &json!(["name"])).await;
    assert!(long.len() > 64 * 1024 * 1024, "{}", long.len());
    registry.faults.set(Fault::Slow);
    registry.faults.set_delay(Duration::from_millis(50));
    let start = std::time::Instant::now();
    assert_eq!(ask(&registry, &json!(["name"])).await.1, whole);
    assert!(start.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn stopping_ends_all_servers_though_a_connection_is_open() {
    let sandbox = sandbox().await;
    let registry = sandbox.registry("land").unwrap();
    let address = registry.url.strip_prefix("http://").unwrap().to_owned();
    let _idle = TcpStream::connect(&address).await.unwrap();
    tokio::time::timeout(Duration::from_secs(3), sandbox.stop())
        .await
        .unwrap();
    assert!(TcpStream::connect(&address).await.is_err());
}

#[tokio::test]
async fn security_servers_refuse_what_they_must() {
    let sandbox = sandbox().await;
    let population = sandbox.registry("population").unwrap();
    let persons = "/r1/VN/GOV/G01/population/person-service/persons";
    let (head, body) = exchange(
        &population,
        "POST",
        persons,
        "content-type: application/json\r\n",
        "{}",
    )
    .await;
    assert!(
        head.starts_with("HTTP/1.1 400") && head.contains("x-road-error: Client.MissingHeader"),
        "{head}"
    );
    assert!(body.contains("\"type\":\"Client.MissingHeader\""));
    let other = "/r1/VN/GOV/G99/population/person-service/persons";
    let (head, _) = exchange(
        &population,
        "POST",
        other,
        "x-road-client: VN/GOV/a/b\r\n",
        "{}",
    )
    .await;
    assert!(
        head.starts_with("HTTP/1.1 500") && head.contains("Server.ClientProxy.UnknownMember"),
        "{head}"
    );
    let civil_status = sandbox.registry("civil_status").unwrap();
    let xml = "content-type: text/xml\r\n";
    let envelope = |inside: &str| {
        format!(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'>{inside}</e:Envelope>"
        )
    };
    let cases = [
        (
            "content-type: application/json\r\n",
            "{}".to_owned(),
            "Client.InvalidContentType",
        ),
        (xml, "<!DOCTYPE a><a/>".to_owned(), "Client.InvalidXml"),
        (xml, "<a xmlns='urn:x'/>".to_owned(), "Client.InvalidSoap"),
        (xml, envelope("<e:Body/>"), "Client.MissingHeader"),
        (
            xml,
            envelope(
                "<e:Header><x:id xmlns:x='http://x-road.eu/xsd/xroad.xsd'>1</x:id></e:Header><e:Body/>",
            ),
            "Client.MissingHeaderField",
        ),
    ];
    for (headers, body, code) in cases {
        let (head, answer) = exchange(&civil_status, "POST", "/", headers, &body).await;
        assert!(head.starts_with("HTTP/1.1 500"), "{head}");
        assert!(
            answer.contains(&format!("<faultcode>SOAP-ENV:{code}</faultcode>")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn flags_come_unasked_and_may_not_be_asked_for() {
    let sandbox = sandbox().await;
    let registry = sandbox.registry("population").unwrap();
    let ask_of = |number: &str, fields: Value| {
        json!({"type": "RetrieveByPersonalNumber", "personalNumbers": [number], "fields": fields})
            .to_string()
    };
    let json_type = "content-type: application/json\r\n";
    let (_, dead) = exchange(
        &registry,
        "POST",
        "/persons",
        json_type,
        &ask_of(MINH, json!(["sex.code"])),
    )
    .await;
    let dead: Value = serde_json::from_str(&dead).unwrap();
    assert_eq!(
        dead["persons"][0],
        json!({"sex": {"code": "M"}, "deceased": true})
    );
    let (head, refused) = exchange(
        &registry,
        "POST",
        "/persons",
        json_type,
        &ask_of(LAN, json!(["name", "deceased"])),
    )
    .await;
    assert!(
        head.starts_with("HTTP/1.1 400") && head.contains("application/problem+json"),
        "{head}"
    );
    assert_eq!(
        serde_json::from_str::<Value>(&refused).unwrap()["invalidParams"][0]["name"],
        "fields[1]"
    );
}
