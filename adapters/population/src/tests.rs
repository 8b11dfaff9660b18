//! The adapter against the sandbox's register, in order and in every kind of disorder.

use super::*;
use jiff::Timestamp;
use motlan_policies::permit::{Asking, AssertedBy, Officer};
use motlan_sandbox::{
    RunningRegistry, Sandbox, SandboxOptions,
    faults::Fault,
    people::personas::{AN, HAI, HOA, LAN, MINH, NOBODY, TUAN},
};
use motlan_schemas::{
    answer::RegistryProblem, catalogue::AttributeSet, ids::QueryId, record::Records as Fetch,
};
use std::time::{Duration, Instant};

struct World {
    _sandbox: Sandbox,
    registry: RunningRegistry,
    adapter: PopulationAdapter,
}

impl World {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let sandbox = Sandbox::start(SandboxOptions {
            seed: 1,
            ..SandboxOptions::default()
        })
        .await
        .unwrap();
        let registry = sandbox.registry("population").unwrap();
        let contract = Arc::new(Contract::new(Catalogue::national()).unwrap());
        let mut config = Config::new(registry.url.parse().unwrap());
        change(&mut config);
        let adapter = PopulationAdapter::new(config, contract).unwrap();
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
            purpose: "permanent-residence-registration".parse().unwrap(),
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

    fn asked_fields(&self) -> Vec<String> {
        let request = self.registry.faults.last_request().unwrap();
        let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
        let mut fields: Vec<String> = serde_json::from_value(body["fields"].clone()).unwrap();
        fields.sort_unstable();
        fields
    }
}

fn call(milliseconds: u64) -> Call {
    let deadline = Instant::now() + Duration::from_millis(milliseconds);
    Call {
        deadline,
        id: uuid::Uuid::from_u128(42),
        traceparent: None,
    }
}

#[tokio::test]
async fn every_dataset_of_lan_is_read() {
    let world = World::new().await;
    let identity = world.json(LAN, &["population.identity"]).await;
    assert_eq!(identity["full_name"], "NGUYỄN THỊ LAN");
    assert_eq!(
        (
            &identity["birth_date"],
            &identity["sex"],
            &identity["status"]
        ),
        (&"1985-06-12".into(), &"female".into(), &"active".into())
    );
    assert_eq!(identity["personal_id"], LAN);
    let residence = world.json(LAN, &["population.residence"]).await;
    assert!(
        residence["permanent_commune"]
            .as_str()
            .is_some_and(|commune| commune.len() == 5)
    );
    let household = world.json(LAN, &["population.household"]).await;
    let members: Vec<_> = household
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["member_personal_id"].as_str().unwrap())
        .collect();
    assert!(
        [HAI, AN].iter().all(|member| members.contains(member)),
        "{} members",
        members.len()
    );
    assert!(household[0]["household_code"].is_string() && household[0]["relationship"].is_string());
    let documents = world.json(LAN, &["population.documents"]).await;
    assert!(
        documents
            .as_array()
            .unwrap()
            .iter()
            .any(|document| document["kind"] == "citizen_card")
    );
}

#[tokio::test]
async fn what_is_not_known_of_hoa_is_absent_and_her_date_stays_partial() {
    let world = World::new().await;
    let identity = world.json(HOA, &["population.identity"]).await;
    assert_eq!(identity["birth_date"], "1958");
    assert!(
        identity
            .as_object()
            .unwrap()
            .values()
            .all(|value| !value.is_null() && value != "")
    );
    assert_eq!(
        world.json(HOA, &["population.identity.religion"]).await,
        serde_json::json!({})
    );
}

#[tokio::test]
async fn the_dead_and_the_secret_are_marked_unasked() {
    let world = World::new().await;
    let minh = world.json(MINH, &["population.identity.full_name"]).await;
    assert_eq!(
        minh,
        serde_json::json!({"full_name": "LÊ QUANG MINH", "deceased": true})
    );
    let tuan = world.json(TUAN, &["population.residence"]).await;
    assert_eq!(tuan["address_secret"], true);
    assert!(
        tuan.get("permanent_address").is_none()
            && tuan.get("permanent_commune").is_none()
            && tuan.get("current_commune").is_none()
    );
}

#[tokio::test]
async fn nobody_is_absent_in_every_dataset() {
    let world = World::new().await;
    for name in [
        "population.identity",
        "population.residence",
        "population.household",
        "population.documents",
    ] {
        assert_eq!(
            world.fetch(NOBODY, &[name]).await.unwrap().records(),
            &Fetch::Absent,
            "{name}"
        );
    }
}

