//! Credentials of ServiceAccounts as a step finds them: Tekton's files, their modes, and the copies in its home. The
//! scripts say what they find. Knows the userland by its commands.

use super::place::{Place, Said};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A name and password for git and docker, a key for ssh, a file for docker, and a ServiceAccount of all of them and of
/// a Secret that is not there.
const BUILDER: &str = r#"apiVersion: v1
kind: Secret
type: kubernetes.io/basic-auth
metadata: {name: pass, annotations: {tekton.dev/git-0: "https://git.example", tekton.dev/docker-0: "d.example"}}
stringData: {username: 'corp\me', password: hunter2-pass}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/ssh-auth
metadata: {name: deploy.key, annotations: {tekton.dev/git-0: "ssh.example:2222"}}
stringData: {ssh-privatekey: "hunter2-key\n", known_hosts: "ssh.example ssh-rsa AAAA\n"}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/dockerconfigjson
metadata: {name: registry}
stringData: {.dockerconfigjson: '{"auths":{"r.example":{"auth":"hunter2-auth"}}}'}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: builder}
secrets: [{name: pass}, {name: deploy.key}, {name: gone}, {name: registry}, {name: pass}]
---
"#;

/// A run of one task with one workspace, by its steps.
fn task(account: &str, steps: &str) -> String {
    format!(
        "apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {{name: t}}
spec:
  serviceAccountName: {account}
  workspaces: [{{name: w, emptyDir: {{}}}}]
  taskSpec:
    workspaces: [{{name: w}}]
    steps:
{steps}"
    )
}

/// A step of a shell, by its script's lines.
fn step(name: &str, more: &str, script: &str) -> String {
    let lines: String = script.lines().map(|line| format!("        {line}\n")).collect();
    format!("    - name: {name}\n      image: alpine\n{more}      script: |\n{lines}")
}

fn home(path: &str) -> String {
    format!("      env: [{{name: HOME, value: {path}}}]\n")
}

fn log(place: &Place, step: &str) -> String {
    place.stepwell(&["logs", "t", &format!("t/{step}")]).exits(0).stdout
}

fn run(place: &Place, file: &str) -> Said {
    place.file("t.yaml", file);
    place.stepwell(&["run", "-f", "t.yaml", "--logs", "none"])
}

const FILES: &str = "\
600 .docker/config.json
600 .git-credentials
600 .gitconfig
600 .ssh/config
600 .ssh/id_deploy.key
600 .ssh/known_hosts
";

