//! The full matrix: 6 clients × 20 subjects × all purposes × all datasets, against the committed
//! table `matrix.txt`, which reviewers read in a diff.
//!
//! `MOTLAN_MATRIX=write cargo test -p motlan-policies --test matrix` writes the table anew.
//!
//! A line is a client, a purpose and a dataset, of which every attribute is asked; then the verdict
//! for each group of subjects who share one. `permit 3/12 [0x105]` says how many of the attributes
//! are permitted, and which, as bits in the order of the dataset; a reason alone denies all the rest.
//! Procedures that a client's agency does not carry out are one line.
#![cfg(feature = "engine")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a table that cannot be made fails by panicking"
)]

use jiff::{SignedDuration, Timestamp};
use motlan_policies::{
    consent::{Consent, ConsentTerms, ConsentUses, SubjectKey},
    decide::{Caller, Policies},
    known::{Known, Seal, SubjectStatus},
    purpose::{BasisKind, Purpose},
};
use motlan_schemas::{
    catalogue::{AttributeSet, Catalogue, Dataset, Selection},
    codes::Provinces,
    ids::{ConsentId, QueryId},
    query::{Query, Question, Require, Subject},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
    sync::Arc,
    time::Duration,
};

/// A working morning in Vietnam, a Friday.
const NOW: &str = "2026-11-20T02:30:00Z";

const CLIENTS: [&str; 6] = [
    "ward-ba-dinh-one-stop",
    "justice-civil-status",
    "land-office-counter",
    "social-insurance-claims",
    "business-registration-portal",
    "ngan-hang-nhan-dan-loans",
];

/// One of the 20 subjects, by what is known of them.
#[derive(Clone, Copy)]
struct Somebody {
    name: &'static str,
    subject: Who,
    seal: Seal,
    deceased: bool,
    consent: Consented,
}

