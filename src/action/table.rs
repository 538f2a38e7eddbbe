//! The rows of the table of verbs. The order is the one in which help lists them and the hint line prefers them.

use super::Action::{self, *};
use super::Context::{self, All, Catalog, Files, Lists, Local, Remote, Transfers};
use super::Entry;
use super::Group::{self, Choose, Links, Move, Panes, Program};

/// Rows are written as `row(...)`, those that the hint line shows as `hint(...)`.
const fn row(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    context: Context,
    group: Group,
    short: &'static str,
    about: &'static str,
) -> Entry {
    Entry { action, name, keys, context, group, about, short, hinted: false, also: "" }
}

const fn hint(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    context: Context,
    group: Group,
    short: &'static str,
    about: &'static str,
) -> Entry {
    Entry { action, name, keys, context, group, about, short, hinted: true, also: "" }
}

/// Every verb there is, once.
pub const TABLE: &[Entry] = &[
    row(MoveDown, "move-down", &["j", "down"], Lists, Move, "down", "one row down"),
    row(MoveUp, "move-up", &["k", "up"], Lists, Move, "up", "one row up"),
    row(First, "first", &["g g", "home"], Lists, Move, "first", "the first row"),
    row(Last, "last", &["G", "end"], Lists, Move, "last", "the last row"),
    row(HalfPageDown, "half-page-down", &["ctrl-d"], Lists, Move, "half down", "half a page down"),
    row(HalfPageUp, "half-page-up", &["ctrl-u"], Lists, Move, "half up", "half a page up"),
    row(PageDown, "page-down", &["ctrl-f", "pagedown"], Lists, Move, "page down", "a page down"),
    row(PageUp, "page-up", &["ctrl-b", "pageup"], Lists, Move, "page up", "a page up"),
    row(Open, "open", &["l", "enter", "right"], Files, Move, "open", "open the folder, or look into the file")
        .also("enter"),
    row(Up, "up", &["h", "backspace", "left"], Files, Move, "up", "to the folder or prefix above"),
    row(Back, "back", &["H"], Files, Move, "back", "back to the place before"),
    row(Forward, "forward", &["L"], Files, Move, "forward", "forward again"),
    row(Bookmark, "bookmark", &["m"], Files, Move, "bookmark", "remember this place under a letter")
        .also("favourite favorite"),
    row(GoBookmark, "go-bookmark", &["'"], Files, Move, "go to", "go to the place that a letter names"),
    row(Jump, "jump", &["g p"], Files, Move, "jump", "go to a path or prefix that you type").also("goto path"),
    row(NextPane, "next-pane", &["tab"], All, Panes, "next pane", "the next pane"),
    row(PreviousPane, "previous-pane", &["shift-tab"], All, Panes, "previous pane", "the previous pane"),
    row(PaneLocal, "pane-local", &["1"], All, Panes, "Local", "the pane Local"),
    row(PaneRemote, "pane-remote", &["2"], All, Panes, "Remote", "the pane Remote"),
    row(PaneTransfers, "pane-transfers", &["3"], All, Panes, "Transfers", "the pane Transfers"),
    row(Zoom, "zoom", &["z"], All, Panes, "zoom", "this pane alone, or all again; the inspector's preview")
        .also("fullscreen maximize"),
    hint(Upload, "upload", &["u"], Local, Group::Files, "upload", "upload the file or folder, or all that are marked")
        .also("put send push add"),
    hint(CopyLink, "copy-link", &["y l"], Remote, Links, "link", "copy a link that expires as the profile says")
        .also("share url presign"),
    row(
        CopyLinkFor,
        "copy-link-for",
        &["y L"],
        Remote,
        Links,
        "link for …",
        "copy a link, choosing how long it is good",
    )
    .also("share url presign expiry expires"),
    row(
        CopyPublicUrl,
        "copy-public-url",
        &["y p"],
        Remote,
        Links,
        "public URL",
        "copy the URL that needs no signature",
    )
    .also("share"),
    row(CopyKey, "copy-key", &["y k"], Remote, Links, "key", "copy the key"),
    row(CopyUri, "copy-uri", &["y u"], Remote, Links, "URI", "copy the s3:// URI"),
    row(CopyCurl, "copy-curl", &["y c"], Remote, Links, "curl line", "copy a curl line that downloads it"),
    row(
        UploadRequest,
        "upload-request",
        &["y P"],
        Remote,
        Links,
        "upload request",
        "a link with which somebody else uploads",
    )
    .also("share invite receive presign"),
    hint(Save, "save", &["s"], Remote, Group::Files, "save", "download into Local's folder; a prefix with all beneath")
        .also("download get fetch pull"),
    row(SaveAs, "save-as", &["S"], Remote, Group::Files, "save as", "download to a path that you type")
        .also("download get fetch"),
    hint(
        Delete,
        "delete",
        &["D", "delete"],
        Remote,
        Group::Files,
        "delete",
        "delete object and record; a prefix with all beneath",
    )
    .also("remove rm erase"),
    row(
        Record,
        "record",
        &["w"],
        Remote,
        Group::Files,
        "record",
        "record what is up already; a prefix with all beneath",
    )
    .also("catalog adopt import"),
    hint(Inspect, "inspect", &["i"], Files, Group::Files, "inspect", "everything about this row, and what is in it")
        .also("preview view show properties info"),
    row(PreviewDown, "preview-down", &["J"], Files, Group::Files, "scroll down", "scroll the inspector down"),
    row(PreviewUp, "preview-up", &["K"], Files, Group::Files, "scroll up", "scroll the inspector up"),
    row(CopyField, "copy-field", &["y f"], Files, Links, "field", "copy a field that the inspector shows"),
    row(EditKept, "edit-kept", &["g e"], All, Program, "edit on", "open an edited text again that was not saved"),
    row(DiscardKept, "discard-kept", &["g x"], All, Program, "discard", "discard an edited text that was not saved"),
    row(Edit, "edit", &["e"], Files, Group::Files, "edit", "edit a text file").also("change editor vim"),
    hint(
        Cancel,
        "cancel",
        &["x"],
        Transfers,
        Group::Transfers,
        "cancel",
        "cancel, removing what it left in the bucket",
    )
    .also("stop abort"),
    hint(Pause, "pause", &["p"], Transfers, Group::Transfers, "pause", "hold, or let go on").also("hold stop resume"),
    hint(Retry, "retry", &["r"], Transfers, Group::Transfers, "retry", "try again now").also("again resume"),
    hint(
        TransferDetails,
        "details",
        &["enter", "l", "right"],
        Transfers,
        Group::Transfers,
        "details",
        "everything about this transfer, its whole message",
    )
    .also("why reason error"),
    row(
        TransferFolder,
        "transfer-folder",
        &["g f"],
        Transfers,
        Group::Transfers,
        "its folder",
        "go to its file, or to its prefix",
    ),
    row(
        PauseAll,
        "pause-all",
        &["ctrl-p"],
        Transfers,
        Group::Transfers,
        "pause all",
        "hold everything; where nothing is open: let all go on",
    )
    .also("hold stop resume"),
    hint(Limits, "limits", &["b"], Transfers, Group::Transfers, "limits", "transfers at once and bytes a second")
        .also("speed rate throttle bandwidth slow"),
    row(Raise, "raise", &["K"], Transfers, Group::Transfers, "earlier", "earlier in the queue"),
    row(Lower, "lower", &["J"], Transfers, Group::Transfers, "later", "later in the queue"),
    hint(ClearDone, "clear-done", &["c"], Transfers, Group::Transfers, "clear done", "forget what is finished")
        .also("remove finished"),
    hint(Mark, "mark", &["space"], Lists, Choose, "mark", "mark or unmark, and step down").also("select choose"),
    row(MarkRange, "mark-range", &["V"], Lists, Choose, "mark range", "begin a range of marks, or end it")
        .also("select"),
    row(MarkAll, "mark-all", &["ctrl-a"], Lists, Choose, "mark all", "mark all rows shown").also("select"),
    hint(Filter, "filter", &["/"], Lists, Choose, "filter", "show only rows whose name has what you type")
        .also("look grep"),
    row(NextHit, "next-hit", &["n"], Lists, Choose, "next hit", "the next row that the filter found"),
    row(PreviousHit, "previous-hit", &["N"], Lists, Choose, "previous hit", "the row before that the filter found"),
    row(SortName, "sort-name", &["o n"], Files, Choose, "by name", "sort by name; again: reverse").also("order"),
    row(SortSize, "sort-size", &["o s"], Files, Choose, "by size", "sort by size; again: reverse").also("order"),
    row(SortDate, "sort-date", &["o d"], Files, Choose, "by date", "sort by date; again: reverse").also("order newest"),
    row(SortType, "sort-type", &["o t"], Files, Choose, "by type", "sort by type; again: reverse").also("order"),
    row(NarrowType, "narrow-type", &["F t"], Files, Choose, "type", "show only files of a type: image, image/png, png"),
    row(
        NarrowLarger,
        "narrow-larger",
        &["F l"],
        Files,
        Choose,
        "larger",
        "show only files of so many bytes or more: 10M",
    ),
    row(
        NarrowSmaller,
        "narrow-smaller",
        &["F s"],
        Files,
        Choose,
        "smaller",
        "show only files of so many bytes or fewer: 1K",
    ),
    row(NarrowSince, "narrow-since", &["F d"], Files, Choose, "since", "show only files of that age or newer: 2d, 12h"),
    row(NarrowClear, "narrow-clear", &["F x"], Files, Choose, "all again", "show every type, size and age again"),
    hint(NextView, "next-view", &["v"], Remote, Panes, "view", "the next view: Catalog (records), Bucket (objects)")
        .also("catalog objects records"),
    row(AllUsers, "all-users", &["A"], Catalog, Panes, "all users", "your records, or everyone's"),
    row(Folders, "folders", &["f"], Catalog, Panes, "folders", "show the catalog's folders, or every record")
        .also("tree prefixes"),
    hint(HiddenFiles, "hidden-files", &["."], Local, Panes, "hidden", "show or hide hidden files").also("dotfiles"),
    row(Refresh, "refresh", &["R", "ctrl-r"], Lists, Program, "refresh", "read the list again").also("reload reread"),
    row(Undo, "undo", &["U"], All, Choose, "undo", "take back what was cleared or cancelled").also("revert restore"),
    row(Mouse, "mouse", &["M"], All, Program, "mouse", "leave the mouse to the terminal, or take it back"),
    row(Redraw, "redraw", &["ctrl-l"], All, Program, "redraw", "draw the whole screen again"),
    row(Escape, "escape", &["esc"], All, Program, "back", "close, clear, go back, in that order"),
    hint(Profiles, "profiles", &["P"], All, Program, "profile", "the profiles: see them, switch")
        .also("switch account default add connection"),
    row(AboutBucket, "bucket", &["B"], All, Program, "bucket", "the bucket: what it can do, CORS, hidden versions")
        .also("cors versions"),
    row(Doctor, "doctor", &["C"], All, Program, "doctor", "check everything that this profile needs")
        .also("check test diagnose"),
    hint(Palette, "palette", &[":"], All, Program, "command", "every action by its name"),
    hint(Help, "help", &["?", "f1"], All, Program, "help", "what works here, and why something does not")
        .also("keys shortcuts"),
    row(Messages, "messages", &["!"], All, Program, "messages", "everything said so far")
        .also("log notices errors history"),
    row(Quit, "quit", &["q"], All, Program, "quit", "quit; asks while transfers run").also("exit close"),
    row(Interrupt, "interrupt", &["ctrl-c"], All, Program, "quit", "pressed twice: quit at once"),
    row(Suspend, "suspend", &["ctrl-z"], All, Program, "suspend", "stop as a job of the shell (fg comes back)"),
];
