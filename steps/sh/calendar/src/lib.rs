//! Days, dates and their formats, as `date`, `ls`, awk, the shell's `printf` and others print them.
//!
//! Knows the proleptic Gregorian calendar, GNU's conversions in the C locale, and the zone that `TZ` names by jiff's
//! data. Without `TZ` times are in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970, and nanoseconds.
pub type Time = (i64, i64);

pub const DAY: i64 = 86_400;

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A moment's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    pub year: i64,
    /// From 1.
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
}

/// Whether times are in UTC whatever `TZ` says.
static UTC: AtomicBool = AtomicBool::new(false);

/// From now on times are in UTC.
pub fn use_utc() {
    UTC.store(true, Ordering::Relaxed);
}

/// The zone that `TZ` names, where it is known; the error is its name.
pub fn zone() -> Result<Option<TimeZone>, String> {
    if UTC.load(Ordering::Relaxed) {
        return Ok(None);
    }
    match std::env::var("TZ") {
        Ok(name) => zone_of(&name),
        Err(_) => Ok(None),
    }
}

/// The zone of a name as `TZ` has it; none is UTC.
fn zone_of(name: &str) -> Result<Option<TimeZone>, String> {
    let name = name.trim_start_matches(':');
    if matches!(name, "" | "UTC" | "UTC0" | "GMT" | "GMT0" | "Etc/UTC") {
        return Ok(None);
    }
    TimeZone::get(name).or_else(|_| TimeZone::posix(name)).map(Some).map_err(|_| name.to_owned())
}

/// How many seconds local time is ahead at a moment, and what it is called then.
fn local(seconds: i64) -> (i64, String) {
    within(zone().ok().flatten(), seconds)
}

fn within(zone: Option<TimeZone>, seconds: i64) -> (i64, String) {
    let Some(zone) = zone else { return (0, "UTC".to_owned()) };
    let Ok(moment) = Timestamp::from_second(seconds) else { return (0, "UTC".to_owned()) };
    let info = zone.to_offset_info(moment);
    (i64::from(info.offset().seconds()), info.abbreviation().to_owned())
}

/// The fields of a moment as clocks show it.
pub fn local_fields(seconds: i64) -> Fields {
    Fields::of(seconds + local(seconds).0)
}

/// The moment at which clocks show these fields.
pub fn local_seconds(fields: &Fields) -> i64 {
    let shown = fields.seconds();
    let guess = shown - local(shown).0;
    shown - local(guess).0
}

/// Now.
pub fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "a tool tells the time its sandbox gives")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs() as i64, i64::from(since.subsec_nanos()))
}

/// Days since 1970 of a date; months outside 1 to 12 run into other years.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Fields {
    /// Of seconds since 1970.
    pub fn of(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let part = (5 * of_year + 2) / 153;
        let month = if part < 10 { part + 3 } else { part - 9 };
        Self {
            year: year + era * 400 + i64::from(month <= 2),
            month,
            day: of_year - (153 * part + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// Seconds since 1970; fields outside their range run over.
    pub fn seconds(&self) -> i64 {
        days(self.year, self.month, self.day) * DAY + self.hour * 3600 + self.minute * 60 + self.second
    }

    pub fn weekday(&self) -> i64 {
        (days(self.year, self.month, self.day) + 4).rem_euclid(7)
    }

    /// From 1.
    pub fn day_of_year(&self) -> i64 {
        days(self.year, self.month, self.day) - days(self.year, 1, 1) + 1
    }

    /// ISO 8601's year and week.
    pub fn iso_week(&self) -> (i64, i64) {
        let weekday = (self.weekday() + 6) % 7;
        let thursday = days(self.year, self.month, self.day) - weekday + 3;
        let of = Self::of(thursday * DAY);
        (of.year, (of.day_of_year() - 1) / 7 + 1)
    }
}

/// The zone at a moment, and what is known of formats.
struct Zone<'z> {
    offset: i64,
    name: &'z str,
    /// Only C's conversions.
    only_c: bool,
}

impl Zone<'_> {
    /// `+0100`, with colons, or as short as it can be.
    fn ahead(&self, colons: usize) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let (hours, minutes, seconds) = (self.offset.abs() / 3600, self.offset.abs() / 60 % 60, self.offset.abs() % 60);
        match colons {
            0 => format!("{sign}{hours:02}{minutes:02}"),
            1 => format!("{sign}{hours:02}:{minutes:02}"),
            2 => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
            _ if seconds != 0 => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
            _ if minutes != 0 => format!("{sign}{hours:02}:{minutes:02}"),
            _ => format!("{sign}{hours:02}"),
        }
    }
}

/// How a conversion's number is padded, and other marks before its letter.
#[derive(Default)]
struct Marks {
    padding: Option<char>,
    upper: bool,
    swapped: bool,
    width: usize,
    colons: usize,
}

/// A moment by a format of `date`'s.
pub fn format(pattern: &str, time: Time) -> String {
    let (offset, name) = local(time.0);
    shown(pattern, time, &Zone { offset, name: &name, only_c: false })
}

/// A moment by a format of C's `strftime`, as awk and `printf` take it, in the zone of this name.
pub fn strftime(pattern: &str, seconds: i64, zone: Option<&str>) -> String {
    let zone = zone.and_then(|name| zone_of(name).ok().flatten());
    let (offset, name) = within(zone, seconds);
    shown(pattern, (seconds, 0), &Zone { offset, name: &name, only_c: true })
}

