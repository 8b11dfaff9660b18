//! Everything that is wrong with a call is told so that it can be mended, and never repeated where
//! it could be somebody's number.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    questions::{SELECT, question, with},
    refusals::{NUMBER, refused},
};
use reqwest::blocking::{Body, RequestBuilder};
use serde_json::{Value, json};
use std::io::Cursor;

#[test]
fn what_is_wrong_is_told_and_not_repeated() {
    let home = Home::default();
    let demo = Demo::start(&home);
    texts_that_are_not_json(&demo);
    fields_that_are_wrong(&demo);
    fields_of_a_batch_that_are_wrong(&demo);
    calls_that_are_wrong_around_the_body(&demo);
    let answer = demo.ask(&question(demo.persona("lan"), &SELECT)).answer();
    assert_eq!(answer["complete"], true, "the gateway goes on as before");
}

fn post(demo: &Demo, path: &str) -> RequestBuilder {
    let call = demo
        .client()
        .post(demo.url(path))
        .bearer_auth(demo.token("agency"));
    call.header("content-type", "application/json")
}

fn texts_that_are_not_json(demo: &Demo) {
    let good = question(NUMBER, &SELECT).to_string();
    let twice = good.replacen(
        '{',
        &format!(r#"{{"subject": {{"person": "{NUMBER}"}},"#),
        1,
    );
    let cases: [(&str, Vec<u8>); 13] = [
        ("nothing", Vec::new()),
        ("an open brace", b"{".to_vec()),
        (
            "half a question",
            good.as_bytes()[..good.len() / 2].to_vec(),
        ),
        (
            "more after the question",
            format!("{good} {NUMBER}").into_bytes(),
        ),
        ("the same key twice", twice.into_bytes()),
        ("arrays ten thousand deep", "[".repeat(10_000).into_bytes()),
        (
            "objects a thousand deep",
            r#"{"a":"#.repeat(1_000).into_bytes(),
        ),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", good.as_bytes()].concat(),
        ),
        (
            "bytes that are not UTF-8",
            [b"{\"purpose\": \"\xff\xfe\"".as_slice(), b"}"].concat(),
        ),
        ("not a number", br#"{"deadline_ms": NaN}"#.to_vec()),
        ("single quotes", b"{'purpose': 'x'}".to_vec()),
        (
            "a number too large for any type",
            br#"{"deadline_ms": 1e400}"#.to_vec(),
        ),
        (
            "half a surrogate pair",
            br#"{"purpose": "\ud800"}"#.to_vec(),
        ),
    ];
    for (name, body) in cases {
        let (_, problem) = refused(
            name,
            post(demo, "/v1/queries").body(body),
            400,
            "malformed_json",
        );
        assert_eq!(problem["retryable"], false, "{name}");
    }
    let packed = post(demo, "/v1/queries")
        .header("content-encoding", "gzip")
        .body(vec![0x1f, 0x8b, 8, 0]);
    drop(refused("a compressed body", packed, 400, "malformed_json"));
}

/// Changes to a good question, and the one mistake that each must be told as.
fn wrong_fields() -> Vec<(Value, &'static str, &'static str)> {
    let person = |number: &str| json!({ "subject": { "person": number } });
    let select = |name: &str| json!({ "select": [name] });
    vec![
        (json!({ "selct": [] }), "/selct", "unknown_field"),
        (json!({ NUMBER: 1 }), "", "unknown_field"),
        (
            json!({ "subject": { "person": NUMBER, "enterprise": "0100109106" } }),
            "/subject",
            "subject_form",
        ),
        (json!({ "subject": {} }), "/subject", "subject_form"),
        (json!({ "subject": NUMBER }), "/subject", "subject_form"),
        (json!({ "subject": [NUMBER] }), "/subject", "subject_form"),
        (
            json!({ "subject": { "citizen": NUMBER } }),
            "/subject",
            "subject_form",
        ),
        (
            json!({ "subject": { "person": 1_185_012_345_u64 } }),
            "/subject/person",
            "wrong_type",
        ),
        (
            person("00118501234"),
            "/subject/person",
            "personal_number_length",
        ),
        (
            person("0011850123456"),
            "/subject/person",
            "personal_number_length",
        ),
        (
            person("00118501234a"),
            "/subject/person",
            "personal_number_digits",
        ),
        (
            person(" 001185012345"),
            "/subject/person",
            "personal_number_digits",
        ),
        (
            person("001 185 012 345"),
            "/subject/person",
            "personal_number_digits",
        ),
        (
            person("００１１８５０１２３４５"),
            "/subject/person",
            "personal_number_digits",
        ),
        (
            person("٠٠١١٨٥٠١٢٣٤٥"),
            "/subject/person",
            "personal_number_digits",
        ),
        (
            person("003185012345"),
            "/subject/person",
            "personal_number_place",
        ),
        (
            person("001485012345"),
            "/subject/person",
            "personal_number_century",
        ),
        (
            json!({ "subject": { "enterprise": "0100109107" } }),
            "/subject/enterprise",
            "enterprise_code_check_digit",
        ),
        (
            json!({ "subject": { "enterprise": NUMBER } }),
            "/subject/enterprise",
            "enterprise_code_form",
        ),
        (
            json!({ "subject": { "enterprise": "0100109106-000" } }),
            "/subject/enterprise",
            "enterprise_code_serial",
        ),
        (
            json!({ "purpose": "poor-houshold-recognition" }),
            "/purpose",
            "unknown_purpose",
        ),
        (json!({ "purpose": NUMBER }), "/purpose", "unknown_purpose"),
        (
            json!({ "purpose": "Birth Registration" }),
            "/purpose",
            "unknown_purpose",
        ),
        (json!({ "purpose": 7 }), "/purpose", "wrong_type"),
        (json!({ "select": [] }), "/select", "empty"),
        (
            json!({ "select": "population.identity" }),
            "/select",
            "wrong_type",
        ),
        (
            json!({ "select": vec!["population.identity"; 131] }),
            "/select",
            "too_many",
        ),
        (
            json!({ "select": ["population.identity", 7] }),
            "/select/1",
            "wrong_type",
        ),
        (
            select("population.identity.fullname"),
            "/select/0",
            "unknown_attribute",
        ),
        (
            select("population.identity.full_name "),
            "/select/0",
            "unknown_attribute",
        ),
        (select(NUMBER), "/select/0", "unknown_attribute"),
        (select("population.identity.*"), "/select/0", "wildcard"),
        (select("*"), "/select/0", "wildcard"),
        (select("population"), "/select/0", "registry_alone"),
        (json!({ "case": "" }), "/case", "empty"),
        (json!({ "case": "x".repeat(65) }), "/case", "too_long"),
        (
            json!({ "case": "A-1\nlevel=error forged" }),
            "/case",
            "unprintable",
        ),
        (
            json!({ "officer": "\u{1b}[31mred" }),
            "/officer",
            "unprintable",
        ),
        (
            json!({ "officer": "a\u{202e}b" }),
            "/officer",
            "unprintable",
        ),
        (json!({ "officer": "a\u{0}b" }), "/officer", "unprintable"),
        (json!({ "officer": null }), "/officer", "wrong_type"),
        (json!({ "deadline_ms": 0 }), "/deadline_ms", "out_of_range"),
        (
            json!({ "deadline_ms": 30_001 }),
            "/deadline_ms",
            "out_of_range",
        ),
        (
            json!({ "deadline_ms": 1.5 }),
            "/deadline_ms",
            "out_of_range",
        ),
        (
            json!({ "deadline_ms": "1000" }),
            "/deadline_ms",
            "wrong_type",
        ),
        (
            json!({ "max_age_seconds": -1 }),
            "/max_age_seconds",
            "out_of_range",
        ),
        (json!({ "require": "some" }), "/require", "not_one_of"),
    ]
}

fn fields_that_are_wrong(demo: &Demo) {
    let good = question(NUMBER, &SELECT);
    for (change, pointer, code) in wrong_fields() {
        let name = change.to_string();
        let call = post(demo, "/v1/queries").body(with(good.clone(), &change).to_string());
        told(&name, call, pointer, code);
    }
    for member in ["subject", "purpose", "select"] {
        let mut question = good.clone();
        question.as_object_mut().unwrap().remove(member);
        told(
            member,
            post(demo, "/v1/queries").body(question.to_string()),
            &format!("/{member}"),
            "required",
        );
    }
    for value in ["[]", "null", "7", "\"select\""] {
        told(
            value,
            post(demo, "/v1/queries/explain").body(value),
            "",
            "wrong_type",
        );
    }
    for (change, nearest) in [
        (
            json!({ "select": ["population.identity.fullname"] }),
            "population.identity.full_name",
        ),
        (
            json!({ "purpose": "poor-houshold-recognition" }),
            "poor-household-recognition",
        ),
        (json!({ "selct": [] }), "select"),
    ] {
        let call = post(demo, "/v1/queries").body(with(good.clone(), &change).to_string());
        let (_, problem) = refused(nearest, call, 422, "invalid_query");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(
            detail.contains(nearest),
            "`{nearest}` is not suggested: {detail}"
        );
    }
    let in_vietnamese = post(demo, "/v1/queries")
        .header("accept-language", "vi")
        .body("{}");
    let (reply, problem) = refused("an empty object", in_vietnamese, 422, "invalid_query");
    assert_eq!(reply.header("content-language"), "vi");
    assert_eq!(
        problem["errors"].as_array().unwrap().len(),
        3,
        "all mistakes at once: {problem:#}"
    );
}

fn told(name: &str, call: RequestBuilder, pointer: &str, code: &str) {
    let (_, problem) = refused(name, call, 422, "invalid_query");
    let error = &problem["errors"][0];
    assert_eq!(
        (&error["pointer"], &error["code"]),
        (&json!(pointer), &json!(code)),
        "{name}: {problem:#}"
    );
    assert!(!error["detail"].as_str().unwrap().is_empty(), "{name}");
}

fn fields_of_a_batch_that_are_wrong(demo: &Demo) {
    let mut batch = question(NUMBER, &SELECT);
    let subject = batch.as_object_mut().unwrap().remove("subject").unwrap();
    let cases = [
        (json!({}), "/subjects", "required"),
        (json!({ "subjects": [] }), "/subjects", "empty"),
        (json!({ "subjects": subject }), "/subjects", "wrong_type"),
        (
            json!({ "subjects": vec![&subject; 1_001] }),
            "/subjects",
            "too_many",
        ),
        (
            json!({ "subjects": [subject, { "person": "001485012345" }] }),
            "/subjects/1/person",
            "personal_number_century",
        ),
    ];
    for (change, pointer, code) in cases {
        let call = post(demo, "/v1/query-batches").body(with(batch.clone(), &change).to_string());
        told(code, call, pointer, code);
    }
}

fn calls_that_are_wrong_around_the_body(demo: &Demo) {
    let good = question(NUMBER, &SELECT).to_string();
    let agency = demo.token("agency");
    let large = " ".repeat(64 * 1024) + &good;
    let announced = post(demo, "/v1/queries").body(large.clone());
    drop(refused("70 KiB", announced, 413, "body_too_large"));
    let unannounced = post(demo, "/v1/queries").body(Body::new(Cursor::new(large.into_bytes())));
    drop(refused(
        "70 KiB in chunks",
        unannounced,
        413,
        "body_too_large",
    ));

    let plain = || {
        demo.client()
            .post(demo.url("/v1/queries"))
            .bearer_auth(agency)
            .body(good.clone())
    };
    drop(refused(
        "no media type",
        plain(),
        415,
        "unsupported_media_type",
    ));
    for media_type in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        NUMBER,
    ] {
        let call = plain().header("content-type", media_type);
        drop(refused(media_type, call, 415, "unsupported_media_type"));
    }
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let call = demo
            .client()
            .request(method.parse().unwrap(), demo.url("/v1/queries"))
            .bearer_auth(agency);
        let (reply, _) = refused(method, call, 405, "method_not_allowed");
        assert!(
            reply.header("allow").contains("POST"),
            "{method}: {}",
            reply.header("allow")
        );
    }
    for path in [
        format!("/v1/people/{NUMBER}"),
        format!("/v1/queries/{NUMBER}?person={NUMBER}"),
        "/v1/access-log/tile/0/..%2f..%2fcheckpoint".to_owned(),
        "/v1/access-log/tile/0/999".to_owned(),
        "/v1/access-log/tile/64/000".to_owned(),
        format!("/v1/access-log/tile/0/{NUMBER}"),
    ] {
        drop(refused(
            &path,
            demo.client().get(demo.url(&path)),
            404,
            "not_found",
        ));
    }
    let with_number = post(demo, "/v1/queries")
        .header("request-id", NUMBER)
        .header("traceparent", format!("00-{NUMBER}-{NUMBER}-01"))
        .header("accept-language", NUMBER)
        .body("{");
    drop(refused(
        "numbers in headers",
        with_number,
        400,
        "malformed_json",
    ));
    for (body, status, code) in [
        ("{", 400, "malformed_json"),
        (r#"{"leaf_index": "001185012345"}"#, 422, "invalid_query"),
        (r#"{"leaf_index": 1, "old_size": 1}"#, 422, "invalid_query"),
        (r#"{"leaf_index": 999999999}"#, 404, "not_found"),
    ] {
        let call = demo
            .client()
            .post(demo.url("/v1/access-log/proofs"))
            .bearer_auth(demo.token("dpo"));
        drop(refused(
            body,
            call.header("content-type", "application/json").body(body),
            status,
            code,
        ));
    }
}
