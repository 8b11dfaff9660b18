//! Datasets that several registries serve, asked through the whole pipeline.

use super::{
    house::{House, Turns, circumstances},
    *,
};
use async_trait::async_trait;
use motlan_access_log::entry::record::Access;
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset},
    contract::{Contract, Mapped},
};
use motlan_schemas::check::Checks;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

const LAN: &str = "001185012345";
const NORTH: &str = "land_north";
const SOUTH: &str = "land_south";
const AREA: &str = "land.parcels.area_m2";

/// What a registry says when it is asked; it can be told to say something else.
#[derive(Debug, Clone)]
enum Says {
    Parcel(f64),
    Status(&'static str),
    Nothing,
    Down,
    Timeout,
    WrongSubject,
}

type Word = Arc<(Mutex<Says>, AtomicU64)>;

/// A registry of one dataset.
#[derive(Debug)]
struct Office {
    descriptor: Descriptor,
    contract: Contract,
    word: Word,
}

#[async_trait]
impl Adapter for Office {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, _: &Call) -> Result<Fetched, AdapterError> {
        self.word.1.fetch_add(1, Ordering::Relaxed);
        let record = |value: Value| value.as_object().cloned().unwrap();
        let mapped = match self.word.0.lock().clone() {
            Says::Parcel(area) => Mapped::Many(vec![record(json!({"area_m2": area}))]),
            Says::Status(status) => Mapped::One(record(json!({"status": status}))),
            Says::Nothing => Mapped::NotFound,
            Says::Down => {
                let reason = "told to be".to_owned();
                return Err(AdapterError::Down { reason });
            }
            Says::Timeout => return Err(AdapterError::Timeout),
            Says::WrongSubject => return Err(AdapterError::WrongSubject),
        };
        self.contract.check(permit, mapped, None)
    }

    async fn health(&self, _: &Call) -> Result<(), AdapterError> {
        Ok(())
    }
}

/// A house with two registries of a dataset, and their words.
struct Country {
    house: House,
    north: Word,
    south: Word,
}

impl Country {
    fn new(dataset: &str, north: Says, south: Says) -> Self {
        let south_of = Provinces::named("79").unwrap();
        Self::divided(
            dataset,
            (north, Provinces::ALL - south_of),
            (south, south_of),
        )
    }

    fn divided(dataset: &str, north: (Says, Provinces), south: (Says, Provinces)) -> Self {
        let words = [north.0, south.0].map(|says| Arc::new((Mutex::new(says), AtomicU64::new(0))));
        let [north_word, south_word] = words.clone();
        let house = House::with(Turns::new(1), |catalogue| {
            let office = |id: &str, word| Office {
                descriptor: Descriptor {
                    registry: id.parse().unwrap(),
                    datasets: vec![ServedDataset {
                        dataset: catalogue.dataset_named(dataset).unwrap().id,
                        selective: true,
                    }],
                    answers_depend_on_asker: false,
                },
                contract: Contract::new(Arc::clone(catalogue)).unwrap(),
                word,
            };
            let [one, other] = words;
            vec![
                (office(NORTH, one), north.1),
                (office(SOUTH, other), south.1),
            ]
        });
        Self {
            house,
            north: north_word,
            south: south_word,
        }
    }

    fn land(north: Says, south: Says) -> Self {
        Self::new("land.parcels", north, south)
    }

    fn say(&self, north: Says, south: Says) {
        *self.north.0.lock() = north;
        *self.south.0.lock() = south;
    }

    /// How often each was asked.
    fn asked(&self) -> (u64, u64) {
        let count = |word: &Word| word.1.load(Ordering::Relaxed);
        (count(&self.north), count(&self.south))
    }

    async fn outcome(&self, more: &Value) -> Outcome {
        let mut body = question(&[AREA]);
        let members = more.as_object().cloned().unwrap_or_default();
        body.as_object_mut().unwrap().extend(members);
        self.house.answer(&body).await
    }

