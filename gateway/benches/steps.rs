//! What each step of a cached answer costs, for `docs/one-query.md`.
//!
//! `cargo bench -p motlan-gateway --bench steps`. The last bench divides by 64, the number of
//! callers at once, because they share one sync of the log.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench ends at the first thing that is not as expected"
)]

use divan::{Bencher, black_box, counter::ItemsCount};
use futures::future::join_all;
use http::{HeaderMap, HeaderValue, header};
use motlan_gateway::{
    api::circumstances::{Circumstances, Trace},
    auth::install_cryptography,
    demo::{Demo, DemoOptions},
    pipeline::Outcome,
};
use motlan_policies::{decide::Caller, known::Known};
use motlan_schemas::{ids::QueryId, language::Language, query::Query};
use std::{sync::LazyLock, time::Instant};
use tokio::runtime::Runtime;

/// A running demonstration, and the question that every bench is about.
struct World {
    runtime: Runtime,
    demo: Demo,
    body: Vec<u8>,
    headers: HeaderMap,
    _directory: tempfile::TempDir,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    install_cryptography().unwrap();
    let runtime = Runtime::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let options = DemoOptions {
        port: 0,
        data_dir: directory.path().to_owned(),
        language: Language::En,
    };
    let demo = runtime.block_on(Demo::start(&options)).unwrap();
    let person = demo.file.persona("lan").unwrap();
    let body = format!(
        r#"{{"subject": {{"person": "{person}"}}, "purpose": "poor-household-recognition",
            "select": ["population.identity.full_name", "population.identity.birth_date",
                       "population.residence.permanent_address"], "case": "BENCH-1", "officer": "cb-1"}}"#
    )
    .into_bytes();
    let mut headers = HeaderMap::new();
    let token = format!("Bearer {}", demo.file.token("agency").unwrap());
    headers.insert(
        header::AUTHORIZATION,
        HeaderValue::from_str(&token).unwrap(),
    );
    let world = World {
        runtime,
        demo,
        body,
        headers,
        _directory: directory,
    };
    // The first answer fills the cache.
    world.runtime.block_on(answer(&world));
    world
});

fn main() {
    divan::main();
}

#[divan::bench]
fn authenticate_remembered_token(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    bencher.bench_local(|| {
        let authenticator = &world.demo.app.authenticator;
        world
            .runtime
            .block_on(authenticator.authenticate(black_box(&world.headers)))
            .unwrap()
    });
}

#[divan::bench]
fn parse_question(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    let catalogue = &world.demo.app.pipeline.catalogue;
    bencher.bench_local(|| Query::parse(black_box(&world.body), catalogue).unwrap());
}

#[divan::bench]
fn decide(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    let (caller, query) = (caller(world), query(world));
    let policies = world.demo.app.pipeline.policies.load_full();
    let now = world.demo.app.clock.now();
    let id = QueryId::new(now, [7; 10]);
    bencher.bench_local(|| policies.decide(&caller, id, black_box(&query), &Known::default(), now));
}

#[divan::bench]
fn append_one_entry_and_sync(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    bencher.bench_local(|| world.runtime.block_on(answer(world)));
}

#[divan::bench]
fn whole_answer_64_at_once(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    bencher.counter(ItemsCount::new(64_u32)).bench_local(|| {
        world.runtime.block_on(async {
            join_all((0..64).map(|_| tokio::spawn(answer(world))))
                .await
                .len()
        })
    });
}

async fn answer(world: &World) -> usize {
    let on = Circumstances {
        request_id: "bench".into(),
        language: Language::En,
        caller_trace: None,
        trace: Trace {
            trace_id: 1,
            span_id: 1,
            sampled: false,
        },
        zone: None,
        batch: false,
        received: Instant::now(),
    };
    let (caller, query) = (caller(world), query(world));
    let policies = world.demo.app.pipeline.policies.load_full();
    let outcome = world
        .demo
        .app
        .pipeline
        .answer(&policies, &caller, &query, &on, on.received)
        .await;
    let Ok(Outcome::Answered(body)) = outcome else {
        unreachable!("the question is permitted")
    };
    assert!(body.starts_with(b"{") && body[body.len() - 1] == b'}');
    body.len()
}

fn query(world: &World) -> Query {
    Query::parse(&world.body, &world.demo.app.pipeline.catalogue).unwrap()
}

fn caller(world: &World) -> Caller {
    let policies = world.demo.app.pipeline.policies.load();
    let client = "ward-ba-dinh-one-stop".parse().unwrap();
    let agency = policies.agencies().by_client(&client).unwrap();
    Caller {
        agency: std::sync::Arc::clone(agency),
        client,
        officer: None,
        roles: Vec::new(),
    }
}
