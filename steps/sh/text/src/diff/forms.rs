//! `diff` side by side, by formats of the caller's, and for RCS.
//!
//! Knows GNU's measures of the columns. Of formats it knows the lines' own; does not know how changes are found.

use super::output::Pair;
use super::script::Change;
use crate::options::Bytes;
use crate::stream::{Out, shown};

const TAB: usize = 8;

/// How two files are shown beside each other.
pub struct Side {
    pub width: usize,
    pub left_column: bool,
    pub suppress_common: bool,
}

impl Side {
    /// How wide each half is, and where the second begins.
    fn measures(&self) -> (usize, usize) {
        let offset = (self.width + TAB + 3) / (2 * TAB) * TAB;
        let half = offset.saturating_sub(3).min(self.width.saturating_sub(offset));
        (half, if half > 0 { offset } else { self.width })
    }

    pub fn show(&self, pair: &Pair<'_>, changes: &[(Change, bool)], out: &mut Out) {
        let (mut old, mut new) = (0, 0);
        for (change, _) in changes.iter().filter(|(_, counts)| *counts) {
            self.common(&pair.old[old..change.old], &pair.new[new..change.new], out);
            (old, new) = (change.old + change.deleted, change.new + change.inserted);
            let (left, right) = (&pair.old[change.old..old], &pair.new[change.new..new]);
            let both = left.len().min(right.len());
            left.iter().zip(right).for_each(|(left, right)| self.line(Some(left), b'|', Some(right), out));
            right[both..].iter().for_each(|right| self.line(None, b'>', Some(right), out));
            left[both..].iter().for_each(|left| self.line(Some(left), b'<', None, out));
        }
        self.common(&pair.old[old..], &pair.new[new..], out);
    }

    fn common(&self, old: &[&[u8]], new: &[&[u8]], out: &mut Out) {
        if self.suppress_common {
            return;
        }
        let mut both = 0;
        if !self.left_column {
            both = old.len().min(new.len());
            old.iter().zip(new).for_each(|(left, right)| self.line(Some(left), b' ', Some(right), out));
            new[both..].iter().for_each(|right| self.line(None, b')', Some(right), out));
        }
        old[both..].iter().for_each(|left| self.line(Some(left), b'(', None, out));
    }

    fn line(&self, left: Option<&[u8]>, mark: u8, right: Option<&[u8]>, out: &mut Out) {
        let (half, second) = self.measures();
        let ends = |line: Option<&[u8]>| line.is_some_and(|line| line.ends_with(b"\n"));
        let mut place = left.map_or(0, |line| half_line(line, half, out));
        if mark != b' ' {
            place = fill(place, (half + second - 1) / 2, out) + 1;
            let differ = mark == b'|' && ends(left) != ends(right);
            out.byte(match (differ, ends(left)) {
                (false, _) => mark,
                (true, true) => b'/',
                (true, false) => b'\\',
            });
        }
        if let Some(line) = right.filter(|line| *line != b"\n") {
            fill(place, second, out);
            half_line(line, half, out);
        }
        if ends(left) || ends(right) {
            out.byte(b'\n');
        }
    }
}

/// Tabs and blanks from one place to another.
fn fill(mut from: usize, to: usize, out: &mut Out) -> usize {
    let mut tab = from + TAB - from % TAB;
    while tab <= to {
        out.byte(b'\t');
        from = tab;
        tab += TAB;
    }
    (from..to).for_each(|_| out.byte(b' '));
    from.max(to)
}

/// As much of a line as fits; gives where it ends.
fn half_line(line: &[u8], bound: usize, out: &mut Out) -> usize {
    let (mut read, mut written) = (0, 0);
    for byte in line {
        match byte {
            b'\n' => break,
            b'\t' => {
                let blanks = TAB - read % TAB;
                if read == written && written + blanks < bound {
                    written += blanks;
                    out.byte(b'\t');
                }
                read += blanks;
            }
            byte => {
                if read < bound {
                    written = read + 1;
                    out.byte(*byte);
                }
                read += 1;
            }
        }
    }
    written
}

/// Formats for groups of lines and for lines.
#[derive(Default)]
pub struct Formats {
    pub unchanged_group: Option<Bytes>,
    pub old_group: Option<Bytes>,
    pub new_group: Option<Bytes>,
    pub changed_group: Option<Bytes>,
    pub unchanged_line: Option<Bytes>,
    pub old_line: Option<Bytes>,
    pub new_line: Option<Bytes>,
}

