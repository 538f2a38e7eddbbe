//! Limits of a profile: transfers at once, and bytes a second. They are put in force together or not at all.

use std::sync::Arc;

use crossterm::event::Event;

use super::form::{Filled, Form, Line};
use super::{Command, Step};
use crate::domain::format::parse_size;
use crate::domain::transfer::{Limits, ProfileIdentity};
use crate::domain::{Failure, FailureKind, Result};

/// Most transfers at once, as in `config.toml`.
const MOST_JOBS: usize = 256;

/// The lines.
const JOBS: usize = 0;
const RATE: usize = 1;

/// The question.
#[derive(Debug, Clone)]
pub struct LimitsDialog {
    /// Whose limits.
    pub profile: Arc<ProfileIdentity>,
    /// Transfers at once, and bytes a second.
    pub form: Form,
}

impl LimitsDialog {
    /// The question, answered with what is in force.
    pub(crate) fn new(profile: Arc<ProfileIdentity>, limits: Limits) -> Self {
        let jobs = Line::offered("large ones at once", limits.jobs.to_string());
        let rate = Line::offered("bytes a second", written(limits.rate));
        Self { profile, form: Form::new(vec![jobs, rate]) }
    }

    pub(crate) fn input(&mut self, event: &Event) -> Step {
        match self.form.input(event) {
            Filled::Escaped => Step::Close,
            Filled::Entered => self.answer(),
            Filled::Nothing | Filled::Changed(_) => Step::Stay,
        }
    }

    fn answer(&mut self) -> Step {
        match self.limits() {
            Ok(limits) => Step::Do(Command::SetLimits { profile: self.profile.clone(), limits }),
            Err((line, failure)) => {
                self.form.refuse(line, &failure);
                Step::Stay
            }
        }
    }

    fn limits(&self) -> Result<Limits, (usize, Failure)> {
        Self::read(self.form.text(JOBS), self.form.text(RATE))
    }

    /// Limits as they are typed; which of the two is wrong, and why.
    pub(crate) fn read(jobs: &str, rate: &str) -> Result<Limits, (usize, Failure)> {
        let jobs = jobs.parse().ok().filter(|jobs| (1..=MOST_JOBS).contains(jobs));
        let jobs = jobs.ok_or_else(|| (JOBS, usage("this is no number of transfers", "type 1 to 256")))?;
        let wrong = || (RATE, usage("this is no speed", "type one such as 10M or 512K; 0 is no limit"));
        let rate = parse_size(rate).ok_or_else(wrong)?;
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
