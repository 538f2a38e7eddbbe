//! Two programs on one journal: each transfer is run by one of them, and the one that lives takes over from the one that
//! was killed.

use std::collections::BTreeMap;
use std::time::Instant;

use super::batch::{Batch, Size};
use super::life::{KILLED, Life};
use crate::support::rogue::{Dice, Entry};

const SIZE: Size = Size { small: 40, large: 64 << 20, fetched: 10, large_fetched: 20 << 20, deleted: 10 };

/// How often each object and each part was stored.
fn times(stored: &[Entry]) -> BTreeMap<(String, Option<u32>), usize> {
    let mut times = BTreeMap::new();
    for entry in stored {
        *times.entry((entry.ask.key.clone(), entry.ask.part)).or_default() += 1;
    }
    times
}

fn stored(batch: &Batch) -> Vec<Entry> {
    batch.rogue.ledger().which(|entry| entry.ask.carries_bytes() && entry.acknowledged())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_transfer_is_run_by_one_of_two() {
    let batch = Batch::queued(&SIZE, &mut Dice::thrown()).await;
    let mut both = [Life::begin(&batch.home, &["resume"]), Life::begin(&batch.home, &["resume"])];
    for life in &mut both {
        life.ended().await.with(0);
    }
    batch.is_done().await;
    let twice: Vec<_> = times(&stored(&batch)).into_iter().filter(|(_, count)| *count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_survivor_takes_over_from_the_one_that_is_killed() {
    let mut dice = Dice::thrown();
    let batch = Batch::queued(&SIZE, &mut dice).await;
    batch.rogue.stop_after(200 + dice.below(1000));
    let mut first = Life::begin(&batch.home, &["resume"]);
    let mut second = Life::begin(&batch.home, &["resume"]);
    batch.rogue.stopped().await;
    let killed = Instant::now();
    first.kill();
    assert_eq!(first.ended().await.code, KILLED);
    batch.rogue.go_on();
    second.ended().await.with(0);
    batch.is_done().await;
    nothing_acknowledged_went_again(&batch, killed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_takes_over_from_a_command_that_is_killed() {
    let mut dice = Dice::thrown();
    let batch = Batch::queued(&SIZE, &mut dice).await;
    batch.rogue.stop_after(200 + dice.below(1000));
    let mut command = Life::begin(&batch.home, &["resume"]);
    batch.rogue.stopped().await;
    let mut screen = batch.home.screen(100, 30);
    screen.sees("by another Windlass");
    let killed = Instant::now();
    command.kill();
    assert_eq!(command.ended().await.code, KILLED);
    batch.rogue.go_on();
    batch.finished_by_another();
    screen.sees("3 Transfers ──").press("q").ended();
    batch.is_done().await;
    nothing_acknowledged_went_again(&batch, killed);
}

/// What was acknowledged before one was killed is not sent again by the other.
fn nothing_acknowledged_went_again(batch: &Batch, killed: Instant) {
    let (before, after): (Vec<_>, Vec<_>) = stored(batch).into_iter().partition(|entry| entry.ended < killed);
    let after = times(&after);
    let twice: Vec<_> = times(&before).into_keys().filter(|sent| after.contains_key(sent)).collect();
    assert!(twice.is_empty(), "acknowledged before the kill and sent again after it: {twice:?}");
}
