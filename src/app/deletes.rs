//! Deletes: asked about first, with how many, how large, from where, and whose profile that is. What is beneath prefixes is
//! counted while the question stands, and looked for again when it is queued, so that no list of it is ever in memory.

use super::database::Database;
use super::dialog::{BeneathDialog, Command, Confirm, Dialog};
use super::effect::{Countable, Effect, Job, RequestId, Walk, WantedObject};
use super::guard::ONLY_MINE;
use super::message::Counted;
use super::walks::{prefixes_name, weighed};
use super::{App, View};
use crate::config::Profile;
use crate::domain::transfer::OnConflict;
use crate::domain::{Result, TransferKind, format};

/// Of so many keys at most the older versions are counted before a delete: each is a question of its own.
const LOOKED_FOR: usize = 16;

impl App {
    /// Asks whether what is chosen in Remote is to be deleted.
    pub(super) fn delete(&mut self) {
        let Some(profile) = self.remote.profile().cloned() else { return };
        let (objects, _) = self.remote.chosen_objects();
        let prefixes = self.remote.chosen_prefixes();
        if !prefixes.is_empty() && self.hides_others() {
            self.say_with_keys(ONLY_MINE);
        } else if !prefixes.is_empty() {
            self.ask_delete_beneath(&profile, prefixes, objects);
        } else if !objects.is_empty() {
            let without_record = self.remote.view() == View::Bucket;
            let question = question(&profile, &objects, without_record, &self.end_of_deleted());
            let keys = objects.iter().map(|object| object.key.clone()).collect();
            let question = self.as_things_stand(question, without_record);
            let question = self.with_hidden(question, &profile, keys, Vec::new());
            self.out.open(Dialog::Confirm(question));
        }
    }

    /// Whether a folder may have more in it than its view tells of.
    fn hides_others(&self) -> bool {
        self.remote.view() == View::Catalog && self.remote.user().is_some()
    }

    fn ask_delete_beneath(&mut self, profile: &Profile, prefixes: Vec<String>, objects: Vec<WantedObject>) {
        let request = self.count(&profile.name, Countable::Objects(prefixes.clone()));
        let (beside, place) = (weighed(&objects), place(&prefixes, objects.len()));
        let keys = objects.iter().map(|object| object.key.clone()).collect();
        let question = question_beneath(profile, prefixes.clone(), objects, &self.end_of_deleted());
        let mut question = self.as_things_stand(question, true);
        let narrow = self.remote.narrowing().words();
        if !narrow.is_empty() {
            question.lines.insert(1, format!("That only {narrow} is shown does not count: every file beneath goes."));
        }
        let question = self.with_hidden(question, profile, keys, prefixes);
        self.out.open(Dialog::Beneath(BeneathDialog::new(question, place, request, beside)));
    }

    /// Says which marks are meant that nobody sees, and what waits while the database is away.
    fn as_things_stand(&self, mut question: Confirm, without_record: bool) -> Confirm {
        // Right behind the bucket, where the smallest screen has room for it.
        question.lines.splice(1..1, self.about_hidden_marks());
        if matches!(self.remote.database(), Database::Away(_) | Database::Asleep(_)) {
            let what = if without_record {
                "objects go at once, records when it is back"
            } else {
                "all waits until it is back"
            };
            question.lines.push(format!("The database is away: {what}."));
        }
        question
    }

    /// Counts what stays hidden where the bucket keeps older versions: beneath prefixes, and of a few keys.
    fn with_hidden(
        &mut self,
        mut question: Confirm,
        profile: &Profile,
        keys: Vec<String>,
        prefixes: Vec<String>,
    ) -> Confirm {
        if self.store.is_none_or(|store| store.versions.is_err()) {
            return question;
        }
        if keys.len() > LOOKED_FOR {
            let text = format!(
                "Older versions stay hidden, if there are any: of more than {LOOKED_FOR} they are not counted."
            );
            question.lines.push(text);
            return question;
        }
        let request = self.count(&profile.name, Countable::Hidden { keys, prefixes });
        question.counting_hidden(request)
    }

    /// What becomes of an object that is deleted, as a sentence.
    fn end_of_deleted(&self) -> String {
        let instead = self.store.and_then(|store| store.delete_is_final.err());
        format!("{}.", instead.unwrap_or("This cannot be undone"))
    }

