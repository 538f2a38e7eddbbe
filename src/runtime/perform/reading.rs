//! Reading lists: local folders, pages of records, pages of the bucket.

use std::path::PathBuf;
use std::time::Instant;

use super::Hands;
use crate::app::Answer;
use crate::app::effect::WantedRecords;
use crate::catalog::{RecordQuery, ShelfQuery};
use crate::domain::{Failure, FailureKind, ListPage, RecordCursor, Result};
use crate::files;
use crate::storage::ListRequest;

/// Entries that one page of a bucket's listing brings: the most that the S3 API gives.
const OBJECTS_A_PAGE: u16 = 1000;

/// What a profile's store can do.
pub(super) async fn describe(hands: Hands, profile: String) -> Answer {
    Answer::Described(hands.connect(&profile).await.map(|connection| connection.store.capabilities()))
}

/// A folder's entries, read on a thread where waiting for the disk is allowed.
pub(super) async fn folder(path: PathBuf) -> Answer {
    let read = tokio::task::spawn_blocking(move || files::list(&path)).await;
    Answer::Folder(read.unwrap_or_else(|gone| Err(stopped(&gone))))
}

/// A thread's work that did not come to its end: the program is ending.
pub(super) fn stopped(error: &tokio::task::JoinError) -> Failure {
    Failure::new(FailureKind::Internal, format!("the work was stopped: {error}"))
}

/// A page of records, and how long the database took for it.
pub(super) async fn records(
    hands: Hands,
    profile: String,
    wanted: WantedRecords,
    after: Option<RecordCursor>,
    limit: u32,
) -> Answer {
    let begun = Instant::now();
    let page = async {
        let query = RecordQuery { after, limit, ..RecordQuery::from(wanted) };
        hands.connect(&profile).await?.catalog.page(&query).await
    };
    Answer::Records { page: page.await, took: begun.elapsed() }
}

/// A page of a folder of the catalog, and how long the database took for it.
pub(super) async fn shelf(
    hands: Hands,
    profile: String,
    wanted: WantedRecords,
    after: Option<String>,
    limit: u32,
) -> Answer {
    let begun = Instant::now();
    let page = async {
        let WantedRecords { user_id, prefix, narrow, .. } = wanted;
        let query = ShelfQuery { user_id, prefix: prefix.unwrap_or_default(), after, limit, narrow };
        hands.connect(&profile).await?.catalog.shelf(&query).await
    };
    Answer::Shelf { page: page.await, took: begun.elapsed() }
}

impl From<WantedRecords> for RecordQuery {
    fn from(wanted: WantedRecords) -> Self {
        let WantedRecords { user_id, prefix, order, search, narrow } = wanted;
        Self { user_id, prefix, order, search: Some(search), narrow, ..Self::default() }
    }
}

pub(super) async fn estimate(hands: Hands, profile: String, wanted: WantedRecords) -> Answer {
    let estimate = async { hands.connect(&profile).await?.catalog.estimate(&wanted.into()).await };
    Answer::Estimate(estimate.await)
}

pub(super) async fn row_security(hands: Hands, profile: String) -> Answer {
    let seen = async { hands.connect(&profile).await?.catalog.row_security().await };
    Answer::RowSecurity(seen.await)
}

/// A page of the bucket, one level deep.
pub(super) async fn objects(hands: Hands, profile: String, prefix: String, token: Option<String>) -> Answer {
    let request = ListRequest { prefix, delimited: true, token, limit: OBJECTS_A_PAGE };
    Answer::Objects(page_of_objects(hands, profile, request).await)
}

pub(super) async fn below(hands: Hands, profile: String, prefix: String, token: Option<String>) -> Answer {
    let request = ListRequest { prefix, delimited: false, token, limit: OBJECTS_A_PAGE };
    Answer::Objects(page_of_objects(hands, profile, request).await)
}

async fn page_of_objects(hands: Hands, profile: String, request: ListRequest) -> Result<ListPage> {
    hands.connect(&profile).await?.store.list(&request).await
}

pub(super) async fn migrate(hands: Hands, profile: String) -> Answer {
    let applied = async { hands.connect(&profile).await?.catalog.migrate().await };
    Answer::Migrated(applied.await)
}
