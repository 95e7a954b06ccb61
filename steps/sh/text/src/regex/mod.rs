//! Regular expressions with POSIX's rule: of all matches the leftmost, of these the longest.
//!
//! An automaton finds where a match begins, and a second one the longest that begins there where that may differ.
//! Does not know which tool asks.

mod brackets;
mod program;
mod syntax;
mod translate;

use program::{Program, Wanted};
use regex_automata::hybrid::dfa::{Cache as LazyCache, DFA};
use regex_automata::meta;
use regex_automata::nfa::thompson::{NFA, WhichCaptures};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input, MatchKind};
use std::cell::RefCell;
pub use syntax::{Flavour, Node, Reading, parse};

/// What a line end is to an expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lines {
    /// A byte as any: the text is one line.
    One,
    /// `^` and `$` also match at line ends, which `.` matches.
    Ends,
    /// The text is lines, and no match goes beyond one.
    Many,
}

/// How an expression is to be read and matched.
#[derive(Clone, Copy)]
pub struct How {
    pub flavour: Flavour,
    pub escapes: bool,
    pub ignore_case: bool,
    pub lines: Lines,
}

/// A match's slots: start and end of the whole, then of each group.
pub type Slots = Vec<Option<usize>>;

/// An expression that can be matched.
pub struct Regex {
    meta: meta::Regex,
    cache: RefCell<meta::Cache>,
    /// The longest match at a place, where the first may not be it.
    longest: Option<(DFA, RefCell<LazyCache>)>,
    program: Option<Program>,
    /// Only by trying: there are back references, or Perl's look around.
    tries: bool,
    /// What is tried may be other than what the automaton finds from where it starts.
    looks: bool,
    first: bool,
    pub groups: usize,
    slots: RefCell<Vec<Option<NonMaxUsize>>>,
}

fn fold(byte: u8) -> u8 {
    byte.to_ascii_lowercase()
}

impl Regex {
    /// Reads an expression.
    pub fn new(text: &[u8], how: How) -> Result<Self, String> {
        let tree = parse(text, Reading { flavour: how.flavour, escapes: how.escapes })?;
        let how = How { ignore_case: how.ignore_case || tree.ignore_case, ..how };
        Self::of(&tree.node, tree.groups, tree.has_back, tree.has_look, how)
    }

    /// Of a tree.
    pub fn of(node: &Node, groups: usize, back: bool, looks: bool, how: How) -> Result<Self, String> {
        let hir = translate::translate(node, how.lines, how.ignore_case, !back);
        let config =
            meta::Config::new().utf8_empty(false).nfa_size_limit(Some(40 << 20)).hybrid_cache_capacity(4 << 20);
        let too_big = "Regular expression too big";
        let meta = meta::Builder::new().configure(config).build_from_hir(&hir).map_err(|_| too_big)?;
        let cache = RefCell::new(meta.create_cache());
        let first = how.flavour == Flavour::Perl;
        let tries = back || looks;
        let longer = !first && !tries && translate::may_be_longer(node);
        let longest = if longer { Some(longest(node, how)?) } else { None };
        let program = (tries || longer && groups > 0)
            .then(|| Program::new(node, groups, how.lines, how.ignore_case, back))
            .transpose()?;
        let slots = RefCell::new(vec![None; groups * 2 + 2]);
        Ok(Self { meta, cache, longest, program, tries, looks, first, groups, slots })
    }

    /// Whether there is a match from a place on.
    pub fn is_match_at(&self, text: &[u8], at: usize) -> bool {
        if self.tries {
            return self.tried(text, at).is_some();
        }
        let input = Input::new(text).range(at..).earliest(true);
        self.meta.search_half_with(&mut self.cache.borrow_mut(), &input).is_some()
    }

    pub fn is_match(&self, text: &[u8]) -> bool {
        self.is_match_at(text, 0)
    }

    /// The leftmost longest match from a place on.
    pub fn find_at(&self, text: &[u8], at: usize) -> Option<(usize, usize)> {
        if self.tries {
            let slots = self.tried(text, at)?;
            return Some((slots[0]?, slots[1]?));
        }
        let input = Input::new(text).range(at..);
        let found = self.meta.search_with(&mut self.cache.borrow_mut(), &input)?;
        Some((found.start(), self.extended(text, found.start(), found.end())))
    }

    /// Where some match ends: enough to know its line, and cheaper.
    pub fn find_end_at(&self, text: &[u8], at: usize) -> Option<usize> {
        if self.tries {
            return self.tried(text, at).and_then(|slots| slots[1]);
        }
        let input = Input::new(text).range(at..).earliest(true);
        self.meta.search_half_with(&mut self.cache.borrow_mut(), &input).map(|half| half.offset())
    }

    fn extended(&self, text: &[u8], start: usize, end: usize) -> usize {
        let Some((dfa, cache)) = &self.longest else { return end };
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        match dfa.try_search_fwd(&mut cache.borrow_mut(), &input) {
            Ok(Some(half)) => half.offset().max(end),
            _ => end,
        }
    }

    /// The same with groups. False where there is none.
    pub fn captures_at(&self, text: &[u8], at: usize, slots: &mut Slots) -> bool {
        slots.clear();
        if self.tries {
            match self.tried(text, at) {
                Some(found) => slots.extend_from_slice(&found[..self.groups * 2 + 2]),
                None => return false,
            }
            return true;
        }
        if self.groups == 0 {
            let Some((start, end)) = self.find_at(text, at) else { return false };
            slots.extend([Some(start), Some(end)]);
            return true;
        }
        let mut found = self.slots.borrow_mut();
        let input = Input::new(text).range(at..);
        if self.meta.search_slots_with(&mut self.cache.borrow_mut(), &input, &mut found).is_none() {
            return false;
        }
        slots.extend(found.iter().map(|slot| slot.map(NonMaxUsize::get)));
        if let (Some(start), Some(end)) = (slots[0], slots[1]) {
            let longest = self.extended(text, start, end);
            if longest > end
                && let Some(program) = &self.program
                && let Some(found) = program.run(text, start, Wanted::EndingAt(longest))
            {
                slots.copy_from_slice(&found[..self.groups * 2 + 2]);
            }
        }
        true
    }

    fn tried(&self, text: &[u8], mut at: usize) -> Option<Slots> {
        let program = self.program.as_ref()?;
        let wanted = if self.first { Wanted::First } else { Wanted::Longest };
        while at <= text.len() {
            if !self.looks {
                let input = Input::new(text).range(at..);
                at = self.meta.search_with(&mut self.cache.borrow_mut(), &input)?.start();
            }
            if let Some(slots) = program.run(text, at, wanted) {
                return Some(slots);
            }
            at += 1;
        }
        None
    }
}

fn longest(node: &Node, how: How) -> Result<(DFA, RefCell<LazyCache>), String> {
    let too_big = "Regular expression too big";
    let hir = translate::translate(node, how.lines, how.ignore_case, false);
    let config = NFA::config().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(40 << 20));
    let nfa = NFA::compiler().configure(config).build_from_hir(&hir).map_err(|_| too_big)?;
    let config = DFA::config().match_kind(MatchKind::All).cache_capacity(4 << 20).skip_cache_capacity_check(true);
    let dfa = DFA::builder().configure(config).build_from_nfa(nfa).map_err(|_| too_big)?;
    let cache = RefCell::new(dfa.create_cache());
    Ok((dfa, cache))
}
