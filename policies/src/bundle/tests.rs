//! The rules say nothing when facts are missing or something fails; their cases run in `cases`.

use super::{cases::CaseFacts, *};
use std::{fs, path::Path};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn bundle() -> Bundle {
    Bundle::read(&PolicyFiles::embedded(), &Catalogue::national()).unwrap()
}

fn ordinary() -> Facts {
    CaseFacts::default().facts(&Catalogue::national()).unwrap()
}

fn permitted_by(rule: &str) -> Verdict {
    Verdict::Permit { rule: rule.into() }
}

#[test]
fn a_fact_that_is_missing_denies_as_a_policy_error() {
    let bundle = bundle();
    let facts = ordinary();
    let all = bundle.context(&facts);
    for missing in 0..all.len() {
        let mut context = all.clone();
        let (name, _) = context.remove(missing);
        assert_eq!(
            bundle.judge_in(&facts, context),
            policy_error(),
            "without `{name}`"
        );
    }
}

#[test]
fn a_rule_that_fails_to_evaluate_denies_even_where_another_permits() {
    let rule = r#"@id("overflows") @reason("sealed")
        forbid (principal, action == Action::"read", resource)
        when { 9223372036854775807 + 1 > 0 };"#;
    let bundle = with_rule(rule).unwrap();
    assert_eq!(bundle.judge(&ordinary()), policy_error());
}

#[test]
fn a_rule_that_permits_a_consent_purpose_by_law_is_a_policy_error() {
    let rule = r#"@id("too-generous") @basis("law")
        permit (principal, action == Action::"read", resource);"#;
    let facts = Facts {
        basis: BasisKind::Consent,
        ..ordinary()
    };
    assert_eq!(with_rule(rule).unwrap().judge(&facts), policy_error());
}

#[test]
fn nothing_is_allowed_where_no_rule_permits() {
    let mut files = PolicyFiles::embedded();
    files.rules.retain(|file| file.path != "bundle/allow.cedar");
    let bundle = Bundle::read(&files, &Catalogue::national()).unwrap();
    let verdict = bundle.judge(&ordinary());
    let reason = DenialReason::ForbiddenByRule;
    assert_eq!(
        verdict,
        Verdict::Deny {
            reason,
            rule: "no-permit-applies".into()
        }
    );
}

#[test]
fn a_rule_can_speak_of_a_registry_and_of_one_agency() {
    let rule = r#"@id("not-here") @reason("sealed")
        forbid (principal == Agency::"land-office-ha-noi", action == Action::"read",
                resource in Registry::"population")
        unless { context.purpose == Purpose::"land-use-right-transfer" };"#;
    let bundle = with_rule(rule).unwrap();
    assert!(bundle.named.agencies.contains("land-office-ha-noi"));
    assert!(bundle.named.purposes.contains("land-use-right-transfer"));
    let office = Facts {
        agency: Some("land-office-ha-noi".parse().unwrap()),
        ..ordinary()
    };
    let reason = DenialReason::Sealed;
    assert_eq!(
        bundle.judge(&office),
        Verdict::Deny {
            reason,
            rule: "not-here".into()
        }
    );
    let transfer = Some("land-use-right-transfer".parse().unwrap());
    assert_eq!(
        bundle.judge(&Facts {
            purpose: transfer,
            ..office
        }),
        permitted_by("law-allows")
    );
    assert_eq!(bundle.judge(&ordinary()), permitted_by("law-allows"));
}

#[test]
fn the_bad_rules_do_not_validate() {
    let bad = fs::read_to_string(Path::new(HERE).join("bundle/tests/_bad.cedar")).unwrap();
    let Err(LoadError::Validation { errors, .. }) = with_rule(&bad) else {
        panic!("accepted")
    };
    let text = errors.join("\n");
    assert!(
        text.contains("consents") && text.contains("office_is_open"),
        "{text}"
    );
}

#[test]
fn a_rule_says_what_it_is_called_and_what_its_refusal_means() {
    let scope = r#"(principal, action == Action::"read", resource);"#;
    for (rule, complaint) in [
        (format!(r#"@basis("law") permit {scope}"#), "`@id`"),
        (
            format!(r#"@id("Big") @basis("law") permit {scope}"#),
            "`@id`",
        ),
        (format!(r#"@id("a") permit {scope}"#), "`@basis`"),
        (
            format!(r#"@id("a") @reason("because") forbid {scope}"#),
            "`@reason`",
        ),
        (
            format!(r#"@id("law-allows") @basis("law") permit {scope}"#),
            "another rule",
        ),
    ] {
        let error = with_rule(&rule).unwrap_err().to_string();
        assert!(
            error.contains(complaint) && error.contains("bundle/more.cedar"),
            "{error}"
        );
    }
    assert!(matches!(
        with_rule("permit permit"),
        Err(LoadError::Syntax { .. })
    ));
}

fn with_rule(rule: &str) -> Result<Bundle, LoadError> {
    let mut files = PolicyFiles::embedded();
    let path = "bundle/more.cedar".to_owned();
    files.rules.push(crate::load::SourceFile {
        path,
        text: rule.to_owned(),
    });
    Bundle::read(&files, &Catalogue::national())
}
