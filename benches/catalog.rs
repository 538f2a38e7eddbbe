//! How long a page of a catalog of a million records takes, first and last, in both databases: from asking the catalog to
//! having its records. `cargo bench --bench catalog [NAME]…`; README.md beside this says what each figure is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot measure has nothing better to do than to stop and say where"
)]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use windlass::catalog::RecordQuery;
use windlass::domain::RecordCursor;
use windlass::transfer::Connection;

use support::fill::{self, Served};
use support::postgres::{Cluster, Setup};
use support::program::Home;
use support::report::{self, Bound};
use support::{wait, wanted};

/// Records in the table.
const RECORDS: usize = 1_000_000;

/// How often each page is read.
const READS: usize = 100;

/// Records a page, as the screen asks for them.
const PAGE: u32 = 200;

/// When the record 0 would have been uploaded; the others follow by the second. 1 January 2025, UTC.
const BEGAN: i64 = 1_735_689_600;

fn main() {
    let served = Served::start();
    if wanted("sqlite") {
        let home = Home::new();
        fill::sqlite_catalog(&home, &served, RECORDS);
        wait(measure(&home, "SQLite"));
    }
    if wanted("postgres") {
        let home = Home::new();
        let cluster = wait(Cluster::own(Setup::default()));
        let url = wait(cluster.database("bench"));
        home.configure(&served.profile(&format!("database_url = \"{url}\"")));
        home.run(["catalog", "migrate"]).with(0);
        wait(fill::postgres_records(&url, RECORDS));
        wait(measure(&home, "PostgreSQL"));
    }
}

async fn measure(home: &Home, database: &str) {
    let connection = home.services().connect("bench").await.unwrap();
    let pages = [
        ("everyone's first page", None, None),
        ("everyone's page behind 900,000", None, Some(after(100_001))),
        ("everyone's last page", None, Some(after(201))),
        ("a big user's first page", Some("user-0"), None),
        ("a big user's last page", Some("user-0"), Some(after(2_010))),
        ("a small user's first page", Some("user-7"), None),
        ("a small user's last page", Some("user-7"), Some(after(200_007))),
    ];
    for (what, user, after) in pages {
        let query = RecordQuery { user_id: user.map(str::to_owned), prefix: None, after, limit: PAGE };
        let times = read(&connection, &query).await;
        report::times(&format!("{database}, 1,000,000 records: {what}"), Bound::P95(5.0), times);
    }
    let begun = Instant::now();
    let estimate = connection.catalog.estimate().await.unwrap();
    let shown = format!("{database}, 1,000,000 records: estimate ({})", estimate.unwrap_or(0));
    report::times(&shown, Bound::P95(5.0), vec![begun.elapsed()]);
}

/// Behind the record of that number.
fn after(number: i64) -> RecordCursor {
    let uploaded_at = DateTime::<Utc>::from_timestamp(BEGAN + number, 0);
    RecordCursor { uploaded_at, id: number }
}

async fn read(connection: &Arc<Connection>, query: &RecordQuery) -> Vec<Duration> {
    let mut times = Vec::new();
    // The first opens the connection.
    connection.catalog.page(query).await.unwrap();
    for _ in 0..READS {
        let begun = Instant::now();
        let page = connection.catalog.page(query).await.unwrap();
        times.push(begun.elapsed());
        assert_eq!(page.records.len(), PAGE as usize);
    }
    times
}
