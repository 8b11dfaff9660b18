//! Documents that mean harm are refused, and soon.

#[path = "../benches/hostile/documents.rs"]
mod documents;

use std::time::{Duration, Instant};

/// In a release build less than 50 ms is promised; a debug build on a busy machine gets more.
const SOON: Duration = Duration::from_secs(3);

#[test]
fn every_hostile_document_is_refused_soon_and_every_odd_one_is_read_soon() {
    for document in documents::all() {
        let begun = Instant::now();
        assert_eq!(document.read(), !document.is_refused, "{}", document.name);
        let took = begun.elapsed();
        println!("{}: {took:?}", document.name);
        assert!(took < SOON, "{}: {took:?}", document.name);
    }
}
