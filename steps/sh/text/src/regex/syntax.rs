//! Regular expressions as POSIX and GNU write them: basic, extended, awk's, and what scripts use of Perl's.
//!
//! Makes a tree of a text. Knows the words for what is wrong with one; does not know how a tree is matched.

use super::brackets::{Set, bracket, every, word};

/// Whose rules a text follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    Basic,
    Extended,
    Awk,
    Perl,
}

#[derive(Clone, Debug)]
pub enum Node {
    Empty,
    Byte(u8),
    Any,
    Set(Box<Set>),
    Start,
    End,
    BufferStart,
    BufferEnd,
    WordStart,
    WordEnd,
    WordStartHalf,
    WordEndHalf,
    Word,
    NotWord,
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: u32,
        most: Option<u32>,
        greedy: bool,
    },
    Group(usize, Box<Node>),
    Back(usize),
    /// Perl's look around: whether ahead, whether it must not match.
    Look {
        ahead: bool,
        negative: bool,
        node: Box<Node>,
    },
    /// Perl's `\K`: the match begins here.
    Keep,
}

/// A tree with what is in it.
pub struct Tree {
    pub node: Node,
    pub groups: usize,
    pub has_back: bool,
    /// Perl's look around or `\K`.
    pub has_look: bool,
    pub ignore_case: bool,
}

/// How a text is read beside its flavour.
#[derive(Clone, Copy)]
pub struct Reading {
    pub flavour: Flavour,
    /// Whether `\n`, `\t`, `\x41` and the like stand for bytes, as in sed and awk.
    pub escapes: bool,
}

pub struct Parser<'a> {
    pub text: &'a [u8],
    pub at: usize,
    pub reading: Reading,
    groups: usize,
    closed: Vec<usize>,
    depth: usize,
    has_back: bool,
    has_look: bool,
    ignore_case: bool,
}

type Parsed<T> = Result<T, &'static str>;

const DEEPEST: usize = 200;
const MOST_REPEATS: u32 = 32767;

/// Makes a tree of a text.
pub fn parse(text: &[u8], reading: Reading) -> Parsed<Tree> {
    let mut parser = Parser {
        text,
        at: 0,
        reading,
        groups: 0,
        closed: Vec::new(),
        depth: 0,
        has_back: false,
        has_look: false,
        ignore_case: false,
    };
    let node = parser.alternation()?;
    if parser.at < text.len() {
        return Err("Unmatched ) or \\)");
    }
    let Parser { groups, has_back, has_look, ignore_case, .. } = parser;
    Ok(Tree { node, groups, has_back, has_look, ignore_case })
}

