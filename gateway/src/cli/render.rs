//! Answers, explanations and problems as people read them in a terminal.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use super::style::{ACCENT, BAD, GOOD, QUIET, TITLE, WARNING, paint};
use crate::i18n::texts;
use comfy_table::{ContentArrangement, Table, presets};
use motlan_schemas::{
    catalogue::{Attribute, Catalogue, Dataset},
    codes::CodeList,
    language::Language,
};
use serde_json::{Map, Value};

/// An answer: one block a dataset, then what was denied and why, then the receipt.
pub(super) fn answer(answer: &Value, catalogue: &Catalogue, language: Language) -> String {
    let mut blocks = Vec::new();
    for (name, dataset) in members(&answer["datasets"]) {
        blocks.push(block(name, dataset, catalogue, language));
    }
    for denial in items(&answer["denied"]) {
        blocks.push(denied(denial));
    }
    let receipt = &answer["receipt"];
    if !receipt.is_null() {
        let index = receipt["leaf_index"].to_string();
        let arguments = [("index", index.as_str()), ("log", text(&receipt["log"]))];
        blocks.push(paint(
            QUIET,
            &texts().get(language, "answer-logged", &arguments),
        ));
    }
    blocks.join("\n")
}

/// A dry run: the attributes under the rule that decided them.
pub(super) fn explanation(explanation: &Value) -> String {
    // One block for each rule with the same word on it: a long remedy is told once.
    let mut blocks: Vec<(bool, &str, &str, Vec<&str>)> = Vec::new();
    for attribute in items(&explanation["attributes"]) {
        let permitted = attribute["verdict"] == "permit";
        let rule = text(&attribute["rule"]);
        let basis = &attribute["basis"]["reference"];
        let why = text(if permitted {
            basis
        } else {
            &attribute["remedy"]
        });
        let name = text(&attribute["attribute"]);
        match blocks
            .iter_mut()
            .find(|(p, r, w, _)| (*p, *r, *w) == (permitted, rule, why))
        {
            Some((.., names)) => names.push(name),
            None => blocks.push((permitted, rule, why, vec![name])),
        }
    }
    let asked = items(&explanation["would_ask"]).map(would_ask);
    let asked: Vec<_> = asked.collect();
    let told = blocks.into_iter().map(|(permitted, rule, why, names)| {
        let mark = if permitted {
            paint(GOOD, "✓")
        } else {
            paint(BAD, "✗")
        };
        let names = names.join("\n    ");
        format!(
            "{mark} {} {}\n    {names}",
            paint(TITLE, rule),
            paint(QUIET, why)
        )
    });
    told.chain(asked).collect::<Vec<_>>().join("\n")
}

/// Whom a dataset would be asked of.
fn would_ask(asked: &Value) -> String {
    let mut at = listed(items(&asked["registries"]));
    let nowhere = listed(items(&asked["provinces_without_registry"]));
    if !nowhere.is_empty() {
        at = format!("{at} (no registry: {nowhere})");
    }
    let dataset = text(&asked["dataset"]);
    format!("→ {} {}", paint(TITLE, dataset), paint(QUIET, &at))
}

/// A problem document, with everything it says about mending it.
pub(super) fn problem(problem: &Value) -> String {
    let mut lines = vec![
        format!(
            "{} {}",
            paint(BAD, "✗"),
            paint(TITLE, text(&problem["title"]))
        ),
        format!("  {}", text(&problem["detail"])),
    ];
    for error in items(&problem["errors"]) {
        let place = paint(ACCENT, text(&error["pointer"]));
        lines.push(format!("  {place}: {}", text(&error["detail"])));
    }
    lines.extend(items(&problem["denied"]).map(denied));
    for (name, dataset) in members(&problem["datasets"]) {
        lines.push(format!("  {name}: {}", text(&dataset["problem"]["code"])));
    }
    let about = format!(
        "{} · {}",
        text(&problem["code"]),
        text(&problem["request_id"])
    );
    lines.push(paint(QUIET, &format!("  {about}")));
    lines.join("\n")
}

