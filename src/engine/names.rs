//! Names, uids and times of the objects that a run makes.
//!
//! Knows Tekton's naming (`kmeta.ChildName`), how a child's uid follows from its owner's, and
//! how a moment is written. Does not know what the names are for.

use md5::{Digest, Md5};
use std::fmt::Write;

/// Kubernetes' longest label value, which names of children keep to.
const LONGEST: usize = 63;
const HASH_LENGTH: usize = 32;
const HEAD: usize = LONGEST - HASH_LENGTH;

/// The MD5 of `text` in hexadecimal digits.
pub(super) fn hash(text: &str) -> String {
    let mut out = String::with_capacity(HASH_LENGTH);
    for byte in Md5::digest(text.as_bytes()) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The first `length` bytes of `text`, or fewer where that would cut a character.
fn cut(text: &str, length: usize) -> &str {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Name of a child (Tekton: knative's `kmeta.ChildName`): `parent` and `suffix`, hashed where that
/// is longer than 63.
pub(super) fn child_name(parent: &str, suffix: &str) -> String {
    if parent.len() + suffix.len() <= LONGEST {
        return format!("{parent}{suffix}");
    }
    if suffix.len() >= HEAD {
        let mut name = cut(parent, HEAD).to_owned();
        name += &hash(&format!("{parent}{suffix}"));
        let rest = LONGEST.saturating_sub(name.len());
        name += cut(suffix, rest);
        return trimmed(name);
    }
    format!("{}{}{suffix}", cut(parent, HEAD - suffix.len()), hash(parent))
}

fn trimmed(mut name: String) -> String {
    while name.ends_with(|c: char| !c.is_ascii_alphanumeric()) {
        name.pop();
    }
    name
}

/// Names of the runs of a pipeline task, `count` of them (Tekton: `getNewRunNames`).
pub(super) fn run_names(run: &str, task: &str, count: usize) -> Vec<String> {
    if count == 1 {
        return vec![child_name(run, &format!("-{task}"))];
    }
    (0..count)
        .map(|i| {
            let suffix = format!("-{i}");
            let name = child_name(run, &format!("-{task}-{i}"));
            if name.ends_with(&suffix) {
                return name;
            }
            let longest = LONGEST - format!("-{count}").len();
            format!("{}{suffix}", cut(&child_name(run, &format!("-{task}")), longest))
        })
        .collect()
}

/// A uid that follows from the owner's uid and the child's name, so that replaying a run makes
/// the same objects.
pub(super) fn child_uid(owner_uid: &str, name: &str) -> String {
    let hash = hash(&format!("{owner_uid}/{name}"));
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// A moment as Kubernetes writes it: RFC 3339 in UTC, whole seconds.
pub(super) fn time(nanos: u64) -> String {
    let seconds = nanos / 1_000_000_000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_hashed_and_keep_their_number() {
        assert_eq!(child_name("run", "-task"), "run-task");
        let parent = "p".repeat(60);
        let hashed = child_name(&parent, "-task");
        assert_eq!(hashed.len(), 63);
        assert!(hashed.starts_with(&"p".repeat(26)) && hashed.ends_with("-task"));
        let wide = child_name("run", &format!("-{}", "t".repeat(70)));
        assert!(wide.len() <= 63 && wide.starts_with("run"));
        for (i, name) in run_names("run", &"t".repeat(70), 12).iter().enumerate() {
            assert!(name.len() <= 63 && name.ends_with(&format!("-{i}")), "{name}");
        }
        assert_eq!(run_names("r", "t", 2), ["r-t-0", "r-t-1"]);
    }

    #[test]
    fn times_and_uids_have_their_shapes() {
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(951_782_400_000_000_000), "2000-02-29T00:00:00Z");
        assert_eq!(time(1_795_257_253_999_999_999), "2026-11-21T10:34:13Z");
        let uid = child_uid("u", "n");
        assert_eq!(uid.len(), 36);
        assert_eq!(uid, child_uid("u", "n"));
        assert_ne!(uid, child_uid("u", "m"));
    }
}
