//! What a command knows about the transfers that it follows: a line for each that ends, a sentence for each that failed or
//! stays behind, and whether anything still moves. Of thousands that wait it looks only at those that changed.

mod still;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::bars::Picture;
use super::exit::Exit;
use super::follow::Lines;
use super::output::{Format, Output};
use super::recorded::Recorded;
use super::rows::Job;
use super::standing::{Advice, Did, Paused, is_untouched, left_behind, left_behind_paused, left_behind_together, rank};
use crate::domain::transfer::{Hold, QueueView, TransferView};
use crate::domain::{Result, Transfer, TransferId, TransferState, format};
use still::Standing;

/// How long a command waits for what does not move (DESIGN.md section 7).
const PARKED_FOR: Duration = Duration::from_secs(10);

/// So many ended ones that were known before, newest first, and what is behind them was known before too.
const KNOWN_IN_A_ROW: usize = 500;

/// How often all the same every ended one is looked at.
const LOOK_AT_ALL: Duration = Duration::from_secs(1);

/// What is known about the followed transfers.
pub struct Watch {
    /// Asked for and not ended.
    open: HashSet<TransferId>,
    /// Those of them that no view has shown yet: views come a little later than answers.
    unseen: HashSet<TransferId>,
    /// Those that have ended since somebody asked.
    ended: Vec<(TransferId, TransferState)>,
    /// Those of them that were ever touched.
    touched: HashMap<TransferId, Touched>,
    /// Those that failed in vain since somebody asked.
    in_vain: HashSet<TransferId>,
    asked: usize,
    done: usize,
    /// Ended and forgotten in another process, before it was seen how: cleared ones never failed.
    cleared: usize,
    /// Bytes of all whose size is known.
    bytes: u64,
    /// Those whose size is not known yet.
    unmeasured: HashSet<TransferId>,
    /// Bytes of those that ended.
    ended_bytes: u64,
    searching: bool,
    problems: bool,
    lines: Lines,
    did: Did,
    moved_at: Instant,
    looked_at_all: Option<Instant>,
    seen: Arc<QueueView>,
    standing: Standing,
}

/// How one stood when it was last looked at.
#[derive(Default)]
struct Touched {
    /// The furthest it ever was; a retry does not count as progress until it gets further.
    furthest: (u8, u64),
    last: Option<(Arc<Transfer>, u64)>,
}

impl Watch {
    /// Of nothing yet.
    pub fn new(lines: Lines) -> Self {
        Self {
            open: HashSet::new(),
            unseen: HashSet::new(),
            ended: Vec::new(),
            in_vain: HashSet::new(),
            touched: HashMap::new(),
            asked: 0,
            done: 0,
            cleared: 0,
            bytes: 0,
            unmeasured: HashSet::new(),
            ended_bytes: 0,
            searching: true,
            problems: false,
            lines,
            did: Did::Nothing,
            moved_at: Instant::now(),
            looked_at_all: None,
            seen: Arc::default(),
            standing: Standing::default(),
        }
    }

    /// Follows these too.
    pub fn ask(&mut self, ids: &[TransferId], bytes: u64) {
        self.open.extend(ids);
        self.unseen.extend(ids);
        self.asked += ids.len();
        self.bytes += bytes;
    }

    /// The sizes of these are to be learned from the queue.
    pub fn measure(&mut self, ids: &[TransferId]) {
        self.unmeasured.extend(ids);
    }

    /// How many were asked for so far.
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// Those that have not ended.
    pub fn open(&self) -> Vec<TransferId> {
        self.open.iter().copied().collect()
    }

    /// Those that have ended since this was last asked, and how.
    pub fn take_ended(&mut self) -> Vec<(TransferId, TransferState)> {
        std::mem::take(&mut self.ended)
    }

    /// Those that have failed because what they were for is not there, since they were last taken.
    pub fn in_vain(&self) -> &HashSet<TransferId> {
        &self.in_vain
    }

    /// The same, once.
    pub fn take_in_vain(&mut self) -> HashSet<TransferId> {
        std::mem::take(&mut self.in_vain)
    }

    /// Whether more may be asked for.
    pub fn is_searching(&self) -> bool {
        self.searching
    }

