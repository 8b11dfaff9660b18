//! From statements of the Beneficial Ownership Data Standard 0.4 to `business.owners`.
//!
//! A declaration is a heap of statements: about entities, about persons, about relationships from an
//! interested party to a subject. The owners of an enterprise are the parties of the relationships
//! whose subject it is, one record for each interest. Only one step is taken, so that enterprises that
//! own each other do no harm.

use crate::config::Owners;
use motlan_adapter_sdk::{
    adapter::AdapterError,
    field_map::at,
    value::{self, partial_date},
};
use motlan_schemas::ids::EnterpriseCode;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The owners of an enterprise; none where nothing is declared.
pub(crate) fn owners(
    config: &Owners,
    declaration: &Value,
    code: &EnterpriseCode,
) -> Result<Vec<Map<String, Value>>, AdapterError> {
    let statements = declaration
        .as_array()
        .ok_or_else(|| AdapterError::malformed("no array of BODS statements"))?;
    if statements.is_empty() {
        return Ok(Vec::new());
    }
    let records = Records::new(statements)?;
    let is_subject = |record: &Value| {
        identifiers(record, &config.enterprise_schemes).any(|id| id == code.as_str())
    };
    let subjects: Vec<&str> = records
        .of_type("entity")
        .filter(|(_, record)| is_subject(record))
        .map(|(id, _)| id)
        .collect();
    if subjects.is_empty() {
        return Err(AdapterError::WrongSubject);
    }
    let mut owners = Vec::new();
    for (_, relationship) in records.of_type("relationship") {
        let subject = relationship.get("subject").and_then(Value::as_str);
        if subject.is_some_and(|subject| subjects.contains(&subject)) {
            let party = records.party(config, relationship)?;
            owners.extend(interests(relationship, &party)?);
        }
    }
    Ok(owners)
}

/// The latest word on each record, in the order in which the records first appear.
struct Records<'s> {
    latest: HashMap<&'s str, &'s Value>,
    order: Vec<&'s str>,
}

impl<'s> Records<'s> {
    fn new(statements: &'s [Value]) -> Result<Self, AdapterError> {
        let mut records = Self {
            latest: HashMap::new(),
            order: Vec::new(),
        };
        for statement in statements {
            let id = text(statement, "recordId");
            let id =
                id.ok_or_else(|| AdapterError::malformed("a BODS statement without `recordId`"))?;
            let date = text(statement, "statementDate");
            match records.latest.get(id) {
                // Dates are ISO 8601, so text order is time order.
                Some(known) if text(known, "statementDate") > date => {}
                Some(_) => {
                    records.latest.insert(id, statement);
                }
                None => {
                    records.latest.insert(id, statement);
                    records.order.push(id);
                }
            }
        }
        Ok(records)
    }

    /// The details of the records of a type that are not closed.
    fn of_type(&self, kind: &'static str) -> impl Iterator<Item = (&'s str, &'s Value)> {
        self.order.iter().filter_map(move |id| {
            let statement = self.latest.get(id)?;
            let is_open = text(statement, "recordStatus") != Some("closed");
            let is_of_type = text(statement, "recordType") == Some(kind);
            (is_open && is_of_type).then_some((*id, statement.get("recordDetails")?))
        })
    }

    /// The party of a relationship as attributes. A party that is not named on purpose has none; one
    /// that is named and of which there is no statement means that part of the declaration is missing.
    fn party(
        &self,
        config: &Owners,
        relationship: &Value,
    ) -> Result<Map<String, Value>, AdapterError> {
        let id = match relationship.get("interestedParty") {
            Some(Value::String(id)) => id.as_str(),
            Some(Value::Object(_)) => return Ok(Map::new()),
            _ => {
                return Err(AdapterError::malformed(
                    "a relationship without `interestedParty`",
                ));
            }
        };
        let missing = || AdapterError::Truncated {
            reason: "a party of whom there is no statement".to_owned(),
        };
        let statement = self.latest.get(id).ok_or_else(missing)?;
        let details = statement.get("recordDetails").unwrap_or(&Value::Null);
        match text(statement, "recordType") {
            Some("person") => person(config, details),
            Some("entity") => Ok(entity(config, details)),
            _ => Err(AdapterError::malformed(
                "an interested party that is neither person nor entity",
            )),
        }
    }
}

