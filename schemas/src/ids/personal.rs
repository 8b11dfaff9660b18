//! The personal identification number (số định danh cá nhân): twelve digits, no check digit.
//!
//! Three digits for the province (or country) of birth registration, one for century and sex, two
//! for the year of birth, six at random (Decree 137/2015/NĐ-CP, Article 13). The 63 province codes
//! from before the mergers of 1 July 2025 stay valid in numbers already given.

use std::{fmt, str::FromStr};

/// A personal identification number.
///
/// It has no `Display` and a redacted `Debug`, so that it cannot slip into a log line, a span, a
/// metric or an error text. Where a protocol needs the digits, [`PersonalId::expose`] says so.
///
/// ```
/// use motlan_schemas::ids::{PersonalId, Sex};
/// let id: PersonalId = "001185012345".parse().unwrap();
/// assert_eq!(id.birth_year(), 1985);
/// assert_eq!(id.sex(), Sex::Female);
/// assert_eq!(format!("{id:?}"), "PersonalId(redacted)");
/// assert!("099185012345".parse::<PersonalId>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonalId([u8; LENGTH]);

/// The sex that the number's fourth digit records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// An even fourth digit.
    Male,
    /// An odd fourth digit.
    Female,
}

/// Why a text is no personal identification number. Never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonalIdError {
    /// Other than twelve characters.
    #[error("a personal number has 12 digits")]
    Length,
    /// A character that is not one of `0`–`9`; digits of other scripts do not count.
    #[error("a personal number has only the digits 0 to 9")]
    NotDigits,
    /// The first three digits are no province or country code.
    #[error("the first three digits are no province or country code")]
    Place,
    /// The fourth digit stands for a century that has not begun.
    #[error("the fourth digit stands for a century after the present one")]
    Century,
}

impl PersonalId {
    /// The twelve digits. Only for a registry's request, the pseudonym and the subject's own answer.
    #[must_use]
    pub fn expose(&self) -> &str {
        // INVARIANT: `from_str` let in ASCII digits only, so the default is never used.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The year of birth that digits four to six record.
    #[must_use]
    pub fn birth_year(&self) -> i16 {
        let [_, _, _, century, tens, ones, ..] = self.0.map(|digit| i16::from(digit - b'0'));
        1900 + century / 2 * 100 + tens * 10 + ones
    }

    /// The sex that the fourth digit records.
    #[must_use]
    pub const fn sex(&self) -> Sex {
        let [_, _, _, century, ..] = self.0;
        if century.is_multiple_of(2) {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The code of the place of birth registration: `001`–`096` a province, above a country.
    #[must_use]
    pub fn place(&self) -> &str {
        self.expose().get(..3).unwrap_or_default()
    }
}

impl FromStr for PersonalId {
    type Err = PersonalIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The digits are looked at first: another script's twelve digits are more bytes.
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PersonalIdError::NotDigits);
        }
        let digits: [u8; LENGTH] = text
            .as_bytes()
            .try_into()
            .map_err(|_| PersonalIdError::Length)?;
        let [hundreds, tens, ones, century, ..] = digits.map(|digit| u16::from(digit - b'0'));
        let place = hundreds * 100 + tens * 10 + ones;
        if !PROVINCES.contains(&place) && !COUNTRIES.contains(&place) {
            return Err(PersonalIdError::Place);
        }
        if century > LATEST_CENTURY {
            return Err(PersonalIdError::Century);
        }
        Ok(Self(digits))
    }
}

impl fmt::Debug for PersonalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PersonalId(redacted)")
    }
}

const LENGTH: usize = 12;

/// 2 and 3 are births of the 2000s; 4 (the 2100s) cannot have been given to anybody yet.
const LATEST_CENTURY: u16 = 3;

/// The 63 provinces of before 1 July 2025, whose codes numbers carry.
const PROVINCES: [u16; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37,
    38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77,
    79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
];

/// Births registered abroad carry a country's code; the ministry's list starts at 101. Wide on
/// purpose: the list grows, and a number from it must not be refused.
const COUNTRIES: std::ops::RangeInclusive<u16> = 101..=399;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(text: &str) -> PersonalIdError {
        text.parse::<PersonalId>().unwrap_err()
    }

    #[test]
    fn each_mistake_has_its_name() {
        assert_eq!(error("00118501234"), PersonalIdError::Length);
        assert_eq!(error(""), PersonalIdError::Length);
        assert_eq!(error("0011850123456"), PersonalIdError::Length);
        assert_eq!(error("00118501234a"), PersonalIdError::NotDigits);
        assert_eq!(error("٠٠١١٨٥٠١٢٣٤٥"), PersonalIdError::NotDigits);
        assert_eq!(
            error("００１１８５０１２３４５"),
            PersonalIdError::NotDigits
        );
        assert_eq!(error(" 00118501234"), PersonalIdError::NotDigits);
        assert_eq!(error("003185012345"), PersonalIdError::Place);
        assert_eq!(error("000185012345"), PersonalIdError::Place);
        assert_eq!(error("001485012345"), PersonalIdError::Century);
    }

    #[test]
    fn century_and_sex_are_read_from_the_fourth_digit() {
        let child: PersonalId = "001316000007".parse().unwrap();
        assert_eq!((child.birth_year(), child.sex()), (2016, Sex::Female));
        let elder: PersonalId = "079054000001".parse().unwrap();
        assert_eq!(
            (elder.birth_year(), elder.sex(), elder.place()),
            (1954, Sex::Male, "079")
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_keeps_the_digits(text in "\\PC{0,16}") {
            if let Ok(id) = text.parse::<PersonalId>() {
                prop_assert_eq!(id.expose(), text);
            }
        }
    }
}
