//! A source that changes while it is sent, an object that is replaced while it is fetched: noticed, told, and never mixed.

use super::check::part_files;
use super::faults::{get, home, put, records};
use super::life::{KILLED, Life};
use crate::support::home::noise;
use crate::support::rogue::{Ask, Fault, Gate, Rogue};

/// Several parts.
const LARGE: usize = 40 << 20;

/// Holds the first of the requests that something holds of, in the middle.
fn hold_first(rogue: &Rogue, holds: fn(&Ask) -> bool, way: fn(Gate) -> Fault) -> Gate {
    let gate = Gate::closed();
    let mut fault = Some(way(gate.clone()));
    rogue.faults(move |ask| if holds(ask) { fault.take() } else { None });
    gate
}

/// The file keeps its size, as a database or a disk image would.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changes_while_it_is_sent_fails_and_a_retry_sends_the_new_one() {
    let (home, rogue) = home("s3").await;
    home.file("a.bin", noise(LARGE, 1));
    let gate = hold_first(&rogue, |ask| ask.part == Some(2), Fault::HoldUp);
    let mut life = Life::begin(&home, &["upload", "a.bin", "--key", "k", "--json"]);
    gate.reached().await;
    let new = noise(LARGE, 2);
    home.file("a.bin", &new);
    gate.open();
    let ended = life.ended().await.with(1);
    let line = ended.json().pop().unwrap();
    assert_eq!(line["state"], "failed");
    assert!(line["error"].as_str().unwrap().contains("a.bin changed while it was sent"), "{line}");
    assert_eq!(records(&home), Vec::<String>::new());
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
    home.run(["cancel", line["id"].as_str().unwrap()]).with(0);
    assert_eq!(rogue.open_uploads().await, 0, "its parts are gone with it");
    home.run(["upload", "a.bin", "--key", "k"]).with(0);
    assert!(get(&rogue.direct(), "k").await == new);
    assert_eq!(records(&home), ["k"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changed_between_two_runs_starts_over() {
    let (home, rogue) = home("s3").await;
    home.file("a.bin", noise(LARGE, 3));
    let gate = hold_first(&rogue, |ask| ask.part == Some(5), Fault::HoldUp);
    let mut life = Life::begin(&home, &["upload", "a.bin", "--key", "k"]);
    gate.reached().await;
    life.kill();
    assert_eq!(life.ended().await.code, KILLED);
    gate.open();
    rogue.quiet().await;
    assert_eq!(rogue.open_uploads().await, 1);
    let new = noise(LARGE - 7, 4);
    home.file("a.bin", &new);
    home.run(["resume"]).with(0);
    assert!(get(&rogue.direct(), "k").await == new, "parts of two files are mixed");
    assert_eq!(rogue.open_uploads().await, 0);
    assert_eq!(records(&home), ["k"]);
}

/// A small file goes as it was when it was read.
#[tokio::test(flavor = "multi_thread")]
async fn a_small_file_that_changes_while_it_is_sent_is_one_or_the_other() {
    let (home, rogue) = home("s3").await;
    let (old, new) = (noise(3 << 20, 5), noise(3 << 20, 6));
    home.file("a.bin", &old);
    let gate = hold_first(&rogue, Ask::carries_bytes, Fault::HoldUp);
    let mut life = Life::begin(&home, &["upload", "a.bin", "--key", "k"]);
    gate.reached().await;
    home.file("a.bin", &new);
    gate.open();
    life.ended().await.with(0);
    let there = get(&rogue.direct(), "k").await;
    assert!(there == old || there == new);
    assert_eq!(records(&home), ["k"]);
}

/// Whichever it is, it is one of the two objects, whole.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_replaced_while_it_is_fetched_is_never_mixed() {
    let (home, rogue) = home("s3").await;
    let (old, new) = (noise(LARGE, 7), noise(LARGE, 8));
    put(&rogue.direct(), "k", old.clone()).await;
    let gate = hold_first(&rogue, Ask::reads, Fault::HoldDown);
    let mut life = Life::begin(&home, &["download", "k", "--to", "down"]);
    gate.reached().await;
    put(&rogue.direct(), "k", new.clone()).await;
    gate.open();
    let ended = life.ended().await;
    if ended.code == 0 {
        let got = home.read("down/k");
        assert!(got == old || got == new, "two objects are mixed");
    } else {
        assert!(ended.err.contains("replaced while it was read"), "{}", ended.err);
        assert!(!home.here().join("down/k").exists());
        home.run(["download", "k", "--to", "down"]).with(0);
        assert!(home.read("down/k") == new);
    }
    assert_eq!(part_files(&home.here()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_replaced_between_two_runs_is_fetched_anew() {
    let (home, rogue) = home("s3").await;
    let (old, new) = (noise(LARGE, 9), noise(LARGE, 10));
    put(&rogue.direct(), "k", old).await;
    let gate = hold_first(&rogue, Ask::reads, Fault::HoldDown);
    let mut life = Life::begin(&home, &["download", "k", "--to", "down"]);
    gate.reached().await;
    life.kill();
    assert_eq!(life.ended().await.code, KILLED);
    gate.open();
    rogue.quiet().await;
    put(&rogue.direct(), "k", new.clone()).await;
    home.run(["resume"]).with(0);
    assert!(home.read("down/k") == new);
    assert_eq!(part_files(&home.here()), Vec::<String>::new());
}
