//! What a module says of itself, before anything of it is compiled or run.
//!
//! Knows WebAssembly's sections. Does not know the compiler or steps; what is granted where is
//! told from the names of the imports.

pub use super::code::compile::ModuleKind;
use super::code::compile::{CompileError, kind_of};
use super::component;
use super::lowered;
use super::preview1;
use super::quote::{LONGEST_NAME, quoted};
use serde::Serialize;
use wasmparser::{ComponentExternalKind, ExternalKind, Parser, Payload, TypeRef};

/// The most functions that a module may have. Compiling takes some 3 KB and 50 µs for each, however
/// little it does; large programs have fewer than 100,000. How large one may be is bounded by the
/// validator (7,654,321 bytes, as in browsers).
pub const MOST_FUNCTIONS: u32 = 300_000;

/// What a module is, imports and exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleInfo {
    /// `core` or `component`.
    pub kind: ModuleKind,
    /// Bytes.
    pub size: u64,
    /// BLAKE3 of the bytes, in hexadecimal.
    pub digest: String,
    /// Everything that it asks of its host, as it stands in the module.
    pub imports: Vec<Import>,
    /// Everything that it offers.
    pub exports: Vec<Export>,
    /// How many functions it has of its own.
    pub functions: u32,
    /// Its memories, imported or its own.
    pub memories: Vec<MemoryInfo>,
    /// What the imports can be used for, one line per kind of access.
    pub grants: Vec<String>,
    /// Whether compiled code of it is at hand. Filled in by the host.
    pub compiled: bool,
}

/// One import.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// The module, or of a component the whole name of an interface.
    pub module: String,
    /// The name in the module; empty for what a component imports.
    pub name: String,
    /// `func`, `memory`, `table`, `global` or `tag`; of a component `instance`, `func`, `type` and so on.
    pub kind: &'static str,
    /// Whether this host has it.
    pub known: bool,
}

/// One export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    pub name: String,
    /// `func`, `memory`, `table`, `global` or `tag`.
    pub kind: &'static str,
}

/// A memory's size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryInfo {
    pub minimum: u64,
    /// As the module itself limits it.
    pub maximum: Option<u64>,
}

/// Reads what a module says of itself.
pub fn inspect(bytes: &[u8]) -> Result<ModuleInfo, CompileError> {
    let mut info = ModuleInfo {
        kind: kind_of(bytes)?,
        size: bytes.len() as u64,
        digest: blake3::hash(bytes).to_hex().to_string(),
        imports: Vec::new(),
        exports: Vec::new(),
        functions: 0,
        memories: Vec::new(),
        grants: Vec::new(),
        compiled: false,
    };
    let mut depth = 0usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| CompileError::Invalid(error.to_string()))?;
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        let read = match depth {
            0 => read_outer(&mut info, payload),
            // What stands within a component is its own affair, but for what it costs.
            _ => read_cost(&mut info, payload),
        };
        read.map_err(|error| CompileError::Invalid(error.to_string()))?;
    }
    info.grants = grants(&info.imports);
    Ok(info)
}

type Read = Result<(), wasmparser::BinaryReaderError>;

/// What the module, or the component itself, says.
fn read_outer(info: &mut ModuleInfo, payload: Payload<'_>) -> Read {
    match payload {
        Payload::ImportSection(imports) => {
            for import in imports.into_imports() {
                let import = import?;
                let kind = match import.ty {
                    TypeRef::Func(_) | TypeRef::FuncExact(_) => "func",
                    TypeRef::Memory(memory) => {
                        info.memories.push(memory_info(&memory));
                        "memory"
                    }
                    TypeRef::Table(_) => "table",
                    TypeRef::Global(_) => "global",
                    TypeRef::Tag(_) => "tag",
                };
                info.imports.push(Import {
                    module: import.module.to_owned(),
                    name: import.name.to_owned(),
                    kind,
                    known: kind == "func" && is_known(import.module, import.name),
                });
            }
        }
        Payload::ExportSection(exports) => {
            for export in exports {
                let export = export?;
                let kind = match export.kind {
                    ExternalKind::Func | ExternalKind::FuncExact => "func",
                    ExternalKind::Memory => "memory",
                    ExternalKind::Table => "table",
                    ExternalKind::Global => "global",
                    ExternalKind::Tag => "tag",
                };
                info.exports.push(Export { name: export.name.to_owned(), kind });
            }
        }
        Payload::ComponentImportSection(imports) => {
            for import in imports {
                let import = import?;
                let kind = component_kind(import.ty.kind());
                let name = import.name.name.to_owned();
                // A type says nothing that the interfaces do not say.
                let known = kind == "type" || kind == "instance" && component::has(&name);
                info.imports.push(Import { module: name, name: String::new(), kind, known });
            }
        }
        Payload::ComponentExportSection(exports) => {
            for export in exports {
                let export = export?;
                let name = export.name.name.to_owned();
                info.exports.push(Export { name, kind: component_kind(export.kind) });
            }
        }
        payload => return read_cost(info, payload),
    }
    Ok(())
}

