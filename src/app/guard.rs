//! Why an action would do nothing right now. The hint line draws it dim, the help shows the reason, and pressing its key
//! says it; the decision sees a small snapshot, never the whole application.

use super::{App, LocalRow};
use crate::action::{Action, Place};
use crate::app::effect::QueueCommand;
use crate::config::Profile;
use crate::domain::capability::Reason;
use crate::domain::display::display;
use crate::domain::{Capabilities, FileKind, LinkTarget};

/// What the decision depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Where a person stands.
    pub(crate) place: Place,
    /// Whether the profile in force can be used.
    pub(crate) profile: Usable,
    /// Whether it may be written to.
    pub(crate) writing: Writing,
    /// What the store can do, once it has said so.
    pub(crate) store: Option<Capabilities>,
    /// The profile names a user.
    pub(crate) user: bool,
    /// A filter is in force.
    pub(crate) filtered: bool,
    /// The list is narrowed to a type, a size or an age.
    pub(crate) narrowed: bool,
    /// What the catalog shows.
    pub(crate) catalog: Shows,
    /// What is chosen.
    pub(crate) chosen: Chosen,
    /// Whether there is a place before, and one ahead.
    pub(crate) history: (bool, bool),
    /// What can be done about transfers.
    pub(crate) queue: QueueCan,
    /// The inspector is open.
    pub(crate) inspecting: bool,
    /// Whether an edited text that was not saved is kept, and whether it can be edited on.
    pub(crate) kept: (bool, bool),
}

/// Whether a profile can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usable {
    /// It can.
    Yes,
    /// Something is wrong with it.
    No,
    /// Nothing describes it any more; what was read under it is still shown.
    Removed,
}

/// Whether a profile may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// It may.
    Free,
    /// Its own setting says that it may not.
    ReadOnly,
    /// Windlass was started so that none may.
    ReadOnlyNow,
}

/// What can be done about the chosen transfers, or about all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QueueCan {
    /// Any of the chosen can be cancelled.
    pub(crate) cancel: bool,
    /// Any of the chosen can be tried again.
    pub(crate) retry: bool,
    /// Any of the chosen can be held or let go on.
    pub(crate) pause: bool,
    /// All of the chosen that can be held are: the key lets them go on.
    pub(crate) go_on: bool,
    /// Any of the chosen can be moved in the queue.
    pub(crate) shift: bool,
    /// There is one under the cursor.
    pub(crate) details: bool,
    /// Any of all can be held or let go on.
    pub(crate) pause_all: bool,
    /// Any of those that are shown is finished.
    pub(crate) clear: bool,
}

/// What the catalog shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// Every record, in whichever folder it would be.
    Records,
    /// One level of folders, of one user's records alone.
    MyLevel,
    /// One level of everyone's folders.
    Level,
    /// What was searched for below a folder.
    Below,
}

/// What is marked, or under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// Nothing: the list is empty, or the cursor is on `..`.
    Nothing,
    /// At least one file, object or record.
    Files,
    /// Folders or prefixes alone.
    Folders,
    /// A link that leads nowhere.
    Dangling,
    /// Neither file nor folder: a device.
    Other,
    /// Nothing yet: no row has come, and why.
    Awaited(Reason),
}

