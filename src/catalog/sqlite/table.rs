//! The statements on a profile's table in SQLite. Times are microseconds since 1970, bound from here, as SQLite's own
//! functions would write several formats that do not sort together.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Error, QueryBuilder, Row, query};

use crate::catalog::CatalogTarget;
use crate::catalog::rules::{self, ANOTHER, Holder, NO_URL};
use crate::domain::{NewRecord, Record};

/// The columns that [`record`] reads, in its order; `{key}` is the key's column.
pub const COLUMNS: &str = "r.id, r.{key}, r.file_url, r.user_id, r.upload_timestamp, r.bucket, r.size_bytes, \
    r.content_type, r.etag, r.checksum, r.verified_at";

/// The profile's table.
pub struct Table {
    /// Its name, quoted.
    pub quoted: String,
    /// Its bare name.
    pub name: &'static str,
    /// The key's column.
    pub key: &'static str,
    without_user_keys: OnceLock<()>,
}

/// Records written by one statement, of which there are two, so that each is parsed once.
const MANY: usize = 64;
const FEW_RECORDS: usize = 4;

impl Table {
    /// The table of a target.
    pub fn new(target: &CatalogTarget) -> Self {
        let name = target.provider.table();
        let without_user_keys = OnceLock::new();
        Self { quoted: format!("\"{name}\""), name, key: target.provider.key_column(), without_user_keys }
    }

    /// Whether there is no index of one user's keys in their order: a read-only profile makes none.
    pub fn lacks_user_keys(&self) -> bool {
        self.without_user_keys.get().is_some()
    }

    /// Notes that there is none.
    pub fn do_without_user_keys(&self) {
        self.without_user_keys.get_or_init(|| ());
    }

    /// The record of a key that the user can see.
    pub async fn find(
        &self,
        connection: &mut SqliteConnection,
        target: &CatalogTarget,
        key: &str,
        user_id: Option<&str>,
    ) -> Result<Option<Record>, Error> {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS.replace("{key}", self.key)).push(" FROM ").push(&self.quoted).push(" r WHERE ");
        visible(&mut sql, target, user_id, false);
        sql.push(" AND r.").push(self.key).push(" = ").push_bind(key.to_owned());
        sql.build().fetch_optional(connection).await?.as_ref().map(record).transpose()
    }

    /// Of these keys those whose record the user can see.
    pub async fn known(
        &self,
        connection: &mut SqliteConnection,
        target: &CatalogTarget,
        keys: &[&str],
        user_id: Option<&str>,
    ) -> Result<HashSet<String>, Error> {
        let mut sql = QueryBuilder::new("SELECT r.");
        sql.push(self.key).push(" FROM ").push(&self.quoted).push(" r WHERE ");
        visible(&mut sql, target, user_id, false);
        self.among_keys(&mut sql, keys)?;
        let rows = sql.build().fetch_all(connection).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// Whose rows hold keys, whatever their user and bucket.
    pub async fn holders(
        &self,
        connection: &mut SqliteConnection,
        keys: &[&str],
    ) -> Result<HashMap<String, Holder>, Error> {
        let mut sql = QueryBuilder::new("SELECT r.");
        sql.push(self.key).push(", r.user_id, r.bucket FROM ").push(&self.quoted).push(" r WHERE true");
        self.among_keys(&mut sql, keys)?;
        let rows = sql.build().fetch_all(connection).await?;
        let holder =
            |row: &SqliteRow| Ok((row.try_get(0)?, Holder { user_id: row.try_get(1)?, bucket: row.try_get(2)? }));
        rows.iter().map(holder).collect()
    }

    /// Rows of these keys. They are one value, so that the statement is the same however many there are.
    pub fn among_keys(&self, sql: &mut QueryBuilder<Sqlite>, keys: &[&str]) -> Result<(), Error> {
        let list = serde_json::to_string(keys).map_err(|error| Error::Encode(error.into()))?;
        sql.push(" AND r.").push(self.key).push(" IN (SELECT value FROM json_each(").push_bind(list).push("))");
        Ok(())
    }

    /// Writes a batch; answers how many records were written, which are fewer where rows of other users or buckets hold
    /// keys. A row that is there keeps its `file_url`, and its time too where the object was merely found.
    pub async fn upsert(
        &self,
        connection: &mut SqliteConnection,
        target: &CatalogTarget,
        batch: &[&NewRecord],
    ) -> Result<u64, Error> {
        let mut written = 0;
        for records in batch.chunks(MANY) {
            let rows = if records.len() > FEW_RECORDS { MANY } else { FEW_RECORDS };
            let sql = query(AssertSqlSafe(self.upsert_sql(rows)));
            let bound = records.iter().fold(sql, |sql, new| {
                sql.bind(&new.key)
                    .bind(&new.url)
                    .bind(&new.user_id)
                    .bind(stored(new.uploaded_at))
                    .bind(&new.bucket)
                    .bind(i64::try_from(new.size).unwrap_or(i64::MAX))
                    .bind(&new.content_type)
                    .bind(&new.etag)
                    .bind(new.checksum.as_ref().map(ToString::to_string))
                    .bind(target.owns_null_rows(&new.bucket))
                    .bind(stored(new.verified_at()))
                    .bind(new.is_found())
            });
            written += bound.execute(&mut *connection).await?.rows_affected();
        }
        Ok(written)
    }

    /// For so many rows; those that are left over are NULL, and are no rows.
    fn upsert_sql(&self, rows: usize) -> String {
        let (table, name, key) = (&self.quoted, self.name, self.key);
        let rows = vec!["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ");
        format!(
            "WITH n (key, url, user_id, at, bucket, size, type, etag, checksum, owns_null, seen, found) AS (VALUES {rows}) \
             INSERT INTO {table} AS r ({key}, file_url, user_id, upload_timestamp, bucket, size_bytes, content_type, \
                 etag, checksum, verified_at) \
             SELECT n.key, coalesce(n.url, (SELECT CASE WHEN \"notnull\" THEN '{NO_URL}' END \
                     FROM pragma_table_info('{name}') WHERE name = 'file_url')), \
                 n.user_id, n.at, n.bucket, n.size, n.type, n.etag, n.checksum, n.seen FROM n WHERE n.key IS NOT NULL \
             ON CONFLICT ({key}) DO UPDATE SET upload_timestamp = CASE \
                     WHEN NOT (SELECT found FROM n WHERE n.key = excluded.{key}) OR {ANOTHER} \
                     THEN excluded.upload_timestamp ELSE r.upload_timestamp END, \
                 bucket = excluded.bucket, size_bytes = excluded.size_bytes, content_type = excluded.content_type, \
                 etag = excluded.etag, checksum = excluded.checksum, verified_at = excluded.verified_at \
             WHERE r.user_id = excluded.user_id AND (r.bucket = excluded.bucket OR r.bucket IS NULL \
                 AND (SELECT owns_null FROM n WHERE n.key = excluded.{key}))"
        )
    }

    /// Removes the records of keys that the user can see; answers how many there were.
    pub async fn delete(
        &self,
        connection: &mut SqliteConnection,
        target: &CatalogTarget,
        keys: &[&str],
        user_id: Option<&str>,
    ) -> Result<u64, Error> {
        let mut sql = QueryBuilder::new("DELETE FROM ");
        sql.push(&self.quoted).push(" AS r WHERE ");
        visible(&mut sql, target, user_id, false);
        self.among_keys(&mut sql, keys)?;
        Ok(sql.build().execute(connection).await?.rows_affected())
    }
}

