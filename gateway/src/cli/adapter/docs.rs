//! `motlan adapter docs`: a page for those who ask what a folder serves, and where it comes from.

use super::{Directory, exit, workbench};
use anstream::println;
use anyhow::Context;
use clap::Args;
use motlan_adapter_sdk::tier::Committed;
use motlan_declarative::{Environment, Folder, MANIFEST};
use motlan_schemas::{
    catalogue::{Attribute, Dataset, Sensitivity},
    language::Language,
};
use std::{fmt::Write as _, fs, process::ExitCode};
use toml::{Table, Value};

#[derive(Debug, Args)]
pub(in crate::cli) struct Docs {
    #[command(flatten)]
    directory: Directory,
}

impl Docs {
    pub(super) fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let Some(folder) = self.directory.folder() else {
            return Ok(exit(false));
        };
        let path = self.directory.path().join(MANIFEST);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let tier = Committed::of_folder(self.directory.path())?;
        let page = page(&folder, &text.parse()?, tier.as_ref(), language)?;
        println!("{}", page.trim_end());
        Ok(exit(true))
    }
}

/// The page, in Markdown.
fn page(
    folder: &Folder,
    manifest: &Table,
    tier: Option<&Committed>,
    language: Language,
) -> anyhow::Result<String> {
    let (contract, _) = workbench::of(folder)?;
    let mut page = String::new();
    let people = match folder.environment() {
        Environment::Test => "invented people",
        Environment::Production => "real people",
    };
    let tier = tier.map_or("not examined, or changed since", |tier| tier.tier.as_str());
    writeln!(page, "# {}\n", folder.title().get(language))?;
    writeln!(page, "| | |\n|---|---|")?;
    for (name, value) in [
        ("registry", format!("`{}`", folder.registry())),
        ("version", folder.version().to_owned()),
        ("protocol", folder.protocol().to_string()),
        ("holds", people.to_owned()),
        ("conformance", tier.to_owned()),
    ] {
        writeln!(page, "| {name} | {value} |")?;
    }
    for name in folder.datasets() {
        let section = manifest.get("datasets").and_then(|all| all.get(name));
        let mappings = section.and_then(|section| section.get("attributes"));
        if let Some(dataset) = contract.catalogue().dataset_named(name) {
            page.push_str(&section_of(dataset, mappings, language)?);
        }
    }
    Ok(page)
}

fn section_of(
    dataset: &Dataset,
    mappings: Option<&Value>,
    language: Language,
) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "\n## {} (`{}`)\n",
        dataset.title.get(language),
        dataset.name
    )?;
    writeln!(text, "{}\n", dataset.description.get(language))?;
    writeln!(
        text,
        "| attribute | title | sensitivity | fields | mapping | codes |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|")?;
    for attribute in &dataset.attributes {
        let mapping = mappings.and_then(|all| all.get(&*attribute.name));
        writeln!(text, "{}", row(attribute, mapping, language))?;
    }
    Ok(text)
}

fn row(attribute: &Attribute, mapping: Option<&Value>, language: Language) -> String {
    let text = |key: &str| {
        mapping
            .and_then(|table| table.get(key))
            .and_then(Value::as_str)
    };
    let jq = mapping.and_then(Value::as_str).or_else(|| text("jq"));
    let fields = ["needs", "given"].into_iter().flat_map(|key| {
        let names = mapping
            .and_then(|table| table.get(key))
            .and_then(Value::as_array);
        names.into_iter().flatten().filter_map(Value::as_str)
    });
    let fields: Vec<_> = fields.map(code).collect();
    let cells = [
        code(&attribute.name),
        attribute.title.get(language).to_owned(),
        sensitivity(attribute.sensitivity).to_owned(),
        fields.join(", "),
        jq.map_or_else(|| "not served".to_owned(), code),
        text("codes").map_or_else(String::new, |file| format!("[{file}]({file})")),
    ];
    format!("| {} |", cells.join(" | "))
}

/// As schemas write it.
const fn sensitivity(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Basic => "basic",
        Sensitivity::Sensitive => "sensitive",
        Sensitivity::Special => "special",
    }
}

/// A text as code within a table's cell, which ends at a bar or a line's end.
fn code(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("`{}`", one_line.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_attribute_of_a_folder_has_a_row() {
        let directory =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters/declarative/registries/tax");
        let folder = Folder::read(&directory).unwrap();
        let manifest = fs::read_to_string(directory.join(MANIFEST)).unwrap();
        let page = page(&folder, &manifest.parse().unwrap(), None, Language::En).unwrap();
        assert!(page.starts_with("# Tax registry\n"), "{page}");
        assert!(page.contains("| `assessed_vnd` |"), "{page}");
        assert!(page.contains("`.soPhaiNop \\| dong`"), "{page}");
        assert!(
            page.contains("[codes/tax-kind.csv](codes/tax-kind.csv)"),
            "{page}"
        );
        assert!(page.contains("not examined"), "{page}");
    }
}
