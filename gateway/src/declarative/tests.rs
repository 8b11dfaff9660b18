//! Folders found, joined and followed.

use super::{follow::Look, *};
use motlan_adapter_sdk::adapter::Adapter;
use std::time::{Duration, SystemTime};

const TAX: &str = include_str!("../../../adapters/declarative/registries/tax/adapter.toml");

/// A directory with the folder of the tax registry, and the setting that names it.
fn directory() -> (tempfile::TempDir, DeclarativeConfig) {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("tax");
    fs::create_dir_all(folder.join("codes")).unwrap();
    fs::write(folder.join("adapter.toml"), TAX).unwrap();
    let codes = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../adapters/declarative/registries/tax/codes"
    );
    for entry in fs::read_dir(codes).unwrap().flatten() {
        fs::copy(entry.path(), folder.join("codes").join(entry.file_name())).unwrap();
    }
    let config = DeclarativeConfig {
        directory: Some(directory.path().to_owned()),
        ..DeclarativeConfig::default()
    };
    (directory, config)
}

fn started(config: &DeclarativeConfig) -> (Vec<Limited>, Declarative) {
    let found = Found::read(config).unwrap();
    let contract = Contract::new(found.catalogue().unwrap()).unwrap();
    found.adapters(config, &Arc::new(contract)).unwrap()
}

/// Writes the manifest with a time that no earlier one has.
fn write(directory: &tempfile::TempDir, text: &str, seconds: u64) {
    let path = directory.path().join("tax/adapter.toml");
    fs::write(&path, text).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

/// What the second of two looks finds: the first sees a change, the next that it is at rest.
fn at_rest(followed: &Followed) -> Look {
    assert!(matches!(followed.look(), Look::Same));
    followed.look()
}

#[test]
fn without_a_directory_there_is_nothing() {
    let found = Found::read(&DeclarativeConfig::default()).unwrap();
    assert!(Arc::ptr_eq(
        &found.catalogue().unwrap(),
        &Catalogue::national()
    ));
    assert!(found.mappings().is_empty());
}

#[test]
fn the_start_tells_all_mistakes_of_all_folders() {
    let (directory, config) = directory();
    fs::create_dir(directory.path().join("empty")).unwrap();
    write(&directory, &TAX.replace("as = \"date\"", "as = \"dat\""), 1);
    let error = Found::read(&config).unwrap_err().to_string();
    assert!(error.contains("empty/adapter.toml"), "{error}");
    assert!(error.matches("write `date`").count() >= 3, "{error}");
}

#[test]
fn a_setting_for_a_registry_without_a_folder_is_refused() {
    let (_directory, mut config) = directory();
    config.registries.insert(
        "taxes".parse().unwrap(),
        DeclarativeRegistryConfig::default(),
    );
    let error = Found::read(&config).unwrap_err();
    assert!(
        error.to_string().contains("declarative.registries.taxes"),
        "{error}"
    );
}

#[test]
fn a_folder_serves_the_provinces_that_are_configured_for_it() {
    let (_directory, mut config) = directory();
    assert_eq!(started(&config).0[0].2, None);
    let south = Provinces::named("79").ok();
    let of_the_south = DeclarativeRegistryConfig {
        provinces: south,
        ..DeclarativeRegistryConfig::default()
    };
    config
        .registries
        .insert("tax".parse().unwrap(), of_the_south);
    assert_eq!(started(&config).0[0].2, south);
}

#[test]
fn a_changed_folder_serves_once_it_is_at_rest() {
    let (directory, config) = directory();
    let (adapters, declarative) = started(&config);
    let followed = &declarative.followed[0];
    assert!(
        matches!(at_rest(followed), Look::Same),
        "nothing has changed yet"
    );
    write(
        &directory,
        &TAX.replace("version = \"1.0.0\"", "version = \"1.0.1\""),
        1,
    );
    let Look::Ready(ready) = at_rest(followed) else {
        panic!("the change must be seen")
    };
    assert_eq!(
        adapters[0].0.folder().version(),
        "1.0.0",
        "not before it is logged"
    );
    followed.serve(*ready);
    assert_eq!(adapters[0].0.folder().version(), "1.0.1");
    assert!(matches!(followed.look(), Look::Same));
    // The same bytes at another time are no change.
    write(
        &directory,
        &TAX.replace("version = \"1.0.0\"", "version = \"1.0.1\""),
        2,
    );
    assert!(matches!(at_rest(followed), Look::Same));
}

#[test]
fn a_folder_with_mistakes_is_refused_and_the_old_one_goes_on() {
    let (directory, config) = directory();
    let (adapters, declarative) = started(&config);
    let followed = &declarative.followed[0];
    for (place, (from, to, says)) in [
        (
            ".maCoQuanThue\"",
            ".maCoQuanThue | foo\"",
            "there is no filter `foo`",
        ),
        (
            "registry = \"tax\"",
            "registry = \"thue\"",
            "another registry id",
        ),
        (
            "[datasets.\"tax.income\"]",
            "[datasets.\"tax.incom\"]",
            "the catalogue has no dataset",
        ),
        (
            "truong = \"{fields}\", ",
            "",
            "another way to ask for fields",
        ),
        (
            "base_url = \"http",
            "base_url = \"ftp",
            "must start with https://",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        write(&directory, &TAX.replace(from, to), 10 + place as u64);
        let _ = followed.look();
        let Look::Refused(mistakes) = followed.look() else {
            panic!("{says}")
        };
        let told = Mistakes(mistakes).to_string();
        assert!(told.contains(says), "{told}");
        assert_eq!(adapters[0].0.folder().version(), "1.0.0");
        assert_eq!(adapters[0].0.descriptor().datasets.len(), 3);
    }
}

#[test]
fn a_folder_that_is_removed_keeps_serving() {
    let (directory, config) = directory();
    let (adapters, declarative) = started(&config);
    let _ = at_rest(&declarative.followed[0]);
    fs::remove_dir_all(directory.path().join("tax")).unwrap();
    assert!(matches!(at_rest(&declarative.followed[0]), Look::Removed));
    assert!(
        matches!(declarative.followed[0].look(), Look::Same),
        "told once"
    );
    assert_eq!(adapters[0].0.folder().version(), "1.0.0");
}

#[test]
fn a_folder_may_bring_a_dataset_of_its_own() {
    let (directory, config) = directory();
    let schemas = directory.path().join("tax/datasets");
    fs::create_dir(&schemas).unwrap();
    let text = include_str!("../../../schemas/datasets/tax.income.json");
    fs::write(schemas.join("tax.refunds.json"), text).unwrap();
    let catalogue = Found::read(&config).unwrap().catalogue().unwrap();
    assert!(catalogue.dataset_named("tax.refunds").is_some());
    // The catalogue's own datasets may not be described otherwise.
    fs::write(
        schemas.join("tax.income.json"),
        text.replace("2999", "2998"),
    )
    .unwrap();
    let error = Found::read(&config).unwrap_err().to_string();
    assert!(error.contains("another schema"), "{error}");
}
