//! `cargo xtask bench`: the budgets of the design, each as a ratio to a peer in the same run.
//!
//! Machines differ and two cores are noisy, so nothing here is compared with a number from
//! elsewhere: peers run in turns with us, and medians of the turns are compared. Everything listens
//! on loopback, every run is bounded in time, and all of it ends with the task.

mod demo;
mod nginx;
mod report;
mod wrk;

use crate::shell::{cargo, exists, run, target};
use anyhow::{Context, ensure};
use clap::Args;
use demo::Demo;
use nginx::Nginx;
use report::{Measured, Report};
use std::{path::PathBuf, process::Command, time::Duration};

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// How many turns each peer gets.
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// How long a turn is, in seconds.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Where the figures are written as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Leave out the benches of single rooms (decision, log), which take a build of their own.
    #[arg(long)]
    quick: bool,
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        install_peers()?;
        run(cargo().args(["build", "--release", "--package", "motlan-gateway"]))?;
        let demo = Demo::start(&target().join("release/motlan"))?;
        let mut report = Report::default();
        self.cached_answer(&demo, &mut report)?;
        demo.five_registries(&mut report)?;
        report.add(demo.memory_at_rest()?);
        drop(demo);
        println!("{report}");
        let path = self.json.unwrap_or_else(|| target().join("bench.json"));
        std::fs::write(&path, report.to_json()).context("cannot write the figures")?;
        eprintln!("figures: {}", path.display());
        if !self.quick {
            run(cargo().args([
                "bench",
                "--package",
                "motlan-policies",
                "--package",
                "motlan-access-log",
                "--benches",
            ]))?;
        }
        Ok(())
    }

    /// The cached answer beside nginx `proxy_cache` with the same bytes.
    fn cached_answer(&self, demo: &Demo, report: &mut Report) -> anyhow::Result<()> {
        let answer = demo.cached_answer()?;
        let nginx = Nginx::start(&answer)?;
        let script = demo.wrk_script()?;
        let turn = Duration::from_secs(self.seconds);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for place in 1..=self.turns {
            eprintln!("cached answer: turn {place} of {}", self.turns);
            theirs.push(wrk::run(&nginx.url(), None, turn)?);
            ours.push(wrk::run(
                &format!("{}/v1/queries", demo.gateway()),
                Some(&script),
                turn,
            )?);
        }
        ensure!(
            ours.iter().all(|turn| turn.errors == 0),
            "some questions were not answered with 200"
        );
        report.add(Measured::ratio(
            "cached answer, 64 connections",
            "requests/s",
            wrk::median(&ours),
            "nginx proxy_cache",
            wrk::median(&theirs),
            0.3,
        ));
        Ok(())
    }
}

/// nginx and wrk from the distribution.
fn install_peers() -> anyhow::Result<()> {
    if exists("nginx", "-v") && exists("wrk", "-v") {
        return Ok(());
    }
    eprintln!("installing nginx-light and wrk");
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "-qq", "nginx-light", "wrk"]))
}
