//! `echo`, `yes`, `true`, `false`, `sleep`, `factor`, `clear`, `reset`: what needs few words.
//!
//! Knows GNU's forms of each; what is for terminals is refused.

use crate::options::Table;
use crate::outcome::{Failed, Outcome, output, quoted};
use std::ffi::OsString;
use std::io::Write;
use std::time::Duration;

pub fn echo(arguments: Vec<OsString>) -> Outcome {
    let mut words = &arguments[1..];
    let (mut newline, mut escapes) = (true, false);
    while let Some(word) = words.first() {
        let text = word.as_encoded_bytes();
        if text.len() < 2 || text[0] != b'-' || !text[1..].iter().all(|byte| b"neE".contains(byte)) {
            break;
        }
        for byte in &text[1..] {
            match byte {
                b'n' => newline = false,
                other => escapes = *other == b'e',
            }
        }
        words = &words[1..];
    }
    let mut out = output();
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            out.write_all(b" ")?;
        }
        if escapes {
            let (bytes, stop) = crate::printf::unescaped(word.as_encoded_bytes(), true);
            out.write_all(&bytes)?;
            if stop {
                out.flush()?;
                return Ok(0);
            }
        } else {
            out.write_all(word.as_encoded_bytes())?;
        }
    }
    if newline {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(0)
}

pub fn yes(arguments: Vec<OsString>) -> Outcome {
    let words: Vec<&[u8]> = arguments[1..].iter().map(|word| word.as_encoded_bytes()).collect();
    let mut line = if words.is_empty() { b"y".to_vec() } else { words.join(&b' ') };
    line.push(b'\n');
    let many = line.repeat((16 * 1024 / line.len()).max(1));
    let mut out = output();
    loop {
        out.write_all(&many)?;
    }
}

pub fn always_true(_arguments: Vec<OsString>) -> Outcome {
    Ok(0)
}

pub fn always_false(_arguments: Vec<OsString>) -> Outcome {
    Ok(1)
}

const SLEEP: Table = Table::new("sleep", &[]);

/// `1.5`, `2s`, `3m`, `1h`, `1d`, `infinity`.
pub fn duration(text: &str) -> Option<Duration> {
    if matches!(text, "infinity" | "inf") {
        return Some(Duration::MAX);
    }
    let (digits, unit) = match text.chars().last()? {
        's' => (&text[..text.len() - 1], 1.0),
        'm' => (&text[..text.len() - 1], 60.0),
        'h' => (&text[..text.len() - 1], 3600.0),
        'd' => (&text[..text.len() - 1], 86_400.0),
        _ => (text, 1.0),
    };
    if !digits.starts_with(|one: char| one.is_ascii_digit() || one == '.' || one == '+') {
        return None;
    }
    Duration::try_from_secs_f64(digits.parse::<f64>().ok()? * unit).ok()
}

pub fn sleep(arguments: Vec<OsString>) -> Outcome {
    let given = SLEEP.read(arguments)?;
    if given.operands.is_empty() {
        return Err(crate::options::missing(&SLEEP));
    }
    let mut whole = Duration::ZERO;
    for text in &given.operands {
        let one = duration(&text.to_string_lossy())
            .ok_or_else(|| SLEEP.misused(format!("invalid time interval {}", quoted(text))))?;
        whole = whole.saturating_add(one);
    }
    std::thread::sleep(whole);
    Ok(0)
}

const FACTOR: Table = Table::new("factor", &["h,exponents"]);

pub fn factor(arguments: Vec<OsString>) -> Outcome {
    let given = FACTOR.read(arguments)?;
    let mut out = output();
    let mut code = 0;
    let mut words: Vec<String> = given.operands.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if words.is_empty() {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut std::io::stdin(), &mut text)?;
        words = text.split_whitespace().map(ToOwned::to_owned).collect();
    }
    for word in words {
        let Ok(number) = word.trim_start_matches('+').parse::<u64>() else {
            let what = if word.bytes().all(|byte| byte.is_ascii_digit()) {
                " is too large"
            } else {
                " is not a valid positive integer"
            };
            crate::outcome::say("factor", &format!("{}{what}", quoted(&word)));
            code = 1;
            continue;
        };
        write!(out, "{number}:")?;
        let mut factors = Vec::new();
        prime_factors(number, &mut factors);
        factors.sort_unstable();
        if given.has("exponents") {
            for group in factors.chunk_by(|one, other| one == other) {
                match group.len() {
                    1 => write!(out, " {}", group[0])?,
                    count => write!(out, " {}^{count}", group[0])?,
                }
            }
        } else {
            for factor in factors {
                write!(out, " {factor}")?;
            }
        }
        writeln!(out)?;
    }
    out.flush()?;
    Ok(code)
}

fn power(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let mut answer = 1;
    base %= modulus;
    while exponent > 0 {
        if exponent & 1 == 1 {
            answer = times(answer, base, modulus);
        }
        base = times(base, base, modulus);
        exponent >>= 1;
    }
    answer
}

fn times(one: u64, other: u64, modulus: u64) -> u64 {
    (u128::from(one) * u128::from(other) % u128::from(modulus)) as u64
}

/// Miller and Rabin's test with bases that decide it for 64 bits.
fn is_prime(number: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if number < 2 {
        return false;
    }
    for base in BASES {
        if number.is_multiple_of(base) {
            return number == base;
        }
    }
    let twos = (number - 1).trailing_zeros();
    let odd = (number - 1) >> twos;
    BASES.iter().all(|base| {
        let mut value = power(*base, odd, number);
        if value == 1 || value == number - 1 {
            return true;
        }
        (1..twos).any(|_| {
            value = times(value, value, number);
            value == number - 1
        })
    })
}

/// Small factors by trial, the others by Pollard's walk.
fn prime_factors(mut number: u64, factors: &mut Vec<u64>) {
    for small in 2..1000 {
        while number.is_multiple_of(small) && number > 1 {
            factors.push(small);
            number /= small;
        }
    }
    split(number, factors);
}

fn split(number: u64, factors: &mut Vec<u64>) {
    if number < 2 {
        return;
    }
    if is_prime(number) {
        factors.push(number);
        return;
    }
    for offset in 1.. {
        let step = |value: u64| ((u128::from(times(value, value, number)) + offset) % u128::from(number)) as u64;
        let (mut slow, mut fast, mut found) = (2, 2, 1);
        while found == 1 {
            slow = step(slow);
            fast = step(step(fast));
            found = divisor(slow.abs_diff(fast), number);
        }
        if found != number {
            split(found, factors);
            split(number / found, factors);
            return;
        }
    }
}

fn divisor(mut one: u64, mut other: u64) -> u64 {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}

pub fn no_terminal(_arguments: Vec<OsString>) -> Outcome {
    Err(Failed::from("there is no terminal here"))
}
