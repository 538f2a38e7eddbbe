//! Uploads that hardly move keep no others from sending.

use std::path::Path;
use std::sync::Arc;

use windlass::domain::transfer::Limits;
use windlass::domain::{TransferKind, TransferState};
use windlass::transfer::{Connection, NewTransfer, Scope};

use super::{MIB, ended, opened};
use crate::support::home::{bytes_of, job, noise, open_uploads, queue, until};
use crate::support::program::Home;

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_whose_bytes_hardly_move_keeps_no_other_from_sending() {
    let home = Home::new();
    let local = |name| format!("[profiles.{name}]\nprovider = \"local\"\ndatabase_url = \"sqlite:{name}.sqlite\"\n");
    home.configure(&["slow", "other"].map(local).concat());
    let services = home.services();
    let (slow, other) = (services.connect("slow").await.unwrap(), services.connect("other").await.unwrap());
    let queue = queue(&home, services, Scope::All).await;
    queue.set_limits(&slow.identity, Limits { jobs: 8, rate: 1 });
    let large = home.file("large", noise(40 * MIB, 1));
    let upload = |connection: &Connection, key: &str, path: &Path| NewTransfer {
        size: Some(std::fs::metadata(path).unwrap().len()),
        ..job(TransferKind::Upload, connection, key, Some(path))
    };
    let held = (0..8).map(|number| upload(&slow, &format!("slow-{number}"), &large)).collect();
    let held = queue.enqueue(held).await.unwrap();
    // The first of them has four parts of 6 MiB in memory: all there is.
    while open_uploads(&slow).await < held.len() {
        tokio::task::yield_now().await;
    }
    let (small, parts) = (home.file("small", noise(1000, 2)), home.file("parts", noise(20 * MIB, 3)));
    let quick = queue.enqueue(vec![upload(&other, "small", &small), upload(&other, "parts", &parts)]).await.unwrap();
    for id in quick {
        let up = ended(&queue, id).await.transfer;
        assert_eq!((up.state, &up.error), (TransferState::Done, &None));
    }
    assert!(bytes_of(&other, "parts").await == home.read("parts"));
    for id in held {
        let slow = until(&queue, id, |_| true).await.transfer;
        assert_eq!((slow.state, slow.acknowledged), (TransferState::Sending, 0));
    }
}

// A part takes minutes at this limit: whoever has to wait for one is not seen to begin within the test's time.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_limit_a_second_large_file_and_small_ones_begin_while_the_first_has_all_slots_and_room() {
    for jobs in [2, 4, 8] {
        let home = Home::new();
        let (connection, queue) = opened(&home, &Arc::default()).await;
        queue.set_limits(&connection.identity, Limits { jobs, rate: 64 << 10 });
        let (large, small) = (home.file("large", noise(64 * MIB, 1)), home.file("small", noise(1000, 2)));
        let upload = |key: &str, path: &Path| NewTransfer {
            size: Some(std::fs::metadata(path).unwrap().len()),
            ..job(TransferKind::Upload, &connection, key, Some(path))
        };
        let first = queue.enqueue(vec![upload("first", &large)]).await.unwrap()[0];
        // Each of its parts has sent something: four where there are slots for them, else two.
        let parts = jobs.min(4) as u64;
        until(&queue, first, |shown| shown.sent >= parts * (64 << 10) / 16).await;
        let later = queue.enqueue(vec![upload("second", &large), upload("small", &small)]).await.unwrap();
        until(&queue, later[0], |shown| shown.sent > 0).await;
        assert_eq!(ended(&queue, later[1]).await.transfer.state, TransferState::Done, "{jobs} jobs");
        let both = [first, later[0]].map(|id| until(&queue, id, |_| true));
        for shown in futures::future::join_all(both).await {
            assert_eq!((shown.transfer.state, shown.transfer.acknowledged), (TransferState::Sending, 0));
        }
    }
}
