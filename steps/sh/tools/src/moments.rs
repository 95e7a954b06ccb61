//! Reads moments as people write them for `date -d` and `touch -d`: `@N`, ISO 8601, dates in words, `2 days ago`.
//!
//! Knows GNU's everyday forms in local time, zones as offsets and by their usual letters. Refuses what it can't read.

use crate::status::Time;
use userland_calendar::{Fields, MONTHS, WEEKDAYS, local_fields, local_seconds};

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Number(String),
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut answer = Vec::new();
    let mut rest = text.chars().peekable();
    let mut before: Option<char> = None;
    while let Some(&one) = rest.peek() {
        if one.is_ascii_digit() {
            let mut digits = String::new();
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            answer.push(Token::Number(digits));
        } else if one.is_ascii_alphabetic() {
            let mut word = String::new();
            while let Some(letter) = rest.next_if(|one| one.is_ascii_alphabetic() || *one == '.') {
                if letter != '.' {
                    word.push(letter.to_ascii_lowercase());
                }
            }
            answer.push(Token::Word(word));
        } else if one == '(' {
            for inside in rest.by_ref() {
                if inside == ')' {
                    break;
                }
            }
        } else if one.is_whitespace() || one == ',' && !before.is_some_and(|before| before.is_ascii_digit()) {
            rest.next();
        } else {
            rest.next();
            if matches!(one, '+' | '-') {
                while rest.next_if(|one| one.is_whitespace()).is_some() {}
            }
            answer.push(Token::Mark(one));
        }
        before = Some(one);
    }
    answer
}

#[derive(Default)]
struct Reading {
    date: Option<(i64, i64, i64)>,
    time: Option<(i64, i64, i64, i64)>,
    zone: Option<i64>,
    weekday: Option<(i64, i64)>,
    /// Years, months, days, seconds.
    shift: (i64, i64, i64, i64),
    /// Whether `today` or the like stood there, so that the time is kept.
    midnight: bool,
}

/// The moment that a text stands for, seen from `now`.
pub fn parse(text: &str, now: Time) -> Option<Time> {
    if let Some(seconds) = text.trim().strip_prefix('@') {
        return epoch(seconds);
    }
    let tokens = tokens(text);
    let mut reading = Reading { midnight: tokens.is_empty(), ..Reading::default() };
    let mut at = 0;
    while at < tokens.len() {
        at += reading.step(&tokens, at)?;
    }
    reading.finish(now)
}

fn epoch(text: &str) -> Option<Time> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    let nanoseconds = if part.is_empty() { 0 } else { format!("{part:0<9}").get(..9)?.parse().ok()? };
    Some(if whole.starts_with('-') && nanoseconds > 0 {
        (seconds - 1, 1_000_000_000 - nanoseconds)
    } else {
        (seconds, nanoseconds)
    })
}

fn month(word: &str) -> Option<i64> {
    let is = |month: &&str| {
        month.to_ascii_lowercase() == word
            || word.len() == 3 && month[..3].eq_ignore_ascii_case(word)
            || word == "sept" && month.starts_with("Sep")
    };
    MONTHS.iter().position(is).map(|at| at as i64 + 1)
}

fn weekday(word: &str) -> Option<i64> {
    let is = |day: &&str| {
        let day = day.to_ascii_lowercase();
        day == word
            || day.get(..3) == Some(word)
            || matches!(
                (word, day.as_str()),
                ("tues", "tuesday") | ("wednes", "wednesday") | ("thur" | "thurs", "thursday")
            )
    };
    WEEKDAYS.iter().position(is).map(|at| at as i64)
}

fn ordinal(word: &str) -> Option<i64> {
    const WORDS: [&str; 13] = [
        "last", "this", "next", "", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        "eleventh",
    ];
    match word {
        "first" => Some(1),
        "twelfth" => Some(12),
        word => WORDS.iter().position(|one| *one == word).map(|at| at as i64 - 1),
    }
}

