//! `motlan policy versions`: what the store has, what is current, and what the gateway made of it.

use super::store;
use crate::{
    cli::{
        place::Place,
        style::{ACCENT, BAD, QUIET, paint},
    },
    i18n::texts,
    policy_store::{HistoryLine, PolicyStore, Version},
};
use anstream::println;
use clap::Args;
use motlan_schemas::language::Language;
use serde_json::{Value, json};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(in crate::cli) struct Versions {
    #[command(flatten)]
    place: Place,
    /// Print the versions as JSON.
    #[arg(long)]
    json: bool,
}

/// A line of the table.
struct Row {
    version: Version,
    is_current: bool,
    /// When it came into force first and last; absent where it never did.
    first: Option<String>,
    last: Option<String>,
}

impl Versions {
    pub(super) fn run(&self, language: Language) -> anyhow::Result<ExitCode> {
        let store = store::of(&self.place)?;
        let rows = rows(&store)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&as_json(&store, &rows))?);
        } else {
            tell(&store, &rows, language);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn rows(store: &PolicyStore) -> anyhow::Result<Vec<Row>> {
    let current = store.current()?.version().ok();
    let history = store.history()?;
    let stored = store.versions()?.into_iter().map(Version::Stored);
    let rows = [Version::Base].into_iter().chain(stored).map(|version| {
        let mut times = history.iter().filter(|line| line.version == version);
        let first = times.next().map(time);
        Row {
            version,
            is_current: current == Some(version),
            last: times.next_back().map(time).or_else(|| first.clone()),
            first,
        }
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|a, b| a.first.cmp(&b.first));
    Ok(rows)
}

fn time(line: &HistoryLine) -> String {
    line.time.clone()
}

fn tell(store: &PolicyStore, rows: &[Row], language: Language) {
    let text = |key: &str| texts().plain(language, key);
    let heads = ["policy-version", "policy-first", "policy-last"].map(text);
    let [version, first, last] = &heads;
    let head = format!("  {version:<40} {first:<26} {last}");
    println!("{}", paint(QUIET, head.trim_end()));
    for row in rows {
        let mark = if row.is_current { "→" } else { " " };
        let name = store::name(row.version, language);
        let [first, last] = [&row.first, &row.last].map(|time| time.as_deref().unwrap_or("–"));
        let line = format!("{mark} {name:<40} {first:<26} {last}");
        let style = if row.is_current {
            ACCENT
        } else {
            anstyle::Style::new()
        };
        println!("{}", paint(style, line.trim_end()));
    }
    if let Some(reason) = store.active().and_then(|active| active.refused) {
        let refused = texts().get(language, "policy-refused", &[("reason", &reason)]);
        println!("{} {refused}", paint(BAD, "✗"));
    }
}

fn as_json(store: &PolicyStore, rows: &[Row]) -> Value {
    let row = |row: &Row| {
        let digest = match row.version {
            Version::Base => None,
            Version::Stored(digest) => Some(digest),
        };
        json!({
            "version": digest.map_or_else(|| "base".to_owned(), |digest| digest.policy_version()),
            "digest": digest.map(|digest| digest.to_string()),
            "current": row.is_current,
            "first_in_force": row.first,
            "last_in_force": row.last,
        })
    };
    let running = store.is_followed().then(|| store.active()).flatten();
    json!({ "versions": rows.iter().map(row).collect::<Vec<_>>(), "gateway": running })
}
