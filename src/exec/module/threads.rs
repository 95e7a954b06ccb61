//! The threads that guests run on: with stacks as deep as guests may recurse, kept for the next.
//!
//! Knows jobs and threads. Does not know guests. The number of threads is bounded by the number of
//! jobs that callers have under way, which is theirs to bound.

use super::engine::THREAD_STACK;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long a thread waits for its next job.
const KEPT: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

/// Threads for guests. Clones share them.
#[derive(Clone, Default)]
pub struct GuestThreads(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    added: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    idle: usize,
}

impl GuestThreads {
    /// Runs a job on a thread of its own or on one that is idle, and gives its result. The
    /// receiver fails if the job panicked.
    pub fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> std::io::Result<tokio::sync::oneshot::Receiver<T>> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let job: Job = Box::new(move || {
            // Nobody listens any more where the caller gave up.
            let _ = sender.send(job());
        });
        let mut queue = self.lock();
        queue.jobs.push_back(job);
        if queue.idle >= queue.jobs.len() {
            self.0.added.notify_one();
            return Ok(receiver);
        }
        let shared = self.clone();
        let spawned = std::thread::Builder::new()
            .name("stepwell-guest".into())
            .stack_size(THREAD_STACK)
            .spawn(move || shared.work());
        if let Err(error) = spawned {
            queue.jobs.pop_back();
            return Err(error);
        }
        Ok(receiver)
    }

    fn work(&self) {
        loop {
            let Some(job) = self.next() else { return };
            // A job that panics takes its result with it, and not the thread.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.lock();
        if let Some(job) = queue.jobs.pop_front() {
            return Some(job);
        }
        queue.idle += 1;
        let waited = self.0.added.wait_timeout_while(queue, KEPT, |queue| queue.jobs.is_empty());
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        queue.idle -= 1;
        queue.jobs.pop_front()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
