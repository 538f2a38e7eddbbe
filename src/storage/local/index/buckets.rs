//! Buckets: their names, their CORS rules, and the answer when one is not there.

use s3s::dto::CORSConfiguration;
use s3s::{S3Error, S3Result, s3_error};
use sqlx::sqlite::SqliteConnection;

use super::writer::WriteError;
use super::{Index, now};
use crate::domain::Result;
use crate::storage::local::fault;

/// One bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketRow {
    /// Its name.
    pub name: String,
    /// When it was made, seconds since 1970.
    pub created: i64,
}

from_row!(BucketRow { name, created });

impl Index {
    /// Makes a bucket; `false` where it is there already.
    pub async fn create_bucket(&self, name: String) -> S3Result<bool> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                let query = "INSERT INTO buckets (name, created) VALUES (?, ?) ON CONFLICT (name) DO NOTHING";
                let done = sqlx::query(query).bind(name).bind(now()).execute(connection).await?;
                Ok(done.rows_affected() > 0)
            })
        })
        .await
    }

    /// Removes a bucket that holds neither objects nor open uploads.
    pub async fn delete_bucket(&self, name: String) -> S3Result<()> {
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                let bucket = id(connection, &name).await?;
                let held = "SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = ?1)
                            OR EXISTS (SELECT 1 FROM uploads WHERE bucket = ?1)";
                if sqlx::query_scalar(held).bind(bucket).fetch_one(&mut *connection).await? {
                    return Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty.").into());
                }
                sqlx::query("DELETE FROM buckets WHERE id = ?").bind(bucket).execute(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Every bucket, by name.
    pub async fn buckets(&self) -> S3Result<Vec<BucketRow>> {
        let query = sqlx::query_as("SELECT name, created FROM buckets ORDER BY name");
        query.fetch_all(self.readers()).await.map_err(fault::of_index)
    }

    /// A bucket's number.
    pub async fn bucket(&self, name: &str) -> S3Result<i64> {
        let query = sqlx::query_scalar("SELECT id FROM buckets WHERE name = ?").bind(name);
        query.fetch_optional(self.readers()).await.map_err(fault::of_index)?.ok_or_else(no_such_bucket)
    }

    /// A bucket's CORS rules, where it has any.
    pub async fn cors(&self, name: &str) -> S3Result<Option<CORSConfiguration>> {
        let query = sqlx::query_scalar("SELECT cors FROM buckets WHERE name = ?").bind(name);
        let stored: Option<Option<String>> = query.fetch_optional(self.readers()).await.map_err(fault::of_index)?;
        let Some(text) = stored.ok_or_else(no_such_bucket)? else {
            return Ok(None);
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| s3_error!(error, InternalError, "the bucket's CORS rules in the index are damaged"))
    }

    /// Sets or clears a bucket's CORS rules.
    pub async fn set_cors(&self, name: String, rules: Option<CORSConfiguration>) -> S3Result<()> {
        let text = rules
            .map(|rules| serde_json::to_string(&rules))
            .transpose()
            .map_err(|error| s3_error!(error, InternalError, "the CORS rules cannot be kept"))?;
        self.write(move |connection: &mut SqliteConnection| {
            Box::pin(async move {
                let bucket = id(connection, &name).await?;
                let query = sqlx::query("UPDATE buckets SET cors = ? WHERE id = ?").bind(text).bind(bucket);
                query.execute(connection).await?;
                Ok(())
            })
        })
        .await
    }
}

/// A bucket's number, inside a transaction.
pub async fn id(connection: &mut SqliteConnection, name: &str) -> Result<i64, WriteError> {
    let query = sqlx::query_scalar("SELECT id FROM buckets WHERE name = ?").bind(name);
    query.fetch_optional(connection).await?.ok_or_else(|| no_such_bucket().into())
}

/// The answer for a bucket that is not there.
pub fn no_such_bucket() -> S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist.")
}
