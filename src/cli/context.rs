//! What a command works with: the services, its output, and the queue once it has opened one. It outlives the command's
//! own future, so that an interrupt can stop the work cleanly and say what is kept.

use std::collections::HashSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::advice;
use super::exit::Exit;
use super::output::Output;
use super::signals;
use super::standard_input::is_lost_with_us;
use crate::config::TransferSettings;
use crate::domain::transfer::QueueView;
use crate::domain::{Failure, FailureKind, Result, TransferId, TransferState, format};
use crate::services::Services;
use crate::transfer::{Connection, Connector, Queue, Scope};

/// One command's surroundings.
pub struct Context {
    /// What is open.
    pub services: Arc<Services>,
    /// Where lines go.
    pub output: Output,
    /// Cancelled when somebody wants the command to stop.
    pub interrupted: CancellationToken,
    work: Option<Work>,
}

/// The queue and what this command follows in it.
struct Work {
    queue: Arc<Queue>,
    /// Those that have not ended, as far as the command has seen.
    followed: HashSet<TransferId>,
    /// How many it has followed so far.
    all: usize,
    /// How many of them it has seen done.
    done: usize,
    /// Whether more may be found to follow.
    searching: bool,
}

impl Context {
    /// Surroundings over what is open; the configuration's warnings are told.
    ///
    /// # Errors
    /// `Internal` where signals cannot be listened for.
    pub fn new(services: Arc<Services>, mut output: Output) -> Result<Self> {
        for warning in &services.config().warnings {
            output.note(&format!("warning: {}", warning.sentence()));
        }
        Ok(Self { services, output, interrupted: signals::interrupted()?, work: None })
    }

    /// The profile in force, open.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub async fn connect(&self) -> Result<Arc<Connection>> {
        self.services.connect(&self.profile_in_force()?).await
    }

    /// The name of the profile in force.
    ///
    /// # Errors
    /// `Usage` where a `.env` here describes several and nothing says which.
    pub fn profile_in_force(&self) -> Result<String> {
        let config = self.services.config();
        if !config.undecided.is_empty() {
            return Err(undecided(&config.undecided));
        }
        Ok(config.in_force.clone())
    }

    /// The configured transfer settings, with `--jobs` and `--rate` where given.
    pub fn settings(&self, jobs: Option<u16>, rate: Option<u64>) -> TransferSettings {
        let mut settings = self.services.config().settings.transfers.clone();
        settings.jobs = jobs.map_or(settings.jobs, usize::from);
        settings.jobs_for_all = jobs.is_some();
        settings.rate = rate.unwrap_or(settings.rate);
        settings
    }

    /// Opens the queue; it is closed when the command ends, however it ends.
    ///
    /// # Errors
    /// Why the journal cannot be opened.
    pub async fn open_queue(&mut self, settings: &TransferSettings, scope: Scope) -> Result<Arc<Queue>> {
        self.open_queue_and_look(settings, scope, |_queue| ()).await
    }

    /// The same, with a look at the queue as it stands before anything of it is run.
    ///
    /// # Errors
    /// As for [`open_queue`](Self::open_queue).
    pub async fn open_queue_and_look(
        &mut self,
        settings: &TransferSettings,
        scope: Scope,
        look: impl FnOnce(&QueueView),
    ) -> Result<Arc<Queue>> {
        let connector: Arc<dyn Connector> = self.services.clone();
        let journal = self.services.config().places.journal();
        let mut over = Vec::new();
        let first = |queue: &QueueView| {
            over = over_in(queue);
            look(queue);
        };
        let (queue, warnings) = Queue::open_and_look(&journal, connector, settings, scope, first).await?;
        for warning in &warnings {
            self.output.problem(warning);
        }
        if scope != Scope::Nothing {
            queue.forget(&over);
        }
        self.work = Some(Work { queue: queue.clone(), followed: HashSet::new(), all: 0, done: 0, searching: false });
        Ok(queue)
    }

    /// Remembers what the command waits for, so that an interrupt can say how much of it is done.
    pub fn follows(&mut self, ids: &[TransferId]) {
        if let Some(work) = &mut self.work {
            work.followed.extend(ids);
            work.all += ids.len();
        }
    }

    /// The command has seen these end: nobody asks for them again but for those that are going to be cleared.
    pub fn have_ended(&mut self, ended: &[(TransferId, TransferState)], cleared: &HashSet<TransferId>) {
        let Some(work) = &mut self.work else { return };
        for (id, state) in ended {
            work.followed.remove(id);
            work.done += usize::from(*state == TransferState::Done);
        }
        let ids: Vec<TransferId> = ended.iter().map(|(id, _)| *id).filter(|id| !cleared.contains(id)).collect();
        work.queue.forget(&ids);
    }

    /// How many the command waits for.
    pub fn followed(&self) -> usize {
        self.work.as_ref().map_or(0, |work| work.all)
    }

    /// Whether more is still looked for, so that an interrupt can say that not everything is queued.
    pub fn searching(&mut self, searching: bool) {
        if let Some(work) = &mut self.work {
            work.searching = searching;
        }
    }

    /// Ends the command: `None` where it was interrupted.
    pub async fn finish(mut self, ended: Option<Result<Exit>>) -> Exit {
        let kept = match &self.work {
            Some(work) => work.close().await,
            None => Ok(()),
        };
        let exit = match ended {
            Some(Ok(exit)) => exit,
            Some(Err(failure)) => {
                failure.each().for_each(|wrong| self.output.note(&advice::sentence(wrong)));
                Exit::from(&failure)
            }
            None => self.tell_interrupted(),
        };
        if let Err(failure) = kept {
            self.output.problem(&failure);
        }
        match self.output.flush() {
            Ok(()) => exit,
            Err(failure) => self.cannot_print(&failure, exit),
        }
    }

    fn tell_interrupted(&mut self) -> Exit {
        let text = self.work.as_ref().map_or_else(|| "interrupted".into(), Work::interrupted);
        self.output.note(&text);
        Exit::Interrupted
    }

    fn cannot_print(&mut self, failure: &Failure, exit: Exit) -> Exit {
        self.output.problem(failure);
        exit.max(Exit::Failed)
    }
}

