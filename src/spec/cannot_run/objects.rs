//! ConfigMaps, Secrets and claims that a run refers to: whether the files hold them.
//!
//! Knows the object set. Names that hold variables are looked at when the run comes to them.

use super::Findings;
use crate::model::decode::nearest;
use crate::model::objects::{
    ConfigMapSource, DownwardSource, EnvFromSource, EnvVar, KeyToPath, PodField, PodResource, ProjectedVolume,
    ResourceRef, SecretSource, TaskSpec,
};
use crate::spec::plan::resolve::Site;
use crate::spec::refs::{Known, substitute};
use crate::spec::{Key, ObjectSet};
use std::collections::BTreeMap;

/// The objects of one namespace, and the task that asks for them.
#[derive(Clone, Copy)]
pub(super) struct Objects<'a> {
    pub set: &'a ObjectSet,
    pub namespace: &'a str,
    pub task: Option<&'a TaskSpec>,
}

/// What a reference is to.
#[derive(Clone, Copy)]
enum Kind {
    ConfigMap,
    Secret,
}

/// What is asked of the files.
struct Wanted<'a> {
    kind: Kind,
    name: &'a str,
    keys: &'a [&'a str],
    optional: bool,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }
}

impl Objects<'_> {
    pub(super) fn key(&self, name: &str) -> Key {
        (self.namespace.to_owned(), name.to_owned())
    }

    /// The keys of an object; `None` when the files do not hold it.
    fn keys(&self, kind: Kind, name: &str) -> Option<Vec<&str>> {
        let key = self.key(name);
        match kind {
            Kind::ConfigMap => {
                let map = self.set.config_maps.get(&key)?;
                Some(map.data.keys().chain(map.binary_data.keys()).map(String::as_str).collect())
            }
            Kind::Secret => Some(self.set.secrets.get(&key)?.data.values.keys().map(String::as_str).collect()),
        }
    }

    fn names(&self, kind: Kind) -> Vec<&str> {
        fn of<'a, T>(map: &'a BTreeMap<Key, T>, namespace: &str) -> Vec<&'a str> {
            map.keys().filter(|(n, _)| n == namespace).map(|(_, name)| name.as_str()).collect()
        }
        match kind {
            Kind::ConfigMap => of(&self.set.config_maps, self.namespace),
            Kind::Secret => of(&self.set.secrets, self.namespace),
        }
    }

    /// Says that an object, or one of the keys asked of it, is in no file.
    fn wanted(&self, wanted: &Wanted<'_>, known: &Known, site: &Site<'_>, findings: &mut Findings) {
        let kind = wanted.kind;
        let name = substitute(wanted.name, known);
        if wanted.optional || name.is_empty() || name.contains("$(") {
            return;
        }
        let word = kind.name();
        let Some(held) = self.keys(kind, &name) else {
            let help = match nearest(&name, &self.names(kind)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add the {word} to the files (-f), or mark the reference `optional: true`"),
            };
            findings.refuse("missing-object", site, format!("the {word} `{name}` is in no file"), help);
            return;
        };
        for key in wanted.keys.iter().map(|k| substitute(k, known)).filter(|k| !k.is_empty() && !k.contains("$(")) {
            if !held.contains(&key.as_str()) {
                let help = match nearest(&key, &held) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its keys are: {}", held.join(", ")),
                };
                findings.refuse("missing-key", site, format!("the {word} `{name}` has no key `{key}`"), help);
            }
        }
    }

    pub(super) fn config_map_volume(
        &self,
        source: &ConfigMapSource,
        known: &Known,
        site: &Site<'_>,
        findings: &mut Findings,
    ) {
        let wanted = Wanted {
            kind: Kind::ConfigMap,
            name: &source.name,
            keys: &item_keys(&source.items),
            optional: source.optional,
        };
        self.wanted(&wanted, known, site, findings);
    }

    /// `name` is the source's `secretName`, or its `name` in a projected volume.
    pub(super) fn secret_volume(
        &self,
        source: &SecretSource,
        name: &str,
        known: &Known,
        site: &Site<'_>,
        findings: &mut Findings,
    ) {
        let wanted = Wanted { kind: Kind::Secret, name, keys: &item_keys(&source.items), optional: source.optional };
        self.wanted(&wanted, known, site, findings);
    }

    pub(super) fn projected(&self, volume: &ProjectedVolume, known: &Known, site: &Site<'_>, findings: &mut Findings) {
        for (index, source) in volume.sources.iter().enumerate() {
            let own = site.item("sources", index);
            if let Some(found) = &source.config_map {
                self.config_map_volume(found, known, &own.key("configMap"), findings);
            }
            if let Some(found) = &source.secret {
                self.secret_volume(found, &found.name, known, &own.key("secret"), findings);
            }
            if let Some(found) = &source.downward_api {
                self.downward(found, &own.key("downwardAPI"), findings);
            }
            let others = [
                ("serviceAccountToken", source.service_account_token.is_some()),
                ("clusterTrustBundle", source.cluster_trust_bundle.is_some()),
            ];
            for (key, _) in others.iter().filter(|(_, set)| *set) {
                let message = format!("`{key}` comes from a cluster, and there is none here");
                findings.refuse(
                    "unsupported-volume",
                    &own.key(key),
                    message,
                    "use configMap, secret and downwardAPI sources".to_owned(),
                );
            }
        }
    }

    /// Files of the downward API.
    pub(super) fn downward(&self, source: &DownwardSource, site: &Site<'_>, findings: &mut Findings) {
        for (index, file) in source.items.iter().enumerate() {
            let own = site.item("items", index);
            if let Some(asked) = &file.resource_field_ref {
                let site = own.key("resourceFieldRef");
                if asked.container_name.is_empty() {
                    let message = "a file of a resource says no `containerName`".to_owned();
                    let help = "write containerName: step-NAME".to_owned();
                    findings.refuse("unsupported-volume", &site, message, help);
                }
                resource(asked, self.task, &site, findings);
            }
            if let Some(found) = &file.field_ref
                && !PodField::parse(&found.field_path).is_some_and(PodField::is_for_files)
            {
                self.no_field(&found.field_path, &own.key("fieldRef"), findings);
            }
        }
    }

    fn no_field(&self, path: &str, site: &Site<'_>, findings: &mut Findings) {
        let message = format!("`{path}` is a field of a Pod that has no value here");
        let help = "fields with a value are metadata.name, namespace, uid, labels['KEY'] and annotations['KEY']; for \
                    variables also spec.nodeName and spec.serviceAccountName, for files also metadata.labels and \
                    metadata.annotations";
        findings.refuse("unsupported-field", site, message, help.to_owned());
    }

    /// A claim is a directory of its own whether or not a file declares it; the word is for misspelt names.
    pub(super) fn claim(&self, name: &str, site: &Site<'_>, findings: &mut Findings) {
        if name.is_empty() || name.contains("$(") || self.set.claims.contains_key(&self.key(name)) {
            return;
        }
        let declared: Vec<&str> =
            self.set.claims.keys().filter(|(n, _)| n == self.namespace).map(|(_, name)| name.as_str()).collect();
        let help = match nearest(name, &declared) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "add the PersistentVolumeClaim to the files to say that this is meant".to_owned(),
        };
        let message =
            format!("the claim `{name}` is in no file: the directory kept under this name is used, or a new one");
        findings.warn("undeclared-claim", site, message, help);
    }

    pub(super) fn env(&self, list: &[EnvVar], known: &Known, owner: &Site<'_>, findings: &mut Findings) {
        for (index, env) in list.iter().enumerate() {
            let Some(from) = &env.value_from else { continue };
            let own = owner.item("env", index).key("valueFrom");
            if let Some(found) = &from.config_map_key_ref {
                let site = own.key("configMapKeyRef");
                let wanted =
                    Wanted { kind: Kind::ConfigMap, name: &found.name, keys: &[&found.key], optional: found.optional };
                self.wanted(&wanted, known, &site, findings);
            }
            if let Some(found) = &from.secret_key_ref {
                let site = own.key("secretKeyRef");
                let wanted =
                    Wanted { kind: Kind::Secret, name: &found.name, keys: &[&found.key], optional: found.optional };
                self.wanted(&wanted, known, &site, findings);
            }
            if let Some(found) = &from.field_ref
                && !PodField::parse(&found.field_path).is_some_and(PodField::is_for_variables)
            {
                self.no_field(&found.field_path, &own.key("fieldRef"), findings);
            }
            if let Some(asked) = &from.resource_field_ref {
                resource(asked, self.task, &own.key("resourceFieldRef"), findings);
            }
            if from.file_key_ref.is_some() {
                let message = format!(
                    "`{}` takes its value from a file of a Pod (`fileKeyRef`), and there is none here",
                    env.name
                );
                let help = "give a value, or a key of a ConfigMap or Secret".to_owned();
                findings.refuse("unsupported-env", &own.key("fileKeyRef"), message, help);
            }
        }
    }

    pub(super) fn env_from(&self, list: &[EnvFromSource], known: &Known, owner: &Site<'_>, findings: &mut Findings) {
        for (index, source) in list.iter().enumerate() {
            let own = owner.item("envFrom", index);
            if let Some(found) = &source.config_map_ref {
                let wanted = Wanted { kind: Kind::ConfigMap, name: &found.name, keys: &[], optional: found.optional };
                self.wanted(&wanted, known, &own.key("configMapRef"), findings);
            }
            if let Some(found) = &source.secret_ref {
                let wanted = Wanted { kind: Kind::Secret, name: &found.name, keys: &[], optional: found.optional };
                self.wanted(&wanted, known, &own.key("secretRef"), findings);
            }
        }
    }
}

