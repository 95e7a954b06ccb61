//! Steps that need not run, as what they would do is known: what is taken, what is not kept, and what happens to a cache that
//! cannot be used. Knows no more of the store than a user sees.

use super::place::{Place, Said};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const SORTS: &str = r#"apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: p}
spec:
  workspaces: [{name: w}]
  tasks:
  - name: sorts
    workspaces: [{name: w}]
    taskSpec:
      workspaces: [{name: w}]
      results: [{name: count}]
      steps:
      - name: sorts
        image: alpine
        workingDir: $(workspaces.w.path)
        script: |
          mkdir -p out/deep
          sort list > out/sorted && chmod 700 out/sorted
          ln -sf ../sorted out/deep/link
          wc -l < list | tr -d '\n' > $(results.count.path)
          echo "sorted" && echo "a warning" >&2
      - name: reads
        image: alpine
        script: cat $(workspaces.w.path)/out/deep/link /tekton/results/count
  - name: tells
    params: [{name: count, value: $(tasks.sorts.results.count)}]
    taskSpec:
      params: [{name: count}]
      steps: [{name: tells, image: alpine, script: "echo $(params.count) lines"}]
"#;

/// Lines that steps print, in order.
fn printed(said: &Said) -> Vec<&str> {
    said.stdout.lines().filter(|line| line.starts_with('[')).collect()
}

fn run(place: &Place, more: &[&str]) -> Said {
    place.stepwell(&[&["run", "-f", "p.yaml", "p", "-w", "w=ws"], more].concat()).exits(0)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("is there")
}

#[test]
fn what_is_unchanged_is_not_run_and_looks_as_if_it_had_been() {
    let place = Place::new();
    place.file("p.yaml", SORTS).file("ws/list", "b\na\n").file("ws/other", "x");
    let first = run(&place, &[]);
    assert!(first.stdout.contains("2 tasks ran, 0 cached, 0 skipped"), "{}", first.stdout);
    // The directory was not there, and is now.
    run(&place, &[]);
    let out = place.path().join("ws/out");
    let again = run(&place, &[]);
    assert!(again.stdout.contains("0 tasks ran, 2 cached (saving "), "{}", again.stdout);
    assert_eq!(printed(&again), printed(&first));
    assert_eq!(text(&out.join("sorted")), "a\nb\n");
    assert_eq!(std::fs::read_link(out.join("deep/link")).expect("a link"), PathBuf::from("../sorted"));
    let mode = out.join("sorted").metadata().expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let show = place.stepwell(&["show"]).exits(0).stdout;
    assert_eq!(show.matches("cached, from run ").count(), 3, "{show}");
    assert!(place.stepwell(&["logs"]).exits(0).stdout.contains("[sorts : sorts] a warning"));

    // What no step looked at.
    place.file("ws/other", "another");
    assert!(run(&place, &[]).stdout.contains("0 tasks ran, 2 cached"));
    // Other files give other results, and only who sees them runs.
    place.file("ws/list", "b\na\nc\n");
    let changed = run(&place, &[]);
    assert!(changed.stdout.contains("2 tasks ran, 0 cached"), "{}", changed.stdout);
    assert!(printed(&changed).contains(&"[tells : tells] 3 lines"), "{}", changed.stdout);
    let show = place.stepwell(&["show"]).exits(0).stdout;
    assert!(show.contains("run: /workspace/w/list: "), "{show}");
    place.file("ws/list", "d\na\nc\n");
    let changed = run(&place, &[]);
    assert!(changed.stdout.contains("1 task ran, 1 cached"), "{}", changed.stdout);
    // Back to what was known before.
    place.file("ws/list", "b\na\nc\n");
    assert!(run(&place, &[]).stdout.contains("0 tasks ran, 2 cached"));
    assert_eq!(text(&out.join("sorted")), "a\nb\nc\n");
    // Something stands in the place of what a step left.
    std::fs::write(out.join("sorted"), "edited").expect("is written");
    run(&place, &[]);
    assert_eq!(text(&out.join("sorted")), "a\nb\nc\n");
}

