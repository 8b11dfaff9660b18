//! From the registry's records to the dataset's attributes.

use crate::{
    codes::CodeTables,
    jq::{self, Jq, Surroundings, Val},
    manifest::{Attribute, Dataset, Protocol},
};
use motlan_adapter_sdk::{adapter::AdapterError, value};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, sync::Arc};

/// One call's view of a dataset's mapping: what is wanted, for whom.
#[derive(Debug)]
pub(crate) struct Mapping<'a> {
    dataset: &'a Dataset,
    protocol: Protocol,
    codes: &'a CodeTables,
    subject: Val,
    wanted: Vec<&'a Attribute>,
    /// The fields of a record that the wanted mappings may see.
    seen: BTreeSet<&'a str>,
    /// The fields that any mapping of the dataset reads.
    known: BTreeSet<&'a str>,
}

impl<'a> Mapping<'a> {
    pub(crate) fn new(
        dataset: &'a Dataset,
        protocol: Protocol,
        codes: &'a CodeTables,
        subject: &str,
        wanted: Vec<&'a Attribute>,
    ) -> Self {
        // A database's column is named whole, with the alias of its table.
        let member = move |field: &'a String| match protocol {
            Protocol::Sql => field.as_str(),
            _ => first(field),
        };
        let fields = |attribute: &'a Attribute| {
            let expression = &attribute.expression;
            expression.needs.iter().chain(&expression.given).map(member)
        };
        let of_subject = dataset.subject.needs.iter().chain(&dataset.subject.given);
        let of_subject = of_subject.chain(&dataset.always).chain(&dataset.at_least);
        let of_subject: BTreeSet<&str> = of_subject.map(member).collect();
        let seen = wanted
            .iter()
            .copied()
            .flat_map(fields)
            .chain(of_subject.iter().copied());
        Self {
            dataset,
            protocol,
            codes,
            subject: Val::text(subject),
            seen: seen.collect(),
            known: dataset
                .attributes
                .iter()
                .flat_map(fields)
                .chain(of_subject.iter().copied())
                .collect(),
            wanted,
        }
    }

    /// What expressions see beside their input.
    pub(crate) fn around(&self) -> Surroundings<'_> {
        Surroundings {
            codes: self.codes,
            subject: &self.subject,
        }
    }

    /// The fields to ask for, each once.
    pub(crate) fn fields(&self) -> Vec<&'a str> {
        let needs = self
            .wanted
            .iter()
            .flat_map(|attribute| &attribute.expression.needs);
        let needs = needs.chain(&self.dataset.subject.needs).map(String::as_str);
        let needs: BTreeSet<&str> = needs.collect();
        if needs.is_empty() {
            return self.dataset.at_least.iter().map(String::as_str).collect();
        }
        needs.into_iter().collect()
    }

    /// Whether a record is the subject's.
    pub(crate) fn is_own(&self, record: &Val) -> Result<bool, AdapterError> {
        let numbers = run(
            "subject",
            &self.dataset.subject.jq,
            record.clone(),
            self.around(),
        )?;
        let mut named = false;
        for number in &numbers {
            let list = number
                .items()
                .unwrap_or_else(|| std::slice::from_ref(number));
            for number in list.iter().filter(|number| !number.is_null()) {
                named = true;
                if number
                    .as_text()
                    .is_some_and(|number| Some(number.trim()) == self.subject.as_text())
                {
                    return Ok(true);
                }
            }
        }
        if named {
            Ok(false)
        } else {
            Err(AdapterError::malformed(
                "a record that does not say whose it is",
            ))
        }
    }

    /// The wanted attributes of a record. Where single fields were asked for, the mappings see only
    /// these; what else came is noted under names that no attribute has, to be counted and dropped.
    pub(crate) fn map(&self, record: Val) -> Result<Map<String, Value>, AdapterError> {
        let mut mapped = Map::new();
        let record = if self.dataset.selective {
            self.narrowed(record, &mut mapped)
        } else {
            record
        };
        for attribute in &self.wanted {
            if let Some(value) = self.attribute(attribute, record.clone())? {
                mapped.insert(attribute.name.clone(), value);
            }
        }
        Ok(mapped)
    }

    fn narrowed(&self, record: Val, surplus: &mut Map<String, Value>) -> Val {
        let Some(members) = record.members() else {
            return record;
        };
        if members.iter().all(|(name, _)| self.has(&self.seen, name)) {
            return record;
        }
        let mut kept: Vec<(Arc<str>, Val)> = Vec::with_capacity(members.len());
        for (name, value) in members {
            if self.has(&self.seen, name) {
                kept.push((Arc::clone(name), value.clone()));
            } else if !value.is_null() || !self.has(&self.known, name) {
                // A question mark is in no attribute's name.
                surplus.insert(format!("?{name}"), Value::Null);
            }
        }
        Val::object(kept)
    }

    fn has(&self, fields: &BTreeSet<&str>, member: &str) -> bool {
        fields.contains(member)
            || self.protocol == Protocol::Fhir
                && (FHIR_ALWAYS.contains(&member)
                    || choice(member).is_some_and(|name| fields.contains(name)))
    }

    fn attribute(&self, attribute: &Attribute, record: Val) -> Result<Option<Value>, AdapterError> {
        let name = &attribute.name;
        let unreadable = |what: &str| AdapterError::malformed(format!("`{name}` {what}"));
        let mut outputs = run(name, &attribute.expression.jq, record, self.around())?;
        let Some(value) = outputs.pop() else {
            return Ok(None);
        };
        if !outputs.is_empty() {
            return Err(unreadable("has more than one value"));
        }
        if let Some(table) = &attribute.codes
            && let Some(meaning) = jq::meaning(self.codes, table, &value)
                .map_err(|complaint| unreadable(&complaint))?
        {
            return Ok(Some(meaning.to_json()));
        }
        match attribute.kind {
            None => Ok(tidy(value.to_json())),
            Some(kind) => {
                let read = jq::read(kind, &value);
                let read = read.map_err(|expected| unreadable(&format!("is not {expected}")))?;
                Ok(Some(read.to_json()).filter(|value| !value.is_null()))
            }
        }
    }
}

/// Runs an expression of the manifest; a failure is the registry's, for it sent what does not fit.
pub(crate) fn run(
    name: &str,
    jq: &Jq,
    input: Val,
    around: Surroundings<'_>,
) -> Result<Vec<Val>, AdapterError> {
    jq.run(input, around)
        .map_err(|failure| AdapterError::malformed(format!("`{name}` {failure}")))
}

/// A value with its texts trimmed and in NFC, and without what says nothing.
fn tidy(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => value::text(&text).map(Value::String),
        Value::Array(items) => Some(Value::Array(items.into_iter().filter_map(tidy).collect())),
        Value::Object(members) => {
            let members = members.into_iter();
            Some(
                members
                    .filter_map(|(name, value)| Some((name, tidy(value)?)))
                    .collect(),
            )
        }
        Value::Bool(_) | Value::Number(_) => Some(value),
    }
}

/// The member of a record that a field is in.
fn first(field: &str) -> &str {
    field.split('.').next().unwrap_or(field)
}

/// The name of the choice that a FHIR element is one form of: `onset` for `onsetDateTime` (R4, 2.6.1.5).
fn choice(member: &str) -> Option<&str> {
    let form = member.find(|character: char| character.is_ascii_uppercase())?;
    member.get(..form)
}

/// What a FHIR server sends with every resource (R4, 3.1.1.5.9).
const FHIR_ALWAYS: [&str; 4] = ["resourceType", "id", "meta", "implicitRules"];
