//! Only the configured host is spoken to, and only when it shows that it is that host.

use super::{check, lists::untouched};
use crate::adapter::Adapter;
use crate::conformance::{
    bench::{Bench, DEADLINE, Run, Trial, call, not_made},
    check::{Check, Findings},
    disturbance::Disturbance,
    drive::{Drive, Must},
    proxy::Proxy,
    trap::{Authority, Trap, TrapError},
};
use http::{StatusCode, header};
use motlan_schemas::answer::RegistryProblem;
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::net::TcpSocket;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "transport.redirects-are-refused",
        Bronze,
        super::NO_CASE,
        "301, 302, 303, 307 and 308 are refused, and the other host is not spoken to.",
        redirects_are_refused
    ),
    check!(
        "transport.nobody-listens",
        Bronze,
        super::NO_CASE,
        "An address where nobody listens is a source that is down.",
        nobody_listens
    ),
    check!(
        "transport.heals",
        Bronze,
        super::NO_CASE,
        "After every kind of failure, the same adapter answers again as soon as the source does.",
        heals
    ),
    check!(
        "transport.plain-http-is-refused",
        Silver,
        "",
        "Plain HTTP to another machine is a mistake of configuration.",
        plain_http_is_refused
    ),
    check!(
        "transport.tls-name",
        Bronze,
        NO_ROOTS,
        "A certificate for another name is refused, before anything is asked.",
        tls_name
    ),
    check!(
        "transport.tls-authority",
        Bronze,
        NO_ROOTS,
        "A certificate of an authority that is not trusted is refused, before anything is asked.",
        tls_authority
    ),
    check!(
        "transport.tls-right",
        Bronze,
        NO_ROOTS,
        "A certificate for the right name, of the trusted authority, is accepted.",
        tls_right
    ),
];

async fn redirects_are_refused(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let trap = match Trap::set().await {
        Ok(trap) => trap,
        Err(error) => return not_made(error.to_string()),
    };
    for status in [301, 302, 303, 307, 308] {
        let Ok(code) = StatusCode::from_u16(status) else {
            continue;
        };
        let what = format!("HTTP {status} to another host");
        let elsewhere =
            Disturbance::page_with(code, header::LOCATION, format!("{}/", trap.origin()));
        let must = Must::FailAs(&[RegistryProblem::RegistryRefused]);
        let mend = "build clients with `HttpClient`, which follows no redirect";
        let drive = Drive::new(&what, elsewhere, must, mend);
        findings.join(drive.through(bench, &bench.present()).await);
    }
    untouched(&mut findings, &trap);
    findings
}

async fn nobody_listens(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    // Bound and not listening: nobody else can take the port, and who connects is refused.
    let (reserved, address) = match reserve() {
        Ok(reserved) => reserved,
        Err(error) => return not_made(error.to_string()),
    };
    let port = address.port();
    let Ok(url) = format!("http://127.0.0.1:{port}/").parse() else {
        return findings;
    };
    let adapter = match (bench.candidate.make)(url) {
        Ok(adapter) => adapter,
        Err(error) => return not_made(error.to_string()),
    };
    for run in bench.present() {
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        let said = adapter.fetch(&permit, &call(DEADLINE)).await;
        let problem = said
            .as_ref()
            .err()
            .map(crate::adapter::AdapterError::problem);
        findings.expect(
            problem == Some(RegistryProblem::RegistryDown),
            format!("{}, an address where nobody listens", run.case.name),
            "an error: RegistryDown",
            problem.map_or_else(|| "an answer".to_owned(), |problem| format!("{problem:?}")),
            "let a connection that cannot be made be `Down`",
        );
    }
    drop(reserved);
    findings
}

