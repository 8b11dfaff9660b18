//! Everything that is logged or traced on one thread, as text.

use parking_lot::Mutex;
use std::{
    fmt::{Debug, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// A subscriber that keeps every field of every event and span, at any level.
#[derive(Debug, Clone, Default)]
pub(super) struct Capture {
    texts: Arc<Mutex<Texts>>,
    spans: Arc<AtomicU64>,
}

/// What was captured.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    pub(super) events: String,
    pub(super) spans: String,
}

impl Capture {
    pub(super) fn texts(&self) -> Texts {
        self.texts.lock().clone()
    }
}

impl Subscriber for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut texts = self.texts.lock();
        texts.spans.push_str(span.metadata().name());
        span.record(&mut Fields(&mut texts.spans));
        // Ids begin at 1; 0 is none.
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.texts.lock().spans));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Fields(&mut self.texts.lock().events));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Fields<'t>(&'t mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, " {field}={value:?}");
    }
}
