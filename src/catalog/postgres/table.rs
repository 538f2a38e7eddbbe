//! The statements on a profile's table. Names are quoted here and values are bound, so that nothing from outside is ever
//! part of a statement.

use std::collections::{HashMap, HashSet};

use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{AssertSqlSafe, Error, QueryBuilder, Row, query};

use super::rows::{COLUMNS, Time, record};
use crate::catalog::CatalogTarget;
use crate::catalog::rules::{ANOTHER, Holder, NO_URL};
use crate::domain::{NewRecord, Record};

/// The profile's table, its names quoted.
pub struct Table {
    /// `"schema"`.
    pub schema: String,
    /// `"schema"."table"`.
    pub quoted: String,
    /// `schema.table`, for sentences.
    pub shown: String,
    /// The table's bare name.
    pub name: &'static str,
    /// The key's column.
    pub key: &'static str,
}

impl Table {
    /// The table of a target in a schema.
    pub fn new(target: &CatalogTarget, schema: &str) -> Self {
        let (name, key) = (target.provider.table(), target.provider.key_column());
        let (schema_quoted, name_quoted) = (quote(schema), quote(name));
        Self {
            quoted: format!("{schema_quoted}.{name_quoted}"),
            schema: schema_quoted,
            shown: format!("{schema}.{name}"),
            name,
            key,
        }
    }

