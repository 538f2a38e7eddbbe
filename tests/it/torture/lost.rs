//! Answers that are lost after the server did the work, for each call that changes something: what was done is made out,
//! nothing is done twice, and nothing is left over.

use bytes::Bytes;
use windlass::domain::FailureKind;
use windlass::storage::{PutOptions, Sent};

use super::cancel::half_sent;
use super::faults::{get, home, records};
use crate::support::home::noise;
use crate::support::program::Home;
use crate::support::rogue::{Ask, Fault, Rogue};

/// More than one part.
const LARGE: usize = 20 << 20;

/// Which requests are meant.
type Holds = fn(&Ask) -> bool;

/// What an upload changes something with, and the size of a file that needs it.
const OF_UPLOADS: [(&str, usize, Holds); 5] = [
    ("PutObject of nothing", 0, Ask::carries_bytes),
    ("PutObject", 5000, Ask::carries_bytes),
    ("CreateMultipartUpload", LARGE, Ask::begins),
    ("UploadPart", LARGE, Ask::carries_bytes),
    ("CompleteMultipartUpload", LARGE, Ask::completes),
];

/// Loses the answer of the first of the requests that something holds of.
fn lose_first(rogue: &Rogue, holds: Holds) {
    let mut fault = Some(Fault::LoseAnswer);
    rogue.faults(move |ask| if holds(ask) { fault.take() } else { None });
}

/// How often the server has done it.
fn done(rogue: &Rogue, holds: Holds) -> usize {
    rogue.ledger().which(|entry| holds(&entry.ask) && entry.acknowledged()).len()
}

async fn is_there_once(home: &Home, rogue: &Rogue, bytes: &[u8], call: &str) {
    assert!(get(&rogue.direct(), "k").await == bytes, "{call}");
    assert_eq!((records(home), rogue.open_uploads().await), (vec!["k".to_owned()], 0), "{call}");
}

/// Refusing what exists is the default: what exists because its answer was lost is not refused.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_answer_is_lost_once_is_there_once() {
    for (call, length, holds) in OF_UPLOADS {
        let (home, rogue) = home("s3").await;
        let bytes = noise(length, 11);
        home.file("a.bin", &bytes);
        lose_first(&rogue, holds);
        let ended = home.run(["upload", "a.bin", "--key", "k"]);
        assert!(done(&rogue, holds) > 0, "{call} was never asked for");
        assert_eq!(ended.code, 0, "{call}: {}", ended.err);
        is_there_once(&home, &rogue, &bytes, call).await;
    }
}

/// A run that hears no answer, nor can look whether the object is there, leaves it to the next.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_answers_are_all_lost_is_there_once_after_the_next_run() {
    for (call, length, holds) in OF_UPLOADS {
        let (home, rogue) = home("s3").await;
        let bytes = noise(length, 12);
        home.file("a.bin", &bytes);
        home.run(["upload", "a.bin", "--key", "k", "--detach"]).with(0);
        let mut asked = false;
        rogue.faults(move |ask| {
            asked |= holds(ask);
            let looks = asked && ask.method == "HEAD";
            (holds(ask) || looks).then_some(Fault::LoseAnswer)
        });
        home.run(["resume"]).with(1);
        assert!(done(&rogue, holds) > 0, "{call} was never asked for");
        rogue.behave();
        home.run(["resume"]).with(0);
        is_there_once(&home, &rogue, &bytes, call).await;
    }
}

/// Or what is damaged from then on would not be noticed.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_does_not_show_that_the_service_passes_over_checksums() {
    let (home, rogue) = home("s3").await;
    let store = home.services().connect("far").await.unwrap().store.clone();
    let options = PutOptions { if_absent: true, ..PutOptions::default() };
    let sent = Sent::default();
    let put = |key, seed| store.put(key, Bytes::from(noise(5000, seed)).into(), &options, &sent);
    lose_first(&rogue, Ask::carries_bytes);
    put("a", 1).await.unwrap();
    rogue.faults(|ask| ask.carries_bytes().then_some(Fault::FlipUp));
    assert_eq!(put("b", 2).await.unwrap_err().kind, FailureKind::Integrity);
}

#[tokio::test(flavor = "multi_thread")]
async fn deletes_whose_answers_are_lost_are_deletes() {
    let ways: [(usize, Holds); 2] = [(1, Ask::deletes), (20, Ask::deletes_many)];
    for (count, holds) in ways {
        let (home, rogue) = home("s3").await;
        for number in 0..count {
            home.file(&format!("old/{number}"), number.to_string());
        }
        home.run(["upload", "old", "--to", "old"]).with(0);
        home.file("stays", "stays");
        home.run(["upload", "stays", "--key", "stays"]).with(0);
        lose_first(&rogue, holds);
        home.run(["rm", "old/", "-r", "--yes"]).with(0);
        assert!(done(&rogue, holds) > 1, "it was asked again");
        assert_eq!(records(&home), ["stays"]);
        assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).json().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_whose_answer_is_lost_is_a_cancel_and_says_nothing_else() {
    let (home, rogue, id) = half_sent().await;
    lose_first(&rogue, Ask::aborts);
    home.run(["cancel", &id]).with(0);
    assert!(done(&rogue, Ask::aborts) > 0);
    let line = &home.run(["transfers", "--json"]).with(0).json()[0];
    assert_eq!((line["state"].as_str(), line["error"].as_str()), (Some("cancelled"), None), "{line}");
    assert_eq!((rogue.open_uploads().await, records(&home)), (0, Vec::new()));
}
