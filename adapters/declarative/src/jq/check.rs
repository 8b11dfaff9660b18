//! What a mapping may not do, found in its syntax before it is compiled.

use super::Fault;
use jaq_core::load::{
    lex::{StrPart, Tok, Token},
    parse::{BinaryOp, Def, Pattern, Term},
    span,
};
use jaq_core::path::Part;
use std::ops::Range;

/// Filters of jq that mappings must do without, and why.
pub(super) const REFUSED: &[(&[&str], &str)] = &[
    (
        &["env", "$ENV", "input_filename", "$__prog_args", "getenv"],
        "a mapping sees its record and nothing of the machine it runs on",
    ),
    (
        &["input", "inputs", "input_line_number"],
        "a mapping has one input: the record, which is `.`",
    ),
    (
        &["debug", "stderr", "halt", "halt_error"],
        "a mapping may not print or stop the program; what it gives is its only effect",
    ),
    (
        &[
            "now",
            "localtime",
            "strflocaltime",
            "gmtime",
            "mktime",
            "strptime",
            "strftime",
            "todate",
            "fromdate",
            "date",
            "dateadd",
            "datesub",
            "fromdateiso8601",
            "todateiso8601",
        ],
        "times are read with `date`, `day`, or `as = \"date\"`",
    ),
    (
        &[
            "recurse",
            "repeat",
            "while",
            "until",
            "walk",
            "paths",
            "leaf_paths",
            "flatten",
            "env",
            "getpath",
            "combinations",
            "tostream",
            "fromstream",
            "limit_depth",
        ],
        "recursion is refused, so that every mapping ends; name the way to the value, as in `.a.b`",
    ),
    (
        &["del", "delpaths", "setpath", "to_array", "path", "pick"],
        "updates are refused; build the value that you want, as in `{a: .x, b: .y}`",
    ),
    (
        &[
            "splits", "scan", "match", "ascii", "@base64d", "@base64", "@csv", "@tsv", "@html",
            "@uri", "@sh",
        ],
        "use `test`, `capture`, `sub` or `gsub`; `.a / \",\"` splits a text",
    ),
];

/// What a walk through a mapping finds.
#[derive(Default)]
pub(super) struct Found<'s> {
    /// The names of the filters that it calls.
    pub(super) calls: Vec<&'s str>,
    /// The names of its own definitions.
    pub(super) definitions: Vec<&'s str>,
    /// First arguments of `code`, as written in the mapping.
    pub(super) tables: Vec<(&'s str, Option<String>)>,
    /// First arguments of the filters that take a regular expression.
    pub(super) patterns: Vec<(&'s str, Option<String>)>,
    pub(super) faults: Vec<Fault>,
}

/// Walks through a mapping.
pub(super) fn check<'s>(
    code: &'s str,
    tokens: &[Token<&'s str>],
    term: &Term<&'s str>,
) -> Found<'s> {
    let mut found = Found::default();
    let mut visit = |term: &Term<&'s str>| match term {
        Term::Call(name, arguments) => {
            found.calls.push(name);
            match *name {
                "code" => found.tables.push((name, literal(arguments))),
                "test" | "capture" | "sub" | "gsub" => {
                    found.patterns.push((name, literal(arguments)))
                }
                _ => {}
            }
        }
        Term::Str(Some(format), _) => found.calls.push(format),
        Term::Def(definitions, _) => {
            found
                .definitions
                .extend(definitions.iter().map(|definition| definition.name));
            let recursive = definitions
                .iter()
                .filter(|definition| calls_itself(definition));
            found.faults.extend(recursive.map(|definition| Fault {
                place: span(code, definition.name),
                what: format!("`{}` calls itself", definition.name),
                fix: "write it without recursion, so that every mapping ends".to_owned(),
            }));
        }
        _ => {}
    };
    walk(term, &mut visit);
    symbols(code, tokens, &mut found.faults);
    found
}

/// Whether a definition, or one within it, calls it.
fn calls_itself(definition: &Def<&str, Term<&str>>) -> bool {
    let mut calls = false;
    walk(&definition.body, &mut |term| {
        if let Term::Call(name, arguments) = term {
            calls |= *name == definition.name && arguments.len() == definition.args.len();
        }
    });
    calls
}

/// The text of a first argument that is a plain string.
fn literal(arguments: &[Term<&str>]) -> Option<String> {
    let Some(Term::Str(None, parts)) = arguments.first() else {
        return None;
    };
    let part = |part: &StrPart<&str, _>| match part {
        StrPart::Str(text) => Some((*text).to_owned()),
        StrPart::Char(character) => Some(character.to_string()),
        StrPart::Term(_) => None,
    };
    parts.iter().map(part).collect()
}

