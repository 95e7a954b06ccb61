//! Patches as they are written: unified, with context, or as `diff` has them by itself.
//!
//! Does not know files.

use crate::options::Bytes;

/// A line of a hunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Same,
    Old,
    New,
}

#[derive(Clone, Debug, Default)]
pub struct Hunk {
    /// The first line of either file, from 1; the line before where there is none.
    pub old: usize,
    pub new: usize,
    pub lines: Vec<(Kind, Bytes)>,
}

impl Hunk {
    pub fn count(&self, kind: Kind) -> usize {
        self.lines.iter().filter(|(its, _)| *its == Kind::Same || *its == kind).count()
    }

    /// The lines of one side.
    pub fn side(&self, kind: Kind) -> Vec<&[u8]> {
        let inside = self.lines.iter().filter(|(its, _)| *its == Kind::Same || *its == kind);
        inside.map(|(_, line)| line.as_slice()).collect()
    }

    pub fn reversed(&self) -> Self {
        let turn = |kind: &Kind| match kind {
            Kind::Same => Kind::Same,
            Kind::Old => Kind::New,
            Kind::New => Kind::Old,
        };
        let mut lines: Vec<(Kind, Bytes)> = self.lines.iter().map(|(kind, line)| (turn(kind), line.clone())).collect();
        // Within a run of changes old lines stand first.
        let mut at = 0;
        while at < lines.len() {
            let end = at + lines[at..].iter().take_while(|(kind, _)| *kind != Kind::Same).count();
            lines[at..end].sort_by_key(|(kind, _)| *kind != Kind::Old);
            at = end.max(at + 1);
        }
        Self { old: self.new, new: self.old, lines }
    }

    /// How many lines of context stand at the start and at the end.
    pub fn context(&self) -> (usize, usize) {
        let same = |(kind, _): &&(Kind, Bytes)| *kind == Kind::Same;
        (self.lines.iter().take_while(same).count(), self.lines.iter().rev().take_while(same).count())
    }
}

/// The patch of one file.
#[derive(Default, Debug)]
pub struct Piece {
    pub old_name: Option<Bytes>,
    pub new_name: Option<Bytes>,
    pub index_name: Option<Bytes>,
    /// What stands behind `---` and `+++`, or `***` and `---`, as it is.
    pub heads: Option<(Bytes, Bytes)>,
    pub hunks: Vec<Hunk>,
    /// The lines before the first hunk, and the number of that one's line.
    pub lead: Vec<Bytes>,
    pub line: usize,
    /// Whether either side is said not to be there: by its name or its time.
    pub old_missing: bool,
    pub new_missing: bool,
}

struct Reader<'a> {
    lines: Vec<&'a [u8]>,
    at: usize,
}

/// All pieces of a patch. An error is a line that a patch can't have there.
pub fn pieces(text: &[u8]) -> Result<Vec<Piece>, String> {
    let lines = text.split_inclusive(|byte| *byte == b'\n').collect();
    let mut reader = Reader { lines, at: 0 };
    let mut pieces = Vec::new();
    while let Some(piece) = reader.piece()? {
        pieces.push(piece);
    }
    Ok(pieces)
}

/// A name and what stands behind it on its line.
fn name(rest: &[u8]) -> (Bytes, bool) {
    let rest = rest.trim_ascii_end();
    let (name, time) = match memchr::memchr(b'\t', rest) {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, &b""[..]),
    };
    let never = time.starts_with(b"1970-01-01 00:00:00") || time.starts_with(b"Thu Jan  1 00:00:00 1970");
    (name.to_vec(), never || name == b"/dev/null")
}

