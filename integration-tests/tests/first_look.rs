//! The first look: `motlan demo --once`, twice, then the commands that its last lines propose.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    program::run,
    questions::{PURPOSE, SELECT, question},
};
use serde_json::Value;
use std::{collections::BTreeMap, fs};

#[test]
fn the_demonstration_shows_one_question_and_goes_on_where_it_ended() {
    let home = Home::default();
    let first = look(
        &home,
        &["demo", "--once", "--port", "0", "--data-dir", "data"],
    );
    for shown in [
        "Nguyễn Thị Lan",
        "population.identity.religion",
        "not_in_purpose · rule ",
    ] {
        assert!(
            first.to_lowercase().contains(&shown.to_lowercase()),
            "{shown} is missing:\n{first}"
        );
    }
    assert!(first.contains("signature and proof checked"), "{first}");
    let (keys, size) = (keys(&home), log_size(&home));

    let second = look(
        &home,
        &[
            "--lang",
            "vi",
            "demo",
            "--once",
            "--port",
            "0",
            "--data-dir",
            "data",
        ],
    );
    assert!(
        !second.contains("signature and proof checked"),
        "it is told in Vietnamese:\n{second}"
    );
    assert_eq!(keys, self::keys(&home), "a second start makes no new keys");
    assert!(
        leaf_index(&second) >= size,
        "the second look's entry follows those of the first"
    );
    assert!(log_size(&home) > size);

    let demo = Demo::start(&home);
    questions_are_asked_from_the_command_line(&home);
    a_minted_token_asks_as_well_as_the_given_one(&home, &demo);
    let text = run(
        home.path(),
        &[
            "log",
            "verify",
            "data",
            "--key",
            demo.text("/log_verifier_key"),
        ],
    );
    assert!(text.well().contains("entries valid"));
}

fn look(home: &Home, arguments: &[&str]) -> String {
    run(home.path(), arguments).well()
}

fn keys(home: &Home) -> BTreeMap<String, Vec<u8>> {
    let keys = home.data().join("keys");
    let files = [keys.join("details"), keys].map(|directory| fs::read_dir(directory).unwrap());
    let paths = files.into_iter().flatten().map(|file| file.unwrap().path());
    paths
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect()
}

fn log_size(home: &Home) -> u64 {
    let report = run(home.path(), &["log", "verify", "data", "--json"]).well();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["valid"], true, "{report}");
    let words = report["detail"].as_str().unwrap().replace(',', "");
    words.split(' ').next().unwrap().parse().unwrap()
}

/// The index of the entry that the output names, in whatever language.
fn leaf_index(output: &str) -> u64 {
    let line = output
        .lines()
        .find(|line| line.contains("motlan.example/demo"))
        .unwrap();
    let mut numbers = line
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty());
    numbers.next().unwrap().parse().unwrap()
}

fn questions_are_asked_from_the_command_line(home: &Home) {
    let select = "population.identity,land.parcels,population.identity.religion";
    let asked = [
        "query",
        "--data-dir",
        "data",
        "--persona",
        "hoa",
        "--purpose",
        PURPOSE,
        "--case",
        "A-1",
        "--officer",
        "cb-4711",
        "--select",
        select,
    ];
    let table = run(home.path(), &asked).well();
    for shown in [
        "PHẠM THỊ HOA",
        "1958",
        "not_in_purpose",
        "motlan.example/demo",
    ] {
        assert!(table.contains(shown), "{shown} is missing:\n{table}");
    }
    let answer = run(home.path(), &[&asked[..], &["--json"]].concat()).well();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        answer["datasets"]["population.identity"]["data"]["birth_date"],
        "1958"
    );

    let explained = run(home.path(), &[&asked[..], &["--explain"]].concat()).well();
    assert!(
        explained.contains("population.identity.religion"),
        "{explained}"
    );
    let refused = run(
        home.path(),
        &[&asked[..11], &["--select", "population.identity.fullname"]].concat(),
    );
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.out.contains("population.identity.full_name"),
        "the nearest name: {}",
        refused.out
    );
}

fn a_minted_token_asks_as_well_as_the_given_one(home: &Home, demo: &Demo) {
    let minted = run(
        home.path(),
        &["token", "--data-dir", "data", "--officer", "cb-0815"],
    )
    .well();
    let question = question(demo.persona("lan"), &SELECT);
    let answer = demo.post("/v1/queries", minted.trim(), &question).answer();
    assert_eq!(answer["complete"], true, "{answer:#}");
}
