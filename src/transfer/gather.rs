//! Questions that many workers ask one by one and that are answered together: a worker stays a story about one transfer,
//! while catalog and bucket see one request for many of them.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::Connection;
use super::lanes::{Lane, Weight};
use crate::catalog::Catalog;
use crate::domain::{Failure, FailureKind, Result};
use crate::storage::ObjectStore;

/// Most keys of one question to the catalog.
const MOST_KEYS: usize = 500;

/// Most keys of one DeleteObjects request (AWS API reference, DeleteObjects).
const MOST_DELETES: usize = 1000;

/// What many questions come to: an error that concerns them all, or an answer to each, in their order.
type Answers<A> = Result<Vec<Result<A>>>;

/// Gathers the questions that come while others are being answered; the first goes at once.
pub struct Gatherer<A> {
    questions: mpsc::Sender<Question<A>>,
}

/// A key, and who asks about it.
type Question<A> = (String, oneshot::Sender<Result<A>>);

impl<A: Send + 'static> Gatherer<A> {
    /// Asks about up to `most` keys at once.
    pub fn new(most: usize, ask: impl Fn(Vec<String>) -> BoxFuture<'static, Answers<A>> + Send + 'static) -> Self {
        let (questions, mut waiting) = mpsc::channel(most);
        tokio::spawn(async move {
            let mut gathered: Vec<Question<A>> = Vec::new();
            while waiting.recv_many(&mut gathered, most).await > 0 {
                // Whoever was stopped while waiting does not want it any more: least of all that something is deleted.
                gathered.retain(|(_, asker)| !asker.is_closed());
                if gathered.is_empty() {
                    continue;
                }
                let (keys, askers): (Vec<String>, Vec<oneshot::Sender<Result<A>>>) = gathered.drain(..).unzip();
                tell(askers, ask(keys).await);
            }
        });
        Self { questions }
    }

    /// What is to be known about this key.
    ///
    /// # Errors
    /// What concerns this key, or all that it was asked with.
    pub async fn ask(&self, key: &str) -> Result<A> {
        let (answer, waiting) = oneshot::channel();
        let ended = || Failure::new(FailureKind::Internal, "nobody is left to ask");
        self.questions.send((key.to_owned(), answer)).await.map_err(|_closed| ended())?;
        waiting.await.map_err(|_closed| ended())?
    }
}

fn tell<A>(askers: Vec<oneshot::Sender<Result<A>>>, answers: Answers<A>) {
    // Whoever asked may have been stopped meanwhile.
    match answers {
        Ok(answers) => askers.into_iter().zip(answers).for_each(|(asker, answer)| drop(asker.send(answer))),
        Err(failure) => askers.into_iter().for_each(|asker| drop(asker.send(Err(failure.clone())))),
    }
}

/// What the workers of one connection ask together.
pub struct Gathered {
    /// Whether a record of the key could be written; asked before the first byte is sent.
    pub checks: Gatherer<()>,
    /// Whether the user can see a record of the key.
    pub known: Gatherer<bool>,
    /// Deletes the object.
    pub deletes: Gatherer<()>,
    // By these a connection is known again.
    store: Arc<dyn ObjectStore>,
    catalog: Arc<dyn Catalog>,
}

impl Gathered {
    fn new(connection: &Connection, lane: Arc<Lane>) -> Self {
        let (store, catalog) = (connection.store.clone(), connection.catalog.clone());
        let (writer, user) = (connection.writer.clone(), connection.profile.user_id.clone());
        Self {
            checks: Gatherer::new(MOST_KEYS, {
                let catalog = catalog.clone();
                move |keys| Box::pin(check(catalog.clone(), writer.clone(), keys))
            }),
            known: Gatherer::new(MOST_KEYS, {
                let catalog = catalog.clone();
                move |keys| Box::pin(known(catalog.clone(), user.clone(), keys))
            }),
            deletes: Gatherer::new(MOST_DELETES, {
                let store = store.clone();
                move |keys| Box::pin(delete(store.clone(), lane.clone(), keys))
            }),
            store,
            catalog,
        }
    }

    fn is_of(&self, connection: &Connection) -> bool {
        Arc::ptr_eq(&self.store, &connection.store) && Arc::ptr_eq(&self.catalog, &connection.catalog)
    }
}

async fn check(catalog: Arc<dyn Catalog>, writer: String, keys: Vec<String>) -> Answers<()> {
    let refused = catalog.check_many(&keys, &writer).await?;
    Ok(each(&keys, &refused))
}

async fn known(catalog: Arc<dyn Catalog>, user: Option<String>, keys: Vec<String>) -> Answers<bool> {
    let known = catalog.known(&keys, user.as_deref()).await?;
    Ok(keys.iter().map(|key| Ok(known.contains(key))).collect())
}

