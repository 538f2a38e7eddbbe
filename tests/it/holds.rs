//! What holds a whole profile: a bucket that is away, credentials that are wrong. It is met by a few transfers, said once,
//! and counted against none.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use windlass::domain::transfer::{Hold, QueueView};
use windlass::domain::{Failure, FailureKind, TransferId, TransferKind, TransferState};
use windlass::transfer::{Connector, Queue, Scope, Towards};

use crate::support::faulty::{Faults, Faulty};
use crate::support::home::{Wrapped, job, queue};
use crate::support::program::Home;

/// Requests that a profile with eight jobs has under way at most, and a few that were on their way meanwhile.
const UNDER_WAY: u64 = 8 * 4 + 8;

/// A queue over a bucket that meets every put with this.
struct Trouble {
    home: Home,
    faults: Arc<Faults>,
    queue: Arc<Queue>,
    ids: Vec<TransferId>,
}

impl Trouble {
    async fn with(kind: FailureKind, uploads: usize) -> Self {
        let home = Home::new();
        let services = home.services();
        let connection = services.connect("local").await.unwrap();
        let faults = Arc::new(Faults::default());
        *faults.every_put.lock().unwrap() = Some(Failure::new(kind, "the bucket is in trouble"));
        let connector: Arc<dyn Connector> = Wrapped::new(services, {
            let faults = faults.clone();
            move |store| Faulty::around(store, faults.clone())
        });
        let queue = queue(&home, connector, Scope::All).await;
        let source = home.file("f", b"x");
        let jobs = (0..uploads).map(|number| {
            let mut job = job(TransferKind::Upload, &connection, &format!("k{number}"), Some(&source));
            job.size = Some(1);
            job
        });
        let ids = queue.enqueue(jobs.collect()).await.unwrap();
        Self { home, faults, queue, ids }
    }

    fn ends(&self) {
        *self.faults.every_put.lock().unwrap() = None;
    }

    async fn until(&self, holds: impl Fn(&QueueView) -> bool) -> Arc<QueueView> {
        let mut view = self.queue.view();
        let there = tokio::time::timeout(Duration::from_secs(60), view.wait_for(|seen| holds(seen))).await;
        match there {
            Ok(seen) => seen.unwrap().clone(),
            Err(_late) => panic!("it never came to that: {:?}", counts(&self.queue.view().borrow())),
        }
    }

    async fn all_are(&self, state: TransferState) {
        self.until(|seen| counts(seen) == HashMap::from([(state, self.ids.len())])).await;
    }
}

fn counts(view: &QueueView) -> HashMap<TransferState, usize> {
    let mut counts = HashMap::new();
    view.transfers.iter().for_each(|shown| *counts.entry(shown.transfer.state).or_default() += 1);
    counts
}

