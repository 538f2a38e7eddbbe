//! Multipart uploads in the index: begun, their parts, listed, finished or ended. A finished upload leaves its parts where
//! they are and becomes its object's content, so that finishing costs no copying, whatever the size.

use s3s::{S3Error, S3Result, s3_error};
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use super::listing::{Page, Place, Rows, Scope, walk};
use super::objects::{Content, ObjectRow, Target, give_up, json, present, signed, store, take_over};
use super::writer::WriteError;
use super::{Index, buckets, now};
use crate::domain::{Checksum, Result};
use crate::storage::local::checksums::{Algorithm, Composition, Plan};
use crate::storage::local::conditions::Writing;
use crate::storage::local::fault;
use crate::storage::local::headers::Headers;
use crate::storage::local::store::NewBlob;

/// An open upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// Its number in this index.
    pub number: i64,
    /// Its id.
    pub id: String,
    /// The key that it is for.
    pub key: Vec<u8>,
    /// When it was begun, seconds since 1970.
    pub begun: i64,
    headers: String,
    algorithm: String,
    composite: bool,
}

from_row!(UploadRow { number, id, key, begun, headers, algorithm, composite });

impl UploadRow {
    /// How its checksums are made.
    pub fn plan(&self) -> Plan {
        Plan {
            algorithm: Algorithm::named(&self.algorithm).unwrap_or(Algorithm::Crc64Nvme),
            composition: if self.composite { Composition::Composite } else { Composition::FullObject },
        }
    }

    /// What its object will say.
    pub fn headers(&self) -> S3Result<Headers> {
        serde_json::from_str(&self.headers)
            .map_err(|error| s3_error!(error, InternalError, "the upload's headers in the index are damaged"))
    }
}

/// One part of an open upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// 1 to 10,000.
    pub number: i32,
    /// Bytes.
    pub size: i64,
    /// When it came, seconds since 1970.
    pub modified: i64,
    /// MD5 of its bytes, in hexadecimal.
    pub etag: String,
    checksum: String,
    /// Its file.
    pub blob: i64,
}

from_row!(PartRow { number, size, modified, etag, checksum, blob });

impl PartRow {
    /// A part that has just arrived.
    pub fn fresh(number: i32, size: u64, etag: String, checksum: &Checksum, blob: i64) -> Self {
        Self { number, size: signed(size), modified: now(), etag, checksum: checksum.to_string(), blob }
    }

    /// Its checksum.
    pub fn checksum(&self) -> S3Result<Checksum> {
        self.checksum.parse().map_err(|()| s3_error!(InternalError, "a part's checksum in the index is damaged"))
    }
}

const UPLOAD: &str = "SELECT u.number, u.id, u.key, u.begun, u.headers, u.algorithm, u.composite
                      FROM uploads u JOIN buckets b ON b.id = u.bucket WHERE b.name = ? AND u.key = ? AND u.id = ?";

impl Index {
    /// Begins an upload under an id that is new.
    pub async fn begin_upload(&self, to: Target, id: String, headers: Headers, plan: Plan) -> S3Result<()> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                let bucket = buckets::id(connection, &to.bucket).await?;
                let query = "INSERT INTO uploads (id, bucket, key, begun, headers, algorithm, composite)
                             VALUES (?, ?, ?, ?, ?, ?, ?)";
                sqlx::query(query)
                    .bind(id)
                    .bind(bucket)
                    .bind(to.key.as_bytes())
                    .bind(now())
                    .bind(json(&headers)?)
                    .bind(plan.algorithm.name())
                    .bind(plan.composition == Composition::Composite)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// An open upload.
    ///
    /// # Errors
    /// `NoSuchUpload`, `NoSuchBucket`.
    pub async fn upload(&self, of: &Target, id: &str) -> S3Result<UploadRow> {
        let query = sqlx::query_as(UPLOAD).bind(&of.bucket).bind(of.key.as_bytes()).bind(id);
        match query.fetch_optional(self.readers()).await.map_err(fault::of_index)? {
            Some(upload) => Ok(upload),
            None => {
                self.bucket(&of.bucket).await?;
                Err(no_such_upload())
            }
        }
    }

