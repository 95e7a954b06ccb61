//! One task that a run comes to: its images, volumes, variables and sandbox blocks.
//!
//! Knows what steps and sidecars ask for. Does not know which executor would take an image.

use super::Findings;
use super::objects::Objects;
use crate::model::objects::{EnvFromSource, EnvVar, SandboxSpec, TaskSpec, Volume, VolumeDevice};
use crate::spec::plan::resolve::{Found, Site, Target};
use crate::spec::refs::{Known, substitute};
use crate::spec::sandbox::{self, Annotated};
use serde_json::Value as Json;

type Images<'a> = &'a dyn Fn(&str, u32) -> Result<(), String>;

pub(super) fn check(
    found: &Found<'_, TaskSpec>,
    known: &Known,
    run: Option<&Annotated>,
    objects: &Objects<'_>,
    images: Images<'_>,
    findings: &mut Findings,
) {
    let own = sandbox::quietly(found.annotations);
    let merged = sandbox::merged(found.spec, run, own.as_ref());
    let task: &TaskSpec = merged.as_ref().unwrap_or(found.spec);
    let objects = &Objects { task: Some(task), ..*objects };
    let site = &found.site;
    let mut images = ImageCheck { images, known, findings };
    let template = task.step_template.as_ref();
    for (index, step) in task.steps.iter().enumerate() {
        let own = site.item("steps", index);
        if let Some(reference) = &step.ref_ {
            match objects.set.step_action_of(objects.namespace, reference) {
                Target::Found(action) => {
                    images.image(&action.spec.image, action.site.source, &action.site.key("image"));
                    let inside = Known::new();
                    objects.env(&action.spec.env, &inside, &action.site, images.findings);
                    script(&action.spec.script, &action.site.key("script"), images.findings);
                }
                Target::NotFound(_) => {}
                Target::Unsupported(message) => {
                    let help = "put the StepAction into a file and refer to it by name".to_owned();
                    images.findings.refuse("unsupported-reference", &own.key("ref"), message, help);
                }
            }
        } else if step.image.is_empty() {
            let image = template.map_or("", |t| t.image.as_str());
            images.image(image, site.source, &site.key("stepTemplate").key("image"));
        } else {
            images.image(&step.image, site.source, &own.key("image"));
        }
        let findings = &mut *images.findings;
        super::guards(&step.when, &own, findings);
        container(&step.env, &step.env_from, &step.volume_devices, known, &own, objects, findings);
        script(&step.script, &own.key("script"), findings);
        sandbox_block(step.sandbox.as_ref(), &own, findings);
        images.commands(step.sandbox.as_ref(), [&own, &site.key("stepTemplate"), site]);
    }
    for (index, sidecar) in task.sidecars.iter().enumerate() {
        let own = site.item("sidecars", index);
        images.image(&sidecar.image, site.source, &own.key("image"));
        let findings = &mut *images.findings;
        container(&sidecar.env, &sidecar.env_from, &sidecar.volume_devices, known, &own, objects, findings);
        script(&sidecar.script, &own.key("script"), findings);
        sandbox_block(sidecar.sandbox.as_ref(), &own, findings);
        probe(sidecar.readiness_probe.as_ref(), &own.key("readinessProbe"), findings);
        images.commands(sidecar.sandbox.as_ref(), [&own, site, site]);
    }
    if let Some(template) = template {
        let own = site.key("stepTemplate");
        container(&template.env, &template.env_from, &template.volume_devices, known, &own, objects, images.findings);
    }
    for (index, found) in task.volumes.iter().enumerate() {
        volume(found, known, &site.item("volumes", index), objects, images.findings);
    }
}

struct ImageCheck<'a> {
    images: Images<'a>,
    known: &'a Known,
    findings: &'a mut Findings,
}

impl ImageCheck<'_> {
    /// The modules of a block's commands, looked for in the blocks that may name them, the innermost first.
    fn commands(&mut self, block: Option<&SandboxSpec>, owners: [&Site<'_>; 3]) {
        for (name, module) in block.iter().flat_map(|block| &block.commands) {
            let own = owners.map(|owner| owner.key("sandbox").key("commands").key(name));
            let site = own.iter().find(|site| site.node.is_some()).unwrap_or(owners[0]);
            if let Err(message) = (self.images)(module, site.source) {
                let message = format!("the command `{name}` cannot be started: {message}");
                let help = "name a module that is there: commands: {esbuild: ./esbuild.wasm}".to_owned();
                self.findings.refuse("unsupported-command", site, message, help);
            }
        }
    }

    /// An image with a variable that is not known beforehand is looked at when the step's turn comes.
    fn image(&mut self, image: &str, source: u32, site: &Site<'_>) {
        let image = substitute(image, self.known);
        if image.is_empty() || image.contains("$(") {
            return;
        }
        if image.starts_with("oci://") {
            let message = format!("modules from registries are not supported yet: `{image}`");
            self.findings.refuse(
                "unsupported-image",
                site,
                message,
                "pull the module yourself and refer to it as a file: image: ./name.wasm".to_owned(),
            );
            return;
        }
        if let Err(message) = (self.images)(&image, source) {
            self.findings.refuse(
                "unsupported-image",
                site,
                message,
                "use a module (image: ./name.wasm or builtin:NAME), or an image that `--explain-images` lists"
                    .to_owned(),
            );
        }
    }
}

