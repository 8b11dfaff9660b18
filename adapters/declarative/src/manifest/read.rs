//! The sections of a manifest.

use super::{Environment, Known, Manifest, Protocol, SourceConfig, XRoad, attributes, dataset};
use crate::{mistake::Mistake, section::Section, source::Source};
use motlan_adapter_sdk::{
    caller_headers::CallerHeaderNames,
    paging::PagingLimits,
    soap::SoapService,
    xroad::{Subsystem, XRoadConfig},
};
use motlan_schemas::{ids::RegistryId, language::Text};
use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdapterTable {
    registry: RegistryId,
    title: Text,
    version: String,
    environment: Environment,
    protocol: Protocol,
    #[serde(default)]
    answers_depend_on_asker: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HealthTable {
    path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JqTable {
    definitions: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SoapTable {
    namespace: String,
    provider: Subsystem,
    #[serde(default)]
    service_version: Option<String>,
    #[serde(default)]
    not_found_codes: Vec<String>,
    #[serde(default)]
    xroad: XRoadConfig,
}

/// Nothing is left at the top but sections.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rest {}

pub(super) fn manifest(
    source: &Source,
    known: Known<'_>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Manifest> {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    if !errors.is_empty() {
        mistakes.extend(errors.iter().map(|error| {
            let place = error.span().unwrap_or(0..0);
            source.mistake(
                place,
                error.message(),
                "write it as TOML 1.0: `key = value`, `[table]`",
            )
        }));
        return None;
    }
    let mut top = Section::new(table, "");
    let adapter = top.take_table("adapter", source, mistakes);
    let adapter_place = adapter.as_ref().map(Section::span);
    // The rest is read by the protocol even where another setting of the section is wrong.
    let protocol = adapter
        .as_ref()
        .and_then(|section| Protocol::named(section.text("protocol")?));
    let adapter = adapter.and_then(|section| section.read::<AdapterTable>(source, mistakes));
    let address = top.take_table("source", source, mistakes);
    let source_place = address.as_ref().map(Section::span);
    let address = address
        .zip(protocol)
        .and_then(|(section, protocol)| match protocol {
            Protocol::Sql => section
                .read(source, mistakes)
                .map(Box::new)
                .map(SourceConfig::Sql),
            _ => section
                .read(source, mistakes)
                .map(Box::new)
                .map(SourceConfig::Http),
        });
    let callers = optional::<CallerHeaderNames>(&mut top, "callers", source, mistakes);
    let limits = optional::<PagingLimits>(&mut top, "limits", source, mistakes);
    let health = optional::<HealthTable>(&mut top, "health", source, mistakes);
    let soap = optional::<SoapTable>(&mut top, "soap", source, mistakes);
    let xroad_section = top.take_table("xroad", source, mistakes);
    let through_xroad = xroad_section.is_some();
    let xroad = xroad_section.and_then(|section| XRoad::read(section, source, mistakes));
    let definitions = optional::<JqTable>(&mut top, "jq", source, mistakes);
    let definitions = definitions.map(|jq| jq.definitions);
    let definitions = attributes::definitions(definitions, known, source, mistakes);
    let known = Known {
        definitions: &definitions,
        ..known
    };
    let outcomes = top.take("outcomes");
    let datasets = top.take_table("datasets", source, mistakes);
    top.read::<Rest>(source, mistakes);
    for (name, there) in [
        ("adapter", adapter_place.is_some()),
        ("source", source_place.is_some()),
        ("datasets", datasets.is_some()),
    ] {
        if !there {
            refuse_section(
                name,
                &format!("the manifest has no `[{name}]`"),
                "add it",
                source,
                mistakes,
            );
        }
    }
    let protocol = protocol?;
    let soap = soap.map(SoapTable::service);
    let there = There {
        soap: soap.is_some(),
        health: health.is_some(),
        callers: callers.is_some(),
        xroad: through_xroad,
        security_servers: xroad.as_ref().is_some_and(XRoad::is_enabled),
    };
    refuse_wrong_sections(protocol, &there, source, mistakes);
    let outcomes = dataset::outcomes(outcomes, "outcomes", protocol, known, source, mistakes);
    let surroundings = dataset::Surroundings {
        protocol,
        namespace: soap.as_ref().map_or("", |soap| soap.namespace.as_str()),
        outcomes: &outcomes,
        known,
        source,
    };
    let datasets = datasets?.into_tables(source, mistakes).into_iter();
    let datasets: Vec<_> = datasets
        .filter_map(|(name, place, section)| {
            dataset::read(&name, &place, section, surroundings, mistakes)
        })
        .collect();
    let adapter = adapter?;
    Some(Manifest {
        registry: adapter.registry,
        title: adapter.title,
        version: adapter.version,
        environment: adapter.environment,
        protocol: adapter.protocol,
        answers_depend_on_asker: adapter.answers_depend_on_asker,
        address: address?,
        source_place: source_place?,
        callers: callers.unwrap_or_default(),
        limits: limits.unwrap_or_default(),
        soap,
        xroad,
        health: health.map(|health| health.path),
        datasets,
    })
}

impl SoapTable {
    fn service(self) -> SoapService {
        SoapService {
            xroad: self.xroad,
            provider: self.provider,
            version: self.service_version,
            namespace: self.namespace,
            not_found_codes: self.not_found_codes,
        }
    }
}

fn optional<T: serde::de::DeserializeOwned>(
    top: &mut Section<'_>,
    key: &'static str,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<T> {
    top.take_table(key, source, mistakes)?
        .read(source, mistakes)
}

/// Which of the sections are there that not every protocol has.
#[derive(Debug)]
struct There {
    soap: bool,
    health: bool,
    callers: bool,
    xroad: bool,
    /// Whether X-Road is on.
    security_servers: bool,
}

/// Sections that a protocol needs and does not have, or has and does not need.
fn refuse_wrong_sections(
    protocol: Protocol,
    there: &There,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) {
    let needs_health = matches!(protocol, Protocol::Rest | Protocol::Hal);
    // Security servers tell that they live; the path is kept for the day without them.
    let health_needed = needs_health && (there.health || !there.security_servers);
    if there.callers && there.xroad {
        let what = "X-Road has headers of its own for who asks, not those of `[callers]`";
        refuse_section("callers", what, "remove it", source, mistakes);
    }
    if there.xroad && protocol != Protocol::Rest {
        let what = format!("protocol `{protocol}` has no use for the section `[xroad]`");
        let fix = match protocol {
            Protocol::Soap => "write it as `xroad` in `[soap]`",
            _ => "remove it",
        };
        refuse_section("xroad", &what, fix, source, mistakes);
    }
    for (there, name, needed) in [
        (there.soap, "soap", protocol == Protocol::Soap),
        (there.health, "health", health_needed),
    ] {
        // A section with a mistake in it has been told of already.
        let told = needed && source.text().contains(&format!("[{name}]"));
        if there != needed && !told {
            let (verb, fix) = if needed {
                ("needs", "add it")
            } else {
                ("has no use for", "remove it")
            };
            let what = format!("protocol `{protocol}` {verb} the section `[{name}]`");
            refuse_section(name, &what, fix, source, mistakes);
        }
    }
}

/// A mistake about a section as a whole, unless its name was only mistyped.
fn refuse_section(name: &str, what: &str, fix: &str, source: &Source, mistakes: &mut Vec<Mistake>) {
    let mistyped = format!("write `{name}`");
    if !mistakes.iter().any(|mistake| mistake.fix == mistyped) {
        let fix = format!("{fix}; docs/declarative-adapters.md says what is in it");
        mistakes.push(source.mistake(0..1, what, fix));
    }
}

/// The items of an array of tables.
pub(super) fn items<'i>(
    value: Option<Spanned<DeValue<'i>>>,
    name: &str,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Section<'i>> {
    let Some(value) = value else {
        return Vec::new();
    };
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(items) => items
            .into_iter()
            .filter_map(|item| crate::section::table(item, name, source, mistakes))
            .collect(),
        _ => {
            let fix = format!("write `[[{name}]]`");
            mistakes.push(source.mistake(span, format!("`{name}` must be a list of tables"), fix));
            Vec::new()
        }
    }
}
