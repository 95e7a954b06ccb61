//! A guest without WebAssembly: memory of its own, and a step's state, for tests.

use crate::exec::module::clock::StepClock;
use crate::exec::module::component::ComponentState;
use crate::exec::module::control::{Control, Deadlines};
use crate::exec::module::fs::GuestFs;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::host::HostBackend;
use crate::exec::module::fs::ident::Identities;
use crate::exec::module::fs::table::{Mount, MountTable};
use crate::exec::module::fs::usage::Usage;
use crate::exec::module::limiter::MemoryLimiter;
use crate::exec::module::preview1::handles::Handles;
use crate::exec::module::preview1::{Answer, Call, memory::GuestMemory, path};
use crate::exec::module::processes::Process;
use crate::exec::module::random::RandomSource;
use crate::exec::module::setup::{device_mount, host_mount, preopen};
use crate::exec::module::state::{Output, StepState};
use crate::exec::module::world::TaskState;
use crate::exec::{LogSink, StepProgress, Stream};
use crate::model::outcome::{Limits, Outcome};
use crate::model::request::ClockMode;
use crate::volumes::Place;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Keeps what is printed, and what is said of how far a step is.
#[derive(Default)]
pub struct Printed(pub Mutex<Vec<(String, Stream, Vec<u8>)>>, pub Mutex<Vec<StepProgress>>);

impl LogSink for Printed {
    fn progress(&self, _container: &str, now: &StepProgress) {
        self.1.lock().expect("a list").push(now.clone());
    }

    fn write(&self, container: &str, stream: Stream, bytes: &[u8]) {
        let line = (container.to_owned(), stream, bytes.to_vec());
        self.0.lock().expect("a log").push(line);
    }
}

