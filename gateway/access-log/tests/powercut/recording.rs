//! A file system that does everything but the syncs, and writes down what it was asked to do, with
//! marks for what the outside was told meanwhile.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use motlan_access_log::files::{DiskFiles, Files, LogFile, Space};
use motlan_access_log::log::Appended;

use super::disk::{Disk, Node};

/// One thing that happened, in the order in which it did.
#[derive(Debug)]
pub(crate) enum Step {
    CreateDirAll(PathBuf),
    /// The number by which the open file is known from then on.
    Create(PathBuf, usize),
    OpenAppend(PathBuf, usize),
    Write(usize, Vec<u8>),
    SyncData(usize),
    SetLength(PathBuf, usize),
    SyncFile(PathBuf),
    Rename(PathBuf, PathBuf),
    RemoveFile(PathBuf),
    RemoveDirAll(PathBuf),
    SyncDir(PathBuf),
    /// An entry was acknowledged.
    Acknowledged(Appended),
    /// A tree of this size was published.
    Published(u64),
}

/// All steps so far, over one or more lives of a log.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    steps: Mutex<Vec<Step>>,
}

impl Recording {
    pub(crate) fn mark(&self, step: Step) {
        self.lock().push(step);
    }

    pub(crate) fn steps(&self) -> MutexGuard<'_, Vec<Step>> {
        self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Step>> {
        self.steps.lock().unwrap()
    }
}

/// The file system of one process: after its death nothing it does happens any more.
#[derive(Clone, Debug)]
pub(crate) struct RecordingFiles {
    root: PathBuf,
    recording: Arc<Recording>,
    life: Arc<Mutex<Life>>,
}

#[derive(Debug, Default)]
struct Life {
    dead: bool,
    dies_before_next_batch_is_synced: bool,
    dies_after_steps: Option<usize>,
    files: usize,
}

impl RecordingFiles {
    pub(crate) fn new(root: &Path, recording: &Arc<Recording>, first_file: usize) -> Self {
        let files = first_file;
        Self {
            root: root.to_owned(),
            recording: Arc::clone(recording),
            life: Arc::new(Mutex::new(Life {
                files,
                ..Life::default()
            })),
        }
    }

    /// The process is killed.
    pub(crate) fn kill(&self) {
        self.life.lock().unwrap().dead = true;
    }

    /// The process is killed between the next write of a batch and its sync.
    pub(crate) fn kill_before_next_batch_is_synced(&self) {
        self.life.lock().unwrap().dies_before_next_batch_is_synced = true;
    }

    /// The process is killed after so many more steps.
    pub(crate) fn kill_after(&self, steps: usize) {
        self.life.lock().unwrap().dies_after_steps = Some(steps);
    }

    /// Does something and writes it down, as one.
    fn step<T>(&self, act: impl FnOnce(&mut usize) -> io::Result<(T, Vec<Step>)>) -> io::Result<T> {
        let mut life = self.life.lock().unwrap();
        if let Some(left) = &mut life.dies_after_steps {
            match left.checked_sub(1) {
                Some(less) => *left = less,
                None => life.dead = true,
            }
        }
        if life.dead {
            return Err(io::Error::other("killed"));
        }
        let mut steps = self.recording.lock();
        let (done, happened) = act(&mut life.files)?;
        steps.extend(happened);
        Ok(done)
    }

    fn local(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap().to_owned()
    }

    fn opened(
        &self,
        path: &Path,
        options: &OpenOptions,
        create: bool,
    ) -> io::Result<Box<dyn LogFile>> {
        self.step(|files| {
            let file = options.open(path)?;
            *files += 1;
            let number = *files;
            let path = self.local(path);
            let step = match create {
                true => Step::Create(path, number),
                false => Step::OpenAppend(path, number),
            };
            let files = self.clone();
            let file: Box<dyn LogFile> = Box::new(RecordingFile {
                files,
                file,
                number,
                is_segment: !create,
            });
            Ok((file, vec![step]))
        })
    }
}

