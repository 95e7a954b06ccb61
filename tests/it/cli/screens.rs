//! What reaches a reader of a guest's control characters and of our colours.

use super::place::{Place, prints, task_run};

const HOSTILE: &str = "\x1b]52;c;cm0gLXJm\x07\x1b[31mred\x1b[0m\n";

#[test]
fn stored_logs_keep_the_bytes() {
    let place = Place::new();
    place.module("a.wasm", &prints(HOSTILE, 0)).file("t.yaml", &task_run("t", "a.wasm"));
    place.stepwell(&["run", "-f", "t.yaml"]).exits(0);
    assert_eq!(place.stepwell(&["logs", "t", "t/only"]).exits(0).stdout, HOSTILE);
}

#[test]
fn colours_come_when_asked_for_and_no_color_ends_them() {
    let place = Place::new();
    place.module("a.wasm", &prints("x\n", 0)).file("t.yaml", &task_run("t", "a.wasm"));
    assert!(place.stepwell(&["run", "-f", "t.yaml", "--color", "always"]).exits(0).stdout.contains("\x1b["));
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let output = place.command(&["run", "-f", "t.yaml"]).env(name, value).output().expect("runs");
        assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
    }
}

#[test]
fn names_in_messages_are_escaped() {
    let place = Place::new();
    let said = place.stepwell(&["show", "\u{1b}[2J\u{202e}x"]).exits(2);
    assert!(!said.stderr.contains('\x1b') && !said.stderr.contains('\u{202e}'), "{said:?}");
    place.file("bad.yaml", "kind: \"\\e[2J\"\napiVersion: tekton.dev/v1\n\"\\e]0;x\\a\": 1\n");
    let said = place.stepwell(&["check", "-f", "bad.yaml"]);
    assert!(!said.stdout.contains('\x1b') && !said.stderr.contains('\x1b'), "{said:?}");
}
