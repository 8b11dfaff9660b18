//! From an element tree to a document.

use super::Element;
use quick_xml::escape::escape;
use std::collections::BTreeMap;

/// Every namespace is declared once, on the root, with a prefix of its own.
pub(super) fn document(root: &Element) -> String {
    let mut prefixes = BTreeMap::new();
    collect(root, &mut prefixes);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    write(root, &prefixes, true, &mut out);
    out
}

type Prefixes<'a> = BTreeMap<&'a str, String>;

fn collect<'a>(element: &'a Element, prefixes: &mut Prefixes<'a>) {
    let namespaces = element.attributes.iter().map(|a| &*a.namespace);
    for namespace in std::iter::once(&*element.namespace).chain(namespaces) {
        if !namespace.is_empty() && !prefixes.contains_key(namespace) {
            prefixes.insert(namespace, format!("n{}", prefixes.len()));
        }
    }
    for child in &element.children {
        collect(child, prefixes);
    }
}

fn write(element: &Element, prefixes: &Prefixes<'_>, is_root: bool, out: &mut String) {
    let name = qualified(&element.namespace, &element.name, prefixes);
    out.push('<');
    out.push_str(&name);
    if is_root {
        for (namespace, prefix) in prefixes {
            attribute(&format!("xmlns:{prefix}"), namespace, out);
        }
    }
    for a in &element.attributes {
        attribute(&qualified(&a.namespace, &a.name, prefixes), &a.value, out);
    }
    if element.text.is_empty() && element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    out.push_str(&escape(element.text.as_str()));
    for child in &element.children {
        write(child, prefixes, false, out);
    }
    out.push_str("</");
    out.push_str(&name);
    out.push('>');
}

fn attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    out.push_str(&escape(value));
    out.push('"');
}

fn qualified(namespace: &str, name: &str, prefixes: &Prefixes<'_>) -> String {
    match prefixes.get(namespace) {
        Some(prefix) => format!("{prefix}:{name}"),
        None => name.to_owned(),
    }
}
