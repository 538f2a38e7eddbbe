//! Limits of a profile on two lines: transfers at once, and bytes a second. They are put in force together or not at all.

use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyEventKind};
use tui_input::Input;

use super::prompt::edit;
use super::{Command, Step};
use crate::domain::format::parse_size;
use crate::domain::transfer::{Limits, ProfileIdentity};
use crate::domain::{Failure, FailureKind, Result};

/// Most transfers at once, as in `config.toml`.
const MOST_JOBS: usize = 256;

/// A line of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Transfers at once.
    Jobs,
    /// Bytes a second.
    Rate,
}

impl Field {
    const fn other(self) -> Self {
        match self {
            Self::Jobs => Self::Rate,
            Self::Rate => Self::Jobs,
        }
    }
}

/// The question.
#[derive(Debug, Clone)]
pub struct LimitsDialog {
    /// Whose limits.
    pub profile: Arc<ProfileIdentity>,
    /// Transfers at once, as typed.
    pub jobs: Input,
    /// Bytes a second, as typed.
    pub rate: Input,
    /// The line that is being typed.
    pub field: Field,
    /// Why what was typed will not do.
    pub problem: Option<String>,
}

impl LimitsDialog {
    /// The question, answered with what is in force.
    pub(crate) fn new(profile: Arc<ProfileIdentity>, limits: Limits) -> Self {
        let (jobs, rate) = (limits.jobs.to_string().into(), written(limits.rate).into());
        Self { profile, jobs, rate, field: Field::Rate, problem: None }
    }

    pub(crate) fn input(&mut self, event: &Event) -> Step {
        let code = match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => return Step::Stay,
            Event::Key(key) => Some(key.code),
            _ => None,
        };
        match code {
            Some(KeyCode::Esc) => return Step::Close,
            Some(KeyCode::Enter) => return self.answer(),
            Some(KeyCode::Tab | KeyCode::BackTab | KeyCode::Up | KeyCode::Down) => self.field = self.field.other(),
            _ => {
                self.problem = None;
                edit(if self.field == Field::Jobs { &mut self.jobs } else { &mut self.rate }, event);
            }
        }
        Step::Stay
    }

    fn answer(&mut self) -> Step {
        match self.limits() {
            Ok(limits) => Step::Do(Command::SetLimits { profile: self.profile.clone(), limits }),
            Err((field, failure)) => {
                (self.field, self.problem) = (field, Some(failure.sentence()));
                Step::Stay
            }
        }
    }

    fn limits(&self) -> Result<Limits, (Field, Failure)> {
        let jobs = self.jobs.value().trim().parse().ok().filter(|jobs| (1..=MOST_JOBS).contains(jobs));
        let jobs = jobs.ok_or_else(|| (Field::Jobs, usage("this is no number of transfers", "type 1 to 256")))?;
        let wrong = || (Field::Rate, usage("this is no speed", "type one such as 10M or 512K; 0 is no limit"));
        let rate = parse_size(self.rate.value()).ok_or_else(wrong)?;
        Ok(Limits { jobs, rate })
    }
}

fn usage(what: &str, hint: &str) -> Failure {
    Failure::new(FailureKind::Usage, what).hint(hint)
}

/// Bytes as the configuration writes them: the largest unit that leaves a whole number.
fn written(bytes: u64) -> String {
    let units = [(1_u64 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")];
    let whole = units.iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    whole.map_or_else(|| bytes.to_string(), |(unit, letter)| format!("{}{letter}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_offered_as_it_may_be_typed() {
        for (bytes, text) in [(0, "0"), (10 << 20, "10M"), (1536 << 10, "1536K"), (1000, "1000"), (1 << 30, "1G")] {
            assert_eq!((written(bytes).as_str(), parse_size(text)), (text, Some(bytes)));
        }
    }
}
