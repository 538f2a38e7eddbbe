//! Standard input that breaks off with its program: what was sent of it is removed from the bucket, at once where the
//! program is told to stop, by the next start where it is killed.

use std::io::{PipeWriter, Write};

use super::faults::{get, home, records};
use super::life::KILLED;
use crate::support::home::noise;
use crate::support::program::{Home, Running};
use crate::support::rogue::{Fault, Rogue};

/// An input of which the first part is in the bucket and the second half read.
struct Begun {
    home: Home,
    rogue: Rogue,
    running: Running,
    _more_may_come: PipeWriter,
}

async fn begun() -> Begun {
    let (home, rogue) = home("s3").await;
    let (reader, mut writer) = std::io::pipe().unwrap();
    let running = home.start_fed(reader, ["upload", "-", "--key", "k"]);
    let writer = tokio::task::spawn_blocking(move || writer.write_all(&noise(20 << 20, 1)).map(|()| writer));
    let writer = writer.await.unwrap().unwrap();
    while rogue.ledger().stored("k").is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(rogue.open_uploads().await, 1);
    Begun { home, rogue, running, _more_may_come: writer }
}

async fn killed() -> (Home, Rogue) {
    let Begun { home, rogue, running, _more_may_come } = begun().await;
    running.signal("KILL");
    running.wait().with(KILLED);
    rogue.quiet().await;
    assert_eq!(rogue.open_uploads().await, 1);
    (home, rogue)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_is_interrupted_leaves_nothing_in_the_bucket() {
    for signal in ["INT", "TERM", "HUP"] {
        let Begun { home, rogue, running, _more_may_come } = begun().await;
        running.signal(signal);
        let ended = running.wait().with(130);
        assert_eq!(ended.sentence(), "interrupted: what was read of standard input is not kept; upload it again");
        assert_eq!((rogue.open_uploads().await, records(&home)), (0, Vec::new()), "SIG{signal}");
        assert_eq!(home.run(["transfers", "--json"]).with(0).json()[0]["state"], "cancelled");
        assert_eq!(home.run(["resume"]).with(0).out, "nothing is open\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_is_interrupted_while_the_bucket_is_silent_leaves_it_to_the_next_run() {
    let Begun { home, rogue, running, _more_may_come } = begun().await;
    rogue.stop_after(0);
    running.signal("INT");
    let ended = running.wait().with(130);
    assert!(ended.err.contains("what was read of standard input is not kept"), "{}", ended.err);
    assert!(ended.err.contains("what was sent of k may still be in the bucket"), "{}", ended.err);
    rogue.go_on();
    rogue.quiet().await;
    home.run(["resume"]);
    assert_eq!((rogue.open_uploads().await, records(&home)), (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_run_removes_what_a_killed_one_left_of_its_input() {
    let (home, rogue) = killed().await;
    let resumed = home.run(["resume"]).with(1);
    assert!(resumed.sentence().contains("the input of k ended with the program that read it"), "{}", resumed.err);
    assert_eq!((rogue.open_uploads().await, records(&home)), (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_removes_what_a_killed_command_left_of_its_input() {
    let (home, rogue) = killed().await;
    let mut screen = home.screen(100, 30);
    screen.sees("1 failed");
    assert_eq!((rogue.open_uploads().await, records(&home)), (0, Vec::new()));
    screen.press("q").ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_whose_upload_begins_without_an_answer_goes_to_that_upload() {
    let (home, rogue) = home("s3").await;
    let (reader, mut writer) = std::io::pipe().unwrap();
    let mut fault = Some(Fault::LoseAnswer);
    rogue.faults(move |ask| if ask.begins() { fault.take() } else { None });
    let running = home.start_fed(reader, ["upload", "-", "--key", "k"]);
    let bytes = noise(18 << 20, 3);
    let sent = bytes.clone();
    tokio::task::spawn_blocking(move || writer.write_all(&sent)).await.unwrap().unwrap();
    tokio::task::spawn_blocking(move || running.wait()).await.unwrap().with(0);
    assert!(get(&rogue.direct(), "k").await == bytes);
    assert_eq!(rogue.ledger().which(|entry| entry.ask.begins()).len(), 1);
    assert_eq!((rogue.open_uploads().await, records(&home)), (0, vec!["k".to_owned()]));
}

/// What a person does first of all.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_again_removes_what_a_killed_one_left_and_goes_through() {
    let (home, rogue) = killed().await;
    let (reader, mut writer) = std::io::pipe().unwrap();
    let running = home.start_fed(reader, ["upload", "-", "--key", "k"]);
    let bytes = noise(18 << 20, 2);
    let sent = bytes.clone();
    tokio::task::spawn_blocking(move || writer.write_all(&sent)).await.unwrap().unwrap();
    tokio::task::spawn_blocking(move || running.wait()).await.unwrap().with(0);
    assert!(get(&rogue.direct(), "k").await == bytes);
    assert_eq!((rogue.open_uploads().await, records(&home)), (0, vec!["k".to_owned()]));
}
