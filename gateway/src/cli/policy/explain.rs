//! `motlan policy explain`: decides one question offline, and says for each attribute why.
//!
//! Nobody is asked about and nothing is read: the decision depends on the kind of the subject, and
//! on whether it is a child, and never on who it is. So an invented number stands in.

mod facts;

use super::Directory;
use crate::{
    cli::place::Adapters,
    cli::style::{BAD, GOOD, QUIET, TITLE, paint},
    i18n::texts,
};
use anstream::println;
use anyhow::{Context, anyhow};
use clap::Args;
use facts::Facts;
use jiff::Timestamp;
use motlan_policies::{
    consent::Consent,
    decide::{Caller, Decision, Policies},
    purpose::{BasisKind, Purpose},
};
use motlan_schemas::{
    answer::DenialReason,
    catalogue::{Attribute, Catalogue, DatasetId, Selection, names},
    clock::{Clock, SystemClock},
    codes::Provinces,
    ids::{CaseReference, ClientId, OfficerId, PurposeId, QueryId},
    language::Language,
    query::{Query, Question, Require, Subject},
};
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// A directory of policies. Without it: the national ones of this program.
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    #[command(flatten)]
    adapters: Adapters,
    /// The client program that asks; its agency is looked up.
    #[arg(long)]
    client: ClientId,
    /// The administrative procedure for which it asks.
    #[arg(long)]
    purpose: PurposeId,
    /// An attribute or dataset; repeat for more.
    #[arg(long, required = true)]
    select: Vec<String>,
    /// The officer whom the question names.
    #[arg(long)]
    officer: Option<OfficerId>,
    /// The case that the question names.
    #[arg(long)]
    case: Option<CaseReference>,
    /// The question is about an enterprise, not a person.
    #[arg(long)]
    enterprise: bool,
    /// The question is about a child.
    #[arg(long, conflicts_with = "enterprise")]
    minor: bool,
    #[command(flatten)]
    facts: Facts,
    /// Print the result as JSON, with the reasons in all languages.
    #[arg(long)]
    json: bool,
}

/// A question with everything that its decision and its explanation need.
struct Case {
    policies: Policies,
    caller: Caller,
    purpose: Arc<Purpose>,
    query: Query,
    facts: Facts,
    consents: Vec<Consent>,
    now: Timestamp,
}

/// What was decided about one attribute.
struct Verdict<'a> {
    attribute: &'a Attribute,
    rule: Arc<str>,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// On what the purpose rests.
    Allowed(BasisKind),
    /// A flag, which goes with whatever else is read of its record.
    Flag,
    Denied(DenialReason),
}

impl Explain {
    pub(super) fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let json = self.json;
        let case = self.case(language)?;
        let decision = case.decide();
        let verdicts = case.verdicts(&decision);
        if json {
            let text = serde_json::to_string_pretty(&case.as_json(&decision, &verdicts))?;
            println!("{text}");
        } else {
            case.tell(&decision, &verdicts, language);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn case(self, language: Language) -> anyhow::Result<Case> {
        let directory = Directory {
            directory: self.policies.clone(),
            adapters: self.adapters.clone(),
        };
        let policies = directory.policies()?;
        let agencies = policies.agencies();
        let Some(agency) = agencies.by_client(&self.client).map(Arc::clone) else {
            let clients = agencies.iter().flat_map(|agency| agency.clients.iter());
            let nearest = names::nearest(self.client.as_str(), clients.map(|id| id.as_str()));
            let client = self.client.as_str();
            return Err(unknown(
                language,
                "policy-explain-unknown-client",
                client,
                nearest,
            ));
        };
        let Some(purpose) = policies.purposes().get(&self.purpose).map(Arc::clone) else {
            let purpose = self.purpose.as_str();
            let nearest = policies.purposes().nearest(purpose);
            return Err(unknown(
                language,
                "policy-explain-unknown-purpose",
                purpose,
                nearest,
            ));
        };
        let caller = Caller {
            agency,
            client: self.client.clone(),
            // As if a token had vouched for the officer: only then does anybody vouch for a role.
            officer: self
                .officer
                .clone()
                .filter(|_| !self.facts.roles.is_empty()),
            roles: self
                .facts
                .roles
                .iter()
                .map(|role| role.as_str().into())
                .collect(),
        };
        let now = self.facts.at.unwrap_or_else(|| SystemClock.now());
        let (query, facts) = self.query(policies.catalogue())?;
        let consents = if purpose.basis_kind == BasisKind::Consent {
            facts.consents(&caller, &query, now)?
        } else {
            Vec::new()
        };
        Ok(Case {
            policies,
            caller,
            purpose,
            query,
            facts,
            consents,
            now,
        })
    }

    fn query(self, catalogue: &Catalogue) -> anyhow::Result<(Query, Facts)> {
        let mut selection = Selection::default();
        for name in &self.select {
            let (dataset, attributes) = catalogue
                .resolve(name)
                .with_context(|| format!("`--select {name}` selects nothing"))?;
            selection.add(dataset, attributes);
        }
        let subject = if self.enterprise {
            Subject::Enterprise(SOME_ENTERPRISE.parse()?)
        } else {
            let person = if self.minor { SOME_CHILD } else { SOMEBODY };
            Subject::Person(person.parse()?)
        };
        let question = Question {
            purpose: self.purpose,
            selection,
            whole_datasets: Vec::new(),
            case: self.case,
            officer: self.officer,
            max_age: None,
            deadline: Duration::ZERO,
            require: Require::Any,
            provinces: Provinces::ALL,
            applicant: None,
            emergency: None,
            hidden: None,
            check: None,
        };
        let mut query = Query { subject, question };
        self.facts.write_into(&mut query)?;
        Ok((query, self.facts))
    }
}

impl Case {
    /// The one place that asks the decision.
    fn decide(&self) -> Decision {
        let known = self.facts.known(&self.consents);
        let query_id = QueryId::new(self.now, [0; 10]);
        self.policies
            .decide(&self.caller, query_id, &self.query, &known, self.now)
    }

