//! The one task of this process that writes the index. What waits while a commit is under way goes into the next one
//! together, so that ten thousand small uploads wait for the disk a few hundred times only.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use s3s::{S3Error, S3Result};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Error};
use tokio::sync::{mpsc, oneshot};

use super::super::fault;
use super::Work;
use crate::domain::Result;

/// Writes that may wait at once.
const QUEUE: usize = 1024;

/// Writes that share a commit at most, so that the first of them does not wait for long.
const BATCH: usize = 256;

/// Why a piece of work did not write.
#[derive(Debug)]
pub enum WriteError {
    /// It decided so before it wrote anything; what else is in the transaction stands.
    Refused(S3Error),
    /// The index failed half-way; the whole transaction is taken back.
    Broken(Error),
}

impl From<S3Error> for WriteError {
    fn from(error: S3Error) -> Self {
        Self::Refused(error)
    }
}

impl From<Error> for WriteError {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// Tells whoever waits how the transaction ended.
type Settle = Box<dyn FnOnce(S3Result<()>) + Send>;

/// Work that has its answer's way back inside.
type Job = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<Settle, (Error, Settle)>> + Send>;

/// The way to the writing task; it ends with the last of these.
#[derive(Debug, Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    spent: Arc<Mutex<Vec<i64>>>,
}

impl Writer {
    /// Starts the task on a connection of its own.
    pub fn start(connection: SqliteConnection) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let spent = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(run(connection, queue, Arc::clone(&spent)));
        Self { jobs, spent }
    }

    /// Has `work` done, and waits for the commit.
    pub async fn write<T, F>(&self, work: F) -> S3Result<T>
    where
        T: Send + 'static,
        F: Work<T>,
    {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(job(work, answer)).await.map_err(|_closed| fault::stopping())?;
        answered.await.map_err(|_closed| fault::stopping())?
    }

    /// Blob ids that the next transaction takes out of the loose ones.
    pub fn forget(&self, blobs: impl IntoIterator<Item = i64>) {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).extend(blobs);
    }
}

fn job<T, F>(work: F, answer: oneshot::Sender<S3Result<T>>) -> Job
where
    T: Send + 'static,
    F: Work<T>,
{
    // Nobody waiting for the answer any more is fine: the client has gone, the write stands.
    Box::new(move |connection| {
        Box::pin(async move {
            match work(connection).await {
                Ok(value) => Ok(Box::new(move |end: S3Result<()>| {
                    let _gone = answer.send(end.map(|()| value));
                }) as Settle),
                Err(WriteError::Refused(refusal)) => Ok(Box::new(move |_end| {
                    let _gone = answer.send(Err(refusal));
                }) as Settle),
                Err(WriteError::Broken(error)) => Err((
                    error,
                    Box::new(move |end: S3Result<()>| {
                        let _gone = answer.send(Err(end.err().unwrap_or_else(fault::stopping)));
                    }) as Settle,
                )),
            }
        })
    })
}

async fn run(mut connection: SqliteConnection, mut queue: mpsc::Receiver<Job>, spent: Arc<Mutex<Vec<i64>>>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let forgotten = std::mem::take(&mut *spent.lock().unwrap_or_else(PoisonError::into_inner));
        let mut settles = Vec::with_capacity(batch.len());
        let end = commit(&mut connection, &forgotten, batch.drain(..), &mut settles).await;
        let trouble = end.err();
        if trouble.is_some() {
            spent.lock().unwrap_or_else(PoisonError::into_inner).extend(forgotten);
        }
        for settle in settles {
            settle(trouble.as_ref().map_or(Ok(()), |error| Err(again(error))));
        }
    }
}

/// Every job of a failed transaction gets the same answer, and an S3 error cannot be cloned.
fn again(error: &S3Error) -> S3Error {
    let mut copy = S3Error::with_message(error.code().clone(), error.message().unwrap_or_default().to_owned());
    if let Some(status) = error.status_code() {
        copy.set_status_code(status);
    }
    copy
}

/// One transaction. Jobs that have not run when one breaks are dropped, which tells their callers to give up too.
async fn commit(
    connection: &mut SqliteConnection,
    forgotten: &[i64],
    batch: impl Iterator<Item = Job>,
    settles: &mut Vec<Settle>,
) -> S3Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(fault::of_index)?;
    for blob in forgotten {
        let query = sqlx::query("DELETE FROM loose WHERE blob = ?").bind(blob);
        query.execute(&mut *transaction).await.map_err(fault::of_index)?;
    }
    for job in batch {
        match job(&mut transaction).await {
            Ok(settle) => settles.push(settle),
            Err((error, settle)) => {
                settles.push(settle);
                return Err(fault::of_index(error));
            }
        }
    }
    transaction.commit().await.map_err(fault::of_index)
}
