//! Collects what is of no use any more: what was not used for long, then what was used longest ago until the rest
//! has room, and the blobs that nothing that stays refers to.
//!
//! Knows ages, sizes and what belongs to a result. Does not know the clock. What was used lately, or since the oldest
//! run that goes on began, stays whatever the limits say: blobs come before the result that names them. Records go
//! before their results, and results before their blobs, so that what is left when this process is killed is whole.

use super::census::{Census, Loose, Piece};
use super::{Beside, Count, Counts, Upkeep, room};
use crate::cache::local::{pin, read_entry, read_record_entry};
use crate::cache::tree::{Seen, TreeError, visit};
use crate::cache::{ActionResult, Digest, Function, Local, Privacy, StoreError};
use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What may stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Bytes of all together.
    pub max_size: u64,
    /// How long something stays that nobody uses.
    pub max_age: Duration,
    /// How long something stays that was just used, whatever else holds.
    pub grace: Duration,
    /// Only say what would go.
    pub dry_run: bool,
}

impl Default for Rules {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 60 * 60);
        Self { max_size: 20 << 30, max_age: day * 30, grace: day / 24, dry_run: false }
    }
}

/// What a collection did, or would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// What went.
    pub removed: Counts,
    /// What stays.
    pub kept: Counts,
}

