//! The executor of modules: a session per task attempt, a fresh instance per step.
//!
//! Knows requests, images and the order of things: resolve, prepare, wait for a slot, set up,
//! run, read what was left. Does not know graphs, runs or retries.

use super::cached::StepCache;
use super::code::asker::Asker;
use super::control::{Control, Deadlines, host_time};
use super::credentials::AttemptCredentials;
use super::host::{ModuleHost, Prepared};
use super::launch::Launch;
use super::mounted::MountedVolumes;
use super::probe::Probe;
use super::resolve::{ModuleResolver, ModuleSource};
use super::run::Ran;
use super::scratch::{Scratch, Unusable};
use super::seed;
use super::setup::tell;
use super::sidecar::{Sidecar, Sidecars};
use super::slots::Slot;
use super::world::TaskState;
use crate::exec::{AttemptContext, AttemptReport, Executor, Interrupt, Session, StepReport};
use crate::model::outcome::{Limits, Outcome};
use crate::model::request::{AttemptRequest, ProgramRequest, SidecarRequest, StepRequest};
use crate::volumes::{VolumeError, Volumes, remove_tree};
use async_trait::async_trait;
use rustix::time::ClockId;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{oneshot, watch};

/// How long steps wait for a sidecar that never waits for anything, and how often it is looked at, in nanoseconds.
const HEAD_START: u64 = 1_000_000_000;
const GLANCE: u64 = 1_000_000;

/// What an executor of modules needs.
#[derive(Clone)]
pub struct ExecutorOptions {
    /// The engine and everything compiled.
    pub host: Arc<ModuleHost>,
    /// Opens the attempts' volumes.
    pub volumes: Volumes,
    /// Finds modules by image.
    pub resolver: Arc<dyn ModuleResolver>,
    /// The run's directory for what lives only as long as an attempt.
    pub scratch_dir: PathBuf,
    /// The run's id.
    pub run: String,
    /// Limits where a step says nothing, and the most that it can ask for.
    pub limits: Limits,
    /// Results of earlier steps.
    pub cache: Option<Arc<StepCache>>,
}

/// Runs task attempts whose steps are modules.
#[derive(Clone)]
pub struct ModuleExecutor {
    options: ExecutorOptions,
}

impl ModuleExecutor {
    /// An executor; starts nothing.
    #[must_use]
    pub fn new(options: ExecutorOptions) -> Self {
        Self { options }
    }
}

#[async_trait]
impl Executor for ModuleExecutor {
    async fn open(&self, request: AttemptRequest, context: AttemptContext) -> Result<Box<dyn Session>, Outcome> {
        let fault = |message: String| Outcome::Infrastructure { message };
        let dir = self.options.scratch_dir.join(Scratch::dir_name(&request));
        let mut volumes = BTreeMap::new();
        for volume in &request.volumes {
            let opened = self
                .options
                .volumes
                .open(&request.namespace, volume, &dir)
                .map_err(|error| fault(format!("volume {:?}: {error}", volume.key)))?;
            volumes.insert(volume.key.clone(), opened);
        }
        // What a process that was killed left there.
        remove_tree(&dir).map_err(|error| fault(format!("the attempt's scratch cannot be cleared: {error}")))?;
        let commits = self.options.volumes.commits();
        let volumes = MountedVolumes::new(volumes, &dir, commits, request.live)
            .map_err(|error| fault(format!("the attempt's volumes: {error}")))?;
        let steps = request.steps.iter().map(|step| step.name.clone()).collect();
        let scratch = Scratch::new(dir, volumes, steps);
        let objects = self.options.volumes.objects();
        let credentials = AttemptCredentials::new(objects, &request.namespace, &request.service_account);
        let mut session = ModuleSession {
            options: self.options.clone(),
            scratch: Arc::new(scratch),
            credentials: Arc::new(credentials),
            sidecars: Sidecars::default(),
            context,
            request,
        };
        for (place, sidecar) in session.request.sidecars.clone().into_iter().enumerate() {
            session.start_sidecar(place, sidecar).await?;
        }
        Ok(Box::new(session))
    }
}

