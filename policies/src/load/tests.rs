//! The build holds all files of the directory, and a wrong file is told so that it can be mended.

use super::*;
use crate::decide::Policies;
use motlan_schemas::catalogue::Catalogue;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_build_holds_every_file_of_the_directory() {
    let (built, found) = (
        PolicyFiles::embedded(),
        PolicyFiles::read(Path::new(HERE)).unwrap(),
    );
    assert_eq!(built.purposes, found.purposes);
    assert_eq!(built.agencies, found.agencies);
    assert_eq!(built.rules, found.rules);
    assert_eq!(built.rule_schema, found.rule_schema);
    assert_eq!(built.calendar, found.calendar);
    assert_eq!(built.digest(), found.digest());
    assert_eq!((built.cases, built.refused), (found.cases, found.refused));
}

#[test]
fn the_version_changes_with_every_byte_and_every_name() {
    let digest = PolicyFiles::embedded().digest();
    let version = version(&digest);
    assert!(version.starts_with("sha256:") && version.len() == "sha256:".len() + 24);
    let mut moved = PolicyFiles::embedded();
    moved.purposes[0].path.push('x');
    let mut edited = PolicyFiles::embedded();
    edited.agencies[0].text.push(' ');
    let mut other_hours = PolicyFiles::embedded();
    other_hours.calendar.text.push(' ');
    assert_ne!(other_hours.digest(), digest);
    assert_ne!(moved.digest(), digest);
    assert_ne!(edited.digest(), digest);
}

#[test]
fn a_missing_directory_is_named() {
    let error = PolicyFiles::read(Path::new("/nowhere")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("/nowhere/bundle/schema.cedarschema"),
        "{error}"
    );
}

/// What is said when `old` becomes `new` in one of the national files.
fn complaint(path: &str, old: &str, new: &str) -> String {
    let mut files = PolicyFiles::embedded();
    let all = files
        .purposes
        .iter_mut()
        .chain(&mut files.agencies)
        .chain([&mut files.rule_schema]);
    let file = all.into_iter().find(|file| file.path == path).unwrap();
    assert!(file.text.contains(old), "{path} has no {old:?}");
    file.text = file.text.replacen(old, new, 1);
    let error = Policies::from_files(&files, &Catalogue::national()).unwrap_err();
    let cause = std::error::Error::source(&error)
        .map(ToString::to_string)
        .unwrap_or_default();
    let text = format!("{error}: {cause}");
    assert!(text.contains(path), "{text}");
    text
}

const BIRTH: &str = "purposes/birth-registration.toml";
const LOAN: &str = "purposes/bank-loan-income-check.toml";
const WARD: &str = "agencies/ward-ba-dinh.toml";

#[test]
fn a_wrong_attribute_is_told_with_its_line_and_the_nearest_name() {
    let text = complaint(
        BIRTH,
        "\"civil_status.birth.date\"",
        "\"civil_status.birth.dat\"",
    );
    assert!(
        text.contains("did you mean `civil_status.birth.date`?"),
        "{text}"
    );
    let line = PolicyFiles::embedded()
        .purposes
        .iter()
        .find(|f| f.path == BIRTH)
        .unwrap()
        .text
        .lines()
        .position(|line| line.contains("\"civil_status.birth.date\""))
        .unwrap()
        + 1;
    assert!(text.contains(&format!("line {line}:")), "{text}");
}

#[test]
fn a_wrong_purpose_of_an_agency_is_told_with_the_nearest_name() {
    let text = complaint(WARD, "\"birth-registration\"", "\"birth-registraton\"");
    assert!(
        text.contains("`purposes` names `birth-registraton`"),
        "{text}"
    );
    assert!(
        text.contains("did you mean `birth-registration`?"),
        "{text}"
    );
}

#[test]
fn a_field_that_is_missing_or_unknown_is_told_with_its_place() {
    let text = complaint(BIRTH, "retention_days", "retention_dais");
    assert!(
        text.contains("line") && text.contains("retention_dais"),
        "{text}"
    );
    let text = complaint(WARD, "burst = ", "burst = 0 # ");
    assert!(text.contains("line") && text.contains("burst"), "{text}");
}

#[test]
fn names_of_files_ids_and_clients_are_one_to_one() {
    let text = complaint(BIRTH, "\"birth-registration\"", "\"birth\"");
    assert!(text.contains("must be called `birth.toml`"), "{text}");
    let text = complaint(WARD, "ward-ba-dinh-one-stop", "land-office-counter");
    assert!(
        text.contains("`land-office-counter` is already taken"),
        "{text}"
    );
}

#[test]
fn a_purpose_by_consent_cannot_reach_other_persons() {
    let text = complaint(
        LOAN,
        "\"insurance.social.kind\"",
        "\"population.household\"",
    );
    assert!(
        text.contains("population.household.member_full_name"),
        "{text}"
    );
}

