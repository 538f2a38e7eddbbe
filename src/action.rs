//! The table of verbs: what a key can name, what it is called, what it does in words, where it works and its default
//! keys. The hint line, the help, the palette, README's table and `assets/keymap.toml` all come from this one table.

mod argument;
mod elsewhere;
mod key;
mod keymap;
mod rebound;
mod region;
mod table;
mod text;

pub use argument::{ALIASES, Argument};
pub use elsewhere::{ELSEWHERE, Instead, OwnFile};
pub use key::{Key, keys_label, parse_keys};
pub use keymap::{Binding, Keymap, Resolved};
pub use rebound::{Clash, Rebound};
pub use region::Region;
pub use table::TABLE;
pub use text::{keymap_toml, keys_table_markdown};

/// A verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// One row down.
    MoveDown,
    /// One row up.
    MoveUp,
    /// The first row.
    First,
    /// The last row.
    Last,
    /// Half a page down.
    HalfPageDown,
    /// Half a page up.
    HalfPageUp,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// Into the folder or prefix under the cursor.
    Open,
    /// To the folder or prefix above.
    Up,
    /// The next pane.
    NextPane,
    /// The previous pane.
    PreviousPane,
    /// The pane Local.
    PaneLocal,
    /// The pane Remote.
    PaneRemote,
    /// The pane Transfers.
    PaneTransfers,
    /// The focused pane alone, or all of them again.
    Zoom,
    /// Mark or unmark the row, then one down.
    Mark,
    /// Begin or end marking a range.
    MarkRange,
    /// Mark all rows that are shown.
    MarkAll,
    /// Close, clear, go back, in that order.
    Escape,
    /// Type a filter.
    Filter,
    /// The next hit.
    NextHit,
    /// The previous hit.
    PreviousHit,
    /// Sort by name; again: reverse.
    SortName,
    /// Sort by size; again: reverse.
    SortSize,
    /// Sort by date; again: reverse.
    SortDate,
    /// Sort by type; again: reverse.
    SortType,
    /// Only files of a type.
    NarrowType,
    /// Only files of so many bytes or more.
    NarrowLarger,
    /// Only files of so many bytes or fewer.
    NarrowSmaller,
    /// Only files of a moment or later.
    NarrowSince,
    /// All types, sizes and ages again.
    NarrowClear,
    /// The next view of the pane Remote.
    NextView,
    /// The user's records or everyone's.
    AllUsers,
    /// The catalog's folders on, or off.
    Folders,
    /// Show or hide hidden files.
    HiddenFiles,
    /// Upload.
    Upload,
    /// Download into the local folder.
    Save,
    /// Download to a path that is typed.
    SaveAs,
    /// Copy a presigned link with the profile's expiry.
    CopyLink,
    /// Copy a presigned link with an expiry that is asked for.
    CopyLinkFor,
    /// Copy the public URL.
    CopyPublicUrl,
    /// Copy the key.
    CopyKey,
    /// Copy the `s3://` URI.
    CopyUri,
    /// Copy a curl line.
    CopyCurl,
    /// A presigned upload for somebody else.
    UploadRequest,
    /// Write the record of an object that is up already.
    Record,
    /// Look at everything that the profile needs.
    Doctor,
    /// Everything about the bucket in force, and what can be done to it as a whole.
    AboutBucket,
    /// Delete object and record.
    Delete,
    /// Everything about the row.
    Inspect,
    /// Open an edited text again that was not saved.
    EditKept,
    /// Discard an edited text that was not saved.
    DiscardKept,
    /// Edit a text object.
    Edit,
    /// Copy one of the fields that the inspector shows.
    CopyField,
    /// Scroll the inspector down.
    PreviewDown,
    /// Scroll the inspector up.
    PreviewUp,
    /// Cancel a transfer.
    Cancel,
    /// Hold a transfer, or let it go on.
    Pause,
    /// Try a transfer again now.
    Retry,
    /// Earlier in the queue.
    Raise,
    /// Later in the queue.
    Lower,
    /// Everything about a transfer.
    TransferDetails,
    /// Hold every transfer, or let all go on.
    PauseAll,
    /// How much of a profile goes on at once, and how fast.
    Limits,
    /// Forget finished transfers.
    ClearDone,
    /// Read the list again.
    Refresh,
    /// Go to a path or prefix that is typed.
    Jump,
    /// Go to the folder or prefix of a transfer.
    TransferFolder,
    /// Take back what was cleared or cancelled.
    Undo,
    /// Give the mouse to the terminal, or take it back.
    Mouse,
    /// Draw the whole screen again.
    Redraw,
    /// Remember this place under a letter.
    Bookmark,
    /// Go to the place that a letter names.
    GoBookmark,
    /// The place before.
    Back,
    /// The place gone back from.
    Forward,
    /// The profiles.
    Profiles,
    /// The command palette.
    Palette,
    /// The help.
    Help,
    /// Everything said so far.
    Messages,
    /// Quit, asking while transfers run.
    Quit,
    /// Quit without asking, pressed twice.
    Interrupt,
    /// Stop the program as a job of the shell.
    Suspend,
}

