//! Datasets that several registries serve: which reads belong together, and what they come to.
//!
//! Each registry's outcome is kept by itself to the end, in the answer and in the access log. What
//! they come to together is told here and in [`DatasetAnswer::united`], by one law: records are those
//! of all who answered, and "nothing on record" is said only where all of them said so.
//!
//! [`DatasetAnswer::united`]: motlan_schemas::answer::DatasetAnswer::united

use super::Read;
use crate::cache::Reading;
use motlan_schemas::{
    answer::RegistryProblem,
    catalogue::{Cardinality, Catalogue, Dataset, DatasetId},
};

/// The reads of each dataset.
pub(super) fn by_dataset(reads: &[Read]) -> impl Iterator<Item = &[Read]> {
    reads.chunk_by(of_one_dataset)
}

/// The reads of one dataset; none where it was not permitted.
pub(super) fn reads_of(reads: &[Read], dataset: DatasetId) -> &[Read] {
    let is_it = |reads: &&[Read]| matches!(reads, [first, ..] if first.permit.dataset() == dataset);
    by_dataset(reads).find(is_it).unwrap_or_default()
}

/// The readings that hold records, of the reads of one dataset.
pub(super) fn present(reads: &[Read]) -> impl Iterator<Item = &Reading> {
    let answered = reads.iter().filter_map(|read| read.reading.as_ref().ok());
    answered.filter(|reading| !reading.is_absent())
}

/// Whether nothing can be said of a dataset: no registry holds records of it, and at least one that
/// may hold some failed.
pub(super) fn is_unavailable(reads: &[Read]) -> bool {
    first_problem(reads).is_some() && present(reads).next().is_none()
}

/// Why something of a dataset may be missing: what is wrong with the first registry that failed.
pub(super) fn first_problem(reads: &[Read]) -> Option<RegistryProblem> {
    reads
        .iter()
        .find_map(|read| read.reading.as_ref().err().copied())
}

/// The permitted attributes of all records of a dataset, as they go to the caller; `None` where
/// nothing is on record, or known.
pub(super) fn to_json(dataset: &Dataset, reads: &[Read]) -> Option<String> {
    let mut texts = present(reads).filter_map(|reading| reading.to_json(dataset));
    let first = texts.next()?;
    // A dataset of one record has one at most: contradictions were refused.
    Some(texts.fold(first, |lists, list| join(lists, &list)))
}

/// Two JSON arrays as one.
fn join(mut lists: String, list: &str) -> String {
    let inner = |list: &str| list.len() > "[]".len();
    let comma = if inner(&lists) && inner(list) {
        ","
    } else {
        ""
    };
    lists.pop();
    lists.push_str(comma);
    lists.push_str(list.get(1..).unwrap_or("]"));
    lists
}

/// Two registries that both hold the one record that a dataset can have contradict each other.
/// Nothing says which of them is right (the newer one need not be), so neither counts. What their
/// records flag was learned before: protection does not wait for the truth.
pub(super) fn refuse_contradictions(catalogue: &Catalogue, reads: &mut [Read]) {
    for reads in reads.chunk_by_mut(of_one_dataset) {
        let [first, _, ..] = &*reads else { continue };
        let dataset = catalogue.dataset(first.permit.dataset());
        if dataset.cardinality == Cardinality::Many || present(reads).nth(1).is_none() {
            continue;
        }
        let is_present = |read: &&mut Read| matches!(&read.reading, Ok(r) if !r.is_absent());
        for read in reads.iter_mut().filter(is_present) {
            let registry = read.from.registry().map_or("", |name| name);
            tracing::warn!(
                registry.id = registry, dataset = %dataset.name,
                "another registry holds this record too; neither counts"
            );
            read.reading = Err(RegistryProblem::RegistryMalformed);
        }
    }
}

fn of_one_dataset(one: &Read, other: &Read) -> bool {
    one.permit.dataset() == other.permit.dataset()
}
