//! Work on files, away from the event loop, by few threads. Those that hang, as on a network disk whose server is gone, do
//! not count among them: work on other disks goes on.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};
use std::time::{Duration, Instant};

use futures::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::domain::{Failure, FailureKind, Result};

/// A piece that takes longer waits for its disk: others had better not wait behind it.
const SLOW: Duration = Duration::from_millis(1);

/// A piece that takes longer may never end, as on a network disk whose server is gone: its thread no longer counts.
const HUNG: Duration = Duration::from_secs(1);

/// How long a transfer's work on files may take before others of its profile need not wait for it any longer.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How often somebody looks whether what waits stands behind pieces that do not end.
const LOOK: Duration = Duration::from_millis(50);

/// The most threads of a desk for small pieces at once, besides those that hang.
const SMALL: usize = 6;

/// The most threads of a desk for large pieces at once, besides those that hang. Few of them find the next piece of work
/// before they fall asleep: with hundreds, waking one for each takes a fifth of all time.
const LARGE: usize = 8;

/// The most of the runtime's threads that work on files takes, hanging or not.
pub const THREADS: usize = SMALL + LARGE;

type Piece = Box<dyn FnOnce() + Send>;

/// When one more thread takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pieces {
    /// Small ones come in thousands. Waking a thread for each costs more than the work itself, so one takes all that has
    /// gathered, and others help only where the disk is slow.
    #[default]
    Small,
    /// Large ones are worth a thread each.
    Large,
}

impl Pieces {
    const fn most(self) -> usize {
        match self {
            Self::Small => SMALL,
            Self::Large => LARGE,
        }
    }
}

/// Takes work on files. By default small pieces.
#[derive(Debug, Clone, Default)]
pub struct Desk(Arc<Mutex<State>>);

/// The answer to work that has been put on a desk. Once it is dropped, nothing is begun for it any more.
#[derive(Debug)]
pub struct Answer<T>(oneshot::Receiver<Result<T>>);

impl<T> Future for Answer<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let torn = |_torn| Failure::new(FailureKind::Internal, "file work was torn down");
        Poll::Ready(ready!(self.0.poll_unpin(context)).map_err(torn).flatten())
    }
}

#[derive(Default)]
struct State {
    pieces: Pieces,
    waiting: VecDeque<Piece>,
    /// When each thread began its piece, by the thread's number.
    threads: HashMap<u64, Instant>,
    last_thread: u64,
    /// When the last piece was begun.
    begun: Option<Instant>,
    /// Somebody will look again.
    watched: bool,
}

/// Whose a thread is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    /// The runtime's, which has few and keeps them awake.
    Runtime,
    /// Its own: those that hang keep the runtime's.
    Own,
}

impl State {
    /// Counts one more thread, if there may be one.
    fn one_more(&mut self) -> Option<(u64, Home)> {
        let at_work = self.threads.values().filter(|begun| begun.elapsed() < HUNG).count();
        let most = self.pieces.most();
        if self.waiting.is_empty() || at_work >= most {
            return None;
        }
        let home = if self.threads.len() < most { Home::Runtime } else { Home::Own };
        self.last_thread += 1;
        self.threads.insert(self.last_thread, Instant::now());
        Some((self.last_thread, home))
    }

    /// Whether what waits had better not wait for those at work.
    fn is_pressed(&self) -> bool {
        self.pieces == Pieces::Large || self.threads.is_empty() || self.is_stuck()
    }

