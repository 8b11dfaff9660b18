//! What a registry that never ends its answer can make this process hold.
//!
//! The client runs in a process of its own, so that neither the server nor other tests count; that
//! process reads the most that it ever held (`VmHWM`) from the kernel, before and after.

use super::{
    elsewhere::in_a_child,
    tls::{Authority, acceptor},
    *,
};
use futures::StreamExt;
use http_body_util::StreamBody;
use hyper::{body::Frame, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::io::{AsyncRead, AsyncWrite};

const REGISTRY: &str = "MOTLAN_TEST_ENDLESS_REGISTRY";
/// The certificate authority of a registry over TLS.
const ROOTS: &str = "MOTLAN_TEST_ENDLESS_ROOTS";
/// A quarter of what is promised for the whole gateway.
const GROWTH_KIB_MAX: u64 = 12 * 1024;
/// What each server is ready to send.
const ENDLESS_BYTES: u64 = 64 * 1024 * 1024;

/// What comes before the part that is repeated without end, and that part.
const ENDLESS: [(&str, &str, &str); 9] = [
    (
        "length",
        "HTTP/1.1 200 OK\r\ncontent-length: 9000000000\r\n\r\n",
        "xxxxxxxxxxxxxxxx",
    ),
    (
        "close",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        "xxxxxxxxxxxxxxxx",
    ),
    (
        "chunks",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "10\r\nxxxxxxxxxxxxxxxx\r\n",
    ),
    (
        "chunk",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffff\r\n",
        "xxxxxxxxxxxxxxxx",
    ),
    (
        "extension",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;a=",
        "xxxxxxxxxxxxxxxx",
    ),
    (
        "trailers",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
        "a: xxxxxxxxxxxx\r\n",
    ),
    ("headers", "HTTP/1.1 200 OK\r\n", "a: xxxxxxxxxxxx\r\n"),
    ("header", "HTTP/1.1 200 OK\r\na: ", "xxxxxxxxxxxxxxxx"),
    (
        "hints",
        "",
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
    ),
];

/// Starts a server for one of them; it counts what it got rid of.
async fn endless(head: &'static str, part: &'static str) -> (Url, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    tokio::spawn(async move {
        let block = part.repeat(4096);
        // Heads are read byte by byte, which takes a debug build long.
        let bytes_max = if head.is_empty() {
            ENDLESS_BYTES / 8
        } else {
            ENDLESS_BYTES
        };
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let mut outcome = stream.write_all(head.as_bytes()).await;
            while outcome.is_ok() && counter.load(Ordering::SeqCst) < bytes_max {
                outcome = stream.write_all(block.as_bytes()).await;
                counter.fetch_add(u64::try_from(block.len()).unwrap(), Ordering::SeqCst);
            }
        }
    });
    (url.parse().unwrap(), sent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_answer_costs_little_memory_whatever_part_of_it_never_ends() {
    for (name, head, part) in ENDLESS {
        let (url, sent) = endless(head, part).await;
        let grown = growth_of_a_client(name, vec![(REGISTRY, url.to_string())]).await;
        println!(
            "{name}: {grown} KiB more, of {} KiB sent",
            sent.load(Ordering::SeqCst) / 1024
        );
        assert!(grown < GROWTH_KIB_MAX, "{name}: {grown} KiB");
    }
}

/// By how many KiB a process grows that asks such a registry.
async fn growth_of_a_client(name: &str, variables: Vec<(&'static str, String)>) -> u64 {
    let child = tokio::task::spawn_blocking(move || {
        in_a_child(
            "http::tests::memory::child_of_an_endless_registry",
            &variables,
        )
    });
    let output = child.await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{name}: {text}");
    let grown = text
        .lines()
        .find_map(|line| line.split_once("grown by ")?.1.strip_suffix(" KiB"));
    grown.unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_answer_over_http_2_costs_little_memory() {
    let authority = Authority::new();
    let roots = authority.file();
    let acceptor = acceptor(authority.server("localhost", 2100), None, &["h2"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(serve_http_2(stream, Arc::clone(&counter)));
            }
        }
    });
    let variables = vec![
        (REGISTRY, format!("https://localhost:{port}/")),
        (ROOTS, roots.0.display().to_string()),
    ];
    let grown = growth_of_a_client("h2", variables).await;
    let sent = sent.load(Ordering::SeqCst) / 1024;
    println!("h2: {grown} KiB more, of {sent} KiB sent");
    assert!(sent > 0, "nobody spoke HTTP/2");
    assert!(grown < GROWTH_KIB_MAX, "{grown} KiB");
}

/// Answers every request with a body that does not end before [`ENDLESS_BYTES`].
async fn serve_http_2(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    counter: Arc<AtomicU64>,
) {
    const BLOCK: Bytes = Bytes::from_static(&[b'x'; 16_384]);
    let service = service_fn(move |_| {
        let counter = Arc::clone(&counter);
        let blocks = futures::stream::iter(0..ENDLESS_BYTES / 16_384).map(move |_| {
            counter.fetch_add(16_384, Ordering::SeqCst);
            Ok::<_, Infallible>(Frame::data(BLOCK))
        });
        async move { Ok::<_, Infallible>(hyper::Response::new(StreamBody::new(blocks))) }
    });
    let _ = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by `an_endless_answer_costs_little_memory_whatever_part_of_it_never_ends`"]
async fn child_of_an_endless_registry() {
    let Some(url) = std::env::var_os(REGISTRY) else {
        return;
    };
    let config = HttpConfig {
        roots_pem_file: std::env::var_os(ROOTS).map(Into::into),
        ..HttpConfig::new(url.to_str().unwrap().parse().unwrap())
    };
    let client = HttpClient::new(&config).unwrap();
    let url = client.url("x").unwrap();
    // The first fetch brings buffers and stacks along, which are no growth of an answer.
    let before = most_held_kib();
    let begun = Instant::now();
    let (call, headers) = (call(3_000), HeaderMap::new());
    let error = client.get(&url, headers, &call).await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(20));
    let problems = [
        RegistryProblem::RegistryMalformed,
        RegistryProblem::RegistryTimeout,
        RegistryProblem::RegistryDown,
    ];
    assert!(problems.contains(&error.problem()), "{error}");
    println!("{error}; grown by {} KiB", most_held_kib() - before);
}

fn most_held_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap()
        .trim()
        .strip_suffix(" kB")
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn an_answer_that_drips_ends_with_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: ",
    ] {
        let client = HttpClient::new(&HttpConfig::new(url.parse().unwrap())).unwrap();
        let begun = Instant::now();
        let url = client.url("x").unwrap();
        let call = call(200);
        let asked = client.get(&url, HeaderMap::new(), &call);
        let dripping = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let outcome = tokio::select! { outcome = asked => outcome, () = dripping => panic!() };
        assert_eq!(
            outcome.unwrap_err().problem(),
            RegistryProblem::RegistryTimeout
        );
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}
