//! What may stand behind an action's name: profiles, lengths of time, prefixes in sight, and folders, of which the one that
//! a path leads into is looked at while it is typed.

use std::path::{Path, PathBuf};

use super::line::{BUILT_IN, Line};
use super::rows::PaletteRow;
use crate::action::{Argument, OwnFile};
use crate::app::dialog::Remark;
use crate::app::requests::Purpose;
use crate::app::{App, Dialog, Effect, LocalRow};
use crate::domain::format;
use crate::domain::link::{MAX_EXPIRY_SECONDS, OFFERED};
use crate::domain::{FileEntry, NarrowBy, Result};

/// Why what is typed cannot be completed.
const UNKNOWN: &str = "nothing that is known here begins so";

/// Ways to go on that are named.
const NAMED: usize = 8;

/// Lengths of time that are offered, in the words that the link says then.
fn expiries() -> Vec<(String, String)> {
    let most = |seconds: u64| if seconds == MAX_EXPIRY_SECONDS { ", the most" } else { "" };
    let about = |seconds: u64| format!("{}{}", format::span(seconds), most(seconds));
    OFFERED.iter().map(|(seconds, typed)| ((*typed).to_owned(), about(*seconds))).collect()
}

/// Values that are always the same.
fn offered(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(value, about)| ((*value).to_owned(), (*about).to_owned())).collect()
}

/// What lists are often narrowed to.
const fn narrowing(by: NarrowBy) -> &'static [(&'static str, &'static str)] {
    match by {
        NarrowBy::Type => &[
            ("image", "pictures of any kind"),
            ("video", "videos"),
            ("audio", "sound"),
            ("text", "text of any kind"),
            ("application/pdf", "PDF"),
        ],
        NarrowBy::Larger | NarrowBy::Smaller => {
            &[("1M", "a mebibyte"), ("10M", "ten"), ("100M", "a hundred"), ("1G", "a gibibyte")]
        }
        NarrowBy::Since => {
            &[("1h", "the last hour"), ("1d", "the last day"), ("7d", "the last week"), ("30d", "the last thirty days")]
        }
    }
}

/// What is in a folder: asked for once, and `None` until it is known.
#[derive(Debug, Clone)]
pub(crate) struct Inside {
    folder: PathBuf,
    folders: Option<Vec<String>>,
}

impl App {
    /// Rows for what may stand behind the name, as far as it is typed.
    pub(super) fn values(&self, line: &Line<'_>) -> Vec<PaletteRow> {
        let known = match line.argument {
            Argument::Profile => self.known_profiles(),
            Argument::Expiry => expiries(),
            Argument::Place if self.has_prefixes() => self.known_prefixes(),
            Argument::Place | Argument::File => {
                let found = self.known_folders(line.rest).unwrap_or_default();
                found.into_iter().map(|path| (path, String::new())).collect()
            }
            Argument::Narrow(by) => offered(narrowing(by)),
            Argument::Theme => self.known_themes(),
            Argument::Limits | Argument::Text => Vec::new(),
        };
        let typed = line.rest.to_lowercase();
        let fitting = known.into_iter().filter(|(value, _)| value.to_lowercase().starts_with(&typed));
        let row = |(value, about)| PaletteRow::Value { name: line.name.to_owned(), value, about };
        fitting.map(row).collect()
    }

    fn known_profiles(&self) -> Vec<(String, String)> {
        let about = |slot: &crate::config::ProfileSlot| match &slot.profile {
            Ok(profile) => format!("{} · {}", profile.provider.title(), profile.bucket()),
            Err(failure) => failure.what.clone(),
        };
        self.profiles.iter().map(|slot| (slot.name.clone(), about(slot))).collect()
    }

    /// Those that are built in, and the file that the settings name.
    fn known_themes(&self) -> Vec<(String, String)> {
        let own = self.own_files.path(OwnFile::Colours);
        let beside = self.own_files.path(OwnFile::Settings).with_file_name(crate::config::theme::NAME);
        let named = own.to_str().filter(|_| own != beside).map(|path| (path.to_owned(), "your own colours".to_owned()));
        offered(&BUILT_IN).into_iter().chain(named).collect()
    }

    fn known_prefixes(&self) -> Vec<(String, String)> {
        let prefixes = (0..self.remote.list().len()).filter_map(|position| self.remote.prefix_at(position));
        prefixes.map(|name| (name.to_owned(), String::new())).collect()
    }

    /// The folders in the one that what is typed leads into, each as the whole path would be typed; `None` while what is in
    /// it is not known.
    fn known_folders(&self, typed: &str) -> Option<Vec<String>> {
        let (way, folder) = self.way(typed);
        let names = match &self.inside {
            _ if folder == self.browser.folder() => self.folders_in_sight(),
            Some(inside) if inside.folder == folder => inside.folders.clone()?,
            _ => return None,
        };
        Some(names.iter().map(|name| format!("{way}{name}/")).collect())
    }

    /// A name that is no text cannot be typed.
    fn folders_in_sight(&self) -> Vec<String> {
        let name = |position| match self.browser.row(position)? {
            LocalRow::Entry(entry) if entry.is_folder() => entry.name.to_str().map(str::to_owned),
            _ => None,
        };
        (0..self.browser.list().len()).filter_map(name).collect()
    }

