//! Options of a command line as GNU's tools read them: bundled, long and abbreviated, before and after operands.
//!
//! Knows the texts that a wrong option is answered with. Does not know what any option means.

use crate::stream::complain;

/// Bytes of an argument, a line or a file.
pub type Bytes = Vec<u8>;

/// What a tool takes.
pub struct Spec {
    pub name: &'static str,
    /// What follows the name in its usage.
    pub usage: &'static str,
    /// Options with white space between them: `n,lines=` takes a value, `color?` may, `r` and `z,zero-terminated`
    /// take none; `#` stands for digits (`-5`).
    pub options: &'static str,
    /// The exit code for a wrong command line.
    pub wrong: i32,
    /// Whether options may follow operands.
    pub mixed: bool,
}

/// What was given. An option is named by its long name, or its letter where it has no other.
#[derive(Default)]
pub struct Parsed {
    pub options: Vec<(&'static str, Bytes)>,
    pub operands: Vec<Bytes>,
}

impl Parsed {
    /// Whether an option was given.
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| *given == name)
    }

    /// The last value given to an option.
    pub fn last(&self, name: &str) -> Option<&[u8]> {
        self.options.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| value.as_slice())
    }

    /// The operands, or `-` where there are none.
    pub fn files(&self) -> Vec<Bytes> {
        if self.operands.is_empty() { vec![b"-".to_vec()] } else { self.operands.clone() }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Value {
    None,
    Optional,
    Required,
}

#[derive(Clone, Copy)]
struct Known {
    letter: Option<u8>,
    long: Option<&'static str>,
    value: Value,
}

impl Known {
    fn name(self) -> &'static str {
        self.long.unwrap_or("")
    }
}

fn known(options: &'static str) -> Vec<(Known, &'static str)> {
    let one = |text: &'static str| {
        let (text, value) = match text.as_bytes().last() {
            Some(b'=') => (&text[..text.len() - 1], Value::Required),
            Some(b'?') => (&text[..text.len() - 1], Value::Optional),
            _ => (text, Value::None),
        };
        let (letter, long) = match text.split_once(',') {
            Some((letter, long)) => (letter.bytes().next(), Some(long)),
            None if text.len() == 1 => (text.bytes().next(), None),
            None => (None, Some(text)),
        };
        (Known { letter, long, value }, long.unwrap_or(text))
    };
    options.split_ascii_whitespace().map(one).collect()
}

impl Spec {
    /// Says what is wrong and how to get help; gives the exit code.
    pub fn wrong(&self, text: &str) -> i32 {
        if !text.is_empty() {
            complain(self.name, text);
        }
        if self.name == "grep" {
            eprintln!("Usage: {} {}", self.name, self.usage);
        }
        let prefix =
            if ["diff", "cmp", "patch"].contains(&self.name) { format!("{}: ", self.name) } else { String::new() };
        eprintln!("{prefix}Try '{} --help' for more information.", self.name);
        self.wrong
    }

    /// Reads the arguments, the first of which is the tool's name. An error is an exit code, all said.
    pub fn parse(&self, args: &[Bytes]) -> Result<Parsed, i32> {
        let known = known(self.options);
        let mut parsed = Parsed::default();
        let mut rest = args.iter().skip(1);
        while let Some(arg) = rest.next() {
            if arg == b"--" {
                parsed.operands.extend(rest.by_ref().cloned());
            } else if let Some(long) = arg.strip_prefix(b"--") {
                self.long(&known, long, &mut rest, &mut parsed)?;
            } else if arg.len() > 1 && arg[0] == b'-' {
                self.letters(&known, &arg[1..], &mut rest, &mut parsed)?;
            } else {
                parsed.operands.push(arg.clone());
                if !self.mixed {
                    parsed.operands.extend(rest.by_ref().cloned());
                }
            }
        }
        Ok(parsed)
    }

