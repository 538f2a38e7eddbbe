//! A new profile, line by line: the provider, a name, then what its guide asks for in the guide's order. It is tried before
//! it is saved; what does not work is said, and it can be saved all the same.

use std::collections::BTreeMap;
use std::fmt;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use tui_input::Input;

use super::prompt::edit;
use super::{Command, Step};
use crate::config::Draft;
use crate::config::draft::{Asked, PROVIDERS, asked_for, masked};
use crate::domain::{Failure, FailureKind, Provider, Result};

/// The lines above the provider's own.
const PROVIDER: usize = 0;
const NAME: usize = 1;
const OWN: usize = 2;

/// The form.
#[derive(Debug, Clone)]
pub struct NewcomerDialog {
    provider: usize,
    name: Input,
    /// What was typed for a key; it stays when another provider is looked at.
    typed: BTreeMap<&'static str, Typed>,
    line: usize,
    /// How far it has come.
    pub stage: Stage,
    /// Names that profiles have, wherever they come from.
    known: Vec<String>,
    /// Names that profiles of the file have.
    taken: Vec<String>,
}

/// How far a new profile has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It is being typed.
    Typing,
    /// Something is still wrong with what was typed.
    Wrong(String),
    /// Bucket and database of this one are asked.
    Trying(Draft),
    /// They do not work, for these reasons; it can be saved all the same.
    Refused(Vec<String>),
    /// It is being written.
    Saving,
}

/// A line that was typed, which may be a secret.
#[derive(Clone, Default)]
struct Typed(Input);

impl fmt::Debug for Typed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

/// A line as it is drawn.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is for.
    pub label: String,
    /// What was typed, as it may be seen.
    pub value: Input,
    /// Whether it is the one that is typed into.
    pub here: bool,
    /// Whether it is chosen rather than typed.
    pub chosen: bool,
    /// Whether it still has to be typed.
    pub needed: bool,
}

impl NewcomerDialog {
    /// An empty form. None of `known` is proposed, and none of `taken`, which the file has, can be used: what else has a name
    /// gives way.
    pub(crate) fn new(known: Vec<String>, taken: Vec<String>) -> Self {
        let mut form = Self {
            provider: 0,
            name: Input::default(),
            typed: BTreeMap::new(),
            line: PROVIDER,
            stage: Stage::Typing,
            known,
            taken,
        };
        form.name = form.proposed().into();
        form
    }

    /// The provider that is chosen.
    pub fn provider(&self) -> Provider {
        PROVIDERS.get(self.provider).copied().unwrap_or(Provider::S3)
    }

    /// The lines, in order.
    pub fn rows(&self) -> Vec<Row> {
        let here = |line| line == self.line;
        let chosen = Input::new(self.provider().title().to_owned());
        let missing = self.missing();
        let row = |label: &str, value, line| Row {
            label: label.replace('_', " "),
            value,
            here: here(line),
            chosen: line == PROVIDER,
            needed: missing.contains(&label),
        };
        let own = self.asked().iter().enumerate().map(|(index, asked)| {
            let typed = self.typed(asked.key);
            let value = Input::new(masked(asked.key, typed.value())).with_cursor(typed.cursor());
            row(asked.key, value, OWN + index)
        });
        let first = [row("provider", chosen, PROVIDER), row("name", self.name.clone(), NAME)];
        first.into_iter().chain(own).collect()
    }

    /// What is to be known about the line that is typed into.
    pub fn note(&self) -> String {
        match self.line {
            PROVIDER => "← → choose; the lines below are what its guide asks for".into(),
            NAME => "what the profile is called here: letters, digits, - and _".into(),
            _ => self.current().map_or_else(String::new, |asked| self.note_of(asked)),
        }
    }

    fn note_of(&self, asked: &Asked) -> String {
        if self.missing().contains(&asked.key) { format!("needed: {}", asked.note) } else { asked.note.to_owned() }
    }

