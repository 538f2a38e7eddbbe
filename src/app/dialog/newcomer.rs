//! A new profile, line by line: the provider, a name, then what its guide asks for in the guide's order. It is tried before
//! it is saved; what does not work is said, and it can be saved all the same.

use std::collections::BTreeMap;
use std::fmt;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

use super::form::{Filled, Form, Line};
use super::{Command, Step};
use crate::config::draft::{Asked, PROVIDERS, asked_for, offered};
use crate::config::{Draft, ONE_LOCAL_BUCKET};
use crate::domain::{Failure, FailureKind, Provider, Result};

/// The lines above the provider's own.
const PROVIDER: usize = 0;
const NAME: usize = 1;
const OWN: usize = 2;

/// How a provider is chosen.
const CHOOSE: &str = "← → or its first letter choose";

/// The form.
#[derive(Debug, Clone)]
pub struct NewcomerDialog {
    /// Provider, name, and what its guide asks for.
    pub form: Form,
    provider: Provider,
    /// What was typed for the keys of providers that were looked at before.
    typed: Typed,
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
    /// The key that empties it was the last one: the next time it does.
    Emptying,
    /// Bucket and database of this one are asked.
    Trying(Draft),
    /// They do not work, for these reasons; it can be saved all the same.
    Refused(Vec<String>),
    /// It is being written.
    Saving,
}

