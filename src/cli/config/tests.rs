//! What configuration files may say, and what is said of those that are wrong.

use super::*;
use serde_json::json;

#[track_caller]
fn wrong(text: &str, owner: Owner) -> Diagnostic {
    *parse(text, owner, Path::new("/")).expect_err("the file is wrong")
}

#[test]
fn the_keys_of_the_flags_are_read() {
    let text = "stateDir: /s\ncacheDir: /c\nparallel: 3\noutput: json\nlogs: all\nimageMap: false\n\
                limits: {memory: 64Mi, cpu: 20s, files: 10k}\n";
    let config = parse(text, Owner::User, Path::new("/")).expect("a right file");
    assert_eq!(config.keys.state_dir.as_deref(), Some(Path::new("/s")));
    assert_eq!((config.keys.parallel, config.output, config.logs), (Some(3), Some(Output::Json), Some(Logs::All)));
    assert_eq!(config.image_map, Some(false));
    assert_eq!((config.limits.memory, config.limits.cpu), (Some(64 << 20), Some(20_000_000_000)));
    assert_eq!(parse("# nothing\n", Owner::User, Path::new("/")), Ok(Config::default()));
}

#[test]
fn unknown_keys_are_named_with_the_nearest() {
    let found = wrong("parallel: 2\nparalel: 3\n", Owner::User);
    assert_eq!((found.code.as_str(), found.help.as_str()), ("unknown-key", "did you mean `parallel`?"));
    assert_eq!(found.span.map(|s| (s.line, s.column, s.end_column)), Some((2, 1, 8)));
    let found = wrong("limits:\n  memry: 1Gi\n", Owner::User);
    assert_eq!(
        found.message,
        "there is no limit `memry`; the limits are memory, cpu, disk, files, output, handles, compileMemory, compileTime"
    );
    assert_eq!(found.span.map(|s| (s.line, s.column)), Some((2, 3)));
}

#[test]
fn values_of_the_wrong_kind_are_refused_at_their_place() {
    for text in [
        "parallel: many\n",
        "parallel: 0\n",
        "output: xml\n",
        "limits: {cpu: 1Gi}\n",
        "imageMap: 3\n",
        "[1]\n",
        "a: [\n",
    ] {
        let found = wrong(text, Owner::User);
        assert!(found.span.is_some(), "{found:?}");
    }
}

#[test]
fn a_project_can_only_narrow() {
    let found = wrong("parallel: 2\nstateDir: /elsewhere\n", Owner::Project);
    assert_eq!(
        (found.message.as_str(), found.span.map(|s| s.line)),
        ("a project's file cannot set `stateDir`", Some(2))
    );
    let config =
        parse("limits: {memory: 64Mi, disk: 1Ti, handles: 2k, compileTime: 1s}\n", Owner::Project, Path::new("/"))
            .expect("a right file");
    let mut limits = Limits::default();
    config.limits.lower(&mut limits);
    assert_eq!((limits.memory, limits.disk, limits.handles), (64 << 20, Limits::default().disk, 1024));
    let mut lower = parse("limits: {handles: 10}\n", Owner::Project, Path::new("/")).expect("a right file").limits;
    lower.lower(&mut limits);
    lower.handles = Some(11);
    lower.lower(&mut limits);
    assert_eq!(limits.handles, 10);
    let mut compile = CompileLimits::default();
    config.limits.lower_compile(&mut compile);
    assert_eq!((compile.memory, compile.time), (CompileLimits::default().memory, 1_000_000_000));
}

#[test]
fn a_projects_modules_lie_inside_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let inside = dir.path().join("project");
    std::fs::create_dir(&inside).expect("made");
    std::fs::write(inside.join("sh.wasm"), b"").expect("written");
    std::fs::write(dir.path().join("evil.wasm"), b"").expect("written");
    let rule = |module: &str| image_rule(&json!({"match": "node", "module": module}), Owner::Project, &inside);
    assert!(rule("./sh.wasm").is_ok_and(|r| r.module.ends_with("/project/sh.wasm")));
    assert_eq!(
        rule("../evil.wasm").map(|r| r.module),
        Err("the module `../evil.wasm` lies outside the project".into())
    );
    assert!(rule("./none.wasm").is_err());
    std::os::unix::fs::symlink("../evil.wasm", inside.join("link.wasm")).expect("made");
    assert!(rule("./link.wasm").is_err());
    assert!(rule("builtin:sh").is_ok());
    let rule =
        json!({"match": "node", "module": "builtin:sh", "env": {"A": "b"}, "command": ["node"], "workingDir": "/x"});
    let rule = image_rule(&rule, Owner::User, &inside).expect("is a rule");
    assert_eq!((rule.env["A"].as_str(), rule.command, rule.working_dir.as_str()), ("b", vec!["node".to_owned()], "/x"));
    assert!(image_rule(&json!({"match": "node", "module": "builtin:sh", "env": []}), Owner::User, &inside).is_err());
    assert!(
        image_rule(&json!({"match": "node", "module": "builtin:sh", "command": "x"}), Owner::User, &inside).is_err()
    );
}
