//! Volumes: names and paths that try to get out, objects that are missing, files in memory.

use super::*;
use crate::model::request::{EnvRequest, ProjectedItem, ProjectedSource};

fn objects() -> Arc<Objects> {
    let mut objects = Objects::default();
    let data =
        |pairs: &[(&str, &[u8])]| -> ObjectData { pairs.iter().map(|(k, v)| ((*k).to_owned(), v.to_vec())).collect() };
    let key = |name: &str| ("default".to_owned(), name.to_owned());
    objects.config_maps.insert(key("conf"), data(&[("a", b"1"), ("b.txt", b"\xff2"), ("x=y", b"3")]));
    objects.secrets.insert(key("pass"), data(&[("token", b"hunter2")]));
    Arc::new(objects)
}

fn volumes(dir: &Path) -> Volumes {
    let commits = commit::Commits { dir: dir.join("commits"), ground: Arc::default() };
    Volumes::new(VolumesOptions { volumes_dir: dir.join("volumes"), objects: objects(), commits })
}

fn source(object: ObjectKind, name: &str, items: &[(&str, &str)], optional: bool) -> ProjectedSource {
    ProjectedSource {
        object,
        name: name.to_owned(),
        optional,
        items: items
            .iter()
            .map(|(key, path)| ProjectedItem { key: (*key).to_owned(), path: (*path).to_owned(), mode: Some(0o400) })
            .collect(),
        default_mode: None,
    }
}

fn open(dir: &Path, source: VolumeSource) -> Result<Volume, VolumeError> {
    let request = VolumeRequest { key: "../v".to_owned(), source };
    volumes(dir).open("default", &request, &dir.join("scratch"))
}

#[test]
fn nothing_is_on_disk_before_the_first_write() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for source in [VolumeSource::EmptyDir, VolumeSource::Claim { name: "c".to_owned() }] {
        let volume = open(dir.path(), source).expect("opens");
        let (Content::Own(place) | Content::Shared(place)) = volume.content else {
            panic!("a directory");
        };
        let place = place.inside("a/b");
        assert!(place.dir().expect("no fault").is_none());
        assert!(!dir.path().join("volumes").exists() && !dir.path().join("scratch").exists());
        place.make().expect("is made");
        assert!(place.path().is_dir() && place.path().starts_with(dir.path()));
        std::fs::remove_dir_all(dir.path().join("volumes")).ok();
        std::fs::remove_dir_all(dir.path().join("scratch")).ok();
    }
}

#[test]
fn names_and_paths_cannot_leave() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for name in ["..", ".", "", "a/b", "../../etc", ".hidden", "a\0b"] {
        let answer = open(dir.path(), VolumeSource::Claim { name: name.to_owned() });
        assert!(matches!(answer, Err(VolumeError::BadName { .. })), "{name:?}");
    }
    for path in ["../x", "a/../../b", "a/..", "/etc/../..", "\0"] {
        assert!(relative_path(path).is_err(), "{path:?}");
    }
    let items = [("a", "../../out")];
    let sources = vec![source(ObjectKind::ConfigMap, "conf", &items, false)];
    assert!(matches!(
        open(dir.path(), VolumeSource::Projected { sources, texts: vec![] }),
        Err(VolumeError::BadPath { .. })
    ));
}

#[test]
fn a_link_in_a_sub_path_cannot_leave() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let top = dir.path().join("top");
    std::fs::create_dir_all(&top).expect("is made");
    std::os::unix::fs::symlink("/etc", top.join("out")).expect("is made");
    let path = top.to_string_lossy().into_owned();
    let volume = open(dir.path(), VolumeSource::HostDir { path, read_only: false }).expect("opens");
    let Content::Shared(place) = volume.content else {
        panic!("a directory");
    };
    let place = place.inside("out");
    assert!(place.dir().is_err() && place.make().is_err());
}

/// A step that may write above a workspace puts a link in the workspace's place.
#[test]
fn a_directory_that_became_a_link_is_not_opened() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let inner = dir.path().join("outer/inner/deep");
    std::fs::create_dir_all(&inner).expect("is made");
    std::fs::create_dir_all(dir.path().join("outside/deep")).expect("is made");
    let source = || VolumeSource::HostDir { path: inner.to_str().expect("is text").to_owned(), read_only: false };
    assert!(open(dir.path(), source()).is_ok());
    let above = dir.path().join("outer/inner");
    std::fs::rename(&above, dir.path().join("moved")).expect("is moved");
    std::os::unix::fs::symlink(dir.path().join("outside"), &above).expect("is made");
    let refused = open(dir.path(), source()).expect_err("is refused").to_string();
    assert!(refused.contains("a link stands in its path now"), "{refused}");
}