fn block(name: &str, answer: &Value, catalogue: &Catalogue, language: Language) -> String {
    let Some(dataset) = catalogue.dataset_named(name) else {
        return name.to_owned();
    };
    let status = text(&answer["status"]);
    let missing = missing(answer, language);
    let mark = match status {
        "ok" if missing.is_empty() => paint(GOOD, "✓"),
        "not_found" => paint(WARNING, "○"),
        "denied" => paint(BAD, "✗"),
        _ => paint(WARNING, "!"),
    };
    let title = paint(TITLE, dataset.title.get(language));
    let source = paint(QUIET, &source(answer, language));
    let mut lines = vec![format!("{mark} {title}  {source}")];
    lines.extend(missing.iter().map(|missing| format!("   {missing}")));
    let records: Vec<_> = match &answer["data"] {
        Value::Object(record) => vec![record],
        Value::Array(records) => records.iter().filter_map(Value::as_object).collect(),
        _ => Vec::new(),
    };
    if !records.is_empty() {
        lines.push(indented(&table(&records, dataset, language)));
    }
    lines.join("\n")
}

/// One record stands upright; a list has a row for each.
fn table(records: &[&Map<String, Value>], dataset: &Dataset, language: Language) -> String {
    let mut table = new_table();
    let present = |attribute: &&Attribute| {
        records
            .iter()
            .any(|r| r.contains_key(attribute.name.as_ref()))
    };
    let columns: Vec<_> = dataset.attributes.iter().filter(present).collect();
    let cell = |record: &Map<String, Value>, attribute: &Attribute| {
        let value = record.get(attribute.name.as_ref()).unwrap_or(&Value::Null);
        readable(value, attribute.code_list.as_deref(), language)
    };
    if let [record] = records {
        for attribute in columns {
            table.add_row([
                attribute.title.get(language).to_owned(),
                cell(record, attribute),
            ]);
        }
    } else {
        table.set_header(columns.iter().map(|a| a.title.get(language)));
        for record in records {
            table.add_row(columns.iter().map(|attribute| cell(record, attribute)));
        }
    }
    table.to_string()
}

fn source(answer: &Value, language: Language) -> String {
    let age = answer["age_seconds"]
        .as_u64()
        .unwrap_or_default()
        .to_string();
    let several = items(&answer["registries"]).filter(|one| one["problem"].is_null());
    let several = listed(several.map(|one| &one["registry"]));
    let registry = match text(&answer["registry"]) {
        "" => several.as_str(),
        one => one,
    };
    let arguments = [("registry", registry), ("age", age.as_str())];
    let say = |key: &str| texts().get(language, key, &arguments);
    match (text(&answer["status"]), text(&answer["served_from"])) {
        ("ok", "cache") if answer["stale"] == true => say("answer-from-cache-stale"),
        ("ok", "cache") => say("answer-from-cache"),
        ("ok", _) => say("answer-asked-now"),
        ("not_found", _) => say("answer-nothing"),
        ("unavailable", _) => text(&answer["problem"]["code"]).to_owned(),
        (other, _) => other.to_owned(),
    }
}

/// Which of several registries gave nothing, and why: one line each.
fn missing(answer: &Value, language: Language) -> Vec<String> {
    let failed = items(&answer["registries"]).filter(|one| !one["problem"].is_null());
    let told = failed.map(|one| {
        let provinces = listed(items(&one["provinces"]));
        let arguments = [
            ("registry", text(&one["registry"])),
            ("problem", text(&one["problem"]["code"])),
            ("provinces", provinces.as_str()),
        ];
        let key = match one["registry"].is_null() {
            true => "answer-unserved",
            false => "answer-missing",
        };
        paint(WARNING, &texts().get(language, key, &arguments))
    });
    told.collect()
}

fn denied(denial: &Value) -> String {
    format!(
        "{} {} {}\n    {}",
        paint(BAD, "✗"),
        paint(TITLE, text(&denial["attribute"])),
        paint(
            QUIET,
            &format!(
                "{} · rule {}",
                text(&denial["reason"]),
                text(&denial["rule"])
            )
        ),
        text(&denial["remedy"])
    )
}

