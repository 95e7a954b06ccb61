//! A program on its way: everything that it takes along to its own thread, and what is done there.
//!
//! Knows the order: mount, ask whether it need run, set up, run, keep what it left. Does not know sessions or why a
//! program is started.

use super::cached::action::{Action, Asked};
use super::cached::frames::Recording;
use super::cached::{self, StepCache};
use super::control::{Control, host_time};
use super::credentials::AttemptCredentials;
use super::fs::table::Mount;
use super::fs::trace::{Shape, Trace};
use super::host::{ModuleHost, Prepared};
use super::image;
use super::processes::{Group, Modules, Process};
use super::random::RandomSource;
use super::resolve::ImageDefaults;
use super::run::{Ran, run};
use super::scratch::Scratch;
use super::seed;
use super::setup::{Surroundings, all_mounts, set_up};
use super::slots::Slot;
use super::world::TaskState;
use crate::cache::Privacy;
use crate::exec::LogSink;
use crate::model::outcome::{Limits, Outcome};
use crate::model::report::CacheNote;
use crate::model::request::{CacheMode, ClockMode, ProgramRequest, RandomMode, ResultRequest};
use rustix::time::ClockId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that a program takes along to its own thread.
pub struct Launch {
    pub host: Arc<ModuleHost>,
    pub module: Arc<Prepared>,
    /// The modules that it may start by name.
    pub commands: BTreeMap<String, Arc<Prepared>>,
    pub stem: String,
    /// What the image brings along that the module stands for.
    pub image: Option<ImageDefaults>,
    pub scratch: Arc<Scratch>,
    pub program: ProgramRequest,
    pub container: String,
    /// What a step gets of the task's ServiceAccount.
    pub credentials: Option<Arc<AttemptCredentials>>,
    /// Name of its own root in the scratch.
    pub root: String,
    pub is_step: bool,
    /// What it can ask for by name.
    pub task: TaskState,
    pub environment: Vec<(String, String)>,
    pub logs: Arc<dyn LogSink>,
    pub stdout_path: Option<String>,
    pub stderr_path: Option<String>,
    pub limits: Limits,
    pub attempt: u32,
    /// Its root is another program's, which goes on.
    pub keeps_root: bool,
    /// Its result could be kept and taken again.
    pub is_cacheable: bool,
    /// Where results are kept, for a step whose result may be.
    pub cache: Option<Arc<StepCache>>,
    /// The results that it may set: its own, and the task's.
    pub own_results: Vec<ResultRequest>,
    pub task_results: Vec<ResultRequest>,
    /// The run's id.
    pub run: String,
    /// The run has Secrets: what is made in it may have been made from one.
    pub has_secrets: bool,
    pub control: Arc<Control>,
}

impl Launch {
    /// Sets the program up and runs it to its end, on the thread that this is called on; or takes what an earlier one
    /// left that would have done the same.
    pub fn run(mut self, slot: Slot) -> Ran {
        self.module = image::program_of(self.image.as_ref(), &self.program, &self.commands, &self.module);
        let mut mounts = self.scratch.mounts(self.is_step.then_some(self.container.as_str()));
        mounts.extend(self.credentials.iter().flat_map(|credentials| credentials.mounts()).cloned());
        let (mounts, volume_paths) = match all_mounts(&self.program, mounts, &self.scratch.volumes.by_key) {
            Ok(all) => all,
            Err(outcome) => return outcome.into(),
        };
        let Some(cache) = self.cache.take() else {
            return self.run_it(slot, mounts, volume_paths, None);
        };
        let (devices, files): (Vec<_>, Vec<_>) = mounts.into_iter().partition(|mount| mount.path == "/dev");
        let identities = self.scratch.identities.clone();
        let (files, trace, shape) = Trace::of(files, &identities);
        let mounts = devices.into_iter().chain(files).collect();
        let action = self.action(&shape);
        let place = cached::Place { action: &action, grounds: trace.grounds(), identities: &identities };
        let missed = match cache.find(&place) {
            Ok(hit) => return self.take(&hit, &place),
            Err(why) => why,
        };
        let recording = Recording::new(self.logs.clone());
        self.logs = recording.clone();
        let (run, always, begun) = (self.run.clone(), self.keeps_always(), host_time(ClockId::Monotonic));
        let privacy = if self.has_secrets { Privacy::Private } else { Privacy::Shared };
        let mut ran = self.run_it(slot, mounts, volume_paths, Some(trace.clone()));
        let took = host_time(ClockId::Monotonic).saturating_sub(begun);
        let mut note = CacheNote { missed: Some(missed), ..CacheNote::default() };
        if ran.outcome.is_success() {
            let finished =
                cached::Finished { action: &action, trace: &trace, recording: &recording, run: &run, took, privacy };
            let kept = if ran.saw_time && !always {
                Err("it asked for the time of day".to_owned())
            } else {
                cache.keep(&finished)
            };
            note.unkept = kept.err();
        }
        ran.cache = Some(note);
        ran
    }

