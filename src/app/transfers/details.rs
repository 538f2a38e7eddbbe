//! Everything about one transfer, for the dialog that a row opens: the whole message, not as much of it as a row has
//! room for. The dialog keeps the last that was known of it, so that a transfer that is cleared stays readable.

use chrono::{DateTime, Utc};

use super::words::{Saying, next_after, percent, words};
use crate::action::Place;
use crate::app::App;
use crate::app::again::asks;
use crate::app::dialog::conflicts::on_conflict;
use crate::app::dialog::{Dialog, Scroll, TransferDialog};
use crate::app::layout::scroll_columns;
use crate::app::requesting::is_waiting;
use crate::domain::display::{display, display_path, wrap};
use crate::domain::transfer::{Hold, TransferKind, TransferState, TransferView, Versions};
use crate::domain::{Failure, format};

impl App {
    /// Opens the dialog about the transfer under the cursor.
    pub(in crate::app) fn show_details(&mut self) {
        let Some(view) = self.transfers.current().cloned() else { return };
        let hold = self.transfers.hold_of(&view).cloned();
        self.out.open(Dialog::Transfer(TransferDialog { view, hold, scroll: Scroll::default() }));
    }

    /// The open dialog follows its transfer; one that was cleared stays as it was last known.
    pub(in crate::app) fn refresh_details(&mut self) {
        let Some(Dialog::Transfer(dialog)) = &mut self.dialog else { return };
        if let Some(view) = self.transfers.find(dialog.view.transfer.id) {
            dialog.view = view.clone();
            dialog.hold = self.transfers.hold_of(view).cloned();
        }
    }

    /// How transfers are put into words now.
    pub fn saying(&self) -> Saying<'_> {
        Saying { keys: &self.keymap, now: self.now(), home: &self.home }
    }

    /// The rows of that dialog on this screen.
    pub fn details(&self, dialog: &TransferDialog) -> Vec<DetailRow> {
        let (view, hold) = (&dialog.view, dialog.hold.as_ref());
        let failure = failure(view, hold);
        let mended = failure.and_then(|failure| self.where_mended(&view.transfer.profile.name, failure));
        let facts = facts(view, hold, mended, self.saying());
        rows(facts.into_iter().map(|(name, text)| (name, self.home.shorten(&text))), scroll_columns(self.size))
    }
}

/// Columns of the names on the left, with the gap behind them.
pub const NAMES: u16 = 16;

/// One row of the dialog, fit for display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailRow {
    /// What it tells; empty where the row goes on with the one above.
    pub name: &'static str,
    /// A piece of the text, at most as wide as asked.
    pub text: String,
    /// It tells what went wrong.
    pub bad: bool,
    /// The names have a column of their own.
    pub apart: bool,
}

/// From so many columns on, the names have a column of their own.
const TWO_COLUMNS_FROM: u16 = 60;

