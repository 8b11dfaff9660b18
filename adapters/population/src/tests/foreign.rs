//! A Dutch-style population service that the adapter has never seen: `examples/brp.toml` and a server
//! that answers as Haal Centraal "BRP personen bevragen" does.
//!
//! The numbers of its people have twelve digits here, because a question is about a twelve-digit number.

use super::*;
use motlan_adapter_sdk::testing::{
    Received, Reply, Server, assert_example_shown, assert_names_nobody, assert_settings_documented,
};
use motlan_schemas::answer::RegistryProblem;

const EXAMPLE: &str = include_str!("../../examples/brp.toml");

fn example(url: &url::Url) -> Config {
    let mut config: Config = toml::from_str(EXAMPLE).unwrap();
    config.http.base_url = format!("{url}haalcentraal/api/brp").parse().unwrap();
    config.http.api_key.as_mut().unwrap().value = "key".into();
    config
}

async fn world(
    answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> (World<PopulationAdapter, url::Url>, Server) {
    let server = Server::start(answer).await;
    let adapter = |url, contract| PopulationAdapter::new(example(&url), contract);
    (World::at(server.url.clone(), adapter), server)
}

/// What the register keeps of somebody, whole; what is asked for is picked out of it.
fn record(number: &str) -> Value {
    json!({
        "burgerservicenummer": number,
        "geslacht": {"code": "V", "omschrijving": "vrouw"},
        "naam": {"volledigeNaam": "Noor de Vries", "geslachtsnaam": "Vries"},
        "geboorte": {
            "datum": {"type": "JaarMaandDatum", "jaar": 1963, "maand": 5, "langFormaat": "mei 1963"},
            "plaats": {"code": "0518", "omschrijving": "'s-Gravenhage"}
        },
        "nationaliteiten": [
            {"type": "Nationaliteit", "nationaliteit": {"code": "0001", "omschrijving": "Nederlandse"}},
            {"type": "Nationaliteit", "nationaliteit": {"code": "0052", "omschrijving": "Belgische"}}
        ],
        "adressering": {"adresregel1": "Spui 70", "adresregel2": "2511 BT 'S-GRAVENHAGE"},
        "verblijfplaats": {"type": "Adres", "datumVan": {"type": "Datum", "datum": "2019-07-04", "langFormaat": "4 juli 2019"}}
    })
}

/// Keeps what `fields` asks for; refuses a path that comes unasked or does not exist.
fn pick(whole: &Value, fields: &[String]) -> Option<Value> {
    let mut picked = json!({});
    for field in fields {
        let mut at = whole;
        let mut path = Vec::new();
        for name in field.split('.') {
            at = match at {
                Value::Array(items) => items.first()?.get(name)?,
                other => other.get(name)?,
            };
            path.push(name);
        }
        let first = path.first().copied()?;
        // Enough of the service's own filter: a list and a date come whole, the rest by member.
        match (whole.get(first)?, path.get(1)) {
            (Value::Object(_), Some(second)) => {
                picked[first][*second] = whole[first][*second].clone();
            }
            (other, _) => picked[first] = other.clone(),
        }
    }
    Some(picked)
}

fn problem(status: u16, code: &str) -> Reply {
    let body = json!({"type": "https://docs.oracle.com/400", "title": "x", "status": status, "code": code,
        "detail": format!("burgerservicenummer {LAN} bestaat niet"), "instance": "/haalcentraal/api/brp/personen",
        "invalidParams": [{"name": "fields[0]", "code": "fields", "reason": "Parameter bevat een niet toegestane waarde."}]});
    Reply::new(status, "application/problem+json", body.to_string())
}

/// The service, with what it sends unasked of everybody.
fn brp(unasked: Value) -> impl Fn(&Received) -> Reply {
    move |request| {
        if request.method != "POST" || request.path != "/haalcentraal/api/brp/personen" {
            return Reply::new(405, "text/plain", "");
        }
        if !request.headers.contains_key("x-api-key") {
            return problem(401, "unauthorized");
        }
        let body = request.json();
        let fields: Vec<String> = serde_json::from_value(body["fields"].clone()).unwrap();
        if body["type"] != "RaadpleegMetBurgerservicenummer" || fields.is_empty() {
            return problem(400, "paramsValidation");
        }
        let number = body["burgerservicenummer"][0].as_str().unwrap();
        let mut persons = Vec::new();
        if number != NOBODY {
            let Some(mut person) = pick(&record(number), &fields) else {
                return problem(400, "paramsValidation");
            };
            let members = person.as_object_mut().unwrap();
            members.extend(unasked.as_object().unwrap().clone());
            persons.push(person);
        }
        let body = json!({"type": "RaadpleegMetBurgerservicenummer", "personen": persons});
        Reply::new(200, "application/json; charset=utf-8", body.to_string())
    }
}

#[tokio::test]
async fn the_example_reads_what_the_service_sends() {
    let (world, server) = world(brp(json!({}))).await;
    assert_eq!(
        world.json(LAN, &["population.identity"]).await,
        json!({"full_name": "Noor de Vries", "personal_id": LAN, "birth_date": "1963-05", "sex": "female",
            "birth_place": "'s-Gravenhage", "nationality": "NL", "status": "active"})
    );
    let asked = server.last();
    assert_eq!(asked.headers["x-api-key"], "key");
    assert!(!asked.headers.keys().any(|name| name.starts_with("x-road")));
    let body = asked.json();
    assert_eq!(body["gemeenteVanInschrijving"], "0518");
    assert_eq!(
        body["fields"],
        json!([
            "burgerservicenummer",
            "geboorte.datum",
            "geboorte.plaats.omschrijving",
            "geslacht.code",
            "naam.volledigeNaam",
            "nationaliteiten.nationaliteit.code"
        ])
    );
    assert_eq!(
        world.json(LAN, &["population.residence"]).await,
        json!({"permanent_address": "Spui 70, 2511 BT 'S-GRAVENHAGE", "permanent_since": "2019-07-04"})
    );
}

#[tokio::test]
async fn nobody_is_an_empty_list() {
    let (world, _) = world(brp(json!({}))).await;
    let datasets = ["population.identity", "population.residence"];
    world.assert_absent(NOBODY, &datasets).await;
}

#[tokio::test]
async fn what_comes_unasked_is_flagged_and_never_asked_for() {
    let flags = json!({"geheimhoudingPersoonsgegevens": true, "rni": [{"deelnemer": {"code": "0101"}}],
        "opschortingBijhouding": {"reden": {"code": "O", "omschrijving": "overlijden"},
            "datum": {"type": "JaarDatum", "jaar": 2023, "langFormaat": "2023"}}});
    let (world, server) = world(brp(flags)).await;
    assert_eq!(
        world.json(LAN, &["population.identity.status"]).await,
        json!({"status": "deceased", "deceased": true})
    );
    assert_eq!(
        server.last().json()["fields"],
        json!(["burgerservicenummer"])
    );
    let residence = world
        .json(LAN, &["population.residence.permanent_since"])
        .await;
    let expected = json!({"permanent_since": "2019-07-04", "address_secret": true});
    assert_eq!(residence, expected);
}

#[tokio::test]
async fn an_investigation_counts_wherever_the_service_reports_it() {
    let parts = json!({"geslacht": true, "datumIngangOnderzoek": {"type": "Datum", "datum": "2023-06-01", "langFormaat": "x"}});
    let (nested, _) = world(move |_: &Received| {
        let person = json!({"burgerservicenummer": LAN, "geboorte": {"inOnderzoek": parts.clone(),
            "datum": {"type": "DatumOnbekend", "onbekend": true, "langFormaat": "onbekend"}}});
        Reply::json(&json!({"personen": [person]}))
    })
    .await;
    assert_eq!(
        nested.json(LAN, &["population.identity.birth_date"]).await,
        json!({"under_investigation": true})
    );
    let (top, _) = world(brp(json!({"inOnderzoek": {"burgerservicenummer": true}}))).await;
    let identity = top.json(LAN, &["population.identity.sex"]).await;
    assert_eq!(
        identity,
        json!({"sex": "female", "under_investigation": true})
    );
}

#[tokio::test]
async fn partial_dates_stay_partial() {
    for (date, expected) in [
        (
            json!({"type": "Datum", "datum": "1985-06-12", "langFormaat": "x"}),
            json!({"birth_date": "1985-06-12"}),
        ),
        (
            json!({"type": "JaarDatum", "jaar": 1958, "langFormaat": "1958"}),
            json!({"birth_date": "1958"}),
        ),
        (
            json!({"type": "DatumOnbekend", "onbekend": true, "langFormaat": "onbekend"}),
            json!({}),
        ),
    ] {
        let (world, _) = world(move |_: &Received| {
            Reply::json(&json!({"personen": [{"burgerservicenummer": LAN, "geboorte": {"datum": date.clone()}}]}))
        })
        .await;
        assert_eq!(
            world.json(LAN, &["population.identity.birth_date"]).await,
            expected
        );
    }
}

#[tokio::test]
async fn a_code_that_the_configuration_does_not_know_is_malformed_and_not_repeated() {
    let (world, _) = world(|_: &Received| {
        Reply::json(
            &json!({"personen": [{"burgerservicenummer": LAN, "geslacht": {"code": "Q7"}}]}),
        )
    })
    .await;
    let error = world
        .fetch(LAN, &["population.identity.sex"])
        .await
        .unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryMalformed);
    assert!(
        error.to_string().contains("/sex") && !error.to_string().contains("Q7"),
        "{error}"
    );
}