impl Formats {
    /// Takes an option's value; says what of it is not known here.
    pub fn take(&mut self, name: &str, value: &[u8]) -> Result<(), String> {
        let lines = !name.contains("group");
        let mut rest = value;
        while let Some(at) = memchr::memchr(b'%', rest) {
            rest = &rest[at + 1..];
            let known = match (rest.first(), lines) {
                (Some(b'%'), _) => true,
                (Some(letter), true) => b"Ll".contains(letter) || rest.starts_with(b"dn"),
                (Some(letter), false) => b"<>=".contains(letter),
                (None, _) => false,
            };
            if !known {
                return Err(format!("this format is not supported: --{name}='{}'", shown(value)));
            }
            rest = &rest[1..];
        }
        let place = match name {
            "unchanged-group-format" => &mut self.unchanged_group,
            "old-group-format" => &mut self.old_group,
            "new-group-format" => &mut self.new_group,
            "changed-group-format" => &mut self.changed_group,
            "unchanged-line-format" => &mut self.unchanged_line,
            "old-line-format" => &mut self.old_line,
            "new-line-format" => &mut self.new_line,
            _ => {
                for place in [&mut self.unchanged_line, &mut self.old_line, &mut self.new_line] {
                    *place = Some(value.to_vec());
                }
                return Ok(());
            }
        };
        *place = Some(value.to_vec());
        Ok(())
    }

    pub fn show(&self, pair: &Pair<'_>, changes: &[(Change, bool)], out: &mut Out) {
        let or_changed = |own: &Option<Bytes>, plain: &'static [u8]| {
            own.clone().or_else(|| self.changed_group.clone()).unwrap_or_else(|| plain.to_vec())
        };
        let (only_old, only_new) = (or_changed(&self.old_group, b"%<"), or_changed(&self.new_group, b"%>"));
        let changed = self.changed_group.clone().unwrap_or_else(|| [&only_old[..], &only_new].concat());
        let unchanged = self.unchanged_group.as_deref().unwrap_or(b"%=");
        let (mut old, mut new) = (0, 0);
        for (change, _) in changes.iter().filter(|(_, counts)| *counts) {
            if change.old > old {
                self.group(unchanged, pair, (old..change.old, new..change.new), out);
            }
            (old, new) = (change.old + change.deleted, change.new + change.inserted);
            let format = match (change.deleted, change.inserted) {
                (0, _) => &only_new,
                (_, 0) => &only_old,
                _ => &changed,
            };
            self.group(format, pair, (change.old..old, change.new..new), out);
        }
        if old < pair.old.len() {
            let rest = (old..pair.old.len(), new..pair.new.len());
            self.group(unchanged, pair, rest, out);
        }
    }

    fn group(
        &self,
        format: &[u8],
        pair: &Pair<'_>,
        (old, new): (std::ops::Range<usize>, std::ops::Range<usize>),
        out: &mut Out,
    ) {
        let mut bytes = format.iter();
        while let Some(byte) = bytes.next() {
            let letter = if *byte == b'%' { bytes.next() } else { None };
            let (lines, range, format) = match letter {
                Some(b'<') => (&pair.old, old.clone(), &self.old_line),
                Some(b'=') => (&pair.old, old.clone(), &self.unchanged_line),
                Some(b'>') => (&pair.new, new.clone(), &self.new_line),
                _ => {
                    out.byte(*byte);
                    continue;
                }
            };
            for number in range {
                line(format.as_deref().unwrap_or(b"%l\n"), number + 1, lines[number], out);
            }
        }
    }
}

fn line(format: &[u8], number: usize, line: &[u8], out: &mut Out) {
    let mut bytes = format.iter();
    while let Some(byte) = bytes.next() {
        let letter = if *byte == b'%' { bytes.next() } else { None };
        match letter {
            Some(b'l') => out.put(line.strip_suffix(b"\n").unwrap_or(line)),
            Some(b'L') => out.put(line),
            Some(b'd') => {
                bytes.next();
                out.put(number.to_string().as_bytes());
            }
            _ => out.byte(*byte),
        }
    }
}

/// Which lines are taken out and put in, as RCS keeps it.
pub fn rcs(pair: &Pair<'_>, changes: &[(Change, bool)], out: &mut Out) {
    for (change, _) in changes.iter().filter(|(_, counts)| *counts) {
        if change.deleted > 0 {
            out.put(format!("d{} {}\n", change.old + 1, change.deleted).as_bytes());
        }
        if change.inserted > 0 {
            out.put(format!("a{} {}\n", change.old + change.deleted, change.inserted).as_bytes());
            pair.new[change.new..change.new + change.inserted].iter().for_each(|line| out.put(line));
        }
    }
}
