//! A folder that asks through X-Road: as the Rust adapter for the same source does, and byte for byte
//! with the same answers.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError},
    testing::{World, assert_names_nobody, call},
};
use motlan_declarative::{DeclarativeAdapter, Files, Folder, MANIFEST, Mistakes, files};
use motlan_population::{Config, PopulationAdapter};
use motlan_sandbox::{
    faults::Fault,
    people::personas::{AN, HAI, HOA, LAN, MAI, MINH, NOBODY, PHUC, TUAN},
};
use motlan_schemas::catalogue::Catalogue;
use serde_json::Value;
use std::path::Path;
use url::Url;

type Folders = World<DeclarativeAdapter, Url>;

const SELECTIONS: [&[&str]; 6] = [
    &["population.identity"],
    &["population.identity.full_name"],
    &["population.identity.personal_id"],
    &["population.identity.deceased"],
    &[
        "population.identity.birth_date",
        "population.identity.sex",
        "population.identity.status",
    ],
    &[
        "population.identity.birth_place",
        "population.identity.ethnicity",
        "population.identity.religion",
    ],
];

/// The folder's files with some texts of its manifest written otherwise.
fn edited(edits: &[(&str, &str)]) -> Files {
    let mut files = files(Path::new(DIRECTORY)).unwrap();
    let manifest = files.get_mut(MANIFEST).unwrap();
    for (from, to) in edits {
        assert!(manifest.contains(from), "{from}");
        *manifest = manifest.replace(from, to);
    }
    files
}

fn folder(url: Url, edits: &[(&str, &str)]) -> Folders {
    let folder = Folder::compile(Path::new(DIRECTORY), &edited(edits));
    let folder = folder.unwrap_or_else(|mistakes| panic!("{}", Mistakes(mistakes)));
    World::at(url, |url, contract| {
        Ok(DeclarativeAdapter::new(folder, Some(url), contract).unwrap())
    })
}

/// The Rust adapter with its sandbox, and the folder before the same registry.
async fn both(edits: &[(&str, &str)]) -> (World<PopulationAdapter>, Folders) {
    let rust = World::start("population", |url, contract| {
        PopulationAdapter::new(Config::new(url), contract)
    })
    .await;
    let running = rust.registry.sandbox.registry("population").unwrap();
    let folder = folder(running.url.parse().unwrap(), edits);
    (rust, folder)
}

/// What an adapter answers, to the byte: the record, its age; or the problem.
async fn answer<A: Adapter, R>(world: &World<A, R>, number: &str, names: &[&str]) -> String {
    let permit = world.permit(number, names);
    match world.adapter.fetch(&permit, &call(10_000)).await {
        Ok(fetched) => {
            let catalogue = Catalogue::national();
            let dataset = catalogue.dataset(permit.dataset());
            let records = fetched.records().to_json(dataset, dataset.all());
            format!("{records:?} {:?}", fetched.as_of())
        }
        Err(error) => format!("{:?}", error.problem()),
    }
}

#[tokio::test]
async fn every_persona_and_generated_people_get_the_same_bytes() {
    let (rust, folder) = both(&[]).await;
    let people = rust.registry.sandbox.people();
    let sampled = (0..people.sizes().births).step_by(600_011);
    let sampled: Vec<String> = sampled.map(|index| people.sample(index).unwrap()).collect();
    let personas = [LAN, HAI, AN, MINH, MAI, HOA, TUAN, PHUC, NOBODY].map(str::to_owned);
    let mut held = 0;
    for number in personas.iter().chain(&sampled) {
        for names in SELECTIONS {
            let expected = answer(&rust, number, names).await;
            assert_eq!(answer(&folder, number, names).await, expected, "{names:?}");
            held += usize::from(expected.starts_with("Some"));
        }
    }
    assert!(held > 100, "{held}");
}

#[tokio::test]
async fn the_request_is_the_same_to_the_header() {
    let (rust, folder) = both(&[]).await;
    for names in SELECTIONS {
        answer(&rust, LAN, names).await;
        let expected = rust.last_request();
        answer(&folder, LAN, names).await;
        let asked = rust.last_request();
        for part in ["method", "path"] {
            assert_eq!(asked[part], expected[part]);
        }
        for header in [
            "x-road-client",
            "x-road-id",
            "x-road-userid",
            "x-road-issue",
            "x-road-represented-party",
            "x-motlan-purpose",
        ] {
            let asked = &asked["headers"][header];
            assert!(asked.is_string(), "{header}");
            assert_eq!(*asked, expected["headers"][header], "{header}");
        }
        assert_eq!(asked["headers"]["x-officer"], Value::Null);
        let fields = |request: &Value| -> Vec<String> {
            let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
            let fields = body["fields"].as_array().unwrap().iter();
            let mut fields: Vec<_> = fields.map(ToString::to_string).collect();
            fields.sort();
            fields
        };
        assert_eq!(fields(&asked), fields(&expected), "{names:?}");
        rust.assert_number_only_in_body(LAN);
    }
}

