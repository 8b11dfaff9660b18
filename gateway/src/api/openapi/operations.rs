//! What each call does: the handlers themselves are in `api`, one file each.

mod alerts;
mod citizens;
mod log_entries;
mod people;
mod registries;
pub(super) mod reports;

use super::{
    BEARER, examples,
    problems::{AGENCY, ANSWER, BODY, BUDGET, CALLER, CHECKED, QUESTION, responses},
    shapes,
};
use crate::{
    api::{
        access_log::{Proof, ProofRequest},
        catalogue::CatalogueView,
        entitlements::Entitlements,
        operations::Readiness,
    },
    auth::Scope,
    pipeline::{check::CheckAnswer, explain::Explanation},
};
use motlan_schemas::problem::ProblemCode;
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        ContentBuilder, HttpMethod, ObjectBuilder, Ref, Required, ResponseBuilder, Type,
        path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        security::SecurityRequirement,
    },
};

/// A call: where it is and what it does.
pub(super) struct Described {
    pub(super) path: &'static str,
    pub(super) method: HttpMethod,
    pub(super) operation: Operation,
    /// The examples as written by hand, whose order of fields a JSON value loses.
    pub(super) request: Option<&'static str>,
    pub(super) response: Option<&'static str>,
}

/// The groups of calls, in the order of the reference.
pub(super) const TAGS: [(&str, &str); 7] = [
    (
        "questions",
        "Ask about a citizen or an enterprise, or ask what the answer would be.",
    ),
    (
        "catalogue",
        "What can be asked for at all, and what your agency may ask for.",
    ),
    (
        "citizens",
        "What a citizen allows, and who looked at their data.",
    ),
    (
        "protection",
        "For data protection officers: people and uses that need special care.",
    ),
    (
        "access-log",
        "The verifiable record of every disclosure and refusal.",
    ),
    (
        "registries",
        "For registries: say that a record has changed, and no copy of it is told any more.",
    ),
    ("operation", "For operators and their tools."),
];

/// All calls.
pub(super) fn all() -> Vec<Described> {
    let groups = [
        questions(),
        catalogue(),
        citizens::consents(),
        citizens::seals(),
        people::citizens(),
        people::oversight(),
        log_entries::log_entries(),
        alerts::alerts(),
        access_log(),
        reports::reports(),
        registries::registries(),
        operation(),
    ];
    groups.into_iter().flatten().collect()
}

fn questions() -> Vec<Described> {
    vec![
        Call::post("/v1/queries", "queries_ask", "Ask one question")
            .text(
                "Decides each attribute by itself, asks only the registries concerned and only for \
                 what is permitted, records the disclosure, and answers. The answer is partial \
                 (`complete` is false) where attributes were denied or registries failed; `denied` \
                 and `datasets` say which and why.\n\nThe same body may be sent with HTTP QUERY \
                 (RFC 10008) in place of POST.",
            )
            .scope(Scope::Query)
            .body::<shapes::Query>(examples::QUERY)
            .returns::<shapes::Answer>("The answer, with its receipt.", examples::ANSWER)
            .problems(&[CALLER, AGENCY, BODY, QUESTION, BUDGET, ANSWER]),
        Call::post("/v1/queries/explain", "queries_explain", "Explain a decision")
            .text(
                "Takes the same body as a question and makes the same decision, but touches neither \
                 registry nor cache: verdict, rule and legal basis for each attribute, and a remedy \
                 for each denial. HTTP QUERY works here too.",
            )
            .scope(Scope::Query)
            .body::<shapes::Query>(examples::QUERY)
            .returns::<Explanation>("The decision.", examples::EXPLANATION)
            .problems(&[CALLER, AGENCY, BODY, QUESTION, BUDGET]),
        Call::post("/v1/query-batches", "query_batches_ask", "Ask about many subjects")
            .text(
                "One question about up to 1,000 subjects. The answer is a stream of lines (NDJSON), \
                 one a subject in their order: what a single question would have answered, or its \
                 problem document, with `index` in front. Each subject is decided, answered and \
                 logged by itself, and counts in the quota.",
            )
            .scope(Scope::Query)
            .body::<shapes::Batch>(examples::BATCH)
            .streams::<shapes::Answer>(
                "A line for each subject: an answer or a problem document, with `index`.",
                examples::BATCH_LINE,
            )
            .problems(&[CALLER, AGENCY, BODY, QUESTION]),
        Call::post("/v1/checks", "checks_make", "Check statements about a person")
            .text(
                "Whether statements hold (of age, resident in a commune, married, insured, owner \
                 of land, alive), by the registers: `yes`, `no`, or `unknown` where they do not \
                 tell for certain or do not know the person. The data behind it never leaves. Each \
                 statement is decided and logged by itself and counts in the quota; `denied` says \
                 why one may not be checked, `problem` why a register could not be asked. The \
                 owner of no parcel and the holder of no insurance are told from a number that \
                 nobody has: that is `unknown`.",
            )
            .scope(Scope::Query)
            .body::<shapes::Checks>(examples::CHECKS)
            .returns::<CheckAnswer>("What the registers say to each.", examples::CHECK_ANSWER)
            .problems(&[CALLER, AGENCY, BODY, QUESTION, BUDGET, CHECKED]),
    ]
}

