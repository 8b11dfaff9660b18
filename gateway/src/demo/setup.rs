//! How the demonstration's gateway reaches the sandbox, and who holds which token.

use super::{
    DemoError,
    issuer::{Issuer, TokenRequest},
};
use crate::{
    auth::Scope,
    config::{OneOrMany, RegistriesConfig, RegistryConfig},
    declarative::{DeclarativeConfig, DeclarativeRegistryConfig},
    random::{self, Random},
    registry::RegistryLimits,
};
use jiff::{SignedDuration, Timestamp};
use motlan_adapter_sdk::http::ApiKey;
use motlan_sandbox::{LandOffice, Sandbox, credentials, people::personas as people};
use motlan_schemas::ids::SlugError;
use std::{collections::BTreeMap, path::Path};
use url::Url;

/// The registries at their sandbox addresses.
pub(super) fn registries(sandbox: &Sandbox) -> Result<RegistriesConfig, DemoError> {
    let url = |id: &str| -> Result<Url, DemoError> {
        let registry = sandbox.registry(id);
        Ok(registry
            .map_or_else(String::new, |registry| registry.url)
            .parse()?)
    };
    let mut insurance = motlan_insurance::Config::new(url("insurance")?);
    insurance.http.bearer_token = Some(credentials::INSURANCE_BEARER_TOKEN.into());
    let mut land = Vec::new();
    for office in LandOffice::ALL {
        land.push(land_office(office, url(office.id())?)?);
    }
    let business = motlan_business_registry::Config::new(url("business")?);
    Ok(RegistriesConfig {
        civil_status: Some(at_defaults(motlan_civil_status::Config::new(url(
            "civil_status",
        )?))),
        population: Some(at_defaults(motlan_population::Config::new(url(
            "population",
        )?))),
        business: Some(at_defaults(business)),
        insurance: Some(at_defaults(insurance)),
        land: OneOrMany(land),
    })
}

/// One of the two land offices.
fn land_office(
    office: LandOffice,
    url: Url,
) -> Result<RegistryConfig<motlan_land::Config>, DemoError> {
    let mut config = motlan_land::Config::new(url);
    config.registry = office.id().parse()?;
    config.http.api_key = Some(ApiKey {
        header: credentials::LAND_API_KEY_HEADER.to_owned(),
        value: credentials::LAND_API_KEY.into(),
    });
    Ok(RegistryConfig {
        provinces: Some(office.provinces()),
        ..at_defaults(config)
    })
}

/// The registries that folders describe, at their sandbox addresses.
pub(super) fn declarative(data: &Path, sandbox: &Sandbox) -> Result<DeclarativeConfig, DemoError> {
    let mut config = super::declarative(data);
    for id in super::folders::REGISTRIES {
        let registry = sandbox.registry(id);
        let base_url = registry.map(|registry| registry.url.parse()).transpose()?;
        let registry = DeclarativeRegistryConfig {
            base_url,
            ..DeclarativeRegistryConfig::default()
        };
        config.registries.insert(id.parse()?, registry);
    }
    Ok(config)
}

/// The tokens of `demo.json`, by who holds them.
pub(super) fn tokens(
    issuer: &Issuer,
    lifetime: SignedDuration,
    now: Timestamp,
    random: &dyn Random,
) -> Result<BTreeMap<String, String>, DemoError> {
    let mut tokens = BTreeMap::new();
    for holder in HOLDERS {
        let request = TokenRequest {
            client_id: holder.client.parse()?,
            subject: holder.name.to_owned(),
            scopes: holder.scopes.iter().copied().collect(),
            officer: None,
            person: holder.person.and_then(|number| number.parse().ok()),
            registry: holder.registry.map(str::parse).transpose()?,
            lifetime,
        };
        let token = issuer.mint(&request, now, random::bytes(random));
        tokens.insert(holder.name.to_owned(), token);
    }
    Ok(tokens)
}

struct Holder {
    name: &'static str,
    client: &'static str,
    scopes: &'static [Scope],
    person: Option<&'static str>,
    registry: Option<&'static str>,
}

const HOLDERS: [Holder; 6] = [
    Holder {
        name: "agency",
        client: "ward-ba-dinh-one-stop",
        scopes: &[Scope::Query],
        person: None,
        registry: None,
    },
    Holder {
        name: "other_agency",
        client: "social-insurance-claims",
        scopes: &[Scope::Query],
        person: None,
        registry: None,
    },
    Holder {
        name: "hospital",
        client: "hospital-song-hong-reception",
        scopes: &[Scope::Query],
        person: None,
        registry: None,
    },
    Holder {
        name: "citizen",
        client: "citizen-portal",
        scopes: &[Scope::Consent, Scope::Me],
        person: Some(people::LAN),
        registry: None,
    },
    Holder {
        name: "dpo",
        client: "dpo-console",
        scopes: &[Scope::Audit],
        person: None,
        registry: None,
    },
    Holder {
        name: "registry",
        client: "population-registry",
        scopes: &[Scope::Changes],
        person: None,
        registry: Some("population"),
    },
];

fn at_defaults<A>(adapter: A) -> RegistryConfig<A> {
    RegistryConfig {
        limits: RegistryLimits::default(),
        provinces: None,
        adapter,
    }
}

impl From<SlugError> for DemoError {
    fn from(error: SlugError) -> Self {
        Self::Name(error)
    }
}
