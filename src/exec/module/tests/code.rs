//! Compiled code on disk: loaded only if this installation sealed it, made once.

use crate::exec::module::{HostOptions, ModuleHost, ModuleSource, Progress};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[derive(Default)]
struct Count(AtomicUsize);

impl Progress for Count {
    fn started(&self, _name: &str, _bytes: u64) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn finished(&self, _name: &str, _took: Duration) {}
}

fn source(text: &str) -> ModuleSource {
    let bytes = wat::parse_str(text).expect("is WebAssembly");
    let digest = blake3::hash(&bytes);
    ModuleSource::BuiltIn { bytes: bytes.leak(), digest, name: "builtin:m".into() }
}

fn host(state: &Path, cache: &Path, count: &Arc<Count>) -> ModuleHost {
    let mut options = HostOptions::new(state.to_owned(), cache.to_owned());
    options.progress = count.clone();
    options.slots = 4;
    ModuleHost::new(options).expect("starts")
}

fn kept(cache: &Path, ending: &str) -> PathBuf {
    std::fs::read_dir(cache.join("compiled"))
        .expect("is listed")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|own| own == ending))
        .expect("is there")
}

const ONE: &str = r#"(module (func (export "_start")))"#;

#[test]
fn code_is_kept_and_only_loaded_when_its_seal_holds() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (state, cache) = (dir.path().join("state"), dir.path().join("cache"));
    let count = Arc::new(Count::default());
    let compiled = |state: &Path| {
        let before = count.0.load(Ordering::SeqCst);
        host(state, &cache, &count).prepare(&source(ONE)).expect("is prepared");
        count.0.load(Ordering::SeqCst) - before
    };
    assert_eq!(compiled(&state), 1);
    assert_eq!(compiled(&state), 0);
    let (code, seal) = (kept(&cache, "cwasm"), kept(&cache, "mac"));
    for path in [&code, &seal, &state.join("key")] {
        let mode = std::fs::metadata(path).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    // A file that was changed, and one that another installation made, are compiled again.
    let mut bytes = std::fs::read(&code).expect("is read");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&code, &bytes).expect("is written");
    assert_eq!(compiled(&state), 1);
    assert_eq!(compiled(&state), 0);
    assert_eq!(compiled(&dir.path().join("other")), 1);
    assert_eq!(compiled(&state), 1);
    std::fs::remove_file(&seal).expect("is removed");
    assert_eq!(compiled(&state), 1);
    // A copy has another identity: it is checked once more, and holds.
    let copy = code.with_extension("copy");
    std::fs::copy(&code, &copy).expect("is copied");
    std::fs::rename(&copy, &code).expect("is renamed");
    assert_eq!(compiled(&state), 0);
    // A note cannot be forged either: without the key's seal it is as if it were not there.
    for note in std::fs::read_dir(state.join("modules/notes")).expect("is listed") {
        std::fs::write(note.expect("an entry").path(), [7; 64]).expect("is written");
    }
    assert_eq!(compiled(&state), 0);
}

/// Whoever can write to a cache directory that is shared can put anything there.
#[test]
fn what_is_no_regular_file_is_neither_read_nor_waited_for() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (state, cache) = (dir.path().join("state"), dir.path().join("cache"));
    let count = Arc::new(Count::default());
    let compiled = || {
        let before = count.0.load(Ordering::SeqCst);
        host(&state, &cache, &count).prepare(&source(ONE)).expect("is prepared");
        count.0.load(Ordering::SeqCst) - before
    };
    assert_eq!(compiled(), 1);
    for ending in ["mac", "cwasm", "lock"] {
        let path = kept(&cache, ending);
        for pipe in [true, false] {
            std::fs::remove_file(&path).expect("is removed");
            if pipe {
                let mode = rustix::fs::Mode::from_raw_mode(0o600);
                rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).expect("is made");
            } else {
                std::os::unix::fs::symlink("/dev/zero", &path).expect("is made");
            }
            // The lock is not needed while the code is whole.
            assert_eq!(compiled(), usize::from(ending != "lock"), "{ending}");
            if ending == "lock" {
                std::fs::remove_file(kept(&cache, "mac")).expect("is removed");
                assert_eq!(compiled(), 1, "without a lock it is compiled and not kept");
                std::fs::remove_file(&path).expect("is removed");
                assert_eq!((compiled(), compiled()), (1, 0));
            }
        }
    }
}

/// Cut, grown, under another name, or open to others: none of it is loaded, though each was right once.
#[test]
fn code_that_could_have_been_changed_is_compiled_again() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (state, cache) = (dir.path().join("state"), dir.path().join("cache"));
    let count = Arc::new(Count::default());
    let compiled = || {
        let before = count.0.load(Ordering::SeqCst);
        host(&state, &cache, &count).prepare(&source(ONE)).expect("is prepared");
        count.0.load(Ordering::SeqCst) - before
    };
    assert_eq!(compiled(), 1);
    let (code, seal) = (kept(&cache, "cwasm"), kept(&cache, "mac"));
    let (bytes, right) = (std::fs::read(&code).expect("is read"), std::fs::read(&seal).expect("is read"));
    let edits: [fn(&Path, &[u8]); 5] = [
        |code, bytes| std::fs::write(code, &bytes[..bytes.len() / 2]).expect("is written"),
        |code, _| std::fs::write(code, "").expect("is written"),
        |code, bytes| std::fs::write(code, [bytes, b"more"].concat()).expect("is written"),
        // Whoever may write to it may do so after it was checked.
        |code, _| std::fs::set_permissions(code, PermissionsExt::from_mode(0o620)).expect("is set"),
        |code, bytes| {
            let elsewhere = code.with_extension("elsewhere");
            std::fs::write(&elsewhere, bytes).expect("is written");
            std::fs::remove_file(code).expect("is removed");
            std::os::unix::fs::symlink(elsewhere, code).expect("is made");
        },
    ];
    for edit in edits {
        edit(&code, &bytes);
        assert_eq!(compiled(), 1);
        assert_eq!(compiled(), 0);
    }
    for wrong in [&right[..63], b"", &[right.as_slice(), b"\n"].concat(), &[b'0'; 64]] {
        std::fs::write(&seal, wrong).expect("is written");
        assert_eq!((compiled(), compiled()), (1, 0));
    }
}

