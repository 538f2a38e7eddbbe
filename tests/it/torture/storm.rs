//! A whole batch through a network on which everything goes wrong now and then, and what is damaged is caught.

use std::time::Duration;

use super::batch::{Batch, Size};
use super::life::Life;
use crate::support::postgres::texts;
use crate::support::rogue::{Ask, Dice, Fault};

const SIZE: Size = Size { small: 60, large: 256 << 20, fetched: 20, large_fetched: 100 << 20, deleted: 15 };

/// Requests while the catalog is there, or away.
const TURN: usize = 8;

/// How often it goes away at least.
const OUTAGES: usize = 3;

/// More than this many runs that end by themselves mean that nothing moves.
const MOST_RUNS: usize = 40;

/// Issue 3, "Must show" 2. What fails fails because it was damaged, has no record and no file, and goes through when it is
/// asked for again over a network that behaves.
#[tokio::test(flavor = "multi_thread")]
async fn everything_that_can_go_wrong_on_the_way_is_survived_or_caught() {
    let mut dice = Dice::thrown();
    let mut batch = Batch::queued(&SIZE, &mut dice).await;
    batch.rogue.faults(move |ask| weather(ask, &mut dice));
    let outages = run_while_the_catalog_comes_and_goes(&mut batch).await;
    println!("the catalog was stopped {outages} times");
    assert!(outages >= OUTAGES, "{outages} times is not often");
    batch.rogue.behave();
    ask_again_for_what_was_damaged(&mut batch).await;
    batch.is_done().await;
}

/// Stops the catalog and starts it again, each time after so many more requests, until nothing is open any more; answers
/// how often it was stopped. With the catalog away a run ends once everything waits for it.
async fn run_while_the_catalog_comes_and_goes(batch: &mut Batch) -> usize {
    let mut outages = 0;
    for run in 0.. {
        assert!(run < MOST_RUNS, "it never comes to its end: {:#?}", batch.transfers());
        let mut life = Life::begin(&batch.home, &["resume"]);
        for turn in 0.. {
            tokio::select! {
                () = batch.rogue.requests(TURN) => {}
                _ended = life.ended() => break,
            }
            if turn % 2 == 0 {
                batch.cluster.stop()
            } else {
                batch.cluster.start()
            }
            outages += usize::from(turn % 2 == 0);
        }
        batch.cluster.start();
        if !batch.is_open() {
            break;
        }
    }
    outages
}

/// One request in ten meets something.
fn weather(ask: &Ask, dice: &mut Dice) -> Option<Fault> {
    if !dice.one_in(10) {
        return None;
    }
    Some(match dice.below(40) {
        0..6 => Fault::SlowDown,
        6..9 => Fault::TooMany(Some(1)),
        9..12 => Fault::TooMany(None),
        12..18 => Fault::CutRequest,
        18..24 => Fault::CutAnswer,
        24..32 => Fault::LoseAnswer,
        32..36 if ask.carries_bytes() => Fault::FlipUp,
        32..36 if ask.reads() => Fault::FlipDown,
        36 => Fault::Stall(Duration::from_secs(10)),
        _ => Fault::CutAnswer,
    })
}

async fn ask_again_for_what_was_damaged(batch: &mut Batch) {
    let failed: Vec<_> = batch.transfers().into_iter().filter(|line| line["state"] == "failed").collect();
    for line in failed {
        let text = |field: &str| line[field].as_str().unwrap().to_owned();
        let (id, key, error) = (text("id"), text("key"), text("error"));
        assert!(error.contains("not arrive as it was sent") || error.contains("is not"), "{line}");
        let escaped = key.replace('\'', "''");
        let rows = texts(&batch.url, &format!("SELECT 1 FROM s3_files WHERE object_key = '{escaped}'")).await;
        assert!(rows.is_empty(), "{key} has a record");
        batch.home.run(["cancel", &id]).with(0);
        batch.cancelled += 1;
        if line["kind"] == "upload" {
            batch.home.run(["upload", &text("path"), "--key", &key, "--on-conflict", "overwrite"]).with(0);
        } else {
            assert!(!batch.home.here().join("got").join(&key).exists(), "{key} has its name");
            batch.home.run(["download", &key, "--to", "got"]).with(0);
        }
    }
}
