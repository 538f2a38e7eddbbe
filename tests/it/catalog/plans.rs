//! How PostgreSQL reads a page of a big table: one range of an index, never a sort or a scan of everything, whichever
//! page it is.

use chrono::{DateTime, Utc};
use windlass::catalog::{Catalog, RecordQuery, ShelfQuery};
use windlass::domain::{CursorValue, Narrow, Provider, RecordCursor, Sort, SortBy};

use super::{all, at, pages_of, postgres};
use crate::support::postgres::{Cluster, sql, texts};

/// Half of the rows are of one user, a tenth has no time, and all are of the first bucket.
const ROWS: &str = "INSERT INTO r2_files (object_key, file_url, user_id, upload_timestamp, bucket) \
    SELECT 'k/' || n, 'u', CASE WHEN n % 2 = 0 THEN 'big' ELSE 'user-' || n % 10 END, \
        CASE WHEN n % 20 > 1 THEN timestamptz '2026-01-01' + n * interval '1 minute' END, \
        CASE WHEN n % 3 = 0 THEN 'first' END \
    FROM generate_series(1, 50000) n";

/// The most rows that a plan sorts. Of a user with a handful of undated rows the planner rather fetches all of them.
fn sorted_rows(plan: &str) -> u32 {
    let sorts = plan.lines().filter(|line| line.contains("Sort  (cost"));
    let rows = |line: &str| line.split("rows=").nth(1)?.split(' ').next()?.parse().ok();
    sorts.map(|line| rows(line).unwrap()).max().unwrap_or(0)
}

fn dated(at: Option<DateTime<Utc>>, id: i64) -> RecordCursor {
    RecordCursor { value: CursorValue::Date(at), id }
}

#[tokio::test]
async fn every_page_is_a_range_of_an_index() {
    let url = Cluster::shared().await.database("plans").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, ROWS).await;
    sql(&url, "VACUUM ANALYZE r2_files").await;
    let cursors = [
        None,
        Some(dated(Some(at(0)), 7)),
        Some(dated("2026-01-01T00:02:00Z".parse().ok(), 2)),
        Some(dated(None, 30_000)),
    ];
    for user_id in [None, Some("big".to_owned()), Some("user-7".to_owned())] {
        for after in cursors.clone() {
            let query = RecordQuery { user_id: user_id.clone(), after, ..pages_of(200) };
            let plan = catalog.explain(&query).await.unwrap().join("\n");
            assert!(plan.contains("r2_files_windlass_"), "{query:?}\n{plan}");
            assert!(!plan.contains("Seq Scan") && sorted_rows(&plan) < 1_000, "{query:?}\n{plan}");
            assert!(query.after.is_none() || plan.contains("Index Cond"), "{query:?}\n{plan}");
        }
    }
    assert_eq!(all(&catalog, pages_of(7_000)).await.len(), 50_000);
    assert_eq!(catalog.estimate(&RecordQuery::default()).await.unwrap(), Some(50_000));
}

/// Where a language orders the keys, the guide's own unique index is of no use for a prefix.
#[tokio::test]
async fn a_rare_prefix_is_found_by_its_own_index() {
    let cluster = Cluster::shared().await;
    let create = "CREATE DATABASE plans_in_english TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' \
        LOCALE_PROVIDER icu ICU_LOCALE 'en'";
    sql(&cluster.url("postgres"), create).await;
    let url = cluster.url("plans_in_english");
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, ROWS).await;
    sql(&url, "VACUUM ANALYZE r2_files").await;
    let query = RecordQuery { prefix: Some("k/777".into()), ..pages_of(200) };
    let plan = catalog.explain(&query).await.unwrap().join("\n");
    assert!(plan.contains("r2_files_windlass_key_order"), "{plan}");
    assert_eq!(catalog.page(&query).await.unwrap().records.len(), 11);
}

/// Rows with sizes and types, in folders, of the rows above.
const FOLDERS: &str = "UPDATE r2_files SET object_key = 'f' || id % 100 || '/' || object_key, size_bytes = id, \
    content_type = CASE WHEN id % 100 = 0 THEN 'image/png' ELSE 'text/plain' END";

