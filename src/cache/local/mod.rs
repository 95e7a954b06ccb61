//! A store in a directory of this machine, shared by any number of processes of one user.
//!
//! Knows files and their names. Does not know directories outside its own, or what a blob means.
//!
//! ```text
//! DIR/{shared,private}/blobs/FUNCTION/xx/HASH-SIZE
//! DIR/{shared,private}/actions/FUNCTION/NAMESPACE/xx/HASH-SIZE
//! DIR/{shared,private}/records/FUNCTION/NAMESPACE/xx/HASH-SIZE/HASH-SIZE
//! DIR/memos/FUNCTION/NAME   DIR/tmp/   DIR/pins/   DIR/lock
//! ```
//! - Every file is written in `tmp`, then renamed: it is there whole or not at all, for everybody, also when a
//!   process is killed. Nothing is synced: after a power cut a file may be torn, and every read is checked.
//! - The time of change of a file is when it was last of use; `sweep` goes by it.
//! - The directory is made with mode 0700. One that belongs to somebody else, or that others can write to, is
//!   not used: a result that somebody else made up is as bad as a module that somebody else made up.

mod blobs;
mod entries;
pub(super) mod pin;
#[cfg(test)]
mod tests;

pub(super) use blobs::pump;
pub(super) use entries::{read_entry, read_record_entry};
pub use pin::Pin;

use super::digest::{Digest, Function};
use super::tree::Memo;
use super::{ActionResult, Kept, Privacy, Record, Store, StoreError, beneath};
use rustix::fs::{CWD, OFlags, Timestamps};
use rustix::io::Errno;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Where a store lies and what it holds.
#[derive(Debug, Clone)]
pub struct LocalOptions {
    /// Its directory; made, with those above it, at [`Local::open`].
    pub dir: PathBuf,
    /// The function of its digests. Stores of several lie in one directory and share nothing.
    pub function: Function,
    /// Whose results these are: results and records of one namespace are not found from another. Blobs are shared.
    pub namespace: String,
}

impl LocalOptions {
    /// The store in a directory, as far as nothing else is said.
    #[must_use]
    pub fn of(dir: PathBuf) -> Self {
        Self { dir, function: Function::default(), namespace: String::new() }
    }
}

/// A store in a directory.
#[derive(Debug, Clone)]
pub struct Local {
    dir: PathBuf,
    function: Function,
    /// A namespace's name as a directory's.
    namespace: String,
}

/// The kinds of entries, as directories.
pub(super) const BLOBS: &str = "blobs";
pub(super) const ACTIONS: &str = "actions";
pub(super) const RECORDS: &str = "records";

/// Where an entry may be. Shared first: what everybody may see is no secret, whoever else has it.
pub(super) const AREAS: [Privacy; 2] = [Privacy::Shared, Privacy::Private];

impl Local {
    /// Opens a store, and makes its directory where there is none.
    pub fn open(options: LocalOptions) -> Result<Self, StoreError> {
        let dir = options.dir;
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&dir);
        match (made, std::fs::symlink_metadata(&dir)) {
            (_, Ok(meta)) if meta.is_dir() => {
                if meta.uid() != rustix::process::geteuid().as_raw() || meta.mode() & 0o022 != 0 {
                    return Err(StoreError::Foreign);
                }
            }
            (_, Ok(_)) => return Err(StoreError::Lost),
            (Err(error), _) | (Ok(()), Err(error)) => return Err(error.into()),
        }
        // A namespace is any text; hashed, it is a name on every disk.
        let namespace = blake3::hash(options.namespace.as_bytes()).to_hex();
        let namespace = namespace.as_str().get(..16).unwrap_or_default().to_owned();
        Ok(Self { dir, function: options.function, namespace })
    }

    /// What is known of the files below a directory, under a name of the caller's choice. What was kept and cannot
    /// be read is as if it had not been.
    #[must_use]
    pub fn memo(&self, name: &str) -> Memo {
        read_plain(&self.memo_path(name), super::tree::LONGEST_MEMO)
            .ok()
            .flatten()
            .and_then(|bytes| Memo::decode(&bytes, self.function))
            .unwrap_or_else(|| Memo::new(self.function))
    }

    /// Keeps what is known of the files below a directory. Of two processes, one is not remembered.
    pub fn keep_memo(&self, name: &str, memo: &Memo) -> Result<(), StoreError> {
        if memo.is_changed() {
            self.write_whole(&self.memo_path(name), &memo.encode(), Privacy::Private)?;
        }
        Ok(())
    }

    fn memo_path(&self, name: &str) -> PathBuf {
        let name = blake3::hash(name.as_bytes()).to_hex();
        self.dir.join("memos").join(self.function.name()).join(name.as_str())
    }

    /// Where the entries of a kind are.
    fn place(&self, privacy: Privacy, kind: &str) -> PathBuf {
        let mut place = self.dir.join(area(privacy));
        place.push(kind);
        place.push(self.function.name());
        if kind != BLOBS {
            place.push(&self.namespace);
        }
        place
    }

    fn path(&self, privacy: Privacy, kind: &str, digest: &Digest) -> PathBuf {
        let name = file_name(digest);
        let mut path = self.place(privacy, kind);
        path.push(name.get(..2).unwrap_or_default());
        path.push(name);
        path
    }

    /// A file of nobody yet, in the same file system as all others.
    fn draft(&self, privacy: Privacy) -> io::Result<Draft> {
        let path = self.dir.join("tmp").join(beneath::draft_name("")?);
        let mode = if privacy == Privacy::Private { 0o600 } else { 0o644 };
        let open = || OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(&path);
        let file = self.in_directory(&path, open)?;
        Ok(Draft { path, file, placed: false })
    }

    /// Writes a file so that it is there whole or not at all.
    fn write_whole(&self, path: &Path, bytes: &[u8], privacy: Privacy) -> io::Result<()> {
        let mut draft = self.draft(privacy)?;
        io::Write::write_all(&mut draft.file, bytes)?;
        self.set(draft, path)
    }

    /// Puts a file that is whole where it belongs.
    fn set(&self, mut draft: Draft, path: &Path) -> io::Result<()> {
        self.in_directory(path, || std::fs::rename(&draft.path, path))?;
        draft.placed = true;
        Ok(())
    }

    /// Does something in a file's directory, which is made if it is missing. A store whose own directory has gone is
    /// not made anew in the middle of a run.
    fn in_directory<T>(&self, path: &Path, act: impl Fn() -> io::Result<T>) -> io::Result<T> {
        match act() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            done => return done,
        }
        std::fs::symlink_metadata(&self.dir)?;
        if let Some(above) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(above)?;
        }
        act()
    }
}