    /// Keeps a part whose bytes are a blob file of this session; answers with the blob that it replaced.
    pub async fn put_part(&self, upload: i64, part: PartRow, blob: NewBlob, session: String) -> S3Result<Option<i64>> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                still_open(connection, upload).await?;
                let query = sqlx::query_scalar("SELECT blob FROM parts WHERE upload = ? AND number = ?");
                let before: Option<i64> = query.bind(upload).bind(part.number).fetch_optional(&mut *connection).await?;
                take_over(connection, blob).await?;
                let query = "INSERT OR REPLACE INTO parts (upload, number, size, modified, etag, checksum, blob)
                             VALUES (?, ?, ?, ?, ?, ?, ?)";
                sqlx::query(query)
                    .bind(upload)
                    .bind(part.number)
                    .bind(part.size)
                    .bind(part.modified)
                    .bind(part.etag)
                    .bind(part.checksum)
                    .bind(part.blob)
                    .execute(&mut *connection)
                    .await?;
                if let Some(blob) = before {
                    give_up(connection, Content::Blob(blob), &session).await?;
                }
                Ok(before)
            })
        })
        .await
    }

    /// Parts of an open upload behind a number, in order.
    pub async fn parts(&self, upload: i64, behind: i32, limit: i32) -> S3Result<Vec<PartRow>> {
        let query = "SELECT number, size, modified, etag, checksum, blob FROM parts
                     WHERE upload = ? AND number > ? ORDER BY number LIMIT ?";
        let query = sqlx::query_as(query).bind(upload).bind(behind).bind(limit);
        query.fetch_all(self.readers()).await.map_err(fault::of_index)
    }

    /// Turns an upload into its object. `used` are its parts' rows as they were checked; answers with the blobs of what
    /// was under the key before and of parts that were left out.
    pub async fn finish_upload(
        &self,
        to: Target,
        upload: i64,
        used: Vec<PartRow>,
        object: ObjectRow,
        only: Writing,
        session: String,
    ) -> S3Result<Vec<i64>> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                let bucket = buckets::id(connection, &to.bucket).await?;
                still_open(connection, upload).await?;
                let before = present(connection, bucket, to.key.as_bytes()).await?;
                only.check(before.as_ref().map(|(etag, _content)| etag.as_str()))?;
                unchanged(connection, upload, &used).await?;
                place(connection, upload, &used).await?;
                let mut freed = drop_unused(connection, upload, &session).await?;
                store(connection, bucket, to.key.as_bytes(), &object).await?;
                sqlx::query("DELETE FROM uploads WHERE number = ?").bind(upload).execute(&mut *connection).await?;
                if let Some((_etag, content)) = before {
                    freed.extend(give_up(connection, content, &session).await?);
                }
                Ok(freed)
            })
        })
        .await
    }

    /// Ends an upload without an object; answers with its blobs.
    pub async fn abort_upload(&self, upload: i64, session: String) -> S3Result<Vec<i64>> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                still_open(connection, upload).await?;
                sqlx::query("DELETE FROM uploads WHERE number = ?").bind(upload).execute(&mut *connection).await?;
                give_up(connection, Content::Parts { upload, count: 0 }, &session).await
            })
        })
        .await
    }

    /// A page of a bucket's open uploads.
    pub async fn uploads(&self, bucket: &str, scope: &Scope, start: Place, limit: usize) -> S3Result<Page<UploadRow>> {
        let uploads = Uploads { bucket: self.bucket(bucket).await?, readers: self.readers() };
        walk(&uploads, scope, start, limit).await
    }
}

/// The open uploads of one bucket.
struct Uploads<'a> {
    readers: &'a SqlitePool,
    bucket: i64,
}

/// One batch of a listing of uploads.
pub const UPLOADS: &str = "SELECT number, id, key, begun, headers, algorithm, composite FROM uploads
                       WHERE bucket = ? AND (key, id) > (?, ?) AND key < ? ORDER BY key, id LIMIT ?";

impl Rows for Uploads<'_> {
    type Row = UploadRow;

    async fn fetch(&self, from: &Place, end: &[u8], limit: usize) -> S3Result<Vec<UploadRow>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sqlx::query_as(UPLOADS).bind(self.bucket).bind(&from.key).bind(&from.id).bind(end).bind(limit);
        query.fetch_all(self.readers).await.map_err(fault::of_index)
    }

    fn key(row: &UploadRow) -> &[u8] {
        &row.key
    }

    fn behind(row: &UploadRow) -> Place {
        Place { key: row.key.clone(), id: row.id.clone() }
    }
}

async fn still_open(connection: &mut SqliteConnection, upload: i64) -> Result<(), WriteError> {
    let query = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM uploads WHERE number = ?)").bind(upload);
    if query.fetch_one(connection).await? { Ok(()) } else { Err(no_such_upload().into()) }
}

/// A part that was sent again between the check and the commit is not the part that was checked.
async fn unchanged(connection: &mut SqliteConnection, upload: i64, used: &[PartRow]) -> Result<(), WriteError> {
    let query = sqlx::query_as("SELECT number, blob FROM parts WHERE upload = ? ORDER BY number").bind(upload);
    let now: std::collections::HashMap<i32, i64> =
        query.fetch_all(connection).await?.into_iter().collect::<std::collections::HashMap<_, _>>();
    if used.iter().all(|part| now.get(&part.number) == Some(&part.blob)) { Ok(()) } else { Err(invalid_part().into()) }
}

async fn place(connection: &mut SqliteConnection, upload: i64, used: &[PartRow]) -> Result<(), WriteError> {
    let mut start = 0_i64;
    for part in used {
        let query = sqlx::query("UPDATE parts SET start = ? WHERE upload = ? AND number = ?");
        query.bind(start).bind(upload).bind(part.number).execute(&mut *connection).await?;
        start = start.saturating_add(part.size);
    }
    Ok(())
}

async fn drop_unused(connection: &mut SqliteConnection, upload: i64, session: &str) -> Result<Vec<i64>, WriteError> {
    let query = sqlx::query_scalar("DELETE FROM parts WHERE upload = ? AND start IS NULL RETURNING blob");
    let blobs: Vec<i64> = query.bind(upload).fetch_all(&mut *connection).await?;
    for blob in &blobs {
        give_up(connection, Content::Blob(*blob), session).await?;
    }
    Ok(blobs)
}

/// The answer for parts that are not there, or not as the client says.
pub fn invalid_part() -> S3Error {
    s3_error!(InvalidPart, "One or more of the specified parts could not be found or did not have that entity tag.")
}

fn no_such_upload() -> S3Error {
    s3_error!(NoSuchUpload, "The specified upload does not exist.")
}
