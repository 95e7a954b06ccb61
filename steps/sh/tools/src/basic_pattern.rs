//! POSIX's basic regular expressions for `expr`, tried at the start of a text.
//!
//! Knows groups, back-references, intervals and GNU's `\+`, `\?`, `\|`. Tries one way after the other and takes the
//! longest of those that begin alike only as far as greed goes.

/// A piece of a pattern.
#[derive(Debug, Clone)]
enum Piece {
    One(char),
    Any,
    Set { negated: bool, ranges: Vec<(char, char)> },
    Group(usize, Vec<Vec<(Piece, usize, usize)>>),
    Again(usize),
    Begin,
    End,
}

/// A piece with how often it may stand.
type Row = Vec<(Piece, usize, usize)>;

/// A pattern that was read.
#[derive(Debug)]
pub struct Pattern {
    ways: Vec<Row>,
    pub groups: usize,
}

/// What was found.
pub struct Found {
    /// In characters.
    pub length: usize,
    /// What the first group stands for.
    pub group: Option<String>,
}

struct Reader {
    text: Vec<char>,
    at: usize,
    groups: usize,
}

/// Reads a pattern.
pub fn read(pattern: &str) -> Result<Pattern, String> {
    let mut reader = Reader { text: pattern.chars().collect(), at: 0, groups: 0 };
    let ways = reader.ways(0)?;
    if reader.at < reader.text.len() {
        return Err("Unmatched ) or \\)".to_owned());
    }
    Ok(Pattern { ways, groups: reader.groups })
}

impl Reader {
    fn next_is(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(at, one)| self.text.get(self.at + at) == Some(&one))
    }

    fn ways(&mut self, depth: usize) -> Result<Vec<Row>, String> {
        let mut ways = vec![Row::new()];
        while self.at < self.text.len() {
            if self.next_is("\\)") {
                if depth == 0 {
                    return Err("Unmatched ) or \\)".to_owned());
                }
                break;
            }
            if self.next_is("\\|") {
                self.at += 2;
                ways.push(Row::new());
                continue;
            }
            let first = ways.last().is_none_or(Vec::is_empty);
            let piece = self.piece(first, depth)?;
            let (least, most) = self.times(&piece)?;
            if let Some(row) = ways.last_mut() {
                row.push((piece, least, most));
            }
        }
        Ok(ways)
    }

    fn piece(&mut self, first: bool, depth: usize) -> Result<Piece, String> {
        let one = self.text[self.at];
        self.at += 1;
        Ok(match one {
            '.' => Piece::Any,
            '^' if first => Piece::Begin,
            '$' if self.at == self.text.len() || self.next_is("\\)") || self.next_is("\\|") => Piece::End,
            '[' => self.set()?,
            '\\' => {
                let Some(next) = self.text.get(self.at).copied() else { return Err("Trailing backslash".to_owned()) };
                self.at += 1;
                match next {
                    '(' => {
                        self.groups += 1;
                        let number = self.groups;
                        let ways = self.ways(depth + 1)?;
                        if !self.next_is("\\)") {
                            return Err("Unmatched ( or \\(".to_owned());
                        }
                        self.at += 2;
                        Piece::Group(number, ways)
                    }
                    '1'..='9' => Piece::Again(next as usize - '0' as usize),
                    'w' => class(false, "alnum_"),
                    'W' => class(true, "alnum_"),
                    's' => class(false, "space"),
                    'S' => class(true, "space"),
                    other => Piece::One(other),
                }
            }
            other => Piece::One(other),
        })
    }

    fn times(&mut self, piece: &Piece) -> Result<(usize, usize), String> {
        if matches!(piece, Piece::Begin) {
            return Ok((1, 1));
        }
        if self.next_is("*") {
            self.at += 1;
            return Ok((0, usize::MAX));
        }
        if self.next_is("\\+") {
            self.at += 2;
            return Ok((1, usize::MAX));
        }
        if self.next_is("\\?") {
            self.at += 2;
            return Ok((0, 1));
        }
        if self.next_is("\\{") {
            self.at += 2;
            let text: String = self.text[self.at..].iter().collect();
            let Some(end) = text.find("\\}") else { return Err("Unmatched \\{".to_owned()) };
            self.at += text[..end].chars().count() + 2;
            let wrong = |_| "Invalid content of \\{\\}".to_owned();
            let (least, most) = match text[..end].split_once(',') {
                None => (text[..end].parse().map_err(wrong)?, None),
                Some((least, "")) => (least.parse().map_err(wrong)?, Some(usize::MAX)),
                Some((least, most)) => (
                    if least.is_empty() { 0 } else { least.parse().map_err(wrong)? },
                    Some(most.parse().map_err(wrong)?),
                ),
            };
            return Ok((least, most.unwrap_or(least)));
        }
        Ok((1, 1))
    }

    fn set(&mut self) -> Result<Piece, String> {
        let negated = self.next_is("^");
        self.at += usize::from(negated);
        let begin = self.at;
        let mut ranges = Vec::new();
        loop {
            let Some(one) = self.text.get(self.at).copied() else {
                return Err("Unmatched [, [^, [:, [., or [=".to_owned());
            };
            if one == ']' && self.at > begin {
                self.at += 1;
                return Ok(Piece::Set { negated, ranges });
            }
            if self.next_is("[:") {
                let text: String = self.text[self.at + 2..].iter().collect();
                let Some(end) = text.find(":]") else { return Err("Unmatched [, [^, [:, [., or [=".to_owned()) };
                let Piece::Set { ranges: more, .. } = class(false, &text[..end]) else { break };
                if more.is_empty() {
                    return Err("Invalid character class name".to_owned());
                }
                ranges.extend(more);
                self.at += end + 4;
                continue;
            }
            let high = self.text.get(self.at + 2).copied().filter(|high| *high != ']' && self.text[self.at + 1] == '-');
            match high {
                Some(high) if high < one => return Err("Invalid range end".to_owned()),
                Some(high) => {
                    ranges.push((one, high));
                    self.at += 3;
                }
                None => {
                    ranges.push((one, one));
                    self.at += 1;
                }
            }
        }
        Err("Invalid regular expression".to_owned())
    }
}

