//! The journal's statements: a transfer as a row and back. All SQL of the journal stands here.

use std::collections::HashSet;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Row, Sqlite, Transaction};
use uuid::Uuid;

use crate::domain::transfer::{OnConflict, ProfileIdentity};
use crate::domain::{Failure, Transfer, TransferId, TransferKind, TransferState};
use crate::storage::{Part, UploadId};
use crate::transfer::job::{Change, Owner, Resume, Saved, Wish};
use crate::transfer::source::SourceFacts;

type Result<T> = sqlx::Result<T>;

/// Applies one change inside a transaction.
pub async fn apply(transaction: &mut Transaction<'_, Sqlite>, change: &Change, me: &str) -> Result<()> {
    match change {
        Change::Insert { transfer, mine } => insert(transaction, transfer, mine.then_some(me)).await,
        Change::Update { transfer, resume, mine } => update(transaction, transfer, resume, mine.then_some(me)).await,
        Change::Part { id, part, acknowledged } => insert_part(transaction, *id, part, *acknowledged).await,
        Change::ForgetParts(id) => by_id(transaction, "DELETE FROM parts WHERE transfer = ?", *id).await,
        Change::Wish(id, wish) => {
            let query =
                sqlx::query("UPDATE transfers SET wish = ? WHERE id = ?").bind(wish.name()).bind(id.to_string());
            query.execute(&mut **transaction).await.map(drop)
        }
        Change::ClearWish(id) => by_id(transaction, "UPDATE transfers SET wish = NULL WHERE id = ?", *id).await,
        Change::Rank(id, rank) => {
            let query = sqlx::query("UPDATE transfers SET rank = ? WHERE id = ?").bind(rank).bind(id.to_string());
            query.execute(&mut **transaction).await.map(drop)
        }
        Change::Remove(id) => by_id(transaction, REMOVE, *id).await,
    }
}

/// Only what is over and nobody's: another process may have taken it up again since this one looked.
const REMOVE: &str = "DELETE FROM transfers WHERE id = ? AND owner IS NULL
                      AND state IN ('done', 'expired', 'failed', 'cancelled')";

async fn by_id(transaction: &mut Transaction<'_, Sqlite>, statement: &'static str, id: TransferId) -> Result<()> {
    sqlx::query(statement).bind(id.to_string()).execute(&mut **transaction).await.map(drop)
}

