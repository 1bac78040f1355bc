//! Traces: a collector hears one trace from the request through job and event to the consumer.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use platform::testing;
use prost::Message as _;
use serde_json::json;
use tests::process::Installation;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

type Heard = Arc<Mutex<Vec<Span>>>;

/// A collector, as far as a sender of OTLP over HTTP can tell.
async fn collector() -> (String, Heard) {
    async fn take(State(heard): State<Heard>, body: Bytes) {
        let sent = ExportTraceServiceRequest::decode(body).unwrap();
        for resource in sent.resource_spans {
            for scope in resource.scope_spans {
                heard.lock().unwrap().extend(scope.spans);
            }
        }
    }
    let heard = Heard::default();
    let app =
        Router::new().route("/v1/traces", axum::routing::post(take)).with_state(Arc::clone(&heard));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, heard)
}

/// The span of our trace whose name begins so, once it was heard.
async fn span(heard: &Heard, name: &str) -> Span {
    let ours = |s: &&Span| hex::encode(&s.trace_id) == TRACE && s.name.starts_with(name);
    testing::until(&format!("the span {name}"), || async {
        heard.lock().unwrap().iter().find(ours).cloned()
    })
    .await
}

/// One offer under a caller's trace: request, job and consumer are of it, each below the one
/// that caused it.
async fn a_trace_reaches_the_consumer(more: &[String]) {
    let (url, heard) = collector().await;
    let mut sets = vec![format!("telemetry.otlp_url={url}")];
    sets.extend(more.iter().cloned());
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    let place = Installation::new(None).await.unwrap().with(&sets);
    let server = place.start().await.unwrap();
    let api = place.login().await.unwrap();
    let (creator, statement) = api.creator_with_statement(1).await;
    let body = json!({ "creator_id": creator, "kind": "purchase", "title": "Traced",
        "currency": statement["currency"], "share_bp": 8000, "statement_ids": [statement["id"]] });
    let asked = api
        .request(reqwest::Method::POST, "/offers")
        .header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    assert!(asked.json(&body).send().await.unwrap().status().is_success());
    let request = span(&heard, "POST offers").await;
    assert_eq!(hex::encode(&request.parent_span_id), CALLER);
    let job = span(&heard, "job deals.value").await;
    assert_eq!(job.parent_span_id, request.span_id, "the request queued the job");
    let consumer = span(&heard, "deals.letters offer.valuated").await;
    assert_eq!(consumer.parent_span_id, job.span_id, "the job emitted the event");
    let letter = span(&heard, "job deals.letter").await;
    assert_eq!(letter.parent_span_id, consumer.span_id, "the consumer queued the letter");
    drop(server);
}

mod sqlite {
    #[tokio::test]
    async fn a_trace_reaches_the_consumer() {
        super::a_trace_reaches_the_consumer(&[]).await;
    }
}

mod kafka {
    use super::*;

    #[tokio::test]
    async fn a_trace_reaches_the_consumer() {
        let (Some(kafka), Some(registry)) = (testing::engine("KAFKA"), testing::engine("REGISTRY"))
        else {
            testing::say("skipped: KONTOR_TEST_KAFKA or KONTOR_TEST_REGISTRY is not set");
            return;
        };
        let prefix = hex::encode(platform::clock::random_bytes::<4>());
        let sets = [
            format!("bus.url={kafka}"),
            format!("bus.registry_url={registry}"),
            format!("bus.topic_prefix=t{prefix}."),
        ];
        super::a_trace_reaches_the_consumer(&sets).await;
    }
}

#[tokio::test]
async fn a_collector_that_is_away_is_nobodys_trouble() {
    let place = Installation::new(None).await.unwrap();
    let place = place.with(&["telemetry.otlp_url=http://127.0.0.1:9"]);
    let server = place.start().await.unwrap();
    let api = place.login().await.unwrap();
    let (creator, statement) = api.creator_with_statement(1).await;
    let offer = api.offer(&creator, &statement).await;
    api.wait_for(offer["id"].as_str().unwrap(), &["OFFER_READY"]).await;
    drop(server);
}
