//! How the mini adapter speaks HTTP: as every adapter should, or with one precaution left off.

use super::mini::Quirk;
use http::{HeaderMap, Method};
use motlan_adapter_sdk::{
    adapter::{AdapterError, Call},
    config::ConfigError,
    http::{HttpClient, HttpConfig},
};
use std::{path::PathBuf, time::Duration};
use url::Url;

/// A body with its status.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) asked: Url,
}

#[derive(Debug)]
pub(crate) enum Wire {
    Careful(HttpClient),
    Careless(Careless),
}

/// A client of its own making.
#[derive(Debug)]
pub(crate) struct Careless {
    client: reqwest::Client,
    base: Url,
    quirk: Quirk,
}

impl Wire {
    pub(crate) fn new(url: Url, roots: Option<PathBuf>, quirk: Quirk) -> Result<Self, ConfigError> {
        let mut config = HttpConfig::new(url.clone());
        config.roots_pem_file = roots;
        // A busy machine takes its time to connect.
        config.connect_timeout_ms = 10_000;
        // What is refused in a configuration is refused for both.
        let careful = HttpClient::new(&config)?;
        let careless = [
            Quirk::FollowsRedirects,
            Quirk::FollowsLinksAnywhere,
            Quirk::IgnoresDeadline,
            Quirk::ReadsEverything,
            Quirk::AcceptsAnyCertificate,
        ];
        if !careless.contains(&quirk) {
            return Ok(Self::Careful(careful));
        }
        let mut builder = reqwest::Client::builder().no_proxy();
        if quirk != Quirk::FollowsRedirects {
            builder = builder.redirect(reqwest::redirect::Policy::none());
        }
        if quirk == Quirk::AcceptsAnyCertificate {
            builder = builder.tls_danger_accept_invalid_certs(true);
        } else if let Some(path) = config.roots_pem_file {
            let pem = std::fs::read(path).unwrap();
            builder = builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(&pem).unwrap());
        } else {
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().unwrap();
        Ok(Self::Careless(Careless {
            client,
            base: url,
            quirk,
        }))
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        match self {
            Self::Careful(http) => http.url(path).unwrap(),
            Self::Careless(careless) => careless.base.join(path).unwrap(),
        }
    }

    pub(crate) fn follow(&self, asked: &Url, link: &str) -> Result<Url, AdapterError> {
        match self {
            Self::Careful(http) => http.follow(asked, link),
            Self::Careless(careless) if careless.quirk == Quirk::FollowsLinksAnywhere => asked
                .join(link)
                .map_err(|_| AdapterError::malformed("no link")),
            Self::Careless(careless) => {
                let url = asked
                    .join(link)
                    .map_err(|_| AdapterError::malformed("no link"))?;
                if url.origin() == careless.base.origin() {
                    Ok(url)
                } else {
                    Err(AdapterError::malformed("a link to another host"))
                }
            }
        }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: String,
        call: &Call,
    ) -> Result<Got, AdapterError> {
        match self {
            Self::Careful(http) => {
                let answer = if method == Method::GET {
                    http.get(url, headers, call).await?
                } else {
                    http.post(url, headers, body, call).await?
                };
                Ok(Got {
                    status: answer.status.as_u16(),
                    body: answer.body.to_vec(),
                    asked: url.clone(),
                })
            }
            Self::Careless(careless) => careless.send(method, url, headers, body, call).await,
        }
    }
}

impl Careless {
    async fn send(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: String,
        call: &Call,
    ) -> Result<Got, AdapterError> {
        headers.insert(
            "traceparent",
            call.traceparent.as_deref().unwrap().parse().unwrap(),
        );
        let exchange = self.exchange(method, url, headers, body);
        let deadline = match self.quirk {
            // Not for ever, so that the test ends.
            Quirk::IgnoresDeadline => call.deadline + Duration::from_secs(20),
            _ => call.deadline,
        };
        if deadline <= std::time::Instant::now() {
            return Err(AdapterError::Timeout);
        }
        tokio::time::timeout_at(deadline.into(), exchange)
            .await
            .map_err(|_| AdapterError::Timeout)?
    }

    async fn exchange(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: String,
    ) -> Result<Got, AdapterError> {
        let down = || AdapterError::Down {
            reason: "no answer".to_owned(),
        };
        let request = self
            .client
            .request(method, url.clone())
            .headers(headers)
            .body(body);
        let mut response = request.send().await.map_err(|_| down())?;
        let status = response.status().as_u16();
        if (300..400).contains(&status) || status == 429 {
            return Err(AdapterError::Refused {
                reason: format!("HTTP {status}"),
            });
        }
        if response.headers().contains_key("content-encoding") {
            return Err(AdapterError::malformed("a coding"));
        }
        let max = if self.quirk == Quirk::ReadsEverything {
            40 << 20
        } else {
            1 << 20
        };
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|_| AdapterError::Truncated {
                reason: "cut".to_owned(),
            })?
        {
            body.extend_from_slice(&chunk);
            if body.len() > max {
                return Err(AdapterError::malformed("too long"));
            }
        }
        Ok(Got {
            status,
            body,
            asked: url.clone(),
        })
    }
}
