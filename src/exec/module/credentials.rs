//! Gives a step its credentials before it starts: the files in `/tekton/creds`, and a copy of them in its home.
//!
//! Knows what Tekton's entrypoint does with them, its words where that fails, and the guest's files. Does not know what
//! is in the files, or which Secrets they were made of.

use super::fs::backend::OpenHow;
use super::fs::errno::{Errno, Stop};
use super::fs::table::Mount;
use super::fs::{FileHandle, GuestFs, OpenRequest, OpenedAt};
use super::setup::{ROOT, held_mount, make_dirs};
use crate::model::credentials::{CREDENTIALS_DIR, Credentials, REFUSED, SECRETS_DIR};
use crate::model::outcome::Outcome;
use crate::model::request::ObjectKind;
use crate::volumes::{Files, Objects};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Tekton: what is copied to a step's home, each for itself, in this order.
const COPIED: [&str; 4] = [".docker", ".gitconfig", ".git-credentials", ".ssh"];

/// Modes of what is made: files everywhere, folders of [`CREDENTIALS_DIR`], folders at home.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o755;
const HOME_FOLDER_MODE: u32 = 0o700;

/// The mode of a Secret's file where nothing else is said, as Kubernetes has it.
const SECRET_MODE: u32 = 0o644;

/// The credentials that the steps of an attempt get.
pub struct AttemptCredentials {
    made: Result<Credentials, String>,
    /// The Secrets themselves.
    mounts: Vec<Mount>,
    /// Homes that steps share and that have their copy.
    homes: Mutex<BTreeSet<String>>,
}

/// What is done to the guest's files goes on, but for a limit that is met.
type Given<T> = Result<T, Stop>;

impl AttemptCredentials {
    /// The credentials of a ServiceAccount.
    #[must_use]
    pub fn new(objects: &Objects, namespace: &str, account: &str) -> Self {
        let made = objects.credentials(namespace, account);
        let names = made.iter().flat_map(|made| &made.secrets);
        let mounts = names.filter_map(|name| {
            let mut files = Files::default();
            for (key, bytes) in objects.get(namespace, ObjectKind::Secret, name)? {
                files.insert(key.as_str(), bytes.as_slice(), SECRET_MODE);
            }
            Some(held_mount(format!("{SECRETS_DIR}/{name}"), files))
        });
        Self { mounts: mounts.collect(), made, homes: Mutex::default() }
    }

    /// Whether steps are as they would be without a ServiceAccount.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made.as_ref().is_ok_and(|made| made.secrets.is_empty())
    }

    /// What steps find of the Secrets themselves.
    #[must_use]
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// Writes the files. `tell` takes a line for the step's log; nothing in it is a value of a Secret.
    ///
    /// # Errors
    /// How the step ends without having run: credentials that cannot be made, or a limit.
    pub fn give(
        &self,
        fs: &mut GuestFs,
        working_dir: &str,
        environment: &[(String, String)],
        tell: &mut dyn FnMut(&str),
    ) -> Result<(), Outcome> {
        let made = match &self.made {
            Ok(made) => made,
            Err(why) => {
                tell(why);
                return Err(Outcome::Exited { code: REFUSED });
            }
        };
        made.notes.iter().for_each(|note| tell(note));
        if made.files.is_empty() {
            return Ok(());
        }
        for name in COPIED {
            write(fs, made, name, CREDENTIALS_DIR, FOLDER_MODE)
                .or_else(|stop| note(stop, |why| tell(&format!("Error initializing credentials: {name}: {why}"))))?;
        }
        let home = environment.iter().rev().find(|(name, _)| name == "HOME").map(|(_, home)| home.as_str());
        let Some(home) = home.filter(|home| !home.is_empty()) else {
            tell("non-fatal error copying credentials: HOME is not set");
            return Ok(());
        };
        let path = if home.starts_with('/') { home.to_owned() } else { format!("{working_dir}/{home}") };
        if !self.is_first_copy(fs, &path).or_else(|stop| note(stop, |_| ()).map(|()| true))? {
            return Ok(());
        }
        for name in COPIED {
            write(fs, made, name, &path, HOME_FOLDER_MODE).or_else(|stop| {
                note(stop, |why| {
                    tell(&format!("unsuccessful cred copy: {name:?} from {CREDENTIALS_DIR:?} to {home:?}: {why}"));
                })
            })?;
        }
        Ok(())
    }

    /// Whether a home gets its copy now, made where it is missing. Tekton copies when all steps of the Pod begin to
    /// wait for their turn: what a step changes in a home that it shares is there for the next one.
    fn is_first_copy(&self, fs: &mut GuestFs, home: &str) -> Given<bool> {
        let home = home.trim_matches('/');
        if home.is_empty() {
            return Ok(true);
        }
        make_dirs(fs, home)?;
        let request = OpenRequest { directory: true, ..OpenRequest::default() };
        let OpenedAt::Dir(path) = fs.open(ROOT, home, true, request)? else { return Ok(true) };
        let own = fs.table.mount(&fs.table.spot(path.clone())).path.is_empty();
        Ok(own || self.homes.lock().unwrap_or_else(PoisonError::into_inner).insert(path))
    }
}

/// Writes what stands under one name into a folder of the guest.
fn write(fs: &mut GuestFs, made: &Credentials, name: &str, folder: &str, folder_mode: u32) -> Given<()> {
    let folder = folder.trim_start_matches('/');
    for (path, bytes) in &made.files {
        let Some(rest) = path.strip_prefix(name) else { continue };
        if rest.starts_with('/') {
            make_folder(fs, &format!("{folder}/{name}"), folder_mode)?;
        } else if !rest.is_empty() {
            continue;
        }
        write_file(fs, &format!("{folder}/{path}"), bytes)?;
    }
    Ok(())
}

fn make_folder(fs: &mut GuestFs, path: &str, mode: u32) -> Given<()> {
    match fs.make_dir(ROOT, path) {
        Ok(()) => fs.set_mode(ROOT, path, false, mode),
        Err(Stop::Errno(Errno::Exists)) => Ok(()),
        Err(stop) => Err(stop),
    }
}

/// Writes a file, through a link where one stands there. One that was there keeps its mode.
fn write_file(fs: &mut GuestFs, path: &str, bytes: &[u8]) -> Given<()> {
    let is_new = fs.stat(ROOT, path, true) == Err(Errno::NoEntry);
    let how = OpenHow { write: true, truncate: true, ..OpenHow::default() };
    let request = OpenRequest { how, create: true, ..OpenRequest::default() };
    let OpenedAt::File(file) = fs.open(ROOT, path, true, request)? else { return Err(Errno::Invalid.into()) };
    if is_new {
        fs.set_mode(ROOT, path, true, FILE_MODE)?;
    }
    fill(fs, &file, bytes)
}

fn fill(fs: &mut GuestFs, file: &FileHandle, bytes: &[u8]) -> Given<()> {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        written += file.file.write_at(rest, written as u64, false, &file.paid, &mut fs.usage)?;
    }
    Ok(())
}

/// Goes on where a call failed, and not where a limit ends the step.
fn note(stop: Stop, say: impl FnOnce(Errno)) -> Result<(), Outcome> {
    match stop {
        Stop::Errno(errno) => {
            say(errno);
            Ok(())
        }
        Stop::End(outcome) => Err(*outcome),
    }
}
