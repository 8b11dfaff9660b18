//! "Nothing on record" is said by the source, and by nothing else.

use super::check;
use crate::conformance::{
    bench::{Bench, Run},
    candidate::Expect,
    check::{Check, Findings},
    disturbance::Disturbance,
    drive::{Drive, Must},
};
use http::StatusCode;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "absence.not-found-is-absent",
        Bronze,
        "there is no case of an absent subject",
        "A subject that the source does not know is absent, not an error.",
        not_found_is_absent
    ),
    check!(
        "absence.server-error-is-not-absent",
        Bronze,
        super::NO_CASE,
        "500, 502, 503 and 504, with a page or with nothing, are errors.",
        server_error_is_not_absent
    ),
    check!(
        "absence.refusal-is-not-absent",
        Bronze,
        super::NO_CASE,
        "401 and 403 are refusals, whatever they say.",
        refusal_is_not_absent
    ),
    check!(
        "absence.wrong-address-is-not-absent",
        Bronze,
        super::NO_CASE,
        "404 and 410 with a page for people are a wrong address, not an unknown subject.",
        wrong_address_is_not_absent
    ),
    check!(
        "absence.empty-answer-is-not-absent",
        Bronze,
        super::NO_CASE,
        "200 with nothing in it is an error.",
        empty_answer_is_not_absent
    ),
    check!(
        "absence.cut-answer-is-not-absent",
        Bronze,
        super::NO_CASE,
        "An answer that stops in the middle is an error, with or without a right length.",
        cut_answer_is_not_absent
    ),
    check!(
        "absence.closed-connection-is-not-absent",
        Bronze,
        super::NO_CASE,
        "A connection that is closed before the answer is a source that is down.",
        closed_connection_is_not_absent
    ),
];

fn cases<'b, 'c>(bench: &'b Bench<'c>) -> Vec<&'b Run<'c>> {
    let mut cases = bench.present();
    cases.extend(bench.absent());
    cases
}

async fn not_found_is_absent(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench
        .runs
        .iter()
        .filter(|run| run.case.expect == Expect::Absent)
    {
        let said = &run.undisturbed.result;
        findings.expect(
            matches!(said, Ok(said) if said.json.is_null()),
            &run.case.name,
            "`Mapped::NotFound`",
            run.undisturbed.told(),
            "find out how the source says that it holds nothing, and map exactly that",
        );
    }
    findings
}

async fn server_error_is_not_absent(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for status in [500, 502, 503, 504] {
        let Ok(code) = StatusCode::from_u16(status) else {
            continue;
        };
        for (form, disturbance) in [
            ("a page", Disturbance::page(code)),
            ("nothing", Disturbance::empty(code)),
        ] {
            let what = format!("HTTP {status} with {form}");
            let drive = Drive::new(&what, disturbance, Must::Fail, MEND_STATUS);
            findings.join(drive.through(bench, &cases(bench)).await);
        }
    }
    findings
}

async fn refusal_is_not_absent(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
        for (form, disturbance) in [
            ("a page", Disturbance::page(status)),
            ("nothing", Disturbance::empty(status)),
        ] {
            let what = format!("HTTP {} with {form}", status.as_u16());
            let drive = Drive::new(&what, disturbance, Must::Fail, MEND_STATUS);
            findings.join(drive.through(bench, &cases(bench)).await);
        }
    }
    findings
}

async fn wrong_address_is_not_absent(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for status in [StatusCode::NOT_FOUND, StatusCode::GONE] {
        let what = format!("HTTP {} with a page", status.as_u16());
        let mend = "take 404 for an unknown subject only in the form that the source gives it";
        let drive = Drive::new(&what, Disturbance::page(status), Must::Fail, mend);
        findings.join(drive.through(bench, &cases(bench)).await);
    }
    findings
}

async fn empty_answer_is_not_absent(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (what, xml, json) in [
        ("200 with nothing", "", ""),
        ("200 with white space", "  \n", "  \n"),
        ("200 with an empty document", "<x/>", "{}"),
        ("200 with null", "<nil/>", "null"),
    ] {
        let disturbance = Disturbance::rewrite(move |_, said| {
            let mut answer = said.with(if said.is_xml() { xml } else { json });
            answer.status = StatusCode::OK;
            Some(answer)
        });
        let mend = "take an answer for an absence only where it has the form of one";
        let drive = Drive::new(what, disturbance, Must::Fail, mend);
        findings.join(drive.through(bench, &cases(bench)).await);
    }
    findings
}

async fn cut_answer_is_not_absent(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let mend = "read the body to its end, and parse all of it";
    for percent in [10, 50, 95] {
        let what = format!("a body cut at {percent} %");
        let cut =
            Disturbance::body(move |said| Some(said.body.slice(..said.body.len() * percent / 100)));
        let drive = Drive::new(&what, cut, Must::Fail, mend);
        findings.join(drive.through(bench, &bench.present()).await);
    }
    let drive = Drive::new(
        "a body that ends before its length",
        Disturbance::CloseMidBody,
        Must::Fail,
        mend,
    );
    findings.join(drive.through(bench, &cases(bench)).await);
    findings
}

async fn closed_connection_is_not_absent(bench: &Bench<'_>) -> Findings {
    let mend = "let a failed exchange be `Down`, never an answer";
    let drive = Drive::new("a closed connection", Disturbance::Close, Must::Fail, mend);
    drive.through(bench, &cases(bench)).await
}

const MEND_STATUS: &str =
    "look at the status before the body, and let no error status be an absence";
