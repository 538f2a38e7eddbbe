//! Searches of whole tables, in both databases: what is found, how soon, and what is said where no index serves.

use std::time::Duration;

use sqlx::{PgConnection, raw_sql};
use tokio::time::timeout;
use windlass::catalog::{Catalog, Pace, RecordQuery};
use windlass::domain::{FailureKind, Narrow, NewRecord, Provider, RecordPage, Sort, SortBy};

use super::both::on_both;
use super::{all, keys, new, pages_of, postgres, searched};
use crate::support::postgres::{Cluster, connect, sql, texts};

fn of(search: &str) -> RecordQuery {
    RecordQuery { search: Some(search.into()), ..pages_of(200) }
}

/// 25,000 rows of one user, of which a few at the far end are rare; the last ones have no time.
const MANY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) \
    INSERT INTO r2_files (object_key, file_url, user_id, upload_timestamp) \
    SELECT 'k/' || i || CASE WHEN i % 2500 = 7 THEN '-Rare' ELSE '' END, '', 'me', TIME FROM n";

/// `MANY` as each database writes a time that grows with the number.
fn many(database: &super::both::Database) -> String {
    let time = match database {
        super::both::Database::Postgres(_) => "CASE WHEN i > 24000 THEN NULL ELSE to_timestamp(1700000000 + i) END",
        super::both::Database::Sqlite(_) => "CASE WHEN i > 24000 THEN NULL ELSE (1700000000 + i) * 1000000 END",
    };
    MANY.replace("TIME", time)
}

/// A connection that keeps everybody else from reading the table, until it is dropped.
async fn locked(url: &str) -> PgConnection {
    let mut connection = connect(url).await;
    raw_sql("BEGIN; LOCK TABLE r2_files").execute(&mut connection).await.unwrap();
    connection
}

/// How long a state is waited for that comes within a second.
const PATIENCE: Duration = Duration::from_secs(60);

fn looked_at(pages: &[RecordPage]) -> Vec<Option<u64>> {
    pages.iter().map(|page| page.looked_at).collect()
}

#[tokio::test]
async fn a_search_takes_text_by_the_letter_whatever_its_case() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        let names = [r"50%_A\b", "50x_a", "Abc/ab.TXT", "ü/Ünder", "plain"];
        let records: Vec<NewRecord> = names.iter().zip(1..).map(|(name, seconds)| new(name, seconds)).collect();
        catalog.record(&records).await.unwrap();
        for (search, found) in [
            ("%_a", vec![r"50%_A\b"]),
            (r"\", vec![r"50%_A\b"]),
            ("AB", vec!["Abc/ab.TXT"]),
            (".txt", vec!["Abc/ab.TXT"]),
            ("ünd", vec![]),
            ("Ünder", vec!["ü/Ünder"]),
            ("A", vec!["plain", "Abc/ab.TXT", "50x_a", r"50%_A\b"]),
            ("no\0thing", vec![]),
            (&"%".repeat(60_000), vec![]),
            ("", vec!["plain", "ü/Ünder", "Abc/ab.TXT", "50x_a", r"50%_A\b"]),
        ] {
            assert_eq!(keys(&searched(&*catalog, of(search)).await.0), found, "{search:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_search_without_an_index_looks_at_a_bounded_number_of_rows_a_page() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        database.foreign("DROP INDEX IF EXISTS r2_files_windlass_search").await;
        database.foreign(&many(&database)).await;
        let rare = RecordQuery { search: Some("rare".into()), ..pages_of(3) };
        let (found, pages) = searched(&*catalog, rare.clone()).await;
        let expected: Vec<String> = (0..10).rev().map(|n| format!("k/{}-Rare", n * 2500 + 7)).collect();
        assert_eq!(keys(&found), expected);
        // Of the newest 10,000 dated rows the first page is full at once; what it has not looked at comes next.
        assert_eq!(keys(&pages[0].records), ["k/22507-Rare", "k/20007-Rare", "k/17507-Rare"]);
        assert!(pages[0].next.is_some() && pages[0].looked_at.is_none(), "{:?}", looked_at(&pages));

        let none = RecordQuery { search: Some("not there".into()), ..pages_of(3) };
        let (found, pages) = searched(&*catalog, none).await;
        assert_eq!((found, looked_at(&pages)), (vec![], vec![Some(10_000), None]));

        for by in [SortBy::Name, SortBy::Size, SortBy::Type, SortBy::Date] {
            for reversed in [false, true] {
                let query = RecordQuery { order: Sort { by, reversed }, ..rare.clone() };
                let mut found = searched(&*catalog, query).await.0;
                found.sort_by_key(|record| std::cmp::Reverse(record.id));
                assert_eq!(keys(&found), expected, "{by:?} {reversed}");
            }
        }
        let mine = RecordQuery { user_id: Some("me".into()), prefix: Some("k/2".into()), ..rare.clone() };
        let expected = ["k/22507-Rare", "k/20007-Rare", "k/2507-Rare"];
        assert_eq!(keys(&searched(&*catalog, mine).await.0), expected);
        let nobodys = RecordQuery { user_id: Some("nobody".into()), ..rare.clone() };
        assert_eq!(searched(&*catalog, nobodys).await.0, []);
        let narrow = Narrow { since: "2023-11-15T03:00:00Z".parse().ok(), ..Narrow::default() };
        let young = searched(&*catalog, RecordQuery { narrow, ..rare }).await.0;
        assert!(!young.is_empty() && young.len() < 10, "{}", young.len());
    })
    .await;
}

