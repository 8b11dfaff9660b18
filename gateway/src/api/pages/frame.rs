//! What all pages share: the frame around their content, and texts with code in them.

use crate::i18n::texts;
use motlan_schemas::language::Language;

/// The frame of a page.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) language: Language,
    /// The page's own address, for the links to its other languages.
    pub(super) path: String,
    /// The page's title, as a browser's tab shows it before the name of the house.
    pub(super) title: String,
}

/// A language as the switch offers it.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) tag: &'static str,
    pub(super) name: &'static str,
    pub(super) chosen: bool,
}

impl Frame {
    /// A text of the page's language.
    pub(super) fn text(&self, key: &str) -> String {
        texts().plain(self.language, key)
    }

    /// The last line of the page.
    pub(super) fn footer(&self) -> String {
        texts().get(self.language, "page-footer", &[("version", VERSION)])
    }

    /// The page's language as a tag.
    pub(super) const fn lang(&self) -> &'static str {
        self.language.tag()
    }

    /// Each language under its own name.
    pub(super) fn offers(&self) -> [Offer; 3] {
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
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A piece of a text: words, or code that stood between backticks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) is_code: bool,
}

/// A text cut at its backticks.
pub(super) fn prose(text: &str) -> Vec<Piece> {
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
pub(super) fn paragraphs(text: &str) -> Vec<Vec<Piece>> {
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
