//! Whom a question goes to, whatever provinces registries serve and questions name.

use super::*;
use crate::{metrics::Metrics, registry::RegistryLimits};
use async_trait::async_trait;
use motlan_adapter_sdk::adapter::{
    Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset,
};
use motlan_policies::permit::Permit;
use proptest::{collection::vec, prelude::*};

/// An adapter that is never asked.
#[derive(Debug)]
struct Described(Descriptor);

#[async_trait]
impl Adapter for Described {
    fn descriptor(&self) -> &Descriptor {
        &self.0
    }

    async fn fetch(&self, _: &Permit, _: &Call) -> Result<Fetched, AdapterError> {
        unreachable!("nobody is asked here")
    }

    async fn health(&self, _: &Call) -> Result<(), AdapterError> {
        Ok(())
    }
}

fn registry(id: &str, dataset: DatasetId, provinces: Provinces) -> Arc<Registry> {
    let adapter = Described(Descriptor {
        registry: id.parse().unwrap(),
        datasets: vec![ServedDataset {
            dataset,
            selective: true,
        }],
        answers_depend_on_asker: false,
    });
    let limits = RegistryLimits::default();
    let registry = Registry::new(Arc::new(adapter), &limits, Arc::new(Metrics::new()));
    Arc::new(registry.for_provinces(provinces))
}

fn named(codes: &[&str]) -> Provinces {
    let provinces = codes.iter().map(|code| Provinces::named(code).unwrap());
    provinces.collect()
}

fn parcels(catalogue: &Catalogue) -> DatasetId {
    catalogue.dataset_named("land.parcels").unwrap().id
}

#[test]
fn registries_that_cannot_be_told_apart_are_refused_with_what_to_do() {
    let catalogue = Catalogue::national();
    let land = parcels(&catalogue);
    let refused = |second: &str, one: Provinces, other: Provinces| {
        let both = vec![registry("land", land, one), registry(second, land, other)];
        Registries::new(&catalogue, both).unwrap_err().to_string()
    };
    let (hanoi, three) = (named(&["01"]), named(&["04", "01", "79"]));
    assert_eq!(
        refused("land_south", Provinces::ALL, hanoi),
        "dataset `land.parcels` is served by both `land` and `land_south`: where several registries \
         serve a dataset, each names its `provinces`"
    );
    assert_eq!(
        refused("land_south", hanoi, three),
        "dataset `land.parcels` is served by both `land` and `land_south` for the province `01`: name \
         it in the `provinces` of one of them"
    );
    assert_eq!(
        refused("land", hanoi, named(&["79"])),
        "two registries have the id `land`: give each its own with `adapter.registry`"
    );
}

#[test]
fn registries_are_found_by_id_and_tell_what_they_serve_and_what_nobody_does() {
    let catalogue = Catalogue::national();
    let (land, roles) = (
        parcels(&catalogue),
        catalogue.dataset_named("business.roles").unwrap().id,
    );
    let all = vec![
        registry("land_south", land, named(&["79"])),
        registry("business", roles, Provinces::ALL),
        registry("land", land, Provinces::ALL - named(&["79", "96"])),
    ];
    let registries = Registries::new(&catalogue, all).unwrap();
    let south = "land_south".parse().unwrap();
    assert!(registries.serves(&south, land) && !registries.serves(&south, roles));
    assert!(registries.by_id(&"nobody".parse().unwrap()).is_none());
    let ids: Vec<_> = registries.serving(land).iter().map(|r| &*r.name).collect();
    assert_eq!(ids, ["land_south", "land"], "as they are configured");
    let gaps: Vec<_> = registries
        .with_gaps(&catalogue)
        .map(|(dataset, gap)| (&*dataset.name, gap))
        .collect();
    assert_eq!(gaps, [("land.parcels", named(&["96"]))]);
}

/// Every province at one of five registries, or at none.
fn owners() -> impl Strategy<Value = Vec<Option<usize>>> {
    vec(proptest::option::weighted(0.9, 0_usize..5), 34)
}

fn of_places(places: impl Iterator<Item = usize>) -> Provinces {
    let codes: Vec<_> = Provinces::ALL.codes().collect();
    places
        .map(|place| Provinces::named(codes[place]).unwrap())
        .collect()
}

proptest! {
    #[test]
    fn every_province_asked_for_is_in_one_part_and_nobody_is_asked_in_vain(
        owners in owners(), asked in vec(0_usize..34, 1..34)
    ) {
        let catalogue = Catalogue::national();
        let land = parcels(&catalogue);
        let all = (0..5).map(|nth| {
            let its = owners.iter().enumerate().filter(|(_, owner)| **owner == Some(nth));
            registry(&format!("land_{nth}"), land, of_places(its.map(|(place, _)| place)))
        });
        let registries = Registries::new(&catalogue, all.collect()).unwrap();
        let asked = of_places(asked.into_iter());
        let mut covered = Provinces::NONE;
        let mut names = Vec::new();
        for part in registries.parts(land, asked) {
            let its = match part {
                Part::At(registry) => {
                    names.push(registry.name.to_string());
                    registry.provinces() & asked
                }
                Part::Nowhere(provinces) => {
                    names.push("nobody".to_owned());
                    provinces
                }
            };
            prop_assert!(!its.is_empty(), "asked in vain");
            prop_assert!(covered.is_disjoint(its), "asked twice");
            covered = covered | its;
        }
        prop_assert_eq!(covered, asked);
        // The order is that of the configuration; "nobody" comes last.
        prop_assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn a_registry_of_the_whole_country_is_asked_whatever_a_question_names(
        asked in vec(0_usize..34, 0..34)
    ) {
        let catalogue = Catalogue::national();
        let land = parcels(&catalogue);
        let one = vec![registry("land", land, Provinces::ALL)];
        let registries = Registries::new(&catalogue, one).unwrap();
        let asked = of_places(asked.into_iter().chain([0]));
        let parts: Vec<_> = registries.parts(land, asked).collect();
        prop_assert!(matches!(parts.as_slice(), [Part::At(_)]), "{parts:?}");
    }
}
