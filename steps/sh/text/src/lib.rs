//! The userland's tools for text, each a function of its arguments that gives an exit code.
//!
//! They read and write as they go and hold no more than they must. Texts are bytes, as in the C locale. Knows each
//! tool's name; does not know the shell.

mod awk;
mod bytes;
mod cat;
mod child;
mod cmp;
mod column;
mod csplit;
mod diff;
mod dump;
mod fields;
mod find;
mod fmt;
pub mod glob;
mod grep;
mod head;
mod hexdump;
mod hexformat;
mod join;
mod lines;
mod number;
mod options;
mod patch;
pub mod regex;
mod sed;
mod sort;
mod split;
mod stream;
mod strings;
mod tabs;
mod tail;
mod uniq;
mod wc;
mod xargs;
mod xxd;

use options::Bytes;
pub use sed::replacement;
pub use sort::versions;
use std::ffi::OsString;

/// An exit code; as an error it ends the tool at once, all said.
type Exit = Result<i32, i32>;

macro_rules! tools {
    ($($name:literal => $run:path,)*) => {
        /// The names of all tools.
        pub const NAMES: &[&str] = &[$($name),*];

        /// The tool of that name.
        #[must_use]
        pub fn find(name: &str) -> Option<fn(Vec<OsString>) -> i32> {
            match name {
                $($name => Some(|args| run($run, args)),)*
                _ => None,
            }
        }
    };
}

fn run(tool: fn(&[Bytes]) -> Exit, args: Vec<OsString>) -> i32 {
    let args: Vec<Bytes> = args.into_iter().map(OsString::into_encoded_bytes).collect();
    tool(&args).unwrap_or_else(|code| code)
}

tools! {
    "awk" => awk::awk,
    "find" => find::find,
    "fmt" => fmt::fmt,
    "fold" => lines::fold,
    "gawk" => awk::awk,
    "mawk" => awk::awk,
    "nawk" => awk::awk,
    "cat" => cat::cat,
    "cmp" => cmp::cmp,
    "column" => column::column,
    "comm" => uniq::comm,
    "csplit" => csplit::csplit,
    "cut" => fields::cut,
    "diff" => diff::diff,
    "egrep" => grep::egrep,
    "expand" => tabs::expand,
    "fgrep" => grep::fgrep,
    "grep" => grep::grep,
    "head" => head::head,
    "hd" => hexdump::hexdump,
    "hexdump" => hexdump::hexdump,
    "join" => join::join,
    "nl" => lines::nl,
    "od" => dump::od,
    "paste" => fields::paste,
    "patch" => patch::patch,
    "rev" => bytes::rev,
    "sed" => sed::sed,
    "sort" => sort::sort,
    "split" => split::split,
    "strings" => strings::strings,
    "tac" => cat::tac,
    "tail" => tail::tail,
    "tee" => cat::tee,
    "tr" => bytes::tr,
    "unexpand" => tabs::unexpand,
    "uniq" => uniq::uniq,
    "wc" => wc::wc,
    "xxd" => xxd::xxd,
    "xargs" => xargs::xargs,
}
