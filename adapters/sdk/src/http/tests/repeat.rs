//! When a request is sent a second time, and when none is sent at all.

use super::{
    server::{Reply, Server, answer, reply},
    *,
};

async fn get(client: &HttpClient, milliseconds: u64) -> (Result<HttpAnswer, AdapterError>, u64) {
    let url = client.url("things").unwrap();
    let call = call(milliseconds);
    counted(client.get(&url, HeaderMap::new(), &call)).await
}

fn client(server: &Server) -> HttpClient {
    HttpClient::new(&HttpConfig::new(server.url.clone())).unwrap()
}

#[tokio::test]
async fn a_request_to_a_connection_that_the_server_just_closed_is_sent_again_over_a_new_one() {
    let ok = reply(200, "", "{}");
    let server = Server::start([ok.clone(), Reply::Close, ok]).await;
    let client = client(&server);
    assert_eq!(get(&client, 2_000).await.1, 1);
    let (second, requests) = get(&client, 2_000).await;
    assert_eq!((second.unwrap().status, requests), (StatusCode::OK, 2));
    assert_eq!((server.requests().len(), server.connections()), (3, 2));
}

#[tokio::test]
async fn a_new_connection_that_is_closed_without_an_answer_is_trouble_and_told() {
    let server = Server::start([Reply::Close]).await;
    let (error, requests) = get(&client(&server), 2_000).await;
    assert_eq!(error.unwrap_err().problem(), RegistryProblem::RegistryDown);
    assert_eq!((requests, server.requests().len()), (1, 1));
}

#[tokio::test]
async fn while_nobody_listens_only_the_budget_is_spent_on_repetitions() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = HttpClient::new(&HttpConfig::new(url.parse().unwrap())).unwrap();
    let mut attempts = Vec::new();
    for _ in 0..6 {
        let (error, requests) = get(&client, 5_000).await;
        assert_eq!(error.unwrap_err().problem(), RegistryProblem::RegistryDown);
        attempts.push(requests);
    }
    assert_eq!(attempts, [2, 2, 2, 1, 1, 1]);
    // No attempt is made for which there is no time.
    let fresh = HttpClient::new(&HttpConfig::new(url.parse().unwrap())).unwrap();
    assert_eq!(get(&fresh, 30).await.1, 1);
}

#[tokio::test]
async fn a_registry_that_says_when_to_come_back_is_asked_again_then() {
    let server = Server::start([reply(503, "retry-after: 1\r\n", ""), reply(200, "", "{}")]).await;
    let begun = Instant::now();
    let (answer, requests) = get(&client(&server), 10_000).await;
    assert_eq!((answer.unwrap().status, requests), (StatusCode::OK, 2));
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_registry_that_wants_no_questions_gets_none() {
    let date =
        "date: Sat, 21 Nov 2026 03:00:00 GMT\r\nretry-after: Sat, 21 Nov 2026 03:00:40 GMT\r\n";
    for (status, headers, seconds, problem) in [
        (
            429,
            "retry-after: 30\r\n",
            30,
            RegistryProblem::RegistryRefused,
        ),
        (503, date, 40, RegistryProblem::RegistryDown),
    ] {
        let server = Server::start([reply(status, headers, "")]).await;
        let client = client(&server);
        let (first, requests) = get(&client, 2_000).await;
        let first = first.unwrap_err();
        assert_eq!((first.problem(), requests), (problem, 1));
        let told = format!("HTTP {status}");
        assert!(first.to_string().contains(&told), "{first}");
        assert!(
            first
                .to_string()
                .contains(&format!("retry after {seconds} s")),
            "{first}"
        );
        let (second, requests) = get(&client.clone(), 2_000).await;
        let second = second.unwrap_err();
        assert_eq!((second.problem(), requests), (problem, 0));
        assert!(second.to_string().contains("not asked"), "{second}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_without_a_time_and_other_errors_are_told_at_once() {
    for status in [429, 503, 500, 502, 504, 404] {
        let server = Server::start([reply(status, "", "")]).await;
        let client = client(&server);
        assert_eq!(get(&client, 2_000).await.1, 1);
        assert_eq!(get(&client, 2_000).await.1, 1);
    }
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_configured_and_the_rest_wait_within_their_time() {
    let later = Reply::Later(Duration::from_millis(30), answer(200, "", "{}"));
    let server = Server::start([later]).await;
    let config = HttpConfig {
        concurrency_max: 2,
        ..HttpConfig::new(server.url.clone())
    };
    let client = HttpClient::new(&config).unwrap();
    let calls = (0..8).map(|_| async { get(&client, 5_000).await.0.is_ok() });
    assert_eq!(futures_all(calls).await, [true; 8]);
    assert_eq!(server.under_way_max(), 2);

    let silent = Server::start([Reply::Silence]).await;
    let config = HttpConfig {
        concurrency_max: 1,
        ..HttpConfig::new(silent.url.clone())
    };
    let client = HttpClient::new(&config).unwrap();
    let (first, second) = tokio::join!(get(&client, 1_500), get(&client, 1_000));
    assert_eq!(
        first.0.unwrap_err().problem(),
        RegistryProblem::RegistryTimeout
    );
    assert_eq!(
        second.0.unwrap_err().problem(),
        RegistryProblem::RegistryTimeout
    );
    // Who waited in vain has asked nothing.
    assert_eq!((first.1, second.1, silent.requests().len()), (1, 0, 1));
}

#[tokio::test]
async fn the_first_byte_has_a_time_of_its_own() {
    let server = Server::start([Reply::Silence]).await;
    let config = HttpConfig {
        first_byte_timeout_ms: 50,
        ..HttpConfig::new(server.url.clone())
    };
    let begun = Instant::now();
    let (error, requests) = get(&HttpClient::new(&config).unwrap(), 30_000).await;
    assert_eq!(
        error.unwrap_err().problem(),
        RegistryProblem::RegistryTimeout
    );
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(requests, 1);
}

/// All outcomes of some futures that run at the same time.
async fn futures_all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.map(Box::pin).collect();
    let mut outcomes: Vec<Option<T>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, outcome) in running.iter_mut().zip(&mut outcomes) {
            if outcome.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *outcome = Some(ready);
            }
        }
        if outcomes.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}