fn person(config: &Owners, details: &Value) -> Result<Map<String, Value>, AdapterError> {
    let names = list(details, "names");
    let legal = names
        .clone()
        .find(|name| text(name, "type") == Some("legal"));
    let name = legal
        .or_else(|| names.clone().next())
        .and_then(|name| text(name, "fullName"));
    let born = text(details, "birthDate").map(partial_date).transpose();
    let born = born
        .map_err(|_| AdapterError::malformed("`birth_date` is not a date"))?
        .flatten();
    Ok(record([
        ("owner_kind", Some(json!("person"))),
        ("full_name", name.and_then(value::text).map(Value::String)),
        (
            "personal_id",
            identifiers(details, &config.person_schemes)
                .next()
                .map(|id| json!(id)),
        ),
        ("nationality", at(details, "nationalities.0.code").cloned()),
        ("birth_date", born.map(|date| json!(date.to_string()))),
    ]))
}

fn entity(config: &Owners, details: &Value) -> Map<String, Value> {
    record([
        ("owner_kind", Some(json!("enterprise"))),
        (
            "full_name",
            text(details, "name")
                .and_then(value::text)
                .map(Value::String),
        ),
        (
            "enterprise_code",
            identifiers(details, &config.enterprise_schemes)
                .next()
                .map(|id| json!(id)),
        ),
    ])
}

/// One record for each interest that has not ended; one without details where none is stated.
fn interests(
    relationship: &Value,
    party: &Map<String, Value>,
) -> Result<Vec<Map<String, Value>>, AdapterError> {
    let mut stated = list(relationship, "interests").peekable();
    if stated.peek().is_none() {
        return Ok(vec![party.clone()]);
    }
    let current = stated.filter(|interest| interest.get("endDate").is_none_or(Value::is_null));
    current
        .map(|interest| {
            let since = text(interest, "startDate").map(partial_date).transpose();
            let since = since
                .map_err(|_| AdapterError::malformed("`since` is not a date"))?
                .flatten();
            let kind = text(interest, "type").map(|kind| match kind {
                "shareholding" => "shareholding",
                "votingRights" => "voting_rights",
                "appointmentOfBoard" => "appointment",
                _ => "other",
            });
            let mut owner = party.clone();
            owner.extend(record([
                ("interest", kind.map(|kind| json!(kind))),
                ("directness", interest.get("directOrIndirect").cloned()),
                (
                    "beneficial",
                    interest.get("beneficialOwnershipOrControl").cloned(),
                ),
                ("share_percent", interest.get("share").and_then(share)),
                ("since", since.map(|date| json!(date.to_string()))),
            ]));
            Ok(owner)
        })
        .collect()
}

/// A share that is exactly known; of a range neither end is the share.
fn share(share: &Value) -> Option<Value> {
    let number = |names: [&str; 2]| names.into_iter().find_map(|name| share.get(name)?.as_f64());
    let exact = share
        .get("exact")
        .filter(|exact| exact.is_number())
        .cloned();
    exact.or_else(|| {
        let minimum = number(["minimum", "min"])?;
        (number(["maximum", "max"])? == minimum).then(|| json!(minimum))
    })
}

fn identifiers<'v>(details: &'v Value, schemes: &'v [String]) -> impl Iterator<Item = &'v str> {
    let of_scheme = |identifier: &&'v Value| {
        text(identifier, "scheme").is_some_and(|scheme| schemes.iter().any(|known| known == scheme))
    };
    list(details, "identifiers")
        .filter(of_scheme)
        .filter_map(|identifier| text(identifier, "id"))
}

fn record<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + Clone {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests;
