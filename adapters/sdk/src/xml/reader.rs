//! From text to an element tree, within limits.

use super::{Element, charset};
use crate::adapter::AdapterError;
use quick_xml::{
    XmlVersion,
    events::{BytesRef, BytesStart, Event},
    name::ResolveResult,
    reader::NsReader,
};
use std::borrow::Cow;

/// Why bytes are no document of ours. Never repeats the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Neither UTF-8, UTF-16 nor ISO-8859-1, or not what it says it is.
    #[error("the character encoding is unknown or broken")]
    Charset,
    /// A document type declaration.
    #[error("a document type declaration, which is never accepted")]
    Doctype,
    /// A reference to an entity that XML itself does not define.
    #[error("a reference to an undeclared entity")]
    Entity,
    /// Not well formed.
    #[error("not well-formed XML near byte {0}")]
    Syntax(u64),
    /// A prefix that is not bound, or a forbidden binding.
    #[error("a namespace prefix that is not bound")]
    Namespace,
    /// The document ends before its root does.
    #[error("the document ends too early")]
    Ended,
    /// Elements within elements, more than the limit.
    #[error("elements are nested more than {DEPTH_MAX} deep")]
    Depth,
    /// More elements than the limit.
    #[error("more than {ELEMENTS_MAX} elements")]
    Elements,
    /// More attributes on one element or in all than the limits, or one of them twice.
    #[error(
        "more than {ATTRIBUTES_MAX} attributes on an element, more than {ELEMENTS_MAX} in all, or one of them twice"
    )]
    Attributes,
}

impl From<XmlError> for AdapterError {
    fn from(error: XmlError) -> Self {
        match error {
            XmlError::Ended => Self::Truncated {
                reason: error.to_string(),
            },
            _ => Self::malformed(error.to_string()),
        }
    }
}

/// Reads a document. `charset` is the parameter of the content type, in lower case.
///
/// ```
/// use motlan_adapter_sdk::xml::{XmlError, parse};
/// let root = parse(b"<a xmlns='urn:x'><b>1</b></a>", None).unwrap();
/// assert_eq!(root.child("urn:x", "b").and_then(|b| b.value()), Some("1"));
/// assert_eq!(parse(b"<!DOCTYPE a><a/>", None).unwrap_err(), XmlError::Doctype);
/// ```
///
/// # Errors
/// An [`XmlError`]; the caller bounds the size of `bytes`.
pub fn parse(bytes: &[u8], charset: Option<&str>) -> Result<Element, XmlError> {
    let text = charset::decode(bytes, charset)?;
    let mut tree = Tree::default();
    let mut reader = NsReader::from_str(&text);
    reader
        .resolver_mut()
        .set_max_namespace_bindings(BINDINGS_MAX);
    loop {
        let event = reader
            .read_event()
            .map_err(|error| explain(&error, reader.error_position()))?;
        match event {
            Event::Start(start) => {
                let element = element(&reader, &start)?;
                tree.open(element)?;
            }
            Event::Empty(start) => {
                let element = element(&reader, &start)?;
                tree.open(element)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.text(&text.xml10_content(), reader.buffer_position())?,
            Event::CData(data) => tree.text(&data.xml10_content(), reader.buffer_position())?,
            Event::GeneralRef(reference) => {
                let character = character(&reference)?;
                tree.text(character.encode_utf8(&mut [0; 4]), reader.buffer_position())?;
            }
            Event::DocType(_) => return Err(XmlError::Doctype),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

/// The elements that are open, and the root once it is closed.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    attributes: usize,
}

impl Tree {
    fn open(&mut self, element: Element) -> Result<(), XmlError> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(XmlError::Elements);
        }
        self.attributes += element.attributes.len();
        if self.attributes > ELEMENTS_MAX {
            return Err(XmlError::Attributes);
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(XmlError::Depth);
        }
        if self.root.is_some() {
            return Err(XmlError::Syntax(0));
        }
        self.open.push(element);
        Ok(())
    }

    /// The reader has checked that names match.
    fn close(&mut self) {
        if let Some(element) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => self.root = Some(element),
            }
        }
    }

    fn text(&mut self, text: &str, position: u64) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(XmlError::Syntax(position)),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            None if self.open.is_empty() => Err(XmlError::Syntax(0)),
            _ => Err(XmlError::Ended),
        }
    }
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, XmlError> {
    let (namespace, name) = reader.resolver().resolve_element(start.name());
    let mut element = Element::new(bound(&namespace)?, name.into_inner());
    for (place, attribute) in start.attributes().with_checks(false).enumerate() {
        if place >= ATTRIBUTES_MAX {
            return Err(XmlError::Attributes);
        }
        let attribute = attribute.map_err(|_| XmlError::Syntax(reader.buffer_position()))?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        let (namespace, name) = (bound(&namespace)?, name.into_inner());
        if element
            .attributes
            .iter()
            .any(|known| &*known.namespace == namespace && &*known.name == name)
        {
            return Err(XmlError::Attributes);
        }
        let value: Cow<'_, str> = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_| XmlError::Entity)?;
        element = element.with_attribute(namespace, name, &value);
    }
    Ok(element)
}

fn bound<'a>(namespace: &ResolveResult<'a>) -> Result<&'a str, XmlError> {
    match namespace {
        ResolveResult::Bound(namespace) => Ok(namespace.into_inner()),
        ResolveResult::Unbound => Ok(""),
        ResolveResult::Unknown(_) => Err(XmlError::Namespace),
    }
}

fn character(reference: &BytesRef<'_>) -> Result<char, XmlError> {
    if reference.is_char_ref() {
        return match reference.resolve_char_ref() {
            Ok(Some(character)) => Ok(character),
            _ => Err(XmlError::Entity),
        };
    }
    match reference.xml10_content().as_ref() {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(XmlError::Entity),
    }
}

fn explain(error: &quick_xml::Error, position: u64) -> XmlError {
    match error {
        quick_xml::Error::Namespace(_) => XmlError::Namespace,
        quick_xml::Error::Syntax(_) => XmlError::Syntax(position),
        quick_xml::Error::IllFormed(quick_xml::errors::IllFormedError::MissingEndTag(_)) => {
            XmlError::Ended
        }
        _ => XmlError::Syntax(position),
    }
}

const DEPTH_MAX: usize = 64;
/// A long household or marriage history has a few hundred.
const ELEMENTS_MAX: usize = 20_000;
const ATTRIBUTES_MAX: usize = 64;
/// Each name is looked up among them, so many of them and many names together take long.
const BINDINGS_MAX: usize = 64;
