//! Any paths in any tree, against a plain model of what they mean. The check is the unit tests' own.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stepwell_fuzz::in_new_directory(|dir| {
    stepwell::exec::module::tests::any_paths::check(dir, bytes);
}));