/// Refuses symbols that no term remembers the place of: `..` and the updates.
fn symbols(code: &str, tokens: &[Token<&str>], faults: &mut Vec<Fault>) {
    for Token(text, token) in tokens {
        match token {
            Tok::Block(inner) => symbols(code, inner, faults),
            Tok::Str(parts) => {
                for part in parts {
                    if let StrPart::Term(inner) = part {
                        symbols(code, std::slice::from_ref(inner), faults);
                    }
                }
            }
            Tok::Sym => {
                let refusal = match *text {
                    ".." => "recursion is refused; name the way to the value, as in `.a.b`",
                    "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//=" => {
                        "updates are refused; to compare write `==`, else build the value that you want"
                    }
                    _ => continue,
                };
                faults.push(Fault {
                    place: span(code, text),
                    what: format!("`{text}` is not allowed in a mapping"),
                    fix: refusal.to_owned(),
                });
            }
            Tok::Word | Tok::Var | Tok::Fmt | Tok::Num => {}
        }
    }
}

/// Calls `visit` for a term and everything within it.
pub(super) fn walk<'s>(term: &Term<&'s str>, visit: &mut impl FnMut(&Term<&'s str>)) {
    visit(term);
    let mut all = |terms: &[&Term<&'s str>]| terms.iter().for_each(|term| walk(term, &mut *visit));
    match term {
        Term::Id
        | Term::Recurse
        | Term::Num(_)
        | Term::Break(_)
        | Term::Var(_)
        | Term::Arr(None) => {}
        Term::Str(_, parts) => {
            for part in parts {
                if let StrPart::Term(term) = part {
                    walk(term, visit);
                }
            }
        }
        Term::Arr(Some(inner)) | Term::Neg(inner) | Term::Label(_, inner) => all(&[inner]),
        Term::Obj(members) => {
            for (key, value) in members {
                walk(key, visit);
                value.iter().for_each(|value| walk(value, visit));
            }
        }
        Term::BinOp(left, operation, right) => {
            if let BinaryOp::Pipe(Some(pattern)) = operation {
                walk_pattern(pattern, visit);
            }
            walk(left, visit);
            walk(right, visit);
        }
        Term::Fold(_, source, pattern, parts) => {
            walk(source, visit);
            walk_pattern(pattern, visit);
            parts.iter().for_each(|part| walk(part, visit));
        }
        Term::TryCatch(inner, handler) => {
            walk(inner, visit);
            handler.iter().for_each(|handler| walk(handler, visit));
        }
        Term::IfThenElse(branches, otherwise) => {
            for (condition, branch) in branches {
                walk(condition, visit);
                walk(branch, visit);
            }
            otherwise
                .iter()
                .for_each(|otherwise| walk(otherwise, visit));
        }
        Term::Def(definitions, inner) => {
            definitions
                .iter()
                .for_each(|definition| walk(&definition.body, visit));
            walk(inner, visit);
        }
        Term::Call(_, arguments) => arguments.iter().for_each(|argument| walk(argument, visit)),
        Term::Path(inner, path) => {
            walk(inner, visit);
            for (part, _) in &path.0 {
                match part {
                    Part::Index(index) => walk(index, visit),
                    Part::Range(start, end) => {
                        start.iter().chain(end).for_each(|bound| walk(bound, visit));
                    }
                }
            }
        }
    }
}

fn walk_pattern<'s>(pattern: &Pattern<&'s str>, visit: &mut impl FnMut(&Term<&'s str>)) {
    match pattern {
        Pattern::Var(_) => {}
        Pattern::Arr(patterns) => patterns
            .iter()
            .for_each(|pattern| walk_pattern(pattern, visit)),
        Pattern::Obj(members) => {
            for (key, pattern) in members {
                walk(key, visit);
                walk_pattern(pattern, visit);
            }
        }
    }
}

/// Refuses texts so long or so deeply nested that reading them could overflow the stack.
pub(super) fn refuse_size(code: &str) -> Option<Fault> {
    let fault = |place: Range<usize>, what: &str| {
        Some(Fault {
            place,
            what: what.to_owned(),
            fix: "split it: name parts with `def`, or map fewer things in one attribute".to_owned(),
        })
    };
    if code.len() > CODE_BYTES_MAX {
        return fault(0..1, "a mapping longer than 4,000 bytes");
    }
    let mut depth = 0usize;
    for (place, character) in code.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > BRACKETS_MAX {
            return fault(place..place + 1, "brackets nested more than 32 deep");
        }
    }
    None
}

/// Refuses more words and symbols than any mapping needs, each of which may be one deeper in jaq's tree.
pub(super) fn refuse_length(tokens: &[Token<&str>]) -> Option<Fault> {
    (count(tokens) > TOKENS_MAX).then(|| Fault {
        place: 0..1,
        what: "a mapping of more than 200 words and symbols".to_owned(),
        fix: "map fewer things in one attribute".to_owned(),
    })
}

fn count(tokens: &[Token<&str>]) -> usize {
    let within = |token: &Token<&str>| match &token.1 {
        Tok::Block(inner) => count(inner),
        Tok::Str(parts) => parts
            .iter()
            .map(|part| match part {
                StrPart::Term(inner) => count(std::slice::from_ref(inner)),
                StrPart::Str(_) | StrPart::Char(_) => 0,
            })
            .sum(),
        Tok::Word | Tok::Var | Tok::Fmt | Tok::Num | Tok::Sym => 0,
    };
    tokens.iter().map(|token| 1 + within(token)).sum()
}

const TOKENS_MAX: usize = 200;
const CODE_BYTES_MAX: usize = 4_000;
const BRACKETS_MAX: usize = 32;
