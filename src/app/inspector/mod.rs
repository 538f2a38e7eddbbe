//! The inspector: everything about the row under the cursor, asked for once the cursor rests, and beneath it what can be
//! seen of its bytes. It belongs to the file pane that had the focus last.

mod ask;
mod fields;
mod file;
mod folding;
mod keys;
mod picture;
mod preview;
mod rows;
mod wrapping;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

pub use fields::{Field, Tone};
pub use rows::{InspectorRow, NAMES, text_columns};

use super::effect::{Effect, Question};
use super::outbox::Outbox;
use super::requests::Purpose;
use crate::domain::{Checksum, Failure, FileFacts, ObjectInfo, Record, Result};
use folding::Facts;
use preview::Seen;

/// How long the cursor rests before anything is asked: a HEAD of every row that is passed would be billed.
pub(super) const REST: TimeDelta = TimeDelta::milliseconds(150);

/// How long it rests where no key moved it: rows go away one after the other while transfers delete them.
pub(super) const CALM: TimeDelta = TimeDelta::seconds(1);

/// What is inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A local file or folder.
    File(PathBuf),
    /// An object, a record, or both.
    Object {
        /// Of which profile.
        profile: String,
        /// The key.
        key: String,
        /// What the file is called, where the key does not say it.
        name: Option<String>,
        /// Whose records are looked at; `None` is everyone's.
        user_id: Option<String>,
    },
    /// A prefix: nothing can be asked about it.
    Prefix(String),
}

/// What a list says of a file: its bytes, and when it was written.
pub(super) type Listed = (Option<u64>, Option<DateTime<Utc>>);

/// What is known of one side.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known<T> {
    /// It was not asked for yet.
    Unasked,
    /// It is on its way.
    Asked,
    /// This.
    Is(T),
    /// It could not be had.
    Failed(Failure),
}

impl<T> Known<T> {
    fn of(answer: Result<T>) -> Self {
        answer.map_or_else(Self::Failed, Self::Is)
    }

    fn get(&self) -> Option<&T> {
        if let Self::Is(known) = self { Some(known) } else { None }
    }
}

/// The inspector's state while it is open.
#[derive(Debug)]
pub struct Inspector {
    subject: Option<Subject>,
    /// What the list said of a local file when it was looked at last.
    listed: Option<Listed>,
    /// When it is asked about, unless the cursor moves on before; `None` once it was.
    due: Option<DateTime<Utc>>,
    record: Known<Option<Record>>,
    object: Known<Option<(ObjectInfo, Option<Checksum>)>>,
    file: Known<FileFacts>,
    seen: Seen,
    /// The first row shown.
    offset: usize,
    facts: Facts,
    /// The preview alone takes the whole room.
    zoomed: bool,
}

impl Inspector {
    /// Looks at nothing yet.
    pub(super) fn new() -> Self {
        Self {
            subject: None,
            listed: None,
            due: None,
            record: Known::Unasked,
            object: Known::Unasked,
            file: Known::Unasked,
            seen: Seen::default(),
            offset: 0,
            facts: Facts::default(),
            zoomed: false,
        }
    }

    /// What is inspected.
    pub fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// Whether the preview alone takes the whole room.
    pub fn is_zoomed(&self) -> bool {
        self.zoomed
    }

    /// Looks at something else, or at the same anew: what was asked is not waited for any more.
    fn turn_to(&mut self, subject: Option<Subject>, due: DateTime<Utc>, out: &mut Outbox) {
        self.give_up(out);
        let (facts, zoomed, listed) = (self.facts, self.zoomed, self.listed);
        *self = Self { due: subject.is_some().then_some(due), subject, facts, zoomed, listed, ..Self::new() };
    }

    /// The list says this of what is inspected: where that is something else, it is asked about again, and what was known
    /// stays until the answer is there.
    fn is_listed(&mut self, listed: Option<Listed>, now: DateTime<Utc>) {
        let changed = std::mem::replace(&mut self.listed, listed) != listed;
        if changed && self.due.is_none() {
            self.due = Some(now);
        }
    }

    /// Asks, if it is time. What is under way is let through: of a file that goes on changing something would never be seen.
    fn ask_if_due(&mut self, out: &mut Outbox) {
        if self.due.is_none_or(|due| due > out.now) {
            return;
        }
        let under_way = [Purpose::InspectFile, Purpose::Preview, Purpose::Picture];
        match under_way.iter().any(|purpose| out.requests.is_open(purpose)) {
            true => self.due = Some(out.now + CALM),
            false => self.ask(out),
        }
    }

    /// Does not wait for anything any more.
    fn give_up(&self, out: &mut Outbox) {
        use Purpose::{InspectFile, InspectObject, InspectRecord, Picture, Preview};
        for purpose in [InspectRecord, InspectObject, InspectFile, Preview, Picture] {
            out.give_up(&purpose);
        }
    }

    /// Asks about the subject.
    fn ask(&mut self, out: &mut Outbox) {
        self.due = None;
        match self.subject.clone() {
            Some(Subject::File(path)) => {
                if self.file.get().is_none() {
                    self.file = Known::Asked;
                }
                inquire(Purpose::InspectFile, Question::File(path), out);
            }
            Some(Subject::Object { profile, key, user_id, .. }) => {
                (self.record, self.object) = (Known::Asked, Known::Asked);
                let record = Question::Record { profile: profile.clone(), key: key.clone(), user_id };
                inquire(Purpose::InspectRecord, record, out);
                inquire(Purpose::InspectObject, Question::Object { profile, key }, out);
            }
            Some(Subject::Prefix(_)) | None => {}
        }
    }
}

/// Asks a question of the inspector's.
fn inquire(purpose: Purpose, question: Question, out: &mut Outbox) {
    out.ask(purpose, |request| Effect::Inspect { request, question });
}
