//! The report as text, in columns.

use super::{CheckResult, Report};
use crate::conformance::check::Verdict;
use std::fmt::Write;

/// One line a check, and below those that did not pass what was found and how to mend it.
pub(super) fn table(report: &Report) -> String {
    let mut out = String::new();
    let width = report.results.iter().map(|result| result.id.len()).max();
    for result in &report.results {
        line(&mut out, result, width.unwrap_or_default());
    }
    for (name, reason) in &report.notes {
        // Writing to a string does not fail, here and below.
        let _ = writeln!(out, "note  {name}: {reason}");
    }
    let _ = writeln!(
        out,
        "\n{}: {} ({} passed, {} failed, {} unproven, {} not applicable; kit {})",
        report.adapter,
        report.tier,
        report.count("passed"),
        report.count("failed"),
        report.count("unproven"),
        report.count("not_applicable"),
        report.kit,
    );
    out
}

fn line(out: &mut String, result: &CheckResult, width: usize) {
    let mark = match result.verdict {
        Verdict::Passed => "ok   ",
        Verdict::Failed { .. } => "FAIL ",
        Verdict::NotApplicable { .. } => "-    ",
        Verdict::Unproven { .. } => "open ",
    };
    let _ = writeln!(
        out,
        "{mark} {:6} {:width$}  {}",
        result.tier, result.id, result.says
    );
    match &result.verdict {
        Verdict::Passed => {}
        Verdict::NotApplicable { reason } | Verdict::Unproven { reason } => {
            let _ = writeln!(out, "             {reason}");
        }
        Verdict::Failed { failures } => {
            for failure in failures {
                let _ = writeln!(
                    out,
                    "             {}\n               expected: {}\n               seen:     {}\n               mend:     {}",
                    failure.place, failure.expected, failure.seen, failure.mend
                );
            }
        }
    }
}