/// What cannot be compiled costs its time once, however many steps use it.
#[test]
fn what_cannot_be_compiled_is_not_tried_again() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let count = Arc::new(Count::default());
    let host = host(&dir.path().join("state"), &dir.path().join("cache"), &count);
    let bytes = b"\0asm\x01\0\0\0garbage";
    let wrong = || ModuleSource::BuiltIn { bytes, digest: blake3::hash(bytes), name: "builtin:wrong".into() };
    let error = || host.prepare(&wrong()).err().expect("is refused");
    assert_eq!(error(), error());
    assert!(error().to_string().contains("builtin:wrong"), "{}", error());
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
}

/// One module's code, seal and all, in the place of another's.
#[test]
fn code_of_one_module_does_not_pass_for_another() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (state, cache) = (dir.path().join("state"), dir.path().join("cache"));
    let count = Arc::new(Count::default());
    let first = host(&state, &cache, &count);
    first.prepare(&source(ONE)).expect("is prepared");
    let (code, seal) = (kept(&cache, "cwasm"), kept(&cache, "mac"));
    let other = source(r#"(module (func (export "_start") unreachable))"#);
    let name = |path: &Path, digest: &str| {
        let old = path.file_name().expect("a name").to_string_lossy().into_owned();
        path.with_file_name(format!("{digest}{}", old.get(64..).expect("a digest")))
    };
    let digest = first.digest_of(&other).expect("is taken").to_hex().to_string();
    std::fs::copy(&code, name(&code, &digest)).expect("is copied");
    std::fs::copy(&seal, name(&seal, &digest)).expect("is copied");
    first.prepare(&other).expect("is prepared");
    assert_eq!(count.0.load(Ordering::SeqCst), 2);
}

#[test]
fn one_module_is_compiled_once_however_many_ask() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (state, cache) = (dir.path().join("state"), dir.path().join("cache"));
    let count = Arc::new(Count::default());
    let hosts = [host(&state, &cache, &count), host(&state, &cache, &count)];
    std::thread::scope(|scope| {
        for n in 0..8 {
            let host = &hosts[n % 2];
            scope.spawn(move || host.prepare(&source(ONE)).expect("is prepared"));
        }
    });
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
}

#[test]
fn a_cache_that_cannot_be_written_is_no_reason_not_to_run() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let cache = dir.path().join("cache");
    std::fs::write(&cache, "a file where a directory should be").expect("is written");
    let count = Arc::new(Count::default());
    let host = host(&dir.path().join("state"), &cache, &count);
    host.prepare(&source(ONE)).expect("is prepared");
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
}

#[test]
fn a_damaged_key_is_an_error() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("key"), "short").expect("is written");
    let options = HostOptions::new(dir.path().to_owned(), dir.path().join("cache"));
    let error = ModuleHost::new(options).err().expect("is refused").to_string();
    assert!(error.contains("key") && error.contains("damaged"), "{error}");
}

#[test]
fn a_module_that_was_changed_is_another_module() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let count = Arc::new(Count::default());
    let host = host(&dir.path().join("state"), &dir.path().join("cache"), &count);
    let path = dir.path().join("m.wasm");
    let file = ModuleSource::File { path: path.clone(), name: "./m.wasm".into() };
    let mut digests = Vec::new();
    for text in [ONE, r#"(module (func (export "_start") nop))"#, ONE] {
        std::fs::write(&path, wat::parse_str(text).expect("is WebAssembly")).expect("is written");
        digests.push(host.prepare(&file).expect("is prepared").digest);
    }
    assert!(digests[0] != digests[1] && digests[0] == digests[2]);
    assert_eq!(count.0.load(Ordering::SeqCst), 2);
}

#[test]
fn modules_say_what_they_ask_for() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let host = host(&dir.path().join("state"), &dir.path().join("cache"), &Arc::default());
    let text = r#"(module
      (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
      (import "env" "puts" (func))
      (memory (export "memory") 2 4) (func (export "_start")))"#;
    let info = host.inspect(&source(text)).expect("is read");
    assert_eq!((info.memories[0].minimum, info.memories[0].maximum), (131_072, Some(262_144)));
    let known: Vec<_> = info.imports.iter().map(|i| (i.name.as_str(), i.known)).collect();
    assert_eq!(known, [("random_get", true), ("puts", false)]);
    assert_eq!(info.grants, ["random bytes", "unknown to this host: env::puts"]);
    assert!(info.unfit().expect("is unfit").contains("env::puts") && !info.compiled);
    host.prepare(&source(ONE)).expect("is prepared");
    assert!(host.inspect(&source(ONE)).expect("is read").compiled);
}
