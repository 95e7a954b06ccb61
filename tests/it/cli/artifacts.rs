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
    let wanted = format!("script {IMAGE}\nenv {source}\nfirst {IMAGE} none $(steps.make.outputs.none)\n");
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

#[test]
fn a_file_of_artifacts_that_is_none_fails_its_step() {
    let place = Place::new();
    for (write, said) in [
        (
            "echo '{\"outputs\": {}}' > $(step.artifacts.path)",
            "the file of artifacts cannot be read: it is no JSON of artifacts at line 1, column ",
        ),
        ("mkdir $(artifacts.path)", "the file of artifacts is a directory and not a file"),
        ("head -c 1048577 /dev/zero > $(artifacts.path)", "the file of artifacts has 1048577 bytes"),
        ("ln -s /dev/zero $(artifacts.path)", "the file of artifacts cannot be read: "),
    ] {
        place.file(
            "t.yaml",
            &format!(
                "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {{name: t}}\nspec:\n  taskSpec:\n    steps:\n    - name: s\n      image: alpine\n      script: |\n        {write}\n"
            ),
        );
        let run = place.stepwell(&["run", "-f", "t.yaml", "--logs", "none"]).exits(1);
        assert!(run.stdout.contains(said), "{}", run.stdout);
    }
}
