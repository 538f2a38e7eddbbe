//! The queue from outside: what is detached waits, `resume` runs it, `cancel` ends it, and a reader that goes away is no
//! failure.

use serde_json::{Value, json};
use windlass::domain::TransferState;
use windlass::transfer::Scope;

use super::local::{TRANSFER_FIELDS, fields};
use crate::support::home::{queue, until};
use crate::support::program::Home;

#[test]
fn what_is_detached_waits_for_resume() {
    let home = Home::new();
    home.file("a.txt", "a");
    let queued = home.run(["upload", "a.txt", "--key", "k", "--detach", "--json"]).with(0);
    assert_eq!(fields(&queued.out), TRANSFER_FIELDS);
    assert_eq!(queued.json()[0]["state"], "queued");
    let waiting = home.run(["transfers", "--json"]).with(0);
    let mut expected = queued.json();
    expected[0]["profile"] = json!("local");
    assert_eq!(waiting.json(), expected, "the same, and whose it is");
    assert_eq!(home.run(["ls"]).with(0).out, "", "nothing was sent");
    let resumed = home.run(["resume", "--json"]).with(0);
    assert_eq!(fields(&resumed.out), TRANSFER_FIELDS);
    assert_eq!([&resumed.json()[0]["id"], &resumed.json()[0]["state"]], [&queued.json()[0]["id"], &json!("done")]);
    assert_eq!(home.run(["ls", "--json"]).with(0).json().len(), 1);
    assert_eq!(home.run(["resume"]).with(0).out, "nothing is open\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_stays_and_resume_says_so_by_its_exit_code() {
    let home = Home::new();
    home.file("a.txt", "a");
    for key in ["stays", "goes"] {
        home.run(["upload", "a.txt", "--key", key, "--detach"]).with(0);
    }
    let held = queue(&home, home.services(), Scope::Nothing).await;
    let id = held.view().borrow().transfers[0].transfer.id;
    held.pause(&[id]).await.unwrap();
    until(&held, id, |shown| shown.transfer.state == TransferState::Paused).await;
    held.close().await;
    let resumed = home.run(["resume"]).with(1);
    assert!(resumed.err.contains("1 paused") && resumed.out.contains("as goes"), "{}{}", resumed.out, resumed.err);
    assert_eq!(home.run(["ls", "--json"]).with(0).json().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_does_not_wait_behind_a_transfer_that_somebody_paused() {
    let home = Home::new();
    home.file("a.txt", "a");
    let queued = home.run(["upload", "a.txt", "--key", "k", "--detach", "--json"]).with(0);
    let held = queue(&home, home.services(), Scope::Nothing).await;
    let id = held.view().borrow().transfers[0].transfer.id;
    assert_eq!(queued.json()[0]["id"], json!(id));
    held.pause(&[id]).await.unwrap();
    held.close().await;
    let behind = home.run(["upload", "a.txt", "--key", "k", "--wait"]).with(1);
    assert!(behind.err.contains("waits for an earlier transfer of the same key, which is paused"), "{}", behind.err);
}

#[test]
fn what_was_asked_for_in_vain_is_told_and_leaves_no_row() {
    let home = Home::new();
    home.file("a.txt", "a");
    for arguments in [&["download", "nope.txt"][..], &["rm", "nope.txt", "--yes"], &["record", "nope.txt"]] {
        let refused = home.run(arguments).with(1);
        assert!(refused.err.contains("nope.txt"), "{}", refused.err);
        assert_eq!(home.run(["transfers"]).with(0).out, "nothing is queued\n", "{arguments:?}");
    }
    home.run(["upload", "a.txt", "--key", "a.txt"]).with(0);
    home.run(["download", "nope.txt", "a.txt"]).with(1);
    let states = |home: &Home| {
        let rows = home.run(["transfers", "--json"]).with(0).json();
        rows.iter().map(|row| format!("{} {}", row["kind"], row["state"])).collect::<Vec<_>>()
    };
    let there = [r#""download" "failed""#, r#""upload" "done""#];
    assert_eq!(states(&home), there, "what can be tried again stays");
}

#[test]
fn people_see_the_queue_in_columns() {
    let home = Home::new();
    assert_eq!(home.run(["transfers"]).with(0).out, "nothing is queued\n");
    home.file("a.txt", "a");
    let queued = home.run(["upload", "a.txt", "--key", "k", "--detach"]).with(0);
    assert!(queued.out.ends_with("queued 1; send with: windlass resume\n"), "{}", queued.out);
    let listed = home.run(["transfers"]).with(0).out;
    assert!(
        listed.starts_with("ID ")
            && listed.ends_with("upload    queued      0 B of 1 B            local       k\n1 queued\n"),
        "{listed}"
    );
}

#[test]
fn a_cancelled_transfer_never_runs() {
    let home = Home::new();
    home.file("a.txt", "a");
    let queued = home.run(["upload", "a.txt", "--key", "k", "--detach", "--json"]).with(0).json();
    let id = queued[0]["id"].as_str().unwrap();
    let cancelled = home.run(["cancel", id, "--json"]).with(0);
    assert_eq!(fields(&cancelled.out), TRANSFER_FIELDS);
    assert_eq!(cancelled.json()[0]["state"], "cancelled");
    assert_eq!(home.run(["resume"]).with(0).out, "nothing is open\n");
    assert_eq!(home.run(["cancel", id]).with(0).sentence(), format!("{id} is cancelled already"));
    let unknown = home.run(["cancel", "00000000-0000-0000-0000-000000000000"]).with(1);
    assert!(unknown.sentence().contains("windlass transfers lists them"), "{}", unknown.err);
}

#[test]
fn a_file_that_vanishes_fails_by_name() {
    let home = Home::new();
    let path = home.file("a.txt", "a");
    home.run(["upload", "a.txt", "--key", "k", "--detach"]).with(0);
    std::fs::remove_file(&path).unwrap();
    let resumed = home.run(["resume", "--json"]).with(1);
    let path = path.display().to_string();
    assert!(resumed.sentence().contains(&path), "{}", resumed.err);
    let line = &resumed.json()[0];
    assert_eq!([&line["state"], &line["path"]], [&json!("failed"), &json!(path)]);
    assert!(line["error"].as_str().unwrap().contains(&path), "{line}");
}

#[test]
fn a_file_that_changed_since_it_was_queued_goes_up_as_it_is() {
    let home = Home::new();
    home.file("a.txt", "a");
    home.run(["upload", "a.txt", "--key", "k", "--detach"]).with(0);
    home.file("a.txt", "longer now");
    home.run(["resume"]).with(0);
    assert_eq!(home.run(["ls", "--json"]).with(0).json()[0]["size"], 10);
}

#[test]
fn work_of_a_profile_that_is_gone_waits_and_says_whose() {
    let home = Home::new();
    home.configure("[profiles.gone]\nprovider = \"local\"\ndatabase_url = \"sqlite:gone.sqlite\"\n");
    home.file("a.txt", "a");
    home.run(["--profile", "gone", "upload", "a.txt", "--key", "k", "--detach"]).with(0);
    home.configure("");
    let resumed = home.run(["resume", "--json"]).with(1);
    assert!(resumed.err.contains("gone") && resumed.err.contains("windlass resume"), "{}", resumed.err);
    home.configure("[profiles.back]\nprovider = \"local\"\ndatabase_url = \"sqlite:gone.sqlite\"\n");
    let resumed = home.run(["resume", "--json"]).with(0);
    assert_eq!(resumed.json()[0]["state"], "done", "another name, the same profile");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = Home::new();
    home.file("a.txt", "a");
    home.run(["upload", "a.txt", "--key", "k"]).with(0);
    for arguments in [&["ls"][..], &["ls", "--json"], &["transfers", "--json"], &["profiles"]] {
        let ended = home.run_unread(arguments).with(0);
        assert_eq!(ended.err, "", "{arguments:?}");
    }
}

#[test]
fn progress_lines_end_with_the_final_state() {
    let home = Home::new();
    home.file("big.bin", vec![7; 20 << 20]);
    let lines = home.run(["upload", "big.bin", "--key", "k", "--json", "--progress"]).with(0).json();
    let last = lines.last().unwrap();
    assert_eq!([&last["state"], &last["sent"], &last["error"]], [&json!("done"), &json!(20 << 20), &Value::Null]);
    let sent: Vec<u64> = lines.iter().map(|line| line["sent"].as_u64().unwrap()).collect();
    assert!(sent.is_sorted(), "{sent:?}");
    let quiet = home.run(["upload", "big.bin", "--key", "k2", "--json"]).with(0).json();
    assert_eq!(quiet.len(), 1, "{quiet:?}");
}
