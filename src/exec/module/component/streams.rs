//! `wasi:io/streams` and `wasi:io/error`: bytes between a component and files, devices and standard streams.
//!
//! Knows streams of ours and that others are the library's (bodies of HTTP's messages). Does not know paths or
//! descriptors. Nothing of ours ever blocks but pipes, which always do, so that what blocks is the same as what does not.

use super::errors::{StreamErrno, StreamStop};
use super::files::SharedFile;
use super::misused;
use super::wait::{Wait, pollable};
use super::wasi::io::{error, streams};
use crate::exec::Stream;
use crate::exec::module::fs;
use crate::exec::module::fs::backend::Device;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::preview1::handles::Handle;
use crate::exec::module::processes::pipe::PipeEnd;
use crate::exec::module::state::StepState;
use std::pin::pin;
use std::sync::Arc;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::io::streams as library;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, IoError, StreamError, StreamResult};

/// The most bytes that one call reads or writes.
pub const CHUNK: usize = 256 << 10;

/// The most bytes that `blocking-write-and-flush` takes. WASI: 4096.
const LARGEST_BLOCKING: u64 = 4096;

/// Where a guest reads from.
pub enum Input {
    /// A file, from a place on.
    File { file: Arc<SharedFile>, position: u64 },
    /// A device or standard input.
    Device(Device),
    /// Standard input that another program of the step gave: a pipe.
    Pipe(PipeEnd),
    /// Standard input that another program of the step gave: a file, whose place they share.
    Shared(fs::SharedFile),
}

/// Where a guest writes to.
pub enum Output {
    /// A file, from a place on.
    File { file: Arc<SharedFile>, position: u64 },
    /// A file's end, wherever it is at each write.
    End(Arc<SharedFile>),
    /// A device, standard output or standard error.
    Device(Device),
    /// Output that another program of the step gave: a pipe.
    Pipe(PipeEnd),
    /// Output that another program of the step gave: a file, whose place they share.
    Shared(fs::SharedFile),
}

impl Input {
    /// Standard input: what the program was started with.
    pub fn standard(step: &StepState) -> Self {
        match step.handles.get(0).map(|open| &open.handle) {
            Ok(Handle::Pipe(end)) => Self::Pipe(end.clone()),
            Ok(Handle::File(file)) => Self::Shared(file.clone()),
            Ok(Handle::Device(device)) => Self::Device(*device),
            Ok(Handle::Dir(_)) | Err(_) => Self::Device(Device::Null),
        }
    }
}

impl Output {
    /// Standard output (1) or standard error (2): what the program was started with.
    pub fn standard(step: &StepState, number: u32) -> Self {
        match step.handles.get(number).map(|open| &open.handle) {
            Ok(Handle::Pipe(end)) => Self::Pipe(end.clone()),
            Ok(Handle::File(file)) => Self::Shared(file.clone()),
            Ok(Handle::Device(device)) => Self::Device(*device),
            Ok(Handle::Dir(_)) | Err(_) => Self::Device(Device::Null),
        }
    }
}

/// A stream of ours to be read.
pub fn input(table: &mut ResourceTable, stream: Input) -> Result<Resource<DynInputStream>, Stop> {
    Ok(Resource::new_own(table.push(stream)?.rep()))
}

/// A stream of ours to be written.
pub fn output(table: &mut ResourceTable, stream: Output) -> Result<Resource<DynOutputStream>, Stop> {
    Ok(Resource::new_own(table.push(stream)?.rep()))
}

type Answer<T> = Result<T, StreamStop>;

/// Whether what a handle stands for is a type of ours.
fn is_own<T: 'static>(table: &mut ResourceTable, handle: u32) -> bool {
    table.get_any_mut(handle).is_ok_and(|entry| entry.is::<T>())
}