#[test]
fn objects_become_files() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let sources = vec![
        source(ObjectKind::ConfigMap, "conf", &[("a", "deep/./er/a")], false),
        source(ObjectKind::Secret, "pass", &[], false),
        source(ObjectKind::Secret, "absent", &[], true),
    ];
    let volume = open(dir.path(), VolumeSource::Projected { sources, texts: vec![] }).expect("opens");
    assert!(volume.read_only);
    assert!(!format!("{volume:?} {:?}", objects()).contains("hunter2"));
    let Content::Held(files) = &volume.content else { panic!("in memory") };
    let paths: Vec<_> = files.0.iter().map(|(p, f)| (p.as_str(), f.mode)).collect();
    assert_eq!(paths, [("deep/er/a", 0o400), ("token", 0o644)]);
    assert!(files.inside("deep/er").0.contains_key("a"));
    assert!(files.inside("token").0.contains_key(""));

    let missing = |name: &str, items: &[(&str, &str)]| {
        let sources = vec![source(ObjectKind::Secret, name, items, false)];
        open(dir.path(), VolumeSource::Projected { sources, texts: vec![] }).expect_err("is missing")
    };
    assert!(matches!(missing("absent", &[]), VolumeError::ObjectMissing { .. }));
    assert!(matches!(missing("pass", &[("no", "x")]), VolumeError::KeyMissing { .. }));
}

#[test]
fn the_environment_is_made_in_order() {
    let value = |name: &str, value: &str| EnvRequest::Value { name: name.to_owned(), value: value.to_owned() };
    let key = |name: &str, key: &str, optional| EnvRequest::Key {
        name: name.to_owned(),
        object: ObjectKind::Secret,
        object_name: "pass".to_owned(),
        key: key.to_owned(),
        optional,
    };
    let all = EnvRequest::All {
        prefix: "P_".to_owned(),
        object: ObjectKind::ConfigMap,
        object_name: "conf".to_owned(),
        optional: false,
    };
    let requests = [value("A", "1"), all, key("T", "token", false), key("N", "no", true), value("A", "2")];
    let environment = objects().environment("default", &requests).expect("is made");
    let shown: Vec<_> = environment.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(shown, ["A=2", "P_a=1", "P_b.txt=\u{fffd}2", "T=hunter2"]);
    assert!(objects().environment("default", &[key("N", "no", false)]).is_err());
    assert!(objects().environment("other", &[key("T", "token", false)]).is_err());
}

/// Deeper than recursion reaches on any stack, and than files can be open.
#[test]
fn trees_of_any_depth_are_removed() {
    use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
    let dir = tempfile::tempdir().expect("a temporary directory");
    let tree = dir.path().join("tree");
    std::fs::create_dir(&tree).expect("is made");
    // Names that the removal itself would choose, a link that leads out, and a full directory.
    std::fs::write(dir.path().join("kept"), "kept").expect("is written");
    std::fs::write(tree.join("0"), "").expect("is written");
    std::fs::create_dir_all(tree.join("1/x/y")).expect("are made");
    std::fs::write(tree.join("1/x/y/z"), "").expect("is written");
    std::os::unix::fs::symlink("../..", tree.join("1/x/up")).expect("is made");
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut at = openat(CWD, &tree, flags, Mode::empty()).expect("is opened");
    for _ in 0..10_000 {
        mkdirat(&at, "a", Mode::from_raw_mode(0o777)).expect("is made");
        mkdirat(&at, "b", Mode::from_raw_mode(0o777)).expect("is made");
        at = openat(&at, "a", flags, Mode::empty()).expect("is opened");
    }
    remove_tree(&tree).expect("is removed");
    assert!(!tree.exists());
    assert_eq!(std::fs::read_to_string(dir.path().join("kept")).expect("is there"), "kept");
    remove_tree(&tree).expect("nothing is there, which is as well");
    // A link is removed and not what it names; a file is not a tree.
    std::os::unix::fs::symlink(dir.path(), &tree).expect("is made");
    remove_tree(&tree).expect("is removed");
    assert!(dir.path().join("kept").exists() && !tree.is_symlink());
    assert!(remove_tree(&dir.path().join("kept")).is_err());
}
