//! Listings, straight from the index. With a delimiter the walk jumps over what a common prefix hides instead of reading
//! it, so that a page costs the same among ten objects and among a million.

use s3s::S3Result;
use sqlx::sqlite::SqlitePool;

use super::Index;
use crate::storage::local::fault;

/// Above every key: keys are UTF-8, in which this byte does not occur.
const END: &[u8] = &[0xff];

/// Rows read at first where a delimiter may hide most of them.
const FIRST_BATCH: usize = 16;

/// What is listed: keys with a prefix, rolled up at a delimiter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only keys that begin with it.
    pub prefix: Vec<u8>,
    /// What rolls deeper keys up; empty for none.
    pub delimiter: Vec<u8>,
}

impl Scope {
    /// The common prefix that stands for a key, where it is rolled up.
    pub fn rolled_up<'k>(&self, key: &'k [u8]) -> Option<&'k [u8]> {
        if self.delimiter.is_empty() {
            return None;
        }
        let rest = key.strip_prefix(self.prefix.as_slice())?;
        let at = rest.windows(self.delimiter.len()).position(|window| window == self.delimiter)?;
        key.get(..self.prefix.len() + at + self.delimiter.len())
    }

    /// Where a listing that follows `key` goes on: behind it, or behind all that its common prefix stands for.
    pub fn after(&self, key: &[u8]) -> Place {
        match self.rolled_up(key) {
            Some(common) => Place::at(behind_prefix(common)),
            None => Place::behind(key),
        }
    }

    fn end(&self) -> Vec<u8> {
        behind_prefix(&self.prefix)
    }
}

/// A place in the order of rows: at a key, behind an id under it (`""` is before every id).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The key.
    pub key: Vec<u8>,
    /// The id, for uploads, of which one key may have many.
    pub id: String,
}

impl Place {
    /// At a key, itself included.
    pub fn at(key: Vec<u8>) -> Self {
        Self { key, id: String::new() }
    }

    /// Right behind a key: no byte string lies between it and itself with a zero byte.
    pub fn behind(key: &[u8]) -> Self {
        let mut next = key.to_vec();
        next.push(0);
        Self::at(next)
    }
}

/// The first byte string behind all those that begin with `prefix`.
fn behind_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if last < 0xff {
            next.push(last + 1);
            return next;
        }
    }
    END.to_vec()
}

/// Rows in the order of places.
pub trait Rows: Send + Sync {
    /// One of them.
    type Row: Send;

    /// At most `limit` rows from a place on, all before the key `end`.
    fn fetch(&self, from: &Place, end: &[u8], limit: usize) -> impl Future<Output = S3Result<Vec<Self::Row>>> + Send;

    /// A row's key.
    fn key(row: &Self::Row) -> &[u8];

    /// The place right behind a row.
    fn behind(row: &Self::Row) -> Place;
}

/// One entry of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry<R> {
    /// A common prefix.
    Prefix(Vec<u8>),
    /// A row.
    Row(R),
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<R> {
    /// Prefixes and rows in key order.
    pub entries: Vec<Entry<R>>,
    /// Whether there is more behind.
    pub more: bool,
}

/// Walks one page of at most `limit` entries.
pub async fn walk<S: Rows>(rows: &S, scope: &Scope, start: Place, limit: usize) -> S3Result<Page<S::Row>> {
    let mut page = Page { entries: Vec::new(), more: false };
    if limit == 0 {
        return Ok(page);
    }
    let end = scope.end();
    let mut place = start.max(Place::at(scope.prefix.clone()));
    let mut batch = if scope.delimiter.is_empty() { limit + 1 } else { FIRST_BATCH };
    loop {
        let wanted = batch.min(limit + 1 - page.entries.len());
        let fetched = rows.fetch(&place, &end, wanted).await?;
        let all = fetched.len() < wanted;
        let jumped = take::<S>(&mut page, &mut place, fetched, scope, limit);
        if page.more || (all && !jumped) {
            return Ok(page);
        }
        // Prefixes in a row are read one by one, rows in a row in ever larger batches; what is read in vain stays small.
        batch = if jumped { (batch / 4).max(1) } else { (batch * 4).min(limit + 1) };
    }
}

