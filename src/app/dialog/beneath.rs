//! Before everything beneath prefixes is deleted: what is there is counted while the question stands, and yes can be said
//! as soon as it is known that there is something, and roughly how much.

use super::confirm::HINTS;
use super::{Confirm, Step};
use crate::action::Key;
use crate::app::effect::RequestId;
use crate::app::message::Counted;
use crate::domain::{Failure, format};

/// How far the counting is.
#[derive(Debug, Clone, PartialEq)]
pub enum Count {
    /// Nothing has come yet.
    Begun,
    /// So much so far.
    AtLeast(Counted),
    /// This is all.
    All(Counted),
    /// So much, before it failed.
    BrokeOff(Counted, Failure),
}

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
}

impl BeneathDialog {
    /// The question; nothing is counted yet but what is beside the prefixes.
    pub(crate) fn new(question: Confirm, request: RequestId, beside: Counted) -> Self {
        let mut dialog = Self { question, count: Count::Begun, request, beside };
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

    /// What was counted so far beneath the prefixes.
    pub(crate) fn so_far(&self) -> Counted {
        match &self.count {
            Count::Begun => Counted::default(),
            Count::AtLeast(counted) | Count::All(counted) | Count::BrokeOff(counted, _) => *counted,
        }
    }

    /// Whether yes can be said: there is something, and how much is not a mere guess.
    pub fn is_ready(&self) -> bool {
        self.count != Count::Begun && self.total().objects > 0
    }

    fn total(&self) -> Counted {
        let beneath = self.so_far();
        Counted { objects: beneath.objects + self.beside.objects, bytes: beneath.bytes + self.beside.bytes }
    }

    /// How much it is, as a sentence.
    fn amount(&self) -> String {
        let Counted { objects, bytes } = self.total();
        let noun = if objects == 1 { "object" } else { "objects" };
        let amount = format!("{} {noun}, {}", format::count(objects), format::size(bytes));
        match &self.count {
            Count::Begun => "counting what is there…".into(),
            Count::AtLeast(_) => format!("at least {amount}, and their records, counting…"),
            Count::All(_) if objects == 0 => "nothing is there any more".into(),
            Count::All(_) if objects == 1 => format!("{amount}, and its record"),
            Count::All(_) => format!("{amount}, and their records"),
            Count::BrokeOff(_, failure) => format!("at least {amount}; counting broke off: {}", failure.sentence()),
        }
    }

    /// The keys that it knows.
    pub(super) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        if self.is_ready() { HINTS.to_vec() } else { vec![("n", "no"), ("Esc", "no")] }
    }

    pub(crate) fn key(&mut self, key: Key) -> Step {
        let ready = self.is_ready();
        match self.question.key(key) {
            Step::Do(_) if !ready => Step::Stay,
            step => {
                self.question.yes &= ready;
                step
            }
        }
    }
}
