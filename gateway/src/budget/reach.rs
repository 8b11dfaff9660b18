//! How many different citizens each client was ever told about in a calendar year.
//!
//! Vietnam's law on personal data asks more of whoever processes the data of a million people, so
//! somebody must know when a client gets there. An exact answer would be a list of everybody whom a
//! client knows, kept for a year: just what must not lie around. A HyperLogLog sketch (Flajolet and
//! others, 2007) of 2¹⁴ registers tells the number with a standard error of 0.8 % in 16 KiB, and
//! nobody can be found in it.
//!
//! It is fed with the log's pseudonyms, so what a crash loses is read back from the log: a file
//! keeps the sketches with the size of the log up to which they are complete, and counting an entry
//! twice changes nothing. A new epoch of the pseudonyms' key counts people again: then the number
//! is an upper bound.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use motlan_schemas::ids::ClientId;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

/// From here on the law wants an assessment of the impact and a notice.
pub const LARGE_SCALE: u64 = 1_000_000;

/// The sketches of all clients, and the file that keeps them.
#[derive(Debug)]
pub struct Reach {
    file: PathBuf,
    sketches: Mutex<Sketches>,
}

/// A client has been told about so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// How many different citizens in this year.
    pub citizens: u64,
    /// It crossed [`LARGE_SCALE`] just now.
    pub large_scale: bool,
}

#[derive(Debug, Default)]
struct Sketches {
    year: i16,
    /// The size of the log up to which they are complete.
    complete_to: u64,
    clients: HashMap<ClientId, Sketch>,
}

/// 2¹⁴ registers, and how many of them hold each value.
struct Sketch {
    registers: Vec<u8>,
    counts: [u32; RANKS],
    told: bool,
}

const REGISTER_BITS: u32 = 14;
const REGISTERS: usize = 1 << REGISTER_BITS;
/// A register holds 0 (never met) or the place of the first one bit among the other 50 bits.
const RANKS: usize = 64 - REGISTER_BITS as usize + 2;

/// The file: registers in base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    year: i16,
    complete_to: u64,
    clients: Vec<KeptSketch>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptSketch {
    client: String,
    registers: String,
    told: bool,
}

const VERSION: u32 = 1;

impl Reach {
    /// Reads the file. One that is missing or damaged begins empty: the log fills it again.
    #[must_use]
    pub fn open(file: PathBuf) -> Self {
        let sketches = Sketches::read(&file).unwrap_or_else(|reason| {
            tracing::info!(
                reason,
                "the count of citizens is rebuilt from the access log"
            );
            Sketches::default()
        });
        Self {
            file,
            sketches: Mutex::new(sketches),
        }
    }

    /// The size of the log up to which every entry is counted.
    #[must_use]
    pub fn complete_to(&self) -> u64 {
        self.sketches.lock().complete_to
    }

    /// Counts a citizen of whom the client was told; `None` where the number did not change.
    pub fn count(&self, client: &ClientId, key: u64, now: Timestamp) -> Option<Reached> {
        let mut sketches = self.sketches.lock();
        let sketch = sketches.of(client, now)?;
        if !sketch.insert(key) {
            return None;
        }
        let citizens = sketch.estimate();
        let large_scale = citizens >= LARGE_SCALE && !sketch.told;
        sketch.told |= large_scale;
        Some(Reached {
            citizens,
            large_scale,
        })
    }

    /// Counts a citizen of whom the client was told in the past. A million that is reached so is
    /// told with the next one counted.
    pub fn recall(&self, client: &ClientId, key: u64, told: Timestamp) {
        if let Some(sketch) = self.sketches.lock().of(client, told) {
            sketch.insert(key);
        }
    }

    /// How many different citizens each client was told about in this year.
    #[must_use]
    pub fn citizens(&self) -> Vec<(ClientId, u64)> {
        let sketches = self.sketches.lock();
        let clients = sketches.clients.iter();
        clients
            .map(|(client, sketch)| (client.clone(), sketch.estimate()))
            .collect()
    }

    /// Keeps the sketches; every entry of the log before `complete_to` is in them.
    ///
    /// # Errors
    /// The file cannot be written. The old one is still there.
    pub fn save(&self, complete_to: u64) -> io::Result<()> {
        let kept = {
            let mut sketches = self.sketches.lock();
            sketches.complete_to = complete_to;
            sketches.kept()
        };
        if let Some(directory) = self.file.parent() {
            fs::create_dir_all(directory)?;
        }
        let new = self.file.with_extension("new");
        let mut file = fs::File::create(&new)?;
        file.write_all(&serde_json::to_vec(&kept)?)?;
        file.sync_all()?;
        fs::rename(&new, &self.file)
    }
}

/// The calendar year in Vietnam.
fn year(now: Timestamp) -> i16 {
    now.to_zoned(TimeZone::fixed(Offset::constant(7))).year()
}

