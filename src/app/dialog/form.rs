//! Lines that are filled in, one below the other, typed or chosen: which of them takes the keys, and why what was filled in
//! will not do. Every dialog that asks for more than one thing has one.

use std::fmt;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind};
use tui_input::Input;

use super::is_plain;
use super::prompt::edit;
use crate::action::Key;
use crate::config::draft::masked;
use crate::domain::Failure;

/// The lines.
#[derive(Debug, Clone)]
pub struct Form {
    lines: Vec<Line>,
    at: usize,
    /// Why what was filled in will not do.
    pub problem: Option<String>,
}

/// One of them.
#[derive(Clone)]
pub struct Line {
    name: &'static str,
    value: Value,
    /// What stands there while nothing is typed.
    pub empty: &'static str,
    /// What stands there will not do.
    pub wrong: bool,
}

#[derive(Clone)]
enum Value {
    Typed(Input),
    /// Proposed: what is typed takes its place.
    Offered(String),
    Chosen {
        words: Vec<&'static str>,
        at: usize,
    },
}

/// What may be seen of a line.
#[derive(Debug, Clone)]
pub enum Shown {
    /// What was typed; of a secret as many dots, so that the cursor stands where it should.
    Typed(Input),
    /// What is proposed, and goes with the first letter that is typed.
    Offered(String),
    /// The word that is chosen.
    Chosen(&'static str),
}

/// What a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filled {
    /// At most another line takes the keys now.
    Nothing,
    /// What this line says.
    Changed(usize),
    /// All is filled in.
    Entered,
    /// It is to close.
    Escaped,
}

impl fmt::Debug for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: [redacted]", self.name)
    }
}

impl Line {
    /// One that is typed into; `name` is its name in words, or that of a configuration key, which says whether it is secret.
    pub(crate) fn typed(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, value: Value::Typed(Input::new(text.into())), empty: "", wrong: false }
    }

    /// One with a proposal that is no secret: whoever types means another text, and need not take it away first.
    pub(crate) fn offered(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, value: Value::Offered(text.into()), empty: "", wrong: false }
    }

    /// One of which a word is taken, the first at first.
    pub(crate) fn chosen(name: &'static str, words: impl IntoIterator<Item = &'static str>) -> Self {
        Self { name, value: Value::Chosen { words: words.into_iter().collect(), at: 0 }, empty: "", wrong: false }
    }

    /// With what stands there while nothing is typed.
    pub(crate) fn or(self, empty: &'static str) -> Self {
        Self { empty, ..self }
    }

    /// What it is for.
    pub fn label(&self) -> String {
        self.name.replace('_', " ")
    }

    /// What may be seen of it.
    pub fn shown(&self) -> Shown {
        match &self.value {
            Value::Typed(input) => {
                Shown::Typed(Input::new(masked(self.name, input.value())).with_cursor(input.cursor()))
            }
            Value::Offered(text) => Shown::Offered(text.clone()),
            Value::Chosen { words, at } => Shown::Chosen(words.get(*at).copied().unwrap_or_default()),
        }
    }

    fn take(&mut self, event: &Event) -> bool {
        match &mut self.value {
            Value::Typed(input) => changed(input, event),
            Value::Offered(text) => {
                let offered = std::mem::take(text);
                let mut input = Input::new(if replaces(event) { String::new() } else { offered.clone() });
                edit(&mut input, event);
                let has_changed = input.value() != offered;
                self.value = Value::Typed(input);
                has_changed
            }
            Value::Chosen { words, at } => {
                let Event::Key(key) = event else { return false };
                let Some(further) = further(words, *at, key) else { return false };
                *at = (*at + further) % words.len().max(1);
                true
            }
        }
    }
}

fn changed(input: &mut Input, event: &Event) -> bool {
    let before = input.value().to_owned();
    edit(input, event);
    input.value() != before
}

/// Whether a key or a paste takes the place of what is proposed, or takes it away.
fn replaces(event: &Event) -> bool {
    match event {
        Event::Paste(_) => true,
        Event::Key(key) => match key.code {
            KeyCode::Char(_) => is_plain(Key::of(key)),
            code => matches!(code, KeyCode::Backspace | KeyCode::Delete),
        },
        _ => false,
    }
}

