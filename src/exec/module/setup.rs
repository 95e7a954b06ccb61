//! From a step's request to a step that can run: mounts, arguments, environment, handles.
//!
//! Knows Tekton's layout of a step's root and WASI's ways of telling a program where it is.
//! Does not know executors, threads or how the program is run.

use super::clock::StepClock;
use super::component::ComponentState;
use super::control::{Control, Deadlines};
use super::credentials::AttemptCredentials;
use super::fs::backend::{Backend, Device, OpenHow};
use super::fs::device::DeviceBackend;
use super::fs::errno::{Errno, Stop};
use super::fs::held::HeldBackend;
use super::fs::host::HostBackend;
use super::fs::ident::Identities;
use super::fs::table::{Mount, MountTable};
use super::fs::trace::Trace;
use super::fs::usage::Usage;
use super::fs::walk::Base;
use super::fs::{FileHandle, GuestFs, OpenRequest, OpenedAt, SharedFile};
use super::image::command_line;
use super::limiter::MemoryLimiter;
use super::mounted::Mounted;
use super::preview1::handles::{DirHandle, Handle, Handles, Open, rights};
use super::preview1::path_device;
use super::processes::Process;
use super::random::RandomSource;
use super::resolve::ImageDefaults;
use super::state::{Output, StepState};
use super::world::TaskState;
use crate::exec::{LogSink, Stream};
use crate::model::credentials::CREDENTIALS_DIR;
use crate::model::expand::{Room, TooLong, expand};
use crate::model::outcome::{Limits, Outcome};
use crate::model::request::{MountRequest, ProgramRequest, TimesMode, UserRequest};
use crate::volumes::{Files, Place};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tekton: what stands before a script without a `#!` line.
const PREAMBLE: &str = "#!/bin/sh\nset -e\n";

/// The guest's root, where every path of a request starts.
pub(super) const ROOT: Base<'static> = Base { path: "", open_above: true };

/// What a program gets that is not in its own request.
pub struct Surroundings<'a> {
    /// The step's or sidecar's name.
    pub container: &'a str,
    /// A scratch of its own.
    pub root: Place,
    /// What is mounted, its volumes included.
    pub mounts: Vec<Mount>,
    /// Where its volumes are mounted that are directories.
    pub volume_paths: Vec<String>,
    /// Notes what it sees of what is mounted.
    pub trace: Option<Arc<Trace>>,
    /// Inodes and times of the attempt.
    pub identities: Arc<Identities>,
    /// The environment without what we add.
    pub environment: Vec<(String, String)>,
    /// Argument 0 where the request names no command.
    pub stem: String,
    /// The credentials that a step gets.
    pub credentials: Option<&'a AttemptCredentials>,
    /// What the image brings along that the program stands for.
    pub image: Option<ImageDefaults>,
    /// Where what it prints goes.
    pub logs: Arc<dyn LogSink>,
    /// Files that get a copy of what it prints.
    pub stdout_path: Option<&'a str>,
    pub stderr_path: Option<&'a str>,
    /// Its limits.
    pub limits: Limits,
    /// Its random bytes.
    pub random: RandomSource,
    /// Ends it from outside.
    pub control: Arc<Control>,
    /// What it can ask of its task.
    pub task: TaskState,
    /// Which program of its step it is.
    pub process: Process,
}

/// Puts lines of ours into a step's log.
pub fn tell(logs: &dyn LogSink, step: &str, notes: &[String]) {
    for note in notes {
        logs.write(step, Stream::Stderr, format!("stepwell: {note}\n").as_bytes());
    }
}

/// Why a step cannot be set up: how it ends instead.
type Setup<T> = Result<T, Outcome>;

/// The mounts of a program: what the task attempt mounts for all of them, then its volumes. Beside them the paths of
/// volumes that are directories.
pub fn all_mounts(
    program: &ProgramRequest,
    mut mounts: Vec<Mount>,
    volumes: &BTreeMap<String, Mounted>,
) -> Setup<(Vec<Mount>, Vec<String>)> {
    let mut volume_paths = Vec::new();
    for request in &program.mounts {
        let mount = volume_mount(request, volumes)?;
        if !mount.is_file {
            volume_paths.push(mount.path.clone());
        }
        mounts.push(mount);
    }
    Ok((mounts, volume_paths))
}

