//! What is particular to SQLite catalogs: they make themselves, are private, and are shared.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection, raw_sql};
use windlass::catalog::sqlite::SqliteCatalog;
use windlass::catalog::{Catalog, CatalogTarget, RecordQuery, ShelfQuery};
use windlass::config::CatalogConfig;
use windlass::domain::{FailureKind, NewRecord, Provider, Sort};

use super::{all, new, pages_of, sqlite, target};

async fn connect(path: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite:{}?mode=rwc", path.display())).await.unwrap()
}

fn read_only(path: &Path) -> SqliteCatalog {
    let target = target(Provider::R2, CatalogConfig::Sqlite(path.into()));
    SqliteCatalog::new(CatalogTarget { read_only: true, ..target }).unwrap()
}

#[tokio::test]
async fn the_first_use_makes_a_private_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/catalogs/c.sqlite");
    let catalog = sqlite(Provider::Local, &path);
    assert!(!path.exists());
    assert_eq!(catalog.page(&pages_of(5)).await.unwrap().records, []);
    catalog.record(&[new("k", 1)]).await.unwrap();
    for name in ["c.sqlite", "c.sqlite-wal", "c.sqlite-shm"] {
        let rights = std::fs::metadata(path.with_file_name(name)).unwrap().permissions().mode();
        assert_eq!(rights & 0o077, 0, "{name}");
    }
    assert_eq!(all(&sqlite(Provider::Local, &path), pages_of(5)).await.len(), 1);
}

#[tokio::test]
async fn profiles_that_share_a_file_keep_their_tables_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.sqlite");
    let (local, s3) = (sqlite(Provider::Local, &path), sqlite(Provider::S3, &path));
    let (one, other) = ([new("k", 1)], [NewRecord { user_id: "them".into(), ..new("k", 2) }]);
    let (one, other) = tokio::join!(local.record(&one), s3.record(&other));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(all(&local, pages_of(5)).await[0].user_id, "me");
    assert_eq!(all(&s3, pages_of(5)).await[0].user_id, "them");
}

#[tokio::test]
async fn a_table_that_an_app_made_is_extended_and_keeps_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sqlite");
    let own = "CREATE TABLE r2_files (id INTEGER PRIMARY KEY, object_key TEXT NOT NULL UNIQUE, file_url TEXT NOT NULL, \
        user_id TEXT NOT NULL, upload_timestamp INTEGER, etag TEXT, note TEXT); \
        INSERT INTO r2_files (object_key, file_url, user_id, note) VALUES ('theirs', 'u', 'me', 'keep')";
    raw_sql(AssertSqlSafe(own)).execute(&mut connect(&path).await).await.unwrap();

    let failure = read_only(&path).page(&pages_of(5)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NeedsMigration);
    assert!(failure.what.starts_with("the table r2_files in ") && failure.what.ends_with("lacks columns of Windlass"));
    assert_eq!(read_only(&path).status().await.unwrap().pending[0], "0002_columns");

    let catalog = sqlite(Provider::R2, &path);
    catalog.record(&[NewRecord { url: None, ..new("ours", 1) }]).await.unwrap();
    assert_eq!(super::keys(&all(&catalog, pages_of(1)).await), ["ours", "theirs"]);
    assert_eq!(all(&read_only(&path), pages_of(5)).await.len(), 2);
    let kept = "SELECT group_concat(file_url || coalesce(note, ''), ' ') FROM (SELECT * FROM r2_files ORDER BY id)";
    let kept: String = sqlx::query_scalar(kept).fetch_one(&mut connect(&path).await).await.unwrap();
    assert_eq!(kept, "ukeep URL not available");
}