/// A file that is written until it is whole. Dropped before, it is removed.
struct Draft {
    path: PathBuf,
    file: File,
    placed: bool,
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.placed {
            // One that stays is swept.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The name of what a digest stands for.
pub(super) fn file_name(digest: &Digest) -> String {
    format!("{}-{}", digest.hex(), digest.size)
}

pub(super) fn area(privacy: Privacy) -> &'static str {
    match privacy {
        Privacy::Shared => "shared",
        Privacy::Private => "private",
    }
}

/// Opens a regular file for reading, and gives its length; nothing if there is none.
fn open_plain(path: &Path) -> io::Result<Option<(File, u64)>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    match OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path) {
        Ok(file) => {
            let meta = file.metadata()?;
            // What is no file of ours is not there.
            Ok(meta.is_file().then_some((file, meta.len())))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound || is_link(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// A regular file's content, if it is there and no longer than `limit`.
fn read_plain(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let Some((file, size)) = open_plain(path)? else { return Ok(None) };
    if size > limit {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).saturating_add(1));
    io::Read::read_to_end(&mut io::Read::take(file, size.saturating_add(1)), &mut bytes)?;
    Ok(Some(bytes))
}

/// Marks a file as of use now. Whether it is there.
fn touch(path: &Path) -> io::Result<bool> {
    let now = rustix::fs::Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW };
    let omit = rustix::fs::Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_OMIT };
    let times = Timestamps { last_access: omit, last_modification: now };
    match rustix::fs::utimensat(CWD, path, &times, rustix::fs::AtFlags::SYMLINK_NOFOLLOW) {
        Ok(()) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Removes what is damaged, unless somebody put a good one in its place.
fn discard(path: &Path, file: Option<&File>) {
    let same = |file: &File| match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(one), Ok(other)) => one.dev() == other.dev() && one.ino() == other.ino(),
        _ => false,
    };
    if file.is_none_or(same) {
        // Where it cannot be removed, the next read finds it damaged again.
        let _ = std::fs::remove_file(path);
    }
}

impl Store for Local {
    fn function(&self) -> Function {
        self.function
    }

    fn has(&self, digest: &Digest) -> Result<Option<Privacy>, StoreError> {
        self.has_blob(digest)
    }

    fn get(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.get_blob(digest, limit)
    }

    fn get_file(&self, digest: &Digest, to: &File) -> Result<bool, StoreError> {
        self.copy_blob(digest, to)
    }

    fn put(&self, bytes: &[u8], privacy: Privacy) -> Result<Digest, StoreError> {
        self.put_bytes(bytes, privacy)
    }

    fn put_file(&self, file: &mut File, privacy: Privacy) -> Result<Digest, StoreError> {
        self.put_blob(file, privacy)
    }

    fn action(&self, key: &Digest) -> Result<Option<Kept<ActionResult>>, StoreError> {
        self.get_action(key)
    }

    fn put_action(&self, key: &Digest, result: &ActionResult, privacy: Privacy) -> Result<(), StoreError> {
        self.write_action(key, result, privacy)
    }

    fn records(&self, key: &Digest) -> Result<Vec<Kept<Record>>, StoreError> {
        self.list_records(key)
    }

    fn put_record(&self, key: &Digest, record: &Record, privacy: Privacy) -> Result<(), StoreError> {
        self.write_record(key, record, privacy)
    }
}
