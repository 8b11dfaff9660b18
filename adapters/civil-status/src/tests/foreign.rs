//! An X-Road service of another country that the adapter has never seen: `examples/x-road-estonia.toml`
//! and a server that answers in the style of Estonia's registers.
//!
//! The numbers of its people have twelve digits here, because a question is about a twelve-digit number.

use super::*;
use motlan_adapter_sdk::testing::{
    Received, Reply, Server, assert_example_shown, assert_names_nobody, assert_settings_documented,
};
use motlan_schemas::answer::RegistryProblem;

const EXAMPLE: &str = include_str!("../../examples/x-road-estonia.toml");

fn example() -> Config {
    let mut config: Config = toml::from_str(EXAMPLE).unwrap();
    config.http.roots_pem_file = None;
    for constant in &mut config.before_subject {
        constant.value = "s3cret".into();
    }
    config
}

/// An adapter by the example, and a service that answers each operation with the body of its `keha`.
async fn world(
    body: impl Fn(&str) -> String + Send + Sync + 'static,
) -> (World<CivilStatusAdapter, url::Url>, Server) {
    world_with(example(), move |request| estonian(request, &body)).await
}

async fn world_with(
    mut config: Config,
    answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> (World<CivilStatusAdapter, url::Url>, Server) {
    let server = Server::start(answer).await;
    let adapter = |url, contract| {
        config.http.base_url = url;
        CivilStatusAdapter::new(config, contract)
    };
    (World::at(server.url.clone(), adapter), server)
}

/// The text between two texts.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

/// A response in ISO-8859-1, its header copied under other prefixes.
fn estonian(request: &Received, body: &impl Fn(&str) -> String) -> Reply {
    let mut text = request.body.clone();
    for place in 0..9 {
        text = text.replace(&format!("n{place}:"), &format!("SOAP{place}:"));
        text = text.replace(&format!("xmlns:n{place}="), &format!("xmlns:SOAP{place}="));
    }
    let operation = between(between(&text, "serviceCode", "/"), ">", "<").to_owned();
    let (head, _) = text.split_once("Body>").unwrap();
    let head = head.replace("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"");
    let envelope = between(&head, "?>\n<", " ").to_owned();
    let prefix = envelope.split(':').next().unwrap();
    let keha = body(&operation);
    let document = format!(
        "{head}Body><rr:{operation}Response xmlns:rr=\"http://rr.x-road.eu/producer\"><rr:keha>{keha}</rr:keha></rr:{operation}Response></{prefix}:Body></{envelope}>"
    );
    let latin1: Vec<u8> = document
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    Reply::new(200, "text/xml", latin1)
}

fn person(number: &str, rest: &str) -> String {
    format!("<rr:isikud><rr:item><rr:isikukood>{number}</rr:isikukood>{rest}</rr:item></rr:isikud>")
}

fn birth(number: &str) -> String {
    person(
        number,
        "<rr:nimed>\
         <rr:item><rr:eesnimi>Õie</rr:eesnimi><rr:perenimi>Mägi</rr:perenimi><rr:algus_kpv>1985-06-12Z</rr:algus_kpv><rr:lopp_kpv>2009-08-01Z</rr:lopp_kpv></rr:item>\
         <rr:item><rr:eesnimi>Õie</rr:eesnimi><rr:perenimi>Saar</rr:perenimi><rr:algus_kpv>2009-08-01Z</rr:algus_kpv></rr:item>\
         </rr:nimed><rr:synnikuup>1985-06-12Z</rr:synnikuup><rr:sugu>N</rr:sugu><rr:kodakondsus>EST</rr:kodakondsus><rr:synnikoht/>",
    )
}

#[tokio::test]
async fn the_example_reads_what_the_service_sends() {
    let (world, server) = world(|_| birth(LAN)).await;
    let expected = json!({"full_name": "Õie Saar", "date": "1985-06-12", "sex": "female", "nationality": "EE"});
    assert_eq!(world.json(LAN, &["civil_status.birth"]).await, expected);
    let body = server.last().body;
    assert!(body.contains("userId>EEcb-4711<"));
    let order = [
        "keha>",
        "kasutajanimi>s3cret",
        "parool>s3cret",
        "isikukood>",
        "keel>est",
    ];
    let places: Vec<_> = order.iter().map(|name| body.find(name).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    for absent in ["representedParty", "purpose", "fields"] {
        assert!(!body.contains(absent), "{absent}");
    }
}

#[tokio::test]
async fn of_a_history_in_line_what_holds_now_counts() {
    let (world, _) = world(|operation| match operation {
        "isikPerekonnaseis" => {
            let status = |code, from, until| format!("<rr:item><rr:isikukood>{LAN}</rr:isikukood><rr:perekonnaseis>{code}</rr:perekonnaseis><rr:algus_kpv>{from}</rr:algus_kpv><rr:lopp_kpv>{until}</rr:lopp_kpv></rr:item>");
            format!("<rr:isikud>{}{}{}</rr:isikud>", status("V", "1985-06-12Z", "2009-08-01Z"), status("A", "2009-08-01Z", "2018-05-13Z"), status("LA", "2018-05-13Z", ""))
        }
        _ => {
            let marriage = |first, from, until| format!("<rr:item><rr:isikukood>{LAN}</rr:isikukood><rr:abikaasa><rr:eesnimi>{first}</rr:eesnimi><rr:perenimi>Saar</rr:perenimi></rr:abikaasa><rr:algus_kpv>{from}</rr:algus_kpv><rr:lopp_kpv>{until}</rr:lopp_kpv></rr:item>");
            format!("<rr:isikud>{}{}</rr:isikud>", marriage("Jaan", "2009-08-01Z", "2018-05-13Z"), marriage("Tõnu", "2020-00-00", ""))
        }
    })
    .await;
    assert_eq!(
        world.json(LAN, &["civil_status.marital_status"]).await,
        json!({"status": "divorced", "since": "2018-05-13"})
    );
    assert_eq!(
        world.json(LAN, &["civil_status.marriages"]).await,
        json!([{"spouse_full_name": "Jaan Saar", "date": "2009-08-01", "ended_on": "2018-05-13"},
               {"spouse_full_name": "Tõnu Saar", "date": "2020"}])
    );
}

#[tokio::test]
async fn a_record_in_the_body_itself_and_an_error_code_beside_it_are_read() {
    let death = |number: &str| {
        format!(
            "<rr:isikukood>{number}</rr:isikukood><rr:Isikusurmakuup>2018-05</rr:Isikusurmakuup><rr:Isikudoknr>S-77</rr:Isikudoknr><rr:veakood>0</rr:veakood><rr:veatekst/>"
        )
    };
    let (world, _) = world(move |_| death(LAN)).await;
    let read = world.read(LAN, &["civil_status.death"]).await.unwrap();
    assert_eq!(
        read,
        json!({"date": "2018-05", "certificate_number": "S-77"})
    );
}

#[tokio::test]
async fn nobody_is_told_in_five_ways_and_none_of_them_is_an_error() {
    for nobody in [
        "<rr:leitud>0</rr:leitud><rr:teade>Isikut ei leitud</rr:teade>",
        "<rr:isikud/>",
        "<rr:veakood>3</rr:veakood><rr:veatekst>x</rr:veatekst>",
        "<faultCode>NotFound</faultCode><faultString>x</faultString>",
        "",
    ] {
        let (world, _) = world(move |_| nobody.to_owned()).await;
        world.assert_absent(NOBODY, &["civil_status.birth"]).await;
    }
}

#[tokio::test]
async fn an_error_is_never_taken_for_nobody() {
    let cases = [
        (
            "<rr:veakood>17</rr:veakood>",
            RegistryProblem::RegistryRefused,
        ),
        (
            "<faultCode>Server.Andmebaas</faultCode><faultString>x</faultString>",
            RegistryProblem::RegistryDown,
        ),
        (
            "<rr:leitud>2</rr:leitud><rr:isikud/>",
            RegistryProblem::RegistryTruncated,
        ),
        (
            "<rr:inimesed><rr:x/></rr:inimesed>",
            RegistryProblem::RegistryMalformed,
        ),
    ];
    for (body, problem) in cases {
        let (world, _) = world(move |_| body.to_owned()).await;
        let error = world.fetch(LAN, &["civil_status.birth"]).await.unwrap_err();
        assert_eq!(error.problem(), problem, "{body}: {error}");
    }
    let (other, _) = world(|_| birth(HAI)).await;
    let error = other.fetch(LAN, &["civil_status.birth"]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryWrongSubject);
    let (short, _) = world(|_| format!("<rr:leitud>2</rr:leitud>{}", birth(LAN))).await;
    let error = short.fetch(LAN, &["civil_status.birth"]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTruncated);
}

#[tokio::test]
async fn a_code_that_the_configuration_does_not_know_and_a_repeated_element_are_named() {
    let (unknown, _) = world(|_| person(LAN, "<rr:sugu>Q7</rr:sugu>")).await;
    let error = unknown
        .fetch(LAN, &["civil_status.birth"])
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`civil_status.birth.sex` is a code"),
        "{error}"
    );
    assert_names_nobody(&error, &["Q7"]);
    let mut config = example();
    config.history = None;
    let twice = |_: &str| person(LAN, "<rr:sugu>N</rr:sugu><rr:sugu>M</rr:sugu>");
    let (repeated, _) = world_with(config, move |request| estonian(request, &twice)).await;
    let error = repeated
        .fetch(LAN, &["civil_status.birth"])
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("comes more than once"),
        "{error}"
    );
}

#[tokio::test]
async fn a_header_of_another_request_is_refused_whatever_its_prefixes() {
    let (world, _) = world_with(example(), |request| {
        let mut other = request.clone();
        other.body = other
            .body
            .replace(&CALL_ID.to_string(), "00000000-0000-0000-0000-000000000000");
        estonian(&other, &|_: &str| birth(LAN))
    })
    .await;
    let error = world.fetch(LAN, &["civil_status.birth"]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryMalformed);
}

#[tokio::test]
async fn a_plain_soap_service_without_x_road_is_reached_and_its_health_is_its_description() {
    let mut config = example();
    config.xroad.enabled = false;
    config.qualified = false;
    let (world, server) = world_with(config, |request| {
        if request.method == "GET" {
            return Reply::new(200, "text/xml", "<definitions/>");
        }
        let body = format!("<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body><isikSyndResponse xmlns=\"http://rr.x-road.eu/producer\"><keha>{}</keha></isikSyndResponse></Body></Envelope>", birth(LAN).replace("rr:", ""));
        Reply::new(200, "text/xml; charset=utf-8", body)
    })
    .await;
    let birth = world.read(LAN, &["civil_status.birth.sex"]).await.unwrap();
    assert_eq!(birth, json!({"sex": "female"}));
    assert!(
        server.last().body.contains("<isikukood>"),
        "elements without a namespace"
    );
    world.adapter.health(&call(1_000)).await.unwrap();
    assert!(server.last().query.contains_key("wsdl"));
    let mut config = example();
    config.xroad.enabled = false;
    let (faulty, _) = world_with(config, |_| {
        let fault = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault><faultcode>e:Client.SchemaValidationError</faultcode></e:Fault></e:Body></e:Envelope>";
        Reply::new(500, "text/xml", fault)
    })
    .await;
    let error = faulty
        .fetch(LAN, &["civil_status.birth"])
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: fault Client.SchemaValidationError"
    );
}

