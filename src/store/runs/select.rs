//! Finding the run that a RUN on a command line means: an id, an object's name (the newest of
//! that name), a unique prefix of an id, or nothing at all (the newest).
//!
//! Knows summaries. Does not know command lines.

use super::{RunEntry, RunStore, StoreFault};

/// Runs that an error names at most.
const NAMED_CANDIDATES: usize = 5;

impl RunStore {
    /// The run that `selector` means. A whole id wins over a name, and a name over a prefix.
    ///
    /// # Errors
    /// [`StoreFault::NoRuns`], [`StoreFault::NoSuchRun`], [`StoreFault::AmbiguousRun`], or when
    /// the directory cannot be read.
    pub fn resolve(&self, selector: &str) -> Result<RunEntry, StoreFault> {
        let runs = self.list()?;
        if runs.is_empty() {
            return Err(StoreFault::NoRuns);
        }
        let named = |run: &&RunEntry| run.summary.as_ref().is_some_and(|s| s.name == selector);
        let found = if selector.is_empty() {
            runs.first()
        } else {
            runs.iter().find(|run| run.dir.id.as_str() == selector).or_else(|| runs.iter().find(named))
        };
        if let Some(run) = found {
            return Ok(run.clone());
        }
        let prefixed: Vec<&RunEntry> = runs.iter().filter(|run| run.dir.id.as_str().starts_with(selector)).collect();
        match prefixed.as_slice() {
            [run] => Ok((*run).clone()),
            [] => Err(StoreFault::NoSuchRun { selector: selector.to_owned(), candidates: candidates(runs.iter()) }),
            several => {
                let candidates = candidates(several.iter().copied());
                Err(StoreFault::AmbiguousRun { selector: selector.to_owned(), candidates })
            }
        }
    }
}

fn candidates<'a>(runs: impl Iterator<Item = &'a RunEntry>) -> Vec<String> {
    runs.take(NAMED_CANDIDATES)
        .map(|run| match &run.summary {
            Some(summary) => format!("{} ({})", run.dir.id, summary.name),
            None => run.dir.id.to_string(),
        })
        .collect()
}
