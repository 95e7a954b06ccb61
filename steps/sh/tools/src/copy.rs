//! `cp`, and the copying that `mv` and `install` do.
//!
//! Knows files, directories, links and named pipes. Owners are not kept, as the sandbox has one; contexts and
//! extended attributes are refused.

use crate::destination::{Backup, Placement, asked, joined};
use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, Report, quoted, reason};
use crate::status::{self, Kind, Status};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use userland_sys::making;

const TABLE: Table = Table::new(
    "cp",
    &[
        "a,archive",
        "r,R,recursive",
        "f,force",
        "i,interactive",
        "n,no-clobber",
        "u,update=?",
        "v,verbose",
        "T,no-target-directory",
        "t,target-directory=",
        "L,dereference",
        "P,no-dereference",
        "H",
        "d",
        "l,link",
        "s,symbolic-link",
        "p",
        "preserve=?",
        "no-preserve=",
        "parents",
        "strip-trailing-slashes",
        "b",
        "backup=?",
        "S,suffix=",
        "x,one-file-system",
        "reflink=?",
        "sparse=",
        "attributes-only",
        "remove-destination",
        "Z",
        "context=?",
        "copy-contents",
        "debug",
    ],
);

/// What a copy keeps and does.
pub struct Copying {
    pub recursive: bool,
    /// Which links of sources are followed: of none, those named, or all.
    pub follow: Follow,
    pub keep_mode: bool,
    /// Modes are as if the files were new.
    pub new_mode: bool,
    pub keep_times: bool,
    pub keep_links: bool,
    pub verbose: bool,
    pub force: bool,
    pub question: bool,
    pub no_clobber: bool,
    pub update: bool,
    pub remove_first: bool,
    pub attributes_only: bool,
    pub backup: Backup,
    pub instead: Instead,
    /// Where the first of several names of one file went.
    pub seen: HashMap<(u64, u64), PathBuf>,
    pub report: Report,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    Never,
    Named,
    Always,
}

/// What is made in place of a copy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    Copy,
    HardLink,
    Link,
}

impl Copying {
    /// A copy of all there is, as `mv` makes between file systems.
    pub fn exact(name: &'static str) -> Self {
        Self {
            recursive: true,
            follow: Follow::Never,
            keep_mode: true,
            new_mode: false,
            keep_times: true,
            keep_links: true,
            verbose: false,
            force: true,
            question: false,
            no_clobber: false,
            update: false,
            remove_first: false,
            attributes_only: false,
            backup: Backup::No,
            instead: Instead::Copy,
            seen: HashMap::new(),
            report: Report::new(name),
        }
    }

    fn of(given: &Given) -> Outcome<Self> {
        let archive = given.has("archive");
        let recursive = archive || given.has("recursive");
        let (mut mode, mut times, mut links) =
            (archive || given.has("p"), archive || given.has("p"), archive || given.has("d"));
        let mut new_mode = false;
        for (key, value) in given.all().filter(|(key, _)| key.ends_with("preserve")) {
            let list = value.map_or_else(|| "mode,timestamps".to_owned(), |value| value.to_string_lossy().into_owned());
            for part in list.split(',') {
                let on = key == "preserve";
                match part {
                    "mode" => (mode, new_mode) = (on, !on),
                    "timestamps" => times = on,
                    "links" => links = on,
                    "ownership" | "context" | "xattr" => {}
                    "all" => (mode, new_mode, times, links) = (on, !on, on, on),
                    other => return Err(Failed::from(format!("invalid argument {} for '--{key}'", quoted(other)))),
                }
            }
        }
        let follow = match given.last(&["dereference", "no-dereference", "H", "d", "archive"]) {
            Some("dereference") => Follow::Always,
            Some("H") => Follow::Named,
            Some(_) => Follow::Never,
            None if recursive => Follow::Never,
            None => Follow::Always,
        };
        let update = given.text("update").unwrap_or_else(|| "older".to_owned());
        let last = given.last(&["interactive", "no-clobber", "force"]);
        Ok(Self {
            recursive,
            follow,
            keep_mode: mode,
            new_mode,
            keep_times: times,
            keep_links: links,
            verbose: given.has("verbose") || given.has("debug"),
            force: given.has("force"),
            question: given.has("interactive") && last != Some("no-clobber"),
            no_clobber: last == Some("no-clobber") || given.has("update") && update.starts_with("none"),
            update: given.has("update") && update == "older",
            remove_first: given.has("remove-destination"),
            attributes_only: given.has("attributes-only"),
            backup: Backup::of(given)?,
            instead: match given.last(&["link", "symbolic-link"]) {
                Some("link") => Instead::HardLink,
                Some(_) => Instead::Link,
                None => Instead::Copy,
            },
            seen: HashMap::new(),
            report: Report::new("cp"),
        })
    }

