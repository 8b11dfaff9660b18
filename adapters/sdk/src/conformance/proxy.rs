//! The kit's proxy between adapter and source: it sees what is asked, and disturbs what is answered.
//!
//! It listens on a loopback port of its own and speaks HTTP/1.1. Requests go on to the source as
//! they are, `Host` too, so that links in answers lead back to the proxy.

use super::{
    candidate::Source,
    disturbance::Disturbance,
    exchange::{Answer, Asked, Exchange, text_of},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;
use url::Url;

/// A running proxy. Dropping it ends it and all its connections.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    source: Source,
    client: reqwest::Client,
    /// The source knows itself by its own name only: it is asked by that, and its links are led here.
    by_its_name: bool,
    plan: Mutex<Plan>,
    exchanges: Mutex<Vec<Exchange>>,
    /// Requests whose connection went away while they waited.
    abandoned: AtomicUsize,
    /// Body bytes that were handed to connections.
    sent: Arc<AtomicU64>,
}

/// Which answers are disturbed, and how.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) disturbance: Disturbance,
    /// The first exchange that is disturbed.
    pub(super) from: usize,
}

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed")]
struct Closed;

type Body = UnsyncBoxBody<Bytes, Closed>;

impl Proxy {
    pub(super) async fn start(source: Source, client: reqwest::Client) -> io::Result<Self> {
        Self::listen(source, client, None, false).await
    }

    pub(super) async fn start_tls(
        source: Source,
        client: reqwest::Client,
        acceptor: TlsAcceptor,
    ) -> io::Result<Self> {
        Self::listen(source, client, Some(acceptor), false).await
    }

    /// A proxy before a source that is not the kit's own.
    pub(super) async fn before(source: Url, client: reqwest::Client) -> io::Result<Self> {
        Self::listen(Source::Sandbox(source), client, None, true).await
    }