/// Makes a step ready. On the thread that will run it, since its clocks start here.
pub fn set_up(program: &ProgramRequest, around: Surroundings<'_>) -> Setup<StepState> {
    let deadlines = Deadlines::start(around.limits.wall, around.limits.cpu);
    let (mut mounts, volume_paths) = (around.mounts, around.volume_paths);
    let script = program.script.as_deref().map(|script| {
        let mut files = Files::default();
        files.insert(around.container, with_preamble(script).into_bytes(), 0o755);
        mounts.push(held_mount("/tekton/scripts", files));
        format!("/tekton/scripts/{}", around.container)
    });
    mounts.extend(program.user.map(user_mount));
    let root = Arc::new(HostBackend::new(around.root));
    // An image's home is part of the image.
    let home = around.image.iter().flat_map(|image| &image.environment).find(|(name, _)| name == "HOME");
    let home = home.and_then(|(_, home)| absolute(home));
    let dirs: Vec<&str> = ["/tmp", CREDENTIALS_DIR].into_iter().chain(home.as_deref()).collect();
    let table = Arc::new(MountTable::new(root, mounts, &dirs));
    let mut fs = GuestFs {
        table,
        identities: around.identities,
        usage: Usage::new(around.limits.clone()),
        real_times: program.sandbox.times == TimesMode::Real,
        trace: around.trace,
    };
    let default_dir = around.image.as_ref().map(|image| image.working_dir.as_str());
    let working_dir = working_dir(&mut fs, program.working_dir.as_deref().or(default_dir))?;
    if let Some(credentials) = around.credentials {
        let mut tell = |line: &str| around.logs.write(around.container, Stream::Stderr, format!("{line}\n").as_bytes());
        credentials.give(&mut fs, &working_dir, &around.environment, &mut tell)?;
    }
    let mut room = Room::default();
    let arguments = arguments(program, around.stem, around.image.as_ref(), script, &around.environment, &mut room)?;
    let environment = environment(around.environment, &working_dir, &mut room)?;
    let preopens = preopens(&fs, &working_dir, &volume_paths)?;
    let mut process = around.process;
    process.volumes = Arc::new(volume_paths);
    let handles = handles(&preopens, around.limits.handles)?;
    let mut copy = |path: Option<&str>| match path {
        Some(path) => open_copy(&mut fs, &working_dir, path).map(SharedFile::new).map(Some),
        None => Ok(None),
    };
    let (stdout_copy, stderr_copy) = (copy(around.stdout_path)?, copy(around.stderr_path)?);
    Ok(StepState {
        fs,
        handles,
        arguments,
        environment,
        clock: StepClock::start(program.sandbox.clock, deadlines),
        random: around.random,
        output: Output { logs: around.logs, container: around.container.to_owned(), stdout_copy, stderr_copy },
        control: around.control,
        limiter: MemoryLimiter::new(around.limits.memory),
        memory: None,
        preopens,
        task: around.task,
        process,
        component: ComponentState::default(),
        denied: None,
        ended: None,
    })
}

/// A mount of a directory of the host.
#[must_use]
pub fn host_mount(path: impl Into<String>, place: &Place, read_only: bool) -> Mount {
    let backend: Arc<dyn Backend> = Arc::new(HostBackend::new(place.clone()));
    Mount { path: path.into(), backend, read_only, is_file: false }
}

/// A read-only mount of files in memory.
#[must_use]
pub fn held_mount(path: impl Into<String>, files: Files) -> Mount {
    let is_file = files.0.contains_key("");
    let backend: Arc<dyn Backend> = Arc::new(HeldBackend::new(files));
    Mount { path: path.into(), backend, read_only: true, is_file }
}

/// A read-only mount of one file.
#[must_use]
pub fn file_mount(path: impl Into<String>, bytes: &[u8]) -> Mount {
    let backend: Arc<dyn Backend> = Arc::new(HeldBackend::file(bytes, 0o644));
    Mount { path: path.into(), backend, read_only: true, is_file: true }
}

/// The mount of the devices. It is not read-only, as writing to a device is no change of a file;
/// that nothing can be made there is the backend's own answer.
#[must_use]
pub fn device_mount() -> Mount {
    Mount { path: "/dev".into(), backend: Arc::new(DeviceBackend), read_only: false, is_file: false }
}

/// Who a program runs as, where Linux says it. Nothing is to be seen there otherwise, and no right depends on it.
fn user_mount(UserRequest { user, group }: UserRequest) -> Mount {
    let line = |name: &str, number: u32| format!("{name}:\t{number}\t{number}\t{number}\t{number}\n");
    let text = format!("{}{}Groups:\t{group} \n", line("Uid", user), line("Gid", group));
    file_mount("/proc/self/status", text.as_bytes())
}

