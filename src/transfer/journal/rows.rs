//! Reading the journal: a row as a transfer, all of them or those that changed, and which process takes which.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::config::past_the_pooler;
use crate::domain::transfer::{AskedUpload, OnConflict, ProfileIdentity, Versions};
use crate::domain::{Failure, Transfer, TransferId, TransferKind, TransferState};
use crate::storage::{Part, UploadId};
use crate::transfer::job::{Kept, Owner, Resume, Saved, Wish};
use crate::transfer::source::SourceFacts;
use crate::transfer::texts::Texts;

/// What the driver answers.
pub type Result<T> = sqlx::Result<T>;

/// What is read of each transfer, in the order in which [`Reader::saved`] takes it.
const COLUMNS: &str = "seq, rank, owner, wish, id, kind, state, profile, object_key, path, size, acknowledged, \
                       content_type, on_conflict, without_record, url, checksum, etag, error, attempts, not_before, \
                       queued_at, stored_at, finished_at, upload_id, part_size, source_size, source_mtime, \
                       source_inode, source_device, expires_at, versions, asked_size, asked_type";

/// Ids in one statement.
const IDS: usize = 500;

/// Most texts of profiles that are kept.
const MOST_PROFILES: usize = 256;

/// Makes transfers of rows; the same profile's are one value.
#[derive(Default)]
pub struct Reader {
    profiles: HashMap<String, Arc<ProfileIdentity>>,
    types: Texts,
}

impl Reader {
    /// Transfers in queue order: all, or those that changed after a commit; `whose` tells an owner's name apart.
    pub async fn load(
        &mut self,
        connection: &mut SqliteConnection,
        after: Option<i64>,
        mut whose: impl FnMut(&str) -> Owner + Send,
    ) -> Result<Vec<Saved>> {
        let which = if after.is_some() { "WHERE changed > ?" } else { "" };
        let text = format!("SELECT {COLUMNS} FROM transfers {which} ORDER BY coalesce(rank, seq), seq");
        let query = sqlx::query(AssertSqlSafe(text));
        let query = if let Some(after) = after { query.bind(after) } else { query };
        let mut owners: HashMap<String, Owner> = HashMap::new();
        let mut loaded = Vec::new();
        // Row by row: all of them at once would take several times the memory of what they become.
        let mut rows = query.fetch(connection);
        while let Some(row) = rows.try_next().await? {
            let owner = match row.try_get::<Option<&str>, _>(2)? {
                None => Owner::Nobody,
                Some(name) => match owners.get(name) {
                    Some(owner) => *owner,
                    None => *owners.entry(name.to_owned()).or_insert_with(|| whose(name)),
                },
            };
            loaded.push(self.saved(&row, owner)?);
        }
        Ok(loaded)
    }

    fn saved(&mut self, row: &SqliteRow, owner: Owner) -> Result<Saved> {
        let seq = row.try_get(0)?;
        Ok(Saved {
            seq,
            rank: row.try_get::<Option<i64>, _>(1)?.unwrap_or(seq),
            owner,
            wish: row.try_get::<Option<&str>, _>(3)?.and_then(Wish::named),
            transfer: Arc::new(self.transfer(row)?),
            resume: Kept::from(Resume {
                upload_id: row.try_get::<Option<String>, _>(24)?.map(UploadId),
                part_size: row.try_get::<Option<i64>, _>(25)?.map(unsigned),
                source: source(row)?,
            }),
        })
    }

