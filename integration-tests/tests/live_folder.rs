//! A registry that is a folder, edited while the gateway serves: what holds serves within seconds,
//! what does not is told with its place, and nothing that goes wrong in it stops an answer.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program::run,
    questions::{question, with},
    wait,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// A change is looked for every second, and read once it has been at rest for another.
const SEEN_WITHIN: Duration = Duration::from_secs(30);
const AMOUNT: &str = ".tongThuNhap | dong";
const IN_THOUSANDS: &str = ".tongThuNhap | dong | . * 1000";

#[test]
fn a_folder_is_edited_broken_removed_and_mended_while_questions_are_answered() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let manifest = manifest(&demo);
    let original = fs::read_to_string(&manifest).unwrap();
    let before = income(&demo);
    assert!(before.len() > 5, "{before:?}");

    let changed = original
        .replace(AMOUNT, IN_THOUSANDS)
        .replace("version = \"1.0.0\"", "version = \"1.0.1\"");
    fs::write(&manifest, &changed).unwrap();
    let in_thousands: Vec<u64> = before.iter().map(|amount| amount * 1000).collect();
    until_income_is(&demo, &in_thousands);

    a_broken_mapping_is_told_with_its_place(&demo, &changed, &in_thousands);
    broken_toml_is_told_with_its_place(&demo, &changed, &in_thousands);
    assert_eq!(reloads(&demo, "refused"), 2);

    let folder = manifest.parent().unwrap();
    let away = home.path().join("away");
    fs::rename(folder, &away).unwrap();
    until_logged(&demo, "the folder of a registry is gone");
    goes_on(&demo, &in_thousands);

    fs::write(away.join("adapter.toml"), &original).unwrap();
    fs::rename(&away, folder).unwrap();
    until_income_is(&demo, &before);
    wait::until("both changes are counted", SEEN_WITHIN, || {
        (reloads(&demo, "loaded") == 2).then_some(())
    });
    assert_eq!(reloads(&demo, "refused"), 2);
    the_log_tells_both_changes(&demo);
}

fn a_broken_mapping_is_told_with_its_place(demo: &Demo, good: &str, income: &[u64]) {
    let broken = good.replace(".loaiThuNhap\"", ".loaiThuNhap | asci_downcase\"");
    fs::write(manifest(demo), &broken).unwrap();
    let told = until_logged(demo, "there is no filter `asci_downcase`");
    assert_is_place_of(&told, &broken, "asci_downcase");
    assert!(told.contains("write `ascii_downcase`"), "{told}");
    goes_on(demo, income);
}

fn broken_toml_is_told_with_its_place(demo: &Demo, good: &str, income: &[u64]) {
    let broken = good.replace("[health]\n", "[health\n");
    assert_ne!(broken, good);
    fs::write(manifest(demo), &broken).unwrap();
    let told = until_logged(demo, "write it as TOML 1.0");
    let line = broken.lines().position(|line| line == "[health").unwrap() + 1;
    assert!(told.contains(&format!("line={line} ")), "{told}");
    assert!(told.contains("adapters/tax/adapter.toml"), "{told}");
    goes_on(demo, income);
}

/// A log line names the file, and the line and column where a word stands in its text.
fn assert_is_place_of(told: &str, text: &str, word: &str) {
    let (line, column, _) = place(text, word);
    for part in [
        "adapters/tax/adapter.toml".to_owned(),
        format!("line={line} "),
        format!("column={column} "),
    ] {
        assert!(told.contains(&part), "{part}: {told}");
    }
}

/// Line and column, from 1, of a word's first place in a text, and the whole line.
fn place<'t>(text: &'t str, word: &str) -> (usize, usize, &'t str) {
    let mut lines = text.lines().enumerate();
    let (line, found) = lines.find(|(_, line)| line.contains(word)).unwrap();
    let before = found.split(word).next().unwrap();
    (line + 1, before.chars().count() + 1, found)
}

/// Whatever became of the folder, the gateway is ready and answers as before.
fn goes_on(demo: &Demo, income_before: &[u64]) {
    assert_eq!(demo.get("/readyz", None).status, 200);
    assert_eq!(income(demo), income_before);
}