#[derive(Clone, Copy)]
enum Who {
    Person(&'static str),
    Enterprise(&'static str),
}

/// What became of a consent to everything that the purpose needs.
#[derive(Clone, Copy, PartialEq)]
enum Consented {
    No,
    Repeatedly,
    Once,
    UsedUp,
    Withdrawn,
    Expired,
    FromTomorrow,
    ByParent,
}

const ADULT: Who = Who::Person("001185012345");
const CHILD: Who = Who::Person("001316006789");

const fn person(name: &'static str, number: &'static str) -> Somebody {
    Somebody {
        name,
        subject: Who::Person(number),
        seal: Seal::None,
        deceased: false,
        consent: Consented::No,
    }
}

const fn consenting(name: &'static str, consent: Consented) -> Somebody {
    Somebody {
        name,
        subject: ADULT,
        seal: Seal::None,
        deceased: false,
        consent,
    }
}

const fn subjects() -> [Somebody; 20] {
    let dead = person("minh", "001058007777");
    let secret = person("tuan", "001083009753");
    [
        person("lan", "001185012345"),
        person("hai", "001082004321"),
        person("an", "001316006789"),
        Somebody {
            deceased: true,
            ..dead
        },
        person("mai", "001161008888"),
        person("hoa", "001158002468"),
        Somebody {
            seal: Seal::Address,
            ..secret
        },
        person("nobody", "001190999999"),
        consenting("consent-repeated", Consented::Repeatedly),
        consenting("consent-once", Consented::Once),
        consenting("consent-used-up", Consented::UsedUp),
        consenting("consent-withdrawn", Consented::Withdrawn),
        consenting("consent-expired", Consented::Expired),
        consenting("consent-from-tomorrow", Consented::FromTomorrow),
        Somebody {
            subject: CHILD,
            ..consenting("consent-of-child", Consented::Repeatedly)
        },
        Somebody {
            subject: CHILD,
            ..consenting("consent-by-parent", Consented::ByParent)
        },
        Somebody {
            deceased: true,
            ..consenting("consent-of-dead", Consented::Repeatedly)
        },
        Somebody {
            seal: Seal::Identity,
            ..person("protected", "001183009753")
        },
        Somebody {
            seal: Seal::Identity,
            ..consenting("consent-protected", Consented::Repeatedly)
        },
        Somebody {
            subject: Who::Enterprise("0108472167"),
            ..person("company", "")
        },
    ]
}

#[test]
fn every_cell_of_the_matrix_is_as_committed() {
    let table = table();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/matrix.txt");
    if std::env::var_os("MOTLAN_MATRIX").is_some_and(|order| order == "write") {
        fs::write(&path, &table).expect("the table can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let (is, was): (BTreeSet<&str>, BTreeSet<&str>) =
        (table.lines().collect(), committed.lines().collect());
    let gone: Vec<_> = was.difference(&is).take(10).collect();
    let new: Vec<_> = is.difference(&was).take(10).collect();
    assert!(
        table == committed,
        "the policies decide otherwise than the table says; the first lines that differ:\n\
         committed: {gone:#?}\nnow: {new:#?}\n\
         if that is meant, write it anew as the head of this file says"
    );
}

fn table() -> String {
    let catalogue = Catalogue::national();
    let policies = Policies::embedded(&catalogue).unwrap();
    let mut table = String::new();
    let mut cells = 0;
    for client in CLIENTS {
        let caller = caller(&policies, client);
        for purpose in policies.purposes().iter() {
            let mut rows = BTreeMap::new();
            for dataset in catalogue.datasets() {
                let row = row(&policies, &caller, purpose, dataset);
                rows.entry(row).or_insert_with(Vec::new).push(&dataset.name);
                cells += subjects().len();
            }
            let alike = rows.len() == 1;
            let mut lines: Vec<(&str, &str)> = rows
                .iter()
                .flat_map(|(row, names)| {
                    names.iter().map(move |name| (name.as_ref(), row.as_str()))
                })
                .collect();
            lines.sort_unstable();
            if alike {
                lines.truncate(1);
            }
            for (name, row) in lines {
                let name = if alike { "every dataset" } else { name };
                writeln!(table, "{client} | {} | {name} | {row}", purpose.id).unwrap();
            }
        }
    }
    assert!(cells >= 6 * 20 * 22 * 16, "only {cells} cells were decided");
    table
}

/// The verdicts on a whole dataset, by groups of subjects; the largest group is `others`.
fn row(policies: &Policies, caller: &Caller, purpose: &Purpose, dataset: &Dataset) -> String {
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for somebody in subjects() {
        let verdict = verdict(policies, caller, purpose, dataset, somebody);
        groups.entry(verdict).or_default().push(somebody.name);
    }
    let largest = groups.values().map(Vec::len).max().unwrap_or_default();
    let mut parts = Vec::new();
    let mut others = None;
    for (verdict, names) in &groups {
        if names.len() == largest && others.is_none() {
            let name = if groups.len() == 1 { "all" } else { "others" };
            others = Some(format!("{name}: {verdict}"));
        } else {
            parts.push(format!("{}: {verdict}", names.join(" ")));
        }
    }
    parts.extend(others);
    parts.join("; ")
}

fn verdict(
    policies: &Policies,
    caller: &Caller,
    purpose: &Purpose,
    dataset: &Dataset,
    somebody: Somebody,
) -> String {
    let consents: Vec<Consent> = consent(caller, purpose, somebody.consent)
        .into_iter()
        .collect();
    let known = Known {
        consents: &consents,
        subject: SubjectStatus {
            seal: somebody.seal,
            deceased: somebody.deceased,
        },
        ..Known::default()
    };
    let query = query(purpose, dataset, somebody.subject);
    let decision = policies.decide(caller, QueryId::new(now(), [0; 10]), &query, &known, now());
    let permitted = decision
        .permits
        .iter()
        .fold(AttributeSet::EMPTY, |all, permit| all | permit.attributes());
    let reasons: BTreeSet<&str> = decision
        .denials
        .iter()
        .map(|denied| denied.reason.as_str())
        .collect();
    let reasons: Vec<&str> = reasons.into_iter().collect();
    if permitted.is_empty() {
        return reasons.join("+");
    }
    let bits = permitted
        .iter()
        .fold(0_u64, |bits, index| bits | 1 << index.get());
    let of = dataset.all().len();
    let permit = format!("permit {}/{of} [{bits:#x}]", permitted.len());
    if reasons.is_empty() {
        permit
    } else {
        format!("{permit} {}", reasons.join("+"))
    }
}

fn caller(policies: &Policies, client: &str) -> Caller {
    let client = client.parse().unwrap();
    let agency = policies
        .agencies()
        .by_client(&client)
        .expect("a client of the national agencies");
    Caller {
        agency: Arc::clone(agency),
        client,
        officer: Some("cb-4711".parse().unwrap()),
        roles: Vec::new(),
    }
}

fn query(purpose: &Purpose, dataset: &Dataset, subject: Who) -> Query {
    Query {
        subject: match subject {
            Who::Person(number) => Subject::Person(number.parse().unwrap()),
            Who::Enterprise(code) => Subject::Enterprise(code.parse().unwrap()),
        },
        question: Question {
            purpose: purpose.id.clone(),
            selection: [(dataset.id, dataset.all())].into_iter().collect(),
            whole_datasets: vec![dataset.id],
            case: Some("H01.12-261120-0007".parse().unwrap()),
            officer: None,
            max_age: None,
            deadline: Duration::from_secs(5),
            require: Require::Any,
            provinces: Provinces::ALL,
            applicant: None,
            emergency: None,
            hidden: None,
            check: None,
        },
    }
}

/// A consent to everything that the purpose needs, where it rests on consent.
fn consent(caller: &Caller, purpose: &Purpose, consented: Consented) -> Option<Consent> {
    if consented == Consented::No || purpose.basis_kind != BasisKind::Consent {
        return None;
    }
    let day = SignedDuration::from_hours(24);
    let given_at = now() - day * 10;
    let (from, until) = match consented {
        Consented::FromTomorrow => (now() + day, now() + day * 30),
        Consented::Expired => (given_at, now() - day),
        _ => (given_at, now() + day * 30),
    };
    let terms = ConsentTerms {
        subject: SubjectKey([1; 32]),
        giver: (consented == Consented::ByParent).then_some(SubjectKey([2; 32])),
        agency: caller.agency.id.clone(),
        purposes: vec![purpose.id.clone()],
        attributes: needed(purpose),
        from,
        until,
        uses: match consented {
            Consented::Once | Consented::UsedUp => ConsentUses::Once,
            _ => ConsentUses::Repeated,
        },
    };
    let consent = Consent::give(ConsentId::new(given_at, [1; 10]), terms, given_at).unwrap();
    let yesterday = now() - day;
    Some(match consented {
        Consented::UsedUp => consent.use_for_answer(yesterday).unwrap(),
        Consented::Withdrawn => consent.withdraw(yesterday).unwrap(),
        _ => consent,
    })
}

fn needed(purpose: &Purpose) -> Selection {
    purpose.attributes.clone()
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}
