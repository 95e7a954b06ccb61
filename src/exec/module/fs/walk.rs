//! From a guest's text to a spot: links, `..`, and what may not be left.
//!
//! Knows how a path is read and how links are followed inside the guest's root, across
//! mounts. Does not know what a call does at the end of the path.

use super::backend::Kind;
use super::errno::Errno;
use super::table::{MountTable, Spot};
use std::collections::VecDeque;

/// The longest path that a guest may give, in bytes.
pub const LONGEST_PATH: usize = 4096;
/// How many names the path of anything that a guest makes may have, from its root.
pub const DEEPEST: usize = 1024;
/// The longest name in a path, in bytes.
const LONGEST_NAME: usize = 255;
/// Linux: how many links one path may go through.
const MOST_LINKS: usize = 40;
/// How often a path is walked again when it changes under the walk.
const RETRIES: usize = 8;

/// Where a guest's path starts from.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Absolute path of the directory, without links; "" is the root.
    pub path: &'a str,
    /// Whether `..` may leave it. It may from those that are open from the start, as in any
    /// container; a directory that a guest opened holds what is in it, as WASI says.
    pub open_above: bool,
}

/// A path as a guest wrote it, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Parsed<'a> {
    names: Vec<&'a str>,
    has_above: bool,
    /// It ends with a slash or a dot: it has to be a directory.
    pub must_be_dir: bool,
    /// Its last name is `.` or `..`, which is no name that could be made, moved or removed.
    pub ends_in_dot: Option<Dot>,
}

/// The names that every directory has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dot {
    /// `.`
    Own,
    /// `..`
    Above,
}

/// Takes a guest's path apart.
pub fn parse(text: &str) -> Result<Parsed<'_>, Errno> {
    if text.is_empty() {
        return Err(Errno::NoEntry);
    }
    if text.len() > LONGEST_PATH {
        return Err(Errno::NameTooLong);
    }
    if text.contains('\0') {
        return Err(Errno::Invalid);
    }
    // WASI: paths are relative to a handle; wasi-libc and Go strip the slash before they call.
    if text.starts_with('/') {
        return Err(Errno::NotPermitted);
    }
    let names: Vec<&str> = text.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    if names.iter().any(|name| name.len() > LONGEST_NAME) {
        return Err(Errno::NameTooLong);
    }
    let must_be_dir = matches!(text.rsplit('/').next(), Some("" | "." | ".."));
    let has_above = names.contains(&"..");
    let ends_in_dot = match text.trim_end_matches('/').rsplit('/').next() {
        Some(".") => Some(Dot::Own),
        Some("..") => Some(Dot::Above),
        _ => None,
    };
    Ok(Parsed { names, has_above, must_be_dir, ends_in_dot })
}

/// Finds the spot of a guest's path and does a call there. The call is first tried on the path
/// as it stands, since most have no links; where it meets a link it says
/// [`Errno::Loop`], the path is walked, and the call is done on the path without links.
pub fn at<T, E: From<Errno> + PartialEq>(
    table: &MountTable,
    base: Base<'_>,
    parsed: &Parsed<'_>,
    follow: bool,
    mut call: impl FnMut(&Spot) -> Result<T, E>,
) -> Result<T, E> {
    let met_link = E::from(Errno::Loop);
    if !parsed.has_above {
        let mut path = base.path.to_owned();
        for name in &parsed.names {
            path.push('/');
            path.push_str(name);
        }
        match call(&table.spot(path)) {
            Err(error) if error == met_link => {}
            answer => return answer,
        }
    }
    for _ in 0..RETRIES {
        let spot = walk(table, base, parsed, follow)?;
        match call(&spot) {
            Err(error) if error == met_link && follow => {}
            answer => return answer,
        }
    }
    Err(met_link)
}

/// Walks a path name by name, following links.
fn walk(table: &MountTable, base: Base<'_>, parsed: &Parsed<'_>, follow: bool) -> Result<Spot, Errno> {
    let mut here = base.path.to_owned();
    let mut pending: VecDeque<String> = parsed.names.iter().map(|n| (*n).to_owned()).collect();
    let mut links = 0;
    // A link at the end of the path may say that it leads to a directory.
    let mut dir_wanted = false;
    while let Some(name) = pending.pop_front() {
        if name == ".." {
            // A link may lead out of the directory, but only to where this guest may go anyway;
            // what is bounded is what the guest itself says of a directory that it holds.
            if !base.open_above && links == 0 && here == base.path {
                return Err(Errno::NotPermitted);
            }
            here.truncate(here.rfind('/').unwrap_or(0));
            continue;
        }
        let next = table.spot(format!("{here}/{name}"));
        let last = pending.is_empty();
        if last && !follow {
            return Ok(next);
        }
        if table.fixed_dir(&next).is_some() {
            here = next.path;
            continue;
        }
        let mount = table.mount(&next);
        match mount.backend.stat(next.inside()).map(|stat| stat.kind) {
            Ok(Kind::Symlink) => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(Errno::Loop);
                }
                let target = mount.backend.read_link(next.inside())?;
                if target.is_empty() {
                    return Err(Errno::NoEntry);
                }
                if target.starts_with('/') {
                    here.clear();
                }
                dir_wanted |= last && matches!(target.rsplit('/').next(), Some("" | "."));
                for part in target.rsplit('/').filter(|part| !matches!(*part, "" | ".")) {
                    pending.push_front(part.to_owned());
                }
                if pending.iter().map(|part| part.len() + 1).sum::<usize>() > LONGEST_PATH {
                    return Err(Errno::NameTooLong);
                }
            }
            Ok(Kind::Dir) => here = next.path,
            Ok(_) if last && !dir_wanted => return Ok(next),
            Ok(_) => return Err(Errno::NotDir),
            // What is not there yet can still be made.
            Err(Errno::NoEntry) if last && !dir_wanted => return Ok(next),
            Err(errno) => return Err(errno),
        }
    }
    Ok(table.spot(here))
}
