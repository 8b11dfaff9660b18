//! Changes that registries tell of, through the real router: what a socket cannot show, callers who
//! leave at any moment and a log that takes nothing more.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::World;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

impl World {
    async fn call(&self, path: &str, holder: &str, media_type: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, holder, media_type, &body)
            .await
    }

    async fn tell(&self, id: &str) -> (u16, Value) {
        let person = self.file.persona("lan").unwrap();
        let event = json!({
            "specversion": "1.0", "type": "vn.motlan.registry.record-changed.v1",
            "source": "/population/outbox", "id": id, "time": now().to_string(),
            "data": { "dataset": "population.residence", "subject": { "person": person } },
        });
        let path = "/v1/registries/population/changes";
        let media_type = "application/cloudevents+json";
        self.call(path, "registry", media_type, event).await
    }

    async fn logged(&self) -> usize {
        let wanted = json!({ "kind": ["registry_change"], "limit": 500 });
        let path = "/v1/access-log/searches";
        let (status, found) = self.call(path, "dpo", "application/json", wanted).await;
        assert_eq!(status, 200, "{found}");
        found["entries"].as_array().unwrap().len()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the demonstration is measured by the real clock"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

#[tokio::test]
async fn an_event_whose_caller_left_is_taken_once_whenever_they_left() {
    let world = World::start().await;
    assert_eq!(world.tell("first").await.0, 200);
    let events = 60;
    let mut left = 0;
    for patience in 0..events {
        let id = format!("left-{patience}");
        {
            let telling = world.tell(&id);
            let mut telling = std::pin::pin!(telling);
            let mut answered = false;
            for _ in 0..patience {
                if futures::poll!(telling.as_mut()).is_ready() {
                    answered = true;
                    break;
                }
                // Half of them leave at once, and half later, however fast the disk is.
                if patience % 2 == 0 {
                    tokio::task::yield_now().await;
                } else {
                    tokio::time::sleep(std::time::Duration::from_micros(200)).await;
                }
            }
            left += usize::from(!answered);
        }
        let (status, body) = world.tell(&id).await;
        assert!([200, 409].contains(&status), "{body}");
    }
    assert!(left > 3, "only {left} callers left early");
    assert_eq!(world.logged().await, events + 1);
}

#[tokio::test]
async fn what_cannot_be_logged_is_not_acknowledged() {
    let world = World::start().await;
    assert_eq!(world.tell("first").await.0, 200);
    world.app.close().unwrap();
    for _ in 0..2 {
        let (status, problem) = world.tell("second").await;
        assert_eq!(status, 503);
        assert_eq!(problem["code"], "access_log_unavailable");
        assert_eq!(problem["retryable"], true);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("not acknowledged"), "{detail}");
    }
    // What was taken is known even then.
    assert_eq!(world.tell("first").await.0, 409);
    let metrics = world.app.metrics.render((0, 0), 0);
    let line = r#"motlan_registry_changes_total{registry="population",outcome="not_logged"} 2"#;
    assert!(metrics.contains(line), "{metrics}");
}
