//! Registries to develop against: native protocols, coherent synthetic families, faults on demand.
//!
//! [`Sandbox::start`] binds a loopback port for each, behind it a real HTTP server that speaks the
//! registry's own protocol and refuses what the real one would refuse. The people in them are computed
//! from a seed ([`people`]), so that all of them agree on who is whose child and who owns what.
//!
//! | registry | protocol | module |
//! |---|---|---|
//! | `civil_status` | SOAP 1.1, X-Road message protocol 4.0 | `civil_status` |
//! | `population` | `POST /persons` with mandatory `fields`, X-Road REST r1 | `population` |
//! | `business` | REST, HAL JSON, BODS 0.4 | `business` |
//! | `insurance` | FHIR R4 | `insurance` |
//! | `land` | OGC API – Features, GeoJSON | `land` |
//! | `land_south` | the same, of another land office ([`LandOffice`]) | `land` |
//! | `tax` | JSON by POST, OAuth 2.0 client credentials | `tax` |
//! | `health` | FHIR R4, chained search | `health` |
//!
//! Each server also takes `POST /_sandbox/faults`, which makes it misbehave ([`faults`]), and shows
//! with `GET` on the same path what it was really asked.

mod business;
mod civil_status;
pub mod credentials;
mod exchange;
pub mod faults;
mod fhir;
mod health;
mod insurance;
mod land;
pub mod people;
mod population;
mod server;
mod tax;

pub use land::LandOffice;

use faults::Faults;
use motlan_schemas::{codes::Provinces, ids::RegistryId};
use people::Population;
use server::RegistryServer;
use std::{io, net::SocketAddr, time::Duration};

/// What a sandbox is made of.
#[derive(Debug, Clone, Default)]
pub struct SandboxOptions {
    /// The seed of all people. The same seed gives the same people.
    pub seed: u64,
    /// The ports, in the order of [`REGISTRIES`]; 0 takes any free one.
    pub ports: [u16; REGISTRIES.len()],
    /// How long every registry takes before it answers.
    pub latency_ms: u64,
    /// Whether land is kept by two offices, each for its own provinces. Otherwise `land` keeps the
    /// land of the whole country, and `land_south` has nothing.
    pub land_by_office: bool,
}

/// The registries of a sandbox, by their ids.
pub const REGISTRIES: [&str; 8] = [
    "civil_status",
    "population",
    "business",
    "insurance",
    "land",
    "land_south",
    "tax",
    "health",
];

/// Running registries. Dropping it ends them.
#[derive(Debug)]
pub struct Sandbox {
    people: Population,
    servers: Vec<RegistryServer>,
}

/// One running registry.
#[derive(Debug, Clone)]
pub struct RunningRegistry {
    /// Its id: one of [`REGISTRIES`].
    pub id: RegistryId,
    /// The base address of its protocol: `http://127.0.0.1:40123`.
    pub url: String,
    /// Where its behaviour is set and its requests are seen.
    pub faults_url: String,
    /// The same, without HTTP.
    pub faults: Faults,
}

impl Sandbox {
    /// Starts the registries on 127.0.0.1.
    ///
    /// # Errors
    /// A port that cannot be bound.
    pub async fn start(options: SandboxOptions) -> io::Result<Self> {
        let people = Population::new(options.seed);
        let latency = Duration::from_millis(options.latency_ms);
        let (north, south) = if options.land_by_office {
            (LandOffice::North.provinces(), LandOffice::South.provinces())
        } else {
            (Provinces::ALL, Provinces::NONE)
        };
        let routers = [
            civil_status::router(people.clone()),
            population::router(people.clone()),
            business::router(people.clone()),
            insurance::router(people.clone()),
            land::router(people.clone(), north),
            land::router(people.clone(), south),
            tax::router(people.clone()),
            health::router(people.clone()),
        ];
        let mut servers = Vec::new();
        for ((id, port), router) in REGISTRIES.into_iter().zip(options.ports).zip(routers) {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            servers.push(RegistryServer::start(id, address, router, latency).await?);
        }
        Ok(Self { people, servers })
    }

    /// The people that all registries speak of.
    pub const fn people(&self) -> &Population {
        &self.people
    }

    /// The running registries, in the order of [`REGISTRIES`].
    pub fn registries(&self) -> Vec<RunningRegistry> {
        self.servers.iter().map(RegistryServer::describe).collect()
    }

    /// A running registry by its id.
    pub fn registry(&self, id: &str) -> Option<RunningRegistry> {
        self.servers
            .iter()
            .map(RegistryServer::describe)
            .find(|registry| registry.id.as_str() == id)
    }

    /// Ends all servers, letting answers under way leave for up to a second.
    pub async fn stop(self) {
        for server in &self.servers {
            server.cancel();
        }
        for server in self.servers {
            server.finished().await;
        }
    }
}
