//! Numbers with a point as `printf` reads and writes them: with 64 bits of mantissa, as bash has them.
//!
//! It knows numbers and their texts, nothing of formats or arguments.

/// A number: `mantissa * 2^exponent`, the mantissa's highest bit set unless it is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Float {
    pub negative: bool,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Finite { mantissa: u64, exponent: i64 },
    Infinite,
    NotANumber,
}

/// Beyond these powers of ten a number is infinite or zero.
const GREATEST: i64 = 4932;

/// A natural number, its lowest part first.
#[derive(Clone, Default)]
struct Natural(Vec<u32>);

impl Natural {
    fn multiply_add(&mut self, by: u32, add: u32) {
        let mut carry = u64::from(add);
        for limb in &mut self.0 {
            carry += u64::from(*limb) * u64::from(by);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Divides, and gives the remainder.
    fn divide(&mut self, by: u32) -> u32 {
        let mut rest = 0u64;
        for limb in self.0.iter_mut().rev() {
            rest = rest << 32 | u64::from(*limb);
            *limb = (rest / u64::from(by)) as u32;
            rest %= u64::from(by);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        rest as u32
    }

    fn power(&mut self, base: u32, mut exponent: i64) {
        let (step, each) = if base == 10 { (1_000_000_000, 9) } else { (1_220_703_125, 13) };
        while exponent >= each {
            self.multiply_add(step, 0);
            exponent -= each;
        }
        for _ in 0..exponent {
            self.multiply_add(base, 0);
        }
    }

    fn shift(&mut self, bits: usize) {
        self.multiply_add(1 << (bits % 32), 0);
        let mut limbs = vec![0; bits / 32];
        limbs.append(&mut self.0);
        self.0 = limbs;
    }

    fn bits(&self) -> usize {
        self.0.last().map_or(0, |top| self.0.len() * 32 - top.leading_zeros() as usize)
    }

    fn bit(&self, at: usize) -> bool {
        self.0.get(at / 32).is_some_and(|limb| limb >> (at % 32) & 1 == 1)
    }

    fn decimal(mut self) -> String {
        let mut parts = Vec::new();
        while !self.0.is_empty() {
            parts.push(self.divide(1_000_000_000));
        }
        let mut text = parts.pop().map_or_else(|| "0".to_owned(), |first| first.to_string());
        for part in parts.iter().rev() {
            text.push_str(&format!("{part:09}"));
        }
        text
    }

    /// The nearest number of 64 bits; `sticky` where something below was left out.
    fn round(&self, exponent: i64, sticky: bool) -> Kind {
        let bits = self.bits();
        if bits == 0 {
            return Kind::Finite { mantissa: 0, exponent: 0 };
        }
        let low = bits.saturating_sub(64);
        let mut mantissa = 0u64;
        for at in (low..bits).rev() {
            mantissa = mantissa << 1 | u64::from(self.bit(at));
        }
        let mut exponent = exponent + low as i64;
        if low > 0 && self.bit(low - 1) {
            let below = sticky || (0..low - 1).any(|at| self.bit(at));
            if below || mantissa & 1 == 1 {
                mantissa = mantissa.wrapping_add(1);
                if mantissa == 0 {
                    mantissa = 1 << 63;
                    exponent += 1;
                }
            }
        }
        let up = i64::from(mantissa.leading_zeros());
        Kind::Finite { mantissa: mantissa << up, exponent: exponent - up }
    }
}

impl Float {
    /// Reads a number at the beginning of a text, and says how many bytes it takes: none where there is no number.
    pub fn read(text: &str) -> (Self, usize) {
        let start = text.len() - text.trim_start().len();
        let rest = &text[start..];
        let negative = rest.starts_with('-');
        let sign = usize::from(rest.starts_with(['-', '+']));
        let body = &rest[sign..];
        let lower = body.to_ascii_lowercase();
        let done = |kind, length: usize| (Self { negative, kind }, start + sign + length);
        for (name, kind) in [("infinity", Kind::Infinite), ("inf", Kind::Infinite), ("nan", Kind::NotANumber)] {
            if lower.starts_with(name) {
                return done(kind, name.len());
            }
        }
        let hex = lower.starts_with("0x")
            && lower[2..].trim_start_matches('.').starts_with(|char: char| char.is_ascii_hexdigit());
        let (base, from) = if hex { (16, 2) } else { (10, 0) };
        let (digits, point, length) = digits(&lower[from..], base);
        if length == 0 {
            return (Self { negative: false, kind: Kind::Finite { mantissa: 0, exponent: 0 } }, 0);
        }
        let mut end = from + length;
        let mut power = 0i64;
        if lower[end..].starts_with(if hex { 'p' } else { 'e' }) {
            let tail = &lower[end + 1..];
            let sign = usize::from(tail.starts_with(['-', '+']));
            let count = tail[sign..].bytes().take_while(u8::is_ascii_digit).count();
            if count > 0 {
                power = tail[sign..sign + count].parse().unwrap_or(100_000);
                if tail.starts_with('-') {
                    power = -power;
                }
                end += 1 + sign + count;
            }
        }
        done(scaled(digits, hex, power, point), end)
    }

    /// The exact digits, and how many of them stand behind the point.
    fn exact(self) -> (String, usize) {
        let Kind::Finite { mantissa, exponent } = self.kind else { return ("0".into(), 0) };
        let mut natural = Natural(vec![mantissa as u32, (mantissa >> 32) as u32]);
        if mantissa == 0 {
            return ("0".into(), 0);
        }
        let zeros = i64::from(mantissa.trailing_zeros());
        if exponent >= 0 {
            natural.shift(exponent as usize);
            return (natural.decimal(), 0);
        }
        let drop = zeros.min(-exponent);
        let mantissa = mantissa >> drop;
        let behind = -exponent - drop;
        let mut natural = Natural(vec![mantissa as u32, (mantissa >> 32) as u32]);
        natural.power(5, behind);
        (natural.decimal(), behind as usize)
    }

    /// `%f`: with so many digits behind the point.
    pub fn fixed(self, precision: usize, point: bool) -> String {
        let (digits, behind) = self.exact();
        let digits = match behind.checked_sub(precision) {
            Some(drop) => rounded(&digits, drop),
            None => format!("{digits}{}", "0".repeat(precision - behind)),
        };
        let digits = format!("{}{digits}", "0".repeat((precision + 1).saturating_sub(digits.len())));
        let (whole, part) = digits.split_at(digits.len() - precision);
        if precision > 0 || point { format!("{whole}.{part}") } else { whole.to_owned() }
    }

    /// So many significant digits, and the power of ten of the first.
    fn significant(self, count: usize) -> (String, i64) {
        let (digits, behind) = self.exact();
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return ("0".repeat(count), 0);
        }
        let power = digits.len() as i64 - behind as i64 - 1;
        match digits.len().checked_sub(count) {
            Some(drop) => {
                let mut kept = rounded(digits, drop);
                if kept.len() > count {
                    kept.pop();
                    return (kept, power + 1);
                }
                (kept, power)
            }
            None => (format!("{digits}{}", "0".repeat(count - digits.len())), power),
        }
    }

    /// `%e`
    pub fn scientific(self, precision: usize, point: bool) -> String {
        let (digits, power) = self.significant(precision + 1);
        spread(&digits, power, point)
    }

    /// `%g`; with `all`, zeros at the end stay.
    pub fn general(self, precision: usize, all: bool) -> String {
        let count = precision.max(1);
        let (digits, power) = self.significant(count);
        if power < -4 || power >= count as i64 {
            let digits = if all { digits.as_str() } else { digits.trim_end_matches('0') };
            return spread(if digits.is_empty() { "0" } else { digits }, power, all);
        }
        let text = self.fixed((count as i64 - 1 - power) as usize, all);
        if all || !text.contains('.') {
            return text;
        }
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// `%a`
    pub fn hexadecimal(self, precision: Option<usize>, point: bool) -> String {
        let Kind::Finite { mantissa, exponent } = self.kind else { return String::new() };
        let mut power = if mantissa == 0 { 0 } else { exponent + 60 };
        let mut digits = u128::from(mantissa);
        let mut kept = 15;
        if let Some(precision) = precision.filter(|precision| *precision < 15) {
            let drop = (15 - precision) * 4;
            let half = 1u128 << (drop - 1);
            let below = digits & ((1 << drop) - 1);
            digits >>= drop;
            digits += u128::from(below > half || (below == half && digits & 1 == 1));
            kept = precision;
            if digits >> (kept * 4 + 4) != 0 {
                digits >>= 1;
                power += 1;
            }
        }
        let text = format!("{digits:0width$x}", width = kept + 1);
        let (whole, part) = text.split_at(1);
        let part = match precision {
            Some(precision) => format!("{part}{}", "0".repeat(precision - kept)),
            None => part.trim_end_matches('0').to_owned(),
        };
        let dot = if part.is_empty() && !point { "" } else { "." };
        format!("0x{whole}{dot}{part}p{power:+}")
    }
}

/// Digits with a point somewhere: the number of them all, how many of them stand behind the point, and the length.
fn digits(text: &str, base: u32) -> (Natural, i64, usize) {
    let mut number = Natural::default();
    let (mut behind, mut pointed, mut count, mut length) = (0, false, 0, 0);
    for char in text.chars() {
        match char.to_digit(base) {
            Some(digit) => {
                number.multiply_add(base, digit);
                behind += i64::from(pointed);
                count += 1;
            }
            None if char == '.' && !pointed => pointed = true,
            None => break,
        }
        length += 1;
    }
    (number, behind, if count == 0 { 0 } else { length })
}

fn scaled(mut digits: Natural, hex: bool, power: i64, behind: i64) -> Kind {
    if hex {
        return digits.round(power - behind * 4, false);
    }
    let power = power - behind;
    let size = digits.bits() as i64 * 3 / 10;
    if digits.bits() == 0 || power + size < -GREATEST - 20 {
        return Kind::Finite { mantissa: 0, exponent: 0 };
    }
    if power + size > GREATEST + 1 {
        return Kind::Infinite;
    }
    if power >= 0 {
        digits.power(10, power);
        return digits.round(0, false);
    }
    // So many bits are put below that 64 are left after the division.
    let shift = (-power * 10 / 3 + 80) as usize;
    digits.shift(shift);
    let mut left = -power;
    let mut sticky = false;
    while left >= 9 {
        sticky |= digits.divide(1_000_000_000) != 0;
        left -= 9;
    }
    for _ in 0..left {
        sticky |= digits.divide(10) != 0;
    }
    digits.round(-(shift as i64), sticky)
}

/// Without so many of the last digits: to the nearest, and to the even one of two.
fn rounded(digits: &str, drop: usize) -> String {
    if drop == 0 {
        return digits.to_owned();
    }
    let Some(keep) = digits.len().checked_sub(drop) else { return "0".into() };
    let (kept, dropped) = digits.split_at(keep);
    let first = dropped.as_bytes()[0];
    let more = dropped.bytes().skip(1).any(|digit| digit != b'0');
    let odd = kept.bytes().last().is_some_and(|digit| digit % 2 == 1);
    let up = first > b'5' || (first == b'5' && (more || odd));
    let mut kept: Vec<u8> = if kept.is_empty() { vec![b'0'] } else { kept.bytes().collect() };
    if up {
        let nines = kept.iter().rev().take_while(|digit| **digit == b'9').count();
        let at = kept.len() - nines;
        kept[at..].fill(b'0');
        match at.checked_sub(1) {
            Some(before) => kept[before] += 1,
            None => kept.insert(0, b'1'),
        }
    }
    kept.into_iter().map(char::from).collect()
}

fn spread(digits: &str, power: i64, point: bool) -> String {
    let (whole, part) = digits.split_at(1);
    let dot = if part.is_empty() && !point { "" } else { "." };
    let sign = if power < 0 { '-' } else { '+' };
    format!("{whole}{dot}{part}e{sign}{:02}", power.abs())
}
