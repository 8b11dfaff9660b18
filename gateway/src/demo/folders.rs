//! The folders of the demonstration's declarative registries, written where they can be edited.

use std::{fs, io, path::Path};

/// The registries that exist only as folders.
pub(super) const REGISTRIES: [&str; 2] = ["health", "tax"];

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../adapters/declarative/registries/", $path)))),*]
    };
}

const FILES: [(&str, &str); 15] = files![
    "health/adapter.toml",
    "health/codes/allergy-category.csv",
    "health/codes/allergy-criticality.csv",
    "health/codes/allergy-status.csv",
    "health/codes/clinical-verification.csv",
    "health/codes/condition-status.csv",
    "health/codes/contact-relationship.csv",
    "health/codes/immunization-status.csv",
    "health/conformance.toml",
    "tax/adapter.toml",
    "tax/codes/income-kind.csv",
    "tax/codes/tax-kind.csv",
    "tax/codes/tax-obligation-status.csv",
    "tax/codes/taxpayer-status.csv",
    "tax/conformance.toml",
];

/// Writes the folders that are not there. One that is there may have been edited, and stays.
pub(super) fn write(data: &Path) -> io::Result<()> {
    let adapters = data.join("adapters");
    let missing = REGISTRIES.map(|registry| !adapters.join(registry).exists());
    for (path, text) in FILES {
        let of_missing = REGISTRIES
            .iter()
            .zip(missing)
            .any(|(registry, missing)| missing && path.split('/').next() == Some(registry));
        if of_missing {
            let path = adapters.join(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use motlan_adapter_sdk::tier::{Committed, Tier};
    use motlan_declarative::Folder;

    #[test]
    fn the_written_folders_hold_and_are_not_written_over() {
        let data = tempfile::tempdir().unwrap();
        write(data.path()).unwrap();
        for registry in REGISTRIES {
            let folder = Folder::read(&data.path().join("adapters").join(registry)).unwrap();
            assert_eq!(folder.registry().as_str(), registry);
            let examined = Committed::of_folder(&data.path().join("adapters").join(registry));
            assert_eq!(
                examined.unwrap().map(|examined| examined.tier),
                Some(Tier::Gold)
            );
        }
        let manifest = data.path().join("adapters/tax/adapter.toml");
        fs::write(&manifest, "edited").unwrap();
        write(data.path()).unwrap();
        assert_eq!(fs::read_to_string(manifest).unwrap(), "edited");
    }
}
