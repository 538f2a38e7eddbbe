//! The lines that commands print about records, objects and transfers: their JSON fields are fixed by DESIGN.md section
//! 7, their form for people keeps to columns, the key last so that it is never cut.

mod told;

use std::iter::zip;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::output::Line;
use crate::catalog::rules;
use crate::domain::display::{display, display_path, fit, width};
use crate::domain::transfer::{Hold, TransferView, Versions};
use crate::domain::{ObjectInfo, Record, TransferId, TransferKind, TransferState, format, key};
use crate::storage::ObjectStore;
use crate::transfer::NewTransfer;
use crate::transfer::beneath::Nothing;
use told::Told;

/// A moment as JSON writes it: RFC 3339, UTC, to the second unless there is more.
pub fn rfc3339(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// One line of `ls`.
#[derive(Debug, Serialize)]
pub struct Entry {
    key: String,
    name: String,
    size: Option<u64>,
    content_type: Option<String>,
    uploaded_at: Option<String>,
    user_id: Option<String>,
    url: Option<String>,
    state: &'static str,
    #[serde(skip)]
    when: Option<DateTime<Utc>>,
}

impl Entry {
    /// A record. `ok` once Windlass has seen that the object is what the record says, else `unknown`.
    pub fn of_record(record: Record) -> Self {
        let state = if record.verified_at.is_some() { "ok" } else { "unknown" };
        Self {
            name: key::name(&record.key).into(),
            key: record.key,
            size: record.size,
            content_type: record.content_type,
            uploaded_at: record.uploaded_at.map(rfc3339),
            user_id: Some(record.user_id),
            url: record.url,
            state,
            when: record.uploaded_at,
        }
    }

    /// Objects of the bucket, whose records nobody looked at.
    pub async fn of_objects(objects: Vec<ObjectInfo>, store: &dyn ObjectStore) -> Vec<Self> {
        let keys: Vec<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let urls = store.file_urls(&keys).await;
        zip(objects, urls).map(|(object, url)| Self::of_object(object, url)).collect()
    }

    fn of_object(object: ObjectInfo, url: Option<String>) -> Self {
        Self {
            name: object.name.unwrap_or_else(|| key::name(&object.key).into()),
            url: rules::url(url),
            key: object.key,
            size: Some(object.size),
            content_type: object.content_type,
            uploaded_at: object.modified.map(rfc3339),
            user_id: None,
            state: "unknown",
            when: object.modified,
        }
    }
}

impl Line for Entry {
    fn text(&self) -> Option<String> {
        let size = self.size.map_or_else(|| "?".into(), format::size);
        let when = self.when.map_or_else(|| "?".into(), |when| format::date(when, Utc::now()));
        let kind = display(self.content_type.as_deref().unwrap_or("-"));
        let mut line = format!("{size:>10}  {when:<11}  {}  {}", padded(&kind, 24), display(&self.key));
        // Where the store makes the keys, the file's own name says more.
        if !self.key.ends_with(&self.name) {
            line.push_str(&format!("  {}", display(&self.name)));
        }
        Some(line)
    }
}

/// Text in so many columns: cut or filled.
pub fn padded(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(&text))))
}

/// One line of `transfers`, `upload`, `download`, `rm` and `resume`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    /// Its name; what was refused before it was queued has none.
    id: Option<TransferId>,
    kind: &'static str,
    path: Option<String>,
    key: String,
    size: Option<u64>,
    sent: u64,
    url: Option<String>,
    state: &'static str,
    error: Option<String>,
    #[serde(skip)]
    told: Told,
}

/// Whether it has begun, and no process is at it: to be asked by one that runs none.
pub fn is_interrupted(view: &TransferView) -> bool {
    let told = Told::from(view);
    told.is_interrupted() && told.stopped().is_none()
}

/// The state as people are told it.
pub fn state(view: &TransferView) -> &'static str {
    Told::from(view).state()
}

