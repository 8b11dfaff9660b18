//! Which of the adapter's errors a failed statement is. The database's own texts quote values, so
//! only its codes get into ours.

use super::socket::Meter;
use crate::adapter::AdapterError;
use std::{error::Error as _, io};
use tokio_postgres::Error;

/// A failure of the connection or the statement.
pub(super) fn explained(error: &Error, meter: &Meter) -> AdapterError {
    if let Some(state) = error.code() {
        return by_state(state.code());
    }
    if meter.is_exhausted() {
        return AdapterError::malformed("longer than an answer may be");
    }
    let down = |reason: &str| AdapterError::Down {
        reason: reason.to_owned(),
    };
    if is_tls(error) {
        down("no secure connection: TLS was refused")
    } else if error.is_closed() || caused_by::<io::Error>(error) {
        down("the connection was closed")
    } else {
        AdapterError::malformed("not an answer of PostgreSQL")
    }
}

/// A failure before there was a connection.
pub(super) fn no_connection(error: &io::Error) -> AdapterError {
    let reason = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::NotFound => "there is no such socket",
        io::ErrorKind::PermissionDenied => "its socket may not be used",
        _ => "no connection",
    };
    AdapterError::Down {
        reason: reason.to_owned(),
    }
}

/// What a code means for the caller (PostgreSQL, appendix A).
fn by_state(state: &str) -> AdapterError {
    let reason = format!("SQLSTATE {state}");
    match (state, state.get(..2).unwrap_or_default()) {
        // query_canceled: by statement_timeout.
        ("57014" | "55P03", _) => AdapterError::Timeout,
        // Connection exceptions, resources, an operator's intervention, the system, its insides.
        (_, "08" | "53" | "57" | "58" | "XX" | "40" | "55") => AdapterError::Down { reason },
        ("42501", _) => AdapterError::Refused {
            reason: format!("{reason}, no right to read"),
        },
        (_, "42" | "22" | "21") => AdapterError::malformed(format!(
            "{reason}, the configured query does not fit the database"
        )),
        // Passwords, unknown databases, writing, and whatever else the database does not want.
        _ => AdapterError::Refused { reason },
    }
}

fn is_tls(error: &Error) -> bool {
    let wrapped = error
        .source()
        .and_then(|cause| cause.downcast_ref::<io::Error>())
        .and_then(io::Error::get_ref);
    wrapped.is_some_and(|cause| cause.is::<rustls::Error>())
        || error.to_string().contains("TLS handshake")
}

fn caused_by<E: std::error::Error + 'static>(error: &Error) -> bool {
    error.source().is_some_and(|cause| cause.is::<E>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use motlan_schemas::answer::RegistryProblem;

    #[test]
    fn each_code_is_what_the_caller_does_next() {
        for (state, problem) in [
            ("57014", RegistryProblem::RegistryTimeout),
            ("57P03", RegistryProblem::RegistryDown),
            ("53300", RegistryProblem::RegistryDown),
            ("28P01", RegistryProblem::RegistryRefused),
            ("3D000", RegistryProblem::RegistryRefused),
            ("42501", RegistryProblem::RegistryRefused),
            ("25006", RegistryProblem::RegistryRefused),
            ("42703", RegistryProblem::RegistryMalformed),
            ("22P02", RegistryProblem::RegistryMalformed),
        ] {
            assert_eq!(by_state(state).problem(), problem, "{state}");
        }
    }
}