/// One attempt of a task.
struct ModuleSession {
    // Declared first, so that dropped first: they write to the scratch.
    sidecars: Sidecars,
    options: ExecutorOptions,
    scratch: Arc<Scratch>,
    credentials: Arc<AttemptCredentials>,
    context: AttemptContext,
    request: AttemptRequest,
}

impl ModuleSession {
    /// The module of a program, ready to run. Gives up when the attempt has to stop, and then ends the
    /// compilation.
    async fn prepare(&self, program: &ProgramRequest) -> Result<(ModuleSource, Arc<Prepared>), Outcome> {
        self.prepare_image(program.source, &program.image).await
    }

    /// The modules of a program's commands, all ready before it starts.
    async fn prepare_commands(&self, program: &ProgramRequest) -> Result<BTreeMap<String, Arc<Prepared>>, Outcome> {
        let mut commands = BTreeMap::new();
        for (name, image) in &program.sandbox.commands {
            let (_, module) = self.prepare_image(program.source, image).await?;
            commands.insert(name.clone(), module);
        }
        Ok(commands)
    }

    async fn prepare_image(&self, source: u32, image: &str) -> Result<(ModuleSource, Arc<Prepared>), Outcome> {
        let source =
            self.options.resolver.resolve(source, image).map_err(|message| Outcome::ModuleInvalid { message })?;
        if let Some(module) = self.options.host.prepared(&source) {
            return Ok((source, module));
        }
        let (host, own) = (self.options.host.clone(), source.clone());
        let (asker, _asking) = Asker::new()
            .map_err(|error| Outcome::Infrastructure { message: format!("no handle to wait with: {error}") })?;
        let preparing = self.job(move || host.prepare_for(&own, Some(&asker)))?;
        tokio::select! {
            prepared = preparing => match prepared {
                Ok(prepared) => prepared.map(|module| (source, module)),
                Err(_) => Err(lost("preparing the module")),
            },
            () = interrupted(self.context.interrupt.clone()) => Err(Outcome::Cancelled),
        }
    }

    fn job<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, Outcome> {
        self.options
            .host
            .threads()
            .run(job)
            .map_err(|error| Outcome::Infrastructure { message: format!("no thread to run the step on: {error}") })
    }

    /// Everything that a program takes along, apart from what only steps have.
    fn launch(
        &self,
        container: &str,
        program: ProgramRequest,
        source: &ModuleSource,
        module: Arc<Prepared>,
        timeout: Option<u64>,
    ) -> Result<Launch, Outcome> {
        let environment =
            self.options.volumes.objects().environment(&self.request.namespace, &program.env).map_err(|error| {
                match error {
                    VolumeError::Variable { .. } => Outcome::ModuleInvalid { message: error.to_string() },
                    _ => Outcome::Infrastructure { message: format!("env: {error}") },
                }
            })?;
        let is_cacheable = seed::is_cacheable(&self.request, &program);
        let image = self.options.resolver.defaults(&program.image);
        let of_image = image.iter().flat_map(|image| &image.environment);
        let of_image = of_image.filter(|(name, _)| !environment.iter().any(|(own, _)| own == name));
        let environment: Vec<_> = of_image.cloned().chain(environment.iter().cloned()).collect();
        Ok(Launch {
            is_cacheable,
            cache: None,
            own_results: Vec::new(),
            task_results: Vec::new(),
            run: self.options.run.clone(),
            has_secrets: !self.options.volumes.objects().secrets.is_empty(),
            host: self.options.host.clone(),
            module,
            commands: BTreeMap::new(),
            stem: source.stem(),
            image,
            scratch: self.scratch.clone(),
            limits: program.sandbox.limits(&self.options.limits, timeout),
            program,
            container: container.to_owned(),
            credentials: None,
            root: String::new(),
            is_step: false,
            task: TaskState::new(self.request.params.clone()),
            environment,
            logs: self.context.logs.clone(),
            stdout_path: None,
            stderr_path: None,
            attempt: self.request.attempt,
            keeps_root: false,
            control: Arc::default(),
        })
    }