impl Work {
    async fn close(&self) -> Result<()> {
        let ended = self.queue.end_inputs().await;
        self.queue.close().await;
        ended
    }

    fn interrupted(&self) -> String {
        if self.loses_its_input() {
            return "interrupted: what was read of standard input is not kept; upload it again".into();
        }
        if self.watches_requests() {
            return "interrupted: the URL is good until it ends; an open screen watches it, and windlass record KEY \
                    writes the record of what came"
                .into();
        }
        interrupted(self.searching, self.all, self.done())
    }

    fn watches_requests(&self) -> bool {
        let view = self.queue.view().borrow().clone();
        let waiting = view.transfers.iter().filter(|view| view.transfer.state == TransferState::Waiting);
        waiting.map(|view| view.transfer.id).any(|id| self.followed.contains(&id))
    }

    fn loses_its_input(&self) -> bool {
        let view = self.queue.view().borrow().clone();
        let lost = view.transfers.iter().filter(|view| is_lost_with_us(&view.transfer));
        lost.map(|view| view.transfer.id).any(|id| self.followed.contains(&id))
    }

    fn done(&self) -> usize {
        let view = self.queue.view().borrow().clone();
        let done = view.transfers.iter().filter(|view| view.transfer.state == TransferState::Done);
        self.done + done.filter(|view| self.followed.contains(&view.transfer.id)).count()
    }
}

/// A `.env` here describes several profiles, and a command does not guess.
pub fn undecided(names: &[String]) -> Failure {
    let what = format!("the .env here describes several profiles: {}", names.join(", "));
    Failure::new(FailureKind::Usage, what).hint("choose one with --profile NAME or WINDLASS_PROFILE")
}

/// What ended before the command began: none of its business.
fn over_in(queue: &QueueView) -> Vec<TransferId> {
    let over = queue.transfers.iter().filter(|view| view.transfer.state.is_final());
    over.map(|view| view.transfer.id).collect()
}

/// What was done and what is kept, by an interrupt while more may have been looked for.
fn interrupted(searching: bool, queued: usize, done: usize) -> String {
    let (all, done) = (format::count(queued as u64), format::count(done as u64));
    match (searching, queued) {
        (false, 0) => "interrupted".into(),
        (false, _) => format!("interrupted: {done} of {all} done, the rest is kept; go on with: windlass resume"),
        (true, 0) => "interrupted: nothing was queued".into(),
        (true, _) => format!(
            "interrupted before everything was found: {all} queued, {done} of them done; go on with these: windlass resume"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupt_says_how_many_were_queued() {
        assert_eq!(interrupted(false, 0, 0), "interrupted");
        assert!(interrupted(false, 1200, 7).starts_with("interrupted: 7 of 1,200 done, the rest is kept"));
        assert_eq!(interrupted(true, 0, 0), "interrupted: nothing was queued");
        let middle = interrupted(true, 1500, 12);
        assert!(middle.starts_with("interrupted before everything was found: 1,500 queued, 12 of them done"));
    }
}
