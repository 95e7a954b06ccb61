//! Patterns: `*`, `?`, `[…]`, and the groups of extglob. A backslash quotes.
//!
//! Knows texts only; which files there are is asked in `glob.rs`.

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Char(char),
    Any,
    Star,
    Set(Vec<Member>, bool),
    /// `?`, `*`, `+`, `@` or `!`, and its alternatives.
    Group(char, Vec<Vec<Part>>),
}

#[derive(Debug, Clone, PartialEq)]
enum Member {
    Range(char, char),
    Class(fn(char) -> bool),
}

/// A pattern that has been read.
#[derive(Debug, Clone)]
pub struct Pattern {
    parts: Vec<Part>,
    fold: bool,
}

/// Reads what comes in a pattern.
struct Reader<'a> {
    chars: Vec<char>,
    at: usize,
    extglob: bool,
    text: &'a str,
}

impl Pattern {
    /// Reads a pattern; `fold` takes capital letters for small ones.
    #[must_use]
    pub fn new(text: &str, extglob: bool, fold: bool) -> Self {
        let mut reader = Reader { chars: text.chars().collect(), at: 0, extglob, text };
        let parts = reader.sequence(false);
        Self { parts, fold }
    }

    /// The text, where the pattern stands for just one.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let char = |part: &Part| if let Part::Char(char) = part { Some(*char) } else { None };
        if self.fold { None } else { self.parts.iter().map(char).collect() }
    }

    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        if !self.fold
            && let [Part::Star, rest @ ..] = self.parts.as_slice()
            && rest.is_empty()
        {
            return true;
        }
        let chars: Vec<char> = text.chars().collect();
        self.matches_chars(&chars)
    }

    /// Whether all of these characters match.
    #[must_use]
    pub fn matches_chars(&self, chars: &[char]) -> bool {
        let mut budget = BUDGET;
        self.run(&self.parts, chars, 0, &mut budget, &mut |at| at == chars.len())
    }

    /// Where a match that begins here ends, the longest or the shortest.
    #[must_use]
    pub fn end(&self, chars: &[char], from: usize, longest: bool) -> Option<usize> {
        let mut budget = BUDGET;
        let mut best = None;
        // A star at the end reaches as far as there is.
        if longest && let Some((Part::Star, before)) = self.parts.split_last() {
            return self.run(before, chars, from, &mut budget, &mut |_| true).then_some(chars.len());
        }
        self.run(&self.parts, chars, from, &mut budget, &mut |at| {
            if longest {
                best = best.max(Some(at));
                at == chars.len()
            } else {
                best = Some(best.map_or(at, |best: usize| best.min(at)));
                at == from
            }
        });
        best
    }

    /// Where the match begins that reaches to the end, the longest or the shortest.
    #[must_use]
    pub fn start(&self, chars: &[char], longest: bool) -> Option<usize> {
        let fits = |from: &usize| {
            let mut budget = BUDGET;
            self.run(&self.parts, chars, *from, &mut budget, &mut |at| at == chars.len())
        };
        if longest {
            if matches!(self.parts.first(), Some(Part::Star)) && self.parts.len() == 1 {
                return Some(0);
            }
            (0..=chars.len()).find(fits)
        } else {
            (0..=chars.len()).rev().find(fits)
        }
    }

    fn same(&self, a: char, b: char) -> bool {
        a == b || (self.fold && a.to_lowercase().eq(b.to_lowercase()))
    }

    fn in_set(&self, members: &[Member], char: char) -> bool {
        members.iter().any(|member| match member {
            Member::Range(from, to) => {
                let inside = |char: char| *from <= char && char <= *to;
                inside(char) || (self.fold && (char.to_lowercase().any(inside) || char.to_uppercase().any(inside)))
            }
            Member::Class(class) => {
                class(char) || (self.fold && (char.to_lowercase().any(*class) || char.to_uppercase().any(*class)))
            }
        })
    }

    /// Goes through the parts from a place; `end` is asked where they are done, and says whether that will do.
    fn run(
        &self,
        parts: &[Part],
        chars: &[char],
        mut at: usize,
        budget: &mut u32,
        end: &mut dyn FnMut(usize) -> bool,
    ) -> bool {
        let mut parts = parts;
        loop {
            let Some((part, rest)) = parts.split_first() else { return end(at) };
            match part {
                Part::Char(char) => {
                    if !chars.get(at).is_some_and(|there| self.same(*char, *there)) {
                        return false;
                    }
                    at += 1;
                }
                Part::Any => {
                    if at >= chars.len() {
                        return false;
                    }
                    at += 1;
                }
                Part::Set(members, negated) => {
                    let Some(char) = chars.get(at) else { return false };
                    if self.in_set(members, *char) == *negated {
                        return false;
                    }
                    at += 1;
                }
                Part::Star => {
                    if let Some(Part::Char(next)) = rest.first() {
                        // Only where the next character stands can the rest go on.
                        return (at..chars.len()).any(|from| {
                            self.same(*next, chars[from]) && spend(budget) && self.run(rest, chars, from, budget, end)
                        });
                    }
                    return (at..=chars.len()).any(|from| spend(budget) && self.run(rest, chars, from, budget, end));
                }
                Part::Group(kind, alternatives) => {
                    return self.group(*kind, alternatives, rest, chars, at, budget, end);
                }
            }
            parts = rest;
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what run has, and what the group is")]
    fn group(
        &self,
        kind: char,
        alternatives: &[Vec<Part>],
        rest: &[Part],
        chars: &[char],
        at: usize,
        budget: &mut u32,
        end: &mut dyn FnMut(usize) -> bool,
    ) -> bool {
        if !spend(budget) {
            return false;
        }
        if kind == '!' {
            return (at..=chars.len()).rev().any(|to| {
                let part = &chars[at..to];
                let any = alternatives.iter().any(|alternative| {
                    let mut inner = BUDGET;
                    self.run(alternative, part, 0, &mut inner, &mut |end| end == part.len())
                });
                !any && self.run(rest, chars, to, budget, end)
            });
        }
        if matches!(kind, '?' | '*') && self.run(rest, chars, at, budget, end) {
            return true;
        }
        alternatives.iter().any(|alternative| {
            let mut ends = Vec::new();
            self.run(alternative, chars, at, budget, &mut |to| {
                if !ends.contains(&to) {
                    ends.push(to);
                }
                false
            });
            ends.into_iter().any(|to| {
                if matches!(kind, '*' | '+') && to > at {
                    self.group('*', alternatives, rest, chars, to, budget, end)
                } else {
                    self.run(rest, chars, to, budget, end)
                }
            })
        })
    }
}

/// How often a match may try again: patterns with many stars could go on for ever.
const BUDGET: u32 = 20_000_000;

fn spend(budget: &mut u32) -> bool {
    *budget = budget.saturating_sub(1);
    *budget > 0
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn sequence(&mut self, in_group: bool) -> Vec<Part> {
        let mut parts = Vec::with_capacity(self.text.len().min(64));
        while let Some(char) = self.peek() {
            if in_group && matches!(char, '|' | ')') {
                break;
            }
            self.at += 1;
            match char {
                '\\' => {
                    let next = self.peek();
                    self.at += usize::from(next.is_some());
                    parts.push(Part::Char(next.unwrap_or('\\')));
                }
                '?' | '*' | '+' | '@' | '!' if self.extglob && self.peek() == Some('(') && self.closes() => {
                    self.at += 1;
                    parts.push(self.group(char));
                }
                '?' => parts.push(Part::Any),
                '*' => {
                    if parts.last() != Some(&Part::Star) {
                        parts.push(Part::Star);
                    }
                }
                '[' => {
                    let from = self.at;
                    match self.set() {
                        Some(set) => parts.push(set),
                        None => {
                            self.at = from;
                            parts.push(Part::Char('['));
                        }
                    }
                }
                char => parts.push(Part::Char(char)),
            }
        }
        parts
    }

    /// Whether the parenthesis here is closed.
    fn closes(&self) -> bool {
        let mut depth = 0;
        let mut quoted = false;
        self.chars[self.at..].iter().any(|&char| {
            if quoted {
                quoted = false;
                return false;
            }
            match char {
                '\\' => quoted = true,
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth == 0
        })
    }

    fn group(&mut self, kind: char) -> Part {
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.sequence(true));
            let char = self.peek();
            self.at += 1;
            if char != Some('|') {
                return Part::Group(kind, alternatives);
            }
        }
    }

    /// After `[`; `None` where it is never closed.
    fn set(&mut self) -> Option<Part> {
        let negated = matches!(self.peek(), Some('!' | '^'));
        self.at += usize::from(negated);
        let mut members = Vec::new();
        let mut first = true;
        loop {
            let mut char = self.peek()?;
            self.at += 1;
            match char {
                ']' if !first => return Some(Part::Set(members, negated)),
                '[' if matches!(self.peek(), Some(':')) => {
                    if let Some(class) = self.class() {
                        members.push(Member::Class(class));
                        first = false;
                        continue;
                    }
                }
                '[' if matches!(self.peek(), Some('.' | '=')) => {
                    if let Some(single) = self.single() {
                        char = single;
                    }
                }
                '\\' => {
                    char = self.peek()?;
                    self.at += 1;
                }
                '/' => {}
                _ => {}
            }
            first = false;
            if self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|&next| next != ']') {
                self.at += 1;
                let mut to = self.peek()?;
                self.at += 1;
                if to == '\\' {
                    to = self.peek()?;
                    self.at += 1;
                } else if to == '[' && matches!(self.peek(), Some('.' | '=')) {
                    to = self.single().unwrap_or(to);
                }
                members.push(Member::Range(char, to));
            } else {
                members.push(Member::Range(char, char));
            }
        }
    }

    /// `[:alpha:]`, after its first bracket.
    fn class(&mut self) -> Option<fn(char) -> bool> {
        let rest = &self.chars[self.at + 1..];
        let end = rest.windows(2).position(|pair| pair == [':', ']'])?;
        let name: String = rest[..end].iter().collect();
        let class = class(&name)?;
        self.at += end + 3;
        Some(class)
    }

    /// `[.x.]` or `[=x=]`, after its first bracket.
    fn single(&mut self) -> Option<char> {
        let rest = &self.chars[self.at..];
        let kind = *rest.first()?;
        if rest.get(2..4)? == [kind, ']'] {
            self.at += 4;
            return rest.get(1).copied();
        }
        None
    }
}

/// The characters of a class by its name.
#[must_use]
pub fn class(name: &str) -> Option<fn(char) -> bool> {
    Some(match name {
        "alpha" => char::is_alphabetic,
        "digit" => |char| char.is_ascii_digit(),
        "alnum" => |char| char.is_alphanumeric(),
        "upper" => char::is_uppercase,
        "lower" => char::is_lowercase,
        "space" => char::is_whitespace,
        "blank" => |char| matches!(char, ' ' | '\t'),
        "punct" => {
            |char| char.is_ascii_punctuation() || (!char.is_ascii() && !char.is_alphanumeric() && !char.is_whitespace())
        }
        "print" => |char| !char.is_control(),
        "graph" => |char| !char.is_control() && !char.is_whitespace(),
        "cntrl" => char::is_control,
        "xdigit" => |char| char.is_ascii_hexdigit(),
        "word" => |char| char == '_' || char.is_alphanumeric(),
        "ascii" => |char| char.is_ascii(),
        _ => return None,
    })
}

/// Whether a text has something of a pattern in it.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'*' | b'?' | b'['))
        || (text.contains('(')
            && text.bytes().zip(text.bytes().skip(1)).any(|pair| matches!(pair, (b'+' | b'@' | b'!', b'('))))
}
