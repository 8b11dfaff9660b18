//! Mappings in jq: compiled once, run often, and always to an end.
//!
//! The language is jaq's, without what a mapping has no business with: the environment, other
//! inputs, the clock, printing, recursion and updates. `$subject` is the subject's number. A mapping
//! runs within a number of steps, and its errors, which may hold values, are never shown.

mod budget;
mod check;
mod compile;
mod natives;
mod operations;
mod value;

pub(crate) use natives::{KINDS, Kinds, read};
pub(crate) use value::Val;

use crate::codes::CodeTables;
use jaq_core::{Ctx, DataT, Lut, Vars, data::HasLut};
use regex_lite::Regex;
use std::{collections::HashMap, fmt, ops::Range};

/// A compiled mapping.
pub(crate) struct Jq {
    filter: jaq_core::Filter<Kind>,
    patterns: HashMap<String, Regex>,
}

/// A mistake in a mapping's text; the place is in bytes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) place: Range<usize>,
    pub(crate) what: String,
    pub(crate) fix: String,
}

/// Why a run gave nothing. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It took too many steps, or made too much.
    TooMuch,
    /// It failed; one of our own filters may have said how: `is not a date`.
    Failed(Option<String>),
}

/// What mappings see beside their input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The folder's code tables.
    pub(crate) codes: &'a CodeTables,
    /// The subject's number, as `$subject`.
    pub(crate) subject: &'a Val,
}

/// The kinds of data that our natives work on.
pub(crate) struct Kind;

/// What natives may look up.
#[derive(Clone, Copy)]
pub(crate) struct Env<'a> {
    lut: &'a Lut<Kind>,
    codes: &'a CodeTables,
    patterns: &'a HashMap<String, Regex>,
}

impl DataT for Kind {
    type V<'a> = Val;
    type Data<'a> = Env<'a>;
}

impl<'a> HasLut<'a, Kind> for Env<'a> {
    fn lut(&self) -> &'a Lut<Kind> {
        self.lut
    }
}

impl Jq {
    /// Compiles a mapping.
    ///
    /// # Errors
    /// Every mistake that can be told apart.
    pub(crate) fn compile(code: &str, codes: &CodeTables) -> Result<Self, Vec<Fault>> {
        compile::compile(code, codes)
    }

    /// What the mapping gives for an input, at most [`OUTPUTS_MAX`] values.
    ///
    /// # Errors
    /// Why it gave nothing, without values.
    pub(crate) fn run(&self, input: Val, around: Surroundings<'_>) -> Result<Vec<Val>, Failure> {
        natives::forget_complaint();
        let run = || {
            let env = Env {
                lut: &self.filter.lut,
                codes: around.codes,
                patterns: &self.patterns,
            };
            let context = Ctx::<Kind>::new(env, Vars::new([around.subject.clone()]));
            let mut outputs = Vec::new();
            for output in self.filter.id.run((context, input)) {
                if outputs.len() == OUTPUTS_MAX {
                    budget::give_up();
                }
                // An error's text holds values; what may be said is in the natives' complaint.
                outputs.push(output.map_err(drop)?);
            }
            Ok(outputs)
        };
        match budget::within(budget::STEPS_MAX, run) {
            Ok(Ok(outputs)) => Ok(outputs),
            Ok(Err(())) => Err(Failure::Failed(natives::take_complaint())),
            Err(budget::Exhausted) => Err(Failure::TooMuch),
        }
    }

    /// Whether the mapping's first value for an input is neither `false` nor `null`.
    ///
    /// # Errors
    /// As for [`Jq::run`].
    pub(crate) fn holds(&self, input: Val, around: Surroundings<'_>) -> Result<bool, Failure> {
        let outputs = self.run(input, around)?;
        Ok(outputs
            .first()
            .is_some_and(|value| !matches!(value, Val::Null | Val::Bool(false))))
    }
}

/// The meaning of a code in a table; `None` where there is no code, or the table leaves it as it is.
///
/// # Errors
/// What is wrong with it, without the code.
pub(crate) fn meaning(codes: &CodeTables, table: &str, value: &Val) -> Result<Option<Val>, String> {
    natives::meaning(codes, value, table)
}

impl fmt::Debug for Jq {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Jq")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMuch => formatter.write_str("takes too many steps or makes too much"),
            Self::Failed(Some(complaint)) => formatter.write_str(complaint),
            Self::Failed(None) => formatter.write_str("does not fit what the registry sent"),
        }
    }
}

/// More records than a page may have.
const OUTPUTS_MAX: usize = 10_000;

#[cfg(test)]
mod tests;
