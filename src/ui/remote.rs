//! Draws the pane Remote: the records of the catalog, or what the bucket itself lists.

mod catalog;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Look;
use super::columns::{Column, Side, put};
use super::keys::fit_key;
use super::list::{List, Row, remark};
use super::pane::{Cut, Piece, aged, both_fit, pane, thumb};
use super::summary::{counted, nothing_narrow, sought, summary};
use super::welcome;
use crate::action::{Keymap, Place};
use crate::app::bucket::{Below, MOST_BELOW};
use crate::app::{
    App, BucketRow, CatalogRow, NoRecords, ObjectRow, Phase, RecordRow, Remote, ShelfRow, Sort, Tail, View,
};
use crate::domain::display::display;
use crate::domain::format;

const RECORD: [Column; 4] = [
    Column { width: 9, side: Side::Right, rank: 0, name_at_least: 14 },
    Column { width: 15, side: Side::Left, rank: 2, name_at_least: 30 },
    Column { width: 11, side: Side::Right, rank: 1, name_at_least: 16 },
    Column { width: 12, side: Side::Left, rank: 3, name_at_least: 36 },
];

/// The columns without the record's user, where all are one user's.
const WITHOUT_USER: usize = 3;

const OBJECT: [Column; 2] = [
    Column { width: 9, side: Side::Right, rank: 0, name_at_least: 14 },
    Column { width: 11, side: Side::Right, rank: 1, name_at_least: 18 },
];

/// In fewer columns the pane's name gives way to the view and to where somebody stands; to what was found it does in any.
const NARROW: u16 = 44;

/// Stands behind the place where a search is for what is below, too.
const BELOW: &str = " and below";

/// Where in the title the pane's name is.
const NAME: usize = 1;

/// Draws the pane.
pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look, app: &App, focused: bool) {
    let (remote, now) = (app.remote(), app.now());
    let inner = frame(buffer, area, look, app, focused);
    let list = remote.list();
    let everyone = remote.user().is_none();
    let columns = match remote.view() {
        View::Catalog if everyone => &RECORD[..],
        View::Catalog => &RECORD[..WITHOUT_USER],
        View::Bucket => &OBJECT[..],
    };
    let shown = List {
        area: inner,
        offset: list.offset(),
        cursor: Some(list.cursor()),
        count: list.len(),
        focused,
        columns,
        cut: fit_key,
        needle: remote.sought(),
    };
    shown.draw(buffer, &look.theme, |position| {
        let marked = list.is_marked(position);
        match remote.view() {
            View::Catalog => remote.catalog().row(position).map(|row| shelved(row, marked, look, now)),
            View::Bucket => remote.bucket().row(position).map(|row| object(row, marked, look, now)),
        }
        .unwrap_or_default()
    });
    match app.welcome() {
        Some(welcome) => welcome::draw(buffer, inner, look, &welcome),
        None => draw_end(buffer, inner, look, app),
    }
    thumb(buffer, area, look.border(focused), list.offset(), remote.scrolls_over());
}

