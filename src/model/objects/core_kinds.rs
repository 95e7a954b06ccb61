//! Kubernetes' core kinds that steps refer to.
//!
//! Knows their fields. Values of a Secret stand here in memory only; they are never
//! written by [`serde::Serialize`] or shown by [`std::fmt::Debug`].

use super::meta::Metadata;
use crate::object;
use serde_json::Value as Json;
use std::collections::BTreeMap;

object! {
    /// A ConfigMap's data.
    ConfigMapData {
        data: BTreeMap<String, String> = "data",
        /// Base64, as written.
        binary_data: BTreeMap<String, String> = "binaryData",
        immutable: bool = "immutable",
    }
}

object! {
    /// A PersistentVolumeClaim inside a workspace binding.
    ClaimTemplate {
        api_version: String = "apiVersion",
        kind: String = "kind",
        metadata: Metadata = "metadata",
        spec: ClaimSpec = "spec",
        status: Json = "status",
    }
}

object! {
    /// `PersistentVolumeClaim.spec`. A claim is a directory here, whatever this says.
    ClaimSpec {
        access_modes: Vec<String> = "accessModes",
        resources: Json = "resources",
        storage_class_name: Option<String> = "storageClassName",
        volume_mode: Option<String> = "volumeMode",
        volume_name: String = "volumeName",
        selector: Json = "selector",
        data_source: Json = "dataSource",
        data_source_ref: Json = "dataSourceRef",
        volume_attributes_class_name: Option<String> = "volumeAttributesClassName",
    }
}

object! {
    /// A ServiceAccount.
    ServiceAccountData {
        secrets: Vec<ObjectName> = "secrets",
        image_pull_secrets: Vec<ObjectName> = "imagePullSecrets",
        automount_service_account_token: Option<bool> = "automountServiceAccountToken",
    }
}

object! {
    /// An object by name (other fields of Kubernetes' ObjectReference are read and ignored).
    ObjectName {
        name: String = "name",
        namespace: String = "namespace",
        kind: String = "kind",
        api_version: String = "apiVersion",
        uid: String = "uid",
        field_path: String = "fieldPath",
        resource_version: String = "resourceVersion",
    }
}

/// A Secret's data, decoded. Neither `Debug` nor serde shows a value.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretData {
    /// The Secret's `type`, such as `kubernetes.io/basic-auth`.
    pub type_: String,
    /// Bytes by key: `data` decoded from base64, with `stringData` above it.
    pub values: BTreeMap<String, Vec<u8>>,
}

impl std::fmt::Debug for SecretData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretData")
            .field("type", &self.type_)
            .field("keys", &self.values.keys().collect::<Vec<_>>())
            .finish()
    }
}
