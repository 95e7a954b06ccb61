//! How much text variables may expand to, and the account of one object's expansions.
//!
//! Knows sizes only. Does not know what is expanded: what meets a limit stays as written, and
//! the account says so, so that whoever asked can end the run or task with a reason.

use std::cell::Cell;

/// What a value costs besides its text: a list of a million empty strings is not free.
const ENTRY: usize = std::mem::size_of::<String>();

/// Limits of expanded text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpansionLimits {
    /// The longest text that one field, or one item of a list, may become.
    pub field: usize,
    /// All that is put in the place of variables in one object: a pipeline at its start, one of its
    /// tasks, a TaskRun before its first step, a step at its turn.
    pub object: usize,
    /// All expanded text and values of params that a whole run keeps.
    pub run: usize,
}

impl Default for ExpansionLimits {
    fn default() -> Self {
        Self { field: 16 << 20, object: 64 << 20, run: 512 << 20 }
    }
}

/// The limit that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overflow {
    #[error("variables expand one field to more than {}, the limit of a field's text", size(*.0))]
    Field(usize),
    #[error("variables expand to more than {} in all, the limit of one object's expansions", size(*.0))]
    Object(usize),
    #[error("variables expand to more than {} over the whole run, the limit of a run's expansions", size(*.0))]
    Run(usize),
}

fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 && bytes.trailing_zeros() >= 20 {
        format!("{} MiB", bytes >> 20)
    } else {
        format!("{bytes} bytes")
    }
}

/// The account of one object's expansions.
#[derive(Debug)]
pub struct Budget {
    limits: ExpansionLimits,
    /// What the run keeps already, in bytes.
    kept: usize,
    spent: Cell<usize>,
    over: Cell<Option<Overflow>>,
}

impl Budget {
    /// An account with nothing spent, in a run that keeps `kept` bytes already.
    #[must_use]
    pub fn new(limits: ExpansionLimits, kept: usize) -> Self {
        Self { limits, kept, spent: Cell::new(0), over: Cell::new(None) }
    }

    /// Bytes put in the place of variables.
    #[must_use]
    pub fn spent(&self) -> usize {
        self.spent.get()
    }

    /// The first limit that was met. From then on nothing is replaced any more.
    #[must_use]
    pub fn overflow(&self) -> Option<Overflow> {
        self.over.get()
    }

    /// Asks to put `bytes` into a text that is `length` long so far.
    pub(super) fn text(&self, length: usize, bytes: usize) -> bool {
        if length.saturating_add(bytes) > self.limits.field {
            self.meet(Overflow::Field(self.limits.field));
        }
        self.charge(bytes)
    }

    /// Asks for a copy of texts.
    pub(super) fn texts<'t>(&self, texts: impl IntoIterator<Item = &'t String>) -> bool {
        let bytes = texts.into_iter().fold(0usize, |sum, t| sum.saturating_add(t.len()).saturating_add(ENTRY));
        self.charge(bytes)
    }

    fn charge(&self, bytes: usize) -> bool {
        if self.over.get().is_some() {
            return false;
        }
        let spent = self.spent.get().saturating_add(bytes);
        if spent > self.limits.object {
            self.meet(Overflow::Object(self.limits.object));
        } else if self.kept.saturating_add(spent) > self.limits.run {
            self.meet(Overflow::Run(self.limits.run));
        } else {
            self.spent.set(spent);
            return true;
        }
        false
    }

    fn meet(&self, limit: Overflow) {
        if self.over.get().is_none() {
            self.over.set(Some(limit));
        }
    }
}
