//! Connections to read by, which end what they do where nobody waits for it any more: a search is given up with every further
//! letter, and SQLite, which runs in this process, would go on with each to its end.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqliteConnection};
use sqlx::{Connection, Error, SqlitePool};

/// SQLite's steps between two looks at the leash: far less than a millisecond.
const STEPS: i32 = 10_000;

/// A connection of the pool; dropped, it ends its statement.
pub struct Reader {
    connection: PoolConnection<Sqlite>,
    leash: Arc<Leash>,
}

/// How long statements go on.
#[derive(Default)]
struct Leash(Mutex<Until>);

#[derive(Debug, Clone, Copy, Default)]
enum Until {
    #[default]
    TheirEnd,
    Then(Instant),
    /// Nobody waits.
    Now,
}

impl Leash {
    fn until(&self) -> MutexGuard<'_, Until> {
        // It is whole between any two statements.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lets_on(&self) -> bool {
        match *self.until() {
            Until::TheirEnd => true,
            Until::Then(end) => Instant::now() < end,
            Until::Now => false,
        }
    }
}

impl Reader {
    /// A connection of the pool, which has to be one of those that [`release`] their connections.
    pub async fn new(pool: &SqlitePool) -> Result<Self, Error> {
        let mut connection = pool.acquire().await?;
        let leash = Arc::<Leash>::default();
        let watched = Arc::clone(&leash);
        connection.lock_handle().await?.set_progress_handler(STEPS, move || watched.lets_on());
        Ok(Self { connection, leash })
    }

    /// Ends the statements from here on after a time, as interrupted, until [`Reader::without_limit`].
    pub fn limit(&self, time: Duration) {
        *self.leash.until() = Until::Then(Instant::now() + time);
    }

    /// Lets statements go on to their end again.
    pub fn without_limit(&self) {
        *self.leash.until() = Until::TheirEnd;
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        *self.leash.until() = Until::Now;
    }
}

impl Deref for Reader {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

/// Makes a connection that goes back to the pool one of nobody's.
pub async fn release(connection: &mut SqliteConnection) -> Result<bool, Error> {
    // The handle may be had before a statement that was given up has even begun; its end comes before this answer.
    connection.ping().await?;
    connection.lock_handle().await?.remove_progress_handler();
    Ok(true)
}

#[cfg(test)]
mod tests {
    use futures::poll;
    use sqlx::query_scalar;
    use sqlx::sqlite::SqlitePoolOptions;

    use super::super::errors::was_interrupted;
    use super::*;

    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

    async fn pool_of_one() -> SqlitePool {
        let pool = SqlitePoolOptions::new().max_connections(1);
        pool.after_release(|connection, _| Box::pin(release(connection))).connect("sqlite::memory:").await.unwrap()
    }

    #[tokio::test]
    async fn what_is_given_up_ends_and_the_connection_serves_the_next() {
        let pool = pool_of_one().await;
        for _ in 0..3 {
            let mut reader = Reader::new(&pool).await.unwrap();
            let mut endless = Box::pin(query_scalar::<_, i64>(ENDLESS).fetch_one(&mut *reader));
            assert!(poll!(&mut endless).is_pending());
            drop(endless);
            drop(reader);
        }
        let counted = format!("SELECT count(*) FROM ({} LIMIT 100000)", ENDLESS.replace("max(i)", "i"));
        let mut plain = pool.acquire().await.unwrap();
        let rows: i64 = query_scalar(sqlx::AssertSqlSafe(counted)).fetch_one(&mut *plain).await.unwrap();
        assert_eq!(rows, 100_000);
    }

    #[tokio::test]
    async fn a_limit_ends_statements_and_is_lifted() {
        let pool = pool_of_one().await;
        let mut reader = Reader::new(&pool).await.unwrap();
        reader.limit(Duration::from_millis(1));
        let ended = query_scalar::<_, i64>(ENDLESS).fetch_one(&mut *reader).await;
        assert!(was_interrupted(&ended.unwrap_err()));
        reader.without_limit();
        assert_eq!(query_scalar::<_, i64>("SELECT 1").fetch_one(&mut *reader).await.unwrap(), 1);
    }
}
