//! `GET /`: what this is, and where to go from here.

use super::{
    frame::{Frame, VERSION},
    language, page,
};
use crate::api::circumstances::Circumstances;
use askama::Template;
use axum::{
    extract::Extension,
    http::{StatusCode, Uri},
    response::Response,
};

/// The principles in the middle of the page; each is a key of the texts.
const PRINCIPLES: [&str; 3] = ["home-purpose", "home-less", "home-proof"];

/// The links, by whom they serve: the group's key, and each link's key and address.
const LINKS: [(&str, &[(&str, &str)]); 3] = [
    (
        "home-integrators",
        &[
            ("docs", "/docs"),
            ("openapi", "/openapi.json"),
            ("problems", "/problems"),
        ],
    ),
    (
        "home-verifiers",
        &[
            ("checkpoint", "/v1/access-log/checkpoint"),
            ("keys", "/.well-known/jwks.json"),
        ],
    ),
    (
        "home-operators",
        &[
            ("healthz", "/healthz"),
            ("readyz", "/readyz"),
            ("metrics", "/metrics"),
        ],
    ),
];

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    principles: [Principle; 3],
    groups: [Group; 3],
}

struct Principle {
    title: String,
    text: String,
}

struct Group {
    title: String,
    links: Vec<Link>,
}

struct Link {
    name: String,
    address: &'static str,
    text: String,
}

/// Shows the landing page.
pub(super) async fn home(Extension(on): Extension<Circumstances>, uri: Uri) -> Response {
    let language = language(&uri, &on);
    let frame = Frame {
        language,
        path: "/".to_owned(),
        title: String::new(),
    };
    let principles = PRINCIPLES.map(|key| Principle {
        title: frame.text(key),
        text: frame.text(&format!("{key}.text")),
    });
    let groups = LINKS.map(|(key, links)| Group {
        title: frame.text(key),
        links: links
            .iter()
            .map(|(key, address)| Link {
                name: frame.text(&format!("home-link-name-{key}")),
                address,
                text: frame.text(&format!("home-link-{key}")),
            })
            .collect(),
    });
    page(
        StatusCode::OK,
        language,
        &Home {
            frame,
            principles,
            groups,
        },
    )
}
