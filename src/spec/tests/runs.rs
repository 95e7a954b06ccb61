//! Kinds, versions, Secrets, doubles, runs by name, and what cannot run here.

use super::*;

/// The codes of everything that is said, with lines.
fn codes(diagnostics: &Diagnostics) -> Vec<(String, u32)> {
    diagnostics.list().iter().map(|d| (d.code.clone(), d.span.map_or(0, |s| s.line))).collect()
}

fn code(name: &str, line: u32) -> (String, u32) {
    (name.to_owned(), line)
}

#[test]
fn kinds_and_versions_are_told_apart() {
    let text = "
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}
---
{apiVersion: tekton.dev/v1alpha1, kind: VerificationPolicy, metadata: {name: v}}
---
{apiVersion: tekton.dev/v2, kind: Task, metadata: {name: a}}
---
{apiVersion: tekton.dev/v1, kind: Taks, metadata: {name: a}}
---
{apiVersion: teckton.dev/v1, kind: Task, metadata: {name: a}}
---
{apiVersion: v2, kind: Secret, metadata: {name: a}}
---
[1]
---
{kind: Task}
---
{apiVersion: tekton.dev/v1, kind: StepAction, metadata: {name: a}}
";
    let (set, diagnostics) = read_text(text);
    assert_eq!(set.passed_over.iter().map(|p| p.0.as_str()).collect::<Vec<_>>(), ["Deployment", "VerificationPolicy"]);
    let wanted = [
        code("unknown-version", 6),
        code("unknown-kind", 8),
        code("unknown-version", 10),
        code("unknown-version", 12),
        code("not-an-object", 14),
        code("missing-field", 16),
        code("unknown-version", 18),
    ];
    assert_eq!(codes(&diagnostics), wanted);
}

#[test]
fn beta_objects_are_read_as_v1() {
    let text = "
apiVersion: tekton.dev/v1beta1
kind: PipelineRun
metadata: {name: r}
spec:
  serviceAccountName: sa
  podTemplate: {hostNetwork: true}
  timeout: 5m
  taskRunSpecs:
  - {pipelineTaskName: a, taskServiceAccountName: x, stepOverrides: [{name: s, resources: {limits: {cpu: 1}}}]}
  pipelineSpec:
    tasks:
    - name: a
      taskSpec:
        stepTemplate: {name: old, resources: {limits: {memory: 1Gi}}}
        steps: [{name: s, image: i, resources: {limits: {cpu: 1}}, livenessProbe: {}}]
";
    let (set, diagnostics) = read_text(text);
    assert_eq!(diagnostics.list(), &[]);
    let RunSpec::Pipeline(spec) = &set.runs[0].spec else { panic!("no pipeline run") };
    assert_eq!(spec.task_run_template.service_account_name, "sa");
    assert!(spec.task_run_template.pod_template.as_ref().unwrap().host_network);
    assert_eq!(spec.timeouts.as_ref().unwrap().pipeline.unwrap().to_string(), "5m0s");
    assert_eq!(spec.task_run_specs[0].service_account_name, "x");
    assert!(spec.task_run_specs[0].step_specs[0].compute_resources.limits.contains_key("cpu"));
    let task = &spec.pipeline_spec.as_ref().unwrap().tasks[0].task_spec.as_ref().unwrap().task;
    assert!(task.steps[0].compute_resources.limits.contains_key("cpu"));

    let text = "
apiVersion: tekton.dev/v1beta1
kind: Task
metadata: {name: t}
spec:
  resources: {inputs: []}
  steps: [{image: i}]
---
{apiVersion: tekton.dev/v1beta1, kind: TaskRun, metadata: {name: r}, spec: {taskRef: {name: t, bundle: b}}}
";
    let (_, diagnostics) = read_text(text);
    assert_eq!(codes(&diagnostics), [code("removed-field", 6), code("removed-field", 9)]);
    assert!(words(&diagnostics)[0].contains("must not set the field(s): spec.resources"));
}

