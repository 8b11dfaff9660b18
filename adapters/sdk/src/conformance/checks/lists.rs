//! A list is whole, or it is an error.

use super::check;
use crate::conformance::{
    bench::{Bench, Run, Trial, not_made},
    candidate::{Expect, Source},
    check::{Check, Findings},
    disturbance::Disturbance,
    drive::{At, Drive, Must},
    exchange::{Answer, decoded, text_of},
    mutate,
    trap::Trap,
};
use http::{StatusCode, header};
use motlan_schemas::answer::RegistryProblem;
use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "lists.all-pages-are-read",
        Silver,
        "no case expects a list of two records or more",
        "A list has all records that its case expects, from all pages.",
        all_pages_are_read
    ),
    check!(
        "lists.missing-page-is-an-error",
        Bronze,
        NO_PAGES,
        "Where a further page cannot be had, there is no list at all.",
        missing_page_is_an_error
    ),
    check!(
        "lists.fewer-than-announced-is-an-error",
        Bronze,
        "no answer announces how many records there are",
        "Fewer records than the source announces are not a whole list.",
        fewer_than_announced_is_an_error
    ),
    check!(
        "lists.repeated-page-ends",
        Bronze,
        NO_PAGES,
        "A source that sends the first page again and again is left, and gives no list.",
        repeated_page_ends
    ),
    check!(
        "lists.links-elsewhere-are-not-followed",
        Bronze,
        "no answer has a link",
        "A link that leads to another host is not followed.",
        links_elsewhere_are_not_followed
    ),
    check!(
        "lists.one-without-a-list",
        Silver,
        "no answer is JSON with a list of one object",
        "Where a list of one comes as its only entry, it is read as such, or refused.",
        one_without_a_list
    ),
    check!(
        "lists.cut-in-own-protocol",
        Bronze,
        "the source is not the sandbox",
        "The sandbox's own cut list is an error.",
        cut_in_own_protocol
    ),
];

async fn all_pages_are_read(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in &bench.runs {
        let Expect::Records(Value::Array(expected)) = &run.case.expect else {
            continue;
        };
        let Ok(said) = &run.undisturbed.result else {
            continue;
        };
        let came = said.json.as_array().map_or(0, Vec::len);
        if expected.len() < 2 {
            continue;
        }
        findings.expect(
            came == expected.len(),
            &run.case.name,
            format!("{} records", expected.len()),
            format!(
                "{came} records in {} requests",
                run.undisturbed.exchanges.len()
            ),
            "read pages with `paging::collect`, to the last",
        );
    }
    findings
}

async fn missing_page_is_an_error(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (what, disturbance) in [
        ("a closed connection", Disturbance::Close),
        ("a page that is cut", Disturbance::CloseMidBody),
        (
            "HTTP 404 with a page",
            Disturbance::page(StatusCode::NOT_FOUND),
        ),
        (
            "HTTP 404 with nothing",
            Disturbance::empty(StatusCode::NOT_FOUND),
        ),
        (
            "HTTP 410 with nothing",
            Disturbance::empty(StatusCode::GONE),
        ),
        (
            "HTTP 500 with a page",
            Disturbance::page(StatusCode::INTERNAL_SERVER_ERROR),
        ),
        ("an empty document", Disturbance::document("<x/>", "{}")),
    ] {
        let drive = Drive::new(what, disturbance, Must::Fail, MEND_WHOLE);
        findings.join(
            drive
                .at(At::FurtherPages)
                .through(bench, &bench.present())
                .await,
        );
    }
    findings
}

async fn fewer_than_announced_is_an_error(bench: &Bench<'_>) -> Findings {
    let raise = Disturbance::body(|said| {
        let mut document = said.json()?;
        mutate::raise_totals(&mut document).then(|| document.to_string().into())
    });
    let must = Must::FailAs(&[RegistryProblem::RegistryTruncated]);
    let drive = Drive::new("more records announced than sent", raise, must, MEND_WHOLE);
    drive.at(At::All).through(bench, &lists(bench)).await
}