/// A pace at which 25,000 rows are too many to be read at once.
const SMALL_STEPS: Pace = Pace {
    first: 10_000,
    further: 5_000,
    at_once: 20_000,
    patience: Duration::from_secs(20),
    by_entry: Duration::from_secs(1),
};

#[tokio::test]
async fn a_table_too_large_to_be_read_at_once_is_read_in_large_steps() {
    on_both(|database| async move {
        let catalog = database.pacing(SMALL_STEPS).await;
        database.foreign("DROP INDEX IF EXISTS r2_files_windlass_search").await;
        database.foreign(&many(&database)).await;
        let none = RecordQuery { search: Some("not there".into()), ..pages_of(5) };
        // 24,000 rows have a time; of the last step neither those that are left nor the 1,000 without one fill it.
        let steps = [Some(10_000), Some(5_000), Some(5_000), None];
        assert_eq!(looked_at(&searched(&*catalog, none).await.1), steps);
        let rare = RecordQuery { search: Some("rare".into()), ..pages_of(5) };
        let expected: Vec<String> = (0..10).rev().map(|n| format!("k/{}-Rare", n * 2500 + 7)).collect();
        assert_eq!(keys(&searched(&*catalog, rare).await.0), expected);
    })
    .await;
}

/// An import, say: nothing has a time.
#[tokio::test]
async fn rows_without_a_time_are_looked_at_by_steps_too() {
    on_both(|database| async move {
        let catalog = database.pacing(SMALL_STEPS).await;
        database.foreign("DROP INDEX IF EXISTS r2_files_windlass_search").await;
        database.foreign(&MANY.replace("TIME", "NULL")).await;
        for reversed in [true, false] {
            let order = Sort { by: SortBy::Date, reversed };
            let none = RecordQuery { search: Some("not there".into()), order, ..pages_of(5) };
            let (_, pages) = searched(&*catalog, none).await;
            let steps = [Some(10_000), Some(5_000), Some(5_000), Some(5_000), None];
            assert_eq!(looked_at(&pages), steps, "{reversed}");
            let rare = RecordQuery { search: Some("rare".into()), order, ..pages_of(3) };
            let mut expected: Vec<String> = (0..10).map(|n| format!("k/{}-Rare", n * 2500 + 7)).collect();
            if reversed {
                expected.reverse();
            }
            assert_eq!(keys(&searched(&*catalog, rare).await.0), expected, "{reversed}");
        }
    })
    .await;
}