fn class(negated: bool, name: &str) -> Piece {
    let ranges: &[(char, char)] = match name {
        "alpha" => &[('a', 'z'), ('A', 'Z')],
        "digit" => &[('0', '9')],
        "alnum" => &[('a', 'z'), ('A', 'Z'), ('0', '9')],
        "alnum_" => &[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
        "upper" => &[('A', 'Z')],
        "lower" => &[('a', 'z')],
        "space" => &[(' ', ' '), ('\t', '\r')],
        "blank" => &[(' ', ' '), ('\t', '\t')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "xdigit" => &[('a', 'f'), ('A', 'F'), ('0', '9')],
        "print" => &[(' ', '~')],
        "graph" => &[('!', '~')],
        "cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        _ => &[],
    };
    Piece::Set { negated, ranges: ranges.to_vec() }
}

struct Matching<'a> {
    text: &'a [char],
    groups: Vec<Option<(usize, usize)>>,
}

/// What is to be matched after a piece.
type Next<'n> = &'n mut dyn FnMut(&mut Matching<'_>, usize) -> Option<usize>;

impl Pattern {
    /// What stands for the pattern at the start of a text.
    pub fn at_start(&self, text: &str) -> Option<Found> {
        let text: Vec<char> = text.chars().collect();
        let mut best: Option<Found> = None;
        for row in &self.ways {
            let mut matching = Matching { text: &text, groups: vec![None; self.groups + 1] };
            if let Some(end) = matching.row(row, 0, &mut |_, at| Some(at))
                && best.as_ref().is_none_or(|best| end > best.length)
            {
                let group = matching.groups.get(1).copied().flatten().map(|(from, to)| text[from..to].iter().collect());
                best = Some(Found { length: end, group });
            }
        }
        best
    }
}

impl Matching<'_> {
    fn row(&mut self, row: &[(Piece, usize, usize)], at: usize, next: Next<'_>) -> Option<usize> {
        match row.split_first() {
            None => next(self, at),
            Some(((piece, least, most), rest)) => {
                self.times(piece, *least, *most, at, &mut |matching, at| matching.row(rest, at, next))
            }
        }
    }

    fn times(&mut self, piece: &Piece, least: usize, most: usize, at: usize, next: Next<'_>) -> Option<usize> {
        let simple = !matches!(piece, Piece::Group(..) | Piece::Again(_));
        if simple {
            let mut ends = vec![at];
            while ends.len() <= most {
                let here = ends[ends.len() - 1];
                let Some(end) = self.single(piece, here).filter(|end| *end > here || most == 1) else { break };
                ends.push(end);
            }
            return ends.into_iter().enumerate().skip(least).rev().find_map(|(_, end)| next(self, end));
        }
        if most > 0 {
            let kept = self.groups.clone();
            let found = self.once(piece, at, &mut |matching, end| {
                if end == at && least == 0 {
                    return None;
                }
                matching.times(piece, least.saturating_sub(1), most.saturating_sub(1), end, next)
            });
            if found.is_some() {
                return found;
            }
            self.groups = kept;
        }
        if least == 0 { next(self, at) } else { None }
    }

    fn once(&mut self, piece: &Piece, at: usize, next: Next<'_>) -> Option<usize> {
        match piece {
            Piece::Group(number, ways) => ways.iter().find_map(|row| {
                self.row(row, at, &mut |matching, end| {
                    let before = matching.groups[*number].replace((at, end));
                    let found = next(matching, end);
                    if found.is_none() {
                        matching.groups[*number] = before;
                    }
                    found
                })
            }),
            Piece::Again(number) => {
                let (from, to) = self.groups.get(*number).copied().flatten()?;
                let end = at + (to - from);
                if self.text.get(at..end)? == &self.text[from..to] { next(self, end) } else { None }
            }
            _ => None,
        }
    }

    fn single(&self, piece: &Piece, at: usize) -> Option<usize> {
        let fits = match piece {
            Piece::Begin => return (at == 0).then_some(at),
            Piece::End => return (at == self.text.len()).then_some(at),
            Piece::One(one) => self.text.get(at) == Some(one),
            Piece::Any => at < self.text.len(),
            Piece::Set { negated, ranges } => {
                let one = *self.text.get(at)?;
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&one)) != *negated
            }
            Piece::Group(..) | Piece::Again(_) => false,
        };
        fits.then_some(at + 1)
    }
}