impl Printed {
    /// Everything on one stream, together.
    pub fn text(&self, wanted: Stream) -> String {
        let lines = self.0.lock().expect("a log");
        let bytes: Vec<u8> = lines.iter().filter(|line| line.1 == wanted).flat_map(|line| line.2.clone()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Rights that ask for reading, and for writing.
pub const READ: u64 = 2;
pub const WRITE: u64 = 64;
/// `oflags`.
pub const CREATE: u32 = 1;
pub const DIRECTORY: u32 = 2;
pub const EXCLUSIVE: u32 = 4;
pub const TRUNCATE: u32 = 8;

/// A guest that calls.
pub struct Guest {
    pub memory: Vec<u8>,
    pub step: StepState,
    pub printed: Arc<Printed>,
}

/// The handle of the guest's root.
pub const ROOT: u32 = 3;

/// A guest whose root lies in `dir/root`, with `dir/work` at `/workspace/w` and `dir/fixed`,
/// read-only, at `/fixed`.
pub fn guest(dir: &Path, limits: Limits) -> Guest {
    for name in ["work", "fixed"] {
        std::fs::create_dir_all(dir.join(name)).expect("is made");
    }
    let mounts = vec![
        host_mount("/workspace/w", &Place::shared(dir.join("work")), false),
        host_mount("/fixed", &Place::shared(dir.join("fixed")), true),
        device_mount(),
    ];
    with_mounts(Place::shared(dir.join("root")), mounts, limits)
}

pub fn with_mounts(root: Place, mounts: Vec<Mount>, limits: Limits) -> Guest {
    let table = MountTable::new(Arc::new(HostBackend::new(root)), mounts, &["/tmp"]);
    let printed = Arc::new(Printed::default());
    let mut handles = Handles::new(limits.handles + 4);
    let preopens = vec![("/".to_owned(), String::new())];
    for open in preopen(&preopens) {
        handles.add(open).expect("has room");
    }
    let deadlines = Deadlines::start(limits.wall, limits.cpu);
    let step = StepState {
        fs: GuestFs {
            table: Arc::new(table),
            identities: Arc::new(Identities::new()),
            usage: Usage::new(limits.clone()),
            real_times: false,
            trace: None,
        },
        handles,
        arguments: vec!["prog".into(), "a b".into()],
        environment: vec!["A=1".into()],
        clock: StepClock::start(ClockMode::Real, deadlines),
        random: RandomSource::Real,
        output: Output { logs: printed.clone(), container: "step".into(), stdout_copy: None, stderr_copy: None },
        control: Arc::new(Control::default()),
        limiter: MemoryLimiter::new(limits.memory),
        memory: None,
        preopens,
        task: TaskState::default(),
        process: Process::default(),
        component: ComponentState::default(),
        denied: None,
        ended: None,
    };
    Guest { memory: vec![0; 1 << 20], step, printed }
}

/// Where strings are put, and results: far enough from each other.
const FIRST: u32 = 0x1000;
const SECOND: u32 = 0x4000;
pub const RESULT: u32 = 0x8000;
pub const BUFFER: u32 = 0x10000;

impl Guest {
    /// Makes a call.
    pub fn call(&mut self, call: impl FnOnce(&mut Call<'_>) -> Answer) -> Answer {
        call(&mut Call { memory: GuestMemory::new(&mut self.memory), step: &mut self.step })
    }

    fn put(&mut self, at: u32, bytes: &[u8]) -> (u32, u32) {
        self.memory[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        (at, bytes.len() as u32)
    }

    pub fn u32(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.memory[at as usize..at as usize + 4].try_into().expect("four"))
    }

    pub fn u64(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.memory[at as usize..at as usize + 8].try_into().expect("eight"))
    }

    /// A call with one path.
    pub fn with_path(&mut self, path: &[u8], call: impl FnOnce(&mut Call<'_>, u32, u32) -> Answer) -> Answer {
        let (at, length) = self.put(FIRST, path);
        self.call(|c| call(c, at, length))
    }

    /// A call with two paths.
    pub fn with_paths(
        &mut self,
        first: &str,
        second: &str,
        call: impl FnOnce(&mut Call<'_>, (u32, u32), (u32, u32)) -> Answer,
    ) -> Answer {
        let (first, second) = (self.put(FIRST, first.as_bytes()), self.put(SECOND, second.as_bytes()));
        self.call(|c| call(c, first, second))
    }

    pub fn open_at(&mut self, fd: u32, path: &str, oflags: u32, rights: u64) -> Result<u32, Stop> {
        self.open_with(fd, 1, path, oflags, rights, 0)
    }

    pub fn open_with(
        &mut self,
        fd: u32,
        lookup: u32,
        path: &str,
        oflags: u32,
        rights: u64,
        flags: u32,
    ) -> Result<u32, Stop> {
        self.with_path(path.as_bytes(), |c, at, length| {
            path::path_open(c, fd, lookup, at, length, oflags, rights, rights, flags, RESULT)
        })?;
        Ok(self.u32(RESULT))
    }

    pub fn open(&mut self, path: &str, oflags: u32, rights: u64) -> Result<u32, Stop> {
        self.open_at(ROOT, path, oflags, rights)
    }

    pub fn close(&mut self, fd: u32) -> Answer {
        self.call(|c| super::super::preview1::fd::fd_close(c, fd))
    }

    pub fn read(&mut self, fd: u32, length: u32) -> Result<Vec<u8>, Stop> {
        self.put(FIRST, &[BUFFER.to_le_bytes(), length.to_le_bytes()].concat());
        self.call(|c| super::super::preview1::io::fd_read(c, fd, FIRST, 1, RESULT))?;
        let length = self.u32(RESULT) as usize;
        Ok(self.memory[BUFFER as usize..BUFFER as usize + length].to_vec())
    }

    pub fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<u32, Stop> {
        self.put(BUFFER, bytes);
        self.put(FIRST, &[BUFFER.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat());
        self.call(|c| super::super::preview1::io::fd_write(c, fd, FIRST, 1, RESULT))?;
        Ok(self.u32(RESULT))
    }

    /// The whole of a file.
    pub fn cat(&mut self, path: &str) -> Result<String, Stop> {
        let fd = self.open(path, 0, READ)?;
        let bytes = self.read(fd, 0x8000);
        self.close(fd)?;
        Ok(String::from_utf8_lossy(&bytes?).into_owned())
    }

    /// Makes or replaces a file.
    pub fn save(&mut self, path: &str, text: &str) -> Answer {
        let fd = self.open(path, CREATE | TRUNCATE, WRITE)?;
        let written = self.write(fd, text.as_bytes());
        self.close(fd)?;
        written.map(|_| ())
    }

    pub fn mkdir(&mut self, path: &str) -> Answer {
        self.with_path(path.as_bytes(), |c, at, n| path::path_create_directory(c, ROOT, at, n))
    }

    pub fn rmdir(&mut self, path: &str) -> Answer {
        self.with_path(path.as_bytes(), |c, at, n| path::path_remove_directory(c, ROOT, at, n))
    }

    pub fn unlink(&mut self, path: &str) -> Answer {
        self.with_path(path.as_bytes(), |c, at, n| path::path_unlink_file(c, ROOT, at, n))
    }

    pub fn symlink(&mut self, target: &str, path: &str) -> Answer {
        self.with_paths(target, path, |c, t, p| path::path_symlink(c, t.0, t.1, ROOT, p.0, p.1))
    }

    pub fn rename(&mut self, from: &str, to: &str) -> Answer {
        self.with_paths(from, to, |c, f, t| path::path_rename(c, ROOT, f.0, f.1, ROOT, t.0, t.1))
    }

    pub fn link(&mut self, from: &str, to: &str) -> Answer {
        self.with_paths(from, to, |c, f, t| path::path_link(c, ROOT, 0, f.0, f.1, ROOT, t.0, t.1))
    }

    /// WASI's file type of a path, without following a link.
    pub fn file_type(&mut self, path: &str) -> Result<u8, Stop> {
        self.stat(path, 0)?;
        Ok(self.memory[RESULT as usize + 16])
    }

    /// Leaves the 64 bytes of `filestat` at [`RESULT`].
    pub fn stat(&mut self, path: &str, lookup: u32) -> Answer {
        self.with_path(path.as_bytes(), |c, at, n| path::path_filestat_get(c, ROOT, lookup, at, n, RESULT))
    }

    pub fn readlink(&mut self, path: &str) -> Result<String, Stop> {
        self.with_path(path.as_bytes(), |c, at, n| path::path_readlink(c, ROOT, at, n, BUFFER, 4096, RESULT))?;
        let length = self.u32(RESULT) as usize;
        let bytes = &self.memory[BUFFER as usize..BUFFER as usize + length];
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    /// Names of a directory, read through a buffer of this size.
    pub fn list(&mut self, path: &str, room: u32) -> Result<Vec<String>, Stop> {
        let fd = self.open(path, DIRECTORY, 0)?;
        let mut names = Vec::new();
        let mut cookie = 0;
        loop {
            self.call(|c| super::super::preview1::dir::fd_readdir(c, fd, BUFFER, room, cookie, RESULT))?;
            let used = self.u32(RESULT);
            let mut at = 0;
            while at + 24 <= used {
                let length = self.u32(BUFFER + at + 16);
                if at + 24 + length > used {
                    break;
                }
                cookie = self.u64(BUFFER + at);
                let start = (BUFFER + at + 24) as usize;
                let name = &self.memory[start..start + length as usize];
                names.push(String::from_utf8_lossy(name).into_owned());
                at += 24 + length;
            }
            if used < room {
                break;
            }
        }
        self.close(fd)?;
        Ok(names)
    }
}

/// That a call was answered with this number.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Stop>, errno: Errno) {
    match answer {
        Err(Stop::Errno(own)) => assert_eq!(own, errno),
        other => panic!("{errno:?} expected, and not {other:?}"),
    }
}

/// That a call ended the step in this way.
#[track_caller]
pub fn ended<T: std::fmt::Debug>(answer: Result<T, Stop>, outcome: &Outcome) {
    match answer {
        Err(Stop::End(own)) => assert_eq!(&*own, outcome),
        other => panic!("{outcome:?} expected, and not {other:?}"),
    }
}
