//! All mistakes of a file's form are told at once, in words, with their lines.

use super::*;
use serde::Deserialize;
use toml::Spanned;

const FORM: &[Field] = &[
    required("id", Kind::Text),
    required("basis.kind", Kind::Text),
    required("strict", Kind::Flag),
    required("names", Kind::Texts),
    optional("days", Kind::Number),
];

#[derive(Debug, Deserialize)]
struct Whole {
    id: String,
    names: Vec<Spanned<String>>,
}

fn parsed(text: &str) -> (Option<Whole>, Vec<String>, SourceFile) {
    let file = SourceFile {
        path: "f.toml".to_owned(),
        text: text.to_owned(),
    };
    let mut mistakes = Vec::new();
    let whole = file.parse(FORM, &mut mistakes);
    let told = mistakes.iter().map(ToString::to_string).collect();
    (whole, told, file)
}

const GOOD: &str = "id = \"x\"\nstrict = true\nnames = [\"a\"]\n[basis]\nkind = \"law\"\n";

#[test]
fn a_good_file_has_no_mistakes() {
    let (whole, told, _) = parsed(GOOD);
    assert_eq!(told, Vec::<String>::new());
    assert_eq!(whole.unwrap().id, "x");
}

#[test]
fn missing_unknown_and_wrong_fields_are_told_together() {
    let text = "id = 7\nnames = [\"a\", 1]\ndayz = 3\n[basis]\nkid = \"law\"\n";
    let (whole, told, _) = parsed(text);
    assert!(whole.is_none());
    assert_eq!(
        told,
        [
            "`f.toml`, line 3: there is no field `dayz`; did you mean `days`?",
            "`f.toml`, line 5: there is no field `basis.kid`; did you mean `basis.kind`?",
            "`f.toml`, line 1: `id` must be a text in quotation marks",
            "`f.toml`: the field `strict` is missing; it must be true or false",
            "`f.toml`, line 2: `names` must be a list of texts in square brackets",
        ]
    );
}

#[test]
fn a_text_for_people_says_something() {
    let form = [required("id", Kind::Text), required("title", Kind::Words)];
    let file = |title: &str| SourceFile {
        path: "f.toml".to_owned(),
        text: format!("id = \"\"\ntitle = \"{title}\"\n"),
    };
    let mut mistakes = Vec::new();
    assert!(
        file("Khai sinh")
            .parse::<toml::Table>(&form, &mut mistakes)
            .is_some()
    );
    assert!(mistakes.is_empty(), "{mistakes:?}");
    assert!(
        file(" ")
            .parse::<toml::Table>(&form, &mut mistakes)
            .is_none()
    );
    assert_eq!(
        mistakes[0].to_string(),
        "`f.toml`, line 2: `title` must be a text in quotation marks that is not empty"
    );
}

#[test]
fn what_an_unknown_field_hides_is_read_and_keeps_its_line() {
    let text = format!("\"đặc\" = [\n  \"ệ\",\n]\n{GOOD}");
    let (whole, told, file) = parsed(&text);
    assert_eq!(told, ["`f.toml`, line 1: there is no field `đặc`"]);
    let names = whole.unwrap().names;
    assert_eq!(file.line(&names[0].span()), 6);
}

#[test]
fn every_slip_of_the_syntax_is_told_with_its_line() {
    let (whole, told, _) = parsed("id = \"x\nstrict = yes\n");
    assert!(whole.is_none());
    assert!(told.len() >= 2, "{told:?}");
    assert!(
        told[0].contains("line 1:") && told[1].contains("line 2:"),
        "{told:?}"
    );
}

#[test]
fn an_unknown_section_is_told_once() {
    let (whole, told, _) = parsed(&format!("{GOOD}[quotas]\nburst = 3\n"));
    assert!(whole.is_none());
    assert_eq!(told.len(), 1, "{told:?}");
}
