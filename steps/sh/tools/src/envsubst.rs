//! `envsubst`: variables of the environment put into a text.
//!
//! Knows `$NAME` and `${NAME}`; all else of a text, `${NAME:-x}` too, stays as it is.

use crate::options::Table;
use crate::outcome::{Failed, Outcome, bytes, output};
use std::ffi::OsString;
use std::io::{self, Read, Write};

const TABLE: Table = Table::new("envsubst", &["v,variables"]);

/// A piece of a text: what is plain, or a variable as it is written and its name.
enum Piece<'a> {
    Plain(&'a [u8]),
    Variable(&'a [u8], &'a [u8]),
}

/// The length of a name at the start.
fn name_length(text: &[u8]) -> usize {
    match text.first() {
        Some(first) if first.is_ascii_alphabetic() || *first == b'_' => {
            text.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(text.len())
        }
        _ => 0,
    }
}

fn pieces(mut text: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(at) = text.iter().position(|byte| *byte == b'$') {
        let rest = &text[at + 1..];
        let (lead, end) = if rest.first() == Some(&b'{') { (1, 1) } else { (0, 0) };
        let length = name_length(&rest[lead..]);
        let closed = end == 0 || rest.get(lead + length) == Some(&b'}');
        if length == 0 || !closed {
            pieces.push(Piece::Plain(&text[..=at]));
            text = rest;
            continue;
        }
        let whole = 1 + lead + length + end;
        pieces.push(Piece::Plain(&text[..at]));
        pieces.push(Piece::Variable(&text[at..at + whole], &rest[lead..lead + length]));
        text = &text[at + whole..];
    }
    pieces.push(Piece::Plain(text));
    pieces
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let given = TABLE.read(arguments)?;
    if given.operands.len() > 1 {
        return Err(Failed::from("too many arguments"));
    }
    let format = given.operands.first().map(|format| bytes(format).to_vec());
    let named = |text: &[u8]| -> Vec<Vec<u8>> {
        let named = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Variable(_, name) => Some(name.to_vec()),
            Piece::Plain(_) => None,
        });
        named.collect()
    };
    let wanted = format.as_deref().map(named);
    let mut out = output();
    if given.has("variables") {
        let Some(wanted) = wanted else { return Err(Failed::from("missing arguments")) };
        for name in wanted {
            out.write_all(&name)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        return Ok(0);
    }
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    for piece in pieces(&text) {
        match piece {
            Piece::Variable(_, name) if wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one == name)) => {
                let value = std::env::var_os(String::from_utf8_lossy(name).as_ref()).unwrap_or_default();
                out.write_all(bytes(&value))?;
            }
            Piece::Variable(whole, _) => out.write_all(whole)?,
            Piece::Plain(text) => out.write_all(text)?,
        }
    }
    out.flush()?;
    Ok(0)
}
