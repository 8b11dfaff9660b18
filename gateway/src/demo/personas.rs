//! The people of the sandbox whom demos and tests know by name, as `demo.json` tells of them.

use super::file::Persona;
use motlan_sandbox::people::personas as people;

/// Everybody with a story, `lan` first.
pub(super) fn all() -> Vec<Persona> {
    STORIES
        .iter()
        .map(|(name, person, story)| Persona {
            name: (*name).to_owned(),
            person: (*person).to_owned(),
            story: (*story).to_owned(),
        })
        .collect()
}

const STORIES: &[(&str, &str, &str)] = &[
    (
        "lan",
        people::LAN,
        "married, one child, owns land with others, insured, owns a company, pays her taxes",
    ),
    ("hai", people::HAI, "her husband"),
    (
        "an",
        people::AN,
        "her daughter, whose number was given at birth; vaccinated by the schedule",
    ),
    (
        "minh",
        people::MINH,
        "died in 2024; a parcel is still in his name, its taxes are frozen, his health record is closed",
    ),
    (
        "mai",
        people::MAI,
        "his widow; has no tax code and no health record",
    ),
    (
        "hoa",
        people::HOA,
        "only her year of birth is known; never married; allergic to penicillin since some day of 1987",
    ),
    (
        "tuan",
        people::TUAN,
        "owns a parcel together with Lan; his address is secret; owes taxes and disputes some",
    ),
    (
        "nobody",
        people::NOBODY,
        "a valid number that no registry knows",
    ),
    (
        "phuc",
        people::PHUC,
        "an orphan, grandson of Minh and Mai; Mai is his guardian, as Minh was before",
    ),
];