    async fn start_sidecar(&mut self, place: usize, sidecar: SidecarRequest) -> Result<(), Outcome> {
        let SidecarRequest { name, program, readiness_probe } = sidecar;
        let probe = readiness_probe.as_ref().map(Probe::read).transpose();
        let probe = probe.map_err(|message| Outcome::ModuleInvalid {
            message: format!("sidecar {name:?}: readinessProbe: {message}"),
        })?;
        let (source, module) = self.prepare(&program).await?;
        let commands = self.prepare_commands(&program).await?;
        let mut launch = self.launch(&name, program.clone(), &source, module.clone(), None)?;
        launch.commands.clone_from(&commands);
        launch.root = format!("sidecar-root-{place}");
        let slot = self.slot().await?;
        let control = launch.control.clone();
        let ended = self.job(move || launch.run(slot))?;
        self.sidecars.push(Sidecar::new(control.clone(), ended));
        let Some(probe) = probe else { return self.settled(&control).await };
        let asks = || {
            let program =
                ProgramRequest { command: probe.command.clone(), args: Vec::new(), script: None, ..program.clone() };
            let mut launch = self.launch(&name, program, &source, module.clone(), Some(probe.timeout))?;
            launch.commands.clone_from(&commands);
            // It runs in the sidecar's own root, which stays.
            launch.root = format!("sidecar-root-{place}");
            launch.keeps_root = true;
            Ok(launch)
        };
        self.pause(probe.initial_delay).await?;
        while !self.ask(asks()?).await? {
            self.pause(probe.period).await?;
        }
        Ok(())
    }

    /// Lets a sidecar without a probe begin: a Pod's steps wait until its sidecars run, and what those do first is done by
    /// then. So the steps start when it has had nothing to do but wait, or after [`HEAD_START`].
    async fn settled(&self, control: &Control) -> Result<(), Outcome> {
        for _ in 0..HEAD_START / GLANCE {
            if control.has_settled() || self.sidecars.newest_has_ended() {
                break;
            }
            self.pause(GLANCE).await?;
        }
        Ok(())
    }

    /// Asks a readiness probe once: whether its program ended well.
    async fn ask(&self, launch: Launch) -> Result<bool, Outcome> {
        let slot = self.slot().await?;
        let control = launch.control.clone();
        let mut running = self.job(move || launch.run(slot))?;
        tokio::select! {
            ran = &mut running => Ok(ran.is_ok_and(|ran| ran.outcome.is_success())),
            () = interrupted(self.context.interrupt.clone()) => {
                control.cancel();
                // How it ended decides nothing any more.
                let _ = running.await;
                Err(Outcome::Cancelled)
            }
        }
    }

    /// Waits for so many nanoseconds.
    async fn pause(&self, time: u64) -> Result<(), Outcome> {
        let (control, deadlines) = (Arc::new(Control::default()), Deadlines::start(None, None));
        let until = host_time(ClockId::Monotonic).saturating_add(time);
        let sleeper = control.clone();
        let sleeping = self.job(move || sleeper.sleep_until(until, &deadlines))?;
        tokio::select! {
            _ = sleeping => Ok(()),
            () = interrupted(self.context.interrupt.clone()) => {
                control.cancel();
                Err(Outcome::Cancelled)
            }
        }
    }

    async fn slot(&self) -> Result<Slot, Outcome> {
        tokio::select! {
            slot = self.options.host.slot() => slot.ok_or_else(|| Outcome::Infrastructure {
                message: "faults in the sandbox itself have used up all its places; start Stepwell again".to_owned(),
            }),
            () = interrupted(self.context.interrupt.clone()) => Err(Outcome::Cancelled),
        }
    }

