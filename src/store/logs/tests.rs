//! Log files against cuts, flips, hostile names, and reading while they grow. What every log
//! store does is checked in `tests/it/contract.rs`.

use super::file::{FILE_START, FRAME_HEAD};
use super::*;
use std::fs;

fn key(container: &str) -> LogKey {
    LogKey { task_run: "run-build".to_owned(), attempt: 0, container: container.to_owned() }
}

fn frame(at: u64, stream: LogStream, text: &str) -> Frame {
    Frame { at, stream, bytes: text.as_bytes().to_vec() }
}

/// Writes three frames, gives them back with the file's bytes.
fn sample(logs: &FileLogs) -> (Vec<Frame>, Vec<u8>) {
    let frames =
        vec![frame(5, LogStream::Stdout, "one\n"), frame(9, LogStream::Stderr, "two"), frame(9, LogStream::Stdout, "")];
    let mut writer = logs.writer(&key("whole"));
    for frame in &frames {
        writer.append(frame.at, frame.stream, &frame.bytes).unwrap();
    }
    // An empty piece makes no frame.
    (frames[..2].to_vec(), fs::read(logs.path(&key("whole"))).unwrap())
}

fn read_all(reader: &mut LogReader) -> Result<Vec<Frame>, (Vec<Frame>, StoreFault)> {
    let mut frames = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return Ok(frames),
            Err(fault) => return Err((frames, fault)),
        }
    }
}

#[test]
fn a_cut_at_any_byte_keeps_whole_frames_and_can_be_written_on() {
    let dir = tempfile::tempdir().unwrap();
    let logs = FileLogs::new(dir.path().join("logs"));
    let (frames, bytes) = sample(&logs);
    let ends = [FILE_START.len() + FRAME_HEAD + 4, bytes.len()];
    for cut in 0..=bytes.len() {
        fs::write(logs.path(&key("cut")), &bytes[..cut]).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let mut reader = logs.reader(&key("cut"));
        assert_eq!(read_all(&mut reader).unwrap(), frames[..whole], "cut at {cut}");

        logs.writer(&key("cut")).append(77, LogStream::Stdout, b"more").unwrap();
        assert_eq!(read_all(&mut reader).unwrap(), [frame(77, LogStream::Stdout, "more")], "cut at {cut}");
    }
}

#[test]
fn a_flip_of_any_byte_never_gives_other_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let logs = FileLogs::new(dir.path().join("logs"));
    let (frames, bytes) = sample(&logs);
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0xff;
        fs::write(logs.path(&key("flipped")), flipped).unwrap();
        let (read, damaged) = match read_all(&mut logs.reader(&key("flipped"))) {
            Ok(read) => (read, false),
            Err((read, _)) => (read, true),
        };
        assert!(frames.starts_with(&read), "byte {at}: {read:?}");
        assert!(damaged || read.len() < frames.len(), "byte {at} went unseen");
    }
}

#[test]
fn zeros_that_a_power_loss_left_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let logs = FileLogs::new(dir.path().join("logs"));
    let (frames, mut bytes) = sample(&logs);
    bytes.resize(bytes.len() + 100_000, 0);
    fs::write(logs.path(&key("zeros")), bytes).unwrap();
    assert_eq!(read_all(&mut logs.reader(&key("zeros"))).unwrap(), frames);
}

#[test]
fn a_reader_goes_on_while_the_log_grows() {
    let dir = tempfile::tempdir().unwrap();
    let logs = FileLogs::new(dir.path().join("logs"));
    let mut reader = logs.reader(&key("growing"));
    assert_eq!(reader.next().unwrap(), None, "nothing has been begun");
    let mut writer = logs.writer(&key("growing"));
    assert_eq!(reader.next().unwrap(), None);
    for round in 0..5_u64 {
        let text = "x".repeat(50_000 * usize::try_from(round).unwrap() + 1);
        writer.append(round, LogStream::Stderr, text.as_bytes()).unwrap();
        writer.append(round, LogStream::Stdout, b"end\n").unwrap();
        assert_eq!(reader.next().unwrap(), Some(frame(round, LogStream::Stderr, &text)));
        assert_eq!(reader.next().unwrap(), Some(frame(round, LogStream::Stdout, "end\n")));
        assert_eq!(reader.next().unwrap(), None);
    }
}

#[test]
fn long_output_is_stored_in_pieces() {
    let dir = tempfile::tempdir().unwrap();
    let logs = FileLogs::new(dir.path().join("logs"));
    let long = vec![b'a'; 2 * MAX_FRAME + 3];
    logs.writer(&key("long")).append(1, LogStream::Stdout, &long).unwrap();
    let frames = read_all(&mut logs.reader(&key("long"))).unwrap();
    assert_eq!(frames.iter().map(|frame| frame.bytes.len()).collect::<Vec<_>>(), [MAX_FRAME, MAX_FRAME, 3]);
}

#[test]
fn hostile_names_stay_inside_and_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let logs = FileLogs::new(dir.path().join("logs"));
    let names = ["", ".", "..", "../../x", "a/b", "a%2Fb", "%", "new\nline", "nul\0", "ü", "a.b", ".hidden", "A_b-9"];
    for name in names {
        let key = LogKey { task_run: name.to_owned(), attempt: 3, container: name.to_owned() };
        logs.writer(&key).append(0, LogStream::Stdout, b"text").unwrap();
        assert!(logs.path(&key).strip_prefix(dir.path().join("logs")).unwrap().components().count() == 1);
    }
    let mut expected: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    expected.sort();
    let listed = logs.list().unwrap();
    assert!(listed.iter().all(|key| key.attempt == 3 && key.task_run == key.container));
    assert_eq!(listed.into_iter().map(|key| key.task_run).collect::<Vec<_>>(), expected);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was written outside");
}

#[test]
fn long_names_are_cut_and_stay_apart() {
    let (a, b) = (format!("{}a", "n".repeat(5000)), format!("{}b", "n".repeat(5000)));
    assert!(name::encode(&a).len() <= 115 && name::encode(&b).len() <= 115);
    assert_ne!(name::encode(&a), name::encode(&b));
    assert_eq!(name::encode(&a), name::encode(&a));
}

#[test]
fn a_log_of_a_newer_version_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    fs::write(&path, b"swlog\0\0\x09rest").unwrap();
    assert!(matches!(LogReader::new(path).next(), Err(StoreFault::NewerFormat { found: 9, known: 1, .. })));
}
