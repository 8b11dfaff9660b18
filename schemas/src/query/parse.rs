//! From bytes to a [`Query`], collecting every mistake rather than stopping at the first.

mod consent;
mod fields;
mod seal;

pub(crate) use consent::{consent, on_behalf_of};
pub(crate) use fields::Fields;
pub(crate) use seal::{person, seal};

use super::{
    ATTRIBUTES_MAX, Applicant, Batch, DEADLINE_MS_DEFAULT, DEADLINE_MS_MAX, Emergency,
    EmergencyGround, Hidden, MAX_AGE_SECONDS_MAX, Mistake, Query, QueryError, Question, Relation,
    Require, SUBJECTS_MAX, Subject,
};
use crate::{
    catalogue::{Catalogue, DatasetId, Selection, names::NameError},
    codes::{PROVINCES_MAX, Provinces},
    json,
};
use serde_json::Value;
use std::{str::FromStr, time::Duration};

/// A question is an object of arrays and objects of texts: nothing in it is nested deeper.
pub(crate) const DEPTH_MAX: usize = 4;

const QUESTION_FIELDS: [&str; 11] = [
    "purpose",
    "select",
    "case",
    "officer",
    "max_age_seconds",
    "deadline_ms",
    "require",
    "provinces",
    "applicant",
    "emergency",
    "hidden",
];

/// A batch is no place for one applicant, one emergency or one order.
const BATCH_FIELDS: usize = 8;

pub(super) fn query(body: &[u8], catalogue: &Catalogue) -> Result<Query, QueryError> {
    let value = json::parse(body, DEPTH_MAX)?;
    let mut fields = Fields::of(&value, "subject", &QUESTION_FIELDS)?;
    let subject = fields
        .required("subject")
        .and_then(|value| fields.subject("/subject", value));
    let question = fields.question(catalogue);
    fields
        .finish(subject.zip(question))
        .map(|(subject, question)| Query { subject, question })
}

pub(super) fn batch(body: &[u8], catalogue: &Catalogue) -> Result<Batch, QueryError> {
    let value = json::parse(body, DEPTH_MAX + 1)?;
    let known = QUESTION_FIELDS.get(..BATCH_FIELDS).unwrap_or_default();
    let mut fields = Fields::of(&value, "subjects", known)?;
    let subjects = fields.subjects();
    let question = fields.question(catalogue);
    fields
        .finish(subjects.zip(question))
        .map(|(subjects, question)| Batch { subjects, question })
}

impl<'a> Fields<'a> {
    fn question(&mut self, catalogue: &Catalogue) -> Option<Question> {
        self.question_about(|fields| {
            let value = fields.required("select")?;
            fields.select(value, catalogue)
        })
    }

    /// A question whose selection is read, or made, by the caller.
    pub(crate) fn question_about(
        &mut self,
        select: impl FnOnce(&mut Self) -> Option<(Selection, Vec<DatasetId>)>,
    ) -> Option<Question> {
        let purpose = self
            .required("purpose")
            .and_then(|value| self.purpose(value));
        let selection = select(self);
        let case = self.optional("case", Self::label);
        let officer = self.optional("officer", Self::label);
        let max_age = self.optional("max_age_seconds", |fields, pointer, value| {
            fields
                .number(pointer, value, 0, MAX_AGE_SECONDS_MAX)
                .map(Duration::from_secs)
        });
        let deadline = self.optional("deadline_ms", |fields, pointer, value| {
            fields.number(pointer, value, 1, DEADLINE_MS_MAX)
        });
        let require = self.optional("require", Self::require);
        let provinces = self.optional("provinces", Self::provinces);
        let applicant = self.optional("applicant", Self::applicant);
        let emergency = self.optional("emergency", Self::emergency);
        let hidden = self.optional("hidden", Self::hidden);
        let (selection, whole_datasets) = selection?;
        Some(Question {
            purpose: purpose?,
            selection,
            whole_datasets,
            case,
            officer,
            max_age,
            deadline: Duration::from_millis(deadline.unwrap_or(DEADLINE_MS_DEFAULT)),
            require: require.unwrap_or_default(),
            provinces: provinces.unwrap_or(Provinces::ALL),
            applicant,
            emergency,
            hidden,
            check: None,
        })
    }

