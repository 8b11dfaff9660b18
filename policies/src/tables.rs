//! Tables of the policies that reviewers read as a diff: one fact a line, in a fixed order.
//!
//! They are committed in `policies/tables/` and compared by a test, so that whoever widens a
//! purpose or a mandate shows it in a place where a lawyer looks.

use crate::{
    decide::Policies,
    known::Seal,
    purpose::{Deceased, Purpose},
};
use motlan_schemas::{catalogue::Sensitivity, language::Language};
use std::fmt::Write;

/// All tables, with the names of their files.
#[must_use]
pub fn all(policies: &Policies) -> [(&'static str, String); 3] {
    [
        ("purposes.md", purposes(policies)),
        ("agencies.md", agencies(policies)),
        ("attributes.csv", attributes(policies)),
    ]
}

/// Purpose × attribute as CSV: what each procedure may read.
fn attributes(policies: &Policies) -> String {
    let mut table = "purpose,attribute,sensitivity,identifies_another_person\n".to_owned();
    for purpose in policies.purposes().iter() {
        for (dataset, set) in purpose.attributes.iter() {
            for attribute in policies.catalogue().dataset(dataset).attributes_in(set) {
                let sensitivity = match attribute.sensitivity {
                    Sensitivity::Basic => "basic",
                    Sensitivity::Sensitive => "sensitive",
                    Sensitivity::Special => "special",
                };
                let person = if attribute.person { "yes" } else { "no" };
                let path = &attribute.path;
                line(
                    &mut table,
                    &format!("{},{path},{sensitivity},{person}", purpose.id),
                );
            }
        }
    }
    table
}

/// The purposes as Markdown: on which basis each rests, and how carefully it reads.
fn purposes(policies: &Policies) -> String {
    let mut table = String::new();
    line(
        &mut table,
        "| purpose | code | title | rests on | reference | case | officer | oldest data | stale in an outage | kept | conditions | attributes |",
    );
    line(
        &mut table,
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    );
    for purpose in policies.purposes().iter() {
        line(&mut table, &purpose_row(purpose));
    }
    table
}

fn purpose_row(purpose: &Purpose) -> String {
    let required = |required| if required { "required" } else { "–" };
    let seconds = |duration: std::time::Duration| format!("{} s", duration.as_secs());
    let count: u32 = purpose.attributes.iter().map(|(_, set)| set.len()).sum();
    let cells = [
        purpose.id.to_string(),
        purpose.code.as_deref().unwrap_or("–").to_owned(),
        purpose.title.get(Language::Vi).to_owned(),
        purpose.basis_kind.as_str().to_owned(),
        purpose.basis_reference.to_string(),
        required(purpose.case_required).to_owned(),
        required(purpose.officer_required).to_owned(),
        purpose
            .max_age
            .map_or_else(|| "as the dataset".to_owned(), seconds),
        seconds(purpose.stale_if_error),
        format!("{} days", purpose.retention_days),
        conditions(purpose),
        count.to_string(),
    ];
    row(&cells)
}

/// What the file says besides: whatever differs from an ordinary purpose.
fn conditions(purpose: &Purpose) -> String {
    let list = |what: &str, names: Vec<&str>| {
        let named = !names.is_empty();
        named.then(|| format!("{what}: {}", names.join(", ")))
    };
    let refused = purpose.deceased == Deceased::Refuse;
    let seen = purpose.sees_sealed != Seal::None;
    let hours = purpose.review_hours;
    let all = [
        purpose.office_hours.then(|| "office hours".to_owned()),
        list("zones", purpose.zones.iter().map(|zone| &**zone).collect()),
        list("roles", purpose.roles.iter().map(|role| &**role).collect()),
        list(
            "checks",
            purpose.checks.iter().map(|c| c.as_str()).collect(),
        ),
        list(
            "applicants",
            purpose.applicants.iter().map(|a| a.as_str()).collect(),
        ),
        seen.then(|| format!("sees through the seal `{}`", purpose.sees_sealed.as_str())),
        refused.then(|| "not about the dead".to_owned()),
        hours.map(|hours| format!("reviewed within {hours} hours")),
    ];
    let all: Vec<_> = all.into_iter().flatten().collect();
    if all.is_empty() {
        "–".to_owned()
    } else {
        all.join("; ")
    }
}

/// Agency × purpose as Markdown: who carries out what, with which programs and how often.
fn agencies(policies: &Policies) -> String {
    let mut table = String::new();
    line(
        &mut table,
        "| agency | purpose | rests on | clients | questions a minute | at once | emergencies |",
    );
    line(&mut table, "|---|---|---|---|---|---|---|");
    for agency in policies.agencies().iter() {
        let clients: Vec<_> = agency
            .clients
            .iter()
            .map(|client| client.as_str())
            .collect();
        for purpose in policies.entitlements(agency) {
            let cells = [
                agency.id.to_string(),
                purpose.id.to_string(),
                purpose.basis_kind.as_str().to_owned(),
                clients.join(", "),
                agency.quota.queries_per_minute.to_string(),
                agency.quota.burst.to_string(),
                if agency.emergency { "answered" } else { "–" }.to_owned(),
            ];
            line(&mut table, &row(&cells));
        }
    }
    table
}

/// A bar in a cell would begin another.
fn row(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

fn line(table: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(table, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use motlan_schemas::catalogue::Catalogue;
    use std::{fs, path::Path};

    #[test]
    fn the_committed_tables_are_those_of_the_policies() {
        let policies = Policies::embedded(&Catalogue::national()).unwrap();
        let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("tables");
        for (name, table) in all(&policies) {
            let committed = fs::read_to_string(tables.join(name)).unwrap_or_default();
            let differs = table
                .lines()
                .zip(committed.lines())
                .find(|(new, old)| new != old);
            assert!(
                committed == table,
                "policies/tables/{name} is not that of the policies (first: {differs:?}): \
                 write it with `motlan policy table --write policies` and review the change"
            );
        }
    }

    #[test]
    fn a_bar_stays_within_its_cell() {
        assert_eq!(row(&["a|b".to_owned(), "c".to_owned()]), "| a\\|b | c |");
    }
}
