//! Which witnesses must have cosigned a checkpoint before it counts: a policy file of
//! [C2SP tlog-policy](https://c2sp.org/tlog-policy), with logs, witnesses, groups and a quorum.

use std::collections::BTreeMap;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::cosignature::{Cosignature, CosignatureVerifier};
use crate::note::{NoteError, Verifier, Verifiers};

/// The name that stands for no witness at all.
const NONE: &str = "none";
/// Largest policy that is read, far beyond the 32 logs, witnesses and groups that the
/// specification asks for.
const POLICY_BYTES_MAX: usize = 256 * 1024;

/// A policy that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The keys of logs whose checkpoints count; none where the log is known from elsewhere.
    pub logs: Vec<Verifier>,
    /// The witnesses, in the order of the file.
    pub witnesses: Vec<PolicyWitness>,
    /// Groups, each naming witnesses and earlier groups only.
    groups: BTreeMap<String, Group>,
    /// The witness or group that must have cosigned.
    quorum: Option<String>,
}

/// One witness of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    /// Its name within the policy.
    pub name: String,
    /// The key of its cosignatures.
    pub key: CosignatureVerifier,
    /// Where `add-checkpoint` is, without that last part; needed to ask it.
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    threshold: usize,
    members: Vec<String>,
}

/// What is wrong with a line of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is too long, or holds control characters.
    #[error("a policy is text without control characters, of at most 256 KiB")]
    Text,
    /// The line begins with no known word, or has too few or too many words.
    #[error(
        "expected `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME all|any|COUNT MEMBER…` or `quorum NAME`"
    )]
    Form,
    /// A key cannot be read, or is of the wrong kind for its line.
    #[error("the key cannot be read: a log has a key of signature type 1, a witness one of type 4")]
    Key(#[source] NoteError),
    /// A key stands in two lines.
    #[error("the same key stands in an earlier line")]
    DuplicateKey,
    /// A name stands for two things, or is `none`.
    #[error("the name is taken")]
    DuplicateName,
    /// A group or the quorum names what no earlier line defines.
    #[error("a name is not defined by an earlier line")]
    UnknownName,
    /// A name is a member of two groups, or twice of one.
    #[error("a name may be a member once, of one group")]
    MemberTwice,
    /// The threshold is not between 1 and the number of members.
    #[error("the count must lie between 1 and the number of members")]
    Threshold,
    /// There is a second quorum line.
    #[error("there is more than one quorum")]
    SecondQuorum,
    /// There is no quorum line.
    #[error("there is no quorum line")]
    NoQuorum,
}

/// A policy that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the witness policy cannot be used")]
pub struct PolicyError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    #[source]
    pub fault: Fault,
}

/// Why a checkpoint does not satisfy a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsatisfied {
    /// No listed log signed it.
    #[error("no log of the policy signed the checkpoint")]
    Log(#[source] CheckpointError),
    /// A cosignature in the name of a listed witness is wrong.
    #[error("a cosignature in the name of a listed witness is wrong")]
    WrongCosignature(#[source] NoteError),
    /// Too few witnesses cosigned it.
    #[error("{found} of {listed} witnesses cosigned the checkpoint, which is not the quorum")]
    Quorum {
        /// Witnesses that did.
        found: usize,
        /// Witnesses of the policy.
        listed: usize,
    },
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] names the line.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let at = |line| move |fault| PolicyError { line, fault };
        let control = |c: char| c != '\t' && c != '\n' && c.is_ascii_control();
        if text.len() > POLICY_BYTES_MAX || text.contains(control) {
            return Err(at(1)(Fault::Text));
        }
        let mut reader = Reader::default();
        for (line, text) in (1..).zip(text.split('\n')) {
            let text = text.trim_matches([' ', '\t']);
            if !text.is_empty() && !text.starts_with('#') {
                reader.line(text).map_err(at(line))?;
            }
        }
        let quorum = reader.quorum.ok_or(Fault::NoQuorum);
        Ok(Self {
            logs: reader.logs,
            witnesses: reader.witnesses,
            groups: reader.groups,
            quorum: quorum.map_err(at(text.lines().count().max(1)))?,
        })
    }

    /// Whether a set of witnesses, by their names in this policy, is a quorum.
    #[must_use]
    pub fn is_quorum(&self, cosigned: &[&str]) -> bool {
        self.quorum
            .as_deref()
            .is_none_or(|name| self.witnessed(name, cosigned))
    }

    /// Every name is defined by an earlier line, so this ends.
    fn witnessed(&self, name: &str, cosigned: &[&str]) -> bool {
        match self.groups.get(name) {
            None => cosigned.contains(&name),
            Some(group) => {
                let members = group.members.iter();
                let witnessed = members.filter(|member| self.witnessed(member, cosigned));
                witnessed.count() >= group.threshold
            }
        }
    }

    /// The cosignatures of a checkpoint note by witnesses of this policy, each with the witness's
    /// name; unknown ones are left out.
    ///
    /// # Errors
    /// [`NoteError`] when one in the name of a listed witness is wrong.
    pub fn cosignatures(&self, note: &[u8]) -> Result<Vec<(&str, Cosignature)>, NoteError> {
        let mut found = Vec::new();
        for witness in &self.witnesses {
            let cosignature = witness.key.find(note)?;
            found.extend(cosignature.map(|cosignature| (witness.name.as_str(), cosignature)));
        }
        Ok(found)
    }

    /// Checks that a checkpoint note carries a quorum of cosignatures, and returns them.
    ///
    /// # Errors
    /// [`Unsatisfied`].
    pub fn check_quorum(&self, note: &[u8]) -> Result<Vec<(&str, Cosignature)>, Unsatisfied> {
        let found = self
            .cosignatures(note)
            .map_err(Unsatisfied::WrongCosignature)?;
        let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
        match self.is_quorum(&names) {
            true => Ok(found),
            false => Err(Unsatisfied::Quorum {
                found: names.len(),
                listed: self.witnesses.len(),
            }),
        }
    }

    /// Checks a checkpoint note as an outsider must: signed by a listed log (or by `keys` where the
    /// policy lists none), and cosigned by a quorum.
    ///
    /// # Errors
    /// [`Unsatisfied`].
    pub fn open(
        &self,
        note: &[u8],
        keys: Option<&Verifiers>,
    ) -> Result<SignedCheckpoint, Unsatisfied> {
        let mut opened = Err(CheckpointError::Note(NoteError::NotSigned));
        for log in &self.logs {
            opened = SignedCheckpoint::open(note, log);
            if opened.is_ok() {
                break;
            }
        }
        if let (Some(keys), true) = (keys, self.logs.is_empty()) {
            opened = SignedCheckpoint::open_any(note, keys);
        }
        let opened = opened.map_err(Unsatisfied::Log)?;
        self.check_quorum(note)?;
        Ok(opened)
    }
}

