//! Calls of WASI 0.2 as a component makes them, without WebAssembly in between: what a guest can make its host hold,
//! and that a read-only mount stays so through every call.

use super::guest::guest;
use crate::exec::module::component::errors::StreamStop;
use crate::exec::module::component::files::{Answer, Descriptor};
use crate::exec::module::component::wasi::filesystem::preopens::Host as _;
use crate::exec::module::component::wasi::filesystem::types::{
    DescriptorFlags, ErrorCode, Host as _, HostDescriptor, HostDirectoryEntryStream, NewTimestamp, OpenFlags, PathFlags,
};
use crate::exec::module::component::wasi::io::poll::Host as _;
use crate::exec::module::component::wasi::io::streams::{HostInputStream, HostOutputStream};
use crate::exec::module::component::wasi::{cli, clocks};
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::state::StepState;
use crate::model::outcome::{Limits, Outcome};
use clocks::monotonic_clock::Host as _;
use wasmtime::component::Resource;

const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;
const READ: DescriptorFlags = DescriptorFlags::READ;

/// The same handle once more.
fn again<T: 'static>(handle: &Resource<T>) -> Resource<T> {
    Resource::new_borrow(handle.rep())
}

fn root(step: &mut StepState) -> Resource<Descriptor> {
    step.get_directories().expect("are there").remove(0).0
}

fn open(
    step: &mut StepState,
    dir: &Resource<Descriptor>,
    path: &str,
    how: OpenFlags,
    flags: DescriptorFlags,
) -> Answer<Resource<Descriptor>> {
    step.open_at(again(dir), FOLLOW, path.to_owned(), how, flags)
}

fn make(step: &mut StepState, dir: &Resource<Descriptor>, path: &str) -> Answer<Resource<Descriptor>> {
    open(step, dir, path, OpenFlags::CREATE, READ | DescriptorFlags::WRITE)
}

#[track_caller]
fn refused<T>(answer: Answer<T>, errno: Errno) {
    match answer {
        Err(Stop::Errno(own)) => assert_eq!(own, errno),
        Err(stop) => panic!("{errno:?} expected, and not {stop:?}"),
        Ok(_) => panic!("{errno:?} expected"),
    }
}

#[test]
fn open_files_have_an_end_though_their_descriptors_are_dropped() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut guest = guest(dir.path(), Limits { handles: 10, ..Limits::default() });
    let step = &mut guest.step;
    let root = root(step);
    let mut streams = Vec::new();
    for n in 0..10 {
        let file = make(step, &root, &format!("f{n}")).expect("is made");
        streams.push(step.read_via_stream(again(&file), 0).expect("is read"));
        HostDescriptor::drop(step, file).expect("is dropped");
    }
    refused(make(step, &root, "more"), Errno::TooManyHandles);
    refused(open(step, &root, "workspace", OpenFlags::DIRECTORY, READ), Errno::TooManyHandles);
    assert_eq!(step.convert_error_code(Errno::TooManyHandles.into()).expect("goes on"), ErrorCode::Quota);
    HostInputStream::drop(step, streams.remove(0)).expect("is dropped");
    make(step, &root, "more").expect("has room again");
}

#[test]
fn listings_have_an_end() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut guest = guest(dir.path(), Limits::default());
    for n in 0..4000 {
        std::fs::write(dir.path().join("work").join(format!("{n:0>200}")), "").expect("is made");
    }
    let step = &mut guest.step;
    let root = root(step);
    let work = open(step, &root, "workspace/w", OpenFlags::DIRECTORY, READ).expect("is there");
    let mut held = Vec::new();
    let stop = loop {
        match step.read_directory(again(&work)) {
            Ok(listing) => held.push(listing),
            Err(stop) => break stop,
        }
        assert!(held.len() < 200);
    };
    assert_eq!(stop, Errno::NoMemory.into());
    HostDirectoryEntryStream::drop(step, held.remove(0)).expect("is dropped");
    step.read_directory(work).expect("has room again");
}

