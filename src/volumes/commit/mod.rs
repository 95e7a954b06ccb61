//! Commits: what a task attempt wrote above a directory becomes part of the directory.
//!
//! Knows directories of this machine, the changes of one attempt, and who else reads the directory
//! in this process. Does not know guests, mounts, graphs or runs beyond their names.
//!
//! A commit is recorded first and can be repeated after a crash at any instant (`record`). What
//! the attempt did not find there when it began is never overwritten in silence: a change by
//! another task of this process is replaced and both tasks are named; anybody else's stays, and
//! ours lies beside it as `NAME.stepwell-RUN` (`apply`). Whoever reads the directory keeps what
//! he saw (`ground`).

mod apply;
mod change;
mod copy;
mod ground;
mod past;
mod record;
mod state;
#[cfg(test)]
mod tests;

pub use change::Change;
pub use copy::{copy_attributes, copy_bytes};
pub use ground::{Ground, Old, Reader, Seat};
pub use past::Past;
pub use record::{Record, Root};
pub use state::State;

use apply::Work;
use std::path::{Path, PathBuf};

/// Why a commit is not done. It stays recorded, and is taken up again.
#[derive(Debug, thiserror::Error)]
pub enum CommitFault {
    /// The record cannot be written or removed.
    #[error("the record of a commit in {dir} cannot be kept: {source}")]
    Record { dir: String, source: std::io::Error },
    /// The directory is not there any more; what stands at its path is another one.
    #[error("{root} was replaced by something else while the task ran")]
    Replaced { root: String },
    /// A change cannot be made.
    #[error("{path} in {root} cannot be written: {source}")]
    Change { root: String, path: String, source: std::io::Error },
}

/// Where commits are recorded, and with whom they share their directories.
#[derive(Debug, Clone)]
pub struct Commits {
    /// The directory of records.
    pub dir: PathBuf,
    /// Readers and recent commits of this process.
    pub ground: std::sync::Arc<Ground>,
}

impl Commits {
    /// Carries a commit out. `seat` is the committing reader's own. Gives a sentence for everything
    /// that its user should know.
    pub fn commit(&self, record: &Record, seat: Option<&Seat>) -> Result<Vec<String>, CommitFault> {
        if record.changes.is_empty() {
            return Ok(Vec::new());
        }
        let fault = |source| CommitFault::Record { dir: self.dir.display().to_string(), source };
        let name = blake3::hash(record.layers.as_os_str().as_encoded_bytes()).to_hex();
        let name = format!("{}-{}", record.run, name.as_str().get(..16).unwrap_or_default());
        let kept = record::write(&self.dir, &name, record).map_err(fault)?;
        let warnings = Work::new(record, self, &name, seat.map(Seat::id), false).carry_out()?;
        kept.done().map_err(fault)?;
        Ok(warnings)
    }

    /// Carries out what processes that died left recorded. Gives a sentence for everything that a
    /// user should know, failures too: nothing that runs now depends on them.
    pub fn recover(&self) -> Vec<String> {
        past::clear(&self.dir);
        let left = match record::left_behind(&self.dir) {
            Ok(left) => left,
            Err(error) => return vec![format!("{}: {error}", self.dir.display())],
        };
        let mut sentences = Vec::new();
        for (name, read) in left {
            let (record, kept) = match read {
                Ok(read) => read,
                Err(reason) => {
                    let path = self.dir.join(&name);
                    sentences.push(format!("the record of a commit {} cannot be used: {reason}", path.display()));
                    continue;
                }
            };
            match Work::new(&record, self, &name, None, true).carry_out() {
                Ok(warnings) => {
                    sentences.push(format!(
                        "what task {} of run {} wrote to {} was cut off and is whole now",
                        record.task,
                        record.run,
                        record.root.display()
                    ));
                    sentences.extend(warnings);
                    sentences.extend(kept.done().err().map(|error| format!("{}: {error}", self.dir.display())));
                    remove_layers(&record.layers);
                }
                Err(fault) => sentences.push(fault.to_string()),
            }
        }
        sentences
    }
}

fn remove_layers(dir: &Path) {
    // What cannot be removed goes when its run is pruned.
    let _ = super::remove_tree(dir);
}
