//! How PostgreSQL reads a page of a big table: one range of an index, never a sort or a scan of everything, whichever
//! page it is.

use windlass::catalog::{Catalog, RecordQuery};
use windlass::domain::{Provider, RecordCursor};

use super::{all, at, pages_of, postgres};
use crate::support::postgres::{Cluster, sql};

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

#[tokio::test]
async fn every_page_is_a_range_of_an_index() {
    let url = Cluster::shared().await.database("plans").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, ROWS).await;
    sql(&url, "VACUUM ANALYZE r2_files").await;
    let cursors = [
        None,
        Some(RecordCursor { uploaded_at: Some(at(0)), id: 7 }),
        Some(RecordCursor { uploaded_at: "2026-01-01T00:02:00Z".parse().ok(), id: 2 }),
        Some(RecordCursor { uploaded_at: None, id: 30_000 }),
    ];
    for user_id in [None, Some("big".to_owned()), Some("user-7".to_owned())] {
        for after in cursors {
            let query = RecordQuery { user_id: user_id.clone(), after, ..pages_of(200) };
            let plan = catalog.explain(&query).await.unwrap().join("\n");
            assert!(plan.contains("r2_files_windlass_"), "{query:?}\n{plan}");
            assert!(!plan.contains("Seq Scan") && sorted_rows(&plan) < 1_000, "{query:?}\n{plan}");
            assert!(after.is_none() || plan.contains("Index Cond"), "{query:?}\n{plan}");
        }
    }
    assert_eq!(all(&catalog, pages_of(7_000)).await.len(), 50_000);
    assert_eq!(catalog.estimate().await.unwrap(), Some(50_000));
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
