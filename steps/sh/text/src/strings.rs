//! `strings`: what can be read in what can't.
//!
//! Knows text of one byte a character. Does not know formats of programs.

use crate::Exit;
use crate::number::sized;
use crate::options::{Bytes, Spec};
use crate::stream::{Out, Source, fail, file_reason, path, shown};
use std::io::{self, Read};

pub fn strings(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "strings",
        usage: "[option(s)] [file(s)]",
        options: "a,all d,data f,print-file-name n,bytes= t,radix= o w,include-all-whitespace s,output-separator= \
                  e,encoding= #",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let mut least = 4;
    let mut radix = None;
    for (name, value) in &parsed.options {
        match *name {
            "bytes" | "#" => {
                let wrong = || fail("strings", &format!("invalid minimum string length {}", shown(value)));
                least = sized(value).filter(|least| *least > 0).ok_or_else(wrong)? as usize;
            }
            "radix" => radix = value.first().copied(),
            "o" => radix = Some(b'o'),
            "encoding" if value != b"s" && value != b"S" => {
                return Err(fail("strings", &format!("encoding {} is not supported", shown(value))));
            }
            _ => {}
        }
    }
    let ask = Strings {
        least,
        radix,
        named: parsed.has("print-file-name"),
        whitespace: parsed.has("include-all-whitespace"),
        high: parsed.last("encoding") == Some(b"S"),
        end: parsed.last("output-separator").unwrap_or(b"\n").to_vec(),
    };
    let mut out = Out::standard("strings");
    let mut code = 0;
    for name in parsed.files() {
        let shown_name = if name == b"-" { "{standard input}".to_owned() } else { shown(&name) };
        let done = Source::open(&name).and_then(|source| ask.all(source, &shown_name, &mut out));
        if let Err(error) = done {
            out.flush();
            code = if error.kind() == io::ErrorKind::NotFound {
                fail("strings", &format!("'{}': No such file", shown(&name)))
            } else if path(&name).is_dir() {
                fail("strings", &format!("Warning: '{}' is a directory", shown(&name)))
            } else {
                fail("strings", &file_reason(&name, &error))
            };
        }
    }
    Ok(code)
}

struct Strings {
    least: usize,
    radix: Option<u8>,
    named: bool,
    whitespace: bool,
    high: bool,
    end: Bytes,
}

impl Strings {
    fn all(&self, mut source: Source, name: &str, out: &mut Out) -> io::Result<()> {
        let mut block = vec![0; 64 << 10];
        let (mut found, mut place) = (Bytes::new(), 0u64);
        let mut begun = false;
        loop {
            let read = source.read(&mut block)?;
            for byte in &block[..read] {
                let space = *byte == b'\t' || self.whitespace && (byte.is_ascii_whitespace() || *byte == 11);
                if (32..127).contains(byte) || space || self.high && *byte >= 128 {
                    // A long one goes out as it comes.
                    found.push(*byte);
                    if !begun && found.len() == self.least {
                        begun = true;
                        self.head(name, place + 1 - self.least as u64, out);
                    }
                    if begun {
                        out.put(&found);
                        found.clear();
                    }
                } else {
                    self.finish(&mut begun, &mut found, out);
                }
                place += 1;
            }
            if read == 0 {
                self.finish(&mut begun, &mut found, out);
                return Ok(());
            }
        }
    }

    fn finish(&self, begun: &mut bool, found: &mut Bytes, out: &mut Out) {
        if std::mem::take(begun) {
            out.put(&self.end);
        }
        found.clear();
    }

    fn head(&self, name: &str, place: u64, out: &mut Out) {
        if self.named {
            out.put(format!("{name}: ").as_bytes());
        }
        match self.radix {
            Some(b'o') => out.put(format!("{place:7o} ").as_bytes()),
            Some(b'd') => out.put(format!("{place:7} ").as_bytes()),
            Some(b'x') => out.put(format!("{place:7x} ").as_bytes()),
            _ => {}
        }
    }
}