/// A policy while its lines are being read.
#[derive(Default)]
struct Reader {
    logs: Vec<Verifier>,
    witnesses: Vec<PolicyWitness>,
    groups: BTreeMap<String, Group>,
    members: Vec<String>,
    quorum: Option<Option<String>>,
}

impl Reader {
    fn line(&mut self, text: &str) -> Result<(), Fault> {
        let words: Vec<&str> = text.split([' ', '\t']).filter(|w| !w.is_empty()).collect();
        match words.as_slice() {
            ["log", key] | ["log", key, _] => self.log(key),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            ["quorum", name] => self.quorum(name),
            _ => Err(Fault::Form),
        }
    }

    fn log(&mut self, key: &str) -> Result<(), Fault> {
        let key: Verifier = key.parse().map_err(Fault::Key)?;
        if self.logs.iter().any(|known| known.is_same_key(&key)) {
            return Err(Fault::DuplicateKey);
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), Fault> {
        self.check_new(name)?;
        let key: CosignatureVerifier = key.parse().map_err(Fault::Key)?;
        if self
            .witnesses
            .iter()
            .any(|known| known.key.is_same_key(&key))
        {
            return Err(Fault::DuplicateKey);
        }
        self.witnesses.push(PolicyWitness {
            name: name.to_owned(),
            key,
            url: url.map(|url| url.trim_end_matches('/').to_owned()),
        });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), Fault> {
        self.check_new(name)?;
        let threshold = match threshold {
            "all" => members.len(),
            "any" => 1,
            count => {
                let number: usize = count.parse().map_err(|_| Fault::Threshold)?;
                let written = number.to_string() == count;
                let fits = written && (1..=members.len()).contains(&number);
                fits.then_some(number).ok_or(Fault::Threshold)?
            }
        };
        for member in members {
            if !self.is_defined(member) {
                return Err(Fault::UnknownName);
            }
            if self.members.iter().any(|known| known == member) {
                return Err(Fault::MemberTwice);
            }
            self.members.push((*member).to_owned());
        }
        let members = members.iter().map(|&member| member.to_owned()).collect();
        let group = Group { threshold, members };
        self.groups.insert(name.to_owned(), group);
        Ok(())
    }

    fn quorum(&mut self, name: &str) -> Result<(), Fault> {
        if self.quorum.is_some() {
            return Err(Fault::SecondQuorum);
        }
        if name != NONE && !self.is_defined(name) {
            return Err(Fault::UnknownName);
        }
        self.quorum = Some((name != NONE).then(|| name.to_owned()));
        Ok(())
    }

    fn check_new(&self, name: &str) -> Result<(), Fault> {
        match name == NONE || self.is_defined(name) {
            true => Err(Fault::DuplicateName),
            false => Ok(()),
        }
    }

    fn is_defined(&self, name: &str) -> bool {
        self.groups.contains_key(name) || self.witnesses.iter().any(|known| known.name == name)
    }
}

#[cfg(test)]
mod tests;