#[tokio::test]
async fn only_permitted_fields_are_asked_for_and_the_asker_travels_along() {
    let world = World::new().await;
    world
        .json(
            LAN,
            &[
                "population.identity.full_name",
                "population.identity.sex",
                "population.identity.deceased",
            ],
        )
        .await;
    assert_eq!(
        world.asked_fields(),
        ["name.full", "personalNumber", "sex.code"]
    );
    let request = world.registry.faults.last_request().unwrap();
    assert_eq!(
        request["path"],
        "/r1/VN/GOV/G01/population/person-service/persons"
    );
    assert_eq!(request["headers"]["x-road-userid"], "VNcb-4711");
    assert_eq!(request["headers"]["x-road-issue"], "H01.12-261121-0007");
    assert_eq!(
        request["headers"]["x-motlan-purpose"],
        "permanent-residence-registration"
    );
    assert!(
        request["headers"]
            .as_object()
            .unwrap()
            .values()
            .all(|value| !value.as_str().unwrap().contains(LAN))
    );
    world
        .json(LAN, &["population.household.relationship"])
        .await;
    assert_eq!(
        world.asked_fields(),
        ["household.members.relationship.code", "personalNumber"]
    );
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
        for name in ["population.identity", "population.household"] {
            world.registry.faults.set(fault);
            let permit = world.permit(LAN, &[name]);
            let call = call(1_000);
            let error = world.adapter.fetch(&permit, &call).await.unwrap_err();
            assert!(Instant::now() <= call.deadline + SCHEDULING, "{fault:?}");
            assert_eq!(error.problem(), problem, "{fault:?} {name}: {error}");
            let text = format!("{error} {error:?}");
            assert!(!text.contains(LAN) && !text.contains("NGUYỄN"), "{text}");
        }
        world.registry.faults.set(Fault::Ok);
        assert!(
            world
                .fetch(LAN, &["population.identity.full_name"])
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
    let permit = world.permit(LAN, &["population.identity.full_name"]);
    let fetched = world.adapter.fetch(&permit, &call(1_000)).await.unwrap();
    assert!(fetched.over_delivered() > 5, "{}", fetched.over_delivered());
    assert_eq!(fetched.records().attributes(), permit.attributes());
}

#[tokio::test]
async fn the_registry_is_reached_without_x_road_too() {
    let world = World::with(|config| config.xroad.enabled = false).await;
    assert_eq!(
        world.json(LAN, &["population.identity.full_name"]).await["full_name"],
        "NGUYỄN THỊ LAN"
    );
    let request = world.registry.faults.last_request().unwrap();
    assert_eq!(request["path"], "/persons");
    assert!(request["headers"].get("x-road-client").is_none());
    world.adapter.health(&call(1_000)).await.unwrap();
}

#[tokio::test]
async fn refusals_are_told_with_their_code() {
    let error_with = async |change: fn(&mut Config)| {
        let world = World::with(change).await;
        world
            .fetch(LAN, &["population.identity.full_name"])
            .await
            .unwrap_err()
            .to_string()
    };
    let unknown_field: fn(&mut Config) = |config| {
        let fields = serde_json::from_str(r#"{"full_name": "shoe.size"}"#).unwrap();
        config.datasets.identity = Records { list: None, fields };
    };
    assert_eq!(
        error_with(unknown_field).await,
        "the registry refused: HTTP 400 paramsValidation"
    );
    assert_eq!(
        error_with(|config| "wrong".clone_into(&mut config.service)).await,
        "the registry is down: X-Road Server.ServerProxy.UnknownService"
    );
    assert_eq!(
        error_with(|config| "nothing".clone_into(&mut config.path)).await,
        "the registry refused: HTTP 404 notFound"
    );
}

#[tokio::test]
async fn health_is_asked_without_a_person() {
    let world = World::new().await;
    world.adapter.health(&call(1_000)).await.unwrap();
    let request = world.registry.faults.last_request().unwrap();
    assert_eq!(
        (request["method"].as_str(), request["path"].as_str()),
        (Some("GET"), Some("/r1/VN/GOV/G01/population/listMethods"))
    );
    world.registry.faults.set(Fault::Down);
    assert!(world.adapter.health(&call(1_000)).await.is_err());
}

#[test]
fn mistakes_in_the_configuration_are_named() {
    let contract = Arc::new(Contract::new(Catalogue::national()).unwrap());
    let text = r#"{"http": {"base_url": "https://registry.example"}, "datasets": {"identity": {"fields": {"shoe_size": "x"}}}}"#;
    let config: Config = serde_json::from_str(text).unwrap();
    let error = PopulationAdapter::new(config, contract).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("datasets.identity.fields.shoe_size"),
        "{error}"
    );
    assert!(
        serde_json::from_str::<Config>(r#"{"http": {"base_url": "https://a.example"}, "x": 1}"#)
            .is_err()
    );
}

/// A busy machine wakes a task late.
const SCHEDULING: Duration = Duration::from_millis(200);
