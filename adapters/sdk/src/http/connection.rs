//! Whether an exchange opened a connection of its own, or went over one that had been idle.
//!
//! A server may close an idle connection at the moment when a request is written to it. That is no
//! sign of trouble, and the request can be sent again. On a new connection the same is one.

use std::cell::Cell;
use tower::util::MapRequestLayer;

tokio::task_local! {
    static OPENED: Cell<bool>;
}

/// Runs an exchange; tells with its outcome whether it opened a connection.
///
/// hyper makes connections within the task that asks, so a local of the task can tell. Where it
/// hands one to a task of its own, the answer is yes, and the request is not repeated.
pub(super) async fn watched<F: Future>(exchange: F) -> (F::Output, bool) {
    OPENED
        .scope(Cell::new(false), async {
            let outcome = exchange.await;
            (outcome, OPENED.try_with(Cell::get).unwrap_or(true))
        })
        .await
}

/// The layer around the client's connector that notices a new connection.
pub(super) const fn layer<R>() -> MapRequestLayer<fn(R) -> R> {
    MapRequestLayer::new(noticed)
}

fn noticed<R>(request: R) -> R {
    let _ = OPENED.try_with(|opened| opened.set(true));
    request
}
