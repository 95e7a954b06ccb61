//! Documents to typed objects: kinds and versions told apart, each object decoded, given its
//! defaults and validated, doubles found.
//!
//! Knows which kinds there are and which fields stand at an object's top. Does not know the
//! rules of a kind (`validate`).

use super::validate::{self, Checked};
use super::{
    Declared, DeclaredSecret, Document, Key, ObjectSet, RunKind, RunObject, RunSpec, Source, beta, crosscheck,
    defaults, secrets, yaml,
};
use crate::model::decode::{Decode, Decoder, Segment, nearest};
use crate::model::diagnostic::{Diagnostic, Diagnostics};
use crate::model::objects::{
    ClaimSpec, ConfigMapData, CustomRunSpec, Metadata, PipelineRunSpec, PipelineSpec, ServiceAccountData,
    StepActionSpec, TaskRunSpec, TaskSpec,
};
use crate::model::tree::{Entry, Kind, Node, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest line, in bytes, of which a word is quoted in a message.
const MAX_QUOTED_LINE: usize = 10_000;
const TEKTON: &str = "tekton.dev";
/// Tekton's kinds that are read, each with its versions, the newest first.
const TEKTON_KINDS: [(&str, &[&str]); 6] = [
    ("Task", &["v1", "v1beta1"]),
    ("Pipeline", &["v1", "v1beta1"]),
    ("TaskRun", &["v1", "v1beta1"]),
    ("PipelineRun", &["v1", "v1beta1"]),
    ("StepAction", &["v1beta1", "v1alpha1"]),
    ("CustomRun", &["v1beta1"]),
];
/// Tekton's kinds that are passed over.
const TEKTON_OTHERS: [&str; 5] = ["VerificationPolicy", "Run", "ClusterTask", "PipelineResource", "Condition"];
const CORE_KINDS: [&str; 4] = ["ConfigMap", "Secret", "PersistentVolumeClaim", "ServiceAccount"];

pub(super) fn read(sources: &[Source]) -> (ObjectSet, Diagnostics) {
    let mut found = Diagnostics::default();
    let mut documents = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let parsed = yaml::parse(index, &source.name, &source.text);
        found.append(parsed.diagnostics);
        for root in parsed.documents {
            flatten(index, root, &mut documents, &mut found);
        }
    }
    let names = sources.iter().map(|s| s.name.clone()).collect();
    let (set, mut diagnostics) = from_documents(names, documents);
    diagnostics.append(found);
    name_offending_text(sources, &mut diagnostics);
    diagnostics.sort();
    (set, diagnostics)
}

/// Takes the elements of a `kind: List` apart.
fn flatten(source: u32, root: Node, documents: &mut Vec<Document>, found: &mut Diagnostics) {
    let kind = root.get("kind").and_then(Node::as_str).unwrap_or_default();
    let is_list = kind == "List" || (kind.ends_with("List") && root.get("items").is_some());
    if !is_list {
        documents.push(Document { source, root });
        return;
    }
    let Kind::Mapping(entries) = root.kind else { return };
    for entry in entries.into_iter().filter(|e| e.key == "items") {
        match entry.value.kind {
            Kind::Sequence(items) => items.into_iter().for_each(|item| flatten(source, item, documents, found)),
            Kind::Null => {}
            _ => found.push(
                Diagnostic::error("wrong-type", "items", "the `items` of a List are a list of objects")
                    .with_help("write each object as an element, with a `-` before it")
                    .at(entry.key_span),
            ),
        }
    }
}

pub(super) fn from_documents(sources: Vec<String>, documents: Vec<Document>) -> (ObjectSet, Diagnostics) {
    let mut set = ObjectSet { sources, ..ObjectSet::default() };
    let mut reader = Reader { set: &mut set, diagnostics: Diagnostics::default(), places: BTreeMap::new() };
    for (index, document) in documents.iter().enumerate() {
        reader.object(index, document);
    }
    let mut diagnostics = reader.diagnostics;
    set.documents = documents;
    for document in &mut set.documents {
        if document.root.get("kind").and_then(Node::as_str) == Some("Secret") {
            secrets::redact(&mut document.root);
        }
    }
    if !diagnostics.has_errors() {
        crosscheck::warnings(&set, &mut diagnostics);
    }
    diagnostics.sort();
    (set, diagnostics)
}

