//! Bytes and forms that two readers may read differently, or not at all.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::super::issuer::Signer;
use super::Attack;

/// Bytes that two readers may read differently, or not at all; rightly signed.
pub(super) fn byte_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
    let header = signer.header().to_string();
    let payload = good.to_string();
    let inner = |text: &str| text.strip_prefix('{').unwrap().to_owned();
    let payloads: Vec<(&str, Vec<u8>)> = vec![
        (
            "sub twice",
            format!("{{\"sub\":\"admin\",{}", inner(&payload)).into(),
        ),
        (
            "sub twice, once escaped",
            format!("{{\"s\\u0075b\":\"admin\",{}", inner(&payload)).into(),
        ),
        (
            "a null claim twice",
            format!("{{\"x\":null,\"x\":null,{}", inner(&payload)).into(),
        ),
        (
            "bad UTF-8",
            [b"{\"x\":\"\xff\",", inner(&payload).as_bytes()].concat(),
        ),
        (
            "an overlong UTF-8 form",
            [b"{\"x\":\"\xc0\xaf\",", inner(&payload).as_bytes()].concat(),
        ),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", payload.as_bytes()].concat(),
        ),
        (
            "a lone surrogate",
            format!("{{\"x\":\"\\ud800\",{}", inner(&payload)).into(),
        ),
        (
            "a raw NUL",
            format!("{{\"x\":\"\0\",{}", inner(&payload)).into(),
        ),
        ("NUL after the object", format!("{payload}\0").into()),
        ("two objects", format!("{payload}{payload}").into()),
        (
            "a null claim",
            format!("{{\"cnf\":null,{}", inner(&payload)).into(),
        ),
        (
            "a trailing comma",
            format!("{},}}", payload.strip_suffix('}').unwrap()).into(),
        ),
        ("a list", format!("[{payload}]").into()),
        ("a text", json!(payload).to_string().into()),
        (
            "deep lists",
            format!(
                "{{\"x\":{}{},{}",
                "[".repeat(900),
                "]".repeat(900),
                inner(&payload)
            )
            .into(),
        ),
        ("nested token", sign_again(signer, good).into()),
        (
            "an infinite number",
            format!("{{\"x\":1e999,{}", inner(&payload)).into(),
        ),
    ];
    let headers: Vec<(&str, Vec<u8>)> = vec![
        (
            "alg twice",
            format!("{{\"alg\":\"none\",{}", inner(&header)).into(),
        ),
        (
            "kid twice, once escaped",
            format!("{{\"\\u006bid\":\"x\",{}", inner(&header)).into(),
        ),
        (
            "bad UTF-8 in the header",
            [b"{\"x\":\"\xff\",", inner(&header).as_bytes()].concat(),
        ),
        (
            "a byte order mark in the header",
            [b"\xef\xbb\xbf", header.as_bytes()].concat(),
        ),
        (
            "a deep header",
            format!(
                "{{\"x\":{}{},{}",
                "[".repeat(900),
                "]".repeat(900),
                inner(&header)
            )
            .into(),
        ),
        ("an endless deep header", "[".repeat(5000).into()),
        (
            "crit null",
            format!("{{\"crit\":null,{}", inner(&header)).into(),
        ),
        ("an empty header", b"{}".to_vec()),
        ("a header that is no object", b"[]".to_vec()),
    ];
    let payloads = payloads.into_iter().map(|(name, bytes)| {
        (
            name.to_owned(),
            signer.sign_bytes(header.as_bytes(), &bytes).into_bytes(),
        )
    });
    let headers = headers.into_iter().map(|(name, bytes)| {
        (
            name.to_owned(),
            signer.sign_bytes(&bytes, payload.as_bytes()).into_bytes(),
        )
    });
    payloads.chain(headers).collect()
}

/// A token as the payload of another.
fn sign_again(signer: &Signer, good: &Value) -> String {
    signer.sign_json(&signer.header(), good)
}

/// The outer form.
pub(super) fn form_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
    let token = signer.sign_json(&signer.header(), good);
    let [header, payload, signature]: [&str; 3] =
        token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let padded = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        URL_SAFE.encode(bytes)
    };
    let spare = format!("{{\"typ\":\"at+jwt\",{}", &signer.header().to_string()[1..]);
    let mut forms = vec![
        ("two parts", format!("{header}.{payload}")),
        ("no signature", format!("{header}.{payload}.")),
        ("no payload", format!("{header}..{signature}")),
        ("no header", format!(".{payload}.{signature}")),
        ("four parts", format!("{token}.{signature}")),
        ("four parts, one empty", format!("{token}.")),
        (
            "five parts, like JWE",
            format!("{header}.{payload}.{payload}.{payload}.{signature}"),
        ),
        ("a leading dot", format!(".{token}")),
        ("dots only", "..".to_owned()),
        ("nothing", String::new()),
        ("padding at the end", format!("{token}=")),
        ("padding twice at the end", format!("{token}==")),
        (
            "padding inside",
            format!("{}=.{payload}.{signature}", header),
        ),
        ("a space inside", format!("{header}. {payload}.{signature}")),
        ("a space in front", format!(" {token}")),
        ("a tab at the end", format!("{token}\t")),
        ("a line inside", format!("{header}.{payload}\n.{signature}")),
        ("percent signs", token.replace('.', "%2e")),
        ("a plus", format!("{header}.{payload}.+{signature}")),
        ("a slash", format!("{header}.{payload}./{signature}")),
        ("a NUL", format!("{header}.{payload}.{signature}\0")),
        ("quoted", format!("\"{token}\"")),
        (
            "JSON serialisation",
            json!({"payload": payload, "protected": header, "signature": signature}).to_string(),
        ),
        (
            "one megabyte",
            format!("{header}.{}.{signature}", "A".repeat(1024 * 1024)),
        ),
        (
            "one byte too many",
            format!("{header}.{payload}.{}", "A".repeat(8 * 1024)),
        ),
        (
            "typ twice",
            format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode(spare)),
        ),
        ("parts swapped", format!("{payload}.{header}.{signature}")),
        (
            "unsigned",
            format!(
                "{}.{payload}.",
                URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#)
            ),
        ),
    ];
    if padded(payload) != payload {
        forms.push((
            "padded payload",
            format!("{header}.{}.{signature}", padded(payload)),
        ));
    }
    let forms = forms
        .into_iter()
        .map(|(name, token)| (name.to_owned(), token.into_bytes()));
    // Bytes beyond ASCII may stand in a header value.
    forms
        .chain([("not ASCII".to_owned(), [token.as_bytes(), b"\xff"].concat())])
        .collect()
}
