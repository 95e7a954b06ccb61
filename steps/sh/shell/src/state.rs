//! What a shell is at one moment, all of which another instance can go on from.

use crate::syntax::Aliases;
use crate::syntax::ast::Function;
use crate::vars::{Text, Var};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Defines the options with their names, so that each is written once.
macro_rules! options {
    ($(#[$meta:meta])* $kind:ident { $($field:ident $name:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub struct $kind { $(pub $field: bool,)* }
        impl $kind {
            pub const NAMES: &[&str] = &[$($name,)*];
            pub fn get(&self, name: &str) -> Option<bool> {
                match name { $($name => Some(self.$field),)* _ => None }
            }
            pub fn set(&mut self, name: &str, on: bool) -> bool {
                match name { $($name => { self.$field = on; true })* _ => false }
            }
        }
    };
}

options! {
    /// The options of `set -o`.
    Options {
        allexport "allexport",
        braceexpand "braceexpand",
        emacs "emacs",
        errexit "errexit",
        errtrace "errtrace",
        functrace "functrace",
        hashall "hashall",
        histexpand "histexpand",
        history "history",
        ignoreeof "ignoreeof",
        interactive_comments "interactive-comments",
        keyword "keyword",
        monitor "monitor",
        noclobber "noclobber",
        noexec "noexec",
        noglob "noglob",
        nolog "nolog",
        notify "notify",
        nounset "nounset",
        onecmd "onecmd",
        physical "physical",
        pipefail "pipefail",
        posix "posix",
        privileged "privileged",
        verbose "verbose",
        vi "vi",
        xtrace "xtrace",
    }
}

options! {
    /// The options of `shopt`.
    Shopts {
        autocd "autocd",
        assoc_expand_once "assoc_expand_once",
        cdable_vars "cdable_vars",
        cdspell "cdspell",
        checkhash "checkhash",
        checkjobs "checkjobs",
        checkwinsize "checkwinsize",
        cmdhist "cmdhist",
        compat31 "compat31",
        compat32 "compat32",
        compat40 "compat40",
        compat41 "compat41",
        compat42 "compat42",
        compat43 "compat43",
        compat44 "compat44",
        complete_fullquote "complete_fullquote",
        direxpand "direxpand",
        dirspell "dirspell",
        dotglob "dotglob",
        execfail "execfail",
        expand_aliases "expand_aliases",
        extdebug "extdebug",
        extglob "extglob",
        extquote "extquote",
        failglob "failglob",
        force_fignore "force_fignore",
        globasciiranges "globasciiranges",
        globskipdots "globskipdots",
        globstar "globstar",
        gnu_errfmt "gnu_errfmt",
        histappend "histappend",
        histreedit "histreedit",
        histverify "histverify",
        hostcomplete "hostcomplete",
        huponexit "huponexit",
        inherit_errexit "inherit_errexit",
        interactive_comments "interactive_comments",
        lastpipe "lastpipe",
        lithist "lithist",
        localvar_inherit "localvar_inherit",
        localvar_unset "localvar_unset",
        login_shell "login_shell",
        mailwarn "mailwarn",
        no_empty_cmd_completion "no_empty_cmd_completion",
        nocaseglob "nocaseglob",
        nocasematch "nocasematch",
        noexpand_translation "noexpand_translation",
        nullglob "nullglob",
        patsub_replacement "patsub_replacement",
        progcomp "progcomp",
        progcomp_alias "progcomp_alias",
        promptvars "promptvars",
        restricted_shell "restricted_shell",
        shift_verbose "shift_verbose",
        sourcepath "sourcepath",
        varredir_close "varredir_close",
        xpg_echo "xpg_echo",
    }
}

/// The letters of `set` and the options they stand for.
pub const LETTERS: [(char, &str); 20] = [
    ('a', "allexport"),
    ('b', "notify"),
    ('e', "errexit"),
    ('f', "noglob"),
    ('h', "hashall"),
    ('k', "keyword"),
    ('m', "monitor"),
    ('n', "noexec"),
    ('p', "privileged"),
    ('t', "onecmd"),
    ('u', "nounset"),
    ('v', "verbose"),
    ('x', "xtrace"),
    ('B', "braceexpand"),
    ('C', "noclobber"),
    ('E', "errtrace"),
    ('H', "histexpand"),
    ('P', "physical"),
    ('T', "functrace"),
    ('o', ""),
];

/// A function, or a file that is being read by `source`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// `FUNCNAME`.
    pub name: Text,
    /// Where it was defined.
    pub source: Text,
    /// The line that called it.
    pub line: u32,
    /// What its local variables hide.
    pub saved: Vec<(Text, Option<Var>)>,
    /// What `local -` is to put back.
    pub options: Option<Options>,
}

