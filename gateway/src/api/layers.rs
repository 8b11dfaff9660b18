//! The one layer around every call: who it is for us (id, language, trace), how long it took, and
//! what happens if a handler panics.

use super::{
    circumstances::{Circumstances, Trace},
    problem::ProblemResponse,
};
use crate::{app::App, random, server::CallerZone};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use motlan_schemas::{ids::RequestId, language::Language, problem::ProblemCode};
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Makes the [`Circumstances`], runs the call in a span, counts it, and names it in the answer.
pub async fn observe(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let zone = request.extensions().get::<CallerZone>();
    let zone = zone.and_then(|CallerZone(zone)| zone.clone());
    let mut on = circumstances(&app, request.headers(), zone);
    let route = route(&request);
    let span = tracing::info_span!(
        "call",
        otel.name = %route,
        http.route = %route,
        request.id = %on.request_id,
        trace.id = %format_args!("{:032x}", on.trace.trace_id),
    );
    if let Some(recorded) = crate::telemetry::continue_trace(&span, on.caller_trace) {
        on.trace = recorded;
    }
    request.extensions_mut().insert(on.clone());
    let answer = AssertUnwindSafe(next.run(request).instrument(span))
        .catch_unwind()
        .await;
    let mut response = answer.unwrap_or_else(|_| {
        tracing::error!(request.id = %on.request_id, "a handler panicked");
        ProblemResponse::new(ProblemCode::Internal, &on).into_response()
    });
    app.metrics
        .http_answered(&route, response.status().as_u16(), on.received.elapsed());
    finish(response.headers_mut(), &on);
    response
}

fn circumstances(app: &App, headers: &HeaderMap, zone: Option<Arc<str>>) -> Circumstances {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // One draw for the three ids; they share no bytes.
    let random: [u8; 34] = random::bytes(app.random.as_ref());
    let (for_id, rest) = random
        .split_first_chunk::<10>()
        .unwrap_or((&[0; 10], &[0; 24]));
    let (for_trace, for_span) = rest
        .split_first_chunk::<16>()
        .unwrap_or((&[0; 16], &[0; 8]));
    let request_id = text(&REQUEST_ID).filter(|id| is_harmless(id)).map_or_else(
        || RequestId::new(app.clock.now(), *for_id).to_string().into(),
        Arc::from,
    );
    let own_span = for_span.try_into().map_or(1, u64::from_ne_bytes).max(1);
    let caller_trace = text(&TRACEPARENT).and_then(Trace::parse);
    let trace = caller_trace.map_or_else(
        || {
            let trace_id = u128::from_ne_bytes(*for_trace).max(1);
            Trace {
                trace_id,
                span_id: own_span,
                sampled: false,
            }
        },
        |caller| Trace {
            span_id: own_span,
            ..caller
        },
    );
    Circumstances {
        request_id,
        language: Language::negotiate(text(&header::ACCEPT_LANGUAGE), app.language),
        caller_trace,
        trace,
        zone,
        batch: false,
        received: Instant::now(),
    }
}

/// The caller's id goes into logs and headers: it may be neither long nor strange, nor anything
/// that could be a person's number.
fn is_harmless(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let digits_in_a_row = id
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max()
        .unwrap_or(0);
    (1..=64).contains(&id.len()) && id.bytes().all(allowed) && digits_in_a_row < 9
}

/// The pattern of the route, never the path itself: a path could hold anything.
fn route(request: &Request) -> Arc<str> {
    request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".into(), |path| path.as_str().into())
}

fn finish(headers: &mut HeaderMap, on: &Circumstances) {
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(REQUEST_ID, &on.request_id);
    put(TRACEPARENT, &on.trace.header());
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
}

#[cfg(test)]
mod tests {
    use super::is_harmless;

    #[test]
    fn a_request_id_that_could_be_a_personal_number_is_not_taken_over() {
        assert!(is_harmless("0193-abc_D.4"));
        assert!(is_harmless("01932f6e-8a1b-7c3d-9e4f-1a2b3c4d5e6f"));
        for bad in [
            "",
            "001185012345",
            "x-001185012345-y",
            "a b",
            "a\n",
            &"x".repeat(65),
        ] {
            assert!(!is_harmless(bad), "{bad:?}");
        }
    }
}