    /// The keys that still have to be typed.
    fn missing(&self) -> Vec<&'static str> {
        self.draft().map(|draft| draft.missing()).unwrap_or_default()
    }

    pub(crate) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        match self.stage {
            Stage::Trying(_) => vec![("Esc", "stop trying")],
            Stage::Saving => Vec::new(),
            Stage::Refused(_) => {
                vec![("Enter", "try again"), ("^s", "save all the same"), ("Tab", "next line"), ("Esc", "cancel")]
            }
            Stage::Typing | Stage::Wrong(_) => {
                vec![("Enter", "try and save"), ("Tab", "next line"), ("Esc", "cancel")]
            }
        }
    }

    pub(crate) fn input(&mut self, event: &Event) -> Step {
        if matches!(event, Event::Key(key) if key.kind == KeyEventKind::Release) {
            return Step::Stay;
        }
        let code = if let Event::Key(key) = event { Some((key.code, key.modifiers)) } else { None };
        match (&self.stage, code) {
            (Stage::Saving, _) => Step::Stay,
            (Stage::Trying(_), Some((KeyCode::Esc, _))) => {
                self.stage = Stage::Typing;
                Step::Also(Command::StopTrying)
            }
            (Stage::Trying(_), _) => Step::Stay,
            (_, Some((KeyCode::Esc, _))) => Step::Close,
            (_, Some((KeyCode::Enter, _))) => self.answer(),
            (Stage::Refused(_), Some((KeyCode::Char('s'), KeyModifiers::CONTROL))) => self.save(),
            _ => self.edited(event, code.map(|(code, _)| code)),
        }
    }

    fn edited(&mut self, event: &Event, code: Option<KeyCode>) -> Step {
        if !code.is_some_and(|code| self.moves(code)) {
            self.type_in(event);
        }
        Step::Stay
    }

    /// Whether the key goes to another line, or to another provider.
    fn moves(&mut self, code: KeyCode) -> bool {
        let lines = OWN + self.asked().len();
        match code {
            KeyCode::Tab | KeyCode::Down => self.line = (self.line + 1) % lines,
            KeyCode::BackTab | KeyCode::Up => self.line = (self.line + lines - 1) % lines,
            KeyCode::Left | KeyCode::Char('h') if self.line == PROVIDER => self.choose(PROVIDERS.len() - 1),
            KeyCode::Right | KeyCode::Char('l' | ' ') if self.line == PROVIDER => self.choose(1),
            _ => return false,
        }
        true
    }

    /// Another provider, so many further on; a name that nobody typed goes with it.
    fn choose(&mut self, further: usize) {
        let proposed = self.name.value() == self.proposed();
        self.provider = (self.provider + further) % PROVIDERS.len();
        self.stage = Stage::Typing;
        if proposed {
            self.name = self.proposed().into();
        }
    }

    /// The provider's name, with a number where it is taken.
    fn proposed(&self) -> String {
        let name = self.provider().name();
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| !self.known.contains(name)).unwrap_or_default()
    }

    fn type_in(&mut self, event: &Event) {
        match (self.line, self.current().map(|asked| asked.key)) {
            (NAME, _) => edit(&mut self.name, event),
            (_, Some(key)) => edit(self.typed_mut(key), event),
            _ => return,
        }
        self.stage = Stage::Typing;
    }

    fn answer(&mut self) -> Step {
        match self.whole() {
            Ok(draft) => {
                self.stage = Stage::Trying(draft.clone());
                Step::Also(Command::TryProfile(draft))
            }
            Err((line, failure)) => {
                (self.line, self.stage) = (line, Stage::Wrong(failure.sentence()));
                Step::Stay
            }
        }
    }

    fn save(&mut self) -> Step {
        match self.draft() {
            Ok(draft) => {
                self.stage = Stage::Saving;
                Step::Also(Command::SaveProfile(draft))
            }
            Err(failure) => {
                self.stage = Stage::Wrong(failure.sentence());
                Step::Stay
            }
        }
    }

    /// What was typed, where nothing that is needed is missing; else the line to go to, and why.
    fn whole(&self) -> Result<Draft, (usize, Failure)> {
        let draft = self.draft().map_err(|failure| (NAME, failure))?;
        if self.taken.iter().any(|name| name == draft.name()) {
            let what = format!("there is a profile \"{}\" already", draft.name());
            return Err((NAME, Failure::new(FailureKind::Usage, what).hint("take another name")));
        }
        let missing = draft.missing();
        let Some(first) = missing.first() else { return Ok(draft) };
        let line = self.asked().iter().position(|asked| asked.key == *first).map_or(NAME, |index| OWN + index);
        Err((line, Failure::new(FailureKind::Usage, format!("{} is missing", first.replace('_', " ")))))
    }

    fn draft(&self) -> Result<Draft> {
        let mut draft = Draft::new(self.name.value().trim(), self.provider())?;
        for asked in self.asked() {
            draft.say(asked.key, self.typed(asked.key).value())?;
        }
        Ok(draft)
    }

    fn asked(&self) -> &'static [Asked] {
        asked_for(self.provider())
    }

    fn current(&self) -> Option<&'static Asked> {
        self.asked().get(self.line.checked_sub(OWN)?)
    }

    fn typed(&self, key: &str) -> Input {
        self.typed.get(key).map(|typed| typed.0.clone()).unwrap_or_default()
    }

    fn typed_mut(&mut self, key: &'static str) -> &mut Input {
        &mut self.typed.entry(key).or_default().0
    }
}
