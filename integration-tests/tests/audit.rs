//! A data protection officer asks the access log who saw what, and hands the answer to somebody who
//! trusts nobody here.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use motlan_integration_tests::{
    demo::{Demo, Home},
    log::{Verified, leaf_hash},
    program,
    questions::PURPOSE,
    reply::Reply,
};
use reqwest::blocking::Client;
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, HashSet},
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

const CASES: usize = 7;
const OFFICERS: usize = 4;
const OTHER_PURPOSE: &str = "social-pension";

/// Fifty questions by two agencies, under two purposes, by four officers in seven cases.
fn ask_fifty(demo: &Demo) {
    for n in 0..50 {
        let (token, purpose) = match n % 3 {
            0 => ("agency", PURPOSE),
            1 => ("agency", OTHER_PURPOSE),
            _ => ("other_agency", OTHER_PURPOSE),
        };
        let select = match n % 5 {
            0 => vec![
                "population.identity.full_name",
                "civil_status.marital_status.status",
            ],
            1 => vec!["land.parcels.area_m2"],
            _ => vec!["population.identity.full_name"],
        };
        let person = demo.persona(["lan", "hoa", "mai"][n % 3]);
        let question = json!({
            "subject": { "person": person }, "purpose": purpose, "select": select,
            "case": case(n % CASES), "officer": officer(n % OFFICERS),
        });
        let reply = demo.post("/v1/queries", demo.token(token), &question);
        assert!([200, 403].contains(&reply.status), "{}", reply.text());
    }
}

fn case(n: usize) -> String {
    format!("H01.12-261121-09{n:02}")
}

fn officer(n: usize) -> String {
    format!("cb-99{n:02}")
}

#[test]
fn an_officer_finds_everything_and_an_outsider_believes_it() {
    let home = Home::default();
    let demo = Demo::start(&home);
    ask_fifty(&demo);
    let size = demo.get("/v1/access-log/entries", Some(demo.token("dpo")));
    assert_eq!(size.header("cache-control"), "no-store");
    let log = Verified::fetch(&demo);
    each_filter_finds_exactly_its_own(&demo, &log);
    a_person_is_found_by_a_body_only(&demo, &log);
    pages_give_everything_once(&demo, &log);
    one_entry_comes_with_all_that_proves_it(&demo, &log);
    mistakes_are_told(&demo);
    a_table_opens_elsewhere(&demo, &log);
    an_export_is_proven_and_any_change_shows(&demo, &home);
    the_command_line_asks_the_same(&demo, &home);
    every_look_is_an_entry(&demo);
    nothing_is_left_where_it_must_not_be(&demo, &home);
}

