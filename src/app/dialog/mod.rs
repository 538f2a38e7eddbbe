//! Dialogs: one is open at a time, and while it is, every key is its own. Each kind has a file; an answer leads to a
//! command, which the application turns into effects.

pub mod beneath;
pub mod bucket;
pub mod choices;
pub mod confirm;
pub mod conflicts;
mod count;
pub mod doctor;
mod explained;
pub mod fields;
pub mod form;
pub mod limits;
pub mod link;
mod names;
pub mod newcomer;
pub mod prompt;
pub mod request;
pub mod scroll;
pub mod tree;

use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::layout::Size;

pub use beneath::BeneathDialog;
pub use bucket::BucketDialog;
pub use choices::{ExpiryDialog, ProfilesDialog};
pub use confirm::Confirm;
pub use conflicts::{Choice, ConflictDialog, Obstacle};
pub use count::Count;
pub use doctor::DoctorDialog;
pub use fields::FieldsDialog;
pub use form::{Form, Line, Shown};
pub use limits::LimitsDialog;
pub use link::{Copies, LinkDialog, LinkRow};
pub(crate) use names::Names;
pub use newcomer::NewcomerDialog;
pub use prompt::{Prompt, PromptFor, Remark};
pub use request::RequestDialog;
pub use scroll::{Scroll, TransferDialog};
pub use tree::TreeDialog;

use super::effect::{Job, Naming, SourceFile, Walk, Wanted, WantedObject, WantedRequest};
use super::palette::PaletteDialog;
use crate::action::{Action, Key, OwnFile};
use crate::config::{Draft, Profile};
use crate::domain::transfer::{Limits, OnConflict, ProfileIdentity};
use crate::domain::{Narrow, TransferId};

/// What is open.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// A question with yes and no.
    Confirm(Confirm),
    /// A line of text is asked for.
    Prompt(Prompt),
    /// Targets of new transfers are taken.
    Conflicts(ConflictDialog),
    /// How long a link is to be good.
    Expiry(ExpiryDialog),
    /// Links, whole.
    Link(LinkDialog),
    /// The profiles.
    Profiles(ProfilesDialog),
    /// Actions to find, to run and to read about: [`super::App::palette_rows`] has the rows.
    Palette(PaletteDialog),
    /// Everything said so far: [`super::App::messages`] has the rows; row 0 is the latest.
    Messages(Scroll),
    /// Everything about a transfer: [`super::App::details`] has the rows.
    Transfer(TransferDialog),
    /// A whole folder or prefix is to be transferred.
    Tree(TreeDialog),
    /// Everything beneath prefixes is to be deleted.
    Beneath(BeneathDialog),
    /// How much of a profile goes on at once.
    Limits(LimitsDialog),
    /// What the doctor found: [`super::App::doctor_rows`] has the rows.
    Doctor(DoctorDialog),
    /// What somebody else is to upload.
    Request(RequestDialog),
    /// A profile that is being made.
    Newcomer(NewcomerDialog),
    /// Fields of the inspector, one of which is copied.
    Fields(FieldsDialog),
    /// The bucket in force: [`super::App::bucket_rows`] has the rows.
    Bucket(BucketDialog),
}

/// What an answered dialog leads to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    /// Queue these under the profile.
    Enqueue { profile: Arc<ProfileIdentity>, jobs: Vec<Job> },
    /// Look at uploads, then queue them.
    PlanUpload { profile: Arc<ProfileIdentity>, files: Vec<SourceFile>, naming: Naming },
    /// Look at one download, then queue it.
    SaveAs { profile: Arc<ProfileIdentity>, object: WantedObject, path: std::path::PathBuf },
    /// Go to a path, or to a prefix or key.
    Jump { local: bool, text: String },
    /// Complete the place that is typed to go to.
    CompleteJump,
    /// Go back from a prefix that is not there.
    LeaveJump,
    /// Make links.
    Links { profile: String, keys: Vec<String>, wanted: Wanted },
    /// Sign an upload for somebody else, and watch for it.
    Request { profile: Arc<ProfileIdentity>, wanted: WantedRequest },
    /// Show the URL of a request once more.
    ShowRequest(TransferId),
    /// Do what an action says.
    Run(Action),
    /// Show only rows with that in their names.
    Filter(String),
    /// Show only files of a type, a size or an age.
    Narrow(Narrow),
    /// Go to a folder.
    GoToFolder(std::path::PathBuf),
    /// Go to a prefix.
    GoToPrefix(String),
    /// Ask for another name of an edited text.
    NameEdit { path: std::path::PathBuf, key: String },
    /// Upload an edited text under this name.
    SaveEdit { path: std::path::PathBuf, key: String },
    /// Discard an edited text that was not saved.
    DiscardKept(std::path::PathBuf),
    /// Copy a field of the inspector.
    CopyField { name: &'static str, value: String },
    /// Copy what the link dialog shows.
    CopyAgain,
    /// Ask for an expiry to be typed.
    AskExpiry { profile: String, keys: Vec<String> },
    /// Put a profile in force.
    Switch(String),
    /// Ask for a new profile.
    AskNewcomer,
    /// Ask a new profile's bucket and database.
    TryProfile(Draft),
    /// Do not wait for them any more.
    StopTrying,
    /// Write a new profile into the configuration file.
    SaveProfile(Draft),
    /// Have this profile open next time.
    MakeDefault(String),
    /// Open what describes this profile in the user's editor.
    EditProfile(String),
    /// Open a file of the user's own in the user's editor.
    EditOwn(OwnFile),
    /// Show another theme until the end: `auto`, `dark`, `light` or a path.
    Wear(String),
    /// Do something to a profile's bucket, or ask first.
    Bucket { profile: Arc<Profile>, wish: bucket::BucketWish },
    /// Make or extend the catalog's table.
    Migrate(String),
    /// Go through folders or prefixes.
    Walk { profile: Arc<ProfileIdentity>, walk: Walk, on_conflict: OnConflict, what: String },
    /// Look what is there already under the names that are made now.
    LookAgain { profile: String, walk: Walk },
    /// Put limits in force.
    SetLimits { profile: Arc<ProfileIdentity>, limits: Limits },
    /// Try transfers again that failed because something was there, and do this where it still is.
    RetryAs(Vec<(OnConflict, TransferId)>),
    /// Try this transfer again.
    Retry(TransferId),
    /// Cancel transfers.
    CancelTransfers(Vec<TransferId>),
    /// End the program.
    Quit,
    /// Stay as it was, and say so.
    Nothing(&'static str),
}

/// What a key did to a dialog.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// It stays open.
    Stay,
    /// It closes.
    Close,
    /// It closes, and this is to be done.
    Do(Command),
    /// It stays open, and this is to be done.
    Also(Command),
}

