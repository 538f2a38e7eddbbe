//! A whole folder or prefix: how names are made, and what is done where something is there already, asked once for all of
//! it before the first file is looked at.

use crossterm::event::{Event, KeyCode, KeyEventKind};
use tui_input::Input;

use super::prompt::edit;
use super::{Command, Step};
use crate::app::effect::Walk;
use crate::domain::key;
use crate::domain::transfer::OnConflict;

/// What may be done where something is there already; the first harms nothing and hides nothing.
const CHOICES: [(OnConflict, &str); 4] = [
    (OnConflict::Refuse, "fail"),
    (OnConflict::Skip, "skip"),
    (OnConflict::KeepBoth, "keep both"),
    (OnConflict::Overwrite, "overwrite"),
];

/// The question.
#[derive(Debug, Clone)]
pub struct TreeDialog {
    /// What is asked, in a few words.
    pub title: String,
    /// What will happen, and where; raw.
    pub lines: Vec<String>,
    /// The template of an upload's keys.
    pub template: Option<Input>,
    /// What is done where something is there already.
    pub choice: OnConflict,
    /// Why the template will not do.
    pub problem: Option<String>,
    pub(crate) profile: String,
    pub(crate) walk: Walk,
    pub(crate) what: String,
}

impl TreeDialog {
    /// The word on the choice.
    pub fn chosen(&self) -> &'static str {
        CHOICES.iter().find(|(choice, _)| *choice == self.choice).map_or("fail", |(_, word)| word)
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
            Some(KeyCode::Tab | KeyCode::Down) => self.turn(1),
            Some(KeyCode::BackTab | KeyCode::Up) => self.turn(CHOICES.len() - 1),
            _ => self.type_on(event),
        }
        Step::Stay
    }

    fn type_on(&mut self, event: &Event) {
        self.problem = None;
        if let Some(template) = &mut self.template {
            edit(template, event);
        }
    }

    fn turn(&mut self, steps: usize) {
        let index = CHOICES.iter().position(|(choice, _)| *choice == self.choice).unwrap_or(0);
        self.choice = CHOICES.get((index + steps) % CHOICES.len()).map_or(OnConflict::Refuse, |(choice, _)| *choice);
    }

    fn answer(&mut self) -> Step {
        if let (Some(typed), Walk::Upload { template, .. }) = (&self.template, &mut self.walk) {
            typed.value().clone_into(template);
            if let Err(failure) = key::check_for_many(template) {
                self.problem = Some(failure.sentence());
                return Step::Stay;
            }
        }
        let (profile, walk, what) = (self.profile.clone(), self.walk.clone(), self.what.clone());
        Step::Do(Command::Walk { profile, walk, on_conflict: self.choice, what })
    }
}
