//! The gateway: one query API over the registries, with purpose, consent and a verifiable log.
//!
//! A query's way through it is [`pipeline`], which reads top to bottom; `docs/one-query.md` follows
//! it file by file. [`app`] wires the parts together, [`api`] speaks HTTP, [`cli`] is the program.

pub mod alerts;
pub mod api;
pub mod app;
pub mod auth;
pub mod budget;
pub mod cache;
pub mod changes;
pub mod checks;
pub mod cli;
pub mod config;
pub mod consents;
pub mod declarative;
pub mod demo;
pub mod detectors;
pub mod erasure;
pub mod i18n;
pub mod index;
pub mod keys;
pub mod metrics;
pub mod officers;
pub mod pipeline;
pub mod policy_store;
pub mod quota;
pub mod random;
pub mod registry;
pub mod reports;
pub mod retention;
pub mod seals;
pub mod server;
pub mod simulation;
pub mod telemetry;
pub mod wiping;
pub mod witnesses;
