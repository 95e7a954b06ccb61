//! What the command line says about a run: which one, with which params and workspaces.
//!
//! Knows the syntax of `-p` and `-w` and puts their values into a run object. Does not know
//! command-line flags themselves.

use super::error::AppError;
use super::input::MAX_FILE_BYTES;
use crate::model::objects::{
    ClaimSource, ConfigMapSource, EmptyDirSource, HostDir, Param, SecretSource, WorkspaceBinding,
};
use crate::model::value::ParamValue;
use crate::spec::{RunObject, RunSpec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// Which run, and what overrides it. Texts are raw, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// A Task or Pipeline by name.
    pub name: Option<String>,
    /// Which run object of the files, by name or generated name's stem.
    pub run: Option<String>,
    /// `-p KEY=VALUE`.
    pub params: Vec<(String, String)>,
    /// `-w NAME=SOURCE`.
    pub workspaces: Vec<(String, String)>,
}

/// What a selection puts into a run object, read and checked: written into the journal's
/// header, so that the run can be made again without the files and the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrides {
    params: Vec<(String, ParamValue)>,
    workspaces: Vec<(String, Source)>,
}

/// What `-w` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Source {
    EmptyDir,
    Claim(String),
    ConfigMap(String),
    Secret(String),
    Directory { path: String, read_only: bool },
}

impl Selection {
    /// Reads the texts of `-p` and `-w`.
    ///
    /// # Errors
    /// A value that can't be read or has no meaning: usage.
    pub fn overrides(&self, working_dir: &Path) -> Result<Overrides, AppError> {
        let params = self.params.iter().map(|(name, text)| Ok((name.clone(), param_value(name, text, working_dir)?)));
        let workspaces =
            self.workspaces.iter().map(|(name, text)| Ok((name.clone(), workspace(name, text, working_dir)?)));
        Ok(Overrides {
            params: params.collect::<Result<_, AppError>>()?,
            workspaces: workspaces.collect::<Result<_, AppError>>()?,
        })
    }
}

impl Overrides {
    /// Whether they would change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.params.is_empty() && self.workspaces.is_empty()
    }

    /// Puts params and workspaces into `run`, replacing those of the same name.
    pub fn apply(&self, run: &mut RunObject) {
        let (params, workspaces) = match &mut run.spec {
            RunSpec::Pipeline(spec) => (&mut spec.params, &mut spec.workspaces),
            RunSpec::Task(spec) => (&mut spec.params, &mut spec.workspaces),
        };
        for (name, value) in &self.params {
            let value = Some(value.clone());
            match params.iter_mut().find(|p| p.name == *name) {
                Some(param) => param.value = value,
                None => params.push(Param { name: name.clone(), value }),
            }
        }
        for (name, source) in &self.workspaces {
            let binding = source.binding(name);
            match workspaces.iter_mut().find(|w| w.name == *name) {
                Some(slot) => *slot = binding,
                None => workspaces.push(binding),
            }
        }
    }
}

impl Source {
    fn binding(&self, name: &str) -> WorkspaceBinding {
        let mut binding = WorkspaceBinding { name: name.to_owned(), ..WorkspaceBinding::default() };
        match self.clone() {
            Self::EmptyDir => binding.empty_dir = Some(EmptyDirSource::default()),
            Self::Claim(claim_name) => {
                binding.persistent_volume_claim = Some(ClaimSource { claim_name, ..ClaimSource::default() });
            }
            Self::ConfigMap(name) => {
                binding.config_map = Some(ConfigMapSource { name, ..ConfigMapSource::default() });
            }
            Self::Secret(secret_name) => {
                binding.secret = Some(SecretSource { secret_name, ..SecretSource::default() });
            }
            Self::Directory { path, read_only } => binding.host_dir = Some(HostDir { path, read_only }),
        }
        binding
    }
}

