//! Two servers that the adapter has never seen: `examples/pygeoapi.toml` and `examples/gokoala.toml`,
//! and servers that answer in the dialects of pygeoapi and gokoala.

use super::*;
use motlan_adapter_sdk::ogc::Parameters;
use motlan_adapter_sdk::testing::{
    Received, Reply, Server, assert_example_shown, assert_settings_documented,
};

const PYGEOAPI: &str = include_str!("../../examples/pygeoapi.toml");
const GOKOALA: &str = include_str!("../../examples/gokoala.toml");

async fn world(
    example: &str,
    answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> (World<LandAdapter, Url>, Server) {
    let server = Server::start(answer).await;
    let adapter = |url: Url, contract| {
        let mut config: Config = toml::from_str(example).unwrap();
        config.http.base_url = url;
        if let Some(key) = &mut config.http.api_key {
            key.value = "key".into();
        }
        LandAdapter::new(config, contract)
    };
    (World::at(server.url.clone(), adapter), server)
}

fn collection(features: &[Value], next: Option<&str>) -> Value {
    let links =
        next.map(|href| json!([{"rel": "next", "type": "application/geo+json", "href": href}]));
    json!({"type": "FeatureCollection", "features": features, "links": links.unwrap_or(json!([]))})
}

fn right(id: u32, holder: &Value, tenure: &str) -> Value {
    json!({"type": "Feature", "id": id, "geometry": null, "properties": {"holder_id": holder, "commune_code": "00004",
        "sheet": 12, "number": "154", "area": "86,4", "tenure": tenure, "share": "1/2", "registered": "2015-08", "dispute": "none"}})
}

/// pygeoapi pages by `offset`, counts what it matched, and ignores filters that its provider lacks.
fn pygeoapi(rights: Vec<Value>) -> impl Fn(&Received) -> Reply {
    move |request| {
        if request.path != "/collections/parcel_rights/items" {
            let error = json!({"code": "NotFound", "type": "NotFound", "description": "Collection not found"});
            return Reply::new(404, "application/json", error.to_string());
        }
        let offset: usize = request.parameter("offset").parse().unwrap_or(0);
        let page: Vec<_> = rights.iter().skip(offset).take(2).cloned().collect();
        let next = format!(
            "/collections/parcel_rights/items?f=json&offset={}",
            offset + 2
        );
        let mut body = collection(&page, (offset + 2 < rights.len()).then_some(next.as_str()));
        body["numberMatched"] = json!(rights.len());
        body["numberReturned"] = json!(page.len());
        Reply::json(&body).header("x-powered-by", "pygeoapi 0.21.0")
    }
}

#[tokio::test]
async fn the_pygeoapi_example_reads_the_subjects_rights_from_every_page() {
    let rights = vec![
        right(1, &json!(HAI), "C"),
        right(2, &json!(LAN), "C"),
        right(3, &json!(TUAN), "S"),
        right(4, &json!(1_185_012_345), "S"),
    ];
    let (world, server) = world(PYGEOAPI, pygeoapi(rights)).await;
    let parcels = world.read(LAN, &[PARCELS]).await.unwrap();
    let parcel = |id: &str, tenure: &str| {
        json!({"parcel_id": id, "commune": "00004", "map_sheet": "12", "parcel_number": "154",
        "area_m2": 86.4, "tenure": tenure, "share": "1/2", "certificate_date": "2015-08", "disputed": false})
    };
    assert_eq!(parcels, json!([parcel("2", "common"), parcel("4", "sole")]));
    let requests = server.received();
    assert_eq!(requests.len(), 2);
    let first = &requests[0];
    assert_eq!(first.parameter("holder_id"), LAN);
    assert_eq!(
        (
            first.parameter("f"),
            first.parameter("limit"),
            first.parameter("skipGeometry")
        ),
        ("json", "50", "true")
    );
    world.read(LAN, &["land.parcels.area_m2"]).await.unwrap();
    assert_eq!(server.last().parameter("offset"), "2");
    assert_eq!(
        server.received()[2].parameter("properties"),
        "area,dispute,holder_id"
    );
}

#[tokio::test]
async fn a_lost_number_of_pages_and_somebody_elses_rights_are_told_apart() {
    let (nobody, _) = world(PYGEOAPI, pygeoapi(Vec::new())).await;
    nobody.assert_absent(NOBODY, &[PARCELS]).await;
    let (others, _) = world(PYGEOAPI, pygeoapi(vec![right(1, &json!(HAI), "C")])).await;
    let error = others.fetch(LAN, &[PARCELS]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryWrongSubject);
    let (short, _) = world(PYGEOAPI, |_: &Received| {
        let mut body = collection(&[right(1, &json!(LAN), "C")], None);
        body["numberMatched"] = json!(3);
        Reply::json(&body)
    })
    .await;
    let error = short.fetch(LAN, &[PARCELS]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTruncated);
}

#[tokio::test]
async fn a_server_behind_a_proxy_may_call_itself_otherwise() {
    let server = Server::start(|request: &Received| {
        let next = "http://pygeoapi:5000/maps/collections/parcel_rights/items?offset=1";
        let is_first = request.parameter("offset").is_empty();
        let page = [right(2, &json!(LAN), "C")];
        Reply::json(&collection(&page, is_first.then_some(next)))
    })
    .await;
    let read = async |link_bases: Vec<Url>| {
        let mut config: Config = toml::from_str(PYGEOAPI).unwrap();
        config.http.base_url = server.url.clone();
        config.http.link_bases = link_bases;
        let world = World::at(server.url.clone(), |_, contract| {
            LandAdapter::new(config, contract)
        });
        world.read(LAN, &["land.parcels.share"]).await
    };
    let parcels = read(vec!["http://pygeoapi:5000/maps".parse().unwrap()])
        .await
        .unwrap();
    assert_eq!(parcels.as_array().unwrap().len(), 2);
    assert_eq!(server.last().path, "/collections/parcel_rights/items");
    let error = read(Vec::new()).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryMalformed);
}

