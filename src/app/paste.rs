//! A paste where no text is asked for: one path leads Local there, several are offered for upload, and in the Bucket a key
//! or prefix is asked about before it leads there, since what a person pastes by mistake must not go to the provider.
//! Terminals paste what is dropped on them as words of a shell, others as lines or `file://` URLs, so that both readings are
//! looked at.

use std::path::{Path, PathBuf};

use super::browser::ChosenFiles;
use super::effect::{Effect, FoundPath, PathKind, SourceFile};
use super::guard::{Chosen, Snapshot, reason};
use super::notices::Level;
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
        let count = lines.len();
        let paths = lines.iter().chain(&words).map(|path| self.absolute(path)).collect();
        self.out.ask(Purpose::Paste { lines: count }, |request| Effect::LookAtPaths { request, paths });
    }

    /// What is at the pasted paths: first as lines, then as words.
    pub(super) fn pasted(&mut self, lines: usize, mut found: Vec<FoundPath>, awaited: bool) {
        let words = found.split_off(lines.min(found.len()));
        let is_there = |paths: &[FoundPath]| paths.iter().all(|path| path.kind != PathKind::Missing);
        let Some(paths) = [found, words].into_iter().find(|paths| !paths.is_empty() && is_there(paths)) else {
            return self.out.say(Level::Note, "what was pasted is no path of this machine; nothing was done");
        };
        match paths.as_slice() {
            [_] if !awaited => self.say_too_late(),
            [path] => {
                self.focus_on(Pane::Local);
                self.go_to_path(path);
            }
            _ => self.offer(paths),
        }
    }

    /// Asks whether all of these are to be uploaded.
    fn offer(&mut self, paths: Vec<FoundPath>) {
        let now = Snapshot { chosen: Chosen::Files, ..self.snapshot() };
        match reason(Action::Upload, &now) {
            Some(reason) => self.out.say(Level::Refusal, format!("upload: {}", self.with_names(reason))),
            None => self.upload_those(chosen(paths)),
        }
    }
}

fn chosen(paths: Vec<FoundPath>) -> ChosenFiles {
    let mut chosen = ChosenFiles { files: Vec::new(), folders: Vec::new(), base: common_folder(&paths) };
    for found in paths {
        let name = found.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (size, among) = match found.kind {
            PathKind::File { size } => (Some(size), &mut chosen.files),
            PathKind::Folder | PathKind::Missing => (None, &mut chosen.folders),
        };
        among.push(SourceFile { path: found.path, name, size });
    }
    chosen
}

/// The deepest folder that all of them are in.
fn common_folder(paths: &[FoundPath]) -> PathBuf {
    let mut parents = paths.iter().filter_map(|found| found.path.parent());
    let mut common = parents.next().unwrap_or(Path::new("/"));
    for parent in parents {
        while !parent.starts_with(common) {
            common = common.parent().unwrap_or(Path::new("/"));
        }
    }
    common.to_path_buf()
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

    #[test]
    fn what_is_uploaded_together_keeps_its_folders() {
        let found = |path: &str| FoundPath { path: path.into(), kind: PathKind::Folder };
        let base = |paths: &[&str]| common_folder(&paths.iter().map(|path| found(path)).collect::<Vec<_>>());
        assert_eq!(base(&["/a/b/one", "/a/b/two"]), Path::new("/a/b"));
        assert_eq!(base(&["/a/b/one", "/a/c/d/two"]), Path::new("/a"));
        assert_eq!(base(&["/one", "/a/two", "/"]), Path::new("/"));
    }
}
