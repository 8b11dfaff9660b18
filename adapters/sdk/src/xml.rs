//! XML from strangers: a small element tree within limits, names resolved to namespaces.
//!
//! Refused outright: any document type declaration (so there are no entities to expand and no
//! files to fetch), references to entities other than the five of XML itself, documents that are
//! too long, too deep, or have too many nodes or attributes. Names are compared by namespace and
//! local name; prefixes mean nothing (Namespaces in XML 1.0, section 6).
//!
//! UTF-8, UTF-16 and ISO-8859-1 are read, by byte order mark, `charset` parameter or XML
//! declaration, in this order (RFC 7303, section 3).

mod charset;
mod reader;
mod writer;

pub use reader::{XmlError, parse};

use std::fmt;

/// An element with everything in it. Text of a person may be in it, so `Debug` shows the name only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The namespace, empty for none.
    pub namespace: Box<str>,
    /// The local name.
    pub name: Box<str>,
    /// The attributes, without the declarations of namespaces.
    pub attributes: Vec<Attribute>,
    /// The child elements, in order.
    pub children: Vec<Self>,
    /// All character data directly in the element, joined.
    pub text: String,
}

/// An attribute.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The namespace, empty for none.
    pub namespace: Box<str>,
    /// The local name.
    pub name: Box<str>,
    /// The value.
    pub value: String,
}

impl Element {
    /// An element without content.
    #[must_use]
    pub fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
            ..Self::default()
        }
    }

    /// The same element with a text.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// The same element with one more child.
    #[must_use]
    pub fn with_child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// The same element with one more attribute.
    #[must_use]
    pub fn with_attribute(mut self, namespace: &str, name: &str, value: &str) -> Self {
        let (namespace, name) = (namespace.into(), name.into());
        self.attributes.push(Attribute {
            namespace,
            name,
            value: value.to_owned(),
        });
        self
    }

    /// Whether the element has this namespace and local name.
    #[must_use]
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        &*self.namespace == namespace && &*self.name == name
    }

    /// The first child with this namespace and local name.
    #[must_use]
    pub fn child(&self, namespace: &str, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(namespace, name))
    }

    /// The first child with this local name, whatever its namespace: services differ in whether
    /// local elements are qualified (`elementFormDefault`).
    #[must_use]
    pub fn child_named(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| &*child.name == name)
    }

    /// All children with this local name.
    pub fn children_named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Self> {
        self.children
            .iter()
            .filter(move |child| &*child.name == name)
    }

    /// The text without surrounding white space; `None` where the element is empty or `xsi:nil`
    /// (XML Schema 1.0 Part 1, section 2.6.2).
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        let text = self.text.trim();
        (!text.is_empty() && !self.is_nil()).then_some(text)
    }

    fn is_nil(&self) -> bool {
        let nil = |a: &&Attribute| &*a.namespace == XSI && &*a.name == "nil";
        self.attributes
            .iter()
            .find(nil)
            .is_some_and(|a| matches!(a.value.trim(), "true" | "1"))
    }

    /// The document with this element as its root, in UTF-8.
    #[must_use]
    pub fn to_document(&self) -> String {
        writer::document(self)
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Element({}, {} children)",
            self.name,
            self.children.len()
        )
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Attribute({})", self.name)
    }
}

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

#[cfg(test)]
mod tests;
