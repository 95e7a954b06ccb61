//! How a Rust file looks from outside: its header, its length, the length of its functions, the names of modules.

use super::{Violation, violation};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;

/// Names that say nothing about what stands in a module.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

pub(super) fn header(text: &str) -> Vec<Violation> {
    match text.lines().next() {
        Some(first) if first.starts_with("//! ") && first.len() > 8 => Vec::new(),
        _ => vec![violation(1, "the file does not begin with a //! header: what it does, and what it does not know")],
    }
}

pub(super) fn lengths(text: &str) -> Vec<Violation> {
    struct Lengths(Vec<Violation>);
    impl Lengths {
        fn measure(&mut self, name: &syn::Ident, whole: proc_macro2::Span) {
            let lines = whole.end().line - name.span().start().line + 1;
            if lines > FUNCTION_LINES {
                let what = format!("{name} has {lines} lines, more than {FUNCTION_LINES}");
                self.0.push(violation(name.span().start().line, what));
            }
        }
    }
    impl<'ast> Visit<'ast> for Lengths {
        fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
            self.measure(&item.sig.ident, item.block.span());
            visit::visit_item_fn(self, item);
        }
        fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
            self.measure(&item.sig.ident, item.block.span());
            visit::visit_impl_item_fn(self, item);
        }
        fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
            if let Some(block) = &item.default {
                self.measure(&item.sig.ident, block.span());
            }
            visit::visit_trait_item_fn(self, item);
        }
    }
    let mut found = Lengths(Vec::new());
    let lines = text.lines().count();
    if lines > FILE_LINES {
        found.0.push(violation(lines, format!("the file has {lines} lines, more than {FILE_LINES}")));
    }
    match syn::parse_file(text) {
        Ok(file) => found.visit_file(&file),
        Err(error) => found.0.push(violation(error.span().start().line, format!("this is no Rust: {error}"))),
    }
    found.0
}

/// Modules by file, by folder, and inline.
pub(super) fn names(path: &str, text: &str) -> Vec<Violation> {
    struct Modules(Vec<(usize, String)>);
    impl<'ast> Visit<'ast> for Modules {
        fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
            self.0.push((item.ident.span().start().line, item.ident.to_string()));
            visit::visit_item_mod(self, item);
        }
    }
    let mut modules = Modules(Vec::new());
    modules.0.extend(path.trim_end_matches(".rs").split('/').map(|part| (1, part.to_owned())));
    if let Ok(file) = syn::parse_file(text) {
        modules.visit_file(&file);
    }
    let root = ["src/lib.rs", "src/main.rs"].contains(&path);
    let in_root = path == "src/core.rs" || path.starts_with("src/core/");
    let mut wrong: Vec<Violation> = modules
        .0
        .into_iter()
        .filter(|(_, name)| EMPTY_NAMES.contains(&name.as_str()) || (name == "core" && (root || in_root)))
        .map(|(line, name)| violation(line, format!("{name} says nothing about what stands in the module")))
        .collect();
    wrong.dedup();
    wrong
}

#[test]
fn a_missing_header_is_seen() {
    assert_eq!(header("//! Reads pipelines.\n"), []);
    for text in ["", "use std::fs;\n", "// Reads pipelines.\n", "//!\n", "\n//! Reads pipelines.\n"] {
        assert_eq!(header(text).len(), 1, "{text:?}");
    }
}

#[test]
fn long_files_and_functions_are_seen() {
    let function = |lines: usize| format!("{{\n{}}}\n", "    x();\n".repeat(lines - 2));
    assert_eq!(lengths(&format!("fn fits() {}", function(70))), []);
    assert_eq!(lengths(&format!("fn long() {}", function(71)))[0].what, "long has 71 lines, more than 70");
    assert_eq!(lengths(&format!("impl S {{ fn long() {} }}", function(71))).len(), 1);
    assert_eq!(lengths(&format!("trait T {{ fn long() {} }}", function(71))).len(), 1);
    assert_eq!(lengths(&format!("mod m {{ fn long() {} }}", function(71))).len(), 1);
    assert_eq!(lengths(&"// x\n".repeat(500)), []);
    assert_eq!(lengths(&"// x\n".repeat(501))[0].what, "the file has 501 lines, more than 500");
}

#[test]
fn empty_names_are_seen() {
    for (path, text) in [
        ("src/exec/util.rs", ""),
        ("src/exec/helpers/mod.rs", ""),
        ("src/store/mod.rs", "mod common;"),
        ("src/store/mod.rs", "mod a { mod manager {} }"),
        ("src/core/mod.rs", ""),
        ("src/lib.rs", "pub mod core;"),
    ] {
        assert_eq!(names(path, text).len(), 1, "{path}: {text}");
    }
    assert_eq!(names("src/exec/mod.rs", "mod core; mod commonplace;"), []);
}