    /// The record of a key that the user can see.
    pub async fn find(
        &self,
        connection: &mut PgConnection,
        target: &CatalogTarget,
        key: &str,
        user_id: Option<&str>,
    ) -> Result<Option<Record>, Error> {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS.replace("{key}", self.key)).push(" FROM ").push(&self.quoted).push(" r WHERE ");
        in_bucket(&mut sql, target);
        of_user(&mut sql, user_id);
        sql.push(" AND r.").push(self.key).push(" = ").push_bind(key);
        let row = sql.build().persistent(false).fetch_optional(connection).await?;
        row.as_ref().map(record).transpose()
    }

    /// Of these keys those whose record the user can see.
    pub async fn known(
        &self,
        connection: &mut PgConnection,
        target: &CatalogTarget,
        keys: &[&str],
        user_id: Option<&str>,
    ) -> Result<HashSet<String>, Error> {
        let mut sql = QueryBuilder::new("SELECT r.");
        sql.push(self.key).push("::text FROM ").push(&self.quoted).push(" r WHERE ");
        in_bucket(&mut sql, target);
        of_user(&mut sql, user_id);
        self.among_keys(sql.push(" AND "), keys);
        let rows = sql.build().persistent(false).fetch_all(connection).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// Whose rows hold keys, whatever their user and bucket.
    pub async fn holders(
        &self,
        connection: &mut PgConnection,
        keys: &[&str],
    ) -> Result<HashMap<String, Holder>, Error> {
        let (table, key) = (&self.quoted, self.key);
        let select = format!("SELECT r.{key}::text, r.user_id::text, r.bucket::text FROM {table} r WHERE ");
        let mut sql = QueryBuilder::new(select);
        self.among_keys(&mut sql, keys);
        let rows = sql.build().persistent(false).fetch_all(connection).await?;
        let holder = |row: &sqlx::postgres::PgRow| {
            let user_id = row.try_get::<Option<_>, _>(1)?.unwrap_or_default();
            Ok((row.try_get(0)?, Holder { user_id, bucket: row.try_get(2)? }))
        };
        rows.iter().map(holder).collect()
    }

    /// Writes a batch in one statement and answers the keys that were written; the others are held by rows of other
    /// users or buckets. A row that is there keeps its `file_url`, and its time too where the object was merely found.
    pub async fn upsert(
        &self,
        connection: &mut PgConnection,
        target: &CatalogTarget,
        batch: &[&NewRecord],
    ) -> Result<Vec<String>, Error> {
        let text = |value: fn(&NewRecord) -> &str| batch.iter().map(|new| value(new)).collect::<Vec<&str>>();
        let maybe =
            |value: fn(&NewRecord) -> Option<&str>| batch.iter().map(|new| value(new)).collect::<Vec<Option<&str>>>();
        let times = |value: fn(&NewRecord) -> _| batch.iter().map(|new| Time(value(new))).collect::<Vec<Time>>();
        let found: Vec<&str> = batch.iter().filter(|new| new.is_found()).map(|new| new.key.as_str()).collect();
        let sizes: Vec<i64> = batch.iter().map(|new| i64::try_from(new.size).unwrap_or(i64::MAX)).collect();
        let checksums: Vec<Option<String>> =
            batch.iter().map(|new| new.checksum.as_ref().map(ToString::to_string)).collect();
        let rows = query(AssertSqlSafe(self.upsert_sql()))
            .bind(text(|new| &new.key))
            .bind(maybe(|new| new.url.as_deref()))
            .bind(text(|new| &new.user_id))
            .bind(times(|new| new.uploaded_at))
            .bind(text(|new| &new.bucket))
            .bind(sizes)
            .bind(text(|new| &new.content_type))
            .bind(maybe(|new| new.etag.as_deref()))
            .bind(checksums)
            .bind(target.buckets.first())
            .bind(&self.quoted)
            .bind(NO_URL)
            .bind(times(NewRecord::verified_at))
            .bind(found)
            .persistent(false)
            .fetch_all(connection)
            .await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// Rows are written in the order of their keys, so that two batches that meet wait for each other and never both.
    fn upsert_sql(&self) -> String {
        let (table, key) = (&self.quoted, self.key);
        format!(
            "INSERT INTO {table} AS r ({key}, file_url, user_id, upload_timestamp, bucket, size_bytes, content_type, \
                 etag, checksum, verified_at) \
             SELECT n.key, coalesce(n.url, (SELECT CASE WHEN attnotnull THEN $12 END FROM pg_attribute \
                     WHERE attrelid = to_regclass($11) AND attname = 'file_url')), \
                 n.user_id, n.at, n.bucket, n.size, n.type, n.etag, n.checksum, n.seen \
             FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::bigint[], \
                     $7::text[], $8::text[], $9::text[], $13::timestamptz[]) \
                 AS n (key, url, user_id, at, bucket, size, type, etag, checksum, seen) \
             ORDER BY n.key COLLATE \"C\" \
             ON CONFLICT ({key}) DO UPDATE SET upload_timestamp = CASE \
                     WHEN excluded.{key}::text <> ALL ($14::text[]) OR {ANOTHER} \
                     THEN excluded.upload_timestamp ELSE r.upload_timestamp END, \
                 bucket = excluded.bucket, size_bytes = excluded.size_bytes, content_type = excluded.content_type, \
                 etag = excluded.etag, checksum = excluded.checksum, verified_at = excluded.verified_at \
             WHERE r.user_id = excluded.user_id \
                 AND (r.bucket = excluded.bucket OR r.bucket IS NULL AND excluded.bucket = coalesce($10, excluded.bucket)) \
             RETURNING r.{key}"
        )
    }

    /// Removes the records of keys that the user can see; answers how many there were.
    pub async fn delete(
        &self,
        connection: &mut PgConnection,
        target: &CatalogTarget,
        keys: &[&str],
        user_id: Option<&str>,
    ) -> Result<u64, Error> {
        let mut sql = QueryBuilder::new("DELETE FROM ");
        sql.push(&self.quoted).push(" r WHERE ");
        in_bucket(&mut sql, target);
        of_user(&mut sql, user_id);
        self.among_keys(sql.push(" AND "), keys);
        Ok(sql.build().persistent(false).execute(connection).await?.rows_affected())
    }

    /// Rows of these keys. Of a list that it sees the planner asks the index of trigrams about every key, which takes it longer
    /// than looking them all up; through a subquery it sees none.
    pub fn among_keys(&self, sql: &mut QueryBuilder<Postgres>, keys: &[&str]) {
        sql.push("r.").push(self.key).push(" = ANY (ARRAY(SELECT unnest(").push_bind(keys).push("::text[])))");
    }
}

/// Rows of the bucket in use.
pub fn in_bucket(sql: &mut QueryBuilder<Postgres>, target: &CatalogTarget) {
    sql.push("(r.bucket = ").push_bind(target.bucket.clone());
    if target.owns_null_rows(&target.bucket) {
        sql.push(" OR r.bucket IS NULL");
    }
    sql.push(")");
}

/// Rows of the user, where one is asked for.
pub fn of_user(sql: &mut QueryBuilder<Postgres>, user_id: Option<&str>) {
    if let Some(user) = user_id {
        sql.push(" AND r.user_id = ").push_bind(user.to_owned());
    }
}

/// A name as SQL wants it.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
