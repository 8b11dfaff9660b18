//! Servers that ignore what is asked, and answers made to do harm.

use super::*;

fn role(number: &str) -> Value {
    json!({"holder": {"personalNumber": number}, "role": {"code": "GD"}})
}

async fn from(status: u16, body: &str, number: &str, name: &str) -> Result<Value, AdapterError> {
    let url = canned(status, vec![body.to_owned()]).await;
    World::at(url, adapter).read(number, &[name]).await
}

#[tokio::test]
async fn of_a_server_that_ignores_the_search_only_the_subjects_roles_are_kept() {
    let list = |roles: Value| json!({"_embedded": {"roles": roles}}).to_string();
    let mixed = list(json!([role(HAI), role(LAN), role(TUAN)]));
    assert_eq!(
        from(200, &mixed, LAN, "business.roles.role").await.unwrap(),
        json!([{"role": "director"}])
    );
    let others = list(json!([role(HAI)]));
    let error = from(200, &others, LAN, "business.roles.role")
        .await
        .unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryWrongSubject);
}

#[tokio::test]
async fn not_found_is_told_from_a_wrong_address_and_from_refusals() {
    assert_eq!(
        from(404, "", ENTERPRISE, PROFILE).await.unwrap(),
        Value::Null
    );
    assert_eq!(
        from(410, "{}", ENTERPRISE, PROFILE).await.unwrap(),
        Value::Null
    );
    let deleted = json!({"code": ENTERPRISE, "deletedOn": "2023-02-01"}).to_string();
    let profile = from(200, &deleted, ENTERPRISE, "business.profile.status")
        .await
        .unwrap();
    assert_eq!(profile, json!({"status": "dissolved"}));
    let error = from(403, r#"{"code": "noAccess"}"#, ENTERPRISE, PROFILE)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: HTTP 403, noAccess"
    );
    let lost = from(404, "{}", LAN, ROLES).await.unwrap_err();
    assert_eq!(lost.problem(), RegistryProblem::RegistryRefused);
}

#[tokio::test]
async fn hostile_json_is_refused() {
    let role = |member: &str| {
        format!(
            r#"{{"_embedded":{{"roles":[{{"holder":{{"personalNumber":"{}"}},{member}}}]}}}}"#,
            LAN
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
        let error = from(200, &body, LAN, "business.roles.role")
            .await
            .unwrap_err();
        assert_eq!(
            error.problem(),
            RegistryProblem::RegistryMalformed,
            "{body:.80}: {error}"
        );
        assert_names_nobody(&error, &[]);
    }
}

#[tokio::test]
async fn health_asks_for_nobody() {
    let world = world().await;
    world.adapter.health(&call(2_000)).await.unwrap();
    assert_eq!(world.last_request()["path"], "/");
}

#[test]
fn a_path_without_the_code_is_a_mistake_of_configuration() {
    let text = r#"{"registry": "business", "http": {"base_url": "https://a.example"}, "profile": {"path": "enterprises"}}"#;
    let error =
        BusinessRegistryAdapter::new(serde_json::from_str(text).unwrap(), contract()).unwrap_err();
    assert!(error.to_string().contains("`profile.path`"), "{error}");
}
