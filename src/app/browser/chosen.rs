//! What of the folder is to be uploaded, and what cannot be.

use super::Browser;
use crate::app::effect::SourceFile;
use crate::app::notices::{Level, first_of};
use crate::app::outbox::Outbox;
use crate::domain::file::not_text;
use crate::domain::{Failure, FileEntry, format};

/// How many refusals are said one by one.
const SAID: usize = 2;

/// What is to be uploaded.
#[derive(Debug)]
pub(crate) struct ChosenFiles {
    /// Files.
    pub(crate) files: Vec<SourceFile>,
    /// Folders, to be taken with everything in them.
    pub(crate) folders: Vec<SourceFile>,
}

impl Browser {
    /// What to upload: what is marked, else what is under the cursor. What is neither file nor folder is named and left
    /// out, and so is each whose name is no text, which keys are.
    pub(crate) fn chosen_files(&self, out: &mut Outbox) -> ChosenFiles {
        let chosen: Vec<&FileEntry> =
            self.list.chosen().into_iter().filter_map(|row| self.entries.all.get(row)).collect();
        let (sendable, others): (Vec<_>, Vec<_>) =
            chosen.into_iter().partition(|entry| entry.is_file() || entry.is_folder());
        if !others.is_empty() {
            let names = others.iter().map(|entry| entry.name.to_string_lossy().into_owned());
            out.say(
                Level::Warning,
                format!("left out, no {} that can be read: {}", files(others.len()), first_of(names)),
            );
        }
        let mut refused = Vec::new();
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in sendable {
            let among = if entry.is_file() { &mut files } else { &mut folders };
            match self.source(entry) {
                Ok(source) => among.push(source),
                Err(failure) => refused.push(failure),
            }
        }
        tell_refused(&refused, out);
        ChosenFiles { files, folders }
    }

    fn source(&self, entry: &FileEntry) -> Result<SourceFile, Failure> {
        let path = self.folder.join(&entry.name);
        match entry.name.to_str() {
            Some(name) => Ok(SourceFile { name: name.to_owned(), path, size: entry.size }),
            None => Err(not_text(&path)),
        }
    }
}

/// The first ones one by one; the log has all.
fn tell_refused(refused: &[Failure], out: &mut Outbox) {
    let (first, others) = refused.split_at(refused.len().min(SAID));
    others.iter().for_each(|failure| out.record(failure));
    if !others.is_empty() {
        let (count, verb) = (format::count(others.len() as u64), if others.len() == 1 { "is" } else { "are" });
        out.say(Level::Error, format!("{count} more {verb} left out for such a name"));
    }
    first.iter().for_each(|failure| out.fail(failure));
}

const fn files(count: usize) -> &'static str {
    if count == 1 { "file" } else { "files" }
}
