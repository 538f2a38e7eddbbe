//! How long a page of a catalog of a million records takes, first and last, in any order, searched for and folder by folder,
//! in both databases: from asking the catalog to having its records. `cargo bench --bench catalog [NAME]…`; README.md beside this says what each figure is.
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
use windlass::catalog::{RecordQuery, ShelfQuery};
use windlass::domain::{CursorValue, Narrow, RecordCursor, RecordPage, Sort, SortBy};
use windlass::transfer::Connection;

use support::fill::{self, Served};
use support::postgres::{Cluster, Setup, sql};
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

/// How often what looks at a whole table is done.
const FEW_READS: usize = 10;

fn main() {
    let served = Served::start();
    if wanted("sqlite") {
        let home = Home::new();
        let file = fill::sqlite_catalog(&home, &served, RECORDS);
        wait(measure(&home, "SQLite"));
        wait(orders(&home, "SQLite"));
        wait(searches(&home, "SQLite", false));
        wait(fill::sqlite(&file, &folders("printf('%07d', i)")));
        wait(shelves(&home, "SQLite"));
    }
    if wanted("postgres") {
        let home = Home::new();
        let cluster = wait(Cluster::own(Setup::default()));
        let url = wait(cluster.database("bench"));
        home.configure(&served.profile(&format!("database_url = \"{url}\"")));
        home.run(["catalog", "migrate"]).with(0);
        wait(fill::postgres_records(&url, RECORDS));
        wait(sql(&url, "VACUUM s3_files"));
        wait(measure(&home, "PostgreSQL"));
        wait(orders(&home, "PostgreSQL"));
        wait(searches(&home, "PostgreSQL", true));
        wait(sql(&url, "DROP INDEX s3_files_windlass_search"));
        wait(searches(&home, "PostgreSQL without pg_trgm", false));
        wait(sql(&url, &folders("lpad(i::text, 7, '0')")));
        wait(shelves(&home, "PostgreSQL"));
    }
}

/// 100,000 records more in 200 folders, a million in 1,000, each of which a small user has for himself or shares with the big
/// one, and 100,000 folders of one file; `name` is what a database makes of a number.
fn folders(name: &str) -> String {
    let more = |records: usize, key: &str, user: &str| {
        format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {records})
             INSERT INTO s3_files (object_key, file_url, user_id) SELECT {key}, '', 'user-' || {user} FROM n;"
        )
    };
    let few = more(100_000, &format!("'folder-' || (i % 200) || '/' || {name}"), "(i % 1000)");
    let big_user = "CASE WHEN i % 10 = 0 THEN 0 ELSE i % 1000 END";
    let many = more(RECORDS, &format!("'many/' || (i % 1000) || '/' || {name}"), big_user);
    few + &many + &more(100_000, &format!("'wide/' || {name} || '/file'"), "(i % 1000)")
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
        let query = RecordQuery { user_id: user.map(str::to_owned), after, limit: PAGE, ..RecordQuery::default() };
        let times = read(&connection, &query, READS).await;
        report::times(&format!("{database}, 1,000,000 records: {what}"), Bound::P95(5.0), times);
    }
    let part = RecordQuery { user_id: Some("user-0".into()), ..RecordQuery::default() };
    for (what, query) in [("estimate", RecordQuery::default()), ("a big user's estimate", part)] {
        let begun = Instant::now();
        let estimate = connection.catalog.estimate(&query).await.unwrap();
        let shown = format!("{database}, 1,000,000 records: {what} ({})", estimate.unwrap_or(0));
        report::times(&shown, Bound::P95(5.0), vec![begun.elapsed()]);
    }
}

/// First pages in every order, and narrowed: where no index serves, the database sorts or sifts the whole table.
async fn orders(home: &Home, database: &str) {
    let connection = home.services().connect("bench").await.unwrap();
    let by = |by, reversed| RecordQuery { order: Sort { by, reversed }, limit: PAGE, ..RecordQuery::default() };
    let of = |user: &str, query| RecordQuery { user_id: Some(user.into()), ..query };
    let narrow = Narrow { at_least: Some(RECORDS as u64 - 300), ..Narrow::default() };
    let large = RecordQuery { narrow, limit: PAGE, ..RecordQuery::default() };
    let (indexed, sorted) = (Bound::P95(50.0), Bound::P95(300.0));
    for (what, query, bound, reads) in [
        ("by name", by(SortBy::Name, false), indexed, READS),
        ("by name from the end", by(SortBy::Name, true), indexed, READS),
        ("a big user's by name", of("user-0", by(SortBy::Name, false)), indexed, READS),
        ("a small user's by name", of("user-7", by(SortBy::Name, false)), indexed, FEW_READS),
        ("oldest first", by(SortBy::Date, false), indexed, READS),
        ("largest first", by(SortBy::Size, true), sorted, FEW_READS),
        ("by type", by(SortBy::Type, false), sorted, FEW_READS),
        ("the 300 largest alone", large, sorted, FEW_READS),
    ] {
        let times = read(&connection, &query, reads).await;
        report::times(&format!("{database}, 1,000,000 records: {what}"), bound, times);
    }
}

