//! The officers' directory: how near an officer is to the person whom a question is about.
//!
//! It knows officers only by keyed hashes: of the officer's id, personal number, household numbers
//! and surname. No name and no number is kept, and without `officers.key` the file tells nobody
//! anything. It can say "the same", and nothing else.

pub mod import;

use crate::{
    keys::{OfficersKey, write_private},
    random::Random,
};
use arc_swap::ArcSwap;
use base64::{Engine, engine::general_purpose::STANDARD};
use motlan_schemas::ids::PersonalId;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashMap},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};
use unicode_normalization::UnicodeNormalization;

/// The section `officers`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfficersConfig {
    /// The file that `motlan officers import` writes. Absent: nothing is known of officers.
    pub file: PathBuf,
    /// Surnames that are too common to mean anything. More than a third of the country is called
    /// Nguyễn; these sixteen are nearly everybody.
    pub common_surnames: Vec<String>,
}

impl Default for OfficersConfig {
    fn default() -> Self {
        Self {
            file: PathBuf::from("officers.json"),
            common_surnames: COMMON_SURNAMES.map(str::to_owned).to_vec(),
        }
    }
}

const COMMON_SURNAMES: [&str; 16] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ",
    "Hồ", "Ngô", "Dương", "Lý",
];

/// A keyed hash, in base64.
type Hashed = String;

/// The directory as it is written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryFile {
    version: u32,
    officers: Vec<KnownOfficer>,
}

/// What is known of one officer; all of it hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownOfficer {
    /// Agency and id within it.
    officer: Hashed,
    person: Hashed,
    household: BTreeSet<Hashed>,
    /// Absent where it is common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    surname: Option<Hashed>,
}

const VERSION: u32 = 1;

/// How near an officer is to a subject; what is nearest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    /// They are the same person.
    Itself,
    /// They are of one household.
    Household,
    /// They have the same surname, which few have.
    Surname,
}

impl Closeness {
    /// As entries say it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Itself => "self",
            Self::Household => "household",
            Self::Surname => "surname",
        }
    }
}

/// The directory of a running gateway, which follows its file.
#[derive(Debug)]
pub struct Officers {
    key: OfficersKey,
    file: PathBuf,
    common: BTreeSet<String>,
    known: ArcSwap<Known>,
}

#[derive(Debug, Default)]
struct Known {
    officers: HashMap<Hashed, KnownOfficer>,
    changed: Option<SystemTime>,
}

impl Officers {
    /// The directory in a file, with the key in the keys' directory; both may be missing yet.
    ///
    /// # Errors
    /// The key cannot be read or made, or the file is no directory of officers.
    pub fn open(config: &OfficersConfig, keys: &Path, random: &dyn Random) -> io::Result<Self> {
        let officers = Self::to_import(config, keys, random)?;
        officers.refresh()?;
        Ok(officers)
    }

    /// The same, without reading what is there already.
    ///
    /// # Errors
    /// The key cannot be read or made.
    pub fn to_import(
        config: &OfficersConfig,
        keys: &Path,
        random: &dyn Random,
    ) -> io::Result<Self> {
        Ok(Self {
            key: OfficersKey::open_or_create(keys, random)?,
            file: config.file.clone(),
            common: config
                .common_surnames
                .iter()
                .map(|name| folded(name))
                .collect(),
            known: ArcSwap::default(),
        })
    }

    /// Reads the file again if it has changed; tells whether it had. One that cannot be read leaves
    /// what was known.
    ///
    /// # Errors
    /// The file cannot be read, or is no directory of officers.
    pub fn refresh(&self) -> io::Result<bool> {
        let changed = match fs::metadata(&self.file) {
            Ok(metadata) => Some(metadata.modified()?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if self.known.load().changed == changed {
            return Ok(false);
        }
        let officers = match changed {
            Some(_) => read(&self.file)?.officers,
            None => Vec::new(),
        };
        let officers = officers
            .into_iter()
            .map(|known| (known.officer.clone(), known));
        self.known.store(Arc::new(Known {
            officers: officers.collect(),
            changed,
        }));
        Ok(true)
    }

    /// How near the officer of an agency is to a person, as far as is known; the nearest first.
    /// `names` are those that the answer itself tells, and nothing else is looked at.
    pub fn closeness<'a>(
        &self,
        agency: &str,
        officer: &str,
        person: &PersonalId,
        names: impl Iterator<Item = &'a str>,
    ) -> Vec<Closeness> {
        let known = self.known.load();
        if known.officers.is_empty() {
            return Vec::new();
        }
        let Some(officer) = known.officers.get(&self.hash_officer(agency, officer)) else {
            return Vec::new();
        };
        let person = self.hash("person", person.expose());
        if officer.person == person {
            return vec![Closeness::Itself];
        }
        let mut found = Vec::new();
        if officer.household.contains(&person) {
            found.push(Closeness::Household);
        }
        let mut surnames = names.filter_map(|name| self.hash_surname(name));
        if (officer.surname.as_ref()).is_some_and(|own| surnames.any(|other| other == *own)) {
            found.push(Closeness::Surname);
        }
        found
    }

    fn hash_officer(&self, agency: &str, officer: &str) -> Hashed {
        self.hash("officer", &format!("{agency}/{officer}"))
    }

    /// `None` where the surname is common, or there is none.
    fn hash_surname(&self, full_name: &str) -> Option<Hashed> {
        let surname = folded(full_name.split_whitespace().next()?);
        (!self.common.contains(&surname)).then(|| self.hash("surname", &surname))
    }

    fn hash(&self, what: &str, text: &str) -> Hashed {
        STANDARD.encode(self.key.hash(what, text))
    }
}

fn read(file: &Path) -> io::Result<DirectoryFile> {
    let bytes = fs::read(file)?;
    let read: Result<DirectoryFile, _> = serde_json::from_slice(&bytes);
    // What stands in the file is not repeated, whatever it is.
    read.ok()
        .filter(|file| file.version == VERSION)
        .ok_or_else(|| {
            let message = "not a directory of officers; import it again";
            io::Error::new(io::ErrorKind::InvalidData, message)
        })
}

impl DirectoryFile {
    /// Writes the directory in place of an older one, durably and for this user's eyes only.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        write_private(file, &serde_json::to_vec(self)?)?;
        let directory = file.parent().filter(|above| !above.as_os_str().is_empty());
        fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    }

    /// How many officers it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.officers.len()
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.officers.is_empty()
    }
}

/// A surname without case and tone marks, as it is compared: `Đặng` and `DANG` are the same.
fn folded(name: &str) -> String {
    let letters = name.nfd().filter(|letter| letter.is_alphabetic());
    let lower = letters.flat_map(char::to_lowercase);
    lower
        .map(|letter| if letter == 'đ' { 'd' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests;
