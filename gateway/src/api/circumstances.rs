//! What every handler knows of the call at hand: its id, its language, its trace, its start.

use motlan_schemas::language::Language;
use std::{sync::Arc, time::Instant};

/// The circumstances of one HTTP call, made by the outermost layer and put into its extensions.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// The caller's `Request-Id` where it is harmless, else one of ours.
    pub request_id: Arc<str>,
    /// The language of problems and remedies.
    pub language: Language,
    /// The trace that the caller named, where it did.
    pub caller_trace: Option<Trace>,
    /// The W3C trace that the call belongs to, with the call's own span.
    pub trace: Trace,
    /// The network zone that it comes from, where the configuration names one.
    pub zone: Option<Arc<str>>,
    /// The call names many subjects at once: a batch.
    pub batch: bool,
    /// When the call arrived; the caller's deadline counts from here.
    pub received: Instant,
}

/// A W3C trace context, level 1 (<https://www.w3.org/TR/trace-context/>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// The trace, which all parties share.
    pub trace_id: u128,
    /// This call within the trace.
    pub span_id: u64,
    /// Whether the caller records it.
    pub sampled: bool,
}

impl Trace {
    /// Reads a `traceparent` header; anything but a valid one of version 00 starts a new trace.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let (version, trace, parent, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |text: &str, width| {
            text.len() == width && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        if version != "00" || parts.next().is_some() || !is_hex(trace, 32) || !is_hex(parent, 16) {
            return None;
        }
        let flags = is_hex(flags, 2)
            .then(|| u8::from_str_radix(flags, 16).ok())
            .flatten()?;
        let trace_id = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
        let span_id = u64::from_str_radix(parent, 16).ok().filter(|id| *id != 0)?;
        Some(Self {
            trace_id,
            span_id,
            sampled: flags & 1 == 1,
        })
    }

    /// The `traceparent` header to pass on, with this call as the parent.
    #[must_use]
    pub fn header(&self) -> String {
        let flags = u8::from(self.sampled);
        format!(
            "00-{:032x}-{:016x}-{flags:02x}",
            self.trace_id, self.span_id
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_traceparent_survives_the_round_trip() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(Trace::parse(header).unwrap().header(), header);
    }

    #[test]
    fn an_invalid_traceparent_is_no_trace() {
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert!(Trace::parse(bad).is_none(), "{bad}");
        }
    }
}