#[tokio::test]
async fn orders_searches_and_folders_go_by_an_index() {
    let url = Cluster::shared().await.database("plans").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, ROWS).await;
    sql(&url, FOLDERS).await;
    sql(&url, "VACUUM ANALYZE r2_files").await;
    let oldest = Sort { by: SortBy::Date, reversed: false };
    let key = RecordCursor { value: CursorValue::Key("f5/k/5".into()), id: 5 };
    let plan = async |query: RecordQuery| catalog.explain(&query).await.unwrap().join("\n");
    for user_id in [None, Some("big".to_owned())] {
        for (order, after) in [
            (oldest, None),
            (oldest, Some(dated("2026-01-01T00:02:00Z".parse().ok(), 2))),
            (Sort::NAME, None),
            (Sort::NAME, Some(key.clone())),
            (Sort { reversed: true, ..Sort::NAME }, Some(key.clone())),
        ] {
            let query = RecordQuery { user_id: user_id.clone(), order, after, ..pages_of(200) };
            let plan = plan(query.clone()).await;
            assert!(!plan.contains("Seq Scan") && sorted_rows(&plan) == 0, "{query:?}\n{plan}");
            if order.by == SortBy::Name {
                let index = if query.user_id.is_some() { "user_key_order" } else { "windlass_key_order" };
                assert!(plan.contains(index), "{query:?}\n{plan}");
            }
        }
        // What nothing has is in no sample that the statistics are made of.
        let search = RecordQuery { user_id: user_id.clone(), search: Some("nowhere".into()), ..pages_of(200) };
        let by_name = RecordQuery { order: Sort::NAME, ..search.clone() };
        for query in [search, by_name] {
            let plan = plan(query).await;
            assert!(plan.contains("Bitmap Index Scan on r2_files_windlass_search"), "{plan}");
        }
        let short = plan(RecordQuery { user_id: user_id.clone(), search: Some("zq".into()), ..pages_of(200) }).await;
        assert!(short.contains("Index Only Scan using r2_files_windlass_"), "where a step ends: {short}");
        for prefix in ["", "f7/"] {
            let query =
                ShelfQuery { user_id: user_id.clone(), prefix: prefix.into(), limit: 200, ..ShelfQuery::default() };
            let plan = catalog.explain_shelf(&query).await.unwrap().join("\n");
            assert!(plan.matches("key_order").count() >= 2 && !plan.contains("Seq Scan"), "{query:?}\n{plan}");
        }
    }
}

#[tokio::test]
async fn a_part_of_a_big_table_is_estimated_by_the_planner() {
    let url = Cluster::shared().await.database("plans").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, ROWS).await;
    sql(&url, FOLDERS).await;
    sql(&url, "VACUUM ANALYZE r2_files").await;
    let estimate = async |query: RecordQuery| catalog.estimate(&query).await.unwrap().unwrap();
    let big = RecordQuery { user_id: Some("big".into()), ..RecordQuery::default() };
    assert!((15_000..30_000).contains(&estimate(big.clone()).await));
    let images = Narrow { media_type: Some("image".into()), ..Narrow::default() };
    assert!((100..1_500).contains(&estimate(RecordQuery { narrow: images, ..big.clone() }).await));
    let search = Some("of a search nothing can be known".into());
    assert_eq!(estimate(RecordQuery { search, ..big.clone() }).await, estimate(big).await);
}

/// A table that grew since it was made, of which the planner knows nothing yet, and an index for searches in which much may be
/// pending, as older versions made it: the planner would look for lists of keys there.
const GROWN: &str = "ALTER TABLE r2_files SET (autovacuum_enabled = off); \
    ALTER INDEX r2_files_windlass_search RESET (gin_pending_list_limit); \
    INSERT INTO r2_files (object_key, file_url, user_id, bucket) \
        SELECT 'p/small/file-' || lpad(n::text, 5, '0') || '.dat', 'u', 'me', 'first' FROM generate_series(1, 5000) n";

#[tokio::test]
async fn lists_of_keys_are_looked_up_by_their_own_index() {
    let url = Cluster::shared().await.database("lists").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, GROWN).await;
    let keys: Vec<String> = (4_981..=5_040).map(|number| format!("p/small/file-{number:05}.dat")).collect();
    let refused = catalog.check_many(&keys, "me").await.unwrap();
    let (known, gone) = (catalog.known(&keys, None).await.unwrap(), catalog.forget(&keys, None).await.unwrap());
    assert_eq!((refused.len(), known.len(), gone), (0, 20, 20));
    // The server counts what a session did when it ends.
    drop(catalog);
    let scans = "SELECT sum(idx_scan) > 2, sum(idx_scan) FILTER (WHERE indexrelname = 'r2_files_windlass_search') \
        FROM pg_stat_user_indexes WHERE relname = 'r2_files'";
    let counted = async {
        loop {
            let row = texts(&url, scans).await.remove(0);
            if row[0] == "t" {
                break row;
            }
        }
    };
    let counted = tokio::time::timeout(std::time::Duration::from_secs(60), counted).await.unwrap();
    assert_eq!(counted[1], "0", "lookups in the index for searches");
}
