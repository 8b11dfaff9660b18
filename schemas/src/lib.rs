//! The vocabulary of Motlan: what a question, an answer and everything named in them look like.
//!
//! This crate knows no network, no clock and no store. It holds
//!
//! - the ids ([`ids`]): a value of such a type has been checked, and a personal number cannot be
//!   printed by accident;
//! - the datasets and attributes ([`catalogue`]), read from the JSON Schema files in `datasets/`,
//!   which are their only definition;
//! - the code lists ([`codes`]) in `codes/`, with validity dates;
//! - the wire shapes: [`query`], [`answer`], [`problem`].
//!
//! Everything else in the workspace depends on it, and it depends on nothing of the workspace.
#![warn(missing_docs)]

pub mod answer;
pub mod catalogue;
pub mod check;
pub mod clock;
pub mod codes;
pub mod consent;
pub mod date;
pub mod ids;
pub mod json;
pub mod language;
pub mod problem;
pub mod query;
pub mod record;
pub mod seal;
