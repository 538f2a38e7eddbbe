//! SIGKILL, over and over, at moments that chance chooses: before a request, between two pieces of a body, after the server
//! did the work but before its answer, and a moment later, between an answer and its commit.

use std::collections::BTreeMap;
use std::time::Duration;

use super::batch::{Batch, LARGE, Size};
use super::fetched::Fetched;
use super::life::{KILLED, Life};
use crate::support::rogue::Dice;

/// Kills that have to hit a process with work to do.
const KILLS: usize = 100;

/// More than this many runs that end by themselves mean that nothing moves.
const MOST_RUNS: usize = 40;

const SIZE: Size = Size { small: 60, large: 256 << 20, fetched: 20, large_fetched: 100 << 20, deleted: 15 };

/// Issue 3, "Must show" 1.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_kills_lose_nothing_double_nothing_and_send_no_acknowledged_part_again() {
    let mut dice = Dice::thrown();
    let mut batch = Batch::queued(&SIZE, &mut dice).await;
    let mut fetched = Fetched::default();
    let kills = torment(&mut batch, &mut fetched, &mut dice).await;
    batch.cluster.start();
    batch.finish().await;
    batch.is_done().await;
    nothing_acknowledged_went_twice(&batch, kills);
    println!("{} MiB of the large download were fetched again", fetched.again >> 20);
}

/// Runs and kills until enough kills have hit.
async fn torment(batch: &mut Batch, fetched: &mut Fetched, dice: &mut Dice) -> usize {
    let (mut kills, mut ends) = (0, 0);
    while kills < KILLS {
        batch.rogue.stop_after(moment(dice, kills));
        let mut life = Life::begin(&batch.home, &["resume"]);
        if dice.one_in(6) {
            turn_the_catalog(batch, dice);
        }
        let stopped = tokio::select! {
            () = batch.rogue.stopped() => true,
            ended = life.ended() => {
                assert_ne!(ended.out, "nothing is open\n", "everything was done after {kills} kills");
                batch.cluster.start();
                ends += 1;
                assert!(ends < MOST_RUNS, "{ends} runs ended by themselves: {}{}", ended.out, ended.err);
                false
            }
        };
        if stopped {
            kills += usize::from(strike(batch, life, dice).await);
        }
        batch.rogue.go_on();
        batch.rogue.quiet().await;
        fetched.after_a_run(batch);
    }
    kills
}

/// How many steps a run may take: mostly the few around a request, now and then enough for whole parts.
pub fn moment(dice: &mut Dice, kills: usize) -> u64 {
    if kills % 12 == 11 { 400 + dice.below(600) } else { 1 << dice.below(5) }
}

/// Kills where everything stands still, or a moment after it goes on again; answers whether there was work left. Where it
/// stands still, some request is unanswered, so that there is.
async fn strike(batch: &Batch, mut life: Life, dice: &mut Dice) -> bool {
    let later = dice.one_in(4);
    if later {
        batch.rogue.go_on();
        tokio::time::sleep(Duration::from_millis(dice.below(15))).await;
    }
    life.kill();
    let hit = life.ended().await.code == KILLED;
    hit && (!later || work_is_left(batch))
}

pub fn work_is_left(batch: &Batch) -> bool {
    batch.transfers().iter().any(|line| line["state"] != "done")
}

fn turn_the_catalog(batch: &mut Batch, dice: &mut Dice) {
    if dice.one_in(2) { batch.cluster.stop() } else { batch.cluster.start() }
}

/// The bound is the strictest there is: between two runs the server has answered everything that reached it whole, and a
/// run asks the bucket before it sends, so that what was acknowledged is never sent again. What was lost with a run is at
/// most what was on its way: the parts in flight.
pub fn nothing_acknowledged_went_twice(batch: &Batch, kills: usize) {
    for (key, path) in &batch.sent {
        let mut times = BTreeMap::new();
        for stored in batch.rogue.ledger().stored(key) {
            *times.entry((stored.ask.upload, stored.ask.part)).or_insert(0) += 1;
        }
        assert!(times.values().all(|count| *count == 1), "{key} was acknowledged and sent again: {times:?}");
        let bytes: u64 = batch.rogue.ledger().stored(key).iter().map(|stored| stored.up).sum();
        assert_eq!(bytes, std::fs::metadata(path).unwrap().len(), "{key} went up in more than one upload");
    }
    let lost = batch.rogue.ledger().which(|entry| entry.ask.key == LARGE && !entry.acknowledged());
    let lost: u64 = lost.iter().map(|entry| entry.up).sum();
    let in_flight = 4 * (6 << 20);
    assert!(lost <= kills as u64 * in_flight, "{lost} bytes were lost in {kills} kills");
    println!("{kills} kills: {} MiB of parts lost on their way", lost >> 20);
}
