//! Agencies: who asks, with which programs, and for which procedures they are competent.

mod budget;

pub use budget::{Budget, BudgetLimits};

use crate::{
    load::{
        LoadError, PolicyFiles, SourceFile,
        form::{Field, Kind, optional, required},
    },
    purpose::{Purpose, PurposeCatalogue},
};
use budget::BudgetFile;
use foldhash::fast::RandomState;
use motlan_schemas::{
    ids::{AgencyId, ClientId, PurposeId},
    language::Text,
};
use serde::Deserialize;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    num::NonZeroU32,
    sync::Arc,
};
use toml::Spanned;

/// One agency.
#[derive(Debug)]
pub struct Agency {
    /// Its id, which the access log names.
    pub id: AgencyId,
    /// Its name, for people.
    pub name: Text,
    /// Its programs: the `client_id`s of their tokens.
    pub clients: Vec<ClientId>,
    /// Its data protection officer.
    pub dpo: DataProtectionOfficer,
    /// How much it may ask.
    pub quota: Quota,
    /// About how many people it may ask.
    pub budget: Budget,
    /// Whether it is mandated for emergencies: a mandate for the purpose alone does not open one.
    pub emergency: bool,
    /// In the order of their ids.
    mandates: Vec<PurposeId>,
    /// The mandates again, one bit a purpose of the catalogue: the decision looks here.
    mandate_bits: Vec<u64>,
    /// Its place in the directory.
    pub(crate) index: usize,
}

/// Who answers for an agency's use of personal data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataProtectionOfficer {
    /// The name or the office.
    pub name: String,
    /// Where to write to.
    pub email: String,
}

/// How much an agency may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Questions a minute in the long run.
    pub queries_per_minute: NonZeroU32,
    /// Questions at once on top of that.
    pub burst: NonZeroU32,
}

/// All agencies.
#[derive(Debug, Default)]
pub struct AgencyDirectory {
    /// In the order of their ids.
    agencies: Vec<Arc<Agency>>,
    by_id: HashMap<AgencyId, Arc<Agency>, RandomState>,
    by_client: HashMap<ClientId, Arc<Agency>, RandomState>,
}

impl Agency {
    /// Whether the agency carries out the procedure.
    #[must_use]
    pub fn holds_mandate(&self, purpose: &PurposeId) -> bool {
        self.mandates.binary_search(purpose).is_ok()
    }

    /// The procedures it carries out, in the order of their ids.
    #[must_use]
    pub fn mandates(&self) -> BTreeSet<&PurposeId> {
        self.mandates.iter().collect()
    }

    /// Whether the agency carries out a procedure of the catalogue that was loaded with it.
    pub(crate) fn is_mandated(&self, purpose: &Purpose) -> bool {
        let word = self.mandate_bits.get(purpose.index / BITS);
        word.is_some_and(|word| word >> (purpose.index % BITS) & 1 == 1)
    }
}

impl AgencyDirectory {
    /// Reads the agency files; what is wrong with them is added to the mistakes.
    pub(crate) fn read(
        files: &PolicyFiles,
        purposes: &PurposeCatalogue,
        mistakes: &mut Vec<LoadError>,
    ) -> Self {
        let mut directory = Self::default();
        // A purpose whose file is broken is told once, there, and not by every agency again.
        let broken: HashSet<_> = files.purposes.iter().map(SourceFile::stem).collect();
        let mut found = Vec::with_capacity(files.agencies.len());
        for file in &files.agencies {
            let agency = agency(file, purposes, &broken, mistakes);
            found.extend(agency.map(|agency| (file, agency)));
        }
        found.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
        for (index, (file, agency)) in found.into_iter().enumerate() {
            let agency = Arc::new(Agency { index, ..agency });
            directory.add(&agency, file, mistakes);
        }
        directory
    }

    fn add(&mut self, agency: &Arc<Agency>, file: &SourceFile, mistakes: &mut Vec<LoadError>) {
        let taken = |id: &str| LoadError::Taken {
            file: file.path.clone(),
            id: id.to_owned(),
        };
        for client in &agency.clients {
            let other = self.by_client.insert(client.clone(), Arc::clone(agency));
            mistakes.extend(other.map(|_| taken(client.as_str())));
        }
        let other = self.by_id.insert(agency.id.clone(), Arc::clone(agency));
        mistakes.extend(other.map(|_| taken(agency.id.as_str())));
        self.agencies.push(Arc::clone(agency));
    }

