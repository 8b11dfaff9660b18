//! What journeys through the real program need: a running demonstration, hostile tokens, and a
//! verifier of the access log that shares no code with the log itself.
//!
//! Each file in `tests/` is one journey. It starts `motlan demo` as a process of its own, speaks to
//! it over loopback only, and judges it from outside. Nothing here is part of the product, and a
//! wrong step ends in a panic that says what was seen.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a journey fails by panicking"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

pub mod collector;
pub mod demo;
pub mod details;
pub mod fault_shim;
pub mod log;
pub mod program;
pub mod questions;
pub mod refusals;
pub mod reply;
pub mod serving;
pub mod tokens;
pub mod wait;
