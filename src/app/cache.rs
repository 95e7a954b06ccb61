//! Looks after the cache directory: what it holds, what can go, what is damaged.
//!
//! Knows where the store and the compiled modules lie. Does not know how either is laid out.

use super::App;
use super::error::AppError;
use crate::cache::upkeep::Upkeep;
use crate::cache::{StoreError, place};
use crate::driver::{Clock, SystemClock};
use crate::exec::module::code::kept;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often the cache is looked after by itself.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub use crate::cache::upkeep::{Count, Counts, Rules, Swept, Verified};

impl App {
    /// What the cache holds.
    ///
    /// # Errors
    /// A cache that cannot be read.
    pub fn cache_counts(&self) -> Result<Counts, AppError> {
        let beside = self.compiled()?;
        self.upkeep()?.counts(&beside).map_err(|error| self.cache_fault(&error))
    }

    /// Removes what is of no use any more, or says what would go.
    ///
    /// # Errors
    /// A cache that cannot be read or written.
    pub fn cache_sweep(&self, rules: Rules) -> Result<Swept, AppError> {
        let beside = self.compiled()?;
        self.upkeep()?.sweep(rules, now(), &beside).map_err(|error| self.cache_fault(&error))
    }

    /// After a run, once a day: removes what is of no use any more, so that the cache grows no further than its rules
    /// let it. Gives what went, where anything did. A cache that cannot be used stays as it is.
    pub fn cache_daily(&self) -> Option<Swept> {
        let stamp = place(&self.options.cache_dir).with_file_name("swept");
        if self.options.no_cache {
            return None;
        }
        let last = std::fs::metadata(&stamp).and_then(|meta| meta.modified()).ok();
        // A day in the future is no reason never to look again.
        let age = last.map(|last| now().duration_since(last).unwrap_or(Duration::MAX));
        if age.is_some_and(|age| age <= DAY) {
            return None;
        }
        // Before it is done: others need not do it too. A cache that was never looked after is new.
        std::fs::write(&stamp, b"").ok()?;
        age?;
        let swept = self.cache_sweep(Rules::default()).ok()?;
        (swept.removed.total().number > 0).then_some(swept)
    }

    /// Reads all of the cache, and removes what is damaged. Compiled modules are checked whenever they are loaded.
    ///
    /// # Errors
    /// A cache that cannot be read or written.
    pub fn cache_verify(&self) -> Result<Verified, AppError> {
        self.upkeep()?.verify().map_err(|error| self.cache_fault(&error))
    }

    /// Where the cache is.
    #[must_use]
    pub fn cache_dir(&self) -> PathBuf {
        self.options.cache_dir.clone()
    }

    fn upkeep(&self) -> Result<Upkeep, AppError> {
        Upkeep::open(place(&self.options.cache_dir)).map_err(|error| self.cache_fault(&error))
    }

    fn compiled(&self) -> Result<Vec<crate::cache::upkeep::Beside>, AppError> {
        kept::list(&kept::place(&self.options.cache_dir)).map_err(|error| self.cache_fault(&error.into()))
    }

    fn cache_fault(&self, error: &StoreError) -> AppError {
        let dir = self.options.cache_dir.display();
        AppError::fault(format!("the cache in {dir}: {error}"), "choose another with --cache-dir, or remove it")
    }
}

/// The time of day.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(SystemClock::start().now())
}
