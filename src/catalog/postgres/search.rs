//! How a search reads the table: by an index of trigrams where one serves, else in steps that look at a bounded number of
//! rows, so that the first hits come soon whatever is searched for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Error, raw_sql};
use tokio::time::Instant;

use super::pages::Search;
use super::table::Table;
use super::trigrams::{self, Means};
use crate::catalog::needle::{NOT_BUILT, Needle, SECURED, TOO_SHORT};
use crate::catalog::order::{self, Stretch};
use crate::catalog::{Pace, RecordQuery};
use crate::domain::Result as Answer;
use crate::domain::capability::Reason;

/// How long what is known of the table's index is believed. Somebody may build or drop it meanwhile.
const BELIEVED: Duration = Duration::from_secs(60);

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
    pub fn new(pace: &Pace, query: &RecordQuery, needle: Needle, means: Means, reason: Option<Reason>) -> Answer<Self> {
        let unindexed = reason.or((!needle.has_a_trigram(means.only_ascii)).then_some(TOO_SHORT));
        let step = unindexed.and_then(|_| pace.step(query, means.rows));
        let divide = if step.is_some() { order::stretches_apart } else { order::stretches };
        let stretches = divide(query.order, query.after.as_ref())?;
        let search = match unindexed {
            None => Search::ByIndex(needle),
            Some(_) => by_row(needle, means),
        };
        Ok(Self { search, stretches, step, unindexed })
    }
}

fn by_row(needle: Needle, means: Means) -> Search {
    let sifts = means.utf8 && needle.has_case() && needle.is_beyond_ascii();
    if sifts { Search::BeyondAscii(needle) } else { Search::ByRow(needle) }
}

/// Milliseconds between two looks of the server whether anybody is there for its answer.
const LOOKS: u32 = 100;

/// Has the server end the transaction's statements in time, unless it does so already, and soon after the connection was
/// closed on which they were asked: what nobody waits for any more, it would go on with to its end. SQL that answers nothing
/// may go before it. Only Linux tells every server from 14 on of a closed connection (PostgreSQL manual,
/// `client_connection_check_interval`).
pub async fn limit_time(connection: &mut PgConnection, most: Duration, more: &str) -> Result<(), Error> {
    let most = most.as_millis();
    let sql = format!(
        "{more}; SELECT set_config('statement_timeout', '{most}', true) FROM pg_settings \
         WHERE name = 'statement_timeout' AND setting::bigint NOT BETWEEN 1 AND {most} \
         UNION ALL SELECT set_config(name, '{LOOKS}', true) FROM pg_settings \
         WHERE name = 'client_connection_check_interval' AND setting = '0' AND version() LIKE '%linux%'"
    );
    raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CursorValue, RecordCursor, Sort, SortBy};

    const MEANS: Means = Means { indexed: true, secured: false, only_ascii: false, utf8: true, rows: Some(1_000_000) };

    fn way(search: &str, query: RecordQuery, means: Means, reason: Option<Reason>) -> Way {
        Way::new(&Pace::default(), &query, Needle::of(Some(search)).unwrap(), means, reason).unwrap()
    }

    fn behind() -> RecordQuery {
        let after = RecordCursor { value: CursorValue::Date(None), id: 1 };
        RecordQuery { after: Some(after), ..RecordQuery::default() }
    }

    #[test]
    fn an_index_serves_three_letters_and_is_read_at_once() {
        let served = way("abc", RecordQuery::default(), MEANS, None);
        assert_eq!((served.step, served.unindexed), (None, None));
        assert!(matches!(served.search, Search::ByIndex(_)) && served.stretches == [Stretch::All]);
        let short = way("a.b", RecordQuery::default(), MEANS, None);
        assert_eq!((short.step, short.unindexed), (Some(10_000), Some(TOO_SHORT)));
    }

    #[test]
    fn without_an_index_the_first_step_is_short_and_the_second_reads_to_the_end_of_what_is_not_too_large() {
        let first = way("abc", RecordQuery::default(), MEANS, Some(NOT_BUILT));
        assert_eq!(first.step, Some(10_000));
        assert_eq!(first.stretches, [Stretch::Valued, Stretch::Unvalued(None)]);
        let second = way("abc", behind(), MEANS, Some(NOT_BUILT));
        assert_eq!(second.step, None);
        let large = Means { rows: Some(3_000_001), ..MEANS };
        assert_eq!(way("abc", behind(), large, Some(SECURED)).step, Some(200_000));
        assert_eq!(way("abc", behind(), Means { rows: None, ..MEANS }, Some(SECURED)).step, Some(200_000));
    }

    #[test]
    fn keys_that_are_all_ascii_are_passed_over_where_only_their_bytes_tell() {
        let searched = |needle: &str, means| way(needle, RecordQuery::default(), means, Some(NOT_BUILT)).search;
        assert!(matches!(searched("Übersicht", MEANS), Search::BeyondAscii(_)));
        let others = [("report", MEANS), ("文件", MEANS), ("Übersicht", Means { utf8: false, ..MEANS })];
        for (needle, means) in others {
            assert!(matches!(searched(needle, means), Search::ByRow(_)), "{needle}");
        }
    }

    #[test]
    fn small_tables_and_orders_without_an_index_are_read_at_once() {
        let small = Means { rows: Some(300), ..MEANS };
        assert_eq!(way("a", RecordQuery::default(), small, None).step, None);
        let by_size = RecordQuery { order: Sort { by: SortBy::Size, reversed: true }, ..RecordQuery::default() };
        assert_eq!(way("a", by_size, MEANS, None).step, None);
    }
}
