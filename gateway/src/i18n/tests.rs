//! The languages agree with each other and with the vocabulary.

use super::{vocabulary::*, *};
use fluent_syntax::{ast, parser};
use motlan_schemas::{
    answer::{DatasetStatus, DenialReason, RegistryProblem},
    catalogue::Catalogue,
    problem::ProblemCode,
    query::{Query, QueryError},
};
use std::collections::{BTreeMap, BTreeSet};

/// The arguments of every key of a language.
fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for source in sources(language) {
        let file = parser::parse(*source).expect("a Fluent file without errors");
        for entry in file.body {
            let ast::Entry::Message(message) = entry else {
                continue;
            };
            let id = message.id.name;
            let mut add = |key: String, pattern: &ast::Pattern<&str>| {
                let mut names = BTreeSet::new();
                arguments(pattern, &mut names);
                assert!(
                    keys.insert(key.clone(), names).is_none(),
                    "{key} stands twice"
                );
            };
            if let Some(pattern) = &message.value {
                add(id.to_owned(), pattern);
            }
            for attribute in &message.attributes {
                add(format!("{id}.{}", attribute.id.name), &attribute.value);
            }
        }
    }
    keys
}

fn arguments(pattern: &ast::Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let ast::PatternElement::Placeable { expression } = element else {
            continue;
        };
        let inline = match expression {
            ast::Expression::Inline(inline) => inline,
            ast::Expression::Select { selector, variants } => {
                variants
                    .iter()
                    .for_each(|variant| arguments(&variant.value, names));
                selector
            }
        };
        if let ast::InlineExpression::VariableReference { id } = inline {
            names.insert(id.name.to_owned());
        }
    }
}

#[test]
fn every_language_has_the_same_keys_with_the_same_arguments() {
    let english = keys(Language::En);
    assert_eq!(english, keys(Language::Vi));
    assert_eq!(english, keys(Language::Fr));
}

#[test]
fn every_word_of_the_vocabulary_has_its_texts() {
    let mut wanted = Vec::new();
    for code in ProblemCode::ALL {
        let key = format!("problem-{}", code.as_str());
        wanted.extend([".detail", ".cause", ".remedy", ""].map(|part| format!("{key}{part}")));
    }
    for reason in DenialReason::ALL {
        let key = format!("denial-{}", reason.as_str());
        wanted.extend([format!("{key}.remedy"), key]);
    }
    let english = keys(Language::En);
    for key in wanted {
        assert!(english.contains_key(&key), "{key}");
    }
    for language in Language::ALL {
        assert_ne!(
            dataset_status(language, DatasetStatus::NotFound),
            "status-not_found"
        );
        let problem = RegistryProblem::RegistryTruncated;
        assert_ne!(
            registry_problem(language, problem),
            "registry-registry_truncated"
        );
    }
}

#[test]
fn every_mistake_of_a_question_is_told_without_holes() {
    let bodies: [&[u8]; 7] = [
        br#"{"subject": 1, "purpose": 2, "select": 3, "officer": 4, "deadline_ms": 0, "foo": 1}"#,
        br#"{"subject": {"person": "123"}, "purpose": "x", "select": [], "require": "some"}"#,
        br#"{"subject": {"person": "00118501234x"}, "purpose": "a-b", "select": [5, "*", "land"]}"#,
        br#"{"subject": {"person": "999185012345"}, "selekt": ["a.b"], "max_age_seconds": "1"}"#,
        br#"{"subject": {"enterprise": "0100000001"}, "purpose": "a-b",
             "select": ["population.identity.fullname"]}"#,
        br#"{"subject": {"person": "001185012345", "enterprise": "1"}, "case": "", "officer": "\u0007"}"#,
        br#"[]"#,
    ];
    let catalogue = Catalogue::national();
    for body in bodies {
        let Err(QueryError::Invalid(errors)) = Query::parse(body, &catalogue) else {
            panic!("accepted")
        };
        for error in errors {
            for language in Language::ALL {
                let text = mistake(language, &error.mistake);
                let hole = ["{$", "{ $", "mistake-", "expected-"]
                    .iter()
                    .find(|h| text.contains(**h));
                assert_eq!(hole, None, "{text}");
            }
        }
    }
}

#[test]
fn numbers_choose_the_plural_and_other_arguments_are_kept_as_they_are() {
    let count = |n| problem_detail(Language::En, ProblemCode::InvalidQuery, &[("count", n)]);
    assert!(count("1").starts_with("One field"));
    assert!(count("3").starts_with("3 fields"));
    let remedy = denial_remedy(
        Language::Vi,
        DenialReason::NotMandated,
        DenialWords {
            purpose: "Đăng ký thường trú",
            agency: "007",
            contact: "dpo@x.vn",
            rule: "r",
        },
    );
    assert!(remedy.starts_with("007 chưa được đăng ký"), "{remedy}");
    assert!(remedy.contains("“Đăng ký thường trú”"), "{remedy}");
}

#[test]
fn a_key_that_nobody_has_is_shown() {
    assert_eq!(texts().plain(Language::Fr, "no-such.key"), "no-such.key");
}
