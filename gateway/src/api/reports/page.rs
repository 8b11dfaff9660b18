//! Reports as pages that can be read in a browser and printed: whole, without any script.

use super::{Form, person::PersonReport, sent};
use crate::{
    api::pages::{
        CONTENT_SECURITY_POLICY,
        frame::{Frame, VERSION},
    },
    i18n::texts,
    reports::{person::Recipient, register::Register},
    retention::RetentionPolicy,
};
use askama::Template;
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use motlan_schemas::language::Language;

#[derive(Template)]
#[template(path = "report_person.html")]
struct PersonPage<'a> {
    frame: Frame,
    report: &'a PersonReport,
}

#[derive(Template)]
#[template(path = "report_register.html")]
struct RegisterPage<'a> {
    frame: Frame,
    register: &'a Register,
}

impl PersonPage<'_> {
    fn made(&self) -> String {
        let arguments = [("time", &*self.report.made_at), ("log", &*self.report.log)];
        texts().get(self.frame.language, "report-made", &arguments)
    }

    fn counts(&self, told: &Recipient) -> String {
        let counts = [
            ("disclosures", told.disclosures.to_string()),
            ("checks", told.checks.to_string()),
            ("refusals", told.refusals.to_string()),
            ("mentions", told.mentions.to_string()),
        ];
        let counts: Vec<_> = counts.iter().map(|(n, v)| (*n, v.as_str())).collect();
        texts().get(self.frame.language, "report-counts", &counts)
    }

    fn hidden(&self, until: &str) -> String {
        texts().get(self.frame.language, "report-hidden", &[("until", until)])
    }

    fn retention(&self) -> String {
        let kept = self.report.retention;
        let policy = RetentionPolicy {
            entries_months: kept.entries_months,
            details_months: kept.details_months,
        };
        retention(&self.frame, policy, kept.first)
    }
}

impl RegisterPage<'_> {
    fn lead(&self) -> String {
        let version = &*self.register.policy_version;
        texts().get(
            self.frame.language,
            "register-lead",
            &[("version", version)],
        )
    }

    fn retention(&self) -> String {
        retention(&self.frame, self.register.retention, 0)
    }
}

fn retention(frame: &Frame, policy: RetentionPolicy, first: u64) -> String {
    let arguments = [
        ("details", policy.details_months.to_string()),
        ("entries", policy.entries_months.to_string()),
        ("first", first.to_string()),
    ];
    let arguments: Vec<_> = arguments.iter().map(|(n, v)| (*n, v.as_str())).collect();
    texts().get(frame.language, "report-retention-text", &arguments)
}

/// The report about one person.
pub(super) fn person_page(language: Language, report: &PersonReport) -> Response {
    let frame = frame(language, "report-person-title");
    page(language, &PersonPage { frame, report })
}

/// The register of processing.
pub(in crate::api) fn register_page(language: Language, register: &Register) -> Response {
    let text = register_html(language, register);
    with_policy(language, text)
}

/// The register of processing as a document of its own.
pub(crate) fn register_html(language: Language, register: &Register) -> String {
    let frame = frame(language, "report-register-title");
    // Our templates format plain values only, which cannot fail.
    let page = RegisterPage { frame, register };
    page.render().unwrap_or_default()
}

fn frame(language: Language, title: &str) -> Frame {
    let mut frame = Frame {
        language,
        path: String::new(),
        title: String::new(),
    };
    frame.title = frame.text(title);
    frame
}

fn page(language: Language, template: &impl Template) -> Response {
    with_policy(language, template.render().unwrap_or_default())
}

fn with_policy(language: Language, text: String) -> Response {
    let mut response = sent(Form::Html, Body::from(text));
    let headers = [
        (header::CONTENT_LANGUAGE, language.tag()),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in headers {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}
