//! Splits the attributes asked of a dataset into groups whose facts are alike, with bit operations.

use super::{
    consents::Speaking,
    facts::{Asked, Facts, GroupFacts},
};
use motlan_schemas::{
    catalogue::{AttributeSet, Dataset, DatasetId, Sensitivity, SubjectKind},
    query::Subject,
};

/// What the attributes of a dataset are like: worked out once, when the policies are loaded.
#[derive(Debug)]
pub(super) struct Shape {
    subject: SubjectKind,
    by_sensitivity: [(Sensitivity, AttributeSet); 3],
    names_others: AttributeSet,
    pub(super) flags: AttributeSet,
}

impl Shape {
    pub(super) fn of(dataset: &Dataset) -> Self {
        let set_of = |sensitivity| {
            let attributes = dataset.attributes.iter();
            attributes
                .filter(|a| a.sensitivity == sensitivity)
                .map(|a| a.index)
                .collect()
        };
        Self {
            subject: dataset.subject,
            by_sensitivity: [
                Sensitivity::Basic,
                Sensitivity::Sensitive,
                Sensitivity::Special,
            ]
            .map(|sensitivity| (sensitivity, set_of(sensitivity))),
            names_others: dataset
                .attributes
                .iter()
                .filter(|a| a.person)
                .map(|a| a.index)
                .collect(),
            flags: dataset.flags,
        }
    }

    /// The groups, none empty, none overlapping, together all that was requested.
    pub(super) fn parts<'a>(
        &'a self,
        asked: &'a Asked<'_>,
        subject: &Subject,
        dataset: DatasetId,
        requested: AttributeSet,
        consents: &'a Speaking,
    ) -> impl Iterator<Item = (AttributeSet, Facts)> + 'a {
        let subject_matches = subject.kind() == self.subject;
        let covered = asked.purpose.covers(dataset);
        let by_coverage = [(true, requested & covered), (false, requested - covered)];
        by_coverage
            .into_iter()
            .filter(|(_, part)| !part.is_empty())
            .flat_map(|(covered, part)| {
                self.by_sensitivity
                    .iter()
                    .map(move |(s, set)| (covered, *s, part & *set))
            })
            .filter(|(.., part)| !part.is_empty())
            .flat_map(|(covered, sensitivity, part)| {
                let others = part & self.names_others;
                [(true, others), (false, part - others)]
                    .map(|(names_others, part)| (covered, sensitivity, names_others, part))
            })
            .filter(|(.., part)| !part.is_empty())
            .flat_map(move |(covered, sensitivity, names_others, part)| {
                consents.standings(part).map(move |(consent, part)| {
                    let group = GroupFacts {
                        dataset,
                        covered,
                        subject_matches,
                        sensitivity,
                        names_others,
                        consent,
                    };
                    (part, group)
                })
            })
            .filter(|(part, _)| !part.is_empty())
            .map(|(part, group)| (part, asked.facts(group)))
    }
}