impl Parser<'_> {
    fn basic(&self) -> bool {
        self.reading.flavour == Flavour::Basic
    }

    fn perl(&self) -> bool {
        self.reading.flavour == Flavour::Perl
    }

    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    fn is_next(&self, extended: &[u8], basic: &[u8]) -> bool {
        self.rest().starts_with(if self.basic() { basic } else { extended })
    }

    fn take(&mut self, extended: &[u8], basic: &[u8]) -> bool {
        let is = self.is_next(extended, basic);
        if is {
            self.at += if self.basic() { basic.len() } else { extended.len() };
        }
        is
    }

    fn alternation(&mut self) -> Parsed<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("Regular expression too big");
        }
        let mut branches = vec![self.branch()?];
        while self.take(b"|", b"\\|") {
            branches.push(self.branch()?);
        }
        self.depth -= 1;
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Alternate(branches) })
    }

    fn branch(&mut self) -> Parsed<Node> {
        let mut nodes = Vec::new();
        while self.at < self.text.len() && !self.is_next(b"|", b"\\|") {
            if self.is_next(b")", b"\\)") {
                // One that closes nothing is itself in an extended expression.
                if self.depth > 1 || self.basic() || self.perl() {
                    break;
                }
            }
            let at_start = nodes.iter().all(|node| matches!(node, Node::Start));
            let node = self.atom(at_start)?;
            let node = self.repeated(node)?;
            nodes.push(node);
        }
        Ok(match nodes.len() {
            0 => Node::Empty,
            1 => nodes.remove(0),
            _ => Node::Concat(nodes),
        })
    }

    /// Whether `$` here ends its expression.
    fn ends(&self) -> bool {
        let rest = self.rest();
        !self.basic() || rest.is_empty() || rest.starts_with(b"\\)") || rest.starts_with(b"\\|")
    }

    fn atom(&mut self, at_start: bool) -> Parsed<Node> {
        let byte = self.text[self.at];
        self.at += 1;
        Ok(match byte {
            b'.' => Node::Any,
            b'[' => Node::Set(Box::new(bracket(self)?)),
            b'^' if !self.basic() || at_start => Node::Start,
            b'$' if self.ends() => Node::End,
            b'(' if !self.basic() => self.group()?,
            b'*' if !self.basic() && at_start && !self.perl() => Node::Empty,
            b'+' | b'?' | b'*' if !self.basic() && at_start => {
                return Err("Invalid preceding regular expression");
            }
            b'\\' => self.escape(at_start)?,
            byte => Node::Byte(byte),
        })
    }

    fn group(&mut self) -> Parsed<Node> {
        if self.perl() && self.rest().starts_with(b"?") {
            self.at += 1;
            return self.perl_group();
        }
        self.groups += 1;
        let number = self.groups;
        let node = self.alternation()?;
        self.close()?;
        self.closed.push(number);
        Ok(Node::Group(number, Box::new(node)))
    }

    fn close(&mut self) -> Parsed<()> {
        if self.take(b")", b"\\)") { Ok(()) } else { Err("Unmatched ( or \\(") }
    }

    fn perl_group(&mut self) -> Parsed<Node> {
        for (start, ahead, negative) in
            [(&b"="[..], true, false), (b"!", true, true), (b"<=", false, false), (b"<!", false, true)]
        {
            if self.rest().starts_with(start) {
                self.at += start.len();
                self.has_look = true;
                let node = Box::new(self.alternation()?);
                self.close()?;
                return Ok(Node::Look { ahead, negative, node });
            }
        }
        if self.rest().starts_with(b":") {
            self.at += 1;
            let node = self.alternation()?;
            self.close()?;
            return Ok(node);
        }
        if self.rest().starts_with(b"<") || self.rest().starts_with(b"P<") {
            let end = memchr::memchr(b'>', self.rest()).ok_or("Unmatched ( or \\(")?;
            self.at += end + 1;
            self.groups += 1;
            let number = self.groups;
            let node = self.alternation()?;
            self.close()?;
            self.closed.push(number);
            return Ok(Node::Group(number, Box::new(node)));
        }
        if self.rest().starts_with(b"i)") && self.at == 2 {
            self.at += 2;
            self.ignore_case = true;
            return Ok(Node::Empty);
        }
        Err("this group of Perl's is not supported")
    }

    fn repeated(&mut self, mut node: Node) -> Parsed<Node> {
        loop {
            let (least, most) = if self.rest().starts_with(b"*") {
                self.at += 1;
                (0, None)
            } else if self.take(b"+", b"\\+") {
                (1, None)
            } else if self.take(b"?", b"\\?") {
                (0, Some(1))
            } else if self.is_next(b"{", b"\\{") {
                match self.interval()? {
                    Some(interval) => interval,
                    None => return Ok(node),
                }
            } else {
                return Ok(node);
            };
            if matches!(node, Node::Start) && self.basic() {
                // `^*` of a basic expression begins with a star.
                node = Node::Concat(vec![node, Node::Byte(b'*')]);
                continue;
            }
            let mut greedy = true;
            if self.perl() && self.rest().starts_with(b"?") {
                self.at += 1;
                greedy = false;
            } else if self.perl() && self.rest().starts_with(b"+") {
                return Err("possessive repetition is not supported");
            }
            // A repetition of a repetition without bounds is one.
            node = match node {
                Node::Repeat { node, least: 0 | 1, most: None, greedy: true }
                    if most.is_none() && least < 2 && greedy =>
                {
                    Node::Repeat { node, least: 0, most, greedy }
                }
                node => Node::Repeat { node: Box::new(node), least, most, greedy },
            };
        }
    }

    /// `{2,5}`. What only looks like one is itself in an extended expression.
    fn interval(&mut self) -> Parsed<Option<(u32, Option<u32>)>> {
        let skip = if self.basic() { 2 } else { 1 };
        let rest = &self.text[self.at + skip..];
        let digits = |from: usize| rest[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = |from: usize, to: usize| crate::number::plain(&rest[from..to]);
        let first = digits(0);
        let (least, mut most, mut end) = (number(0, first), number(0, first), first);
        if rest.get(end) == Some(&b',') {
            let second = digits(end + 1);
            most = number(end + 1, end + 1 + second);
            end += 1 + second;
        }
        let is_range = rest.get(first) == Some(&b',');
        let closed = rest[end..].starts_with(if self.basic() { b"\\}" } else { b"}" });
        if !closed || (first == 0 && !is_range) {
            return match (self.basic(), end == rest.len()) {
                (true, true) => Err("Unmatched \\{"),
                (true, false) => Err("Invalid content of \\{\\}"),
                (false, _) => Ok(None),
            };
        }
        self.at += skip + end + skip;
        let (least, most) = (least.unwrap_or(0), most);
        if most.is_some_and(|most| most < least) {
            return Err("Invalid content of \\{\\}");
        }
        if least.max(most.unwrap_or(0)) > u64::from(MOST_REPEATS) {
            return Err("Regular expression too big");
        }
        Ok(Some((least as u32, most.map(|most| most as u32))))
    }

    fn escape(&mut self, at_start: bool) -> Parsed<Node> {
        let Some(&byte) = self.text.get(self.at) else { return Err("Trailing backslash") };
        if let Some((byte, length)) = self.escaped_byte() {
            self.at += length;
            return Ok(Node::Byte(byte));
        }
        self.at += 1;
        let perl = self.perl();
        let set = |inside: fn(u8) -> bool| Node::Set(Box::new(every(inside)));
        let space = |byte: u8| byte.is_ascii_whitespace() || byte == 11;
        Ok(match byte {
            b'(' if self.basic() => self.group()?,
            b'*' if self.basic() && at_start => Node::Byte(byte),
            b'{' if self.basic() && at_start => return Err("Invalid preceding regular expression"),
            b'<' if !perl => Node::WordStart,
            b'>' if !perl => Node::WordEnd,
            b'b' if self.reading.flavour != Flavour::Awk => Node::Word,
            b'y' if self.reading.flavour == Flavour::Awk => Node::Word,
            b'B' => Node::NotWord,
            b'`' if !perl => Node::BufferStart,
            b'\'' if !perl => Node::BufferEnd,
            b'w' => set(word),
            b'W' => set(|byte| !word(byte)),
            b's' => set(space),
            b'S' => set(|byte| !(byte.is_ascii_whitespace() || byte == 11)),
            b'd' if perl => set(|byte| byte.is_ascii_digit()),
            b'D' if perl => set(|byte| !byte.is_ascii_digit()),
            b'h' if perl => set(|byte| byte == b' ' || byte == b'\t'),
            b'N' if perl => set(|byte| byte != b'\n'),
            b'p' | b'P' if perl => self.property(byte == b'P')?,
            b'A' if perl => Node::BufferStart,
            b'z' | b'Z' if perl => Node::BufferEnd,
            b'K' if perl => {
                self.has_look = true;
                Node::Keep
            }
            b'Q' if perl => {
                let end = memchr::memmem::find(self.rest(), b"\\E").unwrap_or(self.rest().len());
                let nodes = self.rest()[..end].iter().map(|byte| Node::Byte(*byte)).collect();
                self.at = (self.at + end + 2).min(self.text.len());
                Node::Concat(nodes)
            }
            b'1'..=b'9' if self.reading.flavour != Flavour::Awk => {
                let number = usize::from(byte - b'0');
                if !self.closed.contains(&number) {
                    return Err("Invalid back reference");
                }
                self.has_back = true;
                Node::Back(number)
            }
            byte if perl && byte.is_ascii_alphanumeric() => return Err("this escape of Perl's is not supported"),
            byte => Node::Byte(byte),
        })
    }

    /// Perl's `\p{L}`: of bytes, as under `LC_ALL=C`.
    fn property(&mut self, negative: bool) -> Parsed<Node> {
        let braces = self.rest().strip_prefix(b"{").and_then(|rest| {
            let end = memchr::memchr(b'}', rest)?;
            Some((&rest[..end], end + 2))
        });
        let (name, length) = braces.unwrap_or((&self.rest()[..self.rest().len().min(1)], 1));
        let inside: fn(u8) -> bool = match name {
            b"L" | b"Alpha" => |byte| byte.is_ascii_alphabetic(),
            b"Lu" => |byte| byte.is_ascii_uppercase(),
            b"Ll" => |byte| byte.is_ascii_lowercase(),
            b"N" | b"Nd" => |byte| byte.is_ascii_digit(),
            _ => return Err("this property of Perl's is not supported"),
        };
        self.at += length;
        let mut set = every(inside);
        if negative {
            set.0.iter_mut().for_each(|byte| *byte = !*byte);
        }
        Ok(Node::Set(Box::new(set)))
    }

    /// The byte that an escape stands for, and its length after the backslash.
    pub fn escaped_byte(&self) -> Option<(u8, usize)> {
        let rest = self.rest();
        let first = *rest.first()?;
        let awk = self.reading.flavour == Flavour::Awk;
        if self.perl() || self.reading.escapes {
            let byte = match first {
                b'n' => b'\n',
                b't' => b'\t',
                b'f' => 12,
                b'v' => 11,
                b'a' => 7,
                b'r' => 13,
                b'e' if self.perl() => 27,
                b'b' if awk => 8,
                b'x' => {
                    let inside: &[u8] = if self.perl() && rest.get(1) == Some(&b'{') { &rest[2..] } else { &rest[1..] };
                    let braces = (inside.as_ptr() as usize - rest.as_ptr() as usize - 1) * 2;
                    let (value, digits) = based(inside, 16, 2)?;
                    return Some((value, 1 + digits + braces));
                }
                b'o' if !awk => based(&rest[1..], 8, 3).map(|(value, digits)| (value, 1 + digits))?.0,
                b'd' if !awk && !self.perl() => based(&rest[1..], 10, 3)?.0,
                b'c' if !awk && rest.len() > 1 => return Some((rest[1].to_ascii_uppercase() ^ 64, 2)),
                b'0'..=b'7' if awk => return based(rest, 8, 3),
                _ => return None,
            };
            let digits = match first {
                b'o' => based(&rest[1..], 8, 3)?.1,
                b'd' => based(&rest[1..], 10, 3)?.1,
                _ => 0,
            };
            return Some((byte, 1 + digits));
        }
        None
    }
}

/// A number of a base at the start of a text, with at most so many digits.
pub fn based(text: &[u8], base: u32, most: usize) -> Option<(u8, usize)> {
    let digits = text.iter().take(most).take_while(|byte| (**byte as char).is_digit(base)).count();
    if digits == 0 {
        return None;
    }
    let value = text[..digits].iter().fold(0, |n, byte| n * base + (*byte as char).to_digit(base).unwrap_or(0));
    Some((value as u8, digits))
}
