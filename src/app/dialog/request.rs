//! What somebody else is to upload: name, type, size and how long the URL is good. The type follows the name until it is
//! typed.

use std::sync::Arc;

use crossterm::event::Event;

use super::form::{Filled, Form, Line};
use super::{Command, Step};
use crate::app::effect::WantedRequest;
use crate::domain::format::parse_size;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Failure, FailureKind, Result, key, link, media_type};

/// The lines.
const NAME: usize = 0;
const TYPE: usize = 1;
const SIZE: usize = 2;
const EXPIRY: usize = 3;

/// The question.
#[derive(Debug, Clone)]
pub struct RequestDialog {
    /// Into whose bucket.
    pub profile: Arc<ProfileIdentity>,
    /// Where the key begins: empty, or with `/` at its end.
    pub prefix: String,
    /// Name, type, size and expiry.
    pub form: Form,
    /// The type was typed, and follows the name no longer.
    own_type: bool,
}

impl RequestDialog {
    /// Empty, but for the expiry of the guides: five minutes.
    pub(crate) fn new(profile: Arc<ProfileIdentity>, prefix: String) -> Self {
        let form = Form::new(vec![
            Line::typed("file name", ""),
            Line::typed("MIME type", ""),
            Line::typed("bytes exactly", "").or("any"),
            Line::offered("URL is good for", "5m"),
        ]);
        Self { profile, prefix, form, own_type: false }
    }

    pub(crate) fn input(&mut self, event: &Event) -> Step {
        match self.form.input(event) {
            Filled::Escaped => return Step::Close,
            Filled::Entered => return self.answer(),
            Filled::Changed(TYPE) => self.own_type = !self.form.text(TYPE).is_empty(),
            Filled::Changed(NAME) if !self.own_type => self.guess_type(),
            Filled::Changed(_) | Filled::Nothing => {}
        }
        Step::Stay
    }

    fn guess_type(&mut self) {
        let name = self.form.text(NAME);
        let guessed = if name.is_empty() { String::new() } else { media_type::of_name(name) };
        self.form.set_text(TYPE, guessed);
    }

    fn answer(&mut self) -> Step {
        match self.wanted() {
            Ok(wanted) => Step::Do(Command::Request { profile: self.profile.clone(), wanted }),
            Err((line, failure)) => {
                self.form.refuse(line, &failure);
                Step::Stay
            }
        }
    }

    fn wanted(&self) -> Result<WantedRequest, (usize, Failure)> {
        let at = |line| move |failure: Failure| (line, failure);
        let (name, mime) = (self.form.text(NAME), self.form.text(TYPE));
        key::check_for_url("name", name).map_err(at(NAME))?;
        media_type::check(mime).map_err(at(TYPE))?;
        let size = size(self.form.text(SIZE)).map_err(at(SIZE))?;
        let seconds = link::expiry(self.form.text(EXPIRY)).map_err(at(EXPIRY))?;
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
