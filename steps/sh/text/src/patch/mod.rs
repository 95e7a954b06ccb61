//! `patch`: does to files what a patch says.
//!
//! How patches are written is `read`'s. Here a hunk's place is found, with less and less context, and files are
//! written.

mod read;

use crate::Exit;
use crate::number::plain;
use crate::options::{Bytes, Parsed, Spec};
use crate::stream::{Out, Source, complain, fail, path, reason, shown};
use read::{Hunk, Kind, Piece, pieces};
use std::fs;
use std::io::{self, Write};

struct Ask {
    strip: Option<usize>,
    reverse: bool,
    forward: bool,
    force: bool,
    dry_run: bool,
    quiet: bool,
    backup: bool,
    suffix: Bytes,
    output: Option<Bytes>,
    reject: Option<Bytes>,
    fuzz: usize,
    ignore_space: bool,
    remove_empty: bool,
    verbose: bool,
    no_backup_if_mismatch: bool,
}

pub fn patch(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "patch",
        usage: "[OPTION]... [ORIGFILE [PATCHFILE]]",
        options: "p,strip= F,fuzz= l,ignore-whitespace c,context e,ed n,normal u,unified N,forward R,reverse \
                  i,input= o,output= r,reject-file= E,remove-empty-files b,backup z,suffix= B,prefix= t,batch f,force \
                  s,quiet silent verbose dry-run d,directory= no-backup-if-mismatch posix binary",
        wrong: 2,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let ask = asked(&parsed)?;
    if let Some(folder) = parsed.last("directory")
        && let Err(error) = std::env::set_current_dir(path(folder))
    {
        return Err(
            fail("patch", &format!("**** Can't change to directory {} : {}", shown(folder), reason(&error))) + 1
        );
    }
    let input = parsed.last("input").or(parsed.operands.get(1).map(Vec::as_slice)).unwrap_or(b"-");
    let text = Source::open(input).and_then(|mut source| source.all());
    let text = text.map_err(|error| {
        complain("patch", &format!("**** Can't open patch file {} : {}", shown(input), reason(&error)));
        2
    })?;
    let pieces = pieces(&text).map_err(|text| {
        complain("patch", &format!("**** {text}"));
        2
    })?;
    if pieces.is_empty() {
        if !text.trim_ascii().is_empty() {
            complain("patch", "**** Only garbage was found in the patch input.");
            return Err(2);
        }
        return Ok(0);
    }
    let mut out = Out::standard("patch");
    let mut code = 0;
    for piece in &pieces {
        let done = ask.piece(piece, parsed.operands.first().map(Vec::as_slice), &mut out);
        code = code.max(done);
    }
    Ok(code)
}

fn asked(parsed: &Parsed) -> Result<Ask, i32> {
    let number = |name: &str| match parsed.last(name) {
        None => Ok(None),
        Some(value) => match plain(value) {
            Some(number) => Ok(Some(number as usize)),
            None => Err(fail("patch", &format!("**** {name} {} is not a number", shown(value))) + 1),
        },
    };
    for name in ["ed", "prefix"] {
        if parsed.has(name) {
            return Err(fail("patch", &format!("--{name} is not supported")) + 1);
        }
    }
    Ok(Ask {
        strip: number("strip")?,
        reverse: parsed.has("reverse"),
        forward: parsed.has("forward"),
        force: parsed.has("force") || parsed.has("batch"),
        dry_run: parsed.has("dry-run"),
        quiet: parsed.has("quiet") || parsed.has("silent"),
        backup: parsed.has("backup") || parsed.has("suffix"),
        suffix: parsed.last("suffix").unwrap_or(b".orig").to_vec(),
        output: parsed.last("output").map(<[u8]>::to_vec),
        reject: parsed.last("reject-file").map(<[u8]>::to_vec),
        fuzz: number("fuzz")?.unwrap_or(2),
        ignore_space: parsed.has("ignore-whitespace"),
        remove_empty: parsed.has("remove-empty-files"),
        verbose: parsed.has("verbose"),
        no_backup_if_mismatch: parsed.has("no-backup-if-mismatch") || parsed.has("posix"),
    })
}

/// A name without its first parts; all but the last where nothing says how many.
fn stripped(name: &[u8], strip: Option<usize>) -> Option<Bytes> {
    let Some(strip) = strip else {
        return Some(name.rsplit(|byte| *byte == b'/').next().unwrap_or(name).to_vec());
    };
    let mut rest = name;
    for _ in 0..strip {
        let at = memchr::memchr(b'/', rest)?;
        rest = &rest[at..];
        rest = &rest[rest.iter().take_while(|byte| **byte == b'/').count()..];
    }
    Some(rest.to_vec())
}

/// Where a hunk fits.
struct Fit {
    at: usize,
    fuzz: (usize, usize),
}

