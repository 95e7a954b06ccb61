//! Starts runs and sees them through: a directory, a journal, an executor and a driver for
//! each, slots shared by all.
//!
//! Knows what each part is made with. Does not know what happens inside a run.

use super::error::AppError;
use super::header::{self, Header, Inputs};
use super::images::{Images, RunsAs};
use super::observe::{LogFrame, Observer, RunInfo, StepProgress};
use super::prepare::{Prepared, PreparedRun};
use super::{App, BUILTIN, Control, identity, workspaces};
use crate::cache::{Function, Local, LocalOptions, Pin, place};
use crate::driver::{self, Clock, ControlServer, DriveInput, How, Slots, SystemClock};
use crate::engine::view::RunView;
use crate::engine::{EngineOptions, Run};
use crate::exec::module::cached::StepCache;
use crate::exec::module::{
    Apart, ExecutorOptions, HostOptions, ImageDefaults, ModuleExecutor, ModuleHost, ModuleResolver, ModuleSource,
    Progress, Where, clear_ended,
};
use crate::model::event::Stamped;
use crate::model::plan::{Plan, Root};
use crate::store::StoreFault;
use crate::store::control::Hub;
use crate::store::journal::FileJournal;
use crate::store::logs::FileLogs;
use crate::store::runs::{NewRun, RunDir, RunId, RunLock, RunStore, Summary};
use crate::volumes::commit::Commits;
use crate::volumes::{Objects, Volumes, VolumesOptions};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

pub use super::workspaces::WorkspacePlace;

/// How often an id that is taken is drawn again.
const ID_TRIES: usize = 8;

/// How a run ended.
pub struct RunEnd {
    pub id: String,
    pub plan: Arc<Plan>,
    pub view: RunView,
    /// Whether the run has ended as a success.
    pub succeeded: bool,
    /// Our own fault that stopped it; the run can be resumed.
    pub fault: Option<String>,
    /// Something that a user should know, such as output that could not be kept.
    pub warnings: Vec<String>,
    pub workspaces: Vec<WorkspacePlace>,
}

/// What all runs of a call share.
pub(super) struct Shared {
    pub host: Arc<ModuleHost>,
    pub clock: Arc<SystemClock>,
    pub slots: Slots,
    pub observer: Arc<dyn Observer>,
    pub commits: Commits,
    /// Results of earlier steps.
    pub cache: Option<Arc<StepCache>>,
    /// Keeps what this process uses of them.
    pub _pin: Option<Pin>,
}

/// One run, with all that driving it takes.
pub(super) struct Driven {
    pub dir: RunDir,
    pub lock: RunLock,
    pub journal: FileJournal,
    pub plan: Arc<Plan>,
    pub epoch: u64,
    pub replay: Vec<Stamped>,
    pub images: Images,
    pub values: Objects,
    pub created_at: u64,
}

impl App {
    /// Runs everything that was prepared, and returns when all runs have ended.
    ///
    /// # Errors
    /// When a run can't be started: then none is.
    pub async fn run(&self, prepared: Prepared, control: &Control) -> Result<Vec<RunEnd>, AppError> {
        let shared = self.shared()?;
        let store = RunStore::open(&self.options.state_dir).map_err(|f| fault(&f))?;
        let driven = prepared
            .runs
            .iter()
            .map(|run| self.make(&store, &prepared, run, &shared))
            .collect::<Result<Vec<_>, _>>()?;
        // Before anything reads what a process that died was writing.
        let recovered = shared.commits.recover();
        let all = driven.into_iter().map(|run| self.drive(&shared, run, control));
        let mut ends = futures_util::future::join_all(all).await;
        if let Some(end) = ends.first_mut() {
            end.warnings.splice(0..0, recovered);
            let fault = shared.cache.as_ref().and_then(|cache| cache.fault());
            end.warnings.extend(fault.map(|fault| {
                let dir = place(&self.options.cache_dir);
                format!("results of steps are neither taken nor kept: {}: {fault}", dir.display())
            }));
        }
        Ok(ends)
    }

