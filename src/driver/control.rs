//! Serves a run's control socket: one task that accepts, one for each client, all ended with
//! the server.
//!
//! Knows commands. Does not know lines or sockets: `store::control` does.

use super::{Clock, Command};
use crate::model::event::CancelMode;
use crate::store::StoreFault;
use crate::store::control::{Driven, Hub, Listener, MAX_CLIENTS, serve_client};
use crate::store::runs::RunDir;
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

/// Nanoseconds that a client may take to read or write a line, and that all clients together
/// may take to hear the end.
const PATIENCE: u64 = 5_000_000_000;
/// Nanoseconds before accepting is tried again after it failed, as when files run out.
const ACCEPT_AGAIN: u64 = 100_000_000;

/// The control socket of a run that this process drives. Dropping it removes the socket at once.
#[derive(Debug)]
pub struct ControlServer {
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

struct Served {
    hub: Arc<Hub>,
    commands: mpsc::Sender<Command>,
    clock: Arc<dyn Clock>,
}

impl ControlServer {
    /// Makes the socket in the run's directory and serves it. The caller holds the run's lock.
    ///
    /// # Errors
    /// When the socket cannot be made.
    #[expect(clippy::disallowed_methods, reason = "the server owns this task, and ends it when it is dropped")]
    pub fn start(
        run: &RunDir,
        hub: Arc<Hub>,
        commands: mpsc::Sender<Command>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreFault> {
        let listener = Listener::bind(run)?;
        let (stop, stopped) = watch::channel(false);
        let served = Arc::new(Served { hub, commands, clock });
        let task = tokio::spawn(serve(listener, served, stopped));
        Ok(Self { task, stop })
    }

    /// Takes no more clients, and waits until those that are there have heard the end, though
    /// not for long. To be called after [`super::drive`] has returned.
    pub async fn finish(mut self) {
        self.stop.send_replace(true);
        // The task ends by itself or panicked; either way it is over.
        let _ = (&mut self.task).await;
    }
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: Listener, served: Arc<Served>, mut stopped: watch::Receiver<bool>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(stream) if clients.len() < MAX_CLIENTS => {
                    let served = Arc::clone(&served);
                    clients.spawn(async move { serve_client(stream, served.as_ref()).await });
                }
                // One client too many: hanging up tells it so.
                Ok(_) => {}
                Err(_) => sleep(served.clock.as_ref(), ACCEPT_AGAIN).await,
            },
            Some(_) = clients.join_next() => {}
            // A server that is gone without a word stops as well.
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    tokio::select! {
        () = async { while clients.join_next().await.is_some() {} } => {}
        () = served.patience() => {}
    }
}

async fn sleep(clock: &dyn Clock, nanoseconds: u64) {
    clock.sleep_until(clock.now().saturating_add(nanoseconds)).await;
}

#[async_trait]
impl Driven for Served {
    async fn cancel(&self, mode: CancelMode, message: String) -> Result<(), String> {
        let ended = || "the run has ended".to_owned();
        let (recorded, heard) = oneshot::channel();
        let command = Command::Cancel { mode, message, recorded: Some(recorded) };
        self.commands.send(command).await.map_err(|_| ended())?;
        heard.await.map_err(|_| ended())
    }

    fn hub(&self) -> &Hub {
        &self.hub
    }

    async fn patience(&self) {
        sleep(self.clock.as_ref(), PATIENCE).await;
    }
}
