//! The three languages in which officers and citizens are addressed.

use serde::{Deserialize, Serialize};

/// A language of titles, problems and pages. Vietnamese is the default.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
    /// French.
    Fr,
}

impl Language {
    /// All languages, in the order in which pages offer them.
    pub const ALL: [Self; 3] = [Self::Vi, Self::En, Self::Fr];

    /// The BCP 47 tag: `vi`, `en` or `fr`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// The best of the three for an `Accept-Language` header (RFC 9110, section 12.5.4).
    ///
    /// Ranges are weighed by `q`; a range that names none of the three is skipped; `*` and an
    /// absent or hopeless header give `default`.
    ///
    /// ```
    /// use motlan_schemas::language::Language;
    /// let best = Language::negotiate(Some("de, fr-CA;q=0.8, en;q=0.5"), Language::Vi);
    /// assert_eq!(best, Language::Fr);
    /// ```
    #[must_use]
    pub fn negotiate(accept_language: Option<&str>, default: Self) -> Self {
        let Some(header) = accept_language else {
            return default;
        };
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',').take(MAX_RANGES) {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            let Some(language) = Self::from_tag(tag, default) else {
                continue;
            };
            if weight > 0.0 && best.is_none_or(|(other, _)| weight > other) {
                best = Some((weight, language));
            }
        }
        best.map_or(default, |(_, language)| language)
    }

    fn from_tag(tag: &str, default: Self) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        if primary == "*" {
            return Some(default);
        }
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }
}

/// A header with more ranges than this is not from a person's browser; the rest is not read.
const MAX_RANGES: usize = 16;

/// A text in all three languages, as the schema files and purposes hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
    /// French.
    pub fr: String,
}

impl Text {
    /// The text in one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
            Language::Fr => &self.fr,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_range_wins() {
        let best = Language::negotiate(Some("en;q=0.3, vi;q=0.9, fr;q=0.5"), Language::En);
        assert_eq!(best, Language::Vi);
    }

    #[test]
    fn garbage_falls_back_to_the_default() {
        for header in ["", ";;;", "q=1", "zz;q=banana", "en;q=0"] {
            assert_eq!(
                Language::negotiate(Some(header), Language::Fr),
                Language::Fr,
                "{header}"
            );
        }
    }
}
