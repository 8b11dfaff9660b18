//! The civil-status register: SOAP 1.1, document/literal wrapped, behind X-Road security servers.
//!
//! Operations `getBirth`, `getMaritalStatus`, `getMarriages`, `getDeath` and `getGuardianships` take
//! `soDinhDanh` and an optional list of `fields`. What the security servers refuse is a SOAP Fault; what the register
//! refuses, "no such record" included, is a `fault` within the response (X-Road message protocol
//! 4.0, Annex D.2).

mod envelope;
mod records;

use crate::{
    faults::{CutByProtocol, Fault},
    people::Population,
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use envelope::{Refusal, Request};
use http::{HeaderMap, StatusCode, header};
use records::{Field, Operation};

pub(crate) fn router(people: Population) -> Router {
    Router::new()
        .route("/", post(call))
        .fallback(no_service)
        .with_state(people)
}

async fn call(
    State(people): State<Population>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&people, fault, &headers, &body) {
        Ok((document, cut)) => {
            let mut response = xml(StatusCode::OK, document);
            if cut {
                response.extensions_mut().insert(CutByProtocol);
            }
            response
        }
        Err(refusal) => xml(StatusCode::INTERNAL_SERVER_ERROR, refusal.to_document()),
    }
}

async fn no_service() -> Response {
    let refusal = Refusal::new(
        "Client.InvalidRequest",
        "the service is at / and takes POST",
    );
    xml(StatusCode::INTERNAL_SERVER_ERROR, refusal.to_document())
}

fn answer(
    people: &Population,
    fault: Fault,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(String, bool), Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/xml"))
    {
        return Err(Refusal::new(
            "Client.InvalidContentType",
            "the content type must be text/xml",
        ));
    }
    let request = envelope::read(body)?;
    request.check()?;
    if request.operation == "listMethods" {
        return Ok((request.respond(&envelope::methods()), false));
    }
    let operation = Operation::named(&request.operation)
        .ok_or_else(|| Refusal::new("Server.ServerProxy.UnknownService", "unknown service"))?;
    let (content, cut) = content(people, fault, operation, &request);
    Ok((request.respond(&content), cut))
}

/// The inside of the response, and whether the list in it was cut.
fn content(
    people: &Population,
    fault: Fault,
    operation: Operation,
    request: &Request,
) -> (String, bool) {
    let number = request.subject.as_str();
    if number.len() != 12 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return (
            envelope::fault("InvalidPersonalNumber", "soDinhDanh must have 12 digits"),
            false,
        );
    }
    let known = operation.fields();
    if let Some(unknown) = request
        .fields
        .iter()
        .flatten()
        .find(|field| !known.contains(&field.as_str()))
    {
        let unknown = quick_xml::escape::escape(unknown.as_str());
        return (
            envelope::fault("UnknownField", &format!("no field {unknown}")),
            false,
        );
    }
    let about = if fault == Fault::WrongSubject {
        somebody_else(people, operation, number)
    } else {
        number.to_owned()
    };
    // There is one ward only, whose records go out under a wrong number.
    let recorded = if operation == Operation::Guardianships {
        number
    } else {
        about.as_str()
    };
    let records = people
        .person(recorded)
        .and_then(|person| operation.records(&person));
    let Some(records) = records else {
        return (envelope::fault("NotFound", "no such record"), false);
    };
    let cut = fault == Fault::Truncated && operation.is_list() && !records.is_empty();
    let shown = records.len() - usize::from(cut);
    let surplus = fault == Fault::OverDelivery;
    let wanted = |field: &&Field| {
        surplus
            || field.is_flag()
            || request
                .fields
                .as_ref()
                .is_none_or(|fields| fields.iter().any(|name| name == field.name))
    };
    let mut content = format!("<cs:tongSo>{}</cs:tongSo>", records.len());
    for record in records.iter().take(shown) {
        content.push_str(&format!("<cs:hoSo><cs:soDinhDanh>{about}</cs:soDinhDanh>"));
        record
            .iter()
            .filter(wanted)
            .for_each(|field| field.write(&mut content));
        if surplus {
            content.push_str(
                "<cs:soDienThoai>0900000000</cs:soDienThoai><cs:ghiChu>không dùng</cs:ghiChu>",
            );
        }
        content.push_str("</cs:hoSo>");
    }
    (content, cut)
}

/// A person other than the one asked about, of whom there is a record of the same kind, if any.
fn somebody_else(people: &Population, operation: Operation, number: &str) -> String {
    if operation == Operation::Guardianships {
        return crate::people::personas::HAI.to_owned();
    }
    let has_record = |other: &String| {
        let records = people
            .person(other)
            .and_then(|person| operation.records(&person));
        records.is_some_and(|records| !records.is_empty())
    };
    let others = (0..SEARCHED_MAX)
        .filter_map(|index| people.sample(index))
        .filter(|other| other != number);
    others
        .into_iter()
        .find(has_record)
        .unwrap_or_else(|| crate::people::personas::HAI.to_owned())
}

fn xml(status: StatusCode, document: String) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/xml; charset=UTF-8")],
        document,
    )
        .into_response()
}

/// Among so many people there is one with a record of every kind, except guardianships.
const SEARCHED_MAX: u64 = 2_000;
