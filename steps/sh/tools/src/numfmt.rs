//! `numfmt`: numbers as people write them, and back.
//!
//! Knows the scales of thousands and of 1024. Numbers are as exact as floating point has them, and those that no scale
//! changes as they were written. There are no groups of digits, as under `LC_ALL=C`.

use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, bytes, output, quoted, say};
use std::ffi::OsString;
use std::io::{self, BufRead, Write};

const TABLE: Table = Table::new(
    "numfmt",
    &[
        "debug",
        "d,delimiter=",
        "field=",
        "format=",
        "from=",
        "from-unit=",
        "grouping",
        "header=?",
        "invalid=",
        "padding=",
        "round=",
        "suffix=",
        "to=",
        "to-unit=",
        "z,zero-terminated",
    ],
);

const POWERS: &str = "KMGTPEZY";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    None,
    Auto,
    Si,
    Iec,
    IecI,
}

/// How numbers are read and written.
struct Format {
    from: Scale,
    to: Scale,
    from_unit: f64,
    to_unit: f64,
    round: String,
    suffix: String,
    padding: i64,
    zeros: bool,
    precision: Option<usize>,
    /// What stands before and behind each number.
    around: (String, String),
    delimiter: Option<u8>,
    fields: Vec<(usize, usize)>,
    invalid: String,
}

fn scale(text: Option<String>, to: bool) -> Outcome<Scale> {
    Ok(match text.as_deref() {
        None | Some("none") => Scale::None,
        Some("auto") if !to => Scale::Auto,
        Some("si") => Scale::Si,
        Some("iec") => Scale::Iec,
        Some("iec-i") => Scale::IecI,
        Some(other) => {
            let option = if to { "--to" } else { "--from" };
            let valid = if to { "" } else { "\n  - 'auto'" };
            return Err(TABLE.misused(format!(
                "invalid argument {} for '{option}'\nValid arguments are:\n  - 'none'{valid}\n  - 'si'\n  - 'iec'\n  - 'iec-i'",
                quoted(other)
            )));
        }
    })
}

impl Format {
    fn of(given: &Given) -> Outcome<Self> {
        let unit = |key| match given.text(key) {
            None => Ok(1.0),
            Some(text) => match unit(&text) {
                Some(unit) => Ok(unit),
                None => Err(Failed::from(format!("invalid unit size: {}", quoted(&text)))),
            },
        };
        let mut format = Self {
            from: scale(given.text("from"), false)?,
            to: scale(given.text("to"), true)?,
            from_unit: unit("from-unit")?,
            to_unit: unit("to-unit")?,
            round: given.text("round").unwrap_or_else(|| "from-zero".to_owned()),
            suffix: given.text("suffix").unwrap_or_default(),
            padding: 0,
            zeros: false,
            precision: None,
            around: Default::default(),
            delimiter: given.value("delimiter").and_then(|text| bytes(text).first().copied()),
            fields: fields(&given.text("field").unwrap_or_else(|| "1".to_owned()))?,
            invalid: given.text("invalid").unwrap_or_else(|| "abort".to_owned()),
        };
        if let Some(text) = given.text("padding") {
            let padding = text.parse::<i64>().ok().filter(|padding| *padding != 0);
            format.padding = padding.ok_or_else(|| Failed::from(format!("invalid padding value {}", quoted(&text))))?;
        }
        if let Some(text) = given.text("format") {
            format.take_pattern(&text)?;
        }
        Ok(format)
    }

    /// `before%0'-10.3fbehind`
    fn take_pattern(&mut self, text: &str) -> Outcome<()> {
        let none = || Failed::from(format!("format {} has no % directive", quoted(text)));
        let at = text.find('%').ok_or_else(none)?;
        let rest = text[at + 1..].trim_start_matches(['\'', ' ']);
        let zeros = rest.trim_start_matches(['0', '\'']);
        self.zeros = zeros.len() < rest.len();
        let digits = |text: &str, skip: usize| {
            text[skip..].find(|one: char| !one.is_ascii_digit()).map_or(text.len(), |end| end + skip)
        };
        let end = digits(zeros, usize::from(zeros.starts_with('-')));
        if let Ok(width) = zeros[..end].parse::<i64>() {
            self.padding = width;
        }
        let mut rest = &zeros[end..];
        if let Some(after) = rest.strip_prefix('.') {
            let end = digits(after, 0);
            self.precision = Some(after[..end].parse().unwrap_or(0));
            rest = &after[end..];
        }
        let Some(behind) = rest.strip_prefix('f') else {
            return Err(Failed::from(format!(
                "invalid format {}, directive must be %[0]['][-][N][.][N]f",
                quoted(text)
            )));
        };
        if behind.replace("%%", "").contains('%') {
            return Err(Failed::from(format!("format {} has too many % directives", quoted(text))));
        }
        self.around = (text[..at].to_owned(), behind.replace("%%", "%"));
        Ok(())
    }

