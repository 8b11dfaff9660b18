//! Reading a request's envelope as a security server does, and writing the answer's.

use quick_xml::{
    escape::escape,
    events::{BytesStart, Event},
    name::ResolveResult,
    reader::NsReader,
};
use std::fmt::Write;

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const XROAD: &str = "http://x-road.eu/xsd/xroad.xsd";
const CIVIL_STATUS: &str = "urn:vn:moj:civil-status";
const PROVIDER: &str = "VN/GOV/G15/civil-status";

/// What a request asks for, and what of it goes back.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// The local name of the body's element.
    pub(super) operation: String,
    pub(super) subject: String,
    /// The fields asked for; all where there is no list.
    pub(super) fields: Option<Vec<String>>,
    namespace: String,
    /// The namespace declarations in whose scope the header stands.
    declarations: Vec<(String, String)>,
    /// The header's content as it came; it is copied into the response.
    header: String,
    /// The local names of the X-Road header blocks.
    blocks: Vec<String>,
    protocol_version: String,
    /// The parts of the service's identifier.
    provider: Vec<String>,
    service_code: String,
}

/// What a security server refuses, as a SOAP Fault.
#[derive(Debug)]
pub(super) struct Refusal {
    code: &'static str,
    message: &'static str,
}

impl Refusal {
    pub(super) const fn new(code: &'static str, message: &'static str) -> Self {
        Self { code, message }
    }

    pub(super) fn to_document(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <SOAP-ENV:Envelope xmlns:SOAP-ENV=\"{SOAP}\"><SOAP-ENV:Body><SOAP-ENV:Fault>\
             <faultcode>SOAP-ENV:{}</faultcode><faultstring>{}</faultstring><faultactor/>\
             <detail><faultDetail xmlns=\"{XROAD}\">{}</faultDetail></detail>\
             </SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>",
            self.code,
            self.message,
            uuid::Uuid::nil(),
        )
    }
}

