//! `motlan openapi`: the document that `/openapi.json` serves.

use crate::api::openapi::document;
use std::{
    io::{self, Write},
    process::ExitCode,
};

pub(super) fn run() -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &document())?;
    writeln!(out)?;
    Ok(ExitCode::SUCCESS)
}