/// Without it every key would be looked at that others have in the folder.
#[tokio::test]
async fn a_users_folders_are_read_from_an_index_of_their_own_where_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.sqlite");
    let catalog = sqlite(Provider::R2, &path);
    catalog.record(&[new("a/b/1", 1), new("a/c", 2)]).await.unwrap();
    let me = Some("me".to_owned());
    let query = ShelfQuery { user_id: me.clone(), prefix: "a/".into(), limit: 5, ..ShelfQuery::default() };
    let plan = catalog.explain_shelf(&query).await.unwrap().join("\n");
    let index = "r2_files_windlass_user_key_order (user_id=? AND object_key>? AND object_key<?)";
    assert_eq!(plan.matches(index).count(), 2, "{plan}");

    let dropped = raw_sql("DROP INDEX r2_files_windlass_user_key_order");
    dropped.execute(&mut connect(&path).await).await.unwrap();
    let old = read_only(&path);
    assert_eq!(old.shelf(&query).await.unwrap().entries.len(), 2, "read-only profiles do without");
    let plan = old.explain_shelf(&query).await.unwrap().join("\n");
    assert!(!plan.contains("user_newest") && !plan.contains("TEMP B-TREE"), "{plan}");
    let by_name = RecordQuery { user_id: me, order: Sort::NAME, ..pages_of(5) };
    assert_eq!(super::keys(&old.page(&by_name).await.unwrap().records), ["a/b/1", "a/c"]);
    assert_eq!(old.status().await.unwrap().pending, ["0005_user_key_order"]);
    assert_eq!(catalog.migrate().await.unwrap(), ["0005_user_key_order"]);
}

#[tokio::test]
async fn a_read_only_profile_without_a_file_starts_with_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(read_only(&folder.path().join("c.sqlite")).page(&pages_of(5)).await.unwrap().records, []);
}

#[tokio::test]
async fn a_writer_waits_for_another_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.sqlite");
    let catalog = sqlite(Provider::R2, &path);
    catalog.migrate().await.unwrap();
    let mut other = connect(&path).await;
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(catalog.page(&pages_of(5)).await.unwrap().records, [], "readers do not wait");
    let records = [new("k", 1)];
    let mut write = Box::pin(catalog.record(&records));
    assert!(futures::poll!(&mut write).is_pending());
    held.rollback().await.unwrap();
    write.await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_none_or_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "these are no tables, and there are enough of them to fill a header".repeat(9)).unwrap();
    let failure = sqlite(Provider::R2, &path).page(&pages_of(5)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CatalogRefused);
    assert_eq!(failure.what, format!("the catalog {} is no SQLite database", path.display()));

    let below = path.join("c.sqlite");
    let failure = sqlite(Provider::R2, &below).page(&pages_of(5)).await.unwrap_err();
    assert!(failure.what.starts_with("cannot make the folder"), "{failure}");
    let failure = sqlite(Provider::R2, folder.path()).page(&pages_of(5)).await.unwrap_err();
    assert_eq!(failure.what, format!("the catalog {} cannot be opened", folder.path().display()));
}

#[tokio::test]
async fn what_was_deleted_is_not_estimated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.sqlite");
    let catalog = sqlite(Provider::R2, &path);
    catalog.migrate().await.unwrap();
    let mut other = connect(&path).await;
    let mut run = async |statement: &'static str| raw_sql(statement).execute(&mut other).await.unwrap();
    run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         INSERT INTO r2_files (object_key, file_url, user_id) SELECT 'k' || i, 'https://example.org', 'u' FROM n")
    .await;
    let estimate = async || catalog.estimate(&RecordQuery::default()).await.unwrap().unwrap();
    assert_eq!(estimate().await, 100_000);
    run("DELETE FROM r2_files WHERE id > 1000 AND id <= 31000").await;
    let left = estimate().await;
    assert!((69_000..=71_000).contains(&left), "{left} of 70,000");
    run("DELETE FROM r2_files WHERE id > 31000 AND id % 5 <> 0").await;
    let left = estimate().await;
    assert!((14_000..=15_600).contains(&left), "{left} of 14,800");
    run("DELETE FROM r2_files WHERE id > 1000 AND id <= 94000").await;
    assert_eq!(estimate().await, 2_200, "few are counted");
}

#[tokio::test]
async fn of_rows_in_heaps_far_from_each_other_nothing_is_estimated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.sqlite");
    let catalog = sqlite(Provider::R2, &path);
    catalog.migrate().await.unwrap();
    let mut other = connect(&path).await;
    for last in ["10000000", "9223372036854775807"] {
        let heaps = format!(
            "DELETE FROM r2_files;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5999)
             INSERT INTO r2_files (id, object_key, file_url, user_id)
             SELECT {last} - i, 'k' || i, 'https://example.org', 'u' FROM n UNION ALL SELECT 1, 'first', 'u', 'u'"
        );
        raw_sql(AssertSqlSafe(heaps)).execute(&mut other).await.unwrap();
        assert_eq!(catalog.estimate(&RecordQuery::default()).await.unwrap(), None, "{last}");
    }
}