#[test]
fn a_mistake_in_the_example_is_told_with_its_place_or_its_setting() {
    let typo = EXAMPLE.replace("error_element", "error_elements");
    let error = toml::from_str::<Config>(&typo).unwrap_err().to_string();
    assert!(
        error.contains("line ") && error.contains("unknown field `error_elements`"),
        "{error}"
    );
    let mistake = |from: &str, to: &str| {
        let config = toml::from_str(&EXAMPLE.replace(from, to)).unwrap();
        CivilStatusAdapter::new(config, contract())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        mistake("N = \"female\"", "N = \"woman\""),
        "`codes.sex.N`: `woman` is none of male, female, other"
    );
    let record = mistake("death = \"keha\"", "deaths = \"keha\"");
    assert!(
        record.starts_with("`record_elements.deaths`: is no dataset; there are birth,"),
        "{record}"
    );
    let secret = mistake("RR_PASSWORD", "MOTLAN_NO_SUCH_VARIABLE");
    assert!(secret.starts_with("`before_subject.parool`:"), "{secret}");
}

#[test]
fn the_page_about_configurations_has_every_setting_and_the_examples_as_they_are() {
    const PAGE: &str = include_str!("../../../../docs/configuring-registries.md");
    assert_example_shown(PAGE, "Civil status", EXAMPLE);
    assert_settings_documented::<Config>(PAGE, "Civil status", "");
    assert_settings_documented::<Operations>(PAGE, "Civil status", "operations.");
}
