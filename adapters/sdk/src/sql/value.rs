//! From a column to JSON, without losing anything on the way.
//!
//! Whole numbers that 64 bits hold are numbers; other exact numbers are texts, because a JSON reader
//! may round them. Dates and times are in ISO 8601, without a zone where the database has none.

use crate::http::json;
use jiff::{SignedDuration, Timestamp, civil};
use serde_json::{Number, Value};
use std::error::Error;
use tokio_postgres::types::{FromSql, Kind, Type};

type Outcome<T> = Result<T, Box<dyn Error + Sync + Send>>;

/// A column's value.
#[derive(Debug)]
pub(super) struct Cell(pub(super) Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Outcome<Self> {
        let value = match kind.kind() {
            Kind::Domain(inner) => return Self::from_sql(inner, raw),
            Kind::Enum(_) => Value::from(String::from_sql(&Type::TEXT, raw)?),
            Kind::Array(_) => {
                let items = Vec::<Option<Self>>::from_sql(kind, raw)?;
                items
                    .into_iter()
                    .map(|item| item.map_or(Value::Null, |cell| cell.0))
                    .collect()
            }
            _ => simple(kind, raw)?,
        };
        Ok(Self(value))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn simple(kind: &Type, raw: &[u8]) -> Outcome<Value> {
    Ok(match *kind {
        Type::BOOL => Value::from(bool::from_sql(kind, raw)?),
        Type::INT2 => Value::from(i16::from_sql(kind, raw)?),
        Type::INT4 => Value::from(i32::from_sql(kind, raw)?),
        Type::INT8 => Value::from(i64::from_sql(kind, raw)?),
        Type::FLOAT4 => float(f64::from(f32::from_sql(kind, raw)?))?,
        Type::FLOAT8 => float(f64::from_sql(kind, raw)?)?,
        Type::NUMERIC => numeric(raw)?,
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN => {
            Value::from(String::from_sql(kind, raw)?)
        }
        // `char(n)` is filled up with blanks.
        Type::BPCHAR => Value::from(String::from_sql(kind, raw)?.trim_end_matches(' ')),
        Type::DATE => Value::from(date(i32::from_be_bytes(raw.try_into()?))?),
        Type::TIMESTAMP => Value::from(timestamp(i64::from_be_bytes(raw.try_into()?), false)?),
        Type::TIMESTAMPTZ => Value::from(timestamp(i64::from_be_bytes(raw.try_into()?), true)?),
        Type::UUID => Value::from(uuid::Uuid::from_slice(raw)?.to_string()),
        Type::JSON => json::parse(raw, None)?,
        Type::JSONB => json::parse(
            raw.strip_prefix(&[1]).ok_or("jsonb of another version")?,
            None,
        )?,
        _ => return Err("a type that has no JSON".into()),
    })
}

fn float(value: f64) -> Outcome<Value> {
    let number = Number::from_f64(value).ok_or("a number that is none")?;
    Ok(Value::Number(number))
}

/// Days from 2000-01-01; the outermost values are `infinity` and `-infinity`.
fn date(days: i32) -> Outcome<String> {
    Ok(match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        days => {
            let day = SignedDuration::from_hours(24);
            civil::date(2000, 1, 1)
                .checked_add(day.checked_mul(days).ok_or("a date out of reach")?)?
                .to_string()
        }
    })
}

/// Microseconds from 2000-01-01.
fn timestamp(microseconds: i64, with_zone: bool) -> Outcome<String> {
    Ok(match microseconds {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        microseconds => {
            let since = SignedDuration::from_micros(microseconds);
            let moment = Timestamp::from_second(EPOCH_SECONDS)?.checked_add(since)?;
            if with_zone {
                moment.to_string()
            } else {
                jiff::tz::Offset::UTC.to_datetime(moment).to_string()
            }
        }
    })
}

/// The binary form of `numeric`: number of digits of base 10000, the first one's weight, sign, and
/// how many decimals are shown.
fn numeric(raw: &[u8]) -> Outcome<Value> {
    let (words, rest) = raw.as_chunks::<2>();
    let [count, weight, sign, scale, digits @ ..] = words else {
        return Err("a numeric that ends early".into());
    };
    let (count, scale) = (u16::from_be_bytes(*count), u16::from_be_bytes(*scale));
    if !rest.is_empty() || usize::from(count) != digits.len() || scale > SCALE_MAX {
        return Err("a numeric of another length".into());
    }
    let sign = match u16::from_be_bytes(*sign) {
        0x0000 => "",
        0x4000 => "-",
        _ => return Err("a numeric that is no number".into()),
    };
    let weight = i32::from(i16::from_be_bytes(*weight));
    if weight > WEIGHT_MAX {
        return Err("a numeric with too many digits".into());
    }
    let digit = |place: i32| {
        let place = usize::try_from(weight - place).ok();
        place
            .and_then(|place| digits.get(place))
            .map_or(0, |digit| u16::from_be_bytes(*digit))
    };
    let whole: String = (0..=weight.max(0))
        .rev()
        .map(|place| format!("{:04}", digit(place)))
        .collect();
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if scale == 0 {
        let text = format!("{sign}{whole}");
        return Ok(text
            .parse::<i64>()
            .map_or_else(|_| Value::from(text), Value::from));
    }
    let groups = i32::from(scale.div_ceil(4));
    let decimals: String = (1..=groups)
        .map(|place| format!("{:04}", digit(-place)))
        .collect();
    let decimals = decimals.get(..usize::from(scale)).unwrap_or(&decimals);
    Ok(Value::from(format!("{sign}{whole}.{decimals}")))
}

/// 2000-01-01T00:00:00Z.
const EPOCH_SECONDS: i64 = 946_684_800;
/// PostgreSQL keeps a hundred thousand digits in few bytes; a register has use for far fewer than 128.
const WEIGHT_MAX: i32 = 31;
const SCALE_MAX: u16 = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn raw(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Vec<u8> {
        let count = u16::try_from(digits.len()).unwrap();
        let head = [count, u16::from_be_bytes(weight.to_be_bytes()), sign, scale];
        let words = head.iter().chain(digits);
        words.flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn exact_numbers_stay_exact() {
        let read = |weight, sign, scale, digits: &[u16]| {
            numeric(&raw(weight, sign, scale, digits)).unwrap()
        };
        assert_eq!(read(0, 0, 0, &[]), json!(0));
        assert_eq!(read(1, 0, 0, &[12, 3450]), json!(123_450));
        assert_eq!(read(1, 0x4000, 0, &[5]), json!(-50_000));
        assert_eq!(read(0, 0, 2, &[12, 3400]), json!("12.34"));
        assert_eq!(read(-1, 0x4000, 6, &[12, 3400]), json!("-0.001234"));
        assert_eq!(read(5, 0, 0, &[1]), json!("100000000000000000000"));
        assert!(numeric(&raw(i16::MAX, 0, 0, &[1])).is_err());
        assert!(numeric(&raw(0, 0, u16::MAX, &[1])).is_err());
        assert!(numeric(&raw(0, 0xc000, 0, &[])).is_err());
        assert!(numeric(&[0, 1]).is_err());
    }

    #[test]
    fn days_and_moments_are_iso() {
        assert_eq!(date(-13_377).unwrap(), "1963-05-18");
        assert_eq!(date(i32::MAX).unwrap(), "infinity");
        assert!(date(i32::MAX - 1).is_err());
        assert_eq!(timestamp(0, true).unwrap(), "2000-01-01T00:00:00Z");
        assert_eq!(
            timestamp(1_500_000, false).unwrap(),
            "2000-01-01T00:00:01.5"
        );
        assert!(timestamp(i64::MAX - 1, true).is_err());
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40), kind in 0_usize..12) {
            let kinds = [
                Type::BOOL, Type::INT8, Type::FLOAT8, Type::NUMERIC, Type::TEXT, Type::DATE,
                Type::TIMESTAMPTZ, Type::TIMESTAMP, Type::UUID, Type::JSONB, Type::INT4_ARRAY,
                Type::TEXT_ARRAY,
            ];
            let _ = Cell::from_sql(&kinds[kind], &bytes);
        }
    }
}
