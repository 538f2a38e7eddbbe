//! A paste where no text is asked for: one path leads Local there, several are offered for upload, and in the Bucket a key
//! or prefix is asked about before it leads there, since what a person pastes by mistake must not go to the provider.
//! Terminals paste what is dropped on them as words of a shell, others as lines or `file://` URLs, so that both readings are
//! looked at.

use std::collections::HashSet;
use std::path::PathBuf;

use super::browser::ChosenFiles;
use super::effect::{Effect, FoundPath, PathKind, SourceFile};
use super::guard::{Chosen, Snapshot, reason};
use super::notices::{Level, first_of};
use super::requests::Purpose;
use super::{App, Pane};
use crate::action::{Action, Place};

/// More paths than this are no paste of a person's.
const MOST: usize = 1_000;

impl App {
    /// Takes a paste that nothing asked for.
    pub(super) fn pasted_text(&mut self, text: &str) {
        let text = text.trim();
        let is_path = ["/", "~", "file:", "'", "\""].iter().any(|begin| text.starts_with(begin));
        if self.place() == Place::Bucket && !is_path && !text.is_empty() && !text.contains('\n') {
            return self.ask_jump_to(text);
        }
        let (lines, words) = (lines(text), words(text));
        if text.is_empty() || lines.len() + words.len() > 2 * MOST {
            return self.out.say(Level::Note, "this is no paste that could be done anything with");
        }
        let read = Pasted { lines: lines.len(), are_paths: are_paths(&lines), words_are: are_paths(&words) };
        let paths = lines.iter().chain(&words).map(|path| self.absolute(path)).collect();
        self.out.ask(Purpose::Paste(read), |request| Effect::LookAtPaths { request, paths });
    }

    /// What is at the pasted paths: as lines or as words, whichever are all there; else as paths some of which are.
    pub(super) fn pasted(&mut self, read: Pasted, mut found: Vec<FoundPath>, awaited: bool) {
        let words = found.split_off(read.lines.min(found.len()));
        let readings = [(found, read.are_paths), (words, read.words_are)].map(Reading::of);
        let whole = readings.iter().position(|reading| reading.missing.is_empty() && !reading.there.is_empty());
        let some = || readings.iter().position(|reading| reading.are_paths && !reading.there.is_empty());
        let none = || readings.iter().position(|reading| reading.are_paths && !reading.missing.is_empty());
        let Some(reading) = whole.or_else(some).or_else(none).and_then(|index| readings.into_iter().nth(index)) else {
            return self.out.say(Level::Note, "what was pasted is no path of this machine; nothing was done");
        };
        self.say_missing(&reading);
        match reading.there.as_slice() {
            [] => {}
            [_] if !awaited => self.say_too_late(),
            [path] if reading.missing.is_empty() => {
                self.focus_on(Pane::Local);
                self.go_to_path(path);
            }
            _ => self.offer(reading.there),
        }
    }

    /// Says what of a paste is not there.
    fn say_missing(&mut self, reading: &Reading) {
        if reading.missing.is_empty() {
            return;
        }
        let paths = reading.missing.iter().map(|found| found.path.display().to_string());
        let nothing = reading.there.is_empty();
        let (level, becomes) = if nothing { (Level::Note, "nothing was done") } else { (Level::Warning, "left out") };
        self.out.say(level, format!("{becomes}, not there: {}", first_of(paths)));
    }

    /// Asks whether all of these are to be uploaded.
    fn offer(&mut self, paths: Vec<FoundPath>) {
        let now = Snapshot { chosen: Chosen::Files, ..self.snapshot() };
        if let Some(reason) = reason(Action::Upload, &now) {
            return self.out.say(Level::Refusal, format!("upload: {}", self.with_names(reason)));
        }
        let (chosen, twins) = chosen(paths);
        if !twins.is_empty() {
            let paths = twins.iter().map(|path| path.display().to_string());
            let text = format!("left out, another of that name goes up: {}", first_of(paths));
            self.out.say(Level::Warning, text);
        }
        self.upload_those(chosen);
    }
}

/// How a paste may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pasted {
    /// How many of what was looked at are its lines; the others are its words.
    lines: usize,
    /// Whether each line begins as a whole path does.
    are_paths: bool,
    /// Whether each word does.
    words_are: bool,
}

/// What is at the paths of one way to read a paste.
struct Reading {
    there: Vec<FoundPath>,
    missing: Vec<FoundPath>,
    /// Whether each begins as a whole path does: of mere words some may be files by chance.
    are_paths: bool,
}

impl Reading {
    fn of((found, are_paths): (Vec<FoundPath>, bool)) -> Self {
        let (missing, there) = found.into_iter().partition(|path| path.kind == PathKind::Missing);
        Self { there, missing, are_paths }
    }
}

fn are_paths(texts: &[String]) -> bool {
    texts.iter().all(|text| text.starts_with(['/', '~']))
}

/// What is to be uploaded, each named as in its own folder; and what has the name of another of them, where a folder goes
/// along: two of one name would become one.
fn chosen(paths: Vec<FoundPath>) -> (ChosenFiles, Vec<PathBuf>) {
    let mut chosen = ChosenFiles { files: Vec::new(), folders: Vec::new() };
    let is_tree = paths.iter().any(|found| found.kind == PathKind::Folder);
    let (mut seen, mut names, mut twins) = (HashSet::new(), HashSet::new(), Vec::new());
    for FoundPath { path, kind } in paths.into_iter().filter(|found| seen.insert(found.path.clone())) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !names.insert(name.clone()) && is_tree {
            twins.push(path);
            continue;
        }
        let (size, among) = match kind {
            PathKind::File { size } => (Some(size), &mut chosen.files),
            PathKind::Folder | PathKind::Missing => (None, &mut chosen.folders),
        };
        among.push(SourceFile { path, name, size });
    }
    (chosen, twins)
}

/// A path a line, in quotes or not, or as a URL.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| from_url(unquoted(line))).collect()
}

fn unquoted(line: &str) -> &str {
    let inside = |quote| line.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('\'').or_else(|| inside('"')).unwrap_or(line)
}

/// The path of a `file://` URL (RFC 8089); anything else as it is.
fn from_url(text: &str) -> String {
    let path = text.strip_prefix("file://").map(|rest| rest.strip_prefix("localhost").unwrap_or(rest));
    match path {
        Some(path) => percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned(),
        None => text.to_owned(),
    }
}

/// Words as a shell reads them: quotes and backslashes, nothing else.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(letters.next()),
            (None, blank) if blank.is_whitespace() => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words.iter().map(|word| from_url(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_is_read_as_lines_and_as_words() {
        assert_eq!(lines("/a b\n'/c d'\nfile:///e%20f\n"), ["/a b", "/c d", "/e f"]);
        assert_eq!(words(r#"/a\ b '/c d' "/e \"f" file://localhost/g%2fh"#), ["/a b", "/c d", "/e \"f", "/g/h"]);
        assert_eq!(words("  it's open"), ["its open"], "a quote that is never closed goes to the end");
        assert!(words(" \n ").is_empty() && lines(" \n ").is_empty());
    }
}