    fn rounded(&self, value: f64) -> f64 {
        match self.round.as_str() {
            "up" => value.ceil(),
            "down" => value.floor(),
            "towards-zero" => value.trunc(),
            "nearest" => value.round(),
            _ if value < 0.0 => value.floor(),
            _ => value.ceil(),
        }
    }

    /// A number as it is written, without padding.
    fn number(&self, value: f64, digits: usize, text: &str) -> String {
        if self.to == Scale::None {
            let places = self.precision.unwrap_or(digits);
            let same = self.from == Scale::None && self.from_unit == 1.0 && self.to_unit == 1.0;
            if same && places == digits {
                return text.to_owned();
            }
            let power = 10f64.powi(i32::try_from(places).unwrap_or(0));
            return format!("{:.places$}", self.rounded(value * power) / power);
        }
        let base = if self.to == Scale::Si { 1000.0 } else { 1024.0 };
        let (mut value, mut power) = (value, 0);
        while value.abs() >= base && power < POWERS.len() {
            value /= base;
            power += 1;
        }
        let places = match self.precision {
            Some(places) => places.min(power * 3),
            None => usize::from(value.abs() < 10.0),
        };
        let shift = 10f64.powi(i32::try_from(places).unwrap_or(0));
        value = self.rounded(value * shift) / shift;
        if value.abs() >= base {
            value /= base;
            power += 1;
        }
        let decimal = value != 0.0 && value.abs() < 10.0 && power > 0;
        let places = self.precision.unwrap_or(usize::from(decimal));
        let letter = power.checked_sub(1).and_then(|at| POWERS.get(at..=at)).unwrap_or("");
        let binary = if self.to == Scale::IecI && power > 0 { "i" } else { "" };
        format!("{value:.places$}{letter}{binary}")
    }

    /// One field; the error is what is wrong with it.
    fn field(&self, field: &str, at: usize) -> Result<String, String> {
        let bare = field.trim_start();
        let text = bare.strip_suffix(&self.suffix).unwrap_or(bare);
        let (value, digits, plain) = read(text, self.from)?;
        let value = value * self.from_unit / self.to_unit;
        let number = self.number(value, digits, plain) + &self.suffix;
        let automatic = self.padding == 0 && self.delimiter.is_none() && (bare.len() < field.len() || at > 1);
        let width = if automatic { field.len() as i64 } else { self.padding };
        let wide = usize::try_from(width.unsigned_abs()).unwrap_or(0);
        let number = match (width < 0, self.zeros && !automatic) {
            (true, _) => format!("{number:<wide$}"),
            (_, true) => {
                let (sign, digits) = number.split_at(usize::from(number.starts_with('-')));
                format!("{sign}{}{digits}", "0".repeat(wide.saturating_sub(number.len())))
            }
            _ => format!("{number:>wide$}"),
        };
        Ok(format!("{}{number}{}", self.around.0, self.around.1))
    }

    /// A line; what is wrong with its fields is told, and whether it was.
    fn line(&self, line: &str) -> Result<(String, bool), Failed> {
        let mut text = String::new();
        let mut rest = line;
        let mut failed = false;
        for at in 1.. {
            let end = match self.delimiter {
                Some(delimiter) => rest.find(char::from(delimiter)),
                None => {
                    let skipped = rest.len() - rest.trim_start().len();
                    rest[skipped..].find(char::is_whitespace).map(|end| end + skipped)
                }
            };
            let field = &rest[..end.unwrap_or(rest.len())];
            if self.fields.iter().any(|(low, high)| (*low..=*high).contains(&at)) {
                match self.field(field, at) {
                    Ok(shown) => text.push_str(&shown),
                    Err(wrong) if self.invalid == "abort" => return Err(Failed::new(2, wrong)),
                    Err(wrong) => {
                        if self.invalid != "ignore" {
                            say("numfmt", &wrong);
                        }
                        failed = true;
                        text.push_str(field);
                    }
                }
            } else {
                text.push_str(field);
            }
            let Some(end) = end else { break };
            text.push(self.delimiter.map_or(' ', char::from));
            rest = &rest[end + 1..];
        }
        Ok((text, failed))
    }
}

