//! `demo.json`: what a stranger's script needs to know of a running demonstration.

use crate::keys::write_private;
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// The file. It holds tokens and is readable by its owner only.
#[derive(Clone, Serialize, Deserialize)]
pub struct DemoFile {
    /// The gateway's address.
    pub gateway: String,
    /// Bearer tokens by who holds them: `agency`, `other_agency`, `hospital`,
    /// `citizen`, `dpo`, `registry`.
    pub tokens: BTreeMap<String, String>,
    /// People with a story.
    pub personas: Vec<Persona>,
    /// The sandbox registries by id.
    pub registries: BTreeMap<String, RegistryFile>,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The public key of the access log.
    pub log_verifier_key: String,
    /// The issuer of the tokens.
    pub issuer: String,
    /// What its tokens are for.
    pub audience: String,
}

/// A person of the sandbox with a story.
#[derive(Clone, Serialize, Deserialize)]
pub struct Persona {
    /// What demos and tests call them.
    pub name: String,
    /// Their number.
    pub person: String,
    /// What is special about them.
    pub story: String,
}

/// A sandbox registry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegistryFile {
    /// Where it speaks its protocol.
    pub url: String,
    /// Where its behaviour is set and its last request is seen.
    pub faults: String,
}

const NAME: &str = "demo.json";

impl DemoFile {
    /// Reads the file of a data directory.
    ///
    /// # Errors
    /// No demonstration was started there.
    pub fn read(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(NAME);
        let text = std::fs::read(&path).with_context(|| {
            format!(
                "no demo was started in `{}`; run `motlan demo` first",
                data_dir.display()
            )
        })?;
        serde_json::from_slice(&text).with_context(|| format!("`{}` is damaged", path.display()))
    }

    /// Writes the file into a data directory, in place of an older one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, data_dir: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
        write_private(&data_dir.join(NAME), &text)
    }

    /// The number of a persona.
    ///
    /// # Errors
    /// There is no such persona; the error lists those there are.
    pub fn persona(&self, name: &str) -> anyhow::Result<&str> {
        if let Some(persona) = self.personas.iter().find(|persona| persona.name == name) {
            return Ok(&persona.person);
        }
        let names: Vec<_> = self
            .personas
            .iter()
            .map(|persona| persona.name.as_str())
            .collect();
        bail!(
            "there is no persona `{name}`; there are {}",
            names.join(", ")
        )
    }

    /// A token by who holds it.
    ///
    /// # Errors
    /// There is no such token.
    pub fn token(&self, holder: &str) -> anyhow::Result<&str> {
        self.tokens
            .get(holder)
            .map(String::as_str)
            .with_context(|| format!("no token for `{holder}`"))
    }
}

/// Tokens and numbers are not for logs.
impl std::fmt::Debug for DemoFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "DemoFile({})", self.gateway)
    }
}

impl std::fmt::Debug for Persona {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Persona({})", self.name)
    }
}
