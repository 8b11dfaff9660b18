//! The values that mappings work on: JSON, cheap to copy, every copy counted.
//!
//! jaq takes any type of value. This one is ours because it counts steps, so that no mapping runs
//! without end, and because it knows its depth, so that dropping one never overflows the stack.

use super::budget::{DEPTH_MAX, charge, give_up, within};
use serde_json::{Map, Number, Value};
use std::{cmp::Ordering, fmt, sync::Arc};

/// A JSON value. `Debug` tells its type only: it may be about a person.
pub(crate) enum Val {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    List(Arc<List>),
    Object(Arc<Members>),
}

/// An array.
pub(crate) struct List {
    depth: u8,
    items: Vec<Val>,
}

/// An object; its members keep their order. Records have few, so they are looked up one by one.
pub(crate) struct Members {
    depth: u8,
    members: Vec<(Arc<str>, Val)>,
}

impl Val {
    /// A value as a source sent it; `None` where it is nested too deeply.
    pub(crate) fn sent(value: Value) -> Option<Self> {
        within(u64::MAX, || Self::from(value)).ok()
    }

    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        let depth = one_deeper(items.iter());
        Self::List(Arc::new(List { depth, items }))
    }

    /// An object of members whose names differ.
    pub(crate) fn object(members: Vec<(Arc<str>, Self)>) -> Self {
        let depth = one_deeper(members.iter().map(|(_, value)| value));
        Self::Object(Arc::new(Members { depth, members }))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(&list.items),
            _ => None,
        }
    }

    pub(crate) fn members(&self) -> Option<&[(Arc<str>, Self)]> {
        match self {
            Self::Object(object) => Some(&object.members),
            _ => None,
        }
    }

    /// The items of an array, which are copied only where somebody else has it too.
    pub(super) fn into_items(self) -> Vec<Self> {
        match self {
            Self::List(list) => {
                Arc::try_unwrap(list).map_or_else(|list| list.items.clone(), |list| list.items)
            }
            _ => Vec::new(),
        }
    }

    /// The members of an object, in the same way.
    pub(super) fn into_members(self) -> Vec<(Arc<str>, Self)> {
        match self {
            Self::Object(object) => Arc::try_unwrap(object)
                .map_or_else(|object| object.members.clone(), |object| object.members),
            _ => Vec::new(),
        }
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        let members = self.members()?;
        charge(members.len() / LOOKUPS_A_STEP);
        let found = members.iter().find(|(key, _)| &**key == name)?;
        Some(&found.1)
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::Float(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Object(_) => "object",
        }
    }

    fn depth(&self) -> u8 {
        match self {
            Self::List(list) => list.depth,
            Self::Object(object) => object.depth,
            _ => 0,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        charge(1);
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::from(*number),
            Self::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            Self::Text(text) => {
                charge(text.len() / BYTES_A_STEP);
                Value::String(text.as_ref().to_owned())
            }
            Self::List(list) => Value::Array(list.items.iter().map(Self::to_json).collect()),
            Self::Object(object) => {
                let members = object.members.iter();
                let pairs =
                    members.map(|(name, value)| (name.as_ref().to_owned(), value.to_json()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Int(_) | Self::Float(_) => 3,
            Self::Text(_) => 4,
            Self::List(_) => 5,
            Self::Object(_) => 6,
        }
    }
}

impl From<Value> for Val {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(flag),
            Value::Number(number) => number.as_i64().map_or_else(
                || Self::Float(number.as_f64().unwrap_or(f64::NAN)),
                Self::Int,
            ),
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::list(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                let members = members.into_iter();
                let pairs = members.map(|(name, value)| (Arc::from(name), Self::from(value)));
                Self::object(pairs.collect())
            }
        }
    }
}

/// Every copy costs a step: whatever repeats work in jq copies its input to do so.
impl Clone for Val {
    fn clone(&self) -> Self {
        charge(1);
        match self {
            Self::Null => Self::Null,
            Self::Bool(flag) => Self::Bool(*flag),
            Self::Int(number) => Self::Int(*number),
            Self::Float(number) => Self::Float(*number),
            Self::Text(text) => Self::Text(Arc::clone(text)),
            Self::List(list) => Self::List(Arc::clone(list)),
            Self::Object(object) => Self::Object(Arc::clone(object)),
        }
    }
}

impl PartialEq for Val {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Val {}

impl PartialOrd for Val {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of jq: null, false, true, numbers, strings, arrays, objects.
impl Ord for Val {
    fn cmp(&self, other: &Self) -> Ordering {
        charge(1);
        match (self, other) {
            (Self::Int(one), Self::Int(two)) => one.cmp(two),
            (Self::Int(_) | Self::Float(_), Self::Int(_) | Self::Float(_)) => {
                self.as_float().total_cmp(&other.as_float())
            }
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            (Self::List(one), Self::List(two)) => one.items.cmp(&two.items),
            (Self::Object(one), Self::Object(two)) => {
                let sorted = |object: &Members| {
                    charge(object.members.len());
                    let mut members: Vec<_> = object.members.clone();
                    members.sort_by(|(one, _), (two, _)| one.cmp(two));
                    members
                };
                let (one, two) = (sorted(one), sorted(two));
                let names = |members: &[(Arc<str>, Self)]| -> Vec<Arc<str>> {
                    members.iter().map(|(name, _)| Arc::clone(name)).collect()
                };
                names(&one)
                    .cmp(&names(&two))
                    .then_with(|| one.iter().map(|m| &m.1).cmp(two.iter().map(|m| &m.1)))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl Val {
    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers beyond 2^53 are only compared with fractions"
    )]
    pub(super) fn as_float(&self) -> f64 {
        match self {
            Self::Int(number) => *number as f64,
            Self::Float(number) => *number,
            _ => f64::NAN,
        }
    }
}

/// JSON, for texts with values in them (`"\(.a)"`).
impl fmt::Display for Val {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_json().fmt(formatter)
    }
}

impl fmt::Debug for Val {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind())
    }
}

fn one_deeper<'v>(values: impl Iterator<Item = &'v Val>) -> u8 {
    let mut depth = 0;
    let mut count = 0;
    for value in values {
        depth = depth.max(value.depth());
        count += 1;
    }
    charge(count / LOOKUPS_A_STEP);
    if depth >= DEPTH_MAX {
        give_up()
    } else {
        depth + 1
    }
}

/// Copying so many bytes costs as much as copying a value.
pub(super) const BYTES_A_STEP: usize = 16;

/// Comparing a name is that much cheaper than copying a value.
const LOOKUPS_A_STEP: usize = 8;
