//! The pure floors that fuzz targets drive, included by path from the root package. It knows
//! nothing of its own.

#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/spec/mod.rs"]
pub mod spec;

/// Does something in a directory that is new and will be gone.
#[cfg(feature = "sandbox")]
pub fn in_new_directory(check: impl FnOnce(&std::path::Path)) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    check(dir.path());
}
