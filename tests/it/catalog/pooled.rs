//! Behind a transaction pooler two statements may reach two servers: everything must work all the same.

use std::time::Duration;

use sqlx::raw_sql;
use windlass::catalog::{Catalog, RecordQuery};
use windlass::domain::{NewRecord, Provider};

use super::{all, new, pages_of, postgres};
use crate::support::pgbouncer::Pooler;
use crate::support::postgres::{Cluster, Setup, texts};

#[tokio::test]
async fn migrations_and_many_transactions_at_once_work_behind_a_pooler() {
    let cluster = Cluster::own(Setup::default()).await;
    let direct = cluster.database("pooled").await;
    let pooler = Pooler::of(&cluster).await;
    let url = pooler.url(&direct);
    assert_eq!(postgres(Provider::R2, &url).migrate().await.unwrap().len(), 7);
    let workers: Vec<_> = (0..6)
        .map(|worker| {
            let catalog = postgres(Provider::R2, &url);
            tokio::spawn(async move {
                for n in 0..20 {
                    let batch: Vec<NewRecord> = (0..5).map(|k| new(&format!("{worker}/{n}/{k}"), n)).collect();
                    catalog.record(&batch).await.unwrap();
                    assert!(catalog.find(&format!("{worker}/{n}/0"), Some("me")).await.unwrap().is_some());
                    catalog.page(&pages_of(10)).await.unwrap();
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let catalog = postgres(Provider::R2, &url);
    assert_eq!(all(&catalog, pages_of(100)).await.len(), 600);
    assert_eq!(catalog.migrate().await.unwrap(), [""; 0]);
    let left_behind = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'";
    assert_eq!(texts(&direct, left_behind).await, [["0"]]);
    let named = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname LIKE 'pooled%'";
    assert_eq!(texts(&direct, named).await, [["0"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_long_in_a_full_poolers_line_keeps_its_place_and_its_connections() {
    let cluster = Cluster::own(Setup::default()).await;
    let direct = cluster.database("full").await;
    postgres(Provider::R2, &direct).migrate().await.unwrap();
    let pooler = Pooler::with_connections(&cluster, 1).await;
    let catalog = postgres(Provider::R2, &pooler.url(&direct));
    let everything = RecordQuery::default();
    tokio::try_join!(catalog.estimate(&everything), catalog.estimate(&everything)).unwrap();
    let before = pooler.clients().await;
    assert_eq!(before.len(), 2, "two rest");

    let mut other = pooler.connect(&direct).await;
    raw_sql("BEGIN").execute(&mut other).await.unwrap();
    let with_other = pooler.clients().await;
    let waiting = tokio::spawn(async move {
        catalog.estimate(&RecordQuery::default()).await.unwrap();
        catalog
    });
    let tried_anew = async {
        while pooler.clients().await.is_subset(&with_other) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), tried_anew).await.expect("a silent connection may be dead");
    raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    let _catalog = waiting.await.unwrap();
    assert!(before.is_subset(&pooler.clients().await), "what stood in line was not dead");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_where_no_more_clients_are_let_in_is_served_in_its_turn() {
    let cluster = Cluster::own(Setup::default()).await;
    let direct = cluster.database("crowded").await;
    postgres(Provider::R2, &direct).migrate().await.unwrap();
    let pooler = Pooler::with_limits(&cluster, 1, 2).await;
    let catalog = postgres(Provider::R2, &pooler.url(&direct));
    catalog.estimate(&RecordQuery::default()).await.unwrap();
    let mut other = pooler.connect(&direct).await;
    raw_sql("BEGIN").execute(&mut other).await.unwrap();
    let waiting = tokio::spawn(async move { catalog.estimate(&RecordQuery::default()).await });
    pooler.says("no more connections allowed").await;
    raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    waiting.await.unwrap().unwrap();
}