/// Reads an envelope.
pub(super) fn read(body: &[u8]) -> Result<Request, Refusal> {
    let invalid = || Refusal::new("Client.InvalidXml", "the body is no XML document");
    let text = std::str::from_utf8(body).map_err(|_| invalid())?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let text = text.trim_start_matches('\u{feff}');
    let mut request = Request::default();
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    let mut header_start = 0;
    loop {
        let before = reader.buffer_position();
        match reader.read_event().map_err(|_| invalid())? {
            Event::Start(start) => {
                request.enter(&reader, &start, &mut path)?;
                value.clear();
                if path.len() == 2 && path.last().is_some_and(|name| name == "Header") {
                    header_start = reader.buffer_position();
                }
            }
            Event::Empty(start) => {
                request.enter(&reader, &start, &mut path)?;
                request.leave(&path, "");
                path.pop();
            }
            Event::Text(content) => value.push_str(&content.xml10_content()),
            Event::CData(content) => value.push_str(&content.xml10_content()),
            Event::End(_) => {
                if path.len() == 2 && path.last().is_some_and(|name| name == "Header") {
                    let range = usize::try_from(header_start)
                        .ok()
                        .zip(usize::try_from(before).ok());
                    let inside = range.and_then(|(start, end)| text.get(start..end));
                    request.header = inside.unwrap_or_default().to_owned();
                }
                request.leave(&path, value.trim());
                value.clear();
                path.pop();
            }
            Event::DocType(_) => {
                return Err(Refusal::new(
                    "Client.InvalidXml",
                    "a DOCTYPE is not allowed",
                ));
            }
            Event::GeneralRef(reference) => {
                if let Ok(Some(character)) = reference.resolve_char_ref() {
                    value.push(character);
                }
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof if path.is_empty() => return Ok(request),
            Event::Eof => return Err(invalid()),
        }
    }
}

impl Request {
    fn enter(
        &mut self,
        reader: &NsReader<&[u8]>,
        start: &BytesStart<'_>,
        path: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let ResolveResult::Bound(namespace) = namespace else {
            return Err(Refusal::new(
                "Client.InvalidSoap",
                "an element without a namespace",
            ));
        };
        let (namespace, local) = (namespace.into_inner(), local.into_inner().to_owned());
        path.push(local);
        let is_soap = namespace == SOAP;
        match path
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .as_slice()
        {
            ["Envelope"] | ["Envelope", "Header" | "Body"] if !is_soap => {
                return Err(Refusal::new("Client.InvalidSoap", "no SOAP 1.1 envelope"));
            }
            ["Envelope"] | ["Envelope", "Header"] => self.declare(start),
            ["Envelope", "Header", block] if namespace == XROAD => {
                self.blocks.push((*block).to_owned())
            }
            ["Envelope", "Body", operation] => {
                self.operation = (*operation).to_owned();
                self.namespace = namespace.to_owned();
            }
            ["Envelope", "Body", _, "fields"] => self.fields = Some(Vec::new()),
            ["Envelope", ..] => {}
            _ => return Err(Refusal::new("Client.InvalidSoap", "no SOAP 1.1 envelope")),
        }
        Ok(())
    }

    fn declare(&mut self, start: &BytesStart<'_>) {
        for attribute in start.attributes().flatten() {
            let name = attribute.key.into_inner();
            let known = self.declarations.iter().any(|(known, _)| known == name);
            if name.starts_with("xmlns") && !known {
                self.declarations
                    .push((name.to_owned(), attribute.value.to_string()));
            }
        }
    }

    fn leave(&mut self, path: &[String], value: &str) {
        let value = value.to_owned();
        match path
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .as_slice()
        {
            ["Envelope", "Header", "protocolVersion"] => self.protocol_version = value,
            ["Envelope", "Header", "service", "serviceCode"] => self.service_code = value,
            ["Envelope", "Header", "service", "serviceVersion"] => {}
            ["Envelope", "Header", "service", _] => self.provider.push(value),
            ["Envelope", "Body", _, "soDinhDanh"] => self.subject = value,
            ["Envelope", "Body", _, "fields", "field"] => {
                self.fields.get_or_insert_default().push(value)
            }
            _ => {}
        }
    }

    /// What the security servers check (X-Road message protocol 4.0, sections 2.2 and 2.4).
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.header.is_empty() {
            return Err(Refusal::new(
                "Client.MissingHeader",
                "the envelope has no header",
            ));
        }
        if ["client", "service", "id", "protocolVersion"]
            .iter()
            .any(|name| !self.blocks.iter().any(|block| block == name))
        {
            return Err(Refusal::new(
                "Client.MissingHeaderField",
                "client, service, id and protocolVersion are required",
            ));
        }
        if self.blocks.iter().any(|block| block == "requestHash") {
            return Err(Refusal::new(
                "Client.InvalidSoap",
                "requestHash is set by security servers only",
            ));
        }
        if self.protocol_version != "4.0" {
            return Err(Refusal::new(
                "Client.InvalidProtocolVersion",
                "the protocol version must be 4.0",
            ));
        }
        if self.operation.is_empty() {
            return Err(Refusal::new("Client.MissingBody", "the body is empty"));
        }
        if self.provider.join("/") != PROVIDER {
            return Err(Refusal::new(
                "Server.ClientProxy.UnknownMember",
                "no such provider",
            ));
        }
        let namespace = if self.operation == "listMethods" {
            XROAD
        } else {
            CIVIL_STATUS
        };
        if self.service_code != self.operation || self.namespace != namespace {
            return Err(Refusal::new(
                "Client.InvalidSoap",
                "the body's element is not the service's",
            ));
        }
        Ok(())
    }

    /// The response: the request's header, and some content in the operation's response element.
    pub(super) fn respond(&self, content: &str) -> String {
        let mut declarations = String::new();
        for (name, value) in self
            .declarations
            .iter()
            .filter(|(name, _)| name != "xmlns:SOAP-ENV")
        {
            // Writing to a string cannot fail.
            let _ = write!(declarations, " {name}=\"{value}\"");
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <SOAP-ENV:Envelope xmlns:SOAP-ENV=\"{SOAP}\"{declarations}>\
             <SOAP-ENV:Header>{}</SOAP-ENV:Header><SOAP-ENV:Body>\
             <cs:{operation}Response xmlns:cs=\"{}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
             {content}</cs:{operation}Response></SOAP-ENV:Body></SOAP-ENV:Envelope>",
            self.header,
            self.namespace,
            operation = self.operation,
        )
    }
}

/// A fault within a response.
pub(super) fn fault(code: &str, message: &str) -> String {
    format!(
        "<fault><faultCode>{}</faultCode><faultString>{message}</faultString></fault>",
        escape(code)
    )
}

/// The answer to `listMethods`, shortened to the names.
pub(super) fn methods() -> String {
    let names = [
        "getBirth",
        "getMaritalStatus",
        "getMarriages",
        "getDeath",
        "getGuardianships",
    ];
    names
        .map(|name| format!("<cs:service>{PROVIDER}/{name}/v1</cs:service>"))
        .concat()
}