/// How far on the choice is that a key leads to.
fn further(words: &[&str], at: usize, key: &KeyEvent) -> Option<usize> {
    let to_letter = match key.code {
        KeyCode::Char(_) if !is_plain(Key::of(key)) => return None,
        KeyCode::Char(letter) => to_letter(words, at, letter),
        _ => None,
    };
    to_letter.or(match key.code {
        KeyCode::Right | KeyCode::Char('l' | ' ') => Some(1),
        KeyCode::Left | KeyCode::Char('h') => Some(words.len().saturating_sub(1)),
        _ => None,
    })
}

/// How far on the next choice is that begins with a letter, or else has a name in it that does.
fn to_letter(words: &[&str], at: usize, letter: char) -> Option<usize> {
    let letter = letter.to_ascii_lowercase();
    let begins = |text: &str| text.chars().next().is_some_and(|first| first.to_ascii_lowercase() == letter);
    let is_named = |words: &str| {
        let names = words.split(|letter: char| !letter.is_alphanumeric());
        names.filter(|name| name.starts_with(|first: char| first.is_uppercase())).any(begins)
    };
    let steps = |chosen: &dyn Fn(&str) -> bool| {
        (1..=words.len()).find(|further| words.get((at + further) % words.len()).is_some_and(|word| chosen(word)))
    };
    steps(&begins).or_else(|| steps(&is_named))
}

impl Form {
    /// These lines; the first takes the keys.
    pub(crate) fn new(lines: Vec<Line>) -> Self {
        Self { lines, at: 0, problem: None }
    }

    /// All of them, from the top.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The one that takes the keys, counted from the top.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Whether a word is chosen on the line that takes the keys, and nothing typed.
    pub(crate) fn is_choosing(&self) -> bool {
        matches!(self.lines.get(self.at).map(|line| &line.value), Some(Value::Chosen { .. }))
    }

    /// What was typed on a line, without blanks around it.
    pub fn text(&self, line: usize) -> &str {
        match self.lines.get(line).map(|line| &line.value) {
            Some(Value::Typed(input)) => input.value().trim(),
            Some(Value::Offered(text)) => text,
            Some(Value::Chosen { .. }) | None => "",
        }
    }

    /// Which word is taken on a line.
    pub fn choice(&self, line: usize) -> usize {
        match self.lines.get(line).map(|line| &line.value) {
            Some(Value::Chosen { at, .. }) => *at,
            Some(Value::Typed(_) | Value::Offered(_)) | None => 0,
        }
    }

    pub(crate) fn set_text(&mut self, line: usize, text: String) {
        if let Some(Value::Typed(input)) = self.lines.get_mut(line).map(|line| &mut line.value) {
            *input = Input::new(text);
        }
    }

    pub(crate) fn set_choice(&mut self, line: usize, choice: usize) {
        if let Some(Value::Chosen { words, at }) = self.lines.get_mut(line).map(|line| &mut line.value) {
            *at = choice.min(words.len().saturating_sub(1));
        }
    }

    /// Sets what stands on a line while nothing is typed.
    pub(crate) fn set_empty(&mut self, line: usize, empty: &'static str) {
        if let Some(line) = self.lines.get_mut(line) {
            line.empty = empty;
        }
    }

    /// Marks a line as one that will not do, or as one that will.
    pub(crate) fn set_wrong(&mut self, line: usize, wrong: bool) {
        if let Some(line) = self.lines.get_mut(line) {
            line.wrong = wrong;
        }
    }

    /// Says why it will not do, on the line where that can be mended.
    pub(crate) fn refuse(&mut self, line: usize, failure: &Failure) {
        (self.at, self.problem) = (line, Some(failure.sentence()));
    }

    /// Has that line take the keys.
    pub(crate) fn go_to(&mut self, line: usize) {
        self.at = line.min(self.lines.len().saturating_sub(1));
    }

