//! Spans of traces: begun where work begins, ended when they are dropped, sent by OTLP.
//!
//! Without an address to send them to, a span is only its identifiers: logs, events and
//! headers carry them all the same.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;

use kernel::{Error, Ids, Trace};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _,
    TraceFlags, TraceId, TraceState, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, Span as Recorded};
use serde::Deserialize;

use crate::clock::random_bytes;

/// Settings of traces.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Address of an OTLP collector (HTTP, protobuf), without `/v1/traces`; empty: none.
    pub otlp_url: String,
    /// What the process is called there.
    pub service_name: String,
    /// How many of a hundred traces that begin here are recorded.
    pub sample_percent: u8,
}

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// What flushes spans at the end of the process.
#[must_use = "spans that were not sent yet are lost with it"]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Sends what was not sent yet; gives up after five seconds.
    pub fn end(self) {
        if let Some(Err(e)) = self.0.map(|p| p.shutdown_with_timeout(Duration::from_secs(5))) {
            tracing::warn!(error = %e, "the last spans could not be sent");
        }
    }
}

/// Starts to send spans, when there is an address. `doing` says what this process does.
///
/// # Errors
/// `Invalid` when the address is none.
pub async fn start_traces(config: &Config, doing: &str) -> Result<Traces, Error> {
    if config.otlp_url.is_empty() {
        return Ok(Traces(None));
    }
    if config.sample_percent > 100 {
        return Err(Error::invalid("telemetry.sample_percent", "0 to 100 are allowed"));
    }
    let url = format!("{}/v1/traces", config.otlp_url.trim_end_matches('/'));
    // The exporter's client waits on a runtime of its own, which may not be made inside ours.
    let exporter = crate::tasks::blocking(move || {
        crate::outbound::install_tls();
        opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(url)
            .with_timeout(Duration::from_secs(5))
            .build()
    });
    let exporter =
        exporter.await?.map_err(|e| Error::invalid("telemetry.otlp_url", e.to_string()))?;
    let resource = Resource::builder()
        .with_service_name(config.service_name.clone())
        .with_attributes([
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", hex::encode(random_bytes::<8>())),
            KeyValue::new("kontor.roles", doing.to_owned()),
        ])
        .build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(sampler(config.sample_percent))
        .with_resource(resource)
        .build();
    let _first_wins = TRACER.set(provider.tracer("kontor"));
    Ok(Traces(Some(provider)))
}

/// Records so many of a hundred traces that begin here; a caller's own choice stands.
#[expect(clippy::float_arithmetic, reason = "the SDK wants a share; it is no money")]
fn sampler(percent: u8) -> Sampler {
    let share = f64::from(percent) / 100.0;
    Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)))
}

/// What a span is to its trace.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// It answers a request.
    Server,
    /// It asks somebody else.
    Client,
    /// It handles an event.
    Consumer,
    /// Work of the house itself.
    Internal,
}

/// A span; it ends when it is dropped.
pub struct Span {
    trace: Trace,
    recorded: Option<Recorded>,
}

impl Span {
    /// Begins a span of `parent`'s trace, or of a new one. Few names: what differs from one to
    /// the next belongs into notes.
    /// What is not recorded takes its identifiers from `ids`: a simulation repeats itself.
    pub fn begin(
        part: Part,
        name: impl Into<Cow<'static, str>>,
        parent: Option<Trace>,
        ids: &dyn Ids,
    ) -> Self {
        let Some(tracer) = TRACER.get() else {
            return Self { trace: unrecorded(parent, ids), recorded: None };
        };
        let above = parent
            .map_or_else(Context::new, |p| Context::new().with_remote_span_context(context(p)));
        let kind = match part {
            Part::Server => SpanKind::Server,
            Part::Client => SpanKind::Client,
            Part::Consumer => SpanKind::Consumer,
            Part::Internal => SpanKind::Internal,
        };
        let builder = SpanBuilder::from_name(name).with_kind(kind);
        let recorded = tracer.build_with_context(builder, &above);
        let own = recorded.span_context();
        let trace = Trace {
            id: u128::from_be_bytes(own.trace_id().to_bytes()),
            span: u64::from_be_bytes(own.span_id().to_bytes()),
            sampled: own.is_sampled(),
        };
        Self { trace, recorded: Some(recorded) }
    }

    /// Where it stands: what it causes is below this.
    pub const fn trace(&self) -> Trace {
        self.trace
    }

    /// Says something of it.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<opentelemetry::Value>) -> Self {
        self.note(key, value);
        self
    }

    /// Says something of it, later.
    pub fn note(&mut self, key: &'static str, value: impl Into<opentelemetry::Value>) {
        if let Some(recorded) = &mut self.recorded {
            recorded.set_attribute(KeyValue::new(key, value));
        }
    }

    /// It failed.
    pub fn fail(&mut self, why: String) {
        if let Some(recorded) = &mut self.recorded {
            recorded.set_status(Status::error(why));
        }
    }
}

fn context(t: Trace) -> SpanContext {
    let flags = if t.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    let (id, span) = (TraceId::from_bytes(t.id.to_be_bytes()), t.span.to_be_bytes());
    SpanContext::new(id, SpanId::from_bytes(span), flags, true, TraceState::default())
}

/// Identifiers without a record. An identifier of zero would be none.
fn unrecorded(parent: Option<Trace>, ids: &dyn Ids) -> Trace {
    let (_, span) = ids.next().as_u64_pair();
    let span = span | 1;
    let id = parent.map_or_else(|| ids.next().as_u128() | 1, |p| p.id);
    Trace { id, span, sampled: parent.is_some_and(|p| p.sampled) }
}
