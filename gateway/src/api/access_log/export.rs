//! Entries as a stream: lines for programs (NDJSON) or a table (CSV), each entry with its proof.
//!
//! The places of all matches are known before the first line leaves; the entries are read a few at a
//! time, and only when the reader has taken those before.

use super::{
    super::parameters::cursor,
    opened::{COLUMNS, Opened, write_row},
    wanted::EXPORT_MAX,
};
use crate::{
    app::App,
    index::{Entries, Found, Nearby},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use motlan_access_log::{log::LeafIndex, prover::Prover, store::ReadError};
use std::{io, vec};

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Page,
    Lines,
    Table,
}

/// Entries that are read and sent together, about half a megabyte.
const AT_ONCE: usize = 128;

impl Form {
    /// What the caller accepts.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        let mut types = accepted.unwrap_or_default().split(',');
        let form = types.find_map(|accepted| {
            match accepted.split(';').next().unwrap_or_default().trim() {
                "application/x-ndjson" => Some(Self::Lines),
                "text/csv" => Some(Self::Table),
                "application/json" => Some(Self::Page),
                _ => None,
            }
        });
        form.unwrap_or(Self::Page)
    }

    pub(super) const fn is_export(self) -> bool {
        !matches!(self, Self::Page)
    }

    /// What a look records of it.
    pub(super) fn told(self) -> Option<String> {
        match self {
            Self::Page => None,
            Self::Lines => Some("export=ndjson".to_owned()),
            Self::Table => Some("export=csv".to_owned()),
        }
    }
}

/// An export under way.
struct Export {
    form: Form,
    places: vec::IntoIter<u64>,
    next: Option<u64>,
    entries: Entries,
    nearby: Nearby,
    prover: Prover,
    has_begun: bool,
}

/// The stream of what was found.
pub(super) fn response(app: &App, found: Found, form: Form) -> Response {
    let signed = app.pipeline.log.checkpoint();
    let entries = app.entries();
    let export = Export {
        form,
        places: found.places.into_iter(),
        next: found.next,
        nearby: Nearby::new(entries.tiles.clone()),
        prover: Prover::new(signed, entries.tiles.clone()),
        entries,
        has_begun: false,
    };
    let chunks = stream::try_unfold(Some(export), |export| async move {
        let Some(mut export) = export else {
            return Ok(None);
        };
        let reading = tokio::task::spawn_blocking(move || {
            let (chunk, goes_on) = export.chunk()?;
            Ok::<_, ReadError>((chunk, goes_on.then_some(export)))
        });
        let read = reading.await.map_err(io::Error::other)?;
        // An export that breaks off is seen to: its transfer has no end.
        let read = read.inspect_err(|error| tracing::error!(%error, "an export broke off"));
        read.map(Some).map_err(io::Error::other)
    });
    let (media_type, name) = match form {
        Form::Table => ("text/csv; charset=utf-8; header=present", "access-log.csv"),
        _ => ("application/x-ndjson", "access-log.ndjson"),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    (headers, Body::from_stream(chunks)).into_response()
}

impl Export {
    /// The next lines, and whether more follow.
    fn chunk(&mut self) -> Result<(Bytes, bool), ReadError> {
        let mut chunk = Vec::new();
        if !self.has_begun && self.form == Form::Table {
            write_row(COLUMNS.into_iter(), &mut chunk);
        }
        self.has_begun = true;
        for leaf_index in self.places.by_ref().take(AT_ONCE) {
            let bytes = self.nearby.entry(leaf_index)?;
            let proof = self.prover.prove(LeafIndex(leaf_index))?;
            let opened = Opened::new(leaf_index, bytes, &self.entries.details);
            match self.form {
                Form::Table => opened.write_csv(&proof, &mut chunk),
                _ => opened.write_json(&proof, &mut chunk),
            }
        }
        let goes_on = self.places.len() > 0;
        if let (false, Some(next)) = (goes_on, self.next) {
            self.write_cut(next, &mut chunk);
        }
        Ok((chunk.into(), goes_on))
    }

    /// The last line of an export that had to end before everything was told.
    fn write_cut(&self, next: u64, chunk: &mut Vec<u8>) {
        let next = cursor(next);
        match self.form {
            Form::Table => {
                let cells = ["", "", "cut", &next];
                let empty = std::iter::repeat_n("", COLUMNS.len() - cells.len());
                write_row(cells.into_iter().chain(empty), chunk);
            }
            _ => {
                let cut = serde_json::json!({ "entries_max": EXPORT_MAX, "next": next });
                chunk.extend_from_slice(format!("{{\"cut\":{cut}}}\n").as_bytes());
            }
        }
    }
}
