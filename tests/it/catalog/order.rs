//! Every order and every way to narrow the table, in both databases, held against the same rows sorted and sifted in
//! memory.

use std::cmp::Ordering;

use windlass::catalog::{Catalog, RecordQuery};
use windlass::domain::{CursorValue, FailureKind, Narrow, NewRecord, Record, RecordCursor, Sort, SortBy};

use super::both::{Database, on_both};
use super::{all, at, keys, new, pages_of};

/// Rows that are alike in one way or another; some lack what they could be ordered by.
async fn mixed(database: &Database) -> std::sync::Arc<dyn Catalog> {
    let catalog = database.catalog().await;
    let types = ["image/png", "image/png", "text/html; charset=utf-8", "imagex/png", "Text/plain", "text/html"];
    for (number, name) in ["b/ü", "B", "a", "a/2", "Ä", "a-1", "ß", "0", "b", "😀", "~", "a/10"].iter().enumerate()
    {
        let record = NewRecord {
            user_id: if number % 3 == 0 { "them".into() } else { "me".into() },
            size: [7, 0, 7, 1 << 40][number % 4],
            content_type: types[number % 6].into(),
            ..new(name, [5, 1, 9, 5, 2][number % 5])
        };
        catalog.record(&[record]).await.unwrap();
    }
    for (column, names) in
        [("size_bytes", "'a', 'ß'"), ("content_type", "'B', '~', 'b'"), ("upload_timestamp", "'Ä', '0', 'a'")]
    {
        database.foreign(&format!("UPDATE r2_files SET {column} = NULL WHERE object_key IN ({names})")).await;
    }
    catalog
}

/// What is not known last both ways, rows of one value by their id; those of one type from the first to the last both ways.
fn sorted(mut records: Vec<Record>, order: Sort) -> Vec<Record> {
    fn compare<T: Ord>(one: &Option<T>, other: &Option<T>, turn: impl Fn(Ordering) -> Ordering) -> Ordering {
        match (one, other) {
            (Some(one), Some(other)) => turn(one.cmp(other)),
            _ => one.is_none().cmp(&other.is_none()),
        }
    }
    let turn = |ordering: Ordering| if order.reversed { ordering.reverse() } else { ordering };
    records.sort_by(|a, b| {
        let by_value = match order.by {
            SortBy::Name => turn(a.key.cmp(&b.key)),
            SortBy::Size => compare(&a.size, &b.size, turn),
            SortBy::Date => compare(&a.uploaded_at, &b.uploaded_at, turn),
            SortBy::Type => compare(&a.content_type, &b.content_type, turn),
        };
        let by_id = a.id.cmp(&b.id);
        by_value.then(if order.by == SortBy::Type { by_id } else { turn(by_id) })
    });
    records
}

fn orders() -> impl Iterator<Item = Sort> {
    let both = |by| [Sort { by, reversed: false }, Sort { by, reversed: true }];
    [SortBy::Name, SortBy::Size, SortBy::Date, SortBy::Type].into_iter().flat_map(both)
}

