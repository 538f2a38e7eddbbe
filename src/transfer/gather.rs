//! Questions that many workers ask one by one and that are answered together: a worker stays a story about one transfer,
//! while catalog and bucket see one request for many of them.

use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::{self, BoxFuture};
use tokio::sync::{mpsc, oneshot};

use super::Connection;
use super::lanes::{Lane, Permit, Weight};
use crate::catalog::Catalog;
use crate::domain::{Failure, FailureKind, Result};
use crate::storage::ObjectStore;

/// Most keys of one question to the catalog.
const MOST_KEYS: usize = 500;

/// Most deletes that gather: as many as one request takes anywhere (AWS API reference, DeleteObjects).
const MOST_DELETES: usize = 1000;

/// What many questions come to: an error that concerns them all, or an answer to each, in their order.
type Answers<A> = Result<Vec<Result<A>>>;

/// Gathers the questions that come while others are being answered; the first goes at once.
pub struct Gatherer<A> {
    questions: mpsc::Sender<Question<A>>,
}

/// A key, and who asks about it.
type Question<A> = (String, oneshot::Sender<Result<A>>);

/// Who asked, in the order of the keys.
type Askers<A> = Vec<oneshot::Sender<Result<A>>>;

/// The right to ask, and about how many keys at once.
struct Turn<P> {
    permit: P,
    most: usize,
}

impl<A: Send + 'static> Gatherer<A> {
    /// Asks about up to `most` keys at once, as soon as there are any.
    fn new(most: usize, ask: impl Fn(Vec<String>) -> BoxFuture<'static, Answers<A>> + Send + 'static) -> Self {
        let at_once = move || future::ready(Ok(Turn { permit: (), most })).boxed();
        Self::in_turn(most, at_once, move |(), keys| ask(keys))
    }

    /// Asks when it is its turn; up to `held` questions gather until then, the others wait at the door.
    fn in_turn<P: Send + 'static>(
        held: usize,
        turn: impl Fn() -> BoxFuture<'static, Result<Turn<P>>> + Send + 'static,
        ask: impl Fn(P, Vec<String>) -> BoxFuture<'static, Answers<A>> + Send + 'static,
    ) -> Self {
        let (questions, mut waiting) = mpsc::channel(held);
        tokio::spawn(async move {
            while let Some(first) = waiting.recv().await {
                let turn = turn().await;
                let most = turn.as_ref().map_or(held, |turn| turn.most);
                let (keys, askers) = wanted(first, &mut waiting, most);
                match turn {
                    _ if keys.is_empty() => {}
                    // Nothing is waited for between choosing the keys and asking about them.
                    Ok(turn) => tell(askers, ask(turn.permit, keys).await),
                    Err(failure) => tell(askers, Err(failure)),
                }
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

/// Up to so many questions. Whoever was stopped while waiting does not want it any more: least of all that something is
/// deleted.
fn wanted<A>(first: Question<A>, waiting: &mut mpsc::Receiver<Question<A>>, most: usize) -> (Vec<String>, Askers<A>) {
    let rest = std::iter::from_fn(|| waiting.try_recv().ok());
    std::iter::once(first).chain(rest).filter(|(_, asker)| !asker.is_closed()).take(most).unzip()
}

fn tell<A>(askers: Askers<A>, answers: Answers<A>) {
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
            deletes: deletes(store.clone(), lane),
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

/// Deletes wait for a slot of the lane, and what is not wanted any more by then is not deleted.
fn deletes(store: Arc<dyn ObjectStore>, lane: Arc<Lane>) -> Gatherer<()> {
    let turn = {
        let store = store.clone();
        move || turn(store.clone(), lane.clone()).boxed()
    };
    Gatherer::in_turn(MOST_DELETES, turn, move |permit, keys| delete(store.clone(), permit, keys).boxed())
}

async fn turn(store: Arc<dyn ObjectStore>, lane: Arc<Lane>) -> Result<Turn<Permit>> {
    let permit = lane.request(Weight::Small).await?;
    Ok(Turn { permit, most: store.deletes_at_once() })
}

async fn delete(store: Arc<dyn ObjectStore>, permit: Permit, keys: Vec<String>) -> Answers<()> {
    let stay = store.delete_many(&keys).await?;
    drop(permit);
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

    /// Takes a turn when the test lets it, then says with how many it was asked, up to three.
    fn in_turn(gate: &Arc<Semaphore>) -> Gatherer<usize> {
        let gate = gate.clone();
        let turn = move || {
            let gate = gate.clone();
            let turn = async move { gate.acquire_owned().await.map(|permit| Turn { permit, most: 3 }) };
            turn.map(|turn| turn.map_err(|_closed| Failure::new(FailureKind::Offline, "shut"))).boxed()
        };
        Gatherer::in_turn(10, turn, |permit, keys: Vec<String>| {
            permit.forget();
            future::ready(Ok(keys.iter().map(|_| Ok(keys.len())).collect())).boxed()
        })
    }

    #[tokio::test]
    async fn what_is_stopped_before_its_turn_is_not_done_and_what_came_meanwhile_is() {
        let gate = Arc::new(Semaphore::new(0));
        let gatherer = in_turn(&gate);
        {
            let mut stopped = Box::pin(futures::future::join_all((0..5).map(|_| gatherer.ask("stopped"))));
            assert!(futures::poll!(stopped.as_mut()).is_pending());
            tokio::task::yield_now().await;
            assert!(futures::poll!(stopped.as_mut()).is_pending());
        }
        let mut others = Box::pin(futures::future::join_all((0..2).map(|_| gatherer.ask("k"))));
        assert!(futures::poll!(others.as_mut()).is_pending());
        gate.add_permits(1);
        assert_eq!(others.await, [Ok(2), Ok(2)]);
    }

    #[tokio::test]
    async fn a_turn_is_good_for_so_many_and_the_others_wait_for_the_next() {
        let gate = Arc::new(Semaphore::new(0));
        let gatherer = in_turn(&gate);
        let mut asked: Vec<_> = (0..4).map(|_| Box::pin(gatherer.ask("k"))).collect();
        asked.iter_mut().for_each(|asked| assert!(asked.now_or_never().is_none()));
        tokio::task::yield_now().await;
        let mut last = asked.pop().unwrap();
        gate.add_permits(1);
        assert_eq!(futures::future::join_all(asked).await, [Ok(3), Ok(3), Ok(3)]);
        tokio::task::yield_now().await;
        assert!(futures::poll!(last.as_mut()).is_pending());
        drop(last);
        let mut other = Box::pin(gatherer.ask("k"));
        assert!(futures::poll!(other.as_mut()).is_pending());
        gate.close();
        assert_eq!(other.await.unwrap_err().kind, FailureKind::Offline);
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
