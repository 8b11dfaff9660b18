//! A disk with a volatile cache: what is durable, what is not yet, and what a power cut leaves.
//!
//! Directories are lists of names, and names point at files or directories, as on a real file
//! system: whatever lies below a name that is lost is lost too, and a file that was synced and
//! never got a durable name cannot be found. Nothing becomes durable but by a sync of the thing
//! itself; in particular a sync of a file does not keep its name. This is weaker than what Linux
//! file systems do, and no weaker than what they promise.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};

use super::chance::Chance;

/// Survival is decided for each of these on its own.
const PAGE_BYTES: usize = 4096;

/// What a power cut leaves of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// Nothing.
    AllLost,
    /// A random part of pages, lengths and names.
    SomeSurvive,
    /// Everything: not a power cut, but a process that was killed.
    AllSurvive,
}

/// A file or directory.
pub(crate) type Node = usize;

#[derive(Debug)]
enum Inode {
    Directory(BTreeMap<String, Name>),
    File(Data),
}

/// What a name pointed at when it was synced last, and at what since.
#[derive(Debug, Default)]
struct Name {
    durable: Option<Node>,
    since: Vec<Option<Node>>,
}

impl Name {
    fn now(&self) -> Option<Node> {
        self.since.last().copied().unwrap_or(self.durable)
    }

    fn after_cut(&self, model: Model, chance: &mut Chance) -> Option<Node> {
        match model {
            Model::AllLost => self.durable,
            Model::AllSurvive => self.now(),
            Model::SomeSurvive => {
                let kept = chance.below(self.since.len() + 1);
                kept.checked_sub(1)
                    .map_or(self.durable, |kept| self.since[kept])
            }
        }
    }
}

/// The bytes of a file when it was synced last, and the changes since.
#[derive(Debug, Default)]
struct Data {
    durable: Vec<u8>,
    since: Vec<Change>,
    now: Vec<u8>,
}

#[derive(Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Data {
    fn change(&mut self, change: Change) {
        apply(&mut self.now, &change);
        self.since.push(change);
    }

    fn sync(&mut self) {
        self.durable.clone_from(&self.now);
        self.since.clear();
    }

    fn after_cut(&self, model: Model, chance: &mut Chance) -> Vec<u8> {
        match model {
            Model::AllLost => self.durable.clone(),
            Model::AllSurvive => self.now.clone(),
            Model::SomeSurvive => self.some_survive(chance),
        }
    }

    fn some_survive(&self, chance: &mut Chance) -> Vec<u8> {
        let mut left = self.durable.clone();
        for change in &self.since {
            match change {
                Change::Length(_) => {
                    if chance.flip() {
                        apply(&mut left, change);
                    }
                }
                Change::Write { at, bytes } => {
                    // The length is kept apart from the pages: a tail may come back as zeros.
                    if chance.flip() && left.len() < at + bytes.len() {
                        left.resize(at + bytes.len(), 0);
                    }
                    let mut start = 0;
                    while start < bytes.len() {
                        let page_end = ((at + start) / PAGE_BYTES + 1) * PAGE_BYTES - at;
                        let end = page_end.min(bytes.len());
                        if chance.flip() {
                            let bytes = bytes[start..end].to_vec();
                            apply(
                                &mut left,
                                &Change::Write {
                                    at: at + start,
                                    bytes,
                                },
                            );
                        }
                        start = end;
                    }
                }
            }
        }
        left
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => bytes.resize(*length, 0),
        Change::Write { at, bytes: new } => {
            if bytes.len() < at + new.len() {
                bytes.resize(at + new.len(), 0);
            }
            bytes[*at..at + new.len()].copy_from_slice(new);
        }
    }
}

/// The whole disk. Paths are relative to its root.
#[derive(Debug)]
pub(crate) struct Disk {
    nodes: Vec<Inode>,
}

const ROOT: Node = 0;

impl Disk {
    /// A disk with nothing on it.
    pub(crate) fn empty() -> Self {
        Self {
            nodes: vec![Inode::Directory(BTreeMap::new())],
        }
    }

    /// A disk that durably holds what a real directory holds.
    pub(crate) fn from_directory(real: &Path) -> Self {
        let mut disk = Self::empty();
        disk.load(ROOT, real);
        disk
    }

