//! From readings to the wire: permitted attributes only, whatever was kept or sent.

use super::{Read, seconds_between};
use crate::cache::Reading;
use jiff::Timestamp;
use motlan_policies::permit::Permit;
use motlan_schemas::{
    answer::{Answer, DatasetAnswer, DatasetStatus, Datasets, Denial, RegistryProblem},
    catalogue::{Catalogue, Dataset},
    clock::wire_time,
    ids::QueryId,
    query::Query,
};
use serde_json::value::RawValue;
use std::sync::Arc;

/// The answer, still without its receipt.
pub(super) fn answer(
    catalogue: &Catalogue,
    query: &Query,
    query_id: QueryId,
    reads: &[Read],
    denied: Vec<Denial>,
    now: Timestamp,
) -> Answer {
    let answers = query.question.selection.iter().map(|(id, _)| {
        let dataset = catalogue.dataset(id);
        let read = reads.iter().find(|read| read.permit.dataset() == id);
        let answer = read.map_or_else(
            || DatasetAnswer::bare(DatasetStatus::Denied),
            |read| dataset_answer(dataset, read, now),
        );
        (Arc::clone(&dataset.name), answer)
    });
    let datasets = Datasets(answers.collect());
    let obtained = |status| matches!(status, DatasetStatus::Ok | DatasetStatus::NotFound);
    let complete = denied.is_empty() && datasets.0.iter().all(|(_, d)| obtained(d.status));
    Answer {
        query_id,
        complete,
        datasets,
        denied,
        receipt: None,
    }
}

/// Takes the data out again, where a partial answer is none.
pub(super) fn withhold(datasets: &mut Datasets) {
    for (_, dataset) in &mut datasets.0 {
        dataset.data = None;
    }
}

fn dataset_answer(dataset: &Dataset, read: &Read, now: Timestamp) -> DatasetAnswer {
    let registry = read.registry.clone();
    match &read.reading {
        Ok(reading) => obtained(dataset, &read.permit, reading, registry, now),
        Err(problem) => unavailable(*problem, registry),
    }
}

fn obtained(
    dataset: &Dataset,
    permit: &Permit,
    reading: &Reading,
    registry: Option<Arc<str>>,
    now: Timestamp,
) -> DatasetAnswer {
    let data = reading.to_json(dataset);
    let status = status(reading);
    DatasetAnswer {
        data: data.and_then(|json| RawValue::from_string(json).ok()),
        registry,
        as_of: Some(wire_time(reading.as_of())),
        served_from: Some(reading.served_from),
        age_seconds: Some(seconds_between(reading.as_of(), now)),
        stale: Some(reading.stale),
        basis: Some(permit.basis().clone()),
        ..DatasetAnswer::bare(status)
    }
}

pub(super) fn status(reading: &Reading) -> DatasetStatus {
    if reading.is_absent() {
        DatasetStatus::NotFound
    } else {
        DatasetStatus::Ok
    }
}

fn unavailable(problem: RegistryProblem, registry: Option<Arc<str>>) -> DatasetAnswer {
    DatasetAnswer {
        registry,
        problem: Some(problem.into()),
        ..DatasetAnswer::bare(DatasetStatus::Unavailable)
    }
}