fn zone(word: &str) -> Option<i64> {
    let hours = match word {
        "z" | "utc" | "gmt" | "ut" | "wet" => 0,
        "est" => -5,
        "edt" | "ast" => -4,
        "cst" => -6,
        "cdt" => -5,
        "mst" => -7,
        "mdt" => -6,
        "pst" => -8,
        "pdt" => -7,
        "cet" | "met" | "bst" => 1,
        "cest" | "eet" | "mest" => 2,
        "eest" | "msk" => 3,
        "jst" => 9,
        _ => return None,
    };
    Some(hours * 3600)
}

impl Reading {
    /// Reads what stands at a place; says how many tokens that were.
    fn step(&mut self, tokens: &[Token], at: usize) -> Option<usize> {
        match &tokens[at] {
            Token::Word(word) => self.word(word, tokens, at),
            Token::Mark(sign @ ('+' | '-')) => match tokens.get(at + 1)? {
                Token::Number(digits) => self.signed(*sign, digits, tokens, at),
                _ => None,
            },
            Token::Mark(_) => None,
            Token::Number(digits) => self.number(digits, tokens, at),
        }
    }

    fn shift_by(&mut self, count: i64, unit: &str) -> Option<()> {
        let unit = unit.strip_suffix('s').filter(|unit| unit.len() > 1).unwrap_or(unit);
        match unit {
            "year" => self.shift.0 += count,
            "month" => self.shift.1 += count,
            "fortnight" => self.shift.2 += 14 * count,
            "week" => self.shift.2 += 7 * count,
            "day" => self.shift.2 += count,
            "hour" => self.shift.3 += 3600 * count,
            "minute" | "min" => self.shift.3 += 60 * count,
            "second" | "sec" => self.shift.3 += count,
            _ => return None,
        }
        Some(())
    }

    fn word(&mut self, word: &str, tokens: &[Token], at: usize) -> Option<usize> {
        let next_word = match tokens.get(at + 1) {
            Some(Token::Word(word)) => Some(word.as_str()),
            _ => None,
        };
        match word {
            "now" | "today" => return Some(1),
            "yesterday" => self.shift.2 -= 1,
            "tomorrow" => self.shift.2 += 1,
            "midnight" => self.time = Some((0, 0, 0, 0)),
            "noon" => self.time = Some((12, 0, 0, 0)),
            "ago" => {
                let (years, months, days, seconds) = self.shift;
                self.shift = (-years, -months, -days, -seconds);
            }
            "t" if self.date.is_some() => {}
            word => {
                if let Some(count) = ordinal(word)
                    && let Some(next) = next_word
                {
                    if let Some(day) = weekday(next) {
                        self.weekday = Some((day, count));
                    } else {
                        self.shift_by(count, next)?;
                        if matches!(tokens.get(at + 2), Some(Token::Word(ago)) if ago == "ago") {
                            self.word("ago", tokens, at + 2);
                            return Some(3);
                        }
                    }
                    return Some(2);
                }
                if let Some(month) = month(word) {
                    return self.month_first(month, tokens, at);
                }
                if let Some(day) = weekday(word) {
                    self.weekday = Some((day, 0));
                } else if let Some(offset) = zone(word) {
                    self.zone = Some(offset);
                } else if self.shift_by(1, word).is_none() {
                    return None;
                }
            }
        }
        Some(1)
    }

    /// `Jan 12 2024`, `Jan 12`.
    fn month_first(&mut self, month: i64, tokens: &[Token], at: usize) -> Option<usize> {
        let Some(Token::Number(day)) = tokens.get(at + 1) else { return None };
        let mut used = 2;
        let mut year = None;
        let skip = usize::from(matches!(tokens.get(at + 2), Some(Token::Mark(','))));
        if let Some(Token::Number(digits)) = tokens.get(at + 2 + skip)
            && digits.len() == 4
            && !matches!(tokens.get(at + 3 + skip), Some(Token::Mark(':')))
        {
            year = digits.parse().ok();
            used = 3 + skip;
        }
        self.date = Some((year.unwrap_or(i64::MIN), month, day.parse().ok()?));
        Some(used)
    }

