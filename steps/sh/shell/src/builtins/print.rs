//! `echo` and `printf`.
//!
//! The conversions of numbers with a point are in `print/float.rs`, those of times in `print/time.rs`; what the pieces
//! of a format are, in `print/format.rs`.

mod float;
mod format;

use crate::bytes;
use crate::expand::escapes::{self, Kind};
use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::vars::Text;
use float::Float;
use format::{Directive, Piece, Reader};

/// `echo`
pub fn echo(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let xpg = shell.state.shopts.xpg_echo;
    let (mut newline, mut expand) = (true, xpg);
    let mut words = words.get(1..).unwrap_or_default();
    if !(xpg && shell.state.options.posix) {
        while let [first, rest @ ..] = words
            && let Some(letters) = first.strip_prefix('-')
            && !letters.is_empty()
            && letters.bytes().all(|letter| matches!(letter, b'n' | b'e' | b'E'))
        {
            for letter in letters.bytes() {
                match letter {
                    b'n' => newline = false,
                    letter => expand = letter == b'e',
                }
            }
            words = rest;
        }
    }
    let mut text = words.join(" ");
    if expand && text.contains('\\') {
        let (bytes, ended) = escapes::expand(&text, Kind::Echo, is_ascii(shell));
        text = bytes::decode_owned(bytes);
        newline &= !ended;
    }
    if newline {
        text.push('\n');
    }
    shell.put_out("echo", &text)
}

/// Whether the script asked for a locale that has no letters but ASCII's.
fn is_ascii(shell: &mut Shell) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let set = names.filter_map(|name| shell.var_text(name)).find(|text| !text.is_empty());
    set.is_some_and(|text| matches!(&*text, "C" | "POSIX"))
}

/// What a run of `printf` has come to.
struct Printer<'a> {
    words: &'a [Text],
    /// The next argument.
    at: usize,
    out: Vec<u8>,
    status: i32,
    /// How many bytes were written already, as errors are said behind the lines before them.
    written: usize,
    to_variable: bool,
}

/// `printf`
pub fn printf(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "v:") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let place = given.value('v');
    if let Some(place) = &place
        && super::read::split_place(place).is_none()
    {
        shell.complain(&format!("printf: `{place}': not a valid identifier"));
        return Ok(2);
    }
    let Some(format) = words.get(given.operands) else {
        return shell.usage("printf");
    };
    let arguments = words.get(given.operands + 1..).unwrap_or_default();
    let mut printer =
        Printer { words: arguments, at: 0, out: Vec::new(), status: 0, written: 0, to_variable: place.is_some() };
    loop {
        let before = printer.at;
        if !printer.pass(shell, format)? || printer.at >= arguments.len() || printer.at == before {
            break;
        }
    }
    let status = printer.status;
    match place {
        Some(place) => {
            let end = printer.out.iter().position(|byte| *byte == 0).unwrap_or(printer.out.len());
            printer.out.truncate(end);
            match shell.assign_place(&place, &bytes::decode_owned(printer.out)) {
                Ok(()) => Ok(status),
                // It is read-only, which was said.
                Err(Flow::Discard(status)) => Ok(status),
                Err(flow) => Err(flow),
            }
        }
        None => Ok(shell.put_out("printf", &bytes::decode_owned(printer.out))?.max(status)),
    }
}

