//! How many requests a fetch comes to: a registry counts requests, and the access log must be able to
//! say the same number.

use std::cell::Cell;

tokio::task_local! {
    static REQUESTS: Cell<u64>;
}

/// Runs a future and counts the HTTP requests that it sends, also those that fail.
pub async fn counted<F: Future>(work: F) -> (F::Output, u64) {
    REQUESTS
        .scope(Cell::new(0), async {
            let output = work.await;
            (output, REQUESTS.try_with(Cell::get).unwrap_or(0))
        })
        .await
}

/// Counts a request of the task at hand; outside of [`counted`] nobody wants to know.
pub(crate) fn add_one() {
    let _ = REQUESTS.try_with(|requests| requests.set(requests.get().saturating_add(1)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_are_counted_for_their_own_fetch() {
        let fetch = |requests: u64| async move {
            for _ in 0..requests {
                add_one();
                tokio::task::yield_now().await;
            }
        };
        let (((), two), ((), three)) = tokio::join!(counted(fetch(2)), counted(fetch(3)));
        assert_eq!((two, three), (2, 3));
        add_one();
    }
}