    fn label<T: FromStr>(&mut self, pointer: &str, value: &'a Value) -> Option<T>
    where
        Mistake: From<T::Err>,
    {
        self.parsed(pointer, value)
    }

    /// `{"person": "<12 digits>", "relation": "parent"}`.
    fn applicant(&mut self, pointer: &str, value: &'a Value) -> Option<Applicant> {
        let [person, relation] = self.members_of(pointer, value, ["person", "relation"])?;
        let person = self.parsed(&format!("{pointer}/person"), person);
        let relation = self.one_of(
            &format!("{pointer}/relation"),
            relation,
            &Relation::ALL.map(|relation| (relation.as_str(), relation)),
            "parent, guardian, attorney",
        );
        Some(Applicant {
            person: person?,
            relation: relation?,
        })
    }

    /// `{"ground": "life_at_risk", "reason": "…"}`.
    fn emergency(&mut self, pointer: &str, value: &'a Value) -> Option<Emergency> {
        let [ground, reason] = self.members_of(pointer, value, ["ground", "reason"])?;
        let ground = self.one_of(
            &format!("{pointer}/ground"),
            ground,
            &EmergencyGround::ALL.map(|ground| (ground.as_str(), ground)),
            "life_at_risk, others_at_risk, missing_person, disaster",
        );
        let reason = self.statement(&format!("{pointer}/reason"), reason);
        Some(Emergency {
            ground: ground?,
            reason: reason?,
        })
    }

    /// `{"order": "12/QĐ-CSHS", "until": "2027-05-01"}`.
    fn hidden(&mut self, pointer: &str, value: &'a Value) -> Option<Hidden> {
        let [order, until] = self.members_of(pointer, value, ["order", "until"])?;
        let order = self.label(&format!("{pointer}/order"), order);
        let until = self.time(&format!("{pointer}/until"), until);
        Some(Hidden {
            order: order?,
            until: until?,
        })
    }

    fn require(&mut self, pointer: &str, value: &'a Value) -> Option<Require> {
        let words = [("any", Require::Any), ("all", Require::All)];
        self.one_of(pointer, value, &words, "any, all")
    }

    /// `["01", "79"]`.
    fn provinces(&mut self, pointer: &str, value: &'a Value) -> Option<Provinces> {
        let Some(codes) = value.as_array() else {
            let expected = "an array of codes of provinces";
            self.wrong(pointer, Mistake::WrongType { expected });
            return None;
        };
        if codes.is_empty() {
            self.wrong(pointer, Mistake::Empty);
        }
        if codes.len() > PROVINCES_MAX {
            let max = PROVINCES_MAX as u64;
            self.wrong(pointer, Mistake::TooMany { max });
            return None;
        }
        let mut provinces = Provinces::NONE;
        for (place, code) in codes.iter().enumerate() {
            let pointer = format!("{pointer}/{place}");
            let Some(code) = self.text(&pointer, code) else {
                continue;
            };
            match Provinces::named(code) {
                Ok(province) if !provinces.is_disjoint(province) => {
                    self.wrong(pointer, Mistake::Repeated);
                }
                Ok(province) => provinces = provinces | province,
                Err(error) => self.wrong(pointer, error.into()),
            }
        }
        Some(provinces)
    }

    fn purpose(&mut self, value: &'a Value) -> Option<crate::ids::PurposeId> {
        let text = self.text("/purpose", value)?;
        let purpose = text.parse().ok();
        if purpose.is_none() {
            self.wrong("/purpose", Mistake::UnknownPurpose { nearest: None });
        }
        purpose
    }

    fn subjects(&mut self) -> Option<Vec<Subject>> {
        let Some(items) = self.required("subjects")?.as_array() else {
            self.wrong(
                "/subjects",
                Mistake::WrongType {
                    expected: "an array of subjects",
                },
            );
            return None;
        };
        if items.is_empty() {
            self.wrong("/subjects", Mistake::Empty);
        }
        if items.len() > SUBJECTS_MAX {
            self.wrong(
                "/subjects",
                Mistake::TooMany {
                    max: SUBJECTS_MAX as u64,
                },
            );
            return None;
        }
        let read = |(place, item)| self.subject(&format!("/subjects/{place}"), item);
        Some(items.iter().enumerate().filter_map(read).collect())
    }

    pub(crate) fn subject(&mut self, pointer: &str, value: &'a Value) -> Option<Subject> {
        let Some(members) = value.as_object() else {
            self.wrong(pointer, Mistake::SubjectForm);
            return None;
        };
        let mut members_left = members.iter();
        match (members_left.next(), members_left.next()) {
            (Some((key, value)), None) if key == "person" => self
                .parsed(&format!("{pointer}/person"), value)
                .map(Subject::Person),
            (Some((key, value)), None) if key == "enterprise" => self
                .parsed(&format!("{pointer}/enterprise"), value)
                .map(Subject::Enterprise),
            _ => {
                self.wrong(pointer, Mistake::SubjectForm);
                None
            }
        }
    }

    fn select(
        &mut self,
        value: &'a Value,
        catalogue: &Catalogue,
    ) -> Option<(Selection, Vec<DatasetId>)> {
        let Some(names) = value.as_array() else {
            self.wrong(
                "/select",
                Mistake::WrongType {
                    expected: "an array of names",
                },
            );
            return None;
        };
        if names.is_empty() {
            self.wrong("/select", Mistake::Empty);
        }
        if names.len() > ATTRIBUTES_MAX as usize {
            self.wrong(
                "/select",
                Mistake::TooMany {
                    max: ATTRIBUTES_MAX.into(),
                },
            );
            return None;
        }
        let mut selection = Selection::default();
        let mut whole_datasets = Vec::new();
        for (place, name) in names.iter().enumerate() {
            let pointer = format!("/select/{place}");
            let Some(name) = self.text(&pointer, name) else {
                continue;
            };
            match catalogue.resolve(name) {
                Ok((dataset, attributes)) => {
                    selection.add(dataset, attributes);
                    if catalogue.dataset(dataset).name.as_ref() == name {
                        whole_datasets.push(dataset);
                    }
                }
                Err(error) => self.wrong(pointer, error.into()),
            }
        }
        if selection.attribute_count() > ATTRIBUTES_MAX {
            self.wrong(
                "/select",
                Mistake::TooMany {
                    max: ATTRIBUTES_MAX.into(),
                },
            );
        }
        Some((selection, whole_datasets))
    }
}

impl From<NameError> for Mistake {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Wildcard => Self::Wildcard,
            NameError::RegistryAlone(_) => Self::RegistryAlone,
            NameError::Unknown { nearest } => Self::UnknownAttribute { nearest },
        }
    }
}
