//! The national cases hold, and a case that does not is told with its place.

use super::*;

fn files() -> PolicyFiles {
    PolicyFiles::embedded()
}

fn run_with(cases: &str) -> Report {
    let mut files = files();
    files.cases = vec![SourceFile {
        path: "bundle/tests/x.json".to_owned(),
        text: cases.to_owned(),
    }];
    run(&files, &Catalogue::national()).unwrap()
}

#[test]
fn every_national_case_holds_and_every_rule_has_one_that_denies() {
    let report = run(&files(), &Catalogue::national()).unwrap();
    let failed: Vec<_> = report
        .outcomes
        .iter()
        .filter(|o| o.failure.is_some())
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(report.untested.is_empty(), "{:?}", report.untested);
    let of = |file: &str| report.outcomes.iter().filter(|o| o.file == file).count();
    for rules in &files().rules {
        let file = format!("bundle/tests/{}.json", rules.stem());
        assert!(of(&file) > 0, "{file} is missing");
    }
    assert!(of("bundle/tests/_bad.cedar") >= 2);
}

#[test]
fn a_case_that_does_not_hold_is_told_with_its_line() {
    let report = run_with(
        "{\"about\": \"x\", \"cases\": [\n\
         {\"name\": \"first\", \"facts\": {}, \"expect\": \"permit\"},\n\
         {\"name\": \"second\", \"facts\": {\"mandated\": false}, \"expect\": \"permit\"}]}",
    );
    assert_eq!(report.failed(), 1);
    let failed = report
        .outcomes
        .iter()
        .find(|o| o.failure.is_some())
        .unwrap();
    assert_eq!((failed.name.as_str(), failed.line), ("second", 3));
    assert_eq!(
        failed.failure.as_deref(),
        Some("expected permitted, but it is denied as `not_mandated` by `agency-holds-mandate`")
    );
}

#[test]
fn a_denial_by_another_rule_or_reason_fails() {
    for (reason, rule) in [
        ("not_mandated", "purpose-covers-attribute"),
        ("not_in_purpose", "agency-holds-mandate"),
    ] {
        let report = run_with(&format!(
            r#"{{"about": "x", "cases": [{{"name": "x", "facts": {{"covered": false}},
                "expect": "deny", "reason": "{reason}", "rule": "{rule}"}}]}}"#
        ));
        assert_eq!(report.failed(), 1, "{reason} {rule}");
    }
}

#[test]
fn a_fact_or_dataset_that_does_not_exist_is_told() {
    for (facts, told) in [
        (r#"{"mandate": true}"#, "unknown field `mandate`"),
        (
            r#"{"dataset": "land.parcel"}"#,
            "did you mean `land.parcels`?",
        ),
    ] {
        let report = run_with(&format!(
            r#"{{"about": "x", "cases": [{{"name": "x", "facts": {facts}, "expect": "permit"}}]}}"#
        ));
        let failure = report.outcomes[0].failure.clone().unwrap();
        assert!(failure.contains(told), "{failure}");
    }
}

#[test]
fn a_rule_that_should_be_refused_and_is_accepted_fails() {
    let mut files = files();
    files.refused = vec![SourceFile {
        path: "bundle/tests/_x.cedar".to_owned(),
        text: "\n@id(\"harmless\") @reason(\"sealed\")\n\
               forbid (principal, action == Action::\"read\", resource) when { context.mandated };"
            .to_owned(),
    }];
    let report = run(&files, &Catalogue::national()).unwrap();
    let failed = report
        .outcomes
        .iter()
        .find(|o| o.failure.is_some())
        .unwrap();
    assert_eq!(
        (failed.name.as_str(), failed.line),
        ("rule `harmless` is refused", 2)
    );
}

#[test]
fn a_rule_without_a_denying_case_is_told() {
    let report = run_with(r#"{"about": "x", "cases": []}"#);
    assert!(report.untested.contains(&"agency-holds-mandate".to_owned()));
    assert!(!report.holds());
}
