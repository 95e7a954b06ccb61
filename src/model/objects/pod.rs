//! The parts of a Kubernetes Pod that Tekton's objects carry.
//!
//! Knows their fields. What no executor acts on by itself is kept as written, as JSON.

use super::{DownwardSource, FieldRef, ResourceRef};
use crate::model::quantity::Quantity;
use crate::object;
use serde_json::Value as Json;
use std::collections::BTreeMap;

object! {
    /// One environment variable.
    EnvVar {
        name: String = "name",
        value: String = "value",
        value_from: Option<EnvVarSource> = "valueFrom",
    }
}

object! {
    /// Where a variable's value comes from.
    EnvVarSource {
        config_map_key_ref: Option<KeySelector> = "configMapKeyRef",
        secret_key_ref: Option<KeySelector> = "secretKeyRef",
        field_ref: Option<FieldRef> = "fieldRef",
        resource_field_ref: Option<ResourceRef> = "resourceFieldRef",
        file_key_ref: Option<Json> = "fileKeyRef",
    }
}

object! {
    /// One key of a ConfigMap or Secret.
    KeySelector {
        name: String = "name",
        key: String = "key",
        optional: bool = "optional",
    }
}

object! {
    /// Every key of a ConfigMap or Secret.
    EnvFromSource {
        prefix: String = "prefix",
        config_map_ref: Option<NameSelector> = "configMapRef",
        secret_ref: Option<NameSelector> = "secretRef",
    }
}

object! {
    /// An object by name.
    NameSelector {
        name: String = "name",
        optional: bool = "optional",
    }
}

object! {
    /// Where a volume stands in a container.
    VolumeMount {
        name: String = "name",
        mount_path: String = "mountPath",
        sub_path: String = "subPath",
        sub_path_expr: String = "subPathExpr",
        read_only: bool = "readOnly",
        recursive_read_only: String = "recursiveReadOnly",
        mount_propagation: String = "mountPropagation",
    }
}

object! {
    /// A block device in a container.
    VolumeDevice {
        name: String = "name",
        device_path: String = "devicePath",
    }
}

object! {
    /// A volume of a task. The kinds that no local executor serves are kept as written.
    Volume {
        name: String = "name",
        empty_dir: Option<EmptyDirSource> = "emptyDir",
        config_map: Option<ConfigMapSource> = "configMap",
        secret: Option<SecretSource> = "secret",
        persistent_volume_claim: Option<ClaimSource> = "persistentVolumeClaim",
        projected: Option<ProjectedVolume> = "projected",
        csi: Option<Json> = "csi",
        host_path: Option<Json> = "hostPath",
        downward_api: Option<DownwardSource> = "downwardAPI",
        ephemeral: Option<Json> = "ephemeral",
        nfs: Option<Json> = "nfs",
        image: Option<Json> = "image",
        git_repo: Option<Json> = "gitRepo",
        iscsi: Option<Json> = "iscsi",
        cephfs: Option<Json> = "cephfs",
        aws_elastic_block_store: Option<Json> = "awsElasticBlockStore",
        azure_disk: Option<Json> = "azureDisk",
        azure_file: Option<Json> = "azureFile",
        gce_persistent_disk: Option<Json> = "gcePersistentDisk",
        fc: Option<Json> = "fc",
        rbd: Option<Json> = "rbd",
        cinder: Option<Json> = "cinder",
        flex_volume: Option<Json> = "flexVolume",
        flocker: Option<Json> = "flocker",
        glusterfs: Option<Json> = "glusterfs",
        photon_persistent_disk: Option<Json> = "photonPersistentDisk",
        portworx_volume: Option<Json> = "portworxVolume",
        quobyte: Option<Json> = "quobyte",
        scale_io: Option<Json> = "scaleIO",
        storageos: Option<Json> = "storageos",
        vsphere_volume: Option<Json> = "vsphereVolume",
    }
}

object! {
    /// An empty directory.
    EmptyDirSource {
        medium: String = "medium",
        size_limit: Json = "sizeLimit",
    }
}

object! {
    /// Files from a ConfigMap.
    ConfigMapSource {
        name: String = "name",
        items: Vec<KeyToPath> = "items",
        default_mode: Option<i64> = "defaultMode",
        optional: bool = "optional",
    }
}