    async fn listen(
        source: Source,
        client: reqwest::Client,
        acceptor: Option<TlsAcceptor>,
        by_its_name: bool,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            source,
            client,
            by_its_name,
            plan: Mutex::default(),
            exchanges: Mutex::default(),
            abandoned: AtomicUsize::new(0),
            sent: Arc::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared), acceptor));
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    pub(super) const fn port(&self) -> u16 {
        self.address.port()
    }

    /// The address of the source as the adapter reaches it: the source's own path below the proxy.
    pub(super) fn base(&self, scheme_and_host: &str) -> Option<Url> {
        let path = match &self.shared.source {
            Source::Sandbox(url) => url.path(),
            Source::Fixtures(_) => "/",
        };
        format!("{scheme_and_host}:{}{path}", self.port())
            .parse()
            .ok()
    }

    /// Forgets what was seen, and disturbs what comes.
    pub(super) fn plan(&self, plan: Plan) {
        self.shared.exchanges.lock().clear();
        self.shared.abandoned.store(0, Ordering::SeqCst);
        self.shared.sent.store(0, Ordering::SeqCst);
        *self.shared.plan.lock() = plan;
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.shared.exchanges.lock().clone()
    }

    pub(super) fn abandoned(&self) -> usize {
        self.shared.abandoned.load(Ordering::SeqCst)
    }

    pub(super) fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, acceptor: Option<TlsAcceptor>) {
    // Connections are aborted with the set, and the set with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let _ = stream.set_nodelay(true);
                let (shared, acceptor) = (Arc::clone(&shared), acceptor.clone());
                connections.spawn(async move {
                    match acceptor {
                        None => serve(stream, "http", shared).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(stream, "https", shared).await;
                            }
                        }
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    scheme: &'static str,
    shared: Arc<Shared>,
) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { shared.answer(scheme, request).await }
    });
    // How a connection ends is the adapter's affair, and seen in what it returns.
    let _ = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Shared {
    async fn answer(
        &self,
        scheme: &str,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Closed> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, REQUEST_BYTES_MAX).collect().await;
        let target = head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let asked = Asked {
            method: head.method,
            target: target.to_owned(),
            headers: head.headers,
            body: body.map_err(|_| Closed)?.to_bytes(),
        };
        // Under this name the adapter reached the source, and so links must lead there.
        let origin = format!("{scheme}://{}", text_of(&asked.headers, &header::HOST));
        if asked.is_for_a_token() {
            let said = self.ask(&asked, &origin, None).await?;
            return Ok(self.whole(&said));
        }
        let (place, disturbance) = self.begin(&asked);
        self.disturbed(place, &asked, &origin, disturbance).await
    }

    /// Notes a request, and says what to do with its answer.
    fn begin(&self, asked: &Asked) -> (usize, Disturbance) {
        let mut exchanges = self.exchanges.lock();
        let place = exchanges.len();
        exchanges.push(Exchange {
            asked: asked.clone(),
            said: None,
            disturbed: false,
        });
        let plan = self.plan.lock();
        let disturbance = if place >= plan.from {
            plan.disturbance.clone()
        } else {
            Disturbance::None
        };
        (place, disturbance)
    }

    fn note(&self, place: usize, said: Option<&Answer>, disturbed: bool) {
        if let Some(exchange) = self.exchanges.lock().get_mut(place) {
            exchange.said = said.cloned();
            exchange.disturbed = disturbed;
        }
    }

    async fn disturbed(
        &self,
        place: usize,
        asked: &Asked,
        origin: &str,
        disturbance: Disturbance,
    ) -> Result<Response<Body>, Closed> {
        match disturbance {
            Disturbance::Close => {
                self.note(place, None, true);
                return Err(Closed);
            }
            Disturbance::Stall => {
                self.note(place, None, true);
                let _waiting = Waiting(&self.abandoned);
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        let mode = match disturbance {
            Disturbance::Mode(mode) => Some(mode),
            _ => None,
        };
        let said = self.ask(asked, origin, mode).await?;
        let changed = match &disturbance {
            Disturbance::Answer(rewrite) => rewrite(asked, &said),
            _ => None,
        };
        let untouched = match disturbance {
            Disturbance::None => true,
            Disturbance::Answer(_) => changed.is_none(),
            _ => false,
        };
        self.note(place, Some(&said), !untouched);
        Ok(match disturbance {
            Disturbance::CloseMidBody => half(&said),
            Disturbance::Drip => drip(&said),
            Disturbance::Endless => self.endless(&said),
            Disturbance::Late(by) => {
                tokio::time::sleep(by).await;
                self.whole(&said)
            }
            _ => self.whole(changed.as_ref().unwrap_or(&said)),
        })
    }

    /// Asks the source.
    async fn ask(
        &self,
        asked: &Asked,
        origin: &str,
        mode: Option<&'static str>,
    ) -> Result<Answer, Closed> {
        let base = match &self.source {
            Source::Fixtures(fixtures) => return Ok(fixtures.answer(asked, origin)),
            Source::Sandbox(base) => base,
        };
        let url = base.join(&asked.target).map_err(|_| Closed)?;
        let mut headers = asked.headers.clone();
        for name in [
            header::CONTENT_LENGTH,
            header::CONNECTION,
            header::TRANSFER_ENCODING,
        ] {
            headers.remove(name);
        }
        if self.by_its_name {
            headers.remove(header::HOST);
        }
        if let Some(mode) = mode {
            headers.insert(SANDBOX_FAULT.clone(), HeaderValue::from_static(mode));
        }
        let request = self.client.request(asked.method.clone(), url);
        let request = request.headers(headers).body(asked.body.clone());
        let response = request.send().await.map_err(|_| Closed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = response.bytes().await.map_err(|_| Closed)?;
        let own = base.origin().ascii_serialization();
        if self.by_its_name && body.windows(own.len()).any(|part| part == own.as_bytes()) {
            let text = String::from_utf8_lossy(&body);
            body = text.replace(&own, origin).into();
        }
        if let Some(host) = origin.strip_prefix("https://") {
            let text = String::from_utf8_lossy(&body);
            body = text.replace(&format!("http://{host}"), origin).into();
        }
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    fn whole(&self, answer: &Answer) -> Response<Body> {
        let length = u64::try_from(answer.body.len()).unwrap_or(u64::MAX);
        self.sent.fetch_add(length, Ordering::SeqCst);
        if answer.headers.contains_key(&ANNOUNCED_LENGTH) {
            return with_head(answer, announced(answer.body.clone()));
        }
        let body = Full::new(answer.body.clone()).map_err(|impossible| match impossible {});
        with_head(answer, body.boxed_unsync())
    }

    fn endless(&self, answer: &Answer) -> Response<Body> {
        let half = answer.body.slice(..answer.body.len() / 2);
        let filler = Bytes::from(vec![b' '; FILLER_BYTES]);
        let sent = Arc::clone(&self.sent);
        let rest = stream::repeat(filler).inspect(move |bytes| {
            sent.fetch_add(
                u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                Ordering::SeqCst,
            );
        });
        let body = stream::iter([half]).chain(rest);
        let body = body.map(|bytes| Ok(Frame::data(bytes)));
        with_head(answer, StreamBody::new(body).boxed_unsync())
    }
}

/// Counts a request as abandoned when its connection goes away and this is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A body after which more is announced, and nothing comes.
fn announced(body: Bytes) -> Body {
    let body = stream::iter([Ok(Frame::data(body))]).chain(stream::pending());
    StreamBody::new(body).boxed_unsync()
}

fn half(answer: &Answer) -> Response<Body> {
    let half = answer.body.slice(..answer.body.len() / 2);
    // The pause lets the half leave before the connection is closed under it.
    let end = stream::once(async {
        tokio::time::sleep(CUT_PAUSE).await;
        Err(Closed)
    });
    let body = stream::iter([Ok(Frame::data(half))]).chain(end);
    let mut response = with_head(answer, StreamBody::new(body).boxed_unsync());
    let length = HeaderValue::from(answer.body.len());
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

fn drip(answer: &Answer) -> Response<Body> {
    let bytes = answer.body.clone();
    let drops = (0..bytes.len()).map(move |place| bytes.slice(place..=place));
    let drops = stream::iter(drops).then(|drop| async move {
        tokio::time::sleep(DRIP_PAUSE).await;
        Ok(Frame::data(drop))
    });
    with_head(answer, StreamBody::new(drops).boxed_unsync())
}

/// A response with the answer's status and headers; hyper states the length of the body.
fn with_head(answer: &Answer, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    let mut headers: HeaderMap = answer.headers.clone();
    for name in [
        header::CONTENT_LENGTH,
        header::CONNECTION,
        header::TRANSFER_ENCODING,
    ] {
        headers.remove(name);
    }
    if let Some(announced) = headers.remove(&ANNOUNCED_LENGTH) {
        headers.insert(header::CONTENT_LENGTH, announced);
    }
    *response.headers_mut() = headers;
    response
}

/// A disturbance sets it to have another length announced than the body has.
pub(super) static ANNOUNCED_LENGTH: HeaderName = HeaderName::from_static("x-kit-announced-length");
/// Makes one answer of a sandbox registry faulty, whatever mode it is in.
static SANDBOX_FAULT: HeaderName = HeaderName::from_static("x-sandbox-fault");
/// No request to a registry is longer.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// Room for the oversized head that the kit sends.
const HEAD_BYTES_MAX: usize = 4 * 1024 * 1024;
const FILLER_BYTES: usize = 64 * 1024;
const CUT_PAUSE: Duration = Duration::from_millis(5);
const DRIP_PAUSE: Duration = Duration::from_millis(40);
