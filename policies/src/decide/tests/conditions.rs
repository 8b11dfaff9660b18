//! What a purpose file may say besides: hours, zones, roles, seals, the dead, applicants, checks,
//! emergencies. And what holds of minors.

use super::*;
use crate::known::{Seal, Verified};
use motlan_schemas::{
    check::CheckKind,
    query::{Applicant, Emergency, EmergencyGround, Relation},
};

const WARD: &str = "ward-ba-dinh";
const BIRTH: &str = "birth-registration";
const RESIDENCE: &str = "permanent-residence-registration";
const HOUSING: &str = "social-housing-application";
const NAME: &str = "population.identity.full_name";
const SALARY: &str = "insurance.social.salary_vnd";

/// The national policies, where some file says `new` in the place of `old`.
fn edited(edits: &[(&str, &str, &str)]) -> Policies {
    let mut files = PolicyFiles::embedded();
    for (path, old, new) in edits {
        let all = files.purposes.iter_mut().chain(&mut files.agencies);
        let file = all.into_iter().find(|file| file.path == *path).unwrap();
        assert!(file.text.contains(old), "{path} has no {old:?}");
        file.text = file.text.replacen(old, new, 1);
    }
    Policies::from_files(&files, &Catalogue::national()).unwrap()
}

/// The national policies, where a purpose says something besides.
fn saying(purpose: &str, besides: &str) -> Policies {
    let path = format!("purposes/{purpose}.toml");
    let besides = format!("{besides}\nretention_days = ");
    edited(&[(&path, "retention_days = ", &besides)])
}

/// A question in all its circumstances; the default is lawful.
struct Asked<'a> {
    policies: &'a Policies,
    query: Query,
    known: Known<'a>,
    roles: Vec<Arc<str>>,
    officer: Option<&'a str>,
    at: &'a str,
}

impl<'a> Asked<'a> {
    fn new(policies: &'a Policies, purpose: &str, select: &[&str]) -> Self {
        Self {
            policies,
            query: query(purpose, select),
            known: Known::default(),
            roles: Vec::new(),
            officer: None,
            at: "2026-11-23T09:00:00+07:00",
        }
    }

    fn decide(&self) -> Decision {
        let caller = Caller {
            officer: self.officer.map(|officer| officer.parse().unwrap()),
            roles: self.roles.clone(),
            ..caller(self.policies, WARD)
        };
        let at = self.at.parse().unwrap();
        let id = QueryId::new(at, [0; 10]);
        self.policies
            .decide(&caller, id, &self.query, &self.known, at)
    }

    /// The rule that refuses the first attribute, and how the refusal is told.
    fn refused(&self) -> Option<String> {
        let decision = self.decide();
        assert_eq!(decision.subject, self.known.subject);
        let denied = decision.denials.first()?;
        Some(format!("{} {}", denied.reason.as_str(), denied.rule))
    }
}

fn refused(rule: &str) -> Option<String> {
    Some(format!("forbidden_by_rule {rule}"))
}

#[test]
fn a_procedure_kept_to_office_hours_is_asked_in_them() {
    let strict = saying(BIRTH, "office_hours = true");
    let mut asked = Asked::new(&strict, BIRTH, &[NAME]);
    assert_eq!(asked.refused(), None);
    for at in [
        "2026-11-23T12:00:00+07:00",
        "2026-11-21T09:00:00+07:00",
        "2026-09-02T09:00:00+07:00",
    ] {
        asked.at = at;
        assert_eq!(asked.refused(), refused("hours-are-kept"), "{at}");
    }
    let at_any_time = Asked {
        at: "2026-11-22T03:00:00Z",
        ..Asked::new(policies(), BIRTH, &[NAME])
    };
    assert_eq!(at_any_time.refused(), None);
}

#[test]
fn a_procedure_of_some_zones_is_asked_from_them() {
    let strict = saying(BIRTH, "zones = [\"government\", \"court\"]");
    let mut asked = Asked::new(&strict, BIRTH, &[NAME]);
    assert_eq!(asked.refused(), refused("zone-is-allowed"), "nobody knows");
    asked.known.zone = Some("internet".into());
    assert_eq!(asked.refused(), refused("zone-is-allowed"));
    asked.known.zone = Some("court".into());
    assert_eq!(asked.refused(), None);
}

