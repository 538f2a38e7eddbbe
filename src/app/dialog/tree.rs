//! A whole folder or prefix: how names are made, and what is done where something is there already, asked once for all of
//! it before the first file is looked at.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use crossterm::event::Event;
use uuid::Uuid;

use super::conflicts::on_conflict;
use super::form::{Filled, Form, Line};
use super::names::{Names, switches};
use super::{Command, Count, Step};
use crate::app::effect::{RequestId, Walk};
use crate::app::message::Counted;
use crate::domain::transfer::{OnConflict, ProfileIdentity};
use crate::domain::{Failure, Result, key};

/// What may be done where something is there already; the first harms nothing and hides nothing.
const CHOICES: [OnConflict; 4] = [OnConflict::Refuse, OnConflict::Skip, OnConflict::KeepBoth, OnConflict::Overwrite];

/// What then becomes of that.
const BECOMES: [&str; 4] = ["you are asked afterwards", "they are skipped", "both are kept", "they are overwritten"];

/// The question.
#[derive(Debug, Clone)]
pub struct TreeDialog {
    /// What is asked, in a few words.
    pub title: String,
    /// Where it will go; raw.
    place: Vec<String>,
    /// The template of an upload's keys, and what is done where something is there already.
    pub form: Form,
    /// How far the counting is.
    pub count: Count,
    /// Who counts.
    pub(crate) request: RequestId,
    /// What is there already where the files would go.
    there: There,
    /// Who looks for that.
    pub(crate) looking: Option<RequestId>,
    /// The files beside, which are known.
    beside: Counted,
    profile: Arc<ProfileIdentity>,
    walk: Walk,
    what: String,
    /// A path as one of the files has it, from the folder that they are all in.
    sample: String,
    /// What an upload's names may be.
    names: Option<Names>,
}

/// What is there already where the files would go.
#[derive(Debug, Clone)]
enum There {
    /// Somebody looks.
    Looking,
    /// This.
    Is(Counted),
    /// Nobody knows, for this reason.
    Unknown(Failure),
}

/// `{uuid}` in an example.
const EXAMPLE: Uuid = Uuid::from_u128(0x5f0c_9a3e_7b1d_4c52_9e64_1a2b_3c4d_5e6f);

/// What a template knows.
fn places(prefix: &str) -> String {
    let stands = if prefix.is_empty() { String::new() } else { format!(" ({prefix})") };
    format!("a template knows {{name}} {{uuid}} {{date}} {{millis}} {{prefix}}{stands}")
}

/// One example of what a template makes of a file, what is to be said of such keys, and what a template knows.
pub(crate) fn notes_on(template: &str, prefix: &str, name: &str, now: DateTime<Utc>) -> Vec<String> {
    let values = key::TemplateValues { prefix, name, uuid: EXAMPLE, now };
    notes(key::from_template(template, &values), prefix, &format!("{name} →"))
}

fn notes(made: Result<String>, prefix: &str, becomes: &str) -> Vec<String> {
    let doubt = made.as_ref().ok().and_then(|key| doubt(key, prefix));
    let example = made.map_or_else(|failure| failure.what, |key| format!("{becomes} {key}"));
    [Some(example), doubt, Some(places(prefix))].into_iter().flatten().collect()
}

/// What is to be said of a key, unless it is so because of the prefix that somebody stands in.
pub(crate) fn doubt(key: &str, prefix: &str) -> Option<String> {
    key::doubt(key).filter(|_| key::doubt(prefix).is_none()).map(str::to_owned)
}

impl TreeDialog {
    /// The question about `what`.
    pub(crate) fn new(
        profile: Arc<ProfileIdentity>,
        title: String,
        place: Vec<String>,
        walk: Walk,
        what: String,
    ) -> Self {
        let template = match &walk {
            Walk::Upload { template, .. } => Some(Line::typed("template", template.clone())),
            _ => None,
        };
        let choice = Line::chosen("if it is there", CHOICES.map(on_conflict));
        let form = Form::new(template.into_iter().chain([choice]).collect());
        let (count, request, beside) = (Count::Begun, RequestId(0), Counted::default());
        let (sample, there, looking, names) = (sample(&walk), There::Looking, None, None);
        Self { title, place, form, count, request, there, looking, beside, profile, walk, what, sample, names }
    }

    /// With what the names of an upload may be.
    pub(crate) fn naming(self, names: Names) -> Self {
        Self { names: Some(names), ..self }
    }

    /// With who counts, what is known beside that, and who looks what is there already.
    pub(crate) fn counting(self, request: RequestId, beside: Counted, looking: RequestId) -> Self {
        Self { request, beside, looking: Some(looking), ..self }
    }

    /// Takes over what was counted.
    pub(crate) fn counted(&mut self, count: Count) {
        self.count = count;
    }

