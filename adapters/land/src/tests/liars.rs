//! Servers that ignore what is asked, and answers made to do harm.

use super::*;

fn feature(numbers: &Value) -> Value {
    json!({"type": "Feature", "properties": {"dienTich": 1, "soDinhDanhNguoiSuDung": numbers}})
}

async fn from(body: &str) -> Result<Value, AdapterError> {
    let url = canned(200, vec![body.to_owned()]).await;
    let world = World::at(url, |url, contract| LandAdapter::new(config(url), contract));
    world.read(LAN, &["land.parcels.area_m2"]).await
}

#[tokio::test]
async fn of_a_server_that_ignores_the_filter_only_the_subjects_features_are_kept() {
    let collection =
        |features: Value| json!({"type": "FeatureCollection", "features": features}).to_string();
    let all = json!([
        feature(&json!([HAI])),
        feature(&json!([LAN, HAI])),
        feature(&json!(TUAN))
    ]);
    assert_eq!(
        from(&collection(all)).await.unwrap(),
        json!([{"area_m2": 1}])
    );
    let others = collection(json!([feature(&json!([HAI]))]));
    assert_eq!(
        from(&others).await.unwrap_err().problem(),
        RegistryProblem::RegistryWrongSubject
    );
    let nameless = collection(json!([{"type": "Feature", "properties": {"dienTich": 1}}]));
    assert_eq!(
        from(&nameless).await.unwrap_err().problem(),
        RegistryProblem::RegistryMalformed
    );
}

#[tokio::test]
async fn links_that_lead_elsewhere_or_in_a_circle_are_not_followed() {
    let page = |href: &str| {
        json!({"type": "FeatureCollection", "features": [feature(&json!([LAN]))], "links": [{"rel": "next", "href": href}]}).to_string()
    };
    for href in [
        "http://127.0.0.1:1/items",
        "//169.254.169.254/latest",
        "file:///etc/passwd",
        "?cursor=1",
    ] {
        let error = from(&page(href)).await.unwrap_err();
        assert_eq!(
            error.problem(),
            RegistryProblem::RegistryMalformed,
            "{href}: {error}"
        );
    }
}

#[tokio::test]
async fn hostile_json_is_refused() {
    let hostile = [
        "[".repeat(100_000),
        format!(
            r#"{{"type":"FeatureCollection","features":{}"#,
            "[".repeat(500)
        ),
        r#"{"type":"FeatureCollection","features":[],"features":[{}]}"#.to_owned(),
        r#"{"type":"FeatureCollection","features":{}}"#.to_owned(),
        r#"{"type":"FeatureCollection","features":[1,null,"x"]}"#.to_owned(),
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"properties":{{"soDinhDanhNguoiSuDung":"{}","dienTich":"rộng"}}}}]}}"#,
            LAN
        ),
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"properties":{{"soDinhDanhNguoiSuDung":"{}","dienTich":1e999}}}}]}}"#,
            LAN
        ),
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"properties":{{"soDinhDanhNguoiSuDung":"{}","dienTich":-5}}}}]}}"#,
            LAN
        ),
    ];
    for body in hostile {
        let error = from(&body).await.unwrap_err();
        assert_eq!(
            error.problem(),
            RegistryProblem::RegistryMalformed,
            "{:.80}: {error}",
            body
        );
        assert_names_nobody(&error, &[]);
    }
}

#[test]
fn a_map_with_an_unknown_attribute_is_a_mistake_of_configuration() {
    let text = r#"{"registry": "land", "http": {"base_url": "https://a.example"}, "attributes": {"aera_m2": "dienTich"}}"#;
    let error = LandAdapter::new(serde_json::from_str(text).unwrap(), contract()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`attributes.aera_m2`: `land.parcels` has no such attribute"
    );
}
