//! Mappings run, are refused, and end.

use super::*;
use crate::{codes::CodeTable, source::Source};
use serde_json::{Value, json};

fn tables() -> CodeTables {
    let source = Source::new("codes/status.csv", "source,target\n00,active\n");
    let table = CodeTable::read(&source, &mut Vec::new()).unwrap();
    CodeTables::from([("codes/status.csv".to_owned(), table)])
}

fn run(code: &str, input: Value) -> Result<Value, Failure> {
    let codes = tables();
    let jq = Jq::compile(code, &codes).unwrap_or_else(|faults| panic!("{code}: {faults:?}"));
    let subject = Val::text("001185012345");
    let outputs = jq.run(
        Val::from(input),
        Surroundings {
            codes: &codes,
            subject: &subject,
        },
    )?;
    Ok(outputs.iter().map(Val::to_json).collect())
}

fn faults(code: &str) -> Vec<Fault> {
    Jq::compile(code, &tables()).expect_err(code)
}

#[test]
fn mappings_read_what_registries_write() {
    let record = json!({
        "ten": " Nguye\u{302}\u{303}n ", "ngay": "00/05/1963", "so": "12,5", "co": "Có", "ma": "00",
        "ds": {"a": 1}, "trong": "", "gio": "2020-12-31T17:00:00Z", "nguoi": ["001185012345", "x"],
    });
    for (code, expected) in [
        (".ten | text", json!(["Nguyễn"])),
        (".ngay | date", json!(["1963-05"])),
        (".gio | day", json!(["2021-01-01"])),
        (".so | number", json!([12.5])),
        (".co | flag", json!([true])),
        (
            ".trong | date, number, flag, integer",
            json!([null, null, null, null]),
        ),
        (".ma | code(\"codes/status.csv\")", json!(["active"])),
        (".khong | code(\"codes/status.csv\")", json!([null])),
        ("[.ds | items | .a]", json!([[1]])),
        ("[.khong | items]", json!([[]])),
        (".nguoi | any(. == $subject)", json!([true])),
        (
            ".nguoi | map(select(. != $subject)) | join(\"-\")",
            json!(["x"]),
        ),
        (
            ".ngay | capture(\"(?<m>\\\\d+)/(?<y>\\\\d{4})$\") | .y",
            json!(["1963"]),
        ),
        (".ngay | gsub(\"/\"; \".\")", json!(["00.05.1963"])),
        (".ngay / \"/\" | .[2]", json!(["1963"])),
        (".ds | map_values(. + 1)", json!([{"a": 2}])),
        ("\"\\(.ma)-\\(.ds.a)\"", json!(["00-1"])),
        ("reduce (1, 2, 3) as $x (0; . + $x)", json!([6])),
        (".ngay[-4:]", json!(["1963"])),
        ("6 / 4, 6 / 3, 7 % 2", json!([1.5, 2, 1])),
        ("def twice(f): f | f; 1 | twice(. * 3)", json!([9])),
        ("[.nguoi[] as $n | $n | length]", json!([[12, 1]])),
        (
            "[.x, .y] | map(values) | first // \"none\"",
            json!(["none"]),
        ),
    ] {
        assert_eq!(run(code, record.clone()), Ok(expected), "{code}");
    }
}

#[test]
fn failures_tell_what_was_expected_and_no_value() {
    let complaint = |text: &str| Err(Failure::Failed(Some(text.to_owned())));
    assert_eq!(
        run(".a | date", json!({"a": "LAN"})),
        complaint("is not a date")
    );
    let unknown = complaint("is a code that `codes/status.csv` does not have");
    assert_eq!(
        run(".a | code(\"codes/status.csv\")", json!({"a": "77"})),
        unknown
    );
    assert_eq!(run(".a.b", json!({"a": "LAN"})), Err(Failure::Failed(None)));
    assert_eq!(
        run("error(.a)", json!({"a": "LAN"})),
        Err(Failure::Failed(None))
    );
    assert_eq!(
        run("try (.a | date) catch \"x\"", json!({"a": "LAN"})),
        Ok(json!(["x"]))
    );
}

