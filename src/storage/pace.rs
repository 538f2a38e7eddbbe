//! Limits in bytes a second on what is handed to sockets and taken from them. Whoever moves bytes reserves the moment for
//! its next piece, so that all who share a limit take turns and nobody gets a burst.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The most bytes handed on at once.
pub const PIECE: usize = 64 * 1024;

/// Pieces a second at least, so that a changed limit is felt at once however low the old one was.
const PIECES_A_SECOND: u64 = 16;

/// The least bytes handed on at once.
const LEAST_PIECE: u64 = 256;

/// How far a limit may be caught up with: timers are no finer than a millisecond.
const SLACK: Duration = Duration::from_millis(10);

/// One limit, shared by everything that it holds for; it can be changed at any time.
#[derive(Debug, Default)]
pub struct Rate {
    /// 0 is none.
    bytes_a_second: AtomicU64,
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
        self.bytes_a_second.store(bytes_a_second, Ordering::Relaxed);
        *self.free_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Bytes a second; 0 is none.
    pub fn get(&self) -> u64 {
        self.bytes_a_second.load(Ordering::Relaxed)
    }

    /// Reserves the moment from which so many bytes may go.
    fn reserve(&self, bytes: u64, now: Instant) -> Instant {
        let rate = self.get();
        if rate == 0 {
            return now;
        }
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
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
    pub fn turn(&self, bytes: u64) -> Option<Instant> {
        let now = Instant::now();
        let start = self.0.iter().map(|rate| rate.reserve(bytes, now)).max()?;
        (start > now).then_some(start)
    }

    /// Waits until so many bytes may go.
    pub async fn pass(&self, bytes: u64) {
        if let Some(start) = self.turn(bytes) {
            tokio::time::sleep_until(start.into()).await;
        }
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

    #[test]
    fn a_changed_limit_forgets_what_was_reserved() {
        let rate = Rate::new(1);
        let now = Instant::now();
        rate.reserve(1000, now);
        rate.set(0);
        assert_eq!(rate.reserve(1000, now), now);
    }
}
