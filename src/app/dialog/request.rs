//! What somebody else is to upload, on four lines: name, type, size and how long the URL is good. The type follows the
//! name until it is typed.

use crossterm::event::{Event, KeyCode, KeyEventKind};
use tui_input::Input;

use super::prompt::edit;
use super::{Command, Step};
use crate::app::effect::WantedRequest;
use crate::domain::format::parse_size;
use crate::domain::{Failure, FailureKind, Result, key, link, media_type};

/// A line of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestField {
    /// The file's name.
    Name,
    /// Its MIME type.
    Type,
    /// Its size in bytes; empty for any.
    Size,
    /// How long the URL is good.
    Expiry,
}

impl RequestField {
    /// All of them, from the top.
    pub const ALL: [Self; 4] = [Self::Name, Self::Type, Self::Size, Self::Expiry];

    /// As it stands before what is typed.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "file name",
            Self::Type => "MIME type",
            Self::Size => "bytes exactly",
            Self::Expiry => "URL is good for",
        }
    }

    fn moved(self, steps: usize) -> Self {
        let index = Self::ALL.iter().position(|field| *field == self).unwrap_or(0);
        Self::ALL.get((index + steps) % Self::ALL.len()).copied().unwrap_or(self)
    }
}

/// The question.
#[derive(Debug, Clone)]
pub struct RequestDialog {
    /// Into whose bucket.
    pub profile: String,
    /// The bucket, for the eyes.
    pub bucket: String,
    /// Where the key begins: empty, or with `/` at its end.
    pub prefix: String,
    /// The line that is being typed.
    pub field: RequestField,
    /// Why what was typed will not do.
    pub problem: Option<String>,
    /// What is typed, in the order of [`RequestField::ALL`].
    inputs: [Input; 4],
    /// The type was typed, and follows the name no longer.
    own_type: bool,
}

impl RequestDialog {
    /// Empty, but for the expiry of the guides: five minutes.
    pub(crate) fn new(profile: String, bucket: String, prefix: String) -> Self {
        let inputs = ["", "", "", "5m"].map(|text| Input::new(text.into()));
        Self { profile, bucket, prefix, field: RequestField::Name, problem: None, inputs, own_type: false }
    }

    /// What is typed on a line.
    pub fn typed(&self, field: RequestField) -> &Input {
        let [name, mime, size, expiry] = &self.inputs;
        match field {
            RequestField::Name => name,
            RequestField::Type => mime,
            RequestField::Size => size,
            RequestField::Expiry => expiry,
        }
    }

    fn line(&mut self, field: RequestField) -> &mut Input {
        let [name, mime, size, expiry] = &mut self.inputs;
        match field {
            RequestField::Name => name,
            RequestField::Type => mime,
            RequestField::Size => size,
            RequestField::Expiry => expiry,
        }
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
            Some(KeyCode::Tab | KeyCode::Down) => self.field = self.field.moved(1),
            Some(KeyCode::BackTab | KeyCode::Up) => self.field = self.field.moved(RequestField::ALL.len() - 1),
            _ => self.type_on(event),
        }
        Step::Stay
    }

    fn type_on(&mut self, event: &Event) {
        self.problem = None;
        edit(self.line(self.field), event);
        match self.field {
            RequestField::Type => self.own_type = !self.typed(RequestField::Type).value().is_empty(),
            RequestField::Name if !self.own_type => {
                let name = self.typed(RequestField::Name).value();
                let guessed = if name.is_empty() { String::new() } else { media_type::of_name(name) };
                *self.line(RequestField::Type) = Input::new(guessed);
            }
            _ => {}
        }
    }

    fn answer(&mut self) -> Step {
        match self.wanted() {
            Ok(wanted) => Step::Do(Command::Request { profile: self.profile.clone(), wanted }),
            Err((field, failure)) => {
                (self.field, self.problem) = (field, Some(failure.sentence()));
                Step::Stay
            }
        }
    }

    fn wanted(&self) -> Result<WantedRequest, (RequestField, Failure)> {
        let text = |field| self.typed(field).value().trim();
        let at = |field| move |failure: Failure| (field, failure);
        let (name, mime) = (text(RequestField::Name), text(RequestField::Type));
        key::check_for_url("name", name).map_err(at(RequestField::Name))?;
        media_type::check(mime).map_err(at(RequestField::Type))?;
        let size = size(text(RequestField::Size)).map_err(at(RequestField::Size))?;
        let seconds = link::expiry(text(RequestField::Expiry)).map_err(at(RequestField::Expiry))?;
        let (name, content_type, prefix) = (name.to_owned(), mime.to_owned(), self.prefix.clone());
        Ok(WantedRequest { name, content_type, size, seconds, prefix })
    }
}

fn size(text: &str) -> Result<Option<u64>> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || {
        Failure::new(FailureKind::Usage, "this is no size").hint("type a number of bytes, or leave it empty for any")
    };
    parse_size(text).map(Some).ok_or_else(wrong)
}
