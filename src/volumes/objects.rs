//! The ConfigMaps and Secrets of a run: looked up where a step runs, never printed.
//!
//! Knows keys and bytes by (namespace, name), and how an environment and credentials are made of them.
//! Does not know files, mounts or where the objects were read from.

use super::VolumeError;
use crate::model::credentials::{Credentials, SecretSource, SecretUse};
use crate::model::expand::{Room, TooLong, expand};
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
    /// What Secrets say about their use.
    pub uses: BTreeMap<(String, String), SecretUse>,
    /// ServiceAccounts: the names of their Secrets.
    pub accounts: BTreeMap<(String, String), Vec<String>>,
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

    /// The credentials of a ServiceAccount; none of one that is in none of the files, or of its Secrets that are not.
    ///
    /// # Errors
    /// Why no step can start with them, without any value.
    pub fn credentials(&self, namespace: &str, account: &str) -> Result<Credentials, String> {
        let key = |name: &str| (namespace.to_owned(), name.to_owned());
        let names = self.accounts.get(&key(account)).into_iter().flatten().map(String::as_str);
        Credentials::of_account(names, |name| {
            let (key, data) = self.secrets.get_key_value(&key(name))?;
            Some(SecretSource { name: &key.1, use_: self.uses.get(key)?, data })
        })
    }

    /// The environment that requests ask for, each name once, a later one winning over an
    /// earlier one in its place. Bytes that are not UTF-8 are replaced. Keys that cannot be
    /// names of variables (empty, or with `=` or a NUL byte) are left out.
    ///
    /// Kubernetes: `$(NAME)` in a value stands for a variable before it; a key that is asked for by itself and is not there is an error unless optional;
    /// `envFrom` leaves out names that no environment can hold.
    pub fn environment(&self, namespace: &str, requests: &[EnvRequest]) -> Result<Vec<(String, String)>, VolumeError> {
        let mut environment = Environment::default();
        for request in requests {
            match request {
                EnvRequest::Value { name, value } => {
                    let value = expand(value, |name| environment.get(name))
                        .map_err(|error| VolumeError::Variable { name: name.clone(), error })?;
                    environment.set(name.clone(), value)?;
                }
                EnvRequest::Key { name, object, object_name, key, optional } => {
                    let data = self.require(namespace, *object, object_name, *optional)?;
                    match data.and_then(|data| data.get(key)) {
                        Some(bytes) => {
                            environment.set(name.clone(), String::from_utf8_lossy(bytes).into_owned())?;
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
                        environment.set(format!("{prefix}{key}"), String::from_utf8_lossy(bytes).into_owned())?;
                    }
                }
            }
        }
        Ok(environment.entries)
    }
}

/// Variables in the order in which they were first named.
#[derive(Default)]
struct Environment {
    entries: Vec<(String, String)>,
    places: BTreeMap<String, usize>,
    room: Room,
}

impl Environment {
    fn get(&self, name: &str) -> Option<&str> {
        self.places.get(name).and_then(|place| self.entries.get(*place)).map(|(_, value)| value.as_str())
    }

    /// A later value takes an earlier one's place. What can be no variable's name is left out.
    fn set(&mut self, name: String, value: String) -> Result<(), VolumeError> {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Ok(());
        }
        let length = |value: &str| name.len() + 1 + value.len();
        let place = self.places.get(&name).and_then(|place| self.entries.get_mut(*place));
        if let Some((_, old)) = &place {
            self.room.give_back(length(old));
        }
        let taken = self.room.take(length(&value));
        taken.map_err(|error: TooLong| VolumeError::Variable { name: name.clone(), error })?;
        match place {
            Some(entry) => entry.1 = value,
            None => {
                self.places.insert(name.clone(), self.entries.len());
                self.entries.push((name, value));
            }
        }
        Ok(())
    }
}
