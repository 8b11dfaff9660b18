//! A dataset's section: how it is asked for, and how its answers are read.

use super::{
    Attribute, Expression, Known, Protocol, Request,
    attributes::{attributes, compiled, expression},
    read::items,
    request::{self, Body},
};
use crate::{jq::Jq, mistake::Mistake, section::Section, source::Source};
use http::HeaderName;
use motlan_schemas::catalogue::names::nearest;
use serde::Deserialize;
use std::{ops::Range, sync::Arc};
use toml::{Spanned, de::DeValue};

/// How one dataset is fetched.
#[derive(Debug)]
pub(crate) struct Dataset {
    pub(crate) name: String,
    pub(crate) request: Request,
    /// The records of a page; without, the page is the record.
    pub(crate) records: Option<Jq>,
    /// Whose a record is.
    pub(crate) subject: Expression,
    /// Fields that come with every record, asked for or not.
    pub(crate) always: Vec<String>,
    /// What is asked for where nothing else is needed: some registries refuse to give no field.
    pub(crate) at_least: Vec<String>,
    /// What answers mean, the first that fits.
    pub(crate) outcomes: Vec<Arc<Outcome>>,
    pub(crate) paging: Option<Paging>,
    /// How many records there are, in a page.
    pub(crate) total: Option<Jq>,
    /// Since when this was true, in a page.
    pub(crate) as_of: Option<Jq>,
    pub(crate) as_of_header: Option<HeaderName>,
    pub(crate) attributes: Vec<Attribute>,
    /// Whether the registry is asked for single fields.
    pub(crate) selective: bool,
}

/// What an answer means.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The statuses to which it applies; all, where there are none.
    pub(crate) statuses: Vec<u16>,
    /// The condition on the answer.
    pub(crate) when: Option<Jq>,
    pub(crate) rule: Rule,
    /// Where the registry's own code stands.
    pub(crate) code: Option<Jq>,
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rule {
    /// It is read.
    Ok,
    /// The registry knows nothing about the subject.
    Absent,
    /// The registry refuses.
    Refused,
    /// The registry is out of order.
    Down,
    /// It is only a part.
    Truncated,
    /// It cannot be read.
    Malformed,
}

/// How the next page is asked for.
#[derive(Debug)]
pub(crate) enum Paging {
    /// By a link in the page; posted with the first body, or got.
    Next { link: Jq, post: bool },
    /// By a text in the page, which goes into the next request.
    Cursor { cursor: Jq, body: Option<Body> },
    /// By the number of records before it.
    Offset,
}

