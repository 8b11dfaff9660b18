//! What an agency writes in its own words: the officer's id and the case reference.

use std::{fmt, str::FromStr, sync::Arc};
use unicode_normalization::UnicodeNormalization;

/// Why a text cannot be an officer's id or a case reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Nothing, or only white space.
    #[error("must not be empty")]
    Empty,
    /// More than 64 characters.
    #[error("must not have more than 64 characters")]
    Long,
    /// A control, formatting or line-breaking character.
    #[error("must have printable characters only")]
    Unprintable,
}

macro_rules! label {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 1–64 printable characters, stored in Unicode NFC. Nothing that could forge a log line
        /// (control, line-breaking, direction-changing characters) gets in.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = LabelError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

label!(
    /// The officer on whose behalf a question is asked, as the agency names them: `cb-4711`.
    OfficerId
);
label!(
    /// The case for which a question is asked, as the agency names it: `H01.12-261121-0007`.
    CaseReference
);
label!(
    /// The number of the order by which an access is kept from the person it is about: `12/QĐ-CSHS`.
    OrderNumber
);

fn parse(text: &str) -> Result<Arc<str>, LabelError> {
    if text.trim().is_empty() {
        return Err(LabelError::Empty);
    }
    // Checked before normalising, so that a megabyte is never normalised.
    if text.len() > CHARACTERS_MAX * 4 || text.chars().count() > CHARACTERS_MAX {
        return Err(LabelError::Long);
    }
    if text.chars().any(is_unprintable) {
        return Err(LabelError::Unprintable);
    }
    Ok(text.nfc().collect::<String>().into())
}

/// Controls, separators of lines and paragraphs, zero-width and direction-changing characters.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

const CHARACTERS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_forge_a_line_is_refused() {
        for bad in [
            "a\nb",
            "\u{1b}[31m",
            "a\u{202e}b",
            "a\0",
            "\u{feff}x",
            "a\u{2028}b",
        ] {
            assert_eq!(
                bad.parse::<OfficerId>(),
                Err(LabelError::Unprintable),
                "{bad:?}"
            );
        }
        assert_eq!("".parse::<OfficerId>(), Err(LabelError::Empty));
        assert_eq!(
            "x".repeat(65).parse::<CaseReference>(),
            Err(LabelError::Long)
        );
        assert!("x".repeat(64).parse::<CaseReference>().is_ok());
    }

    #[test]
    fn vietnamese_is_kept_in_nfc() {
        let decomposed = "hồ sơ số 7".nfd().collect::<String>();
        assert_eq!(
            decomposed.parse::<CaseReference>().unwrap().as_str(),
            "hồ sơ số 7"
        );
    }
}
