//! What may be inserted into a request, and where: `{subject}`, `{fields}` and a few more, escaped
//! for the place they stand in.

use motlan_schemas::catalogue::names::nearest;
use serde_json::{Map, Value};
use std::{fmt::Write, ops::Range};
use toml::{Spanned, de::DeValue};

/// What a call inserts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Values<'a> {
    pub(crate) subject: &'a str,
    pub(crate) fields: &'a [&'a str],
    pub(crate) call_id: &'a str,
    pub(crate) officer: Option<&'a str>,
    pub(crate) case: Option<&'a str>,
    pub(crate) purpose: &'a str,
    pub(crate) cursor: Option<&'a str>,
    pub(crate) offset: usize,
    pub(crate) page_size: Option<usize>,
}

/// What can be inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insert {
    Subject,
    Fields,
    CallId,
    Officer,
    Case,
    Purpose,
    Cursor,
    Offset,
    PageSize,
}

/// A text with places for insertions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Insert(Insert),
}

/// A JSON value with places for insertions.
#[derive(Debug, Clone)]
pub(crate) enum JsonTemplate {
    Text(Template),
    Other(Value),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// A mistake in a template; the place is in bytes of its text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadInsert {
    pub(crate) place: Range<usize>,
    pub(crate) what: String,
    pub(crate) fix: String,
}

const INSERTS: [(&str, Insert); 9] = [
    ("subject", Insert::Subject),
    ("fields", Insert::Fields),
    ("call_id", Insert::CallId),
    ("officer", Insert::Officer),
    ("case", Insert::Case),
    ("purpose", Insert::Purpose),
    ("cursor", Insert::Cursor),
    ("offset", Insert::Offset),
    ("page_size", Insert::PageSize),
];

impl Template {
    /// Reads a template; `{{` and `}}` are braces.
    pub(crate) fn parse(text: &str) -> Result<Self, BadInsert> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            plain.push_str(before);
            let place = text.len() - brace.len();
            if brace.starts_with("{{") || brace.starts_with("}}") {
                plain.extend(brace.chars().next());
                rest = brace.get(2..).unwrap_or_default();
                continue;
            }
            let named = brace
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'));
            let Some((name, after)) = named else {
                return Err(BadInsert {
                    place: place..place + 1,
                    what: "a brace without its other half".to_owned(),
                    fix: "for a brace itself write it twice: `{{` or `}}`".to_owned(),
                });
            };
            let Some((_, insert)) = INSERTS.iter().find(|(known, _)| *known == name) else {
                return Err(unknown(name, place));
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Insert(*insert));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    pub(crate) fn has(&self, wanted: Insert) -> bool {
        self.0.contains(&Piece::Insert(wanted))
    }

    /// What the template is if it is one insertion and nothing else.
    pub(crate) fn alone(&self) -> Option<Insert> {
        match self.0.as_slice() {
            [Piece::Insert(insert)] => Some(*insert),
            _ => None,
        }
    }

    /// The text, without any escaping: whoever writes it somewhere escapes it for that place.
    pub(crate) fn text(&self, values: &Values<'_>) -> String {
        self.written(values, |value, out| out.push_str(value))
    }

    /// The text as a part of a path or query: what is inserted is percent-encoded, but for commas.
    pub(crate) fn address(&self, values: &Values<'_>) -> String {
        self.written(values, |value, out| {
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b',') {
                    out.push(char::from(byte));
                } else {
                    // Writing into a text cannot fail.
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        })
    }

    fn written(&self, values: &Values<'_>, insert: impl Fn(&str, &mut String)) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Insert(name) => insert(&values.text(*name), &mut out),
            }
        }
        out
    }
}

impl Values<'_> {
    fn text(&self, insert: Insert) -> String {
        match insert {
            Insert::Subject => self.subject.to_owned(),
            Insert::Fields => self.fields.join(","),
            Insert::CallId => self.call_id.to_owned(),
            Insert::Officer => self.officer.unwrap_or_default().to_owned(),
            Insert::Case => self.case.unwrap_or_default().to_owned(),
            Insert::Purpose => self.purpose.to_owned(),
            Insert::Cursor => self.cursor.unwrap_or_default().to_owned(),
            Insert::Offset => self.offset.to_string(),
            Insert::PageSize => self
                .page_size
                .map_or_else(String::new, |size| size.to_string()),
        }
    }

    /// What a JSON value that is one insertion becomes; nothing where there is nothing to insert.
    fn json(&self, insert: Insert) -> Option<Value> {
        match insert {
            Insert::Fields => Some(Value::from(self.fields)),
            Insert::Offset => Some(Value::from(self.offset)),
            Insert::PageSize => self.page_size.map(Value::from),
            Insert::Officer => self.officer.map(Value::from),
            Insert::Case => self.case.map(Value::from),
            Insert::Cursor => self.cursor.map(Value::from),
            Insert::Subject | Insert::CallId | Insert::Purpose => {
                Some(Value::String(self.text(insert)))
            }
        }
    }
}

