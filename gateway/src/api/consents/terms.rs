//! Whether what a citizen consents to makes sense: an agency that exists and carries out the
//! procedures, procedures that rest on consent, attributes that they need.

use crate::consents::Terms;
use jiff::{SignedDuration, Timestamp};
use motlan_policies::{
    agency::Agency,
    decide::Policies,
    purpose::{BasisKind, Purpose},
};
use motlan_schemas::{
    catalogue::{AttributeSet, Catalogue, DatasetId, Selection, names},
    consent::{ConsentRequest, NamedAttributes},
    query::{FieldError, Mistake},
};
use std::sync::Arc;

/// The terms of a request, or every mistake in it.
pub(super) fn checked(
    request: &ConsentRequest,
    policies: &Policies,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<Terms, Vec<FieldError>> {
    let mut errors = Vec::new();
    let agency = policies.agencies().get(&request.agency);
    if agency.is_none() {
        let known = policies.agencies().iter().map(|agency| agency.id.as_str());
        let nearest = names::nearest(request.agency.as_str(), known);
        errors.push(at("/agency".to_owned(), Mistake::UnknownAgency { nearest }));
    }
    let purposes = purposes(request, policies, agency, &mut errors);
    let attributes = attributes(request, &purposes, catalogue, &mut errors);
    let from = request.from.unwrap_or(now);
    let latest = now.saturating_add(LONGEST).unwrap_or(Timestamp::MAX);
    if request.until <= from || request.until <= now || request.until > latest {
        errors.push(at("/until".to_owned(), Mistake::Period));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Terms {
        agency: request.agency.clone(),
        purposes: purposes.iter().map(|purpose| purpose.id.clone()).collect(),
        attributes,
        from: request.from,
        until: request.until,
        uses: request.uses,
    })
}

/// Ten years, with leap days; whoever wants more can be asked again.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 3_653);

fn purposes<'a>(
    request: &ConsentRequest,
    policies: &'a Policies,
    agency: Option<&Arc<Agency>>,
    errors: &mut Vec<FieldError>,
) -> Vec<&'a Arc<Purpose>> {
    let mut purposes = Vec::new();
    for (place, id) in request.purposes.iter().enumerate() {
        let pointer = format!("/purposes/{place}");
        let Some(purpose) = policies.purposes().get(id) else {
            let nearest = policies.purposes().nearest(id.as_str());
            errors.push(at(pointer, Mistake::UnknownPurpose { nearest }));
            continue;
        };
        if purpose.basis_kind != BasisKind::Consent {
            errors.push(at(pointer, Mistake::NotByConsent));
        } else if agency.is_some_and(|agency| !agency.holds_mandate(id)) {
            errors.push(at(pointer, Mistake::NotMandated));
        } else if !purposes.iter().any(|p: &&Arc<Purpose>| p.id == *id) {
            purposes.push(purpose);
        }
    }
    purposes
}

/// What was named and some procedure needs. Of a dataset that was named whole, what is not needed
/// is left out.
fn attributes(
    request: &ConsentRequest,
    purposes: &[&Arc<Purpose>],
    catalogue: &Catalogue,
    errors: &mut Vec<FieldError>,
) -> Selection {
    let mut selection = Selection::default();
    if purposes.is_empty() {
        return selection;
    }
    for (place, named) in request.attributes.iter().enumerate() {
        let needed = needed(named.dataset, purposes, catalogue);
        let attributes = named.attributes & needed;
        let NamedAttributes { whole, .. } = *named;
        if attributes.is_empty() || (!whole && !named.attributes.is_subset(needed)) {
            errors.push(at(format!("/attributes/{place}"), Mistake::NotInPurpose));
        } else {
            selection.add(named.dataset, attributes);
        }
    }
    selection
}

/// What the procedures need of a dataset, other persons left out: one citizen cannot consent for
/// another.
fn needed(dataset: DatasetId, purposes: &[&Arc<Purpose>], catalogue: &Catalogue) -> AttributeSet {
    let covered = purposes.iter().fold(AttributeSet::EMPTY, |set, purpose| {
        set | purpose.covers(dataset)
    });
    let attributes = catalogue.dataset(dataset).attributes.iter();
    let others = attributes.filter(|a| a.person).map(|a| a.index);
    covered - others.collect::<AttributeSet>()
}

const fn at(pointer: String, mistake: Mistake) -> FieldError {
    FieldError { pointer, mistake }
}