/// Puts the text of a one-line value into messages that could only name its kind (`found a
/// boolean`). Values in Secrets stay unnamed.
fn name_offending_text(sources: &[Source], diagnostics: &mut Diagnostics) {
    if !diagnostics.list().iter().any(|d| d.code == "wrong-type") {
        return;
    }
    let texts: Vec<&str> = sources.iter().map(|s| std::str::from_utf8(&s.text).unwrap_or_default()).collect();
    let lines: Vec<Vec<&str>> = texts.iter().map(|t| t.split('\n').collect()).collect();
    let quotable: Vec<Vec<bool>> = texts.iter().map(|t| secrets::quotable(t)).collect();
    diagnostics.edit(|diagnostic| {
        let Some(span) = diagnostic.span.filter(|s| s.line == s.end_line) else { return };
        if diagnostic.code != "wrong-type" || diagnostic.message.contains('`') {
            return;
        }
        let (source, line) = (span.source as usize, span.line.saturating_sub(1) as usize);
        if quotable.get(source).and_then(|q| q.get(line)) != Some(&true) {
            return;
        }
        let text = lines.get(source).and_then(|l| l.get(line)).copied().unwrap_or_default();
        // Finding a column costs the length of the line.
        if text.len() > MAX_QUOTED_LINE {
            return;
        }
        let start = span.column.saturating_sub(1) as usize;
        let length = (span.end_column.saturating_sub(span.column) as usize).min(40);
        let word: String = text.chars().skip(start).take(length).collect();
        if !word.is_empty() {
            diagnostic.message.push_str(&format!(": `{word}`"));
        }
    });
}

/// What every object says about itself.
struct Head<'a> {
    kind: &'a str,
    metadata: Metadata,
    root: &'a Node,
    source: u32,
    document: usize,
}

struct Reader<'a> {
    set: &'a mut ObjectSet,
    diagnostics: Diagnostics,
    /// Where each (kind, namespace, name) stands.
    places: BTreeMap<(String, String, String), Span>,
}

