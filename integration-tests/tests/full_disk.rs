//! A disk that fills up under a running gateway: no question is answered without its entry, what is
//! there can still be read, proven and looked into, and with room the gateway goes on by itself.
//!
//! It needs a small file system of its own, and so the right to mount one; where that is missing, the
//! test says so and does nothing.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program::run,
    questions::{SELECT, question},
    reply::Reply,
    wait,
};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const MIB: usize = 1024 * 1024;
/// The low-water mark of the demonstration is 16 MiB.
const DISK: &str = "size=64m";
/// Below the 2 MiB at which the ballast is given up, above the 1 MiB below which nothing is written.
const NEARLY_FULL: usize = 3 * MIB / 2;
const NOTICED_WITHIN: Duration = Duration::from_secs(5);

/// A file system in memory, for as long as this lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", DISK, "tmpfs"])
            .arg(&at)
            .output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(at)),
            refused => {
                println!("skipped: a file system cannot be mounted here: {refused:?}");
                None
            }
        }
    }

    /// Others fill the disk until so much is left, or nothing.
    fn fill_up_to(&self, left: usize) {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(self.filler())
            .unwrap();
        let piece = vec![1; 64 * 1024];
        while self.free() > left && file.write_all(&piece).is_ok() {}
    }

    fn free(&self) -> usize {
        let output = Command::new("stat")
            .args(["-f", "-c", "%a %S"])
            .arg(&self.0)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace()
            .map(|word| word.parse::<usize>().unwrap())
            .product()
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_refuses_questions_and_nothing_else() {
    let home = Home::default();
    let Some(disk) = SmallDisk::mount(home.data()) else {
        return;
    };
    let demo = Demo::start(&home);
    let ask = || demo.ask(&question(demo.persona("lan"), &SELECT));
    let receipt = ask().answer()["receipt"].clone();
    assert!(disk.0.join("log/tmp/ballast").exists());

    disk.fill_up_to(12 * MIB);
    let refused = refused(&demo, &ask);
    let problem = refused.problem(503, "access_log_unavailable");
    assert_eq!(problem["retryable"], true);
    what_is_there_can_be_used(&demo, home.path(), &receipt);

    // Others go on: the ballast is given up for what must be written. However much of it they take
    // while they fill the disk, what is left is enough for that.
    disk.fill_up_to(NEARLY_FULL);
    let ballast = disk.0.join("log/tmp/ballast");
    wait::until("the ballast is given up", NOTICED_WITHIN, || {
        (!ballast.exists()).then_some(())
    });
    wait::until("looks are written again", NOTICED_WITHIN, || {
        let look = demo.get("/v1/emergency-uses", Some(demo.token("dpo")));
        (look.status == 200).then_some(())
    });
    let problem = ask().problem(503, "access_log_unavailable");
    assert_eq!(problem["retryable"], true);
    what_is_there_can_be_used(&demo, home.path(), &receipt);

    // And all the rest: the log waits for room, and serves what it has.
    disk.fill_up_to(0);
    wait::until("nothing is written any more", NOTICED_WITHIN, || {
        let look = demo.get("/v1/emergency-uses", Some(demo.token("dpo")));
        (look.status == 503).then_some(())
    });
    let checkpoint = demo.get("/v1/access-log/checkpoint", None);
    assert_eq!(checkpoint.status, 200);
    assert_eq!(demo.get("/healthz", None).status, 200);

    fs::remove_file(disk.filler()).unwrap();
    wait::until("questions are answered again", NOTICED_WITHIN, || {
        (ask().status == 200).then_some(())
    });
    wait::until("the ballast is there again", NOTICED_WITHIN, || {
        ballast.exists().then_some(())
    });
    assert_eq!(demo.get("/readyz", None).answer()["access_log"], "writable");
    let receipt = ask().answer()["receipt"].clone();
    what_is_there_can_be_used(&demo, home.path(), &receipt);
}

/// The first refusal; the disk is looked at several times a second.
fn refused(demo: &Demo, ask: &impl Fn() -> Reply) -> Reply {
    let refused = wait::until("a question is refused", NOTICED_WITHIN, || {
        Some(ask()).filter(|reply| reply.status != 200)
    });
    let ready = demo.get("/readyz", None);
    assert_eq!(ready.status, 503, "{}", ready.text());
    assert_eq!(ready.json()["access_log"], "disk_full");
    assert_eq!(demo.get("/healthz", None).status, 200);
    refused
}

/// The log is served and verifies, receipts can be proven, and an officer can look into it.
fn what_is_there_can_be_used(demo: &Demo, home: &Path, receipt: &serde_json::Value) {
    let leaf = receipt["leaf_index"].as_u64().unwrap();
    let log = wait::until("the entry is published", NOTICED_WITHIN, || {
        Some(Verified::fetch(demo)).filter(|log| log.entries.len() as u64 > leaf)
    });
    log.check_receipt(receipt);
    let looks = demo.get("/v1/emergency-uses", Some(demo.token("dpo")));
    assert_eq!(looks.status, 200, "{}", looks.text());
    assert!(
        run(home, &["log", "verify", "data"])
            .well()
            .contains("entries valid")
    );
}