#[tokio::test]
async fn rows_without_a_time_are_searched_last() {
    on_both(|database| async move {
        let catalog = database.catalog().await;
        database.foreign("DROP INDEX IF EXISTS r2_files_windlass_search").await;
        database.foreign(&many(&database)).await;
        let (found, _) = searched(&*catalog, RecordQuery { search: Some("k/2499".into()), ..pages_of(4) }).await;
        let expected =
            ["k/2499", "k/24999", "k/24998", "k/24997", "k/24996", "k/24995", "k/24994", "k/24993", "k/24992"];
        assert_eq!(keys(&found)[..9], expected);
    })
    .await;
}

#[tokio::test]
async fn an_index_that_serves_is_used_and_said() {
    let url = Cluster::shared().await.database("searched").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, &MANY.replace("TIME", "to_timestamp(1700000000 + i)")).await;
    sql(&url, "VACUUM ANALYZE r2_files").await;
    let (found, pages) = searched(&catalog, RecordQuery { search: Some("rare".into()), ..pages_of(4) }).await;
    assert_eq!((found.len(), looked_at(&pages)), (10, vec![None; 3]));
    assert!(pages.iter().all(|page| page.unindexed.is_none()));
    assert_eq!(catalog.status().await.unwrap().unindexed, None);
    let short = catalog.page(&of("7-r")).await.unwrap();
    assert_eq!((short.unindexed, short.looked_at), (Some("it takes three letters or digits in a row"), Some(10_000)));
    assert_eq!(short.records.len(), 4, "of the newest 10,000");
    assert_eq!(searched(&catalog, of("7-r")).await.0.len(), 10);
}

#[tokio::test]
async fn why_no_index_serves_is_said_until_there_is_one() {
    let url = Cluster::shared().await.database("unindexed").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, "DROP INDEX r2_files_windlass_search").await;
    catalog.record(&[new("abcdef", 1)]).await.unwrap();
    let builds = Some("windlass catalog migrate builds one");
    assert_eq!(catalog.page(&of("bcd")).await.unwrap().unindexed, builds);
    let status = catalog.status().await.unwrap();
    assert_eq!((status.unindexed, status.pending), (builds, vec!["0006_search".to_owned()]));
    assert_eq!(catalog.migrate().await.unwrap(), ["0006_search"]);
    let page = catalog.page(&of("bcd")).await.unwrap();
    assert_eq!((page.unindexed, keys(&page.records)), (None, vec!["abcdef"]));
    assert_eq!(catalog.page(&pages_of(5)).await.unwrap().unindexed, None, "nothing is searched for");
}

/// Where a language orders the keys, letters beyond ASCII have two cases.
#[tokio::test]
async fn a_database_with_a_language_knows_the_case_of_all_its_letters() {
    let cluster = Cluster::shared().await;
    let create = "CREATE DATABASE searched_in_german TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' \
        LOCALE_PROVIDER icu ICU_LOCALE 'de'";
    sql(&cluster.url("postgres"), create).await;
    let catalog = postgres(Provider::R2, &cluster.url("searched_in_german"));
    catalog.migrate().await.unwrap();
    catalog.record(&[new("Übersicht", 1), new("abc", 2)]).await.unwrap();
    for search in ["über", "ÜBERSICHT", "Ü"] {
        assert_eq!(keys(&searched(&catalog, of(search)).await.0), ["Übersicht"], "{search}");
    }
    // Row by row it finds the same, and keys that are all ASCII where a letter is written small in ASCII.
    sql(&cluster.url("searched_in_german"), "DROP INDEX r2_files_windlass_search").await;
    catalog.record(&[new("300 kelvin", 3)]).await.unwrap();
    let catalog = postgres(Provider::R2, &cluster.url("searched_in_german"));
    for (search, expected) in
        [("über", "Übersicht"), ("SICHT Ü", ""), ("ÜB", "Übersicht"), ("300 \u{212a}", "300 kelvin")]
    {
        let found = keys(&searched(&catalog, of(search)).await.0).join(" ");
        assert_eq!(found, expected, "{search}");
    }
}