    /// Runs a step; the image's identity is filled in as soon as it is known.
    async fn step(&self, request: StepRequest, report: &mut StepReport) -> Result<(), Outcome> {
        let StepRequest { index, name, program, timeout, results, stdout_path, stderr_path, notes } = request;
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
            let message = format!("{name:?} cannot be the name of a step's directory");
            return Err(Outcome::Infrastructure { message });
        }
        tell(&*self.context.logs, &name, &notes);
        let (source, module) = self.prepare(&program).await?;
        report.image_id = source.image_id(&module.digest);
        let commands = self.prepare_commands(&program).await?;
        let mut launch = self.launch(&name, program, &source, module, timeout)?;
        launch.commands = commands;
        launch.root = format!("root-{index}");
        launch.is_step = true;
        launch.is_cacheable &= self.credentials.is_empty();
        launch.credentials = Some(self.credentials.clone());
        launch.cache = self.options.cache.clone().filter(|_| launch.is_cacheable);
        launch.own_results.clone_from(&results);
        launch.task_results.clone_from(&self.request.results);
        launch.task.declare(&name, &results, &self.request.results);
        launch.stdout_path = stdout_path;
        launch.stderr_path = stderr_path;
        let slot = self.slot().await?;
        let control = launch.control.clone();
        let (scratch, step, shared) = (self.scratch.clone(), name.clone(), self.request.results.clone());
        let mut running = self.job(move || {
            let ran = launch.run(slot);
            (ran, scratch.left_by(&step, &results, &shared))
        })?;
        let ended = tokio::select! {
            ended = &mut running => ended,
            () = interrupted(self.context.interrupt.clone()) => {
                control.cancel();
                running.await
            }
        };
        let (Ran { outcome, saw_time, cache }, left) = ended.map_err(|_| lost("running the step"))?;
        match left {
            Ok(left) => {
                tell(&*self.context.logs, &name, &left.notes);
                (report.results, report.artifacts) = (left.results, left.artifacts);
                report.task_artifacts = left.task_artifacts;
            }
            // A step that failed anyway failed for its own reason.
            Err(_) if !outcome.is_success() => {}
            Err(Unusable::Fault(message)) => return Err(Outcome::Infrastructure { message }),
            // Tekton's entrypoint ends so when it cannot hand on what the step wrote.
            Err(Unusable::Written(why)) => {
                tell(&*self.context.logs, &name, &[why]);
                return Err(Outcome::Exited { code: 1 });
            }
        }
        (report.outcome, report.saw_time, report.cache) = (outcome, saw_time, cache.map(Box::new));
        Ok(())
    }
}

#[async_trait]
impl Session for ModuleSession {
    async fn run_step(&mut self, request: StepRequest) -> StepReport {
        let name = request.name.clone();
        let mut report = StepReport::of(Outcome::Cancelled, request.program.image.clone());
        if let Err(outcome) = self.step(request, &mut report).await {
            report.outcome = outcome;
        }
        let alone = self.request.sidecars.is_empty();
        self.scratch.finish(&name, report.outcome.exit_code(), alone);
        report
    }

    async fn close(mut self: Box<Self>) -> AttemptReport {
        self.sidecars.stop().await;
        // Most attempts write nothing outside their workspaces: then there is nothing to do.
        if !self.scratch.is_written() {
            return AttemptReport::default();
        }
        let (scratch, commits) = (self.scratch.clone(), self.options.volumes.commits().clone());
        let (names, run, task) =
            (self.request.results.clone(), self.options.run.clone(), self.request.task_run.clone());
        let closing = self.job(move || {
            let results = scratch.results(&names);
            let committed = scratch.commit(&commits, &run, &task);
            // What is left on disk goes when the run is pruned.
            let _ = scratch.remove();
            (results, committed)
        });
        let closed = match closing {
            Ok(closing) => closing.await.map_err(|_| lost("closing the attempt")),
            Err(outcome) => Err(outcome),
        };
        let failed = |fault| AttemptReport { fault: Some(fault), ..AttemptReport::default() };
        match closed {
            Ok((Ok((results, mut warnings)), Ok(others))) => {
                warnings.extend(others);
                AttemptReport { results, fault: None, warnings }
            }
            Ok((Err(fault), Ok(warnings))) => AttemptReport { warnings, ..failed(fault) },
            Ok((_, Err(fault))) => failed(format!("what the task wrote is not in its workspaces yet: {fault}")),
            Err(outcome) => failed(outcome.to_string()),
        }
    }
}

/// Ends when the attempt has to stop; never, where nobody can say so any more.
async fn interrupted(mut interrupt: watch::Receiver<Interrupt>) {
    if interrupt.wait_for(|now| *now != Interrupt::None).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn lost(what: &str) -> Outcome {
    Outcome::Infrastructure { message: format!("a fault in the sandbox itself while {what}") }
}