impl Reader<'_> {
    fn object(&mut self, index: usize, document: &Document) {
        let root = &document.root;
        let Kind::Mapping(_) = root.kind else {
            self.diagnostics.push(
                Diagnostic::error(
                    "not-an-object",
                    "",
                    format!("expected a Kubernetes object, found {}", root.kind_name()),
                )
                .with_help("an object begins with `apiVersion:` and `kind:`")
                .with_tekton("couldn't get version/kind; json parse error")
                .at(root.span),
            );
            return;
        };
        let Some(kind) = self.head_text(root, "kind") else { return };
        let Some(version) = self.head_text(root, "apiVersion") else { return };
        let (group, version_name) = version.split_once('/').unwrap_or(("", version));
        let tekton = TEKTON_KINDS.iter().find(|(name, _)| *name == kind);
        match (group, tekton) {
            (TEKTON, Some((_, versions))) if versions.contains(&version_name) => {
                let beta = version_name == "v1beta1" && versions.contains(&"v1");
                if beta {
                    let renamed = beta::to_v1(kind, root, &mut self.diagnostics);
                    self.tekton(index, document, kind, &renamed);
                } else {
                    self.tekton(index, document, kind, root);
                }
            }
            (TEKTON, Some((_, versions))) => self.unknown_version(root, kind, version, versions),
            (TEKTON, None) if TEKTON_OTHERS.contains(&kind) => self.pass_over(root, kind),
            (TEKTON, None) => self.unknown_kind(root, kind, version),
            ("", Some((_, versions))) => self.unknown_version(root, kind, version, versions),
            (other, Some((_, versions))) if nearest(other, &[TEKTON]).is_some() => {
                self.unknown_version(root, kind, version, versions);
            }
            ("", None) if CORE_KINDS.contains(&kind) && version == "v1" => self.core(index, document, kind, root),
            ("", None) if CORE_KINDS.contains(&kind) => self.unknown_version(root, kind, version, &["v1"]),
            (_, _) => self.pass_over(root, kind),
        }
    }

    fn head_text<'n>(&mut self, root: &'n Node, key: &str) -> Option<&'n str> {
        let node = root.get(key);
        if let Some(text) = node.and_then(Node::as_str).filter(|t| !t.is_empty()) {
            return Some(text);
        }
        let message = match node {
            Some(node) => format!("`{key}` is {}, not a text", node.kind_name()),
            None => format!("the object has no `{key}`"),
        };
        self.diagnostics.push(
            Diagnostic::error("missing-field", key, message)
                .with_help("an object begins with, for example, `apiVersion: tekton.dev/v1` and `kind: Pipeline`")
                .with_tekton(format!("error validating data: {key} not set"))
                .at(root.locate(key)),
        );
        None
    }

    fn unknown_version(&mut self, root: &Node, kind: &str, version: &str, versions: &[&str]) {
        let core = CORE_KINDS.contains(&kind);
        let known: Vec<String> =
            versions.iter().map(|v| if core { (*v).to_owned() } else { format!("{TEKTON}/{v}") }).collect();
        let message = format!("there is no {kind} in `{version}`");
        self.diagnostics.push(
            Diagnostic::error("unknown-version", "apiVersion", message)
                .with_help(format!("write apiVersion: {}", known.join(" or ")))
                .with_tekton(format!("no matches for kind \"{kind}\" in version \"{version}\""))
                .at(root.locate("apiVersion")),
        );
    }

    fn unknown_kind(&mut self, root: &Node, kind: &str, version: &str) {
        let names: Vec<&str> = TEKTON_KINDS.iter().map(|(name, _)| *name).collect();
        let help = match nearest(kind, &names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("the kinds are: {}", names.join(", ")),
        };
        self.diagnostics.push(
            Diagnostic::error("unknown-kind", "kind", format!("`{kind}` is not a kind of {version}"))
                .with_help(help)
                .with_tekton(format!("no matches for kind \"{kind}\" in version \"{version}\""))
                .at(root.locate("kind")),
        );
    }

    fn pass_over(&mut self, root: &Node, kind: &str) {
        let name = root.get("metadata").and_then(|m| m.get("name")).and_then(Node::as_str).unwrap_or_default();
        let place = root.locate("kind");
        self.set.passed_over.push((kind.to_owned(), name.to_owned(), place));
    }

    fn tekton(&mut self, index: usize, document: &Document, kind: &str, root: &Node) {
        let head = self.head(index, document, kind, root, &["spec"]);
        match kind {
            "Task" => {
                let spec: TaskSpec = self.spec(root, defaults::task);
                self.check(&head, Checked::Task(&spec));
                if let Some(object) = self.declare(&head, spec) {
                    self.set.tasks.insert(key(&head.metadata), object);
                }
            }
            "Pipeline" => {
                let spec: PipelineSpec = self.spec(root, defaults::pipeline);
                self.check(&head, Checked::Pipeline(&spec));
                if let Some(object) = self.declare(&head, spec) {
                    self.set.pipelines.insert(key(&head.metadata), object);
                }
            }
            "StepAction" => {
                let spec: StepActionSpec = self.spec(root, defaults::step_action);
                self.check(&head, Checked::StepAction(&spec));
                if let Some(object) = self.declare(&head, spec) {
                    self.set.step_actions.insert(key(&head.metadata), object);
                }
            }
            "TaskRun" => {
                let spec: TaskRunSpec = self.spec(root, defaults::task_run);
                self.check(&head, Checked::TaskRun(&spec));
                self.run(head, RunKind::TaskRun, RunSpec::Task(spec));
            }
            "PipelineRun" => {
                let spec: PipelineRunSpec = self.spec(root, defaults::pipeline_run);
                self.check(&head, Checked::PipelineRun(&spec));
                self.run(head, RunKind::PipelineRun, RunSpec::Pipeline(spec));
            }
            _ => {
                let spec: CustomRunSpec = self.spec(root, |_| {});
                self.check(&head, Checked::CustomRun(&spec));
                self.pass_over(root, kind);
            }
        }
    }

    fn core(&mut self, index: usize, document: &Document, kind: &str, root: &Node) {
        let fields: &[&str] = match kind {
            "ConfigMap" => &["data", "binaryData", "immutable"],
            "Secret" => &["data", "stringData", "type", "immutable"],
            "PersistentVolumeClaim" => &["spec"],
            _ => &["secrets", "imagePullSecrets", "automountServiceAccountToken"],
        };
        let head = self.head(index, document, kind, root, fields);
        validate::metadata(&head.metadata, root, &mut self.diagnostics);
        if !self.first_of_its_name(&head) {
            return;
        }
        let place = key(&head.metadata);
        match kind {
            "ConfigMap" => {
                let data: ConfigMapData = self.body(root, fields);
                self.set.config_maps.insert(place, data);
            }
            "Secret" => {
                let data = secrets::decode(root, &mut self.diagnostics);
                self.set.secrets.insert(place, DeclaredSecret { metadata: head.metadata, data });
            }
            "PersistentVolumeClaim" => {
                let _: ClaimSpec = self.spec(root, |_| {});
                self.set.claims.insert(place, ());
            }
            _ => {
                let data: ServiceAccountData = self.body(root, fields);
                self.set.service_accounts.insert(place, data);
            }
        }
    }

    /// Reads `metadata` and refuses top-level fields that are not among `fields`.
    fn head<'n>(
        &mut self,
        index: usize,
        document: &Document,
        kind: &'n str,
        root: &'n Node,
        fields: &[&str],
    ) -> Head<'n> {
        let mut decoder = Decoder::default();
        let mut metadata = match root.get("metadata") {
            Some(node) => decoder.within(Segment::Field("metadata"), |d| Metadata::decode(node, d)),
            None => Metadata::default(),
        };
        if metadata.namespace.is_empty() {
            defaults::NAMESPACE.clone_into(&mut metadata.namespace);
        }
        let known: Vec<&str> = ["apiVersion", "kind", "metadata"].iter().chain(fields).copied().collect();
        if let Kind::Mapping(entries) = &root.kind {
            for entry in entries {
                // `status` is the server's: it is read and ignored.
                if entry.key != "status" && !known.contains(&entry.key.as_str()) {
                    decoder.unknown_field(entry, kind, &known);
                }
            }
        }
        self.diagnostics.append(decoder.diagnostics);
        Head { kind, metadata, root, source: document.source, document: index }
    }

    fn spec<T: Decode>(&mut self, root: &Node, set_defaults: impl FnOnce(&mut T)) -> T {
        let mut decoder = Decoder::default();
        let mut spec = match root.get("spec") {
            Some(node) => decoder.within(Segment::Field("spec"), |d| T::decode(node, d)),
            None => T::default(),
        };
        self.diagnostics.append(decoder.diagnostics);
        set_defaults(&mut spec);
        spec
    }

    /// Decodes an object whose fields stand at the top.
    fn body<T: Decode>(&mut self, root: &Node, fields: &[&str]) -> T {
        let entries = match &root.kind {
            Kind::Mapping(entries) => entries.as_slice(),
            _ => &[],
        };
        let own: Vec<Entry> = entries.iter().filter(|e| fields.contains(&e.key.as_str())).cloned().collect();
        let mut decoder = Decoder::default();
        let body = T::decode(&Node { span: root.span, kind: Kind::Mapping(own) }, &mut decoder);
        self.diagnostics.append(decoder.diagnostics);
        body
    }

    fn check(&mut self, head: &Head<'_>, of: Checked<'_>) {
        validate::object(of, &head.metadata, head.root, &mut self.diagnostics);
    }

    fn declare<T>(&mut self, head: &Head<'_>, spec: T) -> Option<Declared<T>> {
        self.first_of_its_name(head).then(|| Declared {
            metadata: head.metadata.clone(),
            spec: Arc::new(spec),
            source: head.source,
            document: head.document,
            span: head.root.span,
        })
    }

    fn run(&mut self, head: Head<'_>, kind: RunKind, spec: RunSpec) {
        if self.first_of_its_name(&head) {
            self.set.runs.push(RunObject {
                kind,
                metadata: head.metadata,
                spec,
                source: head.source,
                document: head.document,
                span: head.root.span,
            });
        }
    }

    /// Refuses a second object of one kind, namespace and name.
    fn first_of_its_name(&mut self, head: &Head<'_>) -> bool {
        let Metadata { name, namespace, .. } = &head.metadata;
        if name.is_empty() {
            return true;
        }
        let here = head.root.locate("metadata.name");
        let key = (head.kind.to_owned(), namespace.clone(), name.clone());
        let Some(first) = self.places.insert(key.clone(), here) else { return true };
        let file = |span: Span| {
            let name = self.set.sources.get(span.source as usize).map_or("?", String::as_str);
            format!("{name}:{}", span.line)
        };
        let message =
            format!("two objects are called {} `{name}`: at {} and at {}", head.kind, file(first), file(here));
        self.diagnostics.push(
            Diagnostic::error("duplicate-object", "metadata.name", message)
                .with_help("rename one, or leave one file out; metadata.generateName gives each run a name of its own")
                .with_tekton(format!("\"{name}\" already exists"))
                .at(here),
        );
        self.places.insert(key, first);
        false
    }
}

fn key(metadata: &Metadata) -> Key {
    (metadata.namespace.clone(), metadata.name.clone())
}