struct RecordingFile {
    files: RecordingFiles,
    file: fs::File,
    number: usize,
    is_segment: bool,
}

impl LogFile for RecordingFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (file, number) = (&mut self.file, self.number);
        self.files.step(|_| {
            io::Write::write_all(file, bytes)?;
            Ok(((), vec![Step::Write(number, bytes.to_vec())]))
        })
    }

    fn sync_data(&mut self) -> io::Result<()> {
        let mut life = self.files.life.lock().unwrap();
        life.dead |= self.is_segment && life.dies_before_next_batch_is_synced;
        drop(life);
        self.files
            .step(|_| Ok(((), vec![Step::SyncData(self.number)])))
    }
}

impl Files for RecordingFiles {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.step(|_| {
            fs::create_dir_all(path)?;
            Ok(((), vec![Step::CreateDirAll(self.local(path))]))
        })
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        let mut options = OpenOptions::new();
        self.opened(path, options.write(true).create(true).truncate(true), true)
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.opened(path, OpenOptions::new().append(true), false)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.step(|_| {
            let file = OpenOptions::new().write(true).open(path)?;
            file.set_len(length)?;
            let path = self.local(path);
            let length = usize::try_from(length).unwrap();
            let steps = vec![Step::SetLength(path.clone(), length), Step::SyncFile(path)];
            Ok(((), steps))
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|_| {
            fs::rename(from, to)?;
            Ok(((), vec![Step::Rename(self.local(from), self.local(to))]))
        })
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step(|_| {
            fs::remove_file(path)?;
            Ok(((), vec![Step::RemoveFile(self.local(path))]))
        })
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.step(|_| {
            fs::remove_dir_all(path)?;
            Ok(((), vec![Step::RemoveDirAll(self.local(path))]))
        })
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // What lies above the test's directory is not the log's.
        match path.strip_prefix(&self.root) {
            Ok(path) => self.step(|_| Ok(((), vec![Step::SyncDir(path.to_owned())]))),
            Err(_) => Ok(()),
        }
    }

    fn allocate(&self, path: &Path, _bytes: u64) -> io::Result<()> {
        self.create(path).map(|_| ())
    }

    fn space(&self, directory: &Path) -> io::Result<Space> {
        DiskFiles.space(directory)
    }
}

/// A disk to which the steps of a recording happen one after the other, and what the outside knows
/// at each moment.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) disk: Disk,
    files: BTreeMap<usize, Node>,
    pub(crate) acknowledged: Vec<Appended>,
    pub(crate) published: u64,
}

impl Replay {
    pub(crate) fn on(disk: Disk) -> Self {
        Self {
            disk,
            files: BTreeMap::new(),
            acknowledged: Vec::new(),
            published: 0,
        }
    }

    pub(crate) fn step(&mut self, step: &Step) {
        let disk = &mut self.disk;
        match step {
            Step::CreateDirAll(path) => disk.create_dir_all(path),
            Step::Create(path, number) => {
                self.files.insert(*number, disk.create(path));
            }
            Step::OpenAppend(path, number) => {
                self.files.insert(*number, disk.open(path));
            }
            Step::Write(number, bytes) => disk.append(self.files[number], bytes),
            Step::SyncData(number) => disk.sync_data(self.files[number]),
            Step::SetLength(path, length) => disk.set_length(path, *length),
            Step::SyncFile(path) => {
                let file = disk.open(path);
                disk.sync_data(file);
            }
            Step::Rename(from, to) => disk.rename(from, to),
            Step::RemoveFile(path) => disk.remove_file(path),
            Step::RemoveDirAll(path) => disk.remove_dir_all(path),
            Step::SyncDir(path) => disk.sync_dir(path),
            Step::Acknowledged(appended) => self.acknowledged.push(*appended),
            Step::Published(tree_size) => self.published = *tree_size,
        }
    }
}