#[test]
fn lists_json_and_doubles() {
    let json = br#"{"apiVersion": "v1", "kind": "List", "items": [
	{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "v"}},
	{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "w"}},
	{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "other"}}
]}"#;
    let (set, diagnostics) = read(&[Source { name: "l.json".to_owned(), text: json.to_vec() }]);
    assert_eq!(codes(&diagnostics), [code("duplicate-object", 3)]);
    assert!(diagnostics.list()[0].message.contains("l.json:2") && diagnostics.list()[0].message.contains("l.json:3"));
    assert_eq!(set.config_maps.len(), 2);
    let runs =
        "{apiVersion: tekton.dev/v1, kind: TaskRun, metadata: {generateName: r-}, spec: {taskRef: {name: t}}}\n---\n";
    let (set, diagnostics) = read_text(&runs.repeat(2));
    assert!(!diagnostics.has_errors());
    assert_eq!(set.runs.len(), 2);
}

#[test]
fn values_of_secrets_are_nowhere_but_in_the_set() {
    let text = "
apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations: {tekton.dev/git-0: host, kubectl.kubernetes.io/last-applied-configuration: '{\"stringData\":{\"a\":\"hunter2\"}}'}
stringData: {a: hunter2}
data: {b: aHVudGVyMg==, c: hunter2, d: [hunter2], e: 22}
stringDatum: {f: hunter2}
";
    let (set, diagnostics) = read_text(text);
    let secret = &set.secrets[&("default".to_owned(), "s".to_owned())];
    assert_eq!(secret.data.values["a"], b"hunter2");
    assert_eq!(secret.data.values["b"], b"hunter2");
    assert_eq!(secret.metadata.annotations["tekton.dev/git-0"], "host");
    assert_eq!(diagnostics.list().len(), 4, "{diagnostics:#?}");
    let shown = format!("{set:?} {diagnostics:?} {}", serde_json::to_string(&set.documents).unwrap());
    // The decoded annotation stays in memory, as part of the metadata that credentials need.
    let shown = shown.replace(&format!("{:?}", secret.metadata), "");
    assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVyMg"), "{shown}");
    let (again, _) = ObjectSet::from_documents(set.sources.clone(), set.documents.clone());
    assert_eq!(again.secrets.values().next().unwrap().data.values["a"], b"");
}

#[test]
fn offending_text_is_named_but_not_that_of_a_secret() {
    let text = "
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t}
spec: {steps: [{name: y, image: i}]}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
type: 12345
stringData: 67890
";
    let (_, diagnostics) = read_text(text);
    let list = diagnostics.list();
    assert_eq!(list[0].message, "expected a string, found a boolean: `y`");
    assert!(list[0].help.contains("quotes"));
    assert!(list.iter().skip(1).all(|d| !d.message.contains("67890")), "{list:#?}");
}

#[test]
fn a_run_is_made_for_a_name() {
    let text = "
{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: build}, spec: {steps: [{image: i}]}}
---
{apiVersion: tekton.dev/v1, kind: Pipeline, metadata: {name: build}, spec: {tasks: [{name: a, taskRef: {name: build}}]}}
---
{apiVersion: tekton.dev/v1, kind: Pipeline, metadata: {name: ship}, spec: {tasks: [{name: a, taskRef: {name: build}}]}}
";
    let (set, _) = read_text(text);
    assert_eq!(set.run_for(None, "build").unwrap_err().code, "ambiguous-name");
    let run = set.run_for(Some("task"), "build").unwrap();
    assert_eq!((run.kind, run.metadata.generate_name.as_str()), (RunKind::TaskRun, "build-run-"));
    let run = set.run_for(None, "ship").unwrap();
    assert!(matches!(set.plan(&run, "x", "u").root, Root::Pipeline { pipeline: Resolved::Found(_), .. }));
    assert_eq!(set.run_for(None, "shop").unwrap_err().help, "did you mean `ship`?");
}