impl StepState {
    fn read_some(&mut self, stream: &Resource<DynInputStream>, length: u64, blocking: bool) -> Answer<Vec<u8>> {
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(CHUNK);
        let table = &mut self.component.table;
        if !is_own::<Input>(table, stream.rep()) {
            let borrowed = Resource::new_borrow(stream.rep());
            if !blocking {
                return Ok(library::HostInputStream::read(table, borrowed, length as u64)?);
            }
            let mut read = pin!(library::HostInputStream::blocking_read(table, borrowed, length as u64));
            return answered(self.clock.wait_for(None, &self.control, read.as_mut())?);
        }
        let stream = table.get_mut(&Resource::<Input>::new_borrow(stream.rep()))?;
        match stream {
            Input::File { file, position } => {
                let mut bytes = vec![0; length];
                let read = file.file.file.read_at(&mut bytes, *position)?;
                if read == 0 && length > 0 {
                    return Err(StreamStop::Closed);
                }
                bytes.truncate(read);
                *position += read as u64;
                Ok(bytes)
            }
            Input::Pipe(end) => {
                let mut bytes = vec![0; length];
                let (control, deadlines) = (&self.control, self.clock.deadlines());
                let read = end.read(&mut bytes, &mut || control.check(deadlines))?;
                if read == 0 && length > 0 {
                    return Err(StreamStop::Closed);
                }
                bytes.truncate(read);
                Ok(bytes)
            }
            Input::Shared(file) => {
                let mut bytes = vec![0; length];
                let mut file = file.lock();
                let read = file.file.read_at(&mut bytes, file.position)?;
                if read == 0 && length > 0 {
                    return Err(StreamStop::Closed);
                }
                bytes.truncate(read);
                file.position += read as u64;
                Ok(bytes)
            }
            Input::Device(Device::Zero | Device::Full) => Ok(vec![0; length]),
            Input::Device(Device::Random) => {
                let mut bytes = vec![0; length];
                self.random.fill(&mut bytes)?;
                Ok(bytes)
            }
            Input::Device(Device::Null | Device::Stdin | Device::Stdout | Device::Stderr) => Err(StreamStop::Closed),
        }
    }

    /// How many bytes a stream takes now.
    fn room(&mut self, stream: &Resource<DynOutputStream>, blocking: bool) -> Answer<u64> {
        let table = &mut self.component.table;
        if is_own::<Output>(table, stream.rep()) {
            return Ok(CHUNK as u64);
        }
        if blocking {
            let pollable = library::HostOutputStream::subscribe(table, Resource::new_borrow(stream.rep()));
            let pollable = pollable.map_err(|error| Stop::from(misused(error)))?;
            let waited = self.poll_all(&[Resource::new_borrow(pollable.rep())]);
            // Nothing was made from it.
            let _ = self.component.table.delete(pollable);
            waited?;
        }
        let table = &mut self.component.table;
        Ok(library::HostOutputStream::check_write(table, Resource::new_borrow(stream.rep()))?)
    }

    fn write_some(&mut self, stream: &Resource<DynOutputStream>, bytes: Vec<u8>) -> Answer<()> {
        let Self { component, fs, output, .. } = self;
        let table = &mut component.table;
        if !is_own::<Output>(table, stream.rep()) {
            return Ok(library::HostOutputStream::write(table, Resource::new_borrow(stream.rep()), bytes)?);
        }
        if bytes.len() > CHUNK {
            return Err(misused("the guest wrote more to a stream than it said it takes").into());
        }
        let usage = &mut fs.usage;
        let mut rest = bytes.as_slice();
        match table.get_mut(&Resource::<Output>::new_borrow(stream.rep()))? {
            Output::File { file, position } => {
                while !rest.is_empty() {
                    let written = file.file.file.write_at(rest, *position, false, &file.file.paid, usage)?;
                    *position += written as u64;
                    rest = rest.get(written..).unwrap_or_default();
                }
            }
            Output::End(file) => {
                while !rest.is_empty() {
                    let end = file.file.file.size()?;
                    let written = file.file.file.write_at(rest, end, false, &file.file.paid, usage)?;
                    rest = rest.get(written..).unwrap_or_default();
                }
            }
            Output::Pipe(end) => {
                let (control, deadlines) = (&self.control, self.clock.deadlines());
                while !rest.is_empty() {
                    match end.write(rest, &mut || control.check(deadlines)) {
                        Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                        Err(Stop::Errno(Errno::BrokenPipe)) => return Err(StreamStop::Closed),
                        Err(stop) => return Err(stop.into()),
                    }
                }
            }
            Output::Shared(file) => {
                let mut file = file.lock();
                while !rest.is_empty() {
                    let at = if file.append { file.file.size()? } else { file.position };
                    let written = file.file.write_at(rest, at, file.append, &file.paid, usage)?;
                    file.position = at + written as u64;
                    rest = rest.get(written..).unwrap_or_default();
                }
            }
            Output::Device(Device::Stdout) => output.write(Stream::Stdout, rest, usage)?,
            Output::Device(Device::Stderr) => output.write(Stream::Stderr, rest, usage)?,
            Output::Device(Device::Full) => return Err(Errno::NoSpace.into()),
            Output::Device(Device::Null | Device::Zero | Device::Random | Device::Stdin) => {}
        }
        Ok(())
    }

