//! The ConfigMaps and Secrets of a run: looked up where a step runs, never printed.
//!
//! Knows keys and bytes by (namespace, name), and how an environment is made of them.
//! Does not know files, mounts or where the objects were read from.

use super::VolumeError;
use crate::model::request::{EnvRequest, ObjectKind};
use std::collections::BTreeMap;
use std::fmt;

/// Data of one object: bytes by key (`data`, `stringData` and `binaryData` together).
pub type ObjectData = BTreeMap<String, Vec<u8>>;

/// Every ConfigMap and Secret that the run's files hold, by (namespace, name).
#[derive(Clone, Default)]
pub struct Objects {
    /// ConfigMaps.
    pub config_maps: BTreeMap<(String, String), ObjectData>,
    /// Secrets, decoded.
    pub secrets: BTreeMap<(String, String), ObjectData>,
}

impl fmt::Debug for Objects {
    /// Names and keys only: a value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = |objects: &BTreeMap<(String, String), ObjectData>| {
            objects
                .iter()
                .map(|((namespace, name), data)| format!("{namespace}/{name} {:?}", data.keys().collect::<Vec<_>>()))
                .collect::<Vec<_>>()
        };
        f.debug_struct("Objects")
            .field("config_maps", &keys(&self.config_maps))
            .field("secrets", &keys(&self.secrets))
            .finish()
    }
}

impl Objects {
    /// One object's data.
    #[must_use]
    pub fn get(&self, namespace: &str, kind: ObjectKind, name: &str) -> Option<&ObjectData> {
        let objects = match kind {
            ObjectKind::ConfigMap => &self.config_maps,
            ObjectKind::Secret => &self.secrets,
        };
        objects.get(&(namespace.to_owned(), name.to_owned()))
    }

    /// One object's data, or which object is missing.
    pub(super) fn require(
        &self,
        namespace: &str,
        kind: ObjectKind,
        name: &str,
        optional: bool,
    ) -> Result<Option<&ObjectData>, VolumeError> {
        match self.get(namespace, kind, name) {
            Some(data) => Ok(Some(data)),
            None if optional => Ok(None),
            None => Err(VolumeError::ObjectMissing { kind, namespace: namespace.to_owned(), name: name.to_owned() }),
        }
    }

    /// The environment that requests ask for, each name once, a later one winning over an
    /// earlier one in its place. Bytes that are not UTF-8 are replaced. Keys that cannot be
    /// names of variables (empty, or with `=` or a NUL byte) are left out.
    ///
    /// Kubernetes: a key that is asked for by itself and is not there is an error unless optional;
    /// `envFrom` leaves out names that no environment can hold.
    pub fn environment(&self, namespace: &str, requests: &[EnvRequest]) -> Result<Vec<(String, String)>, VolumeError> {
        let mut environment: Vec<(String, String)> = Vec::with_capacity(requests.len());
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut set = |name: String, value: String| {
            if name.is_empty() || name.contains(['=', '\0']) {
                return;
            }
            match places.get(&name).and_then(|place| environment.get_mut(*place)) {
                Some(entry) => entry.1 = value,
                None => {
                    places.insert(name.clone(), environment.len());
                    environment.push((name, value));
                }
            }
        };
        for request in requests {
            match request {
                EnvRequest::Value { name, value } => set(name.clone(), value.clone()),
                EnvRequest::Key { name, object, object_name, key, optional } => {
                    let data = self.require(namespace, *object, object_name, *optional)?;
                    match data.and_then(|data| data.get(key)) {
                        Some(bytes) => {
                            set(name.clone(), String::from_utf8_lossy(bytes).into_owned());
                        }
                        None if *optional => {}
                        None => {
                            return Err(VolumeError::KeyMissing {
                                kind: *object,
                                namespace: namespace.to_owned(),
                                name: object_name.clone(),
                                key: key.clone(),
                            });
                        }
                    }
                }
                EnvRequest::All { prefix, object, object_name, optional } => {
                    let data = self.require(namespace, *object, object_name, *optional)?;
                    for (key, bytes) in data.into_iter().flatten() {
                        set(format!("{prefix}{key}"), String::from_utf8_lossy(bytes).into_owned());
                    }
                }
            }
        }
        Ok(environment)
    }
}
