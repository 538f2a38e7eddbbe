//! Folders of the catalog, in both databases, held against the same keys grouped in memory.

use std::time::Duration;

use windlass::catalog::{Catalog, Pace, ShelfQuery};
use windlass::domain::{FailureKind, Narrow, NewRecord, Provider, Shelved};

use super::both::{Database, on_both};
use super::{new, postgres};
use crate::support::postgres::{Cluster, sql};

const KEYS: [&str; 17] = [
    "a",
    "a/",
    "a/1",
    "a/1.txt",
    "a/1/x",
    "a/1/y/z",
    "a/2/deep/er",
    "a//",
    "a//x",
    "a0",
    "a-b/c",
    "ü/ö/1",
    "ü/ö/2",
    "ü/ö2",
    "z/50%_/x",
    "z/😀/y",
    "/",
];

/// The entries below a prefix, in the order of bytes.
fn grouped(keys: &[&str], prefix: &str) -> Vec<String> {
    let mut entries = Vec::new();
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    for key in keys.into_iter().filter(|key| *key != prefix) {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        let entry = rest.find('/').map_or(key.to_owned(), |slash| format!("{prefix}{}", &rest[..=slash]) + " (folder)");
        if entries.last() != Some(&entry) {
            entries.push(entry);
        }
    }
    entries
}

async fn shelved(catalog: &dyn Catalog, mut query: ShelfQuery) -> Vec<String> {
    let mut entries = Vec::new();
    loop {
        let page = catalog.shelf(&query).await.unwrap();
        assert!(page.next.is_none() || page.entries.len() == query.limit as usize);
        entries.extend(page.entries.into_iter().map(|entry| match entry {
            Shelved::Folder(prefix) => prefix + " (folder)",
            Shelved::Record(record) => record.key,
        }));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return entries,
        }
    }
}

#[tokio::test]
async fn keys_are_grouped_by_their_slashes_page_by_page() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let records: Vec<NewRecord> = KEYS.iter().map(|key| new(key, 1)).collect();
        catalog.record(&records).await.unwrap();
        for prefix in ["", "a/", "a/1/", "a//", "ü/", "ü/ö/", "z/", "z/50%_/", "nothing/", "/"] {
            let expected = grouped(&KEYS, prefix);
            for limit in [1, 2, 3, 100] {
                let query = ShelfQuery { prefix: prefix.into(), limit, ..ShelfQuery::default() };
                assert_eq!(shelved(&*catalog, query).await, expected, "{prefix:?} in pages of {limit}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_folder_is_there_where_the_user_has_a_record_that_is_wanted() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let them = |key: &str| NewRecord { user_id: "them".into(), ..new(key, 1) };
        let small = |key: &str| NewRecord { size: 1, ..new(key, 1) };
        catalog
            .record(&[new("both/mine", 1), new("mine/large", 1), small("mine/small/x"), small("tiny/x")])
            .await
            .unwrap();
        catalog.record(&[them("both/theirs"), them("theirs/x"), them("x")]).await.unwrap();
        database
            .foreign(
                "INSERT INTO r2_files (object_key, file_url, user_id, bucket) VALUES ('other/x', '', 'me', 'second')",
            )
            .await;
        let mine = |prefix: &str, narrow: Narrow| ShelfQuery {
            user_id: Some("me".into()),
            prefix: prefix.into(),
            limit: 2,
            narrow,
            ..ShelfQuery::default()
        };
        let large = || Narrow { at_least: Some(2), ..Narrow::default() };
        let folders = |names: &[&str]| names.iter().map(|name| format!("{name}/ (folder)")).collect::<Vec<_>>();
        assert_eq!(shelved(&*catalog, mine("", Narrow::default())).await, folders(&["both", "mine", "tiny"]));
        assert_eq!(shelved(&*catalog, mine("", large())).await, folders(&["both", "mine"]));
        assert_eq!(shelved(&*catalog, mine("mine/", large())).await, ["mine/large"]);
        let everyone = ShelfQuery { limit: 9, ..ShelfQuery::default() };
        let mut expected = folders(&["both", "mine", "theirs", "tiny"]);
        expected.push("x".into());
        assert_eq!(shelved(&*catalog, everyone).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_folder_costs_as_much_whatever_is_in_it() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
            INSERT INTO r2_files (object_key, file_url, user_id) SELECT 'big/' || i || '/x', '', 'me' FROM n";
        database.foreign(count).await;
        catalog.record(&[new("last", 1)]).await.unwrap();
        let top = ShelfQuery { limit: 100, ..ShelfQuery::default() };
        assert_eq!(shelved(&*catalog, top).await, ["big/ (folder)", "last"]);
        let below = ShelfQuery { prefix: "big/".into(), limit: 1000, ..ShelfQuery::default() };
        assert_eq!(shelved(&*catalog, below).await.len(), 20_000);
    })
    .await;
}

/// Whoever looks for them entry by entry passes by all others first: when that has taken a moment, all are looked at at once.
#[tokio::test]
async fn a_narrowed_folder_of_which_few_rows_are_wanted_is_read_at_once() {
    on_both(|database| async move {
        let pace = Pace { by_entry: Duration::from_millis(1), ..Pace::default() };
        let catalog = database.pacing(pace).await;
        let small = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) \
            INSERT INTO r2_files (object_key, file_url, user_id, size_bytes) SELECT 'a/1/' || i || '/x', '', 'me', 1 FROM n";
        database.foreign(small).await;
        let records: Vec<NewRecord> = KEYS.iter().map(|key| new(key, 1)).collect();
        catalog.record(&records).await.unwrap();
        // PostgreSQL has to know how large the table is.
        database.foreign("ANALYZE r2_files").await;
        let narrow = Narrow { at_least: Some(2), ..Narrow::default() };
        for prefix in ["", "a/", "a/1/", "a//", "ü/", "z/", "nothing/", "/"] {
            let expected = grouped(&KEYS, prefix);
            for (limit, user_id) in [(1, None), (2, Some("me".to_owned())), (100, None)] {
                let query =
                    ShelfQuery { user_id, prefix: prefix.into(), narrow: narrow.clone(), limit, ..ShelfQuery::default() };
                assert_eq!(shelved(&*catalog, query).await, expected, "{prefix:?} in pages of {limit}");
            }
        }
        if let Database::Postgres(url) = &database {
            let query = ShelfQuery { prefix: "a/1/".into(), narrow, limit: 9, ..ShelfQuery::default() };
            let plan = postgres(Provider::R2, url).pacing(pace).explain_shelf(&query).await.unwrap().join("\n");
            assert!(plan.contains("Aggregate"), "{plan}");
        }
    })
    .await;
}