    /// Writes bytes, however many a stream takes at once.
    fn write_all(&mut self, stream: &Resource<DynOutputStream>, mut bytes: Vec<u8>) -> Answer<()> {
        while !bytes.is_empty() {
            let room = usize::try_from(self.room(stream, true)?).unwrap_or(usize::MAX);
            let rest = bytes.split_off(room.min(bytes.len()));
            self.write_some(stream, bytes)?;
            bytes = rest;
        }
        self.flush_all(stream, true)
    }

    fn flush_all(&mut self, stream: &Resource<DynOutputStream>, blocking: bool) -> Answer<()> {
        let table = &mut self.component.table;
        if is_own::<Output>(table, stream.rep()) {
            return Ok(());
        }
        let borrowed = Resource::new_borrow(stream.rep());
        if !blocking {
            return Ok(library::HostOutputStream::flush(table, borrowed)?);
        }
        let mut flushed = pin!(library::HostOutputStream::blocking_flush(table, borrowed));
        answered(self.clock.wait_for(None, &self.control, flushed.as_mut())?)
    }

    fn splice_some(
        &mut self,
        to: &Resource<DynOutputStream>,
        from: &Resource<DynInputStream>,
        length: u64,
        blocking: bool,
    ) -> Answer<u64> {
        let length = self.room(to, blocking)?.min(length);
        if length == 0 {
            return Ok(0);
        }
        let bytes = self.read_some(from, length, blocking)?;
        let length = bytes.len() as u64;
        self.write_some(to, bytes)?;
        Ok(length)
    }
}

/// What the library answered; a wait without an end of its own always has an answer.
fn answered<T>(answer: Option<StreamResult<T>>) -> Answer<T> {
    match answer {
        Some(answer) => Ok(answer?),
        None => Err(StreamStop::Closed),
    }
}

impl streams::Host for StepState {
    fn convert_stream_error(&mut self, error: StreamStop) -> wasmtime::Result<streams::StreamError> {
        let failed = match error {
            StreamStop::Closed | StreamStop::Library(StreamError::Closed) => return Ok(streams::StreamError::Closed),
            StreamStop::Stop(Stop::Errno(errno)) => IoError::new(StreamErrno(self.fs.answered(errno))),
            StreamStop::Stop(stop) => return Err(self.ends(stop)),
            StreamStop::Library(StreamError::LastOperationFailed(error)) => error,
            StreamStop::Library(StreamError::Trap(error)) => return Err(self.ends(misused(error).into())),
        };
        match self.component.table.push(failed) {
            Ok(error) => Ok(streams::StreamError::LastOperationFailed(error)),
            Err(error) => Err(self.ends(error.into())),
        }
    }
}

impl error::Host for StepState {}

impl error::HostError for StepState {
    fn to_debug_string(&mut self, error: Resource<IoError>) -> wasmtime::Result<String> {
        match self.component.table.get(&error) {
            Ok(error) => Ok(error.to_string()),
            Err(error) => Err(self.ends(error.into())),
        }
    }

    fn drop(&mut self, error: Resource<IoError>) -> wasmtime::Result<()> {
        self.component.table.delete(error).map(|_| ()).map_err(|error| self.ends(error.into()))
    }
}

impl streams::HostInputStream for StepState {
    fn read(&mut self, stream: Resource<DynInputStream>, length: u64) -> Answer<Vec<u8>> {
        self.read_some(&stream, length, false)
    }

