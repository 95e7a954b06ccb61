//! `fmt`: fills paragraphs, with the same choice of line ends as GNU's.
//!
//! The cost of a line grows with what it is shorter than the goal, and with words that should not end or begin one.

use crate::Exit;
use crate::number::plain;
use crate::options::{Bytes, Spec};
use crate::stream::{Out, Source, fail, file_reason, shown};

struct Ask {
    crown: bool,
    tagged: bool,
    split: bool,
    uniform: bool,
    prefix: Bytes,
    width: usize,
    goal: usize,
    /// Whether there are tabs, so that what is written may have them too.
    tabs: bool,
}

struct Word {
    text: Bytes,
    /// Spaces behind it, where the line goes on.
    space: usize,
    opens: bool,
    period: bool,
    punctuation: bool,
    ends: bool,
}

pub fn fmt(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "fmt",
        usage: "[-WIDTH] [OPTION]... [FILE]...",
        options: "c,crown-margin p,prefix= s,split-only t,tagged-paragraph u,uniform-spacing w,width= g,goal= #",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let number = |name: &str| match parsed.last(name) {
        None => Ok(None),
        Some(value) => match plain(value).filter(|width| *width <= 2500) {
            Some(width) => Ok(Some(width as usize)),
            None => Err(fail("fmt", &format!("invalid width: '{}'", shown(value)))),
        },
    };
    let width = number("width")?.or(number("#")?);
    let goal = number("goal")?;
    let (width, goal) = match (width, goal) {
        (Some(width), Some(goal)) if goal > width => {
            return Err(fail("fmt", &format!("invalid width: '{goal}'")));
        }
        (Some(width), Some(goal)) => (width, goal),
        (Some(width), None) => (width, width * 187 / 200),
        (None, Some(goal)) => (goal + 10, goal),
        (None, None) => (75, 75 * 187 / 200),
    };
    let mut ask = Ask {
        crown: parsed.has("crown-margin"),
        tagged: parsed.has("tagged-paragraph"),
        split: parsed.has("split-only"),
        uniform: parsed.has("uniform-spacing"),
        prefix: parsed.last("prefix").unwrap_or_default().to_vec(),
        width,
        goal,
        tabs: false,
    };
    let mut out = Out::standard("fmt");
    let mut code = 0;
    for name in parsed.files() {
        match Source::open(&name).and_then(|mut source| source.all()) {
            Ok(text) => {
                ask.tabs |= text.contains(&b'\t');
                ask.all(&text, &mut out);
            }
            Err(error) => {
                out.flush();
                code = fail(
                    "fmt",
                    &format!(
                        "cannot open '{}' for reading: {}",
                        shown(&name),
                        file_reason(&name, &error).rsplit(": ").next().unwrap_or_default()
                    ),
                );
            }
        }
    }
    Ok(code)
}

/// How wide the blanks at a line's start are, and how many they are.
fn indent(line: &[u8]) -> (usize, usize) {
    let mut column = 0;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b' ' => column += 1,
            b'\t' => column += 8 - column % 8,
            _ => return (column, at),
        }
    }
    (column, line.len())
}