    fn long<'a>(
        &self,
        known: &[(Known, &'static str)],
        text: &[u8],
        rest: &mut impl Iterator<Item = &'a Bytes>,
        parsed: &mut Parsed,
    ) -> Result<(), i32> {
        let (name, value) = match memchr::memchr(b'=', text) {
            Some(at) => (&text[..at], Some(text[at + 1..].to_vec())),
            None => (text, None),
        };
        let shown = String::from_utf8_lossy(name).into_owned();
        let exact = known.iter().find(|(known, _)| known.long.is_some_and(|long| long.as_bytes() == name));
        let begun: Vec<_> = known
            .iter()
            .filter(|(known, _)| known.long.is_some_and(|long| long.as_bytes().starts_with(name)))
            .collect();
        let (found, key) = match (exact, begun.as_slice()) {
            (Some(found), _) => *found,
            (None, [found]) => **found,
            (None, []) if name == b"help" => return Err(self.help()),
            (None, []) if name == b"version" => return Err(self.version()),
            (None, []) => return Err(self.wrong(&format!("unrecognized option '--{shown}'"))),
            (None, several) => {
                let names: Vec<_> = several.iter().map(|(known, _)| format!("'--{}'", known.name())).collect();
                return Err(self.wrong(&format!("option '--{shown}' is ambiguous; possibilities: {}", names.join(" "))));
            }
        };
        let long = found.name();
        let value = match (found.value, value) {
            (Value::None, Some(_)) => return Err(self.wrong(&format!("option '--{long}' doesn't allow an argument"))),
            (Value::Required, None) => match rest.next() {
                Some(value) => value.clone(),
                None => return Err(self.wrong(&format!("option '--{long}' requires an argument"))),
            },
            (_, value) => value.unwrap_or_default(),
        };
        parsed.options.push((key, value));
        Ok(())
    }

    fn letters<'a>(
        &self,
        known: &[(Known, &'static str)],
        letters: &[u8],
        rest: &mut impl Iterator<Item = &'a Bytes>,
        parsed: &mut Parsed,
    ) -> Result<(), i32> {
        let mut at = 0;
        while at < letters.len() {
            let letter = letters[at];
            let shown = letter as char;
            at += 1;
            if letter.is_ascii_digit() && known.iter().any(|(known, _)| known.letter == Some(b'#')) {
                let end =
                    letters[at..].iter().position(|byte| !byte.is_ascii_digit()).map_or(letters.len(), |n| at + n);
                parsed.options.push(("#", letters[at - 1..end].to_vec()));
                at = end;
                continue;
            }
            let Some((found, key)) = known.iter().find(|(known, _)| known.letter == Some(letter) && letter != b'#')
            else {
                return Err(self.wrong(&format!("invalid option -- '{shown}'")));
            };
            let value = match found.value {
                Value::None => Bytes::new(),
                _ if at < letters.len() => letters[std::mem::replace(&mut at, letters.len())..].to_vec(),
                Value::Optional => Bytes::new(),
                Value::Required => match rest.next() {
                    Some(value) => value.clone(),
                    None => return Err(self.wrong(&format!("option requires an argument -- '{shown}'"))),
                },
            };
            parsed.options.push((key, value));
        }
        Ok(())
    }

    fn help(&self) -> i32 {
        println!("Usage: {} {}", self.name, self.usage);
        println!("Options:");
        for (known, _) in known(self.options) {
            let letter = known.letter.map(|letter| format!("-{}", if letter == b'#' { 'N' } else { letter as char }));
            let long = known.long.map(|long| match known.value {
                Value::None => format!("--{long}"),
                Value::Optional => format!("--{long}[=VALUE]"),
                Value::Required => format!("--{long}=VALUE"),
            });
            let value = if long.is_none() && known.value != Value::None { " VALUE" } else { "" };
            let both = [letter, long].into_iter().flatten().collect::<Vec<_>>().join(", ");
            println!("  {both}{value}");
        }
        0
    }

    fn version(&self) -> i32 {
        println!("{} (Stepwell userland) {}", self.name, env!("CARGO_PKG_VERSION"));
        0
    }
}
