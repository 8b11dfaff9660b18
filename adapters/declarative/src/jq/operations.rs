//! What jq's syntax does with values: indexing, slicing, arithmetic.

use super::{
    budget::{TEXT_BYTES_MAX, charge, give_up},
    value::{BYTES_A_STEP, Val},
};
use jaq_core::{Error, Exn, ValR, ValX, box_iter::box_once, ops::Math, path::Opt, val::Range};
use std::{
    ops::{Add, Div, Mul, Neg, Rem, Sub},
    sync::Arc,
};

type Result = ValR<Val>;

impl jaq_core::ValT for Val {
    fn from_num(number: &str) -> Result {
        Ok(number.parse().map_or_else(
            |_| Self::Float(number.parse().unwrap_or(f64::NAN)),
            Self::Int,
        ))
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(pairs: I) -> Result {
        let mut members: Vec<(Arc<str>, Self)> = Vec::new();
        for (key, value) in pairs {
            let Self::Text(name) = key else {
                return Err(Error::typ(key, "string"));
            };
            put(&mut members, name, value);
        }
        Ok(Self::object(members))
    }

    fn key_values(
        self,
    ) -> Box<dyn Iterator<Item = std::result::Result<(Self, Self), Error<Self>>>> {
        let place = |(place, value): (usize, Self)| Ok((Self::from(place), value));
        match self {
            Self::List(_) => Box::new(self.into_items().into_iter().enumerate().map(place)),
            Self::Object(_) => {
                let members = self.into_members().into_iter();
                Box::new(members.map(|(name, value)| Ok((Self::Text(name), value))))
            }
            _ => box_once(Err(Error::typ(self, "array or object"))),
        }
    }

    fn values(self) -> Box<dyn Iterator<Item = Result>> {
        match self {
            Self::List(_) => Box::new(self.into_items().into_iter().map(Ok)),
            Self::Object(_) => {
                Box::new(self.into_members().into_iter().map(|(_, value)| Ok(value)))
            }
            _ => box_once(Err(Error::typ(self, "array or object"))),
        }
    }

    fn index(self, index: &Self) -> Result {
        match (&self, index) {
            (Self::Null, Self::Text(_) | Self::Int(_)) => Ok(Self::Null),
            (Self::Object(_), Self::Text(name)) => {
                Ok(self.member(name).cloned().unwrap_or(Self::Null))
            }
            (Self::List(_), Self::Int(place)) => {
                let items = self.items().unwrap_or_default();
                let place = from_the_end(*place, items.len());
                Ok(place
                    .and_then(|place| items.get(place))
                    .cloned()
                    .unwrap_or(Self::Null))
            }
            _ => Err(Error::index(self, index.clone())),
        }
    }

    fn range(self, range: Range<&Self>) -> Result {
        let bounds = |length: usize| {
            let bound = |bound: Option<&Self>, default: usize| match bound {
                None | Some(Self::Null) => Ok(default),
                Some(Self::Int(place)) => Ok(from_the_end(*place, length).unwrap_or(0).min(length)),
                Some(other) => Err(Error::typ(other.clone(), "integer")),
            };
            Ok((bound(range.start, 0)?, bound(range.end, length)?))
        };
        match &self {
            Self::Null => Ok(Self::Null),
            Self::Text(text) => {
                charge(text.len() / BYTES_A_STEP);
                let (start, end) = bounds(text.chars().count())?;
                let part = text.chars().skip(start).take(end.saturating_sub(start));
                Ok(Self::text(part.collect::<String>()))
            }
            Self::List(_) => {
                let items = self.items().unwrap_or_default();
                let (start, end) = bounds(items.len())?;
                Ok(Self::list(
                    items.get(start..end).unwrap_or_default().to_vec(),
                ))
            }
            _ => Err(Error::typ(self, "array or string")),
        }
    }

    // Updates are refused when a mapping is compiled; these are for the trait only.

    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        _: Opt,
        _: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        Err(no_updates())
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        _: &Self,
        _: Opt,
        _: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        Err(no_updates())
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        _: Range<&Self>,
        _: Opt,
        _: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        Err(no_updates())
    }

    fn as_bool(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    fn into_string(self) -> Self {
        match self {
            Self::Text(_) => self,
            other => Self::text(other.to_string()),
        }
    }
}

impl jaq_std::ValT for Val {
    fn into_seq<S: FromIterator<Self>>(self) -> std::result::Result<S, Self> {
        match self {
            Self::List(_) => Ok(self.into_items().into_iter().collect()),
            other => Err(other),
        }
    }

    fn is_int(&self) -> bool {
        matches!(self, Self::Int(_))
    }

