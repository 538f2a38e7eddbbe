//! Objects in the index: found, put and deleted. A put or delete gives up the files of what was there before; they go to
//! the loose blobs in the same transaction and from the disk after it, so that at no moment a listed object lacks bytes.

use s3s::{S3Error, S3Result, s3_error};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{FromRow, Row};

use super::writer::WriteError;
use super::{Index, buckets, now};
use crate::domain::{Checksum, Result};
use crate::storage::local::conditions::{State, Writing};
use crate::storage::local::fault;
use crate::storage::local::headers::Headers;
use crate::storage::local::store::NewBlob;

/// Where an object's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// In one blob file.
    Blob(i64),
    /// In the parts of a finished upload.
    Parts {
        /// The upload's number.
        upload: i64,
        /// How many.
        count: i32,
    },
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRow {
    /// Bytes.
    pub size: u64,
    /// When it was written, seconds since 1970.
    pub modified: i64,
    /// Entity tag without quotes.
    pub etag: String,
    /// What to say with its bytes.
    pub headers: Headers,
    /// Its checksum.
    pub checksum: Checksum,
    /// Its bytes.
    pub content: Content,
}

impl ObjectRow {
    /// What conditions look at.
    pub fn state(&self) -> State<'_> {
        State { etag: &self.etag, modified: self.modified }
    }
}

impl FromRow<'_, SqliteRow> for ObjectRow {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let damaged = |column: &str| sqlx::Error::ColumnDecode { index: column.into(), source: "damaged".into() };
        let content = row.try_get("content")?;
        Ok(Self {
            size: u64::try_from(row.try_get::<i64, _>("size")?).map_err(|_negative| damaged("size"))?,
            modified: row.try_get("modified")?,
            etag: row.try_get("etag")?,
            headers: serde_json::from_str(row.try_get("headers")?).map_err(|_damage| damaged("headers"))?,
            checksum: row.try_get::<&str, _>("checksum")?.parse().map_err(|()| damaged("checksum"))?,
            content: match row.try_get("parts")? {
                0 => Content::Blob(content),
                count => Content::Parts { upload: content, count },
            },
        })
    }
}

/// A stretch of an object's bytes that lies in one blob file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The blob file.
    pub blob: i64,
    /// Where in the object its first byte is.
    pub start: i64,
    /// Bytes.
    pub size: i64,
}

from_row!(Piece { blob, start, size });

/// The key that a write goes to.
#[derive(Debug, Clone)]
pub struct Target {
    /// The bucket's name.
    pub bucket: String,
    /// The key.
    pub key: String,
}

impl Index {
    /// An object.
    ///
    /// # Errors
    /// `NoSuchKey`, `NoSuchBucket`.
    pub async fn object(&self, bucket: &str, key: &str) -> S3Result<ObjectRow> {
        let query = "SELECT o.size, o.modified, o.etag, o.headers, o.checksum, o.content, o.parts
                     FROM buckets b JOIN objects o ON o.bucket = b.id WHERE b.name = ? AND o.key = ?";
        let query = sqlx::query_as(query).bind(bucket).bind(key.as_bytes());
        match query.fetch_optional(self.readers()).await.map_err(fault::of_index)? {
            Some(object) => Ok(object),
            None => {
                self.bucket(bucket).await?;
                Err(no_such_key())
            }
        }
    }

    /// The pieces of a finished upload that hold the bytes from `from` to before `to`.
    pub async fn pieces(&self, upload: i64, from: u64, to: u64) -> S3Result<Vec<Piece>> {
        let query = "SELECT blob, start, size FROM parts
                     WHERE upload = ?1 AND start < ?3
                       AND start >= (SELECT max(start) FROM parts WHERE upload = ?1 AND start <= ?2)
                     ORDER BY start";
        let query = sqlx::query_as(query).bind(upload).bind(signed(from)).bind(signed(to));
        query.fetch_all(self.readers()).await.map_err(fault::of_index)
    }

    /// The nth part of a finished upload, as offset and length in bytes.
    pub async fn nth_part(&self, upload: i64, nth: i32) -> S3Result<Option<(i64, i64)>> {
        let query = "SELECT start, size FROM parts WHERE upload = ? ORDER BY number LIMIT 1 OFFSET ?";
        let query = sqlx::query_as(query).bind(upload).bind(nth - 1);
        query.fetch_optional(self.readers()).await.map_err(fault::of_index)
    }

