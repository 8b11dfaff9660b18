//! The adapter against the sandbox's register, in order and in every kind of disorder.

use super::*;
use jiff::Timestamp;
use motlan_policies::permit::{Asking, AssertedBy, Officer};
use motlan_sandbox::{
    RunningRegistry, Sandbox, SandboxOptions,
    faults::Fault,
    people::personas::{AN, HAI, HOA, LAN, MINH, NOBODY},
};
use motlan_schemas::{
    answer::RegistryProblem,
    catalogue::{AttributeSet, Catalogue},
    ids::QueryId,
    record::Records,
};
use serde_json::Value;
use std::time::{Duration, Instant};

struct World {
    _sandbox: Sandbox,
    registry: RunningRegistry,
    adapter: CivilStatusAdapter,
}

impl World {
    async fn new() -> Self {
        Self::with(|config| config).await
    }

    async fn with(change: impl FnOnce(Config) -> Config) -> Self {
        let sandbox = Sandbox::start(SandboxOptions {
            seed: 1,
            ..SandboxOptions::default()
        })
        .await
        .unwrap();
        let registry = sandbox.registry("civil_status").unwrap();
        let contract = Arc::new(Contract::new(Catalogue::national()).unwrap());
        let config = change(Config::new(registry.url.parse().unwrap()));
        let adapter = CivilStatusAdapter::new(config, contract).unwrap();
        Self {
            _sandbox: sandbox,
            registry,
            adapter,
        }
    }

    fn permit(&self, person: &str, names: &[&str]) -> Permit {
        let catalogue = self.adapter.contract.catalogue();
        let (dataset, _) = catalogue.resolve(names[0]).unwrap();
        let attributes = names.iter().map(|name| catalogue.resolve(name).unwrap().1);
        let attributes = attributes.fold(AttributeSet::EMPTY, |all, one| all | one);
        let asking = Asking {
            query_id: QueryId::new(Timestamp::UNIX_EPOCH, [0; 10]),
            decided_at: Timestamp::UNIX_EPOCH,
            agency: "ward-ba-dinh".parse().unwrap(),
            client: "ward-desk".parse().unwrap(),
            officer: Some(Officer {
                id: "cb-4711".parse().unwrap(),
                asserted_by: AssertedBy::Agency,
            }),
            purpose: "birth-registration".parse().unwrap(),
            case: Some("H01.12-261121-0007".parse().unwrap()),
        };
        Permit::dangerous_without_decision(
            asking,
            Subject::Person(person.parse().unwrap()),
            dataset,
            attributes,
        )
    }

    async fn fetch(&self, person: &str, names: &[&str]) -> Result<Fetched, AdapterError> {
        self.adapter
            .fetch(&self.permit(person, names), &call(1_000))
            .await
    }

    /// What is fetched as JSON; `null` for an absent subject.
    async fn json(&self, person: &str, names: &[&str]) -> Value {
        let permit = self.permit(person, names);
        let fetched = self.adapter.fetch(&permit, &call(5_000)).await.unwrap();
        assert_eq!(fetched.over_delivered(), 0, "{names:?}");
        let dataset = self.adapter.contract.catalogue().dataset(permit.dataset());
        let text = fetched.records().to_json(dataset, dataset.all());
        text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    }
}

fn call(milliseconds: u64) -> Call {
    Call {
        deadline: Instant::now() + Duration::from_millis(milliseconds),
        id: uuid::Uuid::from_u128(42),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    }
}

#[tokio::test]
async fn every_dataset_of_lan_is_read() {
    let world = World::new().await;
    let birth = world.json(LAN, &["civil_status.birth"]).await;
    assert_eq!(birth["full_name"], "NGUYỄN THỊ LAN");
    assert_eq!(
        (&birth["date"], &birth["sex"], &birth["nationality"]),
        (&"1985-06-12".into(), &"female".into(), &"VN".into())
    );
    assert_eq!(birth["personal_id"], LAN);
    let status = world.json(LAN, &["civil_status.marital_status"]).await;
    assert_eq!(status["status"], "married");
    let marriages = world.json(LAN, &["civil_status.marriages"]).await;
    assert_eq!(marriages[0]["spouse_personal_id"], HAI);
    assert_eq!(marriages[0]["status"], "valid");
    assert_eq!(world.json(LAN, &["civil_status.death"]).await, Value::Null);
    let child = world.json(AN, &["civil_status.birth"]).await;
    assert_eq!(
        (&child["mother_personal_id"], &child["father_personal_id"]),
        (&LAN.into(), &HAI.into())
    );
}

