//! One registry's HTTP server: an accept loop of its own, below any framework, so that it can break
//! HTTP itself where a fault asks for it.

use crate::{
    RunningRegistry,
    faults::{CutByProtocol, FAULTS_PATH, Fault, Faults},
};
use axum::{
    Router,
    body::{Body, Bytes},
    response::Response,
};
use futures::{StreamExt, stream};
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, io, net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct RegistryServer {
    id: &'static str,
    address: SocketAddr,
    faults: Faults,
    ending: CancellationToken,
    tasks: TaskTracker,
}

/// What every connection of a server shares.
#[derive(Clone)]
struct Registry {
    router: Router,
    control: Router,
    faults: Faults,
    latency: Duration,
}

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer")]
struct Closed;

impl RegistryServer {
    pub(crate) async fn start(
        id: &'static str,
        address: SocketAddr,
        router: Router,
        latency: Duration,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (faults, ending, tasks) = (
            Faults::default(),
            CancellationToken::new(),
            TaskTracker::new(),
        );
        let registry = Registry {
            router,
            control: faults.router(),
            faults: faults.clone(),
            latency,
        };
        tasks.spawn(accept(listener, registry, ending.clone(), tasks.clone()));
        tasks.close();
        Ok(Self {
            id,
            address,
            faults,
            ending,
            tasks,
        })
    }

    #[expect(clippy::expect_used, reason = "the ids are constants of this crate")]
    pub(crate) fn describe(&self) -> RunningRegistry {
        let url = format!("http://{}", self.address);
        RunningRegistry {
            id: self.id.parse().expect("a constant registry id is valid"),
            faults_url: format!("{url}{FAULTS_PATH}"),
            url,
            faults: self.faults.clone(),
        }
    }

    pub(crate) fn cancel(&self) {
        self.ending.cancel();
    }

    pub(crate) async fn finished(&self) {
        self.tasks.wait().await;
    }
}

impl Drop for RegistryServer {
    fn drop(&mut self) {
        self.ending.cancel();
    }
}

async fn accept(
    listener: TcpListener,
    registry: Registry,
    ending: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        tokio::select! {
            () = ending.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tasks.spawn(serve(stream, registry.clone(), ending.clone()));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: wait for connections to end.
                    tracing::warn!(%error, "a connection to a sandbox registry could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

async fn serve(stream: TcpStream, registry: Registry, ending: CancellationToken) {
    // An answer goes out at once; waiting for more to send only adds latency on loopback.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let registry = registry.clone();
        async move { registry.answer(request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = &mut connection => return,
        () = ending.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = tokio::time::timeout(ENDING_GRACE, connection).await;
}

impl Registry {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response, Closed> {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
            return Err(Closed);
        };
        let body = body.to_bytes();
        if head.uri.path() == FAULTS_PATH {
            return Ok(routed(&self.control, Request::from_parts(head, Body::from(body))).await);
        }
        let (fault, delay) = self.faults.meet(&head, &body);
        tokio::time::sleep(if fault == Fault::Slow {
            self.latency + delay
        } else {
            self.latency
        })
        .await;
        match fault {
            Fault::Down => return Err(Closed),
            Fault::Garbage => return Ok(garbage()),
            Fault::RateLimited => return Ok(rate_limited()),
            _ => {}
        }
        let mut request = Request::from_parts(head, Body::from(body));
        request.extensions_mut().insert(fault);
        let response = routed(&self.router, request).await;
        match fault {
            Fault::Truncated if response.extensions().get::<CutByProtocol>().is_none() => {
                truncated(response).await
            }
            Fault::Endless => endless(response).await,
            _ => Ok(response),
        }
    }
}

async fn routed(router: &Router, request: Request<Body>) -> Response {
    let answer: Result<Response, Infallible> = router.clone().oneshot(request).await;
    match answer {
        Ok(response) => response,
        Err(impossible) => match impossible {},
    }
}

/// What a proxy in front of a broken registry sends: success, and a page for people.
fn garbage() -> Response {
    let mut response = Response::new(Body::from(
        &b"<!doctype html><html><body>\xff\xfe It works! {{{ ]]></body>"[..],
    ));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// What a proxy sends that counts requests.
fn rate_limited() -> Response {
    let mut response = Response::new(Body::from("too many requests"));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// The whole length is announced, half of it is sent, and the connection is closed.
async fn truncated(response: Response) -> Result<Response, Closed> {
    let (mut head, body) = response.into_parts();
    let whole = body.collect().await.map_err(|_| Closed)?.to_bytes();
    head.headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = whole.slice(..whole.len() / 2);
    // The pause lets the half leave before the connection is closed under it.
    let pause = stream::once(async {
        tokio::time::sleep(CUT_PAUSE).await;
        Err(Closed)
    });
    Ok(Response::from_parts(
        head,
        Body::from_stream(stream::iter([Ok::<_, Closed>(half)]).chain(pause)),
    ))
}

/// The answer's first half, and then white space for ever, which JSON and XML readers both accept.
async fn endless(response: Response) -> Result<Response, Closed> {
    let (mut head, body) = response.into_parts();
    let whole = body.collect().await.map_err(|_| Closed)?.to_bytes();
    head.headers.remove(header::CONTENT_LENGTH);
    head.status = StatusCode::OK;
    let half = whole.slice(..whole.len() / 2);
    let filler = Bytes::from(vec![b' '; ENDLESS_CHUNK_BYTES]);
    let rest = stream::iter(std::iter::repeat_n(
        filler,
        ENDLESS_BYTES_MAX / ENDLESS_CHUNK_BYTES,
    ));
    let body = stream::iter([half]).chain(rest).map(Ok::<_, Closed>);
    Ok(Response::from_parts(head, Body::from_stream(body)))
}

/// No registry request is longer.
const BODY_BYTES_MAX: usize = 1024 * 1024;
const ENDLESS_BYTES_MAX: usize = 64 * 1024 * 1024;
const ENDLESS_CHUNK_BYTES: usize = 64 * 1024;
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const CUT_PAUSE: Duration = Duration::from_millis(5);
const ENDING_GRACE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
