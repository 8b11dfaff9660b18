//! Everything that is wrong with a policy directory, at once.

use super::{LoadError, PolicyFiles, Warning, warning};
use crate::{agency::AgencyDirectory, bundle, calendar::OfficeCalendar, purpose::PurposeCatalogue};
use motlan_schemas::catalogue::Catalogue;

/// What a look through all files has found.
#[derive(Debug)]
pub struct Findings {
    /// What keeps the files from being loaded, file by file.
    pub mistakes: Vec<LoadError>,
    /// What can be loaded, and should be looked at by a person.
    pub warnings: Vec<Warning>,
    /// How many purposes can be loaded.
    pub purposes: usize,
    /// How many agencies can be loaded.
    pub agencies: usize,
    /// How many files there are.
    pub files: usize,
}

/// Looks through all files, and does not stop at the first mistake.
#[must_use]
pub fn check(files: &PolicyFiles, catalogue: &Catalogue) -> Findings {
    let mut mistakes = Vec::new();
    let purposes = PurposeCatalogue::read(files, catalogue, &mut mistakes);
    let agencies = AgencyDirectory::read(files, &purposes, &mut mistakes);
    let _calendar = OfficeCalendar::read(&files.calendar, &mut mistakes);
    mistakes.extend(bundle::check::mistakes(files, catalogue));
    Findings {
        warnings: warning::all(files, catalogue, &purposes, &agencies),
        purposes: purposes.len(),
        agencies: agencies.iter().count(),
        // The schema of the rules and the calendar are the two more.
        files: files.purposes.len() + files.agencies.len() + files.rules.len() + 2,
        mistakes,
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
