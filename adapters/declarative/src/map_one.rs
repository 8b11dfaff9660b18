//! One record mapped by hand, without a source: for benches, and for trying a mapping out.

use crate::{folder::Folder, jq::Val, mapping::Mapping};
use motlan_adapter_sdk::adapter::AdapterError;
use serde_json::{Map, Value};

/// The mappings of one dataset for one subject.
#[derive(Debug)]
pub struct MapOne {
    folder: Folder,
    place: usize,
    subject: String,
}

impl MapOne {
    /// All attributes of a dataset; `None` where the folder does not serve it.
    #[must_use]
    pub fn new(folder: Folder, dataset: &str, subject: &str) -> Option<Self> {
        let place = folder.datasets().position(|served| served == dataset)?;
        Some(Self {
            folder,
            place,
            subject: subject.to_owned(),
        })
    }

    /// The attributes of a record, as they would be handed to the contract; nothing where it is
    /// somebody else's.
    ///
    /// # Errors
    /// What does not fit, without values.
    pub fn map(&self, record: Value) -> Result<Option<Map<String, Value>>, AdapterError> {
        let Some(dataset) = self.folder.manifest.datasets.get(self.place) else {
            return Ok(None);
        };
        let wanted = dataset.attributes.iter().collect();
        let protocol = self.folder.manifest.protocol;
        let mapping = Mapping::new(dataset, protocol, &self.folder.codes, &self.subject, wanted);
        let Some(record) = Val::sent(record) else {
            return Err(AdapterError::malformed("nested too deeply"));
        };
        if mapping.is_own(&record)? {
            mapping.map(record).map(Some)
        } else {
            Ok(None)
        }
    }
}