    /// More was counted for a question, or all of it.
    pub(super) fn counting(&mut self, request: RequestId, counted: Result<Counted>, ended: bool) {
        self.hidden_counted(request, &counted, ended);
        let dialogs = self.dialog.iter_mut().chain(self.opening.waiting()).chain(&mut self.out.dialogs);
        for dialog in dialogs {
            match dialog {
                Dialog::Beneath(asking) if asking.request == request => {
                    asking.counted(asking.count.with(&counted, ended));
                }
                Dialog::Tree(asking) if asking.request == request => {
                    asking.counted(asking.count.with(&counted, ended));
                }
                Dialog::Tree(asking) if ended => asking.looked(request, &counted),
                Dialog::Confirm(asking) | Dialog::Beneath(BeneathDialog { question: asking, .. })
                    if asking.staying == Some(request) =>
                {
                    asking.hidden_counted(&counted, ended);
                }
                _ => {}
            }
        }
    }

    /// Closes the dialog, and ends what goes on for it alone.
    pub(super) fn close_dialog(&mut self) {
        self.spots.clear();
        let requests = match self.dialog.take() {
            Some(Dialog::Beneath(dialog)) => vec![Some(dialog.request), dialog.question.staying],
            Some(Dialog::Tree(dialog)) => vec![Some(dialog.request), dialog.looking],
            Some(Dialog::Confirm(dialog)) => vec![dialog.staying],
            Some(Dialog::Doctor(dialog)) => vec![Some(dialog.request)],
            Some(Dialog::Bucket(dialog)) => vec![dialog.counting],
            Some(Dialog::Newcomer(form)) => return self.keep_newcomer(form),
            _ => return,
        };
        requests.into_iter().flatten().for_each(|request| self.end(request));
    }

    /// Ends what goes on for a dialog alone.
    pub(super) fn end(&mut self, request: RequestId) {
        if self.out.requests.close(request).is_some() {
            self.out.push(Effect::Cancel(request));
        }
    }
}

/// What is counted before everything beneath prefixes goes.
pub(super) fn place(prefixes: &[String], objects: usize) -> String {
    let name = prefixes_name(prefixes, objects);
    if prefixes.len() == 1 && objects == 0 { format!("beneath {name}") } else { name }
}

/// The question before objects are deleted.
fn question(profile: &Profile, objects: &[WantedObject], without_record: bool, end: &str) -> Confirm {
    let jobs = objects.iter().map(|object| Job {
        kind: TransferKind::Delete,
        key: object.key.clone(),
        path: None,
        size: object.size,
        on_conflict: OnConflict::Refuse,
        without_record,
    });
    let command = Command::Enqueue { profile: profile.identity().into(), jobs: jobs.collect() };
    let title = match objects {
        [_] => "Delete 1 object?".to_owned(),
        _ => format!("Delete {} objects?", format::count(objects.len() as u64)),
    };
    let what = match (objects, without_record) {
        ([_], true) => "The object goes, and the record if it can be seen; a hidden record may stay behind.",
        ([_], false) => "The object goes, then its record.",
        (_, true) => "The objects go, and the records that can be seen; a hidden record may stay behind.",
        (_, false) => "The objects go, then their records.",
    };
    let lines =
        vec![format!("from bucket {}, {}", profile.bucket(), weight(objects)), whose(profile), format!("{end} {what}")];
    Confirm::danger(title, lines, "delete", command).naming(objects.iter().map(|object| object.key.as_str()))
}

/// The question before everything beneath prefixes is deleted; what was counted is not in it yet.
fn question_beneath(profile: &Profile, prefixes: Vec<String>, objects: Vec<WantedObject>, end: &str) -> Confirm {
    let what = prefixes_name(&prefixes, objects.len());
    let title = match (prefixes.as_slice(), objects.as_slice()) {
        ([prefix], []) => format!("Delete everything beneath {prefix}?"),
        _ => format!("Delete {what}?"),
    };
    let lines = vec![
        format!("from bucket {}", profile.bucket()),
        whose(profile),
        format!("{end} Everything beneath goes, with a record or without one; a hidden record may stay behind."),
    ];
    let keys = prefixes.iter().chain(objects.iter().map(|object| &object.key));
    let names: Vec<String> = keys.cloned().collect();
    let command = Command::Walk {
        profile: profile.identity().into(),
        walk: Walk::Delete { prefixes, objects },
        on_conflict: OnConflict::Refuse,
        what: format!("{what} to delete"),
    };
    Confirm::danger(title, lines, "delete", command).naming(names.iter().map(String::as_str))
}

pub(super) fn whose(profile: &Profile) -> String {
    format!("profile {} ({})", profile.name, profile.source.label())
}

/// What objects weigh, as far as is known.
fn weight(objects: &[WantedObject]) -> String {
    let known: u64 = objects.iter().filter_map(|object| object.size).sum();
    let unknown = objects.iter().filter(|object| object.size.is_none()).count();
    match unknown {
        0 => format::size(known),
        _ if unknown == objects.len() => "size unknown".into(),
        _ => format!("{} and {unknown} of unknown size", format::size(known)),
    }
}
