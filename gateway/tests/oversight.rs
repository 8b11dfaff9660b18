//! The queue of emergency uses and the citizen's list through the real router: hand-made entries in
//! the log, calls over HTTP.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use axum::body::Body;
use common::World;
use http::{Method, Request};
use http_body_util::BodyExt;
use motlan_access_log::entry::{
    Record,
    record::{Access, AssertedBy, Basis, Emergency, Officer},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use tower::ServiceExt;

impl World {
    async fn call(&self, method: &str, path: &str, holder: &str, body: Value) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let media_type = "application/json";
        self.send(method, path, holder, media_type, &body).await
    }

    async fn text(&self, path: &str) -> String {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    async fn emergency_use(&self, query_id: &str, review_due: &str) {
        let person = self.file.persona("lan").unwrap().parse().unwrap();
        let subject = *self
            .app
            .pipeline
            .entries
            .pseudonyms(&person)
            .last()
            .unwrap();
        let record = Record::Disclosure(Access {
            acting: None,
            agency: "ward-ba-dinh".to_owned(),
            answer_digest: None,
            attributes: vec!["population.identity.full_name".to_owned()],
            basis: Some(Basis::VitalInterest {
                reference: "Article 17".to_owned(),
            }),
            case: None,
            check: None,
            closeness: Vec::new(),
            hidden: None,
            client: "ward-ba-dinh-one-stop".to_owned(),
            datasets: BTreeMap::new(),
            denied: Vec::new(),
            emergency: Some(Emergency {
                ground: "life_in_danger".into(),
                review_due: review_due.to_owned(),
            }),
            emergency_reason: Some("found unconscious, without papers".to_owned()),
            officer: Some(Officer {
                asserted_by: AssertedBy::Token,
                id: "bs-0815".to_owned(),
            }),
            policy_version: "sha256:00".to_owned(),
            purpose: "social-pension".to_owned(),
            query_id: query_id.to_owned(),
            subject,
            trace_id: None,
            unobtained: Vec::new(),
            zone: None,
        });
        self.app.record(record).await.unwrap();
    }
}

const SOON: &str = "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17";
const LATE: &str = "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d18";

#[tokio::test]
async fn an_emergency_use_is_queued_reviewed_once_and_told_to_its_citizen() {
    let world = World::start().await;
    world.emergency_use(LATE, "2999-01-01T00:00:00Z").await;
    world.emergency_use(SOON, "2020-01-01T00:00:00Z").await;
    let (status, queue) = world
        .call("GET", "/v1/emergency-uses", "dpo", json!({}))
        .await;
    assert_eq!(status, 200, "{queue:#}");
    assert_eq!((&queue["open"], &queue["overdue"]), (&json!(2), &json!(1)));
    let first = &queue["uses"][0];
    assert_eq!(
        first["query_id"], SOON,
        "what is due first stands first: {queue:#}"
    );
    assert_eq!(first["overdue"], true);
    assert_eq!(first["officer"]["id"], "bs-0815");
    assert_eq!(first["reason"], "found unconscious, without papers");
    assert_eq!(first["attributes"][0]["title"], "Full name");
    let metrics = world.text("/metrics").await;
    for line in ["emergency_uses_open 2", "emergency_uses_overdue 1"] {
        assert!(
            metrics.contains(&format!("motlan_{line}\n")),
            "{line} in:\n{metrics}"
        );
    }

    let path = format!("/v1/emergency-uses/{SOON}/review");
    let review = json!({ "verdict": "justified", "note": "the admission sheet was shown" });
    let (status, done) = world.call("POST", &path, "dpo", review.clone()).await;
    assert_eq!(status, 200, "{done:#}");
    assert_eq!(done["verdict"], "justified");
    let entry = done["receipt"]["leaf_index"].as_u64().unwrap();
    let (status, again) = world.call("POST", &path, "dpo", review.clone()).await;
    assert_eq!((status, &again["code"]), (409, &json!("reviewed_already")));
    let (_, queue) = world
        .call("GET", "/v1/emergency-uses", "dpo", json!({}))
        .await;
    assert_eq!((&queue["open"], &queue["overdue"]), (&json!(1), &json!(0)));
    assert_eq!(queue["uses"][0]["query_id"], LATE);
    assert!(entry > first["leaf_index"].as_u64().unwrap());

    let (_, mine) = world
        .call("GET", "/v1/me/accesses", "citizen", json!({}))
        .await;
    let told = mine["accesses"][0]["sentence"].as_str().unwrap();
    assert!(told.contains("This was an emergency"), "{mine:#}");
    assert_eq!(mine["accesses"][0]["emergency"]["ground"], "life_in_danger");
}

#[tokio::test]
async fn a_review_of_nothing_or_with_mistakes_is_refused() {
    let world = World::start().await;
    let good = json!({ "verdict": "misuse", "note": "there was no emergency at all" });
    for unknown in [LATE, "qry_x", "lan"] {
        let path = format!("/v1/emergency-uses/{unknown}/review");
        let (status, problem) = world.call("POST", &path, "dpo", good.clone()).await;
        assert_eq!(
            (status, &problem["code"]),
            (404, &json!("not_found")),
            "{unknown}"
        );
    }
    world.emergency_use(LATE, "2999-01-01T00:00:00Z").await;
    let path = format!("/v1/emergency-uses/{LATE}/review");
    let bad = json!({ "verdict": "maybe", "note": "no" });
    let (status, problem) = world.call("POST", &path, "dpo", bad).await;
    assert_eq!(
        (status, problem["errors"].as_array().unwrap().len()),
        (422, 2)
    );
    let (status, _) = world.call("POST", &path, "citizen", good).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn of_many_reviews_at_once_one_counts() {
    let world = Arc::new(World::start().await);
    world.emergency_use(SOON, "2020-01-01T00:00:00Z").await;
    let reviews = (0..6).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let path = format!("/v1/emergency-uses/{SOON}/review");
            let review = json!({ "verdict": "misuse", "note": "nobody was in danger there" });
            world.call("POST", &path, "dpo", review).await.0
        })
    });
    let mut statuses = Vec::new();
    for review in reviews.collect::<Vec<_>>() {
        statuses.push(review.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn the_citizens_list_is_cut_into_pages_that_miss_and_repeat_nothing() {
    let world = World::start().await;
    for n in 0..7 {
        let query_id = format!("qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d0{n}");
        world.emergency_use(&query_id, "2999-01-01T00:00:00Z").await;
    }
    let mut seen = Vec::new();
    let mut path = "/v1/me/accesses?limit=3".to_owned();
    let mut pages = 0;
    loop {
        let (status, page) = world.call("GET", &path, "citizen", json!({})).await;
        assert_eq!(status, 200, "{page:#}");
        let accesses = page["accesses"].as_array().unwrap();
        assert!(accesses.len() <= 3);
        seen.extend(
            accesses
                .iter()
                .map(|access| access["leaf_index"].as_u64().unwrap()),
        );
        pages += 1;
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/me/accesses?limit=3&cursor={next}"),
            None => break,
        }
    }
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first: {seen:?}");
    assert_eq!((seen.len(), pages), (7, 3));
    let (_, past) = world
        .call("GET", "/v1/me/accesses?to=2020-01-01", "citizen", json!({}))
        .await;
    let nothing = json!({ "accesses": [], "hidden_in_log": 0, "next": null });
    assert_eq!(past, nothing);
    let (status, problem) = world
        .call("GET", "/v1/me/accesses?limt=3", "citizen", json!({}))
        .await;
    assert_eq!(
        (status, &problem["errors"][0]["pointer"]),
        (422, &json!("/limt"))
    );
    assert!(
        problem["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("limit"),
        "{problem:#}"
    );
    let (status, problem) = world.call("GET", "/v1/me/accesses", "dpo", json!({})).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("insufficient_scope"))
    );
}