    pub(super) fn shared(&self) -> Result<Shared, AppError> {
        raise_file_limit();
        let observer = Arc::clone(&self.options.observer);
        let (cache, pin) = self.results();
        Ok(Shared {
            host: self.host()?,
            clock: Arc::new(SystemClock::start()),
            slots: Slots::new(self.options.parallel),
            observer,
            cache,
            _pin: pin,
            commits: Commits { dir: self.options.state_dir.join("v1").join("commits"), ground: Arc::default() },
        })
    }

    /// Results of earlier steps, unless they are not wanted. Nothing is read yet.
    fn results(&self) -> (Option<Arc<StepCache>>, Option<Pin>) {
        if self.options.no_cache {
            return (None, None);
        }
        let options = LocalOptions {
            dir: place(&self.options.cache_dir),
            function: Function::default(),
            namespace: String::new(),
        };
        let temporary = self.options.state_dir.join("v1");
        let opened = Local::open(options).and_then(|store| store.pin().map(|pin| (store, pin)));
        let (cache, pin) = match opened {
            Ok((store, pin)) => (StepCache::new(Arc::new(store), !self.options.refresh, temporary), Some(pin)),
            Err(error) => (StepCache::broken(&error), None),
        };
        (Some(Arc::new(cache)), pin)
    }

    /// The host of modules, one for all that this app does.
    pub(super) fn host(&self) -> Result<Arc<ModuleHost>, AppError> {
        if let Some(host) = self.host.get() {
            return Ok(host.clone());
        }
        let mut options = HostOptions::new(self.options.state_dir.join("v1"), self.options.cache_dir.clone());
        options.progress = Arc::new(Compiling(Arc::clone(&self.options.observer)));
        if let Some(program) = self.options.program.clone() {
            options.compile = Where::Apart(Apart { program, limits: self.options.compile });
        }
        let host = ModuleHost::new(options)
            .map_err(|error| AppError::fault(error.to_string(), "`stepwell doctor` looks for the cause"))?;
        Ok(self.host.get_or_init(|| Arc::new(host)).clone())
    }

    /// Makes a run's directory, with its journal and the lock held.
    fn make(
        &self,
        store: &RunStore,
        prepared: &Prepared,
        run: &PreparedRun,
        shared: &Shared,
    ) -> Result<Driven, AppError> {
        let inputs = Inputs {
            objects: &prepared.objects,
            bases: &prepared.bases,
            by_name: prepared.by_name.as_deref(),
            overrides: &prepared.overrides,
            image_map: &self.options.image_map,
        };
        let header = Header::new(&inputs, &run.object, &run.plan).to_bytes()?;
        let secrets = header::secret_bytes(&prepared.objects);
        let created_at = shared.clock.now();
        let summary = Summary {
            name: run.plan.metadata.name.clone(),
            namespace: run.plan.metadata.namespace.clone(),
            kind: kind(&run.plan).to_owned(),
            created_at,
            status: "Unknown".to_owned(),
            reason: "Started".to_owned(),
            ..Summary::default()
        };
        let NewRun { dir, lock, journal } = create(store, &header, secrets.as_deref(), &summary)?;
        Ok(Driven {
            dir,
            lock,
            journal,
            plan: Arc::clone(&run.plan),
            epoch: 0,
            replay: Vec::new(),
            images: self.images_of(prepared.bases.clone(), self.options.image_map.clone()),
            values: header::values(&prepared.objects, None),
            created_at,
        })
    }

