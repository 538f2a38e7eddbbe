//! A question with yes and no. No is chosen at first wherever yes destroys something, so that a bare Enter never does.

use crossterm::event::KeyCode;
use ratatui::layout::Size;

use super::{Command, Step, is_plain};
use crate::action::Key;
use crate::app::effect::RequestId;
use crate::app::layout::question_page;
use crate::app::message::Counted;
use crate::domain::display::{display, wrap};
use crate::domain::{HomeFolder, Result, format};

/// How many are named at most.
const NAMED: usize = 5;

/// The keys of a question with yes and no.
pub(super) const HINTS: [(&str, &str); 4] = [("y", "yes"), ("n", "no"), ("Tab", "choose"), ("Esc", "no")];

/// A row of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Of a sentence, fit for display.
    Fact(String),
    /// A name; raw.
    Name(String),
    /// How many names there are besides.
    More(String),
}

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
    /// How far it was read on, where its box has no room for all of it: 0 is its short form, 1 the whole from the top.
    pub read: usize,
    /// Who counts what stays hidden of what is deleted; the last line tells it.
    pub(crate) staying: Option<RequestId>,
    pub(crate) command: Command,
}

impl Confirm {
    /// A question whose yes destroys something: No is chosen.
    pub(crate) fn danger(title: String, lines: Vec<String>, verb: &'static str, command: Command) -> Self {
        Self {
            title,
            lines,
            names: Vec::new(),
            count: 0,
            verb,
            danger: true,
            yes: false,
            read: 0,
            staying: None,
            command,
        }
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
            Err(failure) => format!("Older versions may stay hidden: {}.", failure.sentence()),
        };
    }

    /// The rows of each of its sentences, in so many columns.
    pub fn sentences(&self, home: &HomeFolder, columns: u16) -> Vec<Vec<String>> {
        self.lines.iter().map(|line| wrap(&display(&home.shorten(line)), columns)).collect()
    }

    /// All of it, in so many columns; names are raw, a row each.
    pub fn rows(&self, home: &HomeFolder, columns: u16) -> Vec<Told> {
        let facts = self.sentences(home, columns).into_iter().flatten().map(Told::Fact);
        let rest = self.count.saturating_sub(self.names.len()) as u64;
        let more = (rest > 0).then(|| Told::More(format!("… and {} more", format::count(rest))));
        facts.chain(self.names.iter().cloned().map(Told::Name)).chain(more).collect()
    }

    pub(crate) fn key(&mut self, key: Key, rows: usize, size: Size) -> Step {
        if let KeyCode::Char('j' | 'k') | KeyCode::Down | KeyCode::Up = key.code
            && is_plain(key)
        {
            let steps = if matches!(key.code, KeyCode::Char('j') | KeyCode::Down) { 1 } else { -1 };
            self.read = self.read.saturating_add_signed(steps).min(furthest(rows, question_page(size)));
            return Step::Stay;
        }
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

/// How far so many rows can be read on in a box that shows so many of them.
pub fn furthest(rows: usize, page: usize) -> usize {
    rows.checked_sub(page).filter(|beyond| *beyond > 0).map_or(0, |beyond| beyond + 1)
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
