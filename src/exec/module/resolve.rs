//! Which module an image names.
//!
//! Knows paths and the table of modules in the binary. Does not know registries or whether a
//! module can be run.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Where a module's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModuleSource {
    /// A file of the machine; `name` is the image as written.
    File { path: PathBuf, name: String },
    /// Part of this binary; `name` is the image as written.
    BuiltIn { bytes: &'static [u8], digest: blake3::Hash, name: String },
}

impl ModuleSource {
    /// The image as written.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::File { name, .. } | Self::BuiltIn { name, .. } => name,
        }
    }

    /// What stands in a status as the image's identity.
    #[must_use]
    pub fn image_id(&self, digest: &blake3::Hash) -> String {
        match self {
            Self::File { .. } => format!("blake3:{}", digest.to_hex()),
            Self::BuiltIn { name, .. } => format!("{name}@blake3:{}", digest.to_hex()),
        }
    }

    /// Argument 0 where a step names no command: the file's name without its ending.
    #[must_use]
    pub fn stem(&self) -> String {
        match self {
            Self::File { path, .. } => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            Self::BuiltIn { name, .. } => name.strip_prefix("builtin:").unwrap_or(name).to_owned(),
        }
    }
}

/// What a container image brings along beside its program, where a module stands for the image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageDefaults {
    /// The working directory of a step that names none; empty is `/`.
    pub working_dir: String,
    /// Variables, by name and value.
    pub environment: Vec<(String, String)>,
    /// `ENTRYPOINT`.
    pub entrypoint: Vec<String>,
    /// `CMD`.
    pub command: Vec<String>,
}

/// Finds modules by image.
pub trait ModuleResolver: Send + Sync {
    /// What the image of this name brings along, where a module stands for it; none for a module by its own name.
    fn defaults(&self, _image: &str) -> Option<ImageDefaults> {
        None
    }

    /// The module that `image`, said in input file `source`, names. The error is a sentence's
    /// fragment for the user.
    fn resolve(&self, source: u32, image: &str) -> Result<ModuleSource, String>;
}

/// Finds modules by path and in the binary.
#[derive(Debug, Clone, Default)]
pub struct PathResolver {
    /// For each input file, the directory that its relative paths start from.
    pub sources: Vec<PathBuf>,
    /// Modules of this binary by name, without `builtin:`, and their digests.
    pub built_in: BTreeMap<String, (&'static [u8], blake3::Hash)>,
}

/// Whether an image names a module rather than a container image: `builtin:NAME`, `file:PATH`, or
/// a path (`./x.wasm`, `../x.wasm`, `/x.wasm`).
#[must_use]
pub fn is_module(image: &str) -> bool {
    image.starts_with("builtin:")
        || image.starts_with("file:")
        || image.starts_with("./")
        || image.starts_with("../")
        || image.starts_with('/')
}

impl ModuleResolver for PathResolver {
    fn resolve(&self, source: u32, image: &str) -> Result<ModuleSource, String> {
        if let Some(short) = image.strip_prefix("builtin:") {
            return match self.built_in.get(short) {
                Some((bytes, digest)) => Ok(ModuleSource::BuiltIn { bytes, digest: *digest, name: image.to_owned() }),
                None => Err(format!(
                    "this binary has no module {image} (`make guests` builds those that are \
                     shipped with it)"
                )),
            };
        }
        if !is_module(image) {
            return Err(format!("image {image:?} is not a module, and only modules can be run here"));
        }
        let path = Path::new(image.strip_prefix("file:").unwrap_or(image));
        let base = self.sources.get(source as usize).map_or(Path::new("."), PathBuf::as_path);
        Ok(ModuleSource::File { path: plain(&base.join(path)), name: image.to_owned() })
    }
}

/// A path without `.` parts. `..` stays: what it means depends on links.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}