#[tokio::test]
async fn a_code_that_the_configuration_does_not_know_is_malformed() {
    let (world, _) = world(PYGEOAPI, pygeoapi(vec![right(1, &json!(LAN), "Q")])).await;
    let error = world
        .fetch(LAN, &["land.parcels.tenure"])
        .await
        .unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryMalformed);
    assert!(error.to_string().contains("/tenure"), "{error}");
}

/// gokoala pages by an opaque cursor, counts nothing, and refuses parameters that it does not know.
fn gokoala(request: &Received) -> Reply {
    const KNOWN: [&str; 4] = ["f", "limit", "cursor", "rechthebbende"];
    if request
        .query
        .keys()
        .any(|name| !KNOWN.contains(&name.as_str()))
    {
        let problem = json!({"title": "Bad Request", "status": 400, "detail": format!("unknown query parameter(s) found: {LAN}"), "type": "about:blank"});
        return Reply::new(400, "application/problem+json", problem.to_string());
    }
    let parcel = |id: &str, holders: &str| {
        json!({"type": "Feature", "id": id, "geometry": {"type": "Point", "coordinates": [4.3, 52.1]},
        "properties": {"rechthebbenden": holders, "sectie": "AB", "perceelnummer": 4711, "kadastraleGrootteWaarde": 120, "begingeldigheid": "2018-05-13Z"}})
    };
    let body = match request.parameter("cursor") {
        "" => collection(
            &[parcel("p-1", &format!("{HAI}; {LAN}"))],
            Some("items?f=json&cursor=Dv4%7CNwyr1Q&limit=100"),
        ),
        "Dv4|Nwyr1Q" => collection(&[parcel("p-2", LAN), parcel("p-3", HAI)], None),
        _ => return Reply::new(400, "application/problem+json", "{}"),
    };
    Reply::new(200, "application/geo+json", body.to_string())
}

#[tokio::test]
async fn the_gokoala_example_follows_cursors_and_sends_no_parameter_that_is_refused() {
    let (world, server) = world(GOKOALA, gokoala).await;
    let parcels = world.read(LAN, &[PARCELS]).await.unwrap();
    let parcel = |id: &str| json!({"parcel_id": id, "map_sheet": "AB", "parcel_number": "4711", "area_m2": 120, "certificate_date": "2018-05-13"});
    assert_eq!(parcels, json!([parcel("p-1"), parcel("p-2")]));
    assert_eq!(server.last().headers["x-api-key"], "key");
    assert!(!world.adapter.descriptor().datasets[0].selective);
}

#[tokio::test]
async fn errors_are_read_in_both_forms_and_name_nobody() {
    let (unknown, _) = world(&GOKOALA.replace("skip_geometry = \"\"", ""), gokoala).await;
    let error = unknown.fetch(LAN, &[PARCELS]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: HTTP 400, about:blank"
    );
    assert_names_nobody(&error, &[LAN]);
    let (lost, server) = world(
        &PYGEOAPI.replace("parcel_rights", "rights"),
        pygeoapi(Vec::new()),
    )
    .await;
    let error = lost.fetch(LAN, &[PARCELS]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: HTTP 404, NotFound"
    );
    assert!(lost.adapter.health(&call(1_000)).await.is_err());
    assert_eq!(server.last().parameter("f"), "json");
}

#[test]
fn a_mistake_in_the_examples_is_told_with_its_place_or_its_setting() {
    let typo = PYGEOAPI.replace("[parameters]", "[parametres]");
    let error = toml::from_str::<Config>(&typo).unwrap_err().to_string();
    assert!(
        error.contains("line ") && error.contains("unknown field `parametres`"),
        "{error}"
    );
    let mistake = |from: &str, to: &str| {
        let config = toml::from_str(&PYGEOAPI.replace(from, to)).unwrap();
        LandAdapter::new(config, contract())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        mistake("id_attribute = \"parcel_id\"", "id_attribute = \"id\""),
        "`id_attribute`: `land.parcels` has no attribute `id`"
    );
    assert_eq!(
        mistake("S = \"sole\"", "S = \"own\""),
        "`attributes.tenure.codes.S`: `own` is none of sole, common"
    );
}

#[test]
fn the_page_about_configurations_has_every_setting_and_the_examples_as_they_are() {
    const PAGE: &str = include_str!("../../../../docs/configuring-registries.md");
    assert_example_shown(PAGE, "Land", PYGEOAPI);
    assert_example_shown(PAGE, "Land", GOKOALA);
    assert_settings_documented::<Config>(PAGE, "Land", "");
    assert_settings_documented::<OwnerProperties>(PAGE, "Land", "owners.");
    assert_settings_documented::<Parameters>(PAGE, "Land", "parameters.");
}
