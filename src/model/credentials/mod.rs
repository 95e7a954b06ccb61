//! Tekton's credential initialisation: what the annotated Secrets of a ServiceAccount become for git, ssh and docker.
//!
//! Knows the Secrets' types, the annotations, and the text of each file, which is Tekton's to the byte. Does not know
//! where Secrets come from, or how files reach a step.

mod docker;
mod git;
mod ssh;
#[cfg(test)]
mod tests;
mod url;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Where a step finds its credentials: `$(credentials.path)`.
pub const CREDENTIALS_DIR: &str = "/tekton/creds";

/// Where a step finds the Secrets that they were made of, each in a folder of its name.
pub const SECRETS_DIR: &str = "/tekton/creds-secrets";

/// The most bytes that the files of one ServiceAccount may have. A Secret has up to 1 MiB on Kubernetes, but each
/// annotation of it asks for its values once more.
const MOST_BYTES: usize = 8 << 20;

/// How a step ends whose credentials cannot be made: as Go's programs do when a flag is wrong.
pub const REFUSED: u8 = 2;

/// The longest message about a Secret, in characters; an annotation can be longer.
const LONGEST_MESSAGE: usize = 400;

/// Tekton: beginnings of the annotations that say what a Secret is for.
const GIT: &str = "tekton.dev/git-";
const DOCKER: &str = "tekton.dev/docker-";

const BASIC_AUTH: &str = "kubernetes.io/basic-auth";
const SSH_AUTH: &str = "kubernetes.io/ssh-auth";
const DOCKER_CFG: &str = "kubernetes.io/dockercfg";
const DOCKER_CONFIG: &str = "kubernetes.io/dockerconfigjson";

/// A Secret's data: bytes by key.
type Data = BTreeMap<String, Vec<u8>>;

/// What a Secret says about its use, without any value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretUse {
    /// Its `type`.
    pub type_: String,
    /// Those of its annotations that Tekton looks at.
    pub annotations: BTreeMap<String, String>,
}

impl SecretUse {
    /// What a Secret of this type, with these annotations, is for.
    #[must_use]
    pub fn new(type_: &str, annotations: &BTreeMap<String, String>) -> Self {
        let known = |key: &str| key.starts_with(GIT) || key.starts_with(DOCKER);
        let annotations = annotations.iter().filter(|(key, _)| known(key));
        Self {
            type_: type_.to_owned(),
            annotations: annotations.map(|(key, value)| (key.clone(), value.clone())).collect(),
        }
    }

    /// What its annotations name, sorted as Tekton sorts them.
    fn places(&self, beginning: &str) -> Vec<&str> {
        let mut places: Vec<&str> = self
            .annotations
            .iter()
            .filter(|(key, _)| key.starts_with(beginning))
            .map(|(_, place)| place.as_str())
            .collect();
        places.sort_unstable();
        places
    }
}

/// A Secret as the initialisation reads it.
#[derive(Clone, Copy)]
pub struct SecretSource<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it says about its use.
    pub use_: &'a SecretUse,
    /// Its data.
    pub data: &'a Data,
}

impl<'a> SecretSource<'a> {
    /// The bytes of a key, or what reading its file says where it is not there.
    fn read(&self, key: &str) -> Result<&'a [u8], String> {
        let bytes = self.data.get(key).map(Vec::as_slice);
        bytes.ok_or_else(|| format!("open {SECRETS_DIR}/{}/{key}: no such file or directory", self.name))
    }
}

/// The credentials of a ServiceAccount.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Files by their path in [`CREDENTIALS_DIR`].
    pub files: BTreeMap<String, Vec<u8>>,
    /// The Secrets that are used, by name.
    pub secrets: Vec<String>,
    /// What could not be written, in Tekton's words: a line each.
    pub notes: Vec<String>,
}

impl fmt::Debug for Credentials {
    /// Names only: the files hold values of Secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.files.keys().collect();
        f.debug_struct("Credentials").field("files", &names).field("secrets", &self.secrets).finish()
    }
}