object! {
    /// Files from a Secret. Volumes say `secretName`, projected sources say `name`.
    SecretSource {
        secret_name: String = "secretName",
        name: String = "name",
        items: Vec<KeyToPath> = "items",
        default_mode: Option<i64> = "defaultMode",
        optional: bool = "optional",
    }
}

object! {
    /// One key that becomes a file.
    KeyToPath {
        key: String = "key",
        path: String = "path",
        mode: Option<i64> = "mode",
    }
}

object! {
    /// A PersistentVolumeClaim by name.
    ClaimSource {
        claim_name: String = "claimName",
        read_only: bool = "readOnly",
    }
}

object! {
    /// Several sources in one directory.
    ProjectedVolume {
        sources: Vec<ProjectedVolumeSource> = "sources",
        default_mode: Option<i64> = "defaultMode",
    }
}

object! {
    /// One source of a projected volume.
    ProjectedVolumeSource {
        config_map: Option<ConfigMapSource> = "configMap",
        secret: Option<SecretSource> = "secret",
        service_account_token: Option<Json> = "serviceAccountToken",
        downward_api: Option<DownwardSource> = "downwardAPI",
        cluster_trust_bundle: Option<Json> = "clusterTrustBundle",
    }
}

object! {
    /// A container's requests and limits; quantities as written.
    ResourceRequirements {
        limits: BTreeMap<String, Quantity> = "limits",
        requests: BTreeMap<String, Quantity> = "requests",
        claims: Json = "claims",
    }
}

object! {
    /// A container's security context.
    SecurityContext {
        run_as_user: Option<i64> = "runAsUser",
        run_as_group: Option<i64> = "runAsGroup",
        run_as_non_root: Option<bool> = "runAsNonRoot",
        read_only_root_filesystem: Option<bool> = "readOnlyRootFilesystem",
        allow_privilege_escalation: Option<bool> = "allowPrivilegeEscalation",
        privileged: Option<bool> = "privileged",
        capabilities: Option<Json> = "capabilities",
        proc_mount: Option<String> = "procMount",
        se_linux_options: Option<Json> = "seLinuxOptions",
        seccomp_profile: Option<Json> = "seccompProfile",
        app_armor_profile: Option<Json> = "appArmorProfile",
        windows_options: Option<Json> = "windowsOptions",
    }
}

object! {
    /// A pod template.
    PodTemplate {
        node_selector: BTreeMap<String, String> = "nodeSelector",
        env: Vec<EnvVar> = "env",
        tolerations: Json = "tolerations",
        affinity: Json = "affinity",
        security_context: Option<PodSecurityContext> = "securityContext",
        volumes: Vec<Volume> = "volumes",
        runtime_class_name: Option<String> = "runtimeClassName",
        automount_service_account_token: Option<bool> = "automountServiceAccountToken",
        dns_policy: Option<String> = "dnsPolicy",
        dns_config: Json = "dnsConfig",
        enable_service_links: Option<bool> = "enableServiceLinks",
        priority_class_name: Option<String> = "priorityClassName",
        scheduler_name: String = "schedulerName",
        image_pull_secrets: Json = "imagePullSecrets",
        host_aliases: Json = "hostAliases",
        host_network: bool = "hostNetwork",
        host_users: Option<bool> = "hostUsers",
        topology_spread_constraints: Json = "topologySpreadConstraints",
    }
}

object! {
    /// A pod's security context.
    PodSecurityContext {
        run_as_user: Option<i64> = "runAsUser",
        run_as_group: Option<i64> = "runAsGroup",
        run_as_non_root: Option<bool> = "runAsNonRoot",
        fs_group: Option<i64> = "fsGroup",
        fs_group_change_policy: Option<String> = "fsGroupChangePolicy",
        supplemental_groups: Option<Json> = "supplementalGroups",
        supplemental_groups_policy: Option<String> = "supplementalGroupsPolicy",
        se_linux_options: Option<Json> = "seLinuxOptions",
        se_linux_change_policy: Option<String> = "seLinuxChangePolicy",
        seccomp_profile: Option<Json> = "seccompProfile",
        app_armor_profile: Option<Json> = "appArmorProfile",
        windows_options: Option<Json> = "windowsOptions",
        sysctls: Option<Json> = "sysctls",
    }
}
