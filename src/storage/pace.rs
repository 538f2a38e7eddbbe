//! Limits in bytes a second on what is handed to sockets and taken from them. Whoever moves bytes reserves the moment for
//! its next piece, so that all who share a limit take turns and nobody gets a burst.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::future::select_all;
use tokio::sync::watch;

/// The most bytes handed on at once.
pub const PIECE: usize = 64 * 1024;

/// Pieces a second at least, so that a changed limit is felt at once however low the old one was.
const PIECES_A_SECOND: u64 = 16;

/// The least bytes handed on at once.
const LEAST_PIECE: u64 = 256;

/// How far a limit may be caught up with: timers are no finer than a millisecond.
const SLACK: Duration = Duration::from_millis(10);

/// One limit, shared by everything that it holds for; it can be changed at any time, and who waits under the old one
/// reserves anew under the new one.
#[derive(Debug, Default)]
pub struct Rate {
    /// 0 is none.
    bytes_a_second: watch::Sender<u64>,
    /// When the next bytes may go.
    free_at: Mutex<Option<Instant>>,
}

impl Rate {
    /// A limit in bytes a second; 0 is none.
    pub fn new(bytes_a_second: u64) -> Arc<Self> {
        let rate = Self::default();
        rate.set(bytes_a_second);
        Arc::new(rate)
    }

    /// Changes the limit.
    pub fn set(&self, bytes_a_second: u64) {
        let mut free_at = self.free_at();
        *free_at = None;
        self.bytes_a_second.send_replace(bytes_a_second);
    }

    fn free_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.free_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes a second; 0 is none.
    pub fn get(&self) -> u64 {
        *self.bytes_a_second.borrow()
    }

    /// Reserves the moment from which so many bytes may go.
    fn reserve(&self, bytes: u64, now: Instant) -> Instant {
        let mut free_at = self.free_at();
        let rate = self.get();
        if rate == 0 {
            return now;
        }
        let earliest = now.checked_sub(SLACK).unwrap_or(now);
        let start = free_at.map_or(now, |free| free.max(earliest));
        *free_at = Some(start + Duration::from_secs_f64(bytes as f64 / rate as f64));
        start
    }
}

/// Every limit that holds for one transfer.
#[derive(Debug, Clone, Default)]
pub struct Pace(Arc<[Arc<Rate>]>);

impl Pace {
    /// Held by all of these.
    pub fn of(rates: impl IntoIterator<Item = Arc<Rate>>) -> Self {
        Self(rates.into_iter().collect())
    }

    /// How many bytes to hand on at once.
    pub fn piece(&self) -> usize {
        let limits = self.0.iter().map(|rate| rate.get()).filter(|rate| *rate > 0);
        let most = limits.map(|rate| (rate / PIECES_A_SECOND).max(LEAST_PIECE)).min();
        most.map_or(PIECE, |most| usize::try_from(most).map_or(PIECE, |most| most.min(PIECE)))
    }

    /// Reserves the moment from which so many bytes may go; `None` where that is now.
    pub fn turn(&self, bytes: u64) -> Option<Turn> {
        if self.0.iter().all(|rate| rate.get() == 0) {
            return None;
        }
        let now = Instant::now();
        let reserved: Vec<Reserved> = self.0.iter().map(|rate| Reserved::of(rate, bytes, now)).collect();
        let turn = Turn { bytes, reserved };
        (turn.moment() > now).then_some(turn)
    }

    /// Waits until so many bytes may go, a piece after the other.
    pub async fn pass(&self, bytes: u64) {
        let mut left = bytes;
        while left > 0 {
            let piece = left.min(self.piece() as u64);
            if let Some(turn) = self.turn(piece) {
                turn.come(|_| {}).await;
            }
            left -= piece;
        }
    }
}

/// A moment that was reserved with every limit that holds.
#[derive(Debug)]
pub struct Turn {
    bytes: u64,
    reserved: Vec<Reserved>,
}

#[derive(Debug)]
struct Reserved {
    rate: Arc<Rate>,
    changes: watch::Receiver<u64>,
    start: Instant,
}

impl Reserved {
    fn of(rate: &Arc<Rate>, bytes: u64, now: Instant) -> Self {
        // Listening comes first, so that no change is missed in between.
        let changes = rate.bytes_a_second.subscribe();
        Self { rate: rate.clone(), changes, start: rate.reserve(bytes, now) }
    }
}

impl Turn {
    /// When the bytes may go, unless a limit changes before.
    fn moment(&self) -> Instant {
        self.reserved.iter().map(|one| one.start).max().unwrap_or_else(Instant::now)
    }

    /// Waits until the bytes may go; `held` hears until when that is, now and whenever a limit changes.
    pub async fn come(mut self, held: impl Fn(Instant)) {
        loop {
            let moment = self.moment();
            held(moment);
            let changed = tokio::select! {
                () = tokio::time::sleep_until(moment.into()) => return,
                changed = self.changed() => changed,
            };
            if let Some(one) = self.reserved.get_mut(changed) {
                one.start = one.rate.reserve(self.bytes, Instant::now());
            }
        }
    }

    /// Which limit changes next.
    async fn changed(&mut self) -> usize {
        // Nobody drops a limit that is held here.
        let changes = self.reserved.iter_mut().map(|one| Box::pin(one.changes.changed()));
        select_all(changes).await.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_a_limit_takes_turns() {
        let rate = Rate::new(1000);
        let now = Instant::now();
        assert_eq!(rate.reserve(500, now), now);
        assert_eq!(rate.reserve(500, now), now + Duration::from_millis(500));
        assert_eq!(rate.reserve(1, now), now + Duration::from_secs(1));
    }

    #[test]
    fn time_that_nobody_used_is_no_burst_later() {
        let rate = Rate::new(1000);
        let now = Instant::now();
        rate.reserve(1, now);
        let later = now + Duration::from_secs(60);
        rate.reserve(1000, later);
        assert!(rate.reserve(1, later) >= later + Duration::from_millis(900));
    }

    #[test]
    fn pieces_are_small_where_the_limit_is() {
        assert_eq!(Pace::default().piece(), PIECE);
        assert_eq!(Pace::of([Rate::new(0), Rate::new(64 << 20)]).piece(), PIECE);
        assert_eq!(Pace::of([Rate::new(0), Rate::new(160_000)]).piece(), 10_000);
        assert_eq!(Pace::of([Rate::new(1)]).piece(), 256);
    }

    #[tokio::test]
    async fn who_waits_under_an_old_limit_feels_a_new_one() {
        for raised in [0, 1 << 30] {
            // Ten bytes a second, where far more were meant: the next piece would go in more than an hour.
            let rate = Rate::new(10);
            rate.reserve(1 << 16, Instant::now());
            let pace = Pace::of([Rate::new(0), rate.clone(), Rate::new(1 << 30)]);
            let waiting = pace.pass(1000);
            tokio::pin!(waiting);
            assert!(futures::poll!(&mut waiting).is_pending());
            rate.set(raised);
            waiting.await;
        }
    }

    #[test]
    fn a_changed_limit_forgets_what_was_reserved() {
        let rate = Rate::new(1);
        let now = Instant::now();
        rate.reserve(1000, now);
        rate.set(0);
        assert_eq!(rate.reserve(1000, now), now);
    }
}
