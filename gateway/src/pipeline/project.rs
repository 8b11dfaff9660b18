//! From readings to the wire: permitted attributes only, whatever was kept or sent.

use super::{Read, Source, federation, seconds_between};
use crate::cache::Reading;
use jiff::Timestamp;
use motlan_policies::permit::Permit;
use motlan_schemas::{
    answer::{
        Answer, DatasetAnswer, DatasetStatus, Datasets, Denial, RegistryAnswer, RegistryProblem,
    },
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
        let answer = match federation::reads_of(reads, id) {
            [] => DatasetAnswer::bare(DatasetStatus::Denied),
            [read] => dataset_answer(dataset, read, now),
            several => united(dataset, several, now),
        };
        (Arc::clone(&dataset.name), answer)
    });
    let datasets = Datasets(answers.collect());
    let complete = denied.is_empty() && datasets.0.iter().all(|(_, d)| d.is_complete());
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
    let registry = read.from.registry().cloned();
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

/// What several registries said, with the outcome of each.
fn united(dataset: &Dataset, reads: &[Read], now: Timestamp) -> DatasetAnswer {
    let registries = reads.iter().map(|read| registry_answer(read, now));
    let basis = reads.first().map(|read| read.permit.basis().clone());
    let united = DatasetAnswer::united(registries.collect());
    let data = federation::to_json(dataset, reads);
    DatasetAnswer {
        data: data.and_then(|json| RawValue::from_string(json).ok()),
        basis: basis.filter(|_| united.problem.is_none()),
        ..united
    }
}

fn registry_answer(read: &Read, now: Timestamp) -> RegistryAnswer {
    let reading = read.reading.as_ref().ok();
    RegistryAnswer {
        registry: read.from.registry().cloned(),
        provinces: match read.from {
            Source::Registry(_) => Vec::new(),
            Source::Nobody(provinces) => provinces.codes().collect(),
        },
        status: reading.map_or(DatasetStatus::Unavailable, status),
        as_of: reading.map(|reading| wire_time(reading.as_of())),
        served_from: reading.map(|reading| reading.served_from),
        age_seconds: reading.map(|reading| seconds_between(reading.as_of(), now)),
        stale: reading.map(|reading| reading.stale),
        problem: read.reading.as_ref().err().map(|problem| (*problem).into()),
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