    fn is_stuck(&self) -> bool {
        self.begun.is_none_or(|begun| begun.elapsed() > SLOW)
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("State").field("pieces", &self.pieces).field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl Desk {
    /// For pieces that are worth a thread each.
    pub fn for_large() -> Self {
        Self(Arc::new(Mutex::new(State { pieces: Pieces::Large, ..State::default() })))
    }

    /// Runs blocking work away from the event loop. Of a caller who is gone before it begins nothing is run.
    ///
    /// # Errors
    /// The work's own, or `Internal` where it was torn down.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Answer<T> {
        let (answer, waiting) = oneshot::channel();
        self.put(Box::new(move || {
            if !answer.is_closed() {
                // Whoever asked may have been stopped meanwhile.
                let _gone = answer.send(work());
            }
        }));
        Answer(waiting)
    }

    fn put(&self, piece: Piece) {
        let runtime = Handle::current();
        let mut state = self.state();
        state.waiting.push_back(piece);
        let thread = if state.is_pressed() { state.one_more() } else { None };
        let watch = !std::mem::replace(&mut state.watched, true);
        drop(state);
        if let Some(thread) = thread {
            self.begin(thread, &runtime);
        }
        if watch {
            runtime.spawn(self.clone().watch());
        }
    }

    /// Looks again as long as something waits: whoever is before it may never end.
    async fn watch(self) {
        let runtime = Handle::current();
        loop {
            tokio::time::sleep(LOOK).await;
            let thread = {
                let mut state = self.state();
                state.watched = !state.waiting.is_empty();
                if !state.watched {
                    return;
                }
                if state.is_pressed() { state.one_more() } else { None }
            };
            if let Some(thread) = thread {
                self.begin(thread, &runtime);
            }
        }
    }

    fn begin(&self, (thread, home): (u64, Home), runtime: &Handle) {
        let (desk, runs_in) = (self.clone(), runtime.clone());
        let serve = move || desk.serve(thread, &runs_in);
        match home {
            Home::Runtime => drop(runtime.spawn_blocking(serve)),
            Home::Own => {
                if let Err(error) = std::thread::Builder::new().name("files".into()).spawn(serve) {
                    tracing::warn!("no thread for work on files: {error}");
                    self.state().threads.remove(&thread);
                }
            }
        }
    }

    fn serve(&self, thread: u64, runtime: &Handle) {
        while let Some((piece, begun)) = self.next(thread) {
            piece();
            if begun.elapsed() > SLOW
                && let Some(another) = self.one_more()
            {
                self.begin(another, runtime);
            }
        }
    }

    fn one_more(&self) -> Option<(u64, Home)> {
        self.state().one_more()
    }

    /// The next piece; without one the thread is over.
    fn next(&self, thread: u64) -> Option<(Piece, Instant)> {
        let mut state = self.state();
        let Some(piece) = state.waiting.pop_front() else {
            state.threads.remove(&thread);
            return None;
        };
        let begun = Instant::now();
        state.begun = Some(begun);
        state.threads.insert(thread, begun);
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
        assert!(distinct.len() <= SMALL, "{}", distinct.len());
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

    /// A piece that hangs until the sender goes, and the word that it has begun.
    fn hung(desk: &Desk) -> (mpsc::Sender<()>, oneshot::Receiver<()>) {
        let (go_on, wait) = mpsc::channel::<()>();
        let (began, has_begun) = oneshot::channel();
        let desk = desk.clone();
        tokio::spawn(async move {
            let work = move || {
                let _sent = began.send(());
                Ok(wait.recv().is_ok())
            };
            desk.run(work).await
        });
        (go_on, has_begun)
    }

    /// What would wait for ever without the desk's care.
    async fn in_the_end<T>(work: impl Future<Output = T>) -> T {
        tokio::time::timeout(Duration::from_secs(60), work).await.unwrap()
    }

    /// As if everything under way had been begun that long ago.
    fn age(desk: &Desk, time: Duration) {
        let mut state = desk.state();
        let then = Instant::now().checked_sub(time).unwrap();
        state.threads.values_mut().for_each(|begun| *begun = then);
        state.begun = Some(then);
    }

    #[tokio::test]
    async fn however_many_pieces_hang_others_are_done() {
        let desk = Desk::default();
        let mut hanging = Vec::new();
        for _ in 0..3 * SMALL {
            let (go_on, has_begun) = hung(&desk);
            in_the_end(has_begun).await.unwrap();
            hanging.push(go_on);
            age(&desk, HUNG);
        }
        let done = in_the_end(join_all((0..100).map(|_| desk.run(thread)))).await;
        assert!(done.iter().all(Result::is_ok));
        assert!(hanging.iter().all(|go_on| go_on.send(()).is_ok()), "they hang still");
    }

    #[tokio::test]
    async fn a_piece_that_comes_as_another_begins_to_hang_is_looked_at_again() {
        let desk = Desk::default();
        let (_go_on, has_begun) = hung(&desk);
        has_begun.await.unwrap();
        // Until it has been put there, the other has only just begun.
        desk.state().begun = Some(Instant::now() + Duration::from_secs(60));
        let mut late = Box::pin(desk.run(thread));
        assert!(futures::poll!(late.as_mut()).is_pending());
        assert_eq!(desk.state().waiting.len(), 1);
        age(&desk, SLOW * 2);
        in_the_end(late).await.unwrap();
    }

    #[tokio::test]
    async fn for_whoever_is_gone_nothing_is_done() {
        let desk = Desk::default();
        let (done, was_done) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let mut first = Box::pin(desk.run(move || Ok(wait.recv().is_ok())));
        assert!(futures::poll!(first.as_mut()).is_pending());
        {
            // One thread is at the first, and may be stuck there. The second is put there once no other may be begun, and none
            // of those counts as hung, however long this thread is kept waiting here.
            let begun = Instant::now() + Duration::from_secs(60);
            desk.state().threads.extend((100..).take(SMALL).map(|thread| (thread, begun)));
            let mut gone = Box::pin(desk.run(move || Ok(done.send(()).is_ok())));
            assert!(futures::poll!(gone.as_mut()).is_pending());
        }
        go_on.send(()).unwrap();
        assert_eq!(first.await, Ok(true));
        assert!(was_done.recv().is_err(), "its work was dropped");
    }
}
