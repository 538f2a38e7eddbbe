//! Who may hold how much of what there is. Every profile that is at it has the same share, and what a profile may hold goes
//! to those of its transfers that hold the least, so that one whose bytes hardly move never keeps another from sending.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::domain::TransferId;
use crate::domain::transfer::ProfileIdentity;

/// Whose share: a profile's, or nobody's in particular.
pub type Whose = Option<Arc<ProfileIdentity>>;

/// As what somebody asks. Small ones count as one together, so that ten thousand of them are worth one large one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It waits more than it sends: a small file, a lookup.
    Small,
    /// A file of some size, or a part of one.
    Large(TransferId),
}

/// How much there is, in any unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// All there is.
    pub most: u64,
    /// What every profile may hold in any case, beyond all there is where others hold that.
    pub least: u64,
    /// How far a profile may go beyond its share, so that one of its transfers that holds nothing begins while others
    /// hold all of it.
    pub beyond: u64,
    /// What a profile's small ones may hold in any case, all together.
    pub few: u64,
}

/// What is shared.
#[derive(Debug)]
pub struct Shares(Mutex<State>);

#[derive(Debug)]
struct State {
    bounds: Bounds,
    sharers: Vec<Sharer>,
    /// How often somebody was given something.
    given: u64,
}

/// A profile.
#[derive(Debug)]
struct Sharer {
    whose: Whose,
    piles: Vec<Pile>,
}

/// What one large transfer of a profile has, or all small ones.
#[derive(Debug)]
struct Pile {
    weight: Weight,
    held: u64,
    /// When it was last given something, or began to ask, as a number.
    last: u64,
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
    weight: Weight,
    amount: u64,
    shares: Arc<Shares>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.shares.state();
        let pile = state.pile(&self.whose, self.weight);
        pile.held = pile.held.saturating_sub(self.amount);
        self.shares.hand_out(state);
    }
}

/// Somebody waits; given up, whoever waits behind may be next.
struct Waiting<'a> {
    shares: &'a Arc<Shares>,
    answer: Option<oneshot::Receiver<Held>>,
}

impl Waiting<'_> {
    async fn answered(mut self) -> Option<Held> {
        let held = self.answer.as_mut()?.await.ok();
        self.answer = None;
        held
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(mut answer) = self.answer.take() else { return };
        answer.close();
        let mut state = self.shares.state();
        let piles = state.sharers.iter_mut().flat_map(|sharer| &mut sharer.piles);
        piles.for_each(|pile| pile.waiting.retain(|asking| !asking.answer.is_closed()));
        self.shares.hand_out(state);
    }
}

impl Shares {
    /// So much of it.
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { bounds, sharers: Vec::new(), given: 0 })))
    }

    /// From now on there is so much of it. What is held stays so.
    pub fn set(self: &Arc<Self>, bounds: Bounds) {
        let mut state = self.state();
        state.bounds = bounds;
        self.hand_out(state);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so much of it: what is free goes to whoever holds the least, in the order in which each asks. A profile
    /// that holds nothing gets it at once.
    pub async fn take(self: &Arc<Self>, whose: Whose, weight: Weight, amount: u64) -> Option<Held> {
        if let Some(held) = self.at_once(&whose, weight, amount) {
            return Some(held);
        }
        self.ask(&whose, weight, amount).answered().await
    }

    fn ask<'a>(self: &'a Arc<Self>, whose: &Whose, weight: Weight, amount: u64) -> Waiting<'a> {
        let (answer, waiting) = oneshot::channel();
        let mut state = self.state();
        state.pile(whose, weight).waiting.push_back(Asking { amount, answer });
        self.hand_out(state);
        Waiting { shares: self, answer: Some(waiting) }
    }

    /// Where nobody of the profile waits before.
    fn at_once(self: &Arc<Self>, whose: &Whose, weight: Weight, amount: u64) -> Option<Held> {
        let mut state = self.state();
        let holds = state.pile(whose, weight).held;
        let sharer = state.sharers.iter().find(|sharer| sharer.is(whose))?;
        let may = state.may_begin(sharer, (weight, holds), amount) || state.is_free(sharer, amount);
        if sharer.waits() || !may {
            return None;
        }
        state.give(whose, weight, amount);
        Some(Held { whose: whose.clone(), weight, amount, shares: self.clone() })
    }

    /// Lets go on who may.
    fn hand_out(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        let mut unwanted = Vec::new();
        while let Some((whose, weight, asking)) = state.next() {
            let held = Held { whose, weight, amount: asking.amount, shares: self.clone() };
            // Given up just now: it comes back, but not while the list is locked.
            unwanted.extend(asking.answer.send(held).err());
        }
        state.sharers.iter_mut().for_each(|sharer| sharer.piles.retain(|pile| !pile.is_idle()));
        state.sharers.retain(|sharer| !sharer.piles.is_empty());
        drop(state);
    }
}

