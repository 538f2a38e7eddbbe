//! What failed, tried again. Where something is there still, a person is asked first what is to be done about it: the same
//! try would only fail again. What a profile's credentials have stopped has the profile read again before.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::App;
use super::dialog::{ConflictDialog, Dialog, Obstacle};
use super::effect::{Effect, QueueCommand, RequestId};
use super::requests::Purpose;
use super::reread::Reread;
use super::transfers::Ended;
use crate::config::Profile;
use crate::domain::transfer::{OnConflict, ProfileIdentity, TransferState, TransferView};
use crate::domain::{Failure, FailureKind, Result, TransferId};

/// What may come of a profile's own fields.
const OF_PROFILES: [FailureKind; 6] = [
    FailureKind::Credentials,
    FailureKind::Denied,
    FailureKind::ProfileMissing,
    FailureKind::ProfileElsewhere,
    FailureKind::ProfileBroken,
    FailureKind::CatalogRefused,
];

/// What is tried again, and how.
pub(crate) type Try = (QueueCommand, TransferId);

/// At how many it is looked beside those that were chosen: each may be a request.
const MOST_LOOKED_AT: usize = 64;

/// What is asked about once it is through: somebody chose so before it was begun.
#[derive(Debug)]
pub(super) struct Promise {
    /// What queues it.
    walk: RequestId,
    /// Those that have not ended.
    open: HashSet<TransferId>,
    /// Those that ended as if something were there.
    met: HashSet<TransferId>,
}

impl Promise {
    fn ended(&mut self, end: &Ended) {
        let has_met = end.error.as_ref().is_some_and(|error| error.kind == FailureKind::Exists);
        if self.open.remove(&end.id) && has_met {
            self.met.insert(end.id);
        }
    }
}

impl App {
    /// Remembers what is to be asked about once this is through.
    pub(super) fn promise_to_ask(&mut self, walk: RequestId, queued: Vec<TransferId>) {
        // Some may have ended before it is known that they were queued.
        let (met, open) = queued.into_iter().partition::<HashSet<_>, _>(|id| self.transfers.has_ended(*id));
        match self.promises.iter_mut().find(|promise| promise.walk == walk) {
            Some(promise) => {
                promise.met.extend(met);
                promise.open.extend(open);
            }
            None => self.promises.push(Promise { walk, open, met }),
        }
    }

    /// Takes from what was promised what has ended, and asks where that was the last of it.
    pub(super) fn note_ends(&mut self, ended: &[Ended]) {
        for promise in &mut self.promises {
            ended.iter().for_each(|end| promise.ended(end));
        }
        if !ended.is_empty() {
            self.keep_promises();
        }
    }

    /// Asks about what met something, where all that was queued with it is through; what is still open is asked about later.
    pub(super) fn keep_promises(&mut self) {
        let promises = std::mem::take(&mut self.promises);
        let is_open = |promise: &Promise| !promise.open.is_empty() || self.is_walking(promise.walk);
        let (later, now): (Vec<_>, Vec<_>) = promises.into_iter().partition(is_open);
        self.promises = later;
        let met: HashSet<TransferId> = now.into_iter().flat_map(|promise| promise.met).collect();
        if !met.is_empty() {
            let all = self.transfers.queue().transfers.iter();
            let ours = all.filter(|view| met.contains(&view.transfer.id) && asks(view) && !self.is_edit(view));
            let ours = ours.cloned().collect();
            self.ask_about(ours);
        }
    }

    /// Tries the chosen transfers again, after asking where only an answer helps.
    pub(super) fn retry(&mut self) {
        let chosen: Vec<TransferView> = self.transfers.chosen().into_iter().cloned().collect();
        self.transfers.list_mut().clear_marks();
        self.retry_those(chosen);
    }

    /// The same for this one.
    pub(super) fn retry_this(&mut self, id: TransferId) {
        let those = self.transfers.find(id).cloned();
        self.retry_those(those.into_iter().collect());
    }

