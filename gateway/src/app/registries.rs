//! The registries of a configuration, each with its adapter and the tier that this has reached.

use super::StartError;
use crate::{
    config::RegistriesConfig,
    declarative::Limited,
    metrics::Metrics,
    registry::{Registry, RegistryLimits},
};
use motlan_adapter_sdk::{adapter::Adapter, contract::Contract, tier::Committed};
use motlan_schemas::codes::Provinces;
use std::sync::Arc;

pub(super) fn registries(
    config: &RegistriesConfig,
    folders: Vec<Limited>,
    contract: &Arc<Contract>,
    metrics: &Arc<Metrics>,
) -> Result<Vec<Arc<Registry>>, StartError> {
    let mut all = Vec::new();
    let mut add =
        |adapter: Arc<dyn Adapter>, limits: &RegistryLimits, provinces: Option<Provinces>| {
            let registry = Registry::new(adapter, limits, Arc::clone(metrics));
            let registry = registry.for_provinces(provinces.unwrap_or(Provinces::ALL));
            let registry = Arc::new(registry);
            all.push(Arc::clone(&registry));
            registry
        };
    macro_rules! adapter {
        ($section:ident, $module:ident, $adapter:ident) => {
            for (place, table) in (&config.$section).into_iter().enumerate() {
                let made = $module::$adapter::new(table.adapter.clone(), Arc::clone(contract));
                let made = made.map_err(|source| StartError::Adapter {
                    section: section(stringify!($section), place),
                    source,
                })?;
                let registry = add(Arc::new(made), &table.limits, table.provinces);
                registry.set_conformance(Committed::read($module::CONFORMANCE).ok());
            }
        };
    }
    adapter!(civil_status, motlan_civil_status, CivilStatusAdapter);
    adapter!(population, motlan_population, PopulationAdapter);
    adapter!(business, motlan_business_registry, BusinessRegistryAdapter);
    adapter!(insurance, motlan_insurance, InsuranceAdapter);
    adapter!(land, motlan_land, LandAdapter);
    for (adapter, limits, provinces) in folders {
        add(adapter, &limits, provinces);
    }
    Ok(all)
}

/// A section of the configuration as its messages name it; of several tables, from the second on,
/// with the table's number.
fn section(name: &str, place: usize) -> String {
    match place {
        0 => format!("`registries.{name}`"),
        _ => format!("`registries.{name}` (table {})", place + 1),
    }
}