/// Texts by their keys, which may be secrets.
#[derive(Clone, Default)]
struct Typed(BTreeMap<&'static str, String>);

impl fmt::Debug for Typed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

impl NewcomerDialog {
    /// An empty form. None of `known` is proposed, and none of `taken`, which the file has, can be used: what else has a name
    /// gives way.
    pub(crate) fn new(known: Vec<String>, taken: Vec<String>) -> Self {
        let provider = PROVIDERS.first().copied().unwrap_or(Provider::S3);
        let (form, typed, stage) = (Form::new(Vec::new()), Typed::default(), Stage::Typing);
        let mut dialog = Self { form, provider, typed, stage, known, taken };
        dialog.lay_out(dialog.proposed());
        dialog
    }

    /// The same form, opened again: what was typed stands in it.
    pub(crate) fn again(mut self, known: Vec<String>, taken: Vec<String>) -> Self {
        (self.known, self.taken, self.stage) = (known, taken, Stage::Typing);
        self.form.problem = None;
        self.mark_missing();
        self.mark_wrong();
        self
    }

    /// Whether anything was typed, for this provider or another.
    pub(crate) fn is_typed(&self) -> bool {
        let own = (OWN..self.form.lines().len()).any(|line| !self.form.text(line).is_empty());
        own || self.typed.0.values().any(|text| !text.is_empty()) || self.form.text(NAME) != self.proposed()
    }

    /// The provider that is chosen.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// What is to be known about the line that takes the keys.
    pub fn note(&self) -> String {
        match self.form.at() {
            _ if self.stage == Stage::Emptying => "^x again empties the form: all that was typed is gone then".into(),
            PROVIDER if self.provider == Provider::Local => format!("{CHOOSE}; {ONE_LOCAL_BUCKET}"),
            PROVIDER => format!("{CHOOSE}; the lines below are what it needs, and what may stay empty"),
            NAME => "what the profile is called here: letters, digits, - and _".into(),
            line => self.asked().get(line - OWN).map_or_else(String::new, |asked| self.note_of(asked)),
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
                vec![("Enter", "try again"), ("^s", "save all the same"), ("Tab", "next line"), ("Esc", "close")]
            }
            Stage::Typing => self.hints_of_typing("empty form"),
            Stage::Emptying => self.hints_of_typing("again empties it"),
        }
    }

    fn hints_of_typing(&self, empty: &'static str) -> Vec<(&'static str, &'static str)> {
        let anew = self.is_typed().then_some(("^x", empty));
        let hints = [("Enter", "try and save"), ("Tab", "next line")].into_iter();
        hints.chain(anew).chain([("Esc", "close")]).collect()
    }

    pub(crate) fn input(&mut self, event: &Event) -> Step {
        let key = match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => return Step::Stay,
            Event::Key(key) => Some((key.code, key.modifiers)),
            _ => None,
        };
        match (&self.stage, key) {
            (Stage::Saving, _) => Step::Stay,
            (Stage::Trying(_), Some((KeyCode::Esc, _))) => {
                self.stage = Stage::Typing;
                Step::Also(Command::StopTrying)
            }
            (Stage::Trying(_), _) => Step::Stay,
            (Stage::Refused(_), Some((KeyCode::Char('s'), KeyModifiers::CONTROL))) => self.save(),
            (Stage::Typing, Some((KeyCode::Char('x'), KeyModifiers::CONTROL))) => {
                if self.is_typed() {
                    self.stage = Stage::Emptying;
                }
                Step::Stay
            }
            (Stage::Emptying, Some((KeyCode::Char('x'), KeyModifiers::CONTROL))) => {
                *self = Self::new(std::mem::take(&mut self.known), std::mem::take(&mut self.taken));
                Step::Stay
            }
            (Stage::Emptying, _) => {
                self.stage = Stage::Typing;
                self.fill(event)
            }
            _ => self.fill(event),
        }
    }

    /// It does not work: says why, on the line that the first reason names.
    pub(crate) fn refused(&mut self, problems: &[Failure]) {
        self.stage = Stage::Refused(problems.iter().map(Failure::sentence).collect());
        if let Some(line) = problems.first().and_then(|failure| self.line_of(failure)) {
            self.form.go_to(line);
            self.form.set_wrong(line, true);
        }
    }

    /// The line that a reason names first, in what it says or in what to do about it.
    fn line_of(&self, failure: &Failure) -> Option<usize> {
        let named = |said: &str| {
            let lines = self.asked().iter().zip(OWN..);
            let at = lines.filter_map(|(asked, line)| Some((asked.named_in(said)?, line)));
            at.min().map(|(_, line)| line)
        };
        named(&failure.what).or_else(|| failure.hint.as_deref().and_then(named))
    }

    fn fill(&mut self, event: &Event) -> Step {
        match self.form.input(event) {
            Filled::Escaped => return Step::Close,
            Filled::Entered => return self.answer(),
            Filled::Changed(PROVIDER) => self.turn(),
            Filled::Changed(_) => self.stage = Stage::Typing,
            Filled::Nothing => {}
        }
        self.mark_missing();
        self.mark_wrong();
        Step::Stay
    }

    /// Another provider; a name that nobody typed goes with it.
    fn turn(&mut self) {
        let is_proposed = self.form.text(NAME) == self.proposed();
        let typed = self.asked().iter().zip(OWN..).map(|(asked, line)| (asked.key, self.form.text(line).to_owned()));
        let typed: Vec<_> = typed.collect();
        self.typed.0.extend(typed);
        self.provider = PROVIDERS.get(self.form.choice(PROVIDER)).copied().unwrap_or(Provider::S3);
        self.stage = Stage::Typing;
        let name = if is_proposed { self.proposed() } else { self.form.text(NAME).to_owned() };
        self.lay_out(name);
    }

    /// The lines of the provider that is chosen.
    fn lay_out(&mut self, name: String) {
        let providers = Line::chosen("provider", PROVIDERS.map(offered));
        let typed = |asked: &Asked| Line::typed(asked.key, self.typed.0.get(asked.key).cloned().unwrap_or_default());
        let name = if name == self.proposed() { Line::offered("name", name) } else { Line::typed("name", name) };
        let lines = [providers, name].into_iter().chain(self.asked().iter().map(typed));
        self.form = Form::new(lines.collect());
        let at = PROVIDERS.iter().position(|provider| *provider == self.provider);
        self.form.set_choice(PROVIDER, at.unwrap_or(0));
        self.mark_missing();
    }

    fn mark_missing(&mut self) {
        let missing = self.missing();
        let draft = self.draft().ok();
        for (asked, line) in self.asked().iter().zip(OWN..) {
            let empty = match missing.contains(&asked.key) {
                true if draft.as_ref().is_some_and(|draft| draft.can_come_from_aws(asked.key)) => {
                    "needed, or an aws profile"
                }
                true => "needed",
                false if draft.as_ref().is_some_and(|draft| draft.has_elsewhere(asked.key)) => "from the aws profile",
                false => asked.without(),
            };
            self.form.set_empty(line, empty);
        }
    }

    /// Marks what can never do, but not what is just being typed for the first time, and says why: of the line that takes the
    /// keys, else of the first.
    fn mark_wrong(&mut self) {
        let at = self.form.at();
        let lines = self.form.lines().iter().enumerate();
        let left = lines.filter(|(line, shown)| *line != at || shown.wrong).map(|(line, _)| line);
        let wrong: Vec<_> = left.filter_map(|line| self.refusal(line).map(|why| (line, why))).collect();
        for line in 0..self.form.lines().len() {
            self.form.set_wrong(line, wrong.iter().any(|(wrong, _)| *wrong == line));
        }
        if let Some((_, why)) = wrong.iter().find(|(line, _)| *line == at).or(wrong.first()) {
            self.form.problem = Some(why.sentence());
        }
    }

    /// Why what stands on a line can never do.
    fn refusal(&self, line: usize) -> Option<Failure> {
        match line {
            PROVIDER => None,
            NAME => self.named().err(),
            own => self.said(Draft::new("new", self.provider).ok()?).ok()?.refusal(self.asked().get(own - OWN)?.key),
        }
    }

    /// The provider's name, with a number where it is taken.
    fn proposed(&self) -> String {
        let name = self.provider.name();
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| !self.known.contains(name)).unwrap_or_default()
    }

    fn answer(&mut self) -> Step {
        match self.whole() {
            Ok(draft) => {
                self.stage = Stage::Trying(draft.clone());
                Step::Also(Command::TryProfile(draft))
            }
            Err((line, failure)) => self.stay(line, &failure),
        }
    }

    /// What bucket or database refuse can be saved all the same, and nothing that the file would be refused for.
    fn save(&mut self) -> Step {
        match self.whole() {
            Ok(draft) => {
                self.stage = Stage::Saving;
                Step::Also(Command::SaveProfile(draft))
            }
            Err((line, failure)) => self.stay(line, &failure),
        }
    }

    /// Says on the line why it will not do.
    fn stay(&mut self, line: usize, failure: &Failure) -> Step {
        self.stage = Stage::Typing;
        self.form.refuse(line, failure);
        self.form.set_wrong(line, self.refusal(line).is_some());
        Step::Stay
    }

    /// What was typed, where nothing that is needed is missing; else the line to go to, and why.
    fn whole(&self) -> Result<Draft, (usize, Failure)> {
        let draft = self.draft().map_err(|failure| (NAME, failure))?;
        let refused = |line| self.refusal(line).map(|failure| (line, failure));
        if let Some(refused) = (0..self.form.lines().len()).find_map(refused) {
            return Err(refused);
        }
        let missing = draft.missing();
        let Some(first) = missing.first() else { return Ok(draft) };
        let line = self.asked().iter().position(|asked| asked.key == *first).map_or(NAME, |index| OWN + index);
        Err((line, Failure::new(FailureKind::Usage, format!("{} is missing", first.replace('_', " ")))))
    }

    fn draft(&self) -> Result<Draft> {
        self.said(Draft::new(self.form.text(NAME), self.provider)?)
    }

    /// Nothing but provider and name, where a profile can have that name.
    fn named(&self) -> Result<Draft> {
        let draft = Draft::new(self.form.text(NAME), self.provider)?;
        if self.taken.iter().any(|name| name == draft.name()) {
            let what = format!("there is a profile \"{}\" already", draft.name());
            return Err(Failure::new(FailureKind::Usage, what).hint("take another name"));
        }
        Ok(draft)
    }

    /// The draft with what stands on the provider's lines.
    fn said(&self, mut draft: Draft) -> Result<Draft> {
        for (asked, line) in self.asked().iter().zip(OWN..) {
            draft.say(asked.key, self.form.text(line))?;
        }
        Ok(draft)
    }

    fn asked(&self) -> &'static [Asked] {
        asked_for(self.provider)
    }
}
