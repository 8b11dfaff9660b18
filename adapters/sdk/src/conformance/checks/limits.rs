//! Nothing that a source sends is read without a limit.

use super::check;
use crate::conformance::{
    bench::{Bench, Trial, not_made},
    check::{Check, Findings},
    disturbance::Disturbance,
    drive::{At, Drive, Must},
    proxy::ANNOUNCED_LENGTH,
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use motlan_schemas::answer::RegistryProblem;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "limits.endless-body",
        Bronze,
        super::NO_CASE,
        "A body without end is left before it fills the memory.",
        endless_body
    ),
    check!(
        "limits.announced-length",
        Bronze,
        super::NO_CASE,
        "A body that is announced to be far too long is not waited for.",
        announced_length
    ),
    check!(
        "limits.oversized-head",
        Bronze,
        super::NO_CASE,
        "Headers without measure are refused.",
        oversized_head
    ),
    check!(
        "limits.too-many-requests",
        Bronze,
        super::NO_CASE,
        "429 with `Retry-After` is a refusal at once: the call does not wait for it.",
        too_many_requests
    ),
    check!(
        "limits.endless-in-own-protocol",
        Bronze,
        super::NO_CASE,
        "A well-formed beginning and white space without end are left too.",
        endless_white_space
    ),
];

async fn endless_body(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        let trial = Trial::of(&permit, run.dataset).disturbed(Disturbance::Endless, 0);
        let seen = bench.fetch(&station, trial).await;
        findings.expect(
            seen.sent <= SENT_MAX,
            format!("{}, a body without end", run.case.name),
            format!("at most {} MiB taken from the source", SENT_MAX >> 20),
            format!("{} MiB", seen.sent >> 20),
            MEND,
        );
    }
    findings
}

async fn endless_white_space(bench: &Bench<'_>) -> Findings {
    let must = Must::FailAs(&[
        RegistryProblem::RegistryMalformed,
        RegistryProblem::RegistryTruncated,
        RegistryProblem::RegistryTimeout,
    ]);
    Drive::new("a body without end", Disturbance::Endless, must, MEND)
        .through(bench, &bench.present())
        .await
}

async fn announced_length(bench: &Bench<'_>) -> Findings {
    let announce = Disturbance::header(ANNOUNCED_LENGTH.clone(), "99999999");
    Drive::new("95 MiB announced", announce, Must::Fail, MEND)
        .at(At::All)
        .through(bench, &bench.present())
        .await
}

async fn oversized_head(bench: &Bench<'_>) -> Findings {
    let swell = Disturbance::rewrite(|_, said| {
        let mut answer = said.clone();
        for nth in 0..HEADERS {
            let name = HeaderName::try_from(format!("x-filler-{nth}")).ok()?;
            let value = HeaderValue::try_from("x".repeat(HEADER_BYTES)).ok()?;
            answer.headers.insert(name, value);
        }
        Some(answer)
    });
    Drive::new("2 MiB of headers", swell, Must::Fail, MEND)
        .at(At::All)
        .through(bench, &bench.present())
        .await
}

async fn too_many_requests(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (what, value) in [
        ("429, retry after 120 seconds", "120"),
        ("429, retry after a date", "Fri, 31 Dec 1999 23:59:59 GMT"),
        ("429, retry after nonsense", "soon"),
    ] {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let limited = Disturbance::page_with(status, header::RETRY_AFTER, value.to_owned());
        let must = Must::FailAs(&[RegistryProblem::RegistryRefused]);
        let mend = "let 429 be `Refused`; a retry after the call's deadline helps nobody";
        // An adapter may keep to the limit in later calls, so only the first request has it.
        let drive = Drive::new(what, limited, must, mend).at(At::All);
        findings.join(drive.through(bench, &bench.present()).await);
    }
    findings
}

/// A megabyte of body, and what lies in the buffers of two sockets.
const SENT_MAX: u64 = 16 << 20;
const HEADERS: usize = 64;
const HEADER_BYTES: usize = 32 * 1024;
const MEND: &str = "read through `HttpClient`, which has limits, and set none of them to infinity";
