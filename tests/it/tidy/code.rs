//! Which paths a Rust text names: from `use` with its braces, from expressions and types, and from within macros.
//! Relative paths are made absolute. Doc comments are no code. Does not judge what it finds.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A path as the code names it, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) line: usize,
    /// `crate`, a crate's name, or whatever the path begins with; `self` and `super` are resolved to `crate`.
    pub(super) parts: Vec<String>,
    /// Whether it stands in code that only tests compile.
    pub(super) in_test: bool,
}

/// All that the visitor collects.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) paths: Vec<Named>,
    /// Macros by name, methods by `.name`, and the keyword `async`.
    pub(super) marks: Vec<Named>,
}

/// Reads a text of `src/`. The file's path says which module it is.
pub(super) fn read(path: &str, text: &str) -> Found {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path} is no Rust: {error}"));
    let module = module_of(path);
    let in_test = module.iter().any(|part| part == "tests");
    let mut visitor = Visitor { module, in_test, found: Found::default() };
    visitor.visit_file(&file);
    visitor.found
}

/// `src/exec/module/run.rs` is `crate::exec::module::run`.
pub(super) fn module_of(path: &str) -> Vec<String> {
    let inner = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let mut parts = vec!["crate".to_owned()];
    parts.extend(inner.split('/').filter(|part| !["mod", "lib"].contains(part)).map(str::to_owned));
    parts
}

struct Visitor {
    module: Vec<String>,
    in_test: bool,
    found: Found,
}

impl Visitor {
    fn name(&mut self, line: usize, parts: Vec<String>) {
        let parts = absolute(&self.module, parts);
        self.found.paths.push(Named { line, parts, in_test: self.in_test });
    }

    fn mark(&mut self, line: usize, name: String) {
        self.found.marks.push(Named { line, parts: vec![name], in_test: self.in_test });
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.name(name.span().start().line, with(&name.ident)),
            syn::UseTree::Rename(name) => self.name(name.span().start().line, with(&name.ident)),
            syn::UseTree::Glob(glob) => self.name(glob.span().start().line, before.to_vec()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(before, item)),
        }
    }

    /// Runs of `a::b::c` among a macro's tokens, and its calls of methods and macros.
    fn tokens(&mut self, stream: TokenStream) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < trees.len() {
            match &trees[at] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) => {
                    let line = first.span().start().line;
                    let before = at.checked_sub(1).and_then(|index| trees.get(index));
                    let mut parts = vec![first.to_string()];
                    while let (true, true, Some(TokenTree::Ident(next))) =
                        (is(&trees, at + 1, ':'), is(&trees, at + 2, ':'), trees.get(at + 3))
                    {
                        parts.push(next.to_string());
                        at += 3;
                    }
                    if matches!(before, Some(TokenTree::Punct(punct)) if punct.as_char() == '.') {
                        self.mark(line, format!(".{}", parts[0]));
                    } else if is(&trees, at + 1, '!') && matches!(trees.get(at + 2), Some(TokenTree::Group(_))) {
                        self.mark(line, format!("{}!", parts.last().expect("a path has a part")));
                    } else {
                        self.name(line, parts);
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    /// Looks into something that only tests compile, when its attributes say so.
    fn within(&mut self, attributes: &[syn::Attribute], look: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        self.in_test |= attributes.iter().any(is_for_tests);
        look(self);
        self.in_test = before;
    }
}

fn is(trees: &[TokenTree], at: usize, sign: char) -> bool {
    matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_for_tests(attribute: &syn::Attribute) -> bool {
    let text = match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        syn::Meta::Path(_) | syn::Meta::NameValue(_) => String::new(),
    };
    attribute.path().is_ident("test") || (attribute.path().is_ident("cfg") && text == "test")
}

/// Resolves `self` and `super` at the start of a path.
fn absolute(module: &[String], parts: Vec<String>) -> Vec<String> {
    let mut base = module.to_vec();
    let mut rest = parts.as_slice();
    match rest.first().map(String::as_str) {
        Some("self") => rest = &rest[1..],
        Some("super") => {
            while rest.first().is_some_and(|part| part == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        _ => return parts,
    }
    base.extend(rest.iter().cloned());
    base
}

impl<'ast> Visit<'ast> for Visitor {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.within(&item.attrs, |this| this.tree(&[], &item.tree));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        self.within(&item.attrs, |this| visit::visit_item_mod(this, item));
        self.module.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.within(&item.attrs, |this| visit::visit_item_fn(this, item));
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.within(&item.attrs, |this| visit::visit_item_impl(this, item));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.name(path.span().start().line, parts);
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.mark(call.method.span().start().line, format!(".{}", call.method));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(last) = call.path.segments.last() {
            self.mark(call.path.span().start().line, format!("{}!", last.ident));
        }
        visit::visit_path(self, &call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if let Some(token) = signature.asyncness {
            self.mark(token.span.start().line, "async".into());
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.mark(block.async_token.span.start().line, "async".into());
        visit::visit_expr_async(self, block);
    }

    // Attributes hold names of derives and lints, and doc comments.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let text = "
        use crate::{spec::{self, yaml::Reader as R}, model};
        use super::super::store::*;
        fn f(x: crate::app::App) -> super::Y { matches!(x, g(crate::driver::D { .. }) if y.unwrap()) }
        #[cfg(test)] mod tests { use super::Z; async fn a() { b.expect(\"c\") } }
    ";
    let found = read("src/engine/graph/mod.rs", text);
    let shown: Vec<String> = found
        .paths
        .iter()
        .map(|named| format!("{}{}", named.parts.join("::"), if named.in_test { " in test" } else { "" }))
        .collect();
    for expected in [
        "crate::spec::self",
        "crate::spec::yaml::Reader",
        "crate::model",
        "crate::store",
        "crate::app::App",
        "crate::engine::Y",
        "crate::driver::D",
        "crate::engine::graph::Z in test",
    ] {
        assert!(shown.iter().any(|path| path == expected), "{expected} is not in {shown:?}");
    }
    let marks: Vec<&str> = found.marks.iter().filter_map(|mark| mark.parts.first()).map(String::as_str).collect();
    assert_eq!(marks, ["matches!", ".unwrap", "async", ".expect"]);
}