    /// Nothing more will be asked for.
    pub fn search_ended(&mut self) {
        self.searching = false;
    }

    /// Something could not even be queued.
    pub fn has_a_problem(&mut self) {
        self.problems = true;
    }

    /// This was asked for and stands for nothing.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn is_in_vain(&mut self, job: &Job, output: &mut Output) -> Result<()> {
        self.problems = true;
        match self.lines {
            Lines::Records => output.note(&job.complaint()),
            Lines::Last | Lines::All => output.tell_failed(job)?,
        }
        Ok(())
    }

    /// Whether all have ended.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether every open one waits for something.
    pub fn stands_still(&self) -> bool {
        !self.searching && self.standing.is_still()
    }

    /// Every open one waits for what no waiting brings, as right credentials.
    pub fn waits_in_vain(&self) -> bool {
        !self.searching && self.standing.waits_in_vain()
    }

    /// Something waits, nothing is under way, and nothing has moved for a while.
    pub fn is_stuck(&self, now: Instant) -> bool {
        self.stands_still() && now.duration_since(self.moved_at) >= PARKED_FOR
    }

    /// Looks at the queue.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn see(&mut self, view: &Arc<QueueView>, now: Instant, output: &mut Output) -> Result<()> {
        self.standing = Standing::default();
        let paused = Paused::among(view.open().map(|(_, shown)| shown));
        for (index, shown) in view.open().filter(|(_, shown)| !is_untouched(shown)) {
            if self.open.contains(&shown.transfer.id) {
                self.standing.count(index, shown, view, paused.hold(shown));
                self.look_at(shown, now, output)?;
            }
        }
        if self.look_at_ended(view.ended(), now, output)? {
            self.forget_cleared(view);
        }
        self.seen = view.clone();
        output.flush()?;
        if output.shows_progress() {
            output.progress(&self.picture());
        }
        Ok(())
    }

    fn look_at(&mut self, shown: &TransferView, now: Instant, output: &mut Output) -> Result<()> {
        self.unseen.remove(&shown.transfer.id);
        self.learn_size(&shown.transfer);
        let touched = self.touched.entry(shown.transfer.id).or_default();
        let reached = (rank(shown.transfer.state), shown.sent);
        if reached > touched.furthest {
            touched.furthest = reached;
            self.moved_at = now;
        }
        let same =
            |(transfer, sent): &(Arc<Transfer>, u64)| Arc::ptr_eq(transfer, &shown.transfer) && *sent == shown.sent;
        if !touched.last.as_ref().is_some_and(same) {
            let told = touched.last.as_ref().and_then(|(transfer, _)| transfer.note());
            if shown.transfer.note().is_some_and(|note| told != Some(note)) {
                output.note(&Job::from(shown).complaint());
            }
            touched.last = Some((shown.transfer.clone(), shown.sent));
            if self.lines == Lines::All && output.format() == Format::Json {
                output.print(&Job::from(shown))?;
            }
        }
        Ok(())
    }

    fn learn_size(&mut self, transfer: &Transfer) {
        let may_be_learned = transfer.size.is_some() || transfer.state.is_final();
        if may_be_learned && self.unmeasured.remove(&transfer.id) {
            self.bytes += transfer.size.unwrap_or(0);
        }
    }

    /// Ended ones stand newest first, nearly: what several workers end at the same moment may come a little later. Answers
    /// whether every one was looked at.
    fn look_at_ended<'a>(
        &mut self,
        ended: impl Iterator<Item = &'a TransferView>,
        now: Instant,
        output: &mut Output,
    ) -> Result<bool> {
        let all = self.looked_at_all.is_none_or(|when| now.duration_since(when) >= LOOK_AT_ALL);
        let mut known = 0;
        let mut news = Vec::new();
        for shown in ended {
            if self.open.remove(&shown.transfer.id) {
                known = 0;
                news.push(shown);
            } else {
                known += 1;
            }
            if known >= KNOWN_IN_A_ROW && !all {
                break;
            }
        }
        if all {
            self.looked_at_all = Some(now);
        }
        if !news.is_empty() {
            self.moved_at = now;
        }
        news.into_iter().rev().try_for_each(|shown| self.end(shown, output))?;
        Ok(all)
    }

    /// What was in the view and is nowhere in it any more has ended, and another process has cleared it.
    fn forget_cleared(&mut self, view: &QueueView) {
        let shown = || view.open().map(|(_, shown)| shown.transfer.id).filter(|id| self.open.contains(id));
        if shown().count() == self.open.len() {
            return self.unseen.clear();
        }
        let shown: HashSet<TransferId> = shown().collect();
        self.unseen.retain(|id| self.open.contains(id) && !shown.contains(id));
        let before = self.open.len();
        self.open.retain(|id| shown.contains(id) || self.unseen.contains(id));
        self.touched.retain(|id, _| self.open.contains(id));
        self.unmeasured.retain(|id| self.open.contains(id));
        self.cleared += before - self.open.len();
    }

    fn end(&mut self, shown: &TransferView, output: &mut Output) -> Result<()> {
        let job = Job::from(shown);
        self.touched.remove(&shown.transfer.id);
        self.learn_size(&shown.transfer);
        self.ended.push((shown.transfer.id, shown.transfer.state));
        if shown.transfer.failed_in_vain() {
            self.in_vain.insert(shown.transfer.id);
        }
        self.did = self.did.and(shown.transfer.kind);
        self.ended_bytes += shown.transfer.size.unwrap_or(0);
        let is_done = shown.transfer.state == TransferState::Done;
        match self.lines {
            Lines::Records if is_done => output.print(&Recorded::from(&*shown.transfer))?,
            Lines::Records => {}
            Lines::Last | Lines::All => output.print(&job)?,
        }
        if is_done {
            self.done += 1;
        } else {
            output.note(&job.complaint());
        }
        Ok(())
    }

    fn picture(&self) -> Picture<'_> {
        let running = self.standing.running.iter().filter_map(|index| self.seen.transfers.get(*index)).collect();
        Picture {
            running,
            asked: self.asked,
            ended: self.asked - self.open.len(),
            searching: self.searching,
            bytes: self.bytes,
            unmeasured: !self.unmeasured.is_empty(),
            sent: (self.ended_bytes + self.standing.sent).min(self.bytes),
            rate: self.seen.rate,
            seconds_left: self.seen.seconds_left,
            hold: self.standing.hold(&self.seen),
        }
    }

    /// How many are done, where there were several.
    fn summary(&self) -> Option<String> {
        let (done, asked) = (format::count(self.done as u64), format::count(self.asked as u64));
        (self.asked > 1).then(|| format!("{} {done} of {asked}", self.did.past()))
    }

    /// Says what became of all: those that stay behind, with what helps them, and how many are done.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn finish(self, advice: Advice, output: &mut Output) -> Result<Exit> {
        let mut held: Vec<(&Hold, Vec<&TransferView>)> = Vec::new();
        let open = || self.seen.open().map(|(_, shown)| shown);
        let paused = Paused::among(open());
        for shown in open().filter(|shown| self.open.contains(&shown.transfer.id)) {
            // What holds its profile is not what holds this one.
            let hold = self.seen.hold_of(shown).filter(|_| !paused.hold(shown));
            if output.format() == Format::Json && self.lines != Lines::Records {
                output.print(&Job::from(shown).held_by(hold))?;
            }
            match (hold, held.iter_mut().find(|(other, _)| hold.is_some_and(|hold| std::ptr::eq(*other, hold)))) {
                (Some(_), Some((_, behind))) => behind.push(shown),
                (Some(hold), None) => held.push((hold, vec![shown])),
                (None, _) if paused.hold(shown) => output.note(&left_behind_paused(shown)),
                (None, _) => output.note(&left_behind(shown, None, advice)),
            }
        }
        for (hold, behind) in held {
            output.note(&left_behind_together(hold, &behind, advice));
        }
        if let Some(summary) = self.summary() {
            output.say(&summary)?;
        }
        if self.cleared > 0 {
            let cleared = format::count(self.cleared as u64);
            output.note(&format!("ended in another windlass and cleared there: {cleared}"));
        }
        output.flush()?;
        Ok(Exit::failed_if(self.done + self.cleared < self.asked || self.problems))
    }
}

#[cfg(test)]
mod tests;
