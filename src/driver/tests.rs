//! The loop over a journal in memory, scripted attempts and a clock that stands still until
//! everybody waits.

mod rig;

use super::*;
use crate::model::event::Event;
use crate::model::outcome::Outcome;
use crate::store::journal::{Appended, Journal, RecordKind};
use crate::store::logs::LogKey;
use rig::{Act, Rig, SECOND, TaskLine, run, sleeps};
use std::sync::Arc;

const CHAIN: &[TaskLine] = &[TaskLine("t0", &[], None, &["a", "b"]), TaskLine("t1", &[0], None, &["c"])];
const THREE: &[TaskLine] =
    &[TaskLine("t0", &[], None, &["s"]), TaskLine("t1", &[], None, &["s"]), TaskLine("t2", &[], None, &["s"])];

fn count(rig: &Rig, which: impl Fn(&Event) -> bool) -> usize {
    rig.events().iter().filter(|event| which(&event.event)).count()
}

fn is_started(event: &Event) -> bool {
    matches!(event, Event::AttemptStarted { .. })
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_from_start_to_finish_in_order() {
    let mut rig = Rig::new(4);
    let end = rig.drive(run("r", CHAIN)).await;
    assert_eq!(end.how, How::Finished);
    assert_eq!(end.run.succeeded(), Some(true));
    let acts: Vec<String> = rig.trace.lines().into_iter().filter(|line| !line.contains("recorded")).collect();
    let expected = [
        "open r-t0",
        "run r-t0/a",
        "ran r-t0/a",
        "run r-t0/b",
        "ran r-t0/b",
        "close r-t0",
        "dropped r-t0",
        "open r-t1",
        "run r-t1/c",
        "ran r-t1/c",
        "close r-t1",
        "dropped r-t1",
        "synced",
    ];
    assert_eq!(acts, expected);
    let events = rig.events();
    assert_eq!(end.events, events.len() as u64);
    assert!(events.iter().zip(0..).all(|(event, seq)| event.seq == seq));
    assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert_eq!(*rig.heard.events.lock().unwrap(), events);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_done_before_what_led_to_it_is_recorded() {
    let mut rig = Rig::new(4);
    rig.drive(run("r", CHAIN)).await;
    let order = [
        "recorded started",
        "recorded attemptStarted 0",
        "open r-t0",
        "recorded attemptOpened 0",
        "run r-t0/a",
        "recorded stepEnded 0",
        "run r-t0/b",
        "close r-t0",
        "recorded attemptClosed 0",
        "recorded attemptStarted 1",
        "open r-t1",
        "recorded attemptOpened 1",
        "run r-t1/c",
        "recorded stepEnded 1",
        "close r-t1",
        "recorded attemptClosed 1",
        "synced",
    ];
    let places: Vec<usize> = order.iter().map(|line| rig.trace.at(line)).collect();
    assert!(places.is_sorted(), "{:#?}", rig.trace.lines());
}

#[tokio::test(start_paused = true)]
async fn cancelling_interrupts_what_runs_and_starts_nothing_more() {
    let mut rig = Rig::new(1).act("run r-t0/s", sleeps(100));
    let commands = rig.commands.clone();
    let input = rig.input(run("r", THREE));
    let (recorded, heard) = oneshot::channel();
    let cancel = async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let recorded = Some(recorded);
        let mode = CancelMode::Cancelled;
        commands.send(Command::Cancel { mode, message: "enough".to_owned(), recorded }).await.unwrap();
        heard.await.unwrap();
        rig.trace.at("recorded cancelRequested")
    };
    let (end, _) = tokio::join!(drive(input), cancel);
    assert_eq!(end.how, How::Finished);
    assert_eq!(end.run.succeeded(), Some(false));
    assert!(rig.trace.at("recorded cancelRequested") < rig.trace.at("interrupted r-t0"));
    assert_eq!(rig.trace.of("open "), ["r-t0"]);
    assert_eq!(count(&rig, is_started), 1);
    assert_eq!(rig.when(|event| matches!(event, Event::AttemptClosed { .. })), 3 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_kill_records_nothing_more_and_does_not_wait() {
    let mut rig = Rig::new(1).act("run r-t0/a", sleeps(100));
    let commands = rig.commands.clone();
    let input = rig.input(run("r", CHAIN));
    let kill = async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        commands.send(Command::Kill).await.unwrap();
    };
    let begin = tokio::time::Instant::now();
    let (end, ()) = tokio::join!(drive(input), kill);
    assert_eq!(end.how, How::Killed);
    assert!(begin.elapsed().as_secs() < 4);
    let last = rig.events().pop().unwrap();
    assert!(matches!(last.event, Event::AttemptOpened { failed: None, .. }), "{last:?}");
    assert_eq!(rig.trace.lines().last().unwrap(), "dropped r-t0");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_driver_stops_its_attempts() {
    let mut rig = Rig::new(1).act("run r-t0/a", sleeps(100));
    let input = rig.input(run("r", CHAIN));
    let limit = std::time::Duration::from_secs(3);
    assert!(tokio::time::timeout(limit, drive(input)).await.is_err());
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    assert_eq!(rig.trace.lines().last().unwrap(), "dropped r-t0");
    let seat = rig.slots.seat();
    seat.enqueue((TaskRunId(0), 0));
    assert!(seat.take().is_some(), "its slot is free again");
}

#[tokio::test(start_paused = true)]
async fn the_engine_is_woken_when_it_asked_to_be() {
    let tasks = &[TaskLine("t0", &[], Some(5), &["s"]), TaskLine("t1", &[], Some(60), &["s"])];
    let mut rig = Rig::new(4).act("run r-t0/s", sleeps(100)).act("run r-t1/s", sleeps(7));
    let end = rig.drive(run("r", tasks)).await;
    assert_eq!((end.how, end.run.succeeded()), (How::Finished, Some(false)));
    let woke = rig.when(|event| *event == Event::Woke);
    // Tokio's timer counts in milliseconds.
    assert!((5 * SECOND..5 * SECOND + 2_000_000).contains(&woke), "{woke}");
    assert_eq!(rig.trace.of("interrupted "), ["r-t0"]);
    assert_eq!(rig.when(|event| matches!(event, Event::StepEnded { id: TaskRunId(1), .. })) / SECOND, 7);
}

#[tokio::test(start_paused = true)]
async fn two_runs_take_turns_at_one_slot() {
    let (mut first, mut second) = (Rig::new(1), Rig::new(1));
    second.slots = first.slots.clone();
    second.trace = first.trace.clone();
    for rig in [&mut first, &mut second] {
        for place in ["run a-t0/s", "run a-t1/s", "run a-t2/s", "run b-t0/s", "run b-t1/s", "run b-t2/s"] {
            rig.acts.insert(place, sleeps(1));
        }
    }
    let (a, b) = (first.input(run("a", THREE)), second.input(run("b", THREE)));
    let (a, b) = tokio::join!(drive(a), drive(b));
    assert_eq!((a.how, b.how), (How::Finished, How::Finished));
    assert_eq!(first.trace.of("open "), ["a-t0", "b-t0", "a-t1", "b-t1", "a-t2", "b-t2"]);
}

#[tokio::test(start_paused = true)]
async fn no_more_attempts_run_than_there_are_slots() {
    let mut rig = Rig::new(2);
    for place in ["run r-t0/s", "run r-t1/s", "run r-t2/s"] {
        rig.acts.insert(place, sleeps(10));
    }
    rig.drive(run("r", THREE)).await;
    let mut open = 0_i32;
    for line in rig.trace.lines() {
        open += i32::from(line.starts_with("open ")) - i32::from(line.starts_with("dropped "));
        assert!(open <= 2);
    }
    assert_eq!(rig.when(|event| matches!(event, Event::AttemptStarted { id: TaskRunId(2), .. })) / SECOND, 10);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_cannot_be_opened_gives_its_slot_back() {
    let failed = Outcome::ModuleInvalid { message: "no".to_owned() };
    let mut rig = Rig::new(1).act("open r-t0", Act { fails: Some(failed.clone()), ..Act::default() });
    let end = rig.drive(run("r", CHAIN)).await;
    assert_eq!((end.how, end.run.succeeded()), (How::Finished, Some(false)));
    let opened = rig.events().into_iter().find_map(|event| match event.event {
        Event::AttemptOpened { failed, .. } => failed,
        _ => None,
    });
    assert_eq!(opened, Some(failed));
    let seat = rig.slots.seat();
    seat.enqueue((TaskRunId(0), 0));
    assert!(seat.take().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_an_executor_ends_that_attempt_only() {
    for place in ["open r-t0", "run r-t0/s", "close r-t0"] {
        let mut rig = Rig::new(3).act(place, Act { panics: Some("oh no"), ..Act::default() });
        let end = rig.drive(run("r", THREE)).await;
        assert_eq!((end.how, end.run.succeeded()), (How::Finished, Some(false)), "{place}");
        let text = serde_json::to_string(&rig.events()).unwrap();
        assert!(text.contains("the executor panicked: oh no"), "{place}: {text}");
        for other in ["ran r-t1/s", "ran r-t2/s", "close r-t1", "close r-t2"] {
            rig.trace.at(other);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_stops_the_run_and_what_runs() {
    let whole = {
        let mut rig = Rig::new(3);
        rig.drive(run("r", THREE)).await.events
    };
    for room in 0..whole {
        let mut rig = Rig::new(3).act("run r-t0/s", sleeps(50)).act("run r-t1/s", sleeps(1));
        rig.room = room;
        let end = rig.drive(run("r", THREE)).await;
        let How::Fault(message) = end.how else { panic!("{:?} with room for {room}", end.how) };
        assert!(message.contains("cannot append to journal"), "{message}");
        assert!(rig.events().len() as u64 <= room);
        // Everything that was opened was let go before the driver returned.
        let drops = rig.trace.of("dropped ").len();
        assert_eq!(drops, rig.trace.of("open ").len(), "{:#?}", rig.trace.lines());
    }
}

#[tokio::test(start_paused = true)]
async fn a_fenced_driver_stops() {
    let mut rig = Rig::new(3).act("run r-t0/a", sleeps(10));
    let input = rig.input(run("r", CHAIN));
    let records = rig.records.clone();
    let other = async {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        let seq = records.contents().events().unwrap().len() as u64;
        let mut later = records.open();
        assert_eq!(later.append(1, seq, RecordKind::Event, b"{}").unwrap(), Appended::Done);
        assert_eq!(later.flush().unwrap(), Appended::Done);
    };
    let (end, ()) = tokio::join!(drive(input), other);
    assert_eq!(end.how, How::Fenced);
    assert!(!rig.trace.lines().contains(&"run r-t0/b".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_from_wherever_its_journal_ends() {
    let steps = ["run r-t0/a", "run r-t0/b", "run r-t1/c"];
    let mut whole = Rig::new(1);
    whole.drive(run("r", CHAIN)).await;
    let events = whole.events();
    for cut in 0..=events.len() {
        let mut rig = Rig::new(1);
        let kept = &events[..cut];
        let mut journal = rig.records.open();
        for event in kept {
            let payload = serde_json::to_vec(event).unwrap();
            assert_eq!(journal.append(0, event.seq, RecordKind::Event, &payload).unwrap(), Appended::Done);
        }
        assert_eq!(journal.flush().unwrap(), Appended::Done);
        let mut input = rig.input(run("r", CHAIN));
        input.epoch = 1;
        input.replay = kept.to_vec();
        let end = drive(input).await;
        assert_eq!((end.how, end.run.succeeded()), (How::Finished, Some(true)), "from event {cut}");
        let recorded = kept.iter().filter(|event| matches!(event.event, Event::StepEnded { .. })).count();
        let ran: Vec<String> = rig.trace.of("run ").into_iter().map(|rest| format!("run {rest}")).collect();
        assert_eq!(ran, steps[recorded..], "from event {cut}");
        let kinds = |events: &[Stamped]| events.iter().map(|e| e.event.clone()).collect::<Vec<_>>();
        assert_eq!(kinds(&rig.events()), kinds(&events), "from event {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_was_recorded_holds_after_a_restart() {
    let mut first = Rig::new(1).act("run r-t0/a", sleeps(100));
    let commands = first.commands.clone();
    let input = first.input(run("r", CHAIN));
    let stop = async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        commands.send(Command::cancel(CancelMode::Cancelled, "enough")).await.unwrap();
    };
    tokio::join!(drive(input), stop);
    let events = first.events();
    let cut = events.iter().position(|e| matches!(e.event, Event::CancelRequested { .. })).unwrap() + 1;

    let mut rig = Rig::new(1).act("run r-t0/a", sleeps(100));
    let mut journal = rig.records.open();
    for event in &events[..cut] {
        let payload = serde_json::to_vec(event).unwrap();
        assert_eq!(journal.append(0, event.seq, RecordKind::Event, &payload).unwrap(), Appended::Done);
    }
    assert_eq!(journal.flush().unwrap(), Appended::Done);
    let mut input = rig.input(run("r", CHAIN));
    (input.epoch, input.replay) = (1, events[..cut].to_vec());
    let end = drive(input).await;
    assert_eq!((end.how, end.run.succeeded()), (How::Finished, Some(false)));
    assert_eq!(rig.trace.of("interrupted "), ["r-t0"]);
}

#[tokio::test(start_paused = true)]
async fn output_is_kept_told_and_put_together_to_lines() {
    use crate::exec::Stream::{Stderr, Stdout};
    let prints = vec![
        (Stdout, "one\n"),
        (Stderr, "err"),
        (Stderr, "or: "),
        (Stderr, "x\n"),
        (Stdout, "pro"),
        (Stderr, "!\n"),
        (Stdout, "mpt> "),
    ];
    let mut rig = Rig::new(1).act("run r-t0/a", Act { seconds: 2, prints, ..Act::default() });
    let end = rig.drive(run("r", CHAIN)).await;
    assert_eq!(end.log_fault, None);
    let expected = [(Stdout, "one\n"), (Stderr, "error: x\n"), (Stdout, "pro"), (Stderr, "!\n"), (Stdout, "mpt> ")];
    let lines: Vec<String> = expected.iter().map(|(stream, text)| format!("t0 a 0 {stream:?} {text:?}")).collect();
    assert_eq!(*rig.heard.logs.lock().unwrap(), lines);
    let key = LogKey { task_run: "r-t0".to_owned(), attempt: 0, container: "a".to_owned() };
    let frames = rig.logs.frames(&key);
    let texts: Vec<&[u8]> = frames.iter().map(|frame| frame.bytes.as_slice()).collect();
    assert_eq!(texts, expected.iter().map(|(_, text)| text.as_bytes()).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_piece_without_an_end_is_written_soon() {
    let prints = vec![(Stream::Stdout, "Password: ")];
    let mut rig = Rig::new(1).act("run r-t0/a", Act { seconds: 30, prints, ..Act::default() });
    let input = rig.input(run("r", CHAIN));
    let look = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        rig.heard.logs.lock().unwrap().len()
    };
    let (_, seen) = tokio::join!(drive(input), look);
    assert_eq!(seen, 1);
}

#[tokio::test]
async fn the_control_socket_reaches_the_loop() {
    use crate::store::control::{Follow, Followed, cancel};
    use crate::store::runs::{RunId, RunStore, Summary};
    let state = tempfile::tempdir().unwrap();
    let store = RunStore::open(state.path()).unwrap();
    let new = store.create(&RunId::from_random([3; 8]), b"{}", None, &Summary::default()).unwrap();
    let mut rig = Rig::new(1).act("run r-t0/a", sleeps(600));
    let commands = rig.commands.clone();
    let mut input = rig.input(run("r", CHAIN));
    input.journal = Box::new(new.journal);
    input.clock = Arc::new(SystemClock::start());
    let server = ControlServer::start(&new.dir, Arc::clone(&input.hub), commands, Arc::clone(&input.clock)).unwrap();
    let client = async {
        let mut follow = Follow::new(new.dir.clone(), 0);
        let mut seen = 0;
        loop {
            match follow.next().await.unwrap() {
                Followed::End => return seen,
                Followed::Log(_) | Followed::Logs => {}
                Followed::Event(event) => {
                    assert_eq!(event.seq, seen);
                    seen += 1;
                    if matches!(event.event, Event::AttemptOpened { .. }) {
                        assert!(cancel(&new.dir, CancelMode::Cancelled, "you".to_owned()).await.unwrap());
                    }
                }
            }
        }
    };
    let driven = async {
        let end = drive(input).await;
        let late = cancel(&new.dir, CancelMode::Cancelled, "late".to_owned()).await;
        assert!(late.unwrap_err().to_string().contains("the run has ended"));
        server.finish().await;
        end
    };
    let (end, seen) = tokio::join!(driven, client);
    assert_eq!((end.how, end.run.succeeded()), (How::Finished, Some(false)));
    assert_eq!(seen, end.events);
    assert!(!new.dir.path().join("control.sock").exists());
    assert!(!cancel(&new.dir, CancelMode::Cancelled, "gone".to_owned()).await.unwrap());
}

#[test]
fn slots_are_given_in_order_and_given_up() {
    let slots = Slots::new(1);
    let (a, b) = (slots.seat(), slots.seat());
    let key = |id| (TaskRunId(id), 0);
    a.enqueue(key(0));
    a.enqueue(key(1));
    a.enqueue(key(2));
    b.enqueue(key(9));
    assert_eq!((a.take(), a.take(), b.take()), (Some(key(0)), None, None));
    a.dequeue(key(1));
    a.release(key(0));
    a.release(key(0));
    // The other run's turn: granted, given up before it was taken, then back to the first.
    b.dequeue(key(9));
    assert_eq!((b.take(), a.take()), (None, Some(key(2))));
    // An adopted attempt counts above the bound, and first of all to fall away.
    b.adopt(key(5));
    b.enqueue(key(6));
    a.release(key(2));
    assert_eq!(b.take(), None);
    b.release(key(5));
    assert_eq!(b.take(), Some(key(6)));
    a.enqueue(key(7));
    drop(b);
    assert_eq!(a.take(), Some(key(7)));
    assert!(!a.waits());
}

#[tokio::test(start_paused = true)]
async fn clocks_do_not_return_early() {
    let clock = TokioClock::start(5);
    clock.sleep_until(5 + SECOND).await;
    assert!(clock.now() >= 5 + SECOND);
    let clock = SystemClock::start();
    let (a, b) = (clock.now(), clock.now());
    assert!(a <= b && a > rig::BEGIN);
}
