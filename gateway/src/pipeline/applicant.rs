//! Whether the applicant may act for the subject: looked up in civil status, never believed.
//!
//! The gateway asks as an agency of its own, for a purpose of its own, under the same rules as
//! everybody: a permit, the cache, an entry in the log. What it reads stays inside; only whether
//! the claim holds goes into the decision.

use super::{Pipeline, Read, entry, federation, known::Learned};
use crate::{api::circumstances::Circumstances, random};
use jiff::{Timestamp, civil::Date, tz::Offset};
use motlan_access_log::log::AppendError;
use motlan_policies::{
    decide::{Caller, Policies},
    known::Verified,
};
use motlan_schemas::{
    answer::{Answer, Datasets},
    catalogue::Selection,
    codes::Provinces,
    date::PartialDate,
    ids::{PersonalId, QueryId},
    query::{Applicant, Query, Question, Relation, Require, Subject},
};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// What looking up a claim came to.
struct Verification {
    verified: Verified,
    /// The dataset that shows it, where it holds.
    by: Option<String>,
    /// Says that it was looked up.
    entry: motlan_access_log::entry::EncodedEntry,
}

impl Pipeline {
    /// Learns whether the applicant of a question may act for its subject.
    pub(super) async fn verify_applicant(
        &self,
        query: &Query,
        policies: &Policies,
        learned: &mut Learned,
        on: &Circumstances,
        until: Instant,
    ) -> Result<(), AppendError> {
        let (Some(applicant), Subject::Person(subject)) =
            (&query.question.applicant, &query.subject)
        else {
            return Ok(());
        };
        let verification = self.verify(policies, applicant, subject, on, until).await?;
        if let Some(Verification {
            verified,
            by,
            entry,
        }) = verification
        {
            learned.applicant = verified;
            learned.verified_by = by;
            learned.lookup = Some(entry);
        }
        Ok(())
    }

    /// Looks up whether somebody may act for a person, and logs that it was looked up.
    ///
    /// # Errors
    /// The access log took no entry: then nothing may be done on the ground of it.
    pub async fn verify_and_log(
        &self,
        policies: &Policies,
        applicant: &Applicant,
        subject: &PersonalId,
        on: &Circumstances,
        until: Instant,
    ) -> Result<Option<(Verified, Option<String>)>, AppendError> {
        let verification = self.verify(policies, applicant, subject, on, until).await?;
        let Some(verification) = verification else {
            return Ok(None);
        };
        self.log.append(vec![verification.entry]).await?;
        Ok(Some((verification.verified, verification.by)))
    }

    /// Looks up whether somebody may act for a person; `None` where no register can say.
    ///
    /// # Errors
    /// The entry cannot be written.
    async fn verify(
        &self,
        policies: &Policies,
        applicant: &Applicant,
        subject: &PersonalId,
        on: &Circumstances,
        until: Instant,
    ) -> Result<Option<Verification>, AppendError> {
        let Some(agency) = self.own_agency(policies) else {
            return Ok(None);
        };
        let Some((record, selection)) = self.evidence(applicant.relation) else {
            return Ok(None);
        };
        let Some(query) = question(*subject, selection) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let id = QueryId::new(now, random::bytes(self.random.as_ref()));
        let mut learned = self.learn(&agency, &query, policies, on).await;
        // Who may act for a person under protection is looked up all the same; nobody is told
        // anything but yes or no.
        learned.subject.seal = motlan_policies::known::Seal::None;
        let mut decision = policies.decide(&agency, id, &query, &learned.view(), now);
        let permits = std::mem::take(&mut decision.permits);
        let provinces = query.question.provinces;
        let mut reads = self.read_all(permits, provinces, on, until).await;
        federation::refuse_contradictions(&self.catalogue, &mut reads);
        let verified = self.shown_by(&reads, applicant, today(now));
        let answer = Answer {
            query_id: id,
            complete: false,
            datasets: Datasets::default(),
            denied: Vec::new(),
            receipt: None,
        };
        let entry = self.entries.lookup(
            &entry::Happened {
                query: &query,
                decision: &decision,
                reads: &reads,
                answer: &answer,
                learned: &learned,
                digest: None,
                purpose: policies.purposes().get(&query.question.purpose),
                trace_id: on.trace.trace_id,
                now,
                random: self.random.as_ref(),
            },
            applicant.relation,
        )?;
        let by = (verified == Verified::Confirmed).then(|| record.to_owned());
        Ok(Some(Verification {
            verified,
            by,
            entry,
        }))
    }

    /// The gateway as an agency of its own policies.
    fn own_agency(&self, policies: &Policies) -> Option<Caller> {
        let agency = policies.agencies().get(&OWN_AGENCY.parse().ok()?)?;
        Some(Caller {
            agency: Arc::clone(agency),
            client: OWN_AGENCY.parse().ok()?,
            officer: None,
            roles: Vec::new(),
        })
    }

    /// The record that shows a relation, and what is read of it.
    fn evidence(&self, relation: Relation) -> Option<(&'static str, Selection)> {
        let (record, attributes): (_, &[&str]) = match relation {
            Relation::Parent => (BIRTH, &["mother_personal_id", "father_personal_id", "date"]),
            Relation::Guardian => (
                GUARDIANSHIP,
                &["guardian_personal_id", "from", "until", "status"],
            ),
            Relation::Attorney => return None,
        };
        let names = attributes.iter().map(|name| format!("{record}.{name}"));
        let selection = names.map(|name| self.catalogue.resolve(&name).ok());
        Some((record, selection.collect::<Option<Selection>>()?))
    }

