//! The test kit of adapters: an adapter before a sandbox registry, and what every adapter must show there.
//!
//! A [`World`] is one adapter with the registry it reads, and an officer who asks. It makes permits
//! without a decision, which is why the kit is behind the feature `test-util` and never part of a
//! gateway. What it finds wrong, it says by panicking: it is for tests only.
//!
//! [`World::start`] stands on the sandbox, where [`World::fault_round`] and
//! [`World::over_delivery_round`] put the registry out of order; [`World::at`] stands on any other
//! address, such as a [`canned`] server that lies, or a [`Server`] that answers as another system does.
//!
//! ```no_run
//! # use motlan_adapter_sdk::{adapter::Adapter, config::ConfigError, contract::Contract, testing::World};
//! # use std::sync::Arc;
//! # async fn check<A: Adapter>(new: fn(url::Url, Arc<Contract>) -> Result<A, ConfigError>) {
//! let lan = "001185012345";
//! let world = World::start("population", new).await;
//! assert_eq!(world.json(lan, &["population.identity.sex"]).await["sex"], "female");
//! world.assert_number_only_in_body(lan);
//! world.fault_round(&[(lan, "population.identity")], 1_000, &[lan]).await;
//! # }
//! ```
#![expect(
    clippy::unwrap_used,
    reason = "a test kit says what is wrong by panicking"
)]

#[cfg(feature = "sql")]
pub mod cluster;
#[cfg(feature = "conformance")]
pub mod examination;
mod page;
mod server;

pub use page::{assert_example_shown, assert_settings_documented};
pub use server::{Received, Reply, Server};

use crate::{
    adapter::{Adapter, AdapterError, Call, Fetched},
    config::ConfigError,
    contract::Contract,
};
use motlan_policies::permit::{Asking, AssertedBy, Officer, Permit};
use motlan_sandbox::{Sandbox, SandboxOptions, faults::Fault, faults::Faults};
use motlan_schemas::{
    answer::RegistryProblem, catalogue::Catalogue, ids::QueryId, query::Subject, record::Records,
};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;
use uuid::Uuid;

/// The id of every [`call`].
pub const CALL_ID: Uuid = Uuid::from_u128(42);

/// The trace context of every [`call`].
pub const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Every way of a sandbox registry to fail, and what an adapter must call it.
pub const FAULT_PROBLEMS: [(Fault, RegistryProblem); 6] = [
    (Fault::Slow, RegistryProblem::RegistryTimeout),
    (Fault::Down, RegistryProblem::RegistryDown),
    (Fault::Garbage, RegistryProblem::RegistryMalformed),
    (Fault::WrongSubject, RegistryProblem::RegistryWrongSubject),
    (Fault::Truncated, RegistryProblem::RegistryTruncated),
    (Fault::Endless, RegistryProblem::RegistryMalformed),
];

/// An adapter, the registry it reads, and the officer on whose behalf it does.
#[derive(Debug)]
pub struct World<A, R = SandboxRegistry> {
    /// The adapter under test.
    pub adapter: A,
    /// What it reads: a [`SandboxRegistry`], or the address of another server.
    pub registry: R,
    /// Who asks, and why: what every permit of this world carries.
    pub asking: Asking,
    contract: Arc<Contract>,
}

/// One registry of a running sandbox.
#[derive(Debug)]
pub struct SandboxRegistry {
    /// The sandbox, which ends with the world.
    pub sandbox: Sandbox,
    /// How the registry behaves, and what it was asked.
    pub faults: Faults,
}

impl<A: Adapter> World<A> {
    /// Starts a sandbox, and an adapter for one of its registries.
    pub async fn start(
        registry: &str,
        adapter: impl FnOnce(Url, Arc<Contract>) -> Result<A, ConfigError>,
    ) -> Self {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let running = sandbox.registry(registry).unwrap();
        let faults = running.faults;
        let url = running.url.parse().unwrap();
        Self::new(url, SandboxRegistry { sandbox, faults }, adapter)
    }

    /// The last request that the registry got: `method`, `path`, `headers` (lower case), `body`.
    #[must_use]
    pub fn last_request(&self) -> Value {
        self.registry.faults.last_request().unwrap()
    }