/// `1000`, `K`, `4Ki`
fn unit(text: &str) -> Option<f64> {
    let digits = text.find(|one: char| !one.is_ascii_digit()).unwrap_or(text.len());
    let count = if digits == 0 { 1.0 } else { text[..digits].parse().ok()? };
    let (value, ..) = read(&format!("1{}", &text[digits..]), Scale::Auto).ok()?;
    Some(count * value).filter(|unit| *unit > 0.0)
}

fn fields(text: &str) -> Outcome<Vec<(usize, usize)>> {
    let wrong = || TABLE.misused(format!("invalid field value {}", quoted(text)));
    let one = |part: &str| match part.parse::<usize>() {
        Ok(0) => Err(TABLE.misused("fields are numbered from 1")),
        Ok(number) => Ok(number),
        Err(_) => Err(wrong()),
    };
    text.split(',')
        .map(|part| match part.split_once('-') {
            None => one(part).map(|number| (number, number)),
            Some(("", "")) => Ok((1, usize::MAX)),
            Some((low, "")) => Ok((one(low)?, usize::MAX)),
            Some(("", high)) => Ok((1, one(high)?)),
            Some((low, high)) => Ok((one(low)?, one(high)?)),
        })
        .collect()
}

/// Reads a number: its value, how many digits stand behind the point, and it without a suffix.
fn read(text: &str, scale: Scale) -> Result<(f64, usize, &str), String> {
    let number = text.strip_prefix('-').unwrap_or(text);
    let sign = text.len() - number.len();
    let whole = number.find(|one: char| !one.is_ascii_digit()).unwrap_or(number.len());
    let mut end = whole;
    let mut digits = 0;
    if let Some(rest) = number[whole..].strip_prefix('.') {
        digits = rest.find(|one: char| !one.is_ascii_digit()).unwrap_or(rest.len());
        if digits == 0 {
            return Err(format!("invalid number: {}", quoted(text)));
        }
        end = whole + 1 + digits;
    }
    let plain = &text[..sign + end];
    let value: f64 = plain.parse().map_err(|_| format!("invalid number: {}", quoted(text)))?;
    let suffix = number[end..].trim_start();
    let Some(letter) = suffix.chars().next() else { return Ok((value, digits, plain)) };
    let Some(power) = POWERS.find(letter).filter(|_| letter.is_ascii()) else {
        return Err(format!("invalid suffix in input: {}", quoted(text)));
    };
    if scale == Scale::None {
        return Err(format!("rejecting suffix in input: {} (consider using --from)", quoted(text)));
    }
    let rest = &suffix[1..];
    let binary = rest.starts_with('i');
    let base: f64 = match scale {
        Scale::Auto if binary => 1024.0,
        Scale::Auto | Scale::Si => 1000.0,
        Scale::IecI if !binary => {
            return Err(format!("missing 'i' suffix in input: {} (e.g Ki/Mi/Gi)", quoted(text)));
        }
        _ => 1024.0,
    };
    let rest = if binary && matches!(scale, Scale::Auto | Scale::IecI) { &rest[1..] } else { rest };
    if !rest.is_empty() {
        return Err(format!("invalid suffix in input {}: {}", quoted(text), quoted(rest)));
    }
    Ok((value * base.powi(i32::try_from(power).unwrap_or(0) + 1), 0, plain))
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let given = TABLE.read(arguments)?;
    let format = Format::of(&given)?;
    let end = if given.has("zero-terminated") { 0 } else { b'\n' };
    let mut out = output();
    let mut failed = false;
    let mut put = |line: &str, end: &[u8]| -> Outcome<()> {
        match format.line(line) {
            Ok((text, wrong)) => {
                failed |= wrong;
                out.write_all(text.as_bytes())?;
                Ok(out.write_all(end)?)
            }
            Err(stop) => {
                out.flush()?;
                Err(stop)
            }
        }
    };
    if given.operands.is_empty() {
        let mut header = match given.text("header") {
            Some(text) => text.parse().map_err(|_| Failed::from(format!("invalid header value {}", quoted(&text))))?,
            None => u64::from(given.has("header")),
        };
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        while input.read_until(end, &mut line)? > 0 {
            let ended = line.last() == Some(&end);
            let text = String::from_utf8_lossy(&line[..line.len() - usize::from(ended)]).into_owned();
            if header > 0 {
                header -= 1;
                io::stdout().flush()?;
                crate::outcome::line(format_args!("{text}"));
            } else {
                put(&text, if ended { std::slice::from_ref(&end) } else { b"" })?;
            }
            line.clear();
        }
    } else {
        for operand in &given.operands {
            put(&operand.to_string_lossy(), &[end])?;
        }
    }
    out.flush()?;
    Ok(if failed && given.text("invalid").as_deref() == Some("fail") { 2 } else { 0 })
}
