//! Files and directories that are made, with the modes that this program's mask leaves them.
//!
//! The system makes them as under the usual mask; under another their modes are set afterwards. A program is told its
//! mask by a variable of its environment. Does not know who makes what.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// The mask where nobody set one.
pub const USUAL_MASK: u32 = 0o22;

/// The variable that tells a program its mask, in octal digits.
pub(crate) const VARIABLE: &str = "SH_UMASK";

static MASK: AtomicU32 = AtomicU32::new(USUAL_MASK);

/// The bits that files made by this program do not get.
#[must_use]
pub fn mask() -> u32 {
    MASK.load(Ordering::Relaxed)
}

/// Sets them.
pub fn set_mask(mask: u32) {
    MASK.store(mask & 0o777, Ordering::Relaxed);
}

/// Takes the mask that this program was started with out of its environment.
///
/// # Safety
/// As for [`std::env::remove_var`]: nobody else reads the environment meanwhile.
pub(crate) unsafe fn take_mask() {
    let Some(text) = std::env::var_os(VARIABLE) else { return };
    // SAFETY: the caller says so.
    unsafe { std::env::remove_var(VARIABLE) };
    if let Some(mask) = text.to_str().and_then(|text| u32::from_str_radix(text, 8).ok()) {
        set_mask(mask);
    }
}

/// Does what may make `path`, and gives it its mode where it was made.
fn masked<T>(path: &Path, mode: u32, make: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    if mask() == USUAL_MASK || std::fs::metadata(path).is_ok() {
        return make();
    }
    let made = make()?;
    let text = path.to_str().ok_or(io::ErrorKind::InvalidInput)?;
    crate::set_mode(text, true, mode & !mask())?;
    Ok(made)
}

/// Opens a file, which may be made by it.
pub fn open(options: &OpenOptions, path: impl AsRef<Path>) -> io::Result<File> {
    let path = path.as_ref();
    masked(path, 0o666, || options.open(path))
}

/// A file to be written from its start.
pub fn create(path: impl AsRef<Path>) -> io::Result<File> {
    open(OpenOptions::new().write(true).create(true).truncate(true), path)
}

/// Makes a file with this content.
pub fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    io::Write::write_all(&mut create(path)?, bytes.as_ref())
}

/// Makes a directory.
pub fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref();
    masked(path, 0o777, || std::fs::create_dir(path))
}

/// Makes a directory and those above it, which their user can go on using.
pub fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref();
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_dir_all(parent)?;
    }
    match create_dir(path) {
        Err(_) if path.is_dir() => Ok(()),
        made => made,
    }
}