    /// Drives one run to its end.
    pub(super) async fn drive(&self, shared: &Shared, driven: Driven, control: &Control) -> RunEnd {
        let id = driven.dir.id().to_string();
        let info = RunInfo { id: id.clone(), plan: Arc::clone(&driven.plan) };
        shared.observer.started(&info);
        let (sender, commands) = mpsc::channel(driver::COMMAND_QUEUE);
        control.attach(sender.clone());
        let clock: Arc<dyn Clock> = Arc::clone(&shared.clock) as Arc<dyn Clock>;
        let hub = Arc::new(Hub::default());
        let server = ControlServer::start(&driven.dir, Arc::clone(&hub), sender, Arc::clone(&clock));
        let mut warnings = Vec::new();
        if let Err(error) = &server {
            warnings.push(format!("other processes cannot reach this run: {error}"));
        }
        let end = driver::drive(DriveInput {
            id: id.as_str().into(),
            run: Run::new(Arc::clone(&driven.plan), self.engine_options()),
            journal: Box::new(driven.journal),
            epoch: driven.epoch,
            replay: driven.replay,
            executor: Arc::new(self.executor(shared, &driven.dir, driven.images, driven.values)),
            slots: shared.slots.seat(),
            clock,
            observer: Arc::new(Bridge(Arc::clone(&shared.observer))),
            logs: Arc::new(FileLogs::new(driven.dir.logs_path())),
            hub,
            control: commands,
        })
        .await;
        if let Ok(server) = server {
            server.finish().await;
        }
        warnings.extend(end.log_fault.map(|f| format!("some output could not be kept: {f}")));
        let view = end.run.view();
        let fault = match end.how {
            How::Finished => {
                conclude(&driven.dir, &driven.plan, &view, driven.created_at, &mut warnings);
                None
            }
            How::Killed => Some("stopped before its end".to_owned()),
            How::Fenced => Some("another process drives this run now".to_owned()),
            How::Fault(message) => Some(message),
        };
        drop(driven.lock);
        RunEnd {
            workspaces: workspaces::places(&driven.plan, &end.run, &self.options.state_dir),
            succeeded: end.run.succeeded() == Some(true),
            plan: driven.plan,
            id,
            view,
            fault,
            warnings,
        }
    }

    fn executor(&self, shared: &Shared, dir: &RunDir, images: Images, values: Objects) -> ModuleExecutor {
        ModuleExecutor::new(ExecutorOptions {
            host: Arc::clone(&shared.host),
            volumes: Volumes::new(VolumesOptions {
                volumes_dir: self.options.state_dir.join("v1").join("volumes"),
                objects: Arc::new(values),
                commits: shared.commits.clone(),
            }),
            resolver: Arc::new(Resolver(images)),
            scratch_dir: scratch_dir(dir),
            run: dir.id().to_string(),
            limits: self.options.limits.clone(),
            cache: shared.cache.clone(),
        })
    }

    fn engine_options(&self) -> EngineOptions {
        let limits = &self.options.limits;
        EngineOptions { memory: limits.memory, disk: limits.disk, ..EngineOptions::default() }
    }

    pub(super) fn images_of(&self, bases: Vec<PathBuf>, map: Vec<super::ImageRule>) -> Images {
        Images { map, bases, builtins: super::builtin_names() }
    }
}

/// Lets this process have as many open files as the system allows it: each step may hold a
/// thousand, and logs and journals need theirs beside them. Where it is refused, runs go on
/// with what there is.
fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
}

/// Where the attempts of a run keep what lives as long as they do.
fn scratch_dir(dir: &RunDir) -> PathBuf {
    dir.path().join("layers")
}

/// What is left to do once a run has ended: the list's line, and no secrets on disk.
fn conclude(dir: &RunDir, plan: &Plan, view: &RunView, created_at: u64, warnings: &mut Vec<String>) {
    for result in [dir.write_summary(&summary(plan, view, created_at)), dir.remove_secrets()] {
        warnings.extend(result.err().map(|f| f.to_string()));
    }
    let cleared = clear_ended(&scratch_dir(dir));
    warnings.extend(cleared.err().map(|error| format!("what steps left in {} stays: {error}", dir.path().display())));
}

