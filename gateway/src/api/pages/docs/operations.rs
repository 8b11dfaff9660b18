//! Operations as the reference shows them.

use super::{
    super::frame::{Piece, paragraphs, prose},
    items, members,
    shapes::{Field, Kind, kind},
    text,
};
use crate::api::{ROUTES, openapi::written_examples};
use serde_json::Value;

/// Operations of one tag.
pub(super) struct Group {
    pub(super) id: String,
    pub(super) description: Vec<Piece>,
    pub(super) operations: Vec<Operation>,
}

/// One operation.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) description: Vec<Vec<Piece>>,
    pub(super) scope: Option<String>,
    pub(super) parameters: Vec<Field>,
    pub(super) body: Option<Kind>,
    pub(super) curl: String,
    pub(super) responses: Vec<Answer>,
    pub(super) example: Option<&'static str>,
}

/// One response of an operation.
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) media_type: String,
    pub(super) kind: Kind,
    /// What it means; problems are listed one by one instead.
    pub(super) description: Vec<Piece>,
    /// The codes and titles of the problems with this status.
    pub(super) problems: Vec<(String, String)>,
}

/// All operations by tag, in the document's order of tags.
pub(super) fn groups(document: &Value) -> Vec<Group> {
    let mut groups: Vec<Group> = items(document, "/tags")
        .iter()
        .map(|tag| Group {
            id: text(tag, "/name").to_owned(),
            description: prose(text(tag, "/description")),
            operations: Vec::new(),
        })
        .collect();
    for (path, item) in members(document, "/paths") {
        for (method, described) in members(item, "") {
            let tag = text(described, "/tags/0");
            if let Some(group) = groups.iter_mut().find(|group| group.id == tag) {
                group
                    .operations
                    .push(operation(document, path, method, described));
            }
        }
    }
    // The document sorts by path; the router's order tells the story better.
    for group in &mut groups {
        group.operations.sort_by_key(|operation| {
            ROUTES
                .iter()
                .position(|(_, route)| route.replace("{*", "{") == operation.path)
        });
    }
    groups
}

fn operation(document: &Value, path: &str, method: &str, described: &Value) -> Operation {
    let method = method.to_uppercase();
    let (request, example) = written_examples(path);
    let scope = items(described, "/security").first().and_then(|security| {
        members(security, "")
            .flat_map(|(_, scopes)| items(scopes, ""))
            .find_map(Value::as_str)
    });
    let body = members(described, "/requestBody/content").next();
    Operation {
        id: text(described, "/operationId").to_owned(),
        summary: text(described, "/summary").to_owned(),
        description: paragraphs(text(described, "/description")),
        parameters: items(described, "/parameters")
            .iter()
            .map(parameter)
            .collect(),
        body: body.map(|(_, content)| kind(content)),
        curl: curl(
            path,
            scope.is_some(),
            body.map(|(name, _)| name.as_str()).zip(request),
        ),
        responses: members(described, "/responses")
            .map(|(status, response)| answer(document, status, response))
            .collect(),
        scope: scope.map(str::to_owned),
        path: path.to_owned(),
        method,
        example,
    }
}

fn parameter(parameter: &Value) -> Field {
    Field {
        name: text(parameter, "/name").to_owned(),
        required: parameter["required"] == true,
        kind: kind(parameter),
        description: prose(text(parameter, "/description")),
    }
}

fn answer(document: &Value, status: &str, response: &Value) -> Answer {
    let content = members(response, "/content").next();
    let codes = content
        .into_iter()
        .flat_map(|(_, content)| members(content, "/examples"));
    let problems: Vec<_> = codes
        .map(|(code, _)| {
            let title = format!("/components/examples/{code}/summary");
            (code.clone(), text(document, &title).to_owned())
        })
        .collect();
    let description = text(response, "/description");
    Answer {
        status: status.to_owned(),
        media_type: content
            .map(|(media_type, _)| media_type.clone())
            .unwrap_or_default(),
        kind: content
            .map(|(_, content)| kind(content))
            .unwrap_or_default(),
        description: if problems.is_empty() {
            prose(description)
        } else {
            Vec::new()
        },
        problems,
    }
}

/// A command to try the operation with.
fn curl(path: &str, needs_token: bool, body: Option<(&str, &str)>) -> String {
    let mut command = format!("curl \"$GATEWAY{}\"", path.replace("{path}", "0/000"));
    if needs_token {
        command.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
    }
    if let Some((media_type, body)) = body {
        command.push_str(&format!(
            " \\\n  -H \"Content-Type: {media_type}\" \\\n  -d '"
        ));
        command.push_str(body);
        command.push('\'');
    }
    command
}