fn found(demo: &Demo, query: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/access-log/entries?limit=500{query}{cursor}");
        let page = demo.get(&path, Some(demo.token("dpo"))).answer();
        all.extend(page["entries"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn indices(entries: &[Value], below: usize) -> Vec<usize> {
    let indices = entries
        .iter()
        .map(|entry| entry["leaf_index"].as_u64().unwrap());
    let indices = indices.map(|index| usize::try_from(index).unwrap());
    indices.filter(|index| *index < below).collect()
}

/// The values that an entry has to be found by, told from its text alone.
fn values(entry: &Value, facet: &str) -> BTreeSet<String> {
    let record = &entry["record"];
    let kind = entry["kind"].as_str().unwrap();
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(items) => items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        }
    };
    let attributes = texts(&record["attributes"]);
    let dataset = |name: &String| name.rsplit_once('.').unwrap().0.to_owned();
    let denied = record["denied"].as_array().cloned().unwrap_or_default();
    let datasets = record["datasets"].as_object().cloned().unwrap_or_default();
    let found = match facet {
        "kind" => vec![kind.to_owned()],
        "agency" => [
            texts(&record["agency"]),
            texts(&record["consent"]["agency"]),
        ]
        .concat(),
        "purpose" => [
            texts(&record["purpose"]),
            texts(&record["consent"]["purposes"]),
        ]
        .concat(),
        "officer" => texts(&record["officer"]["id"]),
        "client" | "case" => texts(&record[facet]),
        "attribute" if matches!(kind, "disclosure" | "mention") => attributes,
        "dataset" => {
            let denied = denied.iter().flat_map(|denied| texts(&denied["attribute"]));
            let named = attributes.into_iter().chain(denied);
            named
                .map(|name| dataset(&name))
                .chain(datasets.keys().cloned())
                .collect()
        }
        "rule" => denied
            .iter()
            .flat_map(|denied| texts(&denied["rule"]))
            .collect(),
        "registry" => {
            let outcomes = datasets.values().filter_map(Value::as_array).flatten();
            let asked = outcomes.filter(|outcome| outcome["served_from"] == "registry");
            asked
                .flat_map(|outcome| texts(&outcome["registry"]))
                .collect()
        }
        "outcome" => match kind {
            "disclosure" if attributes.is_empty() => vec!["nothing_disclosed".to_owned()],
            "disclosure" => vec!["disclosed".to_owned()],
            "refusal" => vec!["refused".to_owned()],
            "mention" => vec!["mentioned".to_owned()],
            "node_start" => vec!["started".to_owned()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    found.into_iter().collect()
}

fn each_filter_finds_exactly_its_own(demo: &Demo, log: &Verified) {
    let entries: Vec<Value> = (0..log.entries.len() as u64)
        .map(|index| log.entry(index))
        .collect();
    let facets = [
        ("kind", 3),
        ("agency", 2),
        ("client", 2),
        ("officer", 4),
        ("purpose", 2),
        ("case", 7),
        ("dataset", 2),
        ("attribute", 1),
        ("outcome", 3),
        ("rule", 1),
        ("registry", 1),
    ];
    for (facet, at_least) in facets {
        let all: BTreeSet<String> = entries
            .iter()
            .flat_map(|entry| values(entry, facet))
            .collect();
        assert!(all.len() >= at_least, "{facet}: {all:?}");
        for value in all {
            let expected = (0..entries.len()).rev();
            let expected: Vec<usize> = expected
                .filter(|index| values(&entries[*index], facet).contains(&value))
                .collect();
            let escaped: String = form(&value);
            let told = found(demo, &format!("&{facet}={escaped}"));
            assert_eq!(indices(&told, entries.len()), expected, "{facet}={value}");
        }
    }
    // Several at once must all hold; and a time is a border.
    let told = found(demo, &format!("&case={}&officer={}", case(3), officer(1)));
    let expected = entries.iter().enumerate().rev().filter(|(_, entry)| {
        values(entry, "case").contains(&case(3)) && values(entry, "officer").contains(&officer(1))
    });
    let expected: Vec<usize> = expected.map(|(index, _)| index).collect();
    assert!(!expected.is_empty());
    assert_eq!(indices(&told, entries.len()), expected);

    let border = entries[entries.len() / 2]["time"].as_str().unwrap();
    let (before, after) = (
        found(demo, &format!("&to={border}")),
        found(demo, &format!("&from={border}")),
    );
    let earlier = entries
        .iter()
        .filter(|entry| entry["time"].as_str().unwrap() < border);
    assert_eq!(indices(&before, entries.len()).len(), earlier.count());
    let all = [
        indices(&after, entries.len()),
        indices(&before, entries.len()),
    ]
    .concat();
    assert_eq!(all.len(), entries.len());
}

fn form(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn search(demo: &Demo, body: &Value) -> Value {
    demo.post("/v1/access-log/searches", demo.token("dpo"), body)
        .answer()
}

fn a_person_is_found_by_a_body_only(demo: &Demo, log: &Verified) {
    let lan = demo.persona("lan");
    let told = search(demo, &json!({ "subject": { "person": lan }, "limit": 500 }));
    let entries = told["entries"].as_array().unwrap();
    let subject = &entries[0]["subject"];
    let about = (0..log.entries.len()).rev();
    let about: Vec<usize> = about
        .filter(|index| log.entry(*index as u64)["record"]["subject"] == *subject)
        .collect();
    assert!(
        about.len() >= 17,
        "every third question, and those of the tour"
    );
    assert_eq!(indices(entries, log.entries.len()), about);
    assert!(!told.to_string().contains(lan));

    let body = json!({
        "subject": { "person": lan }, "kind": ["disclosure"], "officer": officer(0), "limit": 500,
    });
    for entry in search(demo, &body)["entries"].as_array().unwrap() {
        assert_eq!(
            (&entry["kind"], &entry["subject"]),
            (&json!("disclosure"), subject)
        );
        assert_eq!(entry["officer"]["id"], officer(0));
    }
    let nobody = json!({ "subject": { "enterprise": "0100109106" } });
    assert_eq!(
        search(demo, &nobody),
        json!({ "entries": [], "next": null })
    );

    let path = format!("/v1/access-log/entries?case={lan}");
    let problem = demo
        .get(&path, Some(demo.token("dpo")))
        .problem(422, "invalid_query");
    assert_eq!(problem["errors"][0]["code"], "names_person", "{problem:#}");
}

fn pages_give_everything_once(demo: &Demo, log: &Verified) {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/access-log/entries?limit=7{cursor}");
        let page = demo.get(&path, Some(demo.token("dpo"))).answer();
        let entries = page["entries"].as_array().unwrap();
        assert!(entries.len() <= 7);
        all.extend(indices(entries, usize::MAX));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(all.len() >= log.entries.len());
    assert!(
        all.iter().rev().copied().eq(0..all.len()),
        "newest first, each once"
    );
}

fn one_entry_comes_with_all_that_proves_it(demo: &Demo, log: &Verified) {
    let told = found(demo, "&kind=disclosure");
    let index = told[0]["leaf_index"].as_u64().unwrap();
    let path = format!("/v1/access-log/entries/{index}");
    let entry = demo.get(&path, Some(demo.token("dpo"))).answer();
    let logged = &log.entries[usize::try_from(index).unwrap()];
    assert_eq!(entry["entry"], STANDARD.encode(logged));
    assert_eq!(entry["leaf_hash"], STANDARD.encode(leaf_hash(logged)));
    assert!(entry["keys"]["shown"].is_string() && entry["keys"]["withheld"].is_string());
    let proof = entry["tlog_proof"].as_str().unwrap();
    assert!(
        proof.starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {index}\n")),
        "{proof}"
    );
    assert_eq!(entry["query_id"], log.entry(index)["record"]["query_id"]);
    for nowhere in ["99999999", "x", "-1"] {
        let path = format!("/v1/access-log/entries/{nowhere}");
        let _ = demo
            .get(&path, Some(demo.token("dpo")))
            .problem(404, "not_found");
    }
}

fn mistakes_are_told(demo: &Demo) {
    let dpo = Some(demo.token("dpo"));
    for (query, pointer, code) in [
        ("agncy=x", "/agncy", "unknown_field"),
        ("kind=disclosures", "/kind", "not_one_of"),
        ("outcome=fine", "/outcome", "not_one_of"),
        ("limit=501", "/limit", "out_of_range"),
        ("cursor=x", "/cursor", "wrong_type"),
        ("from=yesterday", "/from", "wrong_type"),
        ("case=", "/case", "empty"),
    ] {
        let reply = demo.get(&format!("/v1/access-log/entries?{query}"), dpo);
        let problem = reply.problem(422, "invalid_query");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem:#}");
        assert_eq!(problem["errors"][0]["code"], code, "{problem:#}");
    }
    for (body, pointer) in [
        (json!([]), ""),
        (json!({ "subject": {} }), "/subject"),
        (json!({ "subject": { "person": "1" } }), "/subject/person"),
        (json!({ "agency": { "id": "x" } }), "/agency"),
    ] {
        let reply = demo.post("/v1/access-log/searches", demo.token("dpo"), &body);
        let problem = reply.problem(422, "invalid_query");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem:#}");
    }
    for holder in ["agency", "citizen", "registry"] {
        let reply = demo.get("/v1/access-log/entries", Some(demo.token(holder)));
        let _ = reply.problem(403, "insufficient_scope");
    }
}

fn export(demo: &Demo, accept: &str, body: &Value) -> Reply {
    let client = Client::builder().no_proxy().build().unwrap();
    let call = client
        .post(demo.url("/v1/access-log/searches"))
        .bearer_auth(demo.token("dpo"))
        .header("accept", accept)
        .header("content-type", "application/json");
    let reply = Reply::of(call.body(body.to_string()).send().unwrap());
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

fn a_table_opens_elsewhere(demo: &Demo, log: &Verified) {
    let reply = export(
        demo,
        "text/csv",
        &json!({ "kind": ["disclosure", "refusal"] }),
    );
    assert!(reply.header("content-type").starts_with("text/csv"));
    let program = "import csv, json, sys\nprint(json.dumps(list(csv.DictReader(sys.stdin))))";
    let mut python = Command::new("python3")
        .args(["-c", program])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(&reply.body).unwrap();
    let read = python.wait_with_output().unwrap();
    let rows: Value = serde_json::from_slice(&read.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert!(rows.len() >= 50, "{}", rows.len());
    for row in rows {
        let index: u64 = row["leaf_index"].as_str().unwrap().parse().unwrap();
        let entry = log.entry(index);
        for column in ["agency", "client", "purpose", "query_id"] {
            assert_eq!(row[column], entry["record"][column], "{row}");
        }
        assert_eq!(
            row["officer"],
            entry["record"]["officer"]["id"]
                .as_str()
                .unwrap_or_default()
        );
        let proof = STANDARD
            .decode(row["tlog_proof"].as_str().unwrap())
            .unwrap();
        assert!(proof.starts_with(b"c2sp.org/tlog-proof@v1\n"));
    }
}

fn verify(home: &Home, demo: &Demo, text: &str) -> program::Said {
    let path = home.path().join("export.ndjson");
    fs::write(&path, text).unwrap();
    let key = demo.text("/log_verifier_key");
    program::run(
        home.path(),
        &["log", "verify", "export.ndjson", "--key", key],
    )
}

fn an_export_is_proven_and_any_change_shows(demo: &Demo, home: &Home) {
    let reply = export(demo, "application/x-ndjson", &json!({}));
    let text = reply.text();
    let lines = text.lines().count();
    let said = verify(home, demo, &text).well();
    assert!(
        said.contains(&format!("{lines} of {lines} exported entries proven")),
        "{said}"
    );

    // One entry about somebody, and one byte changed in the middle of each of its members.
    let line = text
        .lines()
        .find(|line| line.contains("\"opened\":{\"kind\":\"disclosure\""))
        .unwrap();
    let _ = verify(home, demo, line).well();
    for member in [
        "\"leaf_index\":",
        "\"entry\":\"",
        "\"shown\":\"",
        "\"withheld\":\"",
        "\"opened\":{\"kind\":\"",
        "\"agency\":\"",
        "\"tlog_proof\":\"",
        "\"opened\":",
    ] {
        let start = line.find(member).unwrap() + member.len();
        let byte = line.as_bytes()[start];
        let other = if byte == b'1' { b'2' } else { b'1' };
        let mut changed = line.as_bytes().to_vec();
        changed[start] = other;
        let changed = String::from_utf8(changed).unwrap();
        let said = verify(home, demo, &changed);
        assert_ne!(said.code, Some(0), "{member} of {changed}");
    }
}

fn the_command_line_asks_the_same(demo: &Demo, home: &Home) {
    let search = ["log", "search", "--data-dir", "data", "--limit", "500"];
    let table = [
        &search[..],
        &["--officer", "cb-9903", "--kind", "disclosure,refusal"],
    ]
    .concat();
    let told = program::run(home.path(), &table).well();
    let rows = told.lines().filter(|line| line.contains("cb-9903")).count();
    let body = json!({ "officer": officer(3), "kind": ["disclosure", "refusal"], "limit": 500 });
    let found = demo.post("/v1/access-log/searches", demo.token("dpo"), &body);
    assert_eq!(
        rows,
        found.answer()["entries"].as_array().unwrap().len(),
        "{told}"
    );
    assert!(rows >= 12, "every fourth question: {told}");

    // The number comes from standard input.
    let number = home.path().join("number");
    fs::write(&number, format!("{}\n", demo.persona("hoa"))).unwrap();
    let asked = program::command(home.path())
        .args([&search[..], &["--person", "--kind", "disclosure", "--json"]].concat())
        .stdin(fs::File::open(&number).unwrap())
        .output()
        .unwrap();
    let page: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let body = json!({
        "subject": { "person": demo.persona("hoa") }, "kind": "disclosure", "limit": 500,
    });
    let found = demo.post("/v1/access-log/searches", demo.token("dpo"), &body);
    assert_eq!(page, found.answer());

    let key = demo.text("/log_verifier_key");
    let export = ["log", "export", "--data-dir", "data", "--persona", "lan"];
    let _ = program::run(
        home.path(),
        &[&export[..], &["--output", "lan.ndjson"]].concat(),
    )
    .well();
    let said = program::run(home.path(), &["log", "verify", "lan.ndjson", "--key", key]).well();
    assert!(said.contains("exported entries proven"), "{said}");
    let again = program::run(
        home.path(),
        &[&export[..], &["--output", "lan.ndjson"]].concat(),
    );
    assert_ne!(again.code, Some(0), "what is there is not written over");
    let bad = program::run(home.path(), &[&search[..], &["--outcome", "fine"]].concat());
    assert_ne!(bad.code, Some(0));
    assert!(bad.err.contains("/outcome"), "{}", bad.err);
}

fn every_look_is_an_entry(demo: &Demo) {
    let before = found(demo, "&kind=look").len();
    let lan = demo.persona("lan");
    search(
        demo,
        &json!({ "subject": { "person": lan }, "case": case(1), "agency": "ward-ba-dinh" }),
    );
    export(demo, "text/csv", &json!({ "officer": officer(2) }));
    let looks = found(demo, "&kind=look");
    // The first of these three is the list above itself.
    assert_eq!(looks.len(), before + 3);
    assert_eq!(
        looks[0]["filters"],
        json!(["officer=cb-9902", "export=csv"])
    );
    assert_eq!(looks[1]["filters"], json!(["agency=ward-ba-dinh", "case"]));
    assert!(looks[1]["subject"]["pseudonym"].is_string(), "{}", looks[1]);
    assert_eq!(looks[2]["filters"], json!(["kind=look"]));
    for look in &looks[..3] {
        assert_eq!(look["reader"], "data_protection_officer");
        assert!(look["shown"].is_u64());
    }
}

fn nothing_is_left_where_it_must_not_be(demo: &Demo, home: &Home) {
    let lines = [demo.stdout(), demo.stderr()].concat();
    for number in demo.numbers() {
        assert!(
            !demo.stderr().contains(&number),
            "{number} in the log lines"
        );
    }
    assert!(
        !lines.contains(&case(1)),
        "a case in what the program prints"
    );
    let mut bytes = 0;
    let mut needles: Vec<String> = (0..OFFICERS)
        .map(officer)
        .chain((0..CASES).map(case))
        .collect();
    needles.extend(demo.numbers());
    scan(&home.data().join("index"), &needles, &mut bytes);
    assert!(bytes > 10_000, "the index has files: {bytes} bytes");
}

fn scan(path: &Path, needles: &[String], bytes: &mut usize) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            scan(&entry.unwrap().path(), needles, bytes);
        }
        return;
    }
    let content = fs::read(path).unwrap_or_default();
    *bytes += content.len();
    let text = String::from_utf8_lossy(&content);
    for needle in needles {
        assert!(
            !text.contains(needle.as_str()),
            "{needle} in {}",
            path.display()
        );
    }
}

/// Whoever has the log but not its keys tries out every number that there could be.
#[test]
fn a_dictionary_of_a_million_numbers_finds_nobody() {
    let home = Home::default();
    let demo = Demo::start(&home);
    for name in ["lan", "hoa", "mai", "tuan"] {
        let question = json!({
            "subject": { "person": demo.persona(name) }, "purpose": OTHER_PURPOSE,
            "select": ["population.identity.full_name"], "case": case(0),
        });
        let _ = demo.post("/v1/queries", demo.token("agency"), &question);
    }
    let _ = demo
        .get("/v1/access-log/entries", Some(demo.token("dpo")))
        .answer();
    let log = Verified::fetch(&demo);
    let mut known: HashSet<[u8; 32]> = log.entries.iter().map(|entry| leaf_hash(entry)).collect();
    for entry in &log.entries {
        let entry: Value = serde_json::from_slice(entry).unwrap();
        if let Some(pseudonym) = entry["record"]["subject"]["pseudonym"].as_str() {
            known.insert(STANDARD.decode(pseudonym).unwrap().try_into().unwrap());
        }
    }
    // Everybody of the demonstration is in the dictionary.
    let numbers = (0..1_000_000_u32)
        .map(|n| format!("001185{n:06}"))
        .chain(demo.numbers());
    let key = fs::read(home.data().join("keys/pseudonym-1.key")).unwrap();
    let [zero, published, secret] = [
        &[0; 32][..],
        digest(&SHA256, demo.text("/log_verifier_key").as_bytes()).as_ref(),
        &key,
    ]
    .map(|key| hmac::Key::new(hmac::HMAC_SHA256, key));
    let (mut without, mut with) = (0, BTreeSet::new());
    for number in numbers {
        let message = format!("motlan/access-log/pseudonym/v1\0person\0{number}");
        let guesses = [
            digest(&SHA256, number.as_bytes()).as_ref().to_vec(),
            digest(&SHA256, message.as_bytes()).as_ref().to_vec(),
            digest(&SHA256, format!("\0{number}").as_bytes())
                .as_ref()
                .to_vec(),
            hmac::sign(&zero, message.as_bytes()).as_ref().to_vec(),
            hmac::sign(&published, message.as_bytes()).as_ref().to_vec(),
        ];
        without += guesses
            .iter()
            .filter(|guess| known.contains(guess.as_slice()))
            .count();
        if known.contains(hmac::sign(&secret, message.as_bytes()).as_ref()) {
            with.insert(number);
        }
    }
    assert_eq!(without, 0, "a number is guessed without the key");
    assert!(
        with.len() >= 4,
        "with the key they are found: {}",
        with.len()
    );
}
