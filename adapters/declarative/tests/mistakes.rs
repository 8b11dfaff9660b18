//! What people get wrong in a folder, and what they are told: file, line, column, a fix.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use motlan_declarative::{Files, Folder, MANIFEST, Mistake, Mistakes};
use std::path::Path;

const TAX: &str = include_str!("../registries/tax/adapter.toml");

/// The tax registry's folder with its manifest or another file changed.
fn mistakes(change: impl FnOnce(&mut Files)) -> Vec<Mistake> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("registries/tax");
    let mut files = motlan_declarative::files(&directory).unwrap();
    change(&mut files);
    Folder::compile(Path::new("tax"), &files).map_or_else(|mistakes| mistakes, |_| Vec::new())
}

fn replaced(from: &str, to: &str) -> Vec<Mistake> {
    assert!(TAX.contains(from), "{from}");
    mistakes(|files| {
        files.insert(MANIFEST.to_owned(), TAX.replacen(from, to, 1));
    })
}

/// Line and column of a text in the changed manifest.
fn place(from: &str, to: &str, of: &str) -> (usize, usize) {
    let text = TAX.replacen(from, to, 1);
    let at = text.find(of).unwrap();
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

#[test]
fn each_mistake_is_at_its_place_with_its_fix() {
    // What is replaced, by what, the text at whose place the mistake is, what was wrong, the fix.
    for (from, to, at, what, fix) in [
        (
            "registry = \"tax\"",
            "registy = \"tax\"",
            "registy",
            "`registy`",
            "write `registry`",
        ),
        (
            "environment = \"test\"",
            "environment = \"tset\"",
            "\"tset\"",
            "`tset`",
            "write `test`",
        ),
        (
            "scope = \"tax.read\"",
            "scop = \"tax.read\"",
            "scop =",
            "`scop`",
            "write `scope`",
        ),
        (
            "base_url = \"http",
            "base_url = \"not http",
            "\"not http",
            "",
            "[source]",
        ),
        ("[health]", "[helth]", "helth]", "`helth`", "write `health`"),
        (
            "version = \"1.0.0\"",
            "version = 1",
            "1\nenv",
            "expected a string",
            "[adapter]",
        ),
        (
            "outcome = \"absent\"",
            "outcome = \"abesnt\"",
            "\"abesnt\"",
            "`abesnt`",
            "write `absent`",
        ),
        (
            "when = '.maLoi == \"01\"'",
            "when = '.maLoi = \"01\"'",
            "= \"01\"'",
            "`=` is not allowed",
            "`==`",
        ),
        (
            "year = { jq",
            "yaer = { jq",
            "yaer",
            "no attribute `yaer`",
            "write `year`",
        ),
        (
            "as = \"integer\"",
            "as = \"integr\"",
            "\"integr\"",
            "`integr`",
            "write `integer`",
        ),
        (
            "codes/tax-kind.csv",
            "codes/tax_kind.csv",
            "\"codes/tax_kind.csv\"",
            "no code table",
            "write `codes/tax-kind.csv`",
        ),
        (
            "\"codes/tax-kind.csv\"",
            "\"codes/income-kind.csv\"",
            "\"codes/income-kind.csv\" }\nassessed",
            "cannot be",
            "the schema allows",
        ),
        (
            "\".soDaNop | dong\"",
            "\".soDaNop | dng\"",
            "dng",
            "no filter `dng`",
            "write `dong`",
        ),
        (
            "\".soDaNop | dong\"",
            "\".soDaNop | | dong\"",
            "| dong\", needs = [\"soDaNop\"",
            "expected a filter",
            "jq",
        ),
        (
            "truong = \"{fields}\"",
            "truong = \"{field}\"",
            "{field}",
            "`{field}`",
            "write `{fields}`",
        ),
        (
            "path = \"tax/v1/search\"",
            "path = \"tax/{subject}\"",
            "\"tax/{subject}\"",
            "ends in logs",
            "body",
        ),
        (
            "path = \"tax/v1/search\"\n",
            "",
            "[datasets.\"tax.registration\".request]",
            "has no `path`",
            "add `path`",
        ),
        (
            "maSoThue = \"{subject}\", ",
            "",
            "[datasets.\"tax.registration\".request]",
            "whom it is about",
            "{subject}",
        ),
        (
            "needs = [\"soDaNop\"] ",
            "",
            "paid_vnd",
            "which field",
            "needs",
        ),
        (
            "paging = { cursor = \".conTro\", json",
            "paging = { json",
            "{ json = { conTro",
            "exactly one way",
            "cursor",
        ),
        (
            "[datasets.\"tax.income\"]",
            "[datasets.\"tax.incom\"]",
            "\"tax.incom\"",
            "no dataset `tax.incom`",
            "write `tax.income`",
        ),
        (
            "elif test(\"^-?",
            "elif test(\"^(-?",
            "test(\"^(",
            "regular expression",
            "quotes",
        ),
        (
            "    else error(\"not an amount\")\n",
            "    else env\n",
            "env\n    end",
            "`env` is not allowed",
            "machine",
        ),
        (
            "def dong:\n",
            "def dong: dong |\n",
            "dong: dong",
            "calls itself",
            "without recursion",
        ),
        (
            "subject = { jq = \".maSoThue\", needs = [\"maSoThue\"] }\n",
            "",
            "[datasets.\"tax.registration\"]",
            "has no `subject`",
            "add `subject`",
        ),
    ] {
        let found = replaced(from, to);
        let all = Mistakes(found.clone()).to_string();
        let mistake = found.iter().find(|mistake| mistake.expected.contains(what));
        let mistake = mistake.unwrap_or_else(|| panic!("{to}: nothing like it was found:\n{all}"));
        assert_eq!(
            (mistake.line, mistake.column),
            place(from, to, at),
            "{to}:\n{all}"
        );
        assert!(mistake.fix.contains(fix), "{to}:\n{all}");
        assert_eq!(mistake.file, Path::new("tax/adapter.toml"));
    }
}

#[test]
fn all_mistakes_of_a_folder_are_told_at_once() {
    let found = mistakes(|files| {
        let text = TAX
            .replacen("version = \"1.0.0\"", "version = 1", 1)
            .replacen("as = \"integer\"", "as = \"intger\"", 1)
            .replacen("\".hanNop\"", "\".hanNop | foo\"", 1)
            .replacen("tenCoQuanThue\"]", "tenCoQuanThue\"], wants = 1", 1);
        files.insert(MANIFEST.to_owned(), text);
        files.insert(
            "codes/income-kind.csv".to_owned(),
            "source,target\nA,wages\nA,wages\n".to_owned(),
        );
    });
    let told = Mistakes(found).to_string();
    for says in [
        "expected a string",
        "`intger`",
        "no filter `foo`",
        "`wants`",
        "earlier row",
    ] {
        assert!(told.contains(says), "{says}:\n{told}");
    }
}

#[test]
fn text_that_is_no_toml_has_its_place() {
    let found = replaced("path = \"tax/v1/search\"", "path = tax/v1/search");
    assert_eq!(
        found[0].line,
        place(
            "path = \"tax/v1/search\"",
            "path = tax/v1/search",
            "= tax/v1"
        )
        .0
    );
}

#[test]
fn a_folder_without_manifest_or_with_a_broken_schema_is_refused() {
    let found = mistakes(|files| {
        files.remove(MANIFEST);
    });
    assert!(found[0].expected.contains("without its manifest"));
    let found = mistakes(|files| {
        files.insert(
            "datasets/tax.refunds.json".to_owned(),
            "{\n  \"x-title\": 5\n}".to_owned(),
        );
    });
    assert_eq!(
        (found[0].file.as_path(), found[0].line),
        (Path::new("tax/datasets/tax.refunds.json"), 2)
    );
    let found = mistakes(|files| {
        files.insert("datasets/tax.income.json".to_owned(), "{}".to_owned());
    });
    assert!(
        found[0].expected.contains("another schema"),
        "{}",
        Mistakes(found)
    );
}

#[test]
fn the_printed_mistake_shows_the_line() {
    let found = replaced("\".soDaNop | dong\"", "\".soDaNop | ascii_downcas\"");
    let (line, column) = place(
        "\".soDaNop | dong\"",
        "\".soDaNop | ascii_downcas\"",
        "ascii_downcas",
    );
    let expected = format!(
        "tax/adapter.toml:{line}:{column}: there is no filter `ascii_downcas`\n{line:>5} | paid_vnd = {{ jq = \".soDaNop | ascii_downcas\", needs = [\"soDaNop\"] }}\n      | {}^^^^^^^^^^^^^\n  fix: write `ascii_downcase`",
        " ".repeat(column - 1)
    );
    assert_eq!(found[0].to_string(), expected);
}
