//! The body of `add-checkpoint` ([C2SP tlog-witness](https://c2sp.org/tlog-witness#add-checkpoint)),
//! as logs write it and witnesses read it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::Hash;

/// No client may send more hashes: a tree of 2^63 entries needs no more.
const PROOF_HASHES_MAX: usize = 63;
/// Longest body that is read: 63 hashes, and a checkpoint with many signatures.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// A checkpoint offered to a witness, with the proof that it extends an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness cosigned last, as far as the client knows.
    pub old_size: u64,
    /// From that size to the checkpoint's; empty from size 0.
    pub proof: Vec<Hash>,
    /// The signed note of the checkpoint.
    pub checkpoint: String,
}

/// The bytes are not the body of `add-checkpoint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the body of an `add-checkpoint`")]
pub struct MalformedRequest;

impl AddCheckpoint {
    /// Reads a body.
    ///
    /// # Errors
    /// [`MalformedRequest`]; whether the note is a checkpoint is not looked at.
    pub fn parse(body: &[u8]) -> Result<Self, MalformedRequest> {
        let body = Some(body).filter(|body| body.len() <= BODY_BYTES_MAX);
        let text = body.and_then(|body| std::str::from_utf8(body).ok());
        let (lines, checkpoint) = text
            .and_then(|text| text.split_once("\n\n"))
            .ok_or(MalformedRequest)?;
        let mut lines = lines.split('\n');
        let size = lines.next().and_then(|line| line.strip_prefix("old "));
        let size = size.ok_or(MalformedRequest)?;
        let old_size: u64 = size.parse().map_err(|_| MalformedRequest)?;
        let decode = |line| Hash::try_from(STANDARD.decode(line).ok()?).ok();
        let proof: Option<Vec<Hash>> = lines.map(decode).collect();
        let proof = proof.filter(|proof| proof.len() <= PROOF_HASHES_MAX);
        // `+5` and `05` parse as numbers, and are not how a size is written.
        if old_size.to_string() != size {
            return Err(MalformedRequest);
        }
        Ok(Self {
            old_size,
            proof: proof.ok_or(MalformedRequest)?,
            checkpoint: checkpoint.to_owned(),
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "old {}", self.old_size)?;
        for hash in &self.proof {
            writeln!(formatter, "{}", STANDARD.encode(hash))?;
        }
        write!(formatter, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification, with its two signatures.
    const EXAMPLE: &str = "old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
";

    #[test]
    fn the_example_of_the_specification_is_read_and_written_alike() {
        let request = AddCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
        assert_eq!((request.old_size, request.proof.len()), (20_852_014, 4));
        assert!(
            request
                .checkpoint
                .starts_with("example.com/behind-the-sofa\n")
        );
        assert_eq!(request.to_string(), EXAMPLE);
    }

    #[test]
    fn other_spellings_are_refused() {
        let hash = STANDARD.encode([7; 32]);
        for body in [
            String::new(),
            "old 1\n".to_owned(),
            "old 01\n\nnote\n".to_owned(),
            "old +1\n\nnote\n".to_owned(),
            "old -1\n\nnote\n".to_owned(),
            "old  1\n\nnote\n".to_owned(),
            "old 1 \n\nnote\n".to_owned(),
            "Old 1\n\nnote\n".to_owned(),
            "old 18446744073709551616\n\nnote\n".to_owned(),
            "old 1\nAAAA\n\nnote\n".to_owned(),
            format!("old 1\n{hash} \n\nnote\n"),
            format!("old 1\n{}\n\nnote\n", hash.trim_end_matches('=')),
            format!("old 1\n{}\nnote\n", format!("{hash}\n").repeat(64)),
            format!("old 1\n\n{}", "x".repeat(BODY_BYTES_MAX)),
        ] {
            assert_eq!(
                AddCheckpoint::parse(body.as_bytes()),
                Err(MalformedRequest),
                "{body}"
            );
        }
        let most = format!("old 1\n{}\nnote\n", format!("{hash}\n").repeat(63));
        assert!(AddCheckpoint::parse(most.as_bytes()).is_ok());
    }
}
