//! Envelopes as they are sent, and answers as registries and security servers give them.

use super::*;
use crate::http::HttpConfig;
use crate::xml;
use motlan_schemas::answer::RegistryProblem;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Calls `getThing` on a server that answers with a status, a media type and a body made from the
/// request.
async fn answered(
    status: &'static str,
    kind: &'static str,
    body: impl FnOnce(&Element) -> String + Send + 'static,
) -> Result<SoapAnswer, AdapterError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/soap", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"Envelope>") {
            stream.read_buf(&mut request).await.unwrap();
        }
        let text = String::from_utf8(request).unwrap();
        let envelope = xml::parse(text.split_once("\r\n\r\n").unwrap().1.as_bytes(), None).unwrap();
        let body = body(&envelope);
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
    });
    let service = SoapService {
        xroad: XRoadConfig::default(),
        provider: "VN/GOV/G15/civil-status".to_owned().try_into().unwrap(),
        version: Some("v1".to_owned()),
        namespace: "urn:things".to_owned(),
        not_found_codes: vec!["NotFound".to_owned()],
    };
    let client = SoapClient::new(HttpClient::new(&HttpConfig::new(url)).unwrap(), service).unwrap();
    let call = Call {
        deadline: Instant::now() + Duration::from_secs(2),
        id: uuid::Uuid::from_u128(9),
        traceparent: None,
    };
    let content = vec![Element::new("urn:things", "number").with_text("001185012345")];
    client.call("getThing", content, None, &call).await
}

/// The request's envelope with its headers and another body.
fn copying(request: &Element, body: Element) -> String {
    let header = request.child(envelope::SOAP, "Header").unwrap().clone();
    let body = Element::new(envelope::SOAP, "Body").with_child(body);
    Element::new(envelope::SOAP, "Envelope")
        .with_child(header)
        .with_child(body)
        .to_document()
}

fn response(child: Element) -> Element {
    Element::new("urn:things", "getThingResponse").with_child(child)
}

const OK: &str = "200 OK";
const XML: &str = "text/xml; charset=UTF-8";

#[tokio::test]
async fn the_request_carries_the_x_road_headers_and_a_proper_answer_is_read() {
    let answer = answered(OK, XML, |request| {
        let header = request.child(envelope::SOAP, "Header").unwrap();
        let names: Vec<_> = header.children.iter().map(|block| &*block.name).collect();
        assert_eq!(names, ["client", "service", "id", "protocolVersion"]);
        let service = header.child(envelope::XROAD, "service").unwrap();
        assert_eq!(
            service.child_named("serviceCode").unwrap().value(),
            Some("getThing")
        );
        assert_eq!(
            service.child_named("serviceVersion").unwrap().value(),
            Some("v1")
        );
        copying(
            request,
            response(Element::new("urn:things", "name").with_text("x")),
        )
    });
    let SoapAnswer::Response(response) = answer.await.unwrap() else {
        panic!()
    };
    assert_eq!(response.child_named("name").unwrap().value(), Some("x"));
}

#[tokio::test]
async fn an_answer_with_other_headers_is_not_ours() {
    let error = answered(OK, XML, |request| {
        copying(request, response(Element::new("", "x"))).replace("0000000009", "0000000008")
    });
    assert_eq!(
        error.await.unwrap_err().to_string(),
        "the registry's answer cannot be read: the header `id` is not the request's"
    );
    let without = answered(OK, XML, |_| {
        let body = Element::new(envelope::SOAP, "Body").with_child(response(Element::new("", "x")));
        Element::new(envelope::SOAP, "Envelope")
            .with_child(body)
            .to_document()
    });
    assert_eq!(
        without.await.unwrap_err().problem(),
        RegistryProblem::RegistryMalformed
    );
}