#[test]
fn one_call_has_an_end() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut guest = guest(dir.path(), Limits::default());
    let step = &mut guest.step;
    let soon = step.subscribe_duration(0).expect("is made");
    let many = (0..5000).map(|_| again(&soon)).collect();
    step.poll(many).expect_err("ends the guest");
    assert!(matches!(step.ended.take(), Some(Outcome::Trapped { .. })));
    step.poll(Vec::new()).expect_err("ends the guest");
    assert!(matches!(step.ended.take(), Some(Outcome::Trapped { .. })));
    let stdout = cli::stdout::Host::get_stdout(step).expect("is there");
    let room = step.check_write(again(&stdout)).expect("has room");
    HostOutputStream::write(step, again(&stdout), vec![b'x'; room as usize]).expect("is written");
    for answer in [
        HostOutputStream::write(step, again(&stdout), vec![b'x'; room as usize + 1]),
        step.write_zeroes(again(&stdout), u64::MAX),
        step.blocking_write_and_flush(again(&stdout), vec![b'x'; 4097]),
    ] {
        assert!(matches!(answer, Err(StreamStop::Stop(Stop::End(_)))), "{answer:?}");
    }
    let root = root(step);
    let file = make(step, &root, "f").expect("is made");
    step.set_size(again(&file), 1 << 30).expect("is sparse");
    let (bytes, _) = HostDescriptor::read(step, again(&file), u64::MAX, 0).expect("is read");
    assert!(bytes.len() <= 1 << 20, "{}", bytes.len());
    let stream = step.read_via_stream(file, 0).expect("is read");
    assert!(step.blocking_read(stream, u64::MAX).expect("is read").len() <= 1 << 20);
}

#[test]
fn a_read_only_mount_stays_so() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut guest = guest(dir.path(), Limits::default());
    std::fs::write(dir.path().join("fixed/f"), "kept").expect("is written");
    std::fs::create_dir(dir.path().join("fixed/d")).expect("is made");
    let step = &mut guest.step;
    let root = root(step);
    let fixed = open(step, &root, "fixed", OpenFlags::DIRECTORY, READ | DescriptorFlags::MUTATE_DIRECTORY);
    let fixed = fixed.expect("is there");
    let file = open(step, &fixed, "f", OpenFlags::empty(), READ).expect("is there");
    let now = || NewTimestamp::Now;
    let here = || again(&fixed);
    let read_only = Errno::ReadOnly;
    refused(open(step, &fixed, "f", OpenFlags::empty(), DescriptorFlags::WRITE), read_only);
    refused(open(step, &fixed, "f", OpenFlags::TRUNCATE, READ), read_only);
    refused(open(step, &fixed, "new", OpenFlags::CREATE, READ), read_only);
    refused(step.create_directory_at(here(), "new".into()), read_only);
    refused(step.set_times_at(here(), FOLLOW, "f".into(), now(), now()), read_only);
    refused(step.set_times(again(&file), now(), now()), read_only);
    refused(step.set_times(here(), now(), now()), read_only);
    refused(step.link_at(here(), PathFlags::empty(), "f".into(), here(), "g".into()), read_only);
    refused(step.rename_at(here(), "f".into(), here(), "g".into()), read_only);
    refused(step.rename_at(here(), "f".into(), again(&root), "g".into()), Errno::CrossDevice);
    refused(step.symlink_at(here(), "f".into(), "g".into()), read_only);
    refused(step.unlink_file_at(here(), "f".into()), read_only);
    refused(step.remove_directory_at(here(), "d".into()), read_only);
    refused(step.set_size(again(&file), 0), Errno::Invalid);
    refused(HostDescriptor::write(step, again(&file), b"x".to_vec(), 0), Errno::BadFd);
    refused(step.write_via_stream(again(&file), 0), Errno::BadFd);
    refused(step.append_via_stream(again(&file)), Errno::BadFd);
    assert_eq!(std::fs::read_to_string(dir.path().join("fixed/f")).expect("is there"), "kept");
    assert_eq!(std::fs::read_dir(dir.path().join("fixed")).expect("is there").count(), 2);
}

#[test]
fn a_directory_follows_its_rename() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut guest = guest(dir.path(), Limits::default());
    let step = &mut guest.step;
    let root = root(step);
    step.create_directory_at(again(&root), "a".into()).expect("is made");
    let held = open(step, &root, "a", OpenFlags::DIRECTORY, READ).expect("is there");
    step.rename_at(again(&root), "a".into(), again(&root), "b".into()).expect("is renamed");
    make(step, &held, "f").expect("is made in it");
    step.stat_at(again(&root), FOLLOW, "b/f".into()).expect("is there");
}
