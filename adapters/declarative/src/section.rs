//! Tables of a manifest, read so that every mistake in them is found, not only the first.
//!
//! serde stops at the first mistake. So a table is read again without the entry that was wrong, until
//! it can be read, or something that must be there is missing.

use crate::{mistake::Mistake, source::Source};
use motlan_schemas::catalogue::names::nearest;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

/// A table that entries are taken out of.
#[derive(Debug)]
pub(crate) struct Section<'i> {
    table: DeTable<'i>,
    span: Range<usize>,
    /// Its name in the manifest, for people: `datasets."tax.income".request`.
    name: String,
    /// The keys that were asked for by hand, which serde does not know.
    taken: Vec<&'static str>,
}

impl<'i> Section<'i> {
    pub(crate) fn new(table: Spanned<DeTable<'i>>, name: impl Into<String>) -> Self {
        let span = table.span();
        Self {
            table: table.into_inner(),
            span,
            name: name.into(),
            taken: Vec::new(),
        }
    }

    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The text of an entry that stays.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.table.get(key)?.get_ref().as_str()
    }

    /// Takes an entry out, where it is there.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'i>>> {
        self.taken.push(key);
        self.table.remove(key)
    }

    /// Takes entries out as a section of the same name, where two types read one table.
    pub(crate) fn split<const N: usize>(&mut self, keys: [&'static str; N]) -> Self {
        let entries = keys.iter().filter_map(|key| self.table.remove_entry(*key));
        let table = entries.collect();
        self.taken.extend(keys);
        Self {
            table,
            span: self.span(),
            name: self.name.clone(),
            taken: Vec::new(),
        }
    }

    /// Takes a table out, where it is there.
    pub(crate) fn take_table(
        &mut self,
        key: &'static str,
        source: &Source,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Self> {
        let value = self.take(key)?;
        let name = if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        };
        table(value, &name, source, mistakes)
    }

    /// Takes an expression out: a string of jq, or a table with `jq` and more.
    pub(crate) fn take_expression(
        &mut self,
        key: &'static str,
        source: &Source,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Self> {
        let value = self.take(key)?;
        table(
            expression(value),
            &format!("{}.{key}", self.name),
            source,
            mistakes,
        )
    }

    /// The entries, as tables or expressions of their own.
    pub(crate) fn into_expressions(
        self,
        source: &Source,
        mistakes: &mut Vec<Mistake>,
    ) -> Vec<(String, Range<usize>, Self)> {
        self.into_entries(expression, source, mistakes)
    }

    /// The entries, each of which must be a table.
    pub(crate) fn into_tables(
        self,
        source: &Source,
        mistakes: &mut Vec<Mistake>,
    ) -> Vec<(String, Range<usize>, Self)> {
        self.into_entries(|value| value, source, mistakes)
    }

    fn into_entries(
        self,
        form: impl Fn(Spanned<DeValue<'i>>) -> Spanned<DeValue<'i>>,
        source: &Source,
        mistakes: &mut Vec<Mistake>,
    ) -> Vec<(String, Range<usize>, Self)> {
        let name = self.name;
        let entries = self.table.into_iter().filter_map(|(key, value)| {
            let span = key.span();
            let key = key.into_inner().into_owned();
            let section = table(form(value), &format!("{name}.\"{key}\""), source, mistakes)?;
            Some((key, span, section))
        });
        entries.collect()
    }

    /// Reads what is left, and notes every mistake in it.
    pub(crate) fn read<T: DeserializeOwned>(
        mut self,
        source: &Source,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<T> {
        let mut removed: Vec<String> = Vec::new();
        // A key that was mistyped is not missing too.
        let mut meant: Vec<String> = Vec::new();
        loop {
            let value = DeValue::Table(self.table.clone());
            let reader = ValueDeserializer::from(Spanned::new(self.span.clone(), value));
            let error = match T::deserialize(reader) {
                Ok(read) => return removed.is_empty().then_some(read),
                Err(error) => error,
            };
            let message = error.message();
            let mut known = removed.iter().chain(&meant);
            if !known.any(|key| message == format!("missing field `{key}`")) {
                let mistake = self.explain(&error, source);
                meant.extend(
                    quoted_names(&mistake.fix)
                        .first()
                        .map(|name| (*name).to_owned()),
                );
                mistakes.push(mistake);
            }
            let place = error.span().filter(|place| *place != self.span)?;
            let key = self.table.iter().find_map(|(key, value)| {
                let holds = |span: Range<usize>| span.start <= place.start && place.end <= span.end;
                (holds(key.span()) || holds(value.span()))
                    .then(|| key.get_ref().as_ref().to_owned())
            })?;
            self.table.remove(key.as_str());
            removed.push(key);
        }
    }

    fn explain(&self, error: &toml::de::Error, source: &Source) -> Mistake {
        let message = error.message();
        let place = error.span().unwrap_or_else(|| self.span.clone());
        let section = if self.name.is_empty() {
            "the manifest".to_owned()
        } else {
            format!("`[{}]`", self.name)
        };
        let mut names = quoted_names(message);
        if let Some(key) = message.strip_prefix("missing field ") {
            let fix = format!("add {key} to {section}");
            return source.mistake(
                header(source, &place),
                format!("{section} has no {key}"),
                fix,
            );
        }
        if !message.starts_with("unknown ") || names.is_empty() {
            let fix = format!("see {section} in docs/declarative-adapters.md");
            return source.mistake(place, message.trim_end(), fix);
        }
        let unknown = names.remove(0);
        if message.starts_with("unknown field") {
            names.extend(&self.taken);
        }
        let what = format!("`{unknown}` is nothing that {section} knows");
        let fix = match nearest(unknown, names.iter().copied()) {
            Some(name) => format!("write `{name}`"),
            None => format!("leave it away; known are {}", names.join(", ")),
        };
        source.mistake(place, what, fix)
    }
}

/// A value that must be a table.
pub(crate) fn table<'i>(
    value: Spanned<DeValue<'i>>,
    name: &str,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Section<'i>> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Table(table) => Some(Section::new(Spanned::new(span, table), name)),
        _ => {
            let fix = format!("write it as a table: `[{name}]`");
            mistakes.push(source.mistake(span, format!("`{name}` must be a table"), fix));
            None
        }
    }
}

/// A string of jq as a table with `jq`.
fn expression<'i>(value: Spanned<DeValue<'i>>) -> Spanned<DeValue<'i>> {
    if !matches!(value.get_ref(), DeValue::String(_)) {
        return value;
    }
    let span = value.span();
    let mut table = DeTable::new();
    table.insert(Spanned::new(span.clone(), "jq".into()), value);
    Spanned::new(span, DeValue::Table(table))
}

/// The first line of a table, where the whole of it is meant.
fn header(source: &Source, place: &Range<usize>) -> Range<usize> {
    place.start..place.end.min(source.end_of_line(place.start))
}

/// The names that serde's messages put between backticks.
fn quoted_names(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}
