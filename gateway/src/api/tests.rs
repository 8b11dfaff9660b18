//! The router knows exactly the operations that [`ROUTES`] lists.

use super::*;
use std::collections::BTreeSet;

#[test]
fn no_operation_is_listed_twice() {
    let unique: BTreeSet<_> = ROUTES.iter().collect();
    assert_eq!(unique.len(), ROUTES.len());
}

#[test]
fn paths_are_kebab_case_without_trailing_slash() {
    for (_, path) in ROUTES {
        let plain = path
            .replace("{*path}", "")
            .replace("{id}", "id")
            .replace("{query_id}", "id")
            .replace("{leaf_index}", "id");
        assert!(
            plain
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/-.".contains(&b)),
            "{path}"
        );
        assert!(!path.ends_with('/'), "{path}");
    }
}
