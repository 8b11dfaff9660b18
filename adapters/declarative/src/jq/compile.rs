//! From a mapping's text to a compiled one, or to its mistakes.

use super::{
    Fault, Jq, Kind,
    check::{self, Found, REFUSED},
    natives::natives,
};
use crate::codes::CodeTables;
use jaq_core::{
    Compiler, Native,
    compile::Undefined,
    load::{
        Arena, File, Loader,
        lex::{self, Lexer, Token},
        parse::{self, Def, Expect, Parser, Term},
        span,
    },
};
use motlan_schemas::catalogue::names::nearest;
use regex_lite::RegexBuilder;
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// The definitions of jaq that mappings may use. None of them recurses or updates.
const JAQ: &[&str] = &[
    "empty",
    "error",
    "true",
    "false",
    "not",
    "select",
    "tostring",
    "range",
    "map",
    "first",
    "last",
    "nth",
    "to_entries",
    "from_entries",
    "with_entries",
    "isempty",
    "all",
    "any",
    "null",
    "isboolean",
    "isnumber",
    "isstring",
    "isarray",
    "isobject",
    "type",
    "values",
    "nulls",
    "booleans",
    "numbers",
    "strings",
    "arrays",
    "objects",
    "iterables",
    "scalars",
    "add",
    "min_by",
    "max_by",
    "min",
    "max",
    "unique_by",
    "unique",
    "keys",
    "abs",
    "@text",
];

/// Names that only other definitions use.
const INTERNAL: &[&str] = &[
    "error_empty",
    "key_values",
    "min_by_or_empty",
    "max_by_or_empty",
    "!empty",
];

type Definition = Def<&'static str>;

pub(super) fn compile(code: &str, codes: &CodeTables) -> Result<Jq, Vec<Fault>> {
    if let Some(fault) = check::refuse_size(code) {
        return Err(vec![fault]);
    }
    let tokens = Lexer::new(code).lex().map_err(|errors| {
        errors
            .into_iter()
            .map(|error| unreadable(code, &error))
            .collect::<Vec<_>>()
    })?;
    if let Some(fault) = check::refuse_length(&tokens) {
        return Err(vec![fault]);
    }
    let term = Parser::new(&tokens)
        .parse(|parser| parser.term())
        .map_err(|errors| {
            errors
                .into_iter()
                .map(|error| unexpected(code, error))
                .collect::<Vec<_>>()
        })?;
    let Found {
        calls,
        definitions,
        tables,
        patterns,
        mut faults,
    } = check::check(code, &tokens, &term);
    faults.extend(
        tables
            .iter()
            .filter_map(|table| table_fault(code, table, codes)),
    );
    let patterns = compiled_patterns(code, patterns, &mut faults);
    let needed: HashSet<&str> = calls.into_iter().collect();
    let filter = linked(code, &needed, &definitions, &mut faults);
    match filter {
        Some(filter) if faults.is_empty() => Ok(Jq { filter, patterns }),
        _ => Err(faults),
    }
}

/// Joins the mapping with the definitions that it uses.
fn linked(
    code: &str,
    needed: &HashSet<&str>,
    own: &[&str],
    faults: &mut Vec<Fault>,
) -> Option<jaq_core::Filter<Kind>> {
    let arena = Arena::default();
    let loader = Loader::new(prelude(needed));
    let Ok(modules) = loader.load(&arena, File { code, path: () }) else {
        // The same text was read above, but for `include` and `import`.
        faults.push(Fault {
            place: 0..code.len(),
            what: "a mapping cannot include other files".to_owned(),
            fix: "write the definitions into the mapping".to_owned(),
        });
        return None;
    };
    let compiler: Compiler<_, Kind> = Compiler::<_, Kind>::default();
    match compiler
        .with_funs(natives())
        .with_global_vars(["$subject"])
        .compile(modules)
    {
        Ok(filter) => Some(filter),
        Err(errors) => {
            let undefined = errors.into_iter().flat_map(|(_, undefined)| undefined);
            faults.extend(undefined.map(|(name, kind)| undefined_fault(code, name, &kind, own)));
            None
        }
    }
}

/// The definitions that some calls need, in their order, with what these need themselves.
fn prelude(needed: &HashSet<&str>) -> Vec<Definition> {
    let mut needed: HashSet<String> = needed.iter().map(|name| (*name).to_owned()).collect();
    let mut used = Vec::new();
    // A definition calls only earlier ones.
    for definition in definitions().into_iter().rev() {
        if needed.contains(definition.name) {
            check::walk(&definition.body, &mut |term| {
                if let Term::Call(name, _) = term {
                    needed.insert((*name).to_owned());
                }
            });
            used.push(definition);
        }
    }
    used.reverse();
    used
}

fn definitions() -> Vec<Definition> {
    let jaq = jaq_core::defs().chain(jaq_std::defs());
    let own = jaq_core::load::parse(include_str!("prelude.jq"), |parser| parser.defs());
    let allowed = jaq.filter(|definition| JAQ.contains(&definition.name));
    allowed.chain(own.unwrap_or_default()).collect()
}

