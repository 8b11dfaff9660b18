//! Sets of provinces: where a question is to be asked, and for which provinces a registry speaks.

use super::{administrative_units, former_province};
use crate::catalogue::names::nearest;
use serde::{Deserialize, Deserializer, de::Error};
use std::ops::{BitAnd, BitOr, Sub};

/// Some of the 34 provinces in force, one bit each in the order of their codes.
///
/// ```
/// use motlan_schemas::codes::Provinces;
/// let two: Provinces = ["01", "79"].into_iter().flat_map(Provinces::named).collect();
/// assert_eq!(two.codes().collect::<Vec<_>>(), ["01", "79"]);
/// assert_eq!(Provinces::ALL - two | two, Provinces::ALL);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Provinces(u64);

/// A text that is no province's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the code of 2 digits of a province in force{}",
    nearest.as_ref().map(|code| format!("; did you mean `{code}`?")).unwrap_or_default()
)]
pub struct UnknownProvince {
    /// What was most likely meant: the province that a former one became part of, or the most
    /// similar code.
    pub nearest: Option<String>,
}

/// How many provinces there are since 1 July 2025.
pub const PROVINCES_MAX: usize = 34;

impl Provinces {
    /// No province.
    pub const NONE: Self = Self(0);
    /// Every province.
    pub const ALL: Self = Self((1 << PROVINCES_MAX) - 1);

    /// The one province with this code.
    ///
    /// # Errors
    /// There is none; the error has the code that was most likely meant.
    pub fn named(code: &str) -> Result<Self, UnknownProvince> {
        let mut provinces = administrative_units().provinces().iter();
        match provinces.position(|province| province.code() == code) {
            Some(place) => Ok(Self(1 << place)),
            None => Err(UnknownProvince {
                nearest: meant(code),
            }),
        }
    }

    /// The codes, in their order.
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        let provinces = administrative_units().provinces().iter().enumerate();
        let these = provinces.filter(move |(place, _)| self.0 & 1 << place != 0);
        these.map(|(_, province)| province.code())
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether no province is in both.
    #[must_use]
    pub const fn is_disjoint(self, other: Self) -> bool {
        self.0 & other.0 == 0
    }
}

/// A code of before July 2025 means what its province has become part of. Other texts mean the
/// code that one mistyped digit away; of a code of two digits, two would be a guess.
fn meant(code: &str) -> Option<String> {
    if let Some(former) = former_province(code) {
        return Some(former.successor.code().to_owned());
    }
    let codes = Provinces::ALL.codes();
    (code.len() <= 3)
        .then(|| nearest(code, codes))
        .flatten()
        .filter(|meant| strsim::damerau_levenshtein(code, meant) == 1)
}

impl BitAnd for Provinces {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Provinces {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Sub for Provinces {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl FromIterator<Self> for Provinces {
    fn from_iter<I: IntoIterator<Item = Self>>(provinces: I) -> Self {
        provinces.into_iter().fold(Self::NONE, Self::bitor)
    }
}

/// A list of codes, as configurations have it: at least one, each once.
impl<'de> Deserialize<'de> for Provinces {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut provinces = Self::NONE;
        for code in Vec::<String>::deserialize(deserializer)? {
            let province = Self::named(&code)
                .map_err(|error| D::Error::custom(format_args!("`{code}`: {error}")))?;
            if !provinces.is_disjoint(province) {
                let twice = format_args!("`{code}` stands in the list already");
                return Err(D::Error::custom(twice));
            }
            provinces = provinces | province;
        }
        if provinces.is_empty() {
            return Err(D::Error::custom(
                "name at least one province, or leave the list out",
            ));
        }
        Ok(provinces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn there_are_as_many_bits_as_provinces() {
        assert_eq!(administrative_units().provinces().len(), PROVINCES_MAX);
        assert_eq!(Provinces::ALL.codes().count(), PROVINCES_MAX);
        let one_by_one: Provinces = Provinces::ALL.codes().flat_map(Provinces::named).collect();
        assert_eq!(one_by_one, Provinces::ALL);
    }

    #[test]
    fn a_former_provinces_code_means_its_successor_and_a_mistyped_one_the_nearest() {
        let nearest = |code: &str| Provinces::named(code).unwrap_err().nearest;
        // Hà Giang is part of Tuyên Quang, and Bình Dương of Hồ Chí Minh City.
        assert_eq!(nearest("02").as_deref(), Some("08"));
        assert_eq!(nearest("74").as_deref(), Some("79"));
        assert_eq!(nearest("1").as_deref(), Some("01"));
        assert_eq!(nearest("Hà Nội"), None);
        assert_eq!(nearest(&"0".repeat(100_000)), None);
    }

    #[test]
    fn a_list_of_a_configuration_is_read_whole_or_refused_with_what_was_meant() {
        let read = |list| serde_json::from_value::<Provinces>(list);
        let both = read(json!(["79", "01"])).unwrap();
        assert_eq!(both.codes().collect::<Vec<_>>(), ["01", "79"]);
        for (list, said) in [
            (json!(["02"]), "did you mean `08`?"),
            (json!(["01", "01"]), "`01` stands in the list already"),
            (json!([]), "name at least one province"),
            (json!("01"), "expected a sequence"),
            (json!([1]), "expected a string"),
        ] {
            let error = read(list.clone()).unwrap_err().to_string();
            assert!(error.contains(said), "{list}: {error}");
        }
    }
}
