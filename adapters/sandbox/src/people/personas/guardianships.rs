//! Who is guardian of a persona: the story of Phúc, an orphan.
//!
//! He has no siblings, so his grandparents are his natural guardians (Civil Code 91/2015/QH13,
//! Article 52): first Minh, and since Minh's death Mai.

use super::{
    MAI, MINH, PHUC,
    civil::{day, minh_died, name_and_birth, registration},
};
use crate::people::facts::{Guardianship, GuardianshipEnd, GuardianshipKind};
use motlan_schemas::date::PartialDate;

/// The guardianships under which a persona is or was a ward, in the order of time.
pub(super) fn of(ward: &str) -> Vec<Guardianship> {
    if ward != PHUC {
        return Vec::new();
    }
    // The death of the guardian is a change of guardian (Civil Code, Article 60).
    let death_of_minh = (minh_died(), GuardianshipEnd::GuardianChanged);
    [
        natural(MINH, "3/2019", day(2019, 5, 6), Some(death_of_minh)),
        natural(MAI, "2/2024", day(2024, 3, 11), None),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Registered on the day on which it begins; meant to last until the day before the ward is 18.
fn natural(
    guardian: &str,
    number: &str,
    from: PartialDate,
    ended: Option<(PartialDate, GuardianshipEnd)>,
) -> Option<Guardianship> {
    let (full_name, _) = name_and_birth(guardian)?;
    Some(Guardianship {
        guardian_full_name: full_name.to_owned(),
        guardian_personal_id: Some(guardian.to_owned()),
        kind: GuardianshipKind::Natural,
        from,
        until: Some(day(2033, 10, 8)),
        ended,
        registration: registration(number, from),
        under_investigation: false,
    })
}
