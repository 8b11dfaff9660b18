//! The call of registries.

use super::{
    super::{
        examples::registries as examples,
        problems::{BODY, CALLER, QUESTION},
    },
    Call, Described,
};
use crate::{
    api::registry_changes::{ChangeData, ChangeEvent, TakenView},
    auth::Scope,
    changes::EVENTS_MAX,
};
use motlan_schemas::problem::ProblemCode;
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        ArrayBuilder, Content, ContentBuilder, Ref, RefOr, Required, Schema,
        request_body::RequestBodyBuilder,
    },
};

pub(super) fn registries() -> Vec<Described> {
    vec![
        Call::post(
            "/v1/registries/{id}/changes",
            "registry_changes_tell",
            "Say that records have changed",
        )
        .text(
            "Takes CloudEvents 1.0: one (`application/cloudevents+json`, or in binary mode \
             `application/json` with the attributes in `ce-` headers), or up to 1,000 \
             (`application/cloudevents-batch+json`, at most 1 MiB), all or none. When this is \
             answered, each event is an entry of the access log, and no copy of those records is \
             told any more: none from the cache, none that is stale, none by a fetch that was under \
             way.\n\nOnly the registry itself may: the token names it (claim `registry`). An event \
             is known by `source` and `id` and taken once; one that was taken before is answered \
             with `event_replayed`, also after a restart. That problem is safe: nothing is left to \
             do for the events that it names. An event that is older than a day is refused, because \
             nothing older is cached. Pointers of mistakes lead into the event as it is in \
             structured mode.",
        )
        .scope(Scope::Changes)
        .path_parameter("id", "The registry’s id.")
        .events()
        .returns::<TakenView>("The changes are logged and forgotten.", examples::TAKEN)
        .problems(&[
            CALLER,
            BODY,
            QUESTION,
            &[
                ProblemCode::ForeignRegistry,
                ProblemCode::EventReplayed,
                ProblemCode::RateLimited,
                ProblemCode::AccessLogUnavailable,
            ],
        ]),
    ]
}

impl Call {
    /// The body in each of the three modes of the HTTP binding.
    fn events(self) -> Self {
        let event = || Ref::from_schema_name(ChangeEvent::name());
        let batch = ArrayBuilder::new()
            .items(event())
            .max_items(Some(EVENTS_MAX))
            .build();
        let examples = [examples::EVENT, examples::DATA].map(serde_json::from_str::<Value>);
        let [one, data] = examples.map(Result::ok);
        let several = one.clone().map(|event| Value::Array(vec![event]));
        let data_alone = Ref::from_schema_name(ChangeData::name());
        let body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content("application/cloudevents+json", content(event(), one))
            .content(
                "application/cloudevents-batch+json",
                content(Schema::Array(batch), several),
            )
            .content("application/json", content(data_alone, data))
            .build();
        let call = self.with(|operation| operation.request_body(Some(body)));
        Self {
            request: Some(examples::EVENT),
            ..call
        }
    }
}

fn content(schema: impl Into<RefOr<Schema>>, example: Option<Value>) -> Content {
    let content = ContentBuilder::new().schema(Some(schema));
    content.example(example).build()
}
