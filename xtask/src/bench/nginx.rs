//! The peer: nginx `proxy_cache` on loopback, serving the same bytes as our cached answer, with no
//! token, no policy and no log.

use crate::shell::target;
use anyhow::{Context, bail};
use std::{
    fs,
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

pub(super) struct Nginx {
    process: Child,
    directory: PathBuf,
}

const PORT: u16 = 18_081;
const SOURCE_PORT: u16 = 18_082;

impl Nginx {
    /// Starts nginx with a cache in front of a source that holds `answer`.
    pub(super) fn start(answer: &[u8]) -> anyhow::Result<Self> {
        let directory = target().join("bench-nginx");
        fs::create_dir_all(directory.join("source"))?;
        fs::write(directory.join("source/answer.json"), answer)?;
        let configuration = directory.join("nginx.conf");
        fs::write(
            &configuration,
            configuration_in(&directory.display().to_string()),
        )?;
        let process = Command::new("nginx")
            .arg("-p")
            .arg(&directory)
            .arg("-c")
            .arg(&configuration)
            .args(["-g", "daemon off;"])
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start nginx")?;
        let nginx = Self { process, directory };
        let deadline = Instant::now() + Duration::from_secs(5);
        while TcpStream::connect(("127.0.0.1", PORT)).is_err() {
            if Instant::now() > deadline {
                bail!("nginx did not start listening");
            }
            sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{PORT}/answer.json")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers when it is told to quit; a kill would leave them behind.
        let _ = Command::new("kill")
            .args(["-QUIT", &self.process.id().to_string()])
            .status();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn configuration_in(directory: &str) -> String {
    format!(
        r"
worker_processes 2;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 10000000;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    default_type application/json;
    proxy_cache_path {directory}/cache keys_zone=answers:1m;
    server {{
        listen 127.0.0.1:{PORT};
        location / {{
            proxy_pass http://127.0.0.1:{SOURCE_PORT};
            proxy_cache answers;
            proxy_cache_valid 200 1h;
        }}
    }}
    server {{
        listen 127.0.0.1:{SOURCE_PORT};
        root {directory}/source;
    }}
}}
"
    )
}
