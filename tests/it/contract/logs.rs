//! The suite of `LogStore`: files and memory keep the same frames.

use stepwell::store::logs::{FileLogs, Frame, LogKey, LogStore, LogStream, MemoryLogs};

fn key(attempt: u32, container: &str) -> LogKey {
    LogKey { task_run: "run-task".to_owned(), attempt, container: container.to_owned() }
}

fn check(suite: impl Fn(&dyn LogStore, &dyn Fn(&LogKey) -> Vec<Frame>)) {
    let dir = tempfile::tempdir().unwrap();
    let files = FileLogs::new(dir.path().join("logs"));
    suite(&files, &|key| {
        let mut reader = files.reader(key);
        std::iter::from_fn(|| reader.next().unwrap()).collect()
    });
    let memory = MemoryLogs::default();
    suite(&memory, &|key| memory.frames(key));
}

#[test]
fn frames_are_kept_per_attempt_and_container_in_order() {
    check(|store, frames| {
        let mut step = store.writer(&key(0, "step"));
        let mut sidecar = store.writer(&key(0, "sidecar"));
        assert!(frames(&key(0, "step")).is_empty());
        step.append(1, LogStream::Stdout, b"out").unwrap();
        sidecar.append(2, LogStream::Stderr, b"beside").unwrap();
        step.append(3, LogStream::Stderr, b"\xff\0err\n").unwrap();
        store.writer(&key(1, "step")).append(4, LogStream::Stdout, b"again").unwrap();

        let expected = [
            Frame { at: 1, stream: LogStream::Stdout, bytes: b"out".to_vec() },
            Frame { at: 3, stream: LogStream::Stderr, bytes: b"\xff\0err\n".to_vec() },
        ];
        assert_eq!(frames(&key(0, "step")), expected);
        assert_eq!(frames(&key(0, "sidecar")).len(), 1);
        assert_eq!(frames(&key(1, "step")).len(), 1);
        assert!(frames(&key(2, "step")).is_empty());
    });
}

#[test]
fn a_second_writer_goes_on_where_the_first_ended() {
    check(|store, frames| {
        store.writer(&key(0, "step")).append(1, LogStream::Stdout, b"first").unwrap();
        store.writer(&key(0, "step")).append(2, LogStream::Stdout, b"second").unwrap();
        let texts: Vec<Vec<u8>> = frames(&key(0, "step")).into_iter().map(|frame| frame.bytes).collect();
        assert_eq!(texts, [b"first".to_vec(), b"second".to_vec()]);
    });
}

#[test]
fn an_empty_piece_makes_no_frame() {
    check(|store, frames| {
        store.writer(&key(0, "step")).append(1, LogStream::Stdout, b"").unwrap();
        assert!(frames(&key(0, "step")).is_empty());
    });
}
