//! A question with yes and no. No is chosen at first wherever yes destroys something, so that a bare Enter never does.

use crossterm::event::KeyCode;

use super::{Command, Step, is_plain};
use crate::action::Key;
use crate::app::effect::RequestId;
use crate::app::message::Counted;
use crate::domain::{Result, format};

/// How many are named at most.
const NAMED: usize = 5;

/// The keys of a question with yes and no.
pub(super) const HINTS: [(&str, &str); 4] = [("y", "yes"), ("n", "no"), ("Tab", "choose"), ("Esc", "no")];

/// The question.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// What is asked, in a few words.
    pub title: String,
    /// What will happen, and where; raw.
    pub lines: Vec<String>,
    /// What it happens to: the first few names; raw. They give way to `lines` where there is no room for all.
    pub names: Vec<String>,
    /// How many it happens to in all.
    pub count: usize,
    /// The word on yes: "delete", "quit".
    pub verb: &'static str,
    /// Yes destroys something.
    pub danger: bool,
    /// Whether yes is chosen now.
    pub yes: bool,
    /// Who counts what stays hidden of what is deleted; the last line tells it.
    pub(crate) staying: Option<RequestId>,
    pub(crate) command: Command,
}

impl Confirm {
    /// A question whose yes destroys something: No is chosen.
    pub(crate) fn danger(title: String, lines: Vec<String>, verb: &'static str, command: Command) -> Self {
        Self { title, lines, names: Vec::new(), count: 0, verb, danger: true, yes: false, staying: None, command }
    }

    /// A question whose yes harms nothing: Yes is chosen.
    pub(crate) fn harmless(title: String, lines: Vec<String>, verb: &'static str, command: Command) -> Self {
        Self { yes: true, danger: false, ..Self::danger(title, lines, verb, command) }
    }

    /// A question that opens by itself: No is chosen, because whoever presses Enter may not have seen it yet.
    pub(crate) fn unasked(title: String, lines: Vec<String>, verb: &'static str, command: Command) -> Self {
        Self { yes: false, ..Self::harmless(title, lines, verb, command) }
    }

    /// Names what it is about.
    pub(crate) fn naming<'a>(self, names: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let count = names.len();
        Self { names: names.take(NAMED).map(str::to_owned).collect(), count, ..self }
    }

    /// With a last line of what stays hidden, which that request counts.
    pub(crate) fn counting_hidden(mut self, request: RequestId) -> Self {
        self.staying = Some(request);
        self.lines.push("older versions: counting…".into());
        self
    }

    /// Takes over what stays hidden, all of it or so much so far.
    pub(crate) fn hidden_counted(&mut self, counted: &Result<Counted>, ended: bool) {
        let Some(line) = self.lines.last_mut() else { return };
        *line = match counted {
            Ok(counted) => staying(counted, ended),
            Err(failure) => format!("older versions may stay hidden: {}", failure.sentence()),
        };
    }

    pub(crate) fn key(&mut self, key: Key) -> Step {
        match key.code {
            _ if !is_plain(key) => Step::Stay,
            KeyCode::Char('y' | 'Y') => Step::Do(self.command.clone()),
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => Step::Close,
            KeyCode::Enter if self.yes => Step::Do(self.command.clone()),
            KeyCode::Enter => Step::Close,
            KeyCode::Tab | KeyCode::Left | KeyCode::Right | KeyCode::Char('h' | 'l') => {
                self.yes = !self.yes;
                Step::Stay
            }
            _ => Step::Stay,
        }
    }
}

/// What stays hidden, as a sentence.
fn staying(Counted { objects, bytes, .. }: &Counted, ended: bool) -> String {
    let bytes = format::size(*bytes);
    match (objects, ended) {
        (0, false) => "older versions: counting…".into(),
        (0, true) => "older versions: none is kept".into(),
        (1, true) => format!("older versions: 1 stays hidden, {bytes}"),
        (objects, true) => format!("older versions: {} stay hidden, {bytes}", format::count(*objects)),
        (objects, false) => {
            format!("older versions: at least {} stay hidden, {bytes}, counting…", format::count(*objects))
        }
    }
}