/// Something that stays or goes by its age and size.
enum Thing<'a> {
    Result(&'a Piece),
    Memo(&'a Loose),
    Beside(&'a Beside),
}

impl Thing<'_> {
    fn used(&self) -> SystemTime {
        match self {
            Self::Result(piece) => piece.used,
            Self::Memo(loose) => loose.used,
            Self::Beside(beside) => beside.used,
        }
    }
}

type Known = HashSet<(Function, Digest)>;

struct Sweep<'a> {
    upkeep: &'a Upkeep,
    rules: Rules,
    /// What was used from here on stays.
    protected: SystemTime,
    /// What was not used from here on goes.
    expired: Option<SystemTime>,
    stores: [(Function, Local); 2],
    /// Blobs that are there.
    there: Known,
    /// Blobs that stay.
    marked: Known,
    /// Results that stay: function, namespace and key.
    results: HashSet<(Function, &'a str, Digest)>,
    /// Results that go, with the blobs that only they need.
    leaving: Vec<(&'a Piece, Vec<Digest>)>,
    total: u64,
    swept: Swept,
}

impl Upkeep {
    /// Collects. `now` is the time.
    pub fn sweep(&self, rules: Rules, now: SystemTime, beside: &[Beside]) -> Result<Swept, StoreError> {
        let _lock = self.lock()?;
        let grace = now.checked_sub(rules.grace).unwrap_or(SystemTime::UNIX_EPOCH);
        let pinned = pin::oldest(&self.dir)?;
        let census = Census::take(&self.dir)?;
        let mut sweep = Sweep {
            upkeep: self,
            rules,
            protected: pinned.map_or(grace, |pinned| pinned.min(grace)),
            expired: now.checked_sub(rules.max_age),
            stores: [
                (Function::Blake3, self.store(Function::Blake3)?),
                (Function::Sha256, self.store(Function::Sha256)?),
            ],
            there: census.blobs.iter().map(|blob| (blob.function, blob.digest)).collect(),
            marked: Known::new(),
            results: HashSet::new(),
            leaving: Vec::new(),
            total: 0,
            swept: Swept::default(),
        };
        let young = census.blobs.iter().filter(|blob| blob.used >= sweep.protected);
        for blob in young {
            if sweep.marked.insert((blob.function, blob.digest)) {
                sweep.total = sweep.total.saturating_add(blob.room());
            }
        }
        sweep.drafts(&census.drafts)?;
        let results = census.results.iter().map(Thing::Result);
        let memos = census.memos.iter().map(Thing::Memo);
        let mut things: Vec<Thing<'_>> = results.chain(memos).chain(beside.iter().map(Thing::Beside)).collect();
        things.sort_by_key(|thing| std::cmp::Reverse(thing.used()));
        for thing in &things {
            sweep.thing(thing)?;
        }
        sweep.records(&census.records)?;
        sweep.leave()?;
        sweep.blobs(&census.blobs)?;
        Ok(sweep.swept)
    }
}

impl<'a> Sweep<'a> {
    fn is_expired(&self, used: SystemTime) -> bool {
        used < self.protected && self.expired.is_some_and(|expired| used < expired)
    }

    /// Whether something has room: what was used lately has.
    fn fits(&self, used: SystemTime, room: u64) -> bool {
        used >= self.protected || self.total.saturating_add(room) <= self.rules.max_size
    }

    /// Removes a file unless it was used meanwhile. Whether it goes.
    fn remove(&self, path: &Path, used: SystemTime) -> Result<bool, StoreError> {
        Ok(self.rules.dry_run || self.upkeep.take_away(path, used)?)
    }

    /// Whoever wrote to one has long ended.
    fn drafts(&mut self, drafts: &[Loose]) -> Result<(), StoreError> {
        for draft in drafts {
            let goes = draft.used < self.protected && self.remove(&draft.path, draft.used)?;
            let counts = if goes { &mut self.swept.removed } else { &mut self.swept.kept };
            counts.drafts.add(draft.room);
        }
        Ok(())
    }

    fn thing(&mut self, thing: &Thing<'a>) -> Result<(), StoreError> {
        match thing {
            Thing::Result(piece) => self.result(piece),
            Thing::Memo(memo) => {
                let stays = !self.is_expired(memo.used) && self.fits(memo.used, memo.room);
                let goes = !stays && self.remove(&memo.path, memo.used)?;
                self.account(goes, memo.room, |counts| &mut counts.memos);
                Ok(())
            }
            Thing::Beside(beside) => {
                let stays = !self.is_expired(beside.used) && self.fits(beside.used, beside.bytes);
                if !stays && !self.rules.dry_run {
                    for path in &beside.paths {
                        // Another process may have removed it.
                        let _ = std::fs::remove_file(path);
                    }
                }
                self.account(!stays, beside.bytes, |counts| &mut counts.beside);
                Ok(())
            }
        }
    }

    /// A result with the blobs that only it needs.
    fn result(&mut self, piece: &'a Piece) -> Result<(), StoreError> {
        let needs = self.needs(piece)?;
        let blobs = needs.iter().flatten().map(|digest| room(digest.size));
        // One of which something is missing is of no use, unless it came while the blobs were listed.
        let is_of_use = needs.is_some() || piece.used >= self.protected;
        let stays = is_of_use
            && !self.is_expired(piece.used)
            && self.fits(piece.used, blobs.fold(piece.room(), u64::saturating_add));
        let needs = needs.unwrap_or_default();
        if stays {
            self.results.insert((piece.function, &piece.namespace, piece.digest));
            self.stay(piece, needs);
        } else {
            self.leaving.push((piece, needs));
        }
        Ok(())
    }

    fn stay(&mut self, piece: &Piece, needs: Vec<Digest>) {
        self.account(false, piece.room(), |counts| &mut counts.results);
        for digest in needs {
            if self.marked.insert((piece.function, digest)) {
                self.total = self.total.saturating_add(room(digest.size));
            }
        }
    }

    /// Removes the results that go. One that was used meanwhile stays after all.
    fn leave(&mut self) -> Result<(), StoreError> {
        for (piece, needs) in std::mem::take(&mut self.leaving) {
            if self.remove(&piece.path, piece.used)? {
                self.account(true, piece.room(), |counts| &mut counts.results);
            } else {
                self.stay(piece, needs);
            }
        }
        Ok(())
    }

    /// The blobs of a result that nothing else needed so far. Nothing if it is damaged, or not all of it is there.
    fn needs(&self, piece: &Piece) -> Result<Option<Vec<Digest>>, StoreError> {
        let Some(result) = read_entry(&piece.path, &piece.digest)? else { return Ok(None) };
        let Ok(result) = ActionResult::decode(&result) else { return Ok(None) };
        let Some((_, store)) = self.stores.iter().find(|(function, _)| *function == piece.function) else {
            return Ok(None);
        };
        let mut all = Vec::new();
        let trees = result.directories.iter().filter_map(|directory| directory.tree);
        all.extend(result.files.iter().map(|file| file.digest).chain(trees));
        all.extend(result.stdout.into_iter().chain(result.stderr));
        let mut seen = Seen::default();
        for root in result.directories.iter().filter_map(|directory| directory.root) {
            let visited = visit(store, &root, &mut seen, &mut |digest| {
                all.push(*digest);
                Ok(true)
            });
            match visited {
                Ok(_) => {}
                Err(TreeError::Store(error)) => return Err(error),
                Err(_) => return Ok(None),
            }
        }
        let there = |digest: &Digest| digest.size == 0 || self.there.contains(&(piece.function, *digest));
        if !all.iter().all(there) {
            return Ok(None);
        }
        all.sort_unstable();
        all.dedup();
        all.retain(|digest| digest.size > 0 && !self.marked.contains(&(piece.function, *digest)));
        Ok(Some(all))
    }

    /// Records whose result has gone are of no use.
    fn records(&mut self, records: &'a [Piece]) -> Result<(), StoreError> {
        for piece in records {
            let record = read_record_entry(&piece.path, &piece.digest)?;
            let has_result = record.is_some_and(|record| {
                self.results.contains(&(piece.function, piece.namespace.as_str(), record.action))
            });
            let stays = has_result && !self.is_expired(piece.used) && self.fits(piece.used, piece.room());
            let goes = !stays && self.remove(&piece.path, piece.used)?;
            self.account(goes, piece.room(), |counts| &mut counts.records);
        }
        Ok(())
    }

    fn blobs(&mut self, blobs: &[Piece]) -> Result<(), StoreError> {
        for blob in blobs {
            let stays = self.marked.contains(&(blob.function, blob.digest));
            let goes = !stays && self.remove(&blob.path, blob.used)?;
            let counts = if goes { &mut self.swept.removed } else { &mut self.swept.kept };
            match blob.privacy {
                Privacy::Shared => counts.blobs.add(blob.room()),
                Privacy::Private => counts.private_blobs.add(blob.room()),
            }
        }
        Ok(())
    }

    fn account(&mut self, goes: bool, room: u64, which: impl Fn(&mut Counts) -> &mut Count) {
        let counts = if goes { &mut self.swept.removed } else { &mut self.swept.kept };
        which(counts).add(room);
        if !goes {
            self.total = self.total.saturating_add(room);
        }
    }
}
