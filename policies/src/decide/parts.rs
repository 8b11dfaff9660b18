//! Splits the attributes asked of a dataset into groups whose facts are alike, with bit operations.

use super::{
    asked::Asked,
    consents::Speaking,
    facts::{ConsentStanding, GroupFacts},
};
use motlan_schemas::catalogue::{
    Attribute, AttributeSet, Dataset, DatasetId, Sensitivity, SubjectKind,
};

/// What the attributes of a dataset are like: worked out once, when the policies are loaded.
#[derive(Debug)]
pub(super) struct Shape {
    subject: SubjectKind,
    /// None empty, none overlapping, together all attributes.
    kinds: Vec<Kind>,
    pub(super) flags: AttributeSet,
}

/// Attributes of a dataset that are alike in all that the rules see.
#[derive(Debug)]
struct Kind {
    sensitivity: Sensitivity,
    names_others: bool,
    tells_address: bool,
    attributes: AttributeSet,
}

impl Shape {
    pub(super) fn of(dataset: &Dataset) -> Self {
        let like = |a: &Attribute| (a.sensitivity, a.person, a.address);
        let mut kinds: Vec<_> = dataset.attributes.iter().map(like).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kind = |(sensitivity, names_others, tells_address)| Kind {
            sensitivity,
            names_others,
            tells_address,
            attributes: dataset
                .attributes
                .iter()
                .filter(|a| like(a) == (sensitivity, names_others, tells_address))
                .map(|a| a.index)
                .collect(),
        };
        Self {
            subject: dataset.subject,
            kinds: kinds.into_iter().map(kind).collect(),
            flags: dataset.flags,
        }
    }

    /// Tells the groups, none empty, none overlapping, together all that was requested.
    pub(super) fn each_part(
        &self,
        asked: &Asked<'_>,
        dataset: DatasetId,
        requested: AttributeSet,
        consents: &Speaking,
        mut tell: impl FnMut(AttributeSet, GroupFacts),
    ) {
        let subject_matches = asked.subject == self.subject;
        let covered = if asked.check_covers() {
            requested
        } else {
            asked.covered(dataset.index())
        };
        for (covered, part) in [(true, requested & covered), (false, requested - covered)] {
            for kind in &self.kinds {
                let part = part & kind.attributes;
                if part.is_empty() {
                    continue;
                }
                for (consent, part) in consents.standings(part) {
                    if part.is_empty() {
                        continue;
                    }
                    let group = GroupFacts {
                        dataset,
                        covered,
                        subject_matches,
                        names_others: kind.names_others,
                        tells_address: kind.tells_address,
                        consent_by_another: consents.by_another
                            && consent == ConsentStanding::Given,
                        sensitivity: kind.sensitivity,
                        consent,
                    };
                    tell(part, group);
                }
            }
        }
    }
}