impl JsonTemplate {
    /// Reads the TOML value that a JSON body is written as; mistakes come with the span of their
    /// string.
    pub(crate) fn read(
        value: &Spanned<DeValue<'_>>,
        mistakes: &mut Vec<(Range<usize>, BadInsert)>,
    ) -> Self {
        match value.get_ref() {
            DeValue::String(text) => match Template::parse(text) {
                Ok(template) => Self::Text(template),
                Err(mistake) => {
                    mistakes.push((value.span(), mistake));
                    Self::Other(Value::Null)
                }
            },
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix());
                Self::Other(number.map_or(Value::Null, Value::from))
            }
            DeValue::Float(number) => Self::Other(
                number
                    .as_str()
                    .parse::<f64>()
                    .map_or(Value::Null, Value::from),
            ),
            DeValue::Boolean(flag) => Self::Other(Value::Bool(*flag)),
            DeValue::Datetime(moment) => Self::Other(Value::String(moment.to_string())),
            DeValue::Array(items) => Self::List(
                items
                    .iter()
                    .map(|item| Self::read(item, mistakes))
                    .collect(),
            ),
            DeValue::Table(members) => {
                let member = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                    let name: &std::borrow::Cow<'_, str> = name.get_ref();
                    (name.as_ref().to_owned(), Self::read(value, mistakes))
                };
                Self::Object(members.iter().map(member).collect())
            }
        }
    }

    pub(crate) fn has(&self, wanted: Insert) -> bool {
        match self {
            Self::Text(template) => template.has(wanted),
            Self::Other(_) => false,
            Self::List(items) => items.iter().any(|item| item.has(wanted)),
            Self::Object(members) => members.iter().any(|(_, value)| value.has(wanted)),
        }
    }

    /// The JSON; members and items with nothing to insert are left out.
    pub(crate) fn json(&self, values: &Values<'_>) -> Option<Value> {
        match self {
            Self::Text(template) => match template.alone() {
                Some(insert) => values.json(insert),
                None => Some(Value::String(template.text(values))),
            },
            Self::Other(value) => Some(value.clone()),
            Self::List(items) => Some(items.iter().filter_map(|item| item.json(values)).collect()),
            Self::Object(members) => {
                let members = members.iter();
                let made =
                    members.filter_map(|(name, value)| Some((name.clone(), value.json(values)?)));
                Some(Value::Object(made.collect::<Map<_, _>>()))
            }
        }
    }
}

fn unknown(name: &str, place: usize) -> BadInsert {
    let names = INSERTS.iter().map(|(name, _)| *name);
    BadInsert {
        place: place..place + name.len() + 2,
        what: format!("nothing is inserted for `{{{name}}}`"),
        fix: match nearest(name, names.clone()) {
            Some(name) => format!("write `{{{name}}}`; for braces themselves `{{{{` and `}}}}`"),
            None => format!(
                "write one of {}; for braces themselves `{{{{` and `}}}}`",
                names
                    .map(|name| format!("`{{{name}}}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use toml::de::DeTable;

    const VALUES: Values<'_> = Values {
        subject: "001185012345",
        fields: &["ten", "ngay.sinh"],
        call_id: "42",
        officer: Some("cb \"4711\""),
        case: None,
        purpose: "p",
        cursor: None,
        offset: 20,
        page_size: Some(10),
    };

    fn json_of(toml: &str) -> Result<Value, Vec<(Range<usize>, BadInsert)>> {
        let table = DeTable::parse(toml).unwrap();
        let span = table.span();
        let value = Spanned::new(span, DeValue::Table(table.into_inner()));
        let mut mistakes = Vec::new();
        let template = JsonTemplate::read(&value, &mut mistakes);
        if mistakes.is_empty() {
            Ok(template.json(&VALUES).unwrap())
        } else {
            Err(mistakes)
        }
    }

    #[test]
    fn json_bodies_are_filled_and_escaped() {
        let made = json_of(
            "so = [\"{subject}\"]\ntruong = \"{fields}\"\nai = \"cán bộ {officer}\"\nvu = \"{case}\"\ntu = \"{offset}\"\nn = 5\nngoac = \"{{{purpose}}}\"",
        );
        let expected = json!({
            "so": ["001185012345"], "truong": ["ten", "ngay.sinh"], "ai": "cán bộ cb \"4711\"",
            "tu": 20, "n": 5, "ngoac": "{p}",
        });
        assert_eq!(made.unwrap(), expected);
    }

    #[test]
    fn addresses_are_percent_encoded() {
        let template = Template::parse("a/{officer}?f={fields}").unwrap();
        assert_eq!(
            template.address(&VALUES),
            "a/cb%20%224711%22?f=ten,ngay%2Esinh"
        );
    }

    #[test]
    fn an_unknown_insertion_is_named_with_the_nearest() {
        let mistake = Template::parse("ab{subjct}").unwrap_err();
        assert_eq!(mistake.place, 2..10);
        assert!(mistake.fix.contains("`{subject}`"), "{}", mistake.fix);
        assert!(Template::parse("a } b").is_err());
        assert!(Template::parse("a {subject").is_err());
        assert_eq!(json_of("a = [\"{x}\"]").unwrap_err()[0].0, 5..10);
    }
}