fn catalogue() -> Vec<Described> {
    vec![
        Call::get(
            "/v1/catalogue",
            "catalogue_show",
            "List datasets and attributes",
        )
        .text(
            "Every dataset and attribute with its title in the language asked for, its \
                   registry, its sensitivity and how long an answer counts as fresh.",
        )
        .scope(Scope::Query)
        .returns::<CatalogueView<'_>>("The catalogue.", examples::CATALOGUE)
        .problems(&[CALLER]),
        Call::get(
            "/v1/entitlements",
            "entitlements_show",
            "List what your agency may ask",
        )
        .text(
            "The purposes assigned to the agency of the token, their legal bases, and the \
                   attributes that each of them covers.",
        )
        .scope(Scope::Query)
        .returns::<Entitlements<'_>>("The purposes.", examples::ENTITLEMENTS)
        .problems(&[CALLER, AGENCY]),
    ]
}

fn access_log() -> Vec<Described> {
    vec![
        Call::get(
            "/v1/access-log/checkpoint",
            "checkpoint_show",
            "Get the signed checkpoint",
        )
        .text(
            "Size and root hash of the log, signed (C2SP tlog-checkpoint). Public. The entry \
                   of a receipt is under it when the answer leaves, or within a second.",
        )
        .returns_text("text/plain", "The checkpoint.", Some(examples::CHECKPOINT))
        .problems(&[]),
        Call::get(
            "/v1/access-log/checkpoint/cosigned",
            "cosigned_checkpoint_show",
            "Get the cosigned checkpoint",
        )
        .text(
            "The checkpoint that a quorum of witnesses cosigned last (C2SP tlog-cosignature), at \
                   most a minute behind the published one while they answer. Public. Where no \
                   witness is asked, or before the first quorum, there is none.",
        )
        .returns_text(
            "text/plain",
            "The checkpoint with its cosignatures.",
            Some(examples::COSIGNED_CHECKPOINT),
        )
        .problems(&[&[ProblemCode::NotFound]]),
        Call::get("/v1/access-log/tile/{path}", "tile_show", "Get a tile")
            .text(
                "A tile of the log (C2SP tlog-tiles). Hash tiles, `<L>/<N>` or `<L>/<N>.p/<W>`, \
                   are public and never change; bundles of entries, `entries/<N>`, need a token \
                   with the scope `audit`.",
            )
            .path_parameter("path", "The tile: `0/x001/234`, `entries/x001/234.p/56`.")
            .returns_text("application/octet-stream", "The bytes of the tile.", None)
            .problems(&[
                CALLER,
                &[ProblemCode::NotFound, ProblemCode::AccessLogUnavailable],
            ]),
        Call::post(
            "/v1/access-log/proofs",
            "proofs_make",
            "Prove an entry or an extension",
        )
        .text(
            "Makes an inclusion proof for an entry (`leaf_index`; with `cosigned`, under the \
                   checkpoint that witnesses cosigned), or a proof that a newer \
                   tree extends an older one (`old_size`, `new_size`). Whoever holds the tiles can \
                   make both without asking.",
        )
        .scope(Scope::Audit)
        .body::<ProofRequest>(examples::PROOF_REQUEST)
        .returns::<Proof>("The proof.", examples::PROOF)
        .problems(&[
            CALLER,
            BODY,
            QUESTION,
            &[ProblemCode::NotFound, ProblemCode::AccessLogUnavailable],
        ]),
    ]
}

