//! What was asked and what came of it, as the Remote Execution API has it: `Command`, `Action`, `ActionResult`.
//!
//! Knows the canonical encoding of what we write, and reads what any server hands back. Does not know what goes into
//! an action: its caller fills it, puts the encoded command and action into the store, and looks the result up by the
//! action's digest.

use super::digest::Digest;
use super::directory::{read_digest, write_digest};
use super::wire::{Fields, Malformed, Value, Writer};
use std::collections::BTreeMap;

/// The command of an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// Its arguments, argument 0 first.
    pub arguments: Vec<String>,
    /// Its environment, sorted by name.
    pub environment: BTreeMap<String, String>,
    /// Paths that it may write, relative to the working directory.
    pub output_paths: Vec<String>,
    /// Relative to the input's root, without a slash at its beginning; empty is the root itself.
    pub working_directory: String,
}

impl Command {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.arguments.iter().for_each(|argument| writer.item(1, argument.as_bytes()));
        for (name, value) in &self.environment {
            writer.message(2, |pair| write_pair(pair, name, value));
        }
        writer.bytes(6, self.working_directory.as_bytes());
        let mut paths: Vec<&String> = self.output_paths.iter().collect();
        paths.sort();
        paths.dedup();
        paths.into_iter().for_each(|path| writer.item(7, path.as_bytes()));
        writer.finish()
    }
}

/// An action: its digest is the key of its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The digest of the encoded command.
    pub command: Digest,
    /// The tree that it reads.
    pub input_root: Digest,
    /// Anything else that the key covers.
    pub salt: Vec<u8>,
    /// What it needs of whatever runs it: name and value, in any order, names may come again.
    pub platform: Vec<(String, String)>,
}

impl Action {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        write_digest(&mut writer, 1, &self.command);
        write_digest(&mut writer, 2, &self.input_root);
        writer.bytes(9, &self.salt);
        if !self.platform.is_empty() {
            let mut properties = self.platform.clone();
            properties.sort();
            writer.message(10, |platform| {
                for (name, value) in &properties {
                    platform.message(1, |pair| write_pair(pair, name, value));
                }
            });
        }
        writer.finish()
    }
}

/// What came of an action. Every blob that belongs to it is named in one of its fields: what only `auxiliary` speaks
/// of is not kept for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionResult {
    /// Files: also those that are no file of the step, such as its log, under paths of the caller's choice.
    pub files: Vec<OutputFile>,
    /// Directories.
    pub directories: Vec<OutputDirectory>,
    /// The exit code.
    pub exit_code: i32,
    /// What it printed.
    pub stdout: Option<Digest>,
    /// What it printed as errors.
    pub stderr: Option<Digest>,
    /// The caller's own messages: a type's URL and bytes. They travel in `execution_metadata.auxiliary_metadata`.
    pub auxiliary: Vec<(String, Vec<u8>)>,
}

/// A file that belongs to a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// Relative to the working directory.
    pub path: String,
    /// Its content.
    pub digest: Digest,
    /// Whether it may be executed.
    pub executable: bool,
}

/// A directory that belongs to a result. One of both digests is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputDirectory {
    /// Relative to the working directory.
    pub path: String,
    /// The digest of its `Tree` message, which servers follow.
    pub tree: Option<Digest>,
    /// The digest of its `Directory` message, which we follow.
    pub root: Option<Digest>,
}

impl ActionResult {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        for file in &self.files {
            writer.message(2, |to| {
                to.bytes(1, file.path.as_bytes());
                write_digest(to, 2, &file.digest);
                to.number(4, u64::from(file.executable));
            });
        }
        for directory in &self.directories {
            writer.message(3, |to| {
                to.bytes(1, directory.path.as_bytes());
                directory.tree.iter().for_each(|tree| write_digest(to, 3, tree));
                directory.root.iter().for_each(|root| write_digest(to, 5, root));
            });
        }
        // A negative number takes all ten bytes, as in any writer of this encoding.
        writer.number(4, i64::from(self.exit_code).cast_unsigned());
        self.stdout.iter().for_each(|stdout| write_digest(&mut writer, 6, stdout));
        self.stderr.iter().for_each(|stderr| write_digest(&mut writer, 8, stderr));
        if !self.auxiliary.is_empty() {
            writer.message(9, |metadata| {
                for (url, value) in &self.auxiliary {
                    metadata.message(11, |any| {
                        any.bytes(1, url.as_bytes());
                        any.bytes(2, value);
                    });
                }
            });
        }
        writer.finish()
    }

    /// Reads what a store kept, with whatever a server added to it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut result = Self::default();
        let mut fields = Fields::of(bytes);
        while let Some((field, value)) = fields.next()? {
            match field {
                2 => result.files.push(read_file(value)?),
                3 => result.directories.push(read_directory(value)?),
                // The low half of a number that was extended.
                4 => result.exit_code = (value.number()? & 0xffff_ffff) as u32 as i32,
                6 => result.stdout = Some(read_digest(value)?),
                8 => result.stderr = Some(read_digest(value)?),
                9 => result.auxiliary.extend(read_metadata(value)?),
                _ => {}
            }
        }
        Ok(result)
    }
}

fn write_pair(to: &mut Writer, name: &str, value: &str) {
    to.bytes(1, name.as_bytes());
    to.bytes(2, value.as_bytes());
}

fn read_file(value: Value<'_>) -> Result<OutputFile, Malformed> {
    let (mut path, mut digest, mut executable) = (String::new(), None, false);
    let mut fields = Fields::of(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => path = value.text()?,
            2 => digest = Some(read_digest(value)?),
            4 => executable = value.truth()?,
            _ => {}
        }
    }
    Ok(OutputFile { path, digest: digest.ok_or(Malformed("an output file has no digest"))?, executable })
}

fn read_directory(value: Value<'_>) -> Result<OutputDirectory, Malformed> {
    let mut directory = OutputDirectory { path: String::new(), tree: None, root: None };
    let mut fields = Fields::of(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => directory.path = value.text()?,
            3 => directory.tree = Some(read_digest(value)?),
            5 => directory.root = Some(read_digest(value)?),
            _ => {}
        }
    }
    if directory.tree.or(directory.root).is_none() {
        return Err(Malformed("an output directory has no digest"));
    }
    Ok(directory)
}

fn read_metadata(value: Value<'_>) -> Result<Vec<(String, Vec<u8>)>, Malformed> {
    let mut auxiliary = Vec::new();
    let mut fields = Fields::of(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        if field != 11 {
            continue;
        }
        let (mut url, mut bytes) = (String::new(), Vec::new());
        let mut any = Fields::of(value.bytes()?);
        while let Some((field, value)) = any.next()? {
            match field {
                1 => url = value.text()?,
                2 => bytes = value.bytes()?.to_vec(),
                _ => {}
            }
        }
        auxiliary.push((url, bytes));
    }
    Ok(auxiliary)
}
