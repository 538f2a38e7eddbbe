//! Listings page by page: while one page is worked on the next is on its way, and no more than that is in memory.

use std::collections::VecDeque;
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

/// The bucket's objects whose key begins with the prefix, by key, at most so many; one form of the prefix after the other.
pub fn objects(connection: Arc<Connection>, prefix: &str, most: u64) -> Pages<ObjectInfo> {
    let forms = connection.store.forms(prefix);
    let several = forms.len() > 1;
    let request = |prefix| ListRequest { prefix, delimited: false, token: None, limit: PAGE };
    let requests: VecDeque<ListRequest> = forms.into_iter().map(request).collect();
    ahead(stream::try_unfold((requests, most), move |(mut requests, left)| {
        let connection = connection.clone();
        async move {
            let Some(mut request) = requests.pop_front().filter(|_| left > 0) else { return Ok(None) };
            request.limit = page_size(left);
            let page = connection.store.list(&request).await?;
            let mut objects: Vec<ObjectInfo> = page.entries.into_iter().filter_map(object).collect();
            // A bucket may answer to each form with what belongs to all of them.
            objects.retain(|object| !several || object.key.starts_with(&request.prefix));
            let left = left.saturating_sub(objects.len() as u64);
            if let Some(token) = page.next {
                requests.push_front(ListRequest { token: Some(token), ..request });
            }
            Ok(Some((objects, (requests, left))))
        }
    }))
}

fn object(entry: Listed) -> Option<ObjectInfo> {
    match entry {
        Listed::Object(object) => Some(object),
        Listed::Prefix(_) => None,
    }
}

/// The catalog's records that the query asks for, newest first, at most so many; one form of the prefix after the other.
pub fn records(connection: Arc<Connection>, query: RecordQuery, most: u64) -> Pages<Record> {
    let queries: VecDeque<RecordQuery> = match &query.prefix {
        Some(prefix) => {
            let forms = connection.store.forms(prefix).into_iter();
            forms.map(|form| RecordQuery { prefix: Some(form), ..query.clone() }).collect()
        }
        None => [query].into(),
    };
    ahead(stream::try_unfold((queries, most), move |(mut queries, left)| {
        let connection = connection.clone();
        async move {
            let Some(mut query) = queries.pop_front().filter(|_| left > 0) else { return Ok(None) };
            query.limit = page_size(left).into();
            let page = connection.catalog.page(&query).await?;
            let left = left.saturating_sub(page.records.len() as u64);
            if let Some(next) = page.next {
                queries.push_front(RecordQuery { after: Some(next), ..query });
            }
            Ok(Some((page.records, (queries, left))))
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
