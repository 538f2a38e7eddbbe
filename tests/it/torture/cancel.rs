//! A cancel that is killed, or that cannot reach the bucket, is still a cancel: the next run ends what is left.

use windlass::transfer::Scope;

use super::faults::{home, records};
use super::life::{KILLED, Life};
use crate::support::home::{noise, queue};
use crate::support::program::{Ended, Home};
use crate::support::rogue::{Fault, Gate, Rogue};

/// A home with an upload that was killed in the middle of its parts, and its id.
pub async fn half_sent() -> (Home, Rogue, String) {
    let (home, rogue) = home("s3").await;
    let id = send_half(&home, &rogue).await;
    (home, rogue, id)
}

async fn send_half(home: &Home, rogue: &Rogue) -> String {
    home.file("a.bin", noise(40 << 20, 1));
    let gate = Gate::closed();
    let held = gate.clone();
    rogue.faults(move |ask| (ask.part == Some(5)).then(|| Fault::HoldUp(held.clone())));
    let mut life = Life::begin(home, &["upload", "a.bin", "--key", "k"]);
    gate.reached().await;
    life.kill();
    assert_eq!(life.ended().await.code, KILLED);
    gate.open();
    rogue.behave();
    rogue.quiet().await;
    let id = home.run(["transfers", "--json"]).with(0).json()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(rogue.open_uploads().await, 1);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_without_a_bucket_says_so_and_is_carried_out_by_the_next_run() {
    for again in ["resume", "cancel"] {
        let (home, rogue, id) = half_sent().await;
        rogue.faults(|_| Some(Fault::CutRequest));
        let cancelled = home.run(["cancel", &id]).with(1);
        let said = cancelled.out.trim_end();
        assert!(said.contains("a.bin: cancelled, but something may be left behind"), "{said}");
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_under_a_profile_that_is_gone_can_be_let_go() {
    let (home, rogue, id) = half_sent().await;
    rogue.faults(|_| Some(Fault::CutRequest));
    home.run(["cancel", &id]).with(1);
    home.configure("");
    let resumed = home.run(["resume"]).with(0);
    assert!(resumed.err.contains("its profile is not configured: windlass cancel lets it go"), "{}", resumed.err);
    let let_go = home.run(["cancel", &id]).with(1);
    assert!(let_go.out.contains("windlass transfers --orphans --abort"), "{}", let_go.out);
    assert_eq!(home.run(["resume"]).with(0).err, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_under_a_profile_with_a_mistake_stays_known_until_it_is_mended() {
    for (line, wrong) in [("bukcet = \"x\"", "bukcet"), ("user_id = \"${NOT_SET_HERE}\"", "NOT_SET_HERE")] {
        let (home, rogue, id) = half_sent().await;
        rogue.faults(|_| Some(Fault::CutRequest));
        home.run(["cancel", &id]).with(1);
        rogue.behave();
        let good = std::fs::read_to_string(home.config().join("config.toml")).unwrap();
        home.configure(&format!("{good}{line}\n"));
        for command in [&["resume"][..], &["cancel", &id], &["resume"]] {
            let ended = home.run(command).with(1);
            let said = format!("{}{}", ended.out, ended.err);
            assert!(said.contains(wrong) && !said.contains("lets it go"), "{command:?}: {said}");
        }
        let opened = queue(&home, home.services(), Scope::Nothing).await;
        assert_eq!(opened.clear_done().await.unwrap(), 0);
        opened.close().await;
        assert_eq!(rogue.open_uploads().await, 1);
        home.configure(&good);
        assert_eq!(home.run(["resume"]).with(0).err, "");
        assert_eq!(rogue.open_uploads().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_under_a_profile_of_another_folder_stays_known_until_that_is_gone() {
    for is_gone in [false, true] {
        let (home, rogue) = (Home::new(), Rogue::start().await);
        let env = home.file(".env", rogue.as_env());
        let id = send_half(&home, &rogue).await;
        rogue.faults(|_| Some(Fault::CutRequest));
        home.run(["cancel", &id]).with(1);
        rogue.behave();
        let elsewhere =
            |arguments: &[&str]| Ended::of(home.command(arguments).current_dir(home.path()).output().unwrap());
        let resumed = elsewhere(&["resume"]).with(0);
        assert!(resumed.err.contains(".env: windlass resume in that folder removes it"), "{}", resumed.err);
        let cancelled = elsewhere(&["cancel", &id]).with(1);
        assert!(cancelled.out.contains("windlass resume removes it"), "{}", cancelled.out);
        let opened = queue(&home, home.services(), Scope::Nothing).await;
        assert_eq!(opened.clear_done().await.unwrap(), 0);
        opened.close().await;
        if is_gone {
            std::fs::remove_file(&env).unwrap();
            let let_go = elsewhere(&["cancel", &id]).with(1);
            assert!(let_go.out.contains("windlass transfers --orphans --abort"), "{}", let_go.out);
            assert_eq!(home.run(["resume"]).with(0).err, "");
        } else {
            assert_eq!(home.run(["resume"]).with(0).err, "");
            assert_eq!(rogue.open_uploads().await, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_while_resume_tidies_is_told() {
    let (home, rogue, id) = half_sent().await;
    rogue.faults(|_| Some(Fault::CutRequest));
    home.run(["cancel", &id]).with(1);
    home.file("b.txt", "b");
    home.run(["upload", "b.txt", "--key", "there", "--detach"]).with(0);
    home.file("c.txt", "c");
    home.run(["upload", "c.txt", "--key", "fails", "--detach"]).with(0);
    std::fs::remove_file(home.here().join("c.txt")).unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    rogue.faults(move |ask| ask.aborts().then(|| Fault::HoldUp(held.clone())));
    let mut life = Life::begin(&home, &["resume", "--json"]);
    gate.reached().await;
    let states = || -> Vec<String> {
        let lines = home.run(["transfers", "--json"]).with(0).json();
        lines.iter().map(|line| line["state"].as_str().unwrap().to_owned()).collect()
    };
    while states().iter().any(|state| !["done", "failed", "cancelled"].contains(&&**state)) {}
    gate.open();
    let ended = life.ended().await.with(1);
    let mut told: Vec<_> = ended.json().iter().map(|line| line["state"].as_str().unwrap().to_owned()).collect();
    told.sort();
    assert_eq!(told, ["done", "failed"], "{}", ended.err);
    assert_eq!(rogue.open_uploads().await, 0);
}
