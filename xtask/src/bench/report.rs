//! What was measured, as a table for people and as JSON for machines.

use serde_json::json;
use std::fmt;

/// All figures of one run.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Measured>);

/// One figure beside its budget.
#[derive(Debug)]
pub(super) struct Measured {
    what: String,
    unit: &'static str,
    ours: f64,
    peer: Option<(&'static str, f64)>,
    /// What is compared with the budget: a ratio, or the figure itself.
    value: f64,
    budget: Budget,
}

#[derive(Debug)]
enum Budget {
    AtLeast(f64),
    AtMost(f64),
}

impl Measured {
    /// A figure that must be at least so many times a peer's.
    pub(super) fn ratio(
        what: &str,
        unit: &'static str,
        ours: f64,
        peer: &'static str,
        theirs: f64,
        at_least: f64,
    ) -> Self {
        let (what, peer) = (what.to_owned(), Some((peer, theirs)));
        Self {
            what,
            unit,
            ours,
            peer,
            value: ours / theirs,
            budget: Budget::AtLeast(at_least),
        }
    }

    /// A figure that must not be more than a limit.
    pub(super) fn limit(what: &str, unit: &'static str, ours: f64, at_most: f64) -> Self {
        let what = what.to_owned();
        Self {
            what,
            unit,
            ours,
            peer: None,
            value: ours,
            budget: Budget::AtMost(at_most),
        }
    }

    fn holds(&self) -> bool {
        match self.budget {
            Budget::AtLeast(least) => self.value >= least,
            Budget::AtMost(most) => self.value <= most,
        }
    }

    fn budget(&self) -> String {
        match self.budget {
            Budget::AtLeast(least) => format!("≥ {least} ×"),
            Budget::AtMost(most) => format!("≤ {most} {}", self.unit),
        }
    }
}

impl Report {
    pub(super) fn add(&mut self, measured: Measured) {
        self.0.push(measured);
    }

    pub(super) fn to_json(&self) -> String {
        let figures: Vec<_> = self
            .0
            .iter()
            .map(|figure| {
                json!({
                    "what": figure.what, "unit": figure.unit, "ours": figure.ours,
                    "peer": figure.peer.map(|(name, _)| name),
                    "theirs": figure.peer.map(|(_, theirs)| theirs),
                    "value": figure.value, "budget": figure.budget(), "holds": figure.holds(),
                })
            })
            .collect();
        format!("{:#}\n", json!({ "figures": figures }))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "\n{:<44} {:>12} {:>24} {:>8} {:>14}",
            "what", "ours", "peer", "ratio", "budget"
        )?;
        for figure in &self.0 {
            let ours = format!("{:.1} {}", figure.ours, figure.unit);
            let peer = figure
                .peer
                .map_or_else(String::new, |(name, f)| format!("{name} {f:.1}"));
            let ratio = figure
                .peer
                .map_or_else(String::new, |_| format!("{:.2}", figure.value));
            let mark = if figure.holds() { "✓" } else { "✗" };
            let budget = figure.budget();
            writeln!(
                formatter,
                "{:<36} {ours:>20} {peer:>26} {ratio:>6} {budget:>10} {mark}",
                figure.what
            )?;
        }
        Ok(())
    }
}
