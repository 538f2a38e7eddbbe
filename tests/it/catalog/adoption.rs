//! Tables that apps written from the guides have made and filled: adopted, with nothing lost and the app none the wiser.

use windlass::catalog::Catalog;
use windlass::domain::{FailureKind, Provider};

use super::{all, new, pages_of, postgres};
use crate::support::postgres::{Cluster, sql, texts};
use crate::support::program::Home;

/// The guides' own SQL: what makes the table, and what their apps insert.
struct Guide {
    provider: Provider,
    create: &'static str,
    insert: &'static str,
}

const GUIDES: [Guide; 4] = [
    Guide {
        provider: Provider::S3,
        create: "CREATE TABLE IF NOT EXISTS s3_files (
            id SERIAL PRIMARY KEY,
            object_key TEXT NOT NULL UNIQUE, -- Key (path/filename) in S3
            file_url TEXT NOT NULL,          -- Publicly accessible URL (if object is public)
            user_id TEXT NOT NULL,           -- User associated with the file
            upload_timestamp TIMESTAMPTZ DEFAULT NOW()
        );",
        insert: "INSERT INTO s3_files (object_key, file_url, user_id) VALUES ($, 'https://b.s3.amazonaws.com/x', 'u')",
    },
    Guide {
        provider: Provider::R2,
        create: "CREATE TABLE IF NOT EXISTS r2_files (
            id SERIAL PRIMARY KEY,
            object_key TEXT NOT NULL UNIQUE, -- Key (path/filename) in R2
            file_url TEXT NOT NULL,          -- Publicly accessible URL
            user_id TEXT NOT NULL,           -- User associated with the file
            upload_timestamp TIMESTAMPTZ DEFAULT NOW()
        );",
        insert: "INSERT INTO r2_files (object_key, file_url, user_id) VALUES ($, 'URL not available', 'u')",
    },
    Guide {
        provider: Provider::B2,
        create: "CREATE TABLE IF NOT EXISTS b2_files (
            id SERIAL PRIMARY KEY,
            object_key TEXT NOT NULL UNIQUE, -- Key (path/filename) in B2
            file_url TEXT,                   -- Base public URL
            user_id TEXT NOT NULL,           -- User associated with the file
            upload_timestamp TIMESTAMPTZ DEFAULT NOW()
        );",
        insert: "INSERT INTO b2_files (object_key, file_url, user_id) VALUES ($, NULL, 'u')",
    },
    Guide {
        provider: Provider::Uploadcare,
        create: "CREATE TABLE IF NOT EXISTS uploadcare_files (
            id SERIAL PRIMARY KEY,
            file_id TEXT NOT NULL UNIQUE,
            file_url TEXT NOT NULL,
            user_id TEXT NOT NULL,
            upload_timestamp TIMESTAMPTZ DEFAULT NOW()
        );",
        insert: "INSERT INTO uploadcare_files (file_id, file_url, user_id) VALUES ($, 'https://ucarecdn.com/x/', 'u')",
    },
];

impl Guide {
    fn table(&self) -> &'static str {
        self.provider.table()
    }

    async fn insert(&self, url: &str, key: &str) {
        sql(url, &self.insert.replace('$', &format!("'{key}'"))).await;
    }

    /// The guide's columns of every row.
    async fn rows(&self, url: &str) -> Vec<Vec<String>> {
        let (table, key) = (self.table(), self.provider.key_column());
        texts(url, &format!("SELECT id, {key}, file_url, user_id, upload_timestamp FROM {table} ORDER BY id")).await
    }
}

