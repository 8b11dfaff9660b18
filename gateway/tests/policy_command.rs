//! `motlan policy` as a lawyer or data protection officer meets it: mistakes told all at once with
//! their places, cases that hold, tables that show what a change widens, decisions explained.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of these tests that cannot do its work ends the test"
)]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");

fn policy(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_motlan"));
    command.env_remove("MOTLAN_LANG").env("NO_COLOR", "1");
    match command.arg("policy").args(arguments).output() {
        Ok(output) => output,
        Err(error) => {
            unreachable!("the program was built for this test, and does not start: {error}")
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A copy of the national policies that a test may break.
fn copy() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let calendar = "calendar.toml";
    fs::copy(
        Path::new(POLICIES).join(calendar),
        home.path().join(calendar),
    )
    .unwrap();
    for folder in ["purposes", "agencies", "bundle", "bundle/tests"] {
        fs::create_dir(home.path().join(folder)).unwrap();
        for entry in fs::read_dir(Path::new(POLICIES).join(folder)).unwrap() {
            let from = entry.unwrap().path();
            if from.is_file() {
                fs::copy(
                    &from,
                    home.path().join(folder).join(from.file_name().unwrap()),
                )
                .unwrap();
            }
        }
    }
    home
}

fn edit(home: &Path, file: &str, old: &str, new: &str) {
    let path = home.join(file);
    let before = fs::read_to_string(&path).unwrap();
    assert!(before.contains(old), "{file} has no {old:?}");
    fs::write(path, before.replacen(old, new, 1)).unwrap();
}

/// What was printed, with the directory's name taken out.
fn told(output: &Output, home: &Path) -> String {
    text(&output.stdout).replace(&home.display().to_string(), "DIR")
}

#[test]
fn the_national_policies_are_good_from_the_program_and_from_their_directory() {
    let embedded = policy(&["check"]);
    assert_eq!(
        embedded.status.code(),
        Some(0),
        "{}",
        text(&embedded.stdout)
    );
    let directory = policy(&["check", POLICIES]);
    assert_eq!(directory.status.code(), Some(0));
    let last = |output: &Output| text(&output.stdout).lines().last().map(ToOwned::to_owned);
    assert_eq!(last(&embedded), last(&directory));
    let last = last(&embedded).unwrap();
    assert!(
        last.starts_with('✓') && last.contains("can be loaded"),
        "{last}"
    );
}

#[test]
fn every_mistake_of_a_broken_directory_is_told_with_its_place_and_a_suggestion() {
    let home = copy();
    let birth = "purposes/birth-registration.toml";
    edit(
        home.path(),
        birth,
        "civil_status.birth.date\"",
        "civil_status.birth.dat\"",
    );
    edit(
        home.path(),
        birth,
        "\"population.identity.sex\"",
        "\"population.*\"",
    );
    edit(
        home.path(),
        birth,
        "code = \"1.001193\"",
        "code = \"TTHC-1\"",
    );
    edit(
        home.path(),
        "purposes/social-pension.toml",
        "retention_days = 3650",
        "retention_dais = \"ten years\"",
    );
    edit(
        home.path(),
        "purposes/bank-loan-income-check.toml",
        "insurance.social.kind",
        "population.household",
    );
    edit(
        home.path(),
        "purposes/voter-list.toml",
        "id = \"voter-list\"",
        "id = \"voters-list\"",
    );
    edit(
        home.path(),
        "purposes/passport-issue.toml",
        "[title]",
        "[title",
    );
    edit(
        home.path(),
        "agencies/ward-ba-dinh.toml",
        "\"death-registration\"",
        "\"deth-registration\"",
    );
    edit(
        home.path(),
        "agencies/hospital-song-hong.toml",
        "burst = 200",
        "burst = 0",
    );
    edit(
        home.path(),
        "bundle/accountability.cedar",
        "context.case_named",
        "context.case_name",
    );
    edit(home.path(), "bundle/allow.cedar", "@basis(\"law\")\n", "");
    edit(home.path(), "bundle/consent.cedar", "forbid (", "forbid ((");
    let output = policy(&["check", &home.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output, home.path());
    // Warnings come after mistakes, and are those of the national files.
    let (mistakes, rest) = told.split_once("\n! ").unwrap();
    insta::assert_snapshot!(mistakes);
    let last = rest.lines().last().unwrap();
    assert!(last.starts_with("✗ 12 mistakes in "), "{last}");

    let json = policy(&["check", "--json", &home.path().display().to_string()]);
    assert_eq!(json.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let mistakes = json.get("mistakes").and_then(|m| m.as_array()).unwrap();
    let marks = told.matches("✗ DIR").count();
    assert_eq!(
        mistakes.len(),
        marks,
        "people and programs are told the same"
    );
}

#[test]
fn a_directory_that_is_none_is_one_mistake() {
    let home = tempfile::tempdir().unwrap();
    let output = policy(&["check", &home.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output, home.path()).contains("DIR/bundle/schema.cedarschema"));
}

#[test]
fn the_cases_hold_and_a_weakened_rule_is_found_by_them() {
    let good = policy(&["test"]);
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stdout));
    let home = copy();
    edit(
        home.path(),
        "bundle/competence.cedar",
        "unless { context.mandated };",
        "unless { context.mandated || context.consent == ConsentStanding::\"given\" };",
    );
    let weak = policy(&["test", &home.path().display().to_string()]);
    assert_eq!(weak.status.code(), Some(1));
    let told = told(&weak, home.path());
    assert!(
        told.contains("✗ a consent does not replace the mandate"),
        "{told}"
    );
    assert!(
        told.contains("DIR/bundle/tests/competence.json:6"),
        "{told}"
    );
    assert!(
        told.contains("but it is permitted by `citizen-consents`"),
        "{told}"
    );
}

#[test]
fn the_tables_show_one_line_for_one_attribute_more() {
    let home = copy();
    let directory = home.path().display().to_string();
    let before = text(&policy(&["table", &directory, "--only", "attributes"]).stdout);
    edit(
        home.path(),
        "purposes/social-pension.toml",
        "\"population.identity.status\",",
        "\"population.identity.status\",\n    \"population.identity.home_town\",",
    );
    let after = text(&policy(&["table", &directory, "--only", "attributes"]).stdout);
    let new: Vec<_> = after
        .lines()
        .filter(|line| !before.contains(line))
        .collect();
    assert_eq!(
        new,
        ["social-pension,population.identity.home_town,basic,no"]
    );
    assert_eq!(after.lines().count(), before.lines().count() + 1);

    let written = policy(&["table", "--write", &directory]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    let file = fs::read_to_string(home.path().join("tables/attributes.csv")).unwrap();
    assert_eq!(file, after);
    let again = told(&policy(&["table", "--write", &directory]), home.path());
    assert_eq!(
        again.matches("Unchanged: DIR/tables/").count(),
        3,
        "{again}"
    );
}

#[test]
fn a_decision_is_explained_in_sentences_that_name_law_rule_and_reason() {
    let question = [
        "explain",
        "--client",
        "ward-ba-dinh-one-stop",
        "--purpose",
        "permanent-residence-registration",
        "--case",
        "H01.12-261121-0007",
        "--select",
        "population.identity.full_name",
        "--select",
        "population.identity.deceased",
        "--select",
        "civil_status.marital_status.status",
        "--select",
        "business.profile.name",
    ];
    let output = policy(&question);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    insta::assert_snapshot!(without_version(&text(&output.stdout)));
}

#[test]
fn a_consent_is_explained_by_where_it_stands() {
    for (standing, sentence) in [
        ("absent", "the citizen has given none"),
        (
            "given",
            "the citizen has consented that Nhân Dân Bank (invented) reads this",
        ),
        ("expired", "has run out or has been used up"),
        ("withdrawn", "the citizen has withdrawn the consent"),
    ] {
        let output = policy(&[
            "explain",
            "--client",
            "ngan-hang-nhan-dan-loans",
            "--purpose",
            "bank-loan-income-check",
            "--case",
            "1",
            "--select",
            "insurance.social.salary_vnd",
            "--consent",
            standing,
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let told = text(&output.stdout);
        assert!(told.contains(sentence), "{standing}: {told}");
        assert!(
            told.contains("rule `citizen-consents`"),
            "{standing}: {told}"
        );
    }
}

#[test]
fn programs_get_the_reasons_in_three_languages() {
    let output = policy(&[
        "explain",
        "--client",
        "land-office-counter",
        "--purpose",
        "enterprise-profile-check",
        "--enterprise",
        "--select",
        "business.profile.name",
        "--json",
    ]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let why = json.pointer("/attributes/0/why").unwrap();
    for (language, begins) in [
        ("vi", "Được đọc:"),
        ("en", "May be read:"),
        ("fr", "Peut être lu"),
    ] {
        let sentence = why.get(language).and_then(|s| s.as_str()).unwrap();
        assert!(sentence.starts_with(begins), "{sentence}");
        assert!(
            sentence.contains("Law on Enterprises 59/2020/QH14"),
            "{sentence}"
        );
    }
    assert_eq!(json.pointer("/attributes/0/rule").unwrap(), "law-allows");
    assert_eq!(json.pointer("/attributes/0/verdict").unwrap(), "permit");
}

#[test]
fn what_does_not_exist_is_told_with_the_nearest_name() {
    for (client, purpose, select, expected) in [
        (
            "ward-ba-dinh-one-stp",
            "birth-registration",
            "land.parcels",
            "`ward-ba-dinh-one-stop`",
        ),
        (
            "ward-ba-dinh-one-stop",
            "birth-registraton",
            "land.parcels",
            "`birth-registration`",
        ),
        (
            "ward-ba-dinh-one-stop",
            "birth-registration",
            "land.parcel",
            "--select land.parcel",
        ),
    ] {
        let arguments = [
            "explain",
            "--client",
            client,
            "--purpose",
            purpose,
            "--select",
            select,
        ];
        let output = policy(&arguments);
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stderr);
        assert!(told.contains(expected), "{told}");
    }
}

/// The version changes with every byte of the policies.
fn without_version(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        if word.starts_with("sha256:") {
            "VERSION."
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A directory with the folder of the tax registry, which brings a dataset that the catalogue does
/// not have; and a purpose of the copy reads it.
fn with_a_dataset_of_a_folder(home: &Path) -> std::path::PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let adapters = home.join("data/adapters");
    for (from, to) in [
        ("adapters/declarative/registries/tax/codes", "tax/codes"),
        (
            "adapters/declarative/registries/tax/adapter.toml",
            "tax/adapter.toml",
        ),
        (
            "schemas/datasets/tax.income.json",
            "tax/datasets/tax.refunds.json",
        ),
    ] {
        let (from, to) = (root.join(from), adapters.join(to));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if from.is_file() {
            fs::copy(from, to).unwrap();
            continue;
        }
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(from).unwrap().flatten() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    let purpose = "purposes/poor-household-recognition.toml";
    let known = "    \"tax.income.year\",\n";
    let both = format!("{known}    \"tax.refunds.year\",\n");
    edit(home, purpose, known, &both);
    adapters
}

#[test]
fn datasets_of_folders_are_known_where_the_folders_are_named() {
    let home = copy();
    let adapters = with_a_dataset_of_a_folder(home.path());
    let (policies, adapters) = (home.path().to_str().unwrap(), adapters.to_str().unwrap());
    let explain = [
        "explain",
        "--client",
        "ward-ba-dinh-one-stop",
        "--purpose",
        "poor-household-recognition",
        "--case",
        "1",
        "--officer",
        "cb-1",
        "--select",
        "tax.refunds.year",
        "--policies",
        policies,
    ];
    for command in [
        &["check", policies] as &[&str],
        &["table", policies],
        &explain,
    ] {
        let unknown = policy(command);
        assert_eq!(unknown.status.code(), Some(1), "{command:?}");
        let said = text(&unknown.stdout) + &text(&unknown.stderr);
        assert!(said.contains("tax.refunds.year"), "{command:?}: {said}");
        let known = policy(&[command, &["--adapters", adapters]].concat());
        assert_eq!(
            known.status.code(),
            Some(0),
            "{}",
            told(&known, home.path())
        );
    }
    // Cases name datasets, too.
    let cases = policy(&["test", policies, "--adapters", adapters]);
    assert_eq!(
        cases.status.code(),
        Some(0),
        "{}",
        told(&cases, home.path())
    );
    let broken = Path::new(adapters).join("tax/adapter.toml");
    fs::write(&broken, "[adapter").unwrap();
    let refused = policy(&["check", policies, "--adapters", adapters]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("tax/adapter.toml:1:"), "{said}");
}

#[test]
fn a_draft_that_reads_a_dataset_of_the_installations_folders_is_loaded() {
    let home = copy();
    let adapters = with_a_dataset_of_a_folder(home.path());
    let (draft, data) = (home.path().to_str().unwrap(), home.path().join("data"));
    let load = ["load", draft, "--data-dir", data.to_str().unwrap()];
    let loaded = policy(&load);
    assert_eq!(
        loaded.status.code(),
        Some(0),
        "{}",
        told(&loaded, home.path())
    );
    fs::remove_dir_all(adapters).unwrap();
    let refused = policy(&load);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).contains("tax.refunds.year"));
}
