//! Documents that mean harm, each as long as a client reads at most: for the bench that measures how
//! soon they are refused, and the test that they are.

use http::{HeaderMap, StatusCode};
use motlan_adapter_sdk::{http::HttpAnswer, xml};
use std::fmt;

/// A document and whether it is to be refused; where not, it must only be read soon.
pub(crate) struct Document {
    pub(crate) name: &'static str,
    pub(crate) is_refused: bool,
    body: String,
    is_xml: bool,
}

/// What the default configuration reads at most.
const BYTES: usize = 1024 * 1024;

impl fmt::Display for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl Document {
    /// Reads it as the clients do; whether that worked.
    pub(crate) fn read(&self) -> bool {
        if self.is_xml {
            return xml::parse(self.body.as_bytes(), None).is_ok();
        }
        let answer = HttpAnswer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: self.body.clone().into(),
        };
        answer.json().is_ok()
    }
}

/// A document with its middle repeated until it is long enough.
fn filled(before: &str, middle: impl Fn(usize) -> String, behind: &str) -> String {
    let mut text = before.to_owned();
    for number in 0.. {
        let part = middle(number);
        if text.len() + part.len() + behind.len() > BYTES {
            break;
        }
        text.push_str(&part);
    }
    text + behind
}

pub(crate) fn all() -> Vec<Document> {
    let xml = xml_documents()
        .into_iter()
        .map(|(name, is_refused, body)| Document {
            name,
            is_refused,
            body,
            is_xml: true,
        });
    let json = json_documents()
        .into_iter()
        .map(|(name, is_refused, body)| Document {
            name,
            is_refused,
            body,
            is_xml: false,
        });
    xml.chain(json).collect()
}

fn xml_documents() -> Vec<(&'static str, bool, String)> {
    let same = |text: &'static str| move |_| text.to_owned();
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let blowup = format!("<!DOCTYPE a [<!ENTITY x \"{}\">]><a>", "x".repeat(50_000));
    let bindings: String = (0..60).map(|n| format!(" xmlns:p{n}='urn:{n}'")).collect();
    vec![
        (
            "xml: billion laughs",
            true,
            format!("<!DOCTYPE a [<!ENTITY l0 \"lol\">{laughs}]><a>&l9;</a>"),
        ),
        (
            "xml: quadratic blow-up",
            true,
            filled(&blowup, same("&x;"), "</a>"),
        ),
        (
            "xml: a long document type",
            true,
            filled("<!DOCTYPE a [", same("<!ENTITY x 'y'>"), "]><a/>"),
        ),
        (
            "xml: an open document type",
            true,
            filled(
                "<!DOCTYPE a [",
                same("<!ENTITY % x SYSTEM 'file:///dev/zero'>"),
                "",
            ),
        ),
        (
            "xml: undeclared entities",
            true,
            filled("<a>", same("&x;"), "</a>"),
        ),
        ("xml: deep", true, filled("", same("<a>"), "")),
        ("xml: elements", true, filled("<a>", same("<b/>"), "</a>")),
        (
            "xml: attributes of one",
            true,
            filled("<a", |n| format!(" a{n}=''"), "/>"),
        ),
        (
            "xml: the same attribute",
            true,
            filled("<a", same(" a=''"), "/>"),
        ),
        (
            "xml: attributes of many",
            true,
            filled(
                &format!("<a{bindings}>"),
                |n| format!("<p0:b p0:c='{n}' p0:d='' p0:e='' p0:f=''/>"),
                "</a>",
            ),
        ),
        (
            "xml: namespaces of one",
            true,
            filled("<a", |n| format!(" xmlns:p{n}='u'"), "/>"),
        ),
        (
            "xml: namespaces of many",
            true,
            filled("", |n| format!("<a xmlns:p{n}='u' xmlns:q{n}='u'>"), ""),
        ),
        ("xml: a name", true, filled("<", same("a"), "")),
        ("xml: a reference", true, filled("<a>&", same("x"), ";</a>")),
        (
            "xml: comments",
            false,
            filled("<a>", same("<!---->"), "</a>"),
        ),
        (
            "xml: instructions",
            false,
            filled("<a>", same("<?x?>"), "</a>"),
        ),
        (
            "xml: sections",
            false,
            filled("<a>", same("<![CDATA[]]>"), "</a>"),
        ),
        (
            "xml: characters",
            false,
            filled("<a>", same("&#65;"), "</a>"),
        ),
        ("xml: a text", false, filled("<a>", same("x"), "</a>")),
        (
            "xml: an attribute",
            false,
            filled("<a b='", same("&amp;"), "'/>"),
        ),
    ]
}

fn json_documents() -> Vec<(&'static str, bool, String)> {
    let same = |text: &'static str| move |_| text.to_owned();
    vec![
        ("json: deep lists", true, filled("", same("["), "")),
        ("json: deep objects", true, filled("", same("{\"a\":"), "")),
        ("json: values", true, filled("[0", same(",0"), "]")),
        ("json: empty lists", true, filled("[0", same(",[]"), "]")),
        (
            "json: keys",
            true,
            filled("{\"a\":0", |n| format!(",\"{n:x}\":0"), "}"),
        ),
        (
            "json: the same key",
            true,
            filled("{\"a\":0", same(",\"a\":0"), "}"),
        ),
        (
            "json: a key twice, at the end",
            true,
            filled("{\"a\":\"", same("x"), "\",\"a\":0}"),
        ),
        ("json: a number", true, filled("[", same("9"), "]")),
        ("json: a fraction", true, filled("[0.", same("9"), "]")),
        ("json: an exponent", true, filled("[1e", same("9"), "]")),
        (
            "json: large numbers",
            true,
            filled("[0", same(",1e999999999"), "]"),
        ),
        (
            "json: half characters",
            true,
            filled("[\"", same("\\ud800"), "\"]"),
        ),
        ("json: garbage behind", true, filled("{}", same(" "), "x")),
        ("json: an open string", true, filled("\"", same("\\\""), "")),
        ("json: escapes", false, filled("\"", same("\\u0041"), "\"")),
        ("json: a string", false, filled("\"", same("x"), "\"")),
        ("json: blanks", false, filled("[", same("\n"), "]")),
    ]
}