    fn verdicts(&self, decision: &Decision) -> Vec<Verdict<'_>> {
        let mut verdicts = Vec::new();
        for (id, selected) in self.query.question.selection.iter() {
            let dataset = self.policies.catalogue().dataset(id);
            for attribute in dataset.attributes_in(selected) {
                if let Some((rule, why)) = self.verdict(decision, id, attribute) {
                    verdicts.push(Verdict {
                        attribute,
                        rule,
                        why,
                    });
                }
            }
        }
        verdicts
    }

    fn verdict(
        &self,
        decision: &Decision,
        dataset: DatasetId,
        attribute: &Attribute,
    ) -> Option<(Arc<str>, Why)> {
        let index = attribute.index;
        let mut denials = decision.denials.iter();
        let denied = denials.find(|d| d.dataset == dataset && d.attributes.contains(index));
        if let Some(denied) = denied {
            return Some((Arc::clone(&denied.rule), Why::Denied(denied.reason)));
        }
        let permit = decision.permits.iter().find(|p| p.dataset() == dataset)?;
        let why = if self.purpose.covers(dataset).contains(index) {
            Why::Allowed(self.purpose.basis_kind)
        } else {
            Why::Flag
        };
        Some((Arc::clone(permit.rule()), why))
    }

    /// The attributes under the sentence that is true of them.
    fn tell(&self, decision: &Decision, verdicts: &[Verdict<'_>], language: Language) {
        let say = |key: &str| self.say(key, "", language);
        println!("{}", paint(TITLE, &say("policy-explain-question")));
        let kind = self.purpose.basis_kind.as_str();
        println!("{}", say(&format!("policy-explain-basis-{kind}")));
        let mut told: Vec<(Why, &Arc<str>)> = Vec::new();
        for verdict in verdicts {
            let key = (verdict.why, &verdict.rule);
            if told.contains(&key) {
                continue;
            }
            told.push(key);
            let mark = match verdict.why {
                Why::Denied(_) => paint(BAD, "✗"),
                Why::Allowed(_) | Why::Flag => paint(GOOD, "✓"),
            };
            let rule = self.say("policy-explain-rule", &verdict.rule, language);
            let sentence = self.sentence(verdict, language);
            println!("{mark} {sentence} {}", paint(QUIET, &format!("· {rule}")));
            let alike = verdicts.iter().filter(|v| (v.why, &v.rule) == key);
            for Verdict { attribute, .. } in alike {
                let title = paint(QUIET, attribute.title.get(language));
                println!("    {}  {title}", attribute.path);
            }
        }
        let arguments = [("version", decision.policy_version.as_ref())];
        let version = texts().get(language, "policy-explain-version", &arguments);
        println!("{}", paint(QUIET, &version));
    }

    fn as_json(&self, decision: &Decision, verdicts: &[Verdict<'_>]) -> Value {
        let attribute = |verdict: &Verdict<'_>| {
            let reason = match verdict.why {
                Why::Denied(reason) => Some(reason.as_str()),
                Why::Allowed(_) | Why::Flag => None,
            };
            json!({
                "attribute": verdict.attribute.path,
                "verdict": if reason.is_none() { "permit" } else { "deny" },
                "reason": reason,
                "rule": verdict.rule,
                "why": {
                    "vi": self.sentence(verdict, Language::Vi),
                    "en": self.sentence(verdict, Language::En),
                    "fr": self.sentence(verdict, Language::Fr),
                },
            })
        };
        json!({
            "policy_version": decision.policy_version,
            "agency": self.caller.agency.id.as_str(),
            "purpose": self.purpose.id.as_str(),
            "basis": {
                "kind": self.purpose.basis_kind.as_str(),
                "reference": self.purpose.basis_reference,
            },
            "permitted": !decision.permits.is_empty(),
            "attributes": verdicts.iter().map(attribute).collect::<Vec<_>>(),
        })
    }

    fn sentence(&self, verdict: &Verdict<'_>, language: Language) -> String {
        let key = match verdict.why {
            Why::Allowed(kind) => format!("policy-explain-permit-{}", kind.as_str()),
            Why::Flag => "policy-explain-flag".to_owned(),
            Why::Denied(reason) => format!("policy-explain-deny-{}", reason.as_str()),
        };
        self.say(&key, &verdict.rule, language)
    }

    fn say(&self, key: &str, rule: &str, language: Language) -> String {
        let arguments = [
            ("agency", self.caller.agency.name.get(language)),
            ("purpose", self.purpose.title.get(language)),
            ("reference", self.purpose.basis_reference.as_ref()),
            ("rule", rule),
        ];
        texts().get(language, key, &arguments)
    }
}

fn unknown(language: Language, key: &str, name: &str, nearest: Option<String>) -> anyhow::Error {
    let mut text = texts().get(language, key, &[("name", name)]);
    if let Some(nearest) = nearest {
        let hint = texts().get(language, "policy-explain-nearest", &[("name", &nearest)]);
        text = format!("{text}; {hint}");
    }
    anyhow!(text)
}

/// Stands for any grown-up, born in 1985.
const SOMEBODY: &str = "001185012345";
/// Stands for any child, born in 2020.
const SOME_CHILD: &str = "001220012345";
/// Stands for any enterprise; the published example of check digits.
const SOME_ENTERPRISE: &str = "0100109106";
