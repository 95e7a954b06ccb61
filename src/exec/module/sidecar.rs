//! Sidecars of an attempt: programs that run beside the steps until the attempt closes.
//!
//! Knows how they are started and stopped. Does not know steps, results, or how a sidecar's end
//! is shown.

use super::control::Control;
use super::run::Ran;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A sidecar that runs.
pub struct Sidecar {
    control: Arc<Control>,
    ended: oneshot::Receiver<Ran>,
}

impl Sidecar {
    /// A sidecar that was started with this control.
    #[must_use]
    pub fn new(control: Arc<Control>, ended: oneshot::Receiver<Ran>) -> Self {
        Self { control, ended }
    }
}

/// All sidecars of an attempt. They stop when this is dropped, too.
#[derive(Default)]
pub struct Sidecars(Vec<Sidecar>);

impl Sidecars {
    /// Adds one.
    pub fn push(&mut self, sidecar: Sidecar) {
        self.0.push(sidecar);
    }

    /// Whether the one that was added last has ended.
    #[must_use]
    pub fn newest_has_ended(&self) -> bool {
        self.0.last().is_none_or(|sidecar| sidecar.ended.is_terminated() || !sidecar.ended.is_empty())
    }

    /// Stops all of them and waits until they have ended.
    pub async fn stop(&mut self) {
        for sidecar in &self.0 {
            sidecar.control.cancel();
        }
        for sidecar in self.0.drain(..) {
            // How a sidecar ends decides nothing: Tekton stops them when the steps are done.
            let _ = sidecar.ended.await;
        }
    }
}

impl Drop for Sidecars {
    fn drop(&mut self) {
        for sidecar in &self.0 {
            sidecar.control.cancel();
        }
    }
}
