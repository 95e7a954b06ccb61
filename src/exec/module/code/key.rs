//! The installation's secret: what compiled code is authenticated with.
//!
//! Knows one file of 32 random bytes. Does not know what is derived from it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// A secret that never leaves the state directory.
#[derive(Clone)]
pub struct InstallationKey([u8; 32]);

impl std::fmt::Debug for InstallationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InstallationKey(..)")
    }
}

impl InstallationKey {
    /// Reads the key, or makes it where there is none yet. Of several processes that make it at
    /// once, all get the same one. A file that is there and is not a key is an error: what it
    /// should have held is unknown.
    pub fn open(path: &Path) -> io::Result<Self> {
        loop {
            match File::open(path) {
                Ok(file) => return Self::read(file, path),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            match Self::make(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
    }

    fn read(file: File, path: &Path) -> io::Result<Self> {
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(PermissionsExt::from_mode(0o600))?;
        }
        let mut bytes = Vec::with_capacity(33);
        file.take(33).read_to_end(&mut bytes)?;
        let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| {
            let text = format!("{} is damaged; remove it to start anew", path.display());
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        Ok(Self(bytes))
    }

    fn make(path: &Path) -> io::Result<Self> {
        let mut bytes = [0; 32];
        random(&mut bytes)?;
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above)?;
        }
        let draft = draft_of(path)?;
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()
            })
            // Unlike a rename, a link never replaces a key that another process made first.
            .and_then(|()| std::fs::hard_link(&draft, path));
        let _ = std::fs::remove_file(&draft);
        made.map(|()| Self(bytes))
    }

    /// A hash that only this installation can make; `purpose` keeps uses apart.
    #[must_use]
    pub fn hasher(&self, purpose: &str) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&(purpose.len() as u64).to_le_bytes());
        hasher.update(purpose.as_bytes());
        hasher
    }

    /// A secret for one purpose.
    #[must_use]
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        *self.hasher(purpose).finalize().as_bytes()
    }
}

/// A name beside `path` that nobody else uses, for a file that is renamed once it is whole.
pub(super) fn draft_of(path: &Path) -> io::Result<std::path::PathBuf> {
    let mut bytes = [0; 8];
    random(&mut bytes)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(path.with_file_name(format!(".{name}.{:016x}", u64::from_le_bytes(bytes))))
}

fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
}