/// Draws the border with where somebody stands, how much is there and since when; answers the room inside.
fn frame(buffer: &mut Buffer, area: Rect, look: &Look, app: &App, focused: bool) -> Rect {
    let remote = app.remote();
    let (view, place, cut) = view_and_place(remote);
    let name = look.title("2", "Remote", focused);
    let titled = |place| {
        let view = Piece { text: view, style: look.theme.text, cut: Cut::Beginning };
        [&name[..], &[view, Piece { text: place, style: look.theme.quiet, cut }]].concat()
    };
    let title = titled(&place);
    // What a search found is of this moment, and its figures need the room.
    let is_search = remote.view() == View::Catalog && remote.catalog().query().is_search();
    let read_at = remote.read_at().filter(|_| !remote.is_loading() && !is_search);
    let right = right(remote, area.width);
    let aged = aged(right.clone(), area, read_at, app.now());
    // Where somebody stands matters more than since when.
    let right = if both_fit(&title, &aged, area) { aged } else { right };
    let right = if cut == Cut::Whole || both_fit(&title, &right, area) { &right } else { briefer(remote, &right) };
    // That a search is for what is below, too, is told by what was found.
    let searched = place.strip_suffix(BELOW);
    let title = searched.filter(|_| !both_fit(&title, right, area)).map_or(title, titled);
    // The usual order is no news, another one is.
    let is_catalog = cut == Cut::Whole;
    let is_usual = is_catalog && remote.catalog().query().order == Sort::NEWEST;
    let has_news = searched.is_some() || is_catalog && !is_usual;
    let without = |place: usize| !both_fit(&title[..title.len() - place], right, area);
    let is_tight = (area.width < NARROW || has_news) && without(usize::from(is_usual)) || without(1);
    // The view tells the pane, too.
    let shown: Vec<Piece<'_>> =
        title.into_iter().enumerate().filter(|(at, _)| !is_tight || *at != NAME).map(|(_, piece)| piece).collect();
    pane(buffer, area, &look.theme, focused, &shown, right)
}

/// The files alone of `5 files, 3 folders`: where somebody stands matters more. Marks and hits are told whole.
fn briefer<'a>(remote: &Remote, right: &'a str) -> &'a str {
    let is_count = summary(remote.list(), Sort::NAME, 0).is_empty() && remote.bucket().below().is_none();
    right.split_once(", ").filter(|_| is_count).map_or(right, |(files, _)| files)
}

fn view_and_place(remote: &Remote) -> (&'static str, String, Cut) {
    match remote.view() {
        View::Catalog if remote.catalog().folder().is_none() => ("Catalog ▾", catalog::place(remote), Cut::Whole),
        View::Catalog => {
            let place = level(remote, remote.catalog().query().is_search());
            ("Catalog ▾", format!("{place}{}", catalog::reading(remote)), Cut::Beginning)
        }
        View::Bucket => ("Bucket ▾", level(remote, remote.bucket().below().is_some()), Cut::Beginning),
    }
}

/// `photos/2026/`, with the bucket before it; a search is told to be for what is below, too.
fn level(remote: &Remote, searched: bool) -> String {
    let bucket = remote.profile().map_or("", |profile| profile.bucket());
    let below = if searched { BELOW } else { "" };
    format!("{}{below}", display(&format!("{bucket}/{}", remote.prefix())))
}

fn right(remote: &Remote, columns: u16) -> String {
    if remote.view() == View::Catalog {
        return catalog::remark(remote, columns);
    }
    let said = summary(remote.list(), Sort::NAME, columns);
    if let Some(below) = remote.bucket().below() {
        let more = if said.is_empty() { said } else { format!(" · {said}") };
        return format!("{}{more}", found_below(below, remote, columns));
    }
    if said.is_empty() { count(remote) } else { said }
}

/// `/hero  12 of 3,400 …`: what was searched for below, how much was found, and among how many.
fn found_below(below: &Below, remote: &Remote, columns: u16) -> String {
    let list = remote.list();
    let found = format::count(list.total() as u64 + list.left_out().all);
    let end = match remote.tail() {
        _ if remote.is_loading() => " …",
        Tail::Stopped => ", stopped",
        _ => "",
    };
    format!("/{}  {found} of {}{end}", sought(below.text(), columns), format::count(below.looked_at()))
}

fn count(remote: &Remote) -> String {
    let loaded = remote.list().total() as u64;
    match remote.tail() {
        _ if remote.is_loading() && loaded == 0 => "reading …".into(),
        Tail::End => counted(remote.list(), true),
        _ if loaded == 0 => String::new(),
        _ => counted(remote.list(), false),
    }
}

fn shelved<'a>(row: CatalogRow<'a>, marked: bool, look: &Look, now: DateTime<Utc>) -> Row<'a> {
    match row {
        CatalogRow::Parent => parent(look),
        CatalogRow::Entry(ShelfRow::Folder(_), name) => {
            Row { name: name_of(name), style: look.theme.folder, marked, ..Row::default() }
        }
        CatalogRow::Entry(ShelfRow::Record(row), name) => record(row, name, marked, look, now),
    }
}