/// What all datasets of a manifest share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) protocol: Protocol,
    /// The namespace of a SOAP service.
    pub(super) namespace: &'a str,
    pub(super) outcomes: &'a [Arc<Outcome>],
    pub(super) known: Known<'a>,
    pub(super) source: &'a Source,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetTable {
    records: Option<Spanned<String>>,
    total: Option<Spanned<String>>,
    as_of: Option<Spanned<String>>,
    as_of_header: Option<Spanned<String>>,
    #[serde(default)]
    always: Vec<String>,
    #[serde(default)]
    at_least: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeTable {
    status: Option<Spanned<Statuses>>,
    when: Option<Spanned<String>>,
    outcome: Rule,
    code: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Statuses {
    One(u16),
    Many(Vec<u16>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PagingTable {
    next: Option<Spanned<String>>,
    next_method: Option<request::Method>,
    cursor: Option<Spanned<String>>,
    #[serde(default)]
    offset: bool,
    page_size: Option<usize>,
}

pub(super) fn read(
    name: &str,
    place: &Range<usize>,
    mut section: Section<'_>,
    around: Surroundings<'_>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Dataset> {
    let Surroundings {
        protocol,
        known,
        source,
        ..
    } = around;
    let dataset = known.catalogue.dataset_named(name);
    if dataset.is_none() {
        mistakes.push(unknown(name, place, known, source));
    }
    let span = section.span();
    let outcomes_value = section.take("outcomes");
    let mut own = outcomes(
        outcomes_value,
        "outcomes",
        protocol,
        known,
        source,
        mistakes,
    );
    own.extend(around.outcomes.iter().cloned());
    let paging_section = section.take_table("paging", source, mistakes);
    let page_size_and_paging = paging_section.map(|section| paging(section, around, mistakes));
    let request_section = section.take_table("request", source, mistakes);
    let subject = section.take_expression("subject", source, mistakes);
    let attributes_section = section.take_table("attributes", source, mistakes);
    for (key, missing) in [
        ("request", request_section.is_none()),
        ("subject", subject.is_none()),
        ("attributes", attributes_section.is_none()),
    ] {
        if missing {
            let what = format!("`{name}` has no `{key}`");
            let fix = format!("add `{key}`; docs/declarative-adapters.md says what is in it");
            mistakes.push(source.mistake(span.start..source.end_of_line(span.start), what, fix));
        }
    }
    let table: Option<DatasetTable> = section.read(source, mistakes);
    let (page_size, paging) = page_size_and_paging.unwrap_or_default();
    let request =
        request_section.and_then(|section| request::read(section, page_size, around, mistakes));
    let selective = request.as_ref().is_some_and(Request::is_selective);
    let subject = subject.and_then(|section| expression(section, known, source, mistakes));
    let attributes = match (attributes_section, dataset) {
        (Some(section), Some(dataset)) => {
            attributes(section, dataset, selective, known, source, mistakes)
        }
        _ => Vec::new(),
    };
    let table = table?;
    let mut jq = |jq: &Option<Spanned<String>>| {
        jq.as_ref()
            .and_then(|jq| compiled(jq, known, source, mistakes))
    };
    let (records, total, as_of) = (jq(&table.records), jq(&table.total), jq(&table.as_of));
    Some(Dataset {
        name: name.to_owned(),
        request: request?,
        records,
        subject: subject?,
        always: table.always,
        at_least: table.at_least,
        outcomes: own,
        paging,
        total,
        as_of,
        as_of_header: table
            .as_of_header
            .and_then(|name| header_name(&name, source, mistakes)),
        attributes,
        selective,
    })
}

fn unknown(name: &str, place: &Range<usize>, known: Known<'_>, source: &Source) -> Mistake {
    let names = known
        .catalogue
        .datasets()
        .iter()
        .map(|dataset| &*dataset.name);
    let add = format!("add its JSON Schema as `datasets/{name}.json`");
    let fix = match nearest(name, names) {
        Some(near) => format!("write `{near}`, or {add}"),
        None => add,
    };
    source.mistake(
        place.clone(),
        format!("the catalogue has no dataset `{name}`"),
        fix,
    )
}

pub(super) fn header_name(
    name: &Spanned<String>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<HeaderName> {
    let parsed = HeaderName::try_from(name.get_ref().as_str());
    if parsed.is_err() {
        let fix = "write letters, digits and hyphens, as in `Last-Modified`";
        mistakes.push(source.mistake(name.span(), "no name of a header", fix));
    }
    parsed.ok()
}

/// Outcome rules, of a dataset or of all.
pub(super) fn outcomes(
    value: Option<Spanned<DeValue<'_>>>,
    name: &str,
    protocol: Protocol,
    known: Known<'_>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Arc<Outcome>> {
    let sections = items(value, name, source, mistakes).into_iter();
    let read = sections.filter_map(|section| {
        let span = section.span();
        let table: OutcomeTable = section.read(source, mistakes)?;
        if let Some(status) = table.status.as_ref().filter(|_| protocol != Protocol::Rest) {
            mistakes.push(source.mistake(
                status.span(),
                format!("protocol `{protocol}` gives statuses their meaning itself"),
                "leave `status` away, and say with `when` what is in the record",
            ));
        }
        if table.status.is_none() && table.when.is_none() {
            let place = span.start..source.end_of_line(span.start);
            let fix = "add `status = 404` or `when = \"…\"`, or both";
            mistakes.push(source.mistake(place, "an outcome without a condition", fix));
        }
        let mut jq = |jq: Option<Spanned<String>>| match jq {
            None => Some(None),
            Some(jq) => compiled(&jq, known, source, mistakes).map(Some),
        };
        let (when, code) = (jq(table.when), jq(table.code));
        Some(Arc::new(Outcome {
            statuses: match table.status.map(Spanned::into_inner) {
                None => Vec::new(),
                Some(Statuses::One(status)) => vec![status],
                Some(Statuses::Many(statuses)) => statuses,
            },
            when: when?,
            rule: table.outcome,
            code: code?,
        }))
    });
    read.collect()
}

/// The page size and the way to the next page.
fn paging(
    mut section: Section<'_>,
    around: Surroundings<'_>,
    mistakes: &mut Vec<Mistake>,
) -> (Option<usize>, Option<Paging>) {
    let Surroundings {
        protocol,
        known,
        source,
        ..
    } = around;
    let span = section.span();
    let place = span.start..source.end_of_line(span.start);
    let body = request::body(&mut section, source, mistakes);
    let Some(table) = section.read::<PagingTable>(source, mistakes) else {
        return (None, None);
    };
    let ways = [table.next.is_some(), table.cursor.is_some(), table.offset];
    if protocol != Protocol::Rest {
        let what = format!("protocol `{protocol}` has its own paging");
        mistakes.push(source.mistake(place, what, "leave `paging` away"));
        return (table.page_size, None);
    }
    if ways.iter().filter(|way| **way).count() > 1 || ways.iter().all(|way| !way) {
        let fix = "write one of `next = \"…\"`, `cursor = \"…\"`, `offset = true`";
        mistakes.push(source.mistake(place, "paging is done in exactly one way", fix));
        return (table.page_size, None);
    }
    let mut jq =
        |jq: Option<Spanned<String>>| jq.and_then(|jq| compiled(&jq, known, source, mistakes));
    let next = jq(table.next).map(|link| Paging::Next {
        link,
        post: table.next_method == Some(request::Method::Post),
    });
    let cursor = jq(table.cursor).map(|cursor| Paging::Cursor { cursor, body });
    let offset = table.offset.then_some(Paging::Offset);
    (table.page_size, next.or(cursor).or(offset))
}