    /// Takes what an earlier step left.
    fn take(self, hit: &cached::Hit, place: &cached::Place<'_>) -> Ran {
        if let Err(why) = hit.restore(place) {
            let message =
                format!("what an earlier step left cannot be put into place: {why} (`--no-cache` runs it instead)");
            return Outcome::Infrastructure { message }.into();
        }
        hit.replay(&self.container, &*self.logs);
        let note = CacheNote { hit: Some(hit.note.clone()), ..CacheNote::default() };
        Ran { outcome: Outcome::Exited { code: 0 }, saw_time: false, cache: Some(note) }
    }

    fn action(&self, shape: &Shape) -> Action {
        let commands = self.commands.iter().map(|(name, module)| (name.clone(), module.digest)).collect();
        Action::of(&Asked {
            module: &self.module.digest,
            commands: &commands,
            program: &self.program,
            image: self.image.as_ref(),
            stem: &self.stem,
            name: &self.container,
            environment: &self.environment,
            shape,
            own: &self.own_results,
            shared: &self.task_results,
            attempt: self.attempt,
            stdout_path: self.stdout_path.as_deref(),
            stderr_path: self.stderr_path.as_deref(),
        })
    }

    /// Whether its result is kept though it saw the time: its own clock tells the same one each time, or it says so.
    fn keeps_always(&self) -> bool {
        let sandbox = &self.program.sandbox;
        sandbox.clock == ClockMode::Virtual || sandbox.cache == CacheMode::Always
    }

    fn run_it(mut self, slot: Slot, mounts: Vec<Mount>, volume_paths: Vec<String>, trace: Option<Arc<Trace>>) -> Ran {
        let random = self.random();
        let modules =
            Modules { host: self.host.clone(), own: self.module.clone(), commands: std::mem::take(&mut self.commands) };
        let control = self.control.clone();
        let group = Group::new(modules, control.clone());
        let surroundings = Surroundings {
            container: &self.container,
            root: self.scratch.root(&self.root),
            mounts,
            volume_paths,
            trace: trace.clone(),
            credentials: self.credentials.as_deref(),
            identities: self.scratch.identities.clone(),
            random,
            environment: self.environment,
            stem: self.stem,
            image: self.image,
            logs: self.logs,
            stdout_path: self.stdout_path.as_deref(),
            stderr_path: self.stderr_path.as_deref(),
            limits: self.limits,
            control: self.control,
            task: self.task,
            process: Process::first(group.clone()),
        };
        let mut ran = match set_up(&self.program, surroundings) {
            Ok(step) => run(&self.host, &self.module, step, slot),
            Err(outcome) => outcome.into(),
        };
        // POSIX: the code of a program that a signal ended.
        if let Some(signal) = control.fatal().filter(|_| ran.outcome == Outcome::Cancelled && !control.is_cancelled()) {
            ran.outcome = Outcome::Exited { code: 128 + signal };
        }
        // Others that it started end with it; a limit that one of them met is the step's.
        if let Some(outcome) = group.close() {
            ran.outcome = outcome;
        }
        if let Some(trace) = trace.filter(|_| group.was_cut_off()) {
            trace.spoil(|| "programs that it had started were still running when it ended".to_owned());
        }
        if !self.keeps_root {
            self.scratch.remove_root(&self.root);
        }
        ran
    }

    fn random(&self) -> RandomSource {
        let seeded = match self.program.sandbox.random {
            RandomMode::Auto => self.is_cacheable,
            RandomMode::Seeded => true,
            RandomMode::Real => false,
        };
        if !seeded {
            return RandomSource::Real;
        }
        let commands = self.commands.iter().map(|(name, module)| (name.as_str(), &module.digest));
        let identity = seed::identity(&self.module.digest, commands, &self.program, &self.environment, self.attempt);
        RandomSource::seeded(&self.host.key().secret("seed of random bytes"), &identity)
    }
}
