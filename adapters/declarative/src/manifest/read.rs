//! The sections of a manifest.

use super::{Environment, Known, Manifest, Protocol, attributes, dataset};
use crate::{mistake::Mistake, section::Section, source::Source};
use motlan_adapter_sdk::{
    caller_headers::CallerHeaderNames,
    http::HttpConfig,
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
    let adapter = required(&mut top, "adapter", source, mistakes)
        .and_then(|section| section.read::<AdapterTable>(source, mistakes));
    let http = required(&mut top, "source", source, mistakes).map(|section| {
        let place = section.span();
        (section.read::<HttpConfig>(source, mistakes), place)
    });
    let callers = optional::<CallerHeaderNames>(&mut top, "callers", source, mistakes);
    let limits = optional::<PagingLimits>(&mut top, "limits", source, mistakes);
    let health = optional::<HealthTable>(&mut top, "health", source, mistakes);
    let soap = optional::<SoapTable>(&mut top, "soap", source, mistakes);
    let definitions = optional::<JqTable>(&mut top, "jq", source, mistakes);
    let definitions = definitions.map(|jq| jq.definitions);
    let definitions = attributes::definitions(definitions, known, source, mistakes);
    let known = Known {
        definitions: &definitions,
        ..known
    };
    let outcomes = top.take("outcomes");
    let datasets = required(&mut top, "datasets", source, mistakes);
    let start = 0..source.first_line().len();
    top.read::<Rest>(source, mistakes);
    let adapter = adapter?;
    let soap = soap.map(SoapTable::service);
    refuse_wrong_sections(
        &adapter,
        soap.as_ref(),
        health.as_ref(),
        source,
        mistakes,
        start,
    );
    let outcomes = dataset::outcomes(
        outcomes,
        "outcomes",
        adapter.protocol,
        known,
        source,
        mistakes,
    );
    let surroundings = dataset::Surroundings {
        protocol: adapter.protocol,
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
    let (http, source_place) = http?;
    Some(Manifest {
        registry: adapter.registry,
        title: adapter.title,
        version: adapter.version,
        environment: adapter.environment,
        protocol: adapter.protocol,
        answers_depend_on_asker: adapter.answers_depend_on_asker,
        http: http?,
        source_place,
        callers: callers.unwrap_or_default(),
        limits: limits.unwrap_or_default(),
        soap,
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

fn required<'i>(
    top: &mut Section<'i>,
    key: &'static str,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Section<'i>> {
    let value = top.take(key);
    if value.is_none() {
        let place = 0..source.first_line().len();
        mistakes.push(source.mistake(
            place,
            format!("the manifest has no `[{key}]`"),
            format!("add the section `[{key}]`; docs/declarative-adapters.md says what is in it"),
        ));
    }
    crate::section::table(value?, key, source, mistakes)
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

/// Sections that a protocol needs and does not have, or has and does not need.
fn refuse_wrong_sections(
    adapter: &AdapterTable,
    soap: Option<&SoapService>,
    health: Option<&HealthTable>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
    start: std::ops::Range<usize>,
) {
    let needs_health = matches!(adapter.protocol, Protocol::Rest | Protocol::Hal);
    let protocol = adapter.protocol;
    let wrong = [
        (protocol == Protocol::Soap) != soap.is_some(),
        needs_health != health.is_some(),
    ];
    for (wrong, name, needed) in [
        (wrong[0], "soap", protocol == Protocol::Soap),
        (wrong[1], "health", needs_health),
    ] {
        // A section with a mistake in it has been told of already.
        let told = needed && source.text().contains(&format!("[{name}]"));
        if wrong && !told {
            let (verb, fix) = if needed {
                ("needs", "add it")
            } else {
                ("has no use for", "remove it")
            };
            mistakes.push(source.mistake(
                start.clone(),
                format!("protocol `{protocol}` {verb} the section `[{name}]`"),
                fix,
            ));
        }
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