/// `VALUE`, `@FILE`, or JSON for lists and maps of strings.
fn param_value(name: &str, text: &str, working_dir: &Path) -> Result<ParamValue, AppError> {
    let text = match text.strip_prefix('@') {
        Some(file) => read_value(name, &working_dir.join(file))?,
        None => text.to_owned(),
    };
    let bad = |what: &str| {
        AppError::usage(
            format!("param `{name}`: {what}"),
            "write a list as JSON strings (-p 'names=[\"a\",\"b\"]'), a map as JSON (-p 'o={\"k\":\"v\"}')",
        )
    };
    match text.trim_start().chars().next() {
        Some('[') => match serde_json::from_str::<Vec<String>>(&text) {
            Ok(list) => Ok(ParamValue::Array(list)),
            Err(_) if serde_json::from_str::<serde_json::Value>(&text).is_ok() => Err(bad("a list holds strings only")),
            Err(_) => Ok(ParamValue::String(text)),
        },
        Some('{') => match serde_json::from_str::<BTreeMap<String, String>>(&text) {
            Ok(map) => Ok(ParamValue::Object(map)),
            Err(_) if serde_json::from_str::<serde_json::Value>(&text).is_ok() => Err(bad("a map holds strings only")),
            Err(_) => Ok(ParamValue::String(text)),
        },
        _ => Ok(ParamValue::String(text)),
    }
}

fn read_value(name: &str, path: &Path) -> Result<String, AppError> {
    let unreadable = |why: String| {
        AppError::usage(
            format!("param `{name}`: cannot read {}: {why}", path.display()),
            "-p KEY=@FILE reads the value from a file of UTF-8 text",
        )
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|f| f.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|e| unreadable(e.to_string()))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(unreadable(format!("larger than {MAX_FILE_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| unreadable("not UTF-8".to_owned()))
}

/// `PATH[:ro]`, `emptyDir`, `pvc:NAME`, `config:NAME`, `secret:NAME`.
fn workspace(name: &str, text: &str, working_dir: &Path) -> Result<Source, AppError> {
    Ok(match text.split_once(':') {
        _ if text == "emptyDir" => Source::EmptyDir,
        Some(("pvc", claim)) => Source::Claim(claim.to_owned()),
        Some(("config", object)) => Source::ConfigMap(object.to_owned()),
        Some(("secret", object)) => Source::Secret(object.to_owned()),
        Some(_) | None => directory(name, text, working_dir)?,
    })
}

fn directory(name: &str, text: &str, working_dir: &Path) -> Result<Source, AppError> {
    let (path, read_only) = match text.strip_suffix(":ro") {
        Some(path) => (path, true),
        None => (text, false),
    };
    let full = working_dir.join(path);
    let refused = |what: &str| {
        AppError::usage(
            format!("workspace `{name}`: {} {what}", full.display()),
            "-w NAME=PATH[:ro] names a directory that exists; others: emptyDir, pvc:NAME, config:NAME, secret:NAME",
        )
    };
    if path.is_empty() {
        return Err(refused("(an empty path) is no directory"));
    }
    match std::fs::metadata(&full) {
        Ok(meta) if meta.is_dir() => {}
        Ok(_) => return Err(refused("is not a directory")),
        Err(error) => return Err(refused(&format!("cannot be used: {error}"))),
    }
    // Without links from here on: a step that may write above a directory must not decide where the next one finds it.
    let full = std::fs::canonicalize(&full).map_err(|error| refused(&format!("cannot be used: {error}")))?;
    let path = full.to_str().ok_or_else(|| refused("is not UTF-8"))?.to_owned();
    Ok(Source::Directory { path, read_only })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_strings_lists_or_maps() {
        let here = Path::new("/");
        let value = |text: &str| param_value("p", text, here);
        assert_eq!(value("x=y"), Ok(ParamValue::String("x=y".into())));
        assert_eq!(value(r#"["a","b"]"#), Ok(ParamValue::Array(vec!["a".into(), "b".into()])));
        assert_eq!(value("[not json"), Ok(ParamValue::String("[not json".into())));
        assert!(value("[1]").is_err());
        assert!(matches!(value(r#"{"k":"v"}"#), Ok(ParamValue::Object(_))));
        assert!(value("@/no/such/file").is_err());
    }

    #[test]
    fn workspaces_name_their_source() {
        let here = Path::new("/");
        assert_eq!(workspace("w", "emptyDir", here), Ok(Source::EmptyDir));
        assert_eq!(workspace("w", "pvc:c", here), Ok(Source::Claim("c".into())));
        assert_eq!(workspace("w", "/:ro", here), Ok(Source::Directory { path: "/".into(), read_only: true }));
        assert!(workspace("w", "/no/such/place", here).is_err());
        assert!(workspace("w", "", here).is_err());
    }
}
