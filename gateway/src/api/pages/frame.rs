//! What all pages share: the frame around their content, and texts with code in them.

use crate::i18n::texts;
use motlan_schemas::language::Language;

/// The frame of a page.
#[derive(Debug)]
pub(in crate::api) struct Frame {
    pub(in crate::api) language: Language,
    /// The page's own address, for the links to its other languages.
    pub(in crate::api) path: String,
    /// The page's title, as a browser's tab shows it before the name of the house.
    pub(in crate::api) title: String,
}

/// A language as the switch offers it.
#[derive(Debug)]
pub(in crate::api) struct Offer {
    pub(in crate::api) tag: &'static str,
    pub(in crate::api) name: &'static str,
    pub(in crate::api) chosen: bool,
}

impl Frame {
    /// A text of the page's language.
    pub(in crate::api) fn text(&self, key: &str) -> String {
        texts().plain(self.language, key)
    }

    /// The last line of the page.
    pub(in crate::api) fn footer(&self) -> String {
        texts().get(self.language, "page-footer", &[("version", VERSION)])
    }

    /// The page's language as a tag.
    pub(in crate::api) const fn lang(&self) -> &'static str {
        self.language.tag()
    }

    /// Each language under its own name.
    pub(in crate::api) fn offers(&self) -> [Offer; 3] {
        Language::ALL.map(|language| Offer {
            tag: language.tag(),
            name: match language {
                Language::Vi => "Tiếng Việt",
                Language::En => "English",
                Language::Fr => "Français",
            },
            chosen: language == self.language,
        })
    }
}

/// The program's version.
pub(in crate::api) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A piece of a text: words, or code that stood between backticks.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::api) struct Piece {
    pub(in crate::api) text: String,
    pub(in crate::api) is_code: bool,
}

/// A text cut at its backticks.
pub(in crate::api) fn prose(text: &str) -> Vec<Piece> {
    text.split('`')
        .enumerate()
        .map(|(place, text)| Piece {
            text: text.to_owned(),
            is_code: place % 2 == 1,
        })
        .filter(|piece| !piece.text.is_empty())
        .collect()
}

/// A text cut into paragraphs at its empty lines, and each of them at its backticks.
pub(in crate::api) fn paragraphs(text: &str) -> Vec<Vec<Piece>> {
    text.split("\n\n")
        .map(prose)
        .filter(|paragraph| !paragraph.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        let pieces = prose("send `case` and `officer`");
        let code: Vec<_> = pieces
            .iter()
            .filter(|p| p.is_code)
            .map(|p| p.text.as_str())
            .collect();
        assert_eq!(code, ["case", "officer"]);
        assert!(prose("`code` first")[0].is_code);
        assert_eq!(paragraphs("one\n\ntwo").len(), 2);
    }
}
