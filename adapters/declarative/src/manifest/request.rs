//! A dataset's request, in the form of its protocol.

use super::{
    Protocol,
    dataset::{Surroundings, header_name},
};
use crate::{
    mistake::Mistake,
    section::Section,
    source::Source,
    template::{BadInsert, Insert, JsonTemplate, Template, Values},
    xml::{BadXml, XmlTemplate},
};
use http::{HeaderMap, HeaderValue};
use motlan_adapter_sdk::{
    ogc::{Comparison, Search},
    sql::SqlQuery,
};
use serde::Deserialize;
use std::{collections::BTreeMap, ops::Range};
use toml::{Spanned, de::DeValue};
use url::form_urlencoded;

/// How a dataset is asked for.
#[derive(Debug)]
pub(crate) enum Request {
    /// `rest` and `hal`.
    Http {
        method: Method,
        path: Template,
        headers: HeaderMap,
        body: Option<Body>,
        /// The list's name in HAL's `_embedded`.
        embedded: Option<String>,
        page_size: Option<usize>,
    },
    /// A FHIR search.
    Fhir {
        resource: String,
        parameters: Vec<(String, Template)>,
    },
    /// Features of a collection.
    Ogc {
        collection: String,
        search: Search,
        queryable: String,
        comparison: Comparison,
        page_size: u32,
    },
    /// One statement.
    Sql(SqlQuery),
    /// An operation of a SOAP service.
    Soap {
        operation: String,
        content: XmlTemplate,
    },
}

/// How a path is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Method {
    Get,
    Post,
}