fn volume_mount(request: &MountRequest, volumes: &BTreeMap<String, Mounted>) -> Setup<Mount> {
    let wrong =
        |text: String| Outcome::Infrastructure { message: format!("mount at {:?}: {text}", request.mount_path) };
    let path = absolute(&request.mount_path)
        .ok_or_else(|| wrong("the path has to be absolute, below `/`, and without `..`".to_owned()))?;
    let volume =
        volumes.get(&request.volume).ok_or_else(|| wrong(format!("the task has no volume {:?}", request.volume)))?;
    let volume = volume.inside(&request.sub_path).map_err(|error| wrong(error.to_string()))?;
    let (backend, is_file) = volume.backend();
    Ok(Mount { path, backend, read_only: request.read_only || volume.read_only, is_file })
}

/// A mount path without doubled or trailing slashes; `None` for the root and what is not absolute.
fn absolute(path: &str) -> Option<String> {
    if !path.starts_with('/') || path.contains('\0') {
        return None;
    }
    let names: Vec<&str> = path.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    if names.is_empty() || names.contains(&"..") {
        return None;
    }
    Some(format!("/{}", names.join("/")))
}

pub(super) fn with_preamble(script: &str) -> String {
    if script.starts_with("#!") { script.to_owned() } else { format!("{PREAMBLE}{script}") }
}

/// The working directory without links, made where it is missing; "" is the root. Kubernetes: a
/// relative one starts at the image's own, which is `/`.
fn working_dir(fs: &mut GuestFs, wanted: Option<&str>) -> Setup<String> {
    let wanted = wanted.unwrap_or("").trim_start_matches('/');
    if wanted.is_empty() {
        return Ok(String::new());
    }
    let request = OpenRequest { directory: true, ..OpenRequest::default() };
    let mut opened = fs.open(ROOT, wanted, true, request);
    if opened.as_ref().err() == Some(&Stop::Errno(Errno::NoEntry)) {
        make_dirs(fs, wanted).map_err(|stop| bad_path("workingDir", wanted, stop))?;
        opened = fs.open(ROOT, wanted, true, request);
    }
    match opened {
        Ok(OpenedAt::Dir(path)) => Ok(path),
        Ok(_) => Err(bad_path("workingDir", wanted, Errno::NotDir.into())),
        Err(stop) => Err(bad_path("workingDir", wanted, stop)),
    }
}

/// Makes a directory of the guest, by its path without the first slash, and those above it.
pub(super) fn make_dirs(fs: &mut GuestFs, path: &str) -> Result<(), Stop> {
    for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
        let part = path.get(..end).unwrap_or(path);
        match fs.make_dir(ROOT, part) {
            Ok(()) | Err(Stop::Errno(Errno::Exists)) => {}
            Err(stop) => return Err(stop),
        }
    }
    Ok(())
}

fn bad_path(what: &str, path: &str, stop: Stop) -> Outcome {
    match stop {
        Stop::End(outcome) => *outcome,
        Stop::Errno(errno) => Outcome::ModuleInvalid { message: format!("{what} /{path} cannot be used: {errno}") },
    }
}

/// A file that gets a copy of what the step prints. Tekton: directories above it are made, and
/// what it held is gone.
fn open_copy(fs: &mut GuestFs, working_dir: &str, path: &str) -> Setup<FileHandle> {
    let full = match path.strip_prefix('/') {
        Some(path) => path.to_owned(),
        None => format!("{}/{path}", working_dir.trim_start_matches('/')),
    };
    let how = OpenHow { write: true, truncate: true, append: true, ..OpenHow::default() };
    let request = OpenRequest { how, create: true, ..OpenRequest::default() };
    let full = full.trim_start_matches('/');
    let opened = match full.rsplit_once('/') {
        Some((above, _)) => make_dirs(fs, above).and_then(|()| fs.open(ROOT, full, true, request)),
        None => fs.open(ROOT, full, true, request),
    };
    match opened {
        Ok(OpenedAt::File(file)) => Ok(file),
        Ok(_) => Err(bad_path("the file for output", full, Errno::IsDir.into())),
        Err(stop) => Err(bad_path("the file for output", full, stop)),
    }
}