/// Looked for in another way than by an index, whatever a search is made of.
#[tokio::test]
async fn without_an_index_every_part_of_every_key_is_found_whatever_its_case() {
    let cluster = Cluster::shared().await;
    let url = cluster.database("searched_by_row").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, "DROP INDEX r2_files_windlass_search").await;
    let names = ["IMG_2026-11%.jpg", "img_2026_11x.JPG", r"Quiz\face-00_.zip", "abcdef0123", "FACE.b1"];
    let records: Vec<NewRecord> = names.iter().zip(1..).map(|(name, seconds)| new(name, seconds)).collect();
    catalog.record(&records).await.unwrap();
    let parts =
        |name: &str| (0..name.len()).flat_map(|from| (from + 1..=name.len()).map(move |to| (from, to))).collect();
    for name in names {
        let parts: Vec<(usize, usize)> = parts(name);
        for part in parts.iter().map(|&(from, to)| &name[from..to]).filter(|part| part.len() < 5) {
            for search in [part.to_owned(), part.to_ascii_uppercase(), part.to_ascii_lowercase()] {
                let has = |name: &&&str| name.to_ascii_lowercase().contains(&search.to_ascii_lowercase());
                let expected: Vec<&str> = names.iter().rev().filter(has).copied().collect();
                assert_eq!(keys(&searched(&catalog, of(&search)).await.0), expected, "{search:?}");
            }
        }
    }
}

/// There a letter has one byte.
#[tokio::test]
async fn a_database_in_another_encoding_is_searched_for_letters_beyond_ascii() {
    let cluster = Cluster::shared().await;
    let create = "CREATE DATABASE searched_in_latin1 TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'";
    sql(&cluster.url("postgres"), create).await;
    let url = cluster.url("searched_in_latin1");
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, "DROP INDEX r2_files_windlass_search").await;
    catalog.record(&[new("Übersicht", 1), new("abc", 2)]).await.unwrap();
    for search in ["Übersicht", "Ü"] {
        assert_eq!(keys(&searched(&catalog, of(search)).await.0), ["Übersicht"], "{search}");
    }
}

/// The role's own limit is nearer than ours.
#[tokio::test]
async fn a_search_that_the_server_stops_says_what_would_help() {
    let cluster = Cluster::own(crate::support::postgres::Setup::default()).await;
    let url = cluster.database("slow").await;
    postgres(Provider::R2, &url).migrate().await.unwrap();
    sql(&url, "DROP INDEX r2_files_windlass_search; CREATE ROLE app LOGIN; GRANT SELECT ON r2_files TO app").await;
    let catalog = postgres(Provider::R2, &url.replace("//postgres@", "//app@"));
    // What the table has is known from here on; then its connections go, and the next one has the limit.
    assert_eq!(catalog.page(&of("abc")).await.unwrap().records, []);
    sql(&url, "ALTER ROLE app SET statement_timeout = '300ms'").await;
    sql(&url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'").await;
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'";
    timeout(PATIENCE, async { while texts(&url, sessions).await != [["0"]] {} }).await.unwrap();
    let held = locked(&url).await;
    let failure = catalog.page(&of("abc")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Busy);
    let expected = "the table public.r2_files is too large to be searched row by row; an index would help: windlass catalog migrate builds one";
    assert_eq!(failure.sentence(), expected);
    drop(held);
}

/// Where the server sets no limit, each first step, each order and each folder has ours: what nobody waits for ends.
#[tokio::test]
async fn the_server_ends_every_search_without_an_index_and_every_folder() {
    use windlass::catalog::ShelfQuery;
    let url = Cluster::shared().await.database("endless").await;
    let catalog = postgres(Provider::R2, &url).pacing(Pace { patience: Duration::from_millis(200), ..SMALL_STEPS });
    catalog.migrate().await.unwrap();
    sql(&url, "DROP INDEX r2_files_windlass_search").await;
    let held = locked(&url).await;
    let by_size = Sort { by: SortBy::Size, reversed: true };
    for query in
        [of("abc"), RecordQuery { order: by_size, ..of("abc") }, RecordQuery { order: Sort::NAME, ..of("abc") }]
    {
        let failure = catalog.page(&query).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Busy, "{query:?}: {failure}");
    }
    for (prefix, what) in [
        ("a/", "the folder a/ of the table public.r2_files takes too long to be read"),
        ("", "the folders of the table public.r2_files take too long to be told"),
    ] {
        let folder = ShelfQuery { prefix: prefix.into(), limit: 5, ..ShelfQuery::default() };
        let failure = catalog.shelf(&folder).await.unwrap_err();
        assert_eq!((failure.kind, failure.what.as_str()), (FailureKind::Busy, what));
    }
    drop(held);
}