/// What is posted.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Json(JsonTemplate),
    Form(Vec<(String, Template)>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpTable {
    #[serde(default = "post")]
    method: Method,
    path: Spanned<String>,
    #[serde(default)]
    subject_in_path: bool,
    #[serde(default)]
    headers: BTreeMap<Spanned<String>, Spanned<String>>,
    embedded: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FhirTable {
    resource: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OgcTable {
    collection: String,
    #[serde(default)]
    search: Search,
    queryable: String,
    #[serde(default)]
    comparison: Comparison,
    #[serde(default = "features")]
    page_size: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SoapTable {
    operation: String,
    xml: Spanned<String>,
}

impl Request {
    /// Whether single fields are asked for.
    pub(crate) fn is_selective(&self) -> bool {
        matches!(self, Self::Ogc { .. } | Self::Sql(_)) || self.has(Insert::Fields)
    }

    fn has(&self, wanted: Insert) -> bool {
        match self {
            Self::Http { path, body, .. } => {
                path.has(wanted) || body.as_ref().is_some_and(|body| body.has(wanted))
            }
            Self::Fhir { parameters, .. } => parameters.iter().any(|(_, value)| value.has(wanted)),
            Self::Soap { content, .. } => content.has(wanted),
            // Both take the subject, and say themselves where it goes.
            Self::Ogc { .. } | Self::Sql(_) => wanted == Insert::Subject,
        }
    }
}

impl Body {
    fn has(&self, wanted: Insert) -> bool {
        match self {
            Self::Json(template) => template.has(wanted),
            Self::Form(members) => members.iter().any(|(_, value)| value.has(wanted)),
        }
    }

    /// The media type and the body.
    pub(crate) fn written(&self, values: &Values<'_>) -> (&'static str, String) {
        match self {
            Self::Json(template) => {
                let json = template.json(values).unwrap_or_default();
                ("application/json", json.to_string())
            }
            Self::Form(members) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in members {
                    form.append_pair(name, &value.text(values));
                }
                ("application/x-www-form-urlencoded", form.finish())
            }
        }
    }
}

pub(super) fn read(
    section: Section<'_>,
    page_size: Option<usize>,
    around: Surroundings<'_>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Request> {
    let source = around.source;
    let span = section.span();
    let request = match around.protocol {
        Protocol::Rest | Protocol::Hal => {
            http(section, page_size, around.protocol, source, mistakes)
        }
        Protocol::Fhir => fhir(section, source, mistakes),
        Protocol::Ogc => ogc(section, source, mistakes),
        Protocol::Soap => soap(section, around.namespace, source, mistakes),
        Protocol::Sql => sql(section, source, mistakes),
    }?;
    if !request.has(Insert::Subject) {
        mistakes.push(source.mistake(
            span.start..source.end_of_line(span.start),
            "a request that does not say whom it is about",
            "insert `{subject}` where the registry expects the number",
        ));
    }
    Some(request)
}

fn http(
    mut section: Section<'_>,
    page_size: Option<usize>,
    protocol: Protocol,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Request> {
    let span = section.span();
    let place = span.start..source.end_of_line(span.start);
    let body = body(&mut section, source, mistakes);
    let table: HttpTable = section.read(source, mistakes)?;
    let path = path(&table, source, mistakes);
    let complaint = match (protocol, table.method, &body) {
        (_, Method::Get, Some(_)) => Some((
            "a `GET` has no body",
            "write `method = \"POST\"`, or take the body away",
        )),
        (_, Method::Post, None) => Some((
            "a `POST` needs a body",
            "add `json = { … }` or `form = { … }`",
        )),
        (Protocol::Hal, _, Some(Body::Form(_))) => {
            Some(("HAL is asked in JSON", "write `json = { … }`"))
        }
        (Protocol::Hal, Method::Post, _) if table.embedded.is_none() => Some((
            "which list of `_embedded` is meant?",
            "add `embedded = \"…\"`",
        )),
        _ => None,
    };
    if let Some((what, fix)) = complaint {
        mistakes.push(source.mistake(place, what, fix));
        return None;
    }
    Some(Request::Http {
        method: table.method,
        path: path?,
        headers: headers(&table, source, mistakes),
        body,
        embedded: table.embedded,
        page_size,
    })
}

/// A path in which no person is, but where that is said.
fn path(table: &HttpTable, source: &Source, mistakes: &mut Vec<Mistake>) -> Option<Template> {
    let template = template(&table.path, source, mistakes)?;
    let before_query = table.path.get_ref().split('?').next().unwrap_or_default();
    let complaint = if template.has(Insert::Subject) && !table.subject_in_path {
        Some((
            "the subject's number in an address, which ends in logs",
            "put `{subject}` into the body; if the registry knows no other way, say `subject_in_path = true`",
        ))
    } else if template.has(Insert::Officer) || template.has(Insert::Case) {
        Some((
            "an officer or a case in an address, which ends in logs",
            "use the headers of `[callers]`",
        ))
    } else if before_query.contains("{cursor}") {
        Some((
            "a cursor is the registry's text, and may lead elsewhere",
            "put `{cursor}` behind a `?`",
        ))
    } else if table.subject_in_path && !template.has(Insert::Subject) {
        Some((
            "`subject_in_path`, but no `{subject}` in the path",
            "take `subject_in_path` away",
        ))
    } else {
        None
    };
    if let Some((what, fix)) = complaint {
        mistakes.push(source.mistake(table.path.span(), what, fix));
        return None;
    }
    Some(template)
}

fn headers(table: &HttpTable, source: &Source, mistakes: &mut Vec<Mistake>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &table.headers {
        let parsed = HeaderValue::try_from(value.get_ref().as_str());
        if parsed.is_err() {
            mistakes.push(source.mistake(
                value.span(),
                "no value of a header",
                "write visible ASCII",
            ));
        }
        if let (Some(name), Ok(value)) = (header_name(name, source, mistakes), parsed) {
            headers.insert(name, value);
        }
    }
    headers
}

/// The body of a request, or of a request for a further page.
pub(super) fn body(
    section: &mut Section<'_>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Body> {
    let (json, form) = (section.take("json"), section.take("form"));
    match (json, form) {
        (Some(_), Some(form)) => {
            let what = "a body is either JSON or a form";
            mistakes.push(source.mistake(form.span(), what, "leave `json` or `form` away"));
            None
        }
        (Some(json), None) => {
            let mut bad = Vec::new();
            let template = JsonTemplate::read(&json, &mut bad);
            let bad = bad
                .into_iter()
                .map(|(span, mistake)| placed(&span, mistake, source));
            mistakes.extend(bad);
            Some(Body::Json(template))
        }
        (None, Some(form)) => texts(form, "form", source, mistakes).map(Body::Form),
        (None, None) => None,
    }
}

fn fhir(mut section: Section<'_>, source: &Source, mistakes: &mut Vec<Mistake>) -> Option<Request> {
    let parameters = section.take("parameters");
    if parameters.is_none() {
        let span = section.span();
        let place = span.start..source.end_of_line(span.start);
        let fix = "add `parameters = { \"patient.identifier\" = \"system|{subject}\" }`";
        mistakes.push(source.mistake(place, "a search without parameters", fix));
    }
    let table: FhirTable = section.read(source, mistakes)?;
    let parameters = texts(parameters?, "parameters", source, mistakes)?;
    Some(Request::Fhir {
        resource: table.resource,
        parameters,
    })
}

fn ogc(section: Section<'_>, source: &Source, mistakes: &mut Vec<Mistake>) -> Option<Request> {
    let table: OgcTable = section.read(source, mistakes)?;
    Some(Request::Ogc {
        collection: table.collection,
        search: table.search,
        queryable: table.queryable,
        comparison: table.comparison,
        page_size: table.page_size,
    })
}

fn soap(
    section: Section<'_>,
    namespace: &str,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Request> {
    let table: SoapTable = section.read(source, mistakes)?;
    let content = match XmlTemplate::parse(table.xml.get_ref(), namespace) {
        Ok(content) => content,
        Err(BadXml::Xml(error)) => {
            let fix = "write the elements inside the operation's, closed and without prefixes";
            mistakes.push(source.mistake(table.xml.span(), format!("no XML: {error}"), fix));
            return None;
        }
        Err(BadXml::Insert(bad)) => {
            // The reader of XML does not say where its texts stood.
            mistakes.push(source.mistake(table.xml.span(), bad.what, bad.fix));
            return None;
        }
    };
    Some(Request::Soap {
        operation: table.operation,
        content,
    })
}

fn sql(section: Section<'_>, source: &Source, mistakes: &mut Vec<Mistake>) -> Option<Request> {
    let span = section.span();
    let query: SqlQuery = section.read(source, mistakes)?;
    if let Err(error) = query.check() {
        let place = span.start..source.end_of_line(span.start);
        mistakes.push(source.mistake(place, error.to_string(), "mend the setting that is named"));
        return None;
    }
    Some(Request::Sql(query))
}

/// A table of texts with insertions.
fn texts(
    value: Spanned<DeValue<'_>>,
    name: &str,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Vec<(String, Template)>> {
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        let what = format!("`{name}` must be a table of texts");
        mistakes.push(source.mistake(span, what, format!("write `{name} = {{ … }}`")));
        return None;
    };
    let mut members = Vec::new();
    for (key, value) in table {
        let span = value.span();
        match value.into_inner() {
            DeValue::String(text) => {
                let text = Spanned::new(span, text.into_owned());
                let template = template(&text, source, mistakes)?;
                members.push((key.into_inner().into_owned(), template));
            }
            _ => {
                mistakes.push(source.mistake(span, "not a text", "write it between quotes"));
                return None;
            }
        }
    }
    Some(members)
}

fn template(
    text: &Spanned<String>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Template> {
    match Template::parse(text.get_ref()) {
        Ok(template) => Some(template),
        Err(bad) => {
            mistakes.push(placed(&text.span(), bad, source));
            None
        }
    }
}

fn placed(span: &Range<usize>, bad: BadInsert, source: &Source) -> Mistake {
    source.mistake(source.within_string(span, &bad.place), bad.what, bad.fix)
}

const fn post() -> Method {
    Method::Post
}

/// The land adapter asks for as many.
const fn features() -> u32 {
    100
}