fn numbers(text: &[u8]) -> (usize, Option<usize>) {
    let mut parts =
        text.split(|byte| *byte == b',').map(|part| crate::number::plain(part).map(|number| number as usize));
    (parts.next().flatten().unwrap_or(0), parts.next().flatten())
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> &[u8] {
        self.lines.get(self.at + ahead).copied().unwrap_or_default()
    }

    fn piece(&mut self) -> Result<Option<Piece>, String> {
        let mut piece = Piece::default();
        let begun = self.at;
        while self.at < self.lines.len() {
            let line = self.lines[self.at];
            if let Some(rest) = line.strip_prefix(b"Index: ") {
                piece.index_name = Some(rest.trim_ascii().to_vec());
            }
            if line.starts_with(b"--- ") && self.peek(1).starts_with(b"+++ ") && self.peek(2).starts_with(b"@@ -") {
                self.names(&mut piece, 4);
                self.lead(&mut piece, begun);
                while self.peek(0).starts_with(b"@@ -") {
                    let hunk = self.unified()?;
                    piece.hunks.push(hunk);
                }
                return Ok(Some(piece));
            }
            if line.starts_with(b"*** ")
                && self.peek(1).starts_with(b"--- ")
                && self.peek(2).starts_with(b"***************")
            {
                self.names(&mut piece, 4);
                self.lead(&mut piece, begun);
                while self.peek(0).starts_with(b"***************") {
                    let hunk = self.context()?;
                    piece.hunks.push(hunk);
                }
                return Ok(Some(piece));
            }
            if normal_head(line).is_some() && matches!(self.peek(1).first(), Some(b'<' | b'>')) {
                self.lead(&mut piece, begun);
                while let Some(head) = normal_head(self.peek(0)) {
                    let hunk = self.normal(head)?;
                    piece.hunks.push(hunk);
                }
                return Ok(Some(piece));
            }
            self.at += 1;
        }
        Ok(None)
    }

    /// Keeps what was read of a piece before its first hunk.
    fn lead(&self, piece: &mut Piece, begun: usize) {
        piece.lead = self.lines[begun..self.at].iter().map(|line| line.trim_ascii_end().to_vec()).collect();
        piece.line = self.at + 1;
    }

    fn names(&mut self, piece: &mut Piece, prefix: usize) {
        let (old, old_missing) = name(&self.peek(0)[prefix..]);
        let (new, new_missing) = name(&self.peek(1)[prefix..]);
        let head = |line: &[u8]| line[prefix..].trim_ascii_end().to_vec();
        piece.heads = Some((head(self.peek(0)), head(self.peek(1))));
        (piece.old_name, piece.new_name) = (Some(old), Some(new));
        (piece.old_missing, piece.new_missing) = (old_missing, new_missing);
        self.at += 2;
    }

    fn malformed<T>(&self) -> Result<T, String> {
        let line = String::from_utf8_lossy(self.peek(0)).trim_end().to_owned();
        Err(format!("malformed patch at line {}: {line}", self.at + 1))
    }

    /// Takes the end away from the last line where it is said to have none.
    fn unended(&mut self, lines: &mut [(Kind, Bytes)]) {
        if self.peek(0).starts_with(b"\\") {
            if let Some((_, last)) = lines.last_mut()
                && last.ends_with(b"\n")
            {
                last.pop();
            }
            self.at += 1;
        }
    }

    fn unified(&mut self) -> Result<Hunk, String> {
        let head = self.peek(0)[4..].to_vec();
        let mut words = head.split(|byte| *byte == b' ');
        let (old, new) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Some(new) = new.strip_prefix(b"+") else { return self.malformed() };
        let ((old, old_count), (new, new_count)) = (numbers(old), numbers(new));
        let (mut old_left, mut new_left) = (old_count.unwrap_or(1), new_count.unwrap_or(1));
        let mut hunk = Hunk { old, new, lines: Vec::new() };
        self.at += 1;
        while old_left > 0 || new_left > 0 {
            let line = self.peek(0).to_vec();
            let (kind, text) = match line.first() {
                Some(b' ' | b'\t') => (Kind::Same, &line[usize::from(line[0] == b' ')..]),
                // Some programs take the blank of an empty line away.
                Some(b'\n') => (Kind::Same, &line[..]),
                Some(b'-') => (Kind::Old, &line[1..]),
                Some(b'+') => (Kind::New, &line[1..]),
                None => return Err(format!("unexpected end of file in patch at line {}", self.at + 1)),
                _ => return self.malformed(),
            };
            let too_many = kind != Kind::New && old_left == 0 || kind != Kind::Old && new_left == 0;
            if too_many {
                return self.malformed();
            }
            old_left -= usize::from(kind != Kind::New);
            new_left -= usize::from(kind != Kind::Old);
            hunk.lines.push((kind, text.to_vec()));
            self.at += 1;
            self.unended(&mut hunk.lines);
        }
        Ok(hunk)
    }

    fn context(&mut self) -> Result<Hunk, String> {
        self.at += 1;
        let span = |line: &[u8]| {
            let text: Bytes =
                line[4..].iter().copied().take_while(|byte| byte.is_ascii_digit() || *byte == b',').collect();
            numbers(&text)
        };
        if !self.peek(0).starts_with(b"*** ") {
            return self.malformed();
        }
        let (old, old_end) = span(self.peek(0));
        self.at += 1;
        let mut sides = [Vec::new(), Vec::new()];
        let side = |reader: &mut Self, lines: &mut Vec<(Kind, Bytes)>, kind: Kind| {
            while matches!(reader.peek(0).get(..2), Some(b"  " | b"! " | b"- " | b"+ "))
                && !reader.peek(0).starts_with(b"--- ")
            {
                let line = reader.peek(0).to_vec();
                let its = if line[0] == b' ' { Kind::Same } else { kind };
                lines.push((its, line[2..].to_vec()));
                reader.at += 1;
                reader.unended(lines);
            }
        };
        side(self, &mut sides[0], Kind::Old);
        if !self.peek(0).starts_with(b"--- ") {
            return self.malformed();
        }
        let (new, new_end) = span(self.peek(0));
        self.at += 1;
        side(self, &mut sides[1], Kind::New);
        // A side without changes is left out: it is the other's context.
        let [old_lines, new_lines] = &mut sides;
        let same =
            |lines: &[(Kind, Bytes)]| lines.iter().filter(|(kind, _)| *kind == Kind::Same).cloned().collect::<Vec<_>>();
        if old_lines.is_empty() && old_end.is_some_and(|end| end >= old) || old_lines.is_empty() && old > 0 {
            *old_lines = same(new_lines);
        }
        if new_lines.is_empty() && (new_end.is_some_and(|end| end >= new) || new > 0) {
            *new_lines = same(old_lines);
        }
        let mut lines = Vec::new();
        let (mut one, mut other) = (old_lines.iter().peekable(), new_lines.iter().peekable());
        while one.peek().is_some() || other.peek().is_some() {
            while let Some(line) = one.next_if(|(kind, _)| *kind == Kind::Old) {
                lines.push(line.clone());
            }
            while let Some(line) = other.next_if(|(kind, _)| *kind == Kind::New) {
                lines.push(line.clone());
            }
            match (one.next(), other.next()) {
                (Some(line), _) | (_, Some(line)) => lines.push(line.clone()),
                _ => {}
            }
        }
        Ok(Hunk { old, new, lines })
    }

    fn normal(&mut self, (old, letter, new): (Span, u8, Span)) -> Result<Hunk, String> {
        let mut hunk = Hunk { old: old.0, new: new.0, lines: Vec::new() };
        self.at += 1;
        let counts =
            [if letter == b'a' { 0 } else { old.1 - old.0 + 1 }, if letter == b'd' { 0 } else { new.1 - new.0 + 1 }];
        for (index, (mark, kind)) in [(b"< ", Kind::Old), (b"> ", Kind::New)].into_iter().enumerate() {
            for _ in 0..counts[index] {
                let line = self.peek(0).to_vec();
                let Some(text) = line.strip_prefix(mark) else { return self.malformed() };
                hunk.lines.push((kind, text.to_vec()));
                self.at += 1;
                self.unended(&mut hunk.lines);
            }
            if index == 0 && letter == b'c' {
                if !self.peek(0).starts_with(b"---") {
                    return self.malformed();
                }
                self.at += 1;
            }
        }
        Ok(hunk)
    }
}

type Span = (usize, usize);

/// `12,14c15`.
fn normal_head(line: &[u8]) -> Option<(Span, u8, Span)> {
    let line = line.trim_ascii_end();
    let at = line.iter().position(|byte| b"acd".contains(byte))?;
    let span = |text: &[u8]| {
        let digits = |part: &[u8]| crate::number::plain(part).map(|number| number as usize);
        match memchr::memchr(b',', text) {
            Some(at) => Some((digits(&text[..at])?, digits(&text[at + 1..])?)),
            None => digits(text).map(|number| (number, number)),
        }
    };
    let (old, new) = (span(&line[..at])?, span(&line[at + 1..])?);
    (old.1 >= old.0 && new.1 >= new.0).then_some((old, line[at], new))
}
