//! The shim that makes one file call of a process fail (`fault_shim.c`), built and aimed.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};
use tempfile::TempDir;

/// What happens instead of a file call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails with EIO.
    Eio,
    /// It fails with ENOSPC.
    Enospc,
    /// The process is killed.
    Kill,
    /// Half of a write is done, and reported as such.
    Short,
    /// Half of a write is done, and then the process is killed.
    Torn,
    /// A sync fails with EIO; other calls do not count.
    Sync,
}

impl Fault {
    /// Makes the `at`-th call of a command below a directory fail. The file `report` is made when
    /// that call is reached.
    pub fn inject(self, command: &mut Command, shim: &Path, below: &Path, at: u64, report: &Path) {
        let mode = match self {
            Self::Eio => "eio",
            Self::Enospc => "enospc",
            Self::Kill => "kill",
            Self::Short => "short",
            Self::Torn => "torn",
            Self::Sync => "sync",
        };
        command
            .env("LD_PRELOAD", shim)
            .env("MOTLAN_FAULT_BELOW", below)
            .env("MOTLAN_FAULT_MODE", mode)
            .env("MOTLAN_FAULT_AT", at.to_string())
            .env("MOTLAN_FAULT_REPORT", report);
    }
}

/// Compiles the shim, once for each test process.
///
/// # Panics
/// There is no C compiler, or it refuses.
#[must_use]
pub fn build() -> PathBuf {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let build = || {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let (source, shim) = (
            directory.path().join("shim.c"),
            directory.path().join("shim.so"),
        );
        std::fs::write(&source, include_str!("fault_shim.c")).expect("the source can be written");
        let compiled = Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .args([&shim, &source])
            .arg("-ldl")
            .output()
            .expect("the C compiler `cc` is installed");
        assert!(
            compiled.status.success(),
            "{}",
            String::from_utf8_lossy(&compiled.stderr)
        );
        (directory, shim)
    };
    BUILT.get_or_init(build).1.clone()
}