#[test]
fn runs_can_do_without_the_cache_or_renew_it() {
    let place = Place::new();
    place.file("p.yaml", SORTS).file("ws/list", "b\na\n");
    run(&place, &["--no-cache"]);
    assert!(run(&place, &[]).stdout.contains("2 tasks ran, 0 cached"), "nothing was kept");
    assert!(run(&place, &["--no-cache"]).stdout.contains("2 tasks ran, 0 cached"), "nothing is taken");
    assert!(run(&place, &["--refresh"]).stdout.contains("2 tasks ran, 0 cached"), "nothing is taken");
    assert!(run(&place, &[]).stdout.contains("0 tasks ran, 2 cached"));
    let both = place.stepwell(&["run", "-f", "p.yaml", "p", "-w", "w=ws", "--refresh", "--no-cache"]);
    assert_eq!(both.code, Some(2), "{both:?}");
}

/// One step: what its task says beside it, the step, and why its result is not kept.
const UNKEPT: [(&str, &str, &str); 9] = [
    ("", "script: date > /dev/null", "not kept: it asked for the time of day"),
    ("", "script: echo $EPOCHSECONDS", "not kept: it asked for the time of day"),
    ("", "script: 'sleep 5 & kill $!'", "not kept: one of its programs sent another a signal"),
    ("", "script: 'sleep 9 & echo on'", "not kept: programs that it had started were still running when it ended"),
    ("", "script: 'mkfifo /workspace/f'", "not kept: it made a named pipe"),
    (
        "",
        "sandbox: {limits: {handles: 4}}, script: 'cat /dev/null /dev/null < /dev/null 3< /dev/null 4< /dev/null || true'",
        "not kept: it met its limit of open handles",
    ),
    ("", "sandbox: {cache: never}, script: 'echo on'", ""),
    ("", "env: [{name: KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}], script: 'echo on'", ""),
    ("sidecars: [{name: beside, image: alpine, script: 'sleep 0.1'}],", "script: 'echo on'", ""),
];

#[test]
fn what_could_end_otherwise_another_time_is_not_kept() {
    let place = Place::new();
    for (number, (task, step, why)) in UNKEPT.into_iter().enumerate() {
        let name = format!("t{number}");
        let text = format!(
            "apiVersion: v1
kind: Secret
metadata: {{name: s}}
stringData: {{k: v}}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {{name: {name}}}
spec: {{{task} steps: [{{name: s, image: bash, {}}}]}}
",
            step
        );
        let file = format!("{name}.yaml");
        place.file(&file, &text);
        for _ in 0..2 {
            let said = place.stepwell(&["run", "-f", &file, &name]).exits(0);
            assert!(said.stdout.contains("1 task ran, 0 cached"), "{name}: {}", said.stdout);
        }
        let show = place.stepwell(&["show"]).exits(0).stdout;
        assert!(show.contains(why), "{name}: {why}: {show}");
        assert!(!why.is_empty() || !show.contains("run: "), "it was not asked for: {show}");
    }
    // The same that says that it may be kept, and one with a clock of its own.
    for (number, sandbox) in ["cache: always", "clock: virtual"].into_iter().enumerate() {
        let text = format!(
            "apiVersion: tekton.dev/v1
kind: Task
metadata: {{name: k{number}}}
spec: {{steps: [{{name: s, image: bash, sandbox: {{{sandbox}}}, script: date}}]}}
"
        );
        place.file("k.yaml", &text);
        let first = place.stepwell(&["run", "-f", "k.yaml", &format!("k{number}")]).exits(0);
        let second = place.stepwell(&["run", "-f", "k.yaml", &format!("k{number}")]).exits(0);
        assert!(second.stdout.contains("0 tasks ran, 1 cached"), "{sandbox}: {}", second.stdout);
        let time = |said| printed(said).first().and_then(|line| line.split("] ").nth(1)).map(str::to_owned);
        assert!(time(&first).is_some() && time(&first) == time(&second), "{first:?} {second:?}");
    }
}

#[test]
fn failures_are_run_again() {
    let place = Place::new();
    place.file(
        "f.yaml",
        "apiVersion: tekton.dev/v1
kind: Task
metadata: {name: f}
spec: {steps: [{name: s, image: bash, onError: continue, script: 'echo no; exit 3'}]}
",
    );
    for _ in 0..2 {
        let said = place.stepwell(&["run", "-f", "f.yaml", "f"]).exits(0);
        assert!(said.stdout.contains("1 task ran, 0 cached"), "{}", said.stdout);
    }
}

