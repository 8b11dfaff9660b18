//! The report as JUnit XML: a suite a group, a case a check.

use super::{CheckResult, Report};
use crate::conformance::check::Verdict;
use quick_xml::escape::escape;
use std::fmt::Write;

pub(super) fn junit(report: &Report) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let skipped = report.count("not_applicable") + report.count("unproven");
    let _ = writeln!(
        out,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{skipped}\">",
        escape(&report.adapter),
        report.results.len(),
        report.count("failed"),
    );
    for group in report.results.chunk_by(|a, b| a.group == b.group) {
        suite(&mut out, group, &report.adapter);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, group: &[CheckResult], adapter: &str) {
    let Some(first) = group.first() else { return };
    let count = |fits: fn(&Verdict) -> bool| group.iter().filter(|r| fits(&r.verdict)).count();
    let failures = count(Verdict::is_failure);
    let skipped = count(|verdict| {
        matches!(
            verdict,
            Verdict::NotApplicable { .. } | Verdict::Unproven { .. }
        )
    });
    let _ = writeln!(
        out,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">",
        escape(&first.group),
        group.len(),
    );
    for result in group {
        let _ = write!(
            out,
            "    <testcase classname=\"{}.{}\" name=\"{}\"",
            escape(adapter),
            escape(&result.group),
            escape(&result.id),
        );
        outcome(out, result);
    }
    out.push_str("  </testsuite>\n");
}

fn outcome(out: &mut String, result: &CheckResult) {
    let _ = match &result.verdict {
        Verdict::Passed => writeln!(out, "/>"),
        Verdict::NotApplicable { reason } | Verdict::Unproven { reason } => {
            let kind = result.verdict.as_str();
            let reason = format!("{kind}: {reason}");
            writeln!(
                out,
                "><skipped message=\"{}\"/></testcase>",
                escape(&reason)
            )
        }
        Verdict::Failed { failures } => {
            let lines: Vec<String> = failures
                .iter()
                .map(|f| {
                    format!(
                        "{}: expected {}, saw {}. To mend: {}",
                        f.place, f.expected, f.seen, f.mend
                    )
                })
                .collect();
            writeln!(
                out,
                "><failure message=\"{}\">{}</failure></testcase>",
                escape(&result.says),
                escape(lines.join("\n")),
            )
        }
    };
}