    /// Asserts that a number was in neither address nor headers of the last request, which end in
    /// logs that bodies do not reach.
    pub fn assert_number_only_in_body(&self, number: &str) {
        let mut request = self.last_request();
        request.as_object_mut().unwrap().remove("body");
        assert!(!request.to_string().contains(number));
    }

    /// Puts the registry out of order in every way, for every case (a number and a dataset or
    /// attribute), and asserts the problem told, the deadline kept and the error free of `values`;
    /// and that the first case is answered again as soon as the registry is in order.
    ///
    /// Every fault but slowness must be noticed within `deadline_ms`.
    pub async fn fault_round(&self, cases: &[(&str, &str)], deadline_ms: u64, values: &[&str]) {
        for (fault, problem) in FAULT_PROBLEMS {
            self.registry.faults.set(fault);
            for (number, name) in cases {
                let permit = self.permit(number, &[name]);
                let call = call(if fault == Fault::Slow {
                    300
                } else {
                    deadline_ms
                });
                let error = self.adapter.fetch(&permit, &call).await.unwrap_err();
                assert!(
                    Instant::now() <= call.deadline + SCHEDULING,
                    "{fault:?} {name}"
                );
                assert_eq!(error.problem(), problem, "{fault:?} {name}: {error}");
                assert_names_nobody(&error, values);
            }
            self.registry.faults.set(Fault::Ok);
            for (number, name) in cases.iter().take(1) {
                let healed = self.fetch(number, &[name]).await;
                assert!(healed.is_ok(), "{fault:?} {name}: {healed:?}");
            }
        }
    }

    /// What is fetched while the registry sends more than it is asked for.
    ///
    /// Asserts that nothing else than permitted attributes and flags comes through, and that nothing
    /// is dropped while the registry is in order.
    pub async fn over_delivery_round(&self, number: &str, names: &[&str]) -> Fetched {
        self.registry.faults.set(Fault::Ok);
        let fetched = self.fetch(number, names).await.unwrap();
        assert_eq!(fetched.over_delivered(), 0, "{names:?}");
        self.registry.faults.set(Fault::OverDelivery);
        let fetched = self.fetch(number, names).await.unwrap();
        self.registry.faults.set(Fault::Ok);
        let permit = self.permit(number, names);
        let dataset = self.contract.catalogue().dataset(permit.dataset());
        let permitted = permit.attributes() | dataset.flags;
        assert!(fetched.records().attributes().is_subset(permitted));
        fetched
    }
}

impl<A: Adapter> World<A, Url> {
    /// An adapter for the registry at an address.
    pub fn at(
        url: Url,
        adapter: impl FnOnce(Url, Arc<Contract>) -> Result<A, ConfigError>,
    ) -> Self {
        Self::new(url.clone(), url, adapter)
    }
}

impl<A: Adapter, R> World<A, R> {
    /// A permit for attributes of one dataset, named in full: `land.parcels.share`, or
    /// `land.parcels` for all of them. Twelve digits are a person, ten an enterprise.
    #[must_use]
    pub fn permit(&self, number: &str, names: &[&str]) -> Permit {
        let subject = match number.len() {
            12 => Subject::Person(number.parse().unwrap()),
            _ => Subject::Enterprise(number.parse().unwrap()),
        };
        let catalogue = self.contract.catalogue();
        let resolved = names.iter().map(|name| catalogue.resolve(name).unwrap());
        let (dataset, attributes) = resolved
            .reduce(|(dataset, all), (other, more)| {
                assert_eq!(dataset, other, "{names:?}");
                (dataset, all | more)
            })
            .unwrap();
        Permit::dangerous_without_decision(self.asking.clone(), subject, dataset, attributes)
    }

    /// Fetches what such a permit allows.
    ///
    /// # Errors
    /// What the adapter says.
    pub async fn fetch(&self, number: &str, names: &[&str]) -> Result<Fetched, AdapterError> {
        let permit = self.permit(number, names);
        self.adapter.fetch(&permit, &call(5_000)).await
    }

    /// Fetches, and shows the records as [`World::json_of`] does.
    ///
    /// # Errors
    /// What the adapter says.
    pub async fn read(&self, number: &str, names: &[&str]) -> Result<Value, AdapterError> {
        let fetched = self.fetch(number, names).await?;
        Ok(self.json_of(&self.permit(number, names), &fetched))
    }

