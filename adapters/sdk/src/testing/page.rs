//! Whether the page about configurations says what the code reads.

use serde::de::DeserializeOwned;

/// Asserts that the section of a page has a row for every setting of a configuration: a row begins
/// with the setting's name, behind `prefix`.
pub fn assert_settings_documented<T: DeserializeOwned>(page: &str, title: &str, prefix: &str) {
    let section = section(page, title);
    let error = serde_json::from_str::<T>(r#"{"?": 0}"#).err().unwrap();
    let error = error.to_string();
    let (_, settings) = error.split_once("expected ").unwrap();
    // Every second part between backquotes is a name.
    let names: Vec<_> = settings.split('`').skip(1).step_by(2).collect();
    assert!(!names.is_empty(), "{error}");
    for name in names {
        let setting = format!("`{prefix}{name}`");
        let rows = section.lines().filter(|line| line.starts_with("| "));
        let mut first_cells = rows.filter_map(|row| row.split('|').nth(1));
        assert!(
            first_cells.any(|cell| cell.contains(&setting)),
            "{title} has no row for {setting}"
        );
    }
}

/// Asserts that the section of a page shows an example as it is.
pub fn assert_example_shown(page: &str, title: &str, example: &str) {
    let shown = format!("```toml\n{example}```\n");
    assert!(
        section(page, title).contains(&shown),
        "{title}: {example:.60}"
    );
}

fn section<'p>(page: &'p str, title: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("\n## {title}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}
