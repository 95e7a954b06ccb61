//! `awk` (and `gawk`, `mawk`, `nawk`): POSIX awk with what people use of GNU's.
//!
//! Reads the command line. A program is read by `parse` and `expression` into the tree of `tree`, which `run` and
//! `evaluate` walk over the state that `machine` holds.

mod builtin;
mod evaluate;
mod expression;
mod format;
mod lex;
mod machine;
mod parse;
mod record;
mod run;
mod streams;
mod table;
mod tree;
mod value;

use crate::Exit;
use crate::options::{Bytes, Spec};
use crate::stream::{Source, complain, fail, reason, shown};
pub use builtin::mktime;
use machine::Machine;
use tree::{Place, special};
use value::Value;

/// The number at the start of a text as C reads it, and its length.
pub fn number_prefix(text: &[u8]) -> (f64, usize) {
    value::prefix(text)
}

/// Writes a number by a format of `printf`.
pub fn format_number(format: &[u8], number: f64, out: &mut Bytes) {
    format::one(format, number, out);
}

pub fn awk(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "awk",
        usage: "[POSIX or GNU style options] -f progfile [--] file ...",
        options: "f,file= F,field-separator= v,assign= e,source= E,exec= b,characters-as-bytes P,posix \
                  c,traditional r,re-interval S,sandbox W= n,non-decimal-data",
        wrong: 1,
        mixed: false,
    };
    let parsed = spec.parse(args)?;
    let mut operands = parsed.operands.clone();
    let mut text: Option<Bytes> = None;
    for (name, value) in &parsed.options {
        let piece = match *name {
            "source" => value.clone(),
            "file" | "exec" => Source::open(value).and_then(|mut source| source.all()).map_err(|error| {
                let text = format!("fatal: cannot open source file `{}' for reading: {}", shown(value), reason(&error));
                fail("awk", &text) + 1
            })?,
            "non-decimal-data" | "sandbox" => return Err(fail("awk", &format!("--{name} is not supported"))),
            _ => continue,
        };
        let text = text.get_or_insert_default();
        text.extend_from_slice(&piece);
        text.push(b'\n');
    }
    if text.is_none() {
        if operands.is_empty() {
            eprintln!("Usage: awk [POSIX or GNU style options] -f progfile [--] file ...");
            eprintln!("Usage: awk [POSIX or GNU style options] [--] 'program' file ...");
            return Err(1);
        }
        text = Some(operands.remove(0));
    }
    let program = parse::parse(&text.unwrap_or_default()).map_err(|(line, text)| {
        complain("awk", &format!("cmd. line:{line}: {text}"));
        if text.ends_with("not defined") { 2 } else { 1 }
    })?;
    let mut machine = Machine::new(&program);
    for (name, value) in &parsed.options {
        match *name {
            "field-separator" => {
                machine.set(Place::Global(special::FS), Value::text(lex::unescaped(value)));
            }
            "assign" => match run::is_assignment(value) {
                Some((name, value)) => machine.assign_by_name(name, value),
                None => {
                    let text = format!("fatal: `{}' argument to `-v' not in `var=value' form", shown(value));
                    return Err(fail("awk", &text) + 1);
                }
            },
            _ => {}
        }
    }
    let arguments = machine.table(Place::Global(special::ARGV));
    arguments.borrow_mut().set(b"0", Value::text(b"awk".to_vec()));
    for (at, operand) in operands.iter().enumerate() {
        arguments.borrow_mut().set((at + 1).to_string().as_bytes(), Value::input(operand.clone()));
    }
    machine.set(Place::Global(special::ARGC), Value::Number((operands.len() + 1) as f64));
    Ok(machine.run())
}
