//! The catalog away, the bucket away: what is stored stays, what is queued waits, and the command says so and ends.

use std::net::TcpListener;

use serde_json::json;

use crate::support::postgres::{Cluster, Setup};
use crate::support::program::Home;

/// A port where nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn an_upload_whose_catalog_is_away_is_stored_and_says_so() {
    let home = Home::new();
    let port = closed_port();
    home.configure(&format!(
        "default_profile = \"p\"\n[profiles.p]\nprovider = \"local\"\ndatabase_url = \"postgres://me:hunter2@127.0.0.1:{port}/db\"\n"
    ));
    let path = home.file("a.txt", "a");
    let begun = std::time::Instant::now();
    let ended = home.run(["upload", "a.txt", "--key", "k", "--json"]).with(1);
    let took = begun.elapsed().as_secs();
    assert!((10..25).contains(&took), "it waits ten seconds: {took}");
    let expected = format!("{}: stored, not recorded yet: windlass resume", path.display());
    assert!(ended.sentence().starts_with(&expected), "{}", ended.err);
    assert!(!ended.err.contains("hunter2"));
    assert_eq!(ended.json()[0]["state"], "recording");
    assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).json()[0]["key"], "k", "the object is up");
    let listed = home.run(["ls"]).with(1);
    assert!(listed.sentence().contains("127.0.0.1") && !listed.err.contains("hunter2"), "{}", listed.err);
    let resumed = home.run(["resume"]).with(1);
    let what_helps = "stored, not recorded yet: windlass resume once the catalog answers (";
    assert!(resumed.sentence().contains(what_helps), "{}", resumed.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn resume_writes_the_record_once_the_catalog_is_back() {
    let mut cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("back").await;
    let home = Home::new();
    home.configure(&format!("default_profile = \"p\"\n[profiles.p]\nprovider = \"local\"\ndatabase_url = \"{url}\"\n"));
    home.run(["catalog", "migrate"]).with(0);
    home.file("a.txt", "a");
    cluster.stop();
    home.run(["upload", "a.txt", "--key", "k"]).with(1);
    cluster.start();
    let resumed = home.run(["resume", "--json"]).with(0);
    assert_eq!(resumed.json()[0]["state"], "done");
    let records = home.run(["ls", "--json"]).with(0).json();
    assert_eq!(records.iter().map(|line| &line["key"]).collect::<Vec<_>>(), [&json!("k")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_waits_for_the_catalog_and_resume_writes_it() {
    let mut cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("record").await;
    let home = Home::new();
    home.configure(&format!(
        "default_profile = \"p\"\n[profiles.p]\nprovider = \"local\"\ndatabase_url = \"{url}\"\n\
         [profiles.other]\nprovider = \"local\"\n"
    ));
    home.file("a.txt", "a");
    home.run(["upload", "a.txt", "--key", "k", "--profile", "other"]).with(0);
    let unprepared = home.run(["request", "b.txt", "--type", "text/plain"]).with(1);
    assert!(unprepared.sentence().contains("windlass catalog migrate"), "nobody is sent a URL: {}", unprepared.err);
    home.run(["catalog", "migrate"]).with(0);
    cluster.stop();
    let recorded = home.run(["record", "k"]).with(1);
    assert!(recorded.sentence().starts_with("k: not recorded yet: windlass resume"), "{}", recorded.err);
    home.run(["request", "b.txt", "--type", "text/plain"]).with(0);
    cluster.start();
    let resumed = home.run(["resume", "--json"]).with(0).json();
    assert_eq!((resumed.len(), &resumed[0]["key"], &resumed[0]["state"]), (1, &json!("k"), &json!("done")));
    assert_eq!(home.run(["ls", "--json"]).with(0).json()[0]["key"], "k");
}

#[tokio::test(flavor = "multi_thread")]
async fn wait_waits_for_the_catalog() {
    let mut cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("wait").await;
    let home = Home::new();
    home.configure(&format!("default_profile = \"p\"\n[profiles.p]\nprovider = \"local\"\ndatabase_url = \"{url}\"\n"));
    home.run(["catalog", "migrate"]).with(0);
    home.file("a.txt", "a");
    cluster.stop();
    let mut waiting = home.start(["upload", "a.txt", "--key", "k", "--wait", "--json", "--progress"]);
    while !waiting.line().contains("\"recording\"") {}
    cluster.start();
    let ended = waiting.wait().with(0);
    assert_eq!(ended.json().last().unwrap()["state"], "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_the_catalog_is_away_loses_nothing_and_doubles_nothing() {
    let mut cluster = Cluster::own(Setup::default()).await;
    let url = cluster.database("kill").await;
    let home = Home::new();
    home.configure(&format!("default_profile = \"p\"\n[profiles.p]\nprovider = \"local\"\ndatabase_url = \"{url}\"\n"));
    home.run(["catalog", "migrate"]).with(0);
    home.file("a.txt", "a");
    cluster.stop();
    let mut waiting = home.start(["upload", "a.txt", "--key", "k", "--wait", "--json", "--progress"]);
    while !waiting.line().contains("\"recording\"") {}
    waiting.signal("KILL");
    waiting.wait().with(128 + 9);
    cluster.start();
    home.run(["resume"]).with(0);
    home.run(["resume"]).with(0);
    let records = home.run(["ls", "--json"]).with(0).json();
    assert_eq!(records.iter().map(|line| &line["key"]).collect::<Vec<_>>(), [&json!("k")]);
}

#[test]
fn an_upload_whose_bucket_is_away_is_kept_and_says_so() {
    let home = Home::new();
    let port = closed_port();
    home.configure(&format!(
        "default_profile = \"p\"\n[profiles.p]\nprovider = \"s3\"\nendpoint = \"http://127.0.0.1:{port}\"\n\
         region = \"us-east-1\"\nbucket = \"b\"\naccess_key_id = \"k\"\nsecret_access_key = \"s\"\n"
    ));
    home.file("a.txt", "a");
    let ended = home.run(["upload", "a.txt", "--json"]).with(1);
    assert!(ended.sentence().contains("not done yet: windlass resume"), "{}", ended.err);
    assert!(ended.err.contains("127.0.0.1"), "it names the host: {}", ended.err);
    let kept = home.run(["transfers", "--json"]).with(0).json();
    assert!(kept[0]["state"] != "failed" && kept[0]["error"].as_str().unwrap().contains("127.0.0.1"), "{kept:?}");
}