/// What one shell hands to another that goes on for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    pub vars: Rc<FxHashMap<Text, Var>>,
    pub functions: Rc<FxHashMap<Text, Rc<Function>>>,
    /// The attributes of functions that have any: exported, read-only, traced.
    pub function_marks: Rc<BTreeMap<Text, u16>>,
    pub aliases: Rc<Aliases>,
    pub options: Options,
    pub shopts: Shopts,
    pub positional: Rc<Vec<Text>>,
    /// `$0`.
    pub zero: Text,
    /// What messages begin with, before the line.
    pub label: Text,
    /// The file that is being read.
    pub source: Text,
    pub frames: Vec<Frame>,
    pub traps: BTreeMap<u8, Text>,
    /// Traps of the shell that this one came from: shown, never run.
    pub shown_traps: BTreeMap<u8, Text>,
    /// Signals that are ignored though nobody said so: of a command in the background, those of a terminal.
    pub ignored: u64,
    pub status: i32,
    pub pipe_status: Vec<i32>,
    /// `$!`
    pub background: Option<u32>,
    /// `$$`
    pub number: u32,
    /// `$PPID`
    pub parent: u32,
    pub line: u32,
    /// The line that a program is named with that a signal ended: as bash counts, of what is around the command.
    pub outer_line: u32,
    /// Whether a part of the script asks for the command that runs.
    pub asks_command: bool,
    /// Whether this is within `$( )`, where nothing is said of programs that signals end.
    pub substitutes: bool,
    pub level: u32,
    pub loops: u32,
    /// How many commands around this one look at its status, so that `set -e` does not.
    pub unchecked: u32,
    pub random: u32,
    /// `SECONDS` counts from this second since 1970.
    pub since: i64,
    /// Where within a cluster of options `getopts` is.
    pub option_place: usize,
    pub umask: u32,
    pub directories: Vec<Text>,
    /// Variables of the environment whose names are none.
    pub foreign: Rc<Vec<String>>,
    /// Special variables that were unset.
    pub hidden: Rc<Vec<Text>>,
    /// What `complete` was told, by command.
    pub completions: Rc<Vec<(Text, Text)>>,
    pub disabled: Rc<Vec<Text>>,
    pub last_argument: Text,
    pub flags: Text,
}

/// Signals by number; 0 and those from 65 on are the shell's own.
pub const SIGNALS: [&str; 32] = [
    "EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
    "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH",
    "IO", "PWR", "SYS",
];
pub const EXIT: u8 = 0;
pub const DEBUG: u8 = 65;
pub const ERR: u8 = 66;
pub const RETURN: u8 = 67;

/// The number of a signal by name or number.
pub fn signal_number(text: &str) -> Option<u8> {
    if let Ok(number) = text.parse::<u8>() {
        return (number <= 64).then_some(number);
    }
    let upper = text.to_ascii_uppercase();
    match upper.as_str() {
        "DEBUG" => return Some(DEBUG),
        "ERR" => return Some(ERR),
        "RETURN" => return Some(RETURN),
        "IOT" => return Some(6),
        "CLD" => return Some(17),
        "POLL" => return Some(29),
        _ => {}
    }
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if let Some(number) = name.strip_prefix("RTM") {
        let number = match (number.strip_prefix("IN"), number.strip_prefix("AX")) {
            (Some(""), _) => Some(34),
            (_, Some("")) => Some(64),
            (Some(more), _) => more.strip_prefix('+').and_then(|more| more.parse::<u8>().ok()?.checked_add(34)),
            (_, Some(less)) => less.strip_prefix('-').and_then(|less| 64_u8.checked_sub(less.parse().ok()?)),
            _ => None,
        };
        return number.filter(|number| (34..=64).contains(number));
    }
    SIGNALS.iter().position(|signal| *signal == name).and_then(|number| u8::try_from(number).ok())
}

/// The name as `trap -p` shows it.
pub fn signal_name(number: u8) -> String {
    match number {
        EXIT => "EXIT".into(),
        DEBUG => "DEBUG".into(),
        ERR => "ERR".into(),
        RETURN => "RETURN".into(),
        32 | 33 => number.to_string(),
        34 => "SIGRTMIN".into(),
        35..50 => format!("SIGRTMIN+{}", number - 34),
        50..64 => format!("SIGRTMAX-{}", 64 - number),
        64 => "SIGRTMAX".into(),
        number => format!("SIG{}", SIGNALS.get(usize::from(number)).copied().unwrap_or_default()),
    }
}
