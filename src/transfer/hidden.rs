//! What a bucket keeps and a plain read does not see: older versions, and what was deleted by name. Counted for the screen and
//! looked for again when it is purged, page by page, so that no list of it is ever in memory.

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};

use super::{Connection, NewTransfer};
use crate::domain::transfer::{ProfileIdentity, Versions};
use crate::domain::{Result, TransferKind, Version};

/// What is hidden of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// The key.
    pub key: String,
    /// Versions, and what hides them.
    pub versions: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Hidden {
    /// The transfer that removes it.
    pub fn purge(self, profile: &Arc<ProfileIdentity>) -> NewTransfer {
        NewTransfer {
            size: Some(self.bytes),
            without_record: true,
            versions: Versions::Hidden,
            ..NewTransfer::new(TransferKind::Delete, profile.clone(), self.key)
        }
    }
}

/// What is hidden beneath a prefix, each key once, with every page. An error ends the search.
pub fn hidden(connection: &Arc<Connection>, prefix: &str) -> BoxStream<'static, Result<Vec<Hidden>>> {
    let search = Search { connection: connection.clone(), prefix: prefix.to_owned(), from: None, last: None };
    stream::unfold(Some(search), |search| async { search?.next().await }).boxed()
}

struct Search {
    connection: Arc<Connection>,
    prefix: String,
    from: Option<String>,
    /// The last key so far: more of its versions may be on the next page.
    last: Option<Hidden>,
}

impl Search {
    async fn next(mut self) -> Option<(Result<Vec<Hidden>>, Option<Self>)> {
        let page = match self.connection.store.list_versions(&self.prefix, self.from.as_deref()).await {
            Ok(page) => page,
            Err(failure) => return Some((Err(failure), None)),
        };
        let mut found: Vec<Hidden> = Vec::new();
        for version in page.versions.into_iter().filter(Version::is_hidden) {
            found.extend(self.take(version));
        }
        self.from = page.next;
        if self.from.is_some() {
            return Some((Ok(found), Some(self)));
        }
        found.extend(self.last.take());
        Some((Ok(found), None))
    }

    /// Adds a version to its key; hands back the key before, of which no more comes.
    fn take(&mut self, version: Version) -> Option<Hidden> {
        if let Some(last) = self.last.as_mut().filter(|last| last.key == version.key) {
            (last.versions, last.bytes) = (last.versions + 1, last.bytes + version.size);
            return None;
        }
        self.last.replace(Hidden { key: version.key, versions: 1, bytes: version.size })
    }
}
