//! Listings page by page: while one page is worked on the next is on its way, and no more than that is in memory.

use std::sync::Arc;

use futures::stream::{self, BoxStream, Stream, StreamExt};
use tokio::sync::mpsc;

use super::Connection;
use crate::catalog::RecordQuery;
use crate::domain::{Failure, FailureKind, Listed, ObjectInfo, Record, Result};
use crate::storage::ListRequest;

/// Entries a page.
const PAGE: u16 = 1000;

/// Pages as they come; an error ends them.
pub type Pages<T> = BoxStream<'static, Result<Vec<T>>>;

/// The bucket's objects whose key begins with the prefix, by key, at most so many.
pub fn objects(connection: Arc<Connection>, prefix: &str, most: u64) -> Pages<ObjectInfo> {
    let request = ListRequest { prefix: prefix.into(), delimited: false, token: None, limit: PAGE };
    ahead(stream::try_unfold(Some((request, most)), move |state| {
        let connection = connection.clone();
        async move {
            let Some((mut request, left)) = state else { return Ok(None) };
            request.limit = page_size(left);
            let page = connection.store.list(&request).await?;
            let objects: Vec<ObjectInfo> = page.entries.into_iter().filter_map(object).collect();
            let left = left.saturating_sub(objects.len() as u64);
            let next =
                page.next.filter(|_| left > 0).map(|token| (ListRequest { token: Some(token), ..request }, left));
            Ok(Some((objects, next)))
        }
    }))
}

fn object(entry: Listed) -> Option<ObjectInfo> {
    match entry {
        Listed::Object(object) => Some(object),
        Listed::Prefix(_) => None,
    }
}

/// The catalog's records that the query asks for, newest first, at most so many.
pub fn records(connection: Arc<Connection>, query: RecordQuery, most: u64) -> Pages<Record> {
    ahead(stream::try_unfold(Some((query, most)), move |state| {
        let connection = connection.clone();
        async move {
            let Some((mut query, left)) = state else { return Ok(None) };
            query.limit = page_size(left).into();
            let page = connection.catalog.page(&query).await?;
            let left = left.saturating_sub(page.records.len() as u64);
            let next = page.next.filter(|_| left > 0).map(|next| (RecordQuery { after: Some(next), ..query }, left));
            Ok(Some((page.records, next)))
        }
    }))
}

fn page_size(left: u64) -> u16 {
    u16::try_from(left).map_or(PAGE, |left| left.min(PAGE))
}

/// The same pages, fetched by a task of its own, one ahead of who takes them.
fn ahead<T: Send + 'static>(pages: impl Stream<Item = Result<Vec<T>>> + Send + 'static) -> Pages<T> {
    let (out, taken) = mpsc::channel(1);
    let fetching = tokio::spawn(async move {
        let mut pages = std::pin::pin!(pages);
        while let Some(page) = pages.next().await {
            if out.send(page).await.is_err() {
                return;
            }
        }
    });
    let next = |(mut taken, fetching): (mpsc::Receiver<Result<Vec<T>>>, Option<tokio::task::JoinHandle<()>>)| async {
        if let Some(page) = taken.recv().await {
            return Some((page, (taken, fetching)));
        }
        let broke_off = fetching?.await.err()?;
        let failure = Failure::new(FailureKind::Internal, format!("the listing broke off: {broke_off}"));
        Some((Err(failure), (taken, None)))
    };
    stream::unfold((taken, Some(fetching)), next).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pages_come_in_order_and_an_error_ends_them() {
        let failure = Failure::new(FailureKind::Offline, "away");
        let pages = stream::iter([Ok(vec![1]), Ok(vec![2, 3]), Err(failure.clone())]);
        let taken: Vec<Result<Vec<i32>>> = ahead(pages).collect().await;
        assert_eq!(taken, [Ok(vec![1]), Ok(vec![2, 3]), Err(failure)]);
    }

    #[tokio::test]
    async fn no_more_is_fetched_than_one_page_ahead() {
        let (asked, mut pages_asked) = mpsc::unbounded_channel();
        let pages = stream::iter(0..100).map(move |number| {
            asked.send(number).unwrap();
            Ok(vec![number])
        });
        let mut pages = ahead(pages);
        pages.next().await.unwrap().unwrap();
        while pages_asked.recv().await != Some(2) {}
        drop(pages);
        assert_eq!(pages_asked.recv().await, None, "the task ended with its listener");
    }
}
