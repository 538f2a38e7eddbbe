//! Whether secrets stand in a file of profiles that others on this machine can read.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::document::{self, Document, Entry, Section, Value};
use super::{keys, url, variables};
use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind};

/// A warning where a file of profiles holds a secret in so many words and others may read it. A `.env` always holds one.
pub fn exposed_secrets(file: &Path, is_env: bool) -> Option<Failure> {
    if is_env {
        return readable(file);
    }
    let text = std::fs::read_to_string(file).ok()?;
    exposed(&document::parse(file, &text).ok()?)
}

/// A warning where the file holds a secret in so many words and others may read it.
pub(super) fn exposed(document: &Document) -> Option<Failure> {
    if !document.profiles.iter().any(holds_a_secret) {
        return None;
    }
    readable(&document.file)
}

fn readable(file: &Path) -> Option<Failure> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    let shown = display_path(file);
    (mode & 0o077 != 0).then(|| {
        let what = format!("{shown} holds secrets and others on this machine can read it (mode {mode:04o})");
        Failure::new(FailureKind::Usage, what).hint(format!("chmod 600 {shown}"))
    })
}

fn holds_a_secret(section: &Section) -> bool {
    let of_entry = |(key, entry): (&&str, &Entry)| matches!(&entry.value, Value::Text(text) if is_secret(key, text));
    section.entries.iter().any(of_entry) || section.wrong.iter().any(|wrong| wrong.is_secret)
}

/// Whether what was written for a key is a secret in so many words. A database URL is only one where a password can stand in
/// it.
pub(super) fn is_secret(key: &str, text: &str) -> bool {
    keys::SECRETS.contains(&key)
        && !variables::has_variable(text)
        && (key != "database_url" || url::parts(text).is_some_and(|parts| parts.has_user))
}
