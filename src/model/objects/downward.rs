//! Kubernetes' downward API: what a container may ask of its own Pod.
//!
//! Knows which fields there are and where each may stand. Does not know their values.

use crate::object;
use serde_json::Value as Json;

object! {
    /// A field of the Pod.
    FieldRef {
        api_version: String = "apiVersion",
        field_path: String = "fieldPath",
    }
}

object! {
    /// Fields of the Pod as files.
    DownwardSource {
        items: Vec<DownwardFile> = "items",
        default_mode: Option<i64> = "defaultMode",
    }
}

object! {
    /// One field that becomes a file.
    DownwardFile {
        path: String = "path",
        field_ref: Option<FieldRef> = "fieldRef",
        resource_field_ref: Option<Json> = "resourceFieldRef",
        mode: Option<i64> = "mode",
    }
}

/// A field that has a value without a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PodField<'a> {
    Name,
    Namespace,
    Uid,
    NodeName,
    ServiceAccountName,
    Labels,
    Annotations,
    Label(&'a str),
    Annotation(&'a str),
}

impl<'a> PodField<'a> {
    /// Reads a `fieldPath`; nothing for one that only a cluster knows, or nobody.
    #[must_use]
    pub fn parse(path: &'a str) -> Option<Self> {
        let key = |prefix: &str| path.strip_prefix(prefix)?.strip_prefix("['")?.strip_suffix("']");
        Some(match path {
            "metadata.name" => Self::Name,
            "metadata.namespace" => Self::Namespace,
            "metadata.uid" => Self::Uid,
            "metadata.labels" => Self::Labels,
            "metadata.annotations" => Self::Annotations,
            "spec.nodeName" => Self::NodeName,
            "spec.serviceAccountName" => Self::ServiceAccountName,
            _ => match (key("metadata.labels"), key("metadata.annotations")) {
                (Some(key), _) => Self::Label(key),
                (None, Some(key)) => Self::Annotation(key),
                (None, None) => return None,
            },
        })
    }

    /// Whether Kubernetes takes it for a variable.
    #[must_use]
    pub fn is_for_variables(self) -> bool {
        !matches!(self, Self::Labels | Self::Annotations)
    }

    /// Whether Kubernetes takes it for a file.
    #[must_use]
    pub fn is_for_files(self) -> bool {
        !matches!(self, Self::NodeName | Self::ServiceAccountName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read() {
        assert_eq!(PodField::parse("metadata.name"), Some(PodField::Name));
        assert_eq!(PodField::parse("metadata.labels['a.b/c']"), Some(PodField::Label("a.b/c")));
        assert_eq!(PodField::parse("metadata.annotations['x']"), Some(PodField::Annotation("x")));
        for none in ["", "status.podIP", "metadata.labels[x]", "metadata.labels['x", "spec"] {
            assert_eq!(PodField::parse(none), None, "{none}");
        }
    }
}