impl State {
    /// What one has, made when it is first asked for.
    fn pile(&mut self, whose: &Whose, weight: Weight) -> &mut Pile {
        let given = self.given;
        let place = self.sharers.iter().position(|sharer| sharer.is(whose)).unwrap_or(self.sharers.len());
        if place == self.sharers.len() {
            self.sharers.push(Sharer { whose: whose.clone(), piles: Vec::new() });
        }
        self.sharers[place].pile(weight, given)
    }

    fn give(&mut self, whose: &Whose, weight: Weight, amount: u64) {
        self.given += 1;
        let given = self.given;
        let pile = self.pile(whose, weight);
        pile.held += amount;
        pile.last = 2 * given + 1;
    }

    /// Takes out who may go on; of several profiles that one which holds the least.
    fn next(&mut self) -> Option<(Whose, Weight, Asking)> {
        let ready = |sharer: &Sharer| Some((sharer.held(), sharer.whose.clone(), self.ready(sharer)?));
        let (_, whose, weight) = self.sharers.iter().filter_map(ready).min_by_key(|(held, ..)| *held)?;
        let asking = self.pile(&whose, weight).waiting.pop_front()?;
        self.give(&whose, weight, asking.amount);
        Some((whose, weight, asking))
    }

    /// Who of a profile may go on: whoever holds the least gets what is free, and nobody else but those who begin.
    fn ready(&self, sharer: &Sharer) -> Option<Weight> {
        let mut waiting: Vec<(&Pile, u64)> = sharer.piles.iter().filter_map(Pile::first).collect();
        waiting.sort_by_key(|(pile, _)| (pile.held, pile.last));
        // What only goes alone would wait for ever behind those that begin meanwhile.
        let goes_alone = waiting.first().is_some_and(|(_, amount)| self.goes_alone(*amount));
        let mut in_turn = waiting.iter().enumerate().take(if goes_alone { 1 } else { waiting.len() });
        let (_, (pile, _)) = in_turn.find(|(place, (pile, amount))| {
            let free = *place == 0 && self.is_free(sharer, *amount);
            free || self.may_begin(sharer, (pile.weight, pile.held), *amount)
        })?;
        Some(pile.weight)
    }

    /// Whether it is more than a profile may have beside anything else.
    fn goes_alone(&self, amount: u64) -> bool {
        amount + self.bounds.few > self.share() + self.bounds.beyond
    }

    /// Whether one of a profile's transfers, which holds so much, may hold so much more though others have all of it.
    fn may_begin(&self, sharer: &Sharer, (weight, holds): (Weight, u64), more: u64) -> bool {
        let Bounds { least, beyond, few, .. } = self.bounds;
        let mine = sharer.held();
        let in_any_case = mine == 0 || mine + more <= least || weight == Weight::Small && holds + more <= few;
        in_any_case || holds == 0 && mine + more <= self.share() + beyond
    }

    /// Whether a profile may have so much more of what nobody has.
    fn is_free(&self, sharer: &Sharer, more: u64) -> bool {
        let all: u64 = self.sharers.iter().map(Sharer::held).sum();
        all + more <= self.bounds.most && sharer.held() + more <= self.share()
    }

    /// A profile's.
    fn share(&self) -> u64 {
        self.bounds.most / self.sharers.len().max(1) as u64
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

    /// One that is new stands behind those that wait for longer, and before the one that was served last.
    fn pile(&mut self, weight: Weight, given: u64) -> &mut Pile {
        let place = self.piles.iter().position(|pile| pile.weight == weight).unwrap_or(self.piles.len());
        if place == self.piles.len() {
            self.piles.push(Pile { weight, held: 0, last: 2 * given, waiting: VecDeque::new() });
        }
        &mut self.piles[place]
    }

    fn held(&self) -> u64 {
        self.piles.iter().map(|pile| pile.held).sum()
    }

    fn waits(&self) -> bool {
        self.piles.iter().any(|pile| !pile.waiting.is_empty())
    }
}

impl Pile {
    /// Itself, and how much is asked for next.
    fn first(&self) -> Option<(&Self, u64)> {
        self.waiting.front().map(|asking| (self, asking.amount))
    }

    fn is_idle(&self) -> bool {
        self.held == 0 && self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests;