/// Takes rows into the page up to the first that a common prefix stands for; `true` if that made the rest worthless.
fn take<S: Rows>(
    page: &mut Page<S::Row>,
    place: &mut Place,
    fetched: Vec<S::Row>,
    scope: &Scope,
    limit: usize,
) -> bool {
    for row in fetched {
        if page.entries.len() == limit {
            page.more = true;
            return false;
        }
        if let Some(common) = scope.rolled_up(S::key(&row)) {
            *place = Place::at(behind_prefix(common));
            page.entries.push(Entry::Prefix(common.to_vec()));
            return true;
        }
        *place = S::behind(&row);
        page.entries.push(Entry::Row(row));
    }
    false
}

/// One object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRow {
    /// Its key.
    pub key: Vec<u8>,
    /// Bytes.
    pub size: i64,
    /// When it was written, seconds since 1970.
    pub modified: i64,
    /// Entity tag without quotes.
    pub etag: String,
    /// Its checksum, as `ALGORITHM:BASE64`.
    pub checksum: String,
}

from_row!(ListedRow { key, size, modified, etag, checksum });

/// The objects of one bucket.
#[derive(Debug)]
pub struct Objects<'a> {
    readers: &'a SqlitePool,
    bucket: i64,
}

const OBJECTS: &str = "SELECT key, size, modified, etag, checksum FROM objects
                       WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?";

impl Rows for Objects<'_> {
    type Row = ListedRow;

    async fn fetch(&self, from: &Place, end: &[u8], limit: usize) -> S3Result<Vec<ListedRow>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sqlx::query_as(OBJECTS).bind(self.bucket).bind(&from.key).bind(end).bind(limit);
        query.fetch_all(self.readers).await.map_err(fault::of_index)
    }

    fn key(row: &ListedRow) -> &[u8] {
        &row.key
    }

    fn behind(row: &ListedRow) -> Place {
        Place::behind(&row.key)
    }
}