#[tokio::test]
async fn a_death_is_read_with_its_registration() {
    let world = World::new().await;
    let death = world.json(MINH, &["civil_status.death"]).await;
    assert_eq!(death["registration_date"], "2024-02-19");
    assert!(
        death["registration_office"]
            .as_str()
            .is_some_and(|office| office.len() == 5)
    );
    let status = world.json(MINH, &["civil_status.marital_status"]).await;
    assert_eq!(status["deceased"], true);
}

#[tokio::test]
async fn what_is_not_known_of_hoa_is_absent_and_her_date_stays_partial() {
    let world = World::new().await;
    let birth = world.json(HOA, &["civil_status.birth"]).await;
    assert_eq!(birth["date"], "1958");
    assert!(
        birth
            .as_object()
            .unwrap()
            .values()
            .all(|value| !value.is_null() && value != "")
    );
    assert_eq!(
        world.json(HOA, &["civil_status.marital_status"]).await["status"],
        "never_married"
    );
    assert_eq!(
        world.json(HOA, &["civil_status.marriages"]).await,
        serde_json::json!([])
    );
}

#[tokio::test]
async fn nobody_is_absent_in_every_dataset() {
    let world = World::new().await;
    for name in [
        "civil_status.birth",
        "civil_status.marital_status",
        "civil_status.marriages",
        "civil_status.death",
    ] {
        assert_eq!(
            world.fetch(NOBODY, &[name]).await.unwrap().records(),
            &Records::Absent,
            "{name}"
        );
    }
}

