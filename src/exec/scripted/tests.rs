//! The scripted executor: what it is told happens, in its own time, and is remembered.

use super::*;
use crate::exec::LogSink;
use crate::model::request::{ProgramRequest, ResultRequest, SandboxRequest};
use tokio::sync::watch;

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl LogSink for Lines {
    fn write(&self, container: &str, _stream: Stream, bytes: &[u8]) {
        let line = format!("{container}: {}", String::from_utf8_lossy(bytes));
        self.0.lock().expect("a log").push(line);
    }
}

fn attempt() -> AttemptRequest {
    AttemptRequest {
        namespace: "default".into(),
        task_run: "task".into(),
        attempt: 1,
        volumes: Vec::new(),
        steps: Vec::new(),
        sidecars: Vec::new(),
        params: Arc::default(),
        results: vec![ResultRequest::text("declared")],
        service_account: "default".into(),
        live: false,
    }
}

fn step(name: &str, timeout: Option<u64>) -> StepRequest {
    StepRequest {
        index: 0,
        name: name.into(),
        program: ProgramRequest {
            user: None,
            image: "image".into(),
            source: 0,
            command: Vec::new(),
            args: Vec::new(),
            script: None,
            env: Vec::new(),
            working_dir: None,
            mounts: Vec::new(),
            sandbox: SandboxRequest::default(),
        },
        timeout,
        results: Vec::new(),
        stdout_path: None,
        stderr_path: None,
        notes: Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn scripts_are_followed_and_remembered() {
    const HOUR: Duration = Duration::from_secs(3600);
    let table = BTreeMap::from([
        (
            ("task".to_owned(), "slow".to_owned(), 1),
            ScriptedStep { output: "done".into(), ..ScriptedStep::exit(3) }.after(HOUR),
        ),
        (
            ("task".to_owned(), "result".to_owned(), 1),
            ScriptedStep::exit(0).task_result("declared", "1").task_result("other", "2").result("own", "3"),
        ),
    ]);
    let executor = ScriptedExecutor::from_table(table);
    let lines = Arc::new(Lines::default());
    let (sender, interrupt) = watch::channel(Interrupt::None);
    let context = AttemptContext { logs: lines.clone(), interrupt };
    let mut session = executor.open(attempt(), context).await.expect("is opened");
    let outcome =
        async |session: &mut Box<dyn Session>, name, timeout| session.run_step(step(name, timeout)).await.outcome;
    assert_eq!(outcome(&mut session, "slow", None).await, Outcome::Exited { code: 3 });
    let limit = Some(5_000_000_000);
    let cut = Outcome::TimedOut { after: 5_000_000_000 };
    assert_eq!(outcome(&mut session, "slow", limit).await, cut);
    assert_eq!(outcome(&mut session, "unknown", None).await, Outcome::Exited { code: 0 });
    let report = session.run_step(step("result", None)).await;
    assert_eq!(report.results["own"], "3");
    sender.send(Interrupt::Cancel).expect("is heard");
    assert_eq!(outcome(&mut session, "slow", None).await, Outcome::Cancelled);
    let closed = session.close().await;
    assert_eq!(closed.results, BTreeMap::from([("declared".to_owned(), "1".to_owned())]));
    assert_eq!(*lines.0.lock().expect("a log"), ["slow: done"]);
    let asked = executor.asked();
    assert_eq!(asked.len(), 7);
    assert!(matches!(&asked[0], Asked::Open(request) if request.attempt == 1));
    assert!(matches!(&asked[6], Asked::Close { task_run, attempt: 1 } if task_run == "task"));
}