fn hold(view: &QueueView) -> Option<&Hold> {
    view.lanes.iter().find_map(|lane| lane.hold.as_ref())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_away_is_said_once_and_all_goes_on_by_itself() {
    let trouble = Trouble::with(FailureKind::Offline, 300).await;
    let all_wait = |seen: &QueueView| seen.transfers.iter().filter(|shown| shown.held).count() == 300;
    let seen = trouble.until(all_wait).await;
    let said = hold(&seen).unwrap();
    assert_eq!((said.failure.kind, said.waiting), (FailureKind::Offline, 300));
    assert!(seen.transfers.iter().all(|shown| shown.transfer.attempts == 0), "it counts against none");
    assert!(trouble.faults.puts_asked.load(Ordering::SeqCst) <= UNDER_WAY, "the others were not tried");
    let settled = tokio::time::timeout(Duration::from_secs(30), trouble.queue.settled(&trouble.ids)).await;
    assert!(settled.unwrap().is_ok(), "for a command that does not wait, that is the end");
    trouble.ends();
    trouble.all_are(TransferState::Done).await;
    assert_eq!(hold(&trouble.queue.view().borrow()), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_fail_none_and_hold_all_until_one_is_retried() {
    let trouble = Trouble::with(FailureKind::Credentials, 300).await;
    let seen = trouble.until(|seen| seen.transfers.iter().filter(|shown| shown.held).count() == 300).await;
    assert_eq!(counts(&seen).get(&TransferState::Failed), None);
    let said = hold(&seen).unwrap();
    assert_eq!((said.failure.kind, said.next_try_in, said.waiting), (FailureKind::Credentials, None, 300));
    assert!(trouble.faults.puts_asked.load(Ordering::SeqCst) <= UNDER_WAY, "the others were not tried");
    trouble.ends();
    trouble.queue.retry(&trouble.ids[150..151]).await.unwrap();
    trouble.all_are(TransferState::Done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_moved_paused_gone_on_with_and_cancelled_all_at_once() {
    let trouble = Trouble::with(FailureKind::Credentials, 2000).await;
    trouble.until(|seen| seen.transfers.iter().filter(|shown| shown.held).count() == 2000).await;
    let (queue, ids) = (&trouble.queue, &trouble.ids);
    let order =
        || -> Vec<TransferId> { queue.view().borrow().transfers.iter().map(|shown| shown.transfer.id).collect() };
    let before = order();
    assert_eq!(queue.shift(&before[1000..1002], Towards::Front).await.unwrap(), 2);
    trouble.until(|seen| seen.transfers[999].transfer.id == before[1000]).await;
    assert_eq!(order()[999..1002], [before[1000], before[1001], before[999]]);

    assert_eq!(queue.pause(ids).await.unwrap(), 2000);
    let paused = |seen: &QueueView| counts(seen).get(&TransferState::Paused) == Some(&2000);
    trouble.until(paused).await;
    assert_eq!(queue.go_on(&before).await.unwrap(), 2000);
    trouble.until(|seen| !counts(seen).contains_key(&TransferState::Paused)).await;
    assert_eq!(queue.cancel(ids).await.unwrap(), 2000);
    trouble.all_are(TransferState::Cancelled).await;
    assert_eq!(trouble.faults.puts_sent.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_in_one_process_let_the_commands_of_others_end() {
    let trouble = Trouble::with(FailureKind::Credentials, 300).await;
    trouble.until(|seen| seen.transfers.iter().filter(|shown| shown.held).count() == 300).await;
    let windlass =
        |arguments: &[&str]| tokio::process::Command::from(trouble.home.command(arguments)).kill_on_drop(true).output();
    let uploaded = windlass(&["upload", "f", "--key", "k0"]);
    let resumed = windlass(&["resume"]);
    let both = async { (uploaded.await.unwrap(), resumed.await.unwrap()) };
    let (uploaded, resumed) = tokio::time::timeout(Duration::from_secs(60), both).await.expect("they wait for ever");
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said(&uploaded).contains("waits for an earlier transfer of the same key"), "{}", said(&uploaded));
    let mend = "press r there once the credentials of profile local are right";
    assert!(said(&resumed).contains(mend), "{}", said(&resumed));
    assert_eq!((uploaded.status.code(), resumed.status.code()), (Some(1), Some(1)));
    trouble.queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paused_when_it_was_cancelled_comes_back_paused() {
    let trouble = Trouble::with(FailureKind::Credentials, 3).await;
    trouble.until(|seen| seen.transfers.iter().filter(|shown| shown.held).count() == 3).await;
    let (queue, ids) = (&trouble.queue, &trouble.ids);
    queue.pause(ids).await.unwrap();
    trouble.all_are(TransferState::Paused).await;
    queue.cancel(ids).await.unwrap();
    trouble.all_are(TransferState::Cancelled).await;
    trouble.ends();
    assert_eq!(queue.pause_again(ids).await.unwrap(), 3);
    trouble.all_are(TransferState::Paused).await;
    assert_eq!(trouble.faults.puts_sent.load(Ordering::SeqCst), 0, "none of them began");
    queue.go_on(ids).await.unwrap();
    trouble.all_are(TransferState::Done).await;
}
