//! How fast the cache is: hashing large files beside the hash function alone, hashing 50,000 unchanged files again
//! beside a bare loop of `statx`, restoring 10,000 files of 4 KiB.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rustix::fs::{AtFlags, CWD, StatxFlags};
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use stepwell::cache::tree::{Hashed, Memo, Restore, Walk, hash, restore};
use stepwell::cache::{Digest, Function, Local, LocalOptions, Privacy, Store};
use tempfile::TempDir;

/// Bytes of the large file.
const LARGE: usize = 1 << 30;

/// Long after every file was changed.
fn later() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1 << 34)
}

fn walked(dir: &Path, memo: &mut Memo, keep: Option<&Local>) -> Hashed {
    let root = File::open(dir).expect("the directory is there");
    let keep = keep.map(|store| (store as &dyn Store, Privacy::Shared));
    let walk = Walk { memo, now: later(), keep, directory: &mut |_, _| {} };
    hash(root.as_fd(), walk).expect("it can be hashed")
}

fn place() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// `count` files of `size` bytes, 100 to a directory. Gives their paths.
fn files(dir: &Path, count: usize, size: usize) -> Vec<PathBuf> {
    let path = |number: usize| dir.join(format!("d{:04}", number / 100)).join(format!("file{number:06}.txt"));
    let paths: Vec<PathBuf> = (0..count).map(path).collect();
    for (number, path) in paths.iter().enumerate() {
        if number % 100 == 0 {
            fs::create_dir_all(path.parent().expect("it has one")).expect("is made");
        }
        let mut bytes = format!("file {number}").into_bytes();
        bytes.resize(size, 7);
        fs::write(path, bytes).expect("is written");
    }
    paths
}

fn hashing(c: &mut Criterion) {
    let dir = place();
    let bytes: Vec<u8> = (0..LARGE).map(|number| (number * 31 % 251) as u8).collect();
    File::create(dir.path().join("large")).and_then(|mut file| file.write_all(&bytes)).expect("is written");
    let mut group = c.benchmark_group("hash 1 GiB");
    group.sample_size(10).throughput(Throughput::Bytes(LARGE as u64));
    group.bench_function("a directory with one file", |b| {
        b.iter(|| walked(dir.path(), &mut Memo::new(Function::Blake3), None));
    });
    group.bench_function("BLAKE3 alone, from memory", |b| b.iter(|| blake3::hash(black_box(&bytes))));
    group.finish();
}

fn unchanged(c: &mut Criterion) {
    let (dir, kept) = (place(), place());
    let paths = files(dir.path(), 50_000, 100);
    let mut memo = Memo::new(Function::Blake3);
    walked(dir.path(), &mut memo, None);
    let store = Local::open(LocalOptions::of(kept.path().join("store"))).expect("a store");
    store.keep_memo("here", &memo).expect("is kept");
    let mut group = c.benchmark_group("50,000 unchanged files");
    group.sample_size(20);
    group.bench_function("bare statx", |b| {
        b.iter(|| {
            for path in &paths {
                let flags = StatxFlags::BASIC_STATS;
                black_box(rustix::fs::statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, flags).expect("is there"));
            }
        });
    });
    group.bench_function("hash again", |b| b.iter(|| walked(dir.path(), &mut memo, None)));
    group.bench_function("read the memo, then hash again", |b| {
        b.iter(|| walked(dir.path(), &mut store.memo("here"), None));
    });
    group.finish();
}

fn restoring(c: &mut Criterion) {
    let (dir, kept) = (place(), place());
    files(dir.path(), 10_000, 4096);
    let store = Local::open(LocalOptions::of(kept.path().join("store"))).expect("a store");
    let mut memo = Memo::new(Function::Blake3);
    let root: Digest = walked(dir.path(), &mut memo, Some(&store)).root;
    let fill = |into: &Path, memo: Option<&Memo>| {
        let into = File::open(into).expect("is there");
        let how = Restore { store: &store, memo, most_bytes: u64::MAX };
        restore(&root, into.as_fd(), how).expect("is restored")
    };
    let mut group = c.benchmark_group("10,000 files of 4 KiB");
    group.sample_size(10);
    group.bench_function("written, and nothing else", |b| {
        b.iter_batched(
            place,
            |into| {
                files(into.path(), 10_000, 4096);
                into
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("restore", |b| {
        b.iter_batched(
            place,
            |into| {
                fill(into.path(), None);
                into
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("restore where all is right, with a memo", |b| b.iter(|| fill(dir.path(), Some(&memo))));
    group.bench_function("keep", |b| {
        b.iter_batched(
            || {
                let place = place();
                let store = Local::open(LocalOptions::of(place.path().join("store"))).expect("a store");
                (place, store)
            },
            |(place, store)| {
                walked(dir.path(), &mut Memo::new(Function::Blake3), Some(&store));
                place
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("keep again", |b| {
        b.iter(|| walked(dir.path(), &mut memo.clone(), Some(&store)));
    });
    group.finish();
}

criterion_group!(benches, hashing, unchanged, restoring);
criterion_main!(benches);
