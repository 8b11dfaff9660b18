//! The form of a policy file: which fields it has, and what each must be.
//!
//! The deserializer stops at the first mistake and speaks of types. Whoever writes these files
//! wants to see all mistakes at once, in words, so the form is checked before.

use super::{LoadError, SourceFile};
use motlan_schemas::catalogue::names;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// One field of a kind of file, by its dotted name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

/// What a field must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A text for people, which says something.
    Words,
    Texts,
    Flag,
    Number,
}

pub(crate) const fn required(name: &'static str, kind: Kind) -> Field {
    let required = true;
    Field {
        name,
        kind,
        required,
    }
}

pub(crate) const fn optional(name: &'static str, kind: Kind) -> Field {
    let required = false;
    Field {
        name,
        kind,
        required,
    }
}

impl SourceFile {
    /// Reads the file as TOML of this form. What is wrong with it is added to the mistakes, and
    /// what can be read in spite of it is read, so that the next check finds its mistakes too.
    pub(crate) fn parse<T: DeserializeOwned>(
        &self,
        form: &[Field],
        mistakes: &mut Vec<LoadError>,
    ) -> Option<T> {
        let (document, syntax) = DeTable::parse_recoverable(&self.text);
        if !syntax.is_empty() {
            mistakes.extend(syntax.into_iter().map(|error| self.form_error(error)));
            return None;
        }
        let mut found = Vec::new();
        leaves(document.get_ref(), "", form, &mut found);
        let (known, unknown): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|leaf| form.iter().any(|field| field.name == leaf.name));
        let mut text = self.text.clone();
        let mut meant = Vec::new();
        for leaf in &unknown {
            let nearest = names::nearest(&leaf.name, form.iter().map(|field| field.name));
            mistakes.push(LoadError::UnknownField {
                file: self.path.clone(),
                line: self.line(&leaf.span),
                name: leaf.name.clone(),
                nearest: nearest.clone(),
            });
            meant.extend(nearest);
            text = blank(&text, &leaf.span);
        }
        let misfits: Vec<_> = form
            .iter()
            .filter_map(|field| self.fits(*field, &known))
            .collect();
        if !misfits.is_empty() || unknown.iter().any(|leaf| leaf.is_table) {
            // A field whose name is misspelt is told once, and not as missing too.
            mistakes.extend(misfits.into_iter().filter(|misfit| {
                !matches!(misfit, LoadError::MissingField { field, .. }
                    if meant.iter().any(|name| name == field))
            }));
            return None;
        }
        toml::from_str(&text)
            .map_err(|error| mistakes.push(self.form_error(error)))
            .ok()
    }

    fn form_error(&self, source: toml::de::Error) -> LoadError {
        let start = source.span().unwrap_or_default();
        LoadError::Form {
            file: self.path.clone(),
            line: self.line(&start),
            source: Box::new(source),
        }
    }

    fn fits(&self, field: Field, known: &[Leaf]) -> Option<LoadError> {
        let file = self.path.clone();
        let expected = field.kind.in_words();
        match known.iter().find(|leaf| leaf.name == field.name) {
            None if field.required => Some(LoadError::MissingField {
                file,
                field: field.name,
                expected,
            }),
            Some(leaf) if !field.kind.admits(leaf.kind) => Some(LoadError::Field {
                file,
                line: self.line(&leaf.span),
                field: field.name,
                reason: format!("must be {expected}"),
            }),
            None | Some(_) => None,
        }
    }
}

impl Kind {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Text => "a text in quotation marks",
            Self::Words => "a text in quotation marks that is not empty",
            Self::Texts => "a list of texts in square brackets",
            Self::Flag => "true or false",
            Self::Number => "a whole number",
        }
    }

    fn admits(self, found: Option<Self>) -> bool {
        found == Some(self) || (self == Self::Text && found == Some(Self::Words))
    }

    fn of(value: &DeValue<'_>) -> Option<Self> {
        match value {
            DeValue::String(text) if text.trim().is_empty() => Some(Self::Text),
            DeValue::String(_) => Some(Self::Words),
            DeValue::Boolean(_) => Some(Self::Flag),
            DeValue::Integer(_) => Some(Self::Number),
            DeValue::Array(items) => items
                .iter()
                .all(|item| item.get_ref().is_str())
                .then_some(Self::Texts),
            DeValue::Table(_) | DeValue::Float(_) | DeValue::Datetime(_) => None,
        }
    }
}

/// A value of the document, with its dotted name and where it stands with its key.
struct Leaf {
    name: String,
    kind: Option<Kind>,
    /// A table has a header, which cannot be left out without its brackets.
    is_table: bool,
    span: Range<usize>,
}

/// Tables are looked into where the form has fields in them; any other value is a leaf.
fn leaves(table: &DeTable<'_>, prefix: &str, form: &[Field], found: &mut Vec<Leaf>) {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        let inner = format!("{name}.");
        let is_section = form.iter().any(|field| field.name.starts_with(&inner));
        match value.get_ref() {
            DeValue::Table(table) if is_section => leaves(table, &inner, form, found),
            leaf => found.push(Leaf {
                name,
                kind: Kind::of(leaf),
                is_table: leaf.is_table(),
                span: key.span().start..value.span().end,
            }),
        }
    }
    found.sort_by_key(|leaf| leaf.span.start);
}

/// Overwrites a span with blanks of the same length; line breaks stay.
fn blank(text: &str, span: &Range<usize>) -> String {
    let mut blanked = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if span.contains(&at) && character != '\n' {
            blanked.extend(std::iter::repeat_n(' ', character.len_utf8()));
        } else {
            blanked.push(character);
        }
    }
    blanked
}

#[cfg(test)]
mod tests;