    /// The answer's `complete`, and what it says of parcels.
    async fn parcels(&self, more: &Value) -> (bool, Value) {
        let Outcome::Answered(body) = self.outcome(more).await else {
            panic!("there is an answer")
        };
        let answer: Value = serde_json::from_slice(&body).unwrap();
        let complete = answer["complete"].as_bool().unwrap();
        (complete, answer["datasets"]["land.parcels"].clone())
    }

    /// Whom a question about parcels and roles in these provinces would go to.
    async fn would_ask(&self, provinces: &[&str]) -> Value {
        let pipeline = &self.house.pipeline;
        let mut body = question(&[AREA, "business.roles.role"]);
        body["provinces"] = json!(provinces);
        let query = Query::parse(body.to_string().as_bytes(), &pipeline.catalogue).unwrap();
        let policies = pipeline.policies.load_full();
        let (caller, on) = (self.house.caller(), circumstances());
        let explanation = pipeline.explain(&policies, &caller, &query, &on).await;
        serde_json::to_value(explanation.unwrap()).unwrap()["would_ask"].clone()
    }

    /// What is said to the statement that Lan owns a parcel there.
    async fn owns_parcel_in(&self, area: &str) -> Value {
        let body = json!({
            "subject": {"person": LAN}, "purpose": "poor-household-recognition", "case": "A-1",
            "officer": "cb-4711", "checks": [{"check": "owns_parcel_in", "area": area}],
        });
        let checks = Checks::parse(body.to_string().as_bytes()).unwrap();
        let pipeline = &self.house.pipeline;
        let policies = pipeline.policies.load_full();
        let (caller, on) = (self.house.caller(), circumstances());
        let answer = pipeline
            .check(&policies, &caller, &checks, &on, on.received)
            .await;
        serde_json::to_value(answer.unwrap()).unwrap()["checks"][0].clone()
    }

    /// The newest entry of the log, opened.
    fn logged(&self) -> Access {
        let entries = self.house.log.entries();
        let details = self.house.pipeline.entries.details();
        match details.read(entries.last().unwrap()).unwrap().record {
            Record::Disclosure(access) | Record::Check(access) => access,
            other => panic!("{other:?}"),
        }
    }
}

fn question(select: &[&str]) -> Value {
    json!({
        "subject": {"person": LAN}, "purpose": "poor-household-recognition", "select": select,
        "case": "A-1", "officer": "cb-4711", "max_age_seconds": 0,
    })
}

fn areas(parcels: &Value) -> Vec<f64> {
    let records = parcels["data"].as_array().into_iter().flatten();
    records.filter_map(|r| r["area_m2"].as_f64()).collect()
}

/// Registry and status of each, in the order of the answer.
fn outcomes(parcels: &Value) -> Vec<(&str, &str)> {
    let each = parcels["registries"].as_array().into_iter().flatten();
    each.map(|one| {
        let registry = one["registry"].as_str().unwrap_or("nobody");
        (registry, one["status"].as_str().unwrap())
    })
    .collect()
}

#[tokio::test]
async fn records_of_all_come_in_the_order_of_the_configuration_with_the_outcome_of_each() {
    let country = Country::land(Says::Parcel(86.4), Says::Parcel(1450.5));
    let (complete, parcels) = country.parcels(&json!({})).await;
    assert!(complete);
    assert_eq!(areas(&parcels), [86.4, 1450.5]);
    assert_eq!(outcomes(&parcels), [(NORTH, "ok"), (SOUTH, "ok")]);
    assert!(parcels["registry"].is_null());
    assert_eq!(parcels["served_from"], "registry");
    assert_eq!(parcels["basis"]["kind"], "law");
    country.say(Says::Nothing, Says::Parcel(1450.5));
    let (complete, parcels) = country.parcels(&json!({})).await;
    assert_eq!((complete, areas(&parcels)), (true, vec![1450.5]));
    assert_eq!(outcomes(&parcels), [(NORTH, "not_found"), (SOUTH, "ok")]);
    country.say(Says::Nothing, Says::Nothing);
    let (complete, parcels) = country.parcels(&json!({})).await;
    assert_eq!((complete, &parcels["status"]), (true, &json!("not_found")));
}

