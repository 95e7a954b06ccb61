//! What a step's `image` runs as: a module file, a module in the binary, the userland that
//! stands for a shell image, or nothing that runs here.
//!
//! Knows image references and the image map. Does not know modules' contents.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What one image runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunsAs {
    /// A module file, by absolute path.
    File(PathBuf),
    /// A module carried in the binary.
    Builtin(String),
    /// A shell image that the image map names, and the module that stands for it.
    Mapped(String),
    /// Nothing here takes it; the sentence says why.
    Refused { message: String, help: String },
}

/// One entry of the image map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRule {
    /// Last path segment of the image, matched exactly.
    pub matches: String,
    /// The module that stands for it: `builtin:NAME`, or the absolute path of a file.
    pub module: String,
    /// The working directory of a step that names none.
    #[serde(default, rename = "workingDir", skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// Variables of the environment; a step's own come before them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// What a step without command and script runs, its `args` behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// What stands for `args` where a step has none; where there is no entrypoint, what it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
}

/// The default map: shell images whose commands the userland carries, by what their images say.
const SHELL_IMAGES: [(&str, &[&str], &[&str]); 5] = [
    ("busybox", &[], &["sh"]),
    ("alpine", &[], &["/bin/sh"]),
    ("bash", &["docker-entrypoint.sh"], &["bash"]),
    ("ubuntu", &[], &["/bin/bash"]),
    ("debian", &[], &["bash"]),
];

/// What every such image has in its environment.
const SHELL_ENVIRONMENT: [(&str, &str); 2] =
    [("HOME", "/root"), ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")];

/// Tekton's own image that does nothing, and the name that stands for it in a map: the build's digest is
/// part of the image's.
const NOP: &str = "nop";

/// The default image map.
#[must_use]
pub fn default_map() -> Vec<ImageRule> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let nop: (&str, &[&str], &[&str]) = (NOP, &["true"], &[]);
    let rule = |(name, entrypoint, command): (&str, &[&str], &[&str])| ImageRule {
        matches: name.to_owned(),
        module: "builtin:sh".to_owned(),
        working_dir: String::new(),
        env: SHELL_ENVIRONMENT.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        entrypoint: words(entrypoint),
        command: words(command),
    };
    SHELL_IMAGES.into_iter().chain([nop]).map(rule).collect()
}

/// Resolves images.
#[derive(Debug, Clone, Default)]
pub struct Images {
    /// The image map in force; empty when it is turned off.
    pub map: Vec<ImageRule>,
    /// The folder of each input file.
    pub bases: Vec<PathBuf>,
    /// Names of the modules in the binary.
    pub builtins: Vec<String>,
}

impl Images {
    /// What `image`, as said in input file `source`, runs as.
    #[must_use]
    pub fn resolve(&self, image: &str, source: u32) -> RunsAs {
        if let Some(name) = image.strip_prefix("builtin:") {
            return self.builtin(name);
        }
        if let Some(path) = module_path(image) {
            return self.file(path, source);
        }
        if image.starts_with("oci://") {
            return refused(
                format!("`{image}`: modules from registries are not supported yet"),
                "download the module and name it by path: image: ./module.wasm",
            );
        }
        let Some(rule) = self.rule(image) else {
            return refused(
                format!("`{image}` is a container image, and nothing here runs containers yet"),
                "name a WASI module instead (image: ./module.wasm or builtin:NAME)",
            );
        };
        match rule.module.strip_prefix("builtin:") {
            Some(name) if self.builtins.iter().any(|b| b == name) => RunsAs::Mapped(rule.module.clone()),
            None => self.file(&rule.module, source),
            Some(_) => refused(
                format!("`{image}` stands for a shell, whose userland `{}` this binary does not carry", rule.module),
                "name a WASI module instead (image: ./module.wasm or builtin:NAME)",
            ),
        }
    }

    /// The entry of the map for an image.
    fn rule(&self, image: &str) -> Option<&ImageRule> {
        let name = shell_name(image)?;
        self.map.iter().find(|rule| rule.matches == name)
    }

