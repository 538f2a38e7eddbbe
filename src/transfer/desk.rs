//! Small pieces of work on files, which come in thousands. Waking a thread for each costs more than the work itself, so
//! one thread takes all that has gathered, and others help only where the disk is slow.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::domain::{Failure, FailureKind, Result};

/// A piece that takes longer waits for its disk: others had better not wait behind it.
const SLOW: Duration = Duration::from_millis(1);

/// The most threads at once; a headless command has two more, for what is not small.
const MOST: usize = 6;

type Piece = Box<dyn FnOnce() + Send>;

/// Takes small pieces of work on files.
#[derive(Clone, Default)]
pub struct Desk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    waiting: VecDeque<Piece>,
    threads: usize,
    /// When the last piece was begun.
    begun: Option<Instant>,
}

impl State {
    /// Counts one more thread, if there may be one.
    fn one_more(&mut self) -> bool {
        let may = self.threads < MOST && !self.waiting.is_empty();
        self.threads += usize::from(may);
        may
    }

    fn is_stuck(&self) -> bool {
        self.begun.is_none_or(|begun| begun.elapsed() > SLOW)
    }
}

impl Desk {
    /// Runs blocking work away from the event loop. Of a caller who is gone before it begins nothing is run.
    ///
    /// # Errors
    /// The work's own, or `Internal` where it was torn down.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let (answer, waiting) = oneshot::channel();
        self.put(Box::new(move || {
            if !answer.is_closed() {
                // Whoever asked may have been stopped meanwhile.
                let _gone = answer.send(work());
            }
        }));
        waiting.await.map_err(|_torn| Failure::new(FailureKind::Internal, "file work was torn down"))?
    }

    fn put(&self, piece: Piece) {
        let mut state = self.state();
        state.waiting.push_back(piece);
        if (state.threads == 0 || state.is_stuck()) && state.one_more() {
            drop(state);
            self.begin();
        }
    }

    fn begin(&self) {
        let desk = self.clone();
        tokio::task::spawn_blocking(move || desk.serve());
    }

    fn serve(&self) {
        while let Some((piece, begun)) = self.next() {
            // Who asked learns of a panic by getting no answer; the others' work goes on.
            let _panicked = catch_unwind(AssertUnwindSafe(piece));
            if begun.elapsed() > SLOW && self.state().one_more() {
                self.begin();
            }
        }
    }

    /// The next piece; without one the thread is over.
    fn next(&self) -> Option<(Piece, Instant)> {
        let mut state = self.state();
        let Some(piece) = state.waiting.pop_front() else {
            state.threads -= 1;
            return None;
        };
        let begun = Instant::now();
        state.begun = Some(begun);
        Some((piece, begun))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures::future::join_all;

    use super::*;

    fn thread() -> Result<std::thread::ThreadId> {
        Ok(std::thread::current().id())
    }

    #[tokio::test]
    async fn what_has_gathered_is_taken_by_few_threads() {
        let desk = Desk::default();
        // Nothing else runs on this event loop until all have been put there.
        let threads = join_all((0..100).map(|_| desk.run(thread))).await;
        let distinct: std::collections::HashSet<_> = threads.into_iter().map(Result::unwrap).collect();
        assert!(distinct.len() <= MOST, "{}", distinct.len());
        assert!(!distinct.contains(&std::thread::current().id()));
    }

    #[tokio::test]
    async fn nobody_waits_behind_a_disk_that_is_stuck() {
        let desk = Desk::default();
        let (go_on, wait) = mpsc::channel::<()>();
        let (began, has_begun) = oneshot::channel();
        let stuck = tokio::spawn({
            let desk = desk.clone();
            async move {
                let work = move || {
                    let _sent = began.send(());
                    wait.recv().map_err(|_| Failure::new(FailureKind::Internal, "nobody"))
                };
                desk.run(work).await
            }
        });
        has_begun.await.unwrap();
        while !desk.state().is_stuck() {
            tokio::task::yield_now().await;
        }
        desk.run(thread).await.unwrap();
        go_on.send(()).unwrap();
        stuck.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_piece_that_panics_takes_nobody_with_it() {
        let desk = Desk::default();
        let (bad, good) = tokio::join!(desk.run(|| -> Result<()> { panic!("as intended") }), desk.run(thread));
        assert_eq!(bad.unwrap_err().kind, FailureKind::Internal);
        assert!(good.is_ok());
    }

    #[tokio::test]
    async fn for_whoever_is_gone_nothing_is_done() {
        let desk = Desk::default();
        let (done, was_done) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let mut first = Box::pin(desk.run(move || Ok(wait.recv().is_ok())));
        assert!(futures::poll!(first.as_mut()).is_pending());
        {
            let mut gone = Box::pin(desk.run(move || Ok(done.send(()).is_ok())));
            // One thread is at the first, and may be stuck there: the second is taken by another one or not at all.
            desk.state().threads = MOST;
            assert!(futures::poll!(gone.as_mut()).is_pending());
        }
        go_on.send(()).unwrap();
        assert_eq!(first.await, Ok(true));
        assert!(was_done.recv().is_err(), "its work was dropped");
    }
}