#[tokio::test]
async fn faults_are_told_apart() {
    let fault = |code: &'static str| {
        move |_: &Element| {
            format!(
                "<s:Envelope xmlns:s='{}'><s:Body><s:Fault><faultcode>s:{code}</faultcode><faultstring>001185012345</faultstring></s:Fault></s:Body></s:Envelope>",
                envelope::SOAP
            )
        }
    };
    let error = answered("500 Error", XML, fault("Server.ServerProxy.NetworkError"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry is down: X-Road Server.ServerProxy.NetworkError"
    );
    let error = answered(OK, XML, fault("Client.InvalidSoap"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: X-Road Client.InvalidSoap"
    );
    let within = |code: &'static str| {
        move |request: &Element| {
            let code = Element::new("", "faultCode").with_text(code);
            copying(
                request,
                response(Element::new("", "fault").with_child(code)),
            )
        }
    };
    assert!(matches!(
        answered(OK, XML, within("NotFound")).await,
        Ok(SoapAnswer::NotFound)
    ));
    let error = answered(OK, XML, within("TooManyRequests"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: fault TooManyRequests"
    );
    let error = answered(OK, XML, within("Server.Database"))
        .await
        .unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryDown);
}

#[tokio::test]
async fn pages_and_other_documents_are_refused() {
    let problem = |error: Result<SoapAnswer, AdapterError>| error.unwrap_err().problem();
    let page = |_: &Element| "<html/>".to_owned();
    assert_eq!(
        problem(answered(OK, "text/html", page).await),
        RegistryProblem::RegistryMalformed
    );
    assert_eq!(
        problem(answered("500 Error", "text/html", page).await),
        RegistryProblem::RegistryDown
    );
    assert_eq!(
        problem(answered("403 No", XML, page).await),
        RegistryProblem::RegistryRefused
    );
    assert_eq!(
        problem(answered(OK, XML, page).await),
        RegistryProblem::RegistryMalformed
    );
    let other = answered(OK, XML, |request| {
        copying(request, Element::new("urn:things", "otherResponse"))
    });
    assert_eq!(problem(other.await), RegistryProblem::RegistryMalformed);
}

#[tokio::test]
async fn an_answer_with_attachments_is_read_and_a_value_in_one_is_not_missed() {
    let multipart = |envelope: String| {
        format!(
            "--b\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"text/xml\"\r\nContent-ID: <root>\r\n\r\n{envelope}\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--"
        )
    };
    let kind = "multipart/related; type=\"application/xop+xml\"; start=\"<root>\"; boundary=b";
    let answer = answered(OK, kind, move |request| {
        multipart(copying(
            request,
            response(Element::new("urn:things", "name").with_text("x")),
        ))
    });
    let SoapAnswer::Response(response_read) = answer.await.unwrap() else {
        panic!()
    };
    assert_eq!(
        response_read.child_named("name").unwrap().value(),
        Some("x")
    );
    let error = answered(OK, kind, move |request| {
        let include = Element::new("http://www.w3.org/2004/08/xop/include", "Include");
        let photo = Element::new("urn:things", "photo").with_child(include);
        multipart(copying(request, response(photo)))
    });
    assert_eq!(
        error.await.unwrap_err().to_string(),
        "the registry's answer cannot be read: a value is in an attachment, and attachments are not read"
    );
    let cut = answered(OK, kind, |_| "--b\r\n\r\n<a/>".to_owned());
    assert_eq!(
        cut.await.unwrap_err().problem(),
        RegistryProblem::RegistryTruncated
    );
}

#[tokio::test]
async fn an_answer_in_an_old_encoding_and_with_more_headers_is_read() {
    let answer = answered(OK, "text/xml; charset=windows-1252", |request| {
        let name = Element::new("urn:things", "name").with_text("x");
        let hash =
            "<h:requestHash xmlns:h='http://x-road.eu/xsd/xroad.xsd'>aGFzaA==</h:requestHash>";
        let envelope = copying(request, response(name));
        // A security server adds its hash among the copied headers.
        let place = envelope.find("Header>").unwrap() + "Header>".len();
        let (before, behind) = envelope.split_at(place);
        format!("{before}{hash}{behind}")
    });
    assert!(matches!(answer.await, Ok(SoapAnswer::Response(_))));
}

#[tokio::test]
async fn an_envelope_of_soap_1_2_and_an_empty_body_are_no_answers() {
    for other in [
        "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body><a/></e:Body></e:Envelope>",
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body/></e:Envelope>",
        "<!DOCTYPE a><e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'/>",
    ] {
        let error = answered(OK, XML, move |_| other.to_owned())
            .await
            .unwrap_err();
        assert_eq!(
            error.problem(),
            RegistryProblem::RegistryMalformed,
            "{other}"
        );
    }
}
