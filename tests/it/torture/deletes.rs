//! Deletes in bulk: how many requests they make, and what becomes of the one key among many that stays.

use std::time::Duration;

use futures::StreamExt;

use super::faults::{home, put, records};
use crate::support::rogue::{Fault, Gate, Rogue};

/// Two full requests, and one that is not.
const MANY: usize = 2_500;

const PATIENCE: Duration = Duration::from_secs(60);

async fn with_many(rogue: &Rogue) -> Vec<String> {
    let keys: Vec<String> = (0..MANY).map(|number| format!("old/{number:04}")).collect();
    let client = rogue.direct();
    let puts = keys.iter().map(|key| put(&client, key, Vec::new()));
    futures::stream::iter(puts).buffer_unordered(32).collect::<()>().await;
    keys
}

/// How many keys are there.
async fn there(rogue: &Rogue) -> usize {
    super::many::stored(rogue).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_five_hundred_keys_are_deleted_with_three_requests() {
    let (home, rogue) = home("s3").await;
    let keys = with_many(&rogue).await;
    put(&rogue.direct(), "stays", Vec::new()).await;
    let connection = home.services().connect("far").await.unwrap();
    assert_eq!(connection.store.delete_many(&keys).await.unwrap(), []);
    let asked = rogue.ledger().which(|entry| entry.ask.deletes());
    let together = asked.iter().filter(|entry| entry.ask.deletes_many() && entry.acknowledged()).count();
    assert_eq!((asked.len(), together), (3, 3), "{asked:#?}");
    assert_eq!(there(&rogue).await, 1);
}

/// They come to the bucket as the journal lets them: the first ones alone, while the others gather.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_deletes_thousands_makes_a_request_for_many_of_them() {
    let (home, rogue) = home("s3").await;
    with_many(&rogue).await;
    home.run(["rm", "old/", "-r", "--bucket", "--yes"]).with(0);
    assert_eq!(there(&rogue).await, 0);
    let asked = rogue.ledger().which(|entry| entry.ask.deletes()).len();
    println!("{MANY} deletes in {asked} requests");
    assert!(asked <= MANY / 10, "{asked} requests");
}

/// The key that may not be deleted.
const DENIED: &str = "old/17";

fn all_but_one(asked: &str) -> String {
    let error = format!("<Error><Key>{DENIED}</Key><Code>AccessDenied</Code><Message>no</Message></Error>");
    let denied = asked.contains(&format!("<Key>{DENIED}</Key>"));
    format!("<DeleteResult>{}</DeleteResult>", if denied { &error } else { "" })
}

/// The bucket deletes all but one, whether it is asked for many or for one at a time.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_be_deleted_is_named_and_the_others_are_done() {
    let (home, rogue) = home("s3").await;
    for number in 0..30 {
        home.file(&format!("old/{number:02}"), number.to_string());
    }
    home.run(["upload", "old", "--to", "old"]).with(0);
    rogue.faults(|ask| match ask.key.as_str() {
        "" if ask.deletes_many() => Some(Fault::Answer(all_but_one)),
        DENIED if ask.deletes() => Some(Fault::Denied),
        _ => None,
    });
    let ended = home.run(["rm", "old/", "-r", "--yes"]).with(1);
    assert!(!rogue.ledger().which(|entry| entry.ask.deletes_many()).is_empty());
    assert!(ended.err.contains(DENIED) && !ended.err.contains("old/16"), "{}", ended.err);
    assert!(ended.out.contains("deleted 29 of 30"), "{}", ended.out);
    assert_eq!(records(&home), [DENIED]);
    let failed = home.run(["transfers", "--json"]).with(0).json();
    let failed: Vec<_> = failed.iter().filter(|line| line["kind"] == "delete" && line["state"] != "done").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0]["key"].as_str(), failed[0]["state"].as_str()), (Some(DENIED), Some("failed")));
}

/// Somebody may name thousands.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_with_many_keys_deletes_the_first_before_it_has_looked_at_the_last() {
    let (home, rogue) = home("s3").await;
    let keys: Vec<String> = (0..80).map(|number| format!("old/{number:02}")).collect();
    for key in &keys {
        put(&rogue.direct(), key, Vec::new()).await;
    }
    let (gate, last) = (Gate::closed(), keys[79].clone());
    let closed = gate.clone();
    rogue.faults(move |ask| (ask.method == "HEAD" && ask.key == last).then(|| Fault::HoldUp(closed.clone())));
    let arguments = ["rm", "--bucket", "--yes"].into_iter().chain(keys.iter().map(String::as_str));
    let running = home.start(arguments);
    let gone = tokio::time::timeout(PATIENCE, async {
        gate.reached().await;
        while there(&rogue).await > 80 - 64 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    gone.await.expect("nothing is deleted before all were looked at");
    gate.open();
    assert_eq!((running.wait().code, there(&rogue).await), (0, 0));
}
