//! `shuf` and `tsort`: lines in another order.
//!
//! Knows what std seeds its hash maps with, the system's own randomness; another source of it is refused.

use crate::options::Table;
use crate::outcome::{Failed, Outcome, bytes, output, quoted, reason};
use std::collections::{BTreeMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read, Write};

const SHUF: Table = Table::new(
    "shuf",
    &["e,echo", "i,input-range=", "n,head-count=", "o,output=", "random-source=", "r,repeat", "z,zero-terminated"],
);

/// All of a file, or of standard input.
fn contents(name: Option<&OsStr>) -> Outcome<Vec<u8>> {
    let mut all = Vec::new();
    match name {
        None => drop(io::stdin().read_to_end(&mut all)?),
        Some(name) if name == "-" => drop(io::stdin().read_to_end(&mut all)?),
        Some(name) => {
            all = std::fs::read(name)
                .map_err(|error| Failed::from(format!("{}: {}", name.to_string_lossy(), reason(&error))))?;
        }
    }
    Ok(all)
}

/// Numbers that nobody can tell beforehand.
struct Random(RandomState, u64);

impl Random {
    fn new() -> Self {
        Self(RandomState::new(), 0)
    }

    fn below(&mut self, end: u64) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write_u64(self.1);
        hasher.write_i64(userland_calendar::now().1);
        self.1 += 1;
        hasher.finish() % end.max(1)
    }
}

pub fn shuf(arguments: Vec<OsString>) -> Outcome {
    let given = SHUF.read(arguments)?;
    if given.has("random-source") {
        return Err(Failed::from("--random-source is not supported here"));
    }
    let end = if given.has("zero-terminated") { 0 } else { b'\n' };
    let count = match given.text("head-count") {
        Some(text) => {
            Some(text.parse::<u64>().map_err(|_| Failed::from(format!("invalid line count: {}", quoted(&text))))?)
        }
        None => None,
    };
    if given.has("echo") && given.has("input-range") {
        return Err(SHUF.misused("cannot combine -e and -i options"));
    }
    let range = given.text("input-range").map(|text| range(&text)).transpose()?;
    let is_list = given.has("echo");
    if let Some(extra) = given.operands.get(usize::from(range.is_none())).filter(|_| !is_list) {
        return Err(crate::options::extra(&SHUF, extra));
    }
    let lines: Vec<Vec<u8>> = match range {
        // What is drawn from a range is counted, and not kept.
        Some(_) => Vec::new(),
        None if is_list => given.operands.iter().map(|word| bytes(word).to_vec()).collect(),
        None => {
            let all = contents(given.operands.first().map(AsRef::as_ref))?;
            let text = all.strip_suffix(&[end]).unwrap_or(&all);
            if all.is_empty() { Vec::new() } else { text.split(|byte| *byte == end).map(<[u8]>::to_vec).collect() }
        }
    };
    let (low, total) = range.unwrap_or((0, lines.len() as u64));
    let mut out: Box<dyn Write> = match given.value("output") {
        Some(name) => Box::new(io::BufWriter::new(
            userland_sys::making::create(name)
                .map_err(|error| Failed::from(format!("{}: {}", name.to_string_lossy(), reason(&error))))?,
        )),
        None => Box::new(output()),
    };
    let mut put = |at: u64| {
        match lines.get(at as usize) {
            Some(line) => out.write_all(line)?,
            None => write!(out, "{}", low + at)?,
        }
        out.write_all(&[end])
    };
    let mut random = Random::new();
    if given.has("repeat") {
        if total == 0 && count != Some(0) {
            return Err(Failed::from("no lines to repeat"));
        }
        let mut left = count.unwrap_or(u64::MAX);
        while left > 0 {
            put(random.below(total))?;
            left -= 1;
        }
    } else {
        drawn(&mut random, total, count.unwrap_or(total).min(total), &mut put)?;
    }
    out.flush()?;
    Ok(0)
}

/// Draws so many of so many without putting any back. Only those that moved are kept.
fn drawn(random: &mut Random, total: u64, count: u64, put: &mut impl FnMut(u64) -> io::Result<()>) -> io::Result<()> {
    let mut moved: BTreeMap<u64, u64> = BTreeMap::new();
    for at in 0..count {
        let other = at + random.below(total - at);
        let here = moved.remove(&at).unwrap_or(at);
        let taken = if other == at { here } else { moved.insert(other, here).unwrap_or(other) };
        put(taken)?;
    }
    Ok(())
}

