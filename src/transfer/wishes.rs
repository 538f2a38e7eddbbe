//! What is wished of many transfers at once: to be cancelled, held or tried again. However many they are, what needs no
//! request goes into the journal together.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future::join_all;

use super::core::Core;
use super::job::{Change, Owner, Resume, Saved, Wish};
use super::journal::{Claim, Which};
use super::model::{Model, Stop, Work};
use super::others;
use super::pausing::revive;
use super::way::Way;
use super::worker::{self, enter, finish};
use crate::domain::transfer::OnConflict;
use crate::domain::{FailureKind, Result, Transfer, TransferId, TransferKind, TransferState};

impl Core {
    /// Does what was wished, here or by asking the processes that run the transfers.
    ///
    /// # Errors
    /// The journal's.
    pub async fn wish(self: &Arc<Self>, ids: &[TransferId], wish: Wish) -> Result<()> {
        if wish == Wish::Retry {
            // What is to go on needs what it left.
            self.stop_cleaning(ids).await;
        }
        self.claim_nobodys(ids).await?;
        let (mine, others) = {
            let model = self.model();
            let known = ids.iter().copied().filter_map(|id| model.get(id).map(|job| (id, job.saved.owner)));
            known.partition::<Vec<_>, _>(|(_, owner)| *owner == Owner::Me)
        };
        let asked: Vec<Change> = others.into_iter().map(|(id, _)| Change::Wish(id, wish)).collect();
        if !asked.is_empty() {
            self.journal.commit(asked).await?;
        }
        let mine: Vec<TransferId> = mine.into_iter().map(|(id, _)| id).collect();
        self.grant(&mine, wish).await
    }

    /// Takes those that nobody runs; another process may have moved them on since this one looked.
    async fn claim_nobodys(self: &Arc<Self>, ids: &[TransferId]) -> Result<()> {
        let nobodys = {
            let model = self.model();
            let is_nobodys = |id: &TransferId| model.get(*id).is_some_and(|job| job.saved.owner == Owner::Nobody);
            ids.iter().copied().filter(is_nobodys).collect::<Vec<_>>()
        };
        if !nobodys.is_empty() {
            self.journal.claim(Claim::These(nobodys)).await?;
            // Nobody is woken: what is to be cancelled must not begin before that is on disk.
            others::take_in(self, Which::New).await?;
        }
        Ok(())
    }

    /// Does what was wished of transfers that this process may touch.
    ///
    /// # Errors
    /// The journal's.
    async fn grant(self: &Arc<Self>, ids: &[TransferId], wish: Wish) -> Result<()> {
        let (ids, over): (Vec<TransferId>, Vec<TransferId>) = {
            let model = self.model();
            let applies = |id: &TransferId| model.get(*id).is_some_and(|job| wish.applies(&job.saved));
            ids.iter().copied().partition(applies)
        };
        self.hand_back(&over).await;
        match wish {
            Wish::Cancel => self.cancel_all(&ids).await,
            Wish::Pause => self.pause_all(&ids).await,
            Wish::Retry => self.retry_all(&ids).await,
        }
    }

    /// Has those of these that failed because something was there do this where it still is, once they are tried again;
    /// answers which. What another process runs keeps its own way.
    ///
    /// # Errors
    /// The journal's.
    pub async fn decide(self: &Arc<Self>, ids: &[TransferId], on_conflict: OnConflict) -> Result<Vec<TransferId>> {
        self.claim_nobodys(ids).await?;
        let decided: Vec<TransferId> = {
            let model = self.model();
            let met = |id: &TransferId| model.get(*id).is_some_and(|job| has_met_another(&job.saved));
            ids.iter().copied().filter(met).collect()
        };
        let decide = |transfer: &mut Transfer, resume: &mut Resume| {
            transfer.on_conflict = on_conflict;
            if transfer.kind == TransferKind::Upload && resume.part_size.is_none() {
                // Nothing of it is in the bucket: it looks for its place from the beginning.
                *resume = Resume::default();
            }
        };
        self.save_many(&decided, decide, Vec::new()).await?;
        Ok(decided)
    }

    /// Those that have left nothing anywhere are cancelled at once; the others once their remains are removed.
    async fn cancel_all(self: &Arc<Self>, ids: &[TransferId]) -> Result<()> {
        let (bare, others) = take(&mut self.model(), ids, is_bare);
        self.remove_unnamed(&bare).await;
        let done = self.save_each(&bare, Wish::Cancel, |transfer, resume| {
            finish(transfer, TransferState::Cancelled);
            transfer.error = None;
            *resume = Resume::default();
        });
        done.await?;
        bare.iter().for_each(|id| self.inputs.forget(*id));
        if others.is_empty() {
            return Ok(());
        }
        // On disk before anything is undone, so that a crash in between does not bring it back to life.
        self.journal.commit(others.iter().map(|id| Change::Wish(*id, Wish::Cancel)).collect()).await?;
        let taken: Vec<Work> = {
            let mut model = self.model();
            others.iter().for_each(|id| model.set_wish(*id, Some(Wish::Cancel)));
            others.into_iter().filter_map(|id| model.stop_or_take(id, Stop::Cancel)).collect()
        };
        let mut ways = HashMap::<_, Arc<Way>>::new();
        let cancelling = taken.into_iter().map(|work| {
            let way = ways.entry(work.transfer.profile.clone()).or_default().clone();
            self.cancel_taken(work, way)
        });
        join_all(cancelling).await;
        Ok(())
    }