#[tokio::test]
async fn only_permitted_fields_are_asked_for_and_the_asker_travels_along() {
    let world = World::new().await;
    let birth = world
        .json(
            LAN,
            &["civil_status.birth.full_name", "civil_status.birth.date"],
        )
        .await;
    let mut names: Vec<_> = birth
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["cancelled", "date", "full_name", "under_investigation"]
    );
    let request = world.registry.faults.last_request().unwrap();
    assert!(!request["path"].as_str().unwrap().contains(LAN));
    assert!(
        request["headers"]
            .as_object()
            .unwrap()
            .values()
            .all(|value| !value.as_str().unwrap().contains(LAN))
    );
    assert_eq!(
        request["headers"]["traceparent"],
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    );
    let body = request["body"].as_str().unwrap();
    assert!(
        body.contains("nksHoTen")
            && body.contains("nksNgaySinh")
            && !body.contains("nksGioiTinh")
            && !body.contains("meHoTen")
    );
    for part in [
        "VNcb-4711",
        "H01.12-261121-0007",
        "birth-registration",
        "ward-ba-dinh",
        "00000000-0000-0000-0000-00000000002a",
        ">4.0<",
    ] {
        assert!(body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn each_fault_is_its_own_error_within_the_deadline_and_heals() {
    let world = World::new().await;
    let cases = [
        (Fault::Slow, RegistryProblem::RegistryTimeout),
        (Fault::Down, RegistryProblem::RegistryDown),
        (Fault::Garbage, RegistryProblem::RegistryMalformed),
        (Fault::WrongSubject, RegistryProblem::RegistryWrongSubject),
        (Fault::Truncated, RegistryProblem::RegistryTruncated),
        (Fault::Endless, RegistryProblem::RegistryMalformed),
    ];
    for (fault, problem) in cases {
        for name in [
            "civil_status.birth",
            "civil_status.marriages",
            "civil_status.marital_status",
        ] {
            world.registry.faults.set(fault);
            let permit = world.permit(LAN, &[name]);
            let call = call(1_000);
            let error = world.adapter.fetch(&permit, &call).await.unwrap_err();
            assert!(Instant::now() <= call.deadline + SCHEDULING, "{fault:?}");
            assert_eq!(error.problem(), problem, "{fault:?} {name}: {error}");
            let text = format!("{error} {error:?}");
            assert!(
                !text.contains(LAN) && !text.contains(HAI) && !text.contains("LAN"),
                "{text}"
            );
        }
        world.registry.faults.set(Fault::Ok);
        assert!(
            world
                .fetch(LAN, &["civil_status.birth.full_name"])
                .await
                .is_ok(),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn what_is_over_delivered_is_dropped_and_counted() {
    let world = World::new().await;
    world.registry.faults.set(Fault::OverDelivery);
    let permit = world.permit(LAN, &["civil_status.birth.full_name"]);
    let fetched = world.adapter.fetch(&permit, &call(1_000)).await.unwrap();
    assert!(
        fetched.over_delivered() > 10,
        "{}",
        fetched.over_delivered()
    );
    let dataset = world.adapter.contract.catalogue().dataset(permit.dataset());
    assert!(
        fetched
            .records()
            .attributes()
            .is_subset(permit.attributes() | dataset.flags)
    );
    assert_eq!(fetched.records().attributes().len(), 3);
}

#[tokio::test]
async fn a_service_without_field_selection_sends_whole_records_of_which_the_permitted_part_is_kept()
{
    let world = World::with(|config| Config {
        field_selection: false,
        ..config
    })
    .await;
    assert!(
        world
            .adapter
            .descriptor()
            .datasets
            .iter()
            .all(|served| !served.selective)
    );
    let fetched = world
        .fetch(LAN, &["civil_status.birth.full_name"])
        .await
        .unwrap();
    assert!(fetched.over_delivered() > 10);
    assert!(
        !world.registry.faults.last_request().unwrap()["body"]
            .as_str()
            .unwrap()
            .contains("fields")
    );
}

#[tokio::test]
async fn what_a_security_server_refuses_is_refused_or_down() {
    let world = World::with(|mut config| {
        config.operations.birth = "getBirthV9".to_owned();
        config
    });
    let error = world
        .await
        .fetch(LAN, &["civil_status.birth"])
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry is down: X-Road Server.ServerProxy.UnknownService"
    );
    let world = World::with(|mut config| {
        config.xroad.enabled = false;
        config
    });
    let error = world
        .await
        .fetch(LAN, &["civil_status.birth"])
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: X-Road Client.MissingHeader"
    );
    let world = World::with(|mut config| {
        config
            .fields
            .insert("birth.full_name".to_owned(), "childName".to_owned());
        config
    });
    let error = world
        .await
        .fetch(LAN, &["civil_status.birth.full_name"])
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: fault UnknownField"
    );
}

#[tokio::test]
async fn health_is_asked_without_a_person() {
    let world = World::new().await;
    world.adapter.health(&call(1_000)).await.unwrap();
    assert!(
        world.registry.faults.last_request().unwrap()["body"]
            .as_str()
            .unwrap()
            .contains("listMethods")
    );
    world.registry.faults.set(Fault::Down);
    assert!(world.adapter.health(&call(1_000)).await.is_err());
}

#[test]
fn mistakes_in_the_configuration_are_named() {
    let contract = Arc::new(Contract::new(Catalogue::national()).unwrap());
    let refused = |text: &str| {
        let config: Config = serde_json::from_str(text).unwrap();
        CivilStatusAdapter::new(config, Arc::clone(&contract))
            .unwrap_err()
            .to_string()
    };
    let base = r#""http": {"base_url": "https://registry.example"}"#;
    assert!(
        refused(&format!(
            "{{{base}, \"fields\": {{\"birth.shoe_size\": \"x\"}}}}"
        ))
        .contains("birth.shoe_size")
    );
    assert!(refused(&format!("{{{base}, \"codes\": {{\"colour\": {{}}}}}}")).contains("colour"));
    assert!(serde_json::from_str::<Config>(&format!("{{{base}, \"operation\": {{}}}}")).is_err());
    assert!(serde_json::from_str::<Config>("{}").is_err());
}

/// A busy machine wakes a task late.
const SCHEDULING: Duration = Duration::from_millis(200);
