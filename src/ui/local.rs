//! Draws the pane Local: folders and files with their sizes and dates, symbolic links as such, and what cannot be read
//! with its reason.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Look;
use super::columns::{Column, Side};
use super::list::{List, Row, remark};
use super::pane::{Cut, Piece, aged, pane, thumb};
use super::summary::{nothing_narrow, summary};
use crate::action::{Keymap, Place};
use crate::app::{Browser, FolderState, LocalRow, Sort};
use crate::domain::display::{display, display_bytes, fit_middle};
use crate::domain::file::{FileKind, LinkTarget};
use crate::domain::{FileEntry, format};

const COLUMNS: [Column; 2] = [
    Column { width: 9, side: Side::Right, rank: 0, name_at_least: 14 },
    Column { width: 11, side: Side::Right, rank: 1, name_at_least: 18 },
];

/// Draws the pane.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    look: &Look,
    keys: &Keymap,
    browser: &Browser,
    focused: bool,
    now: DateTime<Utc>,
) {
    let place = look.home.shorten_path(&browser.title());
    let title = look.title("1", "Local", focused);
    let title = [&title[..], &[Piece { text: &place, style: look.theme.quiet, cut: Cut::Beginning }]].concat();
    let list = browser.list();
    let inner = pane(buffer, area, &look.theme, focused, &title, &right(browser, area, now));
    draw_remark(buffer, inner, look, keys, browser);
    let shown = List {
        area: inner,
        offset: list.offset(),
        cursor: Some(list.cursor()),
        count: list.len(),
        focused,
        columns: &COLUMNS,
        cut: fit_middle,
        needle: list.filter(),
    };
    shown.draw(buffer, &look.theme, |position| match browser.row(position) {
        Some(LocalRow::Entry(entry)) => row(entry, list.is_marked(position), look, now),
        _ => Row { name: "../".into(), style: look.theme.folder, ..Row::default() },
    });
    thumb(buffer, area, look.border(focused), list.offset(), list.len() as u64);
}

fn right(browser: &Browser, area: Rect, now: DateTime<Utc>) -> String {
    match browser.is_reading() {
        true => "reading …".into(),
        false => aged(summary(browser.list(), Sort::NAME, area.width), area, browser.read_at(), now),
    }
}

fn draw_remark(buffer: &mut Buffer, inner: Rect, look: &Look, keys: &Keymap, browser: &Browser) {
    let list = browser.list();
    let below = Rect { y: inner.y + u16::from(list.has_lead()), height: inner.height.saturating_sub(1), ..inner };
    match browser.state() {
        FolderState::Failed(failure) => {
            let sentence = failure.sentence();
            remark(
                buffer,
                inner,
                look.theme.bad,
                &[display(&sentence), keys.filled(Place::Local, "{refresh} tries again").into()],
            );
        }
        FolderState::Ready if list.len() > usize::from(list.has_lead()) => {}
        FolderState::Ready if !list.filter().is_empty() => {
            remark(buffer, below, look.theme.quiet, &["no name here has that; Esc shows all".into()]);
        }
        FolderState::Ready if list.left_out().all > 0 => {
            remark(buffer, below, look.theme.quiet, &[nothing_narrow(list.narrow())]);
        }
        FolderState::Ready if browser.is_empty() => {
            remark(buffer, below, look.theme.quiet, &["an empty folder".into()]);
        }
        FolderState::Ready => remark(buffer, below, look.theme.quiet, &["only hidden files: . shows them".into()]),
        FolderState::Loading => {}
    }
}

fn row<'a>(entry: &FileEntry, marked: bool, look: &Look, now: DateTime<Utc>) -> Row<'a> {
    let theme = &look.theme;
    let (note, style): (Cow<'_, str>, _) = match (&entry.problem, entry.kind) {
        (Some(problem), _) => (format!("  ({})", display(problem)).into(), theme.bad),
        (None, FileKind::Folder) => ("/".into(), theme.folder),
        (None, FileKind::Symlink(LinkTarget::Folder)) => ("/ →".into(), theme.folder),
        (None, FileKind::Symlink(LinkTarget::Missing)) => (" → (leads nowhere)".into(), theme.warning),
        (None, FileKind::Symlink(_)) => (" →".into(), theme.text),
        (None, FileKind::Other) => ("  (no regular file)".into(), theme.quiet),
        (None, FileKind::File) => ("".into(), theme.text),
    };
    let name = display_bytes(entry.name.as_encoded_bytes());
    // What is no file has no bytes to send, and what is noted of it needs the room.
    let size = entry.size.filter(|_| entry.is_file()).map_or(Cow::Borrowed(""), |size| format::size(size).into());
    let date = entry.modified.map_or(Cow::Borrowed(""), |then| format::date(then, now).into());
    Row { name: name.into(), note, style, marked, cells: vec![size, date] }
}