/// Files below a directory.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            if entry.path().is_dir() { pending.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found
}

#[test]
fn a_cache_that_is_damaged_or_cannot_be_used_fails_no_run() {
    let place = Place::new();
    place.file("p.yaml", SORTS).file("ws/list", "b\na\n");
    run(&place, &[]);
    run(&place, &[]);
    let store = place.path().join("cache/store");
    let all = files(&store);
    assert!(all.len() > 6, "{all:?}");
    for path in &all {
        let mut bytes = std::fs::read(path).expect("is read");
        let middle = bytes.len() / 2;
        if let Some(byte) = bytes.get_mut(middle) {
            *byte ^= 1;
        }
        std::fs::write(path, bytes).expect("is written");
    }
    let damaged = run(&place, &[]);
    assert!(!damaged.stdout.contains(" cached (saving"), "{}", damaged.stdout);
    assert_eq!(text(&place.path().join("ws/out/sorted")), "a\nb\n");
    // Damage is found when something is read: then it goes, and is written anew.
    run(&place, &[]);
    assert!(run(&place, &[]).stdout.contains("0 tasks ran, 2 cached"), "it is whole again");

    std::fs::remove_dir_all(&store).expect("is removed");
    std::fs::write(&store, "no directory").expect("is written");
    let broken = run(&place, &[]);
    assert!(broken.stdout.contains("2 tasks ran, 0 cached"), "{}", broken.stdout);
    assert_eq!(broken.stdout.matches("results of steps are neither taken nor kept").count(), 1, "{}", broken.stdout);
}

/// Runs of one script on one workspace: what it is kept from, what it is taken for, and what a fresh run of that says.
fn taken(first: &str, change: &str, then: &str) -> [String; 2] {
    let mut said = Vec::new();
    for flags in [&[][..], &["--no-cache"]] {
        let place = Place::new();
        let task = |name: &str, script: &str| {
            let text = format!(
                "apiVersion: tekton.dev/v1
kind: Task
metadata: {{name: {name}}}
spec:
  workspaces: [{{name: w}}]
  steps:
  - {{name: s, image: bash, workingDir: /workspace/w, script: {script:?}}}
  - {{name: t, image: bash, workingDir: /workspace/w, script: {then:?}}}
"
            );
            place.file(&format!("{name}.yaml"), &text);
        };
        let script = |name: &str| {
            let output = std::process::Command::new("bash")
                .args(["-c", name])
                .current_dir(place.path().join("ws"))
                .output()
                .expect("bash runs");
            assert!(output.status.success(), "{output:?}");
        };
        place.file("ws/old", "old\n").file("ws/other", "other\n").file("ws/d/x", "x");
        task("t", first);
        let run = |more: &[&str]| place.stepwell(&[&["run", "-f", "t.yaml", "t", "-w", "w=ws"], more].concat());
        let _ = run(flags);
        std::fs::remove_dir_all(place.path().join("ws")).expect("is removed");
        place.file("ws/old", "old\n").file("ws/other", "other\n").file("ws/d/x", "x");
        script(change);
        let again = run(flags);
        let printed: Vec<String> = again
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix('[')?.split("] ").nth(1).map(str::to_owned))
            .collect();
        said.push(format!("{:?} {printed:?} {}", again.code, picture(&place.path().join("ws"))));
    }
    [said.remove(0), said.remove(0)]
}