    /// An agency by its id.
    #[must_use]
    pub fn get(&self, id: &AgencyId) -> Option<&Arc<Agency>> {
        self.by_id.get(id)
    }

    /// The agency of this directory that has the same id: whoever found the caller may have
    /// looked into an older version.
    pub(crate) fn same(&self, agency: &Arc<Agency>) -> Option<&Arc<Agency>> {
        let here = self.agencies.get(agency.index);
        here.filter(|here| Arc::ptr_eq(here, agency))
            .or_else(|| self.get(&agency.id))
    }

    /// The agency to which a client program belongs.
    #[must_use]
    pub fn by_client(&self, client: &ClientId) -> Option<&Arc<Agency>> {
        self.by_client.get(client)
    }

    /// The agencies in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Agency>> {
        self.agencies.iter()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgencyFile {
    id: AgencyId,
    name: Text,
    clients: Vec<ClientId>,
    purposes: Vec<Spanned<String>>,
    dpo: DataProtectionOfficer,
    quota: Quota,
    #[serde(default)]
    budget: BudgetFile,
    #[serde(default)]
    emergency: bool,
}

/// The fields of [`AgencyFile`], for whoever writes one.
const FORM: &[Field] = &[
    required("id", Kind::Text),
    required("name.vi", Kind::Words),
    required("name.en", Kind::Words),
    required("name.fr", Kind::Words),
    required("clients", Kind::Texts),
    required("purposes", Kind::Texts),
    required("dpo.name", Kind::Words),
    required("dpo.email", Kind::Words),
    required("quota.queries_per_minute", Kind::Number),
    required("quota.burst", Kind::Number),
    optional("budget.officer.subjects_per_hour", Kind::Number),
    optional("budget.officer.subjects_per_day", Kind::Number),
    optional("budget.officer.refusals_per_hour", Kind::Number),
    optional("budget.officer.refusals_per_day", Kind::Number),
    optional("budget.officer.misses_per_day", Kind::Number),
    optional("budget.officer.neighbours_per_day", Kind::Number),
    optional("budget.client.subjects_per_hour", Kind::Number),
    optional("budget.client.subjects_per_day", Kind::Number),
    optional("budget.client.refusals_per_hour", Kind::Number),
    optional("budget.client.refusals_per_day", Kind::Number),
    optional("budget.client.misses_per_day", Kind::Number),
    optional("budget.client.neighbours_per_day", Kind::Number),
    optional("emergency", Kind::Flag),
];

/// The agency in a file, or at least one mistake more.
fn agency(
    file: &SourceFile,
    purposes: &PurposeCatalogue,
    broken: &HashSet<&str>,
    mistakes: &mut Vec<LoadError>,
) -> Option<Agency> {
    let before = mistakes.len();
    let fields: AgencyFile = file.parse(FORM, mistakes)?;
    mistakes.extend(file.check_id(fields.id.as_str()).err());
    let mut mandates = BTreeSet::new();
    let mut mandate_bits = vec![0_u64; purposes.len().div_ceil(BITS)];
    for name in &fields.purposes {
        let id: Option<PurposeId> = name.get_ref().parse().ok();
        if let Some(purpose) = id.and_then(|id| purposes.get(&id)) {
            mandates.insert(purpose.id.clone());
            if let Some(word) = mandate_bits.get_mut(purpose.index / BITS) {
                *word |= 1 << (purpose.index % BITS);
            }
        } else if !broken.contains(name.get_ref().as_str()) {
            mistakes.push(LoadError::UnknownName {
                file: file.path.clone(),
                line: file.line(&name.span()),
                field: "purposes",
                name: name.get_ref().clone(),
                nearest: purposes.nearest(name.get_ref()),
            });
        }
    }
    (mistakes.len() == before).then(|| Agency {
        id: fields.id,
        name: fields.name,
        clients: fields.clients,
        dpo: fields.dpo,
        quota: fields.quota,
        budget: fields.budget.into(),
        emergency: fields.emergency,
        mandates: mandates.into_iter().collect(),
        mandate_bits,
        index: 0,
    })
}

/// Bits of a word of `mandate_bits`.
const BITS: usize = 64;
