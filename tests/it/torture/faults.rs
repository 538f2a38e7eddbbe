//! One fault at a time: what the program makes of it, and what it says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;

use super::check::part_files;
use crate::support::home::noise;
use crate::support::program::Home;
use crate::support::rogue::{Ask, BUCKET, Fault, Rogue};

/// More than one part.
const LARGE: usize = 20 << 20;

/// A home whose bucket is behind the proxy and whose catalog is a file.
pub async fn home(provider: &str) -> (Home, Rogue) {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, provider, "sqlite:catalog.sqlite");
    (home, rogue)
}

/// The keys that have records.
pub fn records(home: &Home) -> Vec<String> {
    let listed = home.run(["ls", "--json"]).with(0).json();
    listed.iter().map(|line| line["key"].as_str().unwrap().to_owned()).collect()
}

/// Puts an object, past the proxy.
pub async fn put(client: &Client, key: &str, bytes: Vec<u8>) {
    client.put_object().bucket(BUCKET).key(key).body(ByteStream::from(bytes)).send().await.unwrap();
}

/// What an object holds, past the proxy.
pub async fn get(client: &Client, key: &str) -> Vec<u8> {
    let answer = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    answer.body.collect().await.unwrap().to_vec()
}

/// The first of the requests that something holds of.
fn first(holds: fn(&Ask) -> bool, fault: Fault) -> impl FnMut(&Ask) -> Option<Fault> + Send + 'static {
    let mut fault = Some(fault);
    move |ask| if holds(ask) { fault.take() } else { None }
}