/// Why the action would do nothing; `{profiles}` stands for that action's key, and `{this}` for the profile in force.
pub(crate) fn reason(action: Action, now: &Snapshot) -> Option<&'static str> {
    match action {
        Action::Upload => now.profile().or(now.writable()).or(now.store(|store| store.write)).or(now.uploadable()),
        Action::Delete => {
            let able = now.profile().or(now.writable()).or(now.store(|store| store.delete));
            able.or(now.anything()).or(now.whole_folders())
        }
        Action::Save => now.profile().or(now.anything()),
        Action::SaveAs | Action::CopyKey | Action::CopyUri => now.profile().or(now.object()),
        Action::CopyLink | Action::CopyCurl => now.profile().or(now.object()),
        Action::CopyLinkFor => now.profile().or(now.object()).or(now.store(|store| store.presign)),
        Action::CopyPublicUrl => now.profile().or(now.object()).or(now.store(|store| store.public_url)),
        Action::NextHit | Action::PreviousHit => unless(now.filtered, "nothing is searched for: {filter} begins"),
        Action::NarrowClear => unless(now.narrowed, "every type, size and age is shown"),
        Action::AllUsers => unless(now.user, "the profile has no user_id: everyone's records are shown already"),
        Action::Folders => now.profile().or(now.store(|store| store.prefixes)),
        Action::Up | Action::Bookmark | Action::GoBookmark => now.folders(),
        Action::Back | Action::Forward if now.folders().is_some() => now.folders(),
        Action::SortName | Action::SortSize | Action::SortDate | Action::SortType => now.sortable(),
        Action::Back => unless(now.history.0, "there is no place before this one"),
        Action::Forward => unless(now.history.1, "there is nothing to go forward to"),
        Action::UploadRequest => now.profile().or(now.writable()).or(now.store(|store| store.upload_link)),
        Action::AboutBucket => now.profile(),
        Action::Jump if now.place != Place::Local => now.profile(),
        Action::Record => now.profile().or(now.writable()).or(now.anything()),
        Action::Edit if now.place == Place::Local => now.file(),
        Action::Edit => now.profile().or(now.writable()).or(now.store(|store| store.overwrite)).or(now.object()),
        Action::EditKept if now.kept.0 => {
            unless(now.kept.1, "this one cannot be opened again: {messages} says where it is")
        }
        Action::EditKept | Action::DiscardKept => {
            unless(now.kept.0, "no edited text of this profile waits to be saved")
        }
        Action::CopyField | Action::PreviewDown | Action::PreviewUp => {
            unless(now.inspecting, "i opens the inspector first")
        }
        Action::Limits => now.profile().filter(|_| !now.queue.details),
        _ => queue_reason(action, now.queue, now.filtered),
    }
}

fn queue_reason(action: Action, queue: QueueCan, filtered: bool) -> Option<&'static str> {
    match action {
        Action::Cancel => unless(queue.cancel, "there is nothing to cancel here"),
        Action::Retry => unless(queue.retry, "only what failed or waits for a later try can be tried again"),
        Action::Pause => unless(queue.pause, "there is nothing to hold here"),
        Action::ClearDone if filtered => unless(queue.clear, "nothing that is shown is finished"),
        Action::ClearDone => unless(queue.clear, "nothing is finished"),
        Action::Raise | Action::Lower => unless(queue.shift, "only what waits for its turn can be moved"),
        Action::PauseAll => unless(queue.pause_all, "nothing is open"),
        Action::TransferDetails | Action::TransferFolder => unless(queue.details, "there is no transfer here"),
        _ => None,
    }
}

/// Why nothing is written where the profile's own setting says so.
const READ_ONLY: &str = "{this} is read-only; {profiles}, then e on it, opens where it says read_only = true";

/// Why nothing is written at all.
const READ_ONLY_NOW: &str = "{this} is read-only, because Windlass was started with --read-only";

/// Why a folder of one user's records is not deleted.
pub(super) const ONLY_MINE: &str =
    "others may have files in this folder, too: {all-users} shows everyone's, {next-view} the bucket";

/// Whether a profile may be written to.
pub(crate) fn writing(profile: &Profile) -> Writing {
    match (profile.read_only, profile.read_only_now) {
        (_, true) => Writing::ReadOnlyNow,
        (true, false) => Writing::ReadOnly,
        (false, false) => Writing::Free,
    }
}

impl Writing {
    /// Why it may not.
    pub(crate) fn refusal(self) -> Option<Reason> {
        match self {
            Self::Free => None,
            Self::ReadOnly => Some(READ_ONLY),
            Self::ReadOnlyNow => Some(READ_ONLY_NOW),
        }
    }
}

