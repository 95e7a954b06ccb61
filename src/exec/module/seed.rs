//! Which steps get seeded random bytes, and what tells their seeds apart.
//!
//! Knows requests. Does not know where random bytes come from or how results are kept.

use super::code::Digest;
use crate::model::request::{
    AttemptRequest, CacheMode, EnvRequest, ObjectKind, ProgramRequest, RandomMode, TimesMode, VolumeSource,
};

/// Whether a program's result could be kept and taken again: nothing that it can see is secret, as old as the
/// machine, or written by others while it runs. Only then do its random bytes follow from a seed.
pub fn is_cacheable(attempt: &AttemptRequest, program: &ProgramRequest) -> bool {
    let sandbox = &program.sandbox;
    let may = match sandbox.cache {
        CacheMode::Auto | CacheMode::Always => true,
        CacheMode::Never => false,
    };
    // Bytes that nobody knows beforehand are never the same again, and are not to be kept by others.
    may && sandbox.random != RandomMode::Real
        && sandbox.times == TimesMode::Stable
        && !attempt.live
        && attempt.sidecars.is_empty()
        && !sees_secrets(attempt, program)
}

/// Whether a Secret is in the program's environment or among its mounts.
fn sees_secrets(attempt: &AttemptRequest, program: &ProgramRequest) -> bool {
    let in_env = program.env.iter().any(|request| match request {
        EnvRequest::Value { .. } => false,
        EnvRequest::Key { object, .. } | EnvRequest::All { object, .. } => *object == ObjectKind::Secret,
    });
    let mounted = |key: &str| program.mounts.iter().any(|mount| mount.volume == key);
    in_env
        || attempt.volumes.iter().filter(|volume| mounted(&volume.key)).any(|volume| match &volume.source {
            VolumeSource::Projected { sources, .. } => sources.iter().any(|source| source.object == ObjectKind::Secret),
            VolumeSource::EmptyDir | VolumeSource::Claim { .. } | VolumeSource::HostDir { .. } => false,
        })
}

/// Everything that tells one step from another, but the files that it finds: its module and those of its commands, words,
/// environment, mounts and modes, and which try it is.
pub fn identity<'a>(
    module: &Digest,
    commands: impl ExactSizeIterator<Item = (&'a str, &'a Digest)>,
    program: &ProgramRequest,
    environment: &[(String, String)],
    attempt: u32,
) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(module.as_bytes());
    hasher.update(&(commands.len() as u64).to_le_bytes());
    for (name, module) in commands {
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(module.as_bytes());
    }
    hasher.update(&attempt.to_le_bytes());
    let mut list = |strings: &[&str]| {
        hasher.update(&(strings.len() as u64).to_le_bytes());
        for string in strings {
            hasher.update(&(string.len() as u64).to_le_bytes());
            hasher.update(string.as_bytes());
        }
    };
    list(&program.command.iter().map(String::as_str).collect::<Vec<_>>());
    list(&program.args.iter().map(String::as_str).collect::<Vec<_>>());
    list(&program.script.iter().map(String::as_str).collect::<Vec<_>>());
    list(&program.working_dir.iter().map(String::as_str).collect::<Vec<_>>());
    list(&environment.iter().flat_map(|(name, value)| [name.as_str(), value]).collect::<Vec<_>>());
    let mounts =
        program.mounts.iter().flat_map(|mount| [mount.mount_path.as_str(), if mount.read_only { "ro" } else { "rw" }]);
    list(&mounts.collect::<Vec<_>>());
    let sandbox = &program.sandbox;
    let modes = [format!("{:?}", sandbox.clock), format!("{:?}", sandbox.random), format!("{:?}", sandbox.times)];
    list(&modes.iter().map(String::as_str).collect::<Vec<_>>());
    *hasher.finalize().as_bytes()
}
