//! The mappings of a dataset's attributes, and other expressions.

use super::Known;
use crate::{
    jq::{Jq, KINDS, Kinds},
    mistake::Mistake,
    section::Section,
    source::Source,
};
use motlan_schemas::catalogue::{self, names::nearest};
use serde::Deserialize;
use serde_json::Value;
use std::ops::Range;
use toml::Spanned;

/// A jq expression on a record, and the fields of the record that it reads.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) jq: Jq,
    /// Fields that must be asked for.
    pub(crate) needs: Vec<String>,
    /// Fields that the registry gives unasked, and may refuse to be asked for.
    pub(crate) given: Vec<String>,
}

/// The mapping of one attribute.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) expression: Expression,
    /// The code table that the value goes through first.
    pub(crate) codes: Option<String>,
    /// How the value is read then; without, texts are trimmed and all else stays.
    pub(crate) kind: Option<Kinds>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpressionTable {
    jq: Spanned<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    given: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeTable {
    jq: Spanned<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    given: Vec<String>,
    codes: Option<Spanned<String>>,
    #[serde(rename = "as")]
    kind: Option<Spanned<String>>,
}

/// Compiles an expression, and notes every mistake at its place in the manifest.
pub(super) fn compiled(
    jq: &Spanned<String>,
    known: Known<'_>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Jq> {
    let before = known.definitions.len();
    let compiled = Jq::compile(
        &format!("{}{}", known.definitions, jq.get_ref()),
        known.codes,
    );
    let faults = match compiled {
        Ok(compiled) => return Some(compiled),
        Err(faults) => faults.into_iter(),
    };
    // Faults of the definitions have been told where these stand.
    mistakes.extend(
        faults
            .filter(|fault| fault.place.end >= before)
            .map(|fault| {
                let start = fault.place.start.saturating_sub(before);
                let place = start..fault.place.end - before;
                source.mistake(
                    source.within_string(&jq.span(), &place),
                    fault.what,
                    fault.fix,
                )
            }),
    );
    None
}

/// The definitions that all expressions share, or nothing where there is a mistake in them.
pub(super) fn definitions(
    jq: Option<Spanned<String>>,
    known: Known<'_>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> String {
    let Some(jq) = jq else {
        return String::new();
    };
    // Definitions are no filter: they are read with one behind them.
    let whole = Spanned::new(jq.span(), format!("{}\n.", jq.get_ref()));
    match compiled(&whole, known, source, mistakes) {
        Some(_) => format!("{}\n", jq.get_ref()),
        None => String::new(),
    }
}

pub(super) fn expression(
    section: Section<'_>,
    known: Known<'_>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Expression> {
    let table: ExpressionTable = section.read(source, mistakes)?;
    let jq = compiled(&table.jq, known, source, mistakes)?;
    Some(Expression {
        jq,
        needs: table.needs,
        given: table.given,
    })
}

/// The attributes of a dataset; each must be one that the catalogue knows.
pub(super) fn attributes(
    section: Section<'_>,
    dataset: &catalogue::Dataset,
    selective: bool,
    known: Known<'_>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Attribute> {
    let entries = section.into_expressions(source, mistakes).into_iter();
    let read = entries.filter_map(|(name, place, section)| {
        let Some(known_attribute) = dataset.attribute(&name) else {
            mistakes.push(unknown(&name, place, dataset, source));
            return None;
        };
        let table: AttributeTable = section.read(source, mistakes)?;
        if selective && table.needs.is_empty() && table.given.is_empty() {
            mistakes.push(source.mistake(
                place,
                format!("which field of the registry does `{name}` need?"),
                "add `needs = [\"…\"]`, the fields that `{fields}` asks for; or `given`, if it comes unasked",
            ));
        }
        let jq = compiled(&table.jq, known, source, mistakes);
        let kind = table.kind.as_ref().and_then(|kind| kind_named(kind, source, mistakes));
        let codes = table.codes.filter(|codes| {
            check_codes(codes, known_attribute, dataset, known, source, mistakes)
        });
        Some(Attribute {
            name,
            expression: Expression { jq: jq?, needs: table.needs, given: table.given },
            codes: codes.map(Spanned::into_inner),
            kind,
        })
    });
    read.collect()
}

fn unknown(
    name: &str,
    place: Range<usize>,
    dataset: &catalogue::Dataset,
    source: &Source,
) -> Mistake {
    let names = dataset.attributes.iter().map(|attribute| &*attribute.name);
    let fix = match nearest(name, names.clone()) {
        Some(name) => format!("write `{name}`"),
        None => format!("write one of {}", names.collect::<Vec<_>>().join(", ")),
    };
    source.mistake(
        place,
        format!("`{}` has no attribute `{name}`", dataset.name),
        fix,
    )
}

fn kind_named(
    kind: &Spanned<String>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> Option<Kinds> {
    let found = KINDS.iter().find(|(name, _)| name == kind.get_ref());
    if found.is_none() {
        let names = KINDS.iter().map(|(name, _)| *name);
        let fix = match nearest(kind.get_ref(), names.clone()) {
            Some(name) => format!("write `{name}`"),
            None => format!("write one of {}", names.collect::<Vec<_>>().join(", ")),
        };
        let what = format!("a value is not read as `{}`", kind.get_ref());
        mistakes.push(source.mistake(kind.span(), what, fix));
    }
    found.map(|(_, kind)| *kind)
}

/// A table must be there, and give nothing that the schema does not allow.
fn check_codes(
    codes: &Spanned<String>,
    attribute: &catalogue::Attribute,
    dataset: &catalogue::Dataset,
    known: Known<'_>,
    source: &Source,
    mistakes: &mut Vec<Mistake>,
) -> bool {
    let name = codes.get_ref();
    let Some(table) = known.codes.get(name) else {
        let fix = match nearest(name, known.codes.keys().map(String::as_str)) {
            Some(name) => format!("write `{name}`"),
            None => "add the file, with the columns `source,target`".to_owned(),
        };
        mistakes.push(source.mistake(
            codes.span(),
            format!("there is no code table `{name}`"),
            fix,
        ));
        return false;
    };
    let allowed = dataset
        .schema
        .get("properties")
        .and_then(|properties| properties.get(&*attribute.name)?.get("enum")?.as_array());
    let Some(allowed) = allowed.filter(|_| table.is_closed()) else {
        return true;
    };
    let allowed: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
    let wrong = table.targets().find(|target| !allowed.contains(target));
    if let Some(wrong) = wrong {
        let fix = match nearest(wrong, allowed.iter().copied()) {
            Some(name) => format!("write `{name}` in the column `target`"),
            None => format!("the schema allows {}", allowed.join(", ")),
        };
        let what = format!(
            "`{name}` reads a code as `{wrong}`, which `{}` cannot be",
            attribute.name
        );
        mistakes.push(source.mistake(codes.span(), what, fix));
    }
    wrong.is_none()
}
