//! The statements that read pages of a profile's table, in any order, searched and narrowed. One shape for all: which rows,
//! from where on, up to where, in which order.

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnection, PgRow, Postgres};
use sqlx::{Error, QueryBuilder, Row};

use super::rows::{COLUMNS, Time, record, time};
use super::table::{Table, in_bucket, of_user};
use crate::catalog::needle::{Needle, Telling, escaped, like_prefix};
use crate::catalog::order::{Edge, Spot, Stretch, Value, stored};
use crate::catalog::ranges::{Ranges, Statement};
use crate::catalog::{CatalogTarget, RecordQuery};
use crate::domain::{Narrow, Record, Sort, SortBy};

/// What pages are read of.
pub struct Pages<'a> {
    /// The table.
    pub table: &'a Table,
    /// Whose rows are shown.
    pub target: &'a CatalogTarget,
    /// What is asked.
    pub query: &'a RecordQuery,
    /// What is searched for, and how.
    pub search: Option<Search>,
}

/// How keys are compared with what is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// As the index of trigrams can.
    ByIndex(Needle),
    /// Row by row.
    ByRow(Needle),
    /// Row by row, of keys that are not all ASCII, in UTF-8.
    BeyondAscii(Needle),
}

/// Rows, and where looking for them ended before the table did.
pub type Found = (Vec<Record>, Option<Edge>);

impl Statement for QueryBuilder<Postgres> {
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
        self.push_bind(Time(at))
    }
}

impl Pages<'_> {
    /// Up to `rows` rows of the stretches. With a step no more than so many rows of each are looked at.
    pub async fn read(
        &self,
        connection: &mut PgConnection,
        stretches: &[Stretch],
        rows: usize,
        step: Option<u32>,
    ) -> Result<Found, Error> {
        let mut records = Vec::new();
        for stretch in stretches {
            let edge = match step {
                Some(step) if stretch.has_edges(self.query.order) => self.edge_of(connection, stretch, step).await?,
                _ => None,
            };
            let rest = i64::try_from(rows - records.len()).unwrap_or(i64::MAX);
            let mut select = self.select("", stretch, edge.as_ref(), rest);
            for row in select.build().persistent(false).fetch_all(&mut *connection).await? {
                records.push(record(&row)?);
            }
            if records.len() >= rows || edge.is_some() {
                return Ok((records, edge));
            }
        }
        Ok((records, None))
    }

    /// How the database would read a page, in its own words: what tests look at.
    pub async fn explain(
        &self,
        connection: &mut PgConnection,
        stretches: &[Stretch],
        step: Option<u32>,
    ) -> Result<Vec<String>, Error> {
        let mut lines = Vec::new();
        for stretch in stretches {
            let edge = match step {
                Some(step) => self.edge_of(&mut *connection, stretch, step).await?,
                None => None,
            };
            let mut statements = vec![self.select("EXPLAIN ", stretch, edge.as_ref(), i64::from(self.query.limit))];
            statements.extend(step.map(|step| self.edge("EXPLAIN ", stretch, step)));
            for mut statement in statements {
                for row in statement.build().persistent(false).fetch_all(&mut *connection).await? {
                    lines.push(row.try_get(0)?);
                }
            }
        }
        Ok(lines)
    }

    fn select(&self, before: &str, stretch: &Stretch, edge: Option<&Edge>, rows: i64) -> QueryBuilder<Postgres> {
        let mut sql = QueryBuilder::new(before);
        sql.push("SELECT ").push(COLUMNS.replace("{key}", self.table.key)).push(" FROM ");
        // Where all rows have to be sorted, their ids are: whole rows take three times as long.
        let by_id = matches!(self.query.order.by, SortBy::Size | SortBy::Type);
        if by_id {
            sql.push("(SELECT r.id FROM ");
        }
        sql.push(&self.table.quoted).push(" r WHERE ");
        in_bucket(&mut sql, self.target);
        self.conditions(&mut sql);
        narrowed(&mut sql, &self.query.narrow);
        self.searched(&mut sql);
        self.ranges().stretch(&mut sql, stretch);
        if let Some(edge) = edge {
            self.ranges().up_to(&mut sql, edge);
        }
        self.ordered(&mut sql);
        sql.push(" LIMIT ").push_bind(rows);
        if by_id {
            sql.push(") k JOIN ").push(&self.table.quoted).push(" r ON r.id = k.id");
            self.ordered(&mut sql);
        }
        sql
    }

    /// The last row that a step looks at. Rows of other buckets count too: they are in the same index.
    fn edge(&self, before: &str, stretch: &Stretch, step: u32) -> QueryBuilder<Postgres> {
        let mut sql = QueryBuilder::new(before);
        sql.push("SELECT r.id::bigint, ");
        match self.query.order.by {
            SortBy::Name => sql.push("r.").push(self.table.key).push("::text"),
            _ => sql.push("r.upload_timestamp::timestamptz"),
        };
        sql.push(" FROM ").push(&self.table.quoted).push(" r WHERE true");
        self.conditions(&mut sql);
        self.ranges().stretch(&mut sql, stretch);
        self.ordered(&mut sql);
        sql.push(" OFFSET ").push_bind(i64::from(step.saturating_sub(1))).push(" LIMIT 1");
        sql
    }

    async fn edge_of(
        &self,
        connection: &mut PgConnection,
        stretch: &Stretch,
        step: u32,
    ) -> Result<Option<Edge>, Error> {
        let row = self.edge("", stretch, step).build().persistent(false).fetch_optional(connection).await?;
        row.as_ref().map(|row| self.place(row)).transpose()
    }

    /// A row's place.
    fn place(&self, row: &PgRow) -> Result<Edge, Error> {
        let value = match self.query.order.by {
            SortBy::Name => Some(Value::Key(row.try_get(1)?)),
            _ => time(row, 1)?.map(Value::Date),
        };
        let id = row.try_get(0)?;
        Ok(value.map_or(Edge::Undated(id), |value| Edge::At(Spot { value, id })))
    }

    fn conditions(&self, sql: &mut QueryBuilder<Postgres>) {
        of_user(sql, self.query.user_id.as_deref());
        if let Some(prefix) = &self.query.prefix {
            begins_with(sql, self.table, prefix);
        }
    }

    fn searched(&self, sql: &mut QueryBuilder<Postgres>) {
        let key = format!("r.{}", self.table.key);
        let (needle, comparison) = match &self.search {
            None => return,
            // No other comparison goes by the index.
            Some(Search::ByIndex(needle)) => (needle, format!("{key} ILIKE ")),
            Some(Search::BeyondAscii(needle)) => return beyond_ascii(sql, &key, needle),
            Some(Search::ByRow(needle)) if !needle.has_case() => (needle, format!("{key} COLLATE \"C\" LIKE ")),
            Some(Search::ByRow(needle)) if needle.is_ascii() => return folding_ascii(sql, &key, needle),
            // "Ü" is "ü", too.
            Some(Search::ByRow(needle)) => (needle, format!("{key} ILIKE ")),
        };
        sql.push(" AND ").push(comparison).push_bind(needle.pattern());
    }

    fn ranges(&self) -> Ranges {
        Ranges { order: self.query.order, column: self.column() }
    }

    /// What the order goes by. Qualified, or else the name would mean the cast in the list of columns, which no index has.
    fn column(&self) -> String {
        match self.query.order.by {
            SortBy::Date => "r.upload_timestamp".into(),
            // The column is anybody's: less than nothing is not known.
            SortBy::Size => "(CASE WHEN r.size_bytes >= 0 THEN r.size_bytes END)".into(),
            SortBy::Type => "r.content_type COLLATE \"C\"".into(),
            SortBy::Name => format!("r.{} COLLATE \"C\"", self.table.key),
        }
    }

    /// The order of the index where there is one: by time NULLs stand at the newest's far end, so that from the oldest on
    /// they come first; such a page reads them apart.
    fn ordered(&self, sql: &mut QueryBuilder<Postgres>) {
        let Sort { by, reversed } = self.query.order;
        let direction = |reversed| if reversed { " DESC" } else { " ASC" };
        sql.push(" ORDER BY ").push(self.column()).push(direction(reversed));
        if by == SortBy::Name {
            return;
        }
        let first = by == SortBy::Date && !reversed;
        sql.push(if first { " NULLS FIRST, r.id" } else { " NULLS LAST, r.id" });
        sql.push(direction(self.query.order.ids_are_reversed()));
    }
}

