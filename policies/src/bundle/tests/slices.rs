//! A rule for one agency or one purpose is evaluated for exactly it.

use super::*;
/// Rules that cannot be evaluated: whoever gets a policy error has evaluated one.
fn failing(head: &str, annotation: &str) -> String {
    format!(
        r#"@id("fails") @reason("sealed") {annotation}
        forbid ({head}, action == Action::"read", resource)
        when {{ 9223372036854775807 + 1 > 0 }};"#
    )
}

const WARD: &str = r#"principal == Agency::"ward-ba-dinh""#;
const BIRTH: &str = r#"@purpose("birth-registration")"#;

/// Who of two agencies with two purposes evaluates the rule.
fn evaluated(head: &str, annotation: &str) -> [bool; 4] {
    let bundle = with_rule(&failing(head, annotation)).unwrap();
    [
        ("ward-ba-dinh", "birth-registration"),
        ("ward-ba-dinh", "death-registration"),
        ("department-of-justice-ha-noi", "birth-registration"),
        ("department-of-justice-ha-noi", "death-registration"),
    ]
    .map(|(agency, purpose)| {
        let slice = bundle.slice_of(agency, purpose);
        let verdict = bundle.judge(&Facts {
            slice,
            ..ordinary()
        });
        verdict == policy_error()
    })
}

#[test]
fn a_rule_is_evaluated_for_its_agency_and_its_purpose_alone() {
    assert_eq!(evaluated("principal", ""), [true, true, true, true]);
    assert_eq!(evaluated(WARD, ""), [true, true, false, false]);
    assert_eq!(evaluated("principal", BIRTH), [true, false, true, false]);
    assert_eq!(evaluated(WARD, BIRTH), [true, false, false, false]);
}

#[test]
fn thousands_of_rules_for_others_are_not_even_looked_at() {
    let files = PolicyFiles::embedded();
    let (agencies, purposes) = (&files.agencies, &files.purposes);
    let pairs = agencies
        .iter()
        .filter(|agency| agency.stem() != "ward-ba-dinh")
        .flat_map(|agency| purposes.iter().map(move |purpose| (agency, purpose)));
    let rules: String = pairs
        .clone()
        .cycle()
        .take(3_000)
        .enumerate()
        .map(|(number, (agency, purpose))| {
            let (agency, purpose) = (agency.stem(), purpose.stem());
            format!(
                "@id(\"own-{number}\") @reason(\"sealed\") @purpose(\"{purpose}\")\n\
                 forbid (principal == Agency::\"{agency}\", action == Action::\"read\", resource)\n\
                 when {{ context.check }};\n"
            )
        })
        .collect();
    let (alone, bundle) = (bundle(), with_rule(&rules).unwrap());
    let count = |bundle: &Bundle, slice| bundle.slices.policies(slice).unwrap().policies().count();
    let general = count(&alone, Slice::default());
    let ward = bundle.slice_of("ward-ba-dinh", "birth-registration");
    assert_eq!(ward, Slice::default(), "nothing sets it apart");
    assert_eq!(count(&bundle, ward), general);
    let (agency, purpose) = pairs.clone().next().unwrap();
    let own = bundle.slice_of(agency.stem(), purpose.stem());
    let laps = 3_000_usize.div_ceil(pairs.count());
    assert_eq!(count(&bundle, own), general + laps, "its own and no others");
}

#[test]
fn conditions_that_tell_agencies_or_purposes_apart_are_seen_by_whom_they_concern() {
    let rule = r#"@id("picky") @reason("sealed")
        forbid (principal, action == Action::"read", resource)
        when { principal == Agency::"ward-ba-dinh" &&
               context.purpose == Purpose::"birth-registration" };"#;
    let bundle = with_rule(rule).unwrap();
    let denied = |agency: &str, purpose: &str| {
        let slice = bundle.slice_of(agency, purpose);
        let facts = Facts {
            slice,
            ..ordinary()
        };
        bundle.judge(&facts) != permitted_by("law-allows")
    };
    assert!(denied("ward-ba-dinh", "birth-registration"));
    assert!(!denied("ward-ba-dinh", "death-registration"));
    assert!(!denied("social-insurance", "birth-registration"));
}
