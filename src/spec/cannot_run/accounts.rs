//! The ServiceAccounts of a run: whether the files hold them and their Secrets, and whether steps can start with those.
//! All of it is a warning: Tekton's steps run without a Secret that is not there.
//!
//! Knows the object set, and which fields name ServiceAccounts. Does not know what is in the credentials' files.

use super::Findings;
use super::objects::Objects;
use crate::model::credentials::{Credentials, SecretSource, SecretUse};
use crate::model::decode::nearest;
use crate::spec::plan::resolve::Site;
use crate::spec::{DeclaredSecret, RunSpec, defaults};
use std::collections::BTreeMap;

/// Looks at every ServiceAccount that a run names.
pub(super) fn check(spec: &RunSpec, site: &Site<'_>, objects: &Objects<'_>, findings: &mut Findings) {
    match spec {
        RunSpec::Task(spec) => account(&spec.service_account_name, &site.key("serviceAccountName"), objects, findings),
        RunSpec::Pipeline(spec) => {
            let template = site.key("taskRunTemplate").key("serviceAccountName");
            account(&spec.task_run_template.service_account_name, &template, objects, findings);
            for (at, own) in spec.task_run_specs.iter().enumerate() {
                let site = site.item("taskRunSpecs", at).key("serviceAccountName");
                account(&own.service_account_name, &site, objects, findings);
            }
        }
    }
}

fn account(name: &str, site: &Site<'_>, objects: &Objects<'_>, findings: &mut Findings) {
    let set = objects.set;
    let Some(found) = set.service_accounts.get(&objects.key(name)) else {
        // Every namespace has the default one.
        if !name.is_empty() && name != defaults::SERVICE_ACCOUNT {
            let known: Vec<&str> = set.service_accounts.keys().map(|(_, name)| name.as_str()).collect();
            let help = match nearest(name, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add the ServiceAccount and its Secrets to the files (-f)".to_owned(),
            };
            let message = format!("the ServiceAccount `{name}` is in no file: steps get no credentials of it");
            findings.warn("undeclared-account", site, message, help);
        }
        return;
    };
    let named: BTreeMap<&str, Option<&DeclaredSecret>> = found
        .secrets
        .iter()
        .filter(|secret| !secret.name.is_empty())
        .map(|secret| (secret.name.as_str(), set.secrets.get(&objects.key(&secret.name))))
        .collect();
    for secret in named.iter().filter(|(_, secret)| secret.is_none()).map(|(name, _)| name) {
        let message = format!("the Secret `{secret}` of the ServiceAccount `{name}` is in no file");
        let help = "add the Secret to the files (-f); as with Tekton, steps run without it".to_owned();
        findings.warn("missing-secret", site, message, help);
    }
    let declared = named.iter().filter_map(|(name, secret)| Some((*name, (*secret)?)));
    let uses: BTreeMap<&str, SecretUse> = declared
        .map(|(name, secret)| (name, SecretUse::new(&secret.data.type_, &secret.metadata.annotations)))
        .collect();
    let made = Credentials::of_account(found.secrets.iter().map(|secret| secret.name.as_str()), |name| {
        let (name, use_) = uses.get_key_value(name)?;
        let secret = named.get(name).copied().flatten()?;
        Some(SecretSource { name, use_, data: &secret.data.values })
    });
    match made {
        Err(why) => {
            let message = format!("the Secrets of the ServiceAccount `{name}` cannot be used: {why}");
            let help = "as with Tekton, every step of it ends with code 2 before it starts".to_owned();
            findings.warn("bad-credentials", site, message, help);
        }
        Ok(made) => {
            for note in made.notes {
                let message = format!("the Secrets of the ServiceAccount `{name}`: {note}");
                let help = "as with Tekton, steps run without what they are for".to_owned();
                findings.warn("bad-credentials", site, message, help);
            }
            for (secret, use_) in uses.iter().filter(|(name, _)| !made.secrets.iter().any(|used| used == *name)) {
                if !use_.annotations.is_empty() {
                    let message = format!("the annotations of the Secret `{secret}` mean nothing to its type");
                    let help =
                        "Tekton takes kubernetes.io/basic-auth for git and docker, kubernetes.io/ssh-auth for git";
                    findings.warn("unused-secret", site, message, help.to_owned());
                }
            }
        }
    }
}
