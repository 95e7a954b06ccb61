//! The control socket: requests, hostile bytes, followers that are slow, late or left alone.

use super::*;
use crate::model::event::Event;
use crate::store::journal::{Appended, FileJournal, Journal, RecordKind};
use crate::store::runs::{NewRun, RunId, RunStore, Summary};
use async_trait::async_trait;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinSet;

#[derive(Default)]
struct Driver {
    hub: Hub,
    cancelled: Mutex<Vec<(CancelMode, String)>>,
}

#[async_trait]
impl Driven for Driver {
    async fn cancel(&self, mode: CancelMode, message: String) -> Result<(), String> {
        if message == "refuse" {
            return Err("not today".to_owned());
        }
        self.cancelled.lock().unwrap().push((mode, message));
        Ok(())
    }
    fn hub(&self) -> &Hub {
        &self.hub
    }
    async fn patience(&self) {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// A run with a driver that serves its socket.
struct Rig {
    run: NewRun,
    driver: Arc<Driver>,
    server: JoinSet<()>,
    next_seq: u64,
    _state: tempfile::TempDir,
}

impl Rig {
    fn new(folder: &str) -> Self {
        let state = tempfile::tempdir().unwrap();
        let store = RunStore::open(&state.path().join(folder)).unwrap();
        let run = store.create(&RunId::from_random([7; 8]), b"{}", None, &Summary::default()).unwrap();
        let mut rig = Self { run, driver: Arc::default(), server: JoinSet::new(), next_seq: 0, _state: state };
        rig.serve();
        rig
    }

    fn serve(&mut self) {
        let listener = Listener::bind(&self.run.dir).unwrap();
        let driver = Arc::clone(&self.driver);
        self.server.spawn(async move {
            let mut clients = JoinSet::new();
            loop {
                let stream = listener.accept().await.unwrap();
                let driver = Arc::clone(&driver);
                clients.spawn(async move { serve_client(stream, driver.as_ref()).await });
            }
        });
    }

    /// Journals an event and tells followers.
    fn event(&mut self) {
        let event = Stamped { seq: self.next_seq, at: self.next_seq, event: Event::Woke };
        let payload = serde_json::to_vec(&event).unwrap();
        write(&mut self.run.journal, self.next_seq, &payload);
        self.driver.hub.event(self.next_seq, &payload);
        self.next_seq += 1;
    }

    /// Sends raw bytes and gives the answer.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = UnixStream::connect(self.run.dir.path().join(SOCKET)).await.unwrap();
        // The server may answer and hang up before all is written.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }
}

fn write(journal: &mut FileJournal, seq: u64, payload: &[u8]) {
    assert_eq!(journal.append(0, seq, RecordKind::Event, payload).unwrap(), Appended::Done);
    assert_eq!(journal.flush().unwrap(), Appended::Done);
}

fn seq(followed: Followed) -> u64 {
    let Followed::Event(event) = followed else { panic!("{followed:?}") };
    event.seq
}

fn key() -> LogKey {
    LogKey { task_run: "t".to_owned(), attempt: 1, container: "s".to_owned() }
}

#[tokio::test]
async fn cancelling_reaches_the_driver_and_its_refusal_comes_back() {
    let rig = Rig::new("state");
    assert!(cancel(&rig.run.dir, CancelMode::StoppedRunFinally, "me".to_owned()).await.unwrap());
    assert_eq!(*rig.driver.cancelled.lock().unwrap(), [(CancelMode::StoppedRunFinally, "me".to_owned())]);
    let refused = cancel(&rig.run.dir, CancelMode::Cancelled, "refuse".to_owned()).await.unwrap_err();
    assert!(refused.to_string().ends_with("not today"), "{refused}");
}

#[tokio::test]
async fn a_run_in_a_very_deep_directory_can_be_reached() {
    let rig = Rig::new(&"deep/".repeat(60));
    assert!(cancel(&rig.run.dir, CancelMode::Cancelled, "me".to_owned()).await.unwrap());
}

#[tokio::test]
async fn nobody_listening_is_no_error() {
    let mut rig = Rig::new("state");
    rig.server.shutdown().await;
    assert!(!cancel(&rig.run.dir, CancelMode::Cancelled, "me".to_owned()).await.unwrap());
}

#[tokio::test]
async fn hostile_bytes_are_refused() {
    let rig = Rig::new("state");
    let long = [&b"{\"v\":1,\"cancel\":{\"mode\":\"Cancelled\",\"message\":\""[..], &vec![b'x'; MAX_REQUEST]].concat();
    let nested = [vec![b'['; 10_000], b"\n".to_vec()].concat();
    let cases: [&[u8]; 9] = [
        b"\n",
        b"{}\n",
        b"\xff\xfe\0\n",
        b"{\"v\":1}\n",
        b"{\"v\":2,\"follow\":{}}\n",
        b"{\"v\":1,\"cancel\":{\"mode\":\"Maybe\",\"message\":\"\"}}\n",
        b"{\"v\":1,\"explode\":{}}\n",
        &long,
        &nested,
    ];
    for bytes in cases {
        let answer = rig.raw(bytes).await;
        assert!(answer.starts_with("{\"refused\":{\"message\":"), "{answer}");
    }
    // One that says nothing is left after a while.
    let mut silent = UnixStream::connect(rig.run.dir.path().join(SOCKET)).await.unwrap();
    assert_eq!(silent.read(&mut [0; 16]).await.unwrap(), 0);
    assert!(rig.driver.cancelled.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_follower_gets_what_was_and_what_comes() {
    let mut rig = Rig::new("state");
    rig.event();
    rig.event();
    let mut follow = Follow::new(rig.run.dir.clone(), 1);
    assert_eq!(follow.next().await.unwrap(), Followed::Logs);
    assert_eq!(seq(follow.next().await.unwrap()), 1);
    rig.event();
    rig.driver.hub.log(&key());
    rig.event();
    assert_eq!(seq(follow.next().await.unwrap()), 2);
    assert_eq!(follow.next().await.unwrap(), Followed::Log(key()));
    assert_eq!(seq(follow.next().await.unwrap()), 3);
    rig.driver.hub.end();
    assert_eq!(follow.next().await.unwrap(), Followed::End);
    assert_eq!(follow.next().await.unwrap(), Followed::End);
    let mut late = Follow::new(rig.run.dir.clone(), 3);
    assert_eq!(late.next().await.unwrap(), Followed::Logs);
    assert_eq!(seq(late.next().await.unwrap()), 3);
    assert_eq!(late.next().await.unwrap(), Followed::End);
}

#[tokio::test]
async fn a_driver_that_dies_leaves_its_followers_what_it_wrote() {
    let mut rig = Rig::new("state");
    rig.event();
    let mut follow = Follow::new(rig.run.dir.clone(), 0);
    assert_eq!(follow.next().await.unwrap(), Followed::Logs);
    assert_eq!(seq(follow.next().await.unwrap()), 0);
    let last = serde_json::to_vec(&Stamped { seq: 1, at: 1, event: Event::Woke }).unwrap();
    write(&mut rig.run.journal, 1, &last);
    rig.server.shutdown().await;
    assert_eq!(follow.next().await.unwrap(), Followed::Logs);
    assert_eq!(seq(follow.next().await.unwrap()), 1);
    assert_eq!(follow.next().await.unwrap(), Followed::End);
}

#[tokio::test]
async fn a_follower_that_was_too_slow_loses_nothing() {
    let mut rig = Rig::new("state");
    let mut follow = Follow::new(rig.run.dir.clone(), 0);
    assert_eq!(follow.next().await.unwrap(), Followed::Logs);
    // All of this happens while neither the server nor the follower gets to run.
    let count = 2 * FOLLOW_QUEUE as u64;
    for _ in 0..count {
        rig.event();
    }
    let mut seen = 0;
    let mut connections = 0;
    while seen < count {
        match follow.next().await.unwrap() {
            Followed::Event(event) => {
                assert_eq!(event.seq, seen);
                seen += 1;
            }
            Followed::Logs => connections += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(connections > 0, "the follower was dropped and came back");
}
