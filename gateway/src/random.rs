//! Randomness as an argument: ids and nonces come from here, and tests decide what they are.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use std::fmt::Debug;

/// A source of random bytes.
pub trait Random: Send + Sync + Debug {
    /// Fills the bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// Random bytes of the wanted number.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// The cryptographic generator of the TLS library.
#[derive(Debug, Default)]
pub struct SystemRandomness(SystemRandom);

impl Random for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        if self.0.fill(bytes).is_err() {
            // Without randomness no nonce hides an entry and no id is unique: nothing may go on.
            tracing::error!("the generator of random bytes failed; stopping");
            std::process::abort();
        }
    }
}
