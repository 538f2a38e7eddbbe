//! What is asked before transfers are cancelled, and their end. What has failed stands still already, and is given up.

use super::App;
use super::dialog::{Command, Confirm, Dialog};
use super::effect::QueueCommand;
use crate::domain::transfer::{OnConflict, TransferView};
use crate::domain::{TransferId, TransferKind, TransferState, format};

impl App {
    /// Asks whether the chosen transfers are to be cancelled, as far as they can be.
    pub(super) fn cancel(&mut self) {
        let chosen = self.transfers.chosen();
        let open: Vec<_> =
            chosen.into_iter().filter(|view| self.transfers.applies(QueueCommand::Cancel, view)).collect();
        let (title, mut lines, verb) = question(&open);
        lines.extend(Self::urls_that_stay(&open, self.out.now));
        let ids = open.iter().map(|view| view.transfer.id).collect();
        let question = Confirm::danger(title, lines, verb, Command::CancelTransfers(ids));
        let keys = open.iter().map(|view| &*view.transfer.key);
        self.out.open(Dialog::Confirm(question.naming(keys)));
    }

    /// Cancels those that were asked about.
    pub(super) fn cancel_those(&mut self, ids: Vec<TransferId>) {
        self.note_cancelled(&ids);
        self.transfers.send(QueueCommand::Cancel, ids, &mut self.out);
        self.transfers.list_mut().clear_marks();
    }
}

/// Title, lines and what Yes does.
fn question(those: &[&TransferView]) -> (String, Vec<String>, &'static str) {
    let failed = those.iter().filter(|view| view.transfer.state == TransferState::Failed).count();
    match (those, failed) {
        ([only], 1) => ("Give up this transfer?".into(), vec![given_up(only)], "give it up"),
        (_, failed) if failed == those.len() => {
            let line = "They have failed. What they left is removed; local files and edited texts stay.";
            (format!("Give up {} transfers?", format::count(failed as u64)), vec![line.into()], "give them up")
        }
        ([_], _) => ("Cancel this transfer?".into(), vec![UNDER_WAY.into()], "cancel it"),
        (_, failed) => {
            let also = match failed {
                0 => None,
                1 => Some("1 of them has failed: what it left is removed.".to_owned()),
                some => Some(format!("{} of them have failed: what they left is removed.", format::count(some as u64))),
            };
            let lines = std::iter::once(UNDER_WAY.to_owned()).chain(also).collect();
            (format!("Cancel {} transfers?", format::count(those.len() as u64)), lines, "cancel them")
        }
    }
}

const UNDER_WAY: &str = "What was sent so far is removed; nothing that is finished changes.";

/// What becomes of one that has failed.
fn given_up(view: &TransferView) -> String {
    let what = match view.transfer.kind {
        TransferKind::Upload if view.transfer.stored_at.is_some() => {
            "The object is in the bucket and stays, without a record of this upload."
        }
        TransferKind::Upload if view.transfer.on_conflict == OnConflict::OverwriteIf => {
            "What it left in the bucket is removed; the edited text stays."
        }
        TransferKind::Upload => "What it left in the bucket is removed; the local file stays.",
        TransferKind::Download => "What it left on disk is removed; the object stays.",
        TransferKind::Delete => "Nothing more is deleted.",
        TransferKind::Request => "Nothing more is recorded.",
    };
    format!("It has failed. {what}")
}
