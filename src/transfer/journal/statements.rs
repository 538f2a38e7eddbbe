//! The statements that change the journal, each for many rows at once. A statement exists in few sizes, so that it is
//! parsed once; what a size leaves over is NULL and matches no row.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Sqlite, query::Query};

use super::batch::{Kind, Step};
use super::rows::{Result, kind_word, signed, to_json};
use crate::domain::transfer::{AskedUpload, ProfileIdentity, Versions};
use crate::domain::{Transfer, TransferId};
use crate::storage::Part;
use crate::transfer::job::{Change, Resume, Wish};

/// Rows a statement takes, the largest first.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// What an update writes, in the order of [`update`]'s values behind the id.
const UPDATED: [&str; 22] = [
    "state",
    "owner",
    "object_key",
    "path",
    "size",
    "acknowledged",
    "content_type",
    "on_conflict",
    "url",
    "checksum",
    "etag",
    "error",
    "attempts",
    "not_before",
    "stored_at",
    "finished_at",
    "upload_id",
    "part_size",
    "source_size",
    "source_mtime",
    "source_inode",
    "source_device",
];

/// What an insert writes, in the order of [`insert`]'s values.
const INSERTED: &str = "id, kind, state, owner, profile, object_key, path, size, content_type, on_conflict, \
                        without_record, queued_at, versions, expires_at, asked_size, asked_type, etag";

/// Only what is over and nobody's: another process may have taken it up again since this one looked.
const REMOVABLE: &str = "owner IS NULL AND state IN ('done', 'expired', 'failed', 'cancelled')";

type Sql = Query<'static, Sqlite, SqliteArguments>;

/// Makes changes inside a transaction, and remembers the statements' texts.
pub struct Writer {
    me: String,
    texts: HashMap<(Statement, usize), Arc<str>>,
    /// The profile that was written last, and its text: transfers of one profile come together.
    profile: Option<(Arc<ProfileIdentity>, Arc<str>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Statement {
    Insert,
    Update,
    Parts,
    Acknowledge,
    ForgetParts,
    Wish,
    Rank,
    Remove,
}

/// What a step came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// The number of the last transfer that was added; those before it have the numbers before it.
    pub last: Option<i64>,
    /// Rows that were removed.
    pub removed: u64,
}

impl Writer {
    /// For the process of that name.
    pub fn new(me: &str) -> Self {
        Self { me: me.to_owned(), texts: HashMap::new(), profile: None }
    }

    /// Makes the changes of one step.
    pub async fn write(&mut self, connection: &mut SqliteConnection, step: &Step<'_>) -> Result<Written> {
        let mut written = Written::default();
        match step.kind {
            Kind::Insert => {
                for rows in exact(&step.changes) {
                    let sql = self.bound(Statement::Insert, rows, Self::insert)?;
                    written.last = Some(sql.execute(&mut *connection).await?.last_insert_rowid());
                }
            }
            Kind::Part => self.parts(connection, &step.changes).await?,
            Kind::Update => drop(self.padded(connection, Statement::Update, &step.changes, Self::update).await?),
            Kind::Wish => drop(self.padded(connection, Statement::Wish, &step.changes, Self::wish).await?),
            Kind::Rank => drop(self.padded(connection, Statement::Rank, &step.changes, Self::rank).await?),
            Kind::ForgetParts => drop(self.padded(connection, Statement::ForgetParts, &step.changes, Self::id).await?),
            Kind::Remove => {
                written.removed = self.padded(connection, Statement::Remove, &step.changes, Self::id).await?;
            }
        }
        Ok(written)
    }

    /// Runs a statement over all rows, a size at a time; answers how many rows it changed.
    async fn padded<T>(
        &mut self,
        connection: &mut SqliteConnection,
        statement: Statement,
        rows: &[T],
        bind: impl Fn(&mut Self, Sql, &T) -> Result<Sql> + Copy,
    ) -> Result<u64> {
        let mut changed = 0;
        for rows in rows.chunks(SIZES[0]) {
            changed += self.bound(statement, rows, bind)?.execute(&mut *connection).await?.rows_affected();
        }
        Ok(changed)
    }