#[tokio::test]
async fn where_one_fails_the_rest_is_told_as_a_part_and_the_log_has_both() {
    let country = Country::land(Says::Parcel(86.4), Says::Timeout);
    let (complete, parcels) = country.parcels(&json!({})).await;
    assert_eq!((complete, areas(&parcels)), (false, vec![86.4]));
    assert_eq!(parcels["status"], "ok");
    assert_eq!(outcomes(&parcels), [(NORTH, "ok"), (SOUTH, "unavailable")]);
    assert_eq!(
        parcels["registries"][1],
        json!({"registry": SOUTH, "status": "unavailable",
            "problem": {"code": "registry_timeout", "retryable": true}})
    );
    let access = country.logged();
    let logged = &access.datasets["land.parcels"];
    let of = |place: usize| {
        let outcome = &logged[place];
        (outcome.registry.as_deref(), outcome.problem.as_deref())
    };
    assert_eq!(of(0), (Some(NORTH), None));
    assert_eq!(of(1), (Some(SOUTH), Some("registry_timeout")));
    // What left is said once, and is not said to be missing as well.
    assert_eq!(access.attributes, [AREA, "land.parcels.disputed"]);
    assert_eq!(access.unobtained, [""; 0]);
    let all = json!({"require": "all"});
    let Outcome::Incomplete(withheld) = country.outcome(&all).await else {
        panic!("a part is not all")
    };
    assert!(withheld.timed_out);
    country.say(Says::Parcel(86.4), Says::WrongSubject);
    let Outcome::Incomplete(withheld) = country.outcome(&all).await else {
        panic!("a part is not all")
    };
    assert!(!withheld.timed_out);
}

#[tokio::test]
async fn nothing_from_one_and_a_failure_of_the_other_is_never_not_found() {
    let country = Country::land(Says::Nothing, Says::Down);
    let Outcome::NothingObtained(withheld) = country.outcome(&json!({})).await else {
        panic!("nobody knows whether there is anything")
    };
    let (_, parcels) = &withheld.datasets.0[0];
    let parcels = serde_json::to_value(parcels).unwrap();
    assert_eq!(parcels["status"], "unavailable");
    assert_eq!(parcels["problem"]["code"], "registry_down");
    assert_eq!(
        outcomes(&parcels),
        [(NORTH, "not_found"), (SOUTH, "unavailable")]
    );
}

#[tokio::test]
async fn a_question_that_names_provinces_goes_only_there_and_looks_as_if_there_were_no_other() {
    let country = Country::land(Says::Parcel(86.4), Says::Down);
    let (complete, parcels) = country.parcels(&json!({"provinces": ["01", "38"]})).await;
    assert_eq!((complete, areas(&parcels)), (true, vec![86.4]));
    assert_eq!(parcels["registry"], NORTH);
    assert!(parcels["registries"].is_null());
    assert_eq!(country.asked(), (1, 0));
    let named: Value = json!({"provinces": ["79", "01"]});
    let (complete, parcels) = country.parcels(&named).await;
    assert!(!complete);
    assert_eq!(outcomes(&parcels), [(NORTH, "ok"), (SOUTH, "unavailable")]);
}

#[tokio::test]
async fn provinces_that_nobody_serves_are_unknown_and_not_empty() {
    let [hanoi, southern] = ["01", "79"].map(|code| Provinces::named(code).unwrap());
    let country = Country::divided(
        "land.parcels",
        (Says::Nothing, hanoi),
        (Says::Parcel(9.5), southern),
    );
    let (complete, parcels) = country.parcels(&json!({"provinces": ["01"]})).await;
    assert_eq!((complete, &parcels["status"]), (true, &json!("not_found")));
    let Outcome::NothingObtained(withheld) = country.outcome(&json!({"provinces": ["96"]})).await
    else {
        panic!("nobody knows")
    };
    let alone = serde_json::to_value(&withheld.datasets.0[0].1).unwrap();
    assert_eq!(alone["problem"]["code"], "registry_down");
    let some = json!({"provinces": ["79", "92", "96"]});
    let (complete, parcels) = country.parcels(&some).await;
    assert_eq!((complete, areas(&parcels)), (false, vec![9.5]));
    assert_eq!(parcels["registries"][1]["provinces"], json!(["92", "96"]));
    assert_eq!(
        outcomes(&parcels),
        [(SOUTH, "ok"), ("nobody", "unavailable")]
    );
    let everywhere = country.parcels(&json!({})).await;
    assert!(!everywhere.0, "what 32 provinces have is not known");
}

