//! A cancel that is killed, or that cannot reach the bucket, is still a cancel: the next run ends what is left.

use super::faults::{home, records};
use super::life::{KILLED, Life};
use crate::support::home::noise;
use crate::support::program::Home;
use crate::support::rogue::{Fault, Gate, Rogue};

/// A home with an upload that was killed in the middle of its parts, and its id.
pub async fn half_sent() -> (Home, Rogue, String) {
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
    assert_eq!(rogue.open_uploads().await, 1);
    (home, rogue, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_without_a_bucket_says_so_and_is_carried_out_by_the_next_run() {
    for again in ["resume", "cancel"] {
        let (home, rogue, id) = half_sent().await;
        rogue.faults(|_| Some(Fault::CutRequest));
        let cancelled = home.run(["cancel", &id]).with(1);
        let said = cancelled.out.trim_end();
        assert!(said.contains("a.bin: cancelled, but something may be left behind: "), "{said}");
        assert!(said.ends_with("windlass resume removes it"), "{said}");
        let resumed = home.run(["resume"]).with(1);
        assert!(resumed.err.contains("what a cancelled transfer left behind cannot be removed yet"), "{}", resumed.err);
        assert_eq!(rogue.open_uploads().await, 1);
        rogue.behave();
        match again {
            "resume" => assert_eq!(home.run(["resume"]).with(0).out, "nothing is open\n"),
            _ => assert!(home.run(["cancel", &id]).with(0).out.starts_with("cancelled the upload of ")),
        }
        assert_eq!(rogue.open_uploads().await, 0);
        let line = &home.run(["transfers", "--json"]).with(0).json()[0];
        assert_eq!((line["state"].as_str(), &line["error"]), (Some("cancelled"), &serde_json::Value::Null));
    }
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
        assert_eq!((rogue.open_uploads().await, records(&home)), (0, Vec::new()), "killed before step {step}");
        if !stopped {
            assert!(step > 0);
            return;
        }
    }
}
