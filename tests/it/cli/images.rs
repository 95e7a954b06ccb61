//! Image maps of the user's: which module stands for which image. Knows the flags and the file.

use super::place::{Place, prints, task_run};

#[test]
fn a_file_of_the_users_comes_before_the_map_or_in_its_place() {
    let place = Place::new();
    place.file("maps/images.yaml", "- {match: node, module: ./node.wasm}\n- match: alpine\n  module: node.wasm\n");
    place.module("maps/node.wasm", &prints("from the map\n", 0));
    place.file("t.yaml", &task_run("t", "docker.io/library/node:22").replace("./docker.io", "docker.io"));
    let said = place.stepwell(&["run", "-f", "t.yaml"]).exits(2);
    assert!(said.stderr.contains("is a container image"), "{said:?}");
    let map = ["--image-map", "maps/images.yaml"];
    let run = |more: &[&str]| place.stepwell(&[&["run", "-f", "t.yaml", "--logs", "all"], &map[..], more].concat());
    for more in [&[][..], &["--no-image-map"]] {
        let said = run(more).exits(0);
        assert!(said.stdout.contains("from the map"), "{said:?}");
    }
    let explained = |image: &str, more: &[&str]| {
        place.file("u.yaml", &task_run("t", "IMAGE").replace("./IMAGE", image).replace("IMAGE", image));
        place.stepwell(&[&["run", "-f", "u.yaml", "--explain-images"], &map[..], more].concat()).exits(0).stdout
    };
    assert!(explained("alpine:3", &[]).contains("node.wasm"));
    assert!(explained("busybox", &[]).contains("builtin:sh"));
    assert!(explained("busybox", &["--no-image-map"]).contains("nothing here"));
}

#[test]
fn what_is_wrong_in_an_image_map_is_said_with_its_line() {
    let place = Place::new();
    place.module("a.wasm", &prints("a\n", 0)).file("t.yaml", &task_run("t", "a.wasm"));
    let said = |map: &str| {
        place.file("map.yaml", map);
        place.stepwell(&["run", "-f", "t.yaml", "--image-map", "map.yaml"]).exits(2).stderr
    };
    let wrong = said("- {match: a, module: a.wasm}\n- {match: b, modul: a.wasm}\n");
    assert!(wrong.contains("an image map entry has no `modul`") && wrong.contains("map.yaml:2:1"), "{wrong}");
    assert!(said("{match: a}\n").contains("an image map is a list of entries"));
    assert!(said("- {match: a, module: none.wasm}\n").contains("cannot be used"));
    assert!(said("- [\n").contains("map.yaml:"));
    let gone = place.stepwell(&["run", "-f", "t.yaml", "--image-map", "gone.yaml"]).exits(2).stderr;
    assert!(gone.contains("cannot read the image map") && gone.contains("--image-map"), "{gone}");
}
