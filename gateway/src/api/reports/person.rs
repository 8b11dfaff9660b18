//! `POST /v1/reports/person`: everything that the log says about one person or enterprise, as the
//! person may see it or as the officer may.

use super::{Form, in_background, look, page::person_page, reader, sent};
use crate::{
    api::{
        body, caller,
        circumstances::Circumstances,
        me::view::{AccessView, AgencyName, View},
        members::{Members, refused, subject, text},
    },
    app::App,
    auth::Scope,
    i18n::texts,
    reports::person::{
        Audience, ConsentLine, Kept, Line, Recipient, Report, consent_line, is_own_look, opened,
    },
};
use axum::{
    body::Body,
    extract::{Extension, State},
    http::HeaderMap,
    response::Response,
};
use motlan_schemas::{
    clock::wire_time,
    query::{Mistake, QueryError, Subject},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// About whom, and for whom.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PersonReportRequest)]
#[expect(dead_code, reason = "describes the body, which is read by hand")]
pub(in crate::api) struct PersonBody {
    /// `{"person": "<12 digits>"}` or `{"enterprise": "<10 digits>"}`.
    #[schema(value_type = Object)]
    subject: Value,
    /// `citizen` for the person's own copy, `officer` for everything. Without it: `officer`.
    #[schema(nullable = false)]
    audience: Option<String>,
}

/// Everything that the log says about one person or enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PersonReport {
    /// For whom it is.
    pub(super) audience: Audience,
    /// When it was made, in UTC.
    pub(super) made_at: String,
    /// The log that it is from.
    pub(super) log: String,
    /// What was found, in one sentence in the language asked for.
    pub(super) sentence: String,
    /// How many entries of each kind.
    pub(super) kinds: BTreeMap<&'static str, u64>,
    /// Entries whose details were erased: they happened, and no more is known.
    pub(super) erased: u64,
    /// Entries that an order hides from the person now; told to officers alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) hidden: Option<u64>,
    /// Who was told something, by agency.
    pub(super) recipients: Vec<RecipientLine>,
    /// The person's consents as they stand now.
    pub(super) consents: Vec<ConsentLine>,
    /// Everything that happened, oldest first.
    pub(super) entries: Vec<ReportEntry>,
    /// How long what is kept.
    pub(super) retention: Kept,
    /// What the person can do, in the language asked for.
    pub(super) rights: Vec<String>,
}

/// An agency that was told something.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RecipientLine {
    /// The agency.
    pub(super) agency: AgencyName,
    /// What, and how often.
    #[serde(flatten)]
    pub(super) told: Recipient,
}

/// One thing that happened, with what proves it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ReportEntry {
    /// Where its entry stands in the access log.
    pub(super) leaf_index: u64,
    /// The hash of the entry in the log's tree, base64.
    pub(super) leaf_hash: String,
    /// When it happened, in UTC.
    pub(super) time: String,
    /// What kind of entry it is.
    pub(super) kind: String,
    /// The details are erased, and this is all that is left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) erased: bool,
    /// Until when an order hides it from the person; told to officers alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) hidden_until: Option<String>,
    /// What the person may see of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) access: Option<AccessView>,
    /// The whole record as it stands in the log; told to officers alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Object)]
    pub(super) record: Option<Value>,
}

/// What the person can do; each is a key of the texts.
const RIGHTS: [&str; 5] = [
    "report-right-access",
    "report-right-consent",
    "report-right-rectification",
    "report-right-erasure",
    "report-right-complaint",
];

