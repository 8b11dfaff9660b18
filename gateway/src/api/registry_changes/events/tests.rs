//! Good events of every mode are read, and of bad ones everything is told at once.

use super::*;
use crate::{i18n::vocabulary::mistake as told_in, metrics::Metrics, registry::RegistryLimits};
use async_trait::async_trait;
use motlan_adapter_sdk::adapter::{
    Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset,
};
use motlan_policies::permit::Permit;
use motlan_schemas::language::Language;
use serde_json::json;
use std::sync::{Arc, LazyLock};

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(Catalogue::national);
const NOW: &str = "2026-11-21T08:00:00Z";

/// A registry that serves one dataset about persons and one about enterprises.
#[derive(Debug)]
struct Office(Descriptor);

#[async_trait]
impl Adapter for Office {
    fn descriptor(&self) -> &Descriptor {
        &self.0
    }

    async fn fetch(&self, _: &Permit, _: &Call) -> Result<Fetched, AdapterError> {
        unreachable!("nobody is asked")
    }

    async fn health(&self, _: &Call) -> Result<(), AdapterError> {
        Ok(())
    }
}

fn office() -> Registry {
    let datasets = ["business.roles", "business.profile"].map(|name| ServedDataset {
        dataset: CATALOGUE.dataset_named(name).unwrap().id,
        selective: true,
    });
    let descriptor = Descriptor {
        registry: "business".parse().unwrap(),
        datasets: datasets.into(),
        answers_depend_on_asker: false,
    };
    let limits = RegistryLimits::default();
    Registry::new(
        Arc::new(Office(descriptor)),
        &limits,
        Arc::new(Metrics::new()),
    )
}

fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
    let all = all.iter();
    all.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

fn read(form: Form, headers: &HeaderMap, body: &str) -> Result<Vec<Change>, QueryError> {
    let office = office();
    let reader = EventReader::new(&office, &CATALOGUE, NOW.parse().unwrap());
    reader.read(form, headers, body.as_bytes())
}

fn event() -> Value {
    json!({
        "specversion": "1.0", "type": TYPE, "source": "/business/outbox", "id": "7",
        "time": NOW, "data": {"dataset": "business.roles", "subject": {"person": "001185012345"}},
    })
}

