//! A whole folder or prefix: how names are made, and what is done where something is there already, asked once for all of
//! it before the first file is looked at.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use crossterm::event::Event;
use uuid::Uuid;

use super::form::{Filled, Form, Line};
use super::{Command, Count, Step};
use crate::app::effect::{RequestId, Walk};
use crate::app::message::Counted;
use crate::domain::key;
use crate::domain::transfer::{OnConflict, ProfileIdentity};

/// What may be done where something is there already; the first harms nothing and hides nothing.
const CHOICES: [(OnConflict, &str); 4] = [
    (OnConflict::Refuse, "ask afterwards"),
    (OnConflict::Skip, "skip"),
    (OnConflict::KeepBoth, "keep both"),
    (OnConflict::Overwrite, "overwrite"),
];

/// The question.
#[derive(Debug, Clone)]
pub struct TreeDialog {
    /// What is asked, in a few words.
    pub title: String,
    /// What will happen, and where; raw. The first line is what was counted.
    pub lines: Vec<String>,
    /// The template of an upload's keys, and what is done where something is there already.
    pub form: Form,
    /// How far the counting is.
    pub count: Count,
    /// Who counts.
    pub(crate) request: RequestId,
    /// The files beside, which are known.
    beside: Counted,
    profile: Arc<ProfileIdentity>,
    walk: Walk,
    what: String,
    /// A path as one of the files has it, from the folder that they are all in.
    sample: String,
}

/// `{uuid}` in an example.
const EXAMPLE: Uuid = Uuid::from_u128(0x5f0c_9a3e_7b1d_4c52_9e64_1a2b_3c4d_5e6f);

/// What a template knows.
pub(crate) fn places(prefix: &str) -> String {
    let stands = if prefix.is_empty() { String::new() } else { format!(" ({prefix})") };
    format!("a template knows {{name}} {{uuid}} {{date}} {{millis}} {{prefix}}{stands}")
}

/// One example of what a template makes of a file.
pub(crate) fn example_of(template: &str, prefix: &str, name: &str, now: DateTime<Utc>) -> String {
    let values = key::TemplateValues { prefix, name, uuid: EXAMPLE, now };
    match key::from_template(template, &values) {
        Ok(key) => format!("{name} → {key}"),
        Err(failure) => failure.what,
    }
}

impl TreeDialog {
    /// The question about `what`.
    pub(crate) fn new(
        profile: Arc<ProfileIdentity>,
        title: String,
        lines: Vec<String>,
        walk: Walk,
        what: String,
    ) -> Self {
        let template = match &walk {
            Walk::Upload { template, .. } => Some(Line::typed("template", template.clone())),
            Walk::Download { .. } | Walk::Delete { .. } | Walk::Purge { .. } => None,
        };
        let choice = Line::chosen("if it is there", CHOICES.map(|(_, word)| word));
        let form = Form::new(template.into_iter().chain([choice]).collect());
        let (count, request, beside) = (Count::Begun, RequestId(0), Counted::default());
        let sample = sample(&walk);
        let mut dialog = Self { title, lines, form, count, request, beside, profile, walk, what, sample };
        dialog.lines.insert(0, dialog.amount());
        dialog
    }

    /// With who counts, and what is known beside that.
    pub(crate) fn counting(self, request: RequestId, beside: Counted) -> Self {
        Self { request, beside, ..self }
    }

    /// Takes over what was counted.
    pub(crate) fn counted(&mut self, count: Count) {
        self.count = count;
        let amount = self.amount();
        if let Some(line) = self.lines.first_mut() {
            *line = amount;
        }
    }

    fn amount(&self) -> String {
        self.count.amount(self.beside, "file")
    }

    /// What becomes of a name by the template as it stands, and what a template knows; raw. Downloads have no template.
    pub fn notes(&self, now: DateTime<Utc>) -> Vec<String> {
        let Walk::Upload { prefix, .. } = &self.walk else { return Vec::new() };
        vec![self.example(prefix, now), places(prefix)]
    }

    fn example(&self, prefix: &str, now: DateTime<Utc>) -> String {
        match key::below(self.form.text(0), prefix, &self.sample, EXAMPLE, now) {
            Ok(key) => format!("{} → {key}", self.sample),
            Err(failure) => failure.what,
        }
    }

    pub(crate) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        let lines = (self.form.lines().len() > 1).then_some(("Tab", "next line"));
        [("Enter", "queue")].into_iter().chain(lines).chain([("← →", "choose"), ("Esc", "cancel")]).collect()
    }

    pub(crate) fn input(&mut self, event: &Event) -> Step {
        match self.form.input(event) {
            Filled::Escaped => Step::Close,
            Filled::Entered => self.answer(),
            Filled::Nothing | Filled::Changed(_) => Step::Stay,
        }
    }

    fn answer(&mut self) -> Step {
        if let Walk::Upload { template, .. } = &mut self.walk {
            self.form.text(0).clone_into(template);
            if let Err(failure) = key::check_for_many(template) {
                self.form.refuse(0, &failure);
                return Step::Stay;
            }
        }
        let choice = self.form.choice(self.form.lines().len().saturating_sub(1));
        let on_conflict = CHOICES.get(choice).map_or(OnConflict::Refuse, |(on_conflict, _)| *on_conflict);
        let (profile, walk, what) = (self.profile.clone(), self.walk.clone(), self.what.clone());
        Step::Do(Command::Walk { profile, walk, on_conflict, what })
    }
}

/// A path of a file in the first folder that is sent, from the folder that this is in.
fn sample(walk: &Walk) -> String {
    let Walk::Upload { paths, base, .. } = walk else { return String::new() };
    let folder = paths.first().and_then(|path| path.strip_prefix(base).ok());
    folder.map_or_else(String::new, |folder| format!("{}/name.txt", folder.to_string_lossy()))
}