fn shown(pattern: &str, time: Time, zone: &Zone<'_>) -> String {
    let fields = Fields::of(time.0 + zone.offset);
    let mut answer = String::new();
    let mut rest = pattern.chars();
    while let Some(one) = rest.next() {
        if one != '%' {
            answer.push(one);
            continue;
        }
        let before = rest.as_str();
        let mut marks = Marks::default();
        let letter = loop {
            match rest.next() {
                // GNU's own.
                Some(':' | 'N' | 'q') if zone.only_c => break None,
                Some('-') => marks.padding = Some('-'),
                Some('_') => marks.padding = Some(' '),
                Some('0') if marks.width == 0 => marks.padding = Some('0'),
                Some('+') => marks.padding = Some('0'),
                Some('^') => marks.upper = true,
                Some('#') => marks.swapped = true,
                Some('E' | 'O') => {}
                Some(':') => marks.colons += 1,
                Some(digit) if digit.is_ascii_digit() => {
                    marks.width = marks.width * 10 + digit.to_digit(10).unwrap_or(0) as usize;
                }
                other => break other,
            }
        };
        match letter.and_then(|letter| conversion(letter, &fields, time, &marks, zone)) {
            Some(text) => answer.push_str(&text),
            None => {
                answer.push('%');
                let used = before.len() - rest.as_str().len();
                answer.push_str(&before[..used]);
            }
        }
    }
    answer
}

fn number(value: i64, width: usize, default: char, marks: &Marks) -> String {
    let padding = marks.padding.unwrap_or(default);
    let width = if marks.width > 0 { marks.width } else { width };
    let digits = value.unsigned_abs().to_string();
    let sign = if value < 0 { "-" } else { "" };
    let room = width.saturating_sub(digits.len() + sign.len());
    match padding {
        '-' => format!("{sign}{digits}"),
        ' ' => format!("{}{sign}{digits}", " ".repeat(room)),
        _ => format!("{sign}{}{digits}", "0".repeat(room)),
    }
}

fn words(text: &str, marks: &Marks) -> String {
    let text = match (marks.upper, marks.swapped) {
        (true, _) => text.to_uppercase(),
        (_, true) if text.chars().all(|one| !one.is_lowercase()) => text.to_lowercase(),
        (_, true) => text.to_uppercase(),
        _ => text.to_owned(),
    };
    let room = marks.width.saturating_sub(text.len());
    let padding = if marks.padding == Some('0') { "0" } else { " " };
    format!("{}{text}", padding.repeat(room))
}

fn conversion(letter: char, fields: &Fields, time: Time, marks: &Marks, zone: &Zone<'_>) -> Option<String> {
    let zero = |value: i64, width: usize| Some(number(value, width, '0', marks));
    let blank = |value: i64, width: usize| Some(number(value, width, ' ', marks));
    let text = |text: &str| Some(words(text, marks));
    let again = |pattern: &str| Some(words(&shown(pattern, time, zone), marks));
    let weekday = WEEKDAYS[fields.weekday() as usize % 7];
    let month = MONTHS[(fields.month - 1) as usize % 12];
    let twelve = if fields.hour % 12 == 0 { 12 } else { fields.hour % 12 };
    match letter {
        'Y' => zero(fields.year, if zone.only_c { 1 } else { 4 }),
        'C' => zero(fields.year.div_euclid(100), 2),
        'y' => zero(fields.year.rem_euclid(100), 2),
        'm' => zero(fields.month, 2),
        'd' => zero(fields.day, 2),
        'e' => blank(fields.day, 2),
        'H' => zero(fields.hour, 2),
        'k' => blank(fields.hour, 2),
        'I' => zero(twelve, 2),
        'l' => blank(twelve, 2),
        'M' => zero(fields.minute, 2),
        'S' => zero(fields.second, 2),
        'j' => zero(fields.day_of_year(), 3),
        'q' => zero((fields.month - 1) / 3 + 1, 1),
        'u' => zero((fields.weekday() + 6) % 7 + 1, 1),
        'w' => zero(fields.weekday(), 1),
        'U' => zero((fields.day_of_year() + 6 - fields.weekday()) / 7, 2),
        'W' => zero((fields.day_of_year() + 6 - (fields.weekday() + 6) % 7) / 7, 2),
        'V' => zero(fields.iso_week().1, 2),
        'G' => zero(fields.iso_week().0, 4),
        'g' => zero(fields.iso_week().0.rem_euclid(100), 2),
        's' => zero(time.0, 1),
        'N' => Some(fraction(time.1, marks)),
        'a' => text(&weekday[..3]),
        'A' => text(weekday),
        'b' | 'h' => text(&month[..3]),
        'B' => text(month),
        'p' => text(match (fields.hour >= 12, marks.swapped) {
            (true, _) => "PM",
            (false, _) => "AM",
        }),
        'P' => text(if fields.hour >= 12 { "pm" } else { "am" }),
        'c' => again("%a %b %e %H:%M:%S %Y"),
        'D' | 'x' => again("%m/%d/%y"),
        'F' => again("%Y-%m-%d"),
        'R' => again("%H:%M"),
        'T' | 'X' => again("%H:%M:%S"),
        'r' => again("%I:%M:%S %p"),
        'n' => Some("\n".to_owned()),
        't' => Some("\t".to_owned()),
        '%' => Some("%".to_owned()),
        'Z' => text(zone.name),
        'z' => Some(zone.ahead(marks.colons)),
        _ => None,
    }
}

/// Nanoseconds: the width says how many digits.
fn fraction(nanoseconds: i64, marks: &Marks) -> String {
    let digits = format!("{nanoseconds:09}");
    match marks.width {
        0 if marks.padding == Some('-') => digits.trim_end_matches('0').to_owned(),
        0 => digits,
        width if width <= 9 => digits[..width].to_owned(),
        width => format!("{digits:0<width$}"),
    }
}
