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
use std::{
    fmt::Write,
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

const AGENCIES: usize = 85;

/// The agency that has rules of its own, and asks nothing.
const OTHERS: &str = "agency-84";

/// How many purposes, and how many rules for agencies and purposes that nobody asks for here.
const SIZES: [(usize, usize); 3] = [(10, 0), (3_552, 0), (3_552, 3_000)];

fn main() {
    let mut smallest = None;
    for (purposes, rules) in SIZES {
        let (house, cost) = House::new(purposes, rules);
        let mut nanoseconds = house.sample(400_000);
        nanoseconds.sort_unstable();
        let percentile = |share: usize| nanoseconds.get(nanoseconds.len() * share / 1_000);
        let [p50, p99, p999] =
            [500, 990, 999].map(|share| percentile(share).copied().unwrap_or_default());
        let first = *smallest.get_or_insert(p50);
        println!(
            "{purposes:>5} purposes x {AGENCIES} agencies, {rules:>4} rules for others, 30 attributes: \
             p50 {p50} ns ({:.2} x), p99 {p99} ns, p99.9 {p999} ns; \
             loaded in {:.0?}, {} MB resident",
            p50 as f64 / first as f64,
            cost.loaded,
            cost.resident_bytes / 1_000_000,
        );
    }
    divan::main();
}

#[divan::bench(args = SIZES)]
fn decide_30_attributes(bencher: Bencher<'_, '_>, (purposes, rules): (usize, usize)) {
    let (house, _) = House::new(purposes, rules);
    let mut turn = 0;
    bencher
        .with_inputs(|| {
            turn += 1;
            house.question(turn)
        })
        .bench_local_values(|(caller, query)| house.decide(caller, black_box(&query)));
}

/// What it costs to have the policies.
struct Cost {
    loaded: Duration,
    /// By how much the process grew, which is at least what they take.
    resident_bytes: u64,
}

/// A catalogue of generated purposes and agencies, and a question of 30 attributes.
struct House {
    policies: Policies,
    callers: Vec<Caller>,
    queries: Vec<Query>,
}

impl House {
    fn new(purposes: usize, rules: usize) -> (Self, Cost) {
        let catalogue = Catalogue::national();
        let directory = tempfile::tempdir().expect("a temporary directory");
        write_policies(directory.path(), purposes, rules, &catalogue);
        let (before, started) = (resident_bytes(), Instant::now());
        let policies = Policies::load(directory.path(), &catalogue).expect("the policies load");
        let cost = Cost {
            loaded: started.elapsed(),
            resident_bytes: resident_bytes().saturating_sub(before),
        };
        let callers = policies
            .agencies()
            .iter()
            .filter(|agency| agency.id.as_str() != OTHERS)
            .map(caller)
            .collect();
        let queries = policies
            .purposes()
            .iter()
            .map(|p| query(&p.id, &catalogue))
            .collect();
        let house = Self {
            policies,
            callers,
            queries,
        };
        (house, cost)
    }

    /// Who asks what at this turn. The question is a copy made just now, as a server has just
    /// parsed its own: that it is near is no merit of the policies, and no fault.
    fn question(&self, turn: usize) -> (&Caller, Query) {
        // Two primes spread the turns over all pairs without a random source.
        let caller = self.callers.get(turn * 31 % self.callers.len());
        let query = self.queries.get(turn * 7_919 % self.queries.len());
        let query = query.expect("a question").clone();
        (caller.expect("an agency"), query)
    }

    fn decide(&self, caller: &Caller, query: &Query) -> usize {
        let now = Timestamp::UNIX_EPOCH;
        let id = QueryId::new(now, [0; 10]);
        let known = Known::default();
        let decision = self.policies.decide(caller, id, query, &known, now);
        decision.permits.len() + decision.denials.len()
    }

    fn sample(&self, turns: usize) -> Vec<u128> {
        (0..turns)
            .map(|turn| {
                let (caller, query) = self.question(turn);
                let started = Instant::now();
                black_box(self.decide(caller, black_box(&query)));
                started.elapsed().as_nanos()
            })
            .collect()
    }
}

/// What of the process is in memory (Linux; elsewhere nothing is said).
fn resident_bytes() -> u64 {
    const PAGE: u64 = 4_096;
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * PAGE
}

fn caller(agency: &Arc<Agency>) -> Caller {
    let client: ClientId = agency.clients.first().expect("a client").clone();
    Caller {
        agency: Arc::clone(agency),
        client,
        officer: None,
        roles: Vec::new(),
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

fn write_policies(directory: &Path, purposes: usize, rules: usize, catalogue: &Catalogue) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::copy(here.join("calendar.toml"), directory.join("calendar.toml")).expect("a calendar");
    let here = here.join("bundle");
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
    let rules: String = (0..rules).map(|number| rule(number % purposes)).collect();
    fs::write(directory.join("bundle/own.cedar"), rules).expect("the rules for others");
}

/// A rule for one procedure of the agency that asks nothing here.
fn rule(number: usize) -> String {
    format!(
        "@id(\"own-{number}\") @reason(\"sealed\") @purpose(\"procedure-{number}\")\n\
         forbid (principal == Agency::\"{OTHERS}\", action == Action::\"read\", resource)\n\
         when {{ context.check }};\n"
    )
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
