//! What a list's border says on the right: marks and their bytes, what the list is narrowed to, filter and hits, and the order where it is another
//! than usual.

use std::borrow::Cow;

use super::pane::PARTED;
use crate::app::{List, Sort, SortBy};
use crate::domain::display::display;
use crate::domain::{Narrow, format};

/// The remark of a list; empty where there is nothing to say.
pub fn summary(list: &List, usual: Sort) -> String {
    let mut parts = Vec::new();
    if list.sort() != usual {
        parts.push(order(list.sort()));
    }
    if !list.narrow().is_none() {
        let through = list.total() as u64;
        let all = format::count(through + list.left_out().all);
        let of =
            if list.filter().is_empty() { format!("  {} of {all}", format::count(through)) } else { String::new() };
        parts.push(format!("{}{of}", display(&list.narrow().words())));
    }
    if !list.filter().is_empty() {
        let hits = format::count((list.len() - list.alike()) as u64);
        let alike = match list.alike() {
            0 => String::new(),
            alike => format!(" + {} alike", format::count(alike as u64)),
        };
        parts.push(format!("/{}  {hits} of {}{alike}", display(list.filter()), format::count(list.total() as u64)));
    }
    parts.extend(marked(list));
    parts.join(PARTED)
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
    let marked = format::count(list.marked() as u64);
    let weight = list.marked_weight();
    let bytes = format::size(weight.bytes);
    (list.marked() > 0).then(|| match weight.at_least {
        false => format!("{marked} marked, {bytes}"),
        true if weight.bytes == 0 => format!("{marked} marked"),
        true => format!("{marked} marked, ≥ {bytes}"),
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
