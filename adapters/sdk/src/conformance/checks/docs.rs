//! What people read about the adapter is true.

use super::{check, schema::valid};
use crate::conformance::{
    bench::Bench,
    check::{Check, Findings},
};
use motlan_schemas::language::Language;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "docs.every-dataset-has-an-example",
        Gold,
        "",
        "The documentation has an example of every dataset.",
        every_dataset_has_an_example
    ),
    check!(
        "docs.examples-are-valid",
        Gold,
        "there is no example",
        "Every example in the documentation is valid against its dataset's schema.",
        examples_are_valid
    ),
    check!(
        "docs.attributes-are-described",
        Gold,
        "",
        "Every attribute has a title and a description in every language.",
        attributes_are_described
    ),
];

async fn every_dataset_has_an_example(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for served in &bench.descriptor.datasets {
        let name = &*bench.catalogue().dataset(served.dataset).name;
        findings.expect(
            bench.candidate.examples.contains_key(name),
            format!("`{name}`"),
            "an example",
            "none",
            "write one from an invented person",
        );
    }
    findings
}

async fn examples_are_valid(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (name, example) in &bench.candidate.examples {
        match bench.catalogue().dataset_named(name) {
            Some(dataset) => valid(
                &mut findings,
                &format!("the example of `{name}`"),
                dataset,
                example,
            ),
            None => findings.expect(
                false,
                format!("the example of `{name}`"),
                "a dataset of the catalogue",
                "there is none of this name",
                "name the example after its dataset",
            ),
        }
    }
    findings
}

async fn attributes_are_described(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for served in &bench.descriptor.datasets {
        for attribute in &bench.catalogue().dataset(served.dataset).attributes {
            for language in Language::ALL {
                let texts = [
                    attribute.title.get(language),
                    attribute.description.get(language),
                ];
                findings.expect(
                    texts.iter().all(|text| !text.trim().is_empty()),
                    format!("`{}` in {}", attribute.path, language.tag()),
                    "a title and a description",
                    "one of them is empty",
                    "write it in the dataset's schema (`x-title`, `x-description`)",
                );
            }
        }
    }
    findings
}
