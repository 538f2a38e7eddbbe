//! A line of text that is asked for: a key, a template, a path, a length of time.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use crossterm::event::{Event, KeyCode, KeyEventKind};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use super::bucket::BucketWish;
use super::names::{Names, switches};
use super::tree::{doubt, notes_on};
use super::{Command, Step};
use crate::app::effect::{Naming, Wanted, WantedObject};
use crate::app::upload::UploadDraft;
use crate::config::Profile;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Failure, FailureKind, Narrow, NarrowBy, Result, cors, key, link};

/// What the text is for.
#[derive(Debug, Clone)]
pub enum PromptFor {
    /// The key of a single upload.
    UploadKey {
        /// The file.
        draft: UploadDraft,
        /// The keys between which one key switches.
        names: Names,
    },
    /// The key template of several.
    UploadTemplate {
        /// The files.
        draft: UploadDraft,
        /// The templates between which one key switches.
        names: Names,
    },
    /// The path of a download.
    SaveAs {
        /// From whose bucket.
        profile: Arc<ProfileIdentity>,
        /// What is fetched.
        object: WantedObject,
        /// What a relative path starts from.
        folder: PathBuf,
    },
    /// Where pages are from that may use the bucket.
    Origin {
        /// Whose bucket.
        profile: Arc<Profile>,
    },
    /// A place to go to.
    Jump {
        /// In the pane Local, not in the bucket.
        local: bool,
    },
    /// What a list is narrowed to.
    Narrow {
        /// What is asked for.
        by: NarrowBy,
        /// What it is narrowed to already.
        narrow: Narrow,
        /// When it was asked, UTC: ages count from then.
        now: DateTime<Utc>,
    },
    /// Another key for an edited text.
    EditKey {
        /// The file that it is in.
        path: PathBuf,
    },
    /// How long links are to be good.
    Expiry {
        /// Of whose bucket.
        profile: String,
        /// Of which objects.
        keys: Vec<String>,
    },
}

/// What is said of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Why it will not do.
    Problem(String),
    /// It may do all the same.
    Note(String),
}

/// The question.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What is asked, in a few words.
    pub title: String,
    /// What will happen, in numbers and names; raw.
    pub lines: Vec<String>,
    /// What the text is: "key", "template".
    pub label: &'static str,
    /// The text.
    pub input: Input,
    /// What is to be said of the text as it stands.
    pub remark: Option<Remark>,
    /// What the text is for.
    pub purpose: PromptFor,
}

