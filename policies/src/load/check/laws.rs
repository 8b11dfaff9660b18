//! Whatever stands in the files, checking and loading agree on whether they can be used.

use super::*;
use crate::{decide::Policies, load::SourceFile};
use proptest::{prelude::*, sample::Index};
use std::sync::LazyLock;

/// A few of the national files, so that one case is quick.
fn small() -> &'static PolicyFiles {
    static SMALL: LazyLock<PolicyFiles> = LazyLock::new(|| {
        let mut files = PolicyFiles::embedded();
        let kept = ["student-loan", "voter-list", "hospital-insurance-check"];
        files.purposes.retain(|file| kept.contains(&file.stem()));
        let kept = ["social-policy-bank", "hospital-song-hong"];
        files.agencies.retain(|file| kept.contains(&file.stem()));
        files
    });
    &SMALL
}

/// A slip of the pen: some characters replaced by others.
#[derive(Debug, Clone)]
struct Slip {
    file: Index,
    at: Index,
    length: usize,
    instead: String,
}

fn slip() -> impl Strategy<Value = Slip> {
    let words = prop_oneof![
        Just(String::new()),
        Just("\"".to_owned()),
        Just("]".to_owned()),
        Just("\n".to_owned()),
        Just("true".to_owned()),
        Just("-1".to_owned()),
        Just("[x]\n".to_owned()),
        Just("ệ = 1\n".to_owned()),
        Just("forbid (principal, action, resource);".to_owned()),
        "[a-z_.]{1,6}",
    ];
    (any::<Index>(), any::<Index>(), 0..12_usize, words).prop_map(|(file, at, length, instead)| {
        Slip {
            file,
            at,
            length,
            instead,
        }
    })
}

fn apply(files: &mut PolicyFiles, slip: &Slip) {
    let all = files.purposes.iter_mut().chain(&mut files.agencies);
    let all = all.chain(&mut files.rules).chain([&mut files.rule_schema]);
    let mut all: Vec<&mut SourceFile> = all.collect();
    let index = slip.file.index(all.len());
    let text = &mut all[index].text;
    let characters: Vec<char> = text.chars().collect();
    let at = slip.at.index(characters.len().max(1));
    let rest = characters.iter().skip(at + slip.length);
    *text = characters
        .iter()
        .take(at)
        .chain(slip.instead.chars().collect::<Vec<_>>().iter())
        .chain(rest)
        .collect();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_mistake_is_found_exactly_where_loading_fails(slips in prop::collection::vec(slip(), 1..4)) {
        let mut files = small().clone();
        for slip in &slips {
            apply(&mut files, slip);
        }
        let catalogue = Catalogue::national();
        let findings = check(&files, &catalogue);
        let loaded = Policies::from_files(&files, &catalogue);
        prop_assert_eq!(findings.mistakes.is_empty(), loaded.is_ok(), "{:?}", findings.mistakes);
        for mistake in &findings.mistakes {
            let lines = |file: &&SourceFile| file.text.lines().count() + 1;
            let all = files.purposes.iter().chain(&files.agencies).chain(&files.rules);
            let file = all.chain([&files.rule_schema]).find(|file| file.path == mistake.file());
            prop_assert!(file.is_some(), "{mistake}");
            prop_assert!(mistake.line() <= file.as_ref().map(lines), "{mistake}");
            prop_assert!(!mistake.what().is_empty());
        }
    }
}
