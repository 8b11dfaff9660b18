//! Which of the adapter's errors a failed exchange is. Nothing of URL or body gets into a text.

use crate::adapter::AdapterError;
use std::{error::Error, io};

/// A failure before the answer's head was there.
pub(super) fn before_the_answer(error: &reqwest::Error) -> AdapterError {
    if error.is_timeout() {
        return AdapterError::Timeout;
    }
    let down = |reason: &str| AdapterError::Down {
        reason: reason.to_owned(),
    };
    if error.is_connect() {
        return if error.is_dns() {
            down("its name cannot be resolved")
        } else if in_chain::<rustls::Error>(error).is_some() {
            down("no secure connection: TLS was refused")
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

fn is_refused(error: &reqwest::Error) -> bool {
    in_chain::<io::Error>(error).is_some_and(|e| e.kind() == io::ErrorKind::ConnectionRefused)
}

/// The first error of a kind among the causes, also where one is wrapped in an [`io::Error`].
fn in_chain<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|wrapped| wrapped.downcast_ref::<E>()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}
