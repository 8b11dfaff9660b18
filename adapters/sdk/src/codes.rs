//! What a registry's codes mean, by configuration.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The registry's codes and what each means in a dataset.
///
/// `"*"` stands for every code that is not listed; an empty meaning says that the dataset has no word
/// for the code, so that the attribute is absent.
///
/// ```
/// use motlan_adapter_sdk::codes::{Codes, Meaning};
/// let forms: Codes = serde_json::from_str(r#"{"ASA": "joint_stock", "*": ""}"#).unwrap();
/// assert_eq!(forms.meaning("ASA"), Meaning::Is("joint_stock"));
/// assert_eq!(forms.meaning("KIRK"), Meaning::Nothing);
/// assert_eq!(Codes::default().meaning("KIRK"), Meaning::Unlisted);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Codes(BTreeMap<String, String>);

/// What one code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning<'c> {
    /// This, in the dataset's words.
    Is(&'c str),
    /// The dataset has no word for it.
    Nothing,
    /// The list does not say.
    Unlisted,
}

impl Codes {
    /// Codes and their meanings.
    #[must_use]
    pub fn new<'a>(codes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(code, meaning): (&str, &str)| (code.to_owned(), meaning.to_owned());
        Self(codes.into_iter().map(owned).collect())
    }

    /// What a code means.
    #[must_use]
    pub fn meaning(&self, code: &str) -> Meaning<'_> {
        match self.0.get(code).or_else(|| self.0.get(ANY)) {
            None => Meaning::Unlisted,
            Some(meaning) if meaning.is_empty() => Meaning::Nothing,
            Some(meaning) => Meaning::Is(meaning),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All codes with their meanings.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(code, meaning)| (code.as_str(), meaning.as_str()))
    }
}

const ANY: &str = "*";