    /// What a run that was killed has left of downloads which the journal thinks have not begun.
    async fn remove_unnamed(&self, ids: &[TransferId]) {
        let downloads: Vec<Arc<Transfer>> = {
            let model = self.model();
            let known = ids.iter().filter_map(|id| model.get(*id)).map(|job| job.saved.transfer.clone());
            known.filter(|transfer| transfer.kind == TransferKind::Download).collect()
        };
        if let Err(failure) = worker::remove_unnamed(self, downloads).await {
            tracing::warn!("an unfinished file stays: {failure}");
        }
    }

    /// Those under way stop at the next safe point; the others are held at once.
    async fn pause_all(&self, ids: &[TransferId]) -> Result<()> {
        let (idle, others) = take(&mut self.model(), ids, |saved| saved.transfer.state.is_open());
        {
            let mut model = self.model();
            let taken: Vec<_> = others.iter().filter_map(|id| model.stop_or_take(*id, Stop::Pause)).collect();
            // They ended in between: there is nothing to hold.
            taken.iter().for_each(|work| model.release(work.transfer.id));
        }
        self.save_each(&idle, Wish::Pause, |transfer, _| enter(transfer, TransferState::Paused)).await
    }

    /// What their profiles wait for is looked at now, too.
    async fn retry_all(&self, ids: &[TransferId]) -> Result<()> {
        let (mut idle, mut tried) = take(&mut self.model(), ids, |_| true);
        let is_over = |id: &TransferId| self.model().get(*id).is_some_and(|job| job.saved.transfer.state.is_final());
        let (cleaned, under_way): (Vec<TransferId>, Vec<TransferId>) = tried.into_iter().partition(is_over);
        if !cleaned.is_empty() {
            // Somebody began to remove what they left just as they were to go on.
            self.stop_cleaning(&cleaned).await;
        }
        let (freed, taken_again) = take(&mut self.model(), &cleaned, |_| true);
        idle.extend(freed);
        tried = under_way.into_iter().chain(taken_again).collect();
        if !tried.is_empty() {
            // Somebody is at them already.
            self.journal.commit(tried.into_iter().map(|id| Change::Granted(id, Wish::Retry)).collect()).await?;
        }
        self.save_each(&idle, Wish::Retry, |transfer, _| revive(transfer)).await?;
        let mut model = self.model();
        idle.iter().rev().for_each(|id| model.try_now(*id));
        drop(model);
        self.wake();
        Ok(())
    }

    /// Brings those of these back that were cancelled, held: nobody begins them before somebody lets them go on.
    ///
    /// # Errors
    /// The journal's.
    pub async fn pause_again(self: &Arc<Self>, ids: &[TransferId]) -> Result<usize> {
        self.stop_cleaning(ids).await;
        self.claim_nobodys(ids).await?;
        let (cancelled, _) = take(&mut self.model(), ids, |saved| {
            saved.owner != Owner::Other && saved.transfer.state == TransferState::Cancelled
        });
        let again = |transfer: &mut Transfer, _: &mut Resume| {
            revive(transfer);
            enter(transfer, TransferState::Paused);
        };
        self.save_each(&cancelled, Wish::Retry, again).await?;
        Ok(cancelled.len())
    }

    /// Saves the same change to each, their wishes granted, and lets go of them.
    async fn save_each(&self, ids: &[TransferId], wish: Wish, edit: impl Fn(&mut Transfer, &mut Resume)) -> Result<()> {
        let granted = ids.iter().map(|id| Change::Granted(*id, wish)).collect();
        let saved = self.save_many(ids, edit, granted).await;
        let mut model = self.model();
        for id in ids {
            model.granted(*id, wish);
            model.release(*id);
        }
        drop(model);
        self.wake();
        saved
    }
}

/// Takes those of them that nobody is at and that are so, so that no worker takes them up meanwhile; answers with them
/// and with the others.
fn take(model: &mut Model, ids: &[TransferId], so: impl Fn(&Saved) -> bool) -> (Vec<TransferId>, Vec<TransferId>) {
    let mut seen = HashSet::new();
    ids.iter().copied().filter(|id| seen.insert(*id)).partition(|id| {
        let fits = model.get(*id).is_some_and(|job| !job.in_batch && so(&job.saved));
        fits && model.take(*id).is_some()
    })
}

/// Whether it failed because something was there that it was not to replace.
fn has_met_another(saved: &Saved) -> bool {
    let transfer = &saved.transfer;
    let exists = transfer.error.as_ref().is_some_and(|error| error.kind == FailureKind::Exists);
    transfer.state == TransferState::Failed && exists && saved.owner != Owner::Other
}

/// Whether it has left nothing in the bucket or on disk, and was not about to.
fn is_bare(saved: &Saved) -> bool {
    let transfer = &saved.transfer;
    let begun = matches!(transfer.state, TransferState::Deleting | TransferState::Forgetting);
    let in_doubt = transfer.error.as_ref().is_some_and(|error| error.kind == FailureKind::InDoubt);
    *saved.resume == Resume::default() && transfer.stored_at.is_none() && !begun && !in_doubt
}
