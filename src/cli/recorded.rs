//! What `record` prints of an object whose record is written: the fields that the guides' save-metadata answers.

use serde::Serialize;

use super::output::Line;
use crate::catalog::rules;
use crate::domain::Transfer;
use crate::domain::display::display;

/// The guides' fields; there is nothing left to presign.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded<'a> {
    success: bool,
    presigned_url: Option<()>,
    object_key: &'a str,
    public_file_url: Option<String>,
}

impl<'a> From<&'a Transfer> for Recorded<'a> {
    fn from(transfer: &'a Transfer) -> Self {
        let url = rules::url(transfer.url.as_deref().map(str::to_owned));
        Self { success: true, presigned_url: None, object_key: &transfer.key, public_file_url: url }
    }
}

impl Line for Recorded<'_> {
    fn text(&self) -> Option<String> {
        let url = self.public_file_url.as_deref().map_or_else(String::new, |url| format!(", {}", display(url)));
        Some(format!("recorded {}{url}", display(self.object_key)))
    }
}