/// A value in words: codes by their titles, lists by commas, absence by a dash.
fn readable(value: &Value, code_list: Option<&str>, language: Language) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(true) => texts().plain(language, "answer-yes"),
        Value::Bool(false) => texts().plain(language, "answer-no"),
        Value::String(code) => code_list
            .and_then(CodeList::named)
            .and_then(|list| list.lookup(code))
            .map_or_else(|| code.clone(), |entry| entry.title(language).to_owned()),
        Value::Number(number) => grouped(number),
        Value::Array(values) => {
            let words: Vec<_> = values.iter().map(|v| readable(v, None, language)).collect();
            words.join("; ")
        }
        Value::Object(members) => {
            let words: Vec<_> = members
                .values()
                .map(|v| readable(v, None, language))
                .collect();
            words.join(" ")
        }
    }
}

/// Digits in groups of three from ten thousand on.
fn grouped(number: &serde_json::Number) -> String {
    let Some(whole) = number.as_u64().filter(|whole| *whole >= 10_000) else {
        return number.to_string();
    };
    let digits = whole.to_string();
    let groups: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    groups.join(" ")
}

fn new_table() -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(TABLE_WIDTH);
    }
    table
}

/// Where the terminal does not say how wide it is.
const TABLE_WIDTH: u16 = 100;

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("   {}", line.trim_end()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn listed<'a>(texts: impl Iterator<Item = &'a Value>) -> String {
    texts.map(text).collect::<Vec<_>>().join(", ")
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_told_in_words_and_a_denial_with_its_way_out() {
        let value = json!({
            "datasets": {
                "population.identity": {"status": "ok", "registry": "population", "served_from": "cache",
                    "age_seconds": 42, "stale": false, "data": {"full_name": "NGUYỄN THỊ LAN", "sex": "female"}},
                "land.parcels": {"status": "unavailable", "problem": {"code": "registry_timeout"}}
            },
            "denied": [{"attribute": "civil_status.marital_status", "reason": "not_in_purpose",
                "rule": "purpose-covers-attribute", "remedy": "Ask under another purpose."}],
            "receipt": {"log": "example/log", "leaf_index": 7}
        });
        let text = answer(&value, &Catalogue::national(), Language::En);
        let plain = anstream::adapter::strip_str(&text).to_string();
        for expected in [
            "NGUYỄN THỊ LAN",
            "from the cache, 42 s old",
            "registry_timeout",
            "Ask under another purpose.",
            "entry 7 of example/log",
        ] {
            assert!(
                plain.contains(expected),
                "{expected} is missing in:\n{plain}"
            );
        }
    }

    #[test]
    fn an_answer_of_several_registries_names_them_and_whoever_is_missing() {
        let value = json!({"datasets": {"land.parcels": {
        "status": "ok", "served_from": "registry", "age_seconds": 0,
        "data": [{"area_m2": 86.4}], "registries": [
            {"registry": "land", "status": "ok"},
            {"registry": "land_west", "status": "not_found"},
            {"registry": "land_south", "status": "unavailable", "problem": {"code": "registry_down"}},
            {"provinces": ["92", "96"], "status": "unavailable", "problem": {"code": "registry_down"}},
        ]}}});
        let text = answer(&value, &Catalogue::national(), Language::En);
        let plain = anstream::adapter::strip_str(&text).to_string();
        for expected in [
            "land, land_west · asked just now",
            "land_south gave no answer (registry_down): records may be missing",
            "no registry serves the provinces 92, 96",
        ] {
            assert!(
                plain.contains(expected),
                "{expected} is missing in:\n{plain}"
            );
        }
        let asked = json!({"would_ask": [{"dataset": "land.parcels", "registries": ["land"],
            "provinces_without_registry": ["92"]}]});
        let plain = anstream::adapter::strip_str(&explanation(&asked)).to_string();
        assert_eq!(plain, "→ land.parcels land (no registry: 92)");
    }

    #[test]
    fn large_numbers_are_grouped_and_small_ones_are_not() {
        assert_eq!(
            readable(&json!(12_500_000), None, Language::Vi),
            "12 500 000"
        );
        assert_eq!(readable(&json!(2016), None, Language::Vi), "2016");
        assert_eq!(readable(&json!(85.5), None, Language::Vi), "85.5");
    }
}
