//! Multipart uploads that no queue knows: listed, and ended on demand.

use serde_json::json;
use windlass::storage::PutOptions;

use super::local::fields;
use crate::support::program::Home;

/// A home whose bucket has an unfinished upload that nobody queued.
async fn with_orphan() -> Home {
    let home = Home::new();
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let options = PutOptions { content_type: "text/plain".into(), ..PutOptions::default() };
    connection.store.begin_upload("lost.bin", &options).await.unwrap();
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_is_listed_and_ended() {
    let home = with_orphan().await;
    assert_eq!(home.run(["transfers"]).with(0).out, "nothing is queued\n", "it is no transfer");
    let listed = home.run(["transfers", "--orphans", "--json"]).with(0);
    assert_eq!(fields(&listed.out), ["id", "key", "begun_at", "profile"]);
    let line = &listed.json()[0];
    assert_eq!([&line["key"], &line["profile"]], [&json!("lost.bin"), &json!("local")]);
    assert!(chrono::DateTime::parse_from_rfc3339(line["begun_at"].as_str().unwrap()).is_ok(), "{line}");
    let aborted = home.run(["transfers", "--orphans", "--abort"]).with(0);
    assert!(aborted.out.ends_with("\naborted 1 of 1\n"), "{}", aborted.out);
    let none = home.run(["transfers", "--orphans"]).with(0).out;
    assert_eq!(none, "no multipart upload is unfinished without a transfer\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_ends_no_orphan() {
    let home = with_orphan().await;
    home.run(["transfers", "--orphans", "--abort", "--read-only"]).with(2);
    assert_eq!(home.run(["transfers", "--orphans", "--json", "--read-only"]).with(0).json().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_it_asks_first() {
    let home = with_orphan().await;
    let command = [env!("CARGO_BIN_EXE_windlass"), "transfers", "--orphans", "--abort"];
    let mut person = home.in_terminal(&command, &[], 100, 30);
    person.sees("Abort 1 unfinished upload in windlass (profile local, built in)? [y/N]").press("<Enter>");
    assert_eq!(person.sees("nothing was aborted").ended().exit_code(), 0);
    let mut person = home.in_terminal(&command, &[], 100, 30);
    person.sees("[y/N]").press("y<Enter>");
    assert_eq!(person.sees("aborted 1 of 1").ended().exit_code(), 0);
}
