//! Indentation inside brackets and quotes: YAML 1.2, and so the parser, wants continuation
//! lines deeper than their key; Kubernetes' YAML library does not care, and people close a list
//! under its key. Such lines get the spaces that they lack, and the spaces are remembered.
//!
//! Knows just enough of YAML to tell brackets, quotes and block scalars apart. Used only on
//! text that was refused for its indentation.

/// What a line begins inside of.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Block,
    /// Brackets, this many open.
    Flow(usize),
    Quote {
        mark: char,
        depth: usize,
    },
}

struct Scan {
    inside: Inside,
    /// Column (from 0) at which the outermost bracket or quote opened.
    opened: usize,
    /// Whether a value can begin here, inside brackets.
    start: bool,
    /// The indentation of the line that announced a block scalar.
    scalar: Option<usize>,
}

/// The text with deeper continuation lines, and how many spaces each line (from 0) got; `None`
/// when no line lacks any.
pub(super) fn relax(text: &str) -> Option<(String, Vec<u32>)> {
    let mut scan = Scan { inside: Inside::Block, opened: 0, start: false, scalar: None };
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut shifts = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let bare = line.trim_start_matches(' ');
        let indent = line.len() - bare.len();
        let mut shift = 0;
        if scan.inside == Inside::Block {
            scan.block_line(bare, indent);
        } else {
            if !bare.trim().is_empty() && indent <= scan.opened {
                shift = scan.opened + 1 - indent;
            }
            scan.rest(bare, 0, indent);
        }
        out.extend(std::iter::repeat_n(' ', shift));
        out.push_str(line);
        shifts.push(u32::try_from(shift).unwrap_or(0));
    }
    shifts.iter().any(|s| *s > 0).then_some((out, shifts))
}

impl Scan {
    /// A line that begins outside of brackets and quotes.
    fn block_line(&mut self, bare: &str, indent: usize) {
        if bare.trim().is_empty() {
            return;
        }
        if let Some(announced) = self.scalar {
            if indent > announced {
                return;
            }
            self.scalar = None;
        }
        if bare.starts_with("---") || bare.starts_with("...") || bare.starts_with(['#', '%']) {
            return;
        }
        self.rest(bare, 0, indent);
    }

    /// The rest of a line from byte `at` of `bare`, which stands at column `indent`.
    fn rest(&mut self, bare: &str, mut at: usize, indent: usize) {
        while at < bare.len() {
            at = match self.inside {
                Inside::Block => match self.block_token(bare, at, indent) {
                    Some(next) => next,
                    None => return,
                },
                Inside::Flow(depth) => match self.flow_token(bare, at, depth) {
                    Some(next) => next,
                    None => return,
                },
                Inside::Quote { mark, depth } => self.quoted(bare, at, mark, depth),
            };
        }
    }

    /// One token outside of brackets; `None` when the rest of the line says nothing.
    fn block_token(&mut self, bare: &str, at: usize, indent: usize) -> Option<usize> {
        let rest = bare.get(at..)?;
        let c = rest.chars().next()?;
        match c {
            ' ' | '\t' => Some(at + 1),
            '-' | '?' | ':' if rest.len() == 1 || rest.get(1..2) == Some(" ") => Some(at + 1),
            '&' | '!' => Some(at + rest.find(' ').unwrap_or(rest.len())),
            '[' | '{' => {
                self.opened = indent + at;
                self.inside = Inside::Flow(1);
                self.start = true;
                Some(at + 1)
            }
            '"' | '\'' => {
                self.opened = indent + at;
                self.inside = Inside::Quote { mark: c, depth: 0 };
                Some(at + 1)
            }
            '#' => None,
            '|' | '>' => {
                self.scalar = Some(indent);
                None
            }
            _ => {
                let colon = rest.find(": ").or_else(|| rest.ends_with(':').then(|| rest.len() - 1))?;
                if rest.find(" #").is_some_and(|comment| comment < colon) {
                    return None;
                }
                Some(at + colon + 1)
            }
        }
    }

    fn flow_token(&mut self, bare: &str, at: usize, depth: usize) -> Option<usize> {
        let rest = bare.get(at..)?;
        let c = rest.chars().next()?;
        let after_space = at == 0 || bare.get(..at).is_some_and(|b| b.ends_with([' ', '\t']));
        match c {
            '#' if after_space => return None,
            '[' | '{' => {
                self.inside = Inside::Flow(depth + 1);
                self.start = true;
            }
            ']' | '}' => {
                self.inside = if depth <= 1 { Inside::Block } else { Inside::Flow(depth - 1) };
                self.start = false;
            }
            ',' => self.start = true,
            ':' => self.start = true,
            '"' | '\'' if self.start => self.inside = Inside::Quote { mark: c, depth },
            ' ' | '\t' => {}
            _ => self.start = false,
        }
        Some(at + c.len_utf8())
    }

    /// To the end of a quoted text, or of the line.
    fn quoted(&mut self, bare: &str, at: usize, mark: char, depth: usize) -> usize {
        let mut chars = bare.get(at..).unwrap_or_default().char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            if c == '\\' && mark == '"' {
                chars.next();
            } else if c == mark {
                if mark == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') {
                    chars.next();
                    continue;
                }
                self.inside = if depth == 0 { Inside::Block } else { Inside::Flow(depth) };
                self.start = false;
                return at + offset + 1;
            }
        }
        bare.len()
    }
}
