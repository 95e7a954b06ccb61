//! Matches a tree by trying: for what an automaton can't, back references and looking around, and for groups where
//! the longest match is not the first one.
//!
//! The places to come back to are on a stack of its own, so that no text is too long. Without back references each
//! place is tried once.

use super::brackets::{Set, word};
use super::syntax::Node;
use super::{Lines, fold};
use std::collections::HashSet;

enum Step {
    Set(Box<Set>),
    Look(Node),
    Split(usize, usize),
    Jump(usize),
    Save(usize),
    Back(usize),
    /// Remembers a place, and refuses to go round again from the same.
    Mark(usize),
    Moved(usize),
    Around {
        ahead: bool,
        negative: bool,
        program: Program,
    },
    Match,
}

/// What a tree is made into.
pub struct Program {
    steps: Vec<Step>,
    slots: usize,
    ignore_case: bool,
    has_back: bool,
    lines: Lines,
}

/// Which of all matches at a place is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    First,
    Longest,
    EndingAt(usize),
}

const MOST_STEPS: usize = 200_000;

impl Wanted {
    /// Whether a match that ends here is one to keep.
    fn takes(self, at: usize, best: Option<&[Option<usize>]>) -> bool {
        match self {
            Self::EndingAt(end) => at == end,
            _ => best.is_none_or(|best| best[1] < Some(at)),
        }
    }
}

/// A place to come back to, or what a slot held before.
enum Undo {
    Place(usize, usize),
    Slot(usize, Option<usize>),
}

