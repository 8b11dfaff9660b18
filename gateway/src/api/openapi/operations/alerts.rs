//! The calls of data protection officers about alerts.

use super::{
    super::{
        examples::alerts as examples,
        problems::{BODY, CALLER, QUESTION},
    },
    Call, Described,
};
use crate::{
    api::alerts::{AlertReviewed, AlertsView, ReviewStep},
    auth::Scope,
};
use motlan_schemas::problem::ProblemCode;
use utoipa::openapi::{ObjectBuilder, Type};

pub(super) fn alerts() -> Vec<Described> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let states = ["new", "in_review", "justified", "incident"];
    let limit = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(100))
        .default(Some(50.into()));
    vec![
        Call::get("/v1/alerts", "alerts_list", "List alerts")
            .text(
                "What budgets and detectors found in the access log, newest first, each in \
                 sentences in the language asked for: what was seen, from which number on that is \
                 told, and what to look at. An alert is no verdict. Open alerts are all there; of \
                 the closed ones, the last thousand. The call itself is recorded.",
            )
            .scope(Scope::Audit)
            .query_parameter(
                "state",
                "Only alerts in this state.",
                text().enum_values(Some(states)),
            )
            .query_parameter("limit", "How many alerts a page has at most.", limit)
            .query_parameter("cursor", "`next` of an earlier page.", text())
            .returns::<AlertsView>("The alerts.", examples::ALERTS)
            .problems(&[CALLER, QUESTION, LISTED]),
        Call::post(
            "/v1/alerts/{leaf_index}/review",
            "alerts_review",
            "Take up or close an alert",
        )
        .text(
            "Takes up an alert that is new (`in_review`), or closes one in review as `justified` \
             or as an `incident`. Each step is an entry of the access log; closing is final.",
        )
        .scope(Scope::Audit)
        .path_parameter("leaf_index", "Where the alert stands in the access log.")
        .body::<ReviewStep>(examples::STEP)
        .returns::<AlertReviewed>("The step is recorded.", examples::REVIEWED)
        .problems(&[
            CALLER,
            BODY,
            QUESTION,
            LISTED,
            &[ProblemCode::NotFound, ProblemCode::ReviewOutOfOrder],
        ]),
    ]
}

/// Met where a list follows the access log.
const LISTED: &[ProblemCode] = &[ProblemCode::IndexBehind, ProblemCode::AccessLogUnavailable];
