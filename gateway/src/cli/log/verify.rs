//! `motlan log verify`: checks an access log from its files alone: in a directory, at a gateway, or
//! in an export. It changes nothing, and needs nothing but what is published.

mod progress;
pub(super) mod remote;

use crate::cli::style::{BAD, GOOD, QUIET, paint};
use anstream::{eprintln, println};
use anyhow::{Context, bail, ensure};
use clap::Args;
use motlan_access_log::{
    note::{Verifier, Verifiers},
    verify::{
        Known, Report, export, grouped,
        source::{Directory, Source},
        verify,
    },
    witness::policy::Policy,
};
use progress::Progress;
use remote::Remote;
use serde_json::{Value, json};
use std::{
    error::Error,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// The log's directory, a demo's data directory, the address of a gateway, or an export.
    #[arg(value_name = "DIRECTORY|URL|EXPORT")]
    place: String,
    /// The log's published key, once for each that is in force. Without it the key beside the log is
    /// used: then the log is shown to be consistent, not to be the right one.
    #[arg(long = "key", value_name = "VKEY")]
    keys: Vec<String>,
    /// A witness policy (C2SP tlog-policy): a quorum must have cosigned the log.
    #[arg(long, value_name = "POLICY")]
    witnesses: Option<PathBuf>,
    /// A checkpoint kept from earlier: the log must extend it.
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Where to keep the checkpoint of a log that holds, for `--since` the next time.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// A file with a token of the scope `audit`; without it a gateway shows hashes only.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// What is being verified.
enum Place {
    Log(Box<dyn Source>),
    Export(PathBuf),
}

/// What came of it: the sentence, further lines for people, and more for programs.
struct Outcome {
    sentence: String,
    hints: Vec<String>,
    facts: Value,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let keys = self.verifiers()?;
        let policy = self.policy()?;
        let progress = Progress::new(self.json);
        let result = match self.find()? {
            Place::Log(source) => {
                self.log(source.as_ref(), keys.as_ref(), policy.as_ref(), progress)?
            }
            Place::Export(path) => self.export(&path, keys, policy.as_ref(), progress)?,
        };
        let valid = result.is_ok();
        self.tell(result);
        Ok(match valid {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    fn verifiers(&self) -> anyhow::Result<Option<Verifiers>> {
        if self.keys.is_empty() {
            return Ok(None);
        }
        let read = |key: &String| key.parse::<Verifier>();
        let keys: Result<Vec<Verifier>, _> = self.keys.iter().map(read).collect();
        let keys = keys.context("`--key` is no verifier key (name+hash+base64)")?;
        let keys = Verifiers::new(keys).context("every `--key` must be of the same log")?;
        Ok(Some(keys))
    }

    fn policy(&self) -> anyhow::Result<Option<Policy>> {
        let Some(path) = &self.witnesses else {
            return Ok(None);
        };
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the witness policy `{}`", path.display()))?;
        let policy =
            Policy::parse(&text).with_context(|| format!("`{}` cannot be used", path.display()))?;
        Ok(Some(policy))
    }

    fn find(&self) -> anyhow::Result<Place> {
        if self.place.starts_with("http://") || self.place.starts_with("https://") {
            let remote = Remote::open(&self.place, self.token_file.as_deref())?;
            return Ok(Place::Log(Box::new(remote)));
        }
        let path = Path::new(&self.place);
        if path.is_file() {
            return Ok(Place::Export(path.to_owned()));
        }
        ensure!(
            path.is_dir(),
            "there is no file or directory `{}`",
            path.display()
        );
        // A demo keeps its log below its data directory.
        let below = path.join("log");
        let holds_log = |directory: &Path| directory.join("checkpoint").exists();
        for directory in [below.as_path(), path] {
            if holds_log(directory) {
                return Ok(Place::Log(Box::new(Directory::new(directory))));
            }
        }
        bail!(
            "`{}` holds no access log: there is no file `checkpoint` in it",
            path.display()
        )
    }

    /// Verifies a log; the outer error is about what was given, the inner one about the log.
    fn log(
        &self,
        source: &dyn Source,
        keys: Option<&Verifiers>,
        witnesses: Option<&Policy>,
        mut progress: Progress,
    ) -> anyhow::Result<Result<Outcome, Box<dyn Error>>> {
        let read = |path: &PathBuf| {
            fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
        };
        let since = self.since.as_ref().map(read).transpose()?;
        let known = Known {
            keys,
            witnesses,
            since: since.as_deref(),
        };
        let verified = verify(source, &known, &mut |done, total| {
            progress.show(done, total)
        });
        progress.clear();
        match verified {
            Ok(report) => {
                let mut outcome = outcome(&report);
                if let Some(path) = &self.save {
                    fs::write(path, &report.checkpoint.note)
                        .with_context(|| format!("cannot write `{}`", path.display()))?;
                    outcome
                        .hints
                        .push(format!("its checkpoint is kept in {}", path.display()));
                }
                Ok(Ok(outcome))
            }
            Err(error) => Ok(Err(error.into())),
        }
    }

    fn export(
        &self,
        path: &Path,
        keys: Option<Verifiers>,
        witnesses: Option<&Policy>,
        mut progress: Progress,
    ) -> anyhow::Result<Result<Outcome, Box<dyn Error>>> {
        let keys =
            keys.context("an export carries no key: give the log's published one with --key")?;
        let keeps = self.since.is_some() || self.save.is_some();
        ensure!(
            !keeps,
            "an export has no checkpoint of its own for --since and --save"
        );
        let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let verified = export::verify_export(BufReader::new(file), &keys, witnesses, &mut |done| {
            progress.show(done, done);
        });
        progress.clear();
        Ok(match verified {
            Ok(proven) => Ok(Outcome {
                sentence: export::sentence(&proven),
                hints: Vec::new(),
                facts: json!({
                    "entries": proven.entries,
                    "unopened": proven.unopened,
                    "cut": proven.is_cut,
                }),
            }),
            Err(error) => Err(error.into()),
        })
    }

    fn tell(&self, result: Result<Outcome, Box<dyn Error>>) {
        match result {
            Ok(Outcome {
                sentence, facts, ..
            }) if self.json => {
                let mut told = json!({ "valid": true, "detail": sentence });
                if let (Some(told), Value::Object(facts)) = (told.as_object_mut(), facts) {
                    told.extend(facts);
                }
                println!("{told}");
            }
            Err(error) if self.json => {
                println!(
                    "{}",
                    json!({ "valid": false, "detail": chain(error.as_ref()) })
                );
            }
            Ok(Outcome {
                sentence, hints, ..
            }) => {
                println!("{} {sentence}", paint(GOOD, "✓"));
                for hint in hints {
                    println!("  {}", paint(QUIET, &hint));
                }
            }
            Err(error) => {
                eprintln!("{} `{}` does not hold", paint(BAD, "✗"), self.place);
                eprintln!("  {}", chain(error.as_ref()));
            }
        }
    }
}

fn outcome(report: &Report) -> Outcome {
    let mut hints = Vec::new();
    if let Some(since) = report.since {
        let since = grouped(since);
        hints.push(format!(
            "extends the earlier checkpoint over {since} entries"
        ));
    }
    if let Some(cosigned) = report.cosigned {
        let time = i64::try_from(cosigned.timestamp).ok();
        let time = time.and_then(|time| jiff::Timestamp::from_second(time).ok());
        let time = time.map(|time| format!(", at {time}")).unwrap_or_default();
        let (entries, witnesses) = (grouped(cosigned.tree_size), cosigned.witnesses);
        hints.push(format!(
            "the first {entries} entries are cosigned, witnesses: {witnesses}{time}"
        ));
    }
    if report.keys_from_log {
        hints.push(
            "checked with the key beside the log; give --key to be sure whose log it is".to_owned(),
        );
    }
    Outcome {
        sentence: report.to_string(),
        hints,
        facts: json!({
            "origin": report.origin,
            "tree_size": report.published,
            "pruned": report.pruned,
            "entries_shown": report.entries_shown,
            "not_yet_published": report.not_yet_published,
            "since": report.since,
            "cosigned_tree_size": report.cosigned.map(|cosigned| cosigned.tree_size),
        }),
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
