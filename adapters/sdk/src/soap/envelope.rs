//! Writing and opening SOAP 1.1 envelopes with X-Road headers.

use super::SoapService;
use crate::{
    adapter::{AdapterError, Call},
    xml::Element,
    xroad::Subsystem,
};
use motlan_policies::permit::Asking;

/// SOAP 1.1, section 3.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// X-Road headers and metadata services (PR-MESS, Annex A).
pub(super) const XROAD: &str = "http://x-road.eu/xsd/xroad.xsd";
/// X-Road identifiers (PR-MESS, Annex B).
const IDENTIFIERS: &str = "http://x-road.eu/xsd/identifiers";
/// The extension "third party representation" of the message protocol.
const REPRESENTATION: &str = "http://x-road.eu/xsd/representation.xsd";
/// Motlan's own header element for the purpose, for which X-Road has none.
const MOTLAN: &str = "urn:motlan:xroad";

/// The header blocks of a request, none without X-Road (PR-MESS, section 2.2).
pub(super) fn header(
    service: &SoapService,
    operation: &str,
    asking: Option<&Asking>,
    call: &Call,
) -> Vec<Element> {
    if !service.xroad.enabled {
        return Vec::new();
    }
    let simple = |name: &str, text: &str| Element::new(XROAD, name).with_text(text);
    let client = identifier("client", "SUBSYSTEM", &service.xroad.client);
    let mut target = identifier("service", "SERVICE", &service.provider)
        .with_child(Element::new(IDENTIFIERS, "serviceCode").with_text(operation));
    if let Some(version) = &service.version {
        target = target.with_child(Element::new(IDENTIFIERS, "serviceVersion").with_text(version));
    }
    let mut blocks = vec![client, target];
    if let (Some(asking), Some(class)) = (asking, service.xroad.represented_party_class()) {
        let party = Element::new(REPRESENTATION, "representedParty")
            .with_child(Element::new(REPRESENTATION, "partyClass").with_text(class))
            .with_child(
                Element::new(REPRESENTATION, "partyCode").with_text(asking.agency.as_str()),
            );
        blocks.push(party);
    }
    blocks.push(simple("id", &call.id.to_string()));
    if let Some(asking) = asking {
        blocks.extend(
            service
                .xroad
                .user_id(asking)
                .map(|user| simple("userId", &user)),
        );
        blocks.extend(
            asking
                .case
                .as_ref()
                .map(|case| simple("issue", case.as_str())),
        );
        if service.xroad.purpose_header().is_some() {
            blocks.push(Element::new(MOTLAN, "purpose").with_text(asking.purpose.as_str()));
        }
    }
    blocks.push(simple("protocolVersion", "4.0"));
    blocks
}

/// The whole request.
pub(super) fn envelope(header: Vec<Element>, body: Element) -> Element {
    let mut envelope = Element::new(SOAP, "Envelope");
    if !header.is_empty() {
        envelope = envelope.with_child(Element {
            children: header,
            ..Element::new(SOAP, "Header")
        });
    }
    envelope.with_child(Element::new(SOAP, "Body").with_child(body))
}

/// The header blocks of a response and the first element of its body.
pub(super) fn open(document: Element) -> Result<(Vec<Element>, Element), AdapterError> {
    if !document.is(SOAP, "Envelope") {
        return Err(AdapterError::malformed("no SOAP 1.1 envelope"));
    }
    let (mut blocks, mut content) = (Vec::new(), None);
    for part in document.children {
        if part.is(SOAP, "Header") {
            blocks = part.children;
        } else if part.is(SOAP, "Body") {
            content = part.children.into_iter().next();
        }
    }
    let content =
        content.ok_or_else(|| AdapterError::malformed("an envelope with nothing in its body"))?;
    Ok((blocks, content))
}

/// Whether the response copied every header block in order (PR-MESS, section 2.3). Blocks that
/// security servers add, such as `requestHash`, may stand between.
pub(super) fn check_copied(sent: &[Element], copied: &[Element]) -> Result<(), AdapterError> {
    let mut rest = copied.iter();
    match sent
        .iter()
        .find(|block| !rest.any(|copy| same(block, copy)))
    {
        None => Ok(()),
        Some(block) => Err(AdapterError::malformed(format!(
            "the header `{}` is not the request's",
            block.name
        ))),
    }
}

/// Equal up to white space around texts and attributes that readers add, such as `xsi:type`.
fn same(one: &Element, other: &Element) -> bool {
    one.is(&other.namespace, &other.name)
        && one.text.trim() == other.text.trim()
        && one
            .attributes
            .iter()
            .all(|attribute| other.attributes.contains(attribute))
        && one.children.len() == other.children.len()
        && one
            .children
            .iter()
            .zip(&other.children)
            .all(|(one, other)| same(one, other))
}

fn identifier(name: &str, object_type: &str, subsystem: &Subsystem) -> Element {
    let parts = [
        ("xRoadInstance", &subsystem.instance),
        ("memberClass", &subsystem.member_class),
        ("memberCode", &subsystem.member_code),
        ("subsystemCode", &subsystem.subsystem_code),
    ];
    let element = Element::new(XROAD, name).with_attribute(IDENTIFIERS, "objectType", object_type);
    parts.into_iter().fold(element, |element, (part, text)| {
        element.with_child(Element::new(IDENTIFIERS, part).with_text(text))
    })
}
