//! The journal's first record: everything that a run was made of, so that it can be shown
//! and driven without its files.
//!
//! Knows how a run is written down and made again. Values of Secrets are not in it: those
//! lie in a file of their own while the run is unfinished.

use super::error::AppError;
use super::images::ImageRule;
use super::prepare::run_by_name;
use super::selection::Overrides;
use crate::model::credentials::SecretUse;
use crate::model::plan::Plan;
use crate::spec::{Document, ObjectSet, RunObject};
use crate::volumes::Objects;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Version of the header's shape.
const VERSION: u32 = 1;

/// What a run was made of.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    v: u32,
    pub name: String,
    pub uid: String,
    /// Names of the input files, by the index in places.
    sources: Vec<String>,
    /// The folders that module paths are relative to.
    pub bases: Vec<PathBuf>,
    documents: Vec<Document>,
    run: Which,
    overrides: Overrides,
    pub image_map: Vec<ImageRule>,
}

/// Which object of the documents is run.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Which {
    /// A run object, by its document.
    Document(usize),
    /// A Task or Pipeline, by name.
    Name(String),
}

/// A run made again from its header.
pub(super) struct Remade {
    pub plan: Arc<Plan>,
    pub objects: ObjectSet,
}

/// What a header is made of, besides the run itself.
pub(super) struct Inputs<'a> {
    pub objects: &'a ObjectSet,
    pub bases: &'a [PathBuf],
    pub by_name: Option<&'a str>,
    pub overrides: &'a Overrides,
    pub image_map: &'a [ImageRule],
}

impl Header {
    /// The header of a run.
    pub fn new(inputs: &Inputs<'_>, run: &RunObject, plan: &Plan) -> Self {
        Self {
            v: VERSION,
            name: plan.metadata.name.clone(),
            uid: plan.metadata.uid.clone(),
            sources: inputs.objects.sources.clone(),
            bases: inputs.bases.to_vec(),
            documents: inputs.objects.documents.clone(),
            run: match inputs.by_name {
                Some(name) => Which::Name(name.to_owned()),
                None => Which::Document(run.document),
            },
            overrides: inputs.overrides.clone(),
            image_map: inputs.image_map.to_vec(),
        }
    }

    /// As the record's payload.
    ///
    /// # Errors
    /// A folder whose name is not UTF-8.
    pub fn to_bytes(&self) -> Result<Vec<u8>, AppError> {
        serde_json::to_vec(self).map_err(|error| {
            AppError::fault(format!("the run cannot be written down: {error}"), "give files paths of plain UTF-8")
        })
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// A header of another version, or one that is damaged.
    pub fn parse(bytes: &[u8]) -> Result<Self, AppError> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let unreadable = |why: String| {
            AppError::fault(
                format!("the run's journal cannot be read: {why}"),
                "read it with the version of stepwell that wrote it",
            )
        };
        let version: Version = serde_json::from_slice(bytes).map_err(|e| unreadable(e.to_string()))?;
        if version.v != VERSION {
            return Err(unreadable(format!("its header has version {}, not {VERSION}", version.v)));
        }
        serde_json::from_slice(bytes).map_err(|e| unreadable(e.to_string()))
    }

    /// Makes the plan again.
    ///
    /// # Errors
    /// Objects that this version reads differently.
    pub fn remake(self) -> Result<Remade, AppError> {
        let gone =
            || AppError::fault("the run's journal names an object that it does not hold", "the journal is damaged");
        let (objects, _) = ObjectSet::from_documents(self.sources, self.documents);
        let mut run = match &self.run {
            Which::Document(document) => {
                objects.runs.iter().find(|r| r.document == *document).cloned().ok_or_else(gone)?
            }
            Which::Name(name) => run_by_name(&objects, name).map_err(|_| gone())?,
        };
        self.overrides.apply(&mut run);
        let plan = Arc::new(objects.plan(&run, &self.name, &self.uid));
        Ok(Remade { plan, objects })
    }
}

/// Values by namespace, name and key, in base64: what the secrets file holds.
type SecretFile = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

/// The secrets file of a run; `None` when there are no Secrets.
pub(super) fn secret_bytes(objects: &ObjectSet) -> Option<Vec<u8>> {
    let mut file = SecretFile::new();
    for ((namespace, name), secret) in &objects.secrets {
        let values = secret.data.values.iter().map(|(k, v)| (k.clone(), BASE64.encode(v))).collect();
        file.entry(namespace.clone()).or_default().insert(name.clone(), values);
    }
    (!file.is_empty()).then(|| serde_json::to_vec(&file).unwrap_or_default())
}

/// What steps take their values from. `secrets` are the bytes of the secrets file, when the
/// objects come from a journal.
pub(super) fn values(objects: &ObjectSet, secrets: Option<&[u8]>) -> Objects {
    let mut values = Objects::default();
    for (key, map) in &objects.config_maps {
        let mut data: BTreeMap<String, Vec<u8>> =
            map.data.iter().map(|(k, v)| (k.clone(), v.clone().into_bytes())).collect();
        // What is no base64 was refused when the file was read.
        data.extend(map.binary_data.iter().filter_map(|(k, v)| Some((k.clone(), BASE64.decode(v).ok()?))));
        values.config_maps.insert(key.clone(), data);
    }
    for (key, secret) in &objects.secrets {
        values.secrets.insert(key.clone(), secret.data.values.clone());
        values.uses.insert(key.clone(), SecretUse::new(&secret.data.type_, &secret.metadata.annotations));
    }
    for (key, account) in &objects.service_accounts {
        values.accounts.insert(key.clone(), account.secrets.iter().map(|secret| secret.name.clone()).collect());
    }
    let file: SecretFile = secrets.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
    for (namespace, names) in file {
        for (name, data) in names {
            let data = data.into_iter().filter_map(|(k, v)| Some((k, BASE64.decode(v).ok()?))).collect();
            values.secrets.insert((namespace.clone(), name), data);
        }
    }
    values
}
