//! A shell that behaves as bash does, on a system that has no fork.
//!
//! `syntax` reads scripts, `expand` turns words into fields, `run` carries commands out, `builtins` are the commands that
//! the shell does itself. What would be a fork elsewhere is one of two things here: the same shell goes on and is put
//! back afterwards (`( )`, `$( )`), or another instance of this program is started and handed the state (`run/beside.rs`).
//! It knows its system by `userland-sys` and std, and which tools there are by what the program says that it is part of.

pub mod arith;
pub mod builtins;
mod bytes;
pub mod check;
mod command_line;
mod deaths;
mod expand;
mod fds;
mod glob;
mod jobs;
mod pattern;
mod run;
mod shell;
mod special;
mod state;
pub mod syntax;
mod traps;
mod vars;

pub use command_line::main;
pub use run::SHELLS;
pub use shell::{Shell, Tools};
