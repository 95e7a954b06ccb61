//! Copies files out of a run's workspace.
//!
//! Knows directories. A workspace's contents are hostile: paths are opened beneath it, and
//! links are copied as links, never followed.

use super::App;
use super::error::AppError;
use super::history::LoadedRun;
use super::workspaces::WorkspacePlace;
use cap_std::fs::{Dir, MetadataExt as _};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path};

/// Deepest folder that is copied.
const MAX_DEPTH: usize = 256;

impl App {
    /// Copies `workspace`, or the `path` in it, of a run to `dest`; returns how many files were copied.
    ///
    /// # Errors
    /// No such run, workspace or path: usage. Files that can't be read or written: a fault.
    pub fn get(&self, selector: &str, workspace: &str, path: &str, dest: &Path) -> Result<u64, AppError> {
        let run = self.load(selector)?;
        let place = place(&run, workspace)?;
        let dest = self.options.working_dir.join(dest);
        let usage = |e: io::Error| {
            AppError::usage(
                format!("cannot copy `{path}` of workspace `{workspace}`: {e}"),
                "see what is there: stepwell show",
            )
        };
        let dir = place.open().map_err(usage)?.ok_or_else(|| nothing_kept(place))?;
        let inside = Path::new(if path.is_empty() { "." } else { path });
        if inside.components().any(|c| !matches!(c, Component::Normal(_) | Component::CurDir)) {
            return Err(AppError::usage(
                format!("`{path}` is not a path inside the workspace"),
                "write it relative to the workspace, without `..`",
            ));
        }
        let meta = dir.symlink_metadata(inside).map_err(usage)?;
        let failed = |e: io::Error| {
            AppError::fault(format!("cannot copy to {}: {e}", dest.display()), "check the place and its space")
        };
        if meta.is_dir() {
            let from = dir.open_dir(inside).map_err(usage)?;
            return copy_dir(&from, &dest, 0).map_err(failed);
        }
        let dest = match inside.file_name() {
            Some(name) if dest.is_dir() => dest.join(name),
            Some(_) | None => dest.clone(),
        };
        copy_entry(&dir, inside, &dest, 0).map_err(failed)
    }
}

fn place<'a>(run: &'a LoadedRun, workspace: &str) -> Result<&'a WorkspacePlace, AppError> {
    let names: Vec<&str> = run.workspaces.iter().map(|w| w.name.as_str()).collect();
    let found = run.workspaces.iter().find(|w| w.name == workspace).ok_or_else(|| {
        AppError::usage(
            format!("run {} has no workspace `{workspace}`", run.id),
            if names.is_empty() { "it has none".to_owned() } else { format!("it has: {}", names.join(", ")) },
        )
    })?;
    if found.path.is_some() { Ok(found) } else { Err(nothing_kept(found)) }
}

fn nothing_kept(place: &WorkspacePlace) -> AppError {
    AppError::usage(
        format!("workspace `{}` is of kind {}, of which nothing is kept", place.name, place.kind),
        "bind it to a directory (-w NAME=PATH) or a claim to keep what is written",
    )
}

fn copy_dir(from: &Dir, to: &Path, depth: usize) -> io::Result<u64> {
    if depth > MAX_DEPTH {
        return Err(io::Error::other("folders are nested too deeply"));
    }
    make_dir(to, depth)?;
    let mut copied = 0;
    for entry in from.entries()? {
        let name = entry?.file_name();
        copied += copy_entry(from, Path::new(&name), &to.join(&name), depth)?;
    }
    Ok(copied)
}

/// Makes a folder of the copy, or takes the one that is there. Only the user's own destination may be a link: one below
/// it may have come with an earlier copy, and says what a step wants.
fn make_dir(to: &Path, depth: usize) -> io::Result<()> {
    if depth == 0 {
        return std::fs::create_dir_all(to);
    }
    match std::fs::create_dir(to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match std::fs::symlink_metadata(to)?.is_dir() {
            true => Ok(()),
            false => Err(io::Error::other(format!("{} is there, and is no folder", to.display()))),
        },
        made => made,
    }
}

/// Copies a file, link or folder; anything else (pipes, sockets, devices) is left out.
fn copy_entry(dir: &Dir, name: &Path, to: &Path, depth: usize) -> io::Result<u64> {
    let meta = dir.symlink_metadata(name)?;
    if meta.is_dir() {
        return copy_dir(&dir.open_dir(name)?, to, depth + 1);
    }
    if meta.is_symlink() {
        std::os::unix::fs::symlink(dir.read_link_contents(name)?, to)?;
        return Ok(1);
    }
    if !meta.is_file() {
        return Ok(0);
    }
    // What stands at the destination is replaced, never written through: it may be a link.
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut source = dir.open(name)?.into_std();
    let mut target = std::fs::File::create_new(to)?;
    io::copy(&mut source, &mut target)?;
    target.set_permissions(std::fs::Permissions::from_mode(meta_mode(&meta)))?;
    Ok(1)
}

fn meta_mode(meta: &cap_std::fs::Metadata) -> u32 {
    meta.mode() & 0o777
}