impl Ask {
    /// The file that a piece is for.
    fn target(&self, piece: &Piece, given: Option<&[u8]>) -> Option<Bytes> {
        if let Some(name) = given {
            return Some(name.to_vec());
        }
        let names = [piece.old_name.as_ref(), piece.new_name.as_ref(), piece.index_name.as_ref()];
        let usable = names.into_iter().flatten().filter(|name| *name != b"/dev/null");
        let names: Vec<Bytes> =
            usable.filter_map(|name| stripped(name, self.strip)).filter(|name| !name.is_empty()).collect();
        let safe =
            |name: &&Bytes| !name.starts_with(b"/") && !name.split(|byte| *byte == b'/').any(|part| part == b"..");
        let names: Vec<&Bytes> = names.iter().filter(safe).collect();
        let there: Vec<&&Bytes> = names.iter().filter(|name| path(name).is_file()).collect();
        let rank = |name: &&&Bytes| (name.iter().filter(|byte| **byte == b'/').count(), name.len());
        if let Some(name) = there.iter().copied().min_by_key(rank) {
            return Some((*name).clone());
        }
        let missing = if self.reverse { piece.new_missing } else { piece.old_missing };
        let creates = missing || piece.hunks.first().is_some_and(|hunk| hunk.old == 0 || hunk.new == 0);
        if creates { names.last().map(|name| (*name).clone()) } else { None }
    }

    fn say(&self, text: &str, out: &mut Out) {
        if !self.quiet {
            out.line(text.as_bytes());
        }
    }

    /// There is no file for a piece, and nobody to say which one it is.
    fn not_found(&self, piece: &Piece, out: &mut Out) -> i32 {
        self.say(&format!("can't find file to patch at input line {}", piece.line), out);
        let advice = if self.strip.is_some() { "you used the wrong" } else { "you should have used the" };
        self.say(&format!("Perhaps {advice} -p or --strip option?"), out);
        if !piece.lead.is_empty() {
            out.line(b"The text leading up to this was:\n--------------------------");
            for line in &piece.lead {
                out.line(&[b"|", &line[..]].concat());
            }
            out.line(b"--------------------------");
        }
        if self.force {
            out.line(b"No file to patch.  Skipping patch.");
        } else {
            out.line(b"File to patch: ");
            out.line(b"Skip this patch? [y] ");
            self.say("Skipping patch.", out);
        }
        let count = piece.hunks.len();
        out.put(format!("{count} out of {count} hunk{} ignored\n", if count == 1 { "" } else { "s" }).as_bytes());
        1
    }

