//! `sed`: its command line. The script is read by `script` and run by `machine`.

mod arguments;
mod input;
mod machine;
pub mod replacement;
mod script;

use crate::Exit;
use crate::options::{Bytes, Parsed, Spec};
use crate::stream::{Source, complain, fail, path, reason, shown};
use machine::Machine;

/// What the options ask for.
pub struct Ask {
    pub quiet: bool,
    pub separate: bool,
    pub unbuffered: bool,
    pub delimiter: u8,
    pub width: usize,
    pub sandbox: bool,
    pub posix: bool,
    /// In place, with what is added to the name of what was there before.
    pub in_place: Option<Bytes>,
}

/// A part of the script: its text, and how to name it.
struct Piece {
    text: Bytes,
    file: Option<Bytes>,
}

pub fn sed(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "sed",
        usage: "[OPTION]... {script-only-if-no-other-script} [input-file]...",
        options: "n,quiet silent e,expression= f,file= E,regexp-extended r i,in-place? s,separate u,unbuffered \
                  z,null-data posix sandbox l,line-length= b,binary follow-symlinks",
        wrong: 1,
        mixed: true,
    };
    let mut parsed = spec.parse(args)?;
    let pieces = pieces(&mut parsed)?;
    if pieces.is_empty() {
        eprintln!("Usage: sed [OPTION]... {{script-only-if-no-other-script}} [input-file]...\n");
        return Err(spec.wrong(""));
    }
    let text = pieces.iter().map(|piece| piece.text.as_slice()).collect::<Vec<_>>().join(&b'\n');
    let extended = parsed.has("regexp-extended") || parsed.has("r");
    let mut script =
        script::read(&text, extended, parsed.has("null-data")).map_err(|(at, text)| wrong(&pieces, at, &text))?;
    let width = match parsed.last("line-length") {
        Some(width) => {
            let wrong = || fail("sed", &format!("invalid line length: {}", shown(width)));
            crate::number::plain(width).ok_or_else(wrong)? as usize
        }
        None => 70,
    };
    let ask = Ask {
        quiet: parsed.has("quiet") || parsed.has("silent") || script.quiet,
        separate: parsed.has("separate") || parsed.has("in-place"),
        unbuffered: parsed.has("unbuffered"),
        delimiter: if parsed.has("null-data") { 0 } else { b'\n' },
        width,
        sandbox: parsed.has("sandbox"),
        posix: parsed.has("posix"),
        in_place: parsed.last("in-place").map(<[u8]>::to_vec),
    };
    let written = std::mem::take(&mut script.written);
    let read = std::mem::take(&mut script.read);
    if ask.sandbox && (!written.is_empty() || !read.is_empty() || script.uses_system()) {
        return Err(wrong(&pieces, text.len(), "e/r/w commands disabled in sandbox mode"));
    }
    let mut files = parsed.files();
    if parsed.has("follow-symlinks") && ask.in_place.is_some() {
        files.iter_mut().for_each(|name| *name = followed(name));
    }
    Machine::new(&script, ask, files, &written, read)?.run()
}

/// The name of what a name stands for.
fn followed(name: &[u8]) -> Bytes {
    const MOST: usize = 40;
    let mut file = path(name).to_path_buf();
    for _ in 0..MOST {
        let Ok(target) = std::fs::read_link(&file) else { break };
        file = file.parent().map(|folder| folder.join(&target)).unwrap_or(target);
    }
    file.into_os_string().into_encoded_bytes()
}

/// The script's parts, of `-e`, `-f` or the first operand.
fn pieces(parsed: &mut Parsed) -> Result<Vec<Piece>, i32> {
    let mut pieces = Vec::new();
    for (name, value) in &parsed.options {
        match *name {
            "expression" => pieces.push(Piece { text: value.clone(), file: None }),
            "file" => {
                let text = Source::open(value).and_then(|mut source| source.all());
                let wrong = |error| fail("sed", &format!("couldn't open file {}: {}", shown(value), reason(&error)));
                let mut text = text.map_err(wrong)?;
                if text.ends_with(b"\n") {
                    text.pop();
                }
                if text.starts_with(b"#!") && text.get(2) != Some(&b'n') {
                    // A script that is run by its first line: that line is a comment.
                    text[1] = b' ';
                }
                pieces.push(Piece { text, file: Some(value.clone()) });
            }
            _ => {}
        }
    }
    if pieces.is_empty() && !parsed.operands.is_empty() {
        pieces.push(Piece { text: parsed.operands.remove(0), file: None });
    }
    Ok(pieces)
}

/// Says what is wrong with a script, and where.
fn wrong(pieces: &[Piece], at: usize, text: &str) -> i32 {
    if at == usize::MAX {
        // A label that is not there is GNU's own kind of error.
        return fail("sed", text) + 3;
    }
    let (mut number, mut start) = (0, 0);
    for piece in pieces {
        number += usize::from(piece.file.is_none());
        let inside = at - start;
        let is_last = std::ptr::eq(piece, &raw const pieces[pieces.len() - 1]);
        if inside <= piece.text.len() || is_last {
            match &piece.file {
                Some(name) => {
                    let lines =
                        piece.text[..inside.min(piece.text.len())].iter().filter(|byte| **byte == b'\n').count();
                    complain("sed", &format!("file {} line {}: {text}", shown(name), lines + 1));
                }
                None => complain("sed", &format!("-e expression #{number}, char {inside}: {text}")),
            }
            return 1;
        }
        start += piece.text.len() + 1;
    }
    fail("sed", text)
}