async fn insert(transaction: &mut Transaction<'_, Sqlite>, transfer: &Transfer, owner: Option<&str>) -> Result<()> {
    sqlx::query(
        "INSERT INTO transfers (id, kind, state, owner, profile, object_key, path, size, content_type, on_conflict,
                                without_record, queued_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(transfer.id.to_string())
    .bind(transfer.kind.name())
    .bind(transfer.state.name())
    .bind(owner)
    .bind(to_json(&*transfer.profile)?)
    .bind(&transfer.key)
    .bind(transfer.path.as_ref().map(|path| path.as_os_str().as_bytes()))
    .bind(transfer.size.map(signed))
    .bind(&transfer.content_type)
    .bind(to_json(&transfer.on_conflict)?)
    .bind(transfer.without_record)
    .bind(transfer.queued_at.timestamp_micros())
    .execute(&mut **transaction)
    .await
    .map(drop)
}

async fn update(
    transaction: &mut Transaction<'_, Sqlite>,
    transfer: &Transfer,
    resume: &Resume,
    owner: Option<&str>,
) -> Result<()> {
    let source = resume.source.as_ref();
    sqlx::query(
        "UPDATE transfers SET state = ?, owner = ?, object_key = ?, path = ?, size = ?, acknowledged = ?,
                content_type = ?, on_conflict = ?, url = ?, checksum = ?, etag = ?, error = ?, attempts = ?,
                not_before = ?, stored_at = ?, finished_at = ?, upload_id = ?, part_size = ?, source_size = ?,
                source_mtime = ?, source_inode = ?, source_device = ?
         WHERE id = ?",
    )
    .bind(transfer.state.name())
    .bind(owner)
    .bind(&transfer.key)
    .bind(transfer.path.as_ref().map(|path| path.as_os_str().as_bytes()))
    .bind(transfer.size.map(signed))
    .bind(signed(transfer.acknowledged))
    .bind(&transfer.content_type)
    .bind(to_json(&transfer.on_conflict)?)
    .bind(&transfer.url)
    .bind(transfer.checksum.as_ref().map(ToString::to_string))
    .bind(&transfer.etag)
    .bind(transfer.error.as_ref().map(to_json).transpose()?)
    .bind(transfer.attempts)
    .bind(transfer.not_before.map(|time| time.timestamp_micros()))
    .bind(transfer.stored_at.map(|time| time.timestamp_micros()))
    .bind(transfer.finished_at.map(|time| time.timestamp_micros()))
    .bind(resume.upload_id.as_ref().map(|id| &id.0))
    .bind(resume.part_size.map(signed))
    .bind(source.map(|facts| signed(facts.size)))
    .bind(source.and_then(|facts| facts.modified).map(|time| time.timestamp_micros()))
    .bind(source.map(|facts| facts.inode.cast_signed()))
    .bind(source.map(|facts| facts.device.cast_signed()))
    .bind(transfer.id.to_string())
    .execute(&mut **transaction)
    .await
    .map(drop)
}

async fn insert_part(transaction: &mut Transaction<'_, Sqlite>, id: TransferId, part: &Part, total: u64) -> Result<()> {
    sqlx::query("INSERT OR REPLACE INTO parts (transfer, number, size, etag, checksum) VALUES (?, ?, ?, ?, ?)")
        .bind(id.to_string())
        .bind(part.number)
        .bind(signed(part.size))
        .bind(&part.etag)
        .bind(part.checksum.as_ref().map(ToString::to_string))
        .execute(&mut **transaction)
        .await?;
    sqlx::query("UPDATE transfers SET acknowledged = ? WHERE id = ?")
        .bind(signed(total))
        .bind(id.to_string())
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// The acknowledged parts of a transfer, in order.
pub async fn parts(connection: &mut SqliteConnection, id: TransferId) -> Result<Vec<Part>> {
    let rows = sqlx::query("SELECT number, size, etag, checksum FROM parts WHERE transfer = ? ORDER BY number")
        .bind(id.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Part {
                number: row.try_get("number")?,
                size: unsigned(row.try_get("size")?),
                etag: row.try_get("etag")?,
                checksum: row.try_get::<Option<String>, _>("checksum")?.and_then(|text| text.parse().ok()),
            })
        })
        .collect()
}

/// Every transfer in queue order; `whose` tells an owner's name apart.
pub async fn load(
    connection: &mut SqliteConnection,
    profiles: &mut HashSet<Arc<ProfileIdentity>>,
    whose: &(dyn Fn(&str) -> Owner + Sync),
) -> Result<Vec<Saved>> {
    let rows = sqlx::query("SELECT * FROM transfers ORDER BY coalesce(rank, seq), seq").fetch_all(connection).await?;
    let mut owners = std::collections::HashMap::new();
    rows.iter()
        .map(|row| {
            let owner = match row.try_get::<Option<String>, _>("owner")? {
                None => Owner::Nobody,
                Some(name) => *owners.entry(name).or_insert_with_key(|name| whose(name)),
            };
            saved(row, owner, profiles)
        })
        .collect()
}

fn saved(row: &SqliteRow, owner: Owner, profiles: &mut HashSet<Arc<ProfileIdentity>>) -> Result<Saved> {
    let seq = row.try_get("seq")?;
    Ok(Saved {
        seq,
        rank: row.try_get::<Option<i64>, _>("rank")?.unwrap_or(seq),
        owner,
        wish: row.try_get::<Option<&str>, _>("wish")?.and_then(Wish::named),
        transfer: Arc::new(transfer(row, profiles)?),
        resume: Resume {
            upload_id: row.try_get::<Option<String>, _>("upload_id")?.map(UploadId),
            part_size: row.try_get::<Option<i64>, _>("part_size")?.map(unsigned),
            source: source(row)?,
        },
    })
}