    fn piece(&self, piece: &Piece, given: Option<&[u8]>, out: &mut Out) -> i32 {
        let Some(name) = self.target(piece, given) else {
            return self.not_found(piece, out);
        };
        let text = match fs::read(path(&name)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                out.flush();
                complain("patch", &format!("**** Can't open file {} : {}", shown(&name), reason(&error)));
                return 2;
            }
        };
        let creates = if self.reverse { piece.new_missing } else { piece.old_missing };
        if creates && text.as_ref().is_some_and(|text| !text.is_empty()) && !self.force {
            let name = shown(&name);
            self.say(
                &format!("The next patch would create the file {name},\nwhich already exists!  Skipping patch."),
                out,
            );
            let count = piece.hunks.len();
            out.put(format!("{count} out of {count} hunk{} ignored\n", if count == 1 { "" } else { "s" }).as_bytes());
            return 1;
        }
        let word = if self.dry_run { "checking" } else { "patching" };
        let to = match &self.output {
            Some(output) => format!(" {} (read from {})", shown(output), shown(&name)),
            None => format!(" {}", shown(&name)),
        };
        self.say(&format!("{word} file{to}"), out);
        let lines: Vec<Bytes> =
            text.iter().flat_map(|text| text.split_inclusive(|byte| *byte == b'\n')).map(<[u8]>::to_vec).collect();
        let mut hunks: Vec<Hunk> = piece.hunks.clone();
        if self.reverse {
            hunks = hunks.iter().map(Hunk::reversed).collect();
        }
        let first = hunks.first().map(Hunk::reversed);
        if let Some(first) = first
            && hunks.first().is_some_and(|hunk| self.fit(hunk, &lines, 0, 0).is_none())
            && self.fit(&first, &lines, 0, 0).is_some()
            && !self.force
        {
            return self.already(&name, &hunks, piece, out);
        }
        self.apply(&name, text.as_deref(), lines, &hunks, piece, out)
    }

    /// What to do with a patch that seems to be applied: nothing, and to say so.
    fn already(&self, name: &[u8], hunks: &[Hunk], piece: &Piece, out: &mut Out) -> i32 {
        let kind = if self.reverse { "Unreversed" } else { "Reversed (or previously applied)" };
        if self.forward {
            out.put(format!("{kind} patch detected!  Skipping patch.\n").as_bytes());
        } else {
            let question = if self.reverse { "Ignore -R? [n] " } else { "Assume -R? [n] " };
            out.put(format!("{kind} patch detected!  {question}\nApply anyway? [n] \nSkipping patch.\n").as_bytes());
        }
        let count = hunks.len();
        let rejected: Vec<&Hunk> = hunks.iter().collect();
        let file = self.reject(name, &rejected, piece);
        let tail = match file {
            Some(file) => format!(" -- saving rejects to file {}", shown(&file)),
            None => String::new(),
        };
        out.put(format!("{count} out of {count} hunk{} ignored{tail}\n", if count == 1 { "" } else { "s" }).as_bytes());
        1
    }

    fn apply(
        &self,
        name: &[u8],
        text: Option<&[u8]>,
        lines: Vec<Bytes>,
        hunks: &[Hunk],
        piece: &Piece,
        out: &mut Out,
    ) -> i32 {
        let mut made: Vec<Bytes> = Vec::new();
        // Up to where the old file is done; how far hunks are from where they say.
        let (mut done, mut offset) = (0, 0isize);
        let mut rejected = Vec::new();
        let mut mismatched = false;
        for (index, hunk) in hunks.iter().enumerate() {
            let Some(fit) = self.fit(hunk, &lines, offset, done) else {
                let at = (hunk.old as isize + offset).max(0);
                self.say(&format!("Hunk #{} FAILED at {}.", index + 1, at), out);
                rejected.push(hunk);
                continue;
            };
            let said = first_line(hunk) as isize;
            let moved = fit.at as isize - said;
            let (before, after) = fit.fuzz;
            let fuzz = before.max(after);
            if moved != 0 || fuzz > 0 || self.verbose {
                let text = format!("Hunk #{} succeeded at {}", index + 1, place(&fit, hunk, &made, done));
                self.say(&fitted(text, fuzz, moved), out);
                mismatched = true;
            }
            offset = moved;
            made.extend_from_slice(&lines[done..fit.at + before]);
            let kept = &hunk.lines[before..hunk.lines.len() - after];
            let mut at = fit.at + before;
            for (kind, line) in kept {
                match kind {
                    // What is the same stays as the file has it.
                    Kind::Same => made.push(lines[at].clone()),
                    Kind::New => made.push(line.clone()),
                    Kind::Old => {}
                }
                at += usize::from(*kind != Kind::New);
            }
            done = at;
        }
        made.extend_from_slice(&lines[done..]);
        let mut code = 0;
        if !rejected.is_empty() {
            code = 1;
            let file = if self.dry_run { None } else { self.reject(name, &rejected, piece) };
            let tail = file.map_or_else(String::new, |file| format!(" -- saving rejects to file {}", shown(&file)));
            let plural = if hunks.len() == 1 { "" } else { "s" };
            let text = format!("{} out of {} hunk{plural} FAILED{tail}", rejected.len(), hunks.len());
            self.say(&text, out);
        }
        if self.dry_run {
            return code;
        }
        let keeps = self.backup || (mismatched || !rejected.is_empty()) && !self.no_backup_if_mismatch;
        match self.write(name, text, &made.concat(), keeps && self.output.is_none(), piece) {
            Ok(()) => code,
            Err(error) => {
                out.flush();
                complain("patch", &format!("**** Can't create file {} : {}", shown(name), reason(&error)));
                2
            }
        }
    }

    fn write(&self, name: &[u8], before: Option<&[u8]>, text: &[u8], backup: bool, piece: &Piece) -> io::Result<()> {
        if backup {
            userland_sys::making::write(path(&[name, &self.suffix].concat()), before.unwrap_or_default())?;
        }
        if let Some(output) = &self.output {
            if output == b"-" {
                return io::stdout().write_all(text);
            }
            return userland_sys::making::write(path(output), text);
        }
        let gone = if self.reverse { piece.old_missing } else { piece.new_missing };
        if text.is_empty() && (gone || self.remove_empty) {
            if before.is_some() {
                fs::remove_file(path(name))?;
                let mut folder = path(name).parent();
                while let Some(above) = folder.filter(|folder| !folder.as_os_str().is_empty()) {
                    if fs::remove_dir(above).is_err() {
                        break;
                    }
                    folder = above.parent();
                }
            }
            return Ok(());
        }
        if let Some(folder) = path(name).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            userland_sys::making::create_dir_all(folder)?;
        }
        // The file stays the one that it is, with its mode.
        userland_sys::making::write(path(name), text)
    }

    /// A file's head without the first parts of its name.
    fn head(&self, head: &[u8]) -> Bytes {
        let end = memchr::memchr(b'\t', head).unwrap_or(head.len());
        let name = if &head[..end] == b"/dev/null" { None } else { stripped(&head[..end], self.strip) };
        [name.as_deref().unwrap_or(&head[..end]), &head[end..]].concat()
    }

    /// Writes what did not fit beside its file.
    fn reject(&self, name: &[u8], hunks: &[&Hunk], piece: &Piece) -> Option<Bytes> {
        if self.dry_run {
            return None;
        }
        let file = match &self.reject {
            Some(file) if file == b"-" => return None,
            Some(file) => file.clone(),
            None => [self.output.as_deref().unwrap_or(name), b".rej"].concat(),
        };
        let (old, new) = piece.heads.clone().unwrap_or_else(|| (name.to_vec(), name.to_vec()));
        let (old, new) = if self.reverse { (new, old) } else { (old, new) };
        let (old, new) = (self.head(&old), self.head(&new));
        let mut text = format!("--- {}\n+++ {}\n", shown(&old), shown(&new)).into_bytes();
        for hunk in hunks {
            let span =
                |from: usize, count: usize| if count == 1 { from.to_string() } else { format!("{from},{count}") };
            let (old, new) = (span(hunk.old, hunk.count(Kind::Old)), span(hunk.new, hunk.count(Kind::New)));
            text.extend_from_slice(format!("@@ -{old} +{new} @@\n").as_bytes());
            for (kind, line) in &hunk.lines {
                text.push(match kind {
                    Kind::Same => b' ',
                    Kind::Old => b'-',
                    Kind::New => b'+',
                });
                text.extend_from_slice(line);
                if !line.ends_with(b"\n") {
                    text.extend_from_slice(b"\n\\ No newline at end of file\n");
                }
            }
        }
        userland_sys::making::write(path(&file), text).ok().map(|()| file)
    }

    fn same(&self, one: &[u8], other: &[u8]) -> bool {
        if one == other {
            return true;
        }
        let words = |line: &[u8]| -> Vec<Bytes> {
            let parts = line.split(u8::is_ascii_whitespace).filter(|part| !part.is_empty());
            parts.map(<[u8]>::to_vec).collect()
        };
        self.ignore_space && words(one) == words(other)
    }

    /// Looks for a hunk's place: with all context, then with less; near where it should be, then farther away.
    fn fit(&self, hunk: &Hunk, lines: &[Bytes], offset: isize, done: usize) -> Option<Fit> {
        let wanted = hunk.side(Kind::Old);
        let (start, end) = hunk.context();
        let context = start.max(end);
        for fuzz in 0..=self.fuzz.min(context) {
            // The shorter side of context loses its lines last.
            let before = fuzz.saturating_sub(context - start).min(start);
            let after = fuzz.saturating_sub(context - end).min(end);
            let pattern = &wanted[before..wanted.len() - after];
            let first = first_line(hunk) as isize + offset + before as isize;
            let last = lines.len() as isize - pattern.len() as isize;
            let fits = |at: isize| {
                at >= (done as isize).max(0)
                    && at <= last
                    && pattern.iter().zip(&lines[at as usize..]).all(|(one, other)| self.same(one, other))
            };
            // With less context at one side than at the other a hunk belongs to the file's start or end.
            let only_start = start < end && hunk.old <= 1 && fuzz == 0;
            let only_end = end < start && fuzz == 0;
            let allowed = |at: isize| (!only_start || at == 0) && (!only_end || at == last);
            if pattern.is_empty() {
                let at = first.clamp(done as isize, lines.len() as isize);
                return Some(Fit { at: at as usize, fuzz: (before, after) });
            }
            for distance in 0..=lines.len() as isize {
                for at in [first + distance, first - distance] {
                    if fits(at) && allowed(at) {
                        return Some(Fit { at: (at - before as isize) as usize, fuzz: (before, after) });
                    }
                }
            }
        }
        None
    }
}

/// The line, from 0, that a hunk's first one should be.
fn first_line(hunk: &Hunk) -> usize {
    if hunk.count(Kind::Old) == 0 { hunk.old } else { hunk.old.saturating_sub(1) }
}

/// Where a hunk is in the new file.
fn place(fit: &Fit, hunk: &Hunk, made: &[Bytes], done: usize) -> usize {
    let before = made.len() + (fit.at - done);
    if hunk.count(Kind::New) == 0 { before } else { before + 1 }
}

/// What is said of a hunk that fits elsewhere, or not quite.
fn fitted(mut text: String, fuzz: usize, moved: isize) -> String {
    if fuzz > 0 {
        text.push_str(&format!(" with fuzz {fuzz}"));
    }
    if moved != 0 {
        let unit = if moved.abs() == 1 { "line" } else { "lines" };
        text.push_str(&format!(" (offset {moved} {unit})"));
    }
    text.push('.');
    text
}
