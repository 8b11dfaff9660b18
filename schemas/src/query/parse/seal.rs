//! The fields of a seal.

use super::{Fields, Mistake};
use crate::{
    ids::PersonalId,
    json,
    query::QueryError,
    seal::{SealLevel, SealRequest},
};
use jiff::Timestamp;

pub(crate) fn seal(body: &[u8], now: Timestamp) -> Result<SealRequest, QueryError> {
    let value = json::parse(body, super::DEPTH_MAX)?;
    let mut fields = Fields::of(&value, "person", &["level", "ground", "until"])?;
    let person = fields.person();
    let level = fields.required("level").and_then(|value| {
        let words = [
            ("address", SealLevel::Address),
            ("identity", SealLevel::Identity),
        ];
        fields.one_of("/level", value, &words, "address, identity")
    });
    let ground = fields
        .required("ground")
        .and_then(|value| fields.statement("/ground", value));
    let until = fields
        .required("until")
        .and_then(|value| fields.time("/until", value));
    if until.is_some_and(|until| until <= now) {
        fields.wrong("/until", Mistake::Period);
    }
    let all = person.zip(level).zip(ground.zip(until));
    fields.finish(all.map(|((person, level), (ground, until))| SealRequest {
        person,
        level,
        ground,
        until,
    }))
}

pub(crate) fn person(body: &[u8]) -> Result<PersonalId, QueryError> {
    let value = json::parse(body, super::DEPTH_MAX)?;
    let mut fields = Fields::of(&value, "person", &[])?;
    let person = fields.person();
    fields.finish(person)
}

impl Fields<'_> {
    fn person(&mut self) -> Option<PersonalId> {
        self.required("person")
            .and_then(|value| self.parsed("/person", value))
    }
}