fn transfer(row: &SqliteRow, profiles: &mut HashSet<Arc<ProfileIdentity>>) -> Result<Transfer> {
    Ok(Transfer {
        id: id(row)?,
        kind: kind(row.try_get("kind")?)?,
        state: TransferState::named(row.try_get("state")?).ok_or_else(|| unreadable("state"))?,
        profile: intern(from_json(row.try_get("profile")?)?, profiles),
        key: row.try_get("object_key")?,
        path: row
            .try_get::<Option<Vec<u8>>, _>("path")?
            .map(|bytes| PathBuf::from(std::ffi::OsString::from_vec(bytes))),
        size: row.try_get::<Option<i64>, _>("size")?.map(unsigned),
        acknowledged: unsigned(row.try_get("acknowledged")?),
        content_type: row.try_get("content_type")?,
        on_conflict: from_json::<OnConflict>(row.try_get("on_conflict")?)?,
        without_record: row.try_get("without_record")?,
        url: row.try_get("url")?,
        checksum: row.try_get::<Option<&str>, _>("checksum")?.and_then(|text| text.parse().ok()),
        etag: row.try_get("etag")?,
        error: row.try_get::<Option<&str>, _>("error")?.map(from_json::<Failure>).transpose()?,
        attempts: row.try_get("attempts")?,
        not_before: time(row, "not_before")?,
        queued_at: time(row, "queued_at")?.unwrap_or_default(),
        stored_at: time(row, "stored_at")?,
        finished_at: time(row, "finished_at")?,
    })
}

fn source(row: &SqliteRow) -> Result<Option<SourceFacts>> {
    let Some(size) = row.try_get::<Option<i64>, _>("source_size")? else { return Ok(None) };
    Ok(Some(SourceFacts {
        size: unsigned(size),
        modified: time(row, "source_mtime")?,
        inode: row.try_get::<Option<i64>, _>("source_inode")?.unwrap_or(0).cast_unsigned(),
        device: row.try_get::<Option<i64>, _>("source_device")?.unwrap_or(0).cast_unsigned(),
    }))
}

/// The names in the `owner` column.
pub async fn owners(transaction: &mut Transaction<'_, Sqlite>) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT DISTINCT owner FROM transfers WHERE owner IS NOT NULL")
        .fetch_all(&mut **transaction)
        .await
}

/// A dead process runs nothing any more.
pub async fn release(transaction: &mut Transaction<'_, Sqlite>, owner: &str) -> Result<()> {
    sqlx::query("UPDATE transfers SET owner = NULL WHERE owner = ?")
        .bind(owner)
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// Takes every open transfer that nobody runs.
pub async fn claim_open(transaction: &mut Transaction<'_, Sqlite>, me: &str) -> Result<Vec<TransferId>> {
    let rows = sqlx::query(
        "UPDATE transfers SET owner = ? WHERE owner IS NULL
           AND state NOT IN ('done', 'expired', 'paused', 'failed', 'cancelled') RETURNING id",
    )
    .bind(me)
    .fetch_all(&mut **transaction)
    .await?;
    rows.iter().map(id).collect()
}

/// Takes these, whatever their state, unless somebody runs them.
pub async fn claim_these(
    transaction: &mut Transaction<'_, Sqlite>,
    me: &str,
    ids: &[TransferId],
) -> Result<Vec<TransferId>> {
    let mut claimed = Vec::new();
    for wanted in ids {
        let row =
            sqlx::query("UPDATE transfers SET owner = ? WHERE id = ? AND (owner IS NULL OR owner = ?) RETURNING id")
                .bind(me)
                .bind(wanted.to_string())
                .bind(me)
                .fetch_optional(&mut **transaction)
                .await?;
        claimed.extend(row.as_ref().map(id).transpose()?);
    }
    Ok(claimed)
}

fn id(row: &SqliteRow) -> Result<TransferId> {
    let text: &str = row.try_get("id")?;
    Uuid::parse_str(text).map(TransferId).map_err(|_not_a_uuid| unreadable("id"))
}

fn kind(name: &str) -> Result<TransferKind> {
    let kinds = [TransferKind::Upload, TransferKind::Download, TransferKind::Delete, TransferKind::Request];
    kinds.into_iter().find(|kind| kind.name() == name).ok_or_else(|| unreadable("kind"))
}

fn intern(identity: ProfileIdentity, profiles: &mut HashSet<Arc<ProfileIdentity>>) -> Arc<ProfileIdentity> {
    if let Some(known) = profiles.get(&identity) {
        return known.clone();
    }
    let identity = Arc::new(identity);
    profiles.insert(identity.clone());
    identity
}

fn time(row: &SqliteRow, column: &str) -> Result<Option<DateTime<Utc>>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.and_then(DateTime::from_timestamp_micros))
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn unreadable(column: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("the journal's column {column} holds what this version does not know").into())
}

/// SQLite's integers are signed; no file is that large.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