    fn as_isize(&self) -> Option<isize> {
        match self {
            Self::Int(number) => isize::try_from(*number).ok(),
            _ => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        matches!(self, Self::Int(_) | Self::Float(_)).then(|| self.as_float())
    }

    fn is_utf8_str(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        let text = self.as_text()?;
        charge(text.len() / BYTES_A_STEP);
        Some(text.as_bytes())
    }

    fn as_sub_str(&self, part: &[u8]) -> Self {
        Self::text(String::from_utf8_lossy(part).into_owned())
    }

    fn from_utf8_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Self {
        Self::text(String::from_utf8_lossy(bytes.as_ref()).into_owned())
    }
}

impl From<bool> for Val {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<isize> for Val {
    fn from(number: isize) -> Self {
        i64::try_from(number).map_or(Self::Null, Self::Int)
    }
}

impl From<usize> for Val {
    fn from(number: usize) -> Self {
        i64::try_from(number).map_or(Self::Null, Self::Int)
    }
}

impl From<f64> for Val {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<String> for Val {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Range<Self>> for Val {
    fn from(range: Range<Self>) -> Self {
        let bound =
            |name: &str, bound: Option<Self>| (Arc::from(name), bound.unwrap_or(Self::Null));
        Self::object(vec![bound("start", range.start), bound("end", range.end)])
    }
}

impl FromIterator<Self> for Val {
    fn from_iter<T: IntoIterator<Item = Self>>(items: T) -> Self {
        let counted = items.into_iter().inspect(|_| charge(1));
        Self::list(counted.collect())
    }
}

impl Add for Val {
    type Output = Result;

    fn add(self, other: Self) -> Result {
        match (self, other) {
            (Self::Null, value) | (value, Self::Null) => Ok(value),
            (Self::Text(one), Self::Text(two)) => {
                refuse_longer(one.len() + two.len());
                Ok(Self::text([&*one, &*two].concat()))
            }
            (one @ Self::List(_), two @ Self::List(_)) => {
                let mut items = one.into_items();
                items.extend(two.into_items());
                charge(items.len());
                Ok(Self::list(items))
            }
            (one @ Self::Object(_), two @ Self::Object(_)) => {
                let mut members = one.into_members();
                for (name, value) in two.into_members() {
                    put(&mut members, name, value);
                }
                Ok(Self::object(members))
            }
            (one, two) => arithmetic(one, Math::Add, two, i64::checked_add, |a, b| a + b),
        }
    }
}

impl Sub for Val {
    type Output = Result;

    fn sub(self, other: Self) -> Result {
        match (self, other) {
            (one @ Self::List(_), two @ Self::List(_)) => {
                let mut items = one.into_items();
                items.retain(|item| !two.items().unwrap_or_default().contains(item));
                Ok(Self::list(items))
            }
            (one, two) => arithmetic(one, Math::Sub, two, i64::checked_sub, |a, b| a - b),
        }
    }
}

impl Mul for Val {
    type Output = Result;

    fn mul(self, other: Self) -> Result {
        arithmetic(self, Math::Mul, other, i64::checked_mul, |a, b| a * b)
    }
}

impl Div for Val {
    type Output = Result;

    /// Numbers, or a text at each place of another.
    fn div(self, other: Self) -> Result {
        match (self, other) {
            (Self::Text(text), Self::Text(separator)) => {
                charge(text.len() / BYTES_A_STEP);
                if separator.is_empty() {
                    return Ok(text.chars().map(|c| Self::text(c.to_string())).collect());
                }
                Ok(text.split(&*separator).map(Self::text).collect())
            }
            (one, two) => {
                let whole = |a: i64, b: i64| (a.checked_rem(b) == Some(0)).then(|| a / b);
                arithmetic(one, Math::Div, two, whole, |a, b| a / b)
            }
        }
    }
}

impl Rem for Val {
    type Output = Result;

    fn rem(self, other: Self) -> Result {
        match (&self, &other) {
            (Self::Int(_), Self::Int(0)) => Err(Error::math(self, Math::Rem, other)),
            _ => arithmetic(self, Math::Rem, other, i64::checked_rem, |a, b| a % b),
        }
    }
}

impl Neg for Val {
    type Output = Result;

    fn neg(self) -> Result {
        Self::Int(0) - self
    }
}

/// Whole numbers stay whole where the result is one; everything else is a fraction.
fn arithmetic(
    one: Val,
    operation: Math,
    two: Val,
    whole: impl Fn(i64, i64) -> Option<i64>,
    fraction: impl Fn(f64, f64) -> f64,
) -> Result {
    match (&one, &two) {
        (Val::Int(a), Val::Int(b)) if whole(*a, *b).is_some() => {
            Ok(whole(*a, *b).map_or(Val::Null, Val::Int))
        }
        (Val::Int(_) | Val::Float(_), Val::Int(_) | Val::Float(_)) => {
            Ok(Val::Float(fraction(one.as_float(), two.as_float())))
        }
        _ => Err(Error::math(one, operation, two)),
    }
}

/// Sets a member, in its old place where it has one.
fn put(members: &mut Vec<(Arc<str>, Val)>, name: Arc<str>, value: Val) {
    charge(1 + members.len() / BYTES_A_STEP);
    match members.iter_mut().find(|(known, _)| *known == name) {
        Some((_, place)) => *place = value,
        None => members.push((name, value)),
    }
}

/// A place counted from the end where it is negative; `None` where that is before the start.
fn from_the_end(place: i64, length: usize) -> Option<usize> {
    match usize::try_from(place) {
        Ok(place) => Some(place),
        Err(_) => length.checked_sub(usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX)),
    }
}

fn refuse_longer(bytes: usize) {
    if bytes > TEXT_BYTES_MAX {
        give_up();
    }
    charge(bytes / BYTES_A_STEP);
}

fn no_updates<'a>() -> Exn<'a, Val> {
    Exn::from(Error::str("updates are not allowed in a mapping"))
}
