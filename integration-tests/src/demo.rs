//! A running `motlan demo`: started, spoken to, misused, and ended, all from outside.

use crate::{program, reply::Reply, wait};
use reqwest::{Method, blocking::Client};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    time::Duration,
};
use tempfile::TempDir;

/// A directory for one journey, gone at its end. Demonstrations may follow one another in it.
#[derive(Debug)]
pub struct Home(TempDir);

/// A demonstration that serves. It is killed when dropped.
#[derive(Debug)]
pub struct Demo {
    child: Child,
    client: Client,
    home: PathBuf,
    /// What `demo.json` says.
    pub file: Value,
}

/// What a sandbox registry says of itself.
#[derive(Debug)]
pub struct Seen {
    /// How many requests it got since it started.
    pub requests: u64,
    /// The last one: `method`, `path`, `headers`, `body`.
    pub last_request: Value,
}

impl Default for Home {
    fn default() -> Self {
        Self(TempDir::new().expect("a temporary directory can be made"))
    }
}

impl Home {
    /// The directory itself, where commands are run.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The demonstration's data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }
}

impl Demo {
    /// Starts a demonstration and waits until its guided question is answered.
    ///
    /// # Panics
    /// It did not get that far.
    #[must_use]
    pub fn start(home: &Home) -> Self {
        Self::start_with(home, &["--log", "info"])
    }

    /// The same with other options of `motlan demo`.
    ///
    /// # Panics
    /// It did not start.
    #[must_use]
    pub fn start_with(home: &Home, options: &[&str]) -> Self {
        Self::start_prepared(home, options, |_| {})
    }

    /// The same with a last word on the command, for tests that start it under a fault.
    ///
    /// # Panics
    /// It did not start.
    #[must_use]
    pub fn start_prepared(
        home: &Home,
        options: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        let before = fs::read(home.data().join("demo.json")).unwrap_or_default();
        let output = |name| File::create(home.path().join(name)).expect("output goes to files");
        let mut command = program::command(home.path());
        command
            .args(["demo", "--port", "0", "--data-dir", "data"])
            .args(options)
            .stdout(output("stdout"))
            .stderr(output("stderr"));
        prepare(&mut command);
        let child = command.spawn().expect("the program starts");
        let client = Client::builder()
            .timeout(CALL_MAX)
            .no_proxy()
            .build()
            .expect("a client can be made");
        let mut demo = Self {
            child,
            client,
            home: home.path().to_owned(),
            file: Value::Null,
        };
        demo.file = wait::until("demo.json is written", START_MAX, || demo.new_file(&before));
        wait::until("the gateway is alive", START_MAX, || {
            demo.is_alive().then_some(())
        });
        wait::until("the guided question is answered", START_MAX, || {
            demo.must_run();
            demo.stdout().contains("demo.json").then_some(())
        });
        demo
    }

    fn new_file(&mut self, before: &[u8]) -> Option<Value> {
        self.must_run();
        let bytes = fs::read(self.data().join("demo.json"))
            .ok()
            .filter(|bytes| bytes != before)?;
        serde_json::from_slice(&bytes).ok()
    }

    fn must_run(&mut self) {
        let ended = self.child.try_wait().expect("the process can be asked");
        assert!(
            ended.is_none(),
            "the demonstration ended: {ended:?}\n{}{}",
            self.stdout(),
            self.stderr()
        );
    }

    fn is_alive(&self) -> bool {
        let call = self.client.get(self.url("/healthz")).send();
        call.is_ok_and(|response| response.status().is_success())
    }

