//! Targets that are taken: overwrite, skip or keep both, for one or for all. Nothing is queued before the last one is
//! decided, so that Esc leaves everything as it was.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use crossterm::event::KeyCode;

use super::{Command, Step, is_plain};
use crate::action::Key;
use crate::app::effect::{Job, PlannedJob};
use crate::domain::met::Met;
use crate::domain::transfer::{OnConflict, ProfileIdentity, Transfer, TransferView};
use crate::domain::{Failure, TransferId, TransferKind, format};

/// What may be done about a taken target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Leave what is there, do not transfer.
    Skip,
    /// Transfer under another name.
    KeepBoth,
    /// Replace what is there.
    Overwrite,
}

impl Choice {
    /// All of them, as they are shown; the first harms nothing.
    pub const ALL: [Self; 3] = [Self::Skip, Self::KeepBoth, Self::Overwrite];

    /// As the dialog shows it.
    pub const fn label(self) -> &'static str {
        on_conflict(self.on_conflict())
    }

    /// The key that takes it.
    pub const fn key(self) -> KeyCode {
        KeyCode::Char(match self {
            Self::Skip => 's',
            Self::KeepBoth => 'b',
            Self::Overwrite => 'o',
        })
    }

    const fn on_conflict(self) -> OnConflict {
        match self {
            Self::Skip => OnConflict::Skip,
            Self::KeepBoth => OnConflict::KeepBoth,
            Self::Overwrite => OnConflict::Overwrite,
        }
    }
}

/// What becomes of what is there already, in the words that questions and details share.
pub(crate) const fn on_conflict(on_conflict: OnConflict) -> &'static str {
    match on_conflict {
        OnConflict::Refuse => "ask afterwards",
        OnConflict::Overwrite => "overwrite",
        OnConflict::Skip => "skip",
        OnConflict::KeepBoth => "keep both",
        OnConflict::OverwriteIf => "overwrite what was opened, and nothing else",
    }
}

/// The question.
#[derive(Debug, Clone)]
pub struct ConflictDialog {
    /// Under which profile the jobs are queued.
    pub profile: Arc<ProfileIdentity>,
    /// The choice that Enter takes.
    pub choice: Choice,
    /// Whether it is taken for all that are left.
    pub for_all: bool,
    /// How many targets were taken in all.
    pub taken: usize,
    /// How many jobs there are.
    pub all: usize,
    /// The bytes of what is there already, as far as they are known.
    pub bytes: u64,
    ready: Vec<Job>,
    /// Those still to be decided, the one asked about last.
    open: Vec<PlannedJob>,
    again: Option<Again>,
}

/// What a question needs that is about transfers which have failed, beside that about jobs.
#[derive(Debug, Clone)]
struct Again {
    /// Those still to be decided, the one asked about last.
    open: Vec<Obstacle>,
    /// The first alone was meant: the others are decided with it, or not at all.
    first_alone: bool,
    decided: Vec<(OnConflict, TransferId)>,
}

/// A transfer that has failed because something was there.
#[derive(Debug, Clone)]
pub struct Obstacle {
    /// The transfer; its failure says what is there.
    pub view: TransferView,
    /// Why that is only what it met when it failed, where it could not be looked at again.
    pub unseen: Option<Failure>,
}

impl Obstacle {
    /// One that is there now, as `failure` says.
    pub(crate) fn now(mut view: TransferView, failure: Failure) -> Self {
        Arc::make_mut(&mut view.transfer).error = Some(failure.into());
        Self { view, unseen: None }
    }
}

