//! Dates of awk: `strftime` and `mktime`, in UTC.
//!
//! Does not know what time it is.

use crate::options::Bytes;

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

struct Date {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    week_day: i64,
    year_day: i64,
}

/// Days since 1970 of a date in the calendar that is used today.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date(seconds: i64) -> Date {
    let day_count = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400);
    let shifted = day_count + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted - era * 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date {
        year,
        month,
        day,
        hour: rest / 3600,
        minute: rest / 60 % 60,
        second: rest % 60,
        week_day: (day_count + 4).rem_euclid(7),
        year_day: day_count - days(year, 1, 1),
    }
}

/// `YYYY MM DD HH MM SS` as seconds.
pub fn mktime(text: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(text);
    let parts: Vec<i64> = text.split_ascii_whitespace().map_while(|part| part.parse().ok()).collect();
    let [year, month, day, hour, minute, second] = match parts.as_slice() {
        [first @ .., _] if first.len() == 6 => [parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]],
        [year, month, day, hour, minute, second] => [*year, *month, *day, *hour, *minute, *second],
        _ => return -1.0,
    };
    let months = year * 12 + month - 1;
    let day_count = days(months.div_euclid(12), months.rem_euclid(12) + 1, 1) + day - 1;
    (day_count * 86_400 + hour * 3600 + minute * 60 + second) as f64
}

/// The week of the year by ISO 8601, and its year.
fn iso_week(date: &Date) -> (i64, i64) {
    let week_day = (date.week_day + 6) % 7;
    let week = (date.year_day - week_day + 10) / 7;
    let weeks_in = |year: i64| {
        let first = (days(year, 1, 1) + 3).rem_euclid(7);
        let leap = days(year + 1, 1, 1) - days(year, 1, 1) == 366;
        if first == 3 || first == 2 && leap { 53 } else { 52 }
    };
    if week < 1 {
        (date.year - 1, weeks_in(date.year - 1))
    } else if week > weeks_in(date.year) {
        (date.year + 1, 1)
    } else {
        (date.year, week)
    }
}

pub fn strftime(format: &[u8], seconds: i64) -> Bytes {
    let date = date(seconds);
    let mut out = String::new();
    let mut letters = format.iter();
    while let Some(letter) = letters.next() {
        if *letter != b'%' {
            out.push(*letter as char);
            continue;
        }
        let Some(mut letter) = letters.next() else {
            out.push('%');
            break;
        };
        let bare = *letter == b'-';
        if matches!(letter, b'-' | b'E' | b'O') {
            letter = letters.next().unwrap_or(&b'%');
        }
        let piece = piece(*letter, &date, seconds);
        out.push_str(if bare { piece.trim_start_matches(['0', ' ']) } else { &piece });
    }
    out.into_bytes()
}

fn piece(letter: u8, date: &Date, seconds: i64) -> String {
    let twelve = if date.hour % 12 == 0 { 12 } else { date.hour % 12 };
    let again = |format: &[u8]| String::from_utf8_lossy(&strftime(format, seconds)).into_owned();
    let day = DAYS[date.week_day as usize];
    let month = MONTHS[(date.month - 1) as usize];
    match letter {
        b'a' => day[..3].to_owned(),
        b'A' => day.to_owned(),
        b'b' | b'h' => month[..3].to_owned(),
        b'B' => month.to_owned(),
        b'c' => again(b"%a %b %e %H:%M:%S %Y"),
        b'C' => format!("{:02}", date.year / 100),
        b'd' => format!("{:02}", date.day),
        b'D' | b'x' => again(b"%m/%d/%y"),
        b'e' => format!("{:2}", date.day),
        b'F' => again(b"%Y-%m-%d"),
        b'g' => format!("{:02}", iso_week(date).0 % 100),
        b'G' => iso_week(date).0.to_string(),
        b'H' => format!("{:02}", date.hour),
        b'I' => format!("{twelve:02}"),
        b'j' => format!("{:03}", date.year_day + 1),
        b'k' => format!("{:2}", date.hour),
        b'l' => format!("{twelve:2}"),
        b'm' => format!("{:02}", date.month),
        b'M' => format!("{:02}", date.minute),
        b'n' => "\n".to_owned(),
        b'p' => if date.hour < 12 { "AM" } else { "PM" }.to_owned(),
        b'r' => again(b"%I:%M:%S %p"),
        b'R' => again(b"%H:%M"),
        b's' => seconds.to_string(),
        b'S' => format!("{:02}", date.second),
        b't' => "\t".to_owned(),
        b'T' | b'X' => again(b"%H:%M:%S"),
        b'u' => (if date.week_day == 0 { 7 } else { date.week_day }).to_string(),
        b'U' => format!("{:02}", (date.year_day + 7 - date.week_day) / 7),
        b'V' => format!("{:02}", iso_week(date).1),
        b'w' => date.week_day.to_string(),
        b'W' => format!("{:02}", (date.year_day + 7 - (date.week_day + 6) % 7) / 7),
        b'y' => format!("{:02}", date.year % 100),
        b'Y' => date.year.to_string(),
        b'z' => "+0000".to_owned(),
        b'Z' => "UTC".to_owned(),
        b'%' => "%".to_owned(),
        other => format!("%{}", other as char),
    }
}