#[test]
fn a_step_finds_tektons_files_and_copies_of_them_at_home() {
    let place = Place::new();
    let list = "find .docker .ssh .git* -type f | sort | xargs stat -c '%a %n'\nstat -c '%a %n' .docker .ssh\n";
    let first = format!(
        "cd $(credentials.path)\n{list}cat .gitconfig .git-credentials .ssh/config .docker/config.json\necho\ncd\npwd\n\
         {list}for f in .gitconfig .git-credentials .ssh/* .docker/*; do cmp $f /tekton/creds/$f && echo same; done\n\
         ls /tekton/creds-secrets\ncat /tekton/creds-secrets/pass/password\necho mine > ~/.gitconfig\n\
         echo mine > /tekton/creds/.gitconfig\n"
    );
    let steps = [step("one", "", &first), step("two", "", "head -1 ~/.gitconfig /tekton/creds/.gitconfig\n")].concat();
    let sidecar =
        "    sidecars:\n    - {name: beside, image: alpine, script: 'ls -A /tekton/creds /tekton/creds-secrets'}\n";
    run(&place, &format!("{BUILDER}{}{sidecar}", task("builder", &steps))).exits(0);
    let wanted = format!(
        "{FILES}755 .docker\n755 .ssh\n{}{FILES}700 .docker\n700 .ssh\n{}deploy.key\npass\nregistry\nhunter2-pass\n",
        "[credential]
\thelper = store
[credential \"https://git.example\"]
\tusername = corp\\\\me
https://corp%5Cme:hunter2-pass@git.example
Host ssh.example
    HostName ssh.example
    Port 2222
    IdentityFile /tekton/creds/.ssh/id_deploy.key
{\"auths\":{\"d.example\":{\"username\":\"corp\\\\me\",\"password\":\"hunter2-pass\",\
\"auth\":\"Y29ycFxtZTpodW50ZXIyLXBhc3M=\",\"email\":\"not@val.id\"},\"r.example\":{\"auth\":\"hunter2-auth\"}}}
/root
",
        "same\n".repeat(6)
    );
    assert_eq!(log(&place, "one"), wanted);
    // Each step has files of its own.
    assert_eq!(log(&place, "two").matches("[credential]").count(), 2, "{}", log(&place, "two"));
    let beside = log(&place, "beside");
    assert!(!beside.contains(".ssh") && !beside.contains("pass"), "{beside}");
}

#[test]
fn a_home_that_steps_share_gets_its_copy_once() {
    let place = Place::new();
    let shared = home("/tekton/home");
    let steps = [
        step("one", &shared, "head -1 ~/.gitconfig\necho changed > ~/.gitconfig\n"),
        step("two", &shared, "cat ~/.gitconfig\nhead -1 /tekton/creds/.gitconfig\n"),
        step("three", &(home("sub/home") + "      workingDir: /workspace/w\n"), "ls -A /workspace/w/sub/home\n"),
        step("four", &home("''"), "ls -A /tekton/creds\n"),
    ];
    run(&place, &format!("{BUILDER}{}", task("builder", &steps.concat()))).exits(0);
    assert_eq!(log(&place, "one"), "[credential]\n");
    assert_eq!(log(&place, "two"), "changed\n[credential]\n");
    let all = ".docker\n.git-credentials\n.gitconfig\n.ssh\n";
    assert_eq!(log(&place, "three"), all);
    assert_eq!(log(&place, "four"), format!("non-fatal error copying credentials: HOME is not set\n{all}"));
}

/// What cannot be copied is said, and the step runs.
#[test]
fn what_stands_in_the_way_at_home_is_said() {
    let place = Place::new();
    let make = "mkdir -p /workspace/w/h/.gitconfig\ntouch /workspace/w/file\nmkfifo /workspace/w/h/.git-credentials\n";
    let steps = [
        step("zero", "", make),
        step("one", &home("/workspace/w/h"), "echo ran\n"),
        step("two", &home("/workspace/w/file"), "echo ran\n"),
        step("three", &home("/dev"), "echo ran\n"),
        step("four", &home(&format!("/{}", "h".repeat(5000))), "echo ran\n"),
    ];
    run(&place, &format!("{BUILDER}{}", task("builder", &steps.concat()))).exits(0);
    for (name, copies) in [("one", 2), ("two", 4), ("three", 4), ("four", 4)] {
        let said = log(&place, name);
        assert_eq!(said.matches("unsuccessful cred copy: \".").count(), copies, "{said}");
        assert!(said.ends_with("ran\n"), "{said}");
    }
}

/// A task before this one, or the user, made links where the files go.
#[test]
fn links_at_home_lead_nowhere_else() {
    let place = Place::new();
    let outside = place.path().join("outside");
    std::fs::create_dir(&outside).expect("a folder");
    place.file("w/inside/keep", "").file("outside/config", "before");
    let link = |target: &Path, name: &str| {
        std::os::unix::fs::symlink(target, place.path().join("w").join(name)).expect("a link");
    };
    link(&outside, ".ssh");
    link(&outside.join("config"), ".gitconfig");
    link(Path::new("../../../../../../../../../outside"), ".docker");
    link(Path::new("inside/new"), ".git-credentials");
    let steps = step("one", &home("/workspace/w"), "cat ~/inside/new\n");
    let text = format!("{BUILDER}{}", task("builder", &steps));
    place.file("t.yaml", &text);
    place.stepwell(&["run", "-f", "t.yaml", "-w", "w=./w", "--logs", "none"]).exits(0);
    let names: Vec<_> =
        std::fs::read_dir(&outside).expect("is there").map(|e| e.expect("is read").file_name()).collect();
    assert_eq!(names, ["config"]);
    assert_eq!(std::fs::read_to_string(outside.join("config")).expect("is there"), "before");
    let inside = place.path().join("w/inside/new");
    assert_eq!(std::fs::metadata(&inside).expect("is there").permissions().mode() & 0o777, 0o600);
    assert!(log(&place, "one").ends_with("https://corp%5Cme:hunter2-pass@git.example\n"));
}

#[test]
fn each_task_has_the_account_that_its_run_says() {
    let place = Place::new();
    let account = |name: &str, namespace: &str| {
        format!(
            "apiVersion: v1
kind: Secret
type: kubernetes.io/basic-auth
metadata: {{name: {name}, namespace: {namespace}, annotations: {{tekton.dev/git-0: 'https://h'}}}}
stringData: {{username: {name}-in-{namespace}, password: p}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {name}, namespace: {namespace}}}
secrets: [{{name: {name}}}]
---
"
        )
    };
    let accounts: String = [("default", "default"), ("own", "default"), ("own", "other"), ("template", "default")]
        .map(|(name, namespace)| account(name, namespace))
        .concat();
    let tasks: String = ["a", "b"]
        .map(|name| format!("    - {{name: {name}, taskSpec: {{results: [{{name: who}}], steps: [{{name: s, image: alpine, script: 'sed -n 4p ~/.gitconfig | cut -d\" \" -f3 | tr -d \"\\n\" > $(results.who.path)'}}]}}}}\n"))
        .concat();
    for (settings, wanted) in [
        ("", ["default-in-default", "default-in-default"]),
        (
            "  taskRunTemplate: {serviceAccountName: template}\n  taskRunSpecs: [{pipelineTaskName: b, serviceAccountName: own}]\n",
            ["template-in-default", "own-in-default"],
        ),
        ("  taskRunTemplate: {serviceAccountName: unknown}\n", ["", ""]),
    ] {
        let run = format!(
            "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {{name: p}}\nspec:\n{settings}  pipelineSpec:\n    results: [{{name: a, value: $(tasks.a.results.who)}}, {{name: b, value: $(tasks.b.results.who)}}]\n    tasks:\n{tasks}"
        );
        place.file("p.yaml", &format!("{accounts}{run}"));
        let said = place.stepwell(&["run", "-f", "p.yaml", "--output", "json"]).exits(0).json();
        let items = said["items"].as_array().expect("objects");
        let run = items.iter().find(|object| object["kind"] == "PipelineRun").expect("the run");
        let results = run["status"]["results"].as_array().expect("results");
        assert_eq!(results.iter().map(|result| &result["value"]).collect::<Vec<_>>(), wanted, "{settings}");
    }
}

#[test]
fn a_secret_of_a_wrong_shape_ends_the_step_as_with_tekton() {
    let place = Place::new();
    let wrong = BUILDER.replace("username: 'corp\\me', ", "");
    place.file("t.yaml", &format!("{wrong}{}", task("builder", &step("one", "", "echo ran\n"))));
    let why = "invalid value \"pass=d.example\" for flag -basic-docker: open /tekton/creds-secrets/pass/username: \
               no such file or directory";
    let checked = place.stepwell(&["check", "-f", "t.yaml"]).exits(0);
    for said in [why, "warning[bad-credentials]", "the Secret `gone` of the ServiceAccount `builder` is in no file"] {
        assert!(checked.stdout.contains(said), "{}", checked.stdout);
    }
    let ran = place.stepwell(&["run", "-f", "t.yaml", "--logs", "none", "--output", "json"]).exits(1);
    let state = &ran.json()["items"][0]["status"]["steps"][0]["terminated"];
    assert_eq!((&state["exitCode"], &state["reason"]), (&2.into(), &"Error".into()), "{state}");
    let logged = log(&place, "one");
    assert_eq!(logged, format!("{why}\n"));
    for text in [&logged, &ran.stdout, &ran.stderr, &checked.stdout, &checked.stderr] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn accounts_and_secrets_that_mean_nothing_are_named() {
    let place = Place::new();
    let opaque = BUILDER.replace("kubernetes.io/ssh-auth", "Opaque");
    for (account, said) in [
        ("buider", "the ServiceAccount `buider` is in no file: steps get no credentials of it"),
        ("buider", "did you mean `builder`?"),
        ("builder", "the annotations of the Secret `deploy.key` mean nothing to its type"),
    ] {
        place.file("t.yaml", &format!("{opaque}{}", task(account, &step("one", "", "true\n"))));
        let checked = place.stepwell(&["check", "-f", "t.yaml"]).exits(0).stdout;
        assert!(checked.contains(said), "{checked}");
    }
}

#[test]
fn an_image_has_its_home() {
    let place = Place::new();
    run(&place, &task("default", &step("one", "", "cd\npwd\necho kept > ~/.npmrc\ncat .npmrc\nls -A /tekton/creds\n")))
        .exits(0);
    assert_eq!(log(&place, "one"), "/root\nkept\n");
}
