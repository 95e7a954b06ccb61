//! Times as `strftime` writes them, in UTC: the sandbox has no other zone.

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
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

/// A moment as people say it.
struct Moment {
    seconds: i64,
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    /// From 0, Sunday.
    weekday: i64,
    /// From 0.
    yearday: i64,
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

impl Moment {
    fn new(seconds: i64) -> Self {
        let days = seconds.div_euclid(86400);
        let rest = seconds.rem_euclid(86400);
        // Years that begin in March have their leap day at the end; 146097 days are 400 years.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][(month - 1) as usize];
        Self {
            seconds,
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            weekday: (days + 4).rem_euclid(7),
            yearday: before + day - 1 + i64::from(month > 2 && is_leap(year)),
        }
    }

    /// The week of ISO 8601 and its year.
    fn iso(&self) -> (i64, i64) {
        let monday = (self.weekday + 6) % 7;
        let week = (self.yearday - monday + 10) / 7;
        let weeks = |year: i64| {
            let last = Self::new_year(year + 1) - 1;
            let first = Self::new_year(year);
            let thursday = |day: i64| (day + 4).rem_euclid(7) == 4;
            if thursday(first) || thursday(last) { 53 } else { 52 }
        };
        if week < 1 {
            (self.year - 1, weeks(self.year - 1))
        } else if week > weeks(self.year) {
            (self.year + 1, 1)
        } else {
            (self.year, week)
        }
    }

    /// The first day of a year, since 1970.
    fn new_year(year: i64) -> i64 {
        let before = year - 1;
        before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162
    }

    fn name<'a>(names: &[&'a str], at: i64) -> &'a str {
        usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or("?")
    }

    /// One conversion: the number and how it is filled, or a text.
    fn piece(&self, letter: char) -> Option<Piece> {
        let twelve = if self.hour % 12 == 0 { 12 } else { self.hour % 12 };
        let zeros = |value, width| Some(Piece::Number(value, width, '0'));
        let spaces = |value, width| Some(Piece::Number(value, width, ' '));
        let again = |format: &str| Some(Piece::Text(strftime(format, self.seconds)));
        let text = |text: &str| Some(Piece::Text(text.to_owned()));
        match letter {
            'a' => text(&Self::name(&DAYS, self.weekday)[..3]),
            'A' => text(Self::name(&DAYS, self.weekday)),
            'b' | 'h' => text(&Self::name(&MONTHS, self.month - 1)[..3]),
            'B' => text(Self::name(&MONTHS, self.month - 1)),
            'c' => again("%a %b %e %H:%M:%S %Y"),
            'C' => zeros(self.year.div_euclid(100), 2),
            'd' => zeros(self.day, 2),
            'D' | 'x' => again("%m/%d/%y"),
            'e' => spaces(self.day, 2),
            'F' => again("%Y-%m-%d"),
            'g' => zeros(self.iso().0.rem_euclid(100), 2),
            'G' => zeros(self.iso().0, 1),
            'H' => zeros(self.hour, 2),
            'I' => zeros(twelve, 2),
            'j' => zeros(self.yearday + 1, 3),
            'k' => spaces(self.hour, 2),
            'l' => spaces(twelve, 2),
            'm' => zeros(self.month, 2),
            'M' => zeros(self.minute, 2),
            'n' => text("\n"),
            'p' => text(if self.hour < 12 { "AM" } else { "PM" }),
            'P' => text(if self.hour < 12 { "am" } else { "pm" }),
            'r' => again("%I:%M:%S %p"),
            'R' => again("%H:%M"),
            's' => zeros(self.seconds, 1),
            'S' => zeros(self.second, 2),
            't' => text("\t"),
            'T' | 'X' => again("%H:%M:%S"),
            'u' => zeros(if self.weekday == 0 { 7 } else { self.weekday }, 1),
            'U' => zeros((self.yearday + 7 - self.weekday) / 7, 2),
            'V' => zeros(self.iso().1, 2),
            'w' => zeros(self.weekday, 1),
            'W' => zeros((self.yearday + 7 - (self.weekday + 6) % 7) / 7, 2),
            'y' => zeros(self.year.rem_euclid(100), 2),
            'Y' => zeros(self.year, 1),
            'z' => text("+0000"),
            'Z' => text("UTC"),
            '%' => text("%"),
            _ => None,
        }
    }
}

enum Piece {
    Number(i64, usize, char),
    Text(String),
}

/// A time, in seconds since 1970, in this format.
#[must_use]
pub fn strftime(format: &str, seconds: i64) -> String {
    let moment = Moment::new(seconds);
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let flags: String = after.chars().take_while(|char| "_-0^#".contains(*char)).collect();
        let tail = &after[flags.len()..];
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        let width: usize = tail[..digits].parse().unwrap_or(0);
        let tail = tail[digits..].trim_start_matches(['E', 'O']);
        let mut chars = tail.chars();
        let Some(piece) = chars.next().and_then(|letter| moment.piece(letter)) else {
            out.push('%');
            rest = after;
            continue;
        };
        rest = chars.as_str();
        let last = flags.chars().rfind(|flag| "_-0".contains(*flag));
        let text = match piece {
            Piece::Number(value, own, fill) => {
                let fill = match last {
                    Some('_') => ' ',
                    Some('0') => '0',
                    _ => fill,
                };
                let width = if last == Some('-') { 1 } else { own.max(width) };
                let digits = value.abs().to_string();
                let sign = if value < 0 { "-" } else { "" };
                let filled = String::from(fill).repeat(width.saturating_sub(digits.len() + sign.len()));
                if fill == '0' { format!("{sign}{filled}{digits}") } else { format!("{filled}{sign}{digits}") }
            }
            Piece::Text(text) => {
                let fill = if last == Some('0') { "0" } else { " " };
                format!("{}{text}", fill.repeat(width.saturating_sub(text.chars().count())))
            }
        };
        out.push_str(&if flags.contains('^') { text.to_uppercase() } else { text });
    }
    out.push_str(rest);
    out
}
