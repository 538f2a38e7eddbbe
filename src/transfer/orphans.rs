//! Multipart uploads in a bucket that no transfer of this user's queue knows: what a program left that died or forgot.
//! What another process is only just beginning is never among them, because its journal row comes before its upload.

use std::collections::HashSet;

use futures::StreamExt;

use super::job::Saved;
use super::journal::Which;
use super::{Connection, Queue};
use crate::domain::display::display;
use crate::domain::{Failure, FailureKind, Result};
use crate::storage::OpenUpload;

/// Aborts that are under way at once.
const AT_ONCE: usize = 8;

impl Queue {
    /// The unfinished multipart uploads of the profile's bucket that no queue of this user knows, whatever program began
    /// them, as the bucket lists them.
    ///
    /// # Errors
    /// The store's or the journal's.
    pub async fn orphans(&self, connection: &Connection) -> Result<Vec<OpenUpload>> {
        // The bucket first: whatever it lists was in the journal before.
        let mut found = connection.store.list_uploads("").await?;
        let known = self.known_uploads(connection).await?;
        found.retain(|upload| !known.has(upload));
        Ok(found)
    }

    /// Ends these and frees their parts; answers those that are still there, with why. One that is gone already counts as
    /// ended, one that a transfer has taken up meanwhile is left alone and answered.
    ///
    /// # Errors
    /// The journal's; then nothing was ended.
    pub async fn abort_orphans(
        &self,
        connection: &Connection,
        uploads: &[OpenUpload],
    ) -> Result<Vec<(OpenUpload, Failure)>> {
        let known = self.known_uploads(connection).await?;
        let aborts = uploads.iter().map(|upload| abort(connection, &known, upload));
        let failed = futures::stream::iter(aborts).buffer_unordered(AT_ONCE);
        Ok(failed.filter_map(futures::future::ready).collect().await)
    }

    async fn known_uploads(&self, connection: &Connection) -> Result<Known> {
        Ok(Known::among(&self.core.journal.read(Which::Look).await?.rows, &connection.identity.bucket))
    }
}

async fn abort(connection: &Connection, known: &Known, upload: &OpenUpload) -> Option<(OpenUpload, Failure)> {
    let ended = match known.has(upload) {
        true => Err(taken_up(upload)),
        false => connection.store.abort_upload(&upload.key, &upload.id).await,
    };
    ended.err().map(|failure| (upload.clone(), failure))
}

fn taken_up(upload: &OpenUpload) -> Failure {
    let what = format!("the unfinished upload of {} belongs to a transfer of the queue", display(&upload.key));
    Failure::new(FailureKind::Conflict, what).hint("cancel that transfer to end it")
}

/// The multipart uploads of one bucket that the journal knows.
#[derive(Debug, Default)]
struct Known {
    ids: HashSet<String>,
    /// Keys of uploads that may have begun and have no id in the journal yet.
    nameless: HashSet<String>,
}

impl Known {
    /// Profiles may differ and still name the same bucket, so that only its name counts.
    fn among(rows: &[Saved], bucket: &str) -> Self {
        let mut known = Self::default();
        for row in rows.iter().filter(|row| row.transfer.profile.bucket == bucket) {
            match &row.resume.upload_id {
                Some(id) => known.ids.insert(id.0.clone()),
                None if row.resume.part_size.is_some() => known.nameless.insert(row.transfer.key.to_string()),
                None => false,
            };
        }
        known
    }

    fn has(&self, upload: &OpenUpload) -> bool {
        self.ids.contains(&upload.id.0) || self.nameless.contains(&upload.key)
    }
}
