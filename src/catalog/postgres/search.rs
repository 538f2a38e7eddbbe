//! How a search reads the table: by an index of trigrams where one serves, else in steps that look at a bounded number of
//! rows, so that the first hits come soon whatever is searched for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{Error, query};
use tokio::time::Instant;

use super::pages::Search;
use super::table::Table;
use super::trigrams::{self, Means};
use crate::catalog::RecordQuery;
use crate::catalog::needle::{NOT_BUILT, Needle, SECURED, TOO_SHORT};
use crate::catalog::order::{self, Stretch};
use crate::domain::capability::Reason;
use crate::domain::{Result as Answer, SortBy};

/// Rows that the first step looks at: about ten milliseconds.
const FIRST: u32 = 10_000;

/// Rows that each further step looks at in a table too large to be read at once: about a tenth of a second.
const FURTHER: u32 = 200_000;

/// Tables up to so many rows are read to the end by the second step, several processes at once: under half a second.
const AT_ONCE: u64 = 3_000_000;

/// How long what is known of the table's index is believed. Somebody may build or drop it meanwhile.
const BELIEVED: Duration = Duration::from_secs(60);

/// How long the server looks, in its own words; a search whose asker has gone ends by it.
const PATIENCE: &str = "20s";

/// What is known of what searches can go by.
#[derive(Default)]
pub struct Known(Mutex<Option<(Instant, Means, Option<Reason>)>>);

impl Known {
    /// What a search can go by, and why by no index where there is none.
    pub async fn get(&self, connection: &mut PgConnection, table: &Table) -> Result<(Means, Option<Reason>), Error> {
        let known = self.lock().filter(|(asked, ..)| asked.elapsed() < BELIEVED);
        if let Some((_, means, reason)) = known {
            return Ok((means, reason));
        }
        let means = trigrams::means(&mut *connection, table).await?;
        let reason = reason(connection, &means).await?;
        *self.lock() = Some((Instant::now(), means, reason));
        Ok((means, reason))
    }

    /// Forgets it: the table was migrated.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Means, Option<Reason>)>> {
        // It is whole between any two statements.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why there is no index that could be used; `None` where there is.
pub async fn reason(connection: &mut PgConnection, means: &Means) -> Result<Option<Reason>, Error> {
    match means {
        Means { secured: true, .. } => Ok(Some(SECURED)),
        Means { indexed: true, .. } => Ok(None),
        _ => Ok(Some(trigrams::refused(connection).await?.unwrap_or(NOT_BUILT))),
    }
}

/// How one page of a search is read.
pub struct Way {
    /// The comparison.
    pub search: Search,
    /// The parts of the order.
    pub stretches: Vec<Stretch>,
    /// Rows to look at, at most.
    pub step: Option<u32>,
    /// Why by no index.
    pub unindexed: Option<Reason>,
}

impl Way {
    /// The way for a query.
    ///
    /// # Errors
    /// `Internal` for a cursor of another order.
    pub fn new(query: &RecordQuery, needle: Needle, means: Means, reason: Option<Reason>) -> Answer<Self> {
        let unindexed = reason.or((!needle.has_a_trigram(means.only_ascii)).then_some(TOO_SHORT));
        let step = unindexed.and_then(|_| step(query, &means));
        let divide = if step.is_some() { order::stretches_apart } else { order::stretches };
        let stretches = divide(query.order, query.after.as_ref())?;
        let search = if unindexed.is_none() { Search::ByIndex(needle) } else { Search::ByRow(needle) };
        Ok(Self { search, stretches, step, unindexed })
    }

    /// Whether it may look at the whole table, row by row.
    pub fn is_long(&self) -> bool {
        self.unindexed.is_some() && self.step != Some(FIRST)
    }
}

/// By size and type there is no index, so that every step would have to look at all rows to find its first.
fn step(query: &RecordQuery, means: &Means) -> Option<u32> {
    let rows = means.rows.unwrap_or(u64::MAX);
    match (query.order.by, &query.after) {
        (SortBy::Size | SortBy::Type, _) => None,
        (_, None) => (rows > u64::from(FIRST)).then_some(FIRST),
        (_, Some(_)) => (rows > AT_ONCE).then_some(FURTHER),
    }
}

/// Has the server end the transaction's statements in time, unless it does so already.
pub async fn limit_time(connection: &mut PgConnection) -> Result<(), Error> {
    let sql = "SELECT set_config('statement_timeout', $1, true) FROM pg_settings \
               WHERE name = 'statement_timeout' AND setting::bigint NOT BETWEEN 1 AND extract(epoch FROM $1::interval) * 1000";
    query(sql).bind(PATIENCE).persistent(false).execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CursorValue, RecordCursor, Sort};

    const MEANS: Means = Means { indexed: true, secured: false, only_ascii: false, rows: Some(1_000_000) };

    fn way(search: &str, query: RecordQuery, means: Means, reason: Option<Reason>) -> Way {
        Way::new(&query, Needle::of(Some(search)).unwrap(), means, reason).unwrap()
    }

    fn behind() -> RecordQuery {
        let after = RecordCursor { value: CursorValue::Date(None), id: 1 };
        RecordQuery { after: Some(after), ..RecordQuery::default() }
    }

    #[test]
    fn an_index_serves_three_letters_and_is_read_at_once() {
        let served = way("abc", RecordQuery::default(), MEANS, None);
        assert_eq!((served.step, served.unindexed, served.is_long()), (None, None, false));
        assert!(matches!(served.search, Search::ByIndex(_)) && served.stretches == [Stretch::All]);
        let short = way("a.b", RecordQuery::default(), MEANS, None);
        assert_eq!((short.step, short.unindexed), (Some(FIRST), Some(TOO_SHORT)));
    }

    #[test]
    fn without_an_index_the_first_step_is_short_and_the_second_reads_to_the_end_of_what_is_not_too_large() {
        let first = way("abc", RecordQuery::default(), MEANS, Some(NOT_BUILT));
        assert_eq!((first.step, first.is_long()), (Some(FIRST), false));
        assert_eq!(first.stretches, [Stretch::Valued, Stretch::Unvalued(None)]);
        let second = way("abc", behind(), MEANS, Some(NOT_BUILT));
        assert_eq!((second.step, second.is_long()), (None, true));
        let large = Means { rows: Some(AT_ONCE + 1), ..MEANS };
        assert_eq!(way("abc", behind(), large, Some(SECURED)).step, Some(FURTHER));
        assert_eq!(way("abc", behind(), Means { rows: None, ..MEANS }, Some(SECURED)).step, Some(FURTHER));
    }

    #[test]
    fn small_tables_and_orders_without_an_index_are_read_at_once() {
        let small = Means { rows: Some(300), ..MEANS };
        assert_eq!(way("a", RecordQuery::default(), small, None).step, None);
        let by_size = RecordQuery { order: Sort { by: SortBy::Size, reversed: true }, ..RecordQuery::default() };
        assert_eq!(way("a", by_size, MEANS, None).step, None);
    }
}
