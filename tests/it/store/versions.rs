//! What a bucket keeps of objects that were replaced or deleted: listed and purged by the program, from a B2 that hides.

use futures::TryStreamExt;
use windlass::domain::TransferState;
use windlass::transfer::Scope;
use windlass::transfer::hidden::{Hidden, hidden};

use crate::support::front::{Front, Right};
use crate::support::home::{queue, until};
use crate::support::program::Home;
use crate::support::rogue::{Fault, Rogue};

fn home(front: &Front) -> Home {
    let home = Home::new();
    front.rogue.configure(&home, "b2", "sqlite:catalog.sqlite");
    for (name, bytes) in [("one", "older"), ("one", "newer"), ("other", "other")] {
        home.file("source.txt", bytes);
        let key = format!("docs/{name}.txt");
        home.run(["upload", "source.txt", "--key", key.as_str(), "--on-conflict", "overwrite"]).with(0);
    }
    home
}

/// The keys that a dry run names, with what they weigh.
fn kept(home: &Home, argument: &str) -> Vec<(String, u64)> {
    let told = home.run(["rm", argument, "-r", "--bucket", "--versions", "--dry-run", "--json"]);
    let row = |row: &serde_json::Value| Some((row["key"].as_str()?.to_owned(), row["size"].as_u64()?));
    told.json().iter().filter_map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_delete_hides_on_b2_is_listed_and_purged() {
    let front = Front::b2(Right::ReadWrite).await;
    let home = home(&front);
    let none = home.run(["rm", "nosuch.txt", "--yes"]).with(1);
    assert!(!none.err.contains("B2 hides"), "nothing is deleted: {}", none.err);
    let deleted = home.run(["rm", "docs/one.txt", "--yes"]).with(0);
    assert!(deleted.err.contains("B2 hides the file; its versions stay"), "{}", deleted.err);
    assert!(deleted.err.contains("windlass rm KEY --bucket --versions purges them"), "{}", deleted.err);
    assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).json()[0]["key"], "docs/other.txt");
    // Two versions and what hides them, five bytes each as the front tells it.
    let both = [("docs/one.txt".to_owned(), 10), ("docs/other.txt".to_owned(), 5)];
    assert_eq!(kept(&home, "docs/"), both);

    let purged = home.run(["rm", "docs/one.txt", "--bucket", "--versions", "--yes", "--json"]).with(0);
    assert_eq!(purged.json().last().unwrap()["state"], "done");
    assert!(!purged.err.contains("hides"), "{}", purged.err);
    let version = |query: &str| query.split("versionId=v").nth(1)?.split('&').next()?.parse::<u32>().ok();
    let removed =
        front.rogue.ledger().which(|entry| entry.ask.method == "DELETE" && entry.ask.query.contains("versionId"));
    let removed: Vec<u32> = removed.iter().filter_map(|entry| version(&entry.ask.query)).collect();
    assert_eq!((removed.len(), removed.iter().max()), (3, removed.last()), "what hides the others goes last");
    assert_eq!(kept(&home, "docs/"), both[1..]);
    let nothing = home.run(["rm", "docs/one.txt", "--bucket", "--versions", "--yes"]).with(1);
    assert!(nothing.err.contains("the bucket keeps no version of docs/one.txt"), "{}", nothing.err);
    home.run(["download", "docs/other.txt"]).with(0);
}

#[test]
fn a_bucket_without_versions_says_so() {
    let told = Home::new().run(["rm", "a", "--bucket", "--versions", "--yes"]);
    assert!(told.err.contains("the local bucket keeps no older versions"), "{}", told.err);
    let alone = Home::new().run(["rm", "a", "--versions", "--yes"]).with(2);
    assert!(alone.err.contains("--bucket"), "{}", alone.err);
}

/// A listing of two versions of `k`, of which the first says this about being the latest.
fn listing(latest: &str) -> String {
    let version = |id: &str, latest: &str| {
        format!("<Version><Key>k</Key><VersionId>{id}</VersionId>{latest}<Size>5</Size></Version>")
    };
    let other = if latest.is_empty() { "" } else { "<IsLatest>false</IsLatest>" };
    let both = version("v2", latest) + &version("v1", other);
    format!("<?xml version=\"1.0\"?><ListVersionsResult><IsTruncated>false</IsTruncated>{both}</ListVersionsResult>")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_seen_is_never_purged_as_hidden() {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", &format!("sqlite:{}", home.path().join("catalog.sqlite").display()));
    let services = home.services();
    let connection = services.connect("far").await.unwrap();
    let queue = queue(&home, services, Scope::All).await;
    for (latest, counted, state) in [
        ("", 0, TransferState::Done),
        ("<IsLatest>false</IsLatest>", 2, TransferState::Failed),
        ("<IsLatest>true</IsLatest>", 1, TransferState::Done),
    ] {
        rogue.faults(move |ask| ask.asks("versions").then(|| Fault::Say("200 OK", listing(latest))));
        let found: Vec<Vec<Hidden>> = hidden(&connection, "").try_collect().await.unwrap();
        assert_eq!(found.iter().flatten().map(|hidden| hidden.versions).sum::<u64>(), counted, "{latest:?}");
        let purge = Hidden { key: "k".into(), versions: 1, bytes: 5 }.purge(&connection.identity);
        let id = queue.enqueue(vec![purge]).await.unwrap()[0];
        let ended = until(&queue, id, |shown| shown.transfer.state.is_final()).await.transfer;
        assert_eq!(ended.state, state, "{latest:?}: {:?}", ended.error);
    }
    let removed = rogue.ledger().which(|entry| entry.ask.method == "DELETE");
    let removed: Vec<&str> = removed.iter().map(|entry| entry.ask.query.as_str()).collect();
    assert!(removed.len() == 1 && removed[0].contains("versionId=v1"), "{removed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_that_was_turned_away_once_is_done_without_a_complaint() {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", &format!("sqlite:{}", home.path().join("catalog.sqlite").display()));
    let services = home.services();
    let connection = services.connect("far").await.unwrap();
    let queue = queue(&home, services, Scope::All).await;
    rogue.faults(|ask| ask.asks("versions").then_some(Fault::SlowDown));
    let purge = Hidden { key: "k".into(), versions: 1, bytes: 5 }.purge(&connection.identity);
    let id = queue.enqueue(vec![purge]).await.unwrap()[0];
    until(&queue, id, |shown| shown.transfer.error.is_some()).await;
    rogue.faults(|ask| ask.asks("versions").then(|| Fault::Say("200 OK", listing("<IsLatest>true</IsLatest>"))));
    queue.retry(&[id]).await.unwrap();
    let done = until(&queue, id, |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!((done.state, &done.error, done.attempts), (TransferState::Done, &None, 0));
}
