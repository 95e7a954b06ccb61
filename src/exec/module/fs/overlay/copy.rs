//! Copies up: what lies below comes to the current layer before it is changed.
//!
//! Knows files, links and the directories above them. Does not know which change is to follow.

use super::tree::{At, DirNow, Entry, Found, Leaf, Node, Now};
use super::{Inner, Overlay};
use crate::exec::module::fs::backend::{Backend, Kind, OpenHow, Opened, Stat};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::host::HostBackend;
use crate::exec::module::fs::path::{join, parted};
use crate::exec::module::fs::walk::DEEPEST;
use crate::volumes::commit::{copy_attributes, copy_bytes};
use std::fs::File;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

const READ: OpenHow = OpenHow { read: true, write: false, append: false, truncate: false, sync: false };
const WRITE: OpenHow = OpenHow { read: true, write: true, append: false, truncate: false, sync: false };

impl Overlay {
    /// Sees to it that the file or link at a path lies in the current layer; without `keep`, as an
    /// empty file.
    pub(super) fn copy_up(&self, inner: &mut Inner, path: &str, keep: bool) -> Result<(), Errno> {
        let (source, at, leaf) = match inner.tree.find(path)? {
            Found::Root => return Err(Errno::IsDir),
            Found::Base => (self.base.clone(), path.to_owned(), None),
            Found::Entry(Entry { now: Now::Leaf(leaf), .. }) => {
                if matches!(leaf.at, At::Layer(number) if number == inner.current()) {
                    return Ok(());
                }
                let (source, at) = inner.place_of(leaf, path)?;
                (source, at, Some(leaf.clone()))
            }
            Found::Entry(_) => return Err(Errno::IsDir),
        };
        let stat = source.stat(&at)?;
        let state = if leaf.is_none() { Some(self.base.state(path)?) } else { None };
        let (above, name) = parted(path);
        self.own_dir(inner, above)?;
        let number = inner.current();
        let layer = inner.layer(number)?;
        let shown = leaf.as_ref().map_or(stat.identity, |leaf| leaf.shown);
        match stat.kind {
            Kind::File => {
                let copied = copy_file(&source, &at, &layer, path, keep)?;
                self.copied.fetch_add(copied, Ordering::Relaxed);
            }
            Kind::Symlink => layer.make_link(&source.read_link(&at)?, path)?,
            Kind::Dir => return Err(Errno::IsDir),
            // Of the host: shown, and never opened.
            Kind::CharDevice | Kind::BlockDevice | Kind::Socket | Kind::Pipe => return Err(Errno::Access),
        }
        let new = match leaf.clone() {
            Some(leaf) => Leaf { at: At::Layer(number), ..leaf },
            None => Leaf {
                link: stat.kind == Kind::Symlink,
                at: At::Layer(number),
                shown,
                written: Arc::new(AtomicBool::new(false)),
                moved: false,
            },
        };
        let node = inner.tree.dir(above).ok_or(Errno::Io)?;
        let written = new.written.clone();
        match node.names.get_mut(name) {
            Some(entry) => (entry.now, entry.own) = (Now::Leaf(new), true),
            None => {
                let entry = Entry { now: Now::Leaf(new), below: state, own: true, node: None };
                node.names.insert(name.to_owned(), entry);
            }
        }
        if let Some(leaf) = leaf.filter(|_| stat.links > 1) {
            self.bring_names(inner, path, &leaf, &layer)?;
        }
        let follow = || match layer.open(path, READ) {
            Ok(Opened::File(OpenFile::Host(file), _)) => Some(file),
            _ => None,
        };
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).follow(shown, &written, follow);
        Ok(())
    }

    /// Brings the other names of a file along, so that all stay names of one file.
    fn bring_names(&self, inner: &mut Inner, path: &str, leaf: &Leaf, layer: &HostBackend) -> Result<(), Errno> {
        let mut names = Vec::new();
        let mut pending = vec![(String::new(), &inner.tree)];
        while let Some((above, node)) = pending.pop() {
            for (name, entry) in &node.names {
                let path = join(&above, name);
                match (&entry.now, &entry.node) {
                    (Now::Leaf(other), _) if other.shown == leaf.shown && same_place(&other.at, &leaf.at) => {
                        names.push(path);
                    }
                    (Now::Dir(_), Some(node)) => pending.push((path, node)),
                    _ => {}
                }
            }
        }
        let number = inner.current();
        for other in names.iter().filter(|other| *other != path) {
            self.own_dir(inner, parted(other).0)?;
            layer.link(path, other)?;
            if let Some(Entry { now: Now::Leaf(leaf), .. }) = inner.tree.entry(other) {
                leaf.at = At::Layer(number);
            }
        }
        Ok(())
    }

    /// Notes the directories of a path in the tree; fails where one of them is none.
    pub(super) fn touch_dir<'t>(&self, inner: &'t mut Inner, path: &str) -> Result<&'t mut Node, Errno> {
        let mut node = &mut inner.tree;
        let mut end = 0;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            end += name.len() + usize::from(end > 0);
            if !node.names.contains_key(name) {
                let here = path.get(..end).unwrap_or(path);
                if !node.base {
                    return Err(Errno::NoEntry);
                }
                node.names.insert(name.to_owned(), self.dir_entry(here)?);
            }
            let entry = node.names.get_mut(name).ok_or(Errno::NoEntry)?;
            node = match (&entry.now, &mut entry.node) {
                (Now::Dir(_), Some(node)) => node,
                (Now::Leaf(leaf), _) if leaf.link => return Err(Errno::Loop),
                (Now::Leaf(_), _) => return Err(Errno::NotDir),
                (Now::Gone | Now::Dir(_), _) => return Err(Errno::NoEntry),
            };
        }
        Ok(node)
    }

    /// An entry for a directory below that nobody touched yet.
    fn dir_entry(&self, path: &str) -> Result<Entry, Errno> {
        let stat = self.base.stat(path)?;
        match stat.kind {
            Kind::Dir => {}
            Kind::Symlink => return Err(Errno::Loop),
            _ => return Err(Errno::NotDir),
        }
        let Stat { identity, mode, modified, .. } = stat;
        Ok(Entry {
            now: Now::Dir(DirNow { identity, mode, modified, touched: false }),
            below: Some(self.base.state(path)?),
            own: false,
            node: Some(Box::new(Node::above_base())),
        })
    }

    /// Notes the directories of a path, and makes them in the current layer.
    pub(super) fn own_dir(&self, inner: &mut Inner, path: &str) -> Result<(), Errno> {
        let number = inner.current();
        if self.touch_dir(inner, path)?.made_in == Some(number) {
            return Ok(());
        }
        if path.matches('/').count() > DEEPEST {
            return Err(Errno::NameTooLong);
        }
        let layer = inner.layer(number)?;
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            let here = path.get(..end).unwrap_or(path);
            let node = inner.tree.dir(here).ok_or(Errno::NoEntry)?;
            if node.made_in != Some(number) {
                match if here.is_empty() { layer.make_root() } else { layer.make_dir(here) } {
                    Ok(()) | Err(Errno::Exists) => {}
                    Err(errno) => return Err(errno),
                }
                node.made_in = Some(number);
            }
        }
        Ok(())
    }

    /// Copies up all that is in a directory, and below it.
    pub(super) fn copy_up_tree(&self, inner: &mut Inner, top: &str, deepest: usize) -> Result<(), Errno> {
        let mut pending = vec![top.to_owned()];
        while let Some(dir) = pending.pop() {
            if dir.matches('/').count() > deepest {
                return Err(Errno::NameTooLong);
            }
            self.own_dir(inner, &dir)?;
            for listed in self.list_in(inner, &dir)? {
                let path = format!("{dir}/{}", listed.name);
                match listed.kind {
                    Kind::Dir => {
                        self.touch_dir(inner, &path)?;
                        pending.push(path);
                    }
                    // A name that is no text can be listed, and not be named.
                    _ if listed.name.contains('\u{fffd}') && self.stat_in(inner, &path).is_err() => {
                        return Err(Errno::IllegalBytes);
                    }
                    _ => self.copy_up(inner, &path, true)?,
                }
            }
            // All of it is here now.
            if let Some(node) = inner.tree.dir(&dir) {
                node.base = false;
            }
        }
        Ok(())
    }

    pub(super) fn stat_in(&self, inner: &Inner, path: &str) -> Result<Stat, Errno> {
        match inner.tree.find(path)? {
            Found::Root | Found::Base => self.base_stat(path),
            Found::Entry(entry) => inner.stat_entry(entry, path),
        }
    }
}

fn same_place(a: &At, b: &At) -> bool {
    matches!((a, b), (At::Layer(one), At::Layer(other)) if one == other)
}

/// Copies a file with its mode and times. What is only half copied is removed.
fn copy_file(source: &HostBackend, at: &str, layer: &HostBackend, path: &str, keep: bool) -> Result<u64, Errno> {
    let Opened::File(OpenFile::Host(from), _) = source.open(at, READ)? else { return Err(Errno::Access) };
    let (OpenFile::Host(to), _) = layer.create(path, WRITE)? else { return Err(Errno::Io) };
    let copied = fill(&from, &to, keep);
    if copied.is_err() {
        let _ = layer.remove_file(path);
    }
    copied
}

fn fill(from: &File, to: &File, keep: bool) -> Result<u64, Errno> {
    let copied = if keep { copy_bytes(from, to)? } else { 0 };
    copy_attributes(&rustix::fs::fstat(from)?, to.as_fd())?;
    Ok(copied)
}