impl Index {
    /// A page of a bucket's objects.
    pub async fn list(&self, bucket: &str, scope: &Scope, start: Place, limit: usize) -> S3Result<Page<ListedRow>> {
        let objects = Objects { bucket: self.bucket(bucket).await?, readers: self.readers() };
        walk(&objects, scope, start, limit).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Keys in memory that count what is read of them.
    struct Counted {
        keys: Vec<Vec<u8>>,
        read: AtomicUsize,
    }

    impl Counted {
        fn new(keys: impl IntoIterator<Item = String>) -> Self {
            let mut keys: Vec<_> = keys.into_iter().map(String::into_bytes).collect();
            keys.sort();
            Self { keys, read: AtomicUsize::new(0) }
        }
    }

    impl Rows for Counted {
        type Row = Vec<u8>;

        async fn fetch(&self, from: &Place, end: &[u8], limit: usize) -> S3Result<Vec<Vec<u8>>> {
            let first = self.keys.partition_point(|key| *key < from.key);
            let rows: Vec<_> = self.keys[first..].iter().take_while(|key| key.as_slice() < end).take(limit).collect();
            self.read.fetch_add(rows.len() + 1, Ordering::Relaxed);
            Ok(rows.into_iter().cloned().collect())
        }

        fn key(row: &Vec<u8>) -> &[u8] {
            row
        }

        fn behind(row: &Vec<u8>) -> Place {
            Place::behind(row)
        }
    }

    fn scope(prefix: &str, delimiter: &str) -> Scope {
        Scope { prefix: prefix.into(), delimiter: delimiter.into() }
    }

    async fn pages(rows: &Counted, scope: &Scope, limit: usize) -> Vec<String> {
        let (mut seen, mut start) = (Vec::new(), Place::default());
        loop {
            let page = walk(rows, scope, start, limit).await.unwrap();
            assert!(page.entries.len() <= limit);
            for entry in &page.entries {
                let (Entry::Prefix(key) | Entry::Row(key)) = entry;
                seen.push(String::from_utf8(key.clone()).unwrap());
            }
            let Some(Entry::Prefix(last) | Entry::Row(last)) = page.entries.last() else { return seen };
            start = scope.after(last);
            if !page.more {
                return seen;
            }
        }
    }

    #[tokio::test]
    async fn pages_of_every_size_tell_the_same_as_one() {
        let keys = ["a", "a/", "a/b", "a/b/c", "a//", "ab", "b/x", "b/y", "c", "ä/1", "/", "//", "/a"];
        let rows = Counted::new(keys.map(str::to_owned));
        let expected = ["/", "a", "a/", "ab", "b/", "c", "ä/"];
        for limit in 1..20 {
            assert_eq!(pages(&rows, &scope("", "/"), limit).await, expected);
        }
        assert_eq!(pages(&rows, &scope("a/", "/"), 2).await, ["a/", "a//", "a/b", "a/b/"]);
        assert_eq!(pages(&rows, &scope("", ""), 3).await.len(), keys.len());
        assert_eq!(pages(&rows, &scope("b", ""), 3).await, ["b/x", "b/y"]);
        assert_eq!(
            pages(&rows, &scope("", "/b"), 1).await,
            ["/", "//", "/a", "a", "a/", "a//", "a/b", "ab", "b/x", "b/y", "c", "ä/1"]
        );
    }

    #[tokio::test]
    async fn a_page_reads_no_more_among_many_objects_than_among_few() {
        let mut costs = Vec::new();
        for inside in [10, 10_000] {
            let rows =
                Counted::new((0..20).flat_map(|folder| (0..inside).map(move |file| format!("{folder:02}/{file}"))));
            let page = walk(&rows, &scope("", "/"), Place::default(), 10).await.unwrap();
            assert_eq!((page.entries.len(), page.more), (10, true));
            costs.push(rows.read.load(Ordering::Relaxed));
        }
        assert_eq!(costs[0], costs[1]);
        assert!(costs[0] < 100, "{costs:?}");
    }

    /// What SQLite does for a query, step by step.
    async fn plan(index: &Index, query: &'static str) -> Vec<String> {
        let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
        let rows = sqlx::query(explained).fetch_all(index.readers()).await.unwrap();
        rows.iter().map(|row| sqlx::Row::get(row, "detail")).collect()
    }

    #[tokio::test]
    async fn every_batch_is_one_search_in_an_index_and_no_sort() {
        let folder = tempfile::TempDir::new().unwrap();
        let index = Index::open(&folder.path().join("index")).await.unwrap();
        let objects = plan(&index, OBJECTS).await;
        assert_eq!(objects, ["SEARCH objects USING PRIMARY KEY (bucket=? AND key>? AND key<?)"]);
        let uploads = plan(&index, super::super::uploads::UPLOADS).await;
        assert_eq!(uploads, ["SEARCH uploads USING INDEX uploads_by_key (bucket=? AND (key,id)>(?,?) AND key<?)"]);
    }

    #[tokio::test]
    async fn ten_thousand_objects_are_paged_through_the_real_index() {
        let folder = tempfile::TempDir::new().unwrap();
        let index = Index::open(&folder.path().join("index")).await.unwrap();
        index.create_bucket("b".into()).await.unwrap();
        let fill = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
                    INSERT INTO objects SELECT 1, CAST(printf('%03d/%05d', i % 200, i) AS BLOB), i, 0, '', '', '', i, 0
                    FROM n";
        sqlx::query(fill).execute(index.readers()).await.unwrap();
        for limit in [1, 7, 1000] {
            let (scope, mut start, mut prefixes) = (scope("", "/"), Place::default(), 0);
            loop {
                let page = index.list("b", &scope, start, limit).await.unwrap();
                prefixes += page.entries.len();
                let Some(Entry::Prefix(last)) = page.entries.last() else { panic!("only prefixes here") };
                start = scope.after(last);
                if !page.more {
                    break;
                }
            }
            assert_eq!(prefixes, 200);
        }
        let all = index.list("b", &scope("", ""), Place::default(), 20_000).await.unwrap();
        assert_eq!((all.entries.len(), all.more), (10_000, false));
    }

    #[test]
    fn what_lies_behind_a_prefix_is_found_even_at_the_end_of_the_order() {
        assert_eq!(behind_prefix(b"a/"), b"a0");
        assert_eq!(behind_prefix(&[b'a', 0xff]), b"b");
        assert_eq!(behind_prefix(b""), END);
    }
}