    /// What an image brings along beside its program, where a module stands for it. The userland under its own name
    /// is what `sh` is.
    #[must_use]
    pub fn defaults(&self, image: &str) -> Option<ImageRule> {
        match image {
            "builtin:sh" => default_map().into_iter().next(),
            image if module_path(image).is_some() || image.starts_with("builtin:") => None,
            image => self.rule(image).cloned(),
        }
    }

    fn builtin(&self, name: &str) -> RunsAs {
        if self.builtins.iter().any(|b| b == name) {
            return RunsAs::Builtin(name.to_owned());
        }
        let message = format!("this binary carries no module `builtin:{name}`");
        if self.builtins.is_empty() {
            return refused(
                message,
                "it was built without its modules: run `make guests`, then `cargo build --release --locked`",
            );
        }
        refused(message, format!("it carries: {}", self.builtins.join(", ")))
    }

    fn file(&self, path: &str, source: u32) -> RunsAs {
        let base =
            usize::try_from(source).ok().and_then(|i| self.bases.get(i)).map_or(Path::new("/"), PathBuf::as_path);
        let full = base.join(path);
        match std::fs::metadata(&full) {
            Ok(meta) if meta.is_file() => RunsAs::File(full),
            Ok(_) => {
                refused(format!("`{path}` is not a file"), "a module's path is relative to the file that names it")
            }
            Err(error) => refused(
                format!("there is no module `{path}` here: {error}"),
                format!("it is looked for in {}", base.display()),
            ),
        }
    }
}

/// The path of a module reference: `./x.wasm`, `../x.wasm`, `/x.wasm`, `file:x.wasm`.
fn module_path(image: &str) -> Option<&str> {
    if let Some(path) = image.strip_prefix("file:") {
        return Some(path.strip_prefix("//").unwrap_or(path));
    }
    let relative = image.starts_with("./") || image.starts_with("../") || image.starts_with('/');
    relative.then_some(image)
}

/// The last segment of an image that stands at a host's root or in its `library` or
/// `chainguard` folder, without tag and digest.
fn shell_name(image: &str) -> Option<&str> {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    let mut parts: Vec<&str> = image.split('/').collect();
    let last = parts.pop()?;
    if let Some(first) = parts.first()
        && (first.contains('.') || first.contains(':') || *first == "localhost")
    {
        parts.remove(0);
    }
    let name = last.split_once(':').map_or(last, |(name, _)| name);
    if parts.as_slice() == ["tektoncd", "pipeline"] && name.starts_with("nop-") {
        return Some(NOP);
    }
    matches!(parts.as_slice(), [] | ["library" | "chainguard"]).then_some(name)
}

fn refused(message: String, help: impl Into<String>) -> RunsAs {
    RunsAs::Refused { message, help: help.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_images_are_named_exactly() {
        for (image, name) in [
            ("busybox", Some("busybox")),
            ("docker.io/library/busybox:1.36", Some("busybox")),
            ("cgr.dev/chainguard/bash@sha256:00", Some("bash")),
            ("localhost:5000/ubuntu", Some("ubuntu")),
            ("mirror.example.com/alpine:3", Some("alpine")),
            ("acme/ubuntu", None),
            ("docker.io/acme/ubuntu", None),
            ("alpine/git", None),
            ("ghcr.io/tektoncd/pipeline/nop-8eac7c133@sha256:00", Some("nop")),
            ("acme/nop-8eac7c133", None),
        ] {
            let known = shell_name(image).filter(|n| default_map().iter().any(|rule| rule.matches == *n));
            assert_eq!(known, name, "{image}");
        }
        assert_eq!(shell_name("acme/ubuntu-deploy"), None);
    }

    #[test]
    fn module_paths_are_told_from_images() {
        assert_eq!(module_path("./a.wasm"), Some("./a.wasm"));
        assert_eq!(module_path("file:a.wasm"), Some("a.wasm"));
        assert_eq!(module_path("file:///x/a.wasm"), Some("/x/a.wasm"));
        assert_eq!(module_path("a.wasm"), None);
    }

    #[test]
    fn what_is_not_there_is_refused_with_the_remedy() {
        let images = Images { map: default_map(), ..Images::default() };
        for image in ["builtin:sh", "./none.wasm", "node:20", "busybox", "oci://h/x"] {
            assert!(matches!(images.resolve(image, 0), RunsAs::Refused { help, .. } if !help.is_empty()), "{image}");
        }
    }
}
