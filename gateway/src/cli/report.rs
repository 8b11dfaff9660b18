//! `motlan report`: the questions that a data protection officer must be able to answer, asked of a
//! running gateway.

mod breach;
pub(super) mod gateway;
mod person;
mod reconcile;
mod register;

use clap::Subcommand;
use motlan_schemas::language::Language;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Report {
    /// Everything that the access log says about one person or enterprise.
    Person(person::Person),
    /// Whose data went where in which time.
    Breach(breach::Breach),
    /// Who processes which data of whom, for what and on which ground.
    Register(register::Register),
    /// Compare a registry's own count of requests with the access log.
    Reconcile(reconcile::Reconcile),
}

impl Report {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        crate::auth::install_cryptography()?;
        match self {
            Self::Person(person) => person.run(language).await,
            Self::Breach(breach) => breach.run(language).await,
            Self::Register(register) => register.run(language).await,
            Self::Reconcile(reconcile) => reconcile.run(language).await,
        }
    }
}