impl Ask {
    /// A line's indentation and text; none where it is kept as it is.
    fn text<'a>(&self, line: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let (_, lead) = indent(line);
        let line_rest = if self.prefix.is_empty() {
            line
        } else {
            let (prefix, _) = (self.prefix.as_slice(), 0);
            line[lead..].strip_prefix(prefix.trim_ascii_start())?
        };
        let (column, blanks) = indent(line_rest);
        let text = &line_rest[blanks..];
        (!text.is_empty()).then_some((column, text))
    }

    fn all(&self, text: &[u8], out: &mut Out) {
        let mut lines = text.split(|byte| *byte == b'\n').peekable();
        while let Some(line) = lines.next() {
            if lines.peek().is_none() && line.is_empty() {
                return;
            }
            let Some((first, text)) = self.text(line) else {
                out.line(if line.iter().all(|byte| *byte == b' ' || *byte == b'\t') { b"" } else { line });
                continue;
            };
            let mut paragraph = vec![text];
            let mut rest = first;
            let next = lines.peek().and_then(|line| self.text(line));
            if !self.split {
                let goes_on = |count: usize, rest: usize, column: usize| match count {
                    1 if self.crown => true,
                    1 if self.tagged => column != first,
                    _ => column == rest,
                };
                match next {
                    Some((column, _)) if self.crown || self.tagged && column != first => rest = column,
                    // A tagged paragraph of one line has an indentation of its own behind it.
                    _ if self.tagged => rest = if first == 0 { 3 } else { 0 },
                    _ => {}
                }
                while let Some((column, text)) = lines.peek().and_then(|line| self.text(line)) {
                    if !goes_on(paragraph.len(), rest, column) {
                        break;
                    }
                    paragraph.push(text);
                    lines.next();
                }
            }
            let (_, lead) = indent(line);
            let offset = if self.prefix.is_empty() { 0 } else { lead + self.prefix.len() };
            self.fill(&paragraph, first, rest, offset, out);
        }
    }

    /// The words of lines that begin at the first column, or the second from the second line on.
    fn words(&self, lines: &[&[u8]], columns: [usize; 2]) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let (mut at, mut column) = (0, columns[index.min(1)]);
            while at < line.len() {
                let length = line[at..].iter().take_while(|byte| **byte != b' ' && **byte != b'\t').count();
                let text = line[at..at + length].to_vec();
                at += length;
                let blanks = line[at..].iter().take_while(|byte| **byte == b' ' || **byte == b'\t').count();
                column += length;
                let wide = |column: usize, byte: &u8| if *byte == b'\t' { column + 8 - column % 8 } else { column + 1 };
                let space = line[at..at + blanks].iter().fold(column, wide) - column;
                column += space;
                at += blanks;
                let last = text.iter().rfind(|byte| !b")]'\"".contains(byte)).copied().unwrap_or(0);
                let period = b".?!".contains(&last);
                let ends = period && (at >= line.len() || space > 1);
                let space = match (self.uniform || at >= line.len(), ends) {
                    (true, true) => 2,
                    (true, false) => 1,
                    (false, _) => space,
                };
                let opens = b"(['`\"".contains(&text[0]);
                let punctuation = text.last().is_some_and(u8::is_ascii_punctuation);
                words.push(Word { text, space, opens, period, punctuation, ends });
            }
        }
        if let Some(last) = words.last_mut() {
            (last.period, last.ends) = (true, true);
        }
        words
    }

    fn fill(&self, lines: &[&[u8]], first: usize, rest: usize, offset: usize, out: &mut Out) {
        let words = self.words(lines, [offset + first, offset + rest]);
        let count = words.len();
        let prefix = self.prefix.len();
        // From the last word on: the best cost from there, where its line ends, and how long it is.
        let mut best = vec![(0i64, count, 0usize); count + 1];
        for start in (0..count).rev() {
            let mut length = prefix + if start == 0 { first } else { rest } + words[start].text.len();
            let mut found = (i64::MAX, start + 1, length);
            for next in start + 1..=count {
                let cost = self.line_cost(next, length, &words, &best) + best[next].0;
                if cost < found.0 {
                    found = (cost, next, length);
                }
                if next == count {
                    break;
                }
                length += words[next - 1].space + words[next].text.len();
                if length >= self.width {
                    break;
                }
            }
            found.0 = found.0.saturating_add(base_cost(start, &words));
            best[start] = found;
        }
        let mut start = 0;
        while start < count {
            out.put(&self.prefix);
            let mut column = self.prefix.len();
            self.space(if start == 0 { first } else { rest }, &mut column, out);
            let end = best[start].1;
            for (at, word) in words.iter().enumerate().take(end).skip(start) {
                out.put(&word.text);
                column += word.text.len();
                if at + 1 < end {
                    self.space(word.space, &mut column, out);
                }
            }
            out.byte(b'\n');
            start = end;
        }
    }

    fn space(&self, width: usize, column: &mut usize, out: &mut Out) {
        let target = *column + width;
        let stop = target / 8 * 8;
        if self.tabs && *column + 1 < stop {
            while *column < stop {
                out.byte(b'\t');
                *column = (*column / 8 + 1) * 8;
            }
        }
        out.put(" ".repeat(target - *column).as_bytes());
        *column = target;
    }

    fn line_cost(&self, next: usize, length: usize, words: &[Word], best: &[(i64, usize, usize)]) -> i64 {
        if next == words.len() {
            return 0;
        }
        let short = (self.goal as i64 - length as i64) * 10;
        let mut cost = short * short;
        if best[next].1 != words.len() {
            let ragged = (length as i64 - best[next].2 as i64) * 10;
            cost += ragged * ragged / 2;
        }
        cost
    }
}

fn base_cost(start: usize, words: &[Word]) -> i64 {
    let mut cost = 70 * 70;
    if start > 0 {
        let before = &words[start - 1];
        if before.period {
            if before.ends {
                cost -= 50 * 50;
            } else {
                cost += 600 * 600;
            }
        } else if before.punctuation {
            cost -= 40 * 40;
        } else if start > 1 && words[start - 2].ends {
            cost += 40_000 / (before.text.len() as i64 + 2);
        }
    }
    if words[start].opens {
        cost -= 40 * 40;
    } else if words[start].ends {
        cost += 22_500 / (words[start].text.len() as i64 + 2);
    }
    cost
}
