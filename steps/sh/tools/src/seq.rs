//! `seq`: numbers in a row.
//!
//! Counts with decimals of any length, so that no digit is lost. Knows GNU's forms; infinite ones it counts as floating
//! point does.

use crate::options::Table;
use crate::outcome::{Failed, Outcome, output, quoted};
use num_bigint::{BigInt, Sign};
use std::ffi::OsString;
use std::io::Write;

const SEQ: Table = Table::new("seq", &["f,format=", "s,separator=", "w,equal-width"]).in_order();

/// No number of a script has more digits, or an exponent that makes as many.
const LONGEST: usize = 4096;

/// A decimal: its digits as a whole number, and how many of them stand behind the point.
struct Decimal {
    digits: BigInt,
    places: usize,
    /// How many signs stand before the point, as it was written.
    width: usize,
}

impl Decimal {
    /// Reads one; none where it is infinite, hexadecimal, or no number at all.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim_start().trim_start_matches('+');
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let bare = whole.strip_prefix('-').unwrap_or(whole);
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let length = bare.len() + part.len() + exponent.unsigned_abs() as usize;
        if bare.len() + part.len() == 0 || !is_digits(bare) || !is_digits(part) || length > LONGEST {
            return None;
        }
        let mut digits: BigInt = format!("{bare}{part}").parse().ok()?;
        if whole.starts_with('-') {
            digits = -digits;
        }
        let places = i32::try_from(part.len()).ok()? - exponent;
        let shift = u32::try_from(-places).unwrap_or(0);
        let digits = digits * BigInt::from(10).pow(shift);
        let places = usize::try_from(places).unwrap_or(0);
        let width = match exponent {
            0 if bare.is_empty() => whole.len() + 1,
            0 => whole.len(),
            _ => shown(&digits, places).split('.').next().map_or(0, str::len),
        };
        Some(Self { digits, places, width })
    }

    /// As a whole number of so many decimal places.
    fn scaled(&self, places: usize) -> BigInt {
        &self.digits * BigInt::from(10).pow((places - self.places) as u32)
    }
}

