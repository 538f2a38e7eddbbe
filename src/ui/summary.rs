//! What a list's border says on the right: marks and their bytes, what the list is narrowed to, filter and hits, and the
//! order where it is another than usual.

use std::borrow::Cow;

use super::pane::{PARTED, has_room};
use crate::app::{List, Sort, SortBy};
use crate::domain::display::{display, fit, fit_middle};
use crate::domain::{Narrow, format};

/// The remark of a list whose pane is so many columns wide; empty where there is nothing to say.
pub fn summary(list: &List, usual: Sort, columns: u16) -> String {
    let mut parts = Vec::new();
    if list.sort() != usual {
        parts.push(order(list.sort()));
    }
    if !list.narrow().is_none() {
        let through = list.total() as u64;
        let all = format::count(through + list.left_out().all);
        let of =
            if list.filter().is_empty() { format!("  {} of {all}", format::count(through)) } else { String::new() };
        parts.push(format!("{}{of}", narrowed(list.narrow(), columns)));
    }
    if !list.filter().is_empty() {
        let hits = format::count((list.len() - list.alike()) as u64);
        let alike = match list.alike() {
            0 => String::new(),
            alike => format!(" + {} alike", format::count(alike as u64)),
        };
        let (text, total) = (sought(list.filter(), columns), format::count(list.total() as u64));
        parts.push(format!("/{text}  {hits} of {total}{alike}"));
    }
    with_marks(parts, list, columns)
}

/// What a list is narrowed to, as far as a third of its pane has room: types may have any length.
pub fn narrowed(narrow: &Narrow, columns: u16) -> String {
    fit_middle(&display(&narrow.words()), third(columns)).into_owned()
}

/// What is searched for, likewise: how much was found counts more.
pub fn sought(text: &str, columns: u16) -> String {
    fit(&display(text), third(columns)).into_owned()
}

/// A third of a pane, and never so little that nothing can be told by it.
fn third(columns: u16) -> usize {
    usize::from(columns / 3).max(16)
}

/// How many there are: `4 files, 5 folders`; `+` behind each number where more may come.
pub fn counted(list: &List, whole: bool) -> String {
    let (folders, more) = (list.folders(), if whole { "" } else { "+" });
    let files = list.total() - folders;
    let word = |count: usize, one: &'static str, several: &'static str| {
        let noun = if whole && count == 1 { one } else { several };
        format!("{}{more} {noun}", format::count(count as u64))
    };
    let files = (files > 0 || folders == 0).then(|| word(files, "file", "files"));
    let folders = (folders > 0).then(|| word(folders, "folder", "folders"));
    files.into_iter().chain(folders).collect::<Vec<_>>().join(", ")
}

/// What stands in place of rows where all are left out by type, size or age.
pub fn nothing_narrow(narrow: &Narrow) -> Cow<'static, str> {
    format!("nothing here is {}; Esc shows all", display(&narrow.words())).into()
}

/// These parts of a remark, and behind them how many rows are marked. Where they have no room together, the marks are told
/// without what they weigh, because that some are hidden counts more; of all else is left out by whoever draws the remark.
pub fn with_marks(parts: Vec<String>, list: &List, columns: u16) -> String {
    let joined = |marks: &str| [&parts[..], &[marks.to_owned()]].concat().join(PARTED);
    let [whole, unweighed, bare] = match marked(list) {
        Some(marks) => marks,
        None => return parts.join(PARTED),
    };
    let beside = [&whole, &unweighed].into_iter().map(|marks| joined(marks)).find(|text| has_room(text, columns));
    let alone = || [&whole, &unweighed].into_iter().find(|marks| has_room(marks, columns)).unwrap_or(&bare);
    beside.unwrap_or_else(|| joined(alone()))
}

/// How many rows are marked: with what they weigh and how many of them are hidden, without the weight, and alone; nothing
/// where none is.
fn marked(list: &List) -> Option<[String; 3]> {
    let elsewhere = list.marked_elsewhere().count();
    let hidden = if elsewhere > 0 { format!(" ({} hidden)", format::count(elsewhere as u64)) } else { String::new() };
    let bare = format!("{} marked", format::count(list.marked() as u64));
    let (weight, unweighed) = (list.marked_weight(), format!("{bare}{hidden}"));
    let bytes = format::size(weight.bytes);
    let whole = match weight.at_least {
        false => format!("{unweighed}, {bytes}"),
        true if weight.bytes == 0 => unweighed.clone(),
        true => format!("{unweighed}, ≥ {bytes}"),
    };
    (list.marked() > 0).then_some([whole, unweighed, bare])
}

/// An order: `by size ↓`.
pub fn order(sort: Sort) -> String {
    let (word, up, down) = match sort.by {
        SortBy::Name => ("name", "↓", "↑"),
        SortBy::Size => ("size", "↑", "↓"),
        SortBy::Date => ("date", "↑", "↓"),
        SortBy::Type => ("type", "↓", "↑"),
    };
    format!("by {word} {}", if sort.reversed { down } else { up })
}
