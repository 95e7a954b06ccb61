//! The other end of `control.sock`: cancelling a run that another process drives, and
//! following it without polling.
//!
//! A follower reads what has happened from the journal, hears what happens from the socket,
//! and when the driver is gone or dropped it, reads the journal again. Knows files and lines.
//! Does not know how anything is shown.

use super::{Address, Answer, Ask, CancelMode, Request, RunDir, Stamped, StoreFault, VERSION};
use crate::store::journal::{self, MAX_RECORD};
use crate::store::logs::LogKey;
use std::collections::VecDeque;
use std::io::ErrorKind;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// Bytes of the longest line that a driver sends: the largest record and its frame.
const LONGEST_LINE: u64 = MAX_RECORD as u64 + 1024;

/// Asks the driver of `run` to end it. `false` when no driver listens: the caller then takes
/// the run's lock and appends the event itself.
///
/// # Errors
/// When the driver refuses or breaks off.
pub async fn cancel(run: &RunDir, mode: CancelMode, message: String) -> Result<bool, StoreFault> {
    let Some(mut line) = Line::connect(run, Ask::Cancel { mode, message }).await? else { return Ok(false) };
    match line.next().await? {
        Some(Answer::Done {}) => Ok(true),
        Some(answer) => Err(unexpected(answer)),
        None => Err(StoreFault::Control { message: "it broke off before it answered".to_owned() }),
    }
}

/// What a follower learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// The next event, in order and without gaps.
    Event(Box<Stamped>),
    /// This log has grown.
    Log(LogKey),
    /// Any log may have grown. Comes first, and whenever the connection was made anew.
    Logs,
    /// Nobody drives the run any more, and all its events have been given. Stays so.
    End,
}

/// Follows a run from an event on.
#[derive(Debug)]
pub struct Follow {
    run: RunDir,
    /// The next event that is due.
    next: u64,
    /// Events read from the journal.
    backlog: VecDeque<Stamped>,
    line: Option<Line>,
    ended: bool,
}

impl Follow {
    /// Follows `run`, giving the events from number `from` on.
    #[must_use]
    pub fn new(run: RunDir, from: u64) -> Self {
        Self { run, next: from, backlog: VecDeque::new(), line: None, ended: false }
    }

    /// Waits for what happens next.
    ///
    /// # Errors
    /// When the journal cannot be read, or the driver refuses.
    pub async fn next(&mut self) -> Result<Followed, StoreFault> {
        loop {
            while let Some(event) = self.backlog.pop_front() {
                if let Some(event) = self.due(event) {
                    return Ok(event);
                }
            }
            if self.ended {
                return Ok(Followed::End);
            }
            let Some(line) = &mut self.line else {
                self.connect().await?;
                return Ok(Followed::Logs);
            };
            match line.next().await? {
                Some(Answer::Event(event)) => {
                    if let Some(event) = self.due(*event) {
                        return Ok(event);
                    }
                }
                Some(Answer::Log { task_run, attempt, container }) => {
                    return Ok(Followed::Log(LogKey { task_run, attempt, container }));
                }
                Some(Answer::End {}) => self.ended = true,
                // The driver died or dropped us: connecting anew tells which.
                None => self.line = None,
                Some(answer) => return Err(unexpected(answer)),
            }
        }
    }

    fn due(&mut self, event: Stamped) -> Option<Followed> {
        if event.seq != self.next {
            return None;
        }
        self.next = self.next.saturating_add(1);
        Some(Followed::Event(Box::new(event)))
    }

    /// Connects, and reads what the journal holds by then. Without a driver that is all.
    async fn connect(&mut self) -> Result<(), StoreFault> {
        self.line = match Line::connect(&self.run, Ask::Follow {}).await? {
            None => None,
            Some(mut line) => match line.next().await? {
                Some(Answer::Following { .. }) => Some(line),
                Some(Answer::End {}) => None,
                None if self.run.driven()? => {
                    return Err(StoreFault::Control { message: "it takes no more followers".to_owned() });
                }
                None => None,
                Some(answer) => return Err(unexpected(answer)),
            },
        };
        self.ended = self.line.is_none();
        let mut contents = journal::read(&self.run.journal_path())?;
        if let Some(damage) = contents.damage.take() {
            return Err(damage);
        }
        let next = self.next;
        self.backlog.extend(contents.events()?.into_iter().filter(|event| event.seq >= next));
        Ok(())
    }
}

fn unexpected(answer: Answer) -> StoreFault {
    let message = match answer {
        Answer::Refused { message } => message,
        other => format!("unexpected answer {}", other.line().trim_end()),
    };
    StoreFault::Control { message }
}

/// A connection to a driver.
#[derive(Debug)]
struct Line {
    reader: BufReader<UnixStream>,
}

impl Line {
    /// Connects and asks; `None` when nobody listens.
    async fn connect(run: &RunDir, ask: Ask) -> Result<Option<Self>, StoreFault> {
        let address = match Address::of(run) {
            Err(StoreFault::Io { source, .. }) if source.kind() == ErrorKind::NotFound => return Ok(None),
            result => result?,
        };
        let mut stream = match UnixStream::connect(&address.path).await {
            Ok(stream) => stream,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(error) => return Err(StoreFault::io("connect to the driver of", run.path())(error)),
        };
        let mut request = serde_json::to_vec(&Request { v: VERSION, ask })
            .map_err(|error| StoreFault::Control { message: error.to_string() })?;
        request.push(b'\n');
        // When this fails the driver has hung up, which reading finds out.
        let _ = stream.write_all(&request).await;
        Ok(Some(Self { reader: BufReader::new(stream) }))
    }

    /// The next answer; `None` when the driver hung up.
    async fn next(&mut self) -> Result<Option<Answer>, StoreFault> {
        let mut line = Vec::new();
        let read = (&mut self.reader).take(LONGEST_LINE).read_until(b'\n', &mut line).await;
        if read.is_err() || line.last() != Some(&b'\n') {
            return Ok(None);
        }
        serde_json::from_slice(&line)
            .map(Some)
            .map_err(|error| StoreFault::Control { message: format!("its answer cannot be read: {error}") })
    }
}
