//! The calls of citizens, and those by which people are protected.

use super::{
    super::{
        examples::citizens as examples,
        problems::{BODY, CALLER, QUESTION},
        shapes,
    },
    Call, Described,
};
use crate::{
    api::{
        consents::view::ConsentsView,
        seals::{SealView, SealsView},
    },
    auth::Scope,
};
use motlan_schemas::problem::ProblemCode;

/// Giving, seeing and withdrawing consents.
pub(super) fn consents() -> Vec<Described> {
    const CITIZEN: &[ProblemCode] = &[
        ProblemCode::PersonMissing,
        ProblemCode::AccessLogUnavailable,
    ];
    vec![
        Call::post("/v1/consents", "consents_give", "Give a consent")
            .text(
                "The citizen of the token allows an agency to be told some attributes, for \
                 procedures that rest on consent, from when to when, once or repeatedly. The \
                 consent is in the access log before this is answered. The receipt is a signed \
                 JSON-LD document (ISO/IEC TS 27560 in terms of the Data Privacy Vocabulary) with \
                 the proof of its entry; it can be kept and checked offline.\n\nA parent or a \
                 guardian consents for a child with `on_behalf_of`, after civil status has shown \
                 that they may. With an `Idempotency-Key` the call may be repeated: the same body \
                 gives the same consent.",
            )
            .scope(Scope::Consent)
            .header_parameter("Idempotency-Key", "Makes the call safe to repeat.")
            .body::<shapes::ConsentRequest>(examples::CONSENT)
            .creates::<shapes::ConsentReceipt>("The consent is given.", examples::RECEIPT)
            .problems(&[
                CALLER,
                CITIZEN,
                BODY,
                QUESTION,
                &[
                    ProblemCode::RelationUnverified,
                    ProblemCode::IdempotencyConflict,
                ],
            ]),
        Call::get("/v1/consents", "consents_list", "List your consents")
            .text(
                "The consents about the citizen of the token and those that they gave in another’s \
                 place, newest first, whatever became of them.",
            )
            .scope(Scope::Consent)
            .returns::<ConsentsView>("The consents.", examples::CONSENTS)
            .problems(&[CALLER, CITIZEN]),
        Call::get(
            "/v1/consents/{id}",
            "consents_show",
            "Get a consent’s receipt",
        )
        .text("The receipt of one consent as it stands now.")
        .path_parameter("id", "The consent’s id.")
        .scope(Scope::Consent)
        .returns::<shapes::ConsentReceipt>("The receipt.", examples::RECEIPT)
        .problems(&[CALLER, CITIZEN, &[ProblemCode::NotFound]]),
        Call::post(
            "/v1/consents/{id}/revoke",
            "consents_revoke",
            "Withdraw a consent",
        )
        .text(
            "From the answer on nothing more is read by it, cached or not, begun or not. \
             Withdrawing again changes nothing. The body may be empty; whoever withdraws for \
             another says for whom with `on_behalf_of`.",
        )
        .path_parameter("id", "The consent’s id.")
        .scope(Scope::Consent)
        .body_or_none::<shapes::Revocation>(examples::REVOCATION)
        .returns::<shapes::ConsentReceipt>("The consent is withdrawn.", examples::WITHDRAWN)
        .problems(&[
            CALLER,
            CITIZEN,
            BODY,
            QUESTION,
            &[
                ProblemCode::NotFound,
                ProblemCode::ConsentEnded,
                ProblemCode::RelationUnverified,
            ],
        ]),
    ]
}

/// Sealing a person's data, and lifting the seal.
pub(super) fn seals() -> Vec<Described> {
    const LOG: &[ProblemCode] = &[ProblemCode::AccessLogUnavailable];
    vec![
        Call::get("/v1/seals", "seals_list", "List seals")
            .text("The seals in force, without whose they are.")
            .scope(Scope::Audit)
            .returns::<SealsView>("The seals.", examples::SEALS)
            .problems(&[CALLER]),
        Call::post("/v1/seals", "seals_set", "Seal a person’s data")
            .text(
                "On the order of a court or the police: from the answer on nobody is told the \
                 person’s address, or with `identity` anything at all, save purposes made for it. \
                 It replaces an earlier seal.",
            )
            .scope(Scope::Audit)
            .body::<shapes::SealRequest>(examples::SEAL_REQUEST)
            .creates::<SealView>("The data is sealed.", examples::SEAL)
            .problems(&[CALLER, LOG, BODY, QUESTION]),
        Call::post("/v1/seals/lift", "seals_lift", "Lift a seal")
            .text("Ends the seal of a person’s data before its time.")
            .scope(Scope::Audit)
            .body::<shapes::PersonSubject>(examples::PERSON)
            .returns_nothing("204", "The seal is lifted.")
            .problems(&[CALLER, LOG, BODY, QUESTION, &[ProblemCode::NotFound]]),
    ]
}