#[tokio::test]
async fn refusals_tell_the_code_of_the_problem_document_and_nobodys_number() {
    for (status, code, problem_kind) in [
        (400, "paramsValidation", RegistryProblem::RegistryRefused),
        (403, "unauthorizedField", RegistryProblem::RegistryRefused),
        (400, "tooManyResults", RegistryProblem::RegistryRefused),
        (500, "serverError", RegistryProblem::RegistryDown),
    ] {
        let (world, _) = world(move |_: &Received| problem(status, code)).await;
        let error = world
            .fetch(LAN, &["population.identity.sex"])
            .await
            .unwrap_err();
        assert_eq!(error.problem(), problem_kind, "{error}");
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        if problem_kind == RegistryProblem::RegistryRefused {
            assert!(error.to_string().contains(code), "{error}");
        }
        assert_names_nobody(&error, &[LAN]);
    }
}

#[tokio::test]
async fn somebody_else_is_the_wrong_subject_and_others_beside_the_subject_are_dropped() {
    let people = |numbers: &'static [&'static str]| {
        move |_: &Received| {
            let people: Vec<_> = numbers
                .iter()
                .map(|number| json!({"burgerservicenummer": number, "geslacht": {"code": "M"}}))
                .collect();
            Reply::json(&json!({"personen": people}))
        }
    };
    let (other, _) = world(people(&[HAI])).await;
    let error = other
        .fetch(LAN, &["population.identity.sex"])
        .await
        .unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryWrongSubject);
    let (mixed, _) = world(people(&[HAI, LAN, AN])).await;
    assert_eq!(
        mixed.json(LAN, &["population.identity.sex"]).await,
        json!({"sex": "male"})
    );
}

