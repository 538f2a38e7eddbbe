//! What lines about transfers depend on besides what they show: whether anybody is at one, and what stops it.

use chrono::{DateTime, Utc};

use crate::domain::transfer::{TransferView, Versions};
use crate::domain::{Failure, FailureKind, TransferKind, TransferState};

/// What the form for people depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    pub kind: TransferKind,
    pub state: TransferState,
    pub elsewhere: bool,
    pub next_try_in: Option<u64>,
    /// When the URL ends that somebody else may upload by.
    pub waits_until: Option<DateTime<Utc>>,
    /// Which versions a delete takes.
    pub versions: Versions,
    /// What the provider took for wrong; nothing moves until it is right.
    refused: Option<Refused>,
}

/// What the provider refuses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refused {
    Credentials,
    Clock,
}

impl Refused {
    fn by(failure: &Failure) -> Option<Self> {
        let what = if failure.by_clock { Self::Clock } else { Self::Credentials };
        (failure.kind == FailureKind::Credentials).then_some(what)
    }

    /// What helps.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Credentials => "it waits for other credentials: windlass resume once they are right",
            Self::Clock => "it waits for this machine's clock: windlass resume once it is right",
        }
    }
}

impl Told {
    pub fn new(kind: TransferKind, state: TransferState, versions: Versions) -> Self {
        Self { kind, state, elsewhere: false, next_try_in: None, waits_until: None, versions, refused: None }
    }

    /// What keeps it from going on: it has begun, no process is at it, and none could be.
    pub fn stopped(&self) -> Option<Refused> {
        self.refused.filter(|_| self.is_interrupted())
    }

    /// The state as people are told it.
    pub fn state(&self) -> &'static str {
        if self.stopped().is_some() { "stopped" } else { self.state.name() }
    }

    /// It has begun, and no process is at it.
    pub fn is_interrupted(&self) -> bool {
        let begun = self.state.is_open() && !matches!(self.state, TransferState::Queued | TransferState::Waiting);
        begun && !self.elsewhere
    }
}

impl From<&TransferView> for Told {
    fn from(view: &TransferView) -> Self {
        let (kind, state) = (view.transfer.kind, view.transfer.state);
        let waits_until = view.transfer.url_ends().filter(|_| state == TransferState::Waiting);
        let versions = view.transfer.versions;
        let refused = view.transfer.error.as_deref().and_then(Refused::by);
        Self { kind, state, elsewhere: view.elsewhere, next_try_in: view.next_try_in, waits_until, versions, refused }
    }
}