/// An event with other members; null takes one away.
fn with(members: &Value) -> Value {
    let mut event = event();
    for (name, value) in members.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

/// What is told, each with its pointer; no text has holes, and none repeats a number.
fn told(form: Form, headers: &HeaderMap, body: &str) -> Vec<String> {
    let errors = match read(form, headers, body) {
        Ok(_) => return Vec::new(),
        Err(QueryError::Json(error)) => return vec![format!("json: {}", error.reason)],
        Err(QueryError::Invalid(errors)) => errors,
    };
    let told = errors.into_iter().map(|error| {
        for language in Language::ALL {
            let text = told_in(language, &error.mistake);
            for hole in ["{$", "{ $", "mistake-", "expected-", "001185012345"] {
                assert!(!text.contains(hole), "{text}");
            }
        }
        assert!(!error.pointer.contains("0011"), "{}", error.pointer);
        format!("{} {}", error.pointer, error.mistake.code())
    });
    told.collect()
}

#[test]
fn an_event_is_read_in_each_mode_and_means_the_same() {
    let structured = read(Form::Structured, &HeaderMap::new(), &event().to_string());
    let structured = structured.unwrap();
    let batch = json!([event()]).to_string();
    assert_eq!(
        read(Form::Batched, &HeaderMap::new(), &batch).unwrap(),
        structured
    );
    let binary = headers(&[
        ("ce-specversion", "1.0"),
        ("ce-type", TYPE),
        ("ce-source", "%2Fbusiness/outbox"),
        ("ce-id", "\"\\7\""),
        ("ce-time", NOW),
        ("ce-traceparent", "00-0-0-0"),
        ("authorization", "Bearer x"),
    ]);
    let data = event()["data"].to_string();
    assert_eq!(read(Form::Binary, &binary, &data).unwrap(), structured);
    let change = &structured[0];
    assert_eq!(
        CATALOGUE.dataset(change.dataset).name.as_ref(),
        "business.roles"
    );
    assert_eq!(change.occurred_at, NOW.parse().unwrap());
    let registry = "business".parse().unwrap();
    assert_eq!(
        change.event,
        EventDigest::of(&registry, "/business/outbox", "7")
    );
    assert_eq!(read(Form::Batched, &HeaderMap::new(), "[]").unwrap(), []);
}

#[test]
fn the_mode_follows_from_the_media_type() {
    let form = |media_type: &str| Form::of(&headers(&[("content-type", media_type)]));
    assert_eq!(
        form("application/cloudevents+json; charset=UTF-8"),
        Some(Form::Structured)
    );
    assert_eq!(
        form("Application/CloudEvents-Batch+JSON"),
        Some(Form::Batched)
    );
    for none in [
        "application/json",
        "text/plain",
        "application/cloudevents+avro",
        "",
    ] {
        assert_eq!(form(none), None, "{none}");
    }
    let binary = headers(&[("content-type", "application/json"), ("ce-id", "1")]);
    assert_eq!(Form::of(&binary), Some(Form::Binary));
}

#[test]
fn extensions_and_what_an_event_may_say_beside_are_let_through() {
    let enterprise =
        json!({"dataset": "business.profile", "subject": {"enterprise": "0100109106"}});
    for members in [
        json!({"partitionkey": "x", "sequence": 7, "sampled": true, "absent": null}),
        json!({"datacontenttype": "application/json; charset=utf-8", "dataschema": "/s"}),
        json!({"subject": "001185012345", "001185012345": "an extension by its form"}),
        json!({"source": "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "id": "x".repeat(255)}),
        json!({"source": "a%20b?c#d", "time": "2026-11-20T15:00:00.5+07:00"}),
        json!({"time": "2026-11-20T08:00:00Z"}),
        json!({"time": "2026-11-21T08:05:00Z", "data": enterprise}),
    ] {
        let event = with(&members).to_string();
        assert_eq!(
            told(Form::Structured, &HeaderMap::new(), &event),
            [""; 0],
            "{members}"
        );
    }
}

#[test]
fn garbage_is_told_by_its_place() {
    let data = |data: Value| json!({ "data": data });
    let person = json!({"person": "001185012345"});
    let table: Vec<(Value, &[&str])> = vec![
        (json!({"specversion": "0.3"}), &["/specversion not_one_of"]),
        (json!({"specversion": 1.0}), &["/specversion wrong_type"]),
        (
            json!({"type": "com.example.changed"}),
            &["/type not_one_of"],
        ),
        (json!({"source": ""}), &["/source uri_reference"]),
        (json!({"source": "a b"}), &["/source uri_reference"]),
        (json!({"source": "%zz"}), &["/source uri_reference"]),
        (json!({"source": "dân-cư"}), &["/source uri_reference"]),
        (
            json!({"source": "a".repeat(513)}),
            &["/source uri_reference"],
        ),
        (json!({"id": ""}), &["/id statement_length"]),
        (json!({"id": "é".repeat(256)}), &["/id statement_length"]),
        (json!({"id": 7}), &["/id wrong_type"]),
        (json!({"time": null}), &["/time required"]),
        (json!({"time": "2026-11-21"}), &["/time wrong_type"]),
        (json!({"time": "yesterday"}), &["/time wrong_type"]),
        (
            json!({"time": "2026-11-20T07:59:59Z"}),
            &["/time event_time"],
        ),
        (
            json!({"time": "2026-11-21T08:05:01Z"}),
            &["/time event_time"],
        ),
        (
            json!({"datacontenttype": "application/xml"}),
            &["/datacontenttype not_one_of"],
        ),
        (json!({"data_base64": "e30="}), &[" unknown_field"]),
        (json!({"Source": "/x"}), &[" unknown_field"]),
        (
            json!({"partitionkey": {"a": 1}}),
            &["/partitionkey wrong_type"],
        ),
        (data(json!(null)), &["/data required"]),
        (data(json!([])), &["/data wrong_type"]),
        (
            data(json!({})),
            &["/data/dataset required", "/data/subject required"],
        ),
        (
            data(json!({"dataset": "business.roels", "subject": person})),
            &["/data/dataset not_served"],
        ),
        (
            data(json!({"dataset": "population.residence", "subject": person})),
            &["/data/dataset not_served"],
        ),
        (
            data(json!({"dataset": 1, "subject": {"person": "0011850123"}, "001185012345": 1})),
            &[
                "/data unknown_field",
                "/data/dataset wrong_type",
                "/data/subject personal_number_length",
            ],
        ),
        (
            data(json!({"dataset": "business.roles", "subject": {"enterprise": "0100109106"}})),
            &["/data/subject wrong_type"],
        ),
        (
            data(json!({"dataset": "business.profile", "subject": person, "record": {}})),
            &["/data/record unknown_field", "/data/subject wrong_type"],
        ),
    ];
    for (members, expected) in table {
        let event = with(&members).to_string();
        assert_eq!(
            told(Form::Structured, &HeaderMap::new(), &event),
            expected,
            "{members}"
        );
    }
    let bodies: [(&str, &[&str]); 6] = [
        ("", &["json: the text ends too early"]),
        ("{", &["json: the text ends too early"]),
        (
            r#"{"id": "1", "id": "2"}"#,
            &["json: the same key twice in one object"],
        ),
        ("[[[[[[[[[]]]]]]]]]", &["json: nested too deeply"]),
        ("7", &[" wrong_type"]),
        (
            "{}",
            &[
                "/specversion required",
                "/type required",
                "/source required",
                "/id required",
                "/time required",
                "/data required",
            ],
        ),
    ];
    for (body, expected) in bodies {
        assert_eq!(
            told(Form::Structured, &HeaderMap::new(), body),
            expected,
            "{body}"
        );
    }
}

#[test]
fn a_batch_tells_of_every_event_and_the_same_event_stands_in_it_once() {
    let told = |batch: Value| told(Form::Batched, &HeaderMap::new(), &batch.to_string());
    let other = with(&json!({"id": "8"}));
    assert_eq!(told(json!([event(), other, event()])), ["/2/id repeated"]);
    let wrong = with(&json!({"type": "x", "data": {"dataset": "land.parcels"}}));
    let expected = [
        "/1/type not_one_of",
        "/1/data/dataset not_served",
        "/1/data/subject required",
        "/2 wrong_type",
    ];
    assert_eq!(told(json!([event(), wrong, 5])), expected);
    assert_eq!(told(event()), [" wrong_type"]);
    let many = |count: usize| {
        let events = (0..count).map(|id| with(&json!({"id": id.to_string()})));
        Value::Array(events.collect())
    };
    assert_eq!(told(many(EVENTS_MAX)), [""; 0]);
    assert_eq!(told(many(EVENTS_MAX + 1)), [" too_many"]);
    let form = Form::Batched;
    assert!(many(EVENTS_MAX).to_string().len() < form.bytes_max());
}

#[test]
fn headers_that_cannot_be_read_are_told_of_like_members() {
    let data = event()["data"].to_string();
    let good = [
        ("ce-specversion", "1.0"),
        ("ce-type", TYPE),
        ("ce-source", "/x"),
        ("ce-id", "7"),
        ("ce-time", NOW),
    ];
    let binary = |more: &[(&'static str, &str)]| {
        let all: Vec<_> = good.iter().chain(more).copied().collect();
        let mut map = HeaderMap::new();
        for (name, value) in all {
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        told(Form::Binary, &map, &data)
    };
    assert_eq!(binary(&[]), [""; 0]);
    assert_eq!(binary(&[("ce-id", "8")]), ["/id unknown_field"]);
    assert_eq!(
        binary(&[("ce-datacontenttype", "application/json")]),
        ["/datacontenttype unknown_field"]
    );
    for broken in ["%", "%4", "%zz", "%+1", "%C0%A0"] {
        assert_eq!(
            binary(&[("ce-key", broken)]),
            ["/key wrong_type"],
            "{broken}"
        );
    }
    let missing = headers(&[("ce-id", "7")]);
    assert_eq!(told(Form::Binary, &missing, "{}").len(), 6);
}

proptest::proptest! {
    #[test]
    fn whatever_comes_is_read_or_told_of(body in ".{0,200}", header in "[ -~]{0,40}") {
        let headers = headers(&[("ce-id", &header), ("ce-source", &header)]);
        for form in [Form::Structured, Form::Batched, Form::Binary] {
            let _ = read(form, &headers, &body);
        }
    }

    #[test]
    fn a_header_that_a_sender_encodes_comes_back(text in "\\PC{0,40}") {
        let encoded: String = text.bytes().map(|b| format!("%{b:02X}")).collect();
        let value = HeaderValue::from_str(&encoded).unwrap();
        proptest::prop_assert_eq!(header_text(&value), Some(text));
    }
}
