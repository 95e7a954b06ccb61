//! Any calls of WASI 0.2 by a component, with any arguments and any memory. The check is the unit tests' own.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stepwell_fuzz::in_new_directory(|dir| {
    stepwell::exec::module::tests::any_component::check(dir, bytes);
}));
