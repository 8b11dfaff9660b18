//! A demonstration whose calls go through the real router, without a socket.

use axum::{Router, body::Body};
use http::{Method, Request, header};
use http_body_util::BodyExt;
use motlan_gateway::{
    api,
    app::App,
    auth::install_cryptography,
    demo::{Demo, DemoOptions, file::DemoFile},
};
use motlan_schemas::language::Language;
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

/// The demonstration; it ends with this value.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    pub(crate) file: DemoFile,
    _demo: Demo,
    _directory: TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        // Fails where another test of this process did it before.
        let _ = install_cryptography();
        let directory = tempfile::tempdir().unwrap();
        let options = DemoOptions {
            port: 0,
            data_dir: directory.path().to_owned(),
            language: Language::En,
        };
        let demo = Demo::start(&options).await.unwrap();
        Self {
            app: Arc::clone(&demo.app),
            router: api::router(Arc::clone(&demo.app)),
            file: demo.file.clone(),
            _demo: demo,
            _directory: directory,
        }
    }

    /// Status and JSON of a call with the token of one of the demonstration's holders.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        holder: &str,
        media_type: &str,
        body: &Value,
    ) -> (u16, Value) {
        let token = self.file.token(holder).unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, media_type)
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        (status, body)
    }
}
