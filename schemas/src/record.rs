//! What a registry said of one subject, kept as compact JSON text by attribute.
//!
//! A record is parsed once, when it comes from the registry. From then on it is text with marks,
//! so that a cached answer is made by copying the permitted stretches and nothing else.

use crate::{
    catalogue::{AttributeIndex, AttributeSet, Dataset},
    ids::PersonalId,
};
use serde_json::{Map, Value};

/// The attributes of one record, each as JSON text.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    text: Box<str>,
    /// For each attribute where its text ends; it starts where the one before ended.
    ends: Box<[(AttributeIndex, u32)]>,
}

/// Everything a registry said of one subject in one dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Records {
    /// The registry knows no such subject, or holds nothing of this kind about it.
    Absent,
    /// The one record of a dataset with cardinality one.
    One(Record),
    /// The records of a dataset with cardinality many.
    Many(Box<[Record]>),
}

impl Record {
    /// Takes the attributes of `dataset` out of a JSON object; `null` means not recorded.
    ///
    /// Also tells how many members the object had that are no attribute of the dataset.
    #[must_use]
    pub fn new(dataset: &Dataset, object: &Map<String, Value>) -> (Self, usize) {
        let mut text = String::new();
        let mut ends = Vec::new();
        let mut known = 0;
        for attribute in &dataset.attributes {
            let Some(value) = object.get(attribute.name.as_ref()) else {
                continue;
            };
            known += 1;
            if !value.is_null() {
                text.push_str(&value.to_string());
                ends.push((
                    attribute.index,
                    u32::try_from(text.len()).unwrap_or(u32::MAX),
                ));
            }
        }
        (
            Self {
                text: text.into(),
                ends: ends.into(),
            },
            object.len() - known,
        )
    }

    /// The attributes that have a value.
    #[must_use]
    pub fn attributes(&self) -> AttributeSet {
        self.ends.iter().map(|(index, _)| *index).collect()
    }

    /// Each attribute with the JSON text of its value.
    pub fn values(&self) -> impl Iterator<Item = (AttributeIndex, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |(index, end)| {
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            let value = self.text.get(start..end).unwrap_or("null");
            start = end;
            (*index, value)
        })
    }

    /// The same record with only the attributes of `keep`.
    #[must_use]
    pub fn project(&self, keep: AttributeSet) -> Self {
        let mut text = String::new();
        let mut ends = Vec::new();
        for (index, value) in self.values().filter(|(index, _)| keep.contains(*index)) {
            text.push_str(value);
            ends.push((index, u32::try_from(text.len()).unwrap_or(u32::MAX)));
        }
        Self {
            text: text.into(),
            ends: ends.into(),
        }
    }

    fn write_json(&self, dataset: &Dataset, keep: AttributeSet, out: &mut String) {
        out.push('{');
        let mut comma = "";
        for (index, value) in self.values().filter(|(index, _)| keep.contains(*index)) {
            let Some(attribute) = dataset.attributes.get(usize::from(index.get())) else {
                continue;
            };
            out.push_str(comma);
            out.push('"');
            // Attribute names are snake_case ASCII and need no escape.
            out.push_str(&attribute.name);
            out.push_str("\":");
            out.push_str(value);
            comma = ",";
        }
        out.push('}');
    }

    fn bytes(&self) -> usize {
        self.text.len() + size_of_val(self.ends.as_ref()) + size_of::<Self>()
    }
}

impl Records {
    /// The records, none for an absent subject.
    #[must_use]
    pub fn as_slice(&self) -> &[Record] {
        match self {
            Self::Absent => &[],
            Self::One(record) => std::slice::from_ref(record),
            Self::Many(records) => records,
        }
    }

    /// The same records with only the attributes of `keep`.
    #[must_use]
    pub fn project(&self, keep: AttributeSet) -> Self {
        match self {
            Self::Absent => Self::Absent,
            Self::One(record) => Self::One(record.project(keep)),
            Self::Many(records) => Self::Many(records.iter().map(|r| r.project(keep)).collect()),
        }
    }