#[tokio::test]
async fn a_registry_out_of_order_gets_the_same_name_for_it() {
    let (rust, folder) = both(&[]).await;
    for fault in [
        Fault::Down,
        Fault::Garbage,
        Fault::WrongSubject,
        Fault::Truncated,
        Fault::Endless,
        Fault::OverDelivery,
    ] {
        rust.registry.faults.set(fault);
        for names in [SELECTIONS[0], SELECTIONS[1]] {
            let expected = answer(&rust, LAN, names).await;
            assert_eq!(answer(&folder, LAN, names).await, expected, "{fault:?}");
        }
    }
    let surplus = folder.fetch(LAN, SELECTIONS[1]).await.unwrap();
    assert!(surplus.over_delivered() > 0, "counted and dropped");
}

#[tokio::test]
async fn a_security_server_s_error_is_not_the_registry_s() {
    let (rust, _) = both(&[]).await;
    let running = rust.registry.sandbox.registry("population").unwrap();
    let url: Url = running.url.parse().unwrap();
    let cases = [
        (
            "\"person-service\"",
            "\"khac\"",
            "the registry is down: X-Road Server.ServerProxy.UnknownService",
        ),
        (
            "VN/GOV/G01/population",
            "VN/GOV/G99/population",
            "the registry is down: X-Road Server.ClientProxy.UnknownMember",
        ),
        // Without the header it is the registry's own refusal.
        (
            "path = \"persons\"",
            "path = \"people\"",
            "the registry refused: HTTP 404, notFound",
        ),
    ];
    for (from, to, expected) in cases {
        let folder = folder(url.clone(), &[(from, to)]);
        let error: AdapterError = folder.read(LAN, SELECTIONS[0]).await.unwrap_err();
        assert_names_nobody(&error, &[]);
        assert_eq!(error.to_string(), expected, "{to}");
    }
}

#[tokio::test]
async fn it_lives_if_its_security_server_knows_it_or_without_if_its_path_answers() {
    let (rust, folder) = both(&[]).await;
    folder.adapter.health(&call(10_000)).await.unwrap();
    let asked = rust.last_request();
    assert_eq!(asked["path"], "/r1/VN/GOV/G01/population/listMethods");
    let direct = (
        "service = \"person-service\"",
        "service = \"person-service\"\nenabled = false\n[health]\npath = \"health\"",
    );
    let (rust, folder) = both(&[direct]).await;
    folder.adapter.health(&call(10_000)).await.unwrap();
    assert_eq!(rust.last_request()["path"], "/health");
    assert_eq!(
        folder.json(LAN, &["population.identity.sex"]).await["sex"],
        "female"
    );
    assert_eq!(rust.last_request()["path"], "/persons");
    assert_eq!(rust.last_request()["headers"]["x-road-client"], Value::Null);
}

#[test]
fn mistakes_of_the_section_are_told() {
    let section = "[xroad]\nprovider = \"VN/GOV/G01/population\"\nservice = \"person-service\"\n";
    for (from, to, says) in [
        (
            "provider = \"VN/GOV/",
            "provider = \"VN/",
            "must be instance/class/code/subsystem",
        ),
        (
            "service = \"person-service\"\n",
            "",
            "`[xroad]` has no `service`",
        ),
        (
            "[xroad]\n",
            "[xroad]\nclint = \"VN/GOV/motlan/gateway\"\n",
            "write `client`",
        ),
        (
            "[xroad]\n",
            "[xroad]\npurpose_header = \"X Y\"\n",
            "is no header name",
        ),
        (
            "[xroad]\n",
            "[xroad]\nenabled = false\n",
            "needs the section `[health]`",
        ),
        (
            "[xroad]\n",
            "[callers]\nofficer = \"\"\n[xroad]\n",
            "X-Road has headers of its own",
        ),
        (
            "protocol = \"rest\"",
            "protocol = \"hal\"",
            "no use for the section `[xroad]`",
        ),
        (section, "", "needs the section `[health]`"),
    ] {
        let compiled = Folder::compile(Path::new(DIRECTORY), &edited(&[(from, to)]));
        let told = Mistakes(compiled.unwrap_err()).to_string();
        assert!(told.contains(says), "{says}:\n{told}");
    }
}

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/population");
