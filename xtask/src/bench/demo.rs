//! The gateway under measurement: a demonstration in a directory of its own.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use super::report::{Measured, Report};
use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub(super) struct Demo {
    process: Child,
    directory: TempDir,
    file: Value,
}

/// A question of the usual size about one person, answered out of the cache after the first time.
const SELECT: [&str; 3] = [
    "population.identity.full_name",
    "population.identity.birth_date",
    "population.residence.permanent_address",
];
/// A little of each registry.
const SELECT_ALL: [&str; 6] = [
    "population.identity.full_name",
    "civil_status.marital_status.status",
    "insurance.health.status",
    "insurance.social.contribution_months",
    "business.roles.role",
    "land.parcels.area_m2",
];

impl Demo {
    pub(super) fn start(binary: &Path) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let process = Command::new(binary)
            .args(["demo", "--port", "0", "--log", "error", "--data-dir"])
            .arg(directory.path())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start `{}`", binary.display()))?;
        let mut demo = Self {
            process,
            directory,
            file: Value::Null,
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while demo.file.is_null() {
            ensure!(
                Instant::now() < deadline,
                "the demonstration did not start in time"
            );
            sleep(Duration::from_millis(50));
            let text = fs::read(demo.directory.path().join("demo.json")).unwrap_or_default();
            demo.file = serde_json::from_slice(&text).unwrap_or_default();
        }
        // The guided question of the demonstration is over by then.
        sleep(Duration::from_secs(2));
        Ok(demo)
    }

    pub(super) fn gateway(&self) -> &str {
        self.file["gateway"].as_str().unwrap_or_default()
    }

    /// The bytes of an answer that comes out of the cache.
    pub(super) fn cached_answer(&self) -> anyhow::Result<Vec<u8>> {
        self.ask(&self.question(&SELECT, None))?;
        let body = self.ask(&self.question(&SELECT, None))?;
        let answer: Value = serde_json::from_slice(&body)?;
        let datasets = answer["datasets"].as_object().context("no answer")?;
        ensure!(
            datasets.values().all(|d| d["served_from"] == "cache"),
            "not from the cache"
        );
        Ok(body)
    }

    /// A wrk script that asks the cached question.
    pub(super) fn wrk_script(&self) -> anyhow::Result<PathBuf> {
        let body = self.question(&SELECT, None).to_string();
        let script = format!(
            "wrk.method = 'POST'\nwrk.body = [==[{body}]==]\n\
             wrk.headers['Content-Type'] = 'application/json'\n\
             wrk.headers['Authorization'] = 'Bearer {}'\n",
            self.token()
        );
        let path = self.directory.path().join("question.lua");
        fs::write(&path, script)?;
        Ok(path)
    }

    /// What the gateway adds to the slowest of five registries, each of which takes 20 ms a
    /// request: the time of the whole answer, less the time that its slowest fetch took.
    pub(super) fn five_registries(&self, report: &mut Report) -> anyhow::Result<()> {
        const QUESTIONS: usize = 101;
        self.set_faults(&json!({ "mode": "slow", "delay_ms": 20 }))?;
        let mut added_ms = Vec::new();
        for _ in 0..QUESTIONS {
            let before = self.registry_seconds()?;
            let started = Instant::now();
            self.ask(&self.question(&SELECT_ALL, Some(0)))?;
            let answer_ms = started.elapsed().as_secs_f64() * 1_000.0;
            let after = self.registry_seconds()?;
            // A registry with two datasets was asked twice at the same time: the mean of the two.
            let fetches = after.iter().map(|(registry, (seconds, fetches))| {
                let (seconds_before, fetches_before) =
                    before.get(registry).copied().unwrap_or_default();
                (seconds - seconds_before) * 1_000.0 / (fetches - fetches_before).max(1.0)
            });
            added_ms.push(answer_ms - fetches.fold(0.0, f64::max));
        }
        self.set_faults(&json!({ "mode": "ok" }))?;
        added_ms.sort_by(f64::total_cmp);
        let median = added_ms.get(QUESTIONS / 2).copied().unwrap_or_default();
        report.add(Measured::limit(
            "five registries, added to the slowest (median)",
            "ms",
            median,
            1.0,
        ));
        Ok(())
    }

    /// How long fetches from each registry have taken in all, and how many there were.
    fn registry_seconds(&self) -> anyhow::Result<BTreeMap<String, (f64, f64)>> {
        let text = exchange("GET", &format!("{}/metrics", self.gateway()), "", "")?;
        let mut seconds: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for line in String::from_utf8_lossy(&text).lines() {
            let Some(rest) = line.strip_prefix("motlan_registry_duration_seconds_") else {
                continue;
            };
            let (Some(registry), Some(figure)) = (rest.split('"').nth(1), rest.rsplit(' ').next())
            else {
                continue;
            };
            let entry = seconds.entry(registry.to_owned()).or_default();
            match rest.split('{').next() {
                Some("sum") => entry.0 = figure.parse()?,
                Some("count") => entry.1 = figure.parse()?,
                _ => {}
            }
        }
        Ok(seconds)
    }

    pub(super) fn memory_at_rest(&self) -> anyhow::Result<Measured> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("no VmRSS")?;
        let kib: f64 = line
            .split_whitespace()
            .nth(1)
            .context("no VmRSS")?
            .parse()?;
        Ok(Measured::limit(
            "memory of the whole demonstration after load",
            "MB",
            kib / 1_024.0,
            120.0,
        ))
    }

    fn token(&self) -> &str {
        self.file["tokens"]["agency"].as_str().unwrap_or_default()
    }

    fn question(&self, select: &[&str], max_age_seconds: Option<u64>) -> Value {
        let person = &self.file["personas"][0]["person"];
        let mut question = json!({
            "subject": { "person": person }, "purpose": "poor-household-recognition",
            "select": select, "case": "BENCH-1", "officer": "cb-1",
        });
        if let Some(seconds) = max_age_seconds {
            question["max_age_seconds"] = json!(seconds);
        }
        question
    }

    fn ask(&self, question: &Value) -> anyhow::Result<Vec<u8>> {
        let headers = format!("Authorization: Bearer {}\r\n", self.token());
        let url = format!("{}/v1/queries", self.gateway());
        exchange("POST", &url, &headers, &question.to_string())
    }

    fn set_faults(&self, fault: &Value) -> anyhow::Result<()> {
        for registry in self.file["registries"]
            .as_object()
            .context("no registries")?
            .values()
        {
            let url = registry["faults"].as_str().unwrap_or_default();
            exchange("POST", url, "", &fault.to_string())?;
        }
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One HTTP/1.1 exchange on loopback, without a client library that would have to be built.
fn exchange(method: &str, url: &str, headers: &str, body: &str) -> anyhow::Result<Vec<u8>> {
    let rest = url
        .strip_prefix("http://")
        .context("a plain loopback address is expected")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host)?;
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    let end = response
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .context("no end of headers")?;
    let status = response.get(9..12).unwrap_or_default();
    if !status.starts_with(b"2") {
        bail!("{url} answered with {}", String::from_utf8_lossy(status));
    }
    Ok(response.split_off(end + 4))
}