/// The row that leads up.
fn parent(look: &Look) -> Row<'static> {
    Row { name: "../".into(), style: look.theme.folder, ..Row::default() }
}

fn record<'a>(row: &'a RecordRow, name: &'a str, marked: bool, look: &Look, now: DateTime<Utc>) -> Row<'a> {
    let cells = vec![
        row.size.map_or(Cow::Borrowed("?"), |size| format::size(size).into()),
        row.content_type.as_deref().map_or(Cow::Borrowed("?"), display),
        row.uploaded_at.map_or(Cow::Borrowed("?"), |then| format::age(then, now).into()),
        display(&row.user_id),
    ];
    Row { name: name_of(name), style: look.theme.text, marked, cells, ..Row::default() }
}

fn object<'a>(row: BucketRow<'a>, marked: bool, look: &Look, now: DateTime<Utc>) -> Row<'a> {
    match row {
        BucketRow::Parent => parent(look),
        BucketRow::Entry(row, name) => {
            let style = if row.is_prefix() { look.theme.folder } else { look.theme.text };
            Row { name: name_of(name), style, marked, cells: cells(row, now), ..Row::default() }
        }
    }
}

fn name_of(name: &str) -> Cow<'_, str> {
    match name {
        // A key that ends where the prefix does has no name of its own here.
        "" => "(this prefix itself)".into(),
        // Two slashes in a row make a folder without a name.
        "/" => "(no name)/".into(),
        // It leads further down, and is not the row that leads up.
        "." | ".." | "./" | "../" => format!("\"{name}\"").into(),
        _ => display(name),
    }
}

fn cells<'a>(row: &ObjectRow, now: DateTime<Utc>) -> Vec<Cow<'a, str>> {
    let size = row.size.map_or(Cow::Borrowed(""), |size| format::size(size).into());
    let modified = row.modified.map_or(Cow::Borrowed(""), |then| format::date(then, now).into());
    vec![size, modified]
}

/// What stands in place of rows, or behind the last one.
fn draw_end(buffer: &mut Buffer, inner: Rect, look: &Look, app: &App) {
    let (keys, remote) = (app.keymap(), app.remote());
    let list = remote.list();
    let phase = match remote.view() {
        View::Catalog => remote.catalog().phase(),
        View::Bucket => remote.bucket().phase(),
    };
    match phase {
        Phase::Failed(failure) => {
            let sentences = failure.each().map(|wrong| display(&wrong.sentence()).into_owned().into());
            let again = app.what_again_does(failure).into();
            let mended = app.where_mended(&remote.slot().name, failure).map(Cow::from);
            let said: Vec<Cow<'_, str>> = sentences.chain(mended).chain([again]).collect();
            let taken = u16::try_from(list.len().saturating_sub(list.offset())).unwrap_or(inner.height);
            remark(buffer, below(inner, taken), look.theme.warning, &said);
        }
        Phase::Ready if remote.view() == View::Catalog && remote.catalog().query().is_search() && list.is_empty() => {
            remark(buffer, inner, look.theme.quiet, &catalog::nothing_found(remote.catalog()));
        }
        Phase::Ready if list.len() == usize::from(list.has_lead()) => {
            let lead = u16::from(list.has_lead());
            remark(buffer, below(inner, lead), look.theme.quiet, &empty(app));
        }
        Phase::Ready => draw_tail(buffer, inner, look, keys, remote),
        Phase::Loading | Phase::Idle => {}
    }
}

fn below(inner: Rect, rows: u16) -> Rect {
    let rows = rows.min(inner.height);
    Rect { y: inner.y + rows, height: inner.height - rows, ..inner }
}

