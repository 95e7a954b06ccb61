//! Trees, directories and neighbours that mean harm: what is restored and removed stays where it belongs.

use super::*;

#[test]
fn nothing_outside_is_reached() {
    let (dir, (_place, store)) = (sample(), store());
    let root = kept(dir.path(), &store);
    let place = tempfile::tempdir().expect("a directory");
    let (into, out) = (place.path().join("in"), place.path().join("out"));
    for links_whole in [true, false] {
        fs::create_dir(&into).expect("is made");
        fs::create_dir_all(out.join("b")).expect("is made");
        fs::write(out.join("precious"), "precious").expect("is written");
        fs::write(out.join("run"), "precious").expect("is written");
        let mode_before = mode(&out.join("precious"));
        if links_whole {
            symlink("../out", into.join("a")).expect("is made");
        } else {
            fs::create_dir(into.join("a")).expect("is made");
            symlink("../../out", into.join("a/b")).expect("is made");
            // The same content and length as in the tree, another mode: changing it would show outside.
            fs::write(out.join("run"), "#!/bin/sh\n").expect("is written");
            fs::hard_link(out.join("run"), into.join("a/run")).expect("is made");
        }
        symlink(out.join("precious"), into.join("f")).expect("is made");
        fs::hard_link(out.join("precious"), into.join("a-b")).expect("is made");
        let outside = hashed(&out);
        restored(&store, &root, &into).expect("is restored");
        assert_eq!(hashed(&out), outside, "nothing outside was changed");
        assert_eq!(mode(&out.join("precious")), mode_before);
        assert_eq!(hashed(&into), {
            chmod(&into, 0o755);
            root
        });
        fs::remove_dir_all(&into).expect("is removed");
        fs::remove_dir_all(&out).expect("is removed");
    }
}

#[test]
fn nothing_outside_is_reached_while_somebody_swaps_directories() {
    let (dir, (_place, store)) = (sample(), store());
    let root = kept(dir.path(), &store);
    let place = tempfile::tempdir().expect("a directory");
    let (into, out) = (place.path().join("in"), place.path().join("out"));
    fs::create_dir_all(out.join("b/c")).expect("is made");
    fs::create_dir_all(&into).expect("is made");
    let outside = hashed(&out);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                // Either may be missing: the other side is at work too.
                let _ = fs::rename(into.join("a"), into.join("was"));
                let _ = symlink("../out", into.join("a"));
                let _ = fs::remove_dir_all(into.join("was"));
                let _ = fs::remove_file(into.join("a"));
            }
        });
        for _ in 0..300 {
            // It may fail, as what it makes is taken away.
            let _ = restored(&store, &root, &into);
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(hashed(&out), outside);
}

/// The bytes of a message with one field.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut message = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        message.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    message.push(length as u8);
    message.extend_from_slice(bytes);
    message
}

#[test]
fn hostile_trees_are_refused() {
    let (_place, store) = store();
    let into = tempfile::tempdir().expect("a directory");
    let into = into.path().join("in");
    fs::create_dir(&into).expect("is made");
    let content = store.put(b"evil", Privacy::Shared).expect("is put");
    let digest =
        |digest: &Digest| field(2, &[field(1, digest.hex().as_bytes()), vec![0x10, digest.size as u8]].concat());
    let file = |name: &[u8]| field(1, &[field(1, name), digest(&content)].concat());
    let link = |name: &[u8], target: &[u8]| field(3, &[field(1, name), field(2, target)].concat());
    let inner = |name: &[u8], of: &Digest| field(2, &[field(1, name), digest(of)].concat());
    let long = vec![b'x'; 256];
    let fine = file(b"fine");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("..", file(b"..")),
        (".", file(b".")),
        ("a path", file(b"../out")),
        ("an absolute path", file(b"/tmp/out")),
        ("a NUL", file(b"a\0b")),
        ("no name", field(1, &digest(&content))),
        ("a long name", file(&long)),
        ("no UTF-8", file(b"\xff")),
        ("a link to nothing", link(b"l", b"")),
        ("a link with a NUL", link(b"l", b"a\0b")),
        ("a link called ..", link(b"..", b"a")),
        ("a directory called ..", inner(b"..", &content)),
        ("twice", [file(b"a"), file(b"a")].concat()),
        ("twice, as two things", [file(b"a"), link(b"a", b"b")].concat()),
        ("out of order", [file(b"b"), file(b"a")].concat()),
        ("lists out of order", [link(b"a", b"b"), file(b"c")].concat()),
        ("an unknown field", [fine.clone(), field(9, b"x")].concat()),
        ("no digest", field(1, &field(1, b"a"))),
        ("a digest that is none", field(1, &[field(1, b"a"), field(2, &field(1, b"zz"))].concat())),
        ("a cut", fine[..fine.len() - 1].to_vec()),
        ("rubbish", vec![0xff; 40]),
        ("text", b"#!/bin/sh\n".to_vec()),
    ];
    for (what, bytes) in cases {
        let root = store.put(&bytes, Privacy::Shared).expect("is put");
        let error = restored(&store, &root, &into).expect_err(what);
        assert!(matches!(error, TreeError::Malformed { .. }), "{what}: {error}");
        assert_eq!(fs::read_dir(&into).expect("is there").count(), 0, "{what}");
        let mut result = crate::cache::ActionResult::default();
        let directory = crate::cache::OutputDirectory { path: String::new(), tree: None, root: Some(root) };
        result.directories.push(directory);
        assert!(!complete(&store, &result).expect("the store works"), "{what}");
    }
    let root = store.put(&fine, Privacy::Shared).expect("is put");
    restored(&store, &root, &into).expect("only what is hostile is refused");
}

