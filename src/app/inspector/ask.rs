//! The inspector follows the cursor: what is under it, when it is asked about, and what comes back.

use chrono::{DateTime, Utc};

use super::preview::Seen;
use super::{CALM, Inspector, Known, Listed, REST, Subject, inquire};
use crate::app::effect::Question;
use crate::app::message::Inspected;
use crate::app::requests::Purpose;
use crate::app::transfers::Ended;
use crate::app::{App, BucketRow, CatalogRow, LocalRow, Pane, ShelfRow, View};
use crate::domain::{FailureKind, Result};

impl App {
    /// The inspector, while it is open.
    pub fn inspector(&self) -> Option<&Inspector> {
        self.inspector.as_deref()
    }

    /// Opens the inspector, which asks at once, or closes it.
    pub(in crate::app) fn toggle_inspector(&mut self) {
        if self.close_inspector() {
            return;
        }
        let mut inspector = Inspector::new();
        inspector.listed = self.listed_under_cursor();
        inspector.turn_to(self.under_cursor(), self.out.now, &mut self.out);
        self.inspector = Some(Box::new(inspector));
        self.zoomed = false;
    }

    /// Closes it; whether it was open.
    pub(in crate::app) fn close_inspector(&mut self) -> bool {
        let Some(inspector) = self.inspector.take() else { return false };
        inspector.give_up(&mut self.out);
        true
    }

    /// Turns to what is under the cursor now, and asks about it once the cursor has rested there.
    pub(in crate::app) fn follow_cursor(&mut self) {
        if !self.is_inspector_drawn() {
            return;
        }
        let (under, listed) = (self.under_cursor(), self.listed_under_cursor());
        let rest = if self.is_at_the_keys() { REST } else { CALM };
        let (Some(inspector), out) = (&mut self.inspector, &mut self.out) else { return };
        if inspector.subject != under {
            inspector.turn_to(under, out.now + rest, out);
        }
        inspector.is_listed(listed, out.now);
        inspector.ask_if_due(out);
    }

    /// When it has something to ask without a key being pressed, UTC.
    pub(in crate::app) fn inspection_due(&self) -> Option<DateTime<Utc>> {
        self.inspector.as_ref()?.due.filter(|_| self.is_inspector_drawn())
    }

    /// What nobody sees is not asked for: each question may cost money.
    fn is_inspector_drawn(&self) -> bool {
        self.inspector.is_some() && self.layout().inspector.is_some()
    }

    /// Asks again about what is inspected.
    pub(in crate::app) fn inspect_again(&mut self) {
        if let Some(inspector) = &mut self.inspector {
            let subject = inspector.subject.take();
            inspector.turn_to(subject, self.out.now, &mut self.out);
        }
    }

    /// Asks again where a transfer has changed what is inspected.
    pub(in crate::app) fn inspect_anew(&mut self, done: &[&Ended]) {
        let Some(Subject::Object { profile, key, .. }) = self.inspector().and_then(Inspector::subject) else { return };
        if done.iter().any(|end| end.profile == *profile && *end.key == **key) {
            self.inspect_again();
        }
    }

    /// What is under the cursor of the file pane that had the focus last.
    pub(super) fn under_cursor(&self) -> Option<Subject> {
        match self.files {
            Pane::Local => match self.browser.current()? {
                LocalRow::Parent => None,
                LocalRow::Entry(entry) => Some(Subject::File(self.browser.folder().join(&entry.name))),
            },
            _ => self.remote_under_cursor(),
        }
    }

    /// What the list says of the local file under the cursor.
    fn listed_under_cursor(&self) -> Option<Listed> {
        let current = if self.files == Pane::Local { self.browser.current() } else { None };
        match current? {
            LocalRow::Parent => None,
            LocalRow::Entry(entry) => Some((entry.size, entry.modified)),
        }
    }

    fn remote_under_cursor(&self) -> Option<Subject> {
        let profile = self.remote.profile()?.name.clone();
        let (user_id, cursor) = (self.remote.user().map(str::to_owned), self.remote.list().cursor());
        let object = |key: &str, name: Option<&str>| {
            let (key, name) = (key.to_owned(), name.map(str::to_owned));
            Subject::Object { profile, key, name, user_id }
        };
        match self.remote.view() {
            View::Catalog => match self.remote.catalog().row(cursor)? {
                CatalogRow::Parent => None,
                CatalogRow::Entry(ShelfRow::Folder(prefix), _) => Some(Subject::Prefix(prefix.to_string())),
                CatalogRow::Entry(row, _) => Some(object(row.key(), None)),
            },
            View::Bucket => match self.remote.bucket().row(cursor)? {
                BucketRow::Parent => None,
                BucketRow::Entry(row, _) if row.is_prefix() => Some(Subject::Prefix(row.key.to_string())),
                BucketRow::Entry(row, _) => Some(object(&row.key, row.name.as_deref())),
            },
        }
    }

    /// Takes over what was found out.
    pub(in crate::app) fn inspected(&mut self, found: Inspected) {
        if let Inspected::Object(object) = &found {
            self.remote.object_asked(object.as_ref().err());
        }
        let (Some(inspector), out) = (&mut self.inspector, &mut self.out) else { return };
        match found {
            Inspected::Record(record) => inspector.record = Known::of(record),
            Inspected::Object(object) => {
                inspector.object = Known::of(there(object));
                inspector.look(out);
            }
            Inspected::File(file) => {
                inspector.file = Known::of(file);
                inspector.look(out);
            }
            Inspected::Preview(preview) => inspector.seen.arrived(preview),
            Inspected::Picture(picture) => inspector.seen.canvas.arrived(picture),
        }
    }
}

impl Inspector {
    /// Asks for the first of its bytes, now that it is known how many there are; what was seen before was of another one.
    fn look(&mut self, out: &mut crate::app::outbox::Outbox) {
        self.seen = Seen::default();
        if let Some(source) = self.source() {
            self.seen.begin();
            inquire(Purpose::Preview, Question::Preview { source, next: None }, out);
        }
    }

    /// Reads on where what is read so far ends near what is shown.
    pub(super) fn read_on(&mut self, near: bool, out: &mut crate::app::outbox::Outbox) {
        let Some(next) = self.seen.wants(near) else { return };
        if let Some(source) = self.source() {
            inquire(Purpose::Preview, Question::Preview { source, next: Some(next) }, out);
        }
    }
}

/// An object that is not there is an answer, too.
fn there<T>(answer: Result<Option<T>>) -> Result<Option<T>> {
    match answer {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
        answer => answer,
    }
}