impl Program {
    /// `groups` is the highest number of a group in the whole expression.
    pub fn new(
        node: &Node,
        groups: usize,
        lines: Lines,
        ignore_case: bool,
        has_back: bool,
    ) -> Result<Self, &'static str> {
        let mut program = Self { steps: Vec::new(), slots: groups * 2 + 2, ignore_case, has_back, lines };
        program.add(node, groups)?;
        program.steps.push(Step::Match);
        Ok(program)
    }

    fn push(&mut self, step: Step) -> Result<usize, &'static str> {
        if self.steps.len() >= MOST_STEPS {
            return Err("Regular expression too big");
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn add(&mut self, node: &Node, groups: usize) -> Result<(), &'static str> {
        match node {
            Node::Empty => {}
            Node::Byte(_) | Node::Any | Node::Set(_) => {
                let set = super::translate::set_of(node, self.lines, self.ignore_case);
                self.push(Step::Set(Box::new(set)))?;
            }
            Node::Concat(nodes) => nodes.iter().try_for_each(|node| self.add(node, groups))?,
            Node::Alternate(branches) => {
                let mut ends = Vec::new();
                for (index, branch) in branches.iter().enumerate() {
                    let last = index + 1 == branches.len();
                    let split = if last { None } else { Some(self.push(Step::Split(0, 0))?) };
                    let first = self.steps.len();
                    self.add(branch, groups)?;
                    if let Some(split) = split {
                        ends.push(self.push(Step::Jump(0))?);
                        self.steps[split] = Step::Split(first, self.steps.len());
                    }
                }
                let end = self.steps.len();
                ends.into_iter().for_each(|at| self.steps[at] = Step::Jump(end));
            }
            Node::Repeat { node, least, most, greedy } => self.repeat(node, *least, *most, *greedy, groups)?,
            Node::Group(number, node) => {
                self.push(Step::Save(number * 2))?;
                self.add(node, groups)?;
                self.push(Step::Save(number * 2 + 1))?;
            }
            Node::Back(number) => drop(self.push(Step::Back(*number))?),
            Node::Look { ahead, negative, node } => {
                let program = Self::new(node, groups, self.lines, self.ignore_case, true)?;
                self.push(Step::Around { ahead: *ahead, negative: *negative, program })?;
            }
            Node::Keep => drop(self.push(Step::Save(0))?),
            look => drop(self.push(Step::Look(look.clone()))?),
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        node: &Node,
        least: u32,
        most: Option<u32>,
        greedy: bool,
        groups: usize,
    ) -> Result<(), &'static str> {
        for _ in 0..least {
            self.add(node, groups)?;
        }
        let either = |go: usize, on: usize| if greedy { Step::Split(go, on) } else { Step::Split(on, go) };
        match most {
            None => {
                let split = self.push(Step::Split(0, 0))?;
                let mark = self.slots;
                self.slots += 1;
                self.push(Step::Mark(mark))?;
                self.add(node, groups)?;
                self.push(Step::Moved(mark))?;
                self.push(Step::Jump(split))?;
                self.steps[split] = either(split + 1, self.steps.len());
            }
            Some(most) => {
                let mut splits = Vec::new();
                for _ in least..most {
                    splits.push(self.push(Step::Split(0, 0))?);
                    self.add(node, groups)?;
                }
                let end = self.steps.len();
                splits.into_iter().for_each(|split| self.steps[split] = either(split + 1, end));
            }
        }
        Ok(())
    }

    /// Matches at a place; slots are the ends of groups, that of the whole first.
    pub fn run(&self, text: &[u8], at: usize, wanted: Wanted) -> Option<Vec<Option<usize>>> {
        self.run_from(text, at, wanted, None)
    }

    /// The slots as a match begins; one within another knows the groups of that.
    fn first_slots(&self, start: usize, outer: Option<&[Option<usize>]>) -> Vec<Option<usize>> {
        let mut slots: Vec<Option<usize>> = vec![None; self.slots];
        if let Some(outer) = outer {
            let shared = outer.len().min(self.slots);
            slots[..shared].copy_from_slice(&outer[..shared]);
        }
        slots[0] = Some(start);
        slots
    }

    /// Whether this stands ahead of a place, or ends there.
    fn is_around(&self, text: &[u8], at: usize, ahead: bool, slots: &[Option<usize>]) -> bool {
        if ahead {
            return self.run_from(text, at, Wanted::First, Some(slots)).is_some();
        }
        (0..=at).rev().any(|from| self.run_from(text, from, Wanted::EndingAt(at), Some(slots)).is_some())
    }

    fn run_from(
        &self,
        text: &[u8],
        start: usize,
        wanted: Wanted,
        outer: Option<&[Option<usize>]>,
    ) -> Option<Vec<Option<usize>>> {
        let mut slots = self.first_slots(start, outer);
        let mut best: Option<Vec<Option<usize>>> = None;
        let mut stack = vec![Undo::Place(0, start)];
        let mut seen = HashSet::new();
        while let Some(undo) = stack.pop() {
            let (mut step, mut at) = match undo {
                Undo::Slot(slot, old) => {
                    slots[slot] = old;
                    continue;
                }
                Undo::Place(step, at) => (step, at),
            };
            loop {
                match &self.steps[step] {
                    Step::Set(set) if at < text.len() && set.has(text[at]) => (step, at) = (step + 1, at + 1),
                    Step::Set(_) => break,
                    Step::Jump(to) => step = *to,
                    Step::Split(first, second) => {
                        if !self.has_back && !seen.insert((step, at)) {
                            break;
                        }
                        stack.push(Undo::Place(*second, at));
                        step = *first;
                    }
                    Step::Save(slot) | Step::Mark(slot) => {
                        stack.push(Undo::Slot(*slot, slots[*slot]));
                        slots[*slot] = Some(at);
                        step += 1;
                    }
                    Step::Moved(mark) if slots[*mark] == Some(at) => break,
                    Step::Moved(_) => step += 1,
                    Step::Back(group) => match (slots[group * 2], slots[group * 2 + 1]) {
                        (Some(from), Some(to)) if self.repeats(text, from, to, at) => {
                            (step, at) = (step + 1, at + to - from)
                        }
                        _ => break,
                    },
                    Step::Look(look) if self.lines.holds(look, text, at) => step += 1,
                    Step::Look(_) => break,
                    Step::Around { ahead, negative, program } => {
                        if program.is_around(text, at, *ahead, &slots) == *negative {
                            break;
                        }
                        step += 1;
                    }
                    Step::Match => {
                        if wanted.takes(at, best.as_deref()) {
                            let mut found = slots.clone();
                            found[1] = Some(at);
                            best = Some(found);
                            if wanted != Wanted::Longest || at == text.len() {
                                return best;
                            }
                        }
                        break;
                    }
                }
            }
        }
        best
    }

    fn repeats(&self, text: &[u8], from: usize, to: usize, at: usize) -> bool {
        let (part, rest) = (&text[from..to], &text[at..]);
        if !self.ignore_case {
            return rest.starts_with(part);
        }
        rest.len() >= part.len() && part.iter().zip(rest).all(|(one, other)| fold(*one) == fold(*other))
    }
}

impl Lines {
    /// Whether what a node asks of its surroundings is so.
    fn holds(self, node: &Node, text: &[u8], at: usize) -> bool {
        let before = at > 0 && word(text[at - 1]);
        let after = at < text.len() && word(text[at]);
        match node {
            Node::Start => at == 0 || (self != Lines::One && text[at - 1] == b'\n'),
            Node::End => at == text.len() || (self != Lines::One && text[at] == b'\n'),
            Node::BufferStart => at == 0 || (self == Lines::Many && text[at - 1] == b'\n'),
            Node::BufferEnd => at == text.len() || (self == Lines::Many && text[at] == b'\n'),
            Node::WordStart => !before && after,
            Node::WordEnd => before && !after,
            Node::WordStartHalf => !before,
            Node::WordEndHalf => !after,
            Node::Word => before != after,
            Node::NotWord => before == after,
            _ => true,
        }
    }
}
