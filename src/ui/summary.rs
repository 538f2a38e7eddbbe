//! What a list's border says on the right: marks and their bytes, what the list is narrowed to, filter and hits, and the
//! order where it is another than usual.

use std::borrow::Cow;

use super::pane::PARTED;
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
    parts.extend(marked(list));
    parts.join(PARTED)
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

/// How many rows are marked, and what they weigh; nothing where none is.
pub fn marked(list: &List) -> Option<String> {
    let elsewhere = list.marked_elsewhere().count();
    let hidden = if elsewhere > 0 { format!(" ({} hidden)", format::count(elsewhere as u64)) } else { String::new() };
    let marked = format::count(list.marked() as u64);
    let weight = list.marked_weight();
    let bytes = format::size(weight.bytes);
    (list.marked() > 0).then(|| match weight.at_least {
        false => format!("{marked} marked{hidden}, {bytes}"),
        true if weight.bytes == 0 => format!("{marked} marked{hidden}"),
        true => format!("{marked} marked{hidden}, ≥ {bytes}"),
    })
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