    fn transfer(&mut self, row: &SqliteRow) -> Result<Transfer> {
        Ok(Transfer {
            id: id(row.try_get(4)?)?,
            kind: kind(row.try_get(5)?)?,
            state: TransferState::named(row.try_get(6)?).ok_or_else(|| unreadable("state"))?,
            profile: self.profile(row.try_get(7)?)?,
            key: row.try_get::<&str, _>(8)?.into(),
            path: row.try_get::<Option<&[u8]>, _>(9)?.map(path),
            size: row.try_get::<Option<i64>, _>(10)?.map(unsigned),
            acknowledged: unsigned(row.try_get(11)?),
            content_type: row.try_get::<Option<&str>, _>(12)?.map(|name| self.types.of(name)),
            on_conflict: from_json::<OnConflict>(row.try_get(13)?)?,
            without_record: row.try_get(14)?,
            versions: versions(row.try_get(5)?, row.try_get(31)?),
            asked: self.asked(row)?.map(Box::new),
            url: text(row, 15)?,
            checksum: row.try_get::<Option<&str>, _>(16)?.and_then(|text| text.parse().ok()).map(Arc::new),
            etag: text(row, 17)?,
            error: row.try_get::<Option<&str>, _>(18)?.map(from_json::<Failure>).transpose()?.map(Box::new),
            attempts: row.try_get(19)?,
            not_before: time(row, 20)?,
            queued_at: time(row, 21)?.unwrap_or_default(),
            stored_at: time(row, 22)?,
            finished_at: time(row, 23)?,
        })
    }

    fn asked(&mut self, row: &SqliteRow) -> Result<Option<AskedUpload>> {
        let Some(expires_at) = time(row, 30)? else { return Ok(None) };
        // A Windlass from before these columns keeps what was asked for where what came stands later.
        let (size, content_type) = match row.try_get::<Option<&str>, _>(33)? {
            Some(content_type) => (row.try_get::<Option<i64>, _>(32)?, content_type),
            None => (row.try_get(10)?, row.try_get::<Option<&str>, _>(12)?.unwrap_or_default()),
        };
        Ok(Some(AskedUpload { size: size.map(unsigned), content_type: self.types.of(content_type), expires_at }))
    }

    fn profile(&mut self, text: &str) -> Result<Arc<ProfileIdentity>> {
        if let Some(known) = self.profiles.get(text) {
            return Ok(known.clone());
        }
        let mut identity: ProfileIdentity = from_json(text)?;
        // Rows may name a database by its pooled host, which once told it apart from the same one by its own.
        identity.catalog = past_the_pooler(&identity.catalog).into_owned();
        let identity = Arc::new(identity);
        if self.profiles.len() >= MOST_PROFILES {
            self.profiles.clear();
        }
        self.profiles.insert(text.to_owned(), identity.clone());
        Ok(identity)
    }
}

fn source(row: &SqliteRow) -> Result<Option<SourceFacts>> {
    let Some(size) = row.try_get::<Option<i64>, _>(26)? else { return Ok(None) };
    Ok(Some(SourceFacts {
        size: unsigned(size),
        modified: time(row, 27)?,
        inode: row.try_get::<Option<i64>, _>(28)?.unwrap_or(0).cast_unsigned(),
        device: row.try_get::<Option<i64>, _>(29)?.unwrap_or(0).cast_unsigned(),
    }))
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
                number: row.try_get(0)?,
                size: unsigned(row.try_get(1)?),
                etag: row.try_get(2)?,
                checksum: row.try_get::<Option<String>, _>(3)?.and_then(|text| text.parse().ok()),
            })
        })
        .collect()
}

/// The number of the last commit, and of the last one that removed a transfer.
pub async fn clock(connection: &mut SqliteConnection) -> Result<(i64, i64)> {
    let row = sqlx::query("SELECT now, removed FROM clock").fetch_one(connection).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// Numbers the commit under way.
pub async fn tick(connection: &mut SqliteConnection) -> Result<i64> {
    sqlx::query_scalar("UPDATE clock SET now = now + 1 RETURNING now").fetch_one(connection).await
}

/// Notes that the commit under way removes transfers.
pub async fn note_removal(connection: &mut SqliteConnection) -> Result<()> {
    sqlx::query("UPDATE clock SET removed = now").execute(connection).await.map(drop)
}

/// The names in the `owner` column.
pub async fn owners(connection: &mut SqliteConnection) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT DISTINCT owner FROM transfers WHERE owner IS NOT NULL").fetch_all(connection).await
}

