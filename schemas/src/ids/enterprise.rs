//! The enterprise code (mã số doanh nghiệp), which is also the tax code: ten digits, the last one
//! a check digit; a branch adds `-001` to `-999`.

use std::{fmt, str::FromStr};

/// An enterprise code, with its branch where there is one.
///
/// ```
/// use motlan_schemas::ids::EnterpriseCode;
/// let code: EnterpriseCode = "0100109106".parse().unwrap();
/// assert_eq!(code.as_str(), "0100109106");
/// let branch: EnterpriseCode = "0100109106-001".parse().unwrap();
/// assert_eq!(branch.parent(), code);
/// assert!("0100109107".parse::<EnterpriseCode>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnterpriseCode(Box<str>);

/// Why a text is no enterprise code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnterpriseCodeError {
    /// Neither ten digits nor ten digits, a hyphen and three digits.
    #[error("an enterprise code has 10 digits, and a branch adds a hyphen and 3 digits")]
    Form,
    /// The tenth digit is not the check digit of the nine before it.
    #[error("the check digit of the enterprise code is wrong")]
    CheckDigit,
    /// Digits three to nine, or the branch number, are all zero.
    #[error("the serial number of the enterprise code is zero")]
    Serial,
}

impl EnterpriseCode {
    /// The code as it is written, with its branch.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The enterprise without the branch.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.get(..LENGTH).unwrap_or_default().into())
    }

    /// The check digit of nine digits, or `None` where the scheme has none for them.
    ///
    /// 10 − (Σ weight·digit mod 11); a remainder of 0 would give 10 and is never issued.
    #[must_use]
    pub fn check_digit(digits: [u8; 9]) -> Option<u8> {
        let sum: u32 = WEIGHTS
            .iter()
            .zip(digits)
            .map(|(w, d)| w * u32::from(d))
            .sum();
        let check = 10 - sum % 11;
        u8::try_from(check).ok().filter(|digit| *digit < 10)
    }
}

impl FromStr for EnterpriseCode {
    type Err = EnterpriseCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (code, branch) = match text.split_once('-') {
            Some((code, branch)) => (code, Some(branch)),
            None => (text, None),
        };
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let digits: [u8; LENGTH] = code
            .as_bytes()
            .try_into()
            .map_err(|_| EnterpriseCodeError::Form)?;
        if !is_digits(code) || branch.is_some_and(|b| b.len() != 3 || !is_digits(b)) {
            return Err(EnterpriseCodeError::Form);
        }
        let [head @ .., check] = digits.map(|digit| digit - b'0');
        if Self::check_digit(head) != Some(check) {
            return Err(EnterpriseCodeError::CheckDigit);
        }
        let [_, _, serial @ ..] = head;
        if serial == [0; 7] || branch == Some("000") {
            return Err(EnterpriseCodeError::Serial);
        }
        Ok(Self(text.into()))
    }
}

/// Not secret, but the subject of a question: kept out of logs by default all the same.
impl fmt::Debug for EnterpriseCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EnterpriseCode(redacted)")
    }
}

const LENGTH: usize = 10;

/// The published weights of the first nine digits.
const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_mistake_has_its_name() {
        let error = |text: &str| text.parse::<EnterpriseCode>().unwrap_err();
        assert_eq!(error("010010910"), EnterpriseCodeError::Form);
        assert_eq!(error("0100109106-1"), EnterpriseCodeError::Form);
        assert_eq!(error("0100109106-00a"), EnterpriseCodeError::Form);
        assert_eq!(error("０１００１０９１０６"), EnterpriseCodeError::Form);
        assert_eq!(error("0100109105"), EnterpriseCodeError::CheckDigit);
        assert_eq!(error("0100109106-000"), EnterpriseCodeError::Serial);
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(serial in 1u32..10_000_000, place in 0usize..9, add in 1u8..10) {
            let text = format!("01{serial:07}");
            let digits: [u8; 9] = text.bytes().map(|b| b - b'0').collect::<Vec<_>>().try_into().unwrap();
            if let Some(check) = EnterpriseCode::check_digit(digits) {
                let mut wrong = digits;
                wrong[place] = (wrong[place] + add) % 10;
                let good = format!("{text}{check}");
                prop_assert!(good.parse::<EnterpriseCode>().is_ok());
                let bad: String = wrong.iter().chain([&check]).map(|d| char::from(d + b'0')).collect();
                prop_assert!(bad.parse::<EnterpriseCode>().is_err());
            }
        }
    }
}