fn unless(fine: bool, why: &'static str) -> Option<&'static str> {
    (!fine).then_some(why)
}

impl Snapshot {
    fn profile(&self) -> Option<&'static str> {
        match self.profile {
            Usable::Yes => None,
            Usable::No => Some("the profile cannot be used; {profiles} shows why and has others"),
            Usable::Removed => Some("{this} was removed; {profiles} has others"),
        }
    }

    fn writable(&self) -> Option<&'static str> {
        self.writing.refusal()
    }

    fn object(&self) -> Option<&'static str> {
        match self.chosen {
            Chosen::Files => None,
            Chosen::Folders => Some("this works on single files, not on folders and prefixes"),
            Chosen::Awaited(why) => Some(why),
            _ => Some("no file is under the cursor"),
        }
    }

    fn file(&self) -> Option<&'static str> {
        match self.chosen {
            Chosen::Files => None,
            Chosen::Nothing => Some("there is no file under the cursor"),
            Chosen::Awaited(why) => Some(why),
            _ => Some("only a file can be edited"),
        }
    }

    fn anything(&self) -> Option<&'static str> {
        match self.chosen {
            Chosen::Files | Chosen::Folders => None,
            Chosen::Awaited(why) => Some(why),
            Chosen::Nothing | Chosen::Dangling | Chosen::Other => Some("no file or folder is under the cursor"),
        }
    }

    /// Only in the Catalog there may be no folders.
    fn folders(&self) -> Option<&'static str> {
        let hidden = self.place == Place::Catalog && self.catalog == Shows::Records;
        unless(!hidden, "every record is shown; {folders} shows folders")
    }

    fn sortable(&self) -> Option<&'static str> {
        let level = matches!(self.catalog, Shows::Level | Shows::MyLevel);
        let why = "folders come by name alone; {folders} shows every record, in any order";
        unless(!(self.place == Place::Catalog && level), why)
    }

    /// A folder is deleted with all that the bucket has beneath it, so all of it has to be shown.
    fn whole_folders(&self) -> Option<&'static str> {
        let mine = self.place == Place::Catalog && self.catalog == Shows::MyLevel;
        unless(!(mine && self.chosen == Chosen::Folders), ONLY_MINE)
    }

    fn uploadable(&self) -> Option<&'static str> {
        match self.chosen {
            Chosen::Files | Chosen::Folders => None,
            Chosen::Nothing => Some("there is no file under the cursor"),
            Chosen::Awaited(why) => Some(why),
            Chosen::Dangling => Some("this link leads nowhere"),
            Chosen::Other => Some("this is no file that can be read"),
        }
    }

    /// The store's own reason why it cannot.
    fn store(&self, of: impl Fn(&Capabilities) -> Result<(), Reason>) -> Option<Reason> {
        self.store.as_ref().and_then(|store| of(store).err())
    }
}

impl App {
    /// Why an action would do nothing right now.
    pub fn disabled(&self, action: Action) -> Option<String> {
        reason(action, &self.snapshot()).map(|why| self.with_names(why))
    }

    /// A sentence in which `{this}` stands for the profile in force, and `{profiles}` for that action's key.
    pub(super) fn with_names(&self, sentence: &str) -> String {
        self.with_keys(sentence).replace("{this}", &display(&self.remote.slot().name))
    }

    fn usable(&self) -> Usable {
        match self.remote.profile() {
            None => Usable::No,
            Some(_) if self.profile_is_gone() => Usable::Removed,
            Some(_) => Usable::Yes,
        }
    }

    /// A sentence in which `{profiles}` stands for that action's key.
    pub fn with_keys(&self, sentence: &str) -> String {
        self.keymap.filled(self.place(), sentence)
    }

