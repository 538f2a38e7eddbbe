//! Big things to look at, made as fast as they can be: a folder of files, a bucket of keys, tables of records. Keys go
//! straight into the local bucket's index and records straight into their tables, because only reading is measured.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, raw_sql};

use super::postgres::sql;
use super::program::{Home, Running};
use super::wait;

/// What all keys of a filled bucket begin with.
pub const PREFIX: &str = "holiday-pictures/";

/// Makes so many empty files.
pub fn folder(at: &Path, files: usize) {
    std::fs::create_dir_all(at).expect("a folder");
    for number in 0..files {
        std::fs::File::create(at.join(file_name(number))).expect("a file");
    }
}

/// The name of a file of [`folder`], and of a key of [`Served::fill`] below its prefix.
pub fn file_name(number: usize) -> String {
    format!("file-{number:08}.dat")
}

/// The local bucket, served by another process from a home of its own.
pub struct Served {
    home: Home,
    access: Value,
    _server: Running,
}

impl Served {
    /// Starts it, empty.
    pub fn start() -> Self {
        let home = Home::new();
        let mut server = home.start(["local", "serve", "--addr", "127.0.0.1:0", "--json"]);
        let access = serde_json::from_str(&server.line()).expect("a line of JSON");
        Self { home, access, _server: server }
    }

    /// Puts so many keys under [`PREFIX`], all of them empty objects, without their blobs: they can be listed.
    pub fn fill(&self, keys: usize) {
        let index = self.home.places().local_bucket().join("index.sqlite");
        let statement = format!(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {keys} - 1)
             INSERT INTO objects (bucket, key, size, modified, etag, headers, checksum, content, parts)
             SELECT b.id, CAST(printf('{PREFIX}file-%08d.dat', i) AS BLOB), i, 1750000000 + i,
                    'd41d8cd98f00b204e9800998ecf8427e', '{{}}', 'crc64nvme:AAAAAAAAAAA=', -1, 0
             FROM n, buckets b"
        );
        wait(sqlite(&index, &statement));
    }

    /// The profile `bench` of that bucket, in force, for `config.toml`; `more` are further lines of the profile.
    pub fn profile(&self, more: &str) -> String {
        let of = |name: &str| self.access[name].as_str().expect("a text").to_owned();
        format!(
            "default_profile = \"bench\"\n[profiles.bench]\nprovider = \"s3\"\nendpoint = \"{}\"\nregion = \"{}\"\n\
             access_key_id = \"{}\"\nsecret_access_key = \"{}\"\nbucket = \"{}\"\npath_style = true\n{more}\n",
            of("endpoint"),
            of("region"),
            of("access_key_id"),
            of("secret_access_key"),
            of("bucket"),
        )
    }
}

/// Runs SQL on a SQLite file.
pub async fn sqlite(file: &Path, statement: &str) {
    let options = SqliteConnectOptions::new().filename(file).disable_statement_logging();
    let mut connection = options.connect().await.expect("a SQLite file");
    raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("SQL that runs");
    connection.close().await.expect("a file that is written");
}

/// How the key of the record of that number begins; the newest has the highest number.
pub fn record_name(number: usize) -> String {
    format!("{number:07}-")
}

/// Fills `s3_files` of a PostgreSQL database, migrated already: one user has a tenth of the records, and sizes have nothing to
/// do with age.
pub async fn postgres_records(url: &str, records: usize) {
    let statement = format!(
        "INSERT INTO s3_files (object_key, file_url, user_id, upload_timestamp, size_bytes, content_type)
         SELECT lpad(i::text, 7, '0') || '-' || md5(i::text) || '-report.pdf', 'https://example.org/' || i,
                'user-' || CASE WHEN i % 10 = 0 THEN 0 ELSE i % 1000 END,
                TIMESTAMPTZ '2025-01-01 00:00:00Z' + i * INTERVAL '1 second', i::bigint * 7919 % 1000003, 'application/pdf'
         FROM generate_series(1, {records}) i;
         ANALYZE s3_files"
    );
    sql(url, &statement).await;
}

/// The same in a SQLite file.
pub async fn sqlite_records(file: &Path, records: usize) {
    let statement = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {records})
         INSERT INTO s3_files (object_key, file_url, user_id, upload_timestamp, size_bytes, content_type)
         SELECT printf('%07d-', i) || lower(hex(randomblob(16))) || '-report.pdf', 'https://example.org/' || i,
                'user-' || iif(i % 10 = 0, 0, i % 1000), 1735689600000000 + i * 1000000, i * 7919 % 1000003, 'application/pdf'
         FROM n"
    );
    sqlite(file, &statement).await;
}

/// A SQLite catalog for the profile of [`Served::profile`], migrated, with so many records; answers its file.
pub fn sqlite_catalog(home: &Home, served: &Served, records: usize) -> PathBuf {
    let file = home.path().join("catalog.sqlite");
    home.configure(&served.profile(&format!("database_url = \"sqlite:{}\"", file.display())));
    home.run(["catalog", "migrate"]).with(0);
    wait(sqlite_records(&file, records));
    file
}
