//! Folders of the catalog, in both databases, held against the same keys grouped in memory.

use windlass::catalog::{Catalog, ShelfQuery};
use windlass::domain::{Narrow, NewRecord, Shelved};

use super::both::on_both;
use super::new;

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
