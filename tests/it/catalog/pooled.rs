//! Behind a transaction pooler two statements may reach two servers: everything must work all the same.

use windlass::catalog::Catalog;
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
    assert_eq!(postgres(Provider::R2, &url).migrate().await.unwrap().len(), 5);
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