    /// Copies one source to its place. `named` says that it stood among the arguments.
    pub fn copy(&mut self, source: &Path, place: &Path, named: bool) {
        let follow = self.follow == Follow::Always || self.follow == Follow::Named && named;
        let status = match Status::of(source, follow) {
            Ok(status) => status,
            Err(error) => return self.report.fail(format!("cannot stat {}: {}", quoted(source), reason(&error))),
        };
        if status.is_directory() && !self.recursive {
            return self.report.fail(format!("-r not specified; omitting directory {}", quoted(source)));
        }
        let there = match Status::of(place, true).or_else(|_| Status::of(place, false)) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return self.report.fail(format!("cannot stat {}: {}", quoted(place), reason(&error)));
            }
            Err(_) => None,
        };
        if !self.allowed(source, place, &status, there.as_ref()) {
            return;
        }
        if status.is_directory() {
            return self.directory(source, place, &status, there);
        }
        let mut there = there;
        match self.backup.keep(place) {
            Ok(Some(_)) => there = None,
            Ok(None) => {}
            Err(error) => return self.report.fail(format!("cannot backup {}: {}", quoted(place), reason(&error))),
        }
        if self.remove_first
            || there.is_some() && (status.kind == Kind::Link || self.instead != Instead::Copy && self.force)
        {
            let _ = fs::remove_file(place);
            there = None;
        }
        if let Err((what, error)) = self.one(source, place, &status, there) {
            return self.report.fail(format!("{what}: {}", reason(&error)));
        }
        if self.verbose {
            println!("{} -> {}", quoted(source), quoted(place));
        }
    }

    /// Whether it may go there; says why not.
    fn allowed(&mut self, source: &Path, place: &Path, status: &Status, there: Option<&Status>) -> bool {
        let Some(there) = there else { return true };
        let linked = self.instead == Instead::HardLink && there.same(status);
        if there.same(status)
            && !linked
            && !self.remove_first
            && !matches!(self.backup, Backup::Simple(_) | Backup::Numbered)
        {
            let one_link = Status::of(source, false).is_ok_and(|status| status.kind == Kind::Link)
                && self.follow != Follow::Always;
            if !one_link {
                self.report.fail(format!("{} and {} are the same file", quoted(source), quoted(place)));
                return false;
            }
        }
        if self.no_clobber && !status.is_directory() || linked {
            return false;
        }
        if self.update && !status.is_directory() && there.modified >= status.modified {
            return false;
        }
        if there.is_directory() && !status.is_directory() {
            self.report.fail(format!("cannot overwrite directory {} with non-directory", quoted(place)));
            return false;
        }
        if !there.is_directory() && status.is_directory() {
            let text = format!("cannot overwrite non-directory {} with directory {}", quoted(place), quoted(source));
            self.report.fail(text);
            return false;
        }
        let ask = self.question && !status.is_directory();
        !ask || asked(&format!("{}: overwrite {}? ", self.report.name, quoted(place)))
    }

    fn directory(&mut self, source: &Path, place: &Path, status: &Status, there: Option<Status>) {
        if inside(place, source) {
            let text = format!("cannot copy a directory, {}, into itself, {}", quoted(source), quoted(place));
            return self.report.fail(text);
        }
        let list = match fs::read_dir(source) {
            Ok(list) => list,
            Err(error) => return self.report.fail(format!("cannot access {}: {}", quoted(source), reason(&error))),
        };
        if there.is_none() {
            if let Err(error) = making::create_dir(place) {
                return self.report.fail(format!("cannot create directory {}: {}", quoted(place), reason(&error)));
            }
            if self.verbose {
                println!("{} -> {}", quoted(source), quoted(place));
            }
        }
        let mut names: Vec<OsString> = list.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            self.copy(&joined(source, &name), &joined(place, &name), false);
        }
        if there.is_none() || self.keep_mode {
            let mode = if self.new_mode { 0o777 } else { status.mode };
            let mode = if self.keep_mode { mode } else { mode & !making::mask() };
            let _ = status::set_mode(place, true, mode);
        }
        self.times(place, status);
    }

    fn one(
        &mut self,
        source: &Path,
        place: &Path,
        status: &Status,
        there: Option<Status>,
    ) -> Result<(), (String, io::Error)> {
        let failed = |what: String| move |error| (what, error);
        match self.instead {
            Instead::HardLink => {
                let what = format!("cannot create hard link {} to {}", quoted(place), quoted(source));
                return fs::hard_link(source, place).map_err(failed(what));
            }
            Instead::Link => {
                let what = format!("cannot create symbolic link {} to {}", quoted(place), quoted(source));
                return status::symlink(source, place).map_err(failed(what));
            }
            Instead::Copy => {}
        }
        if self.keep_links && status.links > 1 {
            let key = (status.device, status.inode);
            if let Some(first) = self.seen.get(&key) {
                if there.is_some() {
                    let _ = fs::remove_file(place);
                }
                let what = format!("cannot create hard link {} to {}", quoted(place), quoted(first));
                return fs::hard_link(first, place).map_err(failed(what));
            }
            self.seen.insert(key, place.to_owned());
        }
        match status.kind {
            Kind::Link => {
                let what = format!("cannot create symbolic link {}", quoted(place));
                let target =
                    fs::read_link(source).map_err(failed(format!("cannot read symbolic link {}", quoted(source))))?;
                status::symlink(&target, place).map_err(failed(what))?;
            }
            Kind::Fifo if self.recursive => {
                let text = place.to_str().unwrap_or_default();
                userland_sys::make_fifo(text, status.mode)
                    .map_err(failed(format!("cannot create fifo {}", quoted(place))))?;
            }
            _ => self.contents(source, place, status, there)?,
        }
        self.times(place, status);
        Ok(())
    }

    fn contents(
        &self,
        source: &Path,
        place: &Path,
        status: &Status,
        there: Option<Status>,
    ) -> Result<(), (String, io::Error)> {
        let failed = |what: String| move |error| (what, error);
        if !self.attributes_only {
            let mut from = File::open(source).map_err(failed(format!("cannot open {} for reading", quoted(source))))?;
            let open = || making::create(place);
            let mut to = match open() {
                Err(_) if self.force && there.is_some() => fs::remove_file(place).and_then(|()| open()),
                opened => opened,
            }
            .map_err(failed(format!("cannot create regular file {}", quoted(place))))?;
            io::copy(&mut from, &mut to).map_err(failed(format!(
                "error copying {} to {}",
                quoted(source),
                quoted(place)
            )))?;
        } else if there.is_none() {
            making::create(place).map_err(failed(format!("cannot create regular file {}", quoted(place))))?;
        }
        if there.is_none() || self.keep_mode {
            let mode = if self.new_mode { 0o666 } else { status.mode };
            let mode = if self.keep_mode { mode } else { mode & 0o777 & !making::mask() };
            let _ = status::set_mode(place, true, mode);
        }
        Ok(())
    }

    fn times(&self, place: &Path, status: &Status) {
        if self.keep_times {
            let _ = status::set_times(place, Some(status.accessed), Some(status.modified), false);
        }
    }
}

