//! The statements that read pages of a profile's table in SQLite, in any order, searched and narrowed. SQLite keeps no
//! statistics, so which index serves a page is decided here.

use chrono::{DateTime, Utc};
use sqlx::sqlite::{Sqlite, SqliteConnection};
use sqlx::{Error, QueryBuilder, Row};

use super::table::{COLUMNS, Table, of_user, record, stored, time, visible};
use crate::catalog::needle::Needle;
use crate::catalog::order::{self, Edge, Spot, Stretch, Value};
use crate::catalog::ranges::{Ranges, Statement};
use crate::catalog::{CatalogTarget, RecordQuery, rules};
use crate::domain::{Narrow, Record, Sort, SortBy};

/// As many keys with a prefix are many.
const FEW: i64 = 10_000;

/// What pages are read of.
pub struct Pages<'a> {
    /// The table.
    pub table: &'a Table,
    /// Whose rows are shown.
    pub target: &'a CatalogTarget,
    /// What is asked.
    pub query: &'a RecordQuery,
    /// What is searched for.
    pub needle: Option<Needle>,
}

/// Which rows a page is chosen from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Among<'a> {
    All,
    /// Those with this prefix, of which there are few: found by key, then sorted.
    Few(&'a str),
    /// Those with this prefix, of which there are many: found on the way through all in the order.
    Many(&'a str),
    /// Those with this prefix, in the order of their keys.
    Range(&'a str),
}

/// What a page goes through first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Through<'a> {
    /// Rows, in their order.
    Rows(Among<'a>),
    /// Keys, with this prefix where there is one; their rows are sorted.
    Keys(Option<&'a str>),
}

impl Statement for QueryBuilder<Sqlite> {
    fn sql(&mut self, sql: &str) -> &mut Self {
        self.push(sql)
    }

    fn number(&mut self, number: i64) -> &mut Self {
        self.push_bind(number)
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.push_bind(text.to_owned())
    }

    fn time(&mut self, at: DateTime<Utc>) -> &mut Self {
        self.push_bind(stored(at))
    }
}

impl Pages<'_> {
    /// Up to `rows` rows of the stretches. With a step no more than so many rows of each are looked at.
    pub async fn read(
        &self,
        connection: &mut SqliteConnection,
        stretches: &[Stretch],
        rows: usize,
        step: Option<u32>,
    ) -> Result<(Vec<Record>, Option<Edge>), Error> {
        let among = self.among(connection).await?;
        let step = step.filter(|_| !matches!(among, Among::Few(_)));
        let mut records = Vec::new();
        for stretch in stretches {
            let edge = match step {
                Some(step) if stretch.has_edges(self.query.order) => {
                    self.edge_of(&mut *connection, among, stretch, step).await?
                }
                _ => None,
            };
            let whole = step.is_none() && self.needle.is_some();
            let through = if whole { self.by_their_keys(among, stretch) } else { Through::Rows(among) };
            let mut select = self.select(through, stretch, edge.as_ref(), rows - records.len());
            for row in select.build().fetch_all(&mut *connection).await? {
                records.push(record(&row)?);
            }
            if records.len() >= rows || edge.is_some() {
                return Ok((records, edge));
            }
        }
        Ok((records, None))
    }

    /// SQLite keeps no statistics by which it could tell whether to go by key or by time.
    async fn among(&self, connection: &mut SqliteConnection) -> Result<Among<'_>, Error> {
        let Some(prefix) = self.query.prefix.as_deref() else { return Ok(Among::All) };
        if self.query.order.by == SortBy::Name {
            return Ok(Among::Range(prefix));
        }
        let mut sql = QueryBuilder::new("SELECT count(*) FROM ");
        self.with_prefix(&mut sql, "1", prefix);
        let rows: i64 = sql.build().fetch_one(connection).await?.try_get(0)?;
        Ok(if rows < FEW { Among::Few(prefix) } else { Among::Many(prefix) })
    }

    /// `(SELECT … LIMIT …)`: the rows with a prefix, if they are few, by the key's own index.
    fn with_prefix(&self, sql: &mut QueryBuilder<Sqlite>, columns: &str, prefix: &str) {
        sql.push("(SELECT ").push(columns).push(" FROM ").push(&self.table.quoted).push(" WHERE ");
        begins_with(sql, self.table.key, prefix);
        sql.push(" LIMIT ").push_bind(FEW).push(")");
    }

    /// Where a whole table is looked through, its keys are, in their own index, which is a third of it.
    fn by_their_keys<'a>(&self, among: Among<'a>, stretch: &Stretch) -> Through<'a> {
        match (self.query.order.by, stretch, among) {
            // In the order of keys they are looked through there anyway, and of what has no time there is little.
            (SortBy::Name, ..) | (SortBy::Date, Stretch::Unvalued(_), _) => Through::Rows(among),
            (_, _, Among::All) => Through::Keys(None),
            (_, _, Among::Many(prefix)) => Through::Keys(Some(prefix)),
            (_, _, Among::Few(_) | Among::Range(_)) => Through::Rows(among),
        }
    }

    fn select(
        &self,
        through: Through<'_>,
        stretch: &Stretch,
        edge: Option<&Edge>,
        rows: usize,
    ) -> QueryBuilder<Sqlite> {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS.replace("{key}", self.table.key)).push(" FROM ");
        // Where all rows have to be sorted, their ids are: whole rows take four times as long.
        let by_id = matches!(self.query.order.by, SortBy::Size | SortBy::Type);
        if by_id {
            sql.push("(SELECT r.id FROM ");
        }
        self.from(&mut sql, through);
        let by_key = self.query.order.by == SortBy::Name && self.table.lacks_user_keys();
        visible(&mut sql, self.target, self.query.user_id.as_deref(), by_key);
        self.ranges().stretch(&mut sql, stretch);
        narrowed(&mut sql, &self.query.narrow);
        if let Some(edge) = edge {
            self.ranges().up_to(&mut sql, edge);
        }
        self.ordered(&mut sql);
        sql.push(" LIMIT ").push_bind(i64::try_from(rows).unwrap_or(i64::MAX));
        if by_id {
            sql.push(") i JOIN ").push(&self.table.quoted).push(" r ON r.id = i.id");
            self.ordered(&mut sql);
        }
        sql
    }

    /// `FROM`'s table and the rows of it that are searched for, up to the next condition.
    fn from(&self, sql: &mut QueryBuilder<Sqlite>, through: Through<'_>) {
        match through {
            Through::Rows(among) => {
                self.rows(sql, among);
                self.searched(sql, "r");
            }
            Through::Keys(prefix) => {
                // The word CROSS has SQLite keep this order.
                let table = &self.table.quoted;
                sql.push(format!("{table} k CROSS JOIN {table} r ON r.id = k.id WHERE "));
                if let Some(prefix) = prefix {
                    self.with_prefixed_key(sql, "k.", prefix);
                }
                self.searched(sql, "k");
            }
        }
    }

    fn searched(&self, sql: &mut QueryBuilder<Sqlite>, table: &str) {
        if let Some(needle) = &self.needle {
            sql.push(table).push(".").push(self.table.key).push(" LIKE ").push_bind(needle.pattern());
            sql.push(" ESCAPE '\\' AND ");
        }
    }

    /// `FROM`'s table, and the rows of it that have the prefix, up to the next condition.
    fn rows(&self, sql: &mut QueryBuilder<Sqlite>, among: Among<'_>) {
        match among {
            Among::Few(prefix) => self.with_prefix(sql, "*", prefix),
            _ => drop(sql.push(&self.table.quoted)),
        }
        sql.push(" r WHERE ");
        match among {
            Among::All | Among::Few(_) => {}
            // The plus keeps the key's index out of it, which would find them all and have to sort them.
            Among::Many(prefix) => self.with_prefixed_key(sql, "+r.", prefix),
            Among::Range(prefix) => self.with_prefixed_key(sql, "r.", prefix),
        }
    }

    fn with_prefixed_key(&self, sql: &mut QueryBuilder<Sqlite>, before: &str, prefix: &str) {
        begins_with(sql, &format!("{before}{}", self.table.key), prefix);
        sql.push(" AND ");
    }

    /// The last row that a step looks at; none where fewer are left.
    async fn edge_of(
        &self,
        connection: &mut SqliteConnection,
        among: Among<'_>,
        stretch: &Stretch,
        step: u32,
    ) -> Result<Option<Edge>, Error> {
        let by_key = self.query.order.by == SortBy::Name;
        let mut sql = QueryBuilder::new("SELECT r.id, ");
        sql.push(if by_key { format!("r.{}", self.table.key) } else { "r.upload_timestamp".into() }).push(" FROM ");
        self.rows(&mut sql, among);
        // Rows of other buckets count too: they are in the same index.
        sql.push("true");
        of_user(&mut sql, self.query.user_id.as_deref(), by_key && self.table.lacks_user_keys());
        self.ranges().stretch(&mut sql, stretch);
        self.ordered(&mut sql);
        sql.push(" LIMIT 1 OFFSET ").push_bind(i64::from(step.saturating_sub(1)));
        let Some(row) = sql.build().fetch_optional(connection).await? else { return Ok(None) };
        let value = if by_key { Some(Value::Key(row.try_get(1)?)) } else { time(&row, 1)?.map(Value::Date) };
        let id = row.try_get(0)?;
        Ok(Some(value.map_or(Edge::Undated(id), |value| Edge::At(Spot { value, id }))))
    }

    fn ranges(&self) -> Ranges {
        Ranges { order: self.query.order, column: self.column() }
    }

    fn column(&self) -> String {
        match self.query.order.by {
            SortBy::Date => "r.upload_timestamp".into(),
            // The column is anybody's: less than nothing is not known.
            SortBy::Size => "(CASE WHEN r.size_bytes >= 0 THEN r.size_bytes END)".into(),
            SortBy::Type => "r.content_type".into(),
            SortBy::Name => format!("r.{}", self.table.key),
        }
    }

    /// NULL is SQLite's least value: last from the newest on by itself, first from the oldest on, which reads them apart.
    fn ordered(&self, sql: &mut QueryBuilder<Sqlite>) {
        let Sort { by, reversed } = self.query.order;
        let direction = |reversed| if reversed { " DESC" } else { " ASC" };
        sql.push(" ORDER BY ").push(self.column()).push(direction(reversed));
        match by {
            SortBy::Name => return,
            SortBy::Date => drop(sql.push(", r.id")),
            SortBy::Size | SortBy::Type => drop(sql.push(" NULLS LAST, r.id")),
        }
        sql.push(direction(self.query.order.ids_are_reversed()));
    }
}

