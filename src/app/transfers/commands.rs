//! What is asked of the queue about its transfers: those that are chosen, or all of them.

use std::collections::HashSet;
use std::sync::Arc;

use super::Transfers;
use crate::app::effect::{Effect, QueueCommand};
use crate::app::outbox::Outbox;
use crate::app::requests::Purpose;
use crate::domain::TransferId;
use crate::domain::transfer::{ProfileIdentity, TransferView};

impl Transfers {
    /// Asks the queue.
    pub(crate) fn send(&self, command: QueueCommand, transfers: Vec<TransferId>, out: &mut Outbox) {
        let along = match command {
            QueueCommand::Retry | QueueCommand::RetryAs(_) => self.going_along(&transfers),
            _ => 0,
        };
        out.ask(Purpose::Command { command, along }, |request| Effect::Command { request, command, transfers });
    }

    /// How many others wait for what is looked at anew where these are tried again: all that stand still with their profiles.
    fn going_along(&self, tried: &[TransferId]) -> usize {
        let tried: HashSet<&TransferId> = tried.iter().collect();
        let (those, others): (Vec<_>, Vec<_>) =
            self.queue.0.transfers.iter().partition(|view| tried.contains(&view.transfer.id));
        let mut profiles: Vec<&Arc<ProfileIdentity>> = Vec::new();
        for profile in those.iter().map(|view| &view.transfer.profile) {
            if !profiles.contains(&profile) {
                profiles.push(profile);
            }
        }
        let is_of_those = |view: &TransferView| profiles.contains(&&view.transfer.profile);
        let goes = |view: &&&TransferView| view.held && is_of_those(view) && self.hold_of(view).is_some();
        others.iter().filter(goes).count()
    }

    fn those(&self, command: QueueCommand, among: &[&TransferView]) -> Vec<TransferId> {
        among.iter().filter(|view| self.applies(command, view)).map(|view| view.transfer.id).collect()
    }

    /// Sends a command about those chosen ones that it can change anything about.
    pub(crate) fn command(&mut self, command: QueueCommand, out: &mut Outbox) {
        let transfers = self.those(command, &self.chosen());
        self.send(command, transfers, out);
        // Whoever moves transfers in the queue presses the key more than once.
        if !matches!(command, QueueCommand::Raise | QueueCommand::Lower) {
            self.list.clear_marks();
        }
    }

    /// Holds the chosen ones that are open; where none is, lets the held ones go on.
    pub(crate) fn pause(&mut self, out: &mut Outbox) {
        self.pause_or_go_on(&self.chosen(), out);
        self.list.clear_marks();
    }

    /// The same for the whole queue.
    pub(crate) fn pause_all(&self, out: &mut Outbox) {
        self.pause_or_go_on(&self.queue.0.transfers.iter().collect::<Vec<_>>(), out);
    }

    fn pause_or_go_on(&self, among: &[&TransferView], out: &mut Outbox) {
        let open = self.those(QueueCommand::Pause, among);
        if open.is_empty() {
            self.send(QueueCommand::GoOn, self.those(QueueCommand::GoOn, among), out);
        } else {
            self.send(QueueCommand::Pause, open, out);
        }
    }
}
