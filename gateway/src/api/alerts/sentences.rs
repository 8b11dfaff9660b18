//! An alert in sentences: what was seen, from which number on that is told, and what to look at.

use crate::{
    alerts::Listed,
    api::me::{sentence::moment, view::View},
    i18n::texts,
};

/// Tells an alert in three sentences or a few more.
pub(super) fn tell(view: &View<'_>, listed: &Listed) -> Vec<String> {
    let (alert, language) = (&listed.alert, view.language);
    let text = |key: &str, arguments: &[(&str, &str)]| texts().get(language, key, arguments);
    let agency = view.agency(&alert.agency).name;
    let who = match &alert.officer {
        Some(officer) => {
            let arguments = [("officer", officer.as_str()), ("agency", &agency)];
            text("alert-who-officer", &arguments)
        }
        None => {
            let arguments = [("client", alert.client.as_str()), ("agency", &agency)];
            text("alert-who-client", &arguments)
        }
    };
    let (day, time) = moment(&listed.time, language);
    let purpose = alert.purpose.as_deref().map(|id| view.purpose(id).title);
    let attributes: Vec<_> = alert.attribute.iter().cloned().collect();
    let attribute = view.attributes(&attributes).pop();
    let attribute = attribute.map(|attribute| attribute.title);
    let (count, limit) = (alert.count.to_string(), alert.limit.to_string());
    let usual = alert.usual.unwrap_or_default().to_string();
    let window = text(&format!("alert-window-{}", alert.window), &[]);
    let arguments = [
        ("attribute", attribute.as_deref().unwrap_or_default()),
        ("count", &count),
        ("day", &day),
        ("limit", &limit),
        ("purpose", purpose.as_deref().unwrap_or_default()),
        ("rule", &alert.rule),
        ("time", &time),
        ("usual", &usual),
        ("who", &who),
        ("window", &window),
    ];
    let key = key(listed);
    let known = text(&key, &arguments);
    // A rule of a later version has no words here yet.
    let key = if known == key { "alert-other" } else { &key };
    ["", ".limit", ".look"]
        .map(|part| text(&format!("{key}{part}"), &arguments))
        .to_vec()
}

fn key(listed: &Listed) -> String {
    let of_attribute = listed.alert.rule == "first_use" && listed.alert.attribute.is_some();
    let more = if of_attribute { "_attribute" } else { "" };
    format!("alert-{}{more}", listed.alert.rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        alerts::State,
        detectors::{self, tests::policies},
    };
    use motlan_access_log::entry::record::Alert;
    use motlan_schemas::{catalogue::Catalogue, language::Language};

    /// The rules of budgets, which are not in the detectors' list.
    const BUDGETS: [&str; 5] = [
        "subjects",
        "refusals",
        "misses",
        "neighbours",
        "large_scale",
    ];

    fn told(rule: &'static str, attribute: Option<&str>, language: Language) -> Vec<String> {
        let catalogue = Catalogue::national();
        let listed = Listed {
            leaf_index: 7,
            time: "2026-11-21T07:02:00.000Z".to_owned(),
            alert: Alert {
                agency: "ward-ba-dinh".to_owned(),
                attribute: attribute.map(str::to_owned),
                client: "ward-ba-dinh-one-stop".to_owned(),
                count: 37,
                entries: vec![1, 2],
                limit: 37,
                officer: Some("cb-4711".to_owned()),
                purpose: Some("birth-registration".to_owned()),
                rule: rule.into(),
                usual: Some(12),
                window: "day".into(),
            },
            state: State::New,
            reviews: Vec::new(),
        };
        let view = View {
            catalogue: &catalogue,
            policies: policies(),
            language,
        };
        tell(&view, &listed)
    }

    #[test]
    fn an_alert_says_what_was_seen_against_which_number_and_what_is_usual() {
        let sentences = told("volume", None, Language::En);
        assert_eq!(
            sentences[0],
            "Officer cb-4711 of People’s Committee of Ba Đình ward asked about 37 different people \
             or enterprises on 21 November 2026 until 14:02; on a usual day (the median of their \
             last four weeks) it is 12."
        );
        assert_eq!(
            sentences[1],
            "For this officer an alert is raised from 37 a day on."
        );
        let vietnamese = told("one_case", None, Language::Vi);
        assert_eq!(
            vietnamese[0],
            "Cán bộ cb-4711 của Ủy ban nhân dân phường Ba Đình đã hỏi về cá nhân, tổ chức thứ 37 \
             trong cùng một hồ sơ, lúc 14:02 ngày 21/11/2026; các cán bộ của cơ quan được tính \
             chung."
        );
    }

    #[test]
    fn every_rule_has_its_words_in_every_language() {
        let rules: Vec<_> = detectors::RULES.into_iter().chain(BUDGETS).collect();
        for language in Language::ALL {
            let other = told("of-a-later-version", None, language);
            for rule in &rules {
                let attribute = Some("civil_status.birth.place");
                for attribute in [None, attribute.filter(|_| *rule == "first_use")] {
                    let sentences = told(rule, attribute, language);
                    assert_eq!(sentences.len(), 3);
                    assert_ne!(sentences[2], other[2], "{rule}");
                    for sentence in sentences {
                        assert!(!sentence.contains(['{', '}']), "{sentence}");
                        assert!(!sentence.starts_with("alert-"), "{sentence}");
                    }
                }
            }
        }
    }
}