#[tokio::test]
async fn a_service_that_knows_questions_only_is_up() {
    let (world, server) = world(brp(json!({}))).await;
    world.adapter.health(&call(1_000)).await.unwrap();
    assert_eq!(server.last().method, "GET");
    let datasets = &world.adapter.descriptor().datasets;
    assert_eq!(datasets.len(), 2);
}

#[test]
fn a_mistake_in_the_example_is_told_with_its_place() {
    let typo = EXAMPLE.replace("persons_member", "person_member");
    let error = toml::from_str::<Config>(&typo).unwrap_err().to_string();
    assert!(
        error.contains("line ") && error.contains("unknown field `person_member`"),
        "{error}"
    );
    let wrong = EXAMPLE.replace("V = \"female\"", "V = \"woman\"");
    let config = toml::from_str(&wrong).unwrap();
    assert_eq!(
        PopulationAdapter::new(config, contract())
            .unwrap_err()
            .to_string(),
        "`datasets.identity.fields.sex.codes.V`: `woman` is none of male, female, other"
    );
    let wrong = EXAMPLE.replace("population.residence", "population.adress");
    let error = PopulationAdapter::new(toml::from_str(&wrong).unwrap(), contract()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`serves`: `population.adress` is not one of"),
        "{error}"
    );
}

#[test]
fn the_page_about_configurations_has_every_setting_and_the_examples_as_they_are() {
    const PAGE: &str = include_str!("../../../../docs/configuring-registries.md");
    assert_example_shown(PAGE, "Population", EXAMPLE);
    assert_settings_documented::<Config>(PAGE, "Population", "");
    assert_settings_documented::<DateNames>(PAGE, "Population", "dates.");
    assert_settings_documented::<Datasets>(PAGE, "Population", "datasets.");
}