#[test]
fn no_mapping_runs_without_end() {
    let doubling = format!("[{}]", vec!["(., .)"; 30].join(" | "));
    for code in [
        doubling.as_str(),
        &format!("first({} | select(false))", vec!["(., .)"; 30].join(" | ")),
        "reduce range(1000000000) as $i (0; . + $i)",
        "try (reduce range(1000000000) as $i (0; . + $i)) catch 1",
        "reduce range(60) as $i (\"aaaaaaaa\"; . + .)",
        "reduce range(60) as $i ([1]; . + .)",
        "reduce range(100000) as $i (0; [.])",
        "reduce range(60) as $i (0; [., .]) | tostring",
        "[range(1000)] | [.[] as $a | .[] as $b | .[] as $c | 1]",
        "range(100000)",
        "[limit(100000000; range(1000000000))] | length",
        "first(range(10; 1000000000) | select(. < 0))",
    ] {
        assert_eq!(run(code, json!(1)), Err(Failure::TooMuch), "{code}");
    }
}

#[test]
fn what_mappings_may_not_do_is_refused_at_its_place() {
    for (code, at, fix) in [
        (".a | env", "env", "machine"),
        ("$ENV.HOME", "$ENV", "machine"),
        ("input", "input", "one input"),
        ("debug", "debug", "print"),
        ("halt", "halt", "print"),
        ("now", "now", "`date`"),
        ("[..]", "..", "recursion"),
        ("recurse", "recurse", "recursion"),
        ("[.[] | recurse(.a)]", "recurse", "recursion"),
        ("1 | until(. > 3; . + 1)", "until", "recursion"),
        ("def f: f; f", "f: f; f", "recursion"),
        ("def f(g): def h: f(g); h; f(.)", "f(g)", "recursion"),
        (".a |= 1", "|=", "updates"),
        (".a = 1", "=", "updates"),
        ("\"\\(.a += 1)\"", "+=", "updates"),
        ("del(.a)", "del", "updates"),
        (".a | test(.b)", "test", "quotes"),
        (".a | test(\"(\")", "test", "quotes"),
        (
            "code(\"codes/stat.csv\")",
            "code",
            "write `codes/status.csv`",
        ),
        ("code(.a)", "code", "codes/status.csv"),
        (
            ".ten | asci_downcase",
            "asci_downcase",
            "write `ascii_downcase`",
        ),
        ("soDinhDanh", "soDinhDanh", "write `.soDinhDanh`"),
        ("$so", "$so", "`$subject`"),
        ("date(1)", "date", "`date`"),
        ("import \"a\" as a; .", "\"a\"", "complete"),
        (".a | ", "", "complete"),
        (".a | (.b", "", "close"),
        ("if .a then 1", "", "complete"),
        ("\"\\q\"", "q\"", "close"),
        (".a ~ 1", "~ 1", "close"),
    ] {
        let found = faults(code);
        let fault = &found[0];
        let expected = if at.is_empty() {
            code.len()
        } else {
            code.find(at).unwrap()
        };
        assert_eq!(fault.place.start, expected, "{code}: {found:?}");
        assert!(fault.fix.contains(fix), "{code}: {found:?}");
    }
}

#[test]
fn all_undefined_names_are_told_at_once() {
    assert_eq!(faults("[foo1, bar2, ..]").len(), 3);
}

#[test]
fn the_longest_and_deepest_mappings_do_not_overflow_the_stack() {
    let pipes = vec![".a"; 65].join("|");
    let minuses = format!("{}1", "-".repeat(198));
    let tries = format!("{}1", "try ".repeat(198));
    for code in [
        &pipes,
        &minuses,
        &tries,
        &"-".repeat(3990),
        &"[".repeat(3000),
    ] {
        let _ = Jq::compile(code, &tables()).map(|jq| {
            jq.run(
                Val::Null,
                Surroundings {
                    codes: &tables(),
                    subject: &Val::Null,
                },
            )
        });
    }
}
