//! The driver's end of `control.sock`.
//!
//! Serves one client at a time per call; whoever calls decides how many at once. Bytes of a
//! client are hostile: a line has a longest length, and what is no request is refused. Knows
//! the protocol. Does not know the driver behind [`Driven`].

use super::{Address, Answer, Ask, Hub, MAX_REQUEST, Request, SOCKET, StoreFault, VERSION};
use crate::model::event::CancelMode;
use crate::store::runs::RunDir;
use async_trait::async_trait;
use std::path::PathBuf;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;

/// What the socket's server asks of a driver.
#[async_trait]
pub trait Driven: Send + Sync {
    /// Asks the run to end; returns when the request stands in the journal, or says why not.
    async fn cancel(&self, mode: CancelMode, message: String) -> Result<(), String>;

    /// Where followers listen.
    fn hub(&self) -> &Hub;

    /// Returns when a client that does not read or write has been waited for long enough.
    async fn patience(&self);
}

/// The socket of a run that this process drives. Removed when dropped.
#[derive(Debug)]
pub struct Listener {
    listener: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Makes the socket in the run's directory, over what an earlier driver left. The caller
    /// holds the run's lock and is inside a tokio runtime.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn bind(run: &RunDir) -> Result<Self, StoreFault> {
        let path = run.path().join(SOCKET);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            result => result.map_err(StoreFault::io("remove", &path))?,
        }
        let address = Address::of(run)?;
        let listener = UnixListener::bind(&address.path).map_err(StoreFault::io("listen on", &path))?;
        Ok(Self { listener, path })
    }

    /// The next client.
    ///
    /// # Errors
    /// When the system has none to give, such as when too many files are open.
    pub async fn accept(&self) -> Result<UnixStream, StoreFault> {
        let accepted = self.listener.accept().await;
        accepted.map(|(stream, _)| stream).map_err(StoreFault::io("accept on", &self.path))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // A socket that stays behind refuses connections, which says the same.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Reads one client's request and answers it, until it is answered or the client is gone.
pub async fn serve_client(mut stream: UnixStream, driven: &dyn Driven) {
    let request = tokio::select! {
        request = read_request(&mut stream) => request,
        () = driven.patience() => return,
    };
    match request {
        Err(message) => {
            send(&mut stream, driven, &Answer::Refused { message }.line()).await;
        }
        Ok(Ask::Cancel { mode, message }) => {
            let answer = match driven.cancel(mode, message).await {
                Ok(()) => Answer::Done {},
                Err(message) => Answer::Refused { message },
            };
            send(&mut stream, driven, &answer.line()).await;
        }
        Ok(Ask::Follow {}) => follow(&mut stream, driven).await,
    }
}

async fn read_request(stream: &mut UnixStream) -> Result<Ask, String> {
    let mut line = Vec::new();
    let mut reader = BufReader::new(stream.take(MAX_REQUEST as u64));
    reader.read_until(b'\n', &mut line).await.map_err(|error| error.to_string())?;
    if line.last() != Some(&b'\n') {
        return Err(format!("a request is one line of at most {MAX_REQUEST} bytes"));
    }
    let request: Request = serde_json::from_slice(&line).map_err(|error| format!("not a request: {error}"))?;
    if request.v == VERSION {
        Ok(request.ask)
    } else {
        Err(format!("version {} of the protocol is unknown; this is version {VERSION}", request.v))
    }
}

async fn follow(stream: &mut UnixStream, driven: &dyn Driven) {
    let subscription = driven.hub().subscribe();
    let hello = Answer::Following { next_seq: subscription.next_seq }.line();
    if !send(stream, driven, &hello).await {
        return;
    }
    let Some(mut lines) = subscription.lines else {
        send(stream, driven, &Answer::End {}.line()).await;
        return;
    };
    let mut ignored = [0; 64];
    loop {
        let line = tokio::select! {
            line = lines.recv() => line,
            // A follower says nothing more, so what arrives here is its leaving.
            read = stream.read(&mut ignored) => match read {
                Ok(count) if count > 0 => continue,
                _ => return,
            },
        };
        match line {
            Ok(line) => {
                if !send(stream, driven, &line).await {
                    return;
                }
            }
            // Lagging means that lines were lost: the follower reads the files and comes anew.
            Err(RecvError::Closed | RecvError::Lagged(_)) => return,
        }
    }
}

/// Sends a line; `false` when the client is gone or too slow.
async fn send(stream: &mut UnixStream, driven: &dyn Driven, line: &str) -> bool {
    tokio::select! {
        sent = stream.write_all(line.as_bytes()) => sent.is_ok(),
        () = driven.patience() => false,
    }
}
