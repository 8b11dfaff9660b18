//! `motlan adapter new`: a folder that compiles at once, and passes the conformance kit with its own
//! recorded exchanges, so that every change from there on shows what it breaks.

use super::{
    Directory, exit,
    protocol::{COMMON, DIRECTORY, NAME, PROTOCOL, Protocol, VARIABLE},
};
use crate::cli::style::{ACCENT, GOOD, paint};
use anstream::println;
use anyhow::{Context, ensure};
use clap::Args;
use motlan_schemas::{catalogue::Catalogue, ids::RegistryId};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct New {
    /// The registry's id: lower-case letters, digits, hyphens or underscores.
    name: RegistryId,
    /// What the source speaks.
    #[arg(long, value_enum)]
    from: Protocol,
    /// The folder to make; without it, one of the registry's name.
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl New {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let directory = self
            .directory
            .unwrap_or_else(|| PathBuf::from(self.name.as_str()));
        ensure_free(&self.name, &directory)?;
        for (path, text) in filled(&self.name, self.from, &directory) {
            write(&directory.join(path), &text)?;
        }
        let made = Directory { directory };
        if made.folder().is_none() {
            return Ok(exit(false));
        }
        let shown = made.path().display();
        println!(
            "{} {shown}: a registry over {}",
            paint(GOOD, "✓"),
            self.from.title()
        );
        for (what, command) in [
            ("does the source answer?  ", "check"),
            ("does the folder keep the contract?  ", "test"),
            ("what does it serve?  ", "docs"),
        ] {
            println!(
                "  {what}{}",
                paint(ACCENT, &format!("motlan adapter {command} {shown}"))
            );
        }
        if self.from == Protocol::Sql {
            println!("  a database has no recorded exchanges: `test` needs another protocol");
        }
        Ok(exit(true))
    }
}

/// Refuses what is there already: a folder, or a registry of the national catalogue.
fn ensure_free(name: &RegistryId, directory: &Path) -> anyhow::Result<()> {
    let taken = fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    ensure!(
        !taken && !directory.is_file(),
        "`{}` exists already; nothing was changed. Give another folder",
        directory.display()
    );
    let catalogue = Catalogue::national();
    ensure!(
        catalogue
            .datasets()
            .iter()
            .all(|dataset| dataset.registry != *name),
        "the catalogue has datasets of `{name}` already. Give another name; a folder for them names \
         their attributes, as adapters/declarative/registries/tax does"
    );
    Ok(())
}

/// The files of a new folder.
fn filled(
    name: &RegistryId,
    protocol: Protocol,
    directory: &Path,
) -> impl Iterator<Item = (String, String)> {
    let variable = |letter: char| match letter {
        '-' => '_',
        other => other.to_ascii_uppercase(),
    };
    let variable: String = name.as_str().chars().map(variable).collect();
    let (name, shown) = (name.to_string(), directory.display().to_string());
    let fill = move |text: &str| {
        text.replace(NAME, &name)
            .replace(VARIABLE, &variable)
            .replace(PROTOCOL, protocol.title())
            .replace(DIRECTORY, &shown)
    };
    let files = protocol.templates().iter().chain(COMMON);
    files.map(move |(path, text)| (fill(path), fill(text)))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(cannot)?;
    }
    let mut file = fs::File::create_new(path).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::adapter::test::examined;
    use motlan_adapter_sdk::tier::Tier;
    use motlan_declarative::{Folder, Mistakes, fixtures};

    fn made(protocol: Protocol) -> (tempfile::TempDir, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("fishing-boats");
        let new = New {
            name: "fishing-boats".parse().unwrap(),
            from: protocol,
            directory: Some(directory.clone()),
        };
        assert_eq!(new.run().unwrap(), ExitCode::SUCCESS);
        (place, directory)
    }

    async fn assert_gold(protocol: Protocol) {
        let (_place, directory) = made(protocol);
        let folder =
            Folder::read(&directory).unwrap_or_else(|mistakes| panic!("{}", Mistakes(mistakes)));
        let source = fixtures(&directory).unwrap();
        let report = examined(&directory, &folder, source)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(report.tier, Tier::Gold, "{}", report.table());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_folder_over_rest_is_gold() {
        assert_gold(Protocol::Rest).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_folder_over_hal_is_gold() {
        assert_gold(Protocol::Hal).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_folder_over_soap_is_gold() {
        assert_gold(Protocol::Soap).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_folder_over_fhir_is_gold() {
        assert_gold(Protocol::Fhir).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_folder_over_ogc_is_gold() {
        assert_gold(Protocol::Ogc).await;
    }

    #[test]
    fn a_new_folder_over_sql_compiles() {
        let (_place, directory) = made(Protocol::Sql);
        assert!(Folder::read(&directory).is_ok());
    }

    #[test]
    fn nothing_that_is_there_is_overwritten() {
        let (_place, directory) = made(Protocol::Rest);
        let again = ensure_free(&"fishing-boats".parse().unwrap(), &directory);
        assert!(again.unwrap_err().to_string().contains("exists already"));
        let national = ensure_free(&"tax".parse().unwrap(), Path::new("nowhere/at-all"));
        assert!(national.unwrap_err().to_string().contains("`tax` already"));
    }
}