impl From<&TransferView> for Job {
    fn from(view: &TransferView) -> Self {
        let transfer = &view.transfer;
        Self {
            id: Some(transfer.id),
            kind: transfer.kind.name(),
            path: transfer.path.as_ref().map(|path| path.to_string_lossy().into_owned()),
            key: transfer.key.to_string(),
            size: transfer.size,
            sent: view.sent,
            url: rules::url(transfer.url.as_deref().map(str::to_owned)),
            state: transfer.state.name(),
            error: transfer.error.as_ref().map(|failure| match transfer.state {
                // It was skipped, as was asked for: no flag would help.
                TransferState::Done => failure.what.clone(),
                _ => super::advice::sentence(failure),
            }),
            told: view.into(),
        }
    }
}

impl Job {
    /// One that was queued just now.
    pub fn queued(id: TransferId, job: NewTransfer) -> Self {
        Self {
            id: Some(id),
            kind: job.kind.name(),
            path: job.path.map(|path| path.to_string_lossy().into_owned()),
            key: job.key,
            size: job.size,
            sent: 0,
            url: None,
            state: TransferState::Queued.name(),
            error: None,
            told: Told::new(job.kind, TransferState::Queued, job.versions),
        }
    }

    /// One that was not even queued, because its key or prefix stands for nothing.
    pub fn in_vain(kind: TransferKind, nothing: Nothing) -> Self {
        Self {
            id: None,
            kind: kind.name(),
            path: None,
            key: nothing.key,
            size: None,
            sent: 0,
            url: None,
            state: TransferState::Failed.name(),
            error: Some(nothing.failure.sentence()),
            told: Told::new(kind, TransferState::Failed, Versions::Seen),
        }
    }

    /// With what holds up its whole profile as the reason, where something does.
    #[must_use]
    pub fn held_by(self, hold: Option<&Hold>) -> Self {
        let error = hold.map(|hold| super::advice::sentence(&hold.failure)).or(self.error);
        Self { error, ..self }
    }

    /// What it is about, as it may be shown: the file for an upload, else the key.
    pub fn subject(&self) -> String {
        match (self.told.kind, &self.path) {
            (TransferKind::Upload, Some(path)) => display_path(std::path::Path::new(path)),
            _ => display(&self.key).into_owned(),
        }
    }

    /// Why it failed or what it waits for, naming what it is about where the reason does not.
    pub fn complaint(&self) -> String {
        let reason = self.error.as_deref().unwrap_or(self.state);
        let subject = self.subject();
        if display(reason).contains(&subject) { reason.into() } else { format!("{subject}: {reason}") }
    }
}

/// What became of it; nothing for what did not end well, which standard error tells.
impl Line for Job {
    fn text(&self) -> Option<String> {
        let (subject, key) = (self.subject(), display(&self.key));
        let size = self.size.map(|size| format!(", {}", format::size(size))).unwrap_or_default();
        match (self.told.state, self.told.kind) {
            (TransferState::Done, TransferKind::Upload) if self.error.is_none() && self.path.is_none() => {
                Some(format!("uploaded standard input as {key}{size}"))
            }
            (TransferState::Done | TransferState::Cancelled, _) if self.error.is_some() => Some(self.complaint()),
            (TransferState::Done, TransferKind::Upload) => Some(format!("uploaded {subject} as {key}{size}")),
            (TransferState::Done, TransferKind::Download) => {
                let path = self.path.as_deref().map(|path| display_path(std::path::Path::new(path)));
                Some(format!("downloaded {key} to {}{size}", path.unwrap_or_default()))
            }
            (TransferState::Done, TransferKind::Delete) if self.told.versions == Versions::Hidden => {
                Some(format!("purged what is hidden of {key}"))
            }
            (TransferState::Done, TransferKind::Delete) => Some(format!("deleted {key}")),
            (TransferState::Done, TransferKind::Request) => Some(format!("recorded {key}{size}")),
            (TransferState::Queued, kind) => {
                self.id.map(|id| format!("queued the {} of {subject} as {id}", kind.name()))
            }
            (TransferState::Cancelled, kind) => Some(format!("cancelled the {} of {subject}", kind.name())),
            _ => None,
        }
    }
}

/// One line of the queue: the same fields and whose it is, in columns for people.
#[derive(Debug, Serialize)]
pub struct QueueRow {
    #[serde(flatten)]
    job: Job,
    /// All that is in the queue has a name.
    #[serde(skip)]
    id: TransferId,
    profile: String,
}

impl QueueRow {
    /// What stands above the columns.
    pub const HEADING: &str =
        "ID                                    KIND      STATE       SENT                  PROFILE     KEY";

