//! Responses that say that there is nothing, and responses that only look so.

use super::*;
use motlan_adapter_sdk::xml::parse;

fn response(change: impl FnOnce(&mut Config)) -> Response {
    let mut config = Config::new("https://registry.example".parse().unwrap());
    change(&mut config);
    Response::new(&config)
}

fn records(response: &Response, document: &str) -> Result<usize, AdapterError> {
    let root = parse(document.as_bytes(), None).unwrap();
    response
        .records(&root, "keha/isikud/item")
        .map(|all| all.len())
}

#[test]
fn a_wrong_way_to_the_records_is_never_taken_for_nobody() {
    let plain = response(|config| config.request_element = "keha".to_owned());
    let count = |document| records(&plain, document);
    assert_eq!(
        count("<r><keha><isikud><item/><item/></isikud></keha></r>").unwrap(),
        2
    );
    assert_eq!(count("<r/>").unwrap(), 0);
    assert_eq!(
        count("<r><request><x/></request><keha><isikud/></keha></r>").unwrap(),
        0
    );
    let error = count("<r><keha><isikud><isik/></isikud></keha></r>").unwrap_err();
    assert!(error.to_string().contains("without `item`"), "{error}");
    assert!(count("<r><body><x/></body></r>").is_err());
    let told = response(|config| config.notice_elements = vec!["teade".to_owned()]);
    assert_eq!(
        records(&told, "<r><keha><teade>Ei leitud</teade></keha></r>").unwrap(),
        0
    );
    assert!(records(&plain, "<r><keha><teade>Ei leitud</teade></keha></r>").is_err());
}

#[test]
fn a_total_is_believed_when_it_is_zero_or_more_than_came() {
    let counting = response(|config| config.total_element = "keha/leitud".to_owned());
    let count = |document| records(&counting, document);
    assert_eq!(
        count("<r><keha><leitud>0</leitud><teade>x</teade></keha></r>").unwrap(),
        0
    );
    let short = "<r><keha><leitud>3</leitud><isikud><item/></isikud></keha></r>";
    assert!(matches!(count(short), Err(AdapterError::Truncated { .. })));
    assert!(count("<r><keha><leitud>palju</leitud></keha></r>").is_err());
}

#[test]
fn an_error_code_in_an_element_is_an_error_or_nobody() {
    let coded = response(|config| {
        config.error_element = "Veakood".to_owned();
        config.not_found_codes = vec!["3".to_owned()];
    });
    assert_eq!(records(&coded, "<r><Veakood>3</Veakood></r>").unwrap(), 0);
    assert_eq!(records(&coded, "<r><Veakood>0</Veakood></r>").unwrap(), 0);
    let error = records(&coded, "<r><Veakood>17</Veakood></r>").unwrap_err();
    assert_eq!(error.to_string(), "the registry refused: error 17");
}

#[test]
fn of_repeated_elements_the_one_that_holds_counts() {
    let history = History {
        from: "a".to_owned(),
        until: "l".to_owned(),
    };
    let which = |document: &str| {
        let root = parse(document.as_bytes(), None).unwrap();
        let all: Vec<_> = root.children_named("i").collect();
        let found = current(&all, &history).unwrap();
        found.and_then(|element| at(element, "n")?.value().map(str::to_owned))
    };
    let (old, open) = (
        "<i><a>1990-01-01Z</a><l>2001-02-03Z</l><n>1</n></i>",
        "<i><a>2001-02-03Z</a><l/><n>2</n></i>",
    );
    assert_eq!(which(&format!("<r>{old}{open}</r>")).as_deref(), Some("2"));
    assert_eq!(
        which(&format!("<r>{open}<i><a>1999</a><n>3</n></i></r>")).as_deref(),
        Some("2")
    );
    assert_eq!(which(&format!("<r>{old}{old}</r>")), None);
}