#[test]
fn special_data_wants_an_officer() {
    let text = complaint(BIRTH, "officer_required = true", "officer_required = false");
    assert!(text.contains("`officer_required` must be true"), "{text}");
}

#[test]
fn wildcards_codes_and_empty_references_are_refused() {
    let text = complaint(LOAN, "\"insurance.social.kind\"", "\"insurance.*\"");
    assert!(text.contains("wildcard"), "{text}");
    assert!(complaint(BIRTH, "1.001193", "TTHC-1").contains("1.001193"));
    let text = complaint(LOAN, "reference = \"", "reference = \" \" #");
    assert!(text.contains("article"), "{text}");
}

#[test]
fn a_broken_rule_schema_is_named() {
    complaint(
        "bundle/schema.cedarschema",
        "entity Agency;",
        "entity Agency",
    );
}

const BY_LAW: &str = "kind = \"law\"";

#[test]
fn what_a_purpose_says_besides_is_checked() {
    let besides = |line: &str| {
        complaint(
            BIRTH,
            "retention_days = ",
            &format!("{line}\nretention_days = "),
        )
    };
    for (line, told) in [
        (
            "office_hours = \"yes\"",
            "`office_hours` must be true or false",
        ),
        (
            "zones = [\"Government\"]",
            "`zones` must be names of lower-case letters",
        ),
        ("roles = [\"\"]", "`roles` must be names"),
        ("checks = [\"age_at_last\"]", "did you mean `age_at_least`?"),
        ("applicants = [\"parents\"]", "did you mean `parent`?"),
        ("sees_sealed = \"adress\"", "adress"),
        ("deceased = \"ignore\"", "ignore"),
        (
            "emergency.review_hours = 5",
            "is only for the basis `vital_interest`",
        ),
    ] {
        let text = besides(line);
        assert!(text.contains(told) && text.contains("line"), "{text}");
    }
    let text = complaint(
        LOAN,
        "retention_days = ",
        "deceased = \"allow\"\nretention_days = ",
    );
    assert!(text.contains("a consent ends with death"), "{text}");
    let text = complaint(
        LOAN,
        "officer_required = false",
        "officer_required = false\nroles = [\"clerk\"]",
    );
    assert!(text.contains("a role is an officer's"), "{text}");
}

#[test]
fn hiding_a_question_has_an_end_a_law_a_case_and_somebody_who_answers_for_it() {
    let besides = |lines: &str| {
        let with = format!("retention_days = 30\nhiding.{lines}\n# ");
        complaint(BIRTH, "retention_days = ", &with)
    };
    let text = besides("months_max = 61\nhiding.reference = \"Article 177\"");
    assert!(text.contains("must be from 1 to 60"), "{text}");
    let text = besides("months_max = 12\nhiding.reference = \" \"");
    assert!(text.contains("must name the law and the article"), "{text}");
    let text = besides("months_max = 12");
    assert!(text.contains("reference"), "{text}");
    let text = complaint(
        "purposes/criminal-investigation.toml",
        "case_required = true",
        "case_required = false",
    );
    assert!(text.contains("and a case"), "{text}");
}

#[test]
fn an_emergency_is_narrow_reviewed_and_answered_for() {
    let vital = "kind = \"vital_interest\"";
    let text = complaint(BIRTH, BY_LAW, vital);
    assert!(
        text.contains("`emergency.review_hours` is missing"),
        "{text}"
    );
    // The loan check has 11 attributes, none of them special.
    let mut files = PolicyFiles::embedded();
    let loan = files.purposes.iter_mut().find(|f| f.path == LOAN).unwrap();
    loan.text = loan.text.replace("kind = \"consent\"", vital);
    loan.text.push_str("\n[emergency]\nreview_hours = 24\n");
    let good = loan
        .text
        .replace("officer_required = false", "officer_required = true");
    let mistakes = |text: &str| {
        let mut files = files.clone();
        let loan = files.purposes.iter_mut().find(|f| f.path == LOAN).unwrap();
        loan.text = text.to_owned();
        let mistakes = check(&files, &Catalogue::national()).mistakes;
        mistakes
            .iter()
            .map(LoadError::what)
            .collect::<Vec<_>>()
            .join("; ")
    };
    assert_eq!(mistakes(&good), "");
    for (old, new, told) in [
        (
            "officer_required = true",
            "officer_required = false",
            "somebody answers for an emergency",
        ),
        ("= 24", "= 0", "must be from 1 to 168"),
        ("= 24", "= 169", "must be from 1 to 168"),
        (
            "case_required",
            "office_hours = true\ncase_required",
            "an emergency keeps no hours",
        ),
        (
            "attributes = [",
            "attributes = [\n\"population.identity.religion\",",
            "none of special sensitivity",
        ),
        (
            "attributes = [",
            "attributes = [\n\"land.parcels\",",
            "at most 20",
        ),
    ] {
        let text = mistakes(&good.replacen(old, new, 1));
        assert!(text.contains(told), "{new}: {text}");
    }
}