/// A dead process runs nothing any more.
pub async fn release(connection: &mut SqliteConnection, owner: &str) -> Result<()> {
    sqlx::query("UPDATE transfers SET owner = NULL, changed = (SELECT now FROM clock) WHERE owner = ?")
        .bind(owner)
        .execute(connection)
        .await
        .map(drop)
}

/// Takes every open transfer that nobody runs; answers how many.
pub async fn claim_open(connection: &mut SqliteConnection, me: &str) -> Result<u64> {
    let claimed = sqlx::query(
        "UPDATE transfers SET owner = ?, changed = (SELECT now FROM clock) WHERE owner IS NULL
           AND state NOT IN ('done', 'expired', 'paused', 'failed', 'cancelled')",
    )
    .bind(me)
    .execute(connection)
    .await?;
    Ok(claimed.rows_affected())
}

/// A condition that every transfer fulfils.
pub const ANY: &str = "TRUE";

/// Those that are over and of which something may be left in the bucket or on disk.
pub const OVER: &str =
    "state IN ('done', 'expired', 'failed', 'cancelled') AND (part_size IS NOT NULL OR source_size IS NOT NULL)";

/// Takes those of these that fulfil a condition, unless somebody runs them; answers how many.
pub async fn claim_these(
    connection: &mut SqliteConnection,
    me: &str,
    ids: &[TransferId],
    condition: &'static str,
) -> Result<u64> {
    let mut claimed = 0;
    for ids in ids.chunks(IDS) {
        let mut query = sqlx::QueryBuilder::new("UPDATE transfers SET changed = (SELECT now FROM clock), owner = ");
        query.push_bind(me).push(" WHERE (owner IS NULL OR owner = ").push_bind(me).push(") AND id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.to_string());
        }
        query.push(") AND ").push(condition);
        claimed += query.build().persistent(false).execute(&mut *connection).await?.rows_affected();
    }
    Ok(claimed)
}

fn id(text: &str) -> Result<TransferId> {
    Uuid::parse_str(text).map(TransferId).map_err(|_not_a_uuid| unreadable("id"))
}

/// The kind of a delete that takes only what is hidden: a word of its own, which a Windlass that does not know it cannot
/// take for a delete of more.
const PURGE: &str = "purge";

/// What stands for a transfer's kind.
pub fn kind_word(transfer: &Transfer) -> &'static str {
    match (transfer.kind, transfer.versions) {
        (TransferKind::Delete, Versions::Hidden) => PURGE,
        (kind, _) => kind.name(),
    }
}

fn versions(kind: &str, all: bool) -> Versions {
    match (kind, all) {
        (PURGE, _) => Versions::Hidden,
        (_, true) => Versions::All,
        (_, false) => Versions::Seen,
    }
}

fn kind(name: &str) -> Result<TransferKind> {
    if name == PURGE {
        return Ok(TransferKind::Delete);
    }
    let kinds = [TransferKind::Upload, TransferKind::Download, TransferKind::Delete, TransferKind::Request];
    kinds.into_iter().find(|kind| kind.name() == name).ok_or_else(|| unreadable("kind"))
}

fn path(bytes: &[u8]) -> Arc<Path> {
    Path::new(OsStr::from_bytes(bytes)).into()
}

fn text(row: &SqliteRow, column: usize) -> Result<Option<Arc<str>>> {
    Ok(row.try_get::<Option<&str>, _>(column)?.map(Into::into))
}

fn time(row: &SqliteRow, column: usize) -> Result<Option<DateTime<Utc>>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.and_then(DateTime::from_timestamp_micros))
}

/// A structured value as the journal keeps it.
pub fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn unreadable(column: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("its column {column} holds what this version does not know").into())
}

/// SQLite's integers are signed; no file is that large.
pub fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