fn the_log_tells_both_changes(demo: &Demo) {
    let loads = wait::until("both changes are published", SEEN_WITHIN, || {
        let loads = entries(demo, "mapping_load");
        (loads.len() == 2).then_some(loads)
    });
    let start = entries(demo, "node_start").remove(0);
    let mappings = start["mappings"].as_array().unwrap();
    let at_start = mappings
        .iter()
        .find(|one| one["registry"] == "tax")
        .unwrap();
    for (load, version) in loads.iter().zip(["1.0.1", "1.0.0"]) {
        assert_eq!(load["mapping"]["registry"], "tax");
        assert_eq!(load["mapping"]["version"], version);
    }
    assert_eq!(loads[0]["previous"], at_start["digest"]);
    assert_eq!(loads[1]["previous"], loads[0]["mapping"]["digest"]);
    assert_eq!(loads[1]["mapping"], *at_start, "the first version again");
}

fn entries(demo: &Demo, kind: &str) -> Vec<Value> {
    let log = Verified::fetch(demo);
    let all = (0..log.entries.len()).map(|index| log.entry(index as u64));
    all.filter(|entry| entry["kind"] == kind)
        .map(|entry| entry["record"].clone())
        .collect()
}

#[test]
fn a_start_with_broken_folders_tells_all_mistakes_and_ends() {
    let home = Home::default();
    let mut demo = Demo::start(&home);
    demo.terminate();
    demo.ended(Duration::from_secs(20));
    let tax = manifest(&demo);
    let health = tax.parent().unwrap().with_file_name("health/adapter.toml");
    drop(demo);
    let edit = |file: &Path, from: &str, to: &str| {
        let text = fs::read_to_string(file).unwrap();
        let edited = text.replacen(from, to, 1);
        assert_ne!(edited, text, "{from}");
        fs::write(file, edited).unwrap();
    };
    edit(&tax, ".loaiThuNhap\"", ".loaiThuNhap | asci_downcase\"");
    edit(&tax, "as = \"integer\"", "as = \"intger\"");
    edit(&health, "protocol = \"fhir\"", "protocol = \"fihr\"");

    // `--once` so that it ends in either case.
    let arguments = ["demo", "--once", "--port", "0", "--data-dir", "data"];
    let ended = run(home.path(), &arguments);
    let said = ended.err;
    assert!(ended.code.is_some_and(|code| code != 0), "{said}");
    for (file, word, fix) in [
        (&tax, "asci_downcase", "fix: write `ascii_downcase`"),
        (&tax, "\"intger\"", "fix: write `integer`"),
        (&health, "\"fihr\"", "fix: write `fhir`"),
    ] {
        let text = fs::read_to_string(file).unwrap();
        let (line, column, found) = place(&text, word);
        let of = file.strip_prefix(home.path()).unwrap().display();
        let place = format!("{of}:{line}:{column}: ");
        let (_, told) = said.split_once(&place).unwrap_or_else(|| {
            unreachable!("no mistake at {place}\n{said}");
        });
        assert!(told.contains(found), "the line is shown: {said}");
        assert!(told.contains(fix), "{fix}: {said}");
    }
}

fn manifest(demo: &Demo) -> PathBuf {
    demo.data().join("adapters/tax/adapter.toml")
}

/// What Lan earned, record by record, asked for anew.
fn income(demo: &Demo) -> Vec<u64> {
    let select = ["tax.income.income_kind", "tax.income.gross_income_vnd"];
    let asked = question(demo.persona("lan"), &select);
    let answer = demo
        .ask(&with(asked, &json!({ "max_age_seconds": 0 })))
        .answer();
    let records = &answer["datasets"]["tax.income"]["data"];
    let records = records
        .as_array()
        .unwrap_or_else(|| unreachable!("{answer:#}"));
    let amounts = records
        .iter()
        .map(|record| record["gross_income_vnd"].as_u64());
    amounts.collect::<Option<_>>().unwrap()
}

fn until_income_is(demo: &Demo, expected: &[u64]) {
    wait::until("the changed folder serves", SEEN_WITHIN, || {
        (income(demo) == expected).then_some(())
    });
}

/// The log line with these words, as soon as there is one.
fn until_logged(demo: &Demo, words: &str) -> String {
    wait::until(words, SEEN_WITHIN, || {
        let logged = demo.stderr();
        let mut lines = logged.lines();
        lines.find(|line| line.contains(words)).map(str::to_owned)
    })
}

/// How often a change of the tax folder was met with an outcome.
fn reloads(demo: &Demo, outcome: &str) -> u64 {
    let metrics = demo.get("/metrics", None).text();
    let name =
        format!(r#"motlan_declarative_reloads_total{{registry="tax",outcome="{outcome}"}} "#);
    let mut lines = metrics.lines();
    let count = lines.find_map(|line| line.strip_prefix(&name));
    count.map_or(0, |count| count.parse().unwrap())
}
