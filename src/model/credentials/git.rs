//! `.gitconfig` and `.git-credentials` of Secrets with a name and a password.
//!
//! Knows git's two files as Tekton writes them. Does not know which Secrets are for git.

use super::{Room, SecretSource, quoted, url};
use std::collections::{BTreeMap, BTreeSet};

/// The servers, in the order in which they were named.
#[derive(Default)]
pub(super) struct Entries<'a> {
    places: BTreeSet<&'a str>,
    config: Vec<u8>,
    credentials: Vec<u8>,
}

impl<'a> Entries<'a> {
    /// Adds a server by its URL.
    pub(super) fn add(&mut self, place: &'a str, secret: SecretSource<'a>, room: &mut Room) -> Result<(), String> {
        if !self.places.insert(place) {
            return Err(format!("multiple entries for url: {place}"));
        }
        let (name, password) = (secret.read("username")?, secret.read("password")?);
        room.take(4 * (place.len() + name.len() + password.len()))?;
        let line = url::with_user(place, name, password)?;
        self.credentials.extend_from_slice(line.as_bytes());
        self.credentials.push(b'\n');
        self.config.extend_from_slice(format!("[credential {}]\n\tusername = ", quoted(place)).as_bytes());
        for byte in name {
            // git takes a backslash for the beginning of an escape.
            self.config.extend(std::iter::repeat_n(*byte, if *byte == b'\\' { 2 } else { 1 }));
        }
        self.config.push(b'\n');
        Ok(())
    }

    /// Writes the files; none where no server was named.
    pub(super) fn write(self, files: &mut BTreeMap<String, Vec<u8>>) {
        if self.places.is_empty() {
            return;
        }
        let mut config = b"[credential]\n\thelper = store\n".to_vec();
        config.extend(self.config);
        files.insert(".gitconfig".to_owned(), config);
        files.insert(".git-credentials".to_owned(), self.credentials);
    }
}