    /// As the queue shows it, with what holds up its whole profile.
    pub fn of(view: &TransferView, hold: Option<&Hold>) -> Self {
        let (id, profile) = (view.transfer.id, view.transfer.profile.name.clone());
        Self { job: Job::from(view).held_by(hold), id, profile }
    }

    /// Without what another process could not find and this one can: its profile.
    #[must_use]
    pub fn with_its_profile(mut self, view: &TransferView) -> Self {
        if view.transfer.error.as_ref().is_some_and(|error| error.lacks_profile()) {
            self.job.error = None;
        }
        self
    }
}

/// Nobody has come; once the URL has ended, only a last look tells whether anybody did.
fn waits_until(end: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let moment = format::moment(end);
    match end > now {
        true => format!("waits for an upload until {moment}"),
        false => format!("its URL ended {moment}: an open screen looks once more whether it is there"),
    }
}

impl Line for QueueRow {
    fn text(&self) -> Option<String> {
        let job = &self.job;
        let size = job.size.map_or_else(|| "?".into(), format::size);
        let sent = padded(&format!("{} of {size}", format::size(job.sent)), 20);
        let profile = padded(&display(&self.profile), 10);
        let mut line =
            format!("{}  {:<8}  {:<10}  {sent}  {profile}  {}", self.id, job.kind, job.told.state(), display(&job.key));
        if let Some(refused) = job.told.stopped() {
            line.push_str(&format!("\n    {}", refused.advice()));
        } else if job.told.is_interrupted() {
            line.push_str("\n    interrupted, no Windlass runs it: windlass resume goes on with it");
        } else if let Some(seconds) = job.told.next_try_in.filter(|_| job.told.waits_until.is_none()) {
            line.push_str(&format!("\n    next try in {}", format::span(seconds)));
        }
        if let Some(end) = job.told.waits_until {
            line.push_str(&format!("\n    {}", waits_until(end, Utc::now())));
        }
        if job.told.elsewhere {
            line.push_str("\n    another Windlass runs it");
        }
        if let Some(error) = &job.error {
            line.push_str(&format!("\n    {}", display(error)));
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cli::fixtures::view;
    use crate::domain::{Failure, FailureKind};

    #[test]
    fn what_the_credentials_stopped_is_not_said_to_be_sending() {
        let mut sending = view(TransferId::fresh(), TransferState::Sending, 0, None);
        let told = |view: &TransferView| QueueRow::of(view, None).text().unwrap();
        assert!(told(&sending).contains("sending") && told(&sending).contains("interrupted"));
        let wrong = Failure::new(FailureKind::Credentials, "the bucket refuses the access key");
        Arc::make_mut(&mut sending.transfer).error = Some(wrong.into());
        let said = told(&sending);
        assert!(said.contains("stopped") && said.contains("windlass resume once they are right"), "{said}");
        assert!(said.contains("refuses the access key"), "{said}");
        assert!(!said.contains("sending") && !said.contains("interrupted"), "{said}");
        let json = serde_json::to_value(QueueRow::of(&sending, None)).unwrap();
        assert_eq!(json["state"], "sending", "as its life has it");
        sending.elsewhere = true;
        assert!(told(&sending).contains("sending"), "another Windlass has it");
    }

    #[test]
    fn what_a_wrong_clock_stopped_does_not_wait_for_other_credentials() {
        let mut sending = view(TransferId::fresh(), TransferState::Sending, 0, None);
        let late = Failure::new(FailureKind::Credentials, "the clock is an hour late").by_the_clock();
        Arc::make_mut(&mut sending.transfer).error = Some(late.into());
        let said = QueueRow::of(&sending, None).text().unwrap();
        assert!(said.contains("stopped") && !said.contains("credentials"), "{said}");
        assert!(said.contains("it waits for this machine's clock: windlass resume once it is right"), "{said}");
    }

    #[test]
    fn a_request_does_not_wait_until_a_time_that_has_passed() {
        let now = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(9);
        let told = |seconds| waits_until(now + chrono::TimeDelta::seconds(seconds), now);
        assert!(told(1).starts_with("waits for an upload until "));
        assert!(told(0).starts_with("its URL ended ") && told(-1).contains("looks once more"));
    }
}
