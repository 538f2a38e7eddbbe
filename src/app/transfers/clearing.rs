//! Finished transfers are forgotten: all of them, or those that a filter shows.

use super::Transfers;
use crate::app::effect::QueueCommand;
use crate::app::outbox::Outbox;
use crate::domain::TransferId;
use crate::domain::transfer::TransferView;

impl Transfers {
    /// Forgets what is finished: all of it, or what a filter shows of it.
    pub(crate) fn clear_done(&self, out: &mut Outbox) {
        if self.list.filter().is_empty() {
            return self.send(QueueCommand::ClearAllDone, Vec::new(), out);
        }
        let finished: Vec<TransferId> = self.shown_finished().map(|view| view.transfer.id).collect();
        if !finished.is_empty() {
            self.send(QueueCommand::ClearDone, finished, out);
        }
    }

    /// Whether a row that is shown is finished.
    pub(crate) fn can_clear(&self) -> bool {
        let all = self.list.filter().is_empty();
        if all { self.counts.ended > 0 } else { self.shown_finished().next().is_some() }
    }

    fn shown_finished(&self) -> impl Iterator<Item = &TransferView> {
        let shown = (0..self.list.len()).filter_map(|position| self.row(position));
        shown.filter(|view| self.applies(QueueCommand::ClearDone, view))
    }
}