/// Everything that a migration could have touched: columns, constraints, indexes with their files, row versions,
/// Windlass's own bookkeeping.
async fn everything(url: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for query in [
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns \
            WHERE table_schema = 'public' ORDER BY 1, ordinal_position",
        "SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint \
            WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        "SELECT c.oid, c.relname, c.relfilenode, pg_get_indexdef(c.oid) FROM pg_class c \
            WHERE relnamespace = 'public'::regnamespace ORDER BY 2",
        "SELECT * FROM windlass_migrations ORDER BY 1, 2",
    ] {
        all.extend(texts(url, query).await);
    }
    for guide in &GUIDES {
        all.extend(texts(url, &format!("SELECT xmin, ctid, * FROM {} ORDER BY id", guide.table())).await);
    }
    all
}

#[tokio::test]
async fn guide_tables_are_adopted_with_their_rows_and_a_second_migration_changes_nothing() {
    let url = Cluster::shared().await.database("adopted").await;
    for guide in &GUIDES {
        sql(&url, guide.create).await;
        for key in ["first", "second"] {
            guide.insert(&url, key).await;
        }
    }
    for guide in &GUIDES {
        let rows = guide.rows(&url).await;
        let catalog = postgres(guide.provider, &url);
        assert_eq!(catalog.page(&pages_of(5)).await.unwrap_err().kind, FailureKind::NeedsMigration);
        assert_eq!(catalog.migrate().await.unwrap().len(), 6, "all but the table");
        assert_eq!(guide.rows(&url).await, rows);

        guide.insert(&url, "after").await;
        let records = all(&catalog, pages_of(2)).await;
        assert_eq!(super::keys(&records), ["after", "second", "first"]);
        let unknown = |r: &windlass::domain::Record| r.size.is_none() && r.etag.is_none() && r.bucket.is_none();
        assert!(records.iter().all(unknown) && records.iter().all(|record| record.uploaded_at.is_some()));
        let shows_url = records[0].url.is_some();
        assert_eq!(shows_url, matches!(guide.provider, Provider::S3 | Provider::Uploadcare));

        catalog.record(&[windlass::domain::NewRecord { url: None, ..new("ours", 0) }]).await.unwrap();
        let url_column = guide.rows(&url).await.pop().unwrap().swap_remove(2);
        let expected = if guide.provider == Provider::B2 { "NULL" } else { "URL not available" };
        assert_eq!(url_column, expected, "{}", guide.table());
    }
    let before = everything(&url).await;
    for guide in &GUIDES {
        assert_eq!(postgres(guide.provider, &url).migrate().await.unwrap(), [""; 0]);
    }
    assert_eq!(everything(&url).await, before);
}

#[tokio::test]
async fn only_the_profiles_own_table_is_touched() {
    let url = Cluster::shared().await.database("adopted").await;
    for guide in &GUIDES {
        sql(&url, guide.create).await;
    }
    postgres(Provider::B2, &url).migrate().await.unwrap();
    let touched = "SELECT DISTINCT table_name FROM information_schema.columns WHERE column_name = 'size_bytes'";
    assert_eq!(texts(&url, touched).await, [["b2_files"]]);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(texts(&url, tables).await, [["5"]], "the guides' and Windlass's bookkeeping");
}

#[tokio::test]
async fn big_ids_foreign_columns_and_times_without_zone_are_fine() {
    let url = Cluster::shared().await.database("adopted").await;
    let own = "CREATE TABLE r2_files (id BIGSERIAL PRIMARY KEY, object_key VARCHAR(1024) NOT NULL UNIQUE, \
        file_url TEXT NOT NULL, user_id VARCHAR NOT NULL, upload_timestamp TIMESTAMP DEFAULT '2026-01-01 12:00', \
        size_bytes INTEGER, project TEXT NOT NULL DEFAULT 'site');
        ALTER SEQUENCE r2_files_id_seq RESTART WITH 5000000000;
        INSERT INTO r2_files (object_key, file_url, user_id, size_bytes) VALUES ('a', 'u', 'me', 7), ('b', 'u', 'me', NULL);";
    sql(&url, own).await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    let records = all(&catalog, pages_of(1)).await;
    assert_eq!((records[0].id, records[1].size), (5_000_000_001, Some(7)));
    assert_eq!(records[0].uploaded_at, "2026-01-01T12:00:00Z".parse().ok());
    catalog.record(&[windlass::domain::NewRecord { size: 9, ..new("a", 3) }]).await.unwrap();
    assert_eq!(texts(&url, "SELECT size_bytes, project FROM r2_files WHERE id = 5000000000").await, [["9", "site"]]);
}