#[tokio::test]
async fn every_order_is_kept_over_pages_of_any_size() {
    on_both(|database| async move {
        let catalog = mixed(&database).await;
        for user_id in [None, Some("me".to_owned())] {
            let everything = all(&*catalog, RecordQuery { user_id: user_id.clone(), ..pages_of(100) }).await;
            assert!(everything.len() >= 8);
            for order in orders() {
                let expected = sorted(everything.clone(), order);
                for limit in [1, 2, 3, 5, 12, 13] {
                    let query = RecordQuery { user_id: user_id.clone(), order, ..pages_of(limit) };
                    assert_eq!(keys(&all(&*catalog, query).await), keys(&expected), "{order:?} in pages of {limit}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_narrowed_searched_and_under_a_prefix_is_the_same_in_every_order() {
    on_both(|database| async move {
        let catalog = mixed(&database).await;
        let everything = all(&*catalog, pages_of(100)).await;
        let of_type = |text: &str| Narrow { media_type: Some(text.into()), ..Narrow::default() };
        let narrows = [
            Narrow::default(),
            of_type("image"),
            of_type("text/html"),
            Narrow { at_least: Some(7), ..Narrow::default() },
            Narrow { at_most: Some(6), since: Some(at(2)), ..Narrow::default() },
            Narrow { since: Some(at(5)), ..of_type("image/png") },
            Narrow { at_least: Some(u64::MAX), ..Narrow::default() },
        ];
        for narrow in narrows {
            for (search, prefix) in [(None, None), (Some("A"), None), (Some("/"), Some("a")), (None, Some("a/"))] {
                let is_wanted = |r: &Record| {
                    narrow.lets_through(r.size, r.uploaded_at, r.content_type.as_deref())
                        && search.is_none_or(|text| r.key.to_ascii_lowercase().contains(&text.to_ascii_lowercase()))
                        && prefix.is_none_or(|prefix| r.key.starts_with(prefix))
                };
                let wanted: Vec<Record> = everything.iter().filter(|record| is_wanted(record)).cloned().collect();
                for order in orders() {
                    let (search, prefix) = (search.map(str::to_owned), prefix.map(str::to_owned));
                    let query = RecordQuery { search, prefix, narrow: narrow.clone(), order, ..pages_of(2) };
                    let found = super::searched(&*catalog, query.clone()).await.0;
                    assert_eq!(keys(&found), keys(&sorted(wanted.clone(), order)), "{query:?}");
                }
            }
        }
    })
    .await;
}

/// The column is anybody's: a size below nothing is read as none, and must be one wherever a page ends.
#[tokio::test]
async fn a_size_below_nothing_is_none() {
    on_both(|database| async move {
        let catalog = mixed(&database).await;
        database.foreign("UPDATE r2_files SET size_bytes = -id WHERE object_key IN ('B', 'a/2', '~')").await;
        let everything = all(&*catalog, pages_of(100)).await;
        assert_eq!(everything.iter().filter(|record| record.size.is_none()).count(), 5);
        for reversed in [false, true] {
            let order = Sort { by: SortBy::Size, reversed };
            let expected = sorted(everything.clone(), order);
            for limit in 1..13 {
                let found = all(&*catalog, RecordQuery { order, ..pages_of(limit) }).await;
                assert_eq!(keys(&found), keys(&expected), "{order:?} in pages of {limit}");
            }
        }
        let small = Narrow { at_most: Some(6), ..Narrow::default() };
        let found = all(&*catalog, RecordQuery { narrow: small, ..pages_of(100) }).await;
        assert!(!found.is_empty() && found.iter().all(|record| record.size.is_some_and(|size| size <= 6)));
    })
    .await;
}

#[tokio::test]
async fn a_cursor_of_another_order_is_a_defect_and_no_page() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let after = Some(RecordCursor { value: CursorValue::Key("a".into()), id: 1 });
        for search in [None, Some("a".to_owned())] {
            let query = RecordQuery { after: after.clone(), search, ..pages_of(5) };
            assert_eq!(catalog.page(&query).await.unwrap_err().kind, FailureKind::Internal);
        }
    })
    .await;
}

#[tokio::test]
async fn small_tables_are_counted_whatever_is_left_out() {
    on_both(|database| async move {
        let catalog = mixed(&database).await;
        let mine = RecordQuery { user_id: Some("me".into()), ..RecordQuery::default() };
        let large = Narrow { at_least: Some(7), ..Narrow::default() };
        let estimate = async |query: &RecordQuery| catalog.estimate(query).await.unwrap();
        assert_eq!(estimate(&RecordQuery::default()).await, Some(12));
        assert_eq!(estimate(&mine).await, Some(8));
        assert_eq!(estimate(&RecordQuery { prefix: Some("a/".into()), ..mine.clone() }).await, Some(1));
        let expected = all(&*catalog, RecordQuery { narrow: large.clone(), ..pages_of(99) }).await.len() as u64;
        assert_eq!(estimate(&RecordQuery { narrow: large, ..RecordQuery::default() }).await, Some(expected));
        let search = Some("of a search nothing is known".into());
        assert_eq!(estimate(&RecordQuery { search, ..mine }).await, Some(8));
    })
    .await;
}
