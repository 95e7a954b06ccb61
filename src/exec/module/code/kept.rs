//! What is kept of compiled modules, as things that can be collected.
//!
//! Knows the names of the files. Does not know whether anybody needs one: a module that is missing is compiled again.

use crate::cache::upkeep::Beside;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Where compiled modules lie in a cache directory.
#[must_use]
pub fn place(cache_dir: &Path) -> PathBuf {
    cache_dir.join("compiled")
}

/// The compiled modules of a directory, each with its seal and its lock; files that were begun, each by itself. A
/// module was of use when its seal was last touched.
pub fn list(dir: &Path) -> io::Result<Vec<Beside>> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut things: BTreeMap<String, Beside> = BTreeMap::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(stem) = stem(&name) else { continue };
        let meta = match entry.metadata() {
            Ok(meta) if meta.is_file() => meta,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            // No file of ours, or one that has gone.
            Ok(_) | Err(_) => continue,
        };
        let used = meta.modified()?;
        let thing = things.entry(stem.to_owned()).or_insert(Beside { paths: Vec::new(), bytes: 0, used });
        thing.paths.push(entry.path());
        thing.bytes = thing.bytes.saturating_add(meta.len().div_ceil(4096).saturating_mul(4096));
        thing.used = thing.used.max(used);
    }
    Ok(things.into_values().collect())
}

/// What a file belongs to. Nothing if it is none of ours.
fn stem(name: &str) -> Option<&str> {
    let is_ours = |stem: &str| stem.len() == 64 + 1 + 16 && stem.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    match name.strip_prefix('.') {
        // A draft is a thing of its own.
        Some(draft) => draft.split_once('.').filter(|(stem, _)| is_ours(stem)).map(|_| name),
        None => {
            let (stem, ending) = name.split_once('.')?;
            (is_ours(stem) && matches!(ending, "cwasm" | "mac" | "lock")).then_some(stem)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_one_thing_with_its_seal_and_lock() {
        let dir = tempfile::tempdir().expect("a directory");
        let stem = format!("{}-{}", "a".repeat(64), "0".repeat(16));
        for name in [
            format!("{stem}.cwasm"),
            format!("{stem}.mac"),
            format!("{stem}.lock"),
            format!(".{stem}.cwasm.0011223344556677"),
            "README".to_owned(),
            ".hidden".to_owned(),
            format!("{stem}.txt"),
        ] {
            std::fs::write(dir.path().join(name), "x").expect("is written");
        }
        let things = list(dir.path()).expect("is listed");
        let sizes: Vec<(usize, u64)> = things.iter().map(|thing| (thing.paths.len(), thing.bytes)).collect();
        assert_eq!(sizes, [(1, 4096), (3, 3 * 4096)]);
        assert_eq!(list(&dir.path().join("missing")).expect("is listed"), []);
    }
}
