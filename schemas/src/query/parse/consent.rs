//! The fields of a consent.

use super::Fields;
use crate::{
    catalogue::Catalogue,
    consent::{ConsentRequest, ConsentUses, NamedAttributes, PURPOSES_MAX},
    ids::PurposeId,
    json,
    query::{ATTRIBUTES_MAX, Applicant, Mistake, QueryError},
};
use jiff::{Timestamp, civil::Date, tz::Offset};
use serde_json::Value;

const FIELDS: [&str; 7] = [
    "agency",
    "purposes",
    "attributes",
    "from",
    "until",
    "uses",
    "on_behalf_of",
];

pub(crate) fn consent(body: &[u8], catalogue: &Catalogue) -> Result<ConsentRequest, QueryError> {
    let value = json::parse(body, super::DEPTH_MAX)?;
    let mut fields = Fields::of(&value, "agency", &FIELDS)?;
    let consent = fields.consent(catalogue);
    fields.finish(consent)
}

pub(crate) fn on_behalf_of(body: &[u8]) -> Result<Option<Applicant>, QueryError> {
    let value = json::parse(body, super::DEPTH_MAX)?;
    let mut fields = Fields::of(&value, "on_behalf_of", &[])?;
    let other = fields.optional("on_behalf_of", Fields::applicant);
    fields.finish(Some(other))
}

impl<'a> Fields<'a> {
    fn consent(&mut self, catalogue: &Catalogue) -> Option<ConsentRequest> {
        let agency = self.required("agency").and_then(|value| {
            let agency = self.text("/agency", value)?.parse().ok();
            if agency.is_none() {
                self.wrong("/agency", Mistake::UnknownAgency { nearest: None });
            }
            agency
        });
        let purposes = self.list("purposes", PURPOSES_MAX, Self::purpose_at);
        let attributes = self.list(
            "attributes",
            ATTRIBUTES_MAX as usize,
            |fields, at, value| fields.named_attributes(at, value, catalogue),
        );
        let from = self.optional("from", Self::time);
        let until = self
            .required("until")
            .and_then(|value| self.time("/until", value));
        let uses = self.required("uses").and_then(|value| {
            let words = [
                ("once", ConsentUses::Once),
                ("repeated", ConsentUses::Repeated),
            ];
            self.one_of("/uses", value, &words, "once, repeated")
        });
        let on_behalf_of = self.optional("on_behalf_of", Self::applicant);
        Some(ConsentRequest {
            agency: agency?,
            purposes: purposes?,
            attributes: attributes?,
            from,
            until: until?,
            uses: uses?,
            on_behalf_of,
        })
    }

    /// A list of 1 to `max` items; wrong ones are told and left out.
    fn list<T>(
        &mut self,
        field: &'static str,
        max: usize,
        read: impl Fn(&mut Self, &str, &'a Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        let pointer = format!("/{field}");
        let Some(items) = self.required(field)?.as_array() else {
            let expected = "an array of names";
            self.wrong(pointer, Mistake::WrongType { expected });
            return None;
        };
        if items.is_empty() {
            self.wrong(pointer, Mistake::Empty);
            return None;
        }
        if items.len() > max {
            self.wrong(pointer, Mistake::TooMany { max: max as u64 });
            return None;
        }
        let read = |(place, item)| read(self, &format!("{pointer}/{place}"), item);
        Some(items.iter().enumerate().filter_map(read).collect())
    }

    fn purpose_at(&mut self, pointer: &str, value: &'a Value) -> Option<PurposeId> {
        let purpose = self.text(pointer, value)?.parse().ok();
        if purpose.is_none() {
            self.wrong(pointer, Mistake::UnknownPurpose { nearest: None });
        }
        purpose
    }

    fn named_attributes(
        &mut self,
        pointer: &str,
        value: &'a Value,
        catalogue: &Catalogue,
    ) -> Option<NamedAttributes> {
        let name = self.text(pointer, value)?;
        match catalogue.resolve(name) {
            Ok((dataset, attributes)) => Some(NamedAttributes {
                dataset,
                attributes,
                whole: catalogue.dataset(dataset).name.as_ref() == name,
            }),
            Err(error) => {
                self.wrong(pointer, error.into());
                None
            }
        }
    }

    /// A moment (RFC 3339), or a day, which begins at midnight in Vietnam.
    pub(super) fn time(&mut self, pointer: &str, value: &'a Value) -> Option<Timestamp> {
        let text = self.text(pointer, value)?;
        let day = |text: &str| {
            let day: Date = text.parse().ok()?;
            let midnight = day.at(0, 0, 0, 0);
            VIETNAM.to_timestamp(midnight).ok()
        };
        let is_day = text.len() == "2026-11-21".len();
        let time = if is_day { day(text) } else { text.parse().ok() };
        if time.is_none() {
            self.wrong(pointer, Mistake::TimeForm);
        }
        time
    }
}

/// Vietnam has had one time all year since 1975.
const VIETNAM: Offset = Offset::constant(7);
