//! `motlan policy simulate`: who would lose or gain what by a draft, before it goes live.

use super::exit;
use crate::{
    cli::{
        place::Place,
        style::{ACCENT, BAD, GOOD, QUIET, paint},
    },
    i18n::texts,
    index::Entries,
    policy_store::{PolicyStore, Version},
    simulation::{Change, Kind, Place as Felt, Simulation, simulate},
};
use anstream::{eprint, eprintln, println};
use anyhow::Context;
use clap::Args;
use motlan_access_log::{checkpoint::SignedCheckpoint, note::Verifier, store::TileStore};
use motlan_policies::decide::Policies;
use motlan_schemas::language::Language;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Simulate {
    /// The draft: a directory with purposes/, agencies/ and bundle/.
    draft: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Only the last so many entries of the log.
    #[arg(long, value_name = "ENTRIES")]
    last: Option<u64>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Simulate {
    pub(super) fn run(&self, language: Language) -> anyhow::Result<ExitCode> {
        let place = self.place.installation()?;
        let catalogue = place.catalogue()?;
        let base = place.policies.directory.as_deref();
        let store = place.policies.store.clone().map(PolicyStore::at);
        let version = match &store {
            Some(store) => store.current()?.version()?,
            None => Version::Base,
        };
        // Without a store there is only the base, which needs no directory of versions.
        let store = store.unwrap_or_else(|| PolicyStore::at(PathBuf::new()));
        let in_force = store.policies(version, base, &catalogue)?;
        let draft = Policies::load(&self.draft, &catalogue)
            .context("the draft cannot be loaded; `motlan policy check` tells every mistake")?;
        let (tiles, size) = published(&place.access_log.directory)?;
        let details = place.details()?;
        let entries = Entries { tiles, details };
        let from = self.last.map_or(0, |last| size.saturating_sub(last));
        let shows_progress = io::stderr().is_terminal() && !self.json;
        let started = Instant::now();
        let simulation = simulate(&entries, from..size, &in_force, &draft, &mut |done| {
            if shows_progress {
                eprint!("\r{} / {}", done - from, size - from);
            }
        })
        .context("the access log cannot be read")?;
        if shows_progress {
            eprintln!("\r\u{1b}[K");
        }
        if self.json {
            println!(
                "{}",
                serde_json::to_string_pretty(&as_json(&simulation, &in_force, &draft))?
            );
        } else {
            tell(&simulation, &in_force, &draft, language);
            let seconds = format!("{:.1}", started.elapsed().as_secs_f64());
            let text = texts().get(language, "policy-simulate-time", &[("seconds", &seconds)]);
            println!("{}", paint(QUIET, &text));
        }
        Ok(exit(true))
    }
}

/// The published part of a log, also while a gateway writes it.
fn published(directory: &Path) -> anyhow::Result<(TileStore, u64)> {
    let read = |name: &str| {
        let path = directory.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    let key: Verifier = read("log.vkey")?.trim().parse()?;
    let signed = SignedCheckpoint::open(read("checkpoint")?.as_bytes(), &key)?;
    let size = signed.checkpoint.tree_size;
    Ok((TileStore::new(directory, size), size))
}

/// One line of the report: a change of an agency's purpose, with its attributes.
struct Line<'a> {
    attributes: Vec<&'a str>,
    questions: u64,
    subjects: u64,
}

/// The changes of one agency and purpose that are alike.
type Lines<'a> = BTreeMap<(&'a str, &'a str, &'a Kind), Line<'a>>;

fn lines(simulation: &Simulation) -> Lines<'_> {
    let mut lines = Lines::new();
    for (
        Felt {
            agency,
            purpose,
            attribute,
            kind,
        },
        change,
    ) in &simulation.changes
    {
        let Change {
            questions,
            subjects,
        } = change;
        let line = lines
            .entry((agency.as_str(), purpose.as_str(), kind))
            .or_insert(Line {
                attributes: Vec::new(),
                questions: 0,
                subjects: 0,
            });
        line.attributes.push(attribute);
        line.questions = line.questions.max(*questions);
        line.subjects = line.subjects.max(subjects.len() as u64);
    }
    lines
}

