//! What docs/adding-an-adapter.md says to type is typed here, in its order, and must print what the
//! page shows. A block of `text` behind one of `sh` is what that prints; `…` stands for anything.
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{demo::Home, program};
use std::{env, fmt::Write as _, path::Path, process::Command};

const PAGE: &str = include_str!("../../docs/adding-an-adapter.md");

/// Something to type, and what it prints where the page says so.
struct Step {
    line: usize,
    typed: String,
    printed: Option<String>,
}

#[test]
fn the_half_hour_goes_as_it_is_written() {
    let home = Home::default();
    let steps = steps(PAGE);
    assert!(steps.len() >= 8, "the page has {} steps", steps.len());
    for Step {
        line,
        typed,
        printed,
    } in steps
    {
        let (ended_well, said) = type_in(home.path(), &typed);
        match printed {
            Some(printed) => assert!(
                is_like(&said, &printed),
                "line {line}:\n{typed}\nshould print:\n{printed}\nand prints:\n{said}"
            ),
            None => assert!(ended_well, "line {line}:\n{typed}\nfails:\n{said}"),
        }
    }
}

/// The blocks of the page that are typed, each with the block behind it.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut block: Option<(usize, &str, String)> = None;
    let mut follows = false;
    for (line, text) in (1..).zip(page.lines()) {
        match (&mut block, text.strip_prefix("```")) {
            (None, Some(kind)) => block = Some((line, kind, String::new())),
            (None, None) => {}
            (Some((.., content)), None) => writeln!(content, "{text}").unwrap(),
            (Some(_), Some(_)) => {
                let (line, kind, content) = block.take().unwrap();
                match (kind, steps.last_mut().filter(|_| follows)) {
                    ("text", Some(last)) => last.printed = Some(content),
                    ("sh", _) => steps.push(Step {
                        line,
                        typed: content,
                        printed: None,
                    }),
                    _ => {}
                }
                follows = kind == "sh";
            }
        }
    }
    steps
}

/// Runs what is typed in a shell that finds the program; both outputs together, as a terminal has them.
fn type_in(directory: &Path, typed: &str) -> (bool, String) {
    let programs = program::path().parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs].into_iter().chain(env::split_paths(&path))).unwrap();
    let said = Command::new("sh")
        .args(["-e", "-c", &format!("exec 2>&1\n{typed}")])
        .current_dir(directory)
        .env("PATH", path)
        .env_remove("MOTLAN_LANG")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    (said.status.success(), text)
}

/// Whether a text is as the page shows it. Ends of lines have no spaces on the page.
fn is_like(said: &str, shown: &str) -> bool {
    let trimmed = |text: &str| {
        let lines = text.trim().lines().map(str::trim_end);
        lines.collect::<Vec<_>>().join("\n")
    };
    let (said, shown) = (trimmed(said), trimmed(shown));
    let parts: Vec<&str> = shown.split('…').collect();
    let [first, between @ .., last] = parts.as_slice() else {
        return said == shown;
    };
    let Some(mut rest) = said.strip_prefix(first) else {
        return false;
    };
    for part in between {
        let Some((_, behind)) = rest.split_once(part) else {
            return false;
        };
        rest = behind;
    }
    rest.ends_with(last)
}

#[test]
fn a_page_is_compared_word_by_word() {
    assert!(is_like("a\nb 17 c \n", "a\nb … c"));
    assert!(is_like("one\ntwo\nthree", "…\nthree"));
    assert!(!is_like("a b d", "a … c"));
    assert!(!is_like("a b", "a"));
    let steps = steps("```sh\na\n```\nwords\n```text\nb\n```\n```sh\nc\n```\n```toml\nd\n```\n");
    let printed: Vec<_> = steps.iter().map(|step| step.printed.as_deref()).collect();
    assert_eq!(printed, [Some("b\n"), None]);
}