/// Each of them.
fn each(holds: fn(&Ask) -> bool, fault: Fault) -> impl FnMut(&Ask) -> Option<Fault> + Send + 'static {
    move |ask| holds(ask).then(|| fault.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bit_flipped_on_the_way_up_gets_no_record() {
    for (provider, length) in [("s3", 5000), ("s3", LARGE), ("r2", 5000), ("r2", LARGE)] {
        let (home, rogue) = home(provider).await;
        let bytes = noise(length, 3);
        home.file("a.bin", &bytes);
        rogue.faults(each(Ask::carries_bytes, Fault::FlipUp));
        let ended = home.run(["upload", "a.bin", "--key", "k", "--json"]).with(1);
        assert_eq!(ended.json()[0]["state"], "failed", "{provider}, {length} bytes: {}", ended.out);
        assert_eq!(records(&home), Vec::<String>::new(), "{provider}, {length} bytes");
        rogue.behave();
        home.run(["upload", "a.bin", "--key", "k", "--on-conflict", "overwrite"]).with(0);
        assert!(get(&rogue.direct(), "k").await == bytes);
        assert_eq!(records(&home), ["k"]);
    }
}

/// Of what went to R2 in parts the bucket keeps nothing that would prove a download; the catalog does.
#[tokio::test(flavor = "multi_thread")]
async fn a_bit_flipped_on_the_way_down_never_gets_its_name() {
    for (provider, length) in [("s3", 5000), ("s3", LARGE), ("r2", 5000), ("r2", LARGE)] {
        let (home, rogue) = home(provider).await;
        let bytes = noise(length, 4);
        home.file("a.bin", &bytes);
        home.run(["upload", "a.bin", "--key", "k"]).with(0);
        rogue.faults(each(Ask::reads, Fault::FlipDown));
        let ended = home.run(["download", "k", "--to", "down"]);
        assert_eq!(ended.code, 1, "{provider}, {length} bytes");
        assert!(!home.here().join("down/k").exists());
        let streamed = home.command(["download", "k", "--to", "-"]).output().unwrap();
        let said = String::from_utf8_lossy(&streamed.stderr);
        assert!(streamed.status.code() == Some(1) && said.contains("is not the object"), "{said}");
        rogue.behave();
        home.run(["download", "k", "--to", "down"]).with(0);
        assert!(home.read("down/k") == bytes);
        assert_eq!(part_files(&home.here()), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_another_version_of_an_object_is_held_against_nothing() {
    let (home, rogue) = home("r2").await;
    home.file("a.bin", noise(LARGE, 14));
    home.run(["upload", "a.bin", "--key", "k"]).with(0);
    let another = noise(LARGE, 15);
    put(&rogue.direct(), "k", another.clone()).await;
    home.run(["download", "k", "--to", "down"]).with(0);
    assert!(home.read("down/k") == another);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_beginning_was_not_answered_is_begun_once() {
    for fault in [Fault::CutAnswer, Fault::SlowDown, Fault::TooMany(None)] {
        let (home, rogue) = home("s3").await;
        let bytes = noise(LARGE, 7);
        home.file("a.bin", &bytes);
        rogue.faults(first(Ask::begins, fault));
        let ended = home.run(["upload", "a.bin", "--key", "k"]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        assert!(get(&rogue.direct(), "k").await == bytes);
        assert_eq!(rogue.open_uploads().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_the_middle_is_gone_on_with() {
    let (home, rogue) = home("s3").await;
    let bytes = noise(LARGE, 7);
    home.file("a.bin", &bytes);
    rogue.faults(first(Ask::carries_bytes, Fault::CutRequest));
    home.run(["upload", "a.bin", "--key", "k"]).with(0);
    assert!(get(&rogue.direct(), "k").await == bytes);
    rogue.faults(first(Ask::reads, Fault::CutAnswer));
    home.run(["download", "k", "--to", "down"]).with(0);
    assert!(home.read("down/k") == bytes);
    let served: u64 = rogue.ledger().which(|entry| entry.ask.reads()).iter().map(|entry| entry.down).sum();
    // What came before the cut is kept, but for what was still under way in the connection.
    assert!(served < LARGE as u64 * 3 / 2, "{served} bytes were served of {LARGE}");
}

/// A short wait is waited out where it is met, a long one by the queue.
#[tokio::test(flavor = "multi_thread")]
async fn retry_after_is_obeyed() {
    for seconds in [2, 6] {
        let (home, rogue) = home("s3").await;
        home.file("a.bin", noise(5000, 8));
        rogue.faults(first(Ask::carries_bytes, Fault::TooMany(Some(seconds))));
        home.run(["upload", "a.bin", "--key", "k", "--wait"]).with(0);
        let asked = rogue.ledger().which(|entry| entry.ask.carries_bytes());
        let [refused, obeyed] = asked.as_slice() else { panic!("{asked:#?}") };
        // From where the request began: when its answer reached the program is not seen from here.
        let waited = obeyed.begun - refused.begun;
        assert!(waited >= Duration::from_secs(seconds), "asked again after {waited:?}");
        let between = rogue.ledger().which(|entry| entry.begun > refused.begun && entry.begun < obeyed.begun);
        let early = between.iter().filter(|entry| entry.begun < refused.begun + Duration::from_secs(seconds));
        assert_eq!(early.count(), 0, "{between:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_now_is_tried_again() {
    let (home, rogue) = home("s3").await;
    home.file("a.bin", noise(5000, 9));
    for fault in [Fault::SlowDown, Fault::TooMany(None)] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        rogue.faults(move |_| (counted.fetch_add(1, Ordering::Relaxed) < 2).then(|| fault.clone()));
        home.run(["upload", "a.bin", "--key", "k", "--on-conflict", "overwrite"]).with(0);
        assert!(asked.load(Ordering::Relaxed) > 2);
    }
}

/// Ten seconds without a byte are no reason to give up, up or down.
#[tokio::test(flavor = "multi_thread")]
async fn a_stall_of_ten_seconds_is_waited_out() {
    let (home, rogue) = home("s3").await;
    let bytes = noise(LARGE, 10);
    home.file("a.bin", &bytes);
    rogue.faults(first(Ask::carries_bytes, Fault::Stall(Duration::from_secs(10))));
    home.run(["upload", "a.bin", "--key", "k", "--wait"]).with(0);
    assert_eq!(rogue.ledger().which(|entry| entry.ask.part == Some(1)).len(), 1, "it was not sent again");
    rogue.faults(first(Ask::reads, Fault::Stall(Duration::from_secs(10))));
    home.run(["download", "k", "--to", "down"]).with(0);
    assert!(home.read("down/k") == bytes);
}
