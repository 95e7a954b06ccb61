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
pub const LARGEST_RESULT: u64 = 1 << 20;

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
    /// Steps that have ended: name and exit code.
    finished: Mutex<Vec<(String, i32)>>,
    /// What lies here is still needed when the attempt is over.
    kept: AtomicBool,
}

impl Scratch {
    /// The scratch of an attempt in a directory of its own, in which nothing is.
    #[must_use]
    pub fn new(dir: PathBuf, volumes: MountedVolumes) -> Self {
        let results = Place::private(dir.join("results"));
        Self {
            identities: Arc::new(Identities::new()),
            volumes,
            workspace: host_mount("/workspace", &Place::private(dir.join("workspace")), false),
            home: host_mount("/tekton/home", &Place::private(dir.join("home")), false),
            results,
            artifacts: Place::private(dir.join("artifacts")),
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
            for path in step_paths(name) {
                mounts.push(host_mount(path.as_str(), &place, true));
                mounts.push(file_mount(format!("{path}/exitCode"), code.to_string().as_bytes()));
            }
        }
        if let Some(name) = step {
            let place = self.step_dir(name);
            for path in step_paths(name) {
                // A step finds the directories that it writes its results and artifacts to.
                for own in ["results", "artifacts"] {
                    mounts.push(host_mount(format!("{path}/{own}"), &place.inside(own), false));
                }
                mounts.push(host_mount(path, &place, false));
            }
        }
        mounts
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

    /// What a step that has ended left of its own, and for the task.
    pub fn left_by(&self, step: &str, names: &[ResultRequest]) -> Result<Left, String> {
        let place = self.step_dir(step);
        let mut left = Left::default();
        if !names.is_empty() {
            left.results = read_results(&place.inside("results"), names)?;
        }
        // Most attempts write nothing here.
        if std::fs::symlink_metadata(&self.dir).is_ok() {
            left.artifacts = read_artifacts(&place.inside("artifacts"))?;
            left.task_artifacts = read_artifacts(&self.artifacts)?;
        }
        Ok(left)
    }

    /// The task's results.
    pub fn results(&self, names: &[ResultRequest]) -> Result<BTreeMap<String, String>, String> {
        read_results(&self.results, names)
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

/// Tekton's name of a step's directory, and the plain one.
fn step_paths(name: &str) -> [String; 2] {
    [format!("/tekton/steps/step-{name}"), format!("/tekton/steps/{name}")]
}

/// Reads results verbatim; bytes that are not UTF-8 are replaced. One that was not written is
/// left out, as Tekton does.
fn read_results(place: &Place, names: &[ResultRequest]) -> Result<BTreeMap<String, String>, String> {
    let backend = HostBackend::new(place.clone());
    let mut results = BTreeMap::new();
    for ResultRequest { name, .. } in names {
        if name.is_empty() || name.contains(['/', '\0']) || name == "." || name == ".." {
            return Err(format!("{name:?} cannot be the name of a result"));
        }
        if let Some(bytes) = read_file(&backend, name, &format!("result {name:?}"))? {
            results.insert(name.clone(), String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(results)
}

/// Reads the artifacts that a directory holds; none where nothing was written.
fn read_artifacts(place: &Place) -> Result<Artifacts, String> {
    let backend = HostBackend::new(place.clone());
    match read_file(&backend, "provenance.json", "the file of artifacts")? {
        Some(bytes) => Artifacts::parse(&bytes).map_err(|why| format!("the file of artifacts cannot be read: {why}")),
        None => Ok(Artifacts::default()),
    }
}

/// Reads what a step wrote for those after it; `what` is its name in messages.
fn read_file(backend: &HostBackend, name: &str, what: &str) -> Result<Option<Vec<u8>>, String> {
    let read = OpenHow { read: true, ..OpenHow::default() };
    let (file, stat) = match backend.open(name, read) {
        Ok(Opened::File(file, stat)) => (file, stat),
        Ok(Opened::Dir | Opened::Device(_)) => return Err(format!("{what} is a directory and not a file")),
        Err(Errno::NoEntry) => return Ok(None),
        Ok(Opened::Handle(_)) => return Err(format!("{what} is no file")),
        Err(errno) => return Err(format!("{what} cannot be read: {errno}")),
    };
    if stat.size > LARGEST_RESULT {
        return Err(format!("{what} has {} bytes, and a result may have up to {LARGEST_RESULT}", stat.size));
    }
    let mut bytes = vec![0; usize::try_from(stat.size).unwrap_or(0)];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(errno) => return Err(format!("{what} cannot be read: {errno}")),
        }
    }
    bytes.truncate(filled);
    Ok(Some(bytes))
}
