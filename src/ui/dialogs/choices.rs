//! A few entries of which one is taken: how long a link is good, and which profile is in force.

use std::borrow::Cow;

use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Drawn, open_box, scrolled};
use crate::app::App;
use crate::app::dialog::{ExpiryDialog, FieldsDialog, ProfilesDialog};
use crate::app::inspector::NAMES;
use crate::app::{Hit, Spot};
use crate::config::{ProfileSlot, bucket_in_list};
use crate::domain::Failure;
use crate::domain::display::{display, fit_end, fit_middle, width};
use crate::domain::link::OFFERED;
use crate::ui::Look;
use crate::ui::columns::{Side, put};
use crate::ui::theme::over;

/// Columns of a profile's name, provider and bucket.
const NAME: u16 = 20;
const PROVIDER: u16 = 10;
const BUCKET: u16 = 22;

/// Columns below which a text is left out instead of cut.
const LEAST: u16 = 4;

/// Draws the expiries.
pub fn expiry(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &ExpiryDialog) -> Drawn {
    let title = match dialog.keys.len() {
        1 => "How long is the link to be good?".to_owned(),
        several => format!("How long are the {several} links to be good?"),
    };
    let whole = open_box(buffer, screen, look, &title, OFFERED.len() + 3, look.theme.border_focus);
    let (mut drawn, mut inner) = (Drawn::around(whole), whole);
    // Where there is no room for both, the choice matters more than what it is about.
    if usize::from(inner.height) > OFFERED.len() + 1 {
        let named = fit_middle(&display(&about(&dialog.keys)), inner.width.into()).into_owned();
        put(buffer, inner.x, inner.y, inner.width, Side::Left, &named, look.theme.text);
        let taken = 2.min(inner.height - 5);
        inner = Rect { y: inner.y + taken, height: inner.height - taken, ..inner };
    }
    let labels = ExpiryDialog::labels();
    for (index, ((y, label), digit)) in (inner.y..inner.bottom()).zip(labels).zip('1'..).enumerate() {
        let row = Rect { y, height: 1, ..inner };
        drawn.spots.push(Spot { area: row, hit: Hit::Press(KeyCode::Char(digit)) });
        let under = entry(buffer, row, look, index == dialog.cursor);
        let text = format!("{digit}  {label}");
        put(buffer, row.x + 2, y, row.width.saturating_sub(2), Side::Left, &text, over(look.theme.text, under));
    }
    drawn
}

/// The keys that links are made of, as far as one line names them.
fn about(keys: &[String]) -> String {
    match keys {
        [] => String::new(),
        [key] => key.clone(),
        [key, more @ ..] => format!("{key} and {} more", more.len()),
    }
}

/// Draws the background and the bar of an entry; answers what its texts stand on.
fn entry(buffer: &mut Buffer, row: Rect, look: &Look, chosen: bool) -> Style {
    let under = if chosen { look.theme.cursor } else { Style::new() };
    buffer.set_style(row, under);
    if chosen {
        put(buffer, row.x, row.y, row.width.min(1), Side::Left, "▎", look.theme.accent.patch(under));
    }
    under
}

/// Draws the inspector's fields, one of which is copied.
pub fn fields(buffer: &mut Buffer, screen: Rect, look: &Look, dialog: &FieldsDialog) -> Drawn {
    let inner = open_box(buffer, screen, look, "Copy a field", dialog.fields.len(), look.theme.border_focus);
    let first = first(dialog.first, dialog.cursor, inner.height);
    let mut drawn = Drawn::around(inner);
    for (y, (index, field)) in (inner.y..inner.bottom()).zip(dialog.fields.iter().enumerate().skip(first)) {
        let row = Rect { y, height: 1, ..inner };
        drawn.spots.push(Spot { area: row, hit: Hit::Row { row: index, first } });
        let under = entry(buffer, row, look, index == dialog.cursor);
        let names = (NAMES + 1).min(row.width);
        put(
            buffer,
            row.x + 1.min(row.width),
            y,
            names.saturating_sub(1),
            Side::Left,
            field.name,
            over(look.theme.quiet, under),
        );
        let room = row.width - names;
        let shown = display(&field.text);
        put(buffer, row.x + names, y, room, Side::Left, &fit_middle(&shown, room.into()), over(look.theme.text, under));
    }
    drawn
}