#[test]
fn trees_without_end_are_refused() {
    let (_place, store) = store();
    let into = tempfile::tempdir().expect("a directory");
    // Each directory holds the one before it many times: more entries than atoms, in few bytes.
    let mut root = store.put(&Directory::default().encode(), Privacy::Shared).expect("is put");
    let mut chain = root;
    for _ in 0..60 {
        let nodes = (0..200).map(|number| DirectoryNode { name: format!("{number:03}"), digest: root });
        let directory = Directory { directories: nodes.collect(), ..Directory::default() };
        root = store.put(&directory.encode(), Privacy::Shared).expect("is put");
    }
    let mut seen = Seen::default();
    let mut count = 0;
    let all = visit(&store, &root, &mut seen, &mut |_| {
        count += 1;
        Ok(true)
    });
    assert!(all.expect("each is looked at once") && count == 61, "{count}");
    for _ in 0..=DEEPEST {
        let nodes = vec![DirectoryNode { name: "d".to_owned(), digest: chain }];
        let directory = Directory { directories: nodes, ..Directory::default() };
        chain = store.put(&directory.encode(), Privacy::Shared).expect("is put");
    }
    assert!(matches!(restored(&store, &chain, into.path()), Err(TreeError::TooDeep { .. })));
    let content = store.put(&[1; 1000], Privacy::Shared).expect("is put");
    let files = (0..10).map(|number| FileNode::new(number.to_string(), content, 0o644));
    let directory = Directory { files: files.collect(), ..Directory::default() };
    let large = store.put(&directory.encode(), Privacy::Shared).expect("is put");
    let dir = File::open(into.path()).expect("opens");
    let how = Restore { store: &store, memo: None, most_bytes: 9_999 };
    assert!(matches!(restore(&large, dir.as_fd(), how), Err(TreeError::TooLarge)));
}

#[test]
fn a_tree_with_something_missing_leaves_no_half_file() {
    let (_place, store) = store();
    let into = tempfile::tempdir().expect("a directory");
    let content = store.put(&vec![1; 100_000], Privacy::Shared).expect("is put");
    let directory = Directory { files: vec![FileNode::new("f".to_owned(), content, 0o644)], ..Directory::default() };
    let root = store.put(&directory.encode(), Privacy::Shared).expect("is put");
    let blob = format!("{}-{}", content.hex(), content.size);
    let path = _place.path().join("store/shared/blobs/blake3").join(&blob[..2]).join(&blob);
    let mut bytes = fs::read(&path).expect("is there");
    bytes[99_999] ^= 1;
    fs::write(&path, bytes).expect("is written");
    let error = restored(&store, &root, into.path()).expect_err("its last byte is wrong");
    assert!(matches!(error, TreeError::Missing(digest) if digest == content), "{error}");
    assert_eq!(fs::read_dir(into.path()).expect("is there").count(), 0);
}

#[test]
fn removing_follows_no_link() {
    let place = tempfile::tempdir().expect("a directory");
    let (into, out) = (place.path().join("in"), place.path().join("out"));
    fs::create_dir_all(into.join("a/b")).expect("is made");
    fs::create_dir_all(out.join("x")).expect("is made");
    fs::write(out.join("x/precious"), "").expect("is written");
    symlink("../../out", into.join("a/link")).expect("is made");
    symlink("../out", into.join("link")).expect("is made");
    let dir = File::open(&into).expect("opens");
    for bad in ["", "..", "a/../..", "/", "a//b"] {
        assert!(matches!(remove(dir.as_fd(), bad), Err(TreeError::Name { .. })), "{bad:?}");
    }
    for path in ["link/x/precious", "link/x", "missing/x", "a", "link"] {
        remove(dir.as_fd(), path).expect(path);
    }
    assert_eq!(fs::read_dir(&into).expect("is there").count(), 0);
    assert!(out.join("x/precious").exists());
}
