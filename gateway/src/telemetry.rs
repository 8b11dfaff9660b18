//! Logs and traces: a readable sentence with dotted fields on standard error, and spans over OTLP
//! where the configuration names a collector.
//!
//! What is recorded is chosen field by field where it happens; bodies, tokens and ids of persons
//! are nowhere given to a span or a log line.

use crate::api::circumstances::Trace;
use opentelemetry::{
    Context,
    trace::{
        SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
    },
};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use serde::{Deserialize, Serialize};
use std::io::IsTerminal;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};
use url::Url;

/// The section `telemetry` of the configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// Which log lines are written, as `tracing` filters: `info`, `warn,motlan_gateway=debug`.
    pub log: String,
    /// `text` for people, `json` for collectors.
    pub format: LogFormat,
    /// Where spans go: the base address of an OTLP/HTTP collector. Absent: nowhere.
    pub otlp_endpoint: Option<Url>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One readable line.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            log: "info".to_owned(),
            format: LogFormat::Text,
            otlp_endpoint: None,
        }
    }
}

/// Why telemetry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is none.
    #[error("`telemetry.log` is no filter")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The exporter cannot be made.
    #[error("`telemetry.otlp_endpoint` cannot be used")]
    Exporter(#[from] ExporterBuildError),
    /// Something else records logs already.
    #[error("logging was started twice")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Running telemetry. [`Telemetry::shutdown`] sends the last spans.
#[derive(Debug)]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Starts logs, and traces where configured, for the whole process.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn start(config: &TelemetryConfig) -> Result<Self, TelemetryError> {
        let provider = config
            .otlp_endpoint
            .as_ref()
            .map(exporting_to)
            .transpose()?;
        let spans = provider.as_ref().map(|provider| {
            // Spans are exported at level info whatever the log filter hides.
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("motlan"));
            layer.with_filter(tracing_subscriber::filter::LevelFilter::INFO)
        });
        let filter = EnvFilter::try_new(&config.log)?;
        let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
        // Colour is for eyes: in a file it would be noise.
        let lines = if std::io::stderr().is_terminal() {
            lines
        } else {
            lines.with_ansi(false)
        };
        let lines = match config.format {
            LogFormat::Text => lines.compact().with_filter(filter).boxed(),
            LogFormat::Json => lines.json().with_filter(filter).boxed(),
        };
        tracing_subscriber::registry()
            .with(spans)
            .with(lines)
            .try_init()?;
        Ok(Self(provider))
    }

    /// Sends what is not sent yet. Blocks: call it when nothing else runs any more.
    pub fn shutdown(self) {
        if let Some(provider) = self.0
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Makes `span` continue the caller's trace, and tells its place in it. `None` where no traces are
/// recorded: then the call keeps the ids it made up.
#[must_use]
pub fn continue_trace(span: &Span, caller: Option<Trace>) -> Option<Trace> {
    if let Some(caller) = caller {
        let flags = if caller.sampled {
            TraceFlags::SAMPLED
        } else {
            TraceFlags::default()
        };
        let remote = SpanContext::new(
            TraceId::from(caller.trace_id),
            SpanId::from(caller.span_id),
            flags,
            true,
            TraceState::default(),
        );
        // Fails where no traces are recorded, and then there is nothing to continue.
        let _ = span.set_parent(Context::new().with_remote_span_context(remote));
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    own.is_valid().then(|| Trace {
        trace_id: u128::from_be_bytes(own.trace_id().to_bytes()),
        span_id: u64::from_be_bytes(own.span_id().to_bytes()),
        sampled: own.is_sampled(),
    })
}

fn exporting_to(endpoint: &Url) -> Result<SdkTracerProvider, ExporterBuildError> {
    let endpoint = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .build()?;
    let resource = Resource::builder().with_service_name("motlan").build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}
