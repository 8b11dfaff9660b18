//! A real installation: made by `motlan init`, served by `motlan serve`, with registries and an
//! issuer that nobody reaches; and witnesses beside it. All are killed when dropped.

use crate::{demo::Home, program, wait};
use serde_json::Value;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Duration,
};

/// The program is built without optimisation, and machines are shared.
const START_MAX: Duration = Duration::from_secs(60);

/// The origin of an installation's log.
pub const ORIGIN: &str = "motlan.example/journey";

/// `motlan serve` at work.
#[derive(Debug)]
pub struct Serving {
    process: Process,
    address: String,
}

/// `motlan witness` at work.
#[derive(Debug)]
pub struct Witness {
    _process: Process,
    /// Its address.
    pub url: String,
    /// The key of its cosignatures.
    pub key: String,
}

/// Makes an installation in a home that listens on a free port; `access_log` is put into that
/// section of its configuration. Returns the log's key.
///
/// # Panics
/// It cannot be made.
#[must_use]
pub fn install(home: &Home, access_log: &str) -> String {
    let said = program::run(home.path(), &["init", "--origin", ORIGIN, "."]).well();
    let file = home.path().join("motlan.toml");
    let nobody_listens = |line: &str| match line.split_once(" = \"https://") {
        Some((name @ ("issuer" | "base_url"), _)) => format!("{name} = \"http://127.0.0.1:1/\""),
        Some((name @ "jwks_url", _)) => format!("{name} = \"http://127.0.0.1:1/keys\""),
        _ if line.starts_with("second_checkpoint") => format!("{line}\n{access_log}"),
        _ => line.replace("127.0.0.1:8080", "127.0.0.1:0"),
    };
    let text = fs::read_to_string(&file).expect("a configuration was written");
    let text: Vec<String> = text.lines().map(nobody_listens).collect();
    fs::write(&file, text.join("\n")).expect("the configuration can be changed");
    let mut words = said.split_whitespace();
    let key = words.find(|word| word.starts_with(&format!("{ORIGIN}+")));
    key.expect("init shows the key").to_owned()
}

impl Serving {
    /// Serves the installation of a home.
    ///
    /// # Panics
    /// It does not begin to.
    #[must_use]
    pub fn start(home: &Home) -> Self {
        let stderr = home.path().join("serve-stderr");
        let arguments = ["serve", "--config", "motlan.toml"];
        let mut process = Process::start(home.path(), &arguments, None, &stderr);
        let address = wait::until("it serves", START_MAX, || {
            let log = process.output(&stderr);
            let (_, address) = log.split_once("address=")?;
            address.split_whitespace().next().map(str::to_owned)
        });
        Self { process, address }
    }

    /// Its base address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Status and text of a `GET`.
    ///
    /// # Panics
    /// It does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> (u16, String) {
        let reply = reqwest::blocking::get(format!("{}{path}", self.url())).expect("an answer");
        let status = reply.status().as_u16();
        (status, reply.text().expect("text"))
    }

    /// What `/readyz` says.
    ///
    /// # Panics
    /// It does not say JSON.
    #[must_use]
    pub fn readiness(&self) -> (u16, Value) {
        let (status, text) = self.get("/readyz");
        (status, serde_json::from_str(&text).expect("JSON"))
    }

    /// Ends it in order.
    ///
    /// # Panics
    /// It ends otherwise.
    pub fn stop(mut self) {
        let id = self.process.0.id().to_string();
        let mut kill = std::process::Command::new("kill");
        let told = kill.args(["-TERM", &id]).status().expect("kill starts");
        assert!(told.success(), "it runs until now");
        let ended = self.process.0.wait().expect("it can be waited for");
        assert!(ended.success(), "{ended}");
    }
}

impl Witness {
    /// Starts a witness of a log, with its directory and output below a home.
    ///
    /// # Panics
    /// It does not begin to serve.
    #[must_use]
    pub fn start(home: &Home, name: &str, log_keys: &[&str]) -> Self {
        let file = |end: &str| home.path().join(format!("{name}-{end}"));
        let (stdout, stderr) = (file("stdout"), file("stderr"));
        let mut arguments = vec!["witness", "--listen", "127.0.0.1:0", "--directory", name];
        arguments.extend(log_keys.iter().flat_map(|key| ["--log", key]));
        let mut process = Process::start(home.path(), &arguments, Some(&stdout), &stderr);
        let (url, key) = wait::until("it watches", START_MAX, || {
            process.output(&stderr);
            let said = fs::read_to_string(&stdout).unwrap_or_default();
            let mut words = said.split_whitespace();
            let url = words.find(|word| word.starts_with("http://"))?.to_owned();
            let key = words.find(|word| word.contains('+'))?.to_owned();
            said.ends_with('\n').then_some((url, key))
        });
        Self {
            _process: process,
            url,
            key,
        }
    }

    /// What `GET /` says.
    ///
    /// # Panics
    /// It does not say JSON.
    #[must_use]
    pub fn overview(&self) -> Value {
        let reply = reqwest::blocking::get(&self.url).expect("an answer");
        serde_json::from_str(&reply.text().expect("text")).expect("JSON")
    }
}

/// A process, killed when dropped.
#[derive(Debug)]
struct Process(Child);

impl Process {
    fn start(home: &Path, arguments: &[&str], stdout: Option<&PathBuf>, stderr: &Path) -> Self {
        let file = |path| Stdio::from(File::create(path).expect("output goes to files"));
        let child = program::command(home)
            .args(arguments)
            .stdout(stdout.map_or_else(Stdio::null, |path| file(path.as_path())))
            .stderr(file(stderr))
            .spawn();
        Self(child.expect("the program starts"))
    }

    /// What it wrote so far; it must be running.
    fn output(&mut self, path: &Path) -> String {
        let text = fs::read_to_string(path).unwrap_or_default();
        let ended = self.0.try_wait().expect("it can be waited for");
        assert!(ended.is_none(), "it ended: {text}");
        text
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