/// Kubernetes: `$(NAME)` in command and args stands for a variable of the environment.
fn arguments(
    program: &ProgramRequest,
    stem: String,
    image: Option<&ImageDefaults>,
    script: Option<String>,
    environment: &[(String, String)],
    room: &mut Room,
) -> Setup<Vec<String>> {
    let value = |name: &str| environment.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let mut arguments = Vec::new();
    let mut add = |argument: Result<String, TooLong>| {
        let taken = argument.and_then(|argument| room.take(argument.len()).map(|()| argument));
        let place = arguments.len();
        arguments.push(taken.map_err(|error| too_long(&format!("argument {place}"), error))?);
        Ok(())
    };
    if let Some(image) = image {
        let text = program.script.as_deref().map(with_preamble);
        let line = command_line(image, program, script.as_deref().zip(text.as_deref()));
        line.fixed.into_iter().try_for_each(|word| add(Ok(word)))?;
        line.own.iter().try_for_each(|word| add(expand(word, value)))?;
        refuse_nul("argument", &arguments)?;
        return Ok(arguments);
    }
    match program.command.split_first() {
        Some((first, rest)) => {
            add(expand(first, value))?;
            rest.iter().try_for_each(|argument| add(expand(argument, value)))?;
        }
        None => add(Ok(stem))?,
    }
    script.into_iter().try_for_each(|script| add(Ok(script)))?;
    program.args.iter().try_for_each(|argument| add(expand(argument, value)))?;
    refuse_nul("argument", &arguments)?;
    Ok(arguments)
}

fn environment(declared: Vec<(String, String)>, working_dir: &str, room: &mut Room) -> Setup<Vec<String>> {
    let mut environment: Vec<String> =
        declared.into_iter().filter(|(name, _)| name != "PWD").map(|(name, value)| format!("{name}={value}")).collect();
    // Go reads where it is from here, and nothing else tells it.
    let here = if working_dir.is_empty() { "/" } else { working_dir };
    environment.push(format!("PWD={here}"));
    for variable in &environment {
        let name = variable.split('=').next().unwrap_or_default();
        room.take(variable.len()).map_err(|error| too_long(&format!("environment variable {name:?}"), error))?;
    }
    refuse_nul("environment variable", &environment)?;
    Ok(environment)
}

/// Linux: a program is not started with more words than that.
fn too_long(what: &str, error: TooLong) -> Outcome {
    Outcome::ModuleInvalid { message: format!("{what}: {error}") }
}

/// No program can be given a NUL byte: it would end the string there.
fn refuse_nul(what: &str, strings: &[String]) -> Setup<()> {
    match strings.iter().position(|string| string.contains('\0')) {
        Some(place) => Err(Outcome::ModuleInvalid {
            message: format!("{what} {place} holds a NUL byte, which no program can be given"),
        }),
        None => Ok(()),
    }
}

/// The directories that are open from the start, by name and path: the root and each volume, as some programs look for
/// the directory that they are told of among them. wasi-libc starts at `/` and takes `/` and `.` for
/// the same, the last one first. So with another working directory, `.` comes last for relative
/// paths, and every directory at the top has an entry of its own for absolute ones.
pub(super) fn preopens(fs: &GuestFs, working_dir: &str, volumes: &[String]) -> Setup<Vec<(String, String)>> {
    let mut preopens = vec![("/".to_owned(), String::new())];
    let mut paths = volumes.to_vec();
    if !working_dir.is_empty() {
        let top = fs.list("").map_err(|errno| bad_path("the root", "", errno.into()))?;
        let top = top
            .into_iter()
            .filter(|entry| entry.kind == super::fs::backend::Kind::Dir)
            .filter(|entry| !matches!(entry.name.as_str(), "." | ".."))
            .map(|entry| format!("/{}", entry.name));
        paths.extend(top);
    }
    paths.sort();
    paths.dedup();
    preopens.extend(paths.into_iter().map(|path| (path.clone(), path)));
    if !working_dir.is_empty() {
        preopens.push((".".to_owned(), working_dir.to_owned()));
    }
    Ok(preopens)
}

/// Standard streams and preopened directories.
fn handles(preopens: &[(String, String)], limit: u32) -> Setup<Handles> {
    let count = u32::try_from(preopens.len() + 3).unwrap_or(u32::MAX);
    let mut handles = Handles::new(limit.saturating_add(count));
    for open in preopen(preopens) {
        // The limit was raised by exactly these.
        handles.add(open).map_err(|errno| bad_path("the handles", "", errno.into()))?;
    }
    Ok(handles)
}

/// The three standard streams, and directories under the names that they are there with.
#[must_use]
pub fn preopen(preopens: &[(String, String)]) -> Vec<Open> {
    let how = OpenHow { read: true, write: true, ..OpenHow::default() };
    let streams = [Device::Stdin, Device::Stdout, Device::Stderr];
    let streams = streams.map(|device| path_device(device, how, 0));
    let dirs = preopens.iter().map(|(name, path)| Open {
        handle: Handle::Dir(DirHandle::preopened(name, path)),
        rights: rights::DIR,
        inheriting: rights::DIR | rights::FILE,
        given_up: 0,
        flags: 0,
    });
    streams.into_iter().chain(dirs).collect()
}