    /// The demonstration's data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// What it printed so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        fs::read_to_string(self.home.join("stdout")).unwrap_or_default()
    }

    /// What it logged so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.home.join("stderr")).unwrap_or_default()
    }

    /// A text of `demo.json`, by JSON pointer.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        let value = self.file.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("demo.json has no text at {pointer}"))
    }

    /// A token: `agency`, `other_agency`, `hospital`, `citizen`, `dpo`, `registry`.
    #[must_use]
    pub fn token(&self, holder: &str) -> &str {
        self.text(&format!("/tokens/{holder}"))
    }

    /// The number of a persona.
    ///
    /// # Panics
    /// There is no such persona.
    #[must_use]
    pub fn persona(&self, name: &str) -> &str {
        let mut all = self.file["personas"].as_array().into_iter().flatten();
        let found = all.find(|persona| persona["name"] == name);
        found
            .and_then(|persona| persona["person"].as_str())
            .expect("the persona exists")
    }

    /// The numbers of all personas.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        let all = self.file["personas"].as_array().into_iter().flatten();
        all.filter_map(|persona| persona["person"].as_str().map(str::to_owned))
            .collect()
    }

    /// The address of a path at the gateway.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.text("/gateway"))
    }

    /// A client whose calls share no connections.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Asks a question as the agency.
    #[must_use]
    pub fn ask(&self, body: &Value) -> Reply {
        self.post("/v1/queries", self.token("agency"), body)
    }

    /// Sends JSON with a token.
    #[must_use]
    pub fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        self.call("POST", path, Some(token), Some(&body.to_string()))
    }

    /// Gets a path, with a token or without.
    #[must_use]
    pub fn get(&self, path: &str, token: Option<&str>) -> Reply {
        self.call("GET", path, token, None)
    }

    /// Any call; a body is sent as JSON.
    ///
    /// # Panics
    /// The gateway could not be reached.
    #[must_use]
    pub fn call(&self, method: &str, path: &str, token: Option<&str>, body: Option<&str>) -> Reply {
        let method: Method = method.parse().expect("a method");
        let mut call = self.client.request(method, self.url(path));
        if let Some(token) = token {
            call = call.bearer_auth(token);
        }
        if let Some(body) = body {
            call = call
                .header("content-type", "application/json")
                .body(body.to_owned());
        }
        Reply::of(call.send().expect("the gateway answers"))
    }

    /// Sends a body of any media type with a token.
    ///
    /// # Panics
    /// The gateway could not be reached.
    #[must_use]
    pub fn send(&self, path: &str, token: &str, media_type: &str, body: String) -> Reply {
        let call = self.client.post(self.url(path)).bearer_auth(token);
        let call = call.header("content-type", media_type).body(body);
        Reply::of(call.send().expect("the gateway answers"))
    }

    /// Sets how a registry behaves from its next request on.
    ///
    /// # Panics
    /// The sandbox did not take the order.
    pub fn set_fault(&self, registry: &str, mode: &str, delay_ms: u64) {
        let order = json!({ "mode": mode, "delay_ms": delay_ms }).to_string();
        let sent = self.client.post(self.faults(registry)).body(order).send();
        assert!(
            sent.expect("the sandbox answers").status().is_success(),
            "{registry}: {mode}"
        );
    }

    /// What a registry was asked.
    ///
    /// # Panics
    /// The sandbox did not say.
    #[must_use]
    pub fn seen(&self, registry: &str) -> Seen {
        let state = self
            .client
            .get(self.faults(registry))
            .send()
            .expect("the sandbox answers");
        let state = Reply::of(state).json();
        Seen {
            requests: state["requests"].as_u64().expect("a count of requests"),
            last_request: state["last_request"].clone(),
        }
    }

    /// How many requests each registry got so far.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<String, u64> {
        let registries = self.file["registries"].as_object().into_iter().flatten();
        registries
            .map(|(id, _)| (id.clone(), self.seen(id).requests))
            .collect()
    }

    fn faults(&self, registry: &str) -> &str {
        self.text(&format!("/registries/{registry}/faults"))
    }

    /// The memory that the process occupies now, in KiB.
    ///
    /// # Panics
    /// The system does not say.
    #[must_use]
    pub fn resident_kib(&self) -> u64 {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("procfs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("VmRSS");
        line.trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number of KiB")
    }

    /// `kill -9`.
    pub fn kill(&self) {
        self.signal("-KILL");
    }

    /// Asks it to stop (SIGTERM).
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        assert!(sent.expect("`kill` runs").success());
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// It goes on.
    pub fn ended(&mut self, limit: Duration) -> ExitStatus {
        let child = &mut self.child;
        wait::until("the process ends", limit, || {
            child.try_wait().expect("the process can be asked")
        })
    }

    fn end(&mut self) {
        // Fails only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            eprintln!(
                "--- standard error of the demonstration ---\n{}",
                self.stderr()
            );
        }
    }
}

/// The program is built without optimisation, and machines are shared.
const START_MAX: Duration = Duration::from_secs(60);
/// Longer than any deadline that a question may have.
const CALL_MAX: Duration = Duration::from_secs(40);