/// The first row shown: the one that was, as far as it leaves the one chosen in sight.
fn first(before: usize, cursor: usize, page: u16) -> usize {
    before.min(cursor).max((cursor + 1).saturating_sub(page.into()))
}

/// Draws the profiles: the one in force with a dot, broken ones with their reason.
pub fn profiles(buffer: &mut Buffer, screen: Rect, look: &Look, app: &App, dialog: &ProfilesDialog) -> Drawn {
    let slots = app.profiles();
    let inner = scrolled::open(buffer, screen, look, dialog.title, slots.len());
    let first = first(dialog.first, dialog.cursor, inner.height);
    let mut drawn = Drawn::around(inner);
    let shown = slots.iter().enumerate().skip(first);
    for (y, (index, slot)) in (inner.y..inner.bottom()).zip(shown) {
        let row = Rect { y, height: 1, ..inner };
        let under = entry(buffer, row, look, index == dialog.cursor);
        drawn.spots.push(Spot { area: row, hit: Hit::Row { row: index, first } });
        let in_force = slot.name == app.remote().slot().name;
        let bucket = bucket_in_list(slot, slots).unwrap_or_default();
        profile(buffer, row, look, (slot, &bucket), in_force, under);
    }
    scrolled::thumb(buffer, inner, look, first, slots.len());
    drawn
}

fn profile(buffer: &mut Buffer, row: Rect, look: &Look, shown: (&ProfileSlot, &str), in_force: bool, under: Style) {
    let (slot, bucket) = shown;
    let theme = &look.theme;
    if in_force {
        put(buffer, row.x + 1, row.y, row.width.min(1), Side::Left, "●", theme.good.patch(under));
    }
    let mut x = row.x + 3;
    let mut column = |columns: u16, text: &str, style: Style| {
        let room = columns.min(row.right().saturating_sub(x));
        // A mark of what was cut says less than nothing.
        if room < LEAST.min(columns) {
            return;
        }
        put(buffer, x, row.y, room, Side::Left, text, over(style, under));
        x = x.saturating_add(columns + 1);
    };
    column(NAME, &display(&slot.name), theme.text);
    column(PROVIDER, slot.provider.map_or("?", |provider| provider.title()), theme.quiet);
    match &slot.profile {
        Ok(profile) => {
            column(BUCKET, &display(bucket), theme.quiet);
            let read_only = if profile.read_only { "read-only  " } else { "" };
            let source = look.home.shorten_path(&slot.source.label());
            column(row.width, &whence(read_only, &source, row.width), theme.quiet);
        }
        Err(failure) => column(row.width, &complaint(failure, row.width), theme.bad),
    }
}

/// Where a profile comes from.
fn whence(read_only: &str, source: &str, columns: u16) -> String {
    let takes = u16::try_from(width(read_only)).unwrap_or(u16::MAX);
    format!("{read_only}{}", end_of(source, columns, 3 + NAME + PROVIDER + BUCKET + 3 + takes))
}

/// What is wrong with it.
fn complaint(failure: &Failure, columns: u16) -> String {
    let more = match failure.further.len() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let what = format!("{}{more}", display(&failure.what));
    format!("✗ {}", end_of(&what, columns, 3 + NAME + PROVIDER + 2 + 2))
}

/// As much as there is room for behind so many columns: where paths and complaints end is what tells them apart.
fn end_of(text: &str, columns: u16, before: u16) -> Cow<'_, str> {
    fit_end(text, columns.saturating_sub(before).into())
}
