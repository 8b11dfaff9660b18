//! What is known of a question beside what it says, as somebody types it for an explanation.

use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use motlan_policies::{
    consent::{Consent, ConsentTerms, ConsentUses, SubjectKey},
    decide::Caller,
    known::{Known, Seal, SubjectStatus, Verified},
};
use motlan_schemas::{
    ids::ConsentId,
    query::{Applicant, Emergency, EmergencyGround, Query, Relation},
};
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error};

#[derive(Debug, Args)]
pub(super) struct Facts {
    /// Where the citizen's consent to all of this stands.
    #[arg(long, default_value = "absent")]
    consent: Standing,
    /// When it is asked, as `2026-11-21T08:00:00Z`; now unless given.
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<Timestamp>,
    /// A role of the officer, for which the token vouches; several may be given.
    #[arg(long = "role")]
    pub(super) roles: Vec<String>,
    /// The network zone from which the call comes.
    #[arg(long)]
    zone: Option<String>,
    /// How far the person's data is sealed.
    #[arg(long)]
    seal: Option<Sealed>,
    /// A record says that the person is dead.
    #[arg(long)]
    deceased: bool,
    /// Somebody acts for the person: as `parent`, `guardian` or `attorney`.
    #[arg(long, value_name = "RELATION", value_parser = named::<Relation>)]
    applicant: Option<Relation>,
    /// What the registers show of that relation.
    #[arg(long, default_value = "confirmed", requires = "applicant")]
    shown: Shown,
    /// The data is needed at once: `life_at_risk`, `others_at_risk`, `missing_person`, `disaster`.
    #[arg(long, value_name = "GROUND", value_parser = named::<EmergencyGround>)]
    emergency: Option<EmergencyGround>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Standing {
    Given,
    Absent,
    Expired,
    Withdrawn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sealed {
    /// Nobody may learn where they live.
    Address,
    /// Nobody may learn anything.
    Identity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shown {
    Confirmed,
    Refuted,
    Unknown,
}

impl Facts {
    pub(super) fn known<'a>(&self, consents: &'a [Consent]) -> Known<'a> {
        Known {
            consents,
            subject: SubjectStatus {
                seal: match self.seal {
                    None => Seal::None,
                    Some(Sealed::Address) => Seal::Address,
                    Some(Sealed::Identity) => Seal::Identity,
                },
                deceased: self.deceased,
            },
            applicant: match self.shown {
                Shown::Confirmed => Verified::Confirmed,
                Shown::Refuted => Verified::Refuted,
                Shown::Unknown => Verified::Unknown,
            },
            zone: self.zone.as_deref().map(Into::into),
        }
    }

    /// What the question itself says of them.
    pub(super) fn write_into(&self, query: &mut Query) -> anyhow::Result<()> {
        let person = SOMEBODY_ELSE.parse()?;
        let question = &mut query.question;
        question.applicant = self
            .applicant
            .map(|relation| Applicant { person, relation });
        question.emergency = self.emergency.map(|ground| Emergency {
            ground,
            reason: "explained offline".into(),
        });
        Ok(())
    }

    /// A consent of the standing to all that is asked, or none.
    pub(super) fn consents(
        &self,
        caller: &Caller,
        query: &Query,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Consent>> {
        let day = SignedDuration::from_hours(24);
        let given_at = now.checked_sub(day * 2)?;
        let until = match self.consent {
            Standing::Absent => return Ok(Vec::new()),
            Standing::Given | Standing::Withdrawn => now.checked_add(day)?,
            Standing::Expired => now.checked_sub(day)?,
        };
        let terms = ConsentTerms {
            subject: SubjectKey([0; 32]),
            agency: caller.agency.id.clone(),
            purposes: vec![query.question.purpose.clone()],
            attributes: query.question.selection.clone(),
            from: given_at,
            until,
            uses: ConsentUses::Repeated,
            giver: None,
        };
        let consent = Consent::give(ConsentId::new(given_at, [0; 10]), terms, given_at)?;
        Ok(vec![match self.consent {
            Standing::Withdrawn => consent.withdraw(now)?,
            Standing::Given | Standing::Absent | Standing::Expired => consent,
        }])
    }
}

/// A value by its name on the wire; one that does not exist is told with those that do.
fn named<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(text.into_deserializer())
}

/// Stands for whoever acts for the person.
const SOMEBODY_ELSE: &str = "001062012345";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        facts: Facts,
    }

    fn facts(arguments: &[&str]) -> Facts {
        Line::try_parse_from([&["x"], arguments].concat())
            .unwrap()
            .facts
    }

    #[test]
    fn what_is_not_typed_is_not_known() {
        let facts = facts(&[]);
        let known = facts.known(&[]);
        assert_eq!(known.subject, SubjectStatus::default());
        assert_eq!(known.zone, None);
        assert_eq!(
            (facts.applicant, facts.emergency, facts.at),
            (None, None, None)
        );
    }

    #[test]
    fn what_is_typed_is_known() {
        let facts = facts(&[
            "--seal",
            "identity",
            "--deceased",
            "--zone",
            "government",
            "--applicant",
            "guardian",
            "--shown",
            "refuted",
            "--emergency",
            "missing_person",
        ]);
        let known = facts.known(&[]);
        assert_eq!(known.subject.seal, Seal::Identity);
        assert!(known.subject.deceased);
        assert_eq!(known.applicant, Verified::Refuted);
        assert_eq!(known.zone.as_deref(), Some("government"));
        assert_eq!(facts.applicant, Some(Relation::Guardian));
        assert_eq!(facts.emergency, Some(EmergencyGround::MissingPerson));
    }

    #[test]
    fn a_relation_that_does_not_exist_is_told_with_those_that_do() {
        let error = Line::try_parse_from(["x", "--applicant", "uncle"]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`parent`, `guardian`, `attorney`"),
            "{error}"
        );
    }
}
