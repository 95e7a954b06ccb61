//! Input files: reads what `-f` names, within a limit, and remembers the folder that each
//! file's module paths are relative to.
//!
//! Knows files, folders and standard input. Does not know what is in them.

use super::error::AppError;
use crate::spec::Source;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest input file in bytes; the reader of `spec` says so with a place. One byte more is
/// read, so that a larger file is seen as such.
pub const MAX_FILE_BYTES: u64 = 8 << 20;

/// Most files read from one folder.
pub const MAX_FILES: usize = 10_000;

/// One `-f`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputPath {
    /// Standard input (`-`); module paths are relative to the working directory.
    Stdin,
    /// A file, or a folder whose `.yaml`, `.yml` and `.json` files are read, flat and sorted.
    Path(PathBuf),
}

/// The text of all input files, in order, with the folder of each.
#[derive(Debug, Default)]
pub struct Input {
    pub sources: Vec<Source>,
    /// Absolute folders, one for each source.
    pub bases: Vec<PathBuf>,
}

/// Reads everything that `paths` name. `working_dir` is absolute.
///
/// # Errors
/// A path that can't be read, or a folder without input files: usage.
pub fn read(paths: &[InputPath], working_dir: &Path) -> Result<Input, AppError> {
    let mut input = Input::default();
    for path in paths {
        match path {
            InputPath::Stdin => {
                let mut text = Vec::new();
                std::io::stdin()
                    .lock()
                    .take(MAX_FILE_BYTES + 1)
                    .read_to_end(&mut text)
                    .map_err(|error| unreadable("standard input", &error))?;
                input.push("<stdin>".to_owned(), text, working_dir.to_owned());
            }
            InputPath::Path(path) if path.is_dir() => input.read_folder(path, working_dir)?,
            InputPath::Path(path) => input.read_file(path, working_dir)?,
        }
    }
    Ok(input)
}

impl Input {
    fn push(&mut self, name: String, text: Vec<u8>, base: PathBuf) {
        self.sources.push(Source { name, text });
        self.bases.push(base);
    }

    fn read_folder(&mut self, folder: &Path, working_dir: &Path) -> Result<(), AppError> {
        let shown = folder.display().to_string();
        let entries = std::fs::read_dir(folder).map_err(|error| unreadable(&shown, &error))?;
        let mut files = Vec::new();
        for entry in entries.take(MAX_FILES) {
            let path = entry.map_err(|error| unreadable(&shown, &error))?.path();
            let extension = path.extension().and_then(|e| e.to_str());
            if matches!(extension, Some("yaml" | "yml" | "json")) && path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        // A project's configuration lies beside its pipelines and is no pipeline.
        files.retain(|path| path.file_name().is_none_or(|name| name != "stepwell.yaml"));
        if files.is_empty() {
            return Err(AppError::usage(
                format!("`{shown}` holds no .yaml, .yml or .json file"),
                "name a file, or a folder that holds pipeline files",
            ));
        }
        files.iter().try_for_each(|file| self.read_file(file, working_dir))
    }

    fn read_file(&mut self, path: &Path, working_dir: &Path) -> Result<(), AppError> {
        let shown = path.display().to_string();
        let mut text = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut text))
            .map_err(|error| unreadable(&shown, &error))?;
        let full = working_dir.join(path);
        let base = full.parent().unwrap_or(working_dir).to_owned();
        self.push(shown, text, base);
        Ok(())
    }
}

fn unreadable(what: &str, error: &std::io::Error) -> AppError {
    AppError::usage(format!("cannot read `{what}`: {error}"), "check the path given with -f")
}