/// The guide's own index of the keys goes by the database's language, and would have the table read once an entry.
#[tokio::test]
async fn folders_need_an_index_in_the_order_of_bytes_and_say_how_to_get_one() {
    let url = Cluster::shared().await.database("unordered").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    catalog.record(&[new("a/b", 1), new("c", 2)]).await.unwrap();
    let everyones = ShelfQuery { limit: 9, ..ShelfQuery::default() };
    let mine = ShelfQuery { user_id: Some("me".into()), ..everyones.clone() };
    sql(&url, "DROP INDEX r2_files_windlass_key_order").await;
    let failure = catalog.shelf(&everyones).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NeedsMigration);
    let expected = "the table public.r2_files has no index of its keys in the order of their bytes, which folders need; \
        run: windlass catalog migrate";
    assert_eq!(failure.sentence(), expected);
    assert_eq!(shelved(&catalog, mine.clone()).await, ["a/ (folder)", "c"], "a user's keys have an index of their own");
    sql(&url, "DROP INDEX r2_files_windlass_user_key_order").await;
    assert_eq!(catalog.shelf(&mine).await.unwrap_err().kind, FailureKind::NeedsMigration);
    assert_eq!(catalog.migrate().await.unwrap(), ["0005_key_order", "0007_user_key_order"]);
    assert_eq!(shelved(&catalog, everyones.clone()).await, ["a/ (folder)", "c"]);

    // Whoever made it, it serves; one of some rows alone does not.
    sql(&url, "DROP INDEX r2_files_windlass_key_order, r2_files_windlass_user_key_order").await;
    sql(&url, "CREATE INDEX partly ON r2_files (object_key COLLATE \"C\") WHERE id > 5").await;
    assert!(catalog.shelf(&everyones).await.is_err());
    sql(&url, "CREATE INDEX theirs ON r2_files (object_key COLLATE \"C\", id)").await;
    assert_eq!(shelved(&catalog, everyones).await, ["a/ (folder)", "c"]);
}