/// What makes a module large.
fn read_cost(info: &mut ModuleInfo, payload: Payload<'_>) -> Read {
    match payload {
        Payload::CodeSectionStart { count, .. } => info.functions = info.functions.saturating_add(count),
        Payload::MemorySection(memories) => {
            for memory in memories {
                info.memories.push(memory_info(&memory?));
            }
        }
        _ => {}
    }
    Ok(())
}

fn is_known(module: &str, name: &str) -> bool {
    module == preview1::MODULE && preview1::has(name) || lowered::has(module, name)
}

fn component_kind(kind: ComponentExternalKind) -> &'static str {
    match kind {
        ComponentExternalKind::Module => "module",
        ComponentExternalKind::Func => "func",
        ComponentExternalKind::Value => "value",
        ComponentExternalKind::Type => "type",
        ComponentExternalKind::Instance => "instance",
        ComponentExternalKind::Component => "component",
    }
}

fn memory_info(memory: &wasmparser::MemoryType) -> MemoryInfo {
    let page = 1u64 << memory.page_size_log2.unwrap_or(16).min(16);
    MemoryInfo {
        minimum: memory.initial.saturating_mul(page),
        maximum: memory.maximum.map(|pages| pages.saturating_mul(page)),
    }
}

/// What imports can be used for, in words.
fn grants(imports: &[Import]) -> Vec<String> {
    // Of a core module: how its functions begin.
    let groups: [(&str, &[&str]); 6] = [
        ("files of the task's mounts", &["path_", "fd_readdir", "fd_prestat"]),
        ("clocks", &["clock_", "poll_oneoff"]),
        ("random bytes", &["random_get"]),
        ("arguments and environment", &["args_", "environ_"]),
        ("streams and open files", &["fd_read", "fd_write", "fd_pread", "fd_pwrite", "fd_seek"]),
        ("sockets (never granted to core modules)", &["sock_"]),
    ];
    let mut words: Vec<String> = groups
        .iter()
        .filter(|(_, starts)| {
            imports
                .iter()
                .filter(|import| import.module == preview1::MODULE)
                .any(|import| starts.iter().any(|start| import.name.starts_with(start)))
        })
        .map(|(words, _)| (*words).to_owned())
        .collect();
    if imports.iter().any(|import| import.known && import.module.starts_with("stepwell:step/")) {
        words.push("its task's params, results and log (stepwell:step)".to_owned());
    }
    words.extend(component::grants(imports.iter().map(|import| import.module.as_str())));
    for import in imports.iter().filter(|import| !import.known) {
        words.push(format!("unknown to this host: {}", import.path()));
    }
    words
}

impl Import {
    /// Its names, as they may be shown.
    fn path(&self) -> String {
        if self.name.is_empty() {
            return quoted(&self.module, LONGEST_NAME);
        }
        format!("{}::{}", quoted(&self.module, LONGEST_NAME), quoted(&self.name, LONGEST_NAME))
    }
}

impl ModuleInfo {
    /// Why this module cannot be run as a step, in words for its author.
    #[must_use]
    pub fn unfit(&self) -> Option<String> {
        let missing: Vec<String> = self
            .imports
            .iter()
            .filter(|import| !import.known)
            .map(|import| format!("{} ({})", import.path(), import.kind))
            .collect();
        if !missing.is_empty() {
            let shown: Vec<_> = missing.iter().take(10).cloned().collect();
            let more = match missing.len().saturating_sub(10) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let hint = self.hint();
            return Some(format!("it imports what this host does not have: {}{more}; {hint}", shown.join(", ")));
        }
        if self.functions > MOST_FUNCTIONS {
            return Some(format!("it has {} functions, and modules may have up to {MOST_FUNCTIONS}", self.functions));
        }
        let has = |name: &str, kind: &str| self.exports.iter().any(|export| export.name == name && export.kind == kind);
        match self.kind {
            ModuleKind::Core if !has("_start", "func") => Some(
                "it exports no function `_start`: build it as a command (a program with a \
                 `main`), not as a library or reactor"
                    .to_owned(),
            ),
            ModuleKind::Component if !self.exports.iter().any(|export| component::is_run(&export.name)) => {
                Some(component::NO_RUN.to_owned())
            }
            ModuleKind::Core | ModuleKind::Component => None,
        }
    }

    /// What to do about unknown imports.
    fn hint(&self) -> &'static str {
        let from = |module: &str| self.imports.iter().any(|import| import.module == module);
        if self.kind == ModuleKind::Component {
            return "build it for `wasi:cli/command` of WASI 0.2 (wasm32-wasip2, componentize-py, componentize-js); \
                    `stepwell module inspect` shows its imports";
        }
        if from("wasi_unstable") {
            "it was built for WASI's first snapshot: build it with a toolchain that targets \
             wasm32-wasip1"
        } else if from("env") {
            "imports from `env` are functions that were never linked: link them into the module, \
             or build it for wasm32-wasip1 rather than for the browser"
        } else {
            "compile it for wasm32-wasip1 (Rust), wasm32-wasi (C) or GOOS=wasip1 (Go)"
        }
    }
}
