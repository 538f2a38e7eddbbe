//! Who may hold how much of what there is. Every profile that is at it has the same share, and a little in any case, so
//! that one whose bytes hardly move never keeps another from sending.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::domain::transfer::ProfileIdentity;

/// Whose share: a profile's, or nobody's in particular.
pub type Whose = Option<Arc<ProfileIdentity>>;

/// What is shared, in any unit.
#[derive(Debug)]
pub struct Shares {
    /// All there is.
    most: u64,
    /// What everyone may hold in any case, beyond all there is where others hold that.
    least: u64,
    sharers: Mutex<Vec<Sharer>>,
}

#[derive(Debug)]
struct Sharer {
    whose: Whose,
    held: u64,
    /// First come, first served.
    waiting: VecDeque<Asking>,
}

#[derive(Debug)]
struct Asking {
    amount: u64,
    answer: oneshot::Sender<Held>,
}

/// A right to so much of it; dropped, it goes to whoever waits.
#[derive(Debug)]
pub struct Held {
    whose: Whose,
    amount: u64,
    shares: Arc<Shares>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut sharers = self.shares.sharers();
        if let Some(sharer) = sharers.iter_mut().find(|sharer| sharer.is(&self.whose)) {
            sharer.held = sharer.held.saturating_sub(self.amount);
        }
        self.shares.hand_out(sharers);
    }
}

/// Somebody waits; given up, whoever waits behind may be next.
struct Waiting<'a> {
    shares: &'a Arc<Shares>,
    answer: oneshot::Receiver<Held>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.answer.close();
        self.shares.hand_out(self.shares.sharers());
    }
}

impl Sharer {
    fn is(&self, whose: &Whose) -> bool {
        match (&self.whose, whose) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
            (None, None) => true,
            _ => false,
        }
    }

    fn is_idle(&self) -> bool {
        self.held == 0 && self.waiting.is_empty()
    }
}

impl Shares {
    /// So much of it, and so little for everyone in any case.
    pub fn new(most: u64, least: u64) -> Arc<Self> {
        Arc::new(Self { most, least, sharers: Mutex::default() })
    }

    fn sharers(&self) -> MutexGuard<'_, Vec<Sharer>> {
        self.sharers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so much of it, each profile's in the order in which they ask. Who holds nothing gets it at once.
    pub async fn take(self: &Arc<Self>, whose: Whose, amount: u64) -> Option<Held> {
        if let Some(held) = self.at_once(&whose, amount) {
            return Some(held);
        }
        let (answer, waiting) = oneshot::channel();
        let mut waiting = Waiting { shares: self, answer: waiting };
        self.ask(whose, Asking { amount, answer });
        (&mut waiting.answer).await.ok()
    }

    /// Where nobody waits before.
    fn at_once(self: &Arc<Self>, whose: &Whose, amount: u64) -> Option<Held> {
        let mut sharers = self.sharers();
        let (count, held) = sum_of(&sharers);
        match sharers.iter_mut().find(|sharer| sharer.is(whose)) {
            Some(sharer) if sharer.waiting.is_empty() && self.may_hold(sharer, amount, count, held) => {
                sharer.held += amount;
            }
            Some(_) => return None,
            None => sharers.push(Sharer { whose: whose.clone(), held: amount, waiting: VecDeque::new() }),
        }
        Some(Held { whose: whose.clone(), amount, shares: self.clone() })
    }

    fn ask(self: &Arc<Self>, whose: Whose, asking: Asking) {
        let mut sharers = self.sharers();
        match sharers.iter_mut().find(|sharer| sharer.is(&whose)) {
            Some(sharer) => sharer.waiting.push_back(asking),
            None => sharers.push(Sharer { whose, held: 0, waiting: VecDeque::from([asking]) }),
        }
        self.hand_out(sharers);
    }

    /// Lets go on who may: those first who hold the least.
    fn hand_out(self: &Arc<Self>, mut sharers: MutexGuard<'_, Vec<Sharer>>) {
        let mut unwanted = Vec::new();
        sharers.iter_mut().for_each(|sharer| sharer.waiting.retain(|asking| !asking.answer.is_closed()));
        sharers.retain(|sharer| !sharer.is_idle());
        while let Some((whose, asking)) = self.next(&mut sharers) {
            let held = Held { whose, amount: asking.amount, shares: self.clone() };
            // Given up just now: it comes back, but not while the list is locked.
            unwanted.extend(asking.answer.send(held).err());
        }
        drop(sharers);
    }