    fn retry_those(&mut self, those: Vec<TransferView>) {
        let can = |view: &TransferView| self.transfers.applies(QueueCommand::Retry, view);
        let those = those.into_iter().filter(can);
        let (edits, those): (Vec<_>, Vec<_>) = those.partition(|view| self.is_edit(view) && has_no_place(view));
        let (met, others): (Vec<_>, Vec<_>) = those.into_iter().partition(asks);
        self.try_again(others.iter().map(|view| (QueueCommand::Retry, view.transfer.id)).collect());
        edits.iter().for_each(|view| self.ask_about_edit(view));
        self.look_at(met);
    }

    /// Has it looked what is there now: these have failed long ago, perhaps. Where what its profile says has stopped one, that
    /// is read before. What is typed meanwhile was not meant for what is found, and decides nothing.
    fn look_at(&mut self, met: Vec<TransferView>) {
        let ids = met.iter().map(|view| view.transfer.id).collect();
        let refused = self.refused(&ids);
        if refused.is_empty() {
            return self.look(met);
        }
        let since = self.out.now;
        self.read_profiles_of(self.profiles_of(refused.into_values()), Reread::Met { transfers: ids, since });
    }

    /// The same once their profiles have been read.
    pub(super) fn look_at_those(&mut self, ids: &HashSet<TransferId>) {
        let all = self.transfers.queue().transfers.iter();
        let met = all.filter(|view| ids.contains(&view.transfer.id) && asks(view)).cloned().collect();
        self.look(met);
    }

    fn look(&mut self, mut met: Vec<TransferView>) {
        if met.is_empty() {
            return;
        }
        let chosen = met.len();
        met.extend(self.others_like(&met));
        let transfers = met.iter().take(chosen.max(MOST_LOOKED_AT)).map(|view| view.transfer.clone()).collect();
        let since = self.out.now;
        self.out.ask(Purpose::Met { met, chosen, since }, |request| Effect::LookAtMet { request, transfers });
    }

    /// Asks about what is there still. Whose place is free by now is tried again, if it was chosen; of the others that is found
    /// once somebody does.
    pub(super) fn met_again(&mut self, met: Vec<TransferView>, chosen: usize, found: Vec<Result<Option<Failure>>>) {
        let (mut free, mut asked, mut found) = (Vec::new(), Vec::new(), found.into_iter());
        for (index, view) in met.into_iter().enumerate() {
            match found.next() {
                Some(Ok(None)) if index < chosen => free.push((QueueCommand::Retry, view.transfer.id)),
                Some(Ok(None)) => {}
                Some(Ok(Some(failure))) => asked.push(Obstacle::now(view, failure)),
                Some(Err(failure)) => asked.push(Obstacle { view, unseen: Some(failure) }),
                // So many were not looked at: an answer for all of them is for what they met before.
                None => asked.push(Obstacle { view, unseen: None }),
            }
        }
        let is_settled = free.len() == chosen;
        // Where its profile was to be read, it has been.
        self.try_now(&free);
        if !is_settled {
            self.ask(asked, chosen);
        }
    }

    fn ask(&mut self, met: Vec<Obstacle>, chosen: usize) {
        if let Some(question) = ConflictDialog::again(met, chosen) {
            self.out.open(Dialog::Conflicts(question));
        }
    }

    /// Has each tried again as its command says. Where what its profile says has stopped it, that is read again before.
    fn try_again(&mut self, tries: Vec<Try>) {
        let refused = self.refused(&tries.iter().map(|(_, id)| *id).collect());
        let (later, now): (Vec<Try>, Vec<Try>) = tries.into_iter().partition(|(_, id)| refused.contains_key(id));
        self.try_now(&now);
        if !later.is_empty() {
            self.read_profiles_of(self.profiles_of(refused.into_values()), Reread::Retried(later));
        }
    }

    /// Has each tried again as its command says, each of the commands sent once.
    pub(super) fn try_now(&mut self, tries: &[Try]) {
        let decided = [OnConflict::Skip, OnConflict::KeepBoth, OnConflict::Overwrite].map(QueueCommand::RetryAs);
        for command in [QueueCommand::Retry].into_iter().chain(decided) {
            let so = tries.iter().filter(|(wanted, _)| *wanted == command);
            let ids: Vec<TransferId> = so.map(|(_, id)| *id).collect();
            if !ids.is_empty() {
                self.transfers.send(command, ids, &mut self.out);
            }
        }
    }

