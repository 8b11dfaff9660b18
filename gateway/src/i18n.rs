//! Texts for people in Vietnamese, English and French, from the Fluent files in `locales`.
//!
//! The files are embedded, so the binary needs nothing beside it. A key stands in all three
//! languages with the same arguments (a test sees to it); should one be missing all the same, the
//! English text stands in. [`vocabulary`] finds the texts of the vocabulary's own enums.

pub mod vocabulary;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use motlan_schemas::language::Language;
use std::sync::LazyLock;
use unic_langid::{LanguageIdentifier, langid};

/// All texts; read once.
#[must_use]
pub fn texts() -> &'static Texts {
    static TEXTS: LazyLock<Texts> = LazyLock::new(Texts::embedded);
    &TEXTS
}

/// The texts in each language.
pub struct Texts {
    vi: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
    fr: FluentBundle<FluentResource>,
}

macro_rules! sources {
    ($language:literal) => {
        &[
            include_str!(concat!("../locales/", $language, "/problems.ftl")),
            include_str!(concat!("../locales/", $language, "/vocabulary.ftl")),
            include_str!(concat!("../locales/", $language, "/pages.ftl")),
            include_str!(concat!("../locales/", $language, "/demo.ftl")),
            include_str!(concat!("../locales/", $language, "/policy.ftl")),
            include_str!(concat!("../locales/", $language, "/accesses.ftl")),
            include_str!(concat!("../locales/", $language, "/alerts.ftl")),
            include_str!(concat!("../locales/", $language, "/reports.ftl")),
        ]
    };
}

/// The Fluent files of a language.
const fn sources(language: Language) -> &'static [&'static str] {
    match language {
        Language::Vi => sources!("vi"),
        Language::En => sources!("en"),
        Language::Fr => sources!("fr"),
    }
}

impl Texts {
    fn embedded() -> Self {
        Self {
            vi: bundle(Language::Vi, langid!("vi")),
            en: bundle(Language::En, langid!("en")),
            fr: bundle(Language::Fr, langid!("fr")),
        }
    }

    /// The text of a key (`message` or `message.attribute`) with its arguments filled in.
    ///
    /// An argument that is a whole number chooses plural forms. A key that no language has is
    /// returned as it is, which tells more than an empty text.
    #[must_use]
    pub fn get(&self, language: Language, key: &str, arguments: &[(&str, &str)]) -> String {
        self.find(language, key, arguments)
            .or_else(|| self.find(Language::En, key, arguments))
            .unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key without arguments.
    #[must_use]
    pub fn plain(&self, language: Language, key: &str) -> String {
        self.get(language, key, &[])
    }

    fn find(&self, language: Language, key: &str, arguments: &[(&str, &str)]) -> Option<String> {
        let bundle = match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
            Language::Fr => &self.fr,
        };
        let pattern = match key.split_once('.') {
            None => bundle.get_message(key)?.value()?,
            Some((message, attribute)) => bundle
                .get_message(message)?
                .get_attribute(attribute)?
                .value(),
        };
        let arguments: FluentArgs<'_> = arguments
            .iter()
            .map(|(name, text)| (*name, value(text)))
            .collect();
        // An argument that was not given shows as its name in braces; the rest of the text stands.
        let mut unresolved = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut unresolved);
        Some(text.into_owned())
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Texts")
    }
}

fn bundle(language: Language, locale: LanguageIdentifier) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // Isolating marks help where scripts of both directions mix; ours all run from the left.
    bundle.set_use_isolating(false);
    for source in sources(language) {
        // What cannot be read is left out, and the tests below fail.
        let file = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(read, _)| read);
        bundle.add_resource_overriding(file);
    }
    bundle
}

/// A number where the text is one, so that plural forms work; `007` stays a text.
fn value(text: &str) -> FluentValue<'_> {
    match text.parse::<u32>() {
        Ok(number) if !text.starts_with(['0', '+']) || text == "0" => number.into(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests;
