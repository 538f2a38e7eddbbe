//! A few connections, opened when they are needed and closed when they rest. Each use is one transaction, which works
//! behind transaction poolers too, and a connection comes back only after its transaction ended well: what fails, hangs
//! or is cancelled half-way is simply closed. (The driver's own pool hides a refused connection behind a timeout.)

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures::FutureExt;
use futures::future::FusedFuture;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Error, query, raw_sql};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

/// Connections at once; a database that bills by the connection or has few of them is not crowded out.
const MOST: usize = 5;

/// How long a connection may rest. Neon suspends a database after 5 minutes without one at work.
const REST: Duration = Duration::from_secs(120);

/// How long opening a connection may take, all tries together: DNS, TCP, TLS, login, a database that wakes up.
const CONNECT: Duration = Duration::from_secs(9);

/// How long a connection that rested may take to answer before a new one is tried beside it.
const STILL_ALIVE: Duration = Duration::from_secs(3);

/// How long one transaction may take.
const TRANSACTION: Duration = Duration::from_secs(30);

/// Pauses before a connection is tried again that failed the way a database fails that is waking up. A server that is not
/// there at all is tried again after the first [`QUICK`] of them only; one that says that it starts, until time is up.
const TRY_AGAIN_AFTER: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_millis(800),
    Duration::from_millis(1500),
    Duration::from_millis(3000),
];

/// How many tries more a connection gets that was refused or cut.
const QUICK: usize = 3;

/// The connections of one catalog.
pub struct Pool {
    options: PgConnectOptions,
    /// Past a pooler, where the server behind it is known.
    direct: Option<PgConnectOptions>,
    /// How long a connection may rest.
    rest: Duration,
    permits: Arc<Semaphore>,
    resting: Arc<Mutex<Resting>>,
}

/// Connections that wait for their next use, and whether a task is there that will close them.
#[derive(Default)]
struct Resting {
    connections: Vec<Rested>,
    watched: bool,
}

struct Rested {
    connection: PgConnection,
    until: Instant,
}

/// A transaction on a connection of its own.
pub struct Session {
    connection: PgConnection,
    rest: Duration,
    resting: Arc<Mutex<Resting>>,
    _permit: OwnedSemaphorePermit,
}

/// Who the database is told is asking: a setting's name (such as `app.user_id`) and the user's id.
pub type Identity<'a> = Option<(&'a str, &'a str)>;

/// What a transaction reads the table by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whatever the planner thinks best.
    Any,
    /// Lists of whole keys, by the index that makes them unique. Since PostgreSQL 14 the planner also takes the index of
    /// trigrams for them where it knows little of the table; such an index is read by bitmaps alone.
    ByKeys,
}

impl Access {
    /// One message: it costs no round trip more.
    fn begin(self) -> &'static str {
        match self {
            Self::Any => "BEGIN",
            Self::ByKeys => "BEGIN; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off",
        }
    }
}

impl Pool {
    /// A pool without connections.
    pub fn new(options: PgConnectOptions, direct: Option<PgConnectOptions>) -> Self {
        Self { options, direct, rest: REST, permits: Arc::new(Semaphore::new(MOST)), resting: Arc::default() }
    }

    /// The same, whose connections rest that long.
    pub fn resting_for(self, rest: Duration) -> Self {
        Self { rest, ..self }
    }

    /// Connections that go past the pooler, where there is one and the server behind it can be found.
    pub async fn past_the_pooler(&self) -> Option<Self> {
        let options = self.direct.clone()?;
        let found = tokio::net::lookup_host((options.get_host().to_owned(), options.get_port())).await;
        found.is_ok_and(|mut addresses| addresses.next().is_some()).then(|| Self::new(options, None))
    }

    /// The server behind the pooler, where it is known.
    pub fn direct_host(&self) -> Option<&str> {
        self.direct.as_ref().map(PgConnectOptions::get_host)
    }

    /// Connects to the server behind the pooler, and leaves it again.
    ///
    /// # Errors
    /// The driver's; a timeout is `Error::Io(TimedOut)`.
    pub async fn reach_past_the_pooler(&self) -> Result<(), Error> {
        let Some(options) = &self.direct else { return Ok(()) };
        let connection = timeout(CONNECT, options.connect()).await.map_err(|_| timed_out())??;
        connection.close().await
    }

    /// Begins a transaction; waits for a free connection, wakes the database up where it sleeps.
    ///
    /// # Errors
    /// The driver's; a timeout is `Error::Io(TimedOut)`.
    pub async fn begin(&self, identity: Identity<'_>, access: Access) -> Result<Session, Error> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = within(async { permit.await.map_err(|_| Error::PoolClosed) }).await?;
        let rested = lock(&self.resting).connections.pop();
        let connection = match rested {
            Some(rested) => self.begin_on_rested(rested.connection, access).await?,
            None => self.begin_on_new(access).await?,
        };
        let (rest, resting) = (self.rest, Arc::clone(&self.resting));
        let mut session = Session { connection, rest, resting, _permit: permit };
        if let Some((setting, user)) = identity {
            let set = query("SELECT set_config($1, $2, true)").bind(setting).bind(user).persistent(false);
            within(set.execute(session.connection())).await?;
        }
        Ok(session)
    }

