//! A folder before the conformance kit, with what the author wrote down for it.
//!
//! ```text
//! fixtures/*.json              recorded exchanges with the source
//! conformance/cases.json       whom the source knows, and what must be said of them
//! conformance/notes.toml       what is asked for always, never sent, or left out, with the reasons
//! conformance/previous.json    what the version before served
//! datasets/examples/*.json     one example of each dataset
//! ```

use crate::{
    adapter::DeclarativeAdapter,
    folder::Folder,
    mistake::{Mistake, Mistakes},
};
use motlan_adapter_sdk::{
    adapter::Adapter,
    config::ConfigError,
    conformance::{Candidate, Case, Factory, Fixtures, Permits, Source, TrustingFactory},
    contract::Contract,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::BTreeMap, fs, io, path::Path, sync::Arc};
use url::Url;

/// What the author says that the kit cannot know.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Notes {
    always_asked: BTreeMap<String, String>,
    never_sent: BTreeMap<String, String>,
    skips: BTreeMap<String, String>,
}

/// A folder as a candidate, read from its directory. `contract` knows its datasets.
///
/// # Errors
/// A file for the kit that is missing or cannot be read.
pub fn candidate(
    directory: &Path,
    folder: &Folder,
    source: Source,
    permits: Permits,
    contract: &Arc<Contract>,
) -> Result<Candidate, Mistake> {
    let name = folder.registry().to_string();
    let make = factory(folder, contract);
    let mut candidate = Candidate::new(name, make, source, permits, Arc::clone(contract));
    candidate.make_trusting = Some(trusting_factory(folder, contract));
    candidate.cases = cases(directory)?;
    candidate.previous = json(&directory.join(PREVIOUS))?;
    candidate.examples = examples(directory, folder)?;
    candidate.code_tables = folder.code_tables(contract.catalogue());
    let notes = notes(directory)?;
    candidate.always_asked = notes.always_asked;
    candidate.never_sent = notes.never_sent;
    candidate.skips = notes.skips;
    Ok(candidate)
}

/// The recorded exchanges of a folder.
///
/// # Errors
/// A file that is no recorded exchange, and a folder without any.
pub fn fixtures(directory: &Path) -> Result<Source, Mistake> {
    let fixtures = Fixtures::read(&directory.join(FIXTURES)).map_err(|error| {
        let fix = "record exchanges with a test system, or write them as docs/conformance.md says";
        Mistake::whole(error.path, error.reason, fix)
    })?;
    Ok(Source::Fixtures(Arc::new(fixtures)))
}

fn factory(folder: &Folder, contract: &Arc<Contract>) -> Factory {
    let (folder, contract) = (folder.clone(), Arc::clone(contract));
    Arc::new(move |url: Url| adapter(folder.clone(), url, &contract))
}

fn trusting_factory(folder: &Folder, contract: &Arc<Contract>) -> TrustingFactory {
    let (folder, contract) = (folder.clone(), Arc::clone(contract));
    Arc::new(move |url: Url, roots: &Path| {
        adapter(folder.trusting(roots.to_owned()), url, &contract)
    })
}

fn adapter(
    folder: Folder,
    url: Url,
    contract: &Arc<Contract>,
) -> Result<Arc<dyn Adapter>, ConfigError> {
    match DeclarativeAdapter::new(folder, Some(url), Arc::clone(contract)) {
        Ok(adapter) => Ok(Arc::new(adapter)),
        Err(mistakes) => Err(ConfigError::setting(
            "adapter.toml",
            Mistakes(mistakes).to_string(),
        )),
    }
}

fn cases(directory: &Path) -> Result<Vec<Case>, Mistake> {
    let path = directory.join(CASES);
    let text = fs::read_to_string(&path).map_err(|error| {
        let fix = "write whom the test system knows, and what must be said of them; see docs/conformance.md";
        Mistake::whole(&path, format!("cannot be read: {error}"), fix)
    })?;
    Case::read(&text).map_err(|error| no_json(&path, &error))
}

fn notes(directory: &Path) -> Result<Notes, Mistake> {
    let path = directory.join(NOTES);
    let Some(text) = optional(&path)? else {
        return Ok(Notes::default());
    };
    toml::from_str(&text).map_err(|error| {
        let fix =
            "write tables `always_asked`, `never_sent` and `skips`, each `\"name\" = \"reason\"`";
        Mistake::whole(&path, error.to_string(), fix)
    })
}

fn examples(directory: &Path, folder: &Folder) -> Result<BTreeMap<String, Value>, Mistake> {
    let mut examples = BTreeMap::new();
    for name in folder.datasets() {
        let path = directory.join(EXAMPLES).join(format!("{name}.json"));
        if let Some(example) = json(&path)? {
            examples.insert(name.to_owned(), example);
        }
    }
    Ok(examples)
}

/// A JSON file; nothing where there is none.
fn json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Mistake> {
    let text = optional(path)?;
    let read = text.map(|text| serde_json::from_str(&text));
    read.transpose().map_err(|error| no_json(path, &error))
}

fn no_json(path: &Path, error: &serde_json::Error) -> Mistake {
    let fix = "write it as docs/conformance.md says";
    Mistake {
        line: error.line().max(1),
        column: error.column().max(1),
        ..Mistake::whole(path, error.to_string(), fix)
    }
}

fn optional(path: &Path) -> Result<Option<String>, Mistake> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Mistake::whole(
            path,
            format!("cannot be read: {error}"),
            "make it a file in UTF-8 that you may read",
        )),
    }
}

const FIXTURES: &str = "fixtures";
const CASES: &str = "conformance/cases.json";
const NOTES: &str = "conformance/notes.toml";
const PREVIOUS: &str = "conformance/previous.json";
/// The folder of examples, by dataset.
pub const EXAMPLES: &str = "datasets/examples";