/// Names, kinds, modes, links and contents.
fn picture(dir: &Path) -> String {
    let output = std::process::Command::new("bash")
        .args(["-c", "find . -printf '%P %y %m %n %l\\n' | sort; find . -type f | sort | xargs cat"])
        .current_dir(dir)
        .output()
        .expect("bash runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a step did, what is changed before it is asked for again, and what is looked at then: told as by a fresh run.
const TAKEN: [(&str, &str, &str); 16] = [
    ("echo new > a; rm old; echo new > old", "ln old linked", "cat linked old"),
    ("rm old; echo new > old", "true", "cat old"),
    ("sed -i s/old/new/ old", "ln old linked", "cat linked old"),
    ("mv old moved", "ln old linked", "echo y >> linked; cat moved"),
    ("mv old moved; echo n > new", "true", "[ moved -nt new ] && echo newer; [ new -nt moved ] && echo older"),
    ("mv d e", "true", "ls -R e; [ e -nt old ] && echo newer"),
    ("cp -a d e; touch -d 2021-05-05 e e/x", "true", "stat -c '%n %Y' e e/x"),
    ("touch -d 2021-05-05 d; ln -s old l; touch -h -d 2020-02-02 l", "true", "stat -c '%n %Y' d l"),
    ("touch -a -d 2001-01-01 old", "true", "stat -c %X old"),
    ("echo x > d/new; rm d/new", "true", "[ d -nt old ] && echo newer"),
    ("chmod 755 old", "true", "stat -c '%a %s' old"),
    ("chmod 755 old", "echo other text > old", "stat -c '%a %s' old; cat old"),
    ("mkdir r; echo x > r/f; chmod 555 r", "true", "ls -l r | wc -l; stat -c %a r"),
    ("ls | wc -l", "touch $'a\\xff' $'a\\xfe'", "ls | wc -l"),
    ("rm -r d", "mkdir d/deeper; echo x > d/deeper/y", "ls"),
    ("mv other old; cat old", "echo changed > other", "cat old"),
];

#[test]
fn what_is_taken_is_what_a_run_would_have_left() {
    for (first, change, then) in TAKEN {
        let [taken, fresh] = taken(first, change, then);
        assert_eq!(taken, fresh, "{first} | {change} | {then}");
    }
}

/// What a step is told otherwise than by files.
#[test]
fn what_a_step_is_told_is_part_of_what_it_is_known_by() {
    let place = Place::new();
    let run = |spec: &str| {
        place.file("t.yaml", &format!("apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {{name: t}}\nspec: {spec}\n"));
        place.stepwell(&["run", "-f", "t.yaml", "t"]).exits(0).stdout
    };
    for user in ["1000", "2000"] {
        let said = run(&format!(
            "{{steps: [{{name: s, image: bash, securityContext: {{runAsUser: {user}}}, script: id -u}}]}}"
        ));
        assert!(said.contains(&format!("] {user}\n")) && said.contains("1 task ran"), "{said}");
    }
    // A step's own results lie in a directory that is made when it writes there.
    let results =
        "{steps: [{name: s, image: bash, results: [{name: r}], script: 'echo -n a > $(step.results.r.path)'}]}";
    assert!(run(results).contains("1 task ran"));
    assert!(run(results).contains("0 tasks ran, 1 cached"), "its result is taken");
    // A volume of its own is on disk once somebody writes to it.
    for script in
        ["echo a > /scratch/a; mkdir /scratch/d", "echo a > /scratch/a; rm /scratch/a", "ls /scratch; touch /scratch/b"]
    {
        let spec = format!(
            "{{volumes: [{{name: v, emptyDir: {{}}}}], steps: [{{name: s, image: bash, volumeMounts: [{{name: v, mountPath: /scratch}}], script: '{script}'}}, {{name: t, image: bash, volumeMounts: [{{name: v, mountPath: /scratch}}], script: 'ls -R /scratch; ls /scratch | wc -l'}}]}}"
        );
        let first = run(&spec);
        let again = run(&spec);
        assert!(first.contains("1 task ran") && again.contains("0 tasks ran, 1 cached"), "{script}: {again}");
    }
    let real = "{steps: [{name: s, image: bash, sandbox: {random: real}, script: 'mktemp -u'}]}";
    assert_ne!(run(real).split("] ").nth(1), run(real).split("] ").nth(1), "nobody knows it beforehand");
}

/// Seeded bytes are another's at another try: what one try left is not taken for another's.
#[test]
fn tries_are_told_apart() {
    let place = Place::new();
    let text = "apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: p}
spec:
  tasks:
  - name: t
    retries: 8
    taskSpec: {steps: [{name: s, image: bash, script: 'r=$RANDOM; echo $r; [ $((r % 3)) = 0 ]'}]}
";
    place.file("p.yaml", text);
    let run = |more: &[&str]| {
        let said = place.stepwell(&[&["run", "-f", "p.yaml", "p", "--logs", "all"], more].concat());
        printed(&said).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let first = run(&[]);
    assert_eq!(run(&[]), first);
    assert_eq!(run(&["--no-cache"]), first);
}
