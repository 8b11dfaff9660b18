//! Servers that ignore what is asked, and answers made to do harm.

use super::*;

fn role(number: &str) -> Value {
    json!({"holder": {"personalNumber": number}, "role": {"code": "GD"}})
}

async fn from(
    status: u16,
    body: &str,
    subject: &Subject,
    name: &str,
) -> Result<Value, AdapterError> {
    let url = canned(status, vec![body.to_owned()]).await;
    fetch(&at(url.as_str()), subject, &[name]).await
}

#[tokio::test]
async fn of_a_server_that_ignores_the_search_only_the_subjects_roles_are_kept() {
    let lan = person(personas::LAN);
    let list = |roles: Value| json!({"_embedded": {"roles": roles}}).to_string();
    let mixed = list(json!([
        role(personas::HAI),
        role(personas::LAN),
        role(personas::TUAN)
    ]));
    assert_eq!(
        from(200, &mixed, &lan, "business.roles.role")
            .await
            .unwrap(),
        json!([{"role": "director"}])
    );
    let others = list(json!([role(personas::HAI)]));
    let error = from(200, &others, &lan, "business.roles.role")
        .await
        .unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryWrongSubject);
}

#[tokio::test]
async fn not_found_is_told_from_a_wrong_address_and_from_refusals() {
    let subject = enterprise(personas::ENTERPRISE);
    assert_eq!(from(404, "", &subject, PROFILE).await.unwrap(), Value::Null);
    assert_eq!(
        from(410, "{}", &subject, PROFILE).await.unwrap(),
        Value::Null
    );
    let deleted = json!({"code": personas::ENTERPRISE, "deletedOn": "2023-02-01"}).to_string();
    let profile = from(200, &deleted, &subject, "business.profile.status")
        .await
        .unwrap();
    assert_eq!(profile, json!({"status": "dissolved"}));
    let error = from(403, r#"{"code": "noAccess"}"#, &subject, PROFILE)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: HTTP 403, noAccess"
    );
    let lost = from(404, "{}", &person(personas::LAN), ROLES)
        .await
        .unwrap_err();
    assert_eq!(lost.problem(), RegistryProblem::RegistryRefused);
}

#[tokio::test]
async fn hostile_json_is_refused() {
    let lan = person(personas::LAN);
    let role = |member: &str| {
        format!(
            r#"{{"_embedded":{{"roles":[{{"holder":{{"personalNumber":"{}"}},{member}}}]}}}}"#,
            personas::LAN
        )
    };
    for body in [
        "[".repeat(100_000),
        r#"{"_embedded":{},"_embedded":{}}"#.to_owned(),
        r#"{"_embedded":{"roles":[7]}}"#.to_owned(),
        r#"{"_embedded":{"roles":[]},"_links":{"next":{}}}"#.to_owned(),
        r#"{"_embedded":{"roles":[]},"_links":{"next":{"href":"http://127.0.0.1:1/"}}}"#.to_owned(),
        r#"{"_embedded":{"roles":[]},"_links":{"next":{"href":"?page=1"}}}"#.to_owned(),
        role(r#""role":{"code":"001185012345"}"#),
        role(r#""role":{"code":{"a":[]}}"#),
    ] {
        let error = from(200, &body, &lan, "business.roles.role")
            .await
            .unwrap_err();
        assert_eq!(
            error.problem(),
            RegistryProblem::RegistryMalformed,
            "{body:.80}: {error}"
        );
        assert!(says_nothing_of_a_person(&error), "{error}");
    }
}

#[tokio::test]
async fn health_asks_for_nobody() {
    let sandbox = sandbox().await;
    adapter(&sandbox).health(&call(2000)).await.unwrap();
    assert_eq!(
        sandbox
            .registry("business")
            .unwrap()
            .faults
            .last_request()
            .unwrap()["path"],
        "/"
    );
}

#[test]
fn a_path_without_the_code_is_a_mistake_of_configuration() {
    let text = r#"{"registry": "business", "http": {"base_url": "https://a.example"}, "profile": {"path": "enterprises"}}"#;
    let error =
        BusinessRegistryAdapter::new(serde_json::from_str(text).unwrap(), contract()).unwrap_err();
    assert!(error.to_string().contains("`profile.path`"), "{error}");
}
