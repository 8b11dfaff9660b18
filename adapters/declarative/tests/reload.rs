//! A folder is exchanged while it serves: whole, or not at all.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use motlan_adapter_sdk::{
    adapter::Adapter,
    testing::{World, call},
};
use motlan_declarative::{DeclarativeAdapter, Files, Folder, MANIFEST, Mistakes};
use motlan_sandbox::people::personas::LAN;
use serde_json::json;
use std::{path::Path, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};
use url::Url;

/// A folder that reads the name of the payer from a field.
fn manifest(field: &str) -> String {
    format!(
        r#"
[adapter]
registry = "tax"
version = "{field}"
environment = "test"
protocol = "rest"
title = {{ vi = "Thuế", en = "Tax", fr = "Impôts" }}
[source]
base_url = "http://127.0.0.1:1"
[health]
path = "health"
[datasets."tax.income"]
subject = ".so"
[datasets."tax.income".request]
path = "q"
json = {{ so = "{{subject}}" }}
[datasets."tax.income".attributes]
payer_name = ".{field}"
"#
    )
}

fn folder(text: String) -> Folder {
    Folder::compile(
        Path::new("tax"),
        &Files::from([(MANIFEST.to_owned(), text)]),
    )
    .unwrap_or_else(|mistakes| panic!("{}", Mistakes(mistakes)))
}

/// A server that answers each question only when it is let.
async fn waiting(asked: Arc<Notify>, answer: Arc<Notify>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = json!({"so": LAN, "cu": "OLD", "moi": "NEW"}).to_string();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 8192]).await;
            asked.notify_one();
            answer.notified().await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    url.parse().unwrap()
}

#[tokio::test]
async fn calls_under_way_finish_with_the_version_that_they_began_with() {
    let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let url = waiting(Arc::clone(&asked), Arc::clone(&answer)).await;
    let world = World::at(url, |url, contract| {
        Ok(DeclarativeAdapter::new(folder(manifest("cu")), Some(url), contract).unwrap())
    });
    let under_way = world.read(LAN, &["tax.income"]);
    let exchange = async {
        asked.notified().await;
        world.adapter.replace(folder(manifest("moi"))).unwrap();
        answer.notify_one();
    };
    let (old, ()) = tokio::join!(under_way, exchange);
    assert_eq!(old.unwrap()[0]["payer_name"], "OLD");
    assert_eq!(world.adapter.folder().version(), "moi");
    answer.notify_one();
    assert_eq!(
        world.read(LAN, &["tax.income"]).await.unwrap()[0]["payer_name"],
        "NEW"
    );
}

#[tokio::test]
async fn what_the_gateway_has_built_on_does_not_change() {
    let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let url = waiting(asked, Arc::clone(&answer)).await;
    let world = World::at(url, |url, contract| {
        Ok(DeclarativeAdapter::new(folder(manifest("cu")), Some(url), contract).unwrap())
    });
    for (from, to, says) in [
        (
            "registry = \"tax\"",
            "registry = \"taxes\"",
            "another registry id",
        ),
        ("tax.income", "tax.obligations", "other datasets"),
        (
            "json = { so",
            "json = { truong = \"{fields}\", so",
            "another way to ask for fields",
        ),
        (
            "protocol = \"rest\"",
            "answers_depend_on_asker = true\nprotocol = \"rest\"",
            "another `answers_depend_on_asker`",
        ),
    ] {
        let text = manifest("moi").replace(from, to);
        let text = text
            .replace(
                "payer_name = \".moi\"",
                "payer_name = { jq = \".moi\", needs = [\"moi\"] }",
            )
            .replace(
                "obligations\".attributes]\npayer_name",
                "obligations\".attributes]\nyear",
            );
        let mistakes = world.adapter.replace(folder(text)).unwrap_err();
        assert!(
            mistakes[0].expected.contains(says),
            "{}",
            Mistakes(mistakes)
        );
        assert_eq!(world.adapter.folder().version(), "cu");
        assert_eq!(world.adapter.descriptor().registry.as_str(), "tax");
    }
    // It serves as before.
    answer.notify_one();
    let permit = world.permit(LAN, &["tax.income"]);
    assert!(world.adapter.fetch(&permit, &call(2_000)).await.is_ok());
}