    /// Takes over what is there already, if it is that what was found.
    pub(crate) fn looked(&mut self, request: RequestId, found: &Result<Counted>) {
        if self.looking == Some(request) {
            self.there = found.clone().map_or_else(There::Unknown, There::Is);
        }
    }

    /// What will happen, and where; raw: in which bucket, how much it is, what is there already, the rest, and how names are
    /// made.
    pub fn lines(&self) -> Vec<String> {
        let amount = format!("{}: {}", self.what, self.count.amount(self.beside, "file"));
        let (bucket, rest) = self.place.split_at(1.min(self.place.len()));
        let names = self.names.as_ref().map(|names| match names.keeps(self.form.text(0)) {
            true => "Folders and names stay as they are:".to_owned(),
            false => "Folders stay what they are; each name is made by this template:".to_owned(),
        });
        [bucket, &[amount, self.taken()], rest, names.as_slice()].concat()
    }

    /// What is there already, and what becomes of it as it is chosen now.
    fn taken(&self) -> String {
        let words = match &self.there {
            _ if !self.is_as_looked_for() => "seen as it goes, under the names that are made now".into(),
            // Nobody has asked for what cannot be: it says nothing of the bucket.
            _ if self.makes_new_names() => "not looked for, each name is a new one".into(),
            There::Looking => "looking…".into(),
            There::Is(Counted { objects: 0, .. }) => "nothing".into(),
            There::Is(found) => {
                let becomes = BECOMES.get(self.chosen()).copied().unwrap_or_default();
                format!("{}; {becomes}", Count::All(*found).amount(Counted::default(), "file"))
            }
            There::Unknown(failure) => format!("not known, {}", failure.sentence()),
        };
        format!("already there: {words}")
    }

    /// Whether names are made as they were when it was looked for them.
    fn is_as_looked_for(&self) -> bool {
        match &self.walk {
            Walk::Upload { template, .. } => self.form.text(0) == template,
            _ => true,
        }
    }

    /// Whether no name can be one that is there already.
    fn makes_new_names(&self) -> bool {
        matches!(&self.walk, Walk::Upload { template, .. } if key::is_fresh(template))
    }

    /// Which of [`CHOICES`] stands now.
    fn chosen(&self) -> usize {
        self.form.choice(self.form.lines().len().saturating_sub(1))
    }

    /// What becomes of a name by the template as it stands, and what a template knows; raw. Downloads have no template.
    pub fn notes(&self, now: DateTime<Utc>) -> Vec<String> {
        let Walk::Upload { prefix, .. } = &self.walk else { return Vec::new() };
        // Nobody has looked into the folder yet.
        let example = format!("a file {} would become", self.sample);
        notes(key::below(self.form.text(0), prefix, &self.sample, EXAMPLE, now), prefix, &example)
    }

    pub(crate) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        let lines = (self.form.lines().len() > 1).then_some(("Tab", "next line"));
        let names = self.names.as_ref().and_then(|names| names.hint(self.form.text(0)));
        [("Enter", "queue")]
            .into_iter()
            .chain(names)
            .chain(lines)
            .chain([("← →", "choose"), ("Esc", "cancel")])
            .collect()
    }

    pub(crate) fn input(&mut self, event: &Event) -> Step {
        if switches(event) {
            return self.switch_names();
        }
        match self.form.input(event) {
            Filled::Escaped => Step::Close,
            Filled::Entered => self.answer(),
            Filled::Nothing | Filled::Changed(_) => Step::Stay,
        }
    }

    /// What was looked for under the names before says nothing of these.
    fn switch_names(&mut self) -> Step {
        let other = self.names.as_ref().and_then(|names| names.other(self.form.text(0))).map(str::to_owned);
        let (Some(other), Walk::Upload { template, .. }) = (other, &mut self.walk) else { return Step::Stay };
        template.clone_from(&other);
        self.form.set_text(0, other);
        (self.form.problem, self.there) = (None, There::Looking);
        Step::Also(Command::LookAgain { profile: self.profile.name.clone(), walk: self.walk.clone() })
    }

    fn answer(&mut self) -> Step {
        if let Walk::Upload { template, .. } = &mut self.walk {
            if let Err(failure) = key::check_for_many(self.form.text(0)) {
                self.form.refuse(0, &failure);
                return Step::Stay;
            }
            self.form.text(0).clone_into(template);
        }
        let on_conflict = CHOICES.get(self.chosen()).copied().unwrap_or(OnConflict::Refuse);
        let (profile, walk, what) = (self.profile.clone(), self.walk.clone(), self.what.clone());
        Step::Do(Command::Walk { profile, walk, on_conflict, what })
    }
}

/// A path of a file in the first folder that is sent, from the folder that this is in.
fn sample(walk: &Walk) -> String {
    let Walk::Upload { paths, .. } = walk else { return String::new() };
    let folder = paths.first().map(|path| path.file_name().unwrap_or_default());
    folder.map_or_else(String::new, |folder| format!("{}/name.txt", folder.to_string_lossy()))
}
