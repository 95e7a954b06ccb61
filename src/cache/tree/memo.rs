//! What files are known to hold, so that one that did not change is not read again.
//!
//! Knows identities of files (device, inode, size, times) and digests. Does not know paths. A file that is changed
//! twice within one tick of its file system's clock may look the same after the second time. So, as git does with its
//! index, a digest is remembered only if the file was last changed well before it was looked at.

use crate::cache::digest::{Digest, Function, HASH_BYTES};
use rustix::fs::Stat;
use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Most bytes of a memo that is read back.
pub const LONGEST_MEMO: u64 = 512 << 20;

const MARK: &[u8; 8] = b"swmemo01";

/// Bytes of one file's part.
const ENTRY: usize = 6 * 8 + HASH_BYTES;

/// The longest tick of file systems that tell fractions of a second, with room to spare.
const TICK: Duration = Duration::from_millis(100);

/// And of those that tell none.
const COARSE_TICK: Duration = Duration::from_secs(2);

/// What changes whenever a file's content does, but for its place (device, inode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl State {
    pub(super) fn of(stat: &Stat) -> Self {
        Self {
            size: stat.st_size.cast_unsigned(),
            modified: (stat.st_mtime, fraction(stat.st_mtime_nsec)),
            changed: (stat.st_ctime, fraction(stat.st_ctime_nsec)),
        }
    }

    /// Whether a file in this state at `now` will look different after its next change.
    fn is_settled(&self, now: SystemTime) -> bool {
        let tick = if self.modified.1 == 0 && self.changed.1 == 0 { COARSE_TICK } else { TICK };
        let Some(before) = now.checked_sub(tick).and_then(|time| time.duration_since(UNIX_EPOCH).ok()) else {
            return false;
        };
        let before = (before.as_secs().cast_signed(), i64::from(before.subsec_nanos()));
        // A time from the future says nothing: it is never believed.
        self.modified.max(self.changed) < before
    }
}

/// The type of a fraction differs from system to system.
#[allow(clippy::cast_possible_wrap, clippy::unnecessary_cast, reason = "below a thousand million")]
fn fraction(nanoseconds: impl TryInto<i64>) -> i64 {
    nanoseconds.try_into().unwrap_or(0)
}

/// Where a file lies.
type Place = (u64, u64);

#[derive(Debug, Clone, Copy)]
struct Known {
    state: State,
    digest: Digest,
    /// The walk that last met it.
    walk: u32,
}

/// Digests of files, of one directory's tree.
#[derive(Debug, Clone)]
pub struct Memo {
    function: Function,
    files: HashMap<Place, Known>,
    /// Walks since it was read.
    walk: u32,
    is_changed: bool,
}

impl Memo {
    /// One that knows nothing.
    #[must_use]
    pub fn new(function: Function) -> Self {
        Self { function, files: HashMap::new(), walk: 0, is_changed: false }
    }

    /// Whether it knows something that it did not when it was read.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// The function of its digests.
    #[must_use]
    pub fn function(&self) -> Function {
        self.function
    }

    /// Whole directories are walked again from here on.
    pub(super) fn begin(&mut self) {
        self.walk += 1;
    }

    /// Files that the last walk did not meet are gone.
    pub(super) fn end(&mut self) {
        let before = self.files.len();
        self.files.retain(|_, known| known.walk == self.walk);
        self.is_changed |= self.files.len() != before;
    }

    /// The digest of a regular file, if it did not change since it was last hashed.
    #[must_use]
    pub fn get(&self, stat: &Stat) -> Option<Digest> {
        let known = self.files.get(&(stat.st_dev, stat.st_ino))?;
        (known.state == State::of(stat)).then_some(known.digest)
    }

    /// The same, for a walk.
    pub(super) fn meet(&mut self, stat: &Stat) -> Option<Digest> {
        let known = self.files.get_mut(&(stat.st_dev, stat.st_ino))?;
        if known.state != State::of(stat) {
            return None;
        }
        known.walk = self.walk;
        Some(known.digest)
    }

    /// Remembers a regular file's digest. `now` is a time before the file was opened.
    pub fn put(&mut self, stat: &Stat, digest: Digest, now: SystemTime) {
        let state = State::of(stat);
        if state.is_settled(now) {
            self.files.insert((stat.st_dev, stat.st_ino), Known { state, digest, walk: self.walk });
            self.is_changed = true;
        }
    }

    /// As bytes, with a checksum.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut files: Vec<(&Place, &Known)> = self.files.iter().collect();
        files.sort_unstable_by_key(|(place, _)| **place);
        let mut bytes = Vec::with_capacity(MARK.len() + files.len() * ENTRY + HASH_BYTES);
        bytes.extend_from_slice(MARK);
        for ((device, inode), known) in files {
            let State { size, modified, changed } = known.state;
            for number in [*device, *inode, size] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
            // A fraction fits into half a word; both share one.
            let fractions = modified.1 << 32 | changed.1;
            for number in [modified.0, changed.0, fractions] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
            bytes.extend_from_slice(&known.digest.hash);
        }
        let sum = self.checksum(&bytes);
        bytes.extend_from_slice(sum.as_bytes());
        bytes
    }

    fn checksum(&self, bytes: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.function.name().as_bytes()).update(bytes);
        hasher.finalize()
    }

    /// From bytes, if they are whole and of this function.
    #[must_use]
    pub fn decode(bytes: &[u8], function: Function) -> Option<Self> {
        let mut memo = Self::new(function);
        let (body, sum) = bytes.split_last_chunk::<HASH_BYTES>()?;
        if memo.checksum(body) != *sum {
            return None;
        }
        let entries = body.strip_prefix(MARK.as_slice())?.chunks_exact(ENTRY);
        if !entries.remainder().is_empty() {
            return None;
        }
        memo.files.reserve(entries.len());
        for entry in entries {
            let (numbers, hash) = entry.split_last_chunk::<HASH_BYTES>()?;
            let mut numbers =
                numbers.chunks_exact(8).filter_map(|word| Some(u64::from_le_bytes(word.try_into().ok()?)));
            let mut next = || numbers.next();
            let (device, inode, size) = (next()?, next()?, next()?);
            let (modified, changed, fractions) = (next()?.cast_signed(), next()?.cast_signed(), next()?.cast_signed());
            let state =
                State { size, modified: (modified, fractions >> 32), changed: (changed, fractions & 0xffff_ffff) };
            let known = Known { state, digest: Digest { hash: *hash, size }, walk: 0 };
            memo.files.insert((device, inode), known);
        }
        Some(memo)
    }
}