    /// A new connection outside any transaction, for what cannot run inside one.
    ///
    /// # Errors
    /// The driver's; a timeout is `Error::Io(TimedOut)`.
    pub async fn connect(&self) -> Result<PgConnection, Error> {
        timeout(CONNECT, self.options.connect()).await.map_err(|_| timed_out())?
    }

    /// The connection that rested last. It may have died meanwhile: the database slept or was restarted, or the network is
    /// another. Or it stands in a pooler's line, and keeps its place there while a new one is tried beside it.
    async fn begin_on_rested(&self, connection: PgConnection, access: Access) -> Result<PgConnection, Error> {
        let mut rested = pin!(begun(connection, access).fuse());
        if let Ok(Ok(connection)) = timeout(STILL_ALIVE, &mut rested).await {
            return Ok(connection);
        }
        let new = tokio::select! {
            Ok(connection) = &mut rested => return Ok(connection),
            new = self.begin_on_new(access) => new,
        };
        let new = match new {
            // The other side is there, and has no place for one more.
            Err(Error::Database(_)) if !rested.is_terminated() => return rested.await,
            new => new?,
        };
        // Whoever came first would have been answered first: it has died, and so have the others that rested.
        lock(&self.resting).connections.clear();
        Ok(new)
    }

    async fn begin_on_new(&self, access: Access) -> Result<PgConnection, Error> {
        let give_up = Instant::now() + CONNECT;
        let mut tries = 0;
        loop {
            let error = match self.connect_and_begin(give_up, access).await {
                Ok(connection) => return Ok(connection),
                Err(error) => error,
            };
            let pause = TRY_AGAIN_AFTER.get(tries).filter(|_| tries < more_tries(&error));
            match pause {
                Some(pause) if Instant::now() + *pause < give_up => sleep(*pause).await,
                _ => return Err(error),
            }
            tries += 1;
        }
    }

    /// Opening has its end; the first statement has a transaction's, because behind a pooler it may wait for its turn.
    async fn connect_and_begin(&self, give_up: Instant, access: Access) -> Result<PgConnection, Error> {
        begun(timeout_at(give_up, self.options.connect()).await.map_err(|_| timed_out())??, access).await
    }
}

/// The connection, in a transaction.
async fn begun(mut connection: PgConnection, access: Access) -> Result<PgConnection, Error> {
    within(raw_sql(access.begin()).execute(&mut connection)).await?;
    Ok(connection)
}

impl Session {
    /// For the transaction's statements.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Commits, and lets the connection rest.
    ///
    /// # Errors
    /// The driver's; what was written may or may not be there.
    pub async fn commit(self) -> Result<(), Error> {
        self.end("COMMIT").await
    }

    /// Takes everything back, and lets the connection rest.
    ///
    /// # Errors
    /// The driver's.
    pub async fn roll_back(self) -> Result<(), Error> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, how: &'static str) -> Result<(), Error> {
        within(raw_sql(how).execute(&mut self.connection)).await?;
        let mut resting = lock(&self.resting);
        resting.connections.push(Rested { connection: self.connection, until: Instant::now() + self.rest });
        if !resting.watched {
            resting.watched = true;
            tokio::spawn(close_the_rested(Arc::downgrade(&self.resting)));
        }
        Ok(())
    }
}

/// Closes connections whose rest is over; ends when none rests any more, or the pool is gone.
async fn close_the_rested(resting: Weak<Mutex<Resting>>) {
    while let Some(next) = resting.upgrade().and_then(|resting| next_to_close(&resting)) {
        sleep_until(next).await;
        let Some(resting) = resting.upgrade() else { return };
        let is_over = |rested: &mut Rested| rested.until <= Instant::now();
        let over: Vec<Rested> = lock(&resting).connections.extract_if(.., is_over).collect();
        drop(resting);
        for rested in over {
            // A connection that cannot say goodbye is gone already.
            let _ = timeout(STILL_ALIVE, rested.connection.close()).await;
        }
    }
}

/// When the next connection is to be closed; without one the watch is over.
fn next_to_close(resting: &Mutex<Resting>) -> Option<Instant> {
    let mut resting = lock(resting);
    let next = resting.connections.iter().map(|rested| rested.until).min();
    resting.watched = next.is_some();
    next
}

/// Runs a statement, but no longer than a transaction may take.
///
/// # Errors
/// The driver's; a timeout is `Error::Io(TimedOut)`.
pub async fn within<T>(statement: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(TRANSACTION, statement).await.map_err(|_| timed_out())?
}

fn timed_out() -> Error {
    Error::Io(io::ErrorKind::TimedOut.into())
}

fn lock(resting: &Mutex<Resting>) -> std::sync::MutexGuard<'_, Resting> {
    // The list is whole between any two statements, so a panic elsewhere leaves nothing half done.
    resting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many tries more an error is worth: a refused or cut connection, or a server that ends its sessions, a few; a server
/// that starts, has too many connections, or is Neon's proxy (whose own errors are all XX000) before its database is up,
/// as many as there is time for.
fn more_tries(error: &Error) -> usize {
    match error {
        Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => QUICK,
            _ => 0,
        },
        Error::Database(error) => match error.code().as_deref() {
            Some("57P03" | "53300" | "XX000") => TRY_AGAIN_AFTER.len(),
            Some("57P01" | "57P02") => QUICK,
            _ => 0,
        },
        _ => 0,
    }
}