    fn load(&mut self, directory: Node, real: &Path) {
        for entry in fs::read_dir(real).unwrap() {
            let entry = entry.unwrap();
            let node = if entry.path().is_dir() {
                let node = self.add(Inode::Directory(BTreeMap::new()));
                self.load(node, &entry.path());
                node
            } else {
                let durable = fs::read(entry.path()).unwrap();
                self.add(Inode::File(Data {
                    now: durable.clone(),
                    durable,
                    since: Vec::new(),
                }))
            };
            let name = entry.file_name().into_string().unwrap();
            let durable = Some(node);
            let since = Vec::new();
            self.names(directory).insert(name, Name { durable, since });
        }
    }

    fn add(&mut self, inode: Inode) -> Node {
        self.nodes.push(inode);
        self.nodes.len() - 1
    }

    fn names(&mut self, directory: Node) -> &mut BTreeMap<String, Name> {
        match &mut self.nodes[directory] {
            Inode::Directory(names) => names,
            Inode::File(_) => panic!("not a directory"),
        }
    }

    fn data(&mut self, file: Node) -> &mut Data {
        match &mut self.nodes[file] {
            Inode::File(data) => data,
            Inode::Directory(_) => panic!("not a file"),
        }
    }

    fn find(&mut self, path: &Path) -> Option<Node> {
        let mut node = ROOT;
        for component in path.components() {
            let Component::Normal(name) = component else {
                panic!("{}", path.display())
            };
            node = self.names(node).get(name.to_str().unwrap())?.now()?;
        }
        Some(node)
    }

    fn point(&mut self, path: &Path, node: Option<Node>) {
        let directory = self.find(path.parent().unwrap()).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let name = self.names(directory).entry(name).or_default();
        name.since.push(node);
    }

    pub(crate) fn create_dir_all(&mut self, path: &Path) {
        let ancestors: Vec<&Path> = path.ancestors().collect();
        for directory in ancestors.into_iter().rev() {
            if self.find(directory).is_none() {
                let node = self.add(Inode::Directory(BTreeMap::new()));
                self.point(directory, Some(node));
            }
        }
    }

    pub(crate) fn create(&mut self, path: &Path) -> Node {
        if let Some(file) = self.find(path) {
            self.data(file).change(Change::Length(0));
            return file;
        }
        let file = self.add(Inode::File(Data::default()));
        self.point(path, Some(file));
        file
    }

    pub(crate) fn open(&mut self, path: &Path) -> Node {
        self.find(path).unwrap()
    }

    pub(crate) fn append(&mut self, file: Node, bytes: &[u8]) {
        let data = self.data(file);
        let (at, bytes) = (data.now.len(), bytes.to_vec());
        data.change(Change::Write { at, bytes });
    }

    pub(crate) fn set_length(&mut self, path: &Path, length: usize) {
        let file = self.open(path);
        self.data(file).change(Change::Length(length));
    }

    pub(crate) fn sync_data(&mut self, file: Node) {
        self.data(file).sync();
    }

    pub(crate) fn rename(&mut self, from: &Path, to: &Path) {
        let node = self.open(from);
        self.point(to, Some(node));
        self.point(from, None);
    }

    pub(crate) fn remove_file(&mut self, path: &Path) {
        self.point(path, None);
    }

    pub(crate) fn remove_dir_all(&mut self, path: &Path) {
        let directory = self.open(path);
        let names: Vec<String> = self.names(directory).keys().cloned().collect();
        for name in names {
            let below = path.join(name);
            match self.find(&below).map(|node| &self.nodes[node]) {
                Some(Inode::Directory(_)) => self.remove_dir_all(&below),
                Some(Inode::File(_)) => self.remove_file(&below),
                None => {}
            }
        }
        self.point(path, None);
    }

    pub(crate) fn sync_dir(&mut self, path: &Path) {
        let directory = self.open(path);
        for name in self.names(directory).values_mut() {
            name.durable = name.now();
            name.since.clear();
        }
    }

    /// Makes a real directory into what the disk is after a power cut.
    pub(crate) fn cut_into(&self, real: &Path, model: Model, chance: &mut Chance) {
        self.write_out(ROOT, real, model, chance);
    }

    fn write_out(&self, node: Node, real: &Path, model: Model, chance: &mut Chance) {
        match &self.nodes[node] {
            Inode::File(data) => fs::write(real, data.after_cut(model, chance)).unwrap(),
            Inode::Directory(names) => {
                fs::create_dir_all(real).unwrap();
                for (name, points_at) in names {
                    if let Some(node) = points_at.after_cut(model, chance) {
                        self.write_out(node, &real.join(name), model, chance);
                    }
                }
            }
        }
    }
}