    /// Those among these that stand still because of what their profiles say, with what they were queued under.
    fn refused(&self, tried: &HashSet<TransferId>) -> HashMap<TransferId, Arc<ProfileIdentity>> {
        let all = self.transfers.queue().transfers.iter();
        let refused = all.filter(|view| tried.contains(&view.transfer.id) && self.is_refused(view));
        refused.map(|view| (view.transfer.id, view.transfer.profile.clone())).collect()
    }

    /// The profiles that these match, each once.
    fn profiles_of(&self, those: impl Iterator<Item = Arc<ProfileIdentity>>) -> Vec<String> {
        let mut names = Vec::new();
        for identity in those.collect::<HashSet<_>>() {
            let is_it = |profile: &Arc<Profile>| profile.identity().matches(&identity);
            let matching = self.profiles.iter().filter(|slot| slot.profile.as_ref().is_ok_and(is_it));
            let known = matching.map(|slot| &slot.name).chain([&identity.name]);
            names.extend(known.cloned());
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Asks what is to be done about what was met just now.
    fn ask_about(&mut self, mut met: Vec<TransferView>) {
        let chosen = met.len();
        met.extend(self.others_like(&met));
        self.ask(met.into_iter().map(|view| Obstacle { view, unseen: None }).collect(), chosen);
    }

    /// Where one was chosen, the others that failed so: they may go with it.
    fn others_like(&self, chosen: &[TransferView]) -> Vec<TransferView> {
        let [only] = chosen else { return Vec::new() };
        let transfer = &only.transfer;
        // What is decided for one bucket is decided for no other, and for no other way.
        let like = |view: &&TransferView| {
            let same = view.transfer.kind == transfer.kind && view.transfer.profile == transfer.profile;
            same && view.transfer.id != transfer.id && asks(view) && !self.is_edit(view)
        };
        self.transfers.queue().transfers.iter().filter(like).cloned().collect()
    }

    fn ask_about_edit(&mut self, view: &TransferView) {
        let transfer = &view.transfer;
        if let (Some(path), Some(failure)) = (&transfer.path, &transfer.error) {
            self.ask_for_place(&transfer.key, path.to_path_buf(), failure);
        }
    }

    /// Does what was decided.
    pub(super) fn retry_as(&mut self, decided: &[(OnConflict, TransferId)]) {
        self.try_again(decided.iter().map(|(wanted, id)| (QueueCommand::RetryAs(*wanted), *id)).collect());
    }

    /// Whether it, or its profile, stands still because of what the profile says, which may have been mended in the file.
    fn is_refused(&self, view: &TransferView) -> bool {
        let own = view.transfer.error.as_ref().map(|error| error.kind);
        let of_this = self.transfers.held().filter(|(lane, _)| lane.profile == view.transfer.profile);
        of_this.map(|(_, hold)| hold.failure.kind).chain(own).any(|kind| OF_PROFILES.contains(&kind))
    }

    /// Whether it was to save an edited text.
    fn is_edit(&self, view: &TransferView) -> bool {
        let path = view.transfer.path.as_deref();
        view.transfer.on_conflict == OnConflict::OverwriteIf || path.is_some_and(|path| self.edits.contains(path))
    }
}

/// Whether the same try fails again as long as nobody says what is to be done about what is there.
pub(super) fn asks(view: &TransferView) -> bool {
    view.transfer.state == TransferState::Failed && failed_by(view, &[FailureKind::Exists])
}

/// Whether an edited text has no place any more.
fn has_no_place(view: &TransferView) -> bool {
    view.transfer.state == TransferState::Failed && failed_by(view, &[FailureKind::Exists, FailureKind::Changed])
}

fn failed_by(view: &TransferView, kinds: &[FailureKind]) -> bool {
    view.transfer.error.as_ref().is_some_and(|error| kinds.contains(&error.kind))
}