    /// Puts an object whose bytes are a blob file of this session; answers with the blobs that it replaced.
    pub async fn put(
        &self,
        to: Target,
        object: ObjectRow,
        blob: NewBlob,
        only: Writing,
        session: String,
    ) -> S3Result<Vec<i64>> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                let bucket = buckets::id(connection, &to.bucket).await?;
                let before = present(connection, bucket, to.key.as_bytes()).await?;
                only.check(before.as_ref().map(|(etag, _content)| etag.as_str()))?;
                take_over(connection, blob).await?;
                store(connection, bucket, to.key.as_bytes(), &object).await?;
                match before {
                    Some((_etag, content)) => give_up(connection, content, &session).await,
                    None => Ok(Vec::new()),
                }
            })
        })
        .await
    }

    /// Deletes an object; answers with its blobs, none where there was no object.
    pub async fn delete(&self, from: Target, only: Writing, session: String) -> S3Result<Vec<i64>> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                let bucket = buckets::id(connection, &from.bucket).await?;
                let before = present(connection, bucket, from.key.as_bytes()).await?;
                only.check(before.as_ref().map(|(etag, _content)| etag.as_str()))?;
                let Some((_etag, content)) = before else {
                    return Ok(Vec::new());
                };
                let query = sqlx::query("DELETE FROM objects WHERE bucket = ? AND key = ?");
                query.bind(bucket).bind(from.key.as_bytes()).execute(&mut *connection).await?;
                give_up(connection, content, &session).await
            })
        })
        .await
    }
}

/// A blob file that a row of this transaction refers to is no longer loose.
pub async fn take_over(connection: &mut SqliteConnection, blob: NewBlob) -> Result<(), WriteError> {
    sqlx::query("DELETE FROM loose WHERE blob = ?").bind(blob.id()).execute(connection).await?;
    blob.keep();
    Ok(())
}

/// Entity tag and bytes of what is under a key now.
pub async fn present(
    connection: &mut SqliteConnection,
    bucket: i64,
    key: &[u8],
) -> Result<Option<(String, Content)>, WriteError> {
    let query = sqlx::query_as("SELECT etag, content, parts FROM objects WHERE bucket = ? AND key = ?");
    let row: Option<(String, i64, i32)> = query.bind(bucket).bind(key).fetch_optional(connection).await?;
    Ok(row.map(|(etag, content, parts)| match parts {
        0 => (etag, Content::Blob(content)),
        count => (etag, Content::Parts { upload: content, count }),
    }))
}

/// Writes an object's row, whether or not there was one.
pub async fn store(
    connection: &mut SqliteConnection,
    bucket: i64,
    key: &[u8],
    object: &ObjectRow,
) -> Result<(), WriteError> {
    let (content, parts) = match object.content {
        Content::Blob(blob) => (blob, 0),
        Content::Parts { upload, count } => (upload, count),
    };
    let query = "INSERT OR REPLACE INTO objects
                 (bucket, key, size, modified, etag, headers, checksum, content, parts)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(query)
        .bind(bucket)
        .bind(key)
        .bind(signed(object.size))
        .bind(object.modified)
        .bind(&object.etag)
        .bind(json(&object.headers)?)
        .bind(object.checksum.to_string())
        .bind(content)
        .bind(parts)
        .execute(connection)
        .await?;
    Ok(())
}

/// Turns the bytes of what is no longer listed into loose blobs.
pub async fn give_up(
    connection: &mut SqliteConnection,
    content: Content,
    session: &str,
) -> Result<Vec<i64>, WriteError> {
    let blobs = match content {
        Content::Blob(blob) => vec![blob],
        Content::Parts { upload, .. } => {
            let query = sqlx::query_scalar("DELETE FROM parts WHERE upload = ? RETURNING blob").bind(upload);
            query.fetch_all(&mut *connection).await?
        }
    };
    for blob in &blobs {
        let query = sqlx::query("INSERT OR REPLACE INTO loose (blob, session) VALUES (?, ?)");
        query.bind(blob).bind(session).execute(&mut *connection).await?;
    }
    Ok(blobs)
}

/// Headers as the index keeps them.
pub fn json(headers: &Headers) -> Result<String, WriteError> {
    serde_json::to_string(headers)
        .map_err(|error| s3_error!(error, InternalError, "the object's headers cannot be kept").into())
}

/// SQLite's integers have a sign; nothing here is ever near the limit.
pub fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// The answer for a key that is not there.
pub fn no_such_key() -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

/// A row for bytes that have just arrived.
pub fn fresh(size: u64, etag: String, headers: Headers, checksum: Checksum, content: Content) -> ObjectRow {
    ObjectRow { size, modified: now(), etag, headers, checksum, content }
}