    /// `+2 days`.
    fn signed(&mut self, sign: char, digits: &str, tokens: &[Token], at: usize) -> Option<usize> {
        let value: i64 = digits.parse().ok()?;
        let value = if sign == '-' { -value } else { value };
        if let Some(Token::Word(unit)) = tokens.get(at + 2)
            && self.shift_by(value, unit).is_some()
        {
            return Some(3);
        }
        None
    }

    /// `+02`, `+0200`, `+02:00`.
    fn offset(&mut self, sign: char, digits: &str, tokens: &[Token], at: usize) -> Option<usize> {
        let value: i64 = digits.parse().ok()?;
        let (hours, minutes, used) = match tokens.get(at + 2..at + 4) {
            Some([Token::Mark(':'), Token::Number(minutes)]) => (value, minutes.parse().ok()?, 4),
            _ if digits.len() <= 2 => (value, 0, 2),
            _ => (value / 100, value % 100, 2),
        };
        let offset = hours * 3600 + minutes * 60;
        if offset > 24 * 3600 {
            return None;
        }
        self.zone = Some(if sign == '-' { -offset } else { offset });
        Some(used)
    }

    fn number(&mut self, digits: &str, tokens: &[Token], at: usize) -> Option<usize> {
        let value: i64 = digits.parse().ok()?;
        let numbers = |mark: char, at: usize| match tokens.get(at..at + 2) {
            Some([Token::Mark(one), Token::Number(digits)]) if *one == mark => digits.parse::<i64>().ok(),
            _ => None,
        };
        if let Some(minute) = numbers(':', at + 1) {
            return self.clock(value, minute, tokens, at);
        }
        if let (Some(month), Some(day)) = (numbers('-', at + 1), numbers('-', at + 3)) {
            self.date = Some((value, month, day));
            return Some(5);
        }
        if let Some(second) = numbers('/', at + 1) {
            let third = numbers('/', at + 3);
            self.date = Some(match third {
                Some(third) if digits.len() == 4 => (value, second, third),
                Some(year) => (century(year), value, second),
                None => (i64::MIN, value, second),
            });
            return Some(if third.is_some() { 5 } else { 3 });
        }
        match tokens.get(at + 1) {
            Some(Token::Word(word)) if matches!(word.as_str(), "am" | "pm") => {
                self.time = Some((half(value, word), 0, 0, 0));
                return Some(2);
            }
            Some(Token::Word(word)) if month(word).is_some() && value <= 31 => {
                return self.day_first(value, word, tokens, at, 2);
            }
            Some(Token::Mark('-')) => {
                if let Some(Token::Word(word)) = tokens.get(at + 2)
                    && month(word).is_some()
                {
                    return self.day_first(value, word, tokens, at, 3);
                }
            }
            Some(Token::Word(word)) if digits.len() < 8 && self.shift_by(value, word).is_some() => return Some(2),
            _ => {}
        }
        match digits.len() {
            8 => self.date = Some((value / 10_000, value / 100 % 100, value % 100)),
            4 if self.date.is_some_and(|date| date.0 == i64::MIN) && self.time.is_some() => {
                self.date = self.date.map(|(_, month, day)| (value, month, day));
            }
            3 | 4 if self.time.is_none() => self.time = Some((value / 100, value % 100, 0, 0)),
            1 | 2 if self.time.is_none() => self.time = Some((value, 0, 0, 0)),
            _ => return None,
        }
        Some(1)
    }

