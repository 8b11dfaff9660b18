//! One turn of load with wrk: 64 connections, bounded in time.

use crate::shell::output;
use anyhow::Context;
use std::{path::Path, process::Command, time::Duration};

/// What one turn gave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) requests_per_second: f64,
    pub(super) errors: u64,
}

/// Asks `url` as fast as 64 connections can, for the length of a turn.
pub(super) fn run(url: &str, script: Option<&Path>, length: Duration) -> anyhow::Result<Turn> {
    let mut command = Command::new("wrk");
    command.args(["--threads", "2", "--connections", "64", "--latency"]);
    command
        .arg("--duration")
        .arg(format!("{}s", length.as_secs()));
    if let Some(script) = script {
        command.arg("--script").arg(script);
    }
    let text = output(command.arg(url))?;
    let requests_per_second = figure(&text, "Requests/sec:").context("wrk gave no rate")?;
    let wrong_status = figure(&text, "Non-2xx or 3xx responses:").unwrap_or_default();
    let broken = if text.contains("Socket errors") { 1 } else { 0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    Ok(Turn {
        requests_per_second,
        errors: wrong_status as u64 + broken,
    })
}

/// The median rate of several turns.
pub(super) fn median(turns: &[Turn]) -> f64 {
    let mut rates: Vec<_> = turns.iter().map(|turn| turn.requests_per_second).collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

fn figure(text: &str, label: &str) -> Option<f64> {
    let line = text
        .lines()
        .find(|line| line.trim_start().starts_with(label))?;
    line.trim_start().strip_prefix(label)?.trim().parse().ok()
}