    fn blocking_read(&mut self, stream: Resource<DynInputStream>, length: u64) -> Answer<Vec<u8>> {
        self.read_some(&stream, length, true)
    }

    fn skip(&mut self, stream: Resource<DynInputStream>, length: u64) -> Answer<u64> {
        Ok(self.read_some(&stream, length, false)?.len() as u64)
    }

    fn blocking_skip(&mut self, stream: Resource<DynInputStream>, length: u64) -> Answer<u64> {
        Ok(self.read_some(&stream, length, true)?.len() as u64)
    }

    fn subscribe(&mut self, stream: Resource<DynInputStream>) -> wasmtime::Result<Resource<DynPollable>> {
        if is_own::<Input>(&mut self.component.table, stream.rep()) {
            return pollable(&mut self.component.table, Wait::Ready).map_err(|stop| self.ends(stop));
        }
        library::HostInputStream::subscribe(&mut self.component.table, stream)
    }

    fn drop(&mut self, stream: Resource<DynInputStream>) -> wasmtime::Result<()> {
        let table = &mut self.component.table;
        let dropped = if is_own::<Input>(table, stream.rep()) {
            table.delete(Resource::<Input>::new_own(stream.rep())).map(|_| ())
        } else {
            table.delete(stream).map(|_| ())
        };
        dropped.map_err(|error| self.ends(error.into()))
    }
}

impl streams::HostOutputStream for StepState {
    fn check_write(&mut self, stream: Resource<DynOutputStream>) -> Answer<u64> {
        self.room(&stream, false)
    }

    fn write(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> Answer<()> {
        self.write_some(&stream, bytes)
    }

    fn blocking_write_and_flush(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> Answer<()> {
        if bytes.len() as u64 > LARGEST_BLOCKING {
            return Err(misused(format_args!("the guest wrote more than {LARGEST_BLOCKING} bytes in one call")).into());
        }
        self.write_all(&stream, bytes)
    }

    fn flush(&mut self, stream: Resource<DynOutputStream>) -> Answer<()> {
        self.flush_all(&stream, false)
    }

    fn blocking_flush(&mut self, stream: Resource<DynOutputStream>) -> Answer<()> {
        self.flush_all(&stream, true)
    }

    fn subscribe(&mut self, stream: Resource<DynOutputStream>) -> wasmtime::Result<Resource<DynPollable>> {
        if is_own::<Output>(&mut self.component.table, stream.rep()) {
            return pollable(&mut self.component.table, Wait::Ready).map_err(|stop| self.ends(stop));
        }
        library::HostOutputStream::subscribe(&mut self.component.table, stream)
    }

    fn write_zeroes(&mut self, stream: Resource<DynOutputStream>, length: u64) -> Answer<()> {
        if length > self.room(&stream, false)? {
            return Err(misused("the guest wrote more to a stream than it said it takes").into());
        }
        self.write_some(&stream, vec![0; usize::try_from(length).unwrap_or(0)])
    }

    fn blocking_write_zeroes_and_flush(&mut self, stream: Resource<DynOutputStream>, length: u64) -> Answer<()> {
        if length > LARGEST_BLOCKING {
            return Err(misused(format_args!("the guest wrote more than {LARGEST_BLOCKING} bytes in one call")).into());
        }
        self.write_all(&stream, vec![0; usize::try_from(length).unwrap_or(0)])
    }

    fn splice(&mut self, to: Resource<DynOutputStream>, from: Resource<DynInputStream>, length: u64) -> Answer<u64> {
        self.splice_some(&to, &from, length, false)
    }

    fn blocking_splice(
        &mut self,
        to: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        length: u64,
    ) -> Answer<u64> {
        self.splice_some(&to, &from, length, true)
    }

    fn drop(&mut self, stream: Resource<DynOutputStream>) -> wasmtime::Result<()> {
        let table = &mut self.component.table;
        let dropped = if is_own::<Output>(table, stream.rep()) {
            table.delete(Resource::<Output>::new_own(stream.rep())).map(|_| ())
        } else {
            table.delete(stream).map(|_| ())
        };
        dropped.map_err(|error| self.ends(error.into()))
    }
}