fn reserve() -> io::Result<(TcpSocket, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

async fn heals(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (what, disturbance) in [
        ("closed connections", Disturbance::Close),
        ("a cut body", Disturbance::CloseMidBody),
        ("a body without end", Disturbance::Endless),
        (
            "HTTP 500",
            Disturbance::page(StatusCode::INTERNAL_SERVER_ERROR),
        ),
        (
            "a page for people",
            Disturbance::document("<html/>", "<html/>"),
        ),
    ] {
        for run in bench.present() {
            let station = match bench.station().await {
                Ok(station) => station,
                Err(reason) => return not_made(reason),
            };
            let Ok(permit) = bench.permit(run, run.dataset.all()) else {
                continue;
            };
            let trial = Trial::of(&permit, run.dataset).disturbed(disturbance.clone(), 0);
            bench.fetch(&station, trial).await;
            let healed = bench.fetch(&station, Trial::of(&permit, run.dataset)).await;
            let same = match (&healed.result, &run.undisturbed.result) {
                (Ok(healed), Ok(undisturbed)) => healed.json == undisturbed.json,
                _ => false,
            };
            findings.expect(
                same,
                format!("{}, after {what}", run.case.name),
                "the answer as it is undisturbed",
                healed.told(),
                "keep nothing of a failed call; leave rests to the gateway's breaker",
            );
        }
    }
    findings
}

async fn plain_http_is_refused(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let Ok(url) = "http://registry.example/".parse() else {
        return findings;
    };
    findings.expect(
        (bench.candidate.make)(url).is_err(),
        "the address http://registry.example/",
        "a mistake of configuration",
        "an adapter",
        "leave `allow_plain_http` off, and check addresses with `HttpConfig`",
    );
    findings
}

/// A source behind TLS, and an adapter that trusts one authority.
struct Secured {
    proxy: Proxy,
    adapter: Arc<dyn Adapter>,
}

async fn secured(
    bench: &Bench<'_>,
    name: &str,
    signed_by_the_trusted: bool,
) -> Result<Option<Secured>, TrapError> {
    let Some(make) = &bench.candidate.make_trusting else {
        return Ok(None);
    };
    let (trusted, other) = (Authority::new()?, Authority::new()?);
    let signer = if signed_by_the_trusted {
        &trusted
    } else {
        &other
    };
    let label = format!("{name}-{signed_by_the_trusted}");
    let roots = trusted.roots_file(&std::env::temp_dir(), &label)?;
    let acceptor = signer.acceptor(name)?;
    let source = bench.candidate.source.clone();
    let proxy = Proxy::start_tls(source, bench.client.clone(), acceptor).await?;
    let Some(base) = proxy.base("https://127.0.0.1") else {
        return Ok(None);
    };
    let adapter = make(base, roots.path()).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(Some(Secured { proxy, adapter }))
}

/// The first answered case, asked of a source behind TLS.
async fn asked(
    bench: &Bench<'_>,
    name: &str,
    signed_by_the_trusted: bool,
    judge: impl Fn(&mut Findings, &Run<'_>, Option<RegistryProblem>, usize),
) -> Findings {
    let mut findings = Findings::default();
    let secured = match secured(bench, name, signed_by_the_trusted).await {
        Ok(Some(secured)) => secured,
        Ok(None) => return findings,
        Err(error) => return not_made(error.to_string()),
    };
    for run in bench.present().into_iter().take(1) {
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        let said = secured.adapter.fetch(&permit, &call(DEADLINE)).await;
        let problem = said.err().map(|error| error.problem());
        judge(&mut findings, run, problem, secured.proxy.exchanges().len());
    }
    findings
}

async fn tls_name(bench: &Bench<'_>) -> Findings {
    asked(bench, "another.example", true, refused).await
}

async fn tls_authority(bench: &Bench<'_>) -> Findings {
    asked(bench, "127.0.0.1", false, refused).await
}

async fn tls_right(bench: &Bench<'_>) -> Findings {
    asked(bench, "127.0.0.1", true, |findings, run, problem, _| {
        findings.expect(
            problem.is_none(),
            format!("{}, a right certificate", run.case.name),
            "an answer",
            format!("{problem:?}"),
            "let the adapter's roots file be the only authorities that it trusts",
        );
    })
    .await
}

fn refused(
    findings: &mut Findings,
    run: &Run<'_>,
    problem: Option<RegistryProblem>,
    requests: usize,
) {
    findings.expect(
        problem.is_some() && requests == 0,
        format!("{}, a certificate that is not to be trusted", run.case.name),
        "an error, and no request",
        format!("{problem:?}, {requests} requests"),
        "build clients with `HttpClient`, and switch no check of certificates off",
    );
}

const NO_ROOTS: &str = "the candidate cannot be made with its own certificate authorities";
