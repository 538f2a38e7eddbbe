//! Uploads that somebody else is asked for: the question, the URL and what goes with it, shown once more while it is good;
//! and the records of objects that are up already.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::App;
use super::deletes::{place, whose};
use super::dialog::{BeneathDialog, Command, Confirm, Copies, Dialog, LinkDialog, RequestDialog};
use super::effect::{Countable, Effect, Job, Walk, WantedObject, WantedRequest};
use super::message::{LinkText, RequestText};
use super::requests::Purpose;
use super::walks::prefixes_name;
use crate::config::Profile;
use crate::domain::transfer::{OnConflict, ProfileIdentity, TransferView};
use crate::domain::{Result, SecretUrl, TransferId, TransferKind, TransferState, format};

impl App {
    /// Asks what somebody else is to upload.
    pub(super) fn ask_request(&mut self) {
        let Some(profile) = self.remote.profile() else { return };
        let prefix = self.remote.prefix().to_owned();
        let dialog = RequestDialog::new(profile.identity().into(), prefix);
        self.out.open(Dialog::Request(dialog));
    }

    /// Signs the upload and has it watched.
    pub(super) fn request(&mut self, profile: Arc<ProfileIdentity>, wanted: WantedRequest) {
        let purpose = Purpose::Request { asked: Some(wanted.seconds), profile: profile.name.clone() };
        self.out.ask(purpose, |request| Effect::Request { request, profile, wanted });
    }

    /// Shows the URL of a request once more.
    pub(super) fn show_request(&mut self, id: TransferId) {
        let Some(transfer) = self.transfers.find(id).map(|view| view.transfer.clone()) else { return };
        let purpose = Purpose::Request { asked: None, profile: transfer.profile.name.clone() };
        self.out.ask(purpose, |request| Effect::ShowRequest { request, transfer });
    }

    /// Shows what the uploader needs, and copies the line for a shell.
    pub(super) fn requested(&mut self, asked: Option<u64>, profile: &str, text: Result<RequestText>) {
        let text = match text {
            Ok(text) => text,
            Err(failure) => return self.out.fail(&failure),
        };
        let good_for = self.good_until(text.expires_at, asked);
        let dialog = LinkDialog {
            noun: "upload request",
            copies: Copies::One(0),
            links: texts(text),
            good_for: Some(good_for),
            note: self.link_note_of(profile),
            said: None,
            offset: 0,
        };
        self.copy(dialog.text(), None);
        self.out.open(Dialog::Link(dialog));
    }

    /// Has the record of the chosen object written, or asks about those of many, and about one that nobody sees: what has none
    /// gets one.
    pub(super) fn record(&mut self) {
        let Some(profile) = self.remote.profile().cloned() else { return };
        let (mut objects, _) = self.remote.chosen_objects();
        let prefixes = self.remote.chosen_prefixes();
        if prefixes.is_empty() && objects.len() == 1 && self.about_hidden_marks().is_none() {
            let jobs = objects.pop().map(|object| record_job(object.key)).into_iter().collect();
            return self.enqueue(profile.identity().into(), jobs);
        }
        if !prefixes.is_empty() || !objects.is_empty() {
            self.ask_record(&profile, prefixes, objects);
        }
    }

    fn ask_record(&mut self, profile: &Profile, prefixes: Vec<String>, objects: Vec<WantedObject>) {
        let what = Countable::Recorded { prefixes: prefixes.clone(), objects: objects.clone() };
        let request = self.count(&profile.name, what);
        let place = place(&prefixes, objects.len());
        let mut question = question(profile, prefixes, objects);
        question.lines.extend(self.about_hidden_marks());
        self.out.open(Dialog::Beneath(BeneathDialog::recording(question, place, request)));
    }

    /// What cancelling these leaves: URLs that others still have, also those of requests that are paused.
    pub(super) fn urls_that_stay(open: &[&TransferView], now: DateTime<Utc>) -> Option<String> {
        let handed_out = open.iter().filter(|view| shows_url(view));
        let last = handed_out.filter_map(|view| view.transfer.url_ends()).max().filter(|last| *last >= now)?;
        Some(format!("What comes by the URL of an upload request until {} gets no record.", format::moment(last)))
    }
}

fn record_job(key: String) -> Job {
    Job {
        kind: TransferKind::Request,
        key,
        path: None,
        size: None,
        on_conflict: OnConflict::Refuse,
        without_record: false,
    }
}

/// The question before many records are written; what was counted is not in it yet.
fn question(profile: &Profile, prefixes: Vec<String>, objects: Vec<WantedObject>) -> Confirm {
    let what = prefixes_name(&prefixes, objects.len());
    let title = match prefixes.as_slice() {
        [prefix] if objects.is_empty() => format!("Write the records of everything beneath {prefix}?"),
        [] if objects.len() == 1 => "Write the record of 1 object?".to_owned(),
        _ => format!("Write the records of {what}?"),
    };
    let user = profile.user_id.as_ref().map_or_else(String::new, |user| format!(", for the user {user}"));
    let lines = vec![
        format!("of bucket {}, in {}{user}", profile.bucket(), profile.catalog_identity()),
        whose(profile),
        "What has no record gets one; records that are there stay as they are, and so does every object.".into(),
    ];
    let names: Vec<String> = prefixes.iter().chain(objects.iter().map(|object| &object.key)).cloned().collect();
    let walk = Walk::Record { prefixes, objects };
    let (profile, on_conflict) = (profile.identity().into(), OnConflict::Refuse);
    let command = Command::Walk { profile, walk, on_conflict, what: format!("{what} to record") };
    Confirm::harmless(title, lines, "write them", command).naming(names.iter().map(String::as_str))
}

/// Whether somebody may still upload by its URL.
pub(crate) fn is_waiting(view: &TransferView) -> bool {
    (view.transfer.kind, view.transfer.state) == (TransferKind::Request, TransferState::Waiting)
}

/// Whether its URL may be shown once more: somebody may still upload by it, also while it is paused.
pub(crate) fn shows_url(view: &TransferView) -> bool {
    let transfer = &view.transfer;
    let paused = transfer.state == TransferState::Paused && transfer.asked.is_some() && transfer.stored_at.is_none();
    is_waiting(view) || paused
}

/// What the uploader needs, what is copied first.
fn texts(text: RequestText) -> Vec<LinkText> {
    let headers: Vec<String> = text.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let row = |key: &str, text| LinkText { key: key.to_owned(), text, expires_at: None };
    vec![
        row("a line for a shell beside the file (y)", text.curl),
        row("or a PUT to this URL (u)", text.url),
        row("with exactly these headers", SecretUrl::new(headers.join(" · "))),
        row("makes this object", SecretUrl::new(text.key)),
    ]
}
