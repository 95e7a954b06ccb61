//! Every pipeline in `examples/` is run by a test, which takes its commands from the README beside it: so each file
//! has to stand in a line that starts with `$ stepwell run`. Knows nothing of pipelines.

/// What is wrong with the examples among these paths, read by the given function.
pub(super) fn check(paths: &[String], read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let yaml = paths.iter().filter(|path| path.starts_with("examples/") && path.ends_with(".yaml"));
    for path in yaml.filter(|path| path.matches('/').count() == 2) {
        let Some((folder, name)) = path.rsplit_once('/') else { continue };
        let readme = read_if_there(paths, &format!("{folder}/README.md"), &read);
        let shown = readme
            .lines()
            .filter(|line| line.starts_with("$ stepwell run "))
            .any(|line| line.split(' ').any(|word| word == name));
        if !shown {
            wrong.push(format!("{path}: no line `$ stepwell run` in {folder}/README.md names it, so no test runs it"));
        }
    }
    wrong
}

fn read_if_there(paths: &[String], path: &str, read: &impl Fn(&str) -> Option<String>) -> String {
    paths.iter().any(|other| other == path).then(|| read(path)).flatten().unwrap_or_default()
}

#[test]
fn an_example_that_nobody_runs_is_seen() {
    let paths = ["examples/a/README.md", "examples/a/one.yaml", "examples/a/two.yaml", "examples/b/x.yaml"];
    let paths = paths.map(str::to_owned);
    let wrong = check(&paths, |_| Some("$ stepwell run -f one.yaml -p x=y\nsee two.yaml\n".into()));
    let named: Vec<&str> = wrong.iter().filter_map(|text| text.split(':').next()).collect();
    assert_eq!(named, ["examples/a/two.yaml", "examples/b/x.yaml"]);
}
