//! What is about to be uploaded, between the key press and the queue.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::App;
use super::dialog::Names;
use super::effect::SourceFile;
use crate::config::Profile;
use crate::domain::transfer::ProfileIdentity;
use crate::domain::{Result, key};

impl App {
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