impl Printer<'_> {
    fn next(&mut self) -> Option<Text> {
        let word = self.words.get(self.at).cloned();
        self.at += usize::from(word.is_some());
        word
    }

    /// Says what is wrong, behind the lines that come before it.
    fn complain(&mut self, shell: &mut Shell, message: &str) {
        if !self.to_variable
            && let Some(end) = self.out.iter().rposition(|byte| *byte == b'\n')
        {
            // Where it cannot be written, neither can the rest, and that is said.
            let _ = shell.write(1, &bytes::decode(&self.out[..=end]));
            self.out.drain(..=end);
            self.written += end + 1;
        }
        shell.complain(&format!("printf: {message}"));
    }

    /// The format once; whether output goes on.
    fn pass(&mut self, shell: &mut Shell, format: &str) -> Ran<bool> {
        let mut reader = Reader::new(format);
        while let Some(piece) = reader.next() {
            match piece {
                Piece::Text(text) => self.out.extend(escapes::expand(text, Kind::Format, is_ascii(shell)).0),
                Piece::Percent => self.out.push(b'%'),
                Piece::Missing(text) => {
                    self.complain(shell, &format!("`{text}': missing format character"));
                    self.status = 1;
                    return Ok(false);
                }
                Piece::Invalid(char) => {
                    self.complain(shell, &format!("`{char}': invalid format character"));
                    self.status = 1;
                    return Ok(false);
                }
                Piece::Directive(directive) => {
                    if !self.directive(shell, directive)? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    fn directive(&mut self, shell: &mut Shell, mut directive: Directive<'_>) -> Ran<bool> {
        if directive.width_argument {
            let width = self.integer(shell);
            directive.left |= width < 0;
            directive.width = usize::try_from(width.unsigned_abs()).unwrap_or(0).min(format::WIDEST);
        }
        if directive.precision_argument {
            let precision = self.integer(shell);
            directive.precision = usize::try_from(precision).ok().map(|precision| precision.min(format::WIDEST));
        }
        match directive.conversion {
            'c' => {
                let word = self.next().unwrap_or_else(|| "".into());
                let byte = bytes::encode(&word).first().copied().unwrap_or(0);
                directive.pad(&mut self.out, &[byte]);
            }
            's' => {
                let word = self.next().unwrap_or_else(|| "".into());
                directive.text(&mut self.out, &bytes::encode(&word));
            }
            'b' => {
                let word = self.next().unwrap_or_else(|| "".into());
                let (bytes, ended) = escapes::expand(&word, Kind::Argument, is_ascii(shell));
                directive.text(&mut self.out, &bytes);
                return Ok(!ended);
            }
            'q' => {
                let word = self.next().unwrap_or_else(|| "".into());
                directive.text(&mut self.out, &bytes::encode(&escapes::quote_backslash(&word)));
            }
            'Q' => {
                // The precision counts before the quoting.
                let word = self.next().unwrap_or_else(|| "".into());
                let whole = bytes::encode(&word);
                let most = directive.precision.take().unwrap_or(whole.len()).min(whole.len());
                let word = bytes::decode(whole.get(..most).unwrap_or_default());
                directive.text(&mut self.out, &bytes::encode(&escapes::quote_backslash(&word)));
            }
            'T' => self.time(shell, &directive),
            'd' | 'i' => {
                let value = self.integer(shell);
                directive.integer(&mut self.out, value < 0, value.unsigned_abs());
            }
            'o' | 'u' | 'x' | 'X' => {
                let value = self.unsigned(shell);
                directive.integer(&mut self.out, false, value);
            }
            'n' => {
                let count = (self.written + self.out.len()).to_string();
                if let Some(name) = self.next() {
                    shell.assign_place(&name, &count)?;
                }
            }
            _ => {
                let value = self.float(shell);
                directive.float(&mut self.out, value);
            }
        }
        Ok(true)
    }

    fn time(&mut self, shell: &mut Shell, directive: &Directive<'_>) {
        let seconds = if self.at < self.words.len() { self.integer(shell) } else { -1 };
        let now =
            || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_secs() as i64);
        let seconds = match seconds {
            -1 => now(),
            -2 => shell.state.since,
            seconds => seconds,
        };
        let zone = shell.var_text("TZ");
        let format = if directive.time.is_empty() { "%X" } else { directive.time };
        directive.text(&mut self.out, &bytes::encode(&userland_calendar::strftime(format, seconds, zone.as_deref())));
    }

    /// The code of a character behind a quote.
    fn code(&self) -> Option<u32> {
        let word = self.words.get(self.at)?;
        let char = word.strip_prefix(['\'', '"'])?.chars().next();
        Some(char.map_or(0, |char| {
            let encoded = char.to_string();
            match *bytes::encode(&encoded) {
                [byte] => u32::from(byte),
                _ => char.into(),
            }
        }))
    }

    fn integer(&mut self, shell: &mut Shell) -> i64 {
        let (negative, size) = self.number(shell, i64::MAX as u64);
        match negative {
            true => 0i64.wrapping_sub_unsigned(size.min(1 << 63)),
            false => i64::try_from(size).unwrap_or(i64::MAX),
        }
    }

    fn unsigned(&mut self, shell: &mut Shell) -> u64 {
        let (negative, size) = self.number(shell, u64::MAX);
        if negative { size.wrapping_neg() } else { size }
    }

    /// The next argument as a whole number of C: whether it is negative, and its size.
    fn number(&mut self, shell: &mut Shell, most: u64) -> (bool, u64) {
        if let Some(code) = self.code() {
            self.at += 1;
            return (false, code.into());
        }
        let Some(word) = self.next() else { return (false, 0) };
        let (negative, size, length) = format::whole(&word);
        let whole = length == word.len();
        if !whole {
            self.invalid(shell, &word);
        }
        let most = if negative && most == i64::MAX as u64 { 1 << 63 } else { most };
        match size.filter(|size| *size <= most) {
            Some(size) => (negative, size),
            None => {
                if whole {
                    self.complain(shell, &format!("warning: {word}: Numerical result out of range"));
                }
                (negative && most == 1 << 63, most)
            }
        }
    }

    fn invalid(&mut self, shell: &mut Shell, word: &str) {
        let mut chars = word.chars();
        let kind = match (chars.next(), chars.next()) {
            (Some('0'), Some(second)) if second.is_ascii_digit() => "octal number",
            (Some('0'), Some('x')) => "hex number",
            _ => "number",
        };
        self.complain(shell, &format!("{word}: invalid {kind}"));
        self.status = 1;
    }

    fn float(&mut self, shell: &mut Shell) -> Float {
        let (value, _) = match self.code() {
            Some(code) => {
                self.at += 1;
                Float::read(&code.to_string())
            }
            None => {
                let word = self.next().unwrap_or_else(|| "".into());
                let read = Float::read(&word);
                if read.1 != word.len() {
                    self.invalid(shell, &word);
                }
                read
            }
        };
        value
    }
}
