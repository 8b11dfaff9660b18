//! Which of an adapter's datasets one deployment serves.

use crate::config::ConfigError;
use serde::Deserialize;

/// The datasets that a registry serves, by their full names; absent in the configuration, all that
/// the adapter knows.
///
/// A dataset that the registry does not have must not be in the descriptor: the gateway would ask
/// for it, and take the answer for "nothing on record".
///
/// ```
/// use motlan_adapter_sdk::serves::Serves;
/// let serves: Serves = serde_json::from_str(r#"["business.profile"]"#).unwrap();
/// assert_eq!(serves.of(&["business.roles", "business.profile"]).unwrap(), ["business.profile"]);
/// assert!(serves.of(&["land.parcels"]).is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Serves(Option<Vec<String>>);

impl Serves {
    /// Those of the adapter's datasets that are served.
    ///
    /// # Errors
    /// A name that is none of the adapter's datasets, or an empty list.
    pub fn of<'d>(&self, datasets: &[&'d str]) -> Result<Vec<&'d str>, ConfigError> {
        let Some(names) = &self.0 else {
            return Ok(datasets.to_vec());
        };
        let known = || datasets.join(", ");
        if let Some(unknown) = names.iter().find(|name| !datasets.contains(&name.as_str())) {
            let reason = format!("`{unknown}` is not one of {}", known());
            return Err(ConfigError::setting("serves", reason));
        }
        if names.is_empty() {
            let reason = format!(
                "names no dataset; leave it out, or name some of {}",
                known()
            );
            return Err(ConfigError::setting("serves", reason));
        }
        let served = |name: &&'d str| names.iter().any(|served| served == *name);
        Ok(datasets.iter().copied().filter(served).collect())
    }
}
