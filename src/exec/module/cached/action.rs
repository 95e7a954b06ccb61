//! What is asked for when a step is: everything that tells one step from another, but the files that it finds.
//!
//! Knows requests, modules and mounts. Does not know stores, or what the step will see. The same walk gives the key
//! and the words that a person compares. Not in it, since they change no result: limits, timeouts, retries, what is
//! done about a failure, and names that the step cannot see.

use crate::exec::module::code::Digest as ModuleDigest;
use crate::exec::module::fs::trace::Shape;
use crate::exec::module::image::command_line;
use crate::exec::module::resolve::ImageDefaults;
use crate::exec::module::setup::with_preamble;
use crate::model::request::{ProgramRequest, ResultRequest};
use std::collections::BTreeMap;

/// Another number makes other keys: for when the meaning of a field changes, or what a step is given.
const VERSION: &str = "1";

/// What a key covers, field by field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Names and values, in the order in which they are compared.
    pub fields: Vec<(String, String)>,
}

/// Everything that goes into it.
pub struct Asked<'a> {
    pub module: &'a ModuleDigest,
    pub commands: &'a BTreeMap<String, ModuleDigest>,
    pub program: &'a ProgramRequest,
    pub image: Option<&'a ImageDefaults>,
    pub stem: &'a str,
    /// The step's name: it stands in the path of its script, and in those of its own directories.
    pub name: &'a str,
    pub environment: &'a [(String, String)],
    pub shape: &'a Shape,
    /// The results that it may set: its own, and the task's.
    pub own: &'a [ResultRequest],
    pub shared: &'a [ResultRequest],
    /// Which try it is: its random bytes follow from that.
    pub attempt: u32,
    pub stdout_path: Option<&'a str>,
    pub stderr_path: Option<&'a str>,
}

impl Action {
    /// The action of a step.
    #[must_use]
    pub fn of(asked: &Asked<'_>) -> Self {
        let mut fields = Vec::new();
        let mut add = |name: String, value: String| fields.push((name, value));
        add("version".to_owned(), VERSION.to_owned());
        add("module".to_owned(), asked.module.to_hex().to_string());
        for (name, module) in asked.commands {
            add(format!("command {name}"), module.to_hex().to_string());
        }
        add("step".to_owned(), asked.name.to_owned());
        let program = asked.program;
        let script = program.script.as_deref().map(with_preamble);
        let words: Vec<String> = match asked.image {
            Some(image) => {
                let line = command_line(image, program, script.as_deref().map(|text| ("script", text)));
                line.fixed.into_iter().chain(["--".to_owned()]).chain(line.own).collect()
            }
            None if program.command.is_empty() => {
                [asked.stem.to_owned()].into_iter().chain(program.args.clone()).collect()
            }
            None => program.command.iter().chain(&program.args).cloned().collect(),
        };
        for (place, word) in words.into_iter().enumerate() {
            add(format!("argument {place}"), word);
        }
        if let Some(script) = script {
            add("script".to_owned(), script);
        }
        for (name, value) in asked.environment {
            add(format!("env {name}"), value.clone());
        }
        let default_dir = asked.image.map(|image| image.working_dir.as_str()).unwrap_or_default();
        add("workingDir".to_owned(), program.working_dir.as_deref().unwrap_or(default_dir).to_owned());
        for (path, read_only, is_file, ground, top) in &asked.shape.0 {
            let how = if *read_only { "ro" } else { "rw" };
            let what = if *is_file { "file" } else { "directory" };
            add(format!("mount {path}"), format!("{how} {what} {ground} {top}"));
        }
        for (of, results) in [("step", asked.own), ("task", asked.shared)] {
            for result in results {
                add(format!("result {} of the {of}", result.name), format!("{:?}", result.r#type));
            }
        }
        let user = program.user.map(|user| format!("{}:{}", user.user, user.group));
        add("user".to_owned(), user.unwrap_or_default());
        add("attempt".to_owned(), asked.attempt.to_string());
        add("stdout".to_owned(), asked.stdout_path.unwrap_or_default().to_owned());
        add("stderr".to_owned(), asked.stderr_path.unwrap_or_default().to_owned());
        let sandbox = &program.sandbox;
        add("clock".to_owned(), format!("{:?}", sandbox.clock));
        add("random".to_owned(), format!("{:?}", sandbox.random));
        Self { fields }
    }

    /// The bytes whose digest is the key: no two actions have the same.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for text in self.fields.iter().flat_map(|(name, value)| [name, value]) {
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}