#[tokio::test]
async fn a_search_that_is_given_up_ends_on_the_server() {
    let url = Cluster::shared().await.database("given_up").await;
    let catalog = postgres(Provider::R2, &url).pacing(Pace { patience: Duration::from_secs(3600), ..SMALL_STEPS });
    catalog.migrate().await.unwrap();
    sql(&url, "DROP INDEX r2_files_windlass_search").await;
    let held = locked(&url).await;
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let search = tokio::spawn(async move { catalog.page(&of("abc")).await });
    let comes_to = async |count: &str| while texts(&url, waiting).await != [[count]] {};
    timeout(PATIENCE, comes_to("1")).await.unwrap();
    search.abort();
    timeout(PATIENCE, comes_to("0")).await.unwrap();
    drop(held);
}

#[tokio::test]
async fn policies_hold_for_searches_folders_and_estimates() {
    use windlass::catalog::{CatalogTarget, ShelfQuery, postgres::PostgresCatalog};
    use windlass::config::{CatalogConfig, DatabaseTls};
    let cluster = Cluster::own(crate::support::postgres::Setup::default()).await;
    let url = cluster.database("rls").await;
    let owner = postgres(Provider::R2, &url);
    owner.migrate().await.unwrap();
    sql(&url, &owner.policy().unwrap()).await;
    sql(&url, "CREATE ROLE app LOGIN NOBYPASSRLS; GRANT ALL ON r2_files, r2_files_id_seq TO app").await;
    let config = CatalogConfig::Postgres {
        url: windlass::domain::Secret::new(url.replace("//postgres@", "//app@")),
        tls: DatabaseTls::Off,
        schema: "public".into(),
        rls_setting: Some("app.user_id".into()),
    };
    let me = CatalogTarget { user_id: Some("me".into()), ..super::target(Provider::R2, config) };
    let me = PostgresCatalog::new(me).unwrap();
    me.record(&[new("mine/report", 1), new("mine/other", 2)]).await.unwrap();
    owner.record(&[NewRecord { user_id: "them".into(), ..new("theirs/report", 3) }]).await.unwrap();

    let page = me.page(&of("report")).await.unwrap();
    assert_eq!(
        (keys(&page.records), page.unindexed),
        (vec!["mine/report"], Some("row-level security lets none be used"))
    );
    assert_eq!(me.status().await.unwrap().unindexed, page.unindexed);
    assert_eq!(keys(&searched(&owner, of("report")).await.0), ["theirs/report", "mine/report"], "a superuser sees all");
    let folders = me.shelf(&ShelfQuery { limit: 9, ..ShelfQuery::default() }).await.unwrap();
    assert_eq!(folders.entries, [windlass::domain::Shelved::Folder("mine/".into())]);
    assert_eq!(
        me.estimate(&RecordQuery { user_id: Some("me".into()), ..RecordQuery::default() }).await.unwrap(),
        Some(2)
    );
    let by_name = RecordQuery { order: Sort::NAME, ..pages_of(1) };
    assert_eq!(keys(&all(&me, by_name).await), ["mine/other", "mine/report"]);
}
