//! The userland's tools for files, the shell, data, compression and archives.
//!
//! Each is a plain blocking program over its standard streams that takes its arguments and gives an exit code. The
//! texts, formats and exit codes are GNU's; what a tool does not have it refuses. Knows the system by `userland_sys`
//! and libc. Does not know the shell, nor the tools for text; which names those have, it is told by `set_known`.

/// A line on standard output; one that nobody reads ends the tool as it would any other, where std's own panics.
macro_rules! println {
    ($($part:tt)*) => { $crate::outcome::line(format_args!($($part)*)) };
}

/// A line on standard error, said as far as it can be.
macro_rules! eprintln {
    ($($part:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{}\n", format_args!($($part)*)));
    }};
}

mod arrange;
mod base;
mod bc;
mod copy;
mod date;
mod dd;
mod destination;
mod du;
mod environment;
mod envsubst;
mod expr;
mod getopt;
mod gzip_ratio;
mod identity;
mod install;
mod jq;
mod linking;
mod ls;
mod making;
mod modes;
mod moments;
mod moving;
mod names;
mod numfmt;
mod options;
mod outcome;
mod plain;
mod printf;
mod ps;
mod removal;
mod running;
mod seq;
mod sizes;
mod squeeze;
mod stat;
mod status;
mod streams;
mod sums;
mod tar;
mod test;
mod timeout;
mod touch;
mod tree;
mod yq;
mod zip;

pub use environment::set_known;
use std::ffi::OsString;

/// A tool: takes its arguments, its name first, and gives its exit code.
pub type Tool = fn(Vec<OsString>) -> i32;

macro_rules! tools {
    ($($name:literal => $work:path,)*) => {
        /// The tools' names.
        pub const NAMES: &[&str] = &[$($name),*];

        /// The tool of that name.
        #[must_use]
        pub fn find(name: &str) -> Option<Tool> {
            match name {
                $($name => Some(|arguments| outcome::run(arguments, $work)),)*
                _ => None,
            }
        }
    };
}

tools! {
    "[" => test::run,
    "arch" => identity::arch,
    "b2sum" => sums::b2sum,
    "base32" => base::base32,
    "base64" => base::base64,
    "basename" => names::basename,
    "bc" => bc::run,
    "bunzip2" => squeeze::bunzip2,
    "bzcat" => squeeze::bzcat,
    "bzip2" => squeeze::bzip2,
    "chgrp" => modes::chgrp,
    "chmod" => modes::chmod,
    "chown" => modes::chown,
    "cksum" => sums::cksum,
    "clear" => plain::no_terminal,
    "cp" => copy::run,
    "date" => date::run,
    "dd" => dd::run,
    "df" => stat::df,
    "dirname" => names::dirname,
    "du" => du::run,
    "echo" => plain::echo,
    "env" => environment::env,
    "envsubst" => envsubst::run,
    "expr" => expr::run,
    "factor" => plain::factor,
    "false" => plain::always_false,
    "getconf" => identity::getconf,
    "getent" => identity::getent,
    "getopt" => getopt::run,
    "groups" => identity::groups,
    "gunzip" => squeeze::gunzip,
    "gzip" => squeeze::gzip,
    "hostname" => identity::hostname,
    "id" => identity::id,
    "install" => install::run,
    "jq" => jq::run,
    "link" => linking::link,
    "ln" => linking::ln,
    "logname" => identity::logname,
    "ls" => ls::run,
    "lzma" => squeeze::lzma,
    "md5sum" => sums::md5sum,
    "mkdir" => making::mkdir,
    "mkfifo" => making::mkfifo,
    "mktemp" => making::mktemp,
    "mv" => moving::run,
    "nice" => environment::nice,
    "nohup" => environment::nohup,
    "nproc" => identity::nproc,
    "numfmt" => numfmt::run,
    "printenv" => environment::printenv,
    "printf" => printf::run,
    "ps" => ps::run,
    "pwd" => names::pwd,
    "readlink" => linking::readlink,
    "realpath" => linking::realpath,
    "reset" => plain::no_terminal,
    "rm" => removal::rm,
    "rmdir" => removal::rmdir,
    "seq" => seq::run,
    "setsid" => running::setsid,
    "sha1sum" => sums::sha1sum,
    "sha224sum" => sums::sha224sum,
    "sha256sum" => sums::sha256sum,
    "sha384sum" => sums::sha384sum,
    "sha512sum" => sums::sha512sum,
    "shuf" => arrange::shuf,
    "sleep" => plain::sleep,
    "stat" => stat::stat,
    "stdbuf" => running::stdbuf,
    "sum" => sums::sum,
    "sync" => names::sync,
    "tar" => tar::run,
    "test" => test::run,
    "timeout" => timeout::run,
    "touch" => touch::touch,
    "tree" => tree::run,
    "true" => plain::always_true,
    "truncate" => touch::truncate,
    "tsort" => arrange::tsort,
    "tty" => identity::tty,
    "uname" => identity::uname,
    "unlink" => removal::unlink,
    "unlzma" => squeeze::unlzma,
    "unxz" => squeeze::unxz,
    "unzip" => zip::unpack::run,
    "unzstd" => squeeze::unzstd,
    "which" => environment::which,
    "whoami" => identity::whoami,
    "xz" => squeeze::xz,
    "xzcat" => squeeze::xzcat,
    "yes" => plain::yes,
    "yq" => yq::run,
    "zcat" => squeeze::zcat,
    "zip" => zip::pack::run,
    "zstd" => squeeze::zstd,
    "zstdcat" => squeeze::zstdcat,
}