impl Dialog {
    /// Takes a key or a paste. `rows` is how many rows there are to scroll over.
    pub(crate) fn input(&mut self, event: &Event, size: Size, rows: usize) -> Step {
        match self {
            Self::Prompt(prompt) => return prompt.input(event),
            Self::Limits(limits) => return limits.input(event),
            Self::Request(request) => return request.input(event),
            Self::Tree(tree) => return tree.input(event),
            Self::Newcomer(form) => return form.input(event),
            _ => {}
        }
        let Event::Key(key) = event else { return Step::Stay };
        if key.kind == KeyEventKind::Release {
            return Step::Stay;
        }
        let key = Key::of(key);
        match self {
            Self::Confirm(dialog) => dialog.key(key, rows, size),
            Self::Beneath(dialog) => dialog.key(key, rows, size),
            Self::Conflicts(dialog) => dialog.key(key),
            Self::Expiry(dialog) => dialog.key(key),
            Self::Link(dialog) => dialog.key(key, size),
            Self::Profiles(dialog) => dialog.key(key),
            Self::Fields(dialog) => dialog.key(key),
            Self::Messages(scroll) => scroll.key(key, rows, size),
            Self::Transfer(dialog) => dialog.key(key, rows, size),
            Self::Doctor(dialog) => dialog.key(key, rows, size),
            Self::Bucket(dialog) => dialog.key(key, rows, size),
            Self::Prompt(_) | Self::Limits(_) | Self::Tree(_) | Self::Request(_) | Self::Newcomer(_) => Step::Stay,
            // It asks the application, which looks at its keys itself.
            Self::Palette(_) => Step::Stay,
        }
    }

    /// The line of its form that takes the keys, where it has one.
    pub(crate) fn line(&self) -> Option<usize> {
        Some(match self {
            Self::Limits(dialog) => dialog.form.at(),
            Self::Request(dialog) => dialog.form.at(),
            Self::Tree(dialog) => dialog.form.at(),
            Self::Newcomer(dialog) => dialog.form.at(),
            _ => return None,
        })
    }

    /// How many steps one notch of the mouse's wheel is.
    pub(crate) fn rows_a_notch(&self) -> usize {
        match self {
            Self::Palette(_) | Self::Messages(_) | Self::Transfer(_) | Self::Doctor(_) => 3,
            Self::Conflicts(_) | Self::Expiry(_) | Self::Fields(_) | Self::Link(_) => 1,
            Self::Profiles(_) | Self::Bucket(_) | Self::Confirm(_) | Self::Beneath(_) => 1,
            _ => 0,
        }
    }
}

/// Whether a key is pressed alone, or with shift: `^y` is not the `y` that a dialog asks for.
fn is_plain(key: Key) -> bool {
    key.modifiers.difference(KeyModifiers::SHIFT).is_empty()
}

/// Whether a key closes a dialog that asks nothing.
pub(super) fn closes(key: Key) -> bool {
    let plain = key.modifiers == KeyModifiers::NONE;
    plain && matches!(key.code, KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q'))
}

/// How a key moves among the entries of a dialog: down, up, to the first, to the last.
pub(super) fn motion(key: Key, page: usize) -> Option<isize> {
    let page = isize::try_from(page).unwrap_or(isize::MAX);
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('d' | 'f') if control => page,
        KeyCode::Char('u' | 'b') if control => -page,
        _ if control => return None,
        KeyCode::Char('j') | KeyCode::Down => 1,
        KeyCode::Char('k') | KeyCode::Up => -1,
        KeyCode::PageDown => page,
        KeyCode::PageUp => -page,
        KeyCode::Char('g') | KeyCode::Home => isize::MIN,
        KeyCode::Char('G') | KeyCode::End => isize::MAX,
        _ => return None,
    })
}