fn compiled_patterns(
    code: &str,
    patterns: Vec<(&str, Option<String>)>,
    faults: &mut Vec<Fault>,
) -> HashMap<String, regex_lite::Regex> {
    let mut compiled = HashMap::new();
    for (call, pattern) in patterns {
        let regex = match &pattern {
            None => Err("its first argument must be a text written out".to_owned()),
            Some(pattern) => RegexBuilder::new(pattern)
                .size_limit(REGEX_BYTES_MAX)
                .build()
                .map_err(|error| format!("no regular expression: {error}")),
        };
        match (regex, pattern) {
            (Ok(regex), Some(pattern)) => {
                compiled.insert(pattern, regex);
            }
            (Err(what), _) => faults.push(Fault {
                place: span(code, call),
                what: format!("`{call}`: {what}"),
                fix: "write the expression between quotes, with `\\\\d` for a digit; there are no back-references"
                    .to_owned(),
            }),
            (Ok(_), None) => {}
        }
    }
    compiled
}

fn table_fault(
    code: &str,
    (call, table): &(&str, Option<String>),
    codes: &CodeTables,
) -> Option<Fault> {
    let fault = |what: String, fix: String| {
        Some(Fault {
            place: span(code, call),
            what,
            fix,
        })
    };
    match table {
        None => fault(
            "`code` without the name of a table written out".to_owned(),
            "write it as in `code(\"codes/status.csv\")`".to_owned(),
        ),
        Some(table) if codes.contains_key(table) => None,
        Some(table) => fault(
            format!("there is no code table `{table}`"),
            match nearest(table, codes.keys().map(String::as_str)) {
                Some(table) => format!("write `{table}`"),
                None => "add the file, with the columns `source,target`".to_owned(),
            },
        ),
    }
}

fn unreadable(code: &str, (expected, rest): &lex::Error<&str>) -> Fault {
    let start = span(code, rest).start;
    Fault {
        place: start..start + rest.chars().next().map_or(0, char::len_utf8),
        what: format!("expected {} here", spoken(expected.as_str())),
        fix: "close every bracket and quote, and write only jq".to_owned(),
    }
}

fn unexpected(code: &str, (expected, found): parse::Error<&str, Option<&Token<&str>>>) -> Fault {
    let place = found.map_or(code.len()..code.len(), |Token(text, _)| {
        first_character(code, text)
    });
    let what = match expected {
        Expect::Nothing => "expected the mapping to end here".to_owned(),
        other => format!("expected {} here", spoken(other.as_str())),
    };
    Fault {
        place,
        what,
        fix: "complete the jq expression".to_owned(),
    }
}

/// A block's token is everything up to its closing bracket; its start is the place that counts.
fn first_character(code: &str, text: &str) -> Range<usize> {
    let whole = span(code, text);
    if text.starts_with(['(', '[', '{']) {
        whole.start..whole.start + 1
    } else {
        whole
    }
}

/// jaq names what it expects by a word for it, or by the text itself.
fn spoken(expected: &str) -> String {
    match expected {
        "term" => "a filter, such as `.name`".to_owned(),
        "nothing" => "nothing more".to_owned(),
        word if word.len() > 5 => format!("a {word}"),
        text => format!("`{text}`"),
    }
}

fn undefined_fault(code: &str, name: &str, kind: &Undefined, own: &[&str]) -> Fault {
    let place = span(code, name);
    if let Some((_, why)) = REFUSED.iter().find(|(names, _)| names.contains(&name)) {
        let what = format!("`{name}` is not allowed in a mapping");
        return Fault {
            place,
            what,
            fix: (*why).to_owned(),
        };
    }
    let what = match kind {
        Undefined::Filter(0) => format!("there is no filter `{name}`"),
        Undefined::Filter(1) => format!("there is no filter `{name}` with 1 argument"),
        Undefined::Filter(count) => format!("there is no filter `{name}` with {count} arguments"),
        _ => format!("there is no {} `{name}`", kind.as_str()),
    };
    let mut known: Vec<&str> = known_names();
    known.extend(own);
    let same = known.contains(&name);
    let close =
        nearest(name, known.iter().copied()).filter(|_| matches!(kind, Undefined::Filter(_)));
    let fix = match (kind, close) {
        (Undefined::Filter(_), _) if same => {
            "give it as many arguments as its description says".to_owned()
        }
        (_, Some(close)) => format!("write `{close}`"),
        (Undefined::Filter(_), None) => format!("for a member of the record write `.{name}`"),
        _ => "the only variable that is given is `$subject`".to_owned(),
    };
    Fault { place, what, fix }
}

fn known_names() -> Vec<&'static str> {
    let defined = definitions().into_iter().map(|definition| definition.name);
    let native = natives().map(|(name, ..)| name);
    let mut names: Vec<_> = defined
        .chain(native)
        .filter(|name| !INTERNAL.contains(name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Far more than any expression for a code or a date takes.
const REGEX_BYTES_MAX: usize = 64 * 1024;

/// Names the natives' type where jaq's inference needs it.
const _: fn(Native<Kind>) = drop::<Native<Kind>>;
