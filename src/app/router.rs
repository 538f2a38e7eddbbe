//! From a message to the area that it concerns, and from what the areas asked for to the effects of one update.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::catalog::CatalogPage;
use super::dialog::{ConflictDialog, Dialog};
use super::effect::{Effect, QueueCommand, RequestId};
use super::message::{Answer, Message, Plan};
use super::notices::Level;
use super::requests::Purpose;
use super::transfers::News;
use super::{App, Pane};
use crate::domain::transfer::{ProfileIdentity, QueueView};
use crate::domain::{Failure, FailureKind, ListPage, Result, TransferKind, TransferState, format};

/// What notices about the queue's work are about: how it stands last counts.
const QUEUE: &str = "queue";

impl App {
    /// Takes over what happened; answers what is to be done about it.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        self.at(message.now());
        match message {
            Message::Input { event, .. } => {
                self.input(&event);
                self.open_asked();
            }
            // A timer that fired a little early has to be set again.
            Message::Tick { .. } => self.wake = None,
            Message::Queue { view, .. } => self.queue_moved(view),
            Message::Answer { request, answer, .. } => {
                // What others do in a folder nobody has asked for.
                let awaited = self.is_awaited(request) && answer != Answer::FolderChanged;
                self.answer(request, answer, awaited);
                self.catch_up();
                if awaited {
                    self.open_asked();
                }
                self.hand_to_called();
            }
            Message::Walking { request, found, queued, .. } => self.walking(request, found, queued),
            Message::Examined { request, finding, .. } => self.examined(request, finding),
            Message::Counting { request, counted, .. } => self.counting(request, Ok(counted), false),
            Message::Kept { kept, .. } => self.text_found(kept),
            Message::Warning { failure, .. } => self.out.warn(&failure),
            Message::Resumed { .. } => self.out.push(Effect::Redraw),
        }
        self.finish()
    }

    /// Does what time alone brings about.
    fn at(&mut self, now: DateTime<Utc>) {
        self.out.now = now;
        self.out.notices.expire(now);
        self.remote.tick(&mut self.out);
        self.browser.tick(&mut self.out);
    }

    /// Takes over the queue as it stands now.
    fn queue_moved(&mut self, view: Arc<QueueView>) {
        let before = self.bucket_of_transfers();
        let catalog_before = self.catalog_of_transfers().map(|failure| failure.kind);
        let news = self.transfers.arrived(view, self.out.now, self.focus == Pane::Transfers, &self.keymap);
        let since = self.bucket_of_transfers();
        if since.is_some() && since != before {
            self.remote.bucket_stops();
        }
        let catalog_since = self.catalog_of_transfers().cloned();
        if catalog_since.as_ref().map(|failure| failure.kind) != catalog_before {
            self.remote.database_stops(catalog_since.as_ref());
        }
        if self.focus != Pane::Transfers && self.transfers.list().marked() == 0 {
            // Whoever is elsewhere wants to see what runs, not where they were.
            self.transfers.list_mut().go(0);
        }
        self.refresh_details();
        self.forget_those_under_way();
        self.tell(news);
    }

    /// What every update ends with.
    pub(super) fn finish(&mut self) -> Vec<Effect> {
        self.open_waiting();
        match self.dialog {
            Some(_) => self.out.notices.cover(self.out.now),
            None => self.out.notices.uncover(),
        }
        self.grow_old();
        self.retitle();
        self.follow_cursor();
        self.fit();
        self.preview_on();
        self.draw_picture();
        self.browser.weigh();
        self.remote.weigh();
        if self.layout().pane(Pane::Remote).is_some() {
            self.remote.read_on(&mut self.out);
        }
        self.schedule();
        self.out.take_effects()
    }

    /// Asks to be woken for the next thing that time brings about, once.
    fn schedule(&mut self) {
        let lists = [self.remote.next_moment(), self.browser.next_moment()];
        let notices = self.out.notices.next_moment(self.out.now);
        let transfers = self.transfers.next_moment(self.out.now);
        let look = self.announces_look_at().filter(|from| *from > self.out.now);
        let own = [notices, transfers, self.title_due(), self.inspection_due(), self.listens_at(), look];
        let moments = lists.into_iter().chain(own);
        let next = moments.flatten().min();
        if let Some(moment) = next.filter(|_| next != self.wake) {
            self.out.push(Effect::WakeAt(moment));
        }
        self.wake = next;
    }

    /// The one place where an answer that nobody waits for is dropped.
    fn answer(&mut self, request: RequestId, answer: Answer, awaited: bool) {
        let Some(purpose) = self.out.requests.close(request) else { return };
        match (purpose, answer) {
            (Purpose::Describe, Answer::Described(store)) => self.described(store),
            (Purpose::Folder, Answer::Folder(entries)) => self.folder_arrived(entries),
            (Purpose::Watch, Answer::FolderChanged) => self.browser.changed(),
            (Purpose::Complete(folder), Answer::Folder(entries)) => self.looked_into(&folder, entries),
            (Purpose::Records, Answer::Records { page, took }) => {
                self.offer_migration(page.as_ref().err());
                self.records_arrived(page, took, awaited);
            }
            (Purpose::Records, Answer::Shelf { page, took }) => self.records_arrived(page, took, awaited),
            (Purpose::Estimate, Answer::Estimate(estimate)) => self.remote.estimate_arrived(estimate),
            (Purpose::RowSecurity, Answer::RowSecurity(seen)) => self.remote.row_security_arrived(seen),
            (Purpose::BucketFacts, Answer::BucketFacts(facts)) => self.facts_arrived(facts),
            (Purpose::Cors, Answer::Cors(rules)) => self.cors_arrived(rules),
            (Purpose::SetCors { profile }, Answer::Cors(rules)) => self.cors_changed(&profile, rules),
            (Purpose::Examine, Answer::Examined) => self.examination_over(request),
            (Purpose::Objects, Answer::Objects(page)) => self.objects_arrived(page, awaited),
            (Purpose::Below, Answer::Objects(page)) => self.remote.below_arrived(page, &mut self.out),
            (Purpose::Key(draft), Answer::Key(key)) => self.key_made(draft, key),
            (Purpose::Jump, Answer::Paths(found)) => self.jumped(found, awaited),
            (Purpose::Paste(read), Answer::Paths(found)) => self.pasted(read, found, awaited),
            (Purpose::Plan { profile }, Answer::Planned(plan)) => self.planned(profile, plan),
            (Purpose::Walk { what }, Answer::Walked(found)) => self.walked(request, &what, found),
            (Purpose::Count, Answer::Counted(counted)) => self.counting(request, counted, true),
            (Purpose::Enqueue { what }, Answer::Enqueued(queued)) => self.enqueued(what, queued),
            (Purpose::Command { command, along }, Answer::Commanded(changed)) => {
                self.commanded(command, along, changed)
            }
            (Purpose::Met { met, chosen, .. }, Answer::Met(found)) => self.met_again(met, chosen, found),
            (Purpose::Limits { profile, limits }, Answer::Limited(done)) => self.limited(&profile, limits, done),
            (Purpose::Links { wanted }, Answer::Links(links)) => self.links_arrived(wanted, links),
            (Purpose::Request { asked, profile }, Answer::Requested(text)) => self.requested(asked, &profile, text),
            (Purpose::Copy { what }, Answer::Copied(said)) => self.copied(what, said),
            (Purpose::Migrate { profile }, Answer::Migrated(steps)) => self.migrated(&profile, steps),
            (
                Purpose::InspectRecord
                | Purpose::InspectObject
                | Purpose::InspectFile
                | Purpose::Preview
                | Purpose::Picture,
                Answer::Inspected(found),
            ) => self.inspected(*found),
            (Purpose::OpenEdit { key }, Answer::Edit(end)) => self.edit_opened(key, end),
            (Purpose::Edit(editing), Answer::Edit(end)) => self.edited(editing, end),
            (Purpose::TryProfile, Answer::ProfileTried(problems)) => self.profile_tried(&problems),
            (Purpose::ReadProfiles(why), Answer::ProfilesRead(slots)) => self.profiles_read(why, slots),
            (Purpose::SaveProfile { name }, Answer::ProfileSaved(slots)) => self.profile_saved(&name, slots),
            (Purpose::MakeDefault { name }, Answer::DefaultMade(file)) => self.default_made(&name, file),
            (purpose, _) => {
                let what = format!("an answer to something else than was asked ({purpose:?})");
                self.out.fail(&Failure::new(FailureKind::Internal, what));
            }
        }
    }

    fn records_arrived(&mut self, page: Result<impl Into<CatalogPage>>, took: Duration, awaited: bool) {
        self.remote.records_arrived(page, took, &mut self.out);
        self.settle_jump(awaited);
    }

    fn objects_arrived(&mut self, page: Result<ListPage>, awaited: bool) {
        self.remote.objects_arrived(page, &mut self.out);
        self.settle_jump(awaited);
    }

    fn planned(&mut self, profile: Arc<ProfileIdentity>, plan: Result<Plan>) {
        let plan = match plan {
            Ok(plan) => plan,
            Err(failure) => return self.out.fail(&failure),
        };
        self.look_for_what_is_gone(&plan.refused);
        for failure in plan.refused.iter().take(2) {
            self.out.fail(failure);
        }
        if plan.refused.len() > 2 {
            self.out.say(Level::Error, format!("{} more were refused", plan.refused.len() - 2));
        }
        match ConflictDialog::new(profile, plan.jobs) {
            Ok(dialog) => self.out.open(Dialog::Conflicts(dialog)),
            Err((profile, jobs)) => self.enqueue(profile, jobs),
        }
    }

    /// What was to be uploaded may not be there any more: then Local lists what is.
    pub(super) fn look_for_what_is_gone(&mut self, failures: &[Failure]) {
        if failures.iter().any(|failure| failure.kind == FailureKind::NotFound) {
            self.browser.changed();
        }
    }

    fn enqueued(&mut self, what: &str, queued: Result<usize>) {
        match queued {
            Ok(1) => self.out.say_about(QUEUE, Level::Info, format!("queued 1 {what}")),
            Ok(count) => {
                let text = format!("queued {} {what}s", format::count(count as u64));
                self.out.say_about(QUEUE, Level::Info, text);
            }
            Err(failure) => self.out.fail(&failure),
        }
    }

    fn commanded(&mut self, command: QueueCommand, along: usize, changed: Result<usize>) {
        let done = match command {
            QueueCommand::Cancel => "cancelled",
            QueueCommand::Retry | QueueCommand::RetryAs(_) => "trying again:",
            QueueCommand::Pause => "paused",
            QueueCommand::PauseAgain => "paused again:",
            QueueCommand::GoOn => "going on:",
            QueueCommand::ClearDone | QueueCommand::ClearAllDone | QueueCommand::ForgetTries => {
                return self.forgot(changed);
            }
            QueueCommand::Raise | QueueCommand::Lower => return self.moved(changed),
        };
        match changed {
            Ok(count) => {
                let text = format!("{done} {}{}", format::count(count as u64), going_along(count, along));
                self.out.say_about(QUEUE, Level::Info, text);
            }
            Err(failure) => self.out.fail(&failure),
        }
    }

    fn forgot(&mut self, forgotten: Result<usize>) {
        match forgotten {
            Ok(1) => self.out.say_about(QUEUE, Level::Info, "forgot 1 transfer".to_owned()),
            Ok(count) => {
                let text = format!("forgot {} transfers", format::count(count as u64));
                self.out.say_about(QUEUE, Level::Info, text);
            }
            Err(failure) => self.out.fail(&failure),
        }
    }

    /// What moved in the queue is seen; what did not is said.
    fn moved(&mut self, moved: Result<usize>) {
        match moved {
            Ok(0) => self.out.say(Level::Note, "this is as far as it goes"),
            Ok(_) => {}
            Err(failure) => self.out.fail(&failure),
        }
    }

    /// Says what came to an end, and has the lists read again that it changed.
    fn tell(&mut self, news: News) {
        for news in news.holds {
            self.out.say_about(news.about, news.level, news.text);
        }
        if let Some(summary) = news.summary {
            if summary.long {
                self.out.push(Effect::Notify(summary.text.clone()));
            }
            let level = if summary.failed { Level::Warning } else { Level::Info };
            self.out.say_about(QUEUE, level, summary.text);
        }
        self.note_ends(&news.ended);
        self.tell_edits(&news.ended);
        let here = &self.remote.slot().name;
        let done: Vec<_> = news.ended.iter().filter(|end| end.state == TransferState::Done).collect();
        let ours = done.iter().filter(|end| end.profile == *here && end.kind != TransferKind::Download);
        let deleted: HashSet<&str> = ours.clone().filter(|end| end.takes_the_object()).map(|end| &*end.key).collect();
        let served = done.iter().any(|end| end.profile == *here);
        if ours.count() > 0 {
            self.remote.changed(&deleted);
            self.inspect_anew(&done);
        }
        if served {
            self.remote.bucket_served();
        }
        if news.ended.iter().any(|end| end.tells_news_of(self.browser.folder())) {
            self.browser.changed();
        }
        let now = self.out.now;
        self.at(now);
    }
}

/// How many others go on with those that are tried again, since they wait for the same.
fn going_along(tried: usize, along: usize) -> String {
    let with = if tried == 1 { "it" } else { "them" };
    match along {
        0 => String::new(),
        along => format!(", and {} more that waited with {with}", format::count(along as u64)),
    }
}