fn empty(app: &App) -> Vec<Cow<'static, str>> {
    let remote = app.remote();
    let list = remote.list();
    match remote.view() {
        _ if !list.filter().is_empty() => vec!["no name here has that; Esc shows all".into()],
        View::Catalog if !remote.catalog().query().narrow.is_none() => {
            vec![nothing_narrow(&remote.catalog().query().narrow)]
        }
        View::Bucket if remote.bucket().below().is_some() && list.total() == 0 && list.left_out().all == 0 => {
            vec![if remote.is_loading() { "looking …" } else { "nothing below has that; Esc goes back" }.into()]
        }
        _ if list.left_out().all > 0 => vec![nothing_narrow(list.narrow())],
        View::Catalog if !remote.prefix().is_empty() => vec!["no records in this folder".into()],
        View::Catalog => no_records(app),
        View::Bucket if remote.bucket().prefix().is_empty() => vec!["nothing in this bucket".into()],
        View::Bucket => vec!["nothing under this prefix".into()],
    }
}

/// Why there are no records at all, and what helps.
fn no_records(app: &App) -> Vec<Cow<'static, str>> {
    let said = |sentence| app.keymap().filled(Place::Catalog, sentence).into();
    let why = match app.no_records() {
        NoRecords::Refused => vec![said("the bucket refuses this profile: {next-view} shows why")],
        NoRecords::Unreachable => vec![said("the bucket could not be read: {next-view} shows why")],
        NoRecords::ReadOnly => {
            vec![
                "this profile is read-only: nothing can be uploaded".into(),
                said("{next-view} shows what the bucket holds"),
            ]
        }
        NoRecords::NoneYet => vec![
            said("{upload} in Local uploads one"),
            said("{next-view} shows what the bucket holds; {record} there writes its record"),
        ],
    };
    let others = app.remote().user().map(|_| said("{all-users} shows the records of everyone"));
    std::iter::once("no files yet".into()).chain(why).chain(others).collect()
}

fn draw_tail(buffer: &mut Buffer, inner: Rect, look: &Look, keys: &Keymap, remote: &Remote) {
    let list = remote.list();
    let rows = list.len().saturating_sub(list.offset());
    let Some(y) = u16::try_from(rows).ok().filter(|rows| *rows < inner.height).map(|rows| inner.y + rows) else {
        return;
    };
    let found = if remote.view() == View::Catalog { catalog::how_it_is_found(remote.catalog()) } else { None };
    let (text, style): (Cow<'_, str>, _) = match remote.tail() {
        Tail::Failed(failure) => (display(&failure.what).into_owned().into(), look.theme.warning),
        Tail::Full if remote.view() == View::Bucket && remote.bucket().below().is_some() => (
            format!("{} are kept: a longer text finds fewer", format::count(MOST_BELOW as u64)).into(),
            look.theme.quiet,
        ),
        Tail::Full if !remote.needle().is_empty() => {
            ("more are not kept in memory; search for more of the key".into(), look.theme.quiet)
        }
        Tail::Full if remote.view() == View::Catalog && remote.catalog().folder().is_some() => {
            ("more are not kept in memory; a search finds them".into(), look.theme.quiet)
        }
        Tail::Full => ("older ones are not kept in memory; a filter does not see them".into(), look.theme.quiet),
        Tail::More | Tail::End if found.is_some() => (found.unwrap_or_default().into(), look.theme.quiet),
        Tail::More if remote.is_loading() => ("reading on …".into(), look.theme.quiet),
        Tail::Stopped => (keys.filled(Place::Catalog, "stopped here; {refresh} begins again").into(), look.theme.quiet),
        Tail::More | Tail::End => return,
    };
    put(buffer, inner.x + 2, y, inner.width.saturating_sub(2), Side::Left, &text, style);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_be_read_as_something_else_are_told() {
        let shown = ["a/", "/", "", "..", "../"].map(name_of);
        assert_eq!(shown, ["a/", "(no name)/", "(this prefix itself)", "\"..\"", "\"../\""]);
    }
}
