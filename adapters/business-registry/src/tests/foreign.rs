//! A Norwegian-style enterprise register that the adapter has never seen: `examples/brreg.toml` and a
//! server that answers as data.brreg.no does.
//!
//! Its enterprises have Vietnamese codes here, because a question is about such a code.

use super::*;
use motlan_adapter_sdk::testing::{
    Received, Reply, Server, assert_example_shown, assert_settings_documented,
};

const EXAMPLE: &str = include_str!("../../examples/brreg.toml");
const OTHER: &str = "0100109106";

fn example(url: &Url) -> Config {
    let mut config: Config = toml::from_str(EXAMPLE).unwrap();
    config.http.base_url = format!("{url}enhetsregisteret/api").parse().unwrap();
    config
}

async fn world(
    answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> (World<BusinessRegistryAdapter, Url>, Server) {
    world_with(|_| (), answer).await
}

async fn world_with(
    change: impl FnOnce(&mut Config),
    answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> (World<BusinessRegistryAdapter, Url>, Server) {
    let server = Server::start(answer).await;
    let adapter = |url: Url, contract| {
        let mut config = example(&url);
        change(&mut config);
        BusinessRegistryAdapter::new(config, contract)
    };
    (World::at(server.url.clone(), adapter), server)
}

fn always(body: Value) -> impl Fn(&Received) -> Reply {
    move |_| Reply::json(&body)
}

fn enterprise() -> Value {
    json!({
        "organisasjonsnummer": ENTERPRISE,
        "navn": "EKSEMPEL ASA",
        "organisasjonsform": {"kode": "ASA", "beskrivelse": "Allmennaksjeselskap", "_links": {}},
        "registreringsdatoEnhetsregisteret": "1995-03-12",
        "registrertIMvaregisteret": true,
        "naeringskode1": {"kode": "06.100", "beskrivelse": "Utvinning av råolje"},
        "naeringskode3": {"kode": "46.120", "beskrivelse": "Agentur"},
        "antallAnsatte": 12,
        "forretningsadresse": {"land": "Norge", "landkode": "NO", "postnummer": "4035", "poststed": "STAVANGER",
            "adresse": ["Forusbeen 50", null, ""], "kommunenummer": "1103"},
        "konkurs": false, "konkursdato": "", "underAvvikling": false,
        "epostadresse": null, "telefon": "",
        "_links": {"self": {"href": "https://data.brreg.no/enhetsregisteret/api/enheter/x"}}
    })
}

#[tokio::test]
async fn the_example_reads_an_enterprise() {
    let (world, server) = world(always(enterprise())).await;
    let profile = world.read(ENTERPRISE, &[PROFILE]).await.unwrap();
    let expected = json!({
        "enterprise_code": ENTERPRISE, "name": "EKSEMPEL ASA", "legal_form": "joint_stock", "status": "active",
        "registered_on": "1995-03-12", "address": "Forusbeen 50, 4035, STAVANGER",
        "industries": [{"code": "06100", "title": "Utvinning av råolje"}, {"code": "46120", "title": "Agentur"}]
    });
    assert_eq!(profile, expected);
    let asked = server.last();
    assert_eq!(
        asked.path,
        format!("/enhetsregisteret/api/enheter/{ENTERPRISE}")
    );
    assert!(asked.query.is_empty() && !asked.headers.contains_key("x-officer"));
    world.adapter.health(&call(1_000)).await.unwrap();
    assert_eq!(server.last().path, "/enhetsregisteret/api");
}

#[tokio::test]
async fn unknown_removed_and_deleted_are_told_apart() {
    let (unknown, _) = world(|_: &Received| Reply::new(404, "application/json", "")).await;
    unknown.assert_absent(ENTERPRISE, &[PROFILE, OWNERS]).await;
    let (removed, _) = world(|_: &Received| {
        Reply::new(410, "application/json", r#"{"slettedato": "2019-01-01"}"#)
    })
    .await;
    removed.assert_absent(ENTERPRISE, &[PROFILE]).await;
    let deleted = json!({"organisasjonsnummer": ENTERPRISE, "navn": "EKSEMPEL ASA", "slettedato": "2020-02-01", "konkurs": false});
    let (deleted, _) = world(always(deleted)).await;
    let profile = deleted
        .read(ENTERPRISE, &["business.profile.status"])
        .await
        .unwrap();
    assert_eq!(profile, json!({"status": "dissolved"}));
    let (lost, _) = world(|_: &Received| Reply::new(404, "text/html", "<h1>404</h1>")).await;
    let error = lost.fetch(ENTERPRISE, &[PROFILE]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryRefused);
}

#[tokio::test]
async fn a_form_without_a_word_of_ours_is_left_out_and_an_error_names_nobody() {
    let mut church = enterprise();
    church["organisasjonsform"]["kode"] = json!("KIRK");
    church["konkurs"] = json!(true);
    let (world, _) = world(always(church)).await;
    let names = ["business.profile.legal_form", "business.profile.status"];
    assert_eq!(
        world.read(ENTERPRISE, &names).await.unwrap(),
        json!({"status": "suspended"})
    );
    let error = json!({"tidsstempel": "2026-11-21T00:00:00Z", "status": 400, "feilmelding": format!("ugyldig {ENTERPRISE}"), "sti": "/x"});
    let (world, _) =
        self::world(move |_: &Received| Reply::new(400, "application/json", error.to_string()))
            .await;
    let error = world.fetch(ENTERPRISE, &[PROFILE]).await.unwrap_err();
    assert_eq!(error.to_string(), "the registry refused: HTTP 400");
    assert_names_nobody(&error, &[ENTERPRISE]);
}

fn roles_of(code: &str) -> Value {
    let role = |kind: &str| json!({"kode": kind, "beskrivelse": "x", "_links": {}});
    json!({
        "rollegrupper": [
            {"type": role("DAGL"), "sistEndret": "2008-06-18", "roller":
                {"type": role("DAGL"), "person": {"fodselsdato": "1962-09-05", "navn": {"fornavn": "Nils", "etternavn": "Nes"}, "erDoed": false}, "fratraadt": false}},
            {"type": role("DTPR"), "sistEndret": "2018-06-18", "roller": [
                {"type": role("DTPR"), "person": {"fodselsdato": "1970-01-02", "navn": {"fornavn": "Kari", "mellomnavn": "Moe", "etternavn": "Lie"}, "erDoed": false}, "ansvarsandel": "60 %", "fratraadt": false, "rekkefolge": 0},
                {"type": role("DTPR"), "enhet": {"organisasjonsnummer": OTHER, "navn": ["HOLDING", "AS"], "erSlettet": false}, "ansvarsandel": "40 %", "avregistrert": false},
                {"type": role("DTPR"), "person": {"navn": {"fornavn": "Per", "etternavn": "Dal"}}, "avregistrert": true}
            ]}
        ],
        "_links": {"self": {"href": format!("https://data.brreg.no/enhetsregisteret/api/enheter/{code}/roller")},
            "enhet": {"href": format!("https://data.brreg.no/enhetsregisteret/api/enheter/{code}")}}
    })
}

#[tokio::test]
async fn owners_are_found_among_the_roles_whether_persons_or_enterprises() {
    let (world, server) = world(always(roles_of(ENTERPRISE))).await;
    let owners = world.json(ENTERPRISE, &[OWNERS]).await;
    let expected = json!([
        {"owner_kind": "person", "full_name": "Kari Moe Lie", "birth_date": "1970-01-02", "share_percent": 60},
        {"owner_kind": "enterprise", "full_name": "HOLDING AS", "enterprise_code": OTHER, "share_percent": 40}
    ]);
    assert_eq!(owners, expected);
    assert!(server.last().path.ends_with("/roller"));
}

#[tokio::test]
async fn another_enterprise_is_the_wrong_subject_and_a_nameless_one_is_malformed() {
    for (body, name) in [
        (roles_of(OTHER), OWNERS),
        (json!({"organisasjonsnummer": OTHER}), PROFILE),
    ] {
        let (other, _) = world(always(body)).await;
        let error = other.fetch(ENTERPRISE, &[name]).await.unwrap_err();
        assert_eq!(error.problem(), RegistryProblem::RegistryWrongSubject);
    }
    for name in [OWNERS, PROFILE] {
        let (nameless, _) = world(always(json!({"rollegrupper": [], "navn": "X"}))).await;
        let error = nameless.fetch(ENTERPRISE, &[name]).await.unwrap_err();
        assert_eq!(error.problem(), RegistryProblem::RegistryMalformed);
    }
}

#[tokio::test]
async fn what_the_register_does_not_have_is_not_served() {
    let (world, server) = world(always(json!({}))).await;
    assert_eq!(world.adapter.descriptor().datasets.len(), 2);
    let error = world.fetch(LAN, &[ROLES]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryRefused);
    assert!(server.received().is_empty());
}

/// A register of the same style that lists a person's roles under the person's number.
fn with_roles(config: &mut Config) {
    config.serves = serde_json::from_value(json!([ROLES])).unwrap();
    config.roles = toml::from_str(
        r#"
        path = "personer/{person}/roller"
        subject_in_url = true
        embedded = "roller"
        fields_parameter = ""
        holder = "person.nummer"
        page_size = 1
        [attributes]
        enterprise_name = "enhet.navn"
        role = { path = "type.kode", codes = { DAGL = "director", LEDE = "chair" } }
        "#,
    )
    .unwrap();
}

#[tokio::test]
async fn a_list_under_the_persons_number_is_read_to_its_end_where_configuration_allows_it() {
    let page = |request: &Received| {
        let role = |name: &str, number: Value| json!({"person": {"nummer": number}, "enhet": {"navn": name}, "type": {"kode": "DAGL"}});
        let next = json!({"next": {"href": "?page=1&size=1"}});
        let total = json!({"size": 1, "totalElements": 2, "totalPages": 2});
        match (request.path.contains(LAN), request.parameter("page")) {
            (false, _) => {
                Reply::json(&json!({"page": {"size": 1, "totalElements": 0}, "_links": {}}))
            }
            (_, "0") => Reply::json(
                &json!({"_embedded": {"roller": [role("A", json!(LAN))]}, "_links": next, "page": total}),
            ),
            _ => Reply::json(
                &json!({"_embedded": {"roller": [role("B", json!(1_185_012_345))]}, "page": total}),
            ),
        }
    };
    let (world, server) = world_with(with_roles, page).await;
    let names = ["business.roles.enterprise_name", "business.roles.role"];
    let expected = json!([{"enterprise_name": "A", "role": "director"}, {"enterprise_name": "B", "role": "director"}]);
    assert_eq!(world.json(LAN, &names).await, expected);
    assert_eq!(server.received().len(), 2);
    world.assert_absent(NOBODY, &[ROLES]).await;
}

#[tokio::test]
async fn a_person_without_a_page_is_absent_and_a_missing_second_page_is_an_error() {
    let (gone, _) = world_with(with_roles, |_: &Received| {
        Reply::new(404, "application/json", "{}")
    })
    .await;
    gone.assert_absent(LAN, &[ROLES]).await;
    let (half, _) = world_with(with_roles, |request: &Received| match request.parameter("page") {
        "0" => Reply::json(&json!({"_embedded": {"roller": [{"person": {"nummer": LAN}}]}, "_links": {"next": {"href": "?page=1"}}})),
        _ => Reply::new(404, "application/json", "{}"),
    })
    .await;
    let error = half.fetch(LAN, &[ROLES]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryRefused);
}

#[test]
fn a_mistake_in_the_example_is_told_with_its_place_or_its_setting() {
    let typo = EXAMPLE.replace("deleted_on", "deleted_at");
    let error = toml::from_str::<Config>(&typo).unwrap_err().to_string();
    assert!(
        error.contains("line ") && error.contains("unknown field `deleted_at`"),
        "{error}"
    );
    let refused = |change: &dyn Fn(&mut Config)| {
        let mut config: Config = toml::from_str(EXAMPLE).unwrap();
        change(&mut config);
        BusinessRegistryAdapter::new(config, contract())
            .unwrap_err()
            .to_string()
    };
    let in_url = refused(&|config| {
        with_roles(config);
        config.roles.subject_in_url = false;
    });
    assert!(
        in_url.starts_with("`roles.path`:") && in_url.contains("subject_in_url = true"),
        "{in_url}"
    );
    let no_code = refused(&|config| config.owners.code.clear());
    assert!(no_code.starts_with("`owners.code`: is needed"), "{no_code}");
}

#[test]
fn the_page_about_configurations_has_every_setting_and_the_examples_as_they_are() {
    const PAGE: &str = include_str!("../../../../docs/configuring-registries.md");
    assert_example_shown(PAGE, "Business registry", EXAMPLE);
    assert_settings_documented::<Config>(PAGE, "Business registry", "");
    assert_settings_documented::<Roles>(PAGE, "Business registry", "roles.");
    assert_settings_documented::<Profile>(PAGE, "Business registry", "profile.");
    assert_settings_documented::<Owners>(PAGE, "Business registry", "owners.");
}