fn operation() -> Vec<Described> {
    vec![
        Call::get("/healthz", "healthz", "See whether the process is alive")
            .text("Fails with 503 where the process should be replaced: its access log has failed.")
            .returns::<shapes::Health>("The process is alive.", examples::HEALTH)
            .also::<shapes::Health>("503", "The access log has failed."),
        Call::get("/readyz", "readyz", "See whether questions can be answered")
            .text(
                "Fails with 503 where no question can be answered lawfully, because the access \
                   log takes no entries, or because a witness said that the log was rewritten. A \
                   registry that is down affects only its own datasets.",
            )
            .returns::<Readiness>("Questions can be answered.", examples::READINESS)
            .also::<Readiness>("503", "No question can be answered."),
        Call::get("/metrics", "metrics", "Get the metrics")
            .text(
                "Counters and histograms in the OpenMetrics text format. No label ever names a \
                   person.",
            )
            .returns_text("application/openmetrics-text", "The metrics.", None)
            .problems(&[]),
        Call::get("/.well-known/jwks.json", "jwks", "Get the log's key")
            .text("The key that signs the checkpoints of the access log, as a JSON Web Key.")
            .returns::<shapes::KeySet>("The key set.", examples::KEYS)
            .problems(&[]),
        Call::get("/openapi.json", "openapi", "Get this description")
            .text("This document. A readable reference is at /docs.")
            .returns_text("application/json", "The OpenAPI 3.1 document.", None)
            .problems(&[]),
    ]
}

/// A call that is being described.
struct Call {
    path: &'static str,
    method: HttpMethod,
    operation: OperationBuilder,
    request: Option<&'static str>,
    response: Option<&'static str>,
}

impl Call {
    fn get(path: &'static str, id: &str, summary: &str) -> Self {
        Self::new(HttpMethod::Get, path, id, summary)
    }

    fn post(path: &'static str, id: &str, summary: &str) -> Self {
        Self::new(HttpMethod::Post, path, id, summary)
    }

    fn new(method: HttpMethod, path: &'static str, id: &str, summary: &str) -> Self {
        let [
            questions,
            catalogue,
            citizens,
            protection,
            access_log,
            registries,
            operation,
        ] = TAGS.map(|(name, _)| name);
        let tag = match path {
            path if path.starts_with("/v1/quer") => questions,
            path if path.starts_with("/v1/access-log") => access_log,
            path if path.starts_with("/v1/consents") || path.starts_with("/v1/me") => citizens,
            path if path.starts_with("/v1/reports") || path.starts_with("/v1/processing") => {
                protection
            }
            path if path.starts_with("/v1/seals") || path.starts_with("/v1/emergency") => {
                protection
            }
            path if path.starts_with("/v1/alerts") => protection,
            path if path.starts_with("/v1/registries") => registries,
            path if path.starts_with("/v1/") => catalogue,
            _ => operation,
        };
        let operation = OperationBuilder::new()
            .tag(tag)
            .operation_id(Some(id))
            .summary(Some(summary));
        Self {
            path,
            method,
            operation,
            request: None,
            response: None,
        }
    }

    fn with(self, change: impl FnOnce(OperationBuilder) -> OperationBuilder) -> Self {
        Self {
            operation: change(self.operation),
            ..self
        }
    }

