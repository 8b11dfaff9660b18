//! What the commands share that change the policy store: switching, and hearing from the gateway.

use crate::{
    cli::{
        place::Place,
        style::{BAD, GOOD, QUIET, WARNING, paint},
    },
    i18n::texts,
    policy_store::{Cause, Changing, Current, PolicyStore, Version},
};
use anstream::println;
use anyhow::Context;
use motlan_schemas::{
    clock::{Clock, SystemClock},
    language::Language,
};
use std::{process::ExitCode, thread, time::Duration};

/// How often the gateway's answer is looked for, and how many times: three seconds in all, of which
/// the gateway looks at the store in the first, and loads the national policies in the second.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: usize = 60;

/// What the gateway made of a change.
enum Answer {
    InForce,
    Refused(String),
    NoGateway,
    Silence,
}

/// The policy store of an installation.
pub(super) fn of(place: &Place) -> anyhow::Result<PolicyStore> {
    let directory = place.installation()?.policies.store.context(
        "the configuration has no policy store; set `store` in the section `policies` and start the \
         gateway again",
    )?;
    Ok(PolicyStore::at(directory))
}

/// Makes a version current and says what the gateway made of it. A version that the gateway refuses
/// does not stay current: the gateway could not start with it.
pub(super) fn put_in_force(
    store: &PolicyStore,
    changing: &Changing<'_>,
    version: Version,
    cause: Cause,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let before = store.current()?.version().unwrap_or(Version::Base);
    let current = changing.switch(version, cause, SystemClock.now())?;
    let text = |key: &str, arguments: &[(&str, &str)]| texts().get(language, key, arguments);
    let name = name(version, language);
    let switched = text("policy-current", &[("version", &name)]);
    println!("{} {switched}", paint(GOOD, "✓"));
    match answer(store, &current) {
        Answer::InForce => {
            println!("{} {}", paint(GOOD, "✓"), text("policy-in-force", &[]));
            Ok(ExitCode::SUCCESS)
        }
        Answer::NoGateway => {
            println!("  {}", paint(QUIET, &text("policy-no-gateway", &[])));
            Ok(ExitCode::SUCCESS)
        }
        Answer::Silence => {
            println!("{} {}", paint(WARNING, "!"), text("policy-silence", &[]));
            Ok(ExitCode::FAILURE)
        }
        Answer::Refused(reason) => {
            changing.switch(before, Cause::Rollback, SystemClock.now())?;
            let refused = text("policy-refused", &[("reason", &reason)]);
            println!("{} {refused}", paint(BAD, "✗"));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What people call a version.
pub(super) fn name(version: Version, language: Language) -> String {
    match version {
        Version::Base => texts().plain(language, "policy-base"),
        Version::Stored(digest) => digest.policy_version(),
    }
}

fn answer(store: &PolicyStore, current: &Current) -> Answer {
    if !store.is_followed() {
        return Answer::NoGateway;
    }
    for _ in 0..LOOKS {
        let active = store
            .active()
            .filter(|active| active.stamp == current.stamp);
        match active.map(|active| active.refused) {
            Some(None) => return Answer::InForce,
            Some(Some(reason)) => return Answer::Refused(reason),
            None => thread::sleep(LOOK_EVERY),
        }
    }
    Answer::Silence
}