/// `LOW-HIGH`, as the first and how many.
fn range(text: &str) -> Outcome<(u64, u64)> {
    let wrong = || Failed::from(format!("invalid input range: {}", quoted(text)));
    let (low, high) = text.split_once('-').ok_or_else(wrong)?;
    let low: u64 = low.parse().map_err(|_| Failed::from(format!("invalid input range: {}", quoted(low))))?;
    let high: u64 = high.parse().map_err(|_| Failed::from(format!("invalid input range: {}", quoted(high))))?;
    if low > high.saturating_add(1) {
        return Err(wrong());
    }
    Ok((low, (high - low).saturating_add(1)))
}

const TSORT: Table = Table::new("tsort", &[]);

/// What has to come before what.
#[derive(Default)]
struct Item {
    before: usize,
    /// The last one named first.
    after: Vec<Vec<u8>>,
    printed: bool,
}

pub fn tsort(arguments: Vec<OsString>) -> Outcome {
    let given = TSORT.read(arguments)?;
    if let Some(extra) = given.operands.get(1) {
        return Err(crate::options::extra(&TSORT, extra));
    }
    let name = given.operands.first().map_or_else(|| "-".to_owned(), |name| name.to_string_lossy().into_owned());
    let all = contents(given.operands.first().map(AsRef::as_ref))?;
    let words: Vec<&[u8]> =
        all.split(|byte| matches!(byte, b' ' | b'\t' | b'\n')).filter(|word| !word.is_empty()).collect();
    if words.len() % 2 == 1 {
        return Err(Failed::from(format!("{name}: input contains an odd number of tokens")));
    }
    let mut items: BTreeMap<Vec<u8>, Item> = BTreeMap::new();
    for pair in words.chunks(2) {
        let [first, second] = pair else { continue };
        items.entry(second.to_vec()).or_default();
        let item = items.entry(first.to_vec()).or_default();
        if first != second {
            item.after.insert(0, second.to_vec());
            items.entry(second.to_vec()).or_default().before += 1;
        }
    }
    let mut out = output();
    let mut code = 0;
    let mut left = items.len();
    while left > 0 {
        let free = items.iter().filter(|(_, item)| item.before == 0 && !item.printed);
        let mut queue: VecDeque<Vec<u8>> = free.map(|(name, _)| name.clone()).collect();
        while let Some(name) = queue.pop_front() {
            out.write_all(&name)?;
            out.write_all(b"\n")?;
            left -= 1;
            let Some(item) = items.get_mut(&name) else { continue };
            item.printed = true;
            for after in std::mem::take(&mut item.after) {
                if let Some(other) = items.get_mut(&after) {
                    other.before -= 1;
                    if other.before == 0 {
                        queue.push_back(after);
                    }
                }
            }
        }
        if left > 0 {
            out.flush()?;
            code = 1;
            eprintln!("tsort: {name}: input contains a loop:");
            break_loop(&mut items);
        }
    }
    out.flush()?;
    Ok(code)
}

/// Finds a loop, says what is in it, and takes one relation of it away.
fn break_loop(items: &mut BTreeMap<Vec<u8>, Item>) {
    // From one that waits, back over what it waits for, until one comes again.
    let Some(start) = items.iter().find(|(_, item)| item.before > 0).map(|(name, _)| name.clone()) else { return };
    let mut path = vec![start];
    loop {
        let Some(last) = path.last() else { return };
        let from = items.iter().find(|(_, item)| !item.printed && item.after.contains(last));
        let Some(from) = from.map(|(name, _)| name.clone()) else { return };
        // Where it began counts when it comes again.
        let Some(at) = path.iter().skip(1).position(|name| *name == from).map(|at| at + 1) else {
            path.push(from);
            continue;
        };
        for name in path[at..].iter().rev() {
            eprintln!("tsort: {}", String::from_utf8_lossy(name));
        }
        let last = path.last().cloned().unwrap_or_default();
        if let Some(item) = items.get_mut(&from)
            && let Some(place) = item.after.iter().position(|name| *name == last)
        {
            item.after.remove(place);
        }
        if let Some(item) = items.get_mut(&last) {
            item.before -= 1;
        }
        return;
    }
}