    fn text(self, description: &str) -> Self {
        self.with(|operation| operation.description(Some(description)))
    }

    fn scope(self, scope: Scope) -> Self {
        self.with(|op| op.security(SecurityRequirement::new(BEARER, [scope.as_str()])))
    }

    fn path_parameter(self, name: &str, description: &str) -> Self {
        self.parameter(ParameterIn::Path, Required::True, name, description)
    }

    fn header_parameter(self, name: &str, description: &str) -> Self {
        self.parameter(ParameterIn::Header, Required::False, name, description)
    }

    fn parameter(
        self,
        place: ParameterIn,
        required: Required,
        name: &str,
        description: &str,
    ) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(description))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .build();
        self.with(|operation| operation.parameter(parameter))
    }

    fn query_parameter(self, name: &str, description: &str, schema: ObjectBuilder) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema))
            .build();
        self.with(|operation| operation.parameter(parameter))
    }

    fn body<T: ToSchema>(self, example: &'static str) -> Self {
        self.takes::<T>(Required::True, example)
    }

    fn body_or_none<T: ToSchema>(self, example: &'static str) -> Self {
        self.takes::<T>(Required::False, example)
    }

    fn takes<T: ToSchema>(self, required: Required, example: &'static str) -> Self {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(T::name())))
            .example(serde_json::from_str(example).ok())
            .build();
        let body = RequestBodyBuilder::new()
            .required(Some(required))
            .content("application/json", content)
            .build();
        let call = self.with(|operation| operation.request_body(Some(body)));
        Self {
            request: Some(example),
            ..call
        }
    }

    fn returns<T: ToSchema>(self, description: &str, example: &'static str) -> Self {
        self.responds::<T>("200", "application/json", description, Some(example))
    }

    fn creates<T: ToSchema>(self, description: &str, example: &'static str) -> Self {
        self.responds::<T>("201", "application/json", description, Some(example))
    }

    fn returns_nothing(self, status: &str, description: &str) -> Self {
        let response = ResponseBuilder::new().description(description).build();
        self.with(|operation| operation.response(status, response))
    }

    fn streams<T: ToSchema>(self, description: &str, example: &'static str) -> Self {
        self.responds::<T>("200", "application/x-ndjson", description, Some(example))
    }

    fn returns_text(
        self,
        media_type: &str,
        description: &str,
        example: Option<&'static str>,
    ) -> Self {
        let content = ContentBuilder::new()
            .example(example.map(Value::from))
            .build();
        let response = ResponseBuilder::new()
            .description(description)
            .content(media_type, content)
            .build();
        let call = self.with(|operation| operation.response("200", response));
        Self {
            response: example,
            ..call
        }
    }

    /// A response of another status with the same shape as the good one.
    fn also<T: ToSchema>(self, status: &str, description: &str) -> Described {
        self.responds::<T>(status, "application/json", description, None)
            .problems(&[])
    }

    fn responds<T: ToSchema>(
        self,
        status: &str,
        media_type: &str,
        description: &str,
        example: Option<&'static str>,
    ) -> Self {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(T::name())))
            .example(example.and_then(|example| serde_json::from_str(example).ok()))
            .build();
        let response = ResponseBuilder::new()
            .description(description)
            .content(media_type, content)
            .build();
        let call = self.with(|operation| operation.response(status, response));
        Self {
            response: call.response.or(example),
            ..call
        }
    }

    /// The problems it can meet, which ends the description.
    fn problems(self, groups: &[&[ProblemCode]]) -> Described {
        let Self {
            path,
            method,
            operation,
            request,
            response,
        } = self;
        // Calls of operators have their own 503, which is no problem document.
        let operation = if path.starts_with("/v1/") {
            responses(groups)
                .into_iter()
                .fold(operation, |operation, (status, response)| {
                    operation.response(status, response)
                })
        } else {
            operation
        };
        Described {
            path,
            method,
            operation: operation.build(),
            request,
            response,
        }
    }
}
