//! What a command works with: the services, its output, and the queue once it has opened one. It outlives the command's
//! own future, so that an interrupt can stop the work cleanly and say what is kept.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::advice;
use super::exit::Exit;
use super::output::Output;
use super::signals;
use super::standard_input::is_lost_with_us;
use crate::config::{Config, TransferSettings};
use crate::domain::{Failure, Result, TransferId, TransferState, format};
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
    followed: Vec<TransferId>,
    /// Whether more may be found to follow.
    searching: bool,
}

impl Context {
    /// Surroundings over a configuration; its warnings are told.
    ///
    /// # Errors
    /// `Internal` where signals cannot be listened for.
    pub fn new(config: Config, mut output: Output) -> Result<Self> {
        for warning in &config.warnings {
            output.note(&format!("warning: {}", warning.sentence()));
        }
        Ok(Self { services: Services::passing(config), output, interrupted: signals::interrupted()?, work: None })
    }

    /// The profile in force, open.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub async fn connect(&self) -> Result<Arc<Connection>> {
        self.services.connect(&self.services.config().in_force).await
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
        let connector: Arc<dyn Connector> = self.services.clone();
        let journal = self.services.config().places.journal();
        let (queue, warnings) = Queue::open(&journal, connector, settings, scope).await?;
        for warning in &warnings {
            self.output.problem(warning);
        }
        self.work = Some(Work { queue: queue.clone(), followed: Vec::new(), searching: false });
        Ok(queue)
    }

    /// Remembers what the command waits for, so that an interrupt can say how much of it is done.
    pub fn follows(&mut self, ids: &[TransferId]) {
        if let Some(work) = &mut self.work {
            work.followed.extend_from_slice(ids);
        }
    }

    /// How many the command waits for.
    pub fn followed(&self) -> usize {
        self.work.as_ref().map_or(0, |work| work.followed.len())
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
                self.output.note(&advice::sentence(&failure));
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
        interrupted(self.searching, self.followed.len(), self.done())
    }

    fn loses_its_input(&self) -> bool {
        let view = self.queue.view().borrow().clone();
        let lost = view.transfers.iter().filter(|view| is_lost_with_us(&view.transfer));
        lost.map(|view| view.transfer.id).any(|id| self.followed.contains(&id))
    }

    fn done(&self) -> usize {
        let view = self.queue.view().borrow().clone();
        let done: std::collections::HashSet<TransferId> = view
            .transfers
            .iter()
            .filter(|view| view.transfer.state == TransferState::Done)
            .map(|view| view.transfer.id)
            .collect();
        self.followed.iter().filter(|id| done.contains(id)).count()
    }
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
