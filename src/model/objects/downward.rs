//! Kubernetes' downward API: what a container may ask of its own Pod.
//!
//! Knows which fields and resources there are and where each may stand. Does not know their values.

use crate::model::quantity::{Quantity, bytes, thousandths};
use crate::object;

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
        resource_field_ref: Option<ResourceRef> = "resourceFieldRef",
        mode: Option<i64> = "mode",
    }
}

object! {
    /// A resource of a container, in units of `divisor`.
    ResourceRef {
        container_name: String = "containerName",
        resource: String = "resource",
        divisor: Quantity = "divisor",
    }
}

/// What a container has of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PodResource {
    pub is_limit: bool,
    pub kind: ResourceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    Cpu,
    Memory,
    Storage,
}

impl ResourceKind {
    /// Its key in `limits` and `requests`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Storage => "ephemeral-storage",
        }
    }
}

impl PodResource {
    /// Reads a `resource`; nothing for one that has no value here (`limits.hugepages-2Mi`), or nowhere.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (side, key) = path.split_once('.')?;
        let is_limit = match side {
            "limits" => true,
            "requests" => false,
            _ => return None,
        };
        let kinds = [ResourceKind::Cpu, ResourceKind::Memory, ResourceKind::Storage];
        kinds.into_iter().find(|kind| kind.key() == key).map(|kind| Self { is_limit, kind })
    }

    /// The unit that a divisor stands for, in thousandths for processors and whole bytes for the others; nothing for one
    /// that Kubernetes refuses. None, or 0, is 1.
    #[must_use]
    pub fn unit(self, divisor: &Quantity) -> Option<u128> {
        let (none, written) = match self.kind {
            ResourceKind::Cpu => (1000, thousandths(divisor)),
            ResourceKind::Memory | ResourceKind::Storage => (1, bytes(divisor).map(u128::from)),
        };
        let written = if divisor.is_null() { 0 } else { written? };
        let is_allowed = match self.kind {
            ResourceKind::Cpu => matches!(written, 1 | 1000),
            ResourceKind::Memory | ResourceKind::Storage => {
                let is_power = |base: u128| (0..=6).any(|power| base.pow(power) == written);
                is_power(1000) || is_power(1024)
            }
        };
        if written == 0 { Some(none) } else { is_allowed.then_some(written) }
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
    use crate::model::decode::{Decode, Decoder};

    #[test]
    fn fields_are_read() {
        assert_eq!(PodField::parse("metadata.name"), Some(PodField::Name));
        assert_eq!(PodField::parse("metadata.labels['a.b/c']"), Some(PodField::Label("a.b/c")));
        assert_eq!(PodField::parse("metadata.annotations['x']"), Some(PodField::Annotation("x")));
        for none in ["", "status.podIP", "metadata.labels[x]", "metadata.labels['x", "spec"] {
            assert_eq!(PodField::parse(none), None, "{none}");
        }
    }

    #[test]
    fn resources_and_their_units_are_read() {
        let quantity = |text: &str| {
            let kind = crate::model::tree::Kind::String(text.to_owned());
            let node = crate::model::tree::Node { span: Default::default(), kind };
            Quantity::decode(&node, &mut Decoder::default())
        };
        let unit = |path: &str, divisor: &str| PodResource::parse(path)?.unit(&quantity(divisor));
        for (path, divisor, wanted) in [
            ("limits.cpu", "1", Some(1000)),
            ("requests.cpu", "1m", Some(1)),
            ("limits.cpu", "10m", None),
            ("limits.memory", "0", Some(1)),
            ("limits.memory", "1Mi", Some(1 << 20)),
            ("requests.ephemeral-storage", "1G", Some(1_000_000_000)),
            ("requests.memory", "2Mi", None),
            ("limits.hugepages-2Mi", "1", None),
            ("cpu", "1", None),
            ("status.cpu", "1", None),
        ] {
            assert_eq!(unit(path, divisor), wanted, "{path} {divisor}");
        }
        assert_eq!(PodResource::parse("limits.cpu").and_then(|r| r.unit(&Quantity::default())), Some(1000));
    }
}