    /// The attributes that any record has a value for.
    #[must_use]
    pub fn attributes(&self) -> AttributeSet {
        self.as_slice()
            .iter()
            .fold(AttributeSet::EMPTY, |set, record| set | record.attributes())
    }

    /// The wire form of the attributes in `keep`: an object, an array of objects, or `None` for an
    /// absent subject.
    #[must_use]
    pub fn to_json(&self, dataset: &Dataset, keep: AttributeSet) -> Option<String> {
        let mut out = String::with_capacity(self.bytes());
        match self {
            Self::Absent => return None,
            Self::One(record) => record.write_json(dataset, keep, &mut out),
            Self::Many(records) => {
                out.push('[');
                for (place, record) in records.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    record.write_json(dataset, keep, &mut out);
                }
                out.push(']');
            }
        }
        Some(out)
    }

    /// The persons whom values identify (`x-person`), with the attributes that do so, each once.
    #[must_use]
    pub fn persons(&self, dataset: &Dataset) -> Vec<(PersonalId, AttributeIndex)> {
        let naming: AttributeSet = dataset
            .attributes
            .iter()
            .filter(|a| a.person)
            .map(|a| a.index)
            .collect();
        let mut persons = Vec::new();
        for (index, text) in self.as_slice().iter().flat_map(Record::values) {
            if naming.contains(index) {
                let mut named = Vec::new();
                collect_persons(&serde_json::from_str(text).unwrap_or_default(), &mut named);
                persons.extend(named.into_iter().map(|person| (person, index)));
            }
        }
        persons.sort_unstable();
        persons.dedup();
        persons
    }

    /// How much memory the records take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.as_slice().iter().map(Record::bytes).sum::<usize>()
    }
}

/// Values are personal data: only their size is shown.
impl std::fmt::Debug for Record {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Record({} attributes, redacted)",
            self.ends.len()
        )
    }
}

fn collect_persons(value: &Value, persons: &mut Vec<PersonalId>) {
    match value {
        Value::String(text) => persons.extend(text.parse::<PersonalId>()),
        Value::Array(items) => items.iter().for_each(|item| collect_persons(item, persons)),
        Value::Object(members) => members
            .values()
            .for_each(|item| collect_persons(item, persons)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use serde_json::json;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn only_kept_attributes_are_written_and_unknown_members_are_counted() {
        let catalogue = Catalogue::national();
        let identity = catalogue.dataset_named("population.identity").unwrap();
        let source = object(
            &json!({"full_name": "A \"B\"", "sex": null, "birth_date": "1985", "shoe_size": 38}),
        );
        let (record, unknown) = Record::new(identity, &source);
        assert_eq!(unknown, 1);
        let records = Records::One(record);
        let (_, keep) = catalogue.resolve("population.identity.full_name").unwrap();
        assert_eq!(
            records.to_json(identity, keep).unwrap(),
            r#"{"full_name":"A \"B\""}"#
        );
        assert_eq!(records.project(keep).attributes(), keep);
        assert_eq!(
            serde_json::from_str::<Value>(&records.to_json(identity, identity.all()).unwrap())
                .unwrap(),
            json!({"full_name": "A \"B\"", "birth_date": "1985"})
        );
    }

    #[test]
    fn persons_are_found_in_nested_values() {
        let catalogue = Catalogue::national();
        let parcels = catalogue.dataset_named("land.parcels").unwrap();
        let owners = json!({"parcel_id": "x", "co_owners": [
            {"full_name": "B", "personal_id": "001082004321"}, {"full_name": "C", "personal_id": "001082004321"}]});
        let (record, _) = Record::new(parcels, &object(&owners));
        let records = Records::Many(Box::new([record]));
        let owners = parcels.attribute("co_owners").unwrap().index;
        assert_eq!(
            records.persons(parcels),
            [("001082004321".parse().unwrap(), owners)]
        );
    }
}
