//! The adapter: a folder that can be exchanged while it serves.

use crate::{
    folder::Folder,
    loaded::{Current, Loaded, current},
    mistake::Mistake,
};
use async_trait::async_trait;
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched},
    contract::Contract,
};
use motlan_policies::permit::Permit;
use std::{path::Path, sync::Arc};
use url::Url;

/// A registry that a folder describes.
#[derive(Debug)]
pub struct DeclarativeAdapter {
    descriptor: Descriptor,
    contract: Arc<Contract>,
    base_url: Option<Url>,
    loaded: Current,
}

/// Another version of a folder, ready to serve.
#[derive(Debug)]
pub struct Prepared(Loaded);

impl Prepared {
    /// The folder.
    #[must_use]
    pub const fn folder(&self) -> &Folder {
        &self.0.folder
    }
}

impl DeclarativeAdapter {
    /// An adapter; makes no connection yet. `base_url` stands in for the manifest's.
    ///
    /// # Errors
    /// What is wrong with the folder's source, and the datasets that the contract does not have.
    pub fn new(
        folder: Folder,
        base_url: Option<Url>,
        contract: Arc<Contract>,
    ) -> Result<Self, Vec<Mistake>> {
        let loaded = Loaded::new(folder, base_url.as_ref(), contract.catalogue())?;
        Ok(Self {
            descriptor: loaded.descriptor(),
            contract,
            base_url,
            loaded: current(loaded),
        })
    }

    /// The folder that serves new calls.
    #[must_use]
    pub fn folder(&self) -> Folder {
        self.loaded.load().folder.clone()
    }

    /// Reads the folder anew, and serves it from the next call on. Calls under way finish with the
    /// version that they began with.
    ///
    /// # Errors
    /// All mistakes of the folder, or that it describes another registry or other datasets than
    /// before; the old version then keeps serving.
    pub fn reload(&self, directory: &Path) -> Result<(), Vec<Mistake>> {
        self.replace(Folder::read(directory)?)
    }

    /// Serves another version of the folder from the next call on.
    ///
    /// # Errors
    /// As for [`DeclarativeAdapter::reload`].
    pub fn replace(&self, folder: Folder) -> Result<(), Vec<Mistake>> {
        self.serve(self.prepare(folder)?);
        Ok(())
    }

    /// Makes another version ready to serve, without serving it yet: what must be noted of the
    /// change is noted in between.
    ///
    /// # Errors
    /// As for [`DeclarativeAdapter::reload`].
    pub fn prepare(&self, folder: Folder) -> Result<Prepared, Vec<Mistake>> {
        let loaded = Loaded::new(folder, self.base_url.as_ref(), self.contract.catalogue())?;
        if let Some(change) = self.change(&loaded.descriptor()) {
            let source = &loaded.folder.source;
            return Err(vec![source.mistake(
                0..source.first_line().len(),
                format!("{change}, which cannot change while the gateway runs"),
                "put the folder back as it was, or start the gateway anew",
            )]);
        }
        Ok(Prepared(loaded))
    }

    /// Serves what was made ready, from the next call on.
    pub fn serve(&self, prepared: Prepared) {
        self.loaded.store(Arc::new(prepared.0));
    }

    /// What a new version says of itself that a descriptor must not change: the gateway routes,
    /// caches and asks by it.
    fn change(&self, new: &Descriptor) -> Option<&'static str> {
        let old = &self.descriptor;
        let datasets = |descriptor: &Descriptor| {
            let mut datasets: Vec<_> = descriptor
                .datasets
                .iter()
                .map(|served| (served.dataset, served.selective))
                .collect();
            datasets.sort_unstable();
            datasets
        };
        if old.registry != new.registry {
            Some("another registry id")
        } else if datasets(old) != datasets(new) {
            Some("other datasets, or another way to ask for fields")
        } else if old.answers_depend_on_asker != new.answers_depend_on_asker {
            Some("another `answers_depend_on_asker`")
        } else {
            None
        }
    }
}

#[async_trait]
impl Adapter for DeclarativeAdapter {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, call: &Call) -> Result<Fetched, AdapterError> {
        self.loaded
            .load_full()
            .fetch(&self.contract, permit, call)
            .await
    }

    async fn health(&self, call: &Call) -> Result<(), AdapterError> {
        self.loaded.load_full().health(call).await
    }
}
