//! Which of the adapter's errors a failed exchange is. Nothing of URL or body gets into a text.

use super::retry::Failed;
use crate::adapter::AdapterError;
use std::{error::Error, io};

/// A failure before the answer's head was there. `opened` says whether the exchange had a
/// connection of its own.
pub(super) fn before_the_answer(error: &reqwest::Error, opened: bool) -> Failed {
    let told = explained(error);
    // Nothing was sent, or to a connection that the server was just closing. What TLS refuses or no
    // name server knows will be refused again; a time-out has used up the time in which to ask.
    let unsent = error.is_connect() && !error.is_dns() && is_refused_or_reset(error);
    let onto_a_closing_one = !error.is_connect() && !opened && is_closed(error);
    if !error.is_timeout() && !is_tls(error) && (unsent || onto_a_closing_one) {
        Failed::passing(told)
    } else {
        told.into()
    }
}

fn explained(error: &reqwest::Error) -> AdapterError {
    if error.is_timeout() {
        return AdapterError::Timeout;
    }
    let down = |reason: &str| AdapterError::Down {
        reason: reason.to_owned(),
    };
    // In TLS 1.3 a server refuses our certificate when the connection is made already.
    if is_tls(error) {
        return down("no secure connection: TLS was refused");
    }
    if error.is_connect() {
        return if error.is_dns() {
            down("its name cannot be resolved")
        } else if is_refused(error) {
            down("connection refused")
        } else {
            down("no connection")
        };
    }
    match in_chain::<hyper::Error>(error) {
        Some(hyper) if hyper.is_parse() => AdapterError::malformed("not an HTTP answer"),
        _ => down("the connection was closed without an answer"),
    }
}

/// A failure while the body was read.
pub(super) fn within_the_body(error: &reqwest::Error) -> AdapterError {
    if error.is_timeout() {
        return AdapterError::Timeout;
    }
    match in_chain::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            AdapterError::malformed("the body's chunks cannot be read")
        }
        _ => AdapterError::Truncated {
            reason: "the body ended before its announced end".to_owned(),
        },
    }
}

/// Whether the server closed the connection without a byte of an answer.
fn is_closed(error: &reqwest::Error) -> bool {
    let by_hyper = in_chain::<hyper::Error>(error)
        .is_some_and(|e| e.is_incomplete_message() || e.is_canceled() || e.is_closed());
    by_hyper || is_refused_or_reset(error)
}

fn is_refused_or_reset(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        in_chain::<io::Error>(error).map(io::Error::kind),
        Some(BrokenPipe | ConnectionAborted | ConnectionRefused | ConnectionReset)
    )
}

fn is_tls(error: &reqwest::Error) -> bool {
    in_chain::<rustls::Error>(error).is_some()
}

fn is_refused(error: &reqwest::Error) -> bool {
    in_chain::<io::Error>(error).is_some_and(|e| e.kind() == io::ErrorKind::ConnectionRefused)
}

/// The first error of a kind among the causes, also where one is wrapped in an [`io::Error`], which
/// does not name what it wraps as its source.
fn in_chain<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