/// Rows of the bucket in use, and of the user. `by_key` keeps the user's indexes out of it where none of them knows the
/// order of keys ([`Table::lacks_user_keys`]): most tables here are one user's.
pub fn visible(sql: &mut QueryBuilder<Sqlite>, target: &CatalogTarget, user_id: Option<&str>, by_key: bool) {
    sql.push("(r.bucket = ").push_bind(target.bucket.clone());
    if target.owns_null_rows(&target.bucket) {
        sql.push(" OR r.bucket IS NULL");
    }
    sql.push(")");
    of_user(sql, user_id, by_key);
}

/// Rows of the user, where one is asked for.
pub fn of_user(sql: &mut QueryBuilder<Sqlite>, user_id: Option<&str>, by_key: bool) {
    if let Some(user) = user_id {
        sql.push(if by_key { " AND +r.user_id = " } else { " AND r.user_id = " }).push_bind(user.to_owned());
    }
}

/// One row of [`COLUMNS`].
pub fn record(row: &SqliteRow) -> Result<Record, Error> {
    Ok(Record {
        id: row.try_get(0)?,
        key: row.try_get(1)?,
        url: rules::url(row.try_get(2)?),
        user_id: row.try_get(3)?,
        uploaded_at: time(row, 4)?,
        bucket: row.try_get(5)?,
        size: row.try_get::<Option<i64>, _>(6)?.and_then(|size| u64::try_from(size).ok()),
        content_type: row.try_get(7)?,
        etag: row.try_get(8)?,
        checksum: row.try_get::<Option<String>, _>(9)?.and_then(|text| text.parse().ok()),
        verified_at: time(row, 10)?,
    })
}

/// A time of a row.
pub fn time(row: &SqliteRow, column: usize) -> Result<Option<DateTime<Utc>>, Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(from_stored))
}

/// What chrono cannot express is its first or last moment, which [`stored`] writes as SQLite's first or last number.
fn from_stored(micros: i64) -> DateTime<Utc> {
    let end = if micros < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    DateTime::from_timestamp_micros(micros).unwrap_or(end)
}

/// A time as it is stored.
pub fn stored(time: DateTime<Utc>) -> i64 {
    match time {
        time if time == DateTime::<Utc>::MIN_UTC => i64::MIN,
        time if time == DateTime::<Utc>::MAX_UTC => i64::MAX,
        time => time.timestamp_micros(),
    }
}
