//! Artifacts: files that steps write of what they read and made, in the status and in references. Knows the userland by
//! its commands.

use super::place::Place;
use serde_json::json;

/// Steps that write artifacts of their own and of the task, and use those of a step before them.
const STEPS: &str = r#"    - name: make
      image: bash
      script: |
        #!/usr/bin/env bash
        cat > $(step.artifacts.path) << EOF
        {"inputs": [{"name": "source", "values": [{"uri": "git:s", "digest": {"sha1": "aa"}}]}],
         "outputs": [{"name": "image", "values": [{"uri": "oci:i", "digest": {"sha256": "bb"}}]}]}
        EOF
        echo '{"outputs": [{"name": "image", "buildOutput": true, "values": [{"uri": "again", "digest": {"sha256": "bb"}}]}]}' \
          > $(artifacts.path)
    - name: use
      image: alpine
      env: [{name: FROM_ENV, value: $(steps.make.inputs.source)}]
      script: |
        echo 'script $(steps.make.outputs.image)'
        echo "env $FROM_ENV"
        echo 'first $(steps.make.outputs) none $(steps.make.outputs.none)'
    - name: args
      image: alpine
      command: [echo]
      args: ["args", $(steps.make.outputs.image)]
"#;

const IMAGE: &str = r#"[{"digest":{"sha256":"bb"},"uri":"oci:i"}]"#;

fn log(place: &Place, run: &str, step: &str) -> String {
    place.stepwell(&["logs", run, step]).exits(0).stdout
}

#[test]
fn artifacts_stand_in_the_status_and_where_steps_refer_to_them() {
    let place = Place::new();
    let head = "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: t}\nspec:\n  taskSpec:\n    steps:\n";
    place.file("t.yaml", &format!("{head}{STEPS}"));
    let said = place.stepwell(&["run", "-f", "t.yaml", "--output", "json"]).exits(0).json();
    let status = &said["items"][0]["status"];
    let source = json!([{"name": "source", "values": [{"uri": "git:s", "digest": {"sha1": "aa"}}]}]);
    let image = json!([{"name": "image", "values": [{"uri": "oci:i", "digest": {"sha256": "bb"}}]}]);
    assert_eq!((&status["steps"][0]["inputs"], &status["steps"][0]["outputs"]), (&source, &image));
    assert!(status["steps"][1]["outputs"].is_null(), "{status}");
    // The task's own file comes first, and a digest is there once.
    let image =
        json!([{"name": "image", "buildOutput": true, "values": [{"uri": "again", "digest": {"sha256": "bb"}}]}]);
    assert_eq!(status["artifacts"], json!({"inputs": source, "outputs": image}));
    let source = r#"[{"digest":{"sha1":"aa"},"uri":"git:s"}]"#;
    let missed = "stepwell: $(steps.make.outputs.none) stays as it is written: no step before this one left that";
    let wanted = format!("{missed}\nscript {IMAGE}\nenv {source}\nfirst {IMAGE} none $(steps.make.outputs.none)\n");
    assert_eq!(log(&place, "t", "t/use"), wanted);
    assert_eq!(log(&place, "t", "t/args"), format!("args {IMAGE}\n"));
}

