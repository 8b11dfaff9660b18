//! The table agency × purpose, committed so that a change of competence shows in review.

use super::*;
use std::fmt::Write;

#[test]
fn who_may_ask_what_for_which_procedure() {
    let policies = policies();
    let catalogue = Catalogue::national();
    let all: Vec<_> = catalogue
        .datasets()
        .iter()
        .map(|dataset| (dataset.id, dataset.all()))
        .collect();
    let mut table = String::new();
    for agency in policies.agencies().iter() {
        for purpose in policies.purposes().iter() {
            let mut query = query(purpose.id.as_str(), &["land.parcels.area_m2"]);
            query.question.selection = all.iter().copied().collect();
            let mut cells = Vec::new();
            for subject in [
                query.subject.clone(),
                Subject::Enterprise(ENTERPRISE.parse().unwrap()),
            ] {
                query.subject = subject;
                let decision = decide(policies, agency.id.as_str(), &query);
                let permitted: u32 = decision.permits.iter().map(|p| p.attributes().len()).sum();
                let consent = decision
                    .denials
                    .iter()
                    .any(|d| d.reason == DenialReason::ConsentRequired);
                cells.push(match (permitted, consent) {
                    (0, true) => "by consent".to_owned(),
                    (0, false) => "nothing".to_owned(),
                    (count, _) => format!("{count} attributes"),
                });
            }
            if cells != ["nothing", "nothing"] {
                let [person, enterprise] = [&cells[0], &cells[1]];
                let (agency, purpose) = (agency.id.as_str(), purpose.id.as_str());
                writeln!(
                    table,
                    "{agency:30} {purpose:34} person: {person:15} enterprise: {enterprise}"
                )
                .unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
}
