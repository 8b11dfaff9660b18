//! The rules say nothing when facts are missing or something fails; their cases run in `cases`.

mod slices;

use super::{cases::CaseFacts, *};
use crate::decide::facts::ConsentStanding;
use std::{fs, path::Path};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn bundle() -> Bundle {
    Bundle::read(&PolicyFiles::embedded(), &Catalogue::national()).unwrap()
}

fn ordinary() -> Facts {
    let facts = CaseFacts::default().facts(&bundle(), &Catalogue::national());
    facts.unwrap()
}

fn permitted_by(rule: &str) -> Verdict {
    Verdict::Permit { rule: rule.into() }
}

/// A lawful question on each basis, so that every rule that permits has its turn.
fn lawful() -> [(Facts, &'static str); 3] {
    let law = ordinary();
    let (mut consent, mut vital) = (law, law);
    consent.question.basis = BasisKind::Consent;
    consent.group.consent = ConsentStanding::Given;
    vital.question.basis = BasisKind::VitalInterest;
    vital.question.emergency_mandated = true;
    vital.question.emergency_named = true;
    vital.question.officer_named = true;
    [
        (law, "law-allows"),
        (consent, "citizen-consents"),
        (vital, "vital-interest-allows"),
    ]
}

#[test]
fn a_fact_that_is_missing_denies_as_a_policy_error() {
    let bundle = bundle();
    for (facts, rule) in lawful() {
        let all = bundle.context(&facts);
        assert_eq!(all.len(), 30);
        assert_eq!(bundle.judge_in(&facts, all.clone()), permitted_by(rule));
        for missing in 0..all.len() {
            let mut context = all.clone();
            let (name, _) = context.remove(missing);
            assert_eq!(
                bundle.judge_in(&facts, context),
                policy_error(),
                "{rule} without `{name}`"
            );
        }
    }
}

#[test]
fn a_fact_of_another_kind_or_one_too_many_denies_as_a_policy_error() {
    let bundle = bundle();
    for (facts, rule) in lawful() {
        let all = bundle.context(&facts);
        for wrong in 0..all.len() {
            let mut context = all.clone();
            context[wrong].1 = RestrictedExpression::new_long(1);
            let verdict = bundle.judge_in(&facts, context);
            assert_eq!(verdict, policy_error(), "{rule}: `{}`", all[wrong].0);
        }
        let mut context = all;
        context.push(("weather".to_owned(), RestrictedExpression::new_bool(true)));
        assert_eq!(bundle.judge_in(&facts, context), policy_error());
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
    let mut facts = ordinary();
    facts.question.basis = BasisKind::Consent;
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
    let asks = |agency: &str, purpose: &str| {
        let slice = bundle.slice_of(agency, purpose);
        bundle.judge(&Facts {
            slice,
            ..ordinary()
        })
    };
    let office = "land-office-ha-noi";
    let refused = Verdict::Deny {
        reason: DenialReason::Sealed,
        rule: "not-here".into(),
    };
    assert_eq!(asks(office, "enterprise-profile-check"), refused);
    let allowed = permitted_by("law-allows");
    assert_eq!(asks(office, "land-use-right-transfer"), allowed);
    assert_eq!(asks("ward-ba-dinh", "birth-registration"), allowed);
}

#[test]
fn the_bad_rules_are_refused_each_for_what_is_wrong_with_it() {
    let bad = fs::read_to_string(Path::new(HERE).join("bundle/tests/_bad.cedar")).unwrap();
    let mut complaints = vec![
        ("typed-in-a-hurry", "consents"),
        ("asks-for-what-is-not-there", "office_is_open"),
        ("knows-a-seal-too-many", "address_and_name"),
        ("takes-a-word-for-a-flag", "takes-a-word-for-a-flag"),
        ("is-for-nobody", "did you mean `ward-ba-dinh`?"),
        ("is-for-no-procedure", "did you mean `birth-registration`?"),
        ("is-about-nothing", "`@about`"),
    ];
    for policy in bad.parse::<PolicySet>().unwrap().policies() {
        let id = policy.annotation("id").unwrap();
        let place = complaints.iter().position(|(rule, _)| *rule == id).unwrap();
        let (_, complaint) = complaints.remove(place);
        let error = with_rule(&policy.to_cedar().unwrap()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(complaint), "{id}: {text}");
    }
    assert!(complaints.is_empty(), "not in the file: {complaints:?}");
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
