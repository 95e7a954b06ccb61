//! How our own words are coloured, and how spans of time, sizes and moments are written.
//!
//! Knows ANSI colours and number formats. Does not know what is shown with them.

use crate::engine::view::Phase;

/// Our colours, or none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether colour sequences are written.
    pub colours: bool,
}

impl Style {
    /// Nothing but text.
    #[cfg(test)]
    pub const PLAIN: Style = Style { colours: false };

    fn wrap(self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Strong text: names and headings.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// Text of less weight.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// Good news.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// Bad news.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    /// What asks for attention.
    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    /// A phase's word in its colour. The word alone carries the meaning.
    #[must_use]
    pub fn phase(self, phase: Phase) -> String {
        let word = phase_word(phase);
        match phase {
            Phase::Waiting | Phase::Running => self.dim(word),
            Phase::Succeeded => self.good(word),
            Phase::Failed => self.bad(word),
            Phase::Cancelled => self.warn(word),
        }
    }
}

/// A phase in one word.
#[must_use]
pub fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Waiting => "waiting",
        Phase::Running => "running",
        Phase::Succeeded => "succeeded",
        Phase::Failed => "failed",
        Phase::Cancelled => "cancelled",
    }
}

/// A span of time, short: `0.4ms`, `12ms`, `1.25s`, `2m03s`, `1h02m`.
#[must_use]
pub fn span(nanos: u64) -> String {
    let millis = nanos / 1_000_000;
    match millis {
        0..10 => format!("{}.{}ms", millis, nanos / 100_000 % 10),
        10..1_000 => format!("{millis}ms"),
        1_000..60_000 => format!("{}.{:02}s", millis / 1000, millis % 1000 / 10),
        60_000..3_600_000 => format!("{}m{:02}s", millis / 60_000, millis / 1000 % 60),
        _ => format!("{}h{:02}m", millis / 3_600_000, millis / 60_000 % 60),
    }
}

/// The span between two moments; empty where either has not come.
#[must_use]
pub fn between(started_at: u64, ended_at: u64) -> String {
    if started_at == 0 || ended_at == 0 { String::new() } else { span(ended_at.saturating_sub(started_at)) }
}

/// A running clock without fractions: `0:07`, `12:34`, `1:02:03`.
#[must_use]
pub fn clock(nanos: u64) -> String {
    let seconds = nanos / 1_000_000_000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A number of bytes: `17 B`, `1.5 KiB`, `67.0 MiB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut scaled = count;
    let mut tenths = count % 1024 * 10 / 1024;
    let mut unit = "B";
    for name in UNITS {
        if scaled < 1024 {
            break;
        }
        tenths = scaled % 1024 * 10 / 1024;
        scaled /= 1024;
        unit = name;
    }
    format!("{scaled}.{tenths} {unit}")
}

/// A moment in UTC with seconds, as Kubernetes writes it.
#[must_use]
pub fn moment(unix_nanos: u64) -> String {
    let seconds = i64::try_from(unix_nanos / 1_000_000_000).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| "-".to_owned(), |t| t.to_string())
}

/// A moment in UTC with nanoseconds, for time stamps of log lines.
#[must_use]
pub fn precise_moment(unix_nanos: u64) -> String {
    let nanos = i128::from(unix_nanos);
    jiff::Timestamp::from_nanosecond(nanos).map_or_else(|_| "-".to_owned(), |t| format!("{t:.9}"))
}

/// `one` for 1, otherwise `many`, after the number.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (nanos, shown) in [
            (350_000, "0.3ms"),
            (12_000_000, "12ms"),
            (1_257_000_000, "1.25s"),
            (123_000_000_000, "2m03s"),
            (3_720_000_000_000, "1h02m"),
        ] {
            assert_eq!(span(nanos), shown);
        }
        assert_eq!(clock(67_000_000_000), "1:07");
        assert_eq!(clock(3_723_000_000_000), "1:02:03");
        for (size, shown) in [(17, "17 B"), (1536, "1.5 KiB"), (67 << 20, "67.0 MiB"), (5 << 40, "5.0 TiB")] {
            assert_eq!(bytes(size), shown);
        }
        assert_eq!(moment(946_684_800_000_000_000), "2000-01-01T00:00:00Z");
        assert_eq!(precise_moment(946_684_800_000_000_007), "2000-01-01T00:00:00.000000007Z");
    }

    #[test]
    fn without_colours_there_is_only_text() {
        assert_eq!(Style::PLAIN.phase(Phase::Failed), "failed");
        assert_eq!(Style { colours: true }.phase(Phase::Failed), "\x1b[1;31mfailed\x1b[0m");
    }
}
