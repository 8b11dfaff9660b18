//! XML for mappings, which read JSON; and XML bodies with places for insertions.
//!
//! An element becomes JSON by this rule, for which namespaces and prefixes mean nothing:
//! - with neither attributes nor children it is its text, or `null` if it is empty or `xsi:nil`;
//! - otherwise an object: `@name` an attribute, `$` the text, and each child by its name;
//! - a child's name that occurs more than once is a list, in order. `items` reads both forms.

use crate::{
    jq::Val,
    template::{BadInsert, Insert, Template, Values},
};
use motlan_adapter_sdk::xml::{self, Element};
use std::sync::Arc;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element as a mapping sees it.
pub(crate) fn to_value(element: &Element) -> Val {
    let attributes = element
        .attributes
        .iter()
        .filter(|attribute| &*attribute.namespace != XSI);
    let mut members: Vec<(Arc<str>, Vec<Val>)> = attributes
        .map(|attribute| {
            (
                format!("@{}", attribute.name).into(),
                vec![Val::text(&*attribute.value)],
            )
        })
        .collect();
    let text = element.value().map_or(Val::Null, Val::text);
    if members.is_empty() && element.children.is_empty() {
        return text;
    }
    for child in &element.children {
        let value = to_value(child);
        match members.iter_mut().find(|(name, _)| **name == *child.name) {
            Some((_, values)) => values.push(value),
            None => members.push((Arc::from(&*child.name), vec![value])),
        }
    }
    if !text.is_null() {
        members.push((Arc::from("$"), vec![text]));
    }
    let one_or_list = |mut values: Vec<Val>| match values.pop() {
        Some(only) if values.is_empty() => only,
        last => Val::list(values.into_iter().chain(last).collect()),
    };
    Val::object(
        members
            .into_iter()
            .map(|(name, values)| (name, one_or_list(values)))
            .collect(),
    )
}

/// The content of a request's wrapper element.
#[derive(Debug, Clone)]
pub(crate) struct XmlTemplate(Vec<Node>);

#[derive(Debug, Clone)]
struct Node {
    namespace: Box<str>,
    name: Box<str>,
    attributes: Vec<(Box<str>, Box<str>, Template)>,
    text: Template,
    children: Vec<Self>,
}

/// Why a text is no XML template.
#[derive(Debug)]
pub(crate) enum BadXml {
    Xml(xml::XmlError),
    Insert(BadInsert),
}

impl XmlTemplate {
    /// Reads elements; those without a prefix are in `namespace`.
    pub(crate) fn parse(text: &str, namespace: &str) -> Result<Self, BadXml> {
        let document = if namespace.is_empty() {
            format!("<content>{text}</content>")
        } else {
            format!("<content xmlns={}>{text}</content>", quoted(namespace))
        };
        let parsed = xml::parse(document.as_bytes(), None).map_err(BadXml::Xml)?;
        let nodes = parsed.children.iter().map(node).collect::<Result<_, _>>();
        nodes.map(Self).map_err(BadXml::Insert)
    }

    pub(crate) fn has(&self, wanted: Insert) -> bool {
        self.0.iter().any(|node| node.has(wanted))
    }

    /// The elements. One whose whole text is `{fields}` comes once for each field.
    pub(crate) fn elements(&self, values: &Values<'_>) -> Vec<Element> {
        self.0
            .iter()
            .flat_map(|node| node.elements(values))
            .collect()
    }
}

fn quoted(namespace: &str) -> String {
    let escaped = namespace
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    format!("\"{escaped}\"")
}

fn node(element: &Element) -> Result<Node, BadInsert> {
    let attributes = element.attributes.iter().map(|attribute| {
        let template = Template::parse(&attribute.value)?;
        Ok((
            attribute.namespace.clone(),
            attribute.name.clone(),
            template,
        ))
    });
    Ok(Node {
        namespace: element.namespace.clone(),
        name: element.name.clone(),
        attributes: attributes.collect::<Result<_, _>>()?,
        text: Template::parse(element.text.trim())?,
        children: element
            .children
            .iter()
            .map(node)
            .collect::<Result<_, _>>()?,
    })
}

impl Node {
    fn has(&self, wanted: Insert) -> bool {
        self.text.has(wanted)
            || self
                .attributes
                .iter()
                .any(|(_, _, template)| template.has(wanted))
            || self.children.iter().any(|child| child.has(wanted))
    }

    fn elements(&self, values: &Values<'_>) -> Vec<Element> {
        if self.text.alone() == Some(Insert::Fields) {
            return values
                .fields
                .iter()
                .map(|field| self.element(field, values))
                .collect();
        }
        vec![self.element(&self.text.text(values), values)]
    }

    fn element(&self, text: &str, values: &Values<'_>) -> Element {
        let mut element = Element::new(&self.namespace, &self.name).with_text(text);
        for (namespace, name, template) in &self.attributes {
            element = element.with_attribute(namespace, name, &template.text(values));
        }
        element.children = self
            .children
            .iter()
            .flat_map(|child| child.elements(values))
            .collect();
        element
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_element_becomes_json_by_the_rule() {
        let document = br#"<a xmlns="urn:x" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
            <so>1</so><trong/><khong i:nil="true">x</khong>
            <con ma="7">Lan</con><em><ten>An</ten></em><em><ten>Chi</ten></em></a>"#;
        let element = xml::parse(document, None).unwrap();
        assert_eq!(
            to_value(&element).to_json(),
            json!({
                "so": "1", "trong": null, "khong": null, "con": {"@ma": "7", "$": "Lan"},
                "em": [{"ten": "An"}, {"ten": "Chi"}],
            })
        );
    }

    #[test]
    fn what_is_inserted_is_escaped_and_fields_repeat_their_element() {
        let template = XmlTemplate::parse(
            "<so>{subject}</so><cac loai=\"{purpose}\"><truong>{fields}</truong></cac>",
            "urn:dv",
        );
        let values = Values {
            subject: "1<2",
            fields: &["ten", "ngay"],
            purpose: "a\"b",
            ..Values::default()
        };
        let elements = template.unwrap().elements(&values);
        assert_eq!(elements[0].text, "1<2");
        assert!(elements[0].is("urn:dv", "so"));
        assert!(elements[0].to_document().contains("1&lt;2"));
        let names: Vec<&str> = elements[1]
            .children
            .iter()
            .map(|field| field.text.as_str())
            .collect();
        assert_eq!(names, ["ten", "ngay"]);
        assert_eq!(elements[1].attributes[0].value, "a\"b");
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        assert!(matches!(
            XmlTemplate::parse("<a>", "urn:x"),
            Err(BadXml::Xml(_))
        ));
        assert!(matches!(
            XmlTemplate::parse("<a>{subjct}</a>", ""),
            Err(BadXml::Insert(_))
        ));
    }
}
