//! Calls that must be refused: with a problem document that helps, and without the number that was
//! sent, wherever in the call it stood.

use crate::reply::Reply;
use reqwest::blocking::RequestBuilder;
use serde_json::Value;

/// A persona's number, for every place where no number belongs.
pub const NUMBER: &str = "001185012345";

/// Sends, checks the problem, and checks that no number of twelve digits comes back.
///
/// # Panics
/// The call is not refused so.
#[must_use]
pub fn refused(name: &str, call: RequestBuilder, status: u16, code: &str) -> (Reply, Value) {
    let reply = Reply::of(
        call.send()
            .unwrap_or_else(|error| panic!("{name}: {error}")),
    );
    assert_eq!(reply.status, status, "{name}: {}", reply.text());
    let problem = reply.problem(status, code);
    let said = reply.everything();
    for hole in ["{$", "expected-", "mistake-", "problem-"] {
        assert!(!said.contains(hole), "{name}: a text is missing: {said}");
    }
    for digits in [
        NUMBER,
        "00118501234",
        "００１１８５０１２３４５",
        "٠٠١١٨٥٠١٢٣٤٥",
        "003185012345",
        "001485012345",
    ] {
        assert!(
            !said.contains(digits),
            "{name}: a number comes back: {said}"
        );
    }
    (reply, problem)
}
