//! A transfer's state in words: what it does, what it waits for and when it tries again, so that nobody has to know the
//! states' names.

use crate::domain::display::display;
use crate::domain::transfer::{TransferKind, TransferState, TransferView};
use crate::domain::{Failure, FailureKind, format};

/// How a state feels, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Going on as it should.
    Going,
    /// Waiting for something.
    Waiting,
    /// Finished well.
    Good,
    /// Gave up.
    Bad,
    /// Ended or held by the user.
    Still,
}

/// Whether its bytes are on their way, so that a bar says more than words.
pub fn moves_bytes(view: &TransferView) -> bool {
    let moving = matches!(view.transfer.state, TransferState::Sending | TransferState::Receiving);
    moving && view.next_try_in.is_none() && !view.elsewhere
}

/// The tone of a transfer's state.
pub fn tone(view: &TransferView) -> Tone {
    match view.transfer.state {
        TransferState::Done => Tone::Good,
        TransferState::Failed => Tone::Bad,
        TransferState::Cancelled | TransferState::Expired | TransferState::Paused => Tone::Still,
        _ if view.next_try_in.is_some() || view.transfer.error.is_some() => Tone::Waiting,
        _ => Tone::Going,
    }
}

/// The state in words, fit for display.
pub fn words(view: &TransferView) -> String {
    let transfer = &view.transfer;
    let state = plain_words(view);
    match (&transfer.error, view.next_try_in) {
        (Some(error), _) if transfer.state == TransferState::Failed => display(&error.sentence()).into_owned(),
        (Some(error), Some(wait)) => format!("{state}, {}: next try in {}", reason(error), format::span(wait)),
        (Some(error), None) if transfer.state.is_open() => format!("{state}, {}", reason(error)),
        (None, Some(wait)) => format!("{state}: next try in {}", format::span(wait)),
        _ if view.elsewhere && transfer.state.is_open() => format!("{state}, by another Windlass"),
        _ => state,
    }
}

/// What it waits for; where the kind says it all, shorter than the failure's own sentence.
fn reason(error: &Failure) -> String {
    match error.kind {
        FailureKind::CatalogAway => "catalog unreachable".into(),
        FailureKind::Busy => "the store asked to wait".into(),
        _ => display(&error.what).into_owned(),
    }
}

fn plain_words(view: &TransferView) -> String {
    let transfer = &view.transfer;
    let words = match transfer.state {
        TransferState::Queued => "queued",
        TransferState::Sending => "sending",
        TransferState::Receiving => "receiving",
        TransferState::Verifying => "verifying",
        TransferState::Recording if transfer.error.is_some() => "stored",
        TransferState::Recording => "stored, writing the record",
        TransferState::Placing => "moving into place",
        TransferState::Deleting => "deleting the object",
        TransferState::Forgetting if transfer.error.is_some() => "object deleted",
        TransferState::Forgetting => "object deleted, removing the record",
        TransferState::Waiting => "waiting for somebody's upload",
        TransferState::Arrived => "arrived",
        TransferState::Done => return done(view),
        TransferState::Expired => "expired, nobody uploaded",
        TransferState::Paused => return paused(view),
        TransferState::Failed => "failed",
        TransferState::Cancelled => "cancelled",
    };
    words.into()
}

fn done(view: &TransferView) -> String {
    match (view.transfer.kind, view.transfer.size) {
        (TransferKind::Delete, _) => "deleted".into(),
        (_, Some(size)) => format!("done, {}", format::size(size)),
        (_, None) => "done".into(),
    }
}

fn paused(view: &TransferView) -> String {
    match percent(view) {
        Some(percent) => format!("paused at {percent}%"),
        None => "paused".into(),
    }
}

/// How much is through, 0 to 100, where the size is known.
pub fn percent(view: &TransferView) -> Option<u64> {
    let size = view.transfer.size?;
    Some(if size == 0 { 100 } else { (u128::from(view.sent.min(size)) * 100 / u128::from(size)) as u64 })
}