/// Where a person stands: the pane that has the focus, the remote one by its view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The pane Local.
    Local,
    /// The pane Remote, view Catalog.
    Catalog,
    /// The pane Remote, view Bucket.
    Bucket,
    /// The pane Transfers.
    Transfers,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Local, Self::Catalog, Self::Bucket, Self::Transfers];
}

/// A set of places: the section of `keymap.toml` that an action's keys are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Every place.
    All,
    /// Every place, for what works on the rows of its list.
    Lists,
    /// Local and Remote, whatever its view.
    Files,
    /// The pane Local.
    Local,
    /// The pane Remote, whatever its view.
    Remote,
    /// Remote's view Catalog.
    Catalog,
    /// The pane Transfers.
    Transfers,
}

impl Context {
    /// All of them, widest first.
    pub const ALL: [Self; 7] =
        [Self::All, Self::Lists, Self::Files, Self::Local, Self::Remote, Self::Catalog, Self::Transfers];

    /// Whether the place belongs to it.
    pub const fn holds(self, place: Place) -> bool {
        match self {
            Self::All | Self::Lists => true,
            Self::Files => !matches!(place, Place::Transfers),
            Self::Local => matches!(place, Place::Local),
            Self::Remote => matches!(place, Place::Catalog | Place::Bucket),
            Self::Catalog => matches!(place, Place::Catalog),
            Self::Transfers => matches!(place, Place::Transfers),
        }
    }

    /// As `keymap.toml` writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Lists => "lists",
            Self::Files => "files",
            Self::Local => "local",
            Self::Remote => "remote",
            Self::Catalog => "catalog",
            Self::Transfers => "transfers",
        }
    }

    /// The one that `keymap.toml` writes so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|context| context.name() == name)
    }

    /// As help and README write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Lists => "lists",
            Self::Files => "Local, Remote",
            Self::Local => "Local",
            Self::Remote => "Remote",
            Self::Catalog => "Catalog",
            Self::Transfers => "Transfers",
        }
    }
}

/// What an action is about; help groups by it, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Moving in a list, and between places.
    Move,
    /// Panes and views.
    Panes,
    /// Marks, filter and order.
    Choose,
    /// What is done with files.
    Files,
    /// Links and what else is copied.
    Links,
    /// The queue.
    Transfers,
    /// The program itself.
    Program,
}

impl Group {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Move, Self::Panes, Self::Choose, Self::Files, Self::Links, Self::Transfers, Self::Program];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Panes => "Panes and views",
            Self::Choose => "Mark, filter, sort",
            Self::Files => "Files",
            Self::Links => "Copy",
            Self::Transfers => "Transfers",
            Self::Program => "Windlass",
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The verb.
    pub action: Action,
    /// Its name in `keymap.toml` and the palette: kebab-case.
    pub name: &'static str,
    /// Default keys, each a sequence such as `g g`, `ctrl-r` or `D`.
    pub keys: &'static [&'static str],
    /// Where it works.
    pub context: Context,
    /// What it is about.
    pub group: Group,
    /// What it does, as half a sentence for help.
    pub about: &'static str,
    /// One or two words for the hint line and for what may follow a first key.
    pub short: &'static str,
    /// Whether the hint line shows it while there is room, in table order.
    pub hinted: bool,
    /// Other words by which somebody may look for it, parted by blanks.
    pub also: &'static str,
}

impl Entry {
    /// The same, found by these words as well.
    const fn also(self, also: &'static str) -> Self {
        Self { also, ..self }
    }
}

impl Action {
    /// Its row of the table.
    pub fn entry(self) -> &'static Entry {
        static UNKNOWN: Entry = TABLE[0];
        TABLE.iter().find(|entry| entry.action == self).unwrap_or(&UNKNOWN)
    }

    /// Its name in `keymap.toml`.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Whether it works on no row, so that it can be done from any pane where it is asked for by its name.
    pub const fn needs_no_row(self) -> bool {
        matches!(
            self,
            Self::Limits | Self::PauseAll | Self::ClearDone | Self::HiddenFiles | Self::NextView | Self::UploadRequest
        )
    }

    /// The action of that name.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.name == name).map(|entry| entry.action)
    }
}