#[test]
fn a_role_counts_where_the_token_vouches_for_it() {
    let strict = saying(BIRTH, "roles = [\"civil-status-officer\", \"notary\"]");
    let mut asked = Asked::new(&strict, BIRTH, &[NAME]);
    let told = Some("officer_required officer-has-role".to_owned());
    assert_eq!(asked.refused(), told, "the body names an officer");
    asked.officer = Some("cb-0001");
    assert_eq!(asked.refused(), told);
    asked.roles = vec!["clerk".into()];
    assert_eq!(asked.refused(), told);
    asked.roles.push("notary".into());
    assert_eq!(asked.refused(), None);
}

#[test]
fn a_secret_address_keeps_back_whatever_leads_to_it_and_nothing_else() {
    let catalogue = Catalogue::national();
    let select = [
        "population.residence",
        "population.household",
        "land.parcels",
        NAME,
    ];
    let mut asked = Asked::new(policies(), RESIDENCE, &select);
    let open = permitted(&asked.decide());
    asked.known.subject.seal = Seal::Address;
    let decision = asked.decide();
    let telling = |name: &String| {
        let (dataset, attribute) = catalogue.resolve(name).unwrap();
        let mut attributes = catalogue.dataset(dataset).attributes_in(attribute);
        attributes.all(|a| a.address)
    };
    let (sealed, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(telling);
    assert!(sealed.len() > 10);
    assert_eq!(permitted(&decision), rest);
    let told = told(&decision);
    let told: Vec<_> = told
        .iter()
        .filter(|told| told.contains(" sealed "))
        .collect();
    assert_eq!(told.len(), sealed.len());
    assert!(
        told.iter()
            .all(|told| told.ends_with("sealed sealed-data-stays-sealed"))
    );

    let strict = saying(RESIDENCE, "sees_sealed = \"address\"");
    let mut sees = Asked::new(&strict, RESIDENCE, &select);
    sees.known.subject.seal = Seal::Address;
    assert_eq!(permitted(&sees.decide()).len(), sealed.len() + rest.len());
}

#[test]
fn witness_protection_keeps_back_even_the_flags() {
    let select = ["population.identity", "population.residence"];
    let mut asked = Asked::new(policies(), RESIDENCE, &select);
    asked.known.subject.seal = Seal::Identity;
    let decision = asked.decide();
    assert!(decision.permits.is_empty());
    let covered = |told: &&String| !told.contains("not_in_purpose");
    let told = told(&decision);
    assert!(
        told.iter()
            .filter(covered)
            .all(|told| told.contains(" sealed ")),
        "{told:?}"
    );
    // Whoever may not ask hears nothing of the seal.
    asked.query.question.case = None;
    assert_eq!(
        asked.refused(),
        Some("case_required case-is-named".to_owned())
    );
}

#[test]
fn the_dead_are_left_alone_where_the_procedure_says_so() {
    let strict = saying(BIRTH, "deceased = \"refuse\"");
    let mut asked = Asked::new(&strict, BIRTH, &[NAME]);
    assert_eq!(asked.refused(), None);
    asked.known.subject.deceased = true;
    assert_eq!(asked.refused(), refused("the-dead-are-left-alone"));
    let mut allowed = Asked::new(policies(), BIRTH, &[NAME]);
    allowed.known.subject.deceased = true;
    assert_eq!(allowed.refused(), None);
}

#[test]
fn an_applicant_must_be_admitted_and_confirmed() {
    let strict = saying(BIRTH, "applicants = [\"parent\", \"guardian\"]");
    for (relation, verified, expected) in [
        (Relation::Parent, Verified::Confirmed, None),
        (Relation::Guardian, Verified::Confirmed, None),
        (
            Relation::Attorney,
            Verified::Confirmed,
            refused("applicant-may-act"),
        ),
        (
            Relation::Parent,
            Verified::Unknown,
            refused("applicant-may-act"),
        ),
        (
            Relation::Parent,
            Verified::Refuted,
            refused("applicant-may-act"),
        ),
    ] {
        let mut asked = Asked::new(&strict, BIRTH, &[NAME]);
        let person = "001163000007".parse().unwrap();
        asked.query.question.applicant = Some(Applicant { person, relation });
        asked.known.applicant = verified;
        assert_eq!(asked.refused(), expected, "{relation:?} {verified:?}");
    }
    let mut nobody_admitted = Asked::new(policies(), BIRTH, &[NAME]);
    nobody_admitted.known.applicant = Verified::Confirmed;
    assert_eq!(nobody_admitted.refused(), None, "none is named");
}

#[test]
fn a_check_looks_at_what_the_purpose_may_have_checked() {
    let strict = saying(BIRTH, "checks = [\"owns_parcel_in\"]");
    let mut asked = Asked::new(&strict, BIRTH, &["land.parcels.province", NAME]);
    let told = Some("not_in_purpose purpose-covers-attribute".to_owned());
    assert_eq!(asked.refused(), told, "the data itself");
    asked.query.question.check = Some(CheckKind::OwnsParcelIn);
    assert_eq!(asked.refused(), None);
    asked.query.question.check = Some(CheckKind::IsAlive);
    assert_eq!(asked.refused(), told, "another statement");
    asked.query.question.selection = query(BIRTH, &[NAME]).question.selection;
    assert_eq!(
        asked.refused(),
        None,
        "what is covered may be checked anyway"
    );
}

/// Numbers of women born in this year of the twenty-first century.
fn born(year: u8) -> Subject {
    Subject::Person(format!("0013{year:02}000007").parse().unwrap())
}

fn salary_of(subject: Subject, consents: &[Consent]) -> Option<String> {
    let mut asked = Asked::new(policies(), HOUSING, &[SALARY]);
    asked.query.subject = subject;
    asked.known.consents = consents;
    asked.refused()
}

fn consent(number: u8, attributes: &[&str], giver: Option<SubjectKey>) -> Consent {
    let given_at = now() - Duration::from_secs(u64::from(number) * 60);
    let terms = ConsentTerms {
        subject: SubjectKey([1; 32]),
        giver,
        agency: WARD.parse().unwrap(),
        purposes: vec![HOUSING.parse().unwrap()],
        attributes: attributes
            .iter()
            .map(|name| Catalogue::national().resolve(name).unwrap())
            .collect(),
        from: given_at,
        until: now() + Duration::from_secs(864_000),
        uses: ConsentUses::Repeated,
    };
    Consent::give(ConsentId::new(given_at, [number; 10]), terms, given_at).unwrap()
}

#[test]
fn for_a_minor_a_parent_consents_and_the_year_of_birth_tells_who_certainly_is_one() {
    let own = [consent(1, &[SALARY], None)];
    let by_parent = [consent(2, &[SALARY], Some(SubjectKey([2; 32])))];
    // In 2026: 17 at the end of the year, and 18 at some time of it.
    assert_eq!(
        salary_of(born(9), &own),
        refused("minors-consent-through-a-parent")
    );
    assert_eq!(salary_of(born(9), &by_parent), None);
    assert_eq!(salary_of(born(8), &own), None);
    assert_eq!(salary_of(born(8), &by_parent), None);
    let nothing = Some("consent_required citizen-consents".to_owned());
    assert_eq!(salary_of(born(9), &[]), nothing);
}

#[test]
fn a_parents_consent_goes_before_a_wider_one_of_the_child() {
    let kind = "insurance.social.kind";
    let consents = [
        consent(1, &[SALARY, kind], None),
        consent(2, &[SALARY], Some(SubjectKey([2; 32]))),
    ];
    assert_eq!(salary_of(born(9), &consents), None);
    let mut adult = Asked::new(policies(), HOUSING, &[SALARY, kind]);
    adult.known.consents = &consents;
    assert_eq!(adult.refused(), None, "an adult's widest consent is taken");
}

#[test]
fn a_consent_ends_with_death() {
    let consents = [consent(1, &[SALARY], None)];
    let mut asked = Asked::new(policies(), HOUSING, &[SALARY]);
    asked.known.consents = &consents;
    assert_eq!(asked.refused(), None);
    asked.known.subject.deceased = true;
    assert_eq!(asked.refused(), refused("consent-ends-with-death"));
}

#[test]
fn an_emergency_is_opened_by_a_named_officer_of_an_office_that_answers_them() {
    let mut files = PolicyFiles::embedded();
    let birth = files
        .purposes
        .iter_mut()
        .find(|file| file.stem() == BIRTH)
        .unwrap();
    let (start, end) = (
        birth.text.find("attributes = [").unwrap(),
        birth.text.find("\n]").unwrap() + 2,
    );
    birth
        .text
        .replace_range(start..end, &format!("attributes = [\"{NAME}\"]"));
    birth.text = birth
        .text
        .replace("kind = \"law\"", "kind = \"vital_interest\"");
    birth.text.push_str("\n[emergency]\nreview_hours = 72\n");
    let ordinary = Policies::from_files(&files, &Catalogue::national()).unwrap();
    let ward = files
        .agencies
        .iter_mut()
        .find(|file| file.stem() == WARD)
        .unwrap();
    ward.text.insert_str(0, "emergency = true\n");
    let answering = Policies::from_files(&files, &Catalogue::national()).unwrap();

    let mut asked = Asked::new(&answering, BIRTH, &[NAME]);
    assert_eq!(asked.refused(), refused("emergency-is-named"));
    let emergency = Emergency {
        ground: EmergencyGround::LifeAtRisk,
        reason: "found unconscious in the street".into(),
    };
    asked.query.question.emergency = Some(emergency.clone());
    assert_eq!(asked.refused(), None);
    let decision = asked.decide();
    assert!(matches!(
        decision.permits[0].basis(),
        Basis::VitalInterest { .. }
    ));
    assert_eq!(decision.permits[0].rule().as_ref(), "vital-interest-allows");
    asked.query.question.officer = None;
    let told = Some("officer_required officer-is-named".to_owned());
    assert_eq!(asked.refused(), told);

    let mut other = Asked::new(&ordinary, BIRTH, &[NAME]);
    other.query.question.emergency = Some(emergency);
    let told = Some("not_mandated agency-answers-emergencies".to_owned());
    assert_eq!(other.refused(), told);
    let purpose = ordinary.purposes().get(&BIRTH.parse().unwrap()).unwrap();
    assert_eq!(purpose.review_hours, Some(72));
}

#[test]
fn the_mandates_are_those_of_the_version_that_decides() {
    let old = policies();
    let without = edited(&[(
        "agencies/ward-ba-dinh.toml",
        "    \"birth-registration\",\n",
        "",
    )]);
    // The caller was found while the old version was in force.
    let caller = caller(old, WARD);
    let id = QueryId::new(now(), [0; 10]);
    let query = query(BIRTH, &[NAME]);
    let decide =
        |policies: &Policies| told(&policies.decide(&caller, id, &query, &Known::default(), now()));
    assert_eq!(decide(old), Vec::<String>::new());
    assert_eq!(
        decide(&without),
        [format!("{NAME} not_mandated agency-holds-mandate")]
    );
    let mut files = PolicyFiles::embedded();
    files.agencies.retain(|file| file.stem() != WARD);
    let gone = Policies::from_files(&files, &Catalogue::national()).unwrap();
    assert_eq!(
        decide(&gone),
        [format!("{NAME} not_mandated agency-is-known")]
    );
}

#[test]
fn rules_for_others_leave_the_memory_of_verdicts_as_small_as_it_was() {
    let mut files = PolicyFiles::embedded();
    let rules = files.purposes.iter().map(|purpose| {
        let purpose = purpose.stem();
        format!(
            "@id(\"own-{purpose}\") @reason(\"sealed\") @purpose(\"{purpose}\")\n\
             forbid (principal == Agency::\"social-insurance\", action == Action::\"read\", \
             resource) when {{ context.check }};\n"
        )
    });
    let text = rules.collect();
    files.rules.push(load::SourceFile {
        path: "bundle/own.cedar".to_owned(),
        text,
    });
    let (plain, own) = (
        fresh_policies(),
        Policies::from_files(&files, &Catalogue::national()).unwrap(),
    );
    for policies in [&plain, &own] {
        for purpose in policies.purposes().iter() {
            let query = query(purpose.id.as_str(), &[NAME, SALARY]);
            let _ = decide(policies, WARD, &query);
        }
    }
    assert!(plain.memo.len() > 0);
    assert_eq!(own.memo.len(), plain.memo.len());
}