async fn delete(store: Arc<dyn ObjectStore>, lane: Arc<Lane>, keys: Vec<String>) -> Answers<()> {
    let _turn = lane.request(Weight::Small).await?;
    let stay = store.delete_many(&keys).await?;
    Ok(each(&keys, &stay))
}

/// An answer to each key: what went wrong with it, if anything did.
fn each(keys: &[String], wrong: &[(String, Failure)]) -> Vec<Result<()>> {
    let wrong: std::collections::HashMap<&str, &Failure> =
        wrong.iter().map(|(key, failure)| (key.as_str(), failure)).collect();
    keys.iter().map(|key| wrong.get(key.as_str()).map_or(Ok(()), |failure| Err((*failure).clone()))).collect()
}

/// The gatherers of all connections.
#[derive(Default)]
pub struct Gatherers(Mutex<Vec<Arc<Gathered>>>);

impl Gatherers {
    /// Those of a connection, begun when they are first asked for.
    pub fn of(&self, connection: &Connection, lane: impl FnOnce() -> Arc<Lane>) -> Arc<Gathered> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = all.iter().find(|gathered| gathered.is_of(connection)) {
            return found.clone();
        }
        // One that nobody uses any more belongs to a connection that was opened anew.
        all.retain(|gathered| Arc::strong_count(gathered) > 1);
        let begun = Arc::new(Gathered::new(connection, lane()));
        all.push(begun.clone());
        begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::Semaphore;

    /// Answers with how many were asked together, once the test lets it.
    fn counting(most: usize, gate: &Arc<Semaphore>) -> Gatherer<usize> {
        let gate = gate.clone();
        Gatherer::new(most, move |keys| {
            let gate = gate.clone();
            Box::pin(async move {
                gate.acquire().await.unwrap().forget();
                if keys.iter().any(|key| key == "away") {
                    return Err(Failure::new(FailureKind::CatalogAway, "away"));
                }
                let answer = |key: &String| match key.as_str() {
                    "refused" => Err(Failure::new(FailureKind::Conflict, "refused")),
                    _ => Ok(keys.len()),
                };
                Ok(keys.iter().map(answer).collect())
            })
        })
    }

    #[tokio::test]
    async fn the_first_goes_at_once_and_the_others_together() {
        let gate = Arc::new(Semaphore::new(0));
        let gatherer = counting(100, &gate);
        let mut first = Box::pin(gatherer.ask("first"));
        assert!(futures::poll!(first.as_mut()).is_pending());
        tokio::task::yield_now().await;
        let others: Vec<_> = (0..20).map(|_| gatherer.ask("k")).collect();
        let mut others = Box::pin(futures::future::join_all(others));
        assert!(futures::poll!(others.as_mut()).is_pending());
        gate.add_permits(2);
        assert_eq!(first.await, Ok(1));
        assert_eq!(others.await, vec![Ok(20); 20]);
    }

    #[tokio::test]
    async fn for_whoever_was_stopped_while_waiting_nothing_is_asked() {
        let gate = Arc::new(Semaphore::new(0));
        let gatherer = counting(100, &gate);
        let mut first = Box::pin(gatherer.ask("first"));
        assert!(futures::poll!(first.as_mut()).is_pending());
        tokio::task::yield_now().await;
        {
            let mut stopped = Box::pin(gatherer.ask("away"));
            assert!(futures::poll!(stopped.as_mut()).is_pending());
        }
        let mut other = Box::pin(gatherer.ask("k"));
        assert!(futures::poll!(other.as_mut()).is_pending());
        gate.add_permits(2);
        assert_eq!((first.await, other.await), (Ok(1), Ok(1)));
    }

    #[tokio::test]
    async fn a_refused_key_is_its_own_and_what_concerns_all_reaches_all() {
        let gate = Arc::new(Semaphore::new(100));
        let gatherer = counting(100, &gate);
        let (good, refused) = tokio::join!(gatherer.ask("k"), gatherer.ask("refused"));
        assert_eq!((good, refused.unwrap_err().kind), (Ok(2), FailureKind::Conflict));
        let (one, other) = tokio::join!(gatherer.ask("k"), gatherer.ask("away"));
        assert_eq!(
            (one.unwrap_err().kind, other.unwrap_err().kind),
            (FailureKind::CatalogAway, FailureKind::CatalogAway)
        );
    }

    #[tokio::test]
    async fn no_more_than_allowed_are_asked_at_once() {
        let gate = Arc::new(Semaphore::new(100));
        let gatherer = counting(8, &gate);
        let answers = futures::future::join_all((0..50).map(|_| gatherer.ask("k"))).await;
        assert!(answers.into_iter().all(|together| together.unwrap() <= 8));
    }
}
