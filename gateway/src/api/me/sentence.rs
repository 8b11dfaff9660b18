//! What happened, in one sentence for the citizen.

use super::view::AccessView;
use crate::{api::parameters::local, i18n::texts};
use jiff::Timestamp;
use motlan_schemas::{catalogue::Catalogue, language::Language};

/// More attributes than this are told as numbers of details per dataset.
const NAMED_MAX: usize = 8;

/// Tells an access in one or two sentences.
pub(super) fn tell(view: &AccessView, catalogue: &Catalogue, language: Language) -> String {
    let text = |key: &str, arguments: &[(&str, &str)]| texts().get(language, key, arguments);
    let (day, time) = moment(&view.time, language);
    let agency = view.agency.as_ref().map_or("", |agency| &agency.name);
    let purposes = view.purpose.iter().chain(&view.purposes);
    let titles: Vec<_> = purposes
        .map(|purpose| format!("“{}”", purpose.title))
        .collect();
    let purposes = titles.join(", ");
    let attributes = attributes(view, catalogue, language);
    let case = view.case.as_deref().map_or_else(String::new, |case| {
        text("access-clause-case", &[("case", case)])
    });
    let check = view.check.as_deref().map_or_else(String::new, |check| {
        let key = format!("access-check-{check}");
        let told = text(&key, &[]);
        // A check of a later version has no words here yet.
        if told == key {
            text("access-check-other", &[])
        } else {
            told
        }
    });
    let basis = view.basis.as_ref().map_or_else(String::new, |basis| {
        let key = format!("access-clause-{}", basis.kind);
        text(&key, &[("reference", &basis.reference)])
    });
    let minutes = view
        .age_seconds
        .unwrap_or_default()
        .div_ceil(60)
        .to_string();
    let source = view.served_from.map_or_else(String::new, |source| {
        text(&format!("access-clause-{source}"), &[("minutes", &minutes)])
    });
    let arguments = [
        ("agency", agency),
        ("attributes", &attributes),
        ("basis", &basis),
        ("case", &case),
        ("check", &check),
        ("day", &day),
        ("purposes", &purposes),
        ("source", &source),
        ("time", &time),
    ];
    let mut told = vec![text(&format!("access-{}", view.outcome), &arguments)];
    let denied = view.denied.len().to_string();
    if !view.denied.is_empty() && view.outcome == "disclosed" {
        told.push(text("access-more-denied", &[("count", &denied)]));
    }
    if let Some(relation) = &view.acting {
        told.push(text(&format!("access-acting-{relation}"), &[]));
    }
    if let Some(emergency) = &view.emergency {
        let (day, time) = moment(&emergency.review_due, language);
        let due = [("day", day.as_str()), ("time", &time)];
        told.push(text("access-more-emergency", &due));
    }
    told.join(" ")
}

/// Day and time on the clocks of the country.
pub(in crate::api) fn moment(time: &str, language: Language) -> (String, String) {
    let Ok(moment) = time.parse::<Timestamp>() else {
        return (time.to_owned(), String::new());
    };
    let local = local(moment);
    let day = match language {
        Language::En => local.strftime("%-d %B %Y"),
        Language::Vi | Language::Fr => local.strftime("%d/%m/%Y"),
    };
    (day.to_string(), local.strftime("%H:%M").to_string())
}

/// Attributes by their datasets: `identity – full name, date of birth; residence – address`. Flags,
/// which come along with every record, are in the list, not in the sentence: "dead" among what was
/// told reads as if the person were.
fn attributes(view: &AccessView, catalogue: &Catalogue, language: Language) -> String {
    let mut datasets: Vec<(String, Vec<String>)> = Vec::new();
    for attribute in &view.attributes {
        let known = attribute.name.rsplit_once('.');
        let known = known.and_then(|(dataset, _)| catalogue.dataset_named(dataset));
        let is_flag = known.is_some_and(|dataset| {
            let found = dataset
                .attributes
                .iter()
                .find(|a| *a.path == attribute.name);
            found.is_some_and(|found| dataset.flags.contains(found.index))
        });
        if is_flag && view.attributes.len() > 1 {
            continue;
        }
        let dataset = known.map_or_else(
            || attribute.name.clone(),
            |dataset| lower(dataset.title.get(language)),
        );
        let title = lower(&attribute.title);
        match datasets.last_mut().filter(|(last, _)| *last == dataset) {
            Some((_, titles)) => titles.push(title),
            None => datasets.push((dataset, vec![title])),
        }
    }
    let named: usize = datasets.iter().map(|(_, titles)| titles.len()).sum();
    let in_numbers = named > NAMED_MAX;
    let told = datasets.iter().map(|(dataset, titles)| {
        if !in_numbers {
            return format!("{dataset} – {}", titles.join(", "));
        }
        let count = titles.len().to_string();
        let arguments = [("dataset", dataset.as_str()), ("count", &count)];
        texts().get(language, "access-details", &arguments)
    });
    told.collect::<Vec<_>>().join("; ")
}

/// A title within a sentence: without its capital, unless it is an abbreviation.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}