    /// What the decision depends on, as it is now.
    pub(super) fn snapshot(&self) -> Snapshot {
        let place = self.place();
        let profile = self.remote.profile();
        Snapshot {
            place,
            profile: self.usable(),
            writing: profile.map_or(Writing::Free, |profile| writing(profile)),
            store: self.store,
            user: profile.is_some_and(|profile| profile.user_id.is_some()),
            filtered: !self.sought().is_empty(),
            narrowed: !self.narrowing().is_none(),
            catalog: self.catalog_shows(),
            chosen: self.chosen(place),
            history: self.history(place),
            inspecting: self.inspector.is_some(),
            kept: self.has_kept(),
            queue: self.queue_can(place),
        }
    }

    fn history(&self, place: Place) -> (bool, bool) {
        match place {
            Place::Local => (self.browser.history().can_go_back(), self.browser.history().can_go_forward()),
            Place::Catalog | Place::Bucket => self.remote.standing().map_or((false, false), |standing| {
                let visiting = place == Place::Catalog && self.remote.catalog().is_visiting();
                (visiting || standing.history().can_go_back(), standing.history().can_go_forward())
            }),
            Place::Transfers => (false, false),
        }
    }

    fn catalog_shows(&self) -> Shows {
        let query = self.remote.catalog().query();
        match self.remote.user() {
            _ if query.folder.is_none() => Shows::Records,
            _ if query.is_search() => Shows::Below,
            Some(_) => Shows::MyLevel,
            None => Shows::Level,
        }
    }

    fn queue_can(&self, place: Place) -> QueueCan {
        let chosen = if place == Place::Transfers { self.transfers.chosen() } else { Vec::new() };
        let any = |command| chosen.iter().any(|view| self.transfers.applies(command, view));
        let counts = self.transfers.counts();
        QueueCan {
            cancel: any(QueueCommand::Cancel),
            retry: any(QueueCommand::Retry),
            pause: any(QueueCommand::Pause) || any(QueueCommand::GoOn),
            go_on: any(QueueCommand::GoOn) && !any(QueueCommand::Pause),
            shift: any(QueueCommand::Raise),
            details: place == Place::Transfers && self.transfers.current().is_some(),
            pause_all: counts.open() + counts.paused > 0,
            clear: self.transfers.can_clear(),
        }
    }

    /// Why there is no row to stand on yet.
    fn awaited(&self, place: Place) -> Option<Reason> {
        let (loading, searching) = match place {
            Place::Local => (self.browser.is_reading(), false),
            Place::Catalog => (self.remote.is_loading(), self.remote.catalog().query().is_search()),
            Place::Bucket => (self.remote.is_loading(), self.remote.bucket().below().is_some()),
            Place::Transfers => (false, false),
        };
        let why = if searching { "the search is still looking" } else { "the list is still being read" };
        (loading && self.list().total() == 0).then_some(why)
    }

    /// What is chosen; with marks, what they are on is looked at when the action runs.
    fn chosen(&self, place: Place) -> Chosen {
        if self.list().marked() > 0 {
            return Chosen::Files;
        }
        if let Some(why) = self.awaited(place) {
            return Chosen::Awaited(why);
        }
        match place {
            Place::Local => match self.browser.current() {
                None | Some(LocalRow::Parent) => Chosen::Nothing,
                Some(LocalRow::Entry(entry)) if entry.is_file() => Chosen::Files,
                Some(LocalRow::Entry(entry)) if entry.is_folder() => Chosen::Folders,
                Some(LocalRow::Entry(entry)) if entry.kind == FileKind::Symlink(LinkTarget::Missing) => {
                    Chosen::Dangling
                }
                Some(LocalRow::Entry(_)) => Chosen::Other,
            },
            Place::Catalog | Place::Bucket if self.remote.list().current().is_none() => Chosen::Nothing,
            Place::Catalog | Place::Bucket if self.remote.on_prefix() => Chosen::Folders,
            Place::Catalog | Place::Bucket => Chosen::Files,
            Place::Transfers => Chosen::Nothing,
        }
    }
}