#[test]
fn what_cannot_run_here_is_said_before_it_runs() {
    let text = "
apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: r}
spec:
  debug: {breakpoints: {onFailure: enabled}}
  managedBy: someone
  params: [{name: tag, value: '1'}]
  workspaces:
  - {name: a, configMap: {name: nope}}
  - {name: b, secret: {secretName: nope, optional: true}}
  - {name: c, csi: {driver: d}}
  - {name: d, persistentVolumeClaim: {claimName: pvc}}
  taskSpec:
    params: [{name: tag}, {name: late, type: array, default: []}]
    volumes: [{name: h, hostPath: {path: /}}, {name: c, configMap: {name: $(params.tag)}}, {name: e, emptyDir: {}}]
    steps:
    - name: x
      image: 'bad:$(params.tag)'
      env:
      - {name: A, valueFrom: {configMapKeyRef: {name: have, key: nokey}}}
      - {name: B, valueFrom: {secretKeyRef: {name: '$(context.taskRun.name)', key: k}}}
      - {name: C, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
      - {name: D, valueFrom: {resourceFieldRef: {resource: limits.hugepages-2Mi}}}
      - {name: E, valueFrom: {resourceFieldRef: {resource: limits.cpu, containerName: step-y}}}
      - {name: F, valueFrom: {resourceFieldRef: {resource: limits.cpu, containerName: sidecar-s, divisor: 1m}}}
      - {name: G, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 2Mi}}}
    - {name: w, image: 'oci://x/y', sandbox: {network: [{host: h}], isolation: process}}
    - {name: z, image: '$(params.late[0])', script: '#!win cmd'}
    - {name: c, image: ok, sandbox: {commands: {fine: ok, tool: 'bad:1'}}}
    sidecars:
    - {name: s, image: ok, readinessProbe: {tcpSocket: {port: 80}}}
    - {name: t, image: ok, readinessProbe: {periodSeconds: 1}}
    - {name: u, image: ok, readinessProbe: {exec: {command: ['true']}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: have}, data: {key: v}}
";
    let (set, diagnostics) = read_text(text);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    let images = |image: &str, _: u32| if image == "bad:1" { Err(format!("nothing runs `{image}`")) } else { Ok(()) };
    let found = set.cannot_run(&set.runs[0], &images);
    let wanted = [
        code("debug", 6),
        code("managed-by", 7),
        code("missing-object", 10),
        code("unsupported-volume", 12),
        code("undeclared-claim", 13),
        code("unsupported-volume", 16),
        code("missing-object", 16),
        code("unsupported-image", 19),
        code("missing-key", 21),
        code("unsupported-field", 23),
        code("unsupported-resource", 24),
        code("unsupported-resource", 25),
        code("unsupported-resource", 27),
        code("unsupported-image", 28),
        code("unsupported-network", 28),
        code("unsupported-isolation", 28),
        code("windows-script", 29),
        code("unsupported-command", 30),
        code("unsupported-probe", 32),
        code("unsupported-probe", 33),
    ];
    assert_eq!(codes(&found), wanted, "{found:#?}");
}

#[test]
fn what_objects_lack_together_is_a_warning() {
    let text = "
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: r}
spec: {pipelineRef: {name: p}}
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: p}
spec:
  params: [{name: x}]
  workspaces: [{name: w}]
  tasks:
  - {name: a, taskRef: {name: t}}
  - {name: b, taskRef: {name: t}, params: [{name: u, value: $(tasks.a.results.nope)}], workspaces: [{name: v, workspace: w}]}
---
{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: t}, spec: {params: [{name: u}], workspaces: [{name: v}], results: [{name: note}], steps: [{image: i}]}}
";
    let (_, diagnostics) = read_text(text);
    let wanted = [
        code("missing-param", 5),
        code("missing-workspace", 5),
        code("missing-param", 14),
        code("missing-workspace", 14),
        code("undeclared-result", 15),
    ];
    assert_eq!(codes(&diagnostics), wanted, "{diagnostics:#?}");
    assert!(!diagnostics.has_errors());
}