impl ConflictDialog {
    /// The question about these jobs; where no target is taken, the jobs themselves.
    pub(crate) fn new(
        profile: Arc<ProfileIdentity>,
        jobs: Vec<PlannedJob>,
    ) -> Result<Self, (Arc<ProfileIdentity>, Vec<Job>)> {
        let (mut open, free): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|planned| planned.taken.is_some());
        open.reverse();
        let ready: Vec<Job> = free.into_iter().map(|planned| planned.job).collect();
        if open.is_empty() {
            return Err((profile, ready));
        }
        let (taken, all) = (open.len(), open.len() + ready.len());
        let bytes = open.iter().filter_map(|planned| planned.taken.as_ref()?.size).sum();
        let (choice, for_all, again) = (Choice::Skip, false, None);
        Ok(Self { profile, choice, for_all, taken, all, bytes, ready, open, again })
    }

    /// The question about transfers that failed because something was there. Where the first alone was `chosen`, the others
    /// are those that failed so too; `None` where there are none.
    pub(crate) fn again(mut failed: Vec<Obstacle>, chosen: usize) -> Option<Self> {
        let profile = failed.first()?.view.transfer.profile.clone();
        failed.reverse();
        let taken = failed.len();
        let open = failed.iter().map(|met| planned(&met.view.transfer)).collect();
        let again = Some(Again { open: failed, first_alone: chosen == 1, decided: Vec::new() });
        let (choice, for_all, ready) = (Choice::Skip, false, Vec::new());
        Some(Self { profile, choice, for_all, taken, all: taken, bytes: 0, ready, open, again })
    }

    /// The transfer asked about; `None` where it is about jobs.
    fn met(&self) -> Option<&Obstacle> {
        self.again.as_ref()?.open.last()
    }

    /// Whose the one asked about is.
    fn name_profile(&mut self) {
        if let Some(met) = self.met() {
            self.profile = met.view.transfer.profile.clone();
        }
    }

    /// Why the transfer asked about has failed; `None` for a job that is not queued yet.
    pub fn why(&self) -> Option<&str> {
        self.met()?.view.transfer.error.as_ref().map(|error| error.what.as_str())
    }

    /// That this is what it met when it failed, because it could not be looked at again, for this reason; a sentence.
    pub fn unseen(&self, now: DateTime<Utc>) -> Option<String> {
        let met = self.met()?;
        let why = &met.unseen.as_ref()?.what;
        let then =
            met.view.transfer.finished_at.map_or_else(String::new, |then| format!(", {}", format::age(then, now)));
        Some(format!("as it was when this failed{then}; it cannot be looked at now: {why}"))
    }

    /// How many others may be decided with the one asked about, where that alone was meant.
    pub fn others(&self) -> Option<usize> {
        self.again.as_ref().filter(|again| again.first_alone).map(|_| self.taken - 1)
    }

    /// Whether an answer may be ticked to be for others too.
    pub fn can_be_for_all(&self) -> bool {
        self.others().map_or(self.taken > 1, |others| others > 0)
    }

    /// How many of those still to be decided are the same and how many differ, as a sentence: an answer may be for all.
    pub fn standings(&self) -> Option<String> {
        if self.open.len() < 2 {
            return None;
        }
        let words = match &self.again {
            Some(again) => {
                Standings::of(again.open.iter().map(compared)).words(["is the same", "are the same"], DIFFERS)
            }
            None => {
                let sizes = self.open.iter().map(of_sizes);
                Standings::of(sizes).words(["has the same size", "have the same size"], ANOTHER_SIZE)
            }
        };
        Some(format!("of these {}, {words}", format::count(self.open.len() as u64)))
    }

    /// The job asked about.
    pub fn current(&self) -> Option<&PlannedJob> {
        self.open.last()
    }

    /// What is taken: an upload's key, a download's file; raw.
    pub fn target(&self) -> String {
        let Some(PlannedJob { job, .. }) = self.current() else { return String::new() };
        match (&job.path, job.kind) {
            (Some(path), TransferKind::Download) => path.to_string_lossy().into_owned(),
            _ => job.key.clone(),
        }
    }

    /// Which of the taken ones it is, counted from 1.
    pub fn number(&self) -> usize {
        self.taken - self.open.len() + 1
    }

    pub(crate) fn key(&mut self, key: Key) -> Step {
        match key.code {
            _ if !is_plain(key) => {}
            KeyCode::Esc if self.again.is_some() => return Step::Close,
            KeyCode::Esc => return Step::Do(Command::Nothing("nothing was queued")),
            KeyCode::Char(letter) => return self.letter(letter),
            KeyCode::Enter => return self.decide(self.choice, self.for_all),
            KeyCode::Tab => self.turn(|at, count| (at + 1) % count),
            KeyCode::Right | KeyCode::Down => self.turn(forward),
            KeyCode::Left | KeyCode::Up => self.turn(back),
            _ => {}
        }
        Step::Stay
    }

    fn letter(&mut self, letter: char) -> Step {
        match letter {
            'o' | 'O' => self.decide(Choice::Overwrite, letter == 'O' || self.for_all),
            's' | 'S' => self.decide(Choice::Skip, letter == 'S' || self.for_all),
            'b' | 'B' => self.decide(Choice::KeepBoth, letter == 'B' || self.for_all),
            'a' | ' ' => {
                self.for_all = !self.for_all;
                Step::Stay
            }
            'j' | 'l' => {
                self.turn(forward);
                Step::Stay
            }
            'k' | 'h' => {
                self.turn(back);
                Step::Stay
            }
            _ => Step::Stay,
        }
    }

    fn turn(&mut self, step: impl Fn(usize, usize) -> usize) {
        let at = Choice::ALL.iter().position(|choice| *choice == self.choice).unwrap_or(0);
        self.choice = Choice::ALL.get(step(at, Choice::ALL.len())).copied().unwrap_or(Choice::Skip);
    }

    fn decide(&mut self, choice: Choice, for_all: bool) -> Step {
        if self.again.is_some() {
            return self.decide_again(choice, for_all);
        }
        let first = if for_all { 0 } else { self.open.len().saturating_sub(1) };
        for planned in self.open.drain(first..).rev() {
            if choice != Choice::Skip {
                self.ready.push(Job { on_conflict: choice.on_conflict(), ..planned.job });
            }
        }
        match (self.open.is_empty(), self.ready.is_empty()) {
            (false, _) => Step::Stay,
            (true, true) => Step::Do(Command::Nothing("all were skipped: nothing was queued")),
            (true, false) => {
                let jobs = std::mem::take(&mut self.ready);
                Step::Do(Command::Enqueue { profile: self.profile.clone(), jobs })
            }
        }
    }

    fn decide_again(&mut self, choice: Choice, for_all: bool) -> Step {
        let Some(again) = &mut self.again else { return Step::Stay };
        let first = if for_all { 0 } else { again.open.len().saturating_sub(1) };
        let decided = again.open.drain(first..).rev().map(|met| (choice.on_conflict(), met.view.transfer.id));
        again.decided.extend(decided);
        self.open.truncate(first);
        if again.open.is_empty() || again.first_alone {
            return Step::Do(Command::RetryAs(std::mem::take(&mut again.decided)));
        }
        self.name_profile();
        Step::Stay
    }

    pub(crate) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        let mut hints = vec![("s", "skip"), ("b", "keep both"), ("o", "overwrite")];
        if self.open.len() > 1 {
            hints.push(("S B O", "for all"));
        }
        hints.push(("Esc", if self.again.is_some() { "leave it" } else { "cancel all" }));
        hints
    }
}

