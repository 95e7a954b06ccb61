//! Where a guest's random bytes come from.
//!
//! Knows the machine's source and a seeded one. Does not know which step gets which, or why.

use super::fs::errno::Stop;
use crate::model::outcome::Outcome;

/// A step's random bytes.
pub enum RandomSource {
    /// The machine's own.
    Real,
    /// A stream that follows from a seed: equal for equal seeds, and unpredictable without it.
    Seeded(Box<blake3::OutputReader>),
}

impl RandomSource {
    /// A stream from a secret and everything that tells this step from others.
    #[must_use]
    pub fn seeded(secret: &[u8; 32], step: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(secret);
        hasher.update(b"random bytes of a step\0");
        hasher.update(step);
        Self::Seeded(Box::new(hasher.finalize_xof()))
    }

    /// Those of a program that this one starts: they follow from its own, where those follow from a seed.
    pub fn beside(&mut self) -> Result<Self, Stop> {
        let mut secret = [0; 32];
        match self {
            Self::Real => Ok(Self::Real),
            Self::Seeded(stream) => {
                stream.fill(&mut secret);
                Ok(Self::seeded(&secret, b"another program"))
            }
        }
    }

    /// Fills a buffer.
    pub fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Stop> {
        match self {
            Self::Seeded(stream) => stream.fill(bytes),
            Self::Real => getrandom::fill(bytes).map_err(|error| Outcome::Infrastructure {
                message: format!("this machine gives no random bytes: {error}"),
            })?,
        }
        Ok(())
    }
}