    /// A statement of the size that takes these rows, with their values.
    fn bound<T>(
        &mut self,
        statement: Statement,
        rows: &[T],
        bind: impl Fn(&mut Self, Sql, &T) -> Result<Sql>,
    ) -> Result<Sql> {
        let size = SIZES.into_iter().rev().find(|size| *size >= rows.len()).unwrap_or(SIZES[0]);
        let text = self.texts.entry((statement, size)).or_insert_with(|| text(statement, size).into()).clone();
        rows.iter().try_fold(sqlx::query(AssertSqlSafe(text)), |sql, row| bind(self, sql, row))
    }

    /// The parts, then how far each transfer has come by them.
    async fn parts(&mut self, connection: &mut SqliteConnection, changes: &[&Change]) -> Result<()> {
        let mut parts: Vec<(TransferId, &Part)> = Vec::with_capacity(changes.len());
        let mut totals: BTreeMap<TransferId, u64> = BTreeMap::new();
        for change in changes {
            if let Change::Part { id, part, acknowledged } = change {
                parts.push((*id, part));
                totals.insert(*id, *acknowledged);
            }
        }
        for rows in exact(&parts) {
            self.bound(Statement::Parts, rows, Self::part)?.execute(&mut *connection).await?;
        }
        let totals: Vec<(TransferId, u64)> = totals.into_iter().collect();
        let total =
            |_: &mut Self, sql: Sql, row: &(TransferId, u64)| Ok(sql.bind(row.0.to_string()).bind(signed(row.1)));
        self.padded(connection, Statement::Acknowledge, &totals, total).await.map(drop)
    }

    fn insert(&mut self, sql: Sql, change: &&Change) -> Result<Sql> {
        let Change::Insert { transfer, mine } = change else { return Ok(sql) };
        let sql = sql
            .bind(transfer.id.to_string())
            .bind(kind_word(transfer))
            .bind(transfer.state.name())
            .bind(mine.then(|| self.me.clone()))
            .bind(self.profile(&transfer.profile)?)
            .bind(transfer.key.clone())
            .bind(transfer.path.as_ref().map(|path| path.as_os_str().as_bytes().to_vec()))
            .bind(transfer.size.map(signed))
            .bind(transfer.content_type.clone())
            .bind(to_json(&transfer.on_conflict)?)
            .bind(transfer.without_record)
            .bind(transfer.queued_at.timestamp_micros())
            .bind(transfer.versions == Versions::All);
        Ok(bind_asked(sql, transfer.asked.as_deref()).bind(transfer.etag.clone()))
    }

    fn profile(&mut self, profile: &Arc<ProfileIdentity>) -> Result<Arc<str>> {
        if let Some((_, text)) = self.profile.as_ref().filter(|(known, _)| Arc::ptr_eq(known, profile)) {
            return Ok(text.clone());
        }
        let text: Arc<str> = to_json(&**profile)?.into();
        self.profile = Some((profile.clone(), text.clone()));
        Ok(text)
    }

    fn update(&mut self, sql: Sql, change: &&Change) -> Result<Sql> {
        let Change::Update { transfer, resume, mine } = change else { return Ok(sql) };
        let sql = sql.bind(transfer.id.to_string()).bind(transfer.state.name()).bind(mine.then(|| self.me.clone()));
        Ok(bind_resume(bind_transfer(sql, transfer)?, resume))
    }

    fn part(&mut self, sql: Sql, (id, part): &(TransferId, &Part)) -> Result<Sql> {
        let checksum = part.checksum.as_ref().map(ToString::to_string);
        Ok(sql.bind(id.to_string()).bind(part.number).bind(signed(part.size)).bind(part.etag.clone()).bind(checksum))
    }

    fn wish(&mut self, sql: Sql, change: &&Change) -> Result<Sql> {
        let (wish, only) = match change {
            Change::Wish(_, wish) => (Some(wish.name()), None),
            Change::Granted(_, wish) if *wish != Wish::Cancel => (None, Some(wish.name())),
            _ => (None, None),
        };
        Ok(sql.bind(change.id().to_string()).bind(wish).bind(only))
    }

    fn rank(&mut self, sql: Sql, change: &&Change) -> Result<Sql> {
        let rank = if let Change::Rank(_, rank) = change { Some(*rank) } else { None };
        Ok(sql.bind(change.id().to_string()).bind(rank))
    }