/// Makes the report.
pub async fn reports_person(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    report(&app, &on, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn report(
    app: &App,
    on: &Circumstances,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let token = caller::with_scope(app, headers, Scope::Audit, on).await?;
    let bytes = body::read_json(headers, body, on).await?;
    let (subject, audience) = read(&bytes).map_err(|error| refused(&error, on))?;
    let pseudonyms = app.pipeline.entries.all_pseudonyms(&subject);
    let newest = pseudonyms.last().copied();
    let (reader, entries, now) = (reader(app, on).await?, app.entries(), app.clock.now());

    let log = entries.clone();
    let (found, first) = in_background(on, move || {
        let mut places = reader.of_subject(&pseudonyms, u64::MAX, usize::MAX)?;
        places.reverse();
        let places: Vec<_> = places.into_iter().map(|(place, _)| place).collect();
        let first = log.tiles.first()?;
        Ok((Report::of(&log, &places, audience, now)?, first))
    })
    .await?;
    let consents = match &subject {
        Subject::Person(person) => app.pipeline.ledger.about(person).await,
        Subject::Enterprise(_) => Ok(Vec::new()),
    };
    let consents = consents.unwrap_or_else(|error| {
        tracing::error!(%error, "a report has no consents");
        Vec::new()
    });
    let consents = consents.iter().map(|c| consent_line(c, now)).collect();
    let word = match audience {
        Audience::Citizen => "citizen",
        Audience::Officer => "officer",
    };
    let filters = vec!["report=person".to_owned(), format!("audience={word}")];
    let client = token.client.to_string();
    look(app, on, client, filters, (found.lines.len(), newest)).await?;

    let (recipients, kinds) = (found.recipients.clone(), found.kinds.clone());
    let policies = app.pipeline.policies.load_full();
    let view = View {
        catalogue: &app.pipeline.catalogue,
        policies: &policies,
        language: on.language,
    };
    let sentence = sentence(&found, &view);
    let (hidden, erased) = (found.hidden, found.erased);
    let lines = found.lines.into_iter();
    let report = PersonReport {
        audience,
        made_at: wire_time(now),
        log: app.pipeline.entries.origin().to_owned(),
        sentence,
        kinds,
        erased,
        hidden: (audience == Audience::Officer).then_some(hidden),
        recipients: recipients
            .into_iter()
            .map(|(agency, told)| RecipientLine {
                agency: view.agency(&agency),
                told,
            })
            .collect(),
        consents,
        entries: lines
            .map(|line| entry(line, audience, &view, &entries))
            .collect(),
        retention: Kept {
            entries_months: app.retention.entries_months,
            details_months: app.retention.details_months,
            first,
        },
        rights: RIGHTS.map(|right| texts().plain(on.language, right)).into(),
    };
    Ok(match Form::wanted(headers, &[Form::Html]) {
        Form::Html => person_page(on.language, &report),
        _ => sent(Form::Json, Body::from(json(&report))),
    })
}

fn read(bytes: &[u8]) -> Result<(Subject, Audience), QueryError> {
    let mut members = Members::parse(bytes, 3, &["audience", "subject"])?;
    let subject = members.required("subject", subject);
    let audience = members.optional("audience", |value| match &*text(value)? {
        "citizen" => Ok(Audience::Citizen),
        "officer" => Ok(Audience::Officer),
        _ => Err(Mistake::NotOneOf {
            accepted: "citizen, officer",
        }),
    });
    let audience = audience.unwrap_or(Audience::Officer);
    members.finish(subject.map(|subject| (subject, audience)))
}

fn entry(
    line: Line,
    audience: Audience,
    view: &View<'_>,
    entries: &crate::index::Entries,
) -> ReportEntry {
    let access = line.entry.as_ref();
    let access = access.filter(|entry| !is_own_look(&entry.record));
    let access = access.and_then(|entry| view.access(line.leaf_index, entry));
    let is_officer = audience == Audience::Officer && line.entry.is_some();
    ReportEntry {
        leaf_index: line.leaf_index,
        leaf_hash: line.leaf_hash,
        time: line.time,
        kind: line.kind,
        erased: line.entry.is_none(),
        hidden_until: line.hidden_until.map(wire_time),
        access,
        record: is_officer
            .then(|| opened(entries, line.leaf_index))
            .flatten(),
    }
}

fn sentence(found: &Report, view: &View<'_>) -> String {
    let count = |kind: &str| found.kinds.get(kind).copied().unwrap_or(0).to_string();
    let arguments = [
        ("entries", found.lines.len().to_string()),
        ("agencies", found.recipients.len().to_string()),
        ("disclosures", count("disclosure")),
        ("refusals", count("refusal")),
        ("mentions", count("mention")),
    ];
    let arguments: Vec<_> = arguments.iter().map(|(n, v)| (*n, v.as_str())).collect();
    texts().get(view.language, "report-person-sentence", &arguments)
}

/// Our wire types have text keys only, so they always serialise.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