#[tokio::test]
async fn rows_at_the_ends_of_time_are_listed() {
    let url = Cluster::shared().await.database("adopted").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    let insert = "INSERT INTO r2_files (object_key, file_url, user_id, upload_timestamp) VALUES \
        ('1', 'u', 'me', 'infinity'), ('2', 'u', 'me', '-infinity'), ('3', 'u', 'me', '4000-01-01 BC'), \
        ('4', 'u', 'me', NULL), ('5', 'u', 'me', '-infinity'), ('6', 'u', 'me', 'infinity')";
    sql(&url, insert).await;
    for limit in 1..7 {
        assert_eq!(super::keys(&all(&catalog, pages_of(limit)).await), ["6", "1", "3", "5", "2", "4"]);
    }
}

#[tokio::test]
async fn an_index_that_an_interrupted_build_left_behind_is_built_again() {
    let url = Cluster::shared().await.database("adopted").await;
    let catalog = postgres(Provider::R2, &url);
    catalog.migrate().await.unwrap();
    sql(&url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'r2_files_windlass_newest'::regclass").await;
    assert_eq!(catalog.status().await.unwrap().pending, ["0003_newest"]);
    assert_eq!(catalog.migrate().await.unwrap(), ["0003_newest"]);
    sql(&url, "DROP TABLE r2_files").await;
    assert_eq!(catalog.page(&pages_of(1)).await.unwrap_err().kind, FailureKind::NeedsMigration);
    assert_eq!(catalog.migrate().await.unwrap().len(), 7, "a dropped table is made again, whatever was noted");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_adopts_the_guides_tables_lists_their_rows_and_lets_the_app_go_on() {
    let url = Cluster::shared().await.database("adopted_by_command").await;
    let home = Home::new();
    let database =
        format!("database_url = \"{url}\"\naccess_key_id = \"k\"\nsecret_access_key = \"s\"\nbucket = \"b\"\n");
    home.configure(&format!(
        "[profiles.s3]\nprovider = \"s3\"\nregion = \"us-east-1\"\n{database}\
         [profiles.r2]\nprovider = \"r2\"\naccount_id = \"0123456789abcdef0123456789abcdef\"\n{database}\
         [profiles.b2]\nprovider = \"b2\"\nendpoint = \"https://s3.us-west-004.backblazeb2.com\"\n{database}"
    ));
    for guide in &GUIDES {
        sql(&url, guide.create).await;
        guide.insert(&url, "first").await;
        guide.insert(&url, "second").await;
    }
    let keys = |profile: &str| -> Vec<String> {
        let rows = home.run(["ls", "--json", "--profile", profile]).with(0).json();
        rows.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect()
    };
    for guide in GUIDES.iter().filter(|guide| guide.provider != Provider::Uploadcare) {
        let profile = guide.provider.name();
        let refused = home.run(["ls", "--profile", profile]).with(1);
        assert!(refused.sentence().contains("windlass catalog migrate"), "{}", refused.err);
        home.run(["catalog", "migrate", "--profile", profile]).with(0);
        assert_eq!(keys(profile), ["second", "first"]);
        guide.insert(&url, "after").await;
        assert_eq!(keys(profile), ["after", "second", "first"]);
    }
    let before = everything(&url).await;
    for profile in ["s3", "r2", "b2"] {
        let again = home.run(["catalog", "migrate", "--json", "--profile", profile]).with(0).json();
        assert_eq!(again[0]["applied"].as_array().unwrap().len(), 0);
    }
    assert_eq!(everything(&url).await, before);
}
