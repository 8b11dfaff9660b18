//! One witness as the gateway asks it: an `add-checkpoint`, bounded in time and length, and what
//! its answer means.

use motlan_access_log::{
    checkpoint::SignedCheckpoint,
    cosignature::{Cosignature, CosignatureVerifier},
    log::AccessLog,
    store::ReadError,
    witness::{policy::PolicyWitness, request::AddCheckpoint},
};
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};
use url::Url;

/// Longest time that one request may take; a witness that needs more is asked again next time.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest answer that is read: a few signature lines.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// A witness with an address.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// Its name in the policy.
    pub(super) name: String,
    key: CosignatureVerifier,
    url: Url,
    http: reqwest::Client,
    /// The size that it cosigned last, as far as we know. It tells us when we are wrong.
    size: Mutex<u64>,
    /// What came of the last offer; empty before the first.
    last_outcome: Mutex<&'static str>,
}

/// What came of an offer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Offered {
    Cosigned(Cosignature),
    /// It cosigned a tree of this size before that ours does not extend.
    Forked {
        tree_size: u64,
    },
    /// It does not want this log or request.
    Refused,
    /// Its answer is none of the protocol, or its cosignature does not hold.
    Wrong,
    Unreachable,
    /// Our own tiles cannot be read.
    NoProof,
}

impl Offered {
    pub(super) const fn outcome(&self) -> &'static str {
        match self {
            Self::Cosigned(_) => "cosigned",
            Self::Forked { .. } => "forked",
            Self::Refused => "refused",
            Self::Wrong => "wrong",
            Self::Unreachable => "unreachable",
            Self::NoProof => "no_proof",
        }
    }
}

/// An answer that could be read.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

/// A client with limits, which goes where the policy says and nowhere else.
pub(super) fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(REQUEST_TIME_MAX)
        .timeout(REQUEST_TIME_MAX)
        .build()
}

impl Endpoint {
    /// None where the address is none of HTTP.
    pub(super) fn new(witness: &PolicyWitness, url: &str, http: reqwest::Client) -> Option<Self> {
        let url: Url = format!("{url}/add-checkpoint").parse().ok()?;
        matches!(url.scheme(), "http" | "https").then(|| Self {
            name: witness.name.clone(),
            key: witness.key.clone(),
            url,
            http,
            size: Mutex::new(0),
            last_outcome: Mutex::new(""),
        })
    }

    /// Whether the outcome is another than that of the last offer; remembers it.
    pub(super) fn is_news(&self, outcome: &'static str) -> bool {
        std::mem::replace(&mut *self.last_outcome.lock(), outcome) != outcome
    }

    /// Offers a checkpoint, from the size that the witness knows; once more where it knows another.
    pub(super) async fn offer(
        &self,
        newest: &SignedCheckpoint,
        log: &Arc<dyn AccessLog>,
    ) -> Offered {
        let new_size = newest.checkpoint.tree_size;
        let mut old_size = (*self.size.lock()).min(new_size);
        for _ in 0..2 {
            let Ok(proof) = proof(log, old_size, new_size).await else {
                return Offered::NoProof;
            };
            let request = AddCheckpoint {
                old_size,
                proof,
                checkpoint: newest.note.clone(),
            };
            let Ok(answer) = self.send(request.to_string()).await else {
                return Offered::Unreachable;
            };
            match answer.status {
                200 => return self.cosigned(newest, &answer.body),
                409 => match told_size(&answer.body) {
                    // It knows a larger tree than there is, or another one of this very size.
                    Some(size) if size > new_size || (size == old_size && size == new_size) => {
                        return Offered::Forked { tree_size: size };
                    }
                    Some(size) if size != old_size => old_size = size,
                    _ => return Offered::Wrong,
                },
                422 => {
                    return Offered::Forked {
                        tree_size: old_size,
                    };
                }
                400 | 403 | 404 => return Offered::Refused,
                _ => return Offered::Unreachable,
            }
        }
        // It changed its mind in between: somebody else offers our checkpoints too.
        Offered::Refused
    }

    /// Checks the cosignature of an answer, and remembers what the witness knows now.
    fn cosigned(&self, newest: &SignedCheckpoint, lines: &[u8]) -> Offered {
        let note = [newest.note.as_bytes(), lines].concat();
        match self.key.find(&note) {
            Ok(Some(cosignature)) => {
                *self.size.lock() = newest.checkpoint.tree_size;
                Offered::Cosigned(cosignature)
            }
            _ => Offered::Wrong,
        }
    }

    async fn send(&self, body: String) -> Result<Answer, reqwest::Error> {
        let request = self.http.post(self.url.clone()).body(body);
        let mut response = request.send().await?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                // Whatever it is, it is no signature line; the checks after this will say so.
                body.clear();
                break;
            }
        }
        Ok(Answer { status, body })
    }
}

async fn proof(
    log: &Arc<dyn AccessLog>,
    old_size: u64,
    new_size: u64,
) -> Result<Vec<[u8; 32]>, ReadError> {
    let tiles = log.tiles();
    let reading = tokio::task::spawn_blocking(move || tiles.consistency_proof(old_size, new_size));
    let outside = ReadError::OutsideTree {
        tree_size: new_size,
    };
    reading.await.unwrap_or(Err(outside))
}

/// The size in the body of a 409: decimal digits and a newline.
fn told_size(body: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(body).ok()?.strip_suffix('\n')?;
    let size: u64 = text.parse().ok()?;
    (size.to_string() == text).then_some(size)
}