/// A readiness probe that nothing here can ask.
fn probe(probe: Option<&Json>, site: &Site<'_>, findings: &mut Findings) {
    let Some(probe) = probe else { return };
    let help = "ask by a program: readinessProbe: {exec: {command: [test, -f, /shared/ready]}}";
    let asks = |kind: &&str| probe.get(kind).is_some_and(|asked| !asked.is_null());
    if let Some(kind) = ["httpGet", "tcpSocket", "grpc"].into_iter().find(asks) {
        let message = format!("the readiness probe asks over a network (`{kind}`), and there is none here");
        findings.refuse("unsupported-probe", &site.key(kind), message, help.to_owned());
    } else if probe.pointer("/exec/command/0").is_none() {
        let message = "the readiness probe has no `exec.command`".to_owned();
        findings.refuse("unsupported-probe", site, message, help.to_owned());
    }
}

fn container(
    env: &[EnvVar],
    env_from: &[EnvFromSource],
    devices: &[VolumeDevice],
    known: &Known,
    own: &Site<'_>,
    objects: &Objects<'_>,
    findings: &mut Findings,
) {
    objects.env(env, known, own, findings);
    objects.env_from(env_from, known, own, findings);
    if !devices.is_empty() {
        let message = "block devices (`volumeDevices`) need a cluster".to_owned();
        findings.refuse("unsupported-volume", &own.key("volumeDevices"), message, "mount a volume instead".to_owned());
    }
}

fn script(text: &str, site: &Site<'_>, findings: &mut Findings) {
    if text.trim_start().starts_with("#!win") {
        let message = "the script is for Windows, whose containers do not run here".to_owned();
        findings.refuse("windows-script", site, message, "write it for a shell, with #!/bin/sh".to_owned());
    }
}

fn sandbox_block(block: Option<&SandboxSpec>, own: &Site<'_>, findings: &mut Findings) {
    let Some(block) = block else { return };
    let inner = own.key("sandbox");
    let site = if inner.node.is_some() { &inner } else { own };
    if !block.network.is_empty() {
        let message = "network grants (`sandbox.network`) are not supported yet: steps have no network".to_owned();
        findings.refuse(
            "unsupported-network",
            site,
            message,
            "remove the grant, and bring what the step needs through a workspace".to_owned(),
        );
    }
    if block.isolation == "process" {
        let message =
            "`isolation: process` is not supported yet: modules run in this process, each in a sandbox of its own"
                .to_owned();
        findings.refuse("unsupported-isolation", site, message, "remove it, or write `isolation: shared`".to_owned());
    }
}

fn volume(found: &Volume, known: &Known, site: &Site<'_>, objects: &Objects<'_>, findings: &mut Findings) {
    if let Some(source) = &found.config_map {
        objects.config_map_volume(source, known, &site.key("configMap"), findings);
    }
    if let Some(source) = &found.secret {
        objects.secret_volume(source, &source.secret_name, known, &site.key("secret"), findings);
    }
    if let Some(source) = &found.projected {
        objects.projected(source, known, &site.key("projected"), findings);
    }
    if let Some(source) = &found.downward_api {
        objects.downward(source, &site.key("downwardAPI"), findings);
    }
    if let Some(source) = &found.persistent_volume_claim {
        let name = substitute(&source.claim_name, known);
        objects.claim(&name, &site.key("persistentVolumeClaim"), findings);
    }
    for (key, _) in cluster_sources(found).into_iter().filter(|(_, set)| *set) {
        let why = match key {
            "hostPath" => "a folder of the machine itself, which no step may see by its path",
            _ => "which needs a cluster",
        };
        let message = format!("the volume `{}` is of the kind `{key}`, {why}", found.name);
        let help = "use emptyDir, configMap, secret, projected, downwardAPI or a persistentVolumeClaim; a directory of this machine comes as a workspace: -w NAME=PATH";
        findings.refuse("unsupported-volume", &site.key(key), message, help.to_owned());
    }
}

/// The kinds of volume that only a cluster has.
fn cluster_sources(v: &Volume) -> [(&'static str, bool); 24] {
    [
        ("csi", v.csi.is_some()),
        ("hostPath", v.host_path.is_some()),
        ("ephemeral", v.ephemeral.is_some()),
        ("nfs", v.nfs.is_some()),
        ("image", v.image.is_some()),
        ("gitRepo", v.git_repo.is_some()),
        ("iscsi", v.iscsi.is_some()),
        ("cephfs", v.cephfs.is_some()),
        ("awsElasticBlockStore", v.aws_elastic_block_store.is_some()),
        ("azureDisk", v.azure_disk.is_some()),
        ("azureFile", v.azure_file.is_some()),
        ("gcePersistentDisk", v.gce_persistent_disk.is_some()),
        ("fc", v.fc.is_some()),
        ("rbd", v.rbd.is_some()),
        ("cinder", v.cinder.is_some()),
        ("flexVolume", v.flex_volume.is_some()),
        ("flocker", v.flocker.is_some()),
        ("glusterfs", v.glusterfs.is_some()),
        ("photonPersistentDisk", v.photon_persistent_disk.is_some()),
        ("portworxVolume", v.portworx_volume.is_some()),
        ("quobyte", v.quobyte.is_some()),
        ("scaleIO", v.scale_io.is_some()),
        ("storageos", v.storageos.is_some()),
        ("vsphereVolume", v.vsphere_volume.is_some()),
    ]
}
