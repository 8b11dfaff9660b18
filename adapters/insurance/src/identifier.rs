//! Which of a resource's identifiers are meant: those of a system, of a type, or both.
//!
//! Servers differ in how they tell a personal number from a passport's: by the identifier's `system`,
//! which R4 wants, or by its `type` alone.

use motlan_adapter_sdk::fhir::{Coding, has_coding};
use serde_json::Value;

/// The identifiers that are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identifiers<'c> {
    /// The system; empty where the type alone tells.
    pub(crate) system: &'c str,
    /// The type, where the system is not enough.
    pub(crate) kind: Option<&'c Coding>,
}

impl Identifiers<'_> {
    /// The values of those that a resource has.
    pub(crate) fn of(self, resource: &Value) -> impl Iterator<Item = &str> {
        let all = resource.get("identifier").and_then(Value::as_array);
        all.into_iter()
            .flatten()
            .filter(move |identifier| self.means(identifier))
            .filter_map(|identifier| identifier.get("value")?.as_str())
    }

    /// Whether one identifier is such.
    pub(crate) fn means(self, identifier: &Value) -> bool {
        let system = identifier.get("system").and_then(Value::as_str);
        let of_system = system.unwrap_or_default() == self.system;
        match self.kind {
            None => of_system,
            Some(kind) => {
                let is_of_type = |stated| has_coding(stated, kind);
                (self.system.is_empty() || of_system)
                    && identifier.get("type").is_some_and(is_of_type)
            }
        }
    }

    /// The token that searches for one of them.
    pub(crate) fn token(self, value: &str) -> String {
        if self.system.is_empty() {
            value.to_owned()
        } else {
            format!("{}|{value}", escaped(self.system))
        }
    }
}

/// A part of a search token, with the characters escaped that separate parts (R4, 3.1.1.4.0.1).
pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(',', "\\,")
        .replace('|', "\\|")
        .replace('$', "\\$")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_type_tells_where_there_is_no_system_and_narrows_where_there_is() {
        let kind = Coding {
            system: "types".to_owned(),
            code: "NI".to_owned(),
        };
        let person = json!({"identifier": [
            {"type": {"coding": [{"system": "types", "code": "NI"}]}, "value": "1"},
            {"type": {"coding": [{"system": "types", "code": "PPN"}]}, "value": "2"},
            {"system": "s", "value": "3"},
            {"system": "s", "type": {"coding": [{"system": "types", "code": "NI"}]}, "value": "4"}
        ]});
        let values = |system, kind| Identifiers { system, kind }.of(&person).collect::<Vec<_>>();
        assert_eq!(values("", Some(&kind)), ["1", "4"]);
        assert_eq!(values("s", Some(&kind)), ["4"]);
        assert_eq!(values("s", None), ["3", "4"]);
    }

    #[test]
    fn a_token_escapes_what_separates_its_parts() {
        let of = |system| Identifiers { system, kind: None }.token("7");
        assert_eq!((of(""), of("a|b")), ("7".to_owned(), "a\\|b|7".to_owned()));
    }
}