/// Whether a place that may not be there yet lies within a directory.
pub fn inside(place: &Path, directory: &Path) -> bool {
    let Ok(directory) = fs::canonicalize(directory) else { return false };
    let parent = match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::canonicalize(place).or_else(|_| fs::canonicalize(parent)).is_ok_and(|place| place.starts_with(&directory))
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let mut given = TABLE.read(arguments)?;
    if given.has("Z") || given.has("context") {
        return Err(Failed::from("security contexts are not supported here"));
    }
    if given.text("reflink").is_some_and(|when| when == "always") {
        return Err(Failed::from("--reflink=always is not supported here"));
    }
    let parents = given.has("parents");
    let placement = Placement::of(&TABLE, &mut given, parents)?;
    let mut copying = Copying::of(&given)?;
    let mut places: Vec<PathBuf> = Vec::new();
    for (source, place) in placement.pairs {
        if parents
            && let Some(parent) = place.parent()
            && let Err(error) = making::create_dir_all(parent)
        {
            copying.report.fail(format!("cannot make directory {}: {}", quoted(parent), reason(&error)));
            continue;
        }
        if places.contains(&place) && !source.is_dir() {
            copying.report.fail(format!("will not overwrite just-created {} with {}", quoted(&place), quoted(&source)));
            continue;
        }
        copying.copy(&source, &place, true);
        places.push(place);
    }
    Ok(copying.report.code)
}