    /// `12 Jan 2024`, `12-Jan-2024`.
    fn day_first(&mut self, day: i64, word: &str, tokens: &[Token], at: usize, mut used: usize) -> Option<usize> {
        let mut year = i64::MIN;
        let skip = usize::from(matches!(tokens.get(at + used), Some(Token::Mark('-' | ','))));
        if let Some(Token::Number(digits)) = tokens.get(at + used + skip)
            && digits.len() == 4
            && !matches!(tokens.get(at + used + skip + 1), Some(Token::Mark(':')))
        {
            year = digits.parse().ok()?;
            used += 1 + skip;
        }
        self.date = Some((year, month(word)?, day));
        Some(used)
    }

    /// `12:34`, `12:34:56.789`, `12:34 pm`.
    fn clock(&mut self, hour: i64, minute: i64, tokens: &[Token], at: usize) -> Option<usize> {
        let mut used = 3;
        let (mut second, mut nanoseconds) = (0, 0);
        if let Some([Token::Mark(':'), Token::Number(digits)]) = tokens.get(at + 3..at + 5) {
            second = digits.parse().ok()?;
            used = 5;
            if let Some([Token::Mark('.' | ','), Token::Number(digits)]) = tokens.get(at + 5..at + 7) {
                nanoseconds = format!("{digits:0<9}").get(..9)?.parse().ok()?;
                used = 7;
            }
        }
        let mut hour = hour;
        if let Some(Token::Word(word)) = tokens.get(at + used)
            && matches!(word.as_str(), "am" | "pm")
        {
            hour = half(hour, word);
            used += 1;
        }
        if hour > 24 || minute > 59 || second > 60 {
            return None;
        }
        self.time = Some((hour, minute, second, nanoseconds));
        // A number with a sign right behind a time is a zone, whatever follows it.
        if let Some([Token::Mark(sign @ ('+' | '-')), Token::Number(digits)]) = tokens.get(at + used..at + used + 2) {
            used += self.offset(*sign, digits, tokens, at + used)?;
        }
        Some(used)
    }

    fn finish(self, now: Time) -> Option<Time> {
        let mut fields = local_fields(now.0);
        let mut nanoseconds = now.1;
        if let Some((year, month, day)) = self.date {
            let year = if year == i64::MIN { fields.year } else { year };
            if !(1..=12).contains(&month) || day < 1 || day > length(year, month) {
                return None;
            }
            fields = Fields { year, month, day, ..fields };
        }
        if self.date.is_some() || self.weekday.is_some() || self.time.is_some() || self.midnight {
            (fields.hour, fields.minute, fields.second) = (0, 0, 0);
            nanoseconds = 0;
        }
        if let Some((hour, minute, second, fraction)) = self.time {
            (fields.hour, fields.minute, fields.second) = (hour, minute, second);
            nanoseconds = fraction;
        }
        // A weekday beside a date says nothing.
        if let Some((day, count)) = self.weekday.filter(|_| self.date.is_none()) {
            let ahead = (day - fields.weekday()).rem_euclid(7);
            let weeks = if count > 0 && ahead != 0 { count - 1 } else { count };
            fields.day += ahead + 7 * weeks;
        }
        fields.year += self.shift.0;
        fields.month += self.shift.1;
        fields.day += self.shift.2;
        let seconds = match self.zone {
            Some(offset) => fields.seconds() - offset,
            None => local_seconds(&fields),
        };
        let seconds = seconds + self.shift.3;
        Some((seconds, nanoseconds))
    }
}

fn half(hour: i64, word: &str) -> i64 {
    match (hour, word) {
        (12, "am") => 0,
        (12, _) | (_, "am") => hour,
        (hour, _) => hour + 12,
    }
}

fn century(year: i64) -> i64 {
    match year {
        0..=68 => year + 2000,
        69..=99 => year + 1900,
        year => year,
    }
}

/// How many days a month has.
fn length(year: i64, month: i64) -> i64 {
    userland_calendar::days(year, month + 1, 1) - userland_calendar::days(year, month, 1)
}
