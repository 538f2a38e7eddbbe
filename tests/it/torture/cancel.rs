//! A cancel that is killed, or that cannot reach the bucket, is still a cancel: the next run ends what is left.

use super::faults::{home, records};
use super::life::{KILLED, Life};
use crate::support::home::noise;
use crate::support::program::Home;
use crate::support::rogue::{BUCKET, Fault, Gate, Rogue};

/// A home with an upload that was killed in the middle of its parts, and its id.
async fn half_sent() -> (Home, Rogue, String) {
    let (home, rogue) = home("s3").await;
    home.file("a.bin", noise(40 << 20, 1));
    let gate = Gate::closed();
    let held = gate.clone();
    rogue.faults(move |ask| (ask.part == Some(5)).then(|| Fault::HoldUp(held.clone())));
    let mut life = Life::begin(&home, &["upload", "a.bin", "--key", "k"]);
    gate.reached().await;
    life.kill();
    assert_eq!(life.ended().await.code, KILLED);
    gate.open();
    rogue.behave();
    rogue.quiet().await;
    let id = home.run(["transfers", "--json"]).with(0).json()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(open_uploads(&rogue).await, 1);
    (home, rogue, id)
}

async fn open_uploads(rogue: &Rogue) -> usize {
    rogue.direct().list_multipart_uploads().bucket(BUCKET).send().await.unwrap().uploads().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_that_is_killed_before_any_of_its_steps_is_carried_out_by_the_next_run() {
    for step in 0.. {
        let (home, rogue, id) = half_sent().await;
        rogue.stop_after(step);
        let mut life = Life::begin(&home, &["cancel", &id]);
        let stopped = tokio::select! {
            () = rogue.stopped() => true,
            _ended = life.ended() => false,
        };
        if stopped {
            life.kill();
            assert_eq!(life.ended().await.code, KILLED);
        }
        rogue.go_on();
        rogue.quiet().await;
        home.run(["resume"]);
        let line = &home.run(["transfers", "--json"]).with(0).json()[0];
        assert_eq!(line["state"], "cancelled", "killed before step {step}");
        assert_eq!((open_uploads(&rogue).await, records(&home)), (0, Vec::new()), "killed before step {step}");
        if !stopped {
            assert!(step > 0);
            return;
        }
    }
}
