//! The directories of one task attempt, and what its programs see of each other.
//!
//! Knows Tekton's `/tekton` and `/workspace`. Does not know programs, images or threads. Nothing
//! is on disk before the first write.

use super::fs::backend::{Backend, OpenHow, Opened};
use super::fs::errno::Errno;
use super::fs::host::HostBackend;
use super::fs::ident::Identities;
use super::fs::table::Mount;
use super::mounted::{LAYERS, MountedVolumes};
use super::setup::{device_mount, file_mount, held_mount, host_mount};
use crate::model::artifacts::Artifacts;
use crate::model::request::{AttemptRequest, ResultRequest};
use crate::volumes::commit::{CommitFault, Commits};
use crate::volumes::{Files, Place, remove_tree};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The largest result, in bytes.
const LARGEST_RESULT: u64 = 8 << 20;

/// Largest file of artifacts, in bytes.
const LARGEST_ARTIFACTS: u64 = 1 << 20;

/// What the steps and sidecars of an attempt share.
pub struct Scratch {
    dir: PathBuf,
    /// Inodes and times of the attempt.
    pub identities: Arc<Identities>,
    /// The attempt's volumes.
    pub volumes: MountedVolumes,
    workspace: Mount,
    home: Mount,
    results: Place,
    artifacts: Place,
    /// The names of the steps, in their order.
    steps: Vec<String>,
    /// Steps that have ended: name and exit code.
    finished: Mutex<Vec<(String, i32)>>,
    /// What lies here is still needed when the attempt is over.
    kept: AtomicBool,
}

impl Scratch {
    /// The scratch of an attempt in a directory of its own, in which nothing is.
    #[must_use]
    pub fn new(dir: PathBuf, volumes: MountedVolumes, steps: Vec<String>) -> Self {
        let results = Place::private(dir.join("results"));
        Self {
            identities: Arc::new(Identities::new()),
            volumes,
            workspace: host_mount("/workspace", &Place::private(dir.join("workspace")), false),
            home: host_mount("/tekton/home", &Place::private(dir.join("home")), false),
            results,
            artifacts: Place::private(dir.join("artifacts")),
            steps,
            finished: Mutex::default(),
            kept: AtomicBool::new(false),
            dir,
        }
    }

    /// The name of an attempt's directory.
    #[must_use]
    pub fn dir_name(request: &AttemptRequest) -> String {
        let full = format!("{}/{}", request.namespace, request.task_run);
        let hash = blake3::hash(full.as_bytes()).to_hex();
        let hash = hash.as_str().get(..16).unwrap_or_default().to_owned();
        format!("{hash}-{}", request.attempt)
    }

    /// A scratch root of a program's own.
    #[must_use]
    pub fn root(&self, name: &str) -> Place {
        Place::private(self.dir.join(name))
    }