    fn next(&self, sharers: &mut [Sharer]) -> Option<(Whose, Asking)> {
        let (count, held) = sum_of(sharers);
        let is_ready = |sharer: &&mut Sharer| {
            sharer.waiting.front().is_some_and(|first| self.may_hold(sharer, first.amount, count, held))
        };
        let sharer = sharers.iter_mut().filter(is_ready).min_by_key(|sharer| sharer.held)?;
        let asking = sharer.waiting.pop_front()?;
        sharer.held += asking.amount;
        Some((sharer.whose.clone(), asking))
    }

    /// Whether it may hold so much more, beside so many who hold so much together, itself among them.
    fn may_hold(&self, sharer: &Sharer, more: u64, count: u64, held: u64) -> bool {
        let would_hold = sharer.held + more;
        let in_any_case = sharer.held == 0 || would_hold <= self.least;
        in_any_case || (held + more <= self.most && would_hold <= self.most / count.max(1))
    }
}

fn sum_of(sharers: &[Sharer]) -> (u64, u64) {
    (sharers.len() as u64, sharers.iter().map(|sharer| sharer.held).sum())
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use futures::FutureExt;

    use super::*;
    use crate::transfer::tests::profile;

    const MOST: u64 = 32;
    const LEAST: u64 = 8;

    /// Takes so much in pieces of 8, as much of it as can be had now.
    fn take(shares: &Arc<Shares>, whose: &Whose, pieces: usize) -> Vec<Held> {
        (0..pieces).filter_map(|_| shares.take(whose.clone(), 8).now_or_never().flatten()).collect()
    }

    fn waits<F: Future>(asked: &mut Pin<Box<F>>) -> bool {
        asked.as_mut().now_or_never().is_none()
    }

    fn whose(name: &str) -> Whose {
        Some(profile(name))
    }

    #[test]
    fn who_is_alone_may_have_all_of_it_and_what_is_larger_goes_alone() {
        let (shares, one) = (Shares::new(MOST, LEAST), whose("one"));
        let held = take(&shares, &one, 9);
        assert_eq!(held.len(), 4);
        drop(held);
        let large = shares.take(one.clone(), 100).now_or_never();
        assert!(large.is_some());
        assert_eq!(take(&shares, &one, 1).len(), 0);
        drop(large);
        assert_eq!(take(&shares, &one, 1).len(), 1);
    }

    #[test]
    fn a_little_is_there_for_everyone_whoever_holds_the_rest() {
        let (shares, slow) = (Shares::new(MOST, LEAST), whose("slow"));
        let held = take(&shares, &slow, 4);
        for name in ["other", "third"] {
            let whose = whose(name);
            assert_eq!(take(&shares, &whose, 3).len(), 1, "{name}");
            assert_eq!(take(&shares, &whose, 1).len(), 1, "{name} again");
        }
        assert_eq!((held.len(), take(&shares, &slow, 1).len()), (4, 0));
    }

    #[test]
    fn what_one_gives_back_goes_to_the_other_until_both_have_as_much() {
        let (shares, one, other) = (Shares::new(MOST, LEAST), whose("one"), whose("other"));
        let mut held = take(&shares, &one, 4);
        let first = take(&shares, &other, 1);
        let mut more = Box::pin(shares.take(one.clone(), 8));
        let mut second = Box::pin(shares.take(other.clone(), 8));
        let mut third = Box::pin(shares.take(other.clone(), 8));
        assert!(waits(&mut more) && waits(&mut second) && waits(&mut third));
        held.truncate(3);
        assert!(waits(&mut more) && waits(&mut second), "there are still 32 in use");
        held.truncate(2);
        let second = second.now_or_never();
        assert!(second.is_some() && waits(&mut more) && waits(&mut third), "each has its half");
        drop(first);
        assert!(third.now_or_never().is_some() && waits(&mut more));
    }

    #[test]
    fn who_gives_up_waiting_keeps_nobody() {
        let (shares, one) = (Shares::new(MOST, LEAST), whose("one"));
        let _held = take(&shares, &one, 3);
        let mut large = Box::pin(shares.take(one.clone(), 20));
        assert!(large.as_mut().now_or_never().is_none());
        let mut small = Box::pin(shares.take(one.clone(), 8));
        assert!(small.as_mut().now_or_never().is_none(), "first come, first served");
        drop(large);
        assert!(small.now_or_never().flatten().is_some());
    }

    #[test]
    fn a_share_that_nobody_wants_any_more_goes_back() {
        let (shares, one) = (Shares::new(MOST, LEAST), whose("one"));
        let held = take(&shares, &one, 4);
        let mut waiting = Box::pin(shares.take(one.clone(), 8));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(held);
        // It has been given to it, but nobody has looked.
        drop(waiting);
        assert!(shares.sharers().is_empty());
    }
}
