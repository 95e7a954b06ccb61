//! What a fuzzer varies, tried with random bytes: calls of both bindings, and paths.
//!
//! The checks themselves are in [`super::any_calls`], [`super::any_component`] and [`super::any_paths`]; `fuzz/` drives
//! the same ones for longer.

use proptest::prelude::*;

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

fn in_new_directory(check: impl FnOnce(&std::path::Path)) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    check(dir.path());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_calls_with_any_arguments_are_answered(bytes in bytes(2000)) {
        in_new_directory(|dir| super::any_calls::check(dir, &bytes));
    }

    #[test]
    fn any_calls_of_a_component_are_answered(bytes in bytes(1000)) {
        in_new_directory(|dir| super::any_component::check(dir, &bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_path_means_what_a_plain_model_says(bytes in bytes(300)) {
        in_new_directory(|dir| super::any_paths::check(dir, &bytes));
    }
}
