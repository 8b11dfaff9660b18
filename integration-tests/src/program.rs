//! The program under test, as a command that runs to its end.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The program that cargo built beside this test.
///
/// # Panics
/// It was not built.
#[must_use]
pub fn path() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    // target/<profile>/deps/<this test>
    let profile = test
        .ancestors()
        .nth(2)
        .expect("tests are built two directories down");
    let program = profile.join("motlan");
    assert!(
        program.exists(),
        "`{}` is missing: build it first with `cargo build --package motlan-gateway`",
        program.display()
    );
    program
}

/// A command of the program that runs in `directory` and takes nothing from this environment.
#[must_use]
pub fn command(directory: &Path) -> Command {
    let mut command = Command::new(path());
    command
        .current_dir(directory)
        .env_remove("MOTLAN_LANG")
        .env_remove("MOTLAN_TOKEN")
        .stdin(Stdio::null());
    command
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Said {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// The standard output of a command that went well.
    ///
    /// # Panics
    /// It did not.
    #[must_use]
    pub fn well(self) -> String {
        assert_eq!(
            self.code,
            Some(0),
            "stdout:\n{}\nstderr:\n{}",
            self.out,
            self.err
        );
        self.out
    }
}

/// Runs the program with `arguments` to its end.
///
/// # Panics
/// It cannot be started, or colours an output that is no terminal.
#[must_use]
pub fn run(directory: &Path, arguments: &[&str]) -> Said {
    let Output {
        status,
        stdout,
        stderr,
    } = command(directory)
        .args(arguments)
        .output()
        .expect("the program starts");
    let said = Said {
        code: status.code(),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    };
    let colours = said.out.contains('\u{1b}') || said.err.contains('\u{1b}');
    assert!(!colours, "colours where no terminal is: {said:?}");
    said
}