/// One choice on, up to the last: a key towards what harms nothing must not come out at the other end.
fn forward(at: usize, count: usize) -> usize {
    (at + 1).min(count.saturating_sub(1))
}

/// One choice back, up to the first.
const fn back(at: usize, _: usize) -> usize {
    at.saturating_sub(1)
}

/// One that differs, and several.
const DIFFERS: [&str; 2] = ["differs", "differ"];
const ANOTHER_SIZE: [&str; 2] = ["has another", "have another"];

/// What is known of what is there.
fn compared(met: &Obstacle) -> Option<Met> {
    Met::told(&met.view.transfer.error.as_ref()?.what)
}

/// The same from sizes alone, which is all that is known before anything is sent.
fn of_sizes(planned: &PlannedJob) -> Option<Met> {
    let (there, new) = planned.taken.as_ref()?.size.zip(planned.job.size)?;
    Some(if there == new { Met::Same } else { Met::Differs })
}

/// How many of several are the same, differ, or were not compared.
#[derive(Debug, Default)]
struct Standings {
    same: u64,
    differ: u64,
    unknown: u64,
}

impl Standings {
    fn of(all: impl Iterator<Item = Option<Met>>) -> Self {
        all.fold(Self::default(), |mut so_far, met| {
            *match met {
                Some(Met::Same) => &mut so_far.same,
                Some(Met::Differs) => &mut so_far.differ,
                None => &mut so_far.unknown,
            } += 1;
            so_far
        })
    }

    /// Those that there are: "2 are the same, 1 differs".
    fn words(&self, same: [&str; 2], differ: [&str; 2]) -> String {
        let unknown = ["was not compared", "were not compared"];
        let said = [(self.same, same), (self.differ, differ), (self.unknown, unknown)].into_iter();
        let said = said.filter(|(count, _)| *count > 0).map(|(count, [one, several])| {
            format!("{} {}", format::count(count), if count == 1 { one } else { several })
        });
        said.collect::<Vec<_>>().join(", ")
    }
}

/// The job that a transfer was.
fn planned(transfer: &Transfer) -> PlannedJob {
    let job = Job {
        kind: transfer.kind,
        key: transfer.key.to_string(),
        path: transfer.path.as_deref().map(Into::into),
        size: transfer.size,
        on_conflict: transfer.on_conflict,
        without_record: transfer.without_record,
    };
    PlannedJob { job, taken: None, modified: None }
}