    fn id(&mut self, sql: Sql, change: &&Change) -> Result<Sql> {
        Ok(sql.bind(change.id().to_string()))
    }
}

fn bind_asked(sql: Sql, asked: Option<&AskedUpload>) -> Sql {
    sql.bind(asked.map(|asked| asked.expires_at.timestamp_micros()))
        .bind(asked.and_then(|asked| asked.size).map(signed))
        .bind(asked.map(|asked| asked.content_type.clone()))
}

fn bind_transfer(sql: Sql, transfer: &Transfer) -> Result<Sql> {
    let sql = sql
        .bind(transfer.key.clone())
        .bind(transfer.path.as_ref().map(|path| path.as_os_str().as_bytes().to_vec()))
        .bind(transfer.size.map(signed))
        .bind(signed(transfer.acknowledged))
        .bind(transfer.content_type.clone())
        .bind(to_json(&transfer.on_conflict)?)
        .bind(transfer.url.clone())
        .bind(transfer.checksum.as_ref().map(ToString::to_string))
        .bind(transfer.etag.clone())
        .bind(transfer.error.as_ref().map(to_json).transpose()?)
        .bind(transfer.attempts)
        .bind(transfer.not_before.map(|time| time.timestamp_micros()))
        .bind(transfer.stored_at.map(|time| time.timestamp_micros()))
        .bind(transfer.finished_at.map(|time| time.timestamp_micros()));
    Ok(sql)
}

fn bind_resume(sql: Sql, resume: &Resume) -> Sql {
    let source = resume.source.as_ref();
    sql.bind(resume.upload_id.as_ref().map(|id| id.0.clone()))
        .bind(resume.part_size.map(signed))
        .bind(source.map(|facts| signed(facts.size)))
        .bind(source.and_then(|facts| facts.modified).map(|time| time.timestamp_micros()))
        .bind(source.map(|facts| facts.inode.cast_signed()))
        .bind(source.map(|facts| facts.device.cast_signed()))
}

/// Rows in lots that are exactly as large as a statement: what is added must not be padded.
fn exact<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= left.len())?;
        let (lot, rest) = left.split_at(size);
        left = rest;
        Some(lot)
    })
}

fn text(statement: Statement, rows: usize) -> String {
    let changed = "changed = (SELECT now FROM clock)";
    let set = |columns: &str, width| {
        let rows = values(width, rows);
        format!("UPDATE transfers SET {columns}, {changed} FROM ({rows}) AS v WHERE transfers.id = v.column1")
    };
    match statement {
        Statement::Insert => {
            let rows = rows_of("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT now FROM clock))", rows);
            format!("INSERT INTO transfers ({INSERTED}, changed) VALUES {rows}")
        }
        Statement::Update => set(&updated(), UPDATED.len() + 1),
        Statement::Acknowledge => set("acknowledged = v.column2", 2),
        Statement::Wish => format!("{} AND coalesce(wish = v.column3, v.column3 IS NULL)", set("wish = v.column2", 3)),
        Statement::Rank => set("rank = v.column2", 2),
        Statement::Parts => {
            format!("INSERT OR REPLACE INTO parts (transfer, number, size, etag, checksum) {}", values(5, rows))
        }
        Statement::ForgetParts => format!("DELETE FROM parts WHERE transfer IN ({})", places(rows)),
        Statement::Remove => format!("DELETE FROM transfers WHERE id IN ({}) AND {REMOVABLE}", places(rows)),
    }
}

fn updated() -> String {
    let mut text = String::new();
    for (column, name) in UPDATED.iter().enumerate() {
        let comma = if column == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ok = write!(text, "{comma}{name} = v.column{}", column + 2);
    }
    text
}

fn values(width: usize, rows: usize) -> String {
    format!("VALUES {}", rows_of(&format!("({})", places(width)), rows))
}

fn rows_of(row: &str, rows: usize) -> String {
    vec![row; rows].join(", ")
}

fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_are_as_large_as_a_statement_and_miss_nothing() {
        let rows: Vec<u32> = (0..150).collect();
        let lots: Vec<usize> = exact(&rows).map(<[u32]>::len).collect();
        assert_eq!(lots, [64, 64, 16, 4, 1, 1]);
        assert_eq!(exact(&rows).flatten().copied().collect::<Vec<_>>(), rows);
    }
}