/// What the list of runs shows of a run.
pub(super) fn summary(plan: &Plan, view: &RunView, created_at: u64) -> Summary {
    let mut summary = Summary {
        name: plan.metadata.name.clone(),
        namespace: plan.metadata.namespace.clone(),
        kind: kind(plan).to_owned(),
        created_at,
        ..Summary::default()
    };
    if let Some(top) = view.objects.first() {
        summary.started_at = top.started_at;
        summary.ended_at = top.ended_at;
        if let Some(condition) = top.status.conditions.first() {
            summary.status.clone_from(&condition.status);
            summary.reason.clone_from(&condition.reason);
            summary.message.clone_from(&condition.message);
        }
    }
    summary
}

pub(super) fn kind(plan: &Plan) -> &'static str {
    match plan.root {
        Root::Pipeline { .. } => "PipelineRun",
        Root::Task { .. } => "TaskRun",
    }
}

fn create(store: &RunStore, header: &[u8], secrets: Option<&[u8]>, summary: &Summary) -> Result<NewRun, AppError> {
    for _ in 0..ID_TRIES {
        let id = RunId::from_random(identity::random()?);
        match store.create(&id, header, secrets, summary) {
            Err(StoreFault::RunExists { .. }) => {}
            result => return result.map_err(|f| fault(&f)),
        }
    }
    Err(AppError::fault("no free run id was found", "clear old runs from the state directory"))
}

/// A fault of the store, with what helps against most of them.
pub(super) fn fault(fault: &StoreFault) -> AppError {
    AppError::fault(fault.to_string(), "`stepwell doctor` looks for the cause; --state-dir names another place")
}

/// Tells a front end's observer what the driver tells.
struct Bridge(Arc<dyn Observer>);

impl driver::Observer for Bridge {
    fn event(&self, run: &str, event: &Stamped, state: &Run) {
        self.0.event(run, event, state);
    }

    fn progress(&self, run: &str, task_run: &str, container: &str, now: &StepProgress) {
        self.0.progress(run, task_run, container, now);
    }

    fn log(&self, frame: &driver::LogFrame<'_>) {
        self.0.log(&LogFrame {
            run: frame.run.to_owned(),
            task_run: frame.task_run.to_owned(),
            task: if frame.pipeline_task.is_empty() { frame.task_run } else { frame.pipeline_task }.to_owned(),
            attempt: frame.attempt,
            container: frame.container.to_owned(),
            stream: frame.stream,
            at: frame.at,
            bytes: frame.bytes.to_vec(),
        });
    }
}

/// Tells a front end's observer of compilations.
struct Compiling(Arc<dyn Observer>);

impl Progress for Compiling {
    fn started(&self, name: &str, bytes: u64) {
        self.0.compiling(name, bytes);
    }

    fn finished(&self, name: &str, took: Duration) {
        self.0.compiled(name, u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }
}

/// Finds modules for the executor.
pub(super) struct Resolver(pub Images);

impl ModuleResolver for Resolver {
    fn defaults(&self, image: &str) -> Option<ImageDefaults> {
        let rule = self.0.defaults(image)?;
        Some(ImageDefaults {
            working_dir: rule.working_dir,
            environment: rule.env.into_iter().collect(),
            entrypoint: rule.entrypoint,
            command: rule.command,
        })
    }

    fn resolve(&self, source: u32, image: &str) -> Result<ModuleSource, String> {
        let built_in = |name: &str| {
            BUILTIN
                .iter()
                .find(|(known, ..)| *known == name)
                .map(|(_, bytes, digest)| ModuleSource::BuiltIn {
                    bytes,
                    digest: blake3::Hash::from_bytes(*digest),
                    name: format!("builtin:{name}"),
                })
                .ok_or_else(|| format!("this binary carries no module `builtin:{name}`"))
        };
        match self.0.resolve(image, source) {
            RunsAs::File(path) => Ok(ModuleSource::File { path, name: image.to_owned() }),
            RunsAs::Builtin(name) => built_in(&name),
            RunsAs::Mapped(module) => built_in(module.trim_start_matches("builtin:")),
            RunsAs::Refused { message, help } => Err(format!("{message}; {help}")),
        }
    }
}
