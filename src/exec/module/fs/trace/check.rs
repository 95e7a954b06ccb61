//! Whether what an earlier step saw still stands.
//!
//! Knows records and the mounts of the step that is to run. Does not know what follows from it.

use super::record::{Digest, Read, Shown, listing};
use super::{Ground, digest_of, names, shown};
use crate::exec::module::fs::backend::Kind;
use crate::exec::module::fs::ident::Identities;

/// The first thing that a step saw and that is another now, in words; none where all of it stands.
pub fn differs(reads: &[Read], grounds: &[Ground], identities: &Identities) -> Option<String> {
    reads.iter().find_map(|read| {
        let Some(ground) = grounds.get(read.ground) else { return Some("the mounts".to_owned()) };
        one(read, ground, identities).err().map(|what| {
            let top = &ground.path;
            let path = if read.path.is_empty() { top.clone() } else { format!("{top}/{}", read.path) };
            format!("{path}: {what}")
        })
    })
}

fn one(read: &Read, ground: &Ground, identities: &Identities) -> Result<(), &'static str> {
    let seen = &read.seen;
    let stat = match (ground.backend.stat(&read.path), &seen.there) {
        (Ok(stat), Ok(_)) => stat,
        (Err(errno), Err(code)) => {
            return if errno.code() == *code { Ok(()) } else { Err("it is missing for another reason") };
        }
        (Ok(_), Err(_)) => return Err("it was not there, and is now"),
        (Err(_), Ok(_)) => return Err("it was there, and is gone"),
    };
    let Ok(before) = &seen.there else { return Ok(()) };
    let now = shown(&stat, identities);
    attributes(before, &now, seen.full)?;
    if let Some(digest) = seen.content {
        let content = match stat.kind {
            Kind::Symlink => ground.backend.read_link(&read.path).map(|target| Digest::of(target.as_bytes())),
            _ => digest_of(&*ground.backend, &read.path).map(|(_, digest)| digest),
        };
        if content != Ok(digest) {
            return Err("what it holds has changed");
        }
    }
    if let Some(before) = seen.listing {
        let now = ground.backend.list(&read.path).map(|listed| listing(names(&listed, identities)));
        if now != Ok(before) {
            return Err("the names in it have changed");
        }
    }
    Ok(())
}

fn attributes(before: &Shown, now: &Shown, full: bool) -> Result<(), &'static str> {
    match () {
        () if before.kind != now.kind => Err("it is of another kind"),
        () if before.mode != now.mode => Err("its mode has changed"),
        () if !full => Ok(()),
        () if before.size != now.size => Err("its size has changed"),
        () if before.links != now.links => Err("the number of its names has changed"),
        () if (before.time, before.accessed) != (now.time, now.accessed) => Err("its time has changed"),
        () => Ok(()),
    }
}