/// Folding the case of a whole key is dear, even where only ASCII is folded; what few keys have is looked for first, in a
/// tenth of the time. Without IS TRUE the planner would put the dear one first, whose cost it takes for less.
fn folding_ascii(sql: &mut QueryBuilder<Postgres>, key: &str, needle: &Needle) {
    let key = format!("{key} COLLATE \"C\"");
    sql.push(" AND (");
    match needle.telling() {
        None => {}
        Some(Telling::Caseless(run)) => {
            sql.push(format!("{key} LIKE ")).push_bind(format!("%{}%", escaped(run))).push(" AND ");
        }
        Some(Telling::Letter(letter)) => {
            sql.push(format!("(strpos({key}, ")).push_bind(letter.to_string());
            sql.push(format!(") > 0 OR strpos({key}, ")).push_bind(letter.to_ascii_uppercase().to_string());
            sql.push(") > 0) AND ");
        }
    }
    sql.push(format!("{key} ILIKE ")).push_bind(needle.pattern()).push(") IS TRUE");
}

/// Folding letters of any language is dearer still, comparing two lengths is not.
fn beyond_ascii(sql: &mut QueryBuilder<Postgres>, key: &str, needle: &Needle) {
    sql.push(format!(" AND (octet_length({key}) <> length({key}) AND {key} ILIKE "));
    sql.push_bind(needle.pattern()).push(") IS TRUE");
}

/// Keys with a prefix, by the index of their bytes.
pub fn begins_with(sql: &mut QueryBuilder<Postgres>, table: &Table, prefix: &str) {
    sql.push(" AND r.").push(table.key).push(" COLLATE \"C\" LIKE ").push_bind(like_prefix(prefix));
}

/// Rows of a type, a size and an age; a comparison with NULL leaves a row out.
pub fn narrowed(sql: &mut QueryBuilder<Postgres>, narrow: &Narrow) {
    match narrow.media_type.as_deref() {
        None => {}
        Some(whole) if whole.contains('/') => {
            sql.push(" AND (r.content_type = ").push_bind(whole.to_owned());
            sql.push(" OR r.content_type LIKE ").push_bind(like_prefix(&format!("{whole};"))).push(")");
        }
        Some(kind) => drop(sql.push(" AND r.content_type LIKE ").push_bind(like_prefix(&format!("{kind}/")))),
    }
    if let Some(least) = narrow.at_least {
        sql.push(" AND r.size_bytes >= ").push_bind(stored(least));
    }
    if let Some(most) = narrow.at_most {
        sql.push(" AND r.size_bytes BETWEEN 0 AND ").push_bind(stored(most));
    }
    if let Some(since) = narrow.since {
        sql.push(" AND r.upload_timestamp >= ").push_bind(Time(since));
    }
}