fn tell(simulation: &Simulation, in_force: &Policies, draft: &Policies, language: Language) {
    let text = |key: &str, arguments: &[(&str, &str)]| texts().get(language, key, arguments);
    let (questions, changed) = (simulation.questions, simulation.changed);
    let summary = text(
        if changed == 0 {
            "policy-simulate-same"
        } else {
            "policy-simulate-changed"
        },
        &[
            ("questions", &questions.to_string()),
            ("changed", &changed.to_string()),
            ("refused", &simulation.refused_whole.to_string()),
            ("version", in_force.version()),
            ("draft", draft.version()),
        ],
    );
    let mark = if changed == 0 {
        paint(GOOD, "✓")
    } else {
        paint(ACCENT, "→")
    };
    println!("{mark} {summary}");
    let mut last = None;
    for ((agency, purpose, kind), line) in lines(simulation) {
        if last != Some((agency, purpose)) {
            let agency_name = name(in_force, draft, agency, language);
            let title = title(in_force, draft, purpose, language);
            println!("\n{}", paint(ACCENT, &format!("{agency_name}: {title}")));
            last = Some((agency, purpose));
        }
        let (key, style, sign) = match kind {
            Kind::Lost(..) => ("policy-simulate-lost", BAD, "−"),
            Kind::Gained => ("policy-simulate-gained", GOOD, "+"),
            Kind::Otherwise(..) => ("policy-simulate-otherwise", QUIET, "≠"),
        };
        let (reason, rule) = match kind {
            Kind::Lost(reason, rule) | Kind::Otherwise(reason, rule) => {
                (reason.as_str(), rule.as_ref())
            }
            Kind::Gained => ("", ""),
        };
        let sentence = text(
            key,
            &[
                ("attributes", &line.attributes.join(", ")),
                ("questions", &line.questions.to_string()),
                ("subjects", &line.subjects.to_string()),
                (
                    "reason",
                    &text(
                        &format!("policy-simulate-reason-{}", reason_key(reason)),
                        &[],
                    ),
                ),
                ("rule", rule),
            ],
        );
        println!("  {} {sentence}", paint(style, sign));
    }
    if simulation.skipped > 0 {
        let skipped = simulation.skipped.to_string();
        println!(
            "\n{}",
            text("policy-simulate-skipped", &[("skipped", &skipped)])
        );
    }
}

/// Nothing is said of a gain.
const fn reason_key(reason: &str) -> &str {
    if reason.is_empty() { "none" } else { reason }
}

fn name(in_force: &Policies, draft: &Policies, id: &str, language: Language) -> String {
    let find = |policies: &Policies| {
        let agency = policies.agencies().get(&id.parse().ok()?)?;
        Some(agency.name.get(language).to_owned())
    };
    find(in_force)
        .or_else(|| find(draft))
        .unwrap_or_else(|| id.to_owned())
}

fn title(in_force: &Policies, draft: &Policies, id: &str, language: Language) -> String {
    let find = |policies: &Policies| {
        let purpose = policies.purposes().get(&id.parse().ok()?)?;
        Some(purpose.title.get(language).to_owned())
    };
    find(in_force)
        .or_else(|| find(draft))
        .unwrap_or_else(|| id.to_owned())
}

fn as_json(simulation: &Simulation, in_force: &Policies, draft: &Policies) -> Value {
    let changes = simulation.changes.iter().map(|(felt, change)| {
        let (outcome, reason, rule) = match &felt.kind {
            Kind::Lost(reason, rule) => ("lost", Some(reason), Some(rule)),
            Kind::Gained => ("gained", None, None),
            Kind::Otherwise(reason, rule) => ("otherwise", Some(reason), Some(rule)),
        };
        json!({
            "agency": felt.agency, "purpose": felt.purpose, "attribute": felt.attribute,
            "outcome": outcome, "reason": reason, "rule": rule,
            "questions": change.questions, "subjects": change.subjects.len(),
        })
    });
    json!({
        "policy_version": in_force.version(), "draft_version": draft.version(),
        "questions": simulation.questions, "changed": simulation.changed,
        "refused_whole": simulation.refused_whole, "skipped": simulation.skipped,
        "changes": changes.collect::<Vec<_>>(),
    })
}