    /// What a program finds beside its volumes; `step` is the name where it is a step.
    pub fn mounts(&self, step: Option<&str>) -> Vec<Mount> {
        let mut mounts = vec![
            device_mount(),
            self.workspace.clone(),
            self.home.clone(),
            host_mount("/tekton/results", &self.results, false),
            host_mount("/tekton/artifacts", &self.artifacts, false),
            // Tekton: steps can look into these and change nothing in them.
            held_mount("/tekton/run", Files::default()),
            held_mount("/tekton/steps", Files::default()),
        ];
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, code) in finished.iter().filter(|(name, _)| Some(name.as_str()) != step) {
            let place = self.step_dir(name);
            for path in self.step_paths(name) {
                mounts.push(host_mount(path.as_str(), &place, true));
                mounts.push(file_mount(format!("{path}/exitCode"), code.to_string().as_bytes()));
            }
        }
        if let Some(name) = step {
            let place = self.step_dir(name);
            for path in self.step_paths(name) {
                // A step finds the directories that it writes its results and artifacts to.
                for own in ["results", "artifacts"] {
                    mounts.push(host_mount(format!("{path}/{own}"), &place.inside(own), false));
                }
                mounts.push(host_mount(path, &place, false));
            }
        }
        // Tekton: each step has a directory by its number, which is its own to write to.
        for (number, other) in self.steps.iter().enumerate() {
            let path = format!("/tekton/run/{number}");
            mounts.push(if step == Some(other) {
                host_mount(path, &Place::private(self.dir.join(format!("run-{number}"))), false)
            } else {
                held_mount(path, Files::default())
            });
        }
        mounts
    }

    /// Where a step's own directory stands: Tekton's name of it, the plain one, and two by its number.
    fn step_paths(&self, name: &str) -> Vec<String> {
        let mut paths = vec![format!("/tekton/steps/step-{name}"), format!("/tekton/steps/{name}")];
        if let Some(number) = self.steps.iter().position(|other| other == name) {
            let by_number = format!("/tekton/steps/{number}");
            if !self.steps.contains(&number.to_string()) {
                paths.push(by_number);
            }
            paths.push(format!("/tekton/run/{number}/status"));
        }
        paths
    }

    fn step_dir(&self, name: &str) -> Place {
        // Not private: each step that looks at it has a place of its own.
        Place::shared(self.dir.join(format!("step-{name}")))
    }

    /// Notes how a step ended, for those after it. What it wrote is sealed, unless others still
    /// write beside it.
    pub fn finish(&self, name: &str, exit_code: i32, alone: bool) {
        if alone {
            self.volumes.seal(self.identities.step_ended());
        }
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.push((name.to_owned(), exit_code));
    }

    /// What a step that has ended left of its own, and for the task, whose results are `shared`.
    pub fn left_by(&self, step: &str, names: &[ResultRequest], shared: &[ResultRequest]) -> Result<Left, Unusable> {
        let place = self.step_dir(step);
        let mut left = Left::default();
        if !names.is_empty() {
            left.results = read_results(&place.inside("results"), names)?;
        }
        // Most attempts write nothing here.
        if std::fs::symlink_metadata(&self.dir).is_ok() {
            // Tekton's entrypoint reads the task's results behind each of its steps.
            read_results(&self.results, shared)?;
            left.artifacts = read_artifacts(&place.inside("artifacts"), &mut left.notes)?;
            left.task_artifacts = read_artifacts(&self.artifacts, &mut left.notes)?;
        }
        Ok(left)
    }

    /// The task's results, and why some of them are left out: a step that leaves one that is none fails, but a sidecar may
    /// write there too.
    pub fn results(&self, names: &[ResultRequest]) -> Result<(BTreeMap<String, String>, Vec<String>), String> {
        match read_results(&self.results, names) {
            Ok(results) => return Ok((results, Vec::new())),
            Err(Unusable::Fault(fault)) => return Err(fault),
            Err(Unusable::Written(_)) => {}
        }
        let (mut results, mut warnings) = (BTreeMap::new(), Vec::new());
        let mut room = LARGEST_RESULT;
        for name in names {
            match read_results(&self.results, std::slice::from_ref(name)) {
                Ok(one) => {
                    let size = one.values().map(|text| text.len() as u64).sum();
                    if let Some(left) = room.checked_sub(size) {
                        room = left;
                        results.extend(one);
                    }
                }
                Err(Unusable::Fault(fault)) => return Err(fault),
                Err(Unusable::Written(why)) => warnings.push(format!("left out: {why}")),
            }
        }
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        // Its log says so already.
        if finished.iter().any(|(_, code)| *code != 0) {
            warnings.clear();
        }
        Ok((results, warnings))
    }

    /// Removes a program's own root once it has ended.
    pub fn remove_root(&self, name: &str) {
        // What cannot be removed now goes with the attempt's directory.
        let _ = remove_tree(&self.dir.join(name));
    }

    /// Whether anything of the attempt was ever written.
    #[must_use]
    pub fn is_written(&self) -> bool {
        std::fs::symlink_metadata(&self.dir).is_ok() || self.volumes.is_changed()
    }

    /// Commits what was written to volumes that outlive the attempt. Gives what a user should know.
    pub fn commit(&self, commits: &Commits, run: &str, task: &str) -> Result<Vec<String>, CommitFault> {
        self.identities.remove_fifos();
        let committed = self.volumes.commit(commits, run, task);
        // It is recorded, and can still be done.
        self.kept.store(committed.is_err(), Ordering::Relaxed);
        committed
    }

    /// Removes everything that the attempt left in its scratch.
    pub fn remove(&self) -> std::io::Result<()> {
        if self.kept.load(Ordering::Relaxed) { Ok(()) } else { remove_tree(&self.dir) }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Where a session is dropped without a close, too.
        let _ = self.remove();
    }
}

