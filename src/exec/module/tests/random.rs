//! Random calls with random arguments, and random paths in random trees, compared with a plain model.
//!
//! Knows the functions of preview 1 and what a path means. The model knows nothing of mounts, retries or
//! how a backend answers: it is a map of names.

use super::guest::*;
use crate::exec::module::fs::backend::Kind;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::walk::Base;
use crate::exec::module::preview1::{Call, clock, dir, fd, io, path, process};
use crate::model::outcome::Limits;
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

/// One call: which function, and what it is given.
#[derive(Debug, Clone)]
struct Random {
    function: u8,
    numbers: [u32; 9],
    wide: u64,
}

/// Numbers that mean something here and there: handles, small lengths, addresses of the strings below.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![
        4 => 0u32..8,
        3 => prop::sample::select(vec![TEXTS, TEXTS + 8, TEXTS + 16, TEXTS + 24, TEXTS + 32, LIST, RESULT, BUFFER]),
        2 => 0u32..64,
        1 => prop::sample::select(vec![u32::MAX, u32::MAX - 7, 0xffff, 0x10_0000, 0xf_fff8, 1 << 31]),
        1 => any::<u32>(),
    ]
}

const TEXTS: u32 = 0x2000;
const LIST: u32 = 0x3000;

fn random() -> impl Strategy<Value = Random> {
    let wide = prop_oneof![3 => 0u64..64, 1 => any::<u64>(), 1 => Just(u64::MAX), 1 => Just((1 << 29) - 1)];
    (0u8..46, prop::array::uniform9(number()), wide).prop_map(|(function, numbers, wide)| Random {
        function,
        numbers,
        wide,
    })
}

#[rustfmt::skip]
fn act(c: &mut Call<'_>, r: &Random) -> Result<(), Stop> {
    let [a, b, d, e, f, g, h, i, _] = r.numbers;
    let w = r.wide;
    match r.function {
        0 => process::args_get(c, a, b), 1 => process::args_sizes_get(c, a, b),
        2 => process::environ_get(c, a, b), 3 => process::environ_sizes_get(c, a, b),
        4 => clock::clock_res_get(c, a, b), 5 => clock::clock_time_get(c, a, w, b),
        6 => fd::fd_advise(c, a, w, w, b), 7 => fd::fd_allocate(c, a, w, w), 8 => fd::fd_close(c, a),
        9 => fd::fd_datasync(c, a), 10 => fd::fd_sync(c, a), 11 => fd::fd_fdstat_get(c, a, b),
        12 => fd::fd_fdstat_set_flags(c, a, b), 13 => fd::fd_fdstat_set_rights(c, a, w, w),
        14 => fd::fd_filestat_get(c, a, b), 15 => fd::fd_filestat_set_size(c, a, w),
        16 => fd::fd_filestat_set_times(c, a, w, w, b), 17 => io::fd_pread(c, a, b, d, w, e),
        18 => dir::fd_prestat_get(c, a, b), 19 => dir::fd_prestat_dir_name(c, a, b, d),
        20 => io::fd_pwrite(c, a, b, d, w, e), 21 => io::fd_read(c, a, b, d, e),
        22 => dir::fd_readdir(c, a, b, d, w, e), 23 => fd::fd_renumber(c, a, b),
        24 => fd::fd_seek(c, a, w as i64, b, d), 25 => fd::fd_tell(c, a, b), 26 => io::fd_write(c, a, b, d, e),
        27 => path::path_create_directory(c, a, b, d), 28 => path::path_filestat_get(c, a, b, d, e, f),
        29 => path::path_filestat_set_times(c, a, b, d, e, w, w, f), 30 => path::path_link(c, a, b, d, e, f, g, h),
        31..=34 => path::path_open(c, a, b, d, e, f, w, w, g, h), 35 => path::path_readlink(c, a, b, d, e, f, g),
        36 => path::path_remove_directory(c, a, b, d), 37 => path::path_rename(c, a, b, d, e, f, g),
        38 => path::path_symlink(c, a, b, d, e, f), 39 => path::path_unlink_file(c, a, b, d),
        // A guest that sleeps for long would do just that.
        40 => clock::poll_oneoff(c, a, b, d.min(1), if i == 0 { e } else { f }), 41 => process::random_get(c, a, b),
        42 => process::sock_accept(c, a, b, d), 43 => process::sock_recv(c, a, b, d, e, f, g),
        44 => process::sock_send(c, a, b, d, e, f), _ => process::sock_shutdown(c, a, b),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing panics, nothing outside changes, limits hold, whatever is called with whatever.
    #[test]
    fn any_calls_with_any_arguments_are_answered(calls in prop::collection::vec(random(), 1..80)) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let canary = dir.path().join("canary");
        std::fs::write(&canary, "untouched").expect("is written");
        let limits = Limits { wall: Some(200_000_000), disk: 1 << 20, output: 1 << 20, handles: 16, ..Limits::default() };
        let mut guest = guest(dir.path(), limits);
        std::fs::write(dir.path().join("fixed/f"), "fixed").expect("is written");
        for (at, text) in [b"a/../b\0\0", b"../../ca", b"nary\0\0\0\0", b"workspac", b"e/w/fixd"].iter().enumerate() {
            guest.memory[TEXTS as usize + at * 8..][..8].copy_from_slice(*text);
        }
        for word in 0..64u32 {
            let bytes = (word * 3 % 40).to_le_bytes();
            guest.memory[(LIST + word * 4) as usize..][..4].copy_from_slice(&bytes);
        }
        let size = guest.memory.len();
        for call in &calls {
            if let Err(Stop::End(_)) = guest.call(|c| act(c, call)) {
                break;
            }
        }
        prop_assert_eq!(guest.memory.len(), size);
        prop_assert_eq!(std::fs::read_to_string(&canary).expect("is there"), "untouched");
        prop_assert_eq!(std::fs::read_to_string(dir.path().join("fixed/f")).expect("is there"), "fixed");
    }
}

/// What stands at a path of the model.
#[derive(Debug, Clone)]
enum Node {
    Dir,
    File,
    Link(String),
}

fn tree() -> impl Strategy<Value = Vec<(String, Node)>> {
    let name = || prop::sample::select(vec!["a", "b", "c"]);
    let path = prop::collection::vec(name(), 1..4).prop_map(|names| names.join("/"));
    let word = || prop::sample::select(vec!["a", "b", "c", "..", ".", "", "/a", "/b/c", "../.."]);
    let target = prop::collection::vec(word(), 1..4).prop_map(|words| words.join("/"));
    let node = prop_oneof![4 => Just(Node::Dir), 2 => Just(Node::File), 3 => target.prop_map(Node::Link)];
    prop::collection::vec((path, node), 0..20)
}

fn asked() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["a", "b", "c", "..", ".", "", "x"]);
    prop::collection::vec(word, 1..7).prop_map(|words| words.join("/"))
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_path_means_what_a_plain_model_says(
        wanted in tree(),
        paths in prop::collection::vec((asked(), any::<bool>()), 1..20),
    ) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let tree = make(&dir.path().join("root"), &wanted);
        let guest = super::guest::with_mounts(
            crate::volumes::Place::shared(dir.path().join("root")),
            Vec::new(),
            Limits::default(),
        );
        let root = Base { path: "", open_above: true };
        for (text, follow) in &paths {
            let found = guest.step.fs.stat(root, text, *follow).map(|seen| seen.kind);
            // `/tmp` and `/tekton` are there as well, under names that are not asked for.
            prop_assert_eq!(found, model(&tree, text, *follow), "{:?} follow {} in {:?}", text, follow, tree);
        }
    }
}
