//! Documents that mean harm, and documents that are only odd.

use super::*;
use proptest::prelude::*;

fn refused(text: &str) -> XmlError {
    parse(text.as_bytes(), None).unwrap_err()
}

#[test]
fn document_types_and_entities_are_refused() {
    assert_eq!(
        refused("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
        XmlError::Doctype
    );
    let bomb = "<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;\">]><lolz>&b;</lolz>";
    assert_eq!(refused(bomb), XmlError::Doctype);
    assert_eq!(refused("<a>&x;</a>"), XmlError::Entity);
    assert_eq!(refused("<a b='&x;'/>"), XmlError::Entity);
    assert_eq!(refused("<a>&#0;</a>"), XmlError::Entity);
    assert!(parse(b"<a/><!DOCTYPE a>", None).is_err());
}

#[test]
fn floods_are_refused() {
    assert_eq!(refused(&"<a>".repeat(10_000)), XmlError::Depth);
    let attributes: String = (0..100_000).map(|n| format!(" a{n}='1'")).collect();
    assert_eq!(refused(&format!("<a{attributes}/>")), XmlError::Attributes);
    let same = " a='1'".repeat(100_000);
    assert_eq!(refused(&format!("<a{same}/>")), XmlError::Attributes);
    let declarations: String = (0..20_000)
        .map(|n| format!(" xmlns:p{n}='urn:{n}'"))
        .collect();
    assert_eq!(refused(&format!("<a{declarations}/>")), XmlError::Namespace);
    assert_eq!(
        refused(&format!("<a>{}</a>", "<b/>".repeat(100_000))),
        XmlError::Elements
    );
    assert_eq!(
        refused(&format!("<{}", "a".repeat(1_000_000))),
        XmlError::Syntax(0).same_kind(&refused("<a"))
    );
}

impl XmlError {
    /// For errors whose position does not matter.
    fn same_kind(self, other: &Self) -> Self {
        if std::mem::discriminant(&self) == std::mem::discriminant(other) {
            *other
        } else {
            self
        }
    }
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for bad in [
        "",
        "text",
        "<a></b>",
        "<a/><b/>",
        "<a",
        "<a b=1/>",
        "<a b='1' b='2'/>",
        "<p:a/>",
        "<a p:b='1'/>",
        "<a/>text",
        "{}",
    ] {
        refused(bad);
    }
    assert_eq!(refused("<a><b>1</b>"), XmlError::Ended);
    assert_eq!(
        refused("<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>"),
        XmlError::Attributes
    );
}

#[test]
fn prefixes_do_not_matter() {
    let one = parse(
        b"<a xmlns='urn:x' xmlns:y='urn:y'><y:b y:c='1' d='2'/></a>",
        None,
    )
    .unwrap();
    let other = parse(
        b"<p:a xmlns:p='urn:x'><b xmlns='urn:y' xmlns:p='urn:y' p:c='1' d='2'/></p:a>",
        None,
    )
    .unwrap();
    assert!(one == other);
}

#[test]
fn text_is_joined_trimmed_and_nil_is_nothing() {
    let text = "<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><b> L&amp;N <![CDATA[<x>]]>&#x1EA1;\n</b><c> </c><d xsi:nil='true'>x</d><e/></a>";
    let root = parse(text.as_bytes(), None).unwrap();
    let value = |name| root.child_named(name).unwrap().value();
    assert_eq!(value("b"), Some("L&N <x>ạ"));
    assert_eq!((value("c"), value("d"), value("e")), (None, None, None));
}

#[test]
fn character_encodings_are_read_or_refused() {
    let value = |bytes: &[u8], charset| parse(bytes, charset).map(|root| root.text);
    assert_eq!(
        value("\u{feff}<a>Lan ạ</a>".as_bytes(), None).unwrap(),
        "Lan ạ"
    );
    assert_eq!(value(b"<a>\xe9</a>", Some("iso-8859-1")).unwrap(), "é");
    assert_eq!(
        value(
            b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>",
            None
        )
        .unwrap(),
        "é"
    );
    let wide: Vec<u8> = "\u{feff}<a>ạ</a>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(value(&wide, None).unwrap(), "ạ");
    assert_eq!(value(b"<a>\xe9</a>", None), Err(XmlError::Charset));
    assert_eq!(value(b"<a>x</a>", Some("utf-7")), Err(XmlError::Charset));
    assert_eq!(
        value(
            b"<?xml version=\"1.0\" encoding=\"EBCDIC-CP-FR\"?><a/>",
            None
        ),
        Err(XmlError::Charset)
    );
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, None);
    }

    #[test]
    fn what_is_written_is_read_back(text in "[^\\p{C}\r]{0,20}", value in "[^\\p{C}\r]{0,20}", namespace in "(urn:[a-z]{1,3})?") {
        let child = Element::new(&namespace, "child").with_text(&text).with_attribute("urn:attribute", "of", &value);
        let root = Element::new("urn:root", "root").with_child(child);
        let read = parse(root.to_document().as_bytes(), None).unwrap();
        prop_assert!(read == root);
    }
}