/// What a step leaves.
#[derive(Default)]
pub struct Left {
    pub results: BTreeMap<String, String>,
    pub artifacts: Artifacts,
    pub task_artifacts: Artifacts,
    /// Lines for its log.
    pub notes: Vec<String>,
}

/// Why what a step left cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The step wrote something else.
    #[error("{0}")]
    Written(String),
    /// It cannot be read now.
    #[error("{0}")]
    Fault(String),
}

/// Removes what attempts left that were cut off, once their run has ended: credentials that were copied to a home may
/// be among it. Layers of overlays stay, as a commit may still need them.
pub fn clear_ended(scratch_dir: &Path) -> std::io::Result<()> {
    let entries = |dir: &Path| match std::fs::read_dir(dir) {
        Ok(entries) => entries.collect::<Result<Vec<_>, _>>(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    for attempt in entries(scratch_dir)? {
        for entry in entries(&attempt.path())? {
            if !entry.file_name().to_string_lossy().starts_with(LAYERS) {
                remove_tree(&entry.path())?;
            }
        }
    }
    Ok(())
}

/// Where a task's result lies in the guest.
#[must_use]
pub fn task_result(name: &str) -> String {
    format!("/tekton/results/{name}")
}

/// Where a step's own result lies in the guest.
#[must_use]
pub fn step_result(step: &str, name: &str) -> String {
    format!("/tekton/steps/step-{step}/results/{name}")
}

/// Reads results verbatim; bytes that are not UTF-8 are replaced. One that was not written is
/// left out, as Tekton does.
fn read_results(place: &Place, names: &[ResultRequest]) -> Result<BTreeMap<String, String>, Unusable> {
    let backend = HostBackend::new(place.clone());
    let mut results = BTreeMap::new();
    let mut room = LARGEST_RESULT;
    for ResultRequest { name, .. } in names {
        if name.is_empty() || name.contains(['/', '\0']) || name == "." || name == ".." {
            return Err(Unusable::Fault(format!("{name:?} cannot be the name of a result")));
        }
        let limit = Limit { room, most: LARGEST_RESULT, what: "the results of a task or step together" };
        if let Some(bytes) = read_file(&backend, name, &format!("result {name:?}"), &limit)? {
            room = room.saturating_sub(bytes.len() as u64);
            results.insert(name.clone(), String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(results)
}

/// Reads the artifacts that a directory holds; none where nothing was written, or nothing that is artifacts. Tekton logs
/// that, and goes on.
fn read_artifacts(place: &Place, notes: &mut Vec<String>) -> Result<Artifacts, Unusable> {
    let backend = HostBackend::new(place.clone());
    let limit = Limit { room: LARGEST_ARTIFACTS, most: LARGEST_ARTIFACTS, what: "it" };
    let Some(bytes) = read_file(&backend, "provenance.json", "the file of artifacts", &limit)? else {
        return Ok(Artifacts::default());
    };
    Ok(Artifacts::parse(&bytes).unwrap_or_else(|why| {
        notes.push(format!("the file of artifacts is left out: {why}"));
        Artifacts::default()
    }))
}

/// How much may be read: what is left of the most that `what` may have.
struct Limit {
    room: u64,
    most: u64,
    what: &'static str,
}

/// Reads what a step wrote for those after it; `what` is its name in messages.
fn read_file(backend: &HostBackend, name: &str, what: &str, limit: &Limit) -> Result<Option<Vec<u8>>, Unusable> {
    let wrong = |why: &str| Err(Unusable::Written(format!("{what} {why}")));
    let read = OpenHow { read: true, ..OpenHow::default() };
    let (file, stat) = match backend.open(name, read) {
        Ok(Opened::File(file, stat)) => (file, stat),
        Ok(Opened::Dir | Opened::Device(_)) => return wrong("is a directory and not a file"),
        Err(Errno::NoEntry) => return Ok(None),
        Ok(Opened::Handle(_)) => return wrong("is no file"),
        Err(Errno::Loop) => return wrong("is a link and not a file of its own"),
        Err(errno) => return wrong(&format!("cannot be read: {errno}")),
    };
    if stat.size > limit.room {
        return wrong(&format!("has {} bytes, and {} may have up to {}", stat.size, limit.what, limit.most));
    }
    let mut bytes = vec![0; usize::try_from(stat.size).unwrap_or(0)];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(errno) => return Err(Unusable::Fault(format!("{what} cannot be read: {errno}"))),
        }
    }
    bytes.truncate(filled);
    Ok(Some(bytes))
}