    /// The same of a registry in order: asserts that it answers and that nothing had to be dropped.
    pub async fn json(&self, number: &str, names: &[&str]) -> Value {
        let fetched = self.fetch(number, names).await.unwrap();
        assert_eq!(fetched.over_delivered(), 0, "{names:?}");
        self.json_of(&self.permit(number, names), &fetched)
    }

    /// The records as the gateway would send them, `null` for an absent subject.
    #[must_use]
    pub fn json_of(&self, permit: &Permit, fetched: &Fetched) -> Value {
        let dataset = self.contract.catalogue().dataset(permit.dataset());
        let text = fetched.records().to_json(dataset, dataset.all());
        text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    }

    /// Asserts that the registry holds nothing about somebody, in each of some datasets.
    pub async fn assert_absent(&self, number: &str, datasets: &[&str]) {
        for name in datasets {
            let fetched = self.fetch(number, &[name]).await.unwrap();
            assert_eq!(fetched.records(), &Records::Absent, "{name}");
        }
    }

    fn new(
        url: Url,
        registry: R,
        adapter: impl FnOnce(Url, Arc<Contract>) -> Result<A, ConfigError>,
    ) -> Self {
        let contract = contract();
        Self {
            adapter: adapter(url, Arc::clone(&contract)).unwrap(),
            registry,
            asking: asking(),
            contract,
        }
    }
}

/// The contract over the national catalogue.
#[must_use]
pub fn contract() -> Arc<Contract> {
    Arc::new(Contract::new(Catalogue::national()).unwrap())
}

/// A call that must be answered within some milliseconds from now.
#[must_use]
pub fn call(deadline_ms: u64) -> Call {
    Call {
        deadline: Instant::now() + Duration::from_millis(deadline_ms),
        id: CALL_ID,
        traceparent: Some(TRACEPARENT.to_owned()),
    }
}

/// Officer `cb-4711` of `ward-ba-dinh`, for `land-transfer` in case `H01.12-261121-0007`.
#[must_use]
pub fn asking() -> Asking {
    Asking {
        query_id: QueryId::new(jiff::Timestamp::UNIX_EPOCH, [0; 10]),
        decided_at: "2026-11-21T03:00:00Z".parse().unwrap(),
        agency: "ward-ba-dinh".parse().unwrap(),
        client: "ward-desk".parse().unwrap(),
        officer: Some(Officer {
            id: "cb-4711".parse().unwrap(),
            asserted_by: AssertedBy::Token,
        }),
        purpose: "land-transfer".parse().unwrap(),
        case: Some("H01.12-261121-0007".parse().unwrap()),
    }
}

/// Asserts that an error, in both ways of printing it, has none of some values of a person and
/// nothing that could be the number of one: no nine digits in a row.
pub fn assert_names_nobody(error: &AdapterError, values: &[&str]) {
    let text = format!("{error} {error:?}");
    let mut runs = text.split(|character: char| !character.is_ascii_digit());
    assert!(runs.all(|run| run.len() < 9), "{text}");
    assert!(!values.iter().any(|value| text.contains(value)), "{text}");
}

/// Starts a server that answers each request with the next of some JSON bodies; the last one stays.
pub async fn canned(status: u16, bodies: Vec<String>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for place in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            // A client that has left is the client's affair.
            let _ = stream.read(&mut [0; 8192]).await;
            let body = bodies.get(place).or(bodies.last()).unwrap();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    format!("http://{address}").parse().unwrap()
}

/// How long after its deadline an answer may still come: a busy machine wakes a task late.
const SCHEDULING: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_without_values_names_nobody() {
        assert_names_nobody(&AdapterError::malformed("`12345678` at 2:17"), &["LAN"]);
    }

    #[test]
    #[should_panic(expected = "001185012")]
    fn nine_digits_in_a_row_are_a_number() {
        assert_names_nobody(&AdapterError::malformed("got 001185012"), &[]);
    }

    #[test]
    #[should_panic(expected = "LAN")]
    fn a_value_is_found_inside_a_text() {
        assert_names_nobody(&AdapterError::malformed("got `NGUYỄN THỊ LAN`"), &["LAN"]);
    }
}
