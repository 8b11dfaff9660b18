//! Answers made to do harm are refused, at once.

use super::{check, lists::untouched};
use crate::conformance::{
    bench::{Bench, not_made},
    check::{Check, Findings},
    disturbance::Disturbance,
    drive::{At, Drive, Must},
    trap::Trap,
};
use http::{HeaderValue, header};

pub(super) const CHECKS: &[Check] = &[
    check!(
        "hostile.deep-nesting",
        Bronze,
        super::NO_CASE,
        "A document a hundred thousand levels deep is refused and overflows no stack.",
        deep_nesting
    ),
    check!(
        "hostile.deep-inside",
        Bronze,
        "no answer is a JSON object or XML with an element",
        "A deep value inside a proper answer is refused, or changes nothing.",
        deep_inside
    ),
    check!(
        "hostile.many-members",
        Bronze,
        super::NO_CASE,
        "A document of members without number is refused.",
        many_members
    ),
    check!(
        "hostile.duplicate-members",
        Bronze,
        "no answer is a JSON object",
        "A document that says a thing twice is refused: readers could choose differently.",
        duplicate_members
    ),
    check!(
        "hostile.numbers-that-are-none",
        Bronze,
        super::NO_CASE,
        "NaN, infinities and numbers beyond measure are refused.",
        numbers_that_are_none
    ),
    check!(
        "hostile.entities",
        Bronze,
        super::NO_CASE,
        "Entities, internal or external, are neither expanded nor fetched.",
        entities
    ),
    check!(
        "hostile.another-document",
        Bronze,
        super::NO_CASE,
        "A document of another kind is refused, whatever its media type says.",
        another_document
    ),
    check!(
        "hostile.compressed-body",
        Bronze,
        super::NO_CASE,
        "A compressed body that nobody asked for is refused, and not unpacked without limit.",
        compressed_body
    ),
    check!(
        "hostile.control-characters",
        Silver,
        "no answer has a text with diacritics",
        "Control characters inside a name do not reach the answer.",
        control_characters
    ),
];

async fn deep_nesting(bench: &Bench<'_>) -> Findings {
    let deep = Disturbance::document("<a>".repeat(DEPTH), "[".repeat(DEPTH));
    drive(bench, "100,000 levels", deep, Must::Fail).await
}

async fn deep_inside(bench: &Bench<'_>) -> Findings {
    let deep = Disturbance::body(|said| {
        let text = said.text();
        if said.is_xml() {
            let at = text.rfind("</")?;
            let (before, after) = text.split_at(at);
            let (open, close) = ("<a>".repeat(INNER), "</a>".repeat(INNER));
            return Some(format!("{before}{open}{close}{after}").into());
        }
        let rest = text.trim_start().strip_prefix('{')?;
        let (open, close) = ("[".repeat(INNER), "]".repeat(INNER));
        Some(format!("{{\"kit\":{open}{close},{rest}").into())
    });
    drive(
        bench,
        "20,000 levels inside an answer",
        deep,
        Must::FailOrSameAnswer,
    )
    .await
}

async fn many_members(bench: &Bench<'_>) -> Findings {
    let members: Vec<String> = (0..MEMBERS)
        .map(|nth| format!("\"k{nth}\":{nth}"))
        .collect();
    let elements: String = (0..MEMBERS).map(|nth| format!("<k{nth}/>")).collect();
    let many = Disturbance::document(
        format!("<a>{elements}</a>"),
        format!("{{{}}}", members.join(",")),
    );
    drive(bench, "30,000 members", many, Must::Fail).await
}

async fn duplicate_members(bench: &Bench<'_>) -> Findings {
    let twice = Disturbance::body(|said| {
        let document = said.json()?;
        let (name, value) = document.as_object()?.iter().next()?;
        let first = serde_json::Value::from(name.as_str());
        let text = said.text();
        let rest = text.trim_start().strip_prefix('{')?;
        Some(format!("{{{first}:{value},{rest}").into())
    });
    drive(bench, "a member twice", twice, Must::Fail).await
}

async fn numbers_that_are_none(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for number in ["NaN", "Infinity", "-Infinity", "1e99999", "0x1F", "01"] {
        let what = format!("the number {number}");
        let body = Disturbance::document(format!("<a>{number}</a>"), format!("{{\"a\":{number}}}"));
        findings.join(drive(bench, &what, body, Must::Fail).await);
    }
    findings
}

