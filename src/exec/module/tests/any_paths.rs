//! Any path in any tree: it means what a plain model says.
//!
//! The model knows nothing of mounts, retries or how a backend answers: it is a map of names.

use super::bytes::Bytes;
use crate::exec::module::fs::backend::Kind;
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::walk::Base;
use crate::model::outcome::Limits;
use crate::volumes::Place;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

/// What stands at a path of the model.
#[derive(Debug, Clone)]
enum Node {
    Dir,
    File,
    Link(String),
}

/// Up to `most` of these words, with slashes between them.
fn joined(bytes: &mut Bytes<'_>, most: u32, words: &[&str]) -> String {
    let count = 1 + bytes.below(most);
    (0..count).map(|_| bytes.one_of(words)).collect::<Vec<_>>().join("/")
}

fn tree(bytes: &mut Bytes<'_>) -> Vec<(String, Node)> {
    let count = bytes.below(20);
    let node = |bytes: &mut Bytes<'_>| match bytes.below(9) {
        0..=3 => Node::Dir,
        4 | 5 => Node::File,
        _ => Node::Link(joined(bytes, 3, &["a", "b", "c", "..", ".", "", "/a", "/b/c", "../.."])),
    };
    (0..count).map(|_| (joined(bytes, 3, &["a", "b", "c"]), node(bytes))).collect()
}

/// Makes what can be made of a random tree, and tells what was.
fn make(root: &Path, wanted: &[(String, Node)]) -> BTreeMap<String, Node> {
    let mut made = BTreeMap::new();
    std::fs::create_dir_all(root).expect("is made");
    for (path, node) in wanted {
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        let stands = above.is_empty() || matches!(made.get(above), Some(Node::Dir));
        if !stands || made.contains_key(path) || matches!(node, Node::Link(target) if target.is_empty()) {
            continue;
        }
        let full = root.join(path);
        match node {
            Node::Dir => std::fs::create_dir(full).expect("is made"),
            Node::File => std::fs::write(full, "x").expect("is written"),
            Node::Link(target) => std::os::unix::fs::symlink(target, full).expect("is made"),
        }
        made.insert(path.clone(), node.clone());
    }
    made
}

/// What a path means: POSIX's rules, over a map.
fn model(tree: &BTreeMap<String, Node>, text: &str, follow: bool) -> Result<Kind, Errno> {
    if text.is_empty() {
        return Err(Errno::NoEntry);
    }
    if text.starts_with('/') {
        return Err(Errno::NotPermitted);
    }
    let must_be_dir = matches!(text.rsplit('/').next(), Some("" | "." | ".."));
    let mut here: Vec<String> = Vec::new();
    let mut left: VecDeque<String> = text.split('/').map(str::to_owned).collect();
    let mut links = 0;
    while let Some(name) = left.pop_front() {
        if name.is_empty() || name == "." {
            continue;
        }
        if name == ".." {
            here.pop();
            continue;
        }
        let last = left.iter().all(|name| name.is_empty() || name == ".");
        here.push(name);
        match tree.get(&here.join("/")) {
            None => return Err(Errno::NoEntry),
            Some(Node::Dir) => {}
            Some(Node::File) if !last || must_be_dir || !left.is_empty() => return Err(Errno::NotDir),
            Some(Node::File) => return Ok(Kind::File),
            Some(Node::Link(_)) if last && left.is_empty() && !follow && !must_be_dir => return Ok(Kind::Symlink),
            Some(Node::Link(target)) => {
                links += 1;
                if links > 40 {
                    return Err(Errno::Loop);
                }
                here.pop();
                if target.starts_with('/') {
                    here.clear();
                }
                for part in target.rsplit('/') {
                    left.push_front(part.to_owned());
                }
            }
        }
    }
    Ok(Kind::Dir)
}

/// The most paths that bytes are read for.
const MOST_PATHS: usize = 40;

/// Makes the tree that these bytes choose in an empty directory, and asks for paths in it.
pub fn check(dir: &Path, bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let tree = make(&dir.join("root"), &tree(&mut bytes));
    let guest = super::guest::with_mounts(Place::shared(dir.join("root")), Vec::new(), Limits::default());
    let root = Base { path: "", open_above: true };
    for _ in 0..MOST_PATHS {
        let text = joined(&mut bytes, 6, &["a", "b", "c", "..", ".", "", "x"]);
        let follow = bytes.below(2) == 0;
        if bytes.is_over() {
            break;
        }
        let found = guest.step.fs.stat(root, &text, follow).map(|seen| seen.kind);
        // `/tmp` and `/tekton` are there as well, under names that are not asked for.
        assert_eq!(found, model(&tree, &text, follow), "{text:?} follow {follow} in {tree:?}");
    }
}
