//! Before everything beneath prefixes is deleted, or recorded: what is there is counted while the question stands, and yes
//! can be said as soon as it is known that there is something, and roughly how much.

use ratatui::layout::Size;

use super::{Confirm, Count, Step};
use crate::action::Key;
use crate::app::effect::RequestId;
use crate::app::message::Counted;

/// The question.
#[derive(Debug, Clone)]
pub struct BeneathDialog {
    /// What is asked; its first line is what was counted.
    pub question: Confirm,
    /// How far the counting is.
    pub count: Count,
    /// Who counts.
    pub(crate) request: RequestId,
    /// The objects beside the prefixes, which are known.
    beside: Counted,
    /// What is counted: "beneath docs/".
    place: String,
    /// What becomes of it.
    end: End,
}

/// What becomes of what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It goes.
    Deleted,
    /// What has no record gets one.
    Recorded,
}

impl BeneathDialog {
    /// The question about that `place`; nothing is counted yet but what is beside the prefixes.
    pub(crate) fn new(question: Confirm, place: String, request: RequestId, beside: Counted) -> Self {
        Self::with_end(question, place, request, beside, End::Deleted)
    }

    /// The same about what is to get records.
    pub(crate) fn recording(question: Confirm, place: String, request: RequestId) -> Self {
        Self::with_end(question, place, request, Counted::default(), End::Recorded)
    }

    fn with_end(question: Confirm, place: String, request: RequestId, beside: Counted, end: End) -> Self {
        let mut dialog = Self { question, count: Count::Begun, request, beside, place, end };
        dialog.question.lines.insert(0, dialog.amount());
        dialog
    }

    /// Takes over what was counted.
    pub(crate) fn counted(&mut self, count: Count) {
        self.count = count;
        let amount = self.amount();
        if let Some(line) = self.question.lines.first_mut() {
            *line = amount;
        }
    }

    /// Whether yes can be said: there is something, and how much is not a mere guess.
    pub fn is_ready(&self) -> bool {
        self.count != Count::Begun && self.total().objects > self.total().recorded
    }

    fn total(&self) -> Counted {
        self.count.so_far() + self.beside
    }

    /// How much it is, as a sentence.
    fn amount(&self) -> String {
        let (place, amount) = (&self.place, self.count.amount(self.beside, "object"));
        match (&self.count, self.total().objects) {
            (Count::All(_), 1..) if self.end == End::Recorded => format!("{place}: {amount}"),
            (Count::All(_), 0) => format!("{place}: nothing is there any more"),
            (Count::All(_), 1) => format!("{place}: {amount}, and its record"),
            (Count::All(_), _) => format!("{place}: {amount}, and their records"),
            _ => format!("{place}: {amount}"),
        }
    }

    pub(crate) fn key(&mut self, key: Key, rows: usize, size: Size) -> Step {
        let ready = self.is_ready();
        match self.question.key(key, rows, size) {
            Step::Do(_) if !ready => Step::Stay,
            step => {
                self.question.yes &= ready;
                step
            }
        }
    }
}