/// What is searched for: the first page, which is what a person waits for, and the whole table.
async fn searches(home: &Home, database: &str, indexed: bool) {
    let connection = home.services().connect("bench").await.unwrap();
    let first = Bound::P95(50.0);
    let whole = if indexed { first } else { Bound::P95(300.0) };
    for (what, needle) in
        [("all have", "report"), ("thousands have", "abc"), ("one has", "0000123"), ("none has", "zqx")]
    {
        let query = RecordQuery { search: Some(needle.into()), limit: PAGE, ..RecordQuery::default() };
        let (mut firsts, mut wholes) = (Vec::new(), Vec::new());
        connection.catalog.page(&query).await.unwrap();
        for _ in 0..FEW_READS {
            let begun = Instant::now();
            let page = connection.catalog.page(&query).await.unwrap();
            firsts.push(begun.elapsed());
            read_until_full(&connection, &query, page).await;
            wholes.push(begun.elapsed());
        }
        report::times(&format!("{database}, search for what {what}: first answer"), first, firsts);
        report::times(&format!("{database}, search for what {what}: a page or the end"), whole, wholes);
    }
}

/// Reads on as the screen does: until there is a page of rows, or no more.
async fn read_until_full(connection: &Arc<Connection>, query: &RecordQuery, mut page: RecordPage) {
    let mut rows = page.records.len();
    while let (Some(after), true) = (page.next, rows < PAGE as usize) {
        let query = RecordQuery { after: Some(after), ..query.clone() };
        page = connection.catalog.page(&query).await.unwrap();
        rows += page.records.len();
    }
}

/// The top of the catalog, where a million records stand beside some folders, and folders of it: of few, of a million files
/// and of very many folders.
async fn shelves(home: &Home, database: &str) {
    let connection = home.services().connect("bench").await.unwrap();
    let shelf = |user: Option<&str>, prefix: &str, after: Option<&str>| ShelfQuery {
        user_id: user.map(str::to_owned),
        prefix: prefix.into(),
        after: after.map(str::to_owned),
        limit: PAGE,
        ..ShelfQuery::default()
    };
    let narrow = Narrow { at_least: Some(RECORDS as u64 - 300), ..Narrow::default() };
    let large = ShelfQuery { narrow, ..shelf(None, "", None) };
    let probed = Bound::P95(50.0);
    for (what, query, bound) in [
        ("200 of a million files", shelf(None, "", None), probed),
        ("200 folders of 500 files", shelf(None, "", Some("folder")), probed),
        ("a folder's first 200 files", shelf(None, "folder-7/", None), probed),
        ("a small user's folders", shelf(Some("user-7"), "", Some("folder")), probed),
        ("200 of 1,000 folders of 1,000 files", shelf(None, "many/", None), probed),
        ("the 100 of them that a big user has", shelf(Some("user-0"), "many/", None), probed),
        ("the one of them that a small user has", shelf(Some("user-7"), "many/", None), probed),
        ("200 of a folder's 1,000 files", shelf(None, "many/7/", None), probed),
        ("200 of 100,000 folders", shelf(None, "wide/", None), probed),
        ("a small user's of them", shelf(Some("user-7"), "wide/", None), probed),
        ("the largest alone, wherever they are", large, Bound::P95(1000.0)),
    ] {
        let mut times = Vec::new();
        for _ in 0..FEW_READS {
            let begun = Instant::now();
            let page = connection.catalog.shelf(&query).await.unwrap();
            times.push(begun.elapsed());
            assert!(!page.entries.is_empty());
        }
        report::times(&format!("{database}, folders: {what}"), bound, times);
    }
}

/// Behind the record of that number.
fn after(number: i64) -> RecordCursor {
    let uploaded_at = DateTime::<Utc>::from_timestamp(BEGAN + number, 0);
    RecordCursor { value: CursorValue::Date(uploaded_at), id: number }
}

async fn read(connection: &Arc<Connection>, query: &RecordQuery, reads: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    // The first opens the connection.
    connection.catalog.page(query).await.unwrap();
    for _ in 0..reads {
        let begun = Instant::now();
        let page = connection.catalog.page(query).await.unwrap();
        times.push(begun.elapsed());
        assert_eq!(page.records.len(), PAGE as usize);
    }
    times
}