async fn entities(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let trap = match Trap::set().await {
        Ok(trap) => trap,
        Err(error) => return not_made(error.to_string()),
    };
    let laughs: String = (1..10)
        .map(|nth| {
            format!(
                "<!ENTITY l{nth} \"{}\">",
                format!("&l{};", nth - 1).repeat(10)
            )
        })
        .collect();
    let origin = trap.origin();
    for (what, dtd, body) in [
        (
            "a billion laughs",
            format!("<!ENTITY l0 \"ha\">{laughs}"),
            "&l9;",
        ),
        (
            "an external entity",
            format!("<!ENTITY e SYSTEM \"{origin}/e\">"),
            "&e;",
        ),
        (
            "an entity from a file",
            "<!ENTITY e SYSTEM \"file:///etc/passwd\">".to_owned(),
            "&e;",
        ),
        (
            "a parameter entity",
            format!("<!ENTITY % p SYSTEM \"{origin}/p\"> %p;"),
            "",
        ),
    ] {
        let document = format!("<?xml version=\"1.0\"?><!DOCTYPE a [{dtd}]><a>{body}</a>");
        let before = Disturbance::body(move |said| {
            // In front of a proper answer, so that nothing else is wrong with it.
            let text = said.text();
            let proper = text.split_once("?>").map_or(&*text, |(_, rest)| rest);
            let dtd = document.split("<a>").next().unwrap_or_default();
            Some(
                if said.is_xml() {
                    format!("{dtd}{proper}")
                } else {
                    document.clone()
                }
                .into(),
            )
        });
        findings.join(drive(bench, what, before, Must::Fail).await);
    }
    untouched(&mut findings, &trap);
    findings
}

async fn another_document(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let page = "<!doctype html><html><body>It works!</body></html>";
    for (what, disturbance) in [
        ("a page for people", Disturbance::document(page, page)),
        (
            "the other language",
            Disturbance::document("{\"a\": 1}", "<a>1</a>"),
        ),
        ("a number", Disturbance::document("42", "42")),
        (
            "a list of numbers",
            Disturbance::document("<a><b>1</b></a>", "[1, 2, 3]"),
        ),
        (
            "bytes",
            Disturbance::document(&b"\x00\x01\xfe\xff"[..], &b"\x00\x01\xfe\xff"[..]),
        ),
    ] {
        findings.join(drive(bench, what, disturbance, Must::Fail).await);
    }
    findings
}

async fn compressed_body(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for coding in ["gzip", "br", "deflate"] {
        let what = format!("content-encoding: {coding}");
        let compressed = Disturbance::rewrite(move |_, said| {
            let mut answer = said.clone();
            let coding = HeaderValue::from_static(coding);
            answer.headers.insert(header::CONTENT_ENCODING, coding);
            Some(answer)
        });
        findings.join(drive(bench, &what, compressed, Must::Fail).await);
    }
    findings
}

async fn control_characters(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        let control = Disturbance::body(|said| {
            let text = said.text();
            let letter = text.chars().find(|letter| !letter.is_ascii())?;
            // Escaped, as JSON and XML 1.1 can say it.
            let escaped = if said.is_xml() { "&#27;" } else { "\\u001b" };
            let at = text.find(letter)?;
            let (before, after) = text.split_at(at);
            Some(format!("{before}{escaped}{after}").into())
        });
        let trial =
            crate::conformance::bench::Trial::of(&permit, run.dataset).disturbed(control, 0);
        let seen = bench.fetch(&station, trial).await;
        if !seen.was_disturbed() {
            continue;
        }
        let clean = match &seen.result {
            Ok(said) => !said.json.to_string().contains("\\u001b"),
            Err(_) => true,
        };
        findings.expect(
            clean,
            format!("{}, an escape character in a text", run.case.name),
            "an error, or a text without it",
            "the character is in the answer",
            "read texts with `value::text`, or refuse control characters",
        );
    }
    findings
}

async fn drive(bench: &Bench<'_>, what: &str, disturbance: Disturbance, must: Must) -> Findings {
    let mend = "parse with `HttpAnswer::json` or `xml::read`, and take nothing that is not of the protocol";
    Drive::new(what, disturbance, must, mend)
        .at(At::All)
        .through(bench, &bench.present())
        .await
}

const DEPTH: usize = 100_000;
const INNER: usize = 20_000;
const MEMBERS: usize = 30_000;
