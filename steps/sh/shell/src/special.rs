//! Variables that the shell answers itself: `RANDOM`, `SECONDS`, `LINENO` and their like.

use crate::shell::Shell;
use crate::vars::Text;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use userland_sys as sys;

/// The time since 1970.
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Seconds that only go forward, from a beginning of their own.
pub fn seconds() -> i64 {
    i64::try_from(sys::monotonic() / 1_000_000_000).unwrap_or(0)
}

/// The version that scripts are told.
pub const VERSION: &str = "5.2.15(1)-release";

/// The names of those variables.
pub const NAMES: [&str; 26] = [
    "BASH",
    "BASHOPTS",
    "BASHPID",
    "BASH_ARGV0",
    "BASH_COMMAND",
    "BASH_LINENO",
    "BASH_SOURCE",
    "BASH_SUBSHELL",
    "BASH_VERSINFO",
    "BASH_VERSION",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "GROUPS",
    "HOSTNAME",
    "HOSTTYPE",
    "LINENO",
    "MACHTYPE",
    "OSTYPE",
    "PIPESTATUS",
    "PPID",
    "RANDOM",
    "SECONDS",
    "SHELLOPTS",
    "UID",
];

impl Shell {
    /// The value of a variable that is not stored.
    pub fn special_text(&mut self, name: &str) -> Option<Text> {
        // All of them are written in capitals.
        if !name.as_bytes().first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte == b'_')
            || self.state.hidden.iter().any(|hidden| **hidden == *name)
        {
            return None;
        }
        let number = |number: u64| Some(Text::from(number.to_string()));
        match name {
            "RANDOM" => number(u64::from(self.random())),
            "SRANDOM" => {
                let (high, low) = (self.random(), self.random());
                number(u64::from(high) << 15 | u64::from(low))
            }
            "SECONDS" => Some((seconds() - self.state.since).to_string().into()),
            "EPOCHSECONDS" => number(now().as_secs()),
            "EPOCHREALTIME" => {
                let now = now();
                Some(format!("{}.{:06}", now.as_secs(), now.subsec_micros()).into())
            }
            "LINENO" => number(u64::from(self.state.line)),
            "BASHPID" => number(u64::from(self.own_number())),
            "PPID" => number(u64::from(self.state.parent)),
            "UID" | "EUID" => number(u64::from(userland_sys::user().0)),
            "BASH_SUBSHELL" => number(u64::from(self.state.level)),
            "BASH_VERSION" if !self.state.options.posix => Some(VERSION.into()),
            "BASH" => Some("/bin/bash".into()),
            "HOSTNAME" => Some("stepwell".into()),
            "HOSTTYPE" => Some("x86_64".into()),
            "OSTYPE" => Some("linux-gnu".into()),
            "MACHTYPE" => Some("x86_64-pc-linux-gnu".into()),
            "SHELLOPTS" => Some(self.shell_options().into()),
            "BASHOPTS" => Some(self.bash_options().into()),
            "BASH_ARGV0" => Some(self.state.zero.clone()),
            "BASH_COMMAND" => Some(self.command.clone()),
            "_" => Some(self.state.last_argument.clone()),
            "FUNCNAME" | "BASH_SOURCE" | "BASH_LINENO" | "PIPESTATUS" | "GROUPS" | "BASH_VERSINFO" | "DIRSTACK" => {
                self.special_array(name).into_iter().next().map(|(_, text)| text)
            }
            _ => None,
        }
    }

    /// The elements of an array that is not stored.
    pub fn special_array(&mut self, name: &str) -> Vec<(Text, Text)> {
        let frames = self.state.frames.iter().rev();
        // A script in a file is at the bottom of what is called; one of `-c` or standard input is not there.
        let file = !self.state.flags.contains(['c', 's']);
        let texts: Vec<Text> = match name {
            "PIPESTATUS" => self.state.pipe_status.iter().map(|status| status.to_string().into()).collect(),
            "FUNCNAME" if self.state.frames.iter().all(|frame| &*frame.name == "source") => Vec::new(),

            "FUNCNAME" => frames.map(|frame| frame.name.clone()).chain(file.then(|| "main".into())).collect(),
            "BASH_SOURCE" => frames.map(|frame| frame.source.clone()).chain(file.then(|| self.main_source())).collect(),
            "BASH_LINENO" => {
                frames.map(|frame| frame.line.to_string().into()).chain(file.then(|| "0".into())).collect()
            }
            "GROUPS" => vec!["0".into()],
            "BASH_VERSINFO" => ["5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"].map(Text::from).to_vec(),
            "DIRSTACK" => {
                [self.directory.clone()].into_iter().chain(self.state.directories.iter().rev().cloned()).collect()
            }
            name => match self.special_scalar_only(name) {
                Some(text) => vec![text],
                None => Vec::new(),
            },
        };
        texts.into_iter().enumerate().map(|(at, text)| (at.to_string().into(), text)).collect()
    }

    fn special_scalar_only(&mut self, name: &str) -> Option<Text> {
        let arrays = ["PIPESTATUS", "FUNCNAME", "BASH_SOURCE", "BASH_LINENO", "GROUPS", "BASH_VERSINFO", "DIRSTACK"];
        if arrays.contains(&name) { None } else { self.special_text(name) }
    }

    /// The file that the script itself is.
    fn main_source(&self) -> Text {
        match self.state.frames.first() {
            Some(_) => self.state.zero.clone(),
            None => self.state.source.clone(),
        }
    }

    /// A number from 0 to 32767.
    fn random(&mut self) -> u32 {
        if self.state.random == 0 {
            self.state.random = seed();
        }
        // The generator of bash 5.
        let high = self.state.random / 127_773;
        let low = self.state.random % 127_773;
        let next = 16_807_i64 * i64::from(low) - 2_836_i64 * i64::from(high);
        let next = if next < 0 { next + 0x7fff_ffff } else { next };
        self.state.random = u32::try_from(next).unwrap_or(1);
        (self.state.random ^ (self.state.random >> 16)) & 0x7fff
    }

    /// Takes an assignment to a variable that means something to the shell. True where it is not stored.
    pub fn assign_special(&mut self, name: &str, text: &str) -> bool {
        match name {
            "RANDOM" => {
                self.state.random = text.trim().parse::<u32>().unwrap_or(0).max(1);
                true
            }
            "SECONDS" => {
                let seconds = text.trim().parse::<i64>().unwrap_or(0);
                self.state.since = self::seconds() - seconds;
                true
            }
            "LINENO" | "BASHPID" | "FUNCNAME" | "PIPESTATUS" | "BASH_SUBSHELL" => true,
            "BASH_ARGV0" => {
                self.state.zero = text.into();
                true
            }
            "OPTIND" => {
                self.state.option_place = 0;
                false
            }
            _ => false,
        }
    }

    /// A variable that was unset means nothing to the shell any more.
    pub fn hide_special(&mut self, name: &str) {
        if matches!(name, "RANDOM" | "SECONDS" | "LINENO" | "HOSTNAME" | "BASHPID" | "EPOCHSECONDS") {
            Rc::make_mut(&mut self.state.hidden).push(name.into());
        }
    }

    fn shell_options(&self) -> String {
        let names = crate::state::Options::NAMES.iter().filter(|name| self.state.options.get(name) == Some(true));
        names.copied().collect::<Vec<_>>().join(":")
    }

    fn bash_options(&self) -> String {
        let names = crate::state::Shopts::NAMES.iter().filter(|name| self.state.shopts.get(name) == Some(true));
        names.copied().collect::<Vec<_>>().join(":")
    }
}

/// A number that nobody can tell beforehand, or the same one where the step's random bytes follow from a seed.
fn seed() -> u32 {
    let mut bytes = [0; 4];
    let read =
        std::fs::File::open("/dev/urandom").and_then(|mut file| std::io::Read::read_exact(&mut file, &mut bytes));
    match read {
        Ok(()) => u32::from_le_bytes(bytes).max(1),
        Err(_) => now().subsec_nanos().max(1),
    }
}