#[test]
fn a_task_is_told_of_the_artifacts_of_one_before_it() {
    let place = Place::new();
    let steps: String = STEPS.lines().map(|line| format!("      {line}\n")).collect();
    place.file(
        "p.yaml",
        &format!(
            "apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {{name: p}}
spec:
  pipelineSpec:
    tasks:
    - name: make
      taskSpec:
          steps:
{steps}
    - name: use
      runAfter: [make]
      taskSpec:
        steps:
        - {{name: say, image: alpine, script: \"echo '$(tasks.make.inputs.source) $(tasks.make.outputs)'\"}}
"
        ),
    );
    place.stepwell(&["run", "-f", "p.yaml", "--logs", "none"]).exits(0);
    let wanted =
        "[{\"digest\":{\"sha1\":\"aa\"},\"uri\":\"git:s\"}] [{\"digest\":{\"sha256\":\"bb\"},\"uri\":\"again\"}]\n";
    assert_eq!(log(&place, "p", "use/say"), wanted);
}

const STEP: &str = "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: t}\nspec:\n  taskSpec:\n    results: [{name: r}, {name: s}]\n    steps:\n    - name: s\n      image: alpine\n      script: |\n";

#[test]
fn what_a_step_leaves_that_cannot_be_read_fails_it_as_with_tekton() {
    let place = Place::new();
    for (write, said) in [
        ("mkdir $(artifacts.path)", "the file of artifacts is a directory and not a file"),
        ("head -c 1048577 /dev/zero > $(artifacts.path)", "has 1048577 bytes, and it may have up to 1048576"),
        ("ln -s /dev/zero $(artifacts.path)", "the file of artifacts is a link and not a file of its own"),
        ("mkdir $(results.r.path)", "result \"r\" is a directory and not a file"),
        ("ln -s /workspace $(results.r.path)", "result \"r\" is a link and not a file of its own"),
        (
            "head -c 8388608 /dev/zero > $(results.r.path); echo > $(results.s.path)",
            "result \"s\" has 1 bytes, and the results of a task or step together may have up to 8388608",
        ),
    ] {
        place.file(
            "t.yaml",
            &format!("{STEP}        {write}\n    - {{name: after, image: alpine, script: echo after}}\n"),
        );
        let run = place.stepwell(&["run", "-f", "t.yaml", "--output", "json"]).exits(1);
        let status = &run.json()["items"][0]["status"];
        assert_eq!(status["conditions"][0]["reason"], "StepFailed", "{status}");
        assert_eq!(status["steps"][0]["terminated"]["exitCode"], 1, "{status}");
        assert_eq!(status["steps"][1]["terminationReason"], "Skipped", "{status}");
        assert!(log(&place, "t", "t/s").ends_with(&format!("{said}\n")), "{}", log(&place, "t", "t/s"));
    }
}

/// Tekton's controller logs it, and the task ends as it would have.
#[test]
fn artifacts_that_are_none_are_left_out_and_said() {
    let place = Place::new();
    let steps = "        echo '{\"outputs\": {}}' > $(step.artifacts.path)\n    - {name: after, image: alpine, script: echo $(steps.s.outputs.x)}\n";
    place.file(
        "t.yaml",
        &format!("{STEP}{steps}").replace("echo $(steps", "echo '$(steps").replace("outputs.x)}", "outputs.x)'}"),
    );
    let run = place.stepwell(&["run", "-f", "t.yaml", "--output", "json"]).exits(0);
    assert!(run.json()["items"][0]["status"]["artifacts"].is_null(), "{run:?}");
    let said = log(&place, "t", "t/s");
    assert!(
        said.contains("stepwell: the file of artifacts is left out: it is no JSON of artifacts at line 1"),
        "{said}"
    );
    let wanted = "stepwell: $(steps.s.outputs.x) stays as it is written: no step before this one left that\n$(steps.s.outputs.x)\n";
    assert_eq!(log(&place, "t", "t/after"), wanted);
}

#[test]
fn results_of_megabytes_are_handed_on() {
    let place = Place::new();
    place.file(
        "p.yaml",
        "apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: p}
spec:
  pipelineSpec:
    tasks:
    - name: make
      taskSpec:
        results: [{name: big}]
        steps: [{name: s, image: alpine, script: 'yes 0123456789 | head -c 3000000 > $(results.big.path)'}]
    - name: use
      taskSpec:
        steps:
        - name: count
          image: alpine
          script: |
            wc -c << 'EOF'
            $(tasks.make.results.big)
            EOF
",
    );
    place.stepwell(&["run", "-f", "p.yaml", "--logs", "none"]).exits(0);
    assert_eq!(log(&place, "p", "use/count").trim(), "3000001");
}
