//! What a decision costs, with a small and with the national catalogue of purposes.
//!
//! Prints the percentiles of the decision over random pairs of agency and purpose (divan has no
//! percentiles), the time to load, then divan's table.
#![expect(
    clippy::expect_used,
    reason = "a bench that cannot be set up has nothing to measure"
)]

use divan::{Bencher, black_box};
use jiff::Timestamp;
use motlan_policies::{
    agency::Agency,
    decide::{Caller, Policies},
    known::Known,
};
use motlan_schemas::{
    catalogue::{Catalogue, Selection},
    ids::{ClientId, PurposeId, QueryId},
    query::Query,
};
use std::{fmt::Write, fs, path::Path, sync::Arc, time::Instant};

const AGENCIES: usize = 85;
const SIZES: [usize; 2] = [10, 3_552];

fn main() {
    for purposes in SIZES {
        let started = Instant::now();
        let house = House::new(purposes);
        let loaded = started.elapsed();
        let mut nanoseconds = house.sample(200_000);
        nanoseconds.sort_unstable();
        let percentile = |share: usize| nanoseconds.get(nanoseconds.len() * share / 1_000).copied();
        println!(
            "{purposes:>5} purposes x {AGENCIES} agencies, 30 attributes: p50 {} ns, p99 {} ns, p99.9 {} ns; written and loaded in {loaded:.0?}",
            percentile(500).unwrap_or_default(),
            percentile(990).unwrap_or_default(),
            percentile(999).unwrap_or_default(),
        );
    }
    divan::main();
}

#[divan::bench(args = SIZES)]
fn decide_30_attributes(bencher: Bencher<'_, '_>, purposes: usize) {
    let house = House::new(purposes);
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        house.decide(black_box(turn))
    });
}

/// A catalogue of generated purposes and agencies, and a question of 30 attributes.
struct House {
    policies: Policies,
    callers: Vec<Caller>,
    queries: Vec<Query>,
}

impl House {
    fn new(purposes: usize) -> Self {
        let catalogue = Catalogue::national();
        let directory = tempfile::tempdir().expect("a temporary directory");
        write_policies(directory.path(), purposes, &catalogue);
        let policies = Policies::load(directory.path(), &catalogue).expect("the policies load");
        let callers = policies.agencies().iter().map(caller).collect();
        let queries = policies
            .purposes()
            .iter()
            .map(|p| query(&p.id, &catalogue))
            .collect();
        Self {
            policies,
            callers,
            queries,
        }
    }

    fn decide(&self, turn: usize) -> usize {
        // Two primes spread the turns over all pairs without a random source.
        let caller = self
            .callers
            .get(turn * 31 % self.callers.len())
            .expect("an agency");
        let query = self
            .queries
            .get(turn * 7_919 % self.queries.len())
            .expect("a question");
        let id = QueryId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        let decision =
            self.policies
                .decide(caller, id, query, &Known::default(), Timestamp::UNIX_EPOCH);
        decision.permits.len() + decision.denials.len()
    }

    fn sample(&self, turns: usize) -> Vec<u128> {
        (0..turns)
            .map(|turn| {
                let started = Instant::now();
                black_box(self.decide(black_box(turn)));
                started.elapsed().as_nanos()
            })
            .collect()
    }
}

fn caller(agency: &Arc<Agency>) -> Caller {
    let client: ClientId = agency.clients.first().expect("a client").clone();
    Caller {
        agency: Arc::clone(agency),
        client,
        officer: None,
    }
}

/// Three attributes of each of the first ten datasets about persons.
fn query(purpose: &PurposeId, catalogue: &Catalogue) -> Query {
    let body = format!(
        r#"{{"subject": {{"person": "001185012345"}}, "purpose": "{purpose}", "select": ["population.identity.full_name"], "case": "1", "officer": "2"}}"#
    );
    let mut query = Query::parse(body.as_bytes(), catalogue).expect("a question");
    let datasets = catalogue.datasets().iter().take(10);
    query.question.selection = datasets
        .map(|dataset| {
            (
                dataset.id,
                dataset.attributes.iter().take(3).map(|a| a.index).collect(),
            )
        })
        .collect::<Selection>();
    query
}

fn write_policies(directory: &Path, purposes: usize, catalogue: &Catalogue) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("bundle");
    for folder in ["bundle", "purposes", "agencies"] {
        fs::create_dir(directory.join(folder)).expect("a folder");
    }
    for entry in fs::read_dir(here).expect("the bundle") {
        let path = entry.expect("a file of the bundle").path();
        if path.is_file() {
            let name = path.file_name().expect("a name");
            fs::copy(&path, directory.join("bundle").join(name)).expect("a copy");
        }
    }
    for number in 0..purposes {
        let path = directory.join(format!("purposes/procedure-{number}.toml"));
        fs::write(path, purpose_file(number, catalogue)).expect("a purpose");
    }
    for number in 0..AGENCIES {
        let path = directory.join(format!("agencies/agency-{number}.toml"));
        fs::write(path, agency_file(number, purposes)).expect("an agency");
    }
}

fn purpose_file(number: usize, catalogue: &Catalogue) -> String {
    let mut attributes = String::new();
    for dataset in catalogue.datasets() {
        // Every purpose leaves out others, so that their coverage differs.
        let some = dataset
            .attributes
            .iter()
            .filter(|a| !(usize::from(a.index.get()) + number).is_multiple_of(3));
        for attribute in some {
            let _ = write!(attributes, "\"{}\", ", attribute.path);
        }
    }
    format!(
        "id = \"procedure-{number}\"\ncase_required = {}\nofficer_required = true\nretention_days = 1\nattributes = [{attributes}]\n\
         [title]\nvi = \"a\"\nen = \"b\"\nfr = \"c\"\n[basis]\nkind = \"law\"\nreference = \"Law {number}, Article 1\"\n",
        number.is_multiple_of(2)
    )
}

fn agency_file(number: usize, purposes: usize) -> String {
    let mandates = (0..purposes).filter(|purpose| !(purpose + number).is_multiple_of(4));
    let mandates: String = mandates
        .map(|purpose| format!("\"procedure-{purpose}\", "))
        .collect();
    format!(
        "id = \"agency-{number}\"\nclients = [\"client-{number}\"]\npurposes = [{mandates}]\n[name]\nvi = \"a\"\nen = \"b\"\nfr = \"c\"\n\
         [dpo]\nname = \"d\"\nemail = \"d@agency.example\"\n[quota]\nqueries_per_minute = 1\nburst = 1\n"
    )
}