    /// What is typed up to its last `/`, and the folder that this leads into.
    fn way<'a>(&self, typed: &'a str) -> (&'a str, PathBuf) {
        let way = typed.rfind('/').map_or("", |slash| typed.get(..=slash).unwrap_or_default());
        (way, if way.is_empty() { self.browser.folder().to_path_buf() } else { self.absolute(way) })
    }

    /// Asks what is in the folder that a path being typed leads into, unless that is known or was asked.
    pub(super) fn look_into(&mut self) {
        let Some(Dialog::Palette(dialog)) = &self.dialog else { return };
        let line = Line::read(dialog.text()).filter(|line| matches!(line.argument, Argument::Place | Argument::File));
        let Some(line) = line.filter(|_| !self.has_prefixes()) else { return };
        let (way, folder) = self.way(line.rest);
        if !way.starts_with('~') {
            self.ask_inside(folder);
        }
    }

    fn ask_inside(&mut self, folder: PathBuf) {
        let known = self.inside.as_ref().is_some_and(|inside| inside.folder == folder);
        if known || folder == self.browser.folder() {
            return;
        }
        self.inside = Some(Inside { folder: folder.clone(), folders: None });
        let purpose = Purpose::Complete(folder.clone());
        self.out.ask(purpose, |request| Effect::ListFolder { request, path: folder });
    }

    /// Completes what is typed to go to as far as there is one way to go on, and names the ways where there are several. What
    /// is in a folder is asked for first.
    pub(in crate::app) fn complete_jump(&mut self) {
        let Some((local, typed)) = self.jump_typed() else { return };
        // Keys are counted from the bucket's top, with a slash before them or without.
        let typed = if local { typed } else { typed.trim_start_matches('/').to_owned() };
        let known = if local { self.known_folders(&typed) } else { Some(self.known_prefixes_from_the_top()) };
        match known {
            Some(known) => self.complete_with(&typed, &known),
            None => {
                let (_, folder) = self.way(&typed);
                self.ask_inside(folder);
            }
        }
    }

    fn complete_with(&mut self, typed: &str, known: &[String]) {
        let fitting: Vec<&str> = known.iter().map(String::as_str).filter(|name| name.starts_with(typed)).collect();
        let unread = self.unread(typed);
        let Some(Dialog::Prompt(prompt)) = &mut self.dialog else { return };
        prompt.remark = match fitting.as_slice() {
            [] => Some(unread.map_or_else(|| Remark::Problem(UNKNOWN.into()), Remark::Note)),
            [_] => None,
            several => Some(Remark::Note(ways_on(several))),
        };
        let common = fitting.iter().copied().reduce(common).filter(|common| common.len() > typed.len());
        if let Some(common) = common {
            prompt.input = common.to_owned().into();
        }
    }

    /// That what is typed leads elsewhere than to what is in sight of the bucket, which is all that is known of it.
    fn unread(&self, typed: &str) -> Option<String> {
        let (local, _) = self.jump_typed()?;
        let way = typed.rfind('/').map_or("", |slash| typed.get(..=slash).unwrap_or_default());
        let elsewhere = !local && (way != self.remote.prefix() || self.remote.standing().is_none());
        elsewhere.then(|| format!("not read yet: Enter looks in {}", self.where_jumps_lead()))
    }

    /// The prefixes in sight, as they are typed from the bucket's top.
    fn known_prefixes_from_the_top(&self) -> Vec<String> {
        let prefix = self.remote.prefix();
        self.known_prefixes().into_iter().map(|(name, _)| format!("{prefix}{name}")).collect()
    }

    /// What is in it; a folder that cannot be read has nothing to offer, and going there says why.
    pub(in crate::app) fn looked_into(&mut self, folder: &Path, entries: Result<Vec<FileEntry>>) {
        let entries = entries.unwrap_or_default();
        let shown = entries.iter().filter(|entry| entry.is_folder() && !entry.is_hidden());
        let mut folders: Vec<String> = shown.filter_map(|entry| entry.name.to_str().map(str::to_owned)).collect();
        folders.sort_unstable();
        if let Some(inside) = self.inside.as_mut().filter(|inside| inside.folder == folder) {
            inside.folders = Some(folders);
        }
        if self.jump_typed().is_some_and(|(local, typed)| local && self.way(&typed).1 == folder) {
            self.complete_jump();
        }
    }
}

/// The ways in which what is typed may go on, as many as can be read at a glance.
fn ways_on(several: &[&str]) -> String {
    let shown = several.iter().take(NAMED).copied().collect::<Vec<_>>().join("  ");
    match several.len().saturating_sub(NAMED) {
        0 => format!("goes on as {shown}"),
        more => format!("goes on as {shown}  and {more} more"),
    }
}

/// What two texts begin with, both.
fn common<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
    let end = same.map_or(one.len().min(other.len()), |((at, _), _)| at);
    one.get(..end).unwrap_or(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_texts_begin_with_ends_between_letters() {
        for (one, other, both) in
            [("abc", "abd", "ab"), ("aä", "aö", "a"), ("a", "ab", "a"), ("ab", "a", "a"), ("x", "y", "")]
        {
            assert_eq!(common(one, other), both);
        }
    }
}