/// A whole number with so many of its digits behind the point.
fn shown(digits: &BigInt, places: usize) -> String {
    let text = digits.magnitude().to_string();
    let text = format!("{text:0>width$}", width = places + 1);
    let (whole, part) = text.split_at(text.len() - places);
    let sign = if digits.sign() == Sign::Minus { "-" } else { "" };
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// With zeros behind the sign.
fn padded(text: &str, width: usize) -> String {
    let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
    let width = width.saturating_sub(sign.len());
    format!("{sign}{digits:0>width$}")
}

/// What is printed, one after another.
struct Row<W: Write> {
    out: W,
    separator: String,
    begun: bool,
}

impl<W: Write> Row<W> {
    fn put(&mut self, text: &[u8]) -> Outcome<()> {
        if self.begun {
            self.out.write_all(self.separator.as_bytes())?;
        }
        self.begun = true;
        Ok(self.out.write_all(text)?)
    }

    fn end(mut self) -> Outcome {
        if self.begun {
            self.out.write_all(b"\n")?;
        }
        self.out.flush()?;
        Ok(0)
    }
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let (options, mut numbers) = without_numbers(arguments);
    let given = SEQ.read(options)?;
    numbers.splice(0..0, given.operands.iter().cloned());
    let texts: Vec<String> = numbers.iter().map(|text| text.to_string_lossy().into_owned()).collect();
    let (first, step, last) = match texts.as_slice() {
        [] => return Err(crate::options::missing(&SEQ)),
        [last] => ("1", "1", last.as_str()),
        [first, last] => (first.as_str(), "1", last.as_str()),
        [first, step, last] => (first.as_str(), step.as_str(), last.as_str()),
        [_, _, _, more, ..] => return Err(SEQ.misused(format!("extra operand {}", quoted(more)))),
    };
    let (from, by, to) = (number(first)?, number(step)?, number(last)?);
    if by == 0.0 {
        return Err(SEQ.misused(format!("invalid Zero increment value: {}", quoted(step))));
    }
    let format = given.text("format");
    if format.is_some() && given.has("equal-width") {
        return Err(SEQ.misused("format string may not be specified when printing equal width strings"));
    }
    let separator = given.text("separator").unwrap_or_else(|| "\n".to_owned());
    let mut row = Row { out: output(), separator, begun: false };
    let (first, step, end) = (Decimal::read(first), Decimal::read(step), Decimal::read(last));
    let (Some(first), Some(step)) = (first, step) else { return floating(row, from, by, to, format.as_deref()) };
    if end.is_none() && !to.is_infinite() {
        return floating(row, from, by, to, format.as_deref());
    }
    exact(&mut row, [first, step], end, to > 0.0, given.has("equal-width"), format.as_deref())?;
    row.end()
}

/// Counts decimals, without an end in the direction of what is infinite.
fn exact<W: Write>(
    row: &mut Row<W>,
    [first, step]: [Decimal; 2],
    end: Option<Decimal>,
    infinite: bool,
    equal: bool,
    format: Option<&str>,
) -> Outcome<()> {
    let places = first.places.max(step.places);
    let common = places.max(end.as_ref().map_or(0, |end| end.places));
    let width = match &end {
        Some(end) if equal => first.width.max(end.width) + if places > 0 { places + 1 } else { 0 },
        _ => 0,
    };
    let (mut value, step) = (first.scaled(common), step.scaled(common));
    let end = end.map(|end| end.scaled(common));
    let surplus = BigInt::from(10).pow((common - places) as u32);
    let upwards = step.sign() == Sign::Plus;
    let small = |number: &BigInt| i64::try_from(number).ok();
    if common == 0
        && format.is_none()
        && let (Some(first), Some(step), Some(end)) = (small(&value), small(&step), end.as_ref().and_then(small))
    {
        return short(row, first, step, end, width);
    }
    loop {
        let over = match &end {
            Some(end) => {
                if upwards {
                    value > *end
                } else {
                    value < *end
                }
            }
            None => upwards != infinite,
        };
        if over {
            return Ok(());
        }
        let text = shown(&(&value / &surplus), places);
        match &format {
            Some(format) => {
                let value = text.parse().unwrap_or(f64::NAN);
                row.put(&crate::printf::one_number(format, value).map_err(Failed::from)?)?;
            }
            None => row.put(padded(&text, width).as_bytes())?,
        }
        value += &step;
    }
}

/// Whole numbers of usual size, which are most.
fn short<W: Write>(row: &mut Row<W>, first: i64, step: i64, end: i64, width: usize) -> Outcome<()> {
    let mut value = first;
    while if step > 0 { value <= end } else { value >= end } {
        if row.begun {
            row.out.write_all(row.separator.as_bytes())?;
        }
        row.begun = true;
        write!(row.out, "{value:0width$}")?;
        let Some(next) = value.checked_add(step) else { break };
        value = next;
    }
    Ok(())
}

/// Numbers that are no decimals.
fn floating<W: Write>(mut row: Row<W>, from: f64, by: f64, to: f64, format: Option<&str>) -> Outcome {
    let mut count = 0u64;
    loop {
        let value = from + by * count as f64;
        if by > 0.0 && value > to || by < 0.0 && value < to {
            return row.end();
        }
        match format {
            Some(format) => row.put(&crate::printf::one_number(format, value).map_err(Failed::from)?)?,
            None if value.is_infinite() => row.put(if value > 0.0 { b"inf" } else { b"-inf" })?,
            None => row.put(value.to_string().as_bytes())?,
        }
        count += 1;
    }
}

fn number(text: &str) -> Outcome<f64> {
    let value = text.trim_start_matches('+').parse::<f64>().ok().filter(|value| !value.is_nan());
    value.ok_or_else(|| SEQ.misused(format!("invalid floating point argument: {}", quoted(text))))
}

/// Negative numbers are no options.
fn without_numbers(arguments: Vec<OsString>) -> (Vec<OsString>, Vec<OsString>) {
    let is_number = |text: &OsString| {
        let text = text.to_string_lossy();
        text.starts_with('-') && text[1..].starts_with(|one: char| one.is_ascii_digit() || one == '.')
    };
    let mut takes_value = false;
    let at = arguments.iter().position(|argument| {
        let found = !takes_value && is_number(argument);
        takes_value = argument == "-s" || argument == "-f" || argument == "--separator" || argument == "--format";
        found
    });
    match at {
        Some(at) => {
            let mut options = arguments;
            let numbers = options.split_off(at);
            (options, numbers)
        }
        None => (arguments, Vec::new()),
    }
}
