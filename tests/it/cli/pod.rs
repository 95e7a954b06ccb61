//! What a step may ask of its Pod: fields as variables and as files, though there is no Pod. Knows Kubernetes' downward
//! API.

use super::place::Place;

const RUN: &str = r#"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: asks, labels: {team: a}, annotations: {note: "say \"hi\"\n$(HOME)"}}
spec:
  serviceAccountName: builder
  taskSpec:
    volumes:
    - name: files
      downwardAPI:
        defaultMode: 0440
        items:
        - {path: sub/labels, fieldRef: {fieldPath: metadata.labels}}
        - {path: note, mode: 0400, fieldRef: {fieldPath: "metadata.annotations['note']"}}
    - name: joined
      projected: {sources: [{downwardAPI: {items: [{path: notes, fieldRef: {fieldPath: metadata.annotations}}]}}]}
    steps:
    - name: s
      image: alpine
      volumeMounts: [{name: files, mountPath: /files}, {name: joined, mountPath: /joined}]
      env:
      - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
      - {name: SPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
      - {name: ACCOUNT, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}
      - {name: TEAM, valueFrom: {fieldRef: {fieldPath: "metadata.labels['team']"}}}
      - {name: NONE, valueFrom: {fieldRef: {fieldPath: "metadata.labels['none']"}}}
      - {name: NOTE, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['note']"}}}
      script: |
        echo "$POD $SPACE $ACCOUNT $TEAM [$NONE]"
        echo "$NOTE"
        grep team /files/sub/labels
        cat /files/note; echo
        cat /joined/notes; echo
        stat -c '%a %n' /files/note /files/sub/labels /joined/notes
        echo x > /files/note || echo read-only
"#;

#[test]
fn fields_of_the_pod_are_variables_and_files() {
    let place = Place::new();
    place.file("t.yaml", RUN);
    let said = place.stepwell(&["run", "-f", "t.yaml", "-q", "--logs", "all"]).exits(0);
    let lines: Vec<&str> = said.stdout.lines().filter_map(|line| line.split_once("] ")).map(|(_, text)| text).collect();
    let wanted = [
        "asks-pod default builder a []",
        "say \"hi\"",
        "$(HOME)",
        "team=\"a\"",
        "say \"hi\"",
        "$(HOME)",
        r#"note="say \"hi\"\n$(HOME)""#,
        "400 /files/note",
        "440 /files/sub/labels",
        "644 /joined/notes",
    ];
    assert_eq!(lines[..wanted.len()], wanted, "{said:?}");
    assert_eq!(lines.last(), Some(&"read-only"), "{said:?}");
}

#[test]
fn a_field_that_only_a_cluster_knows_is_refused_with_its_place() {
    let place = Place::new();
    place.file("t.yaml", &RUN.replace("metadata.namespace", "status.hostIP"));
    let said = place.stepwell(&["run", "-f", "t.yaml"]).exits(2);
    assert!(said.stderr.contains("`status.hostIP` is a field of a Pod that has no value here"), "{said:?}");
    assert!(said.stderr.contains("t.yaml:22:45"), "{said:?}");
}

#[test]
fn resources_of_a_container_are_variables_and_files() {
    let place = Place::new();
    let text = r#"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: t}
spec:
  stepSpecs: [{name: own, computeResources: {limits: {memory: 96Mi}}}]
  taskSpec:
    volumes:
    - name: d
      downwardAPI:
        items:
        - {path: cpu, resourceFieldRef: {containerName: step-own, resource: limits.cpu, divisor: 1m}}
        - {path: side, resourceFieldRef: {containerName: sidecar-s, resource: limits.memory, divisor: 1Mi}}
    stepTemplate:
      image: alpine
      computeResources: {requests: {cpu: 250m}}
      volumeMounts: [{name: d, mountPath: /d}]
      env:
      - {name: LM, valueFrom: {resourceFieldRef: {resource: limits.memory}}}
      - {name: LMI, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
      - {name: LC, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
      - {name: RC, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 1m}}}
      - {name: RM, valueFrom: {resourceFieldRef: {resource: requests.memory}}}
      - {name: DISK, valueFrom: {resourceFieldRef: {resource: limits.ephemeral-storage, divisor: 1Mi}}}
      - {name: OTHER, valueFrom: {resourceFieldRef: {containerName: step-own, resource: limits.memory}}}
    steps:
    - name: own
      computeResources: {limits: {memory: 128Mi, cpu: 1500m}}
      script: echo $LM $LMI $LC $RC $RM $DISK $OTHER; cat /d/cpu; echo; cat /d/side; echo
    - {name: none, sandbox: {limits: {memory: 100Mi}}, script: echo $LM $LMI $LC $RC $RM $DISK $OTHER}
    - {name: all, script: echo $LM $LC $RC $RM}
    sidecars:
    - {name: s, image: alpine, script: sleep 9, sandbox: {limits: {memory: 80Mi}}}
"#;
    place.file("t.yaml", text);
    let all = "  computeResources: {limits: {memory: 64Mi}}\n  taskSpec:\n";
    let own = "  stepSpecs: [{name: own, computeResources: {limits: {memory: 96Mi}}}]\n  taskSpec:\n";
    place.file("all.yaml", &text.replace(own, all));
    let said = place.stepwell(&["run", "-f", "all.yaml", "-q"]).exits(0);
    assert!(said.stdout.contains("[t : all] 67108864 1 250 67108864\n"), "{said:?}");
    let said =
        place.stepwell(&["run", "-f", "t.yaml", "-q", "--limit", "disk=1Gi", "--limit", "memory=256Mi"]).exits(0);
    let lines: Vec<&str> = said.stdout.lines().filter_map(|line| line.split_once("] ")).map(|(_, text)| text).collect();
    let wanted = [
        "100663296 96 2 250 100663296 1024 100663296",
        "1500",
        "80",
        "104857600 100 1 250 0 1024 100663296",
        "268435456 1 250 0",
    ];
    assert_eq!(lines, wanted, "{said:?}");
}

#[test]
fn programs_are_told_who_they_run_as() {
    let place = Place::new();
    let text = r##"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: t}
spec:
  podTemplate: {securityContext: {runAsUser: 1001}}
  taskSpec:
    stepTemplate: {image: ubuntu, securityContext: {runAsGroup: 3000, runAsNonRoot: true}}
    steps:
    - {name: pod, script: 'id; whoami || echo "no name"'}
    - {name: own, securityContext: {runAsUser: 2000}, script: 'echo $(id -u) $(id -g)'}
    - {name: bash, script: "#!/bin/bash\necho $UID $EUID; ps -o user= -p $$"}
    - {name: root, securityContext: {runAsUser: 0, runAsGroup: 0}, script: "id; whoami"}
"##;
    place.file("t.yaml", text);
    let said = place.stepwell(&["run", "-f", "t.yaml", "-q", "--logs", "all"]).exits(0);
    let lines: Vec<&str> = said.stdout.lines().filter_map(|line| line.split_once("] ")).map(|(_, text)| text).collect();
    let wanted = [
        "uid=1001 gid=3000 groups=3000",
        "whoami: cannot find name for user ID 1001",
        "no name",
        "2000 3000",
        "1001 1001",
        "1001",
        "uid=0(root) gid=0(root) groups=0(root)",
        "root",
    ];
    assert_eq!(lines, wanted, "{said:?}");
}

#[test]
fn check_names_what_has_no_effect_here() {
    let place = Place::new();
    let text = r#"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: t}
spec:
  podTemplate: {nodeSelector: {disk: ssd}, env: [{name: A, value: b}], securityContext: {fsGroup: 1, runAsUser: 1001}}
  taskSpec:
    steps:
    - name: one
      image: alpine
      imagePullPolicy: Always
      securityContext: {runAsUser: 1000, capabilities: {drop: [ALL]}}
      computeResources: {limits: {memory: 64Mi, cpu: "1"}, requests: {cpu: 100m}}
      script: echo hi
    - {name: two, image: alpine, script: echo hi, securityContext: {runAsUser: 0}}
    volumes: [{name: v, emptyDir: {sizeLimit: 1Mi}}]
    sidecars:
    - {name: side, image: alpine, script: sleep 1, ports: [{containerPort: 80}]}
"#;
    place.file("t.yaml", text);
    let said = place.stepwell(&["check", "-f", "t.yaml"]).exits(0);
    let notes: Vec<&str> = said.stdout.lines().filter(|line| line.starts_with("note:")).collect();
    let wanted = [
        "computeResources.limits.cpu (t/one)",
        "computeResources.requests (t/one)",
        "emptyDir.sizeLimit (t, volume v)",
        "imagePullPolicy (t/one)",
        "podTemplate.nodeSelector (the run)",
        "podTemplate.securityContext.fsGroup (the run)",
        "ports (t/side)",
        "securityContext.capabilities (t/one)",
    ];
    let wanted = wanted.map(|field| format!("note: accepted, and without effect here: {field}"));
    assert_eq!(notes, wanted, "{said:?}");
}