    /// Takes a key or a paste.
    pub(crate) fn input(&mut self, event: &Event) -> Filled {
        let code = match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => return Filled::Nothing,
            Event::Key(key) => Some(key.code),
            _ => None,
        };
        match code {
            Some(KeyCode::Esc) => return Filled::Escaped,
            Some(KeyCode::Enter) => return Filled::Entered,
            Some(KeyCode::Tab | KeyCode::Down) => self.go(1),
            Some(KeyCode::BackTab | KeyCode::Up) => self.go(self.lines.len().saturating_sub(1)),
            _ => return self.fill(event),
        }
        Filled::Nothing
    }

    fn go(&mut self, further: usize) {
        self.at = (self.at + further) % self.lines.len().max(1);
    }

    fn fill(&mut self, event: &Event) -> Filled {
        let at = self.at;
        if self.lines.get_mut(at).is_some_and(|line| line.take(event)) {
            self.problem = None;
            return Filled::Changed(at);
        }
        Filled::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    fn press(form: &mut Form, code: KeyCode) -> Filled {
        form.input(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    fn form() -> Form {
        Form::new(vec![Line::typed("name", "a"), Line::chosen("how", ["one", "two", "three"])])
    }

    #[test]
    fn keys_go_to_the_line_where_the_cursor_stands() {
        let mut form = form();
        assert_eq!(press(&mut form, KeyCode::Char('h')), Filled::Changed(0));
        press(&mut form, KeyCode::Down);
        assert_eq!(press(&mut form, KeyCode::Char('h')), Filled::Changed(1));
        assert_eq!((form.text(0), form.choice(1), form.at()), ("ah", 2, 1));
        assert_eq!(press(&mut form, KeyCode::Right), Filled::Changed(1));
        assert_eq!(press(&mut form, KeyCode::Char('x')), Filled::Nothing);
        assert_eq!((form.choice(1), form.at()), (0, 1));
        press(&mut form, KeyCode::Tab);
        assert_eq!((form.at, press(&mut form, KeyCode::Enter)), (0, Filled::Entered));
    }

    #[test]
    fn a_letter_goes_to_the_choice_that_begins_with_it_or_has_a_name_that_does() {
        let words = ["R2", "B2", "AWS S3 or compatible (MinIO, …)", "Uploadcare", "Local", "Brown"];
        let mut form = Form::new(vec![Line::chosen("provider", words)]);
        let chosen = "abbsmluhxr".chars().map(|letter| {
            press(&mut form, KeyCode::Char(letter));
            form.choice(0)
        });
        assert_eq!(chosen.collect::<Vec<_>>(), [2, 5, 1, 2, 2, 4, 3, 2, 2, 0]);
    }

    #[test]
    fn what_is_wrong_is_said_where_it_stands_until_something_is_typed() {
        let mut form = form();
        form.refuse(0, &Failure::new(crate::domain::FailureKind::Usage, "too short"));
        press(&mut form, KeyCode::Tab);
        assert_eq!(form.problem.as_deref(), Some("too short"));
        press(&mut form, KeyCode::Right);
        assert_eq!(form.problem, None);
    }

    #[test]
    fn what_is_typed_takes_the_place_of_what_is_proposed_and_a_key_that_moves_keeps_it() {
        let offered = || Form::new(vec![Line::offered("URL is good for", "5m")]);
        let after = |codes: &[KeyCode]| {
            let mut form = offered();
            let filled: Vec<Filled> = codes.iter().map(|code| press(&mut form, *code)).collect();
            (form.text(0).to_owned(), filled)
        };
        let (letter, changed) = (KeyCode::Char, Filled::Changed(0));
        assert_eq!(after(&[]).0, "5m");
        assert_eq!(after(&[letter('1'), letter('h')]), ("1h".into(), vec![changed, changed]));
        assert_eq!(after(&[KeyCode::Home, letter('1')]), ("15m".into(), vec![Filled::Nothing, changed]));
        assert_eq!(after(&[KeyCode::Backspace]), (String::new(), vec![changed]));
        let mut form = offered();
        form.input(&Event::Paste("30m\n".into()));
        assert_eq!(form.text(0), "30m");
    }

    #[test]
    fn a_secret_is_neither_shown_nor_printed() {
        let form = Form::new(vec![Line::typed("secret_access_key", "hunter2")]);
        let Shown::Typed(shown) = form.lines()[0].shown() else { panic!("it is typed") };
        assert_eq!((shown.value(), form.lines()[0].label().as_str()), ("•••••••", "secret access key"));
        assert!(!format!("{form:?}").contains("hunter2"));
    }
}
