//! The tax registry: a JSON service of one resource behind its own OAuth 2.0 server.
//!
//! | request | answer |
//! |---|---|
//! | `POST /oauth/token` (form) | an access token for five minutes, for client credentials |
//! | `POST /tax/v1/search` | one taxpayer's records of one kind, with the fields that were named |
//! | `GET /tax/v1/health` | that the service runs; open to all |
//!
//! `adapters/declarative/registries/tax/PROTOCOL.md` describes the protocol in full.

mod records;
mod search;
mod token;

use crate::{
    exchange::{Cursors, Window, is_of, json, marked},
    faults::Fault,
    people::{Population, personas},
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use search::{Mistake, Search};
use serde_json::{Value, json as document};
use token::Tokens;

pub(crate) fn router(people: Population) -> Router {
    let tax = Tax {
        people,
        searches: Cursors::new(),
        tokens: Tokens::new(),
    };
    Router::new()
        .route("/tax/v1/search", post(searched))
        .layer(middleware::from_fn_with_state(tax.clone(), want_token))
        .route("/oauth/token", post(issued))
        .route("/tax/v1/health", get(health))
        .fallback(|| async { refused(StatusCode::NOT_FOUND, Code::Mistake, &[]) })
        .method_not_allowed_fallback(|| async {
            refused(StatusCode::METHOD_NOT_ALLOWED, Code::Mistake, &[])
        })
        .with_state(tax)
}

#[derive(Clone)]
struct Tax {
    people: Population,
    searches: Cursors<Search>,
    tokens: Tokens,
}

/// What `maLoi` says, whatever the status is.
#[derive(Debug, Clone, Copy)]
enum Code {
    Answered,
    NoSuchTaxpayer,
    Mistake,
    Unauthenticated,
    NotAllowed,
    CursorExpired,
    Busy,
}

impl Code {
    const fn code_and_text(self) -> (&'static str, &'static str) {
        match self {
            Self::Answered => ("00", "Thành công"),
            Self::NoSuchTaxpayer => ("01", "Không tìm thấy người nộp thuế"),
            Self::Mistake => ("02", "Yêu cầu không hợp lệ"),
            Self::Unauthenticated => ("03", "Chưa xác thực hoặc phiên đã hết hạn"),
            Self::NotAllowed => ("04", "Không được phép khai thác dữ liệu này"),
            Self::CursorExpired => ("06", "Con trỏ không còn hiệu lực"),
            Self::Busy => ("99", "Hệ thống đang bận, vui lòng thử lại sau"),
        }
    }
}

async fn want_token(State(tax): State<Tax>, request: Request, next: Next) -> Response {
    if tax.tokens.are_shown(request.headers()) {
        next.run(request).await
    } else {
        refused(StatusCode::UNAUTHORIZED, Code::Unauthenticated, &[])
    }
}

async fn issued(State(tax): State<Tax>, headers: HeaderMap, body: Bytes) -> Response {
    tax.tokens.answer(&headers, &body)
}

async fn health() -> Response {
    json(StatusCode::OK, JSON, &document!({"trangThai": "UP"}))
}

async fn searched(
    State(tax): State<Tax>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_of(&headers, JSON) {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::Mistake, &[]);
    }
    if fault == Fault::ErrorInside {
        return refused(StatusCode::OK, Code::Busy, &[]);
    }
    let search = match Search::read(&body, |cursor| tax.searches.recall(cursor)) {
        Ok(search) => search,
        Err(Mistake::Malformed(names)) => {
            return refused(StatusCode::BAD_REQUEST, Code::Mistake, &names);
        }
        Err(Mistake::NotAllowed(names)) => {
            return refused(StatusCode::FORBIDDEN, Code::NotAllowed, &names);
        }
        Err(Mistake::Expired) => {
            return refused(StatusCode::BAD_REQUEST, Code::CursorExpired, &[]);
        }
    };
    page(&tax, search, fault)
}

fn page(tax: &Tax, search: Search, fault: Fault) -> Response {
    let shown = shown_taxpayer(&search.taxpayer, fault);
    let Some(found) = records::of(&tax.people, shown, search.kind) else {
        return refused(StatusCode::OK, Code::NoSuchTaxpayer, &[]);
    };
    let found = found
        .into_iter()
        .map(|record| search.shown(record, fault))
        .collect();
    let window = Window::new(found, search.offset, search.page_size, fault);
    let mut answer = said(Code::Answered);
    answer.insert("maSoThue".to_owned(), document!(shown));
    answer.insert("loaiDuLieu".to_owned(), document!(search.kind.name()));
    answer.insert(
        "tongSoBanGhi".to_owned(),
        document!(window.total.to_string()),
    );
    answer.insert("banGhi".to_owned(), document!(window.listed));
    if window.goes_on {
        let cursor = tax.searches.remember(search.further());
        answer.insert("conTro".to_owned(), document!(cursor));
    }
    marked(
        json(StatusCode::OK, JSON, &Value::Object(answer)),
        window.cut,
    )
}

/// Whose records are shown: with [`Fault::WrongSubject`] somebody else's.
fn shown_taxpayer(asked: &str, fault: Fault) -> &str {
    match (fault, asked) {
        (Fault::WrongSubject, personas::LAN) => personas::HAI,
        (Fault::WrongSubject, _) => personas::LAN,
        _ => asked,
    }
}

fn said(code: Code) -> serde_json::Map<String, Value> {
    let (code, text) = code.code_and_text();
    [("maLoi", code), ("thongBao", text)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), document!(value)))
        .collect()
}

/// An error, with the names of the members or fields that it is about.
fn refused(status: StatusCode, code: Code, names: &[&'static str]) -> Response {
    let mut answer = said(code);
    if !names.is_empty() {
        answer.insert("truongLoi".to_owned(), document!(names));
    }
    json(status, JSON, &Value::Object(answer))
}

const JSON: &str = "application/json";

#[cfg(test)]
mod tests;