    /// What the records say of the claim: confirmed only by a record that names the applicant and
    /// counts today, refuted only where every registry answered.
    fn shown_by(&self, reads: &[Read], applicant: &Applicant, today: Date) -> Verified {
        // One dataset is asked for; without a permit there is no read of it.
        let Some(read) = reads.first() else {
            return Verified::Unknown;
        };
        let is_known = federation::first_problem(reads).is_none();
        let otherwise = if is_known {
            Verified::Refuted
        } else {
            Verified::Unknown
        };
        let dataset = self.catalogue.dataset(read.permit.dataset());
        let Some(data) = federation::to_json(dataset, reads) else {
            return otherwise;
        };
        let Ok(data) = serde_json::from_str::<Value>(&data) else {
            return Verified::Unknown;
        };
        let holds = match &data {
            Value::Array(records) => records
                .iter()
                .any(|record| is_guardian(record, &applicant.person, today)),
            record => is_parent(record, &applicant.person, today),
        };
        match holds {
            true => Verified::Confirmed,
            false => otherwise,
        }
    }
}

/// A parent by the birth record, of a child who is certainly still a minor.
fn is_parent(birth: &Value, person: &PersonalId, today: Date) -> bool {
    let named = |field| text(birth, field) == Some(person.expose());
    let valid = birth.get("cancelled") != Some(&Value::Bool(true));
    let born = date(birth, "date");
    // Where only the year is known, the child counts as born at its beginning.
    let minor = born.is_some_and(|born| age(born.earliest(), today) < MAJORITY);
    valid && minor && (named("mother_personal_id") || named("father_personal_id"))
}

/// A guardian by a guardianship in force.
fn is_guardian(guardianship: &Value, person: &PersonalId, today: Date) -> bool {
    let begun = date(guardianship, "from").is_some_and(|from| from.latest() <= today);
    let over = date(guardianship, "until").is_some_and(|until| until.earliest() < today);
    let in_force = text(guardianship, "status") == Some("in_force");
    let named = text(guardianship, "guardian_personal_id") == Some(person.expose());
    named && in_force && begun && !over
}

fn text<'a>(record: &'a Value, field: &str) -> Option<&'a str> {
    record.get(field).and_then(Value::as_str)
}

fn date(record: &Value, field: &str) -> Option<PartialDate> {
    text(record, field)?.parse().ok()
}

fn age(born: Date, today: Date) -> i16 {
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    today.year() - born.year() - i16::from(!had_birthday)
}

/// The day in Vietnam, which has had one time all year since 1975.
pub(super) fn today(now: Timestamp) -> Date {
    Offset::constant(7).to_datetime(now).date()
}

/// The gateway's own question about a person.
fn question(subject: PersonalId, selection: Selection) -> Option<Query> {
    let question = Question {
        purpose: OWN_PURPOSE.parse().ok()?,
        selection,
        whole_datasets: Vec::new(),
        case: None,
        officer: None,
        max_age: None,
        deadline: Duration::from_secs(5),
        require: Require::Any,
        provinces: Provinces::ALL,
        applicant: None,
        emergency: None,
        hidden: None,
        check: None,
    };
    Some(Query {
        subject: Subject::Person(subject),
        question,
    })
}

/// `policies/agencies/motlan-gateway.toml`; it has no client, so nobody can call as it.
const OWN_AGENCY: &str = "motlan-gateway";
/// `policies/purposes/representation-verification.toml`.
const OWN_PURPOSE: &str = "representation-verification";
const BIRTH: &str = "civil_status.birth";
const GUARDIANSHIP: &str = "civil_status.guardianships";
/// Civil Code 91/2015/QH13, Article 20.
const MAJORITY: i16 = 18;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_parent_is_one_by_the_birth_record_until_the_child_is_eighteen() {
        let (mother, other) = (
            "001185012345".parse().unwrap(),
            "001082004321".parse().unwrap(),
        );
        let birth = json!({"mother_personal_id": "001185012345", "date": "2016-03-08"});
        assert!(is_parent(&birth, &mother, day("2026-11-21")));
        assert!(!is_parent(&birth, &other, day("2026-11-21")));
        assert!(is_parent(&birth, &mother, day("2034-03-07")));
        assert!(!is_parent(&birth, &mother, day("2034-03-08")));
        let cancelled =
            json!({"mother_personal_id": "001185012345", "date": "2016-03-08", "cancelled": true});
        assert!(!is_parent(&cancelled, &mother, day("2026-11-21")));
        let undated = json!({"mother_personal_id": "001185012345"});
        assert!(!is_parent(&undated, &mother, day("2026-11-21")));
    }

    #[test]
    fn a_child_of_whom_only_the_year_is_known_counts_as_born_at_its_beginning() {
        let mother = "001185012345".parse().unwrap();
        let birth = json!({"mother_personal_id": "001185012345", "date": "2009"});
        assert!(is_parent(&birth, &mother, day("2026-12-31")));
        assert!(!is_parent(&birth, &mother, day("2027-01-01")));
    }

    #[test]
    fn a_guardian_is_one_while_the_guardianship_is_in_force() {
        let guardian = "001185012345".parse().unwrap();
        let record = |from: &str, until: &str, status: &str| json!({"guardian_personal_id": "001185012345", "from": from, "until": until, "status": status});
        let today = day("2026-11-21");
        assert!(is_guardian(
            &record("2020-01-01", "2030-01-01", "in_force"),
            &guardian,
            today
        ));
        for other in [
            record("2026-11-22", "2030-01-01", "in_force"),
            record("2020-01-01", "2026-11-20", "in_force"),
            record("2020-01-01", "2030-01-01", "ended"),
            json!({"guardian_personal_id": "001082004321", "from": "2020", "status": "in_force"}),
        ] {
            assert!(!is_guardian(&other, &guardian, today), "{other}");
        }
    }
}
