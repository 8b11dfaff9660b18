//! A log at the other end of a network: a gateway's `/v1/access-log`, or its directory behind any
//! web server. Tiles are fetched some ahead of what is read, or a million entries would take as many
//! round trips as they have tiles.

use crate::auth::install_cryptography;
use anyhow::{Context, ensure};
use motlan_access_log::{
    checkpoint::Checkpoint,
    tile::{TILE_WIDTH, TileKind, TilePath, width_at},
    verify::source::Source,
};
use parking_lot::Mutex;
use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use std::{collections::BTreeMap, fs, io, path::Path, time::Duration};
use tokio::{runtime::Runtime, task::JoinHandle, time::sleep};
use url::Url;

/// The largest file of a log: a bundle of 256 entries of 64 KiB, each after its length.
const FILE_BYTES_MAX: usize = 256 * (2 + 65_535);
/// Longest time that one file may take.
const FILE_TIME_MAX: Duration = Duration::from_secs(60);
/// A server that is busy, or a connection that broke, is asked again after these pauses.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
];
/// Files being fetched ahead at once; further ones wait until they are read.
const AHEAD_MAX: usize = 32;
/// Where a gateway has its log.
const GATEWAY_PATH: &str = "/v1/access-log";

type Fetched = io::Result<Vec<u8>>;

/// A log that is fetched.
pub(super) struct Remote {
    runtime: Runtime,
    place: Place,
    shows_entries: bool,
    ahead: Mutex<BTreeMap<String, JoinHandle<Fetched>>>,
}

/// Where files are, and by which right.
#[derive(Clone)]
struct Place {
    client: Client,
    base: String,
    token: Option<SecretString>,
}

impl Remote {
    /// Finds the log at an address, and out whether it shows entries.
    pub(super) fn open(address: &str, token_file: Option<&Path>) -> anyhow::Result<Self> {
        install_cryptography()?;
        let url: Url = address
            .parse()
            .with_context(|| format!("`{address}` is no address"))?;
        let token = token_file.map(read_token).transpose()?;
        ensure!(
            token.is_none() || url.scheme() == "https" || is_loopback(&url),
            "a token goes to https:// addresses only"
        );
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(FILE_TIME_MAX)
            .build()
            .context("cannot make an HTTP client")?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let base = address.trim_end_matches('/').to_owned();
        let mut place = Place {
            client,
            base,
            token,
        };
        let note = runtime.block_on(place.find())?;
        let shows_entries = place.token.is_some() || runtime.block_on(place.shows_entries(&note));
        Ok(Self {
            runtime,
            place,
            shows_entries,
            ahead: Mutex::default(),
        })
    }
}

impl Source for Remote {
    fn read(&self, path: &str) -> Fetched {
        let ahead = self.ahead.lock().remove(path);
        match ahead {
            Some(fetching) => self.runtime.block_on(fetching).map_err(io::Error::other)?,
            None => self.runtime.block_on(self.place.fetch(path)),
        }
    }

    fn names(&self, _path: &str) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn shows_entries(&self) -> bool {
        self.shows_entries
    }

    fn expect(&self, path: &str) {
        let mut ahead = self.ahead.lock();
        if ahead.len() < AHEAD_MAX && !ahead.contains_key(path) {
            let (place, of) = (self.place.clone(), path.to_owned());
            let fetching = self.runtime.spawn(async move { place.fetch(&of).await });
            ahead.insert(path.to_owned(), fetching);
        }
    }
}

impl Place {
    /// Finds out whether the address is the log's own or that of a gateway; returns the checkpoint.
    async fn find(&mut self) -> anyhow::Result<Vec<u8>> {
        let here = self.base.clone();
        for base in [here.clone(), format!("{here}{GATEWAY_PATH}")] {
            self.base = base;
            match self.fetch("checkpoint").await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                note => return note.with_context(|| format!("cannot read the log at {here}")),
            }
        }
        anyhow::bail!("there is no access log at {here}: neither `checkpoint` nor `{GATEWAY_PATH}`")
    }

    /// Whether somebody without a token is shown entries, as a mere web server would. What the
    /// checkpoint says is not verified yet, and only used to ask for a bundle that is there.
    async fn shows_entries(&self, note: &[u8]) -> bool {
        let text = String::from_utf8_lossy(note);
        let text = text.split_once("\n\n").map(|(text, _)| format!("{text}\n"));
        let size = text.and_then(|text| Checkpoint::parse(&text).ok());
        let size = size.map_or(0, |checkpoint| checkpoint.tree_size);
        if size == 0 {
            return true;
        }
        let index = (size - 1) / u64::from(TILE_WIDTH);
        let newest = TilePath {
            kind: TileKind::Entries,
            index,
            width: width_at(size, 0, index),
        };
        let fetched = self.fetch(&newest.to_string()).await;
        !matches!(fetched, Err(error) if error.kind() == io::ErrorKind::PermissionDenied)
    }

    async fn fetch(&self, path: &str) -> Fetched {
        match self.fetch_exactly(path).await {
            // A gateway has it at a path of its own.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && path == "checkpoint.cosigned" =>
            {
                self.fetch_exactly("checkpoint/cosigned").await
            }
            fetched => fetched,
        }
    }

    async fn fetch_exactly(&self, path: &str) -> Fetched {
        let mut pauses = PAUSES.iter();
        loop {
            let fetched = self.fetch_once(path).await;
            let again =
                matches!(&fetched, Err(error) if error.kind() == io::ErrorKind::Interrupted);
            match pauses.next() {
                Some(pause) if again => sleep(*pause).await,
                _ => return fetched,
            }
        }
    }

    /// One attempt; [`io::ErrorKind::Interrupted`] where another one may help.
    async fn fetch_once(&self, path: &str) -> Fetched {
        let interrupted =
            |error: reqwest::Error| io::Error::new(io::ErrorKind::Interrupted, error.without_url());
        let mut request = self.client.get(format!("{}/{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let mut response = request.send().await.map_err(interrupted)?;
        let told = |kind, what: String| Err(io::Error::new(kind, what));
        match response.status() {
            StatusCode::OK => {}
            // A gateway says so of entries that its retention policy has removed.
            StatusCode::GONE | StatusCode::NOT_FOUND => {
                return told(io::ErrorKind::NotFound, "not there".to_owned());
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let what = "it is shown for a token of the scope `audit` only";
                return told(io::ErrorKind::PermissionDenied, what.to_owned());
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return told(io::ErrorKind::Interrupted, format!("HTTP status {status}"));
            }
            status => return told(io::ErrorKind::Other, format!("HTTP status {status}")),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(interrupted)? {
            body.extend_from_slice(&chunk);
            if body.len() > FILE_BYTES_MAX {
                return told(
                    io::ErrorKind::InvalidData,
                    "longer than any file of a log".to_owned(),
                );
            }
        }
        Ok(body)
    }
}

pub(in crate::cli::log) fn read_token(path: &Path) -> anyhow::Result<SecretString> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read the token in `{}`", path.display()))?;
    Ok(SecretString::from(text.trim().to_owned()))
}

pub(in crate::cli::log) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