impl Sketches {
    fn read(file: &Path) -> Result<Self, &'static str> {
        let bytes = fs::read(file).map_err(|_| "there is no file yet")?;
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| "the file is damaged")?;
        if kept.version != VERSION {
            return Err("the file is of another version");
        }
        let mut clients = HashMap::new();
        for KeptSketch {
            client,
            registers,
            told,
        } in kept.clients
        {
            let registers = STANDARD.decode(registers).ok();
            let sketch = registers.and_then(|registers| Sketch::of(registers, told));
            let client = client.parse().ok();
            let (client, sketch) = client.zip(sketch).ok_or("the file is damaged")?;
            clients.insert(client, sketch);
        }
        Ok(Self {
            year: kept.year,
            complete_to: kept.complete_to,
            clients,
        })
    }

    /// The client's sketch of the year of a moment. A later year begins anew; an earlier one is
    /// not counted any more.
    fn of(&mut self, client: &ClientId, moment: Timestamp) -> Option<&mut Sketch> {
        let year = year(moment);
        if self.year < year {
            self.year = year;
            self.clients.clear();
        }
        if self.year > year {
            return None;
        }
        if !self.clients.contains_key(client) {
            self.clients.insert(client.clone(), Sketch::default());
        }
        self.clients.get_mut(client)
    }

    fn kept(&self) -> Kept {
        let clients = self.clients.iter();
        Kept {
            version: VERSION,
            year: self.year,
            complete_to: self.complete_to,
            clients: clients
                .map(|(client, sketch)| KeptSketch {
                    client: client.to_string(),
                    registers: STANDARD.encode(&sketch.registers),
                    told: sketch.told,
                })
                .collect(),
        }
    }
}

impl Default for Sketch {
    fn default() -> Self {
        let mut counts = [0; RANKS];
        if let Some(empty) = counts.first_mut() {
            *empty = 1 << REGISTER_BITS;
        }
        Self {
            registers: vec![0; REGISTERS],
            counts,
            told: false,
        }
    }
}

impl Sketch {
    fn of(registers: Vec<u8>, told: bool) -> Option<Self> {
        let mut counts = [0; RANKS];
        for rank in &registers {
            *counts.get_mut(usize::from(*rank))? += 1;
        }
        (registers.len() == REGISTERS).then_some(Self {
            registers,
            counts,
            told,
        })
    }

    /// Whether a register changed.
    fn insert(&mut self, key: u64) -> bool {
        let place = usize::try_from(key >> (64 - REGISTER_BITS)).unwrap_or_default();
        let zeros = (key << REGISTER_BITS)
            .leading_zeros()
            .min(64 - REGISTER_BITS);
        let rank = u8::try_from(zeros + 1).unwrap_or(u8::MAX);
        let Some(register) = self.registers.get_mut(place) else {
            return false;
        };
        if *register >= rank {
            return false;
        }
        for (value, one) in [(*register, false), (rank, true)] {
            if let Some(count) = self.counts.get_mut(usize::from(value)) {
                *count = if one { *count + 1 } else { *count - 1 };
            }
        }
        *register = rank;
        true
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate of people is far below 2^53 and never negative"
    )]
    fn estimate(&self) -> u64 {
        let registers = f64::from(1_u32 << REGISTER_BITS);
        let sum: f64 = self
            .counts
            .iter()
            .zip(0i32..)
            .map(|(count, rank)| f64::from(*count) * 2_f64.powi(-rank))
            .sum();
        let alpha = 0.7213 / (1.0 + 1.079 / registers);
        let raw = alpha * registers * registers / sum;
        let empty = f64::from(self.counts.first().copied().unwrap_or_default());
        // Few people leave registers empty; how many of them tells more than the sum.
        let estimate = if raw <= 2.5 * registers && empty > 0.0 {
            registers * (registers / empty).ln()
        } else {
            raw
        };
        estimate.round() as u64
    }
}

impl std::fmt::Debug for Sketch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Sketch(about {})", self.estimate())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-20T02:10:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn client() -> ClientId {
        "one-stop".parse().unwrap()
    }

    /// Keys as good as random ones (SplitMix64).
    fn key(n: u64) -> u64 {
        let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn citizens(reach: &Reach) -> u64 {
        reach
            .citizens()
            .first()
            .map_or(0, |(_, citizens)| *citizens)
    }

    #[test]
    fn the_number_is_right_within_three_percent_and_repetition_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let reach = Reach::open(directory.path().join("reach.json"));
        let mut told = 0;
        for n in 0..1_100_000 {
            let reached = reach.count(&client(), key(n), now());
            told += u32::from(reached.is_some_and(|reached| reached.large_scale));
            if [100, 5_000, 60_000, 1_000_000].contains(&(n + 1)) {
                let error = citizens(&reach).abs_diff(n + 1);
                assert!(
                    error * 100 <= (n + 1) * 3,
                    "{} for {}",
                    citizens(&reach),
                    n + 1
                );
            }
        }
        assert_eq!(told, 1, "the million is told once");
        let before = citizens(&reach);
        assert!((0..1000).all(|n| reach.count(&client(), key(n), now()).is_none()));
        assert_eq!(citizens(&reach), before);
    }

    #[test]
    fn what_is_kept_is_read_again_and_a_new_year_begins_empty() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("reach/reach.json");
        let reach = Reach::open(file.clone());
        (0..500).for_each(|n| reach.recall(&client(), key(n), now()));
        reach.save(77).unwrap();
        let again = Reach::open(file.clone());
        assert_eq!(
            (again.complete_to(), again.citizens()),
            (77, reach.citizens())
        );
        assert_eq!(again.count(&client(), key(3), now()), None);
        again.recall(&client(), key(3), now());
        assert_eq!(again.citizens(), reach.citizens());
        // 18:00 UTC on New Year's Eve is New Year's Day in Vietnam.
        let new_year = "2026-12-31T18:00:00Z".parse().unwrap();
        assert_eq!(
            again.count(&client(), key(3), new_year).map(|r| r.citizens),
            Some(1)
        );
        assert_eq!(
            again.count(&client(), key(4), now()),
            None,
            "the old year is over"
        );

        fs::write(&file, b"{").unwrap();
        assert_eq!(Reach::open(file).citizens(), []);
    }
}