#[tokio::test]
async fn two_records_where_there_can_be_one_are_a_contradiction_and_neither_is_told() {
    let status = "civil_status.marital_status.status";
    let country = Country::new(
        "civil_status.marital_status",
        Says::Status("married"),
        Says::Status("divorced"),
    );
    let Outcome::NothingObtained(withheld) = country.house.answer(&question(&[status])).await
    else {
        panic!("nothing says which is right")
    };
    let told = serde_json::to_value(&withheld.datasets.0[0].1).unwrap();
    assert_eq!(told["problem"]["code"], "registry_malformed");
    assert_eq!(
        outcomes(&told),
        [(NORTH, "unavailable"), (SOUTH, "unavailable")]
    );
    country.say(Says::Nothing, Says::Status("divorced"));
    let Outcome::Answered(body) = country.house.answer(&question(&[status])).await else {
        panic!("one of them knows")
    };
    let answer: Value = serde_json::from_slice(&body).unwrap();
    let data = &answer["datasets"]["civil_status.marital_status"]["data"];
    assert_eq!(data["status"], "divorced");
}

#[tokio::test]
async fn each_is_kept_by_itself_and_what_one_forgets_the_others_keep() {
    let country = Country::land(Says::Parcel(86.4), Says::Parcel(1450.5));
    let old = json!({"max_age_seconds": 3600});
    country.parcels(&old).await;
    let (_, parcels) = country.parcels(&old).await;
    assert_eq!(country.asked(), (1, 1));
    assert_eq!(parcels["served_from"], "cache");
    let pipeline = &country.house.pipeline;
    let dataset = pipeline.catalogue.dataset_named("land.parcels").unwrap().id;
    let lan = Subject::Person(LAN.parse().unwrap());
    let south = SOUTH.parse().unwrap();
    pipeline.cache.forget(&south, dataset, &lan);
    let (_, parcels) = country.parcels(&old).await;
    assert_eq!(country.asked(), (1, 2));
    assert_eq!(parcels["served_from"], "registry");
    let from: Vec<_> = (0..2)
        .map(|place| parcels["registries"][place]["served_from"].clone())
        .collect();
    assert_eq!(from, ["cache", "registry"]);
    // What is kept of one serves while the other fails.
    pipeline.cache.forget(&south, dataset, &lan);
    country.say(Says::Down, Says::Down);
    let (complete, parcels) = country.parcels(&old).await;
    assert_eq!((complete, areas(&parcels)), (false, vec![86.4]));
}

#[tokio::test]
async fn explaining_names_whom_it_would_ask_and_asks_nobody() {
    let country = Country::land(Says::Parcel(86.4), Says::Parcel(1450.5));
    // Nobody here serves the roles in enterprises, in any province.
    assert_eq!(
        country.would_ask(&["01", "79"]).await,
        json!([
            {"dataset": "business.roles", "registries": [], "provinces_without_registry": ["01", "79"]},
            {"dataset": "land.parcels", "registries": [NORTH, SOUTH]},
        ])
    );
    let south = country.would_ask(&["79"]).await;
    assert_eq!(south[1]["registries"], json!([SOUTH]));
    assert_eq!(country.asked(), (0, 0));
}

#[tokio::test]
async fn a_statement_about_land_is_looked_up_where_it_lies_and_unknown_while_that_is_out() {
    let country = Country::land(Says::Nothing, Says::Down);
    let south = country.owns_parcel_in("79").await;
    assert_eq!(south["result"], "unknown", "{south}");
    assert_eq!(south["problem"]["code"], "registry_down", "{south}");
    assert_eq!(country.asked(), (0, 1));
    let commune_of_hanoi = country.owns_parcel_in("00004").await;
    assert!(commune_of_hanoi["denied"].is_null(), "{commune_of_hanoi}");
    assert_eq!(country.asked(), (1, 1));
}
