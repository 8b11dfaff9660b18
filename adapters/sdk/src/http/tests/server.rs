//! A server that does exactly what a test says, over connections that stay open.

use parking_lot::Mutex;
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

/// What is done with one request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// These bytes; the connection stays open.
    Bytes(String),
    /// The same after a while.
    Later(Duration, String),
    /// The connection is closed without a byte.
    Close,
    /// Nothing ever.
    Silence,
}

/// A running server.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) url: Url,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    replies: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<String>>,
    connections: AtomicUsize,
    under_way: AtomicUsize,
    under_way_max: AtomicUsize,
}

impl Server {
    /// Answers each request with the next of some replies; the last one stays.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let state = Arc::new(State {
            replies: Mutex::new(replies.into_iter().collect()),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            under_way_max: AtomicUsize::new(0),
        });
        let server = Self {
            url: url.parse().unwrap(),
            state: Arc::clone(&state),
        };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                state.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&state)));
            }
        });
        server
    }

    /// The same server, which answers from now on with the next of these replies.
    pub(crate) fn replying(self, replies: impl IntoIterator<Item = Reply>) -> Self {
        *self.state.replies.lock() = replies.into_iter().collect();
        self
    }

    /// The heads and bodies of all requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.requests.lock().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// The most requests that waited for their reply at the same time.
    pub(crate) fn under_way_max(&self) -> usize {
        self.state.under_way_max.load(Ordering::SeqCst)
    }
}

/// An answer with a status, further header lines and a JSON body.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

pub(crate) fn reply(status: u16, headers: &str, body: &str) -> Reply {
    Reply::Bytes(answer(status, headers, body))
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, state: Arc<State>) {
    while let Some(request) = read_request(&mut stream).await {
        state.requests.lock().push(request);
        let reply = {
            let mut replies = state.replies.lock();
            let last = replies.len() == 1;
            if last {
                replies.front().cloned()
            } else {
                replies.pop_front()
            }
        };
        let under_way = state.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        state.under_way_max.fetch_max(under_way, Ordering::SeqCst);
        let bytes = match reply.unwrap() {
            Reply::Bytes(bytes) => bytes,
            Reply::Later(pause, bytes) => {
                tokio::time::sleep(pause).await;
                bytes
            }
            Reply::Close => return,
            Reply::Silence => std::future::pending().await,
        };
        state.under_way.fetch_sub(1, Ordering::SeqCst);
        if stream.write_all(bytes.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A whole request, as far as its announced length.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
