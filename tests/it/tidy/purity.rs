//! What some floors must not touch: the pure ones nothing of the world and nothing that panics, those below the
//! command line no environment, home directory or terminal. Code that only tests compile may. Does not follow calls:
//! it reads names.

use super::code::{self, Named};
use super::{Violation, floors, violation};

/// Beginnings of paths that reach out of the program.
const WORLD: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::os",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "tokio",
    "async_trait",
    "rustix",
    "cap_std",
    "getrandom",
    "rand",
    "directories",
    "tracing",
    "log",
];

/// Names whose order of iteration differs from run to run.
const UNORDERED: &[&str] = &["HashMap", "HashSet"];

/// What panics or prints. `assert!` and `expect` with a reason state what must hold and stay.
const MARKS: &[&str] = &[
    ".unwrap",
    "panic!",
    "unreachable!",
    "todo!",
    "unimplemented!",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "dbg!",
    "async",
];

/// Beginnings of paths by which a program looks at its surroundings.
const SURROUNDINGS: &[&str] = &["std::env", "directories", "std::io::IsTerminal", "indicatif"];

fn home(path: &str) -> Option<u8> {
    code::module_of(path).get(1).and_then(|module| floors::floor(module))
}

fn begins(named: &Named, with: &str) -> bool {
    let with: Vec<&str> = with.split("::").collect();
    named.parts.len() >= with.len() && with.iter().zip(&named.parts).all(|(one, other)| one == other)
}

/// A crate's name alone is as likely a variable's; it is a crate when something of it is named.
fn reaches(named: &Named, with: &str) -> bool {
    begins(named, with) && named.parts.len() > 1
}

pub(super) fn pure(path: &str, text: &str) -> Vec<Violation> {
    if home(path).is_none_or(|floor| floor > 1) {
        return Vec::new();
    }
    let found = code::read(path, text);
    let mut wrong = Vec::new();
    for named in found.paths.iter().filter(|named| !named.in_test) {
        if let Some(world) = WORLD.iter().find(|world| reaches(named, world)) {
            wrong.push(violation(named.line, format!("a pure floor names {world}")));
        }
        if let Some(name) = UNORDERED.iter().find(|name| named.parts.iter().any(|part| part == *name)) {
            wrong.push(violation(named.line, format!("a pure floor names {name}: its order is not fixed")));
        }
    }
    for mark in found.marks.iter().filter(|mark| !mark.in_test) {
        if let Some(name) = MARKS.iter().find(|name| mark.parts[0] == **name) {
            wrong.push(violation(mark.line, format!("a pure floor uses {name}")));
        }
    }
    wrong.dedup();
    wrong
}

pub(super) fn surroundings(path: &str, text: &str) -> Vec<Violation> {
    if home(path).is_none_or(|floor| floor >= 6) {
        return Vec::new();
    }
    let found = code::read(path, text);
    let named = found.paths.iter().filter(|named| !named.in_test).filter_map(|named| {
        let what = SURROUNDINGS.iter().find(|with| reaches(named, with))?;
        Some(violation(named.line, format!("below the command line nobody names {what}: take an option")))
    });
    let printed = found.marks.iter().filter(|mark| !mark.in_test).filter_map(|mark| {
        let prints = ["print!", "println!", "eprint!", "eprintln!"].contains(&mark.parts[0].as_str());
        prints.then(|| violation(mark.line, format!("below the command line nobody uses {}", mark.parts[0])))
    });
    let mut wrong: Vec<Violation> = named.chain(printed).collect();
    wrong.dedup();
    wrong
}

#[test]
fn what_a_pure_floor_must_not_touch_is_seen() {
    let cases = [
        ("use std::fs;", "a pure floor names std::fs"),
        ("use std::{collections::BTreeMap, net::TcpStream};", "a pure floor names std::net"),
        ("fn f() { std::env::var(\"HOME\"); }", "a pure floor names std::env"),
        ("use std::time::{Duration, Instant};", "a pure floor names std::time::Instant"),
        ("fn f() -> std::time::SystemTime { g() }", "a pure floor names std::time::SystemTime"),
        ("use tokio::sync::mpsc;", "a pure floor names tokio"),
        ("struct S { m: std::collections::HashMap<u8, u8> }", "a pure floor names HashMap: its order is not fixed"),
        ("fn f(x: Option<u8>) -> u8 { x.unwrap() }", "a pure floor uses .unwrap"),
        ("fn f() { vec![g(|| x.y().unwrap())]; }", "a pure floor uses .unwrap"),
        ("fn f() { panic!(\"no\") }", "a pure floor uses panic!"),
        ("fn f() { match x { _ => unreachable!() } }", "a pure floor uses unreachable!"),
        ("fn f() { println!(\"x\") }", "a pure floor uses println!"),
        ("async fn f() {}", "a pure floor uses async"),
    ];
    for path in ["src/model/a.rs", "src/spec/b/c.rs", "src/engine/mod.rs"] {
        for (text, expected) in cases {
            let said: Vec<String> = pure(path, text).into_iter().map(|found| found.what).collect();
            assert_eq!(said, [expected], "{path}: {text}");
        }
    }
    let fine = "
        use std::collections::BTreeMap; use std::time::Duration;
        fn f(log: &str, x: Option<u8>) -> u8 { assert!(true, \"{log}\"); x.expect(\"a reason\") }
        #[cfg(test)] mod tests { use std::fs; fn t() { f().unwrap(); panic!() } }
    ";
    assert_eq!(pure("src/engine/mod.rs", fine), []);
    assert_eq!(pure("src/store/mod.rs", "use std::fs;"), [], "the rule is for pure floors");
}

#[test]
fn a_look_at_the_surroundings_is_seen() {
    for text in [
        "fn f() { std::env::var_os(\"HOME\"); }",
        "use directories::ProjectDirs;",
        "use std::io::{IsTerminal, Write};",
        "fn f() { println!(\"x\") }",
    ] {
        assert_eq!(surroundings("src/driver/mod.rs", text).len(), 1, "{text}");
        assert_eq!(surroundings("src/cli/mod.rs", text), [], "{text}");
    }
}
