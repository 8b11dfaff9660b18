//! A folder: `adapter.toml` and the files that belong to it.

use crate::{
    codes::{CodeTable, CodeTables},
    manifest::{Environment, Known, Manifest, Protocol},
    mistake::Mistake,
    source::Source,
};
use motlan_schemas::{catalogue::Catalogue, ids::RegistryId, language::Text};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The name of the manifest.
pub const MANIFEST: &str = "adapter.toml";

/// A folder's files, read, compiled and found right.
#[derive(Debug, Clone)]
pub struct Folder {
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) codes: Arc<CodeTables>,
    pub(crate) source: Arc<Source>,
    pub(crate) schemas: Vec<(String, String)>,
    /// Certificate authorities in place of the manifest's.
    pub(crate) roots: Option<PathBuf>,
}

/// The texts of a folder's files, by their paths in it.
pub type Files = BTreeMap<String, String>;

impl Folder {
    /// Reads a folder: `adapter.toml`, `codes/*.csv` and `datasets/*.json`.
    ///
    /// # Errors
    /// All mistakes that can be told apart, each with file, line and column.
    pub fn read(directory: &Path) -> Result<Self, Vec<Mistake>> {
        let files = files(directory).map_err(|mistake| vec![mistake])?;
        Self::compile(directory, &files)
    }

    /// Compiles a folder whose files are at hand. `directory` is what mistakes call it.
    ///
    /// # Errors
    /// As for [`Folder::read`].
    pub fn compile(directory: &Path, files: &Files) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let schemas = schemas(files);
        let catalogue = catalogue(directory, &schemas, &mut mistakes);
        let codes = codes(directory, files, &mut mistakes);
        let Some(text) = files.get(MANIFEST) else {
            mistakes.push(Mistake::whole(
                directory.join(MANIFEST),
                "a folder without its manifest",
                "add `adapter.toml`; docs/declarative-adapters.md says what is in it",
            ));
            return Err(mistakes);
        };
        let source = Source::new(directory.join(MANIFEST), text.as_str());
        let known = Known {
            catalogue: &catalogue,
            codes: &codes,
            definitions: "",
        };
        let manifest = Manifest::read(&source, known, &mut mistakes);
        match manifest {
            Some(manifest) if mistakes.is_empty() => Ok(Self {
                manifest: Arc::new(manifest),
                codes: Arc::new(codes),
                source: Arc::new(source),
                schemas,
                roots: None,
            }),
            _ => {
                mistakes.sort_by(|one, other| {
                    (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column))
                });
                mistakes.dedup();
                Err(mistakes)
            }
        }
    }

    /// The registry that the folder describes.
    #[must_use]
    pub fn registry(&self) -> &RegistryId {
        &self.manifest.registry
    }

    /// The registry's title, for people.
    #[must_use]
    pub fn title(&self) -> &Text {
        &self.manifest.title
    }

    /// The version of the folder, as its author counts.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.manifest.version
    }

    /// Whether the source holds real people.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.manifest.environment
    }

    /// What the source speaks.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.manifest.protocol
    }

    /// The names of the datasets that it serves.
    pub fn datasets(&self) -> impl Iterator<Item = &str> {
        self.manifest
            .datasets
            .iter()
            .map(|dataset| dataset.name.as_str())
    }

    /// The schemas of datasets that the folder brings, by dataset.
    #[must_use]
    pub fn schemas(&self) -> &[(String, String)] {
        &self.schemas
    }
}

/// The texts of the files that count.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn files(directory: &Path) -> Result<Files, Mistake> {
    let mut files = Files::new();
    let mut add = |path: PathBuf, name: String| {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        files.insert(name, text);
        Ok(())
    };
    let manifest = directory.join(MANIFEST);
    if manifest.exists() {
        add(manifest, MANIFEST.to_owned())?;
    } else if !directory.is_dir() {
        return Err(unreadable(
            directory,
            &io::Error::from(io::ErrorKind::NotFound),
        ));
    }
    for (folder, extension) in [("codes", "csv"), ("datasets", "json")] {
        for path in entries(&directory.join(folder))? {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .map(str::to_owned);
            if let Some(name) = name.filter(|_| path.extension().is_some_and(|e| e == extension)) {
                add(path, format!("{folder}/{name}"))?;
            }
        }
    }
    Ok(files)
}

/// The entries of a folder in the order of their names; none where there is no folder.
pub(crate) fn entries(directory: &Path) -> Result<Vec<PathBuf>, Mistake> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(directory, &error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths
        .collect::<Result<_, _>>()
        .map_err(|error| unreadable(directory, &error))?;
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, error: &io::Error) -> Mistake {
    let fix = "make it a file in UTF-8 that the gateway's user may read";
    Mistake::whole(path, format!("cannot be read: {error}"), fix)
}

fn schemas(files: &Files) -> Vec<(String, String)> {
    let schema = |(path, text): (&String, &String)| {
        let name = path.strip_prefix("datasets/")?.strip_suffix(".json")?;
        Some((name.to_owned(), text.clone()))
    };
    files.iter().filter_map(schema).collect()
}

/// The national catalogue with the folder's own datasets; the mistakes of a schema are its own.
fn catalogue(
    directory: &Path,
    schemas: &[(String, String)],
    mistakes: &mut Vec<Mistake>,
) -> Arc<Catalogue> {
    let mut good: Vec<(&str, &str)> = Vec::new();
    let mut catalogue = Catalogue::national();
    for (name, text) in schemas {
        let with_this = good.iter().copied().chain([(name.as_str(), text.as_str())]);
        match Catalogue::extended(with_this) {
            Ok(extended) => {
                catalogue = extended;
                good.push((name, text));
            }
            Err(error) => mistakes.push(schema_mistake(directory, name, text, &error)),
        }
    }
    catalogue
}

fn schema_mistake(
    directory: &Path,
    name: &str,
    text: &str,
    error: &(dyn std::error::Error + 'static),
) -> Mistake {
    let source = Source::new(directory.join(format!("datasets/{name}.json")), text);
    let json = error
        .source()
        .and_then(|error| error.downcast_ref::<serde_json::Error>());
    let line = json.map_or(1, serde_json::Error::line).max(1);
    let start: usize = text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let column = json.map_or(0, serde_json::Error::column).saturating_sub(1);
    let what = json.map_or_else(|| error.to_string(), ToString::to_string);
    let fix =
        "write it as the schemas in schemas/datasets are written, or take the catalogue's own file";
    source.mistake(start + column..start + column + 1, what, fix)
}

fn codes(directory: &Path, files: &Files, mistakes: &mut Vec<Mistake>) -> CodeTables {
    let tables = files.iter().filter(|(path, _)| path.starts_with("codes/"));
    let read = tables.map(|(path, text)| {
        let source = Source::new(directory.join(path), text.as_str());
        let table = CodeTable::read(&source, mistakes);
        // A table with mistakes counts as there, so that nobody is told that it is missing.
        (path.clone(), table.unwrap_or_default())
    });
    read.collect()
}
