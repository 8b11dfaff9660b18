//! A PostgreSQL of a test's own: made, started, and gone afterwards.
#![expect(clippy::panic, reason = "a test kit says what is wrong by panicking")]

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_postgres::NoTls;

/// The password of the owner, and of the role that tests make for the client.
pub const PASSWORD: &str = "m4t-kh4u";

/// A running server, which listens on loopback and on a socket in its directory.
#[derive(Debug)]
pub struct Cluster {
    /// Where its data, its files and its socket are.
    pub directory: PathBuf,
    /// Its port on loopback.
    pub port: u16,
    programs: Programs,
    server: Child,
}

/// PostgreSQL's programs, and as whom they run: they refuse to run as root.
#[derive(Debug, Clone)]
struct Programs {
    directory: PathBuf,
    user: Option<(u32, u32)>,
}

impl Programs {
    fn find() -> Option<Self> {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let directories = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
        let directory = directories
            .filter(|bin| bin.join("initdb").exists())
            .max()?;
        let is_root = fs::metadata("/proc/self").ok().is_some_and(|own| {
            use std::os::unix::fs::MetadataExt;
            own.uid() == 0
        });
        Some(Self {
            directory,
            user: is_root.then(user).flatten(),
        })
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.directory.join(name));
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

/// The account that PostgreSQL's package makes, else the one of nobody.
fn user() -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let ids = |name: &str| {
        let line = accounts
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody"))
}

impl Cluster {
    /// A new server with settings and files of its own; `{}` in a setting is its directory. `None`,
    /// with a line that says so, where PostgreSQL is not installed.
    pub async fn start(settings: &[(&str, &str)], files: &[(&str, &str)]) -> Option<Self> {
        let Some(programs) = Programs::find() else {
            eprintln!(
                "skipped: PostgreSQL is not installed; `apt-get install postgresql` brings it"
            );
            return None;
        };
        let directory = std::env::temp_dir().join(format!("motlan-pg-{}", uuid::Uuid::new_v4()));
        let data = directory.join("data");
        fs::create_dir(&directory).unwrap();
        let password = directory.join("password");
        fs::write(&password, PASSWORD).unwrap();
        for (name, content) in files {
            write_private(&directory.join(name), content);
        }
        if let Some((user, group)) = programs.user {
            for entry in fs::read_dir(&directory).unwrap() {
                chown(entry.unwrap().path(), Some(user), Some(group)).unwrap();
            }
            chown(&directory, Some(user), Some(group)).unwrap();
        }
        let made = programs
            .command("initdb")
            .args([
                "--username=owner",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
            ])
            .arg(format!("--pwfile={}", password.display()))
            .arg("--pgdata")
            .arg(&data)
            .status()
            .unwrap();
        assert!(made.success(), "initdb: {made}");
        let port = free_port().await;
        let mut command = programs.command("postgres");
        command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        let socket = directory.display().to_string();
        let fixed = [
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", &socket),
            ("fsync", "off"),
            ("max_connections", "20"),
            ("logging_collector", "off"),
        ];
        for (name, value) in fixed.iter().chain(settings) {
            command
                .arg("-c")
                .arg(format!("{name}={}", value.replace("{}", &socket)));
        }
        let server = command.spawn().unwrap();
        let cluster = Self {
            directory,
            port,
            programs,
            server,
        };
        cluster.wait().await;
        Some(cluster)
    }

    /// Runs statements as the owner of everything.
    pub async fn run(&self, statements: &str) {
        let (client, connection) = self.owner().connect(NoTls).await.unwrap();
        let driver = tokio::spawn(async move { drop(connection.await) });
        client.batch_execute(statements).await.unwrap();
        drop(client);
        driver.await.unwrap();
    }

    fn owner(&self) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config
            .host("127.0.0.1")
            .port(self.port)
            .user("owner")
            .password(PASSWORD)
            .dbname("postgres");
        config
    }

    async fn wait(&self) {
        for _ in 0..600 {
            if self.owner().connect(NoTls).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("PostgreSQL did not start in half a minute");
    }

    /// Stops the server at once.
    pub fn stop(&mut self) {
        let data = self.directory.join("data");
        let mut command = self.programs.command("pg_ctl");
        let _ = command
            .args(["stop", "-m", "immediate", "-D"])
            .arg(data)
            .status();
        let _ = self.server.wait();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// A file that only its owner reads, as PostgreSQL wants its key.
fn write_private(path: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}