impl Credentials {
    /// Makes the credentials of the Secrets that a ServiceAccount names. Those that are not there are passed over, as
    /// Tekton does.
    ///
    /// # Errors
    /// As [`Credentials::of`].
    pub fn of_account<'a>(
        names: impl IntoIterator<Item = &'a str>,
        find: impl Fn(&str) -> Option<SecretSource<'a>>,
    ) -> Result<Self, String> {
        let mut seen = BTreeSet::new();
        let names = names.into_iter().filter(|name| seen.insert(*name));
        let secrets: Vec<_> = names.filter_map(find).collect();
        Self::of(&secrets)
    }

    /// Makes the credentials of Secrets, in the order in which their ServiceAccount names them. A Secret without a
    /// known type or without annotations is passed over.
    ///
    /// # Errors
    /// What Tekton's entrypoint says before it ends with [`REFUSED`] and the step never runs: a Secret without a key
    /// that its type asks for, an annotation that is no place, one place twice. No value stands in it.
    pub fn of(secrets: &[SecretSource<'_>]) -> Result<Self, String> {
        let mut entries = Entries::default();
        let mut made = Self::default();
        for secret in secrets {
            if entries.add(*secret).map_err(|message| shortened(&message))? {
                made.secrets.push(secret.name.to_owned());
            }
        }
        let docker = entries.docker.write(&mut made.files);
        entries.git.write(&mut made.files);
        entries.ssh.write(&mut made.files);
        made.notes.extend(docker.err().map(|why| format!("Error initializing credentials: {why}")));
        Ok(made)
    }
}

/// Everything that Tekton's entrypoint is told of Secrets by its flags.
#[derive(Default)]
struct Entries<'a> {
    docker: docker::Entries<'a>,
    git: git::Entries<'a>,
    ssh: ssh::Entries<'a>,
    room: Room,
}

impl<'a> Entries<'a> {
    /// Takes a Secret; whether it is for anything. Tekton: docker's flags come before git's.
    fn add(&mut self, secret: SecretSource<'a>) -> Result<bool, String> {
        let Self { docker, git, ssh, room } = self;
        // Kubernetes has no such names, and a file is called by this one.
        if secret.name.contains('/') || secret.name.contains(char::is_control) {
            return Err(format!("{} cannot be the name of a Secret", quoted(secret.name)));
        }
        let use_ = secret.use_;
        let (for_docker, for_git) = (use_.places(DOCKER), use_.places(GIT));
        match use_.type_.as_str() {
            BASIC_AUTH => {
                for place in &for_docker {
                    flag("basic-docker", secret, place, || docker.add_basic(place, secret, room))?;
                }
                for place in &for_git {
                    flag("basic-git", secret, place, || git.add(place, secret, room))?;
                }
                Ok(!for_docker.is_empty() || !for_git.is_empty())
            }
            SSH_AUTH => {
                for place in &for_git {
                    flag("ssh-git", secret, place, || ssh.add(place, secret, room))?;
                }
                Ok(!for_git.is_empty())
            }
            DOCKER_CFG | DOCKER_CONFIG => {
                docker.add_file(secret, use_.type_ == DOCKER_CONFIG);
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

/// Sets a flag of Tekton's entrypoint, `-NAME=SECRET=PLACE`; what is wrong with it is said as Go says it.
fn flag(
    name: &str,
    secret: SecretSource<'_>,
    place: &str,
    set: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    let value = format!("{}={place}", secret.name);
    let set =
        if place.contains('=') { Err(format!("expect entries of the form secret=url, got: {value}")) } else { set() };
    set.map_err(|why| format!("invalid value {} for flag -{name}: {why}", quoted(&value)))
}

/// Bytes that the files may still have.
struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(MOST_BYTES)
    }
}

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), String> {
        let left = self.0.checked_sub(bytes);
        self.0 = left.ok_or_else(|| format!("the credentials have more than {} MiB together", MOST_BYTES >> 20))?;
        Ok(())
    }
}

/// A text in quotes as Go's `%q` writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            ' '..='~' => quoted.push(c),
            '\0'..='\u{7f}' => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if is_printed(c) => quoted.push(c),
            c if u32::from(c) < 0x10000 => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a character beyond ASCII is shown as itself: Rust escapes the same ones, once a mark stands on a letter.
fn is_printed(c: char) -> bool {
    format!("x{c}").escape_debug().count() == 2
}

/// A message that an annotation cannot make long.
fn shortened(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}...", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}
