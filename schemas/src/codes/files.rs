//! Reads the files of `codes/`, which are compiled in.

use super::{Code, CodeList};
use crate::language::Text;
use jiff::civil::Date;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../codes/", $name, ".csv")))),*]
    };
}

pub(super) static LISTS: LazyLock<BTreeMap<&'static str, CodeList>> = LazyLock::new(|| {
    let files = files![
        "administrative-units",
        "allergy-category",
        "allergy-criticality",
        "allergy-status",
        "attached-asset",
        "blood-type",
        "clinical-verification",
        "company-role",
        "condition-status",
        "contact-relationship",
        "document-kind",
        "document-status",
        "encumbrance-kind",
        "enterprise-status",
        "ethnicity",
        "former-provinces",
        "guardianship-end-reason",
        "guardianship-kind",
        "guardianship-status",
        "health-insurance-status",
        "health-record-status",
        "immunization-status",
        "income-kind",
        "insurance-group",
        "land-tenure",
        "land-use",
        "legal-form",
        "marital-status",
        "marriage-end-reason",
        "marriage-status",
        "nationality",
        "owner-kind",
        "ownership-directness",
        "ownership-interest",
        "person-status",
        "registration-kind",
        "relationship",
        "sex",
        "social-insurance-kind",
        "social-insurance-status",
        "tax-kind",
        "tax-obligation-status",
        "taxpayer-status",
    ];
    files
        .into_iter()
        .map(|(name, text)| (name, read(name, text)))
        .collect()
});

#[expect(
    clippy::expect_used,
    reason = "the files are compiled in, and a test reads every one"
)]
fn read(name: &'static str, text: &str) -> CodeList {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize::<Code>();
    let codes = rows
        .collect::<Result<Vec<_>, _>>()
        .expect("a code list of this build is readable");
    let places = codes
        .iter()
        .enumerate()
        .map(|(place, code)| (code.code.clone(), place))
        .collect();
    CodeList {
        name,
        codes,
        places,
    }
}

/// A line of a file. `province_code` and `successor` stand in one list each.
#[derive(Deserialize)]
pub(super) struct Row {
    code: Box<str>,
    title_vi: String,
    title_en: String,
    title_fr: String,
    valid_from: Option<Date>,
    valid_until: Option<Date>,
    #[serde(alias = "province_code", alias = "successor")]
    parent: Option<Box<str>>,
}

impl From<Row> for Code {
    fn from(row: Row) -> Self {
        Self {
            code: row.code,
            title: Text {
                vi: row.title_vi,
                en: row.title_en,
                fr: row.title_fr,
            },
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            parent: row.parent,
        }
    }
}
