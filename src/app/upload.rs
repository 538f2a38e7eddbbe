//! What is about to be uploaded, between the key press and the queue.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::App;
use super::browser::ChosenFiles;
use super::dialog::{Dialog, Names, Prompt, PromptFor};
use super::effect::{Effect, SourceFile};
use super::requests::Purpose;
use crate::config::Profile;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Result, format, key};

impl App {
    /// Asks how the chosen files and folders are to be uploaded.
    pub(super) fn upload(&mut self) {
        let chosen = self.browser.chosen_files(&mut self.out);
        self.upload_those(chosen);
    }

    /// Asks how these are to be uploaded.
    pub(super) fn upload_those(&mut self, chosen: ChosenFiles) {
        let Some(profile) = self.remote.profile().cloned() else { return };
        let prefix = self.remote.prefix().to_owned();
        if !chosen.folders.is_empty() {
            return self.ask_tree_upload(&profile, &prefix, chosen);
        }
        let draft = self.upload_draft(&profile, &prefix, chosen.files);
        match draft.files.as_slice() {
            [] => {}
            [file] => {
                let (template, prefix, name) = (draft.template.clone(), draft.prefix.clone(), file.name.clone());
                self.out.ask(Purpose::Key(draft), |request| Effect::MakeKey { request, template, prefix, name });
            }
            _ => self.out.open(Dialog::Prompt(template_prompt(draft, templates(&profile, &prefix)))),
        }
    }

    /// A key was made for a single upload: it is asked about, and may be another one.
    pub(super) fn key_made(&mut self, draft: UploadDraft, key: Result<String>) {
        match key {
            Ok(key) => self.out.open(Dialog::Prompt(upload_prompt(draft, key))),
            Err(failure) => self.out.fail(&failure),
        }
    }

    /// A draft with the template that was typed last under this profile, else with the profile's own. A single file is
    /// asked for its whole key, and only the profile's template has a say in that.
    pub(super) fn upload_draft(&self, profile: &Profile, prefix: &str, files: Vec<SourceFile>) -> UploadDraft {
        let typed = self.typed_template.as_ref().filter(|(name, _)| *name == profile.name && files.len() != 1);
        let own = typed.map_or(profile.key_template.as_str(), |(_, template)| template);
        UploadDraft::new(profile, own, prefix, files)
    }

    /// Remembers a template that somebody typed, until the program ends.
    pub(super) fn remember_template(&mut self, profile: &str, prefix: &str, template: &str) {
        let slot = self.profiles.iter().find(|slot| slot.name == profile);
        let Some(known) = slot.and_then(|slot| slot.profile.as_ref().ok()) else { return };
        if UploadDraft::new(known, &known.key_template, prefix, Vec::new()).template == template {
            self.typed_template = None;
        } else if self.upload_draft(known, prefix, Vec::new()).template != template {
            self.typed_template = Some((profile.to_owned(), template.to_owned()));
        }
    }
}

/// A person who stands in a prefix expects the file there: a template that does not say where to put `{prefix}` gets it in
/// front.
fn beneath(prefix: &str, template: &str) -> String {
    match prefix.is_empty() || template.contains("{prefix}") {
        true => template.to_owned(),
        false => format!("{{prefix}}{template}"),
    }
}

/// The templates between which one key switches: the profile's own, and the one that keeps names.
pub(super) fn templates(profile: &Profile, prefix: &str) -> Names {
    Names::new(beneath(prefix, &profile.key_template), beneath(prefix, "{name}"))
}

/// Files and the template that their keys are made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadDraft {
    /// Into whose bucket: the profile in force when `u` was pressed.
    pub profile: Arc<ProfileIdentity>,
    /// The files.
    pub files: Vec<SourceFile>,
    /// `{prefix}`: where Remote stands; empty at the top, and where the Catalog shows no folders.
    pub prefix: String,
    /// The template offered.
    pub template: String,
}

impl UploadDraft {
    /// A draft under that profile, with its own template or another one.
    pub(crate) fn new(profile: &Profile, own: &str, prefix: &str, files: Vec<SourceFile>) -> Self {
        let template = beneath(prefix, own);
        Self { profile: profile.identity().into(), files, prefix: prefix.to_owned(), template }
    }

    /// Bytes in all, as far as the listing knew.
    pub fn bytes(&self) -> u64 {
        self.files.iter().filter_map(|file| file.size).sum()
    }

    /// Whether a template makes good keys of these files.
    pub(crate) fn check_template(&self, template: &str) -> Result<()> {
        self.files.iter().try_for_each(|file| self.sample(template, file).map(|_key| ()))
    }

    /// A key as the template makes it, apart from what is random or the time.
    fn sample(&self, template: &str, file: &SourceFile) -> Result<String> {
        let values = key::TemplateValues {
            prefix: &self.prefix,
            name: &file.name,
            uuid: Uuid::nil(),
            now: DateTime::<Utc>::UNIX_EPOCH,
        };
        key::from_template(template, &values)
    }
}

/// The question for the template of several uploads.
fn template_prompt(draft: UploadDraft, names: Names) -> Prompt {
    let (count, bytes) = (draft.files.len(), format::size(draft.bytes()));
    let hidden = draft.files.iter().filter(|file| file.name.starts_with('.')).count();
    let hidden = if hidden > 0 { format!(" ({} of them hidden)", format::count(hidden as u64)) } else { String::new() };
    Prompt {
        title: format!("Upload {count} files"),
        lines: vec![
            format!("{count} files, {bytes}{hidden}, to {} (profile {})", draft.profile.bucket, draft.profile.name),
            "Each gets a key by this template:".into(),
        ],
        label: "template",
        input: draft.template.clone().into(),
        remark: None,
        purpose: PromptFor::UploadTemplate { draft, names },
    }
}

/// The question for the key of a single upload.
fn upload_prompt(draft: UploadDraft, key: String) -> Prompt {
    let file = draft.files.first();
    let size = file.and_then(|file| file.size).map_or_else(|| "unknown size".into(), format::size);
    let name = file.map_or("", |file| file.name.as_str());
    let title = format!("Upload {name}");
    let names = Names::new(key.clone(), format!("{}{name}", draft.prefix));
    Prompt {
        title,
        lines: vec![format!("{size}, to {} (profile {})", draft.profile.bucket, draft.profile.name)],
        label: "key",
        input: key.into(),
        remark: None,
        purpose: PromptFor::UploadKey { draft, names },
    }
}
