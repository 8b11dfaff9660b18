//! The national catalogue is readable, and names resolve the way a developer expects.

use super::*;

#[test]
fn the_twenty_two_datasets_are_there_with_their_registries() {
    let catalogue = Catalogue::national();
    let names: Vec<_> = catalogue
        .datasets()
        .iter()
        .map(|dataset| dataset.name.as_ref())
        .collect();
    assert_eq!(names.len(), 22);
    for dataset in catalogue.datasets() {
        assert!(
            dataset.name.starts_with(dataset.registry.as_str()),
            "{}",
            dataset.name
        );
        assert!(!dataset.attributes.is_empty());
        assert_eq!(catalogue.dataset(dataset.id).name, dataset.name);
    }
}

#[test]
fn a_dataset_name_selects_all_its_attributes_and_an_attribute_name_one() {
    let catalogue = Catalogue::national();
    let (identity, all) = catalogue.resolve("population.identity").unwrap();
    let (same, one) = catalogue.resolve("population.identity.full_name").unwrap();
    assert_eq!(identity, same);
    assert_eq!(one.len(), 1);
    assert!(one.is_subset(all));
}

#[test]
fn a_mistyped_name_is_answered_with_the_nearest() {
    let catalogue = Catalogue::national();
    let nearest = |name| catalogue.resolve(name).unwrap_err();
    assert_eq!(
        nearest("population.identity.fullname"),
        NameError::Unknown {
            nearest: Some("population.identity.full_name".to_owned())
        }
    );
    assert_eq!(nearest("xyzzy"), NameError::Unknown { nearest: None });
    assert_eq!(
        nearest("population"),
        NameError::RegistryAlone("population".to_owned())
    );
    assert_eq!(nearest("population.*"), NameError::Wildcard);
    assert_eq!(nearest("*"), NameError::Wildcard);
}

#[test]
fn flags_are_known_as_such() {
    let catalogue = Catalogue::national();
    let residence = catalogue.dataset_named("population.residence").unwrap();
    let flags: Vec<_> = residence
        .attributes_in(residence.flags)
        .map(|a| a.name.as_ref())
        .collect();
    assert_eq!(flags, ["address_secret", "under_investigation"]);
}

#[test]
fn what_tells_where_somebody_lives_is_known_as_such() {
    let catalogue = Catalogue::national();
    let telling = |name: &str| {
        let dataset = catalogue.dataset_named(name).unwrap();
        let attributes = dataset.attributes.iter().filter(|a| a.address);
        attributes.map(|a| a.name.as_ref()).collect::<Vec<_>>()
    };
    assert_eq!(telling("population.residence").len(), 8);
    assert_eq!(
        telling("civil_status.birth"),
        ["mother_residence", "father_residence"]
    );
    assert!(telling("population.identity").is_empty());
    for dataset in catalogue.datasets() {
        let places = dataset.attributes.iter().filter(|a| a.address);
        let flags = places.filter(|a| a.flag).count();
        assert_eq!(flags, 0, "{}: a flag tells of no place", dataset.name);
    }
}

#[test]
fn a_broken_file_is_refused_with_its_name() {
    let error = Catalogue::from_files([("land.parcels", "{}")]).unwrap_err();
    assert!(error.to_string().contains("land.parcels"));
}
