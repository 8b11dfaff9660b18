//! A question of the past gets the verdicts that it got when it was asked.

use super::{laws::any_query, *};
use crate::known::{Seal, Verified};
use motlan_schemas::query::{Applicant, Relation};
use proptest::{prelude::*, sample::Index};

/// The names of all that was asked, in the order of the catalogue.
fn asked(query: &Query) -> Vec<String> {
    let selection = query.question.selection.iter();
    selection.flat_map(|(id, set)| names(id, set)).collect()
}

fn question<'a>(
    query: &'a Query,
    caller: &'a Caller,
    attributes: &'a [PastAttribute<'a>],
) -> PastQuestion<'a> {
    PastQuestion {
        agency: &caller.agency.id,
        client: &caller.client,
        officer: query.question.officer.as_ref().map(|_| AssertedBy::Agency),
        case_named: query.question.case.is_some(),
        purpose: &query.question.purpose,
        attributes,
        at: now(),
        zone: None,
        subject: query.subject.kind(),
        status: SubjectStatus::default(),
        subject_is_minor: false,
        consent_by_another: false,
        applicant: None,
        emergency_named: false,
        check: None,
    }
}

/// What a decision said of each attribute, in the words of a verdict.
fn verdicts(decision: &Decision, names: &[String]) -> Vec<Verdict> {
    let verdict = |name: &String| {
        let (dataset, one) = Catalogue::national().resolve(name).unwrap();
        let mut denials = decision.denials.iter();
        let denied = denials.find(|d| d.dataset == dataset && one.is_subset(d.attributes));
        if let Some(denied) = denied {
            let (reason, rule) = (denied.reason, Arc::clone(&denied.rule));
            return Verdict::Deny { reason, rule };
        }
        let permit = decision
            .permits
            .iter()
            .find(|p| p.dataset() == dataset)
            .unwrap();
        let rule = Arc::clone(permit.rule());
        Verdict::Permit { rule }
    };
    names.iter().map(verdict).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_past_is_decided_as_the_present(
        mut query in any_query(), agency: Index, seal in 0_usize..3, deceased: bool, acts: Option<bool>
    ) {
        let with_clients = |agency: &&Arc<Agency>| !agency.clients.is_empty();
        let agencies: Vec<_> = policies().agencies().iter().filter(with_clients).collect();
        let caller = caller(policies(), agency.get(&agencies).id.as_str());
        let status = SubjectStatus { seal: Seal::ALL[seal], deceased };
        let applicant = acts.map_or(Verified::Unknown, |acts| match acts {
            true => Verified::Confirmed,
            false => Verified::Refuted,
        });
        let relation = Relation::Parent;
        query.question.applicant =
            acts.map(|_| Applicant { person: "001163000007".parse().unwrap(), relation });
        let known = Known { subject: status, applicant, ..Known::default() };
        let id = QueryId::new(now(), [0; 10]);
        let decision = policies().decide(&caller, id, &query, &known, now());
        let names = asked(&query);
        let attributes: Vec<_> = names
            .iter()
            .map(|name| PastAttribute { name, consent: ConsentStanding::Absent })
            .collect();
        let past = PastQuestion {
            status,
            applicant: acts.map(|_| (relation, applicant)),
            ..question(&query, &caller, &attributes)
        };
        prop_assert_eq!(policies().decide_past(&past).attributes, verdicts(&decision, &names));
    }
}

const WARD: &str = "ward-ba-dinh";
const HOUSING: &str = "social-housing-application";
const SALARY: &str = "insurance.social.salary_vnd";
const KIND: &str = "insurance.social.kind";

fn denied(reason: DenialReason, rule: &str) -> Verdict {
    let rule = rule.into();
    Verdict::Deny { reason, rule }
}

#[test]
fn consent_stands_attribute_by_attribute() {
    let (query, caller) = (query(HOUSING, &[SALARY]), caller(policies(), WARD));
    let attributes = [
        (SALARY, ConsentStanding::Given),
        (KIND, ConsentStanding::Revoked),
        ("insurance.social.status", ConsentStanding::Expired),
        (
            "insurance.social.contribution_months",
            ConsentStanding::Absent,
        ),
    ]
    .map(|(name, consent)| PastAttribute { name, consent });
    let mut past = question(&query, &caller, &attributes);
    let given = Verdict::Permit {
        rule: "citizen-consents".into(),
    };
    let expected = [
        given.clone(),
        denied(DenialReason::ConsentRevoked, "citizen-consents"),
        denied(DenialReason::ConsentExpired, "citizen-consents"),
        denied(DenialReason::ConsentRequired, "citizen-consents"),
    ];
    assert_eq!(policies().decide_past(&past).attributes, expected);
    past.subject_is_minor = true;
    let minor = denied(
        DenialReason::ForbiddenByRule,
        "minors-consent-through-a-parent",
    );
    assert_eq!(policies().decide_past(&past).attributes[0], minor);
    past.consent_by_another = true;
    assert_eq!(policies().decide_past(&past).attributes[0], given);
}

#[test]
fn what_a_draft_no_longer_has_is_denied_by_a_rule_that_says_so() {
    let (query, caller) = (query(HOUSING, &[SALARY]), caller(policies(), WARD));
    let attributes = ["insurance.social.fax", SALARY].map(|name| PastAttribute {
        name,
        consent: ConsentStanding::Given,
    });
    let past = question(&query, &caller, &attributes);
    let rules = |past: &PastQuestion<'_>| {
        let verdicts = policies().decide_past(past).attributes;
        let rule = |verdict: Verdict| match verdict {
            Verdict::Permit { rule } | Verdict::Deny { rule, .. } => rule.to_string(),
        };
        verdicts.into_iter().map(rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(&past), ["attribute-is-known", "citizen-consents"]);
    let (purpose, agency) = ("housing".parse().unwrap(), "ward".parse().unwrap());
    let client = "land-office-counter".parse().unwrap();
    let purpose = PastQuestion {
        purpose: &purpose,
        ..past.clone()
    };
    assert_eq!(rules(&purpose), ["purpose-is-known"; 2]);
    let agency = PastQuestion {
        agency: &agency,
        ..past.clone()
    };
    assert_eq!(rules(&agency), ["agency-is-known"; 2]);
    let client = PastQuestion {
        client: &client,
        ..past
    };
    assert_eq!(rules(&client), ["client-is-known"; 2]);
}