/// The rows, so many columns wide.
fn rows(facts: impl Iterator<Item = (&'static str, String)>, columns: u16) -> Vec<DetailRow> {
    let apart = columns >= TWO_COLUMNS_FROM;
    let room = if apart { columns - NAMES } else { columns };
    let rows = |(name, text): (&'static str, String)| {
        let bad = matches!(name, "message" | "what helps");
        let text = if apart { text } else { format!("{name}: {text}") };
        let pieces = wrap(&text, room).into_iter().enumerate();
        pieces.map(move |(index, text)| DetailRow {
            name: if index == 0 && apart { name } else { "" },
            text,
            bad,
            apart,
        })
    };
    facts.flat_map(rows).collect()
}

/// What helps where something is there already.
const ANSWERS: &str = "{retry} asks whether to skip it, to keep both or to overwrite what is there";

type Facts = Vec<(&'static str, String)>;

/// What is known, most useful first, fit for display.
fn facts(view: &TransferView, hold: Option<&Hold>, mended: Option<String>, saying: Saying<'_>) -> Facts {
    let (transfer, keys) = (&view.transfer, saying.keys);
    // What went wrong stands whole below.
    let failed = transfer.state == TransferState::Failed;
    let state = if failed { format!("failed: {}", next_after(view, keys)) } else { words(view, hold, saying) };
    let mut facts = vec![("state", state)];
    if let Some(failure) = failure(view, hold) {
        facts.push(("message", display(&failure.what).into_owned()));
        let asked = (failed && asks(view)).then(|| keys.filled(Place::Transfers, ANSWERS));
        let hint = asked.or_else(|| failure.hint.as_deref().map(|hint| display(hint).into_owned()));
        let helps: Vec<String> = hint.into_iter().chain(mended).collect();
        facts.extend((!helps.is_empty()).then(|| ("what helps", helps.join("; "))));
    }
    facts.push(("what", what(transfer.kind).into()));
    facts.push(("key", display(&transfer.key).into_owned()));
    facts.extend(transfer.path.as_ref().map(|path| ("file", display_path(path))));
    facts.push(("profile", profile(view)));
    bytes(view, &mut facts);
    if transfer.attempts > 0 {
        facts.push(("tries", transfer.attempts.to_string()));
    }
    if matches!(transfer.kind, TransferKind::Upload | TransferKind::Download) {
        facts.push(("if it is there", on_conflict(transfer.on_conflict).into()));
    } else if transfer.versions == Versions::Hidden {
        facts.push(("object", "stays with its record; what is hidden beneath it goes".into()));
    } else if transfer.without_record {
        facts.push(("record", "goes too where one can be seen; the object goes in any case".into()));
    }
    facts.extend(transfer.content_type.as_ref().map(|of| ("type", display(of).into_owned())));
    times(view, &mut facts);
    facts.extend(transfer.url.as_ref().map(|url| ("file_url", display(url).into_owned())));
    facts.push(("id", transfer.id.to_string()));
    facts
}

/// What keeps it from going on, or has ended it.
fn failure<'a>(view: &'a TransferView, hold: Option<&'a Hold>) -> Option<&'a Failure> {
    hold.map(|hold| &hold.failure).or(view.transfer.error.as_deref())
}

const fn what(kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::Request => "somebody else's upload, and its record",
        kind => kind.name(),
    }
}

fn profile(view: &TransferView) -> String {
    let profile = &view.transfer.profile;
    display(&format!("{} ({}, bucket {})", profile.name, profile.provider, profile.bucket)).into_owned()
}

fn bytes(view: &TransferView, facts: &mut Facts) {
    let exact = |bytes: u64| match bytes {
        0..1024 => format::size(bytes),
        _ => format!("{} ({} bytes)", format::size(bytes), format::count(bytes)),
    };
    let unknown = if is_waiting(view) || view.transfer.asked.is_some() { "any" } else { "not known" };
    facts.push(("size", view.transfer.size.map_or_else(|| unknown.into(), exact)));
    if matches!(view.transfer.kind, TransferKind::Delete | TransferKind::Request) {
        return;
    }
    if view.sent > 0 {
        let percent = percent(view).map_or_else(String::new, |percent| format!(", {percent}%"));
        facts.push(("moved", format!("{}{percent}", exact(view.sent))));
        facts.push(("acknowledged", exact(view.transfer.acknowledged)));
    }
    if view.rate > 0.0 {
        let left = view.seconds_left().map_or_else(String::new, |left| format!(", {} left", format::clock(left)));
        facts.push(("speed", format!("{}{left}", format::rate(view.rate))));
    }
}

fn times(view: &TransferView, facts: &mut Facts) {
    let transfer = &view.transfer;
    let times: [(&'static str, Option<DateTime<Utc>>); 5] = [
        ("queued", Some(transfer.queued_at)),
        ("URL ends", transfer.url_ends()),
        ("not before", transfer.not_before.filter(|_| !is_waiting(view))),
        ("bytes through", transfer.stored_at),
        ("ended", transfer.finished_at),
    ];
    facts.extend(times.into_iter().filter_map(|(name, then)| Some((name, format::moment(then?)))));
}