async fn repeated_page_ends(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let Some(second) = run.further_pages().first().copied() else {
            continue;
        };
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        let trial =
            Trial::of(&permit, run.dataset).disturbed(first_again(), second.saturating_sub(1));
        let seen = bench.fetch(&station, trial).await;
        let place = format!("{}, the first page for every page", run.case.name);
        findings.expect(
            seen.result.is_err(),
            &place,
            "an error",
            seen.told(),
            "notice links that were followed before, and bound the number of pages",
        );
        findings.expect(
            seen.exchanges.len() <= PAGES_MAX,
            place,
            format!("at most {PAGES_MAX} requests"),
            format!("{} requests", seen.exchanges.len()),
            "bound the number of pages (`PagingLimits`)",
        );
    }
    findings
}

/// Answers every request with the answer to the first.
fn first_again() -> Disturbance {
    let first: Arc<Mutex<Option<Answer>>> = Arc::default();
    Disturbance::rewrite(move |_, said| {
        Some(first.lock().get_or_insert_with(|| said.clone()).clone())
    })
}

async fn links_elsewhere_are_not_followed(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let trap = match Trap::set().await {
        Ok(trap) => trap,
        Err(error) => return not_made(error.to_string()),
    };
    let origin = trap.origin();
    let host = origin.trim_start_matches("http:").to_owned();
    let with_user = origin.replace("http://", "http://127.0.0.1@");
    for (what, origin) in [
        ("links to another host", origin.clone()),
        ("links to another host without a scheme", host),
        ("links with the own host as a user name", with_user),
        ("links to a file", "file:///etc/passwd#".to_owned()),
    ] {
        let drive = Drive::new(what, relink(origin), Must::FailOrSameAnswer, MEND_LINK);
        findings.join(drive.at(At::All).through(bench, &bench.present()).await);
    }
    if findings.looked() > 0 {
        untouched(&mut findings, &trap);
    }
    findings
}

/// Every link that leads back to the source leads to another origin.
fn relink(origin: String) -> Disturbance {
    Disturbance::rewrite(move |asked, said| {
        let host = text_of(&asked.headers, &header::HOST);
        let elsewhere = |link: &str| {
            let decoded = decoded(link);
            let below = match decoded.split_once(host.as_str()) {
                Some((_, below)) => below,
                None if link.starts_with(['/', '?']) => link,
                None => return None,
            };
            Some(format!("{origin}/{}", below.trim_start_matches('/')))
        };
        let mut answer = said.clone();
        let mut changed = false;
        if let Some(mut document) = said.json()
            && mutate::relink(&mut document, &elsewhere)
        {
            answer.body = document.to_string().into();
            changed = true;
        }
        if said.headers.contains_key(header::LINK) {
            let link = format!("<{origin}/next>; rel=\"next\"");
            answer.headers.insert(header::LINK, link.try_into().ok()?);
            changed = true;
        }
        changed.then_some(answer)
    })
}

/// Nobody came to the trap.
pub(super) fn untouched(findings: &mut Findings, trap: &Trap) {
    findings.expect(
        trap.caught() == 0,
        "a host outside the configuration",
        "no connection",
        format!("{} connections", trap.caught()),
        MEND_LINK,
    );
}

async fn one_without_a_list(bench: &Bench<'_>) -> Findings {
    let single = Disturbance::body(|said| {
        let mut document = said.json()?;
        mutate::without_single_lists(&mut document).then(|| document.to_string().into())
    });
    let mend =
        "read an object where a list is expected as a list of one, or refuse it as malformed";
    Drive::new(
        "lists of one without the list",
        single,
        Must::FailOrSameAnswer,
        mend,
    )
    .through(bench, &bench.present())
    .await
}

async fn cut_in_own_protocol(bench: &Bench<'_>) -> Findings {
    if matches!(bench.candidate.source, Source::Fixtures(_)) {
        return Findings::default();
    }
    let cut = Disturbance::Mode("truncated");
    let must = Must::FailAs(&[RegistryProblem::RegistryTruncated]);
    let drive = Drive::new("the sandbox's `truncated`", cut, must, MEND_WHOLE);
    drive.at(At::All).through(bench, &bench.present()).await
}

fn lists<'b, 'c>(bench: &'b Bench<'c>) -> Vec<&'b Run<'c>> {
    bench
        .present()
        .into_iter()
        .filter(|run| run.is_list())
        .collect()
}

const NO_PAGES: &str = "no case is answered in more than one page";
const MEND_WHOLE: &str = "return `Truncated` rather than part of a list";
const MEND_LINK: &str =
    "let links be followed by `HttpClient::follow`, which stays at the configured origin";
/// More than any limit that an adapter sets for the pages of one person.
const PAGES_MAX: usize = 200;
