//! The calls of citizens about their own data, and those of data protection officers.

use super::{
    super::{
        examples,
        problems::{BODY, CALLER, QUESTION},
    },
    Call, Described,
};
use crate::{
    api::{
        emergency_uses::{EmergencyUses, Review, Reviewed},
        me::view::Accesses,
    },
    auth::Scope,
};
use motlan_schemas::problem::ProblemCode;
use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

pub(super) fn citizens() -> Vec<Described> {
    let day = || {
        let format = SchemaFormat::KnownFormat(KnownFormat::Date);
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.format(Some(format))
    };
    let limit = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(100))
        .default(Some(50.into()));
    vec![
        Call::get("/v1/me/accesses", "me_accesses_list", "See who looked at my data")
            .text(
                "Everything in the access log that is about the citizen of the token, newest first: \
                 disclosures and refusals, answers about others that named the citizen, checks, \
                 changes of the citizen’s consents, and looks by data protection officers. Each comes \
                 with a sentence in the language asked for. No other person is named, nor the \
                 officer, for whom the agency answers.\n\nWhat happened before the call is in the \
                 list. The call itself is recorded too.",
            )
            .scope(Scope::Me)
            .query_parameter("limit", "How many accesses a page has at most.", limit)
            .query_parameter(
                "cursor",
                "`next` of an earlier page.",
                ObjectBuilder::new().schema_type(Type::String),
            )
            .query_parameter("from", "The first day, on the clocks of Việt Nam.", day())
            .query_parameter("to", "The last day, on the clocks of Việt Nam.", day())
            .returns::<Accesses>("The accesses.", examples::ACCESSES)
            .problems(&[CALLER, QUESTION, LISTED, &[ProblemCode::PersonMissing]]),
    ]
}

pub(super) fn oversight() -> Vec<Described> {
    vec![
        Call::get(
            "/v1/emergency-uses",
            "emergency_uses_list",
            "List emergency uses to be reviewed",
        )
        .text(
            "The disclosures by vital interest that nobody has reviewed yet, what is due first \
             first. The call itself is recorded.",
        )
        .scope(Scope::Audit)
        .returns::<EmergencyUses>("The queue.", examples::EMERGENCY_USES)
        .problems(&[CALLER, LISTED]),
        Call::post(
            "/v1/emergency-uses/{query_id}/review",
            "emergency_uses_review",
            "Review an emergency use",
        )
        .text(
            "Says whether the emergency justified the disclosure, and takes it off the queue. The \
             review is an entry of the access log; it is final.",
        )
        .scope(Scope::Audit)
        .path_parameter("query_id", "The query that used the emergency.")
        .body::<Review>(examples::REVIEW)
        .returns::<Reviewed>("The review is recorded.", examples::REVIEWED)
        .problems(&[
            CALLER,
            BODY,
            QUESTION,
            LISTED,
            &[ProblemCode::NotFound, ProblemCode::ReviewedAlready],
        ]),
    ]
}

/// Met where a list comes from the index of the access log.
const LISTED: &[ProblemCode] = &[ProblemCode::IndexBehind, ProblemCode::AccessLogUnavailable];