/// A resource that nobody has here, in a unit that Kubernetes does not take, or of a container that the task has not.
fn resource(asked: &ResourceRef, task: Option<&TaskSpec>, site: &Site<'_>, findings: &mut Findings) {
    let mut refuse = |key: &str, message: String, help: &str| {
        let inner = site.key(key);
        let site = if inner.node.is_some() { &inner } else { site };
        findings.refuse("unsupported-resource", site, message, help.to_owned());
    };
    let Some(resource) = PodResource::parse(&asked.resource) else {
        let message = format!("`{}` is a resource of a container that has no value here", asked.resource);
        let help = "resources with a value are cpu, memory and ephemeral-storage: limits.memory, requests.cpu";
        return refuse("resource", message, help);
    };
    if resource.unit(&asked.divisor).is_none() {
        let message = format!("Kubernetes takes no such divisor for {}", resource.kind.key());
        return refuse("divisor", message, "1 and 1m count processors; 1, 1k, 1M, 1G, 1Ki, 1Mi, 1Gi count bytes");
    }
    let name = asked.container_name.as_str();
    let Some(task) = task.filter(|_| !name.is_empty()) else { return };
    let steps = task.steps.iter().enumerate().map(|(at, step)| match step.name.as_str() {
        "" => format!("step-unnamed-{at}"),
        name => format!("step-{name}"),
    });
    let sidecars = task.sidecars.iter().map(|sidecar| format!("sidecar-{}", sidecar.name));
    let names: Vec<String> = steps.chain(sidecars).collect();
    if !names.iter().any(|known| known == name) {
        let message = format!("the task has no container `{name}`");
        refuse("containerName", message, &format!("its containers are: {}", names.join(", ")));
    }
}

fn item_keys(items: &[KeyToPath]) -> Vec<&str> {
    items.iter().map(|i| i.key.as_str()).collect()
}