impl Prompt {
    pub(crate) fn input(&mut self, event: &Event) -> Step {
        match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => Step::Stay,
            Event::Key(key) if key.code == KeyCode::Esc && self.stands_nowhere() => Step::Do(Command::LeaveJump),
            Event::Key(key) if key.code == KeyCode::Esc => Step::Close,
            Event::Key(key) if key.code == KeyCode::Enter && self.stands_nowhere() => Step::Close,
            Event::Key(key) if key.code == KeyCode::Enter => self.answer(),
            Event::Key(key) if key.code == KeyCode::Tab && self.is_jump() => Step::Also(Command::CompleteJump),
            event if switches(event) => self.switch_names(),
            event => {
                self.remark = None;
                edit(&mut self.input, event);
                Step::Stay
            }
        }
    }

    pub(super) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        if self.is_jump() {
            return vec![("Enter", self.does()), ("Tab", "complete"), ("Esc", "close")];
        }
        let names = self.names().and_then(|names| names.hint(self.input.value()));
        [("Enter", self.does())].into_iter().chain(names).chain([("Esc", "cancel")]).collect()
    }

    const fn names(&self) -> Option<&Names> {
        match &self.purpose {
            PromptFor::UploadKey { names, .. } | PromptFor::UploadTemplate { names, .. } => Some(names),
            _ => None,
        }
    }

    fn switch_names(&mut self) -> Step {
        if let Some(other) = self.names().and_then(|names| names.other(self.input.value())) {
            (self.input, self.remark) = (other.to_owned().into(), None);
        }
        Step::Stay
    }

    /// What Enter does.
    const fn does(&self) -> &'static str {
        match self.purpose {
            PromptFor::UploadKey { .. }
            | PromptFor::UploadTemplate { .. }
            | PromptFor::SaveAs { .. }
            | PromptFor::EditKey { .. } => "queue",
            PromptFor::Origin { .. } => "allow",
            PromptFor::Jump { .. } => "go there",
            PromptFor::Narrow { .. } => "narrow",
            PromptFor::Expiry { .. } => "copy the link",
        }
    }

    fn is_jump(&self) -> bool {
        matches!(self.purpose, PromptFor::Jump { .. })
    }

    /// Whether a jump has led to a prefix that is not there, and nothing else was typed since.
    fn stands_nowhere(&self) -> bool {
        let is_prefix = matches!(self.purpose, PromptFor::Jump { local: false }) && self.input.value().ends_with('/');
        is_prefix && self.problem().is_some()
    }

    /// Why the text will not do; raw.
    pub fn problem(&self) -> Option<&str> {
        match &self.remark {
            Some(Remark::Problem(why)) => Some(why),
            _ => None,
        }
    }

    pub(crate) fn note(&self) -> Option<&str> {
        match &self.remark {
            Some(Remark::Note(note)) => Some(note),
            _ => None,
        }
    }

    /// Says of the text why it will not do.
    pub(crate) fn refuse(&mut self, failure: &Failure) {
        self.remark = Some(Remark::Problem(failure.sentence()));
    }

    /// What is to be said of a key or a place, or of a template what becomes of the first file by it and what it knows; raw.
    /// Empty where none is asked for.
    pub fn notes(&self, now: DateTime<Utc>) -> Vec<String> {
        let text = self.input.value();
        match &self.purpose {
            PromptFor::UploadKey { .. } if text.contains('{') => {
                vec!["this is the whole key, and taken as it stands: only templates have {places}".into()]
            }
            PromptFor::UploadKey { draft, .. } => doubt(text, &draft.prefix).into_iter().collect(),
            PromptFor::EditKey { .. } => doubt(text, "").into_iter().collect(),
            PromptFor::UploadTemplate { draft, .. } => {
                draft.files.first().map_or_else(Vec::new, |file| notes_on(text, &draft.prefix, &file.name, now))
            }
            _ => self.note().map(str::to_owned).into_iter().collect(),
        }
    }

    fn answer(&mut self) -> Step {
        match self.command() {
            // What is not there leaves the text to be mended.
            Ok(command) if self.is_jump() => Step::Also(command),
            Ok(command) => Step::Do(command),
            Err(failure) => {
                self.refuse(&failure);
                Step::Stay
            }
        }
    }

    fn command(&self) -> Result<Command> {
        let text = self.input.value();
        match &self.purpose {
            PromptFor::UploadKey { draft, .. } => {
                key::check_new(text)?;
                Ok(plan(draft, Naming::Key(text.to_owned())))
            }
            PromptFor::EditKey { path } => {
                key::check_new(text)?;
                Ok(Command::SaveEdit { path: path.clone(), key: text.to_owned() })
            }
            PromptFor::UploadTemplate { draft, .. } => {
                draft.check_template(text)?;
                Ok(plan(draft, Naming::Template { template: text.to_owned(), prefix: draft.prefix.clone() }))
            }
            PromptFor::SaveAs { profile, object, folder } => {
                let path = checked_path(folder, text)?;
                Ok(Command::SaveAs { profile: profile.clone(), object: object.clone(), path })
            }
            PromptFor::Origin { profile } => {
                let wish = BucketWish::Allow(cors::origin(text.trim())?);
                Ok(Command::Bucket { profile: profile.clone(), wish })
            }
            PromptFor::Narrow { by, narrow, now } => Ok(Command::Narrow(narrow.and(*by, text, *now)?)),
            PromptFor::Jump { local } => jump(*local, text),
            PromptFor::Expiry { profile, keys } => {
                let wanted = Wanted::Presigned(link::expiry(text)?);
                Ok(Command::Links { profile: profile.clone(), keys: keys.clone(), wanted })
            }
        }
    }
}

fn jump(local: bool, text: &str) -> Result<Command> {
    if text.contains('\0') || text.trim().is_empty() {
        let hint = if local { "type a folder or a file" } else { "type a prefix or a key; / is the bucket's top" };
        return Err(Failure::new(FailureKind::Usage, "this is no path").hint(hint));
    }
    Ok(Command::Jump { local, text: text.to_owned() })
}

fn plan(draft: &UploadDraft, naming: Naming) -> Command {
    Command::PlanUpload { profile: draft.profile.clone(), files: draft.files.clone(), naming }
}

/// The file that a typed path means.
///
/// # Errors
/// `Usage` for what is no file's path.
pub(crate) fn checked_path(folder: &std::path::Path, text: &str) -> Result<PathBuf> {
    if text.starts_with('~') {
        let what = "\"~\" is not taken for the home folder here";
        return Err(Failure::new(FailureKind::Usage, what).hint("type the whole path, or one below the local folder"));
    }
    let path = folder.join(text);
    if text.trim().is_empty() || text.ends_with('/') || path.file_name().is_none() || text.contains('\0') {
        return Err(Failure::new(FailureKind::Usage, "this is no file name").hint("type the path of a file"));
    }
    Ok(path)
}

/// Lets an event edit a line. A paste is put in as one line, whatever it holds.
pub(crate) fn edit(input: &mut Input, event: &Event) {
    if let Event::Paste(text) = event {
        for letter in text.trim_end_matches(['\r', '\n']).chars() {
            input.handle(InputRequest::InsertChar(letter));
        }
    } else {
        input.handle_event(event);
    }
}
