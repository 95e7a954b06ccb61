//! `bc`'s numbers: a whole number and how many of its digits stand behind the point.
//!
//! Knows the scales of results and how numbers are read and printed in any base. Does not know the language.

use num_bigint::{BigInt, Sign};
use std::cmp::Ordering;

#[derive(Debug, Clone, Default)]
pub struct Number {
    pub digits: BigInt,
    pub scale: usize,
}

pub fn ten(power: usize) -> BigInt {
    BigInt::from(10).pow(u32::try_from(power).unwrap_or(u32::MAX))
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self { digits: BigInt::from(value), scale: 0 }
    }
}

impl Number {
    pub fn is_zero(&self) -> bool {
        self.digits.sign() == Sign::NoSign
    }

    /// With as many digits behind the point, cut off or filled up.
    pub fn scaled(&self, scale: usize) -> Self {
        let digits = match scale.cmp(&self.scale) {
            Ordering::Less => &self.digits / ten(self.scale - scale),
            Ordering::Equal => self.digits.clone(),
            Ordering::Greater => &self.digits * ten(scale - self.scale),
        };
        Self { digits, scale }
    }

    fn aligned(&self, other: &Self) -> (BigInt, BigInt, usize) {
        let scale = self.scale.max(other.scale);
        (self.scaled(scale).digits, other.scaled(scale).digits, scale)
    }

    pub fn plus(&self, other: &Self) -> Self {
        let (one, other, scale) = self.aligned(other);
        Self { digits: one + other, scale }
    }

    pub fn minus(&self, other: &Self) -> Self {
        let (one, other, scale) = self.aligned(other);
        Self { digits: one - other, scale }
    }

    pub fn times(&self, other: &Self, scale: usize) -> Self {
        let full = self.scale + other.scale;
        let wanted = full.min(scale.max(self.scale).max(other.scale));
        Self { digits: &self.digits * &other.digits, scale: full }.scaled(wanted)
    }

    /// `None` where the divisor is zero.
    pub fn over(&self, other: &Self, scale: usize) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let digits = &self.digits * ten(scale + other.scale) / (&other.digits * ten(self.scale));
        Some(Self { digits, scale })
    }

    pub fn rest(&self, other: &Self, scale: usize) -> Option<Self> {
        let quotient = self.over(other, scale)?;
        let wanted = self.scale.max(scale + other.scale);
        let product = Self { digits: &quotient.digits * &other.digits, scale: quotient.scale + other.scale };
        Some(self.minus(&product).scaled(wanted))
    }

    pub fn negated(&self) -> Self {
        Self { digits: -&self.digits, scale: self.scale }
    }

    /// To a whole power. `None` for zero to a negative one, or one that is too large.
    pub fn power(&self, exponent: &Self, scale: usize) -> Option<Self> {
        let exponent: i64 = exponent.scaled(0).digits.try_into().ok()?;
        let times = u32::try_from(exponent.unsigned_abs()).ok()?;
        let full = Self { digits: self.digits.pow(times), scale: self.scale * times as usize };
        if exponent < 0 {
            return Self::from(1).over(&full, scale);
        }
        let wanted = full.scale.min(scale.max(self.scale));
        Some(full.scaled(wanted))
    }

    /// `None` for a negative number.
    pub fn root(&self, scale: usize) -> Option<Self> {
        if self.digits.sign() == Sign::Minus {
            return None;
        }
        let wanted = scale.max(self.scale);
        let digits = (&self.digits * ten(2 * wanted) / ten(self.scale)).sqrt();
        Some(Self { digits, scale: wanted })
    }

    /// How many digits it has.
    pub fn length(&self) -> usize {
        let text = self.digits.magnitude().to_string();
        if self.is_zero() { self.scale.max(1) } else { text.len().max(self.scale) }
    }

    pub fn compare(&self, other: &Self) -> Ordering {
        let (one, other, _) = self.aligned(other);
        one.cmp(&other)
    }

    pub fn whole(&self) -> Option<i64> {
        self.scaled(0).digits.try_into().ok()
    }

    /// Reads digits in a base. A digit too large counts as the largest, but alone it counts as what it is.
    pub fn read(text: &str, base: u32) -> Self {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let lone = whole.len() + part.len() == 1;
        let value = |one: char| {
            let value = one.to_digit(36).unwrap_or(0);
            if lone { value } else { value.min(base - 1) }
        };
        if base == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            let digits = format!("{whole}{part}").parse().unwrap_or_default();
            return Self { digits, scale: part.len() };
        }
        let number = |text: &str| text.chars().fold(BigInt::ZERO, |sum, one| sum * base + value(one));
        let fraction = number(part) * ten(part.len()) / BigInt::from(base).pow(part.len() as u32);
        Self { digits: number(whole) * ten(part.len()) + fraction, scale: part.len() }
    }

    /// As bc prints it, without folding.
    pub fn print(&self, base: u32) -> String {
        let sign = if self.digits.sign() == Sign::Minus { "-" } else { "" };
        let magnitude = BigInt::from(self.digits.magnitude().clone());
        let unit = ten(self.scale);
        let (whole, part) = (&magnitude / &unit, &magnitude % &unit);
        if self.is_zero() {
            return "0".to_owned();
        }
        if base == 10 {
            let whole = if whole == BigInt::ZERO { String::new() } else { whole.to_string() };
            let part = if self.scale == 0 { String::new() } else { format!(".{:0>1$}", part.to_string(), self.scale) };
            return format!("{sign}{whole}{part}");
        }
        let wide = (base - 1).to_string().len();
        let digit = |value: &BigInt| {
            if base <= 16 { value.to_str_radix(16).to_uppercase() } else { format!(" {:0>wide$}", value.to_string()) }
        };
        let mut digits = Vec::new();
        let mut rest = whole;
        while rest > BigInt::ZERO {
            digits.push(digit(&(&rest % base)));
            rest /= base;
        }
        digits.reverse();
        let mut text = format!("{sign}{}", digits.concat());
        if self.scale > 0 {
            text.push('.');
            let (mut rest, mut reach) = (part, BigInt::from(1));
            while reach < unit {
                rest *= base;
                text.push_str(&digit(&(&rest / &unit)));
                rest %= &unit;
                reach *= base;
            }
        }
        text
    }
}
