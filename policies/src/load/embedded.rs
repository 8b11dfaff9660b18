//! The national policies, compiled in, so that the gateway runs without a directory of them.

use super::{CALENDAR, PolicyFiles, RULE_SCHEMA, SourceFile};

// `PURPOSES`, `AGENCIES`, `RULES`, `CASES` and `REFUSED`: paths and texts, listed by `build.rs`.
include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

pub(super) fn files() -> PolicyFiles {
    PolicyFiles {
        purposes: sources(PURPOSES),
        agencies: sources(AGENCIES),
        rules: sources(RULES),
        rule_schema: SourceFile {
            path: RULE_SCHEMA.to_owned(),
            text: include_str!("../../bundle/schema.cedarschema").to_owned(),
        },
        calendar: SourceFile {
            path: CALENDAR.to_owned(),
            text: include_str!("../../calendar.toml").to_owned(),
        },
        cases: sources(CASES),
        refused: sources(REFUSED),
    }
}

fn sources(files: &[(&str, &str)]) -> Vec<SourceFile> {
    files
        .iter()
        .map(|(path, text)| SourceFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        })
        .collect()
}
