//! A consent as the access log and the store write it, and back: names instead of positions, so
//! that it outlives the catalogue.

use jiff::Timestamp;
use motlan_access_log::entry::record::{self, Bytes32};
use motlan_policies::consent::{
    Consent, ConsentState, ConsentTerms, ConsentUses, IdempotentRequest, SubjectKey,
};
use motlan_schemas::{
    catalogue::{Catalogue, Selection},
    clock::wire_time,
    ids::{PrefixedIdError, SlugError},
};

/// Why a written consent is none.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Its id.
    #[error("the written consent has no valid id")]
    Id(#[from] PrefixedIdError),
    /// The agency or a purpose.
    #[error("the written consent has no valid agency or purpose")]
    Name(#[from] SlugError),
    /// One of its times.
    #[error("the written consent has no valid time")]
    Time(#[from] jiff::Error),
    /// Its state or its uses: another version of the program has written it.
    #[error("the written consent is in a state unknown here")]
    State,
}

/// The written form of a consent of this catalogue.
pub(super) fn record(
    consent: &Consent,
    catalogue: &Catalogue,
    request: Option<IdempotentRequest>,
) -> record::Consent {
    let (state, since) = match consent.kept_state() {
        ConsentState::Given => ("given", consent.given_at),
        ConsentState::UsedUp { at } => ("used_up", at),
        ConsentState::Withdrawn { at } => ("withdrawn", at),
        ConsentState::Expired { at } => ("expired", at),
    };
    record::Consent {
        agency: consent.agency.to_string(),
        attributes: attribute_names(consent, catalogue),
        from: wire_time(consent.from),
        given_at: wire_time(consent.given_at),
        giver: consent.giver.map(|giver| Bytes32(giver.0)),
        id: consent.id.to_string(),
        purposes: consent.purposes.iter().map(ToString::to_string).collect(),
        request: request.map(|request| record::IdempotentRequest {
            body: Bytes32(request.body),
            key: Bytes32(request.key),
        }),
        state: state.into(),
        state_since: wire_time(since),
        until: wire_time(consent.until),
        uses: consent.uses.as_str().into(),
    }
}

/// The full names of a consent's attributes, sorted.
pub fn attribute_names(consent: &Consent, catalogue: &Catalogue) -> Vec<String> {
    let known = consent.attributes.iter().flat_map(|(dataset, set)| {
        let attributes = catalogue.dataset(dataset).attributes_in(set);
        attributes.map(|attribute| attribute.path.to_string())
    });
    let retired = consent.retired_attributes.iter().map(ToString::to_string);
    let mut names: Vec<_> = known.chain(retired).collect();
    names.sort_unstable();
    names
}

/// The consent of `subject`, in the terms of this catalogue.
pub(super) fn consent(
    record: record::Consent,
    subject: SubjectKey,
    catalogue: &Catalogue,
) -> Result<Consent, EntryError> {
    let mut attributes = Selection::default();
    let mut retired = Vec::new();
    for name in record.attributes {
        match catalogue.resolve(&name) {
            Ok((dataset, set)) => attributes.add(dataset, set),
            Err(_) => retired.push(name.into()),
        }
    }
    let at: Timestamp = record.state_since.parse()?;
    let state = match record.state.as_ref() {
        "given" => ConsentState::Given,
        "used_up" => ConsentState::UsedUp { at },
        "withdrawn" => ConsentState::Withdrawn { at },
        _ => return Err(EntryError::State),
    };
    let uses = match record.uses.as_ref() {
        "once" => ConsentUses::Once,
        "repeated" => ConsentUses::Repeated,
        _ => return Err(EntryError::State),
    };
    let purposes = record.purposes.iter().map(|purpose| purpose.parse());
    let terms = ConsentTerms {
        subject,
        giver: record.giver.map(|giver| SubjectKey(giver.0)),
        agency: record.agency.parse()?,
        purposes: purposes.collect::<Result<_, _>>()?,
        attributes,
        from: record.from.parse()?,
        until: record.until.parse()?,
        uses,
    };
    let (id, given_at) = (record.id.parse()?, record.given_at.parse()?);
    Ok(Consent::restore(id, terms, retired, given_at, state))
}

/// The call that gave it, where the written form says so.
pub(super) fn request(record: &record::Consent) -> Option<IdempotentRequest> {
    record.request.map(|request| IdempotentRequest {
        key: request.key.0,
        body: request.body.0,
    })
}