/// A key's column between a prefix and what is behind it, in the order of bytes.
pub fn begins_with(sql: &mut QueryBuilder<Sqlite>, column: &str, prefix: &str) {
    sql.push(column).push(" >= ").push_bind(prefix.to_owned());
    if let Some(behind) = rules::behind_prefix(prefix) {
        sql.push(" AND ").push(column).push(" < ").push_bind(behind);
    }
}

/// Rows of a type, a size and an age; a comparison with NULL leaves a row out.
pub fn narrowed(sql: &mut QueryBuilder<Sqlite>, narrow: &Narrow) {
    match narrow.media_type.as_deref() {
        None => {}
        Some(whole) if whole.contains('/') => {
            sql.push(" AND (r.content_type = ").push_bind(whole.to_owned()).push(" OR ");
            begins_with(sql, "r.content_type", &format!("{whole};"));
            sql.push(")");
        }
        Some(kind) => begins_with(sql.push(" AND "), "r.content_type", &format!("{kind}/")),
    }
    if let Some(least) = narrow.at_least {
        sql.push(" AND r.size_bytes >= ").push_bind(order::stored(least));
    }
    if let Some(most) = narrow.at_most {
        sql.push(" AND r.size_bytes BETWEEN 0 AND ").push_bind(order::stored(most));
    }
    if let Some(since) = narrow.since {
        sql.push(" AND r.upload_timestamp >= ").push_bind(stored(since));
    }
}
