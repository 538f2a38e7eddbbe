//! The database goes away while files go up: the objects are stored, their records wait, and every one is written once
//! when it is back, whoever is alive by then.

use std::sync::Arc;

use windlass::domain::{FailureKind, TransferKind, TransferState};
use windlass::services::Services;
use windlass::storage::local::{LocalBucket, ServedBucket};
use windlass::transfer::{NewTransfer, Scope};

use crate::support::home::{job, queue, until};
use crate::support::postgres::{Cluster, Setup, texts};
use crate::support::program::Home;

/// A profile `prod`: an S3 endpoint that is served over http, and a PostgreSQL of the test's own.
pub struct Prod {
    /// The user's home, with its configuration.
    pub home: Home,
    /// The database server, to be stopped and started.
    pub cluster: Cluster,
    /// The database's URL.
    pub url: String,
    _bucket: ServedBucket,
    _elsewhere: Home,
}

impl Prod {
    /// Everything running, the table not yet made.
    pub async fn start() -> Self {
        let (home, elsewhere) = (Home::new(), Home::new());
        let bucket = LocalBucket::open(&elsewhere.path().join("bucket")).await.unwrap().serve_private().await.unwrap();
        let cluster = Cluster::own(Setup::default()).await;
        let url = cluster.database("prod").await;
        let access = &bucket.access;
        let text = format!(
            "default_profile = \"prod\"\n[profiles.prod]\nprovider = \"s3\"\nendpoint = \"{}\"\nregion = \"{}\"\n\
             access_key_id = \"{}\"\nsecret_access_key = \"{}\"\nbucket = \"{}\"\ndatabase_url = \"{url}\"\n\
             user_id = \"user_123\"\n",
            access.endpoint,
            access.region,
            access.access_key_id,
            access.secret_access_key.expose(),
            access.bucket,
        );
        home.configure(&text);
        Self { home, cluster, url, _bucket: bucket, _elsewhere: elsewhere }
    }

    /// The services over its configuration.
    pub fn services(&self) -> Arc<Services> {
        self.home.services()
    }

    /// The keys in the table, one entry a row.
    pub async fn keys(&self) -> Vec<String> {
        let rows = texts(&self.url, "SELECT object_key FROM s3_files ORDER BY object_key").await;
        rows.into_iter().flatten().collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_wait_in_recording_while_the_database_is_stopped_and_are_recorded_once() {
    let mut prod = Prod::start().await;
    let services = prod.services();
    let connection = services.connect("prod").await.unwrap();
    connection.catalog.migrate().await.unwrap();
    let queue = queue(&prod.home, services, Scope::All).await;
    let source = prod.home.file("f.txt", b"kept");
    prod.cluster.stop();

    let keys: Vec<String> = (0..5).map(|number| format!("k{number}")).collect();
    let jobs: Vec<NewTransfer> =
        keys.iter().map(|key| job(TransferKind::Upload, &connection, key, Some(&source))).collect();
    let ids = queue.enqueue(jobs).await.unwrap();
    for (id, key) in ids.iter().zip(&keys) {
        let waiting = until(&queue, *id, |shown| shown.held).await;
        assert_eq!(waiting.transfer.state, TransferState::Recording, "{:?}", waiting.transfer.error);
        assert_eq!(waiting.transfer.attempts, 0, "they wait together, and it counts against none of them");
        assert!(connection.store.head(key).await.is_ok(), "the object is up");
    }
    let seen = queue.view().borrow().clone();
    let hold = seen.lanes[0].records.as_ref().unwrap();
    assert_eq!((hold.failure.kind, hold.waiting), (FailureKind::CatalogAway, 5), "it is said once, for all of them");
    assert_eq!(seen.lanes[0].hold, None, "bytes go on");
    prod.cluster.start();
    for id in &ids {
        until(&queue, *id, |shown| shown.transfer.state == TransferState::Done).await;
    }
    assert_eq!(prod.keys().await, keys);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_table_fails_the_upload_before_the_first_byte_and_says_what_to_do() {
    let prod = Prod::start().await;
    let services = prod.services();
    let connection = services.connect("prod").await.unwrap();
    let queue = queue(&prod.home, services, Scope::All).await;
    let source = prod.home.file("f.txt", b"kept");
    let id = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    let failed = until(&queue, id, |shown| shown.transfer.state.is_final()).await.transfer;
    let sentence = failed.error.as_ref().unwrap().sentence();
    assert!(sentence.contains("s3_files") && sentence.contains("catalog migrate"), "{sentence}");
    assert_eq!(connection.store.head("k").await.unwrap_err().kind, FailureKind::NotFound);

    connection.catalog.migrate().await.unwrap();
    queue.retry(&[id]).await.unwrap();
    until(&queue, id, |shown| shown.transfer.state == TransferState::Done).await;
    assert_eq!(prod.keys().await, ["k"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_interrupted_by_the_database_forgets_the_record_later() {
    let mut prod = Prod::start().await;
    let services = prod.services();
    let connection = services.connect("prod").await.unwrap();
    connection.catalog.migrate().await.unwrap();
    let queue = queue(&prod.home, services, Scope::All).await;
    let source = prod.home.file("f.txt", b"kept");
    let up = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    until(&queue, up, |shown| shown.transfer.state == TransferState::Done).await;
    prod.cluster.stop();
    let delete = NewTransfer { without_record: true, ..job(TransferKind::Delete, &connection, "k", None) };
    let id = queue.enqueue(vec![delete]).await.unwrap()[0];
    let waiting = until(&queue, id, |shown| shown.transfer.error.is_some()).await.transfer;
    assert_eq!(waiting.state, TransferState::Forgetting);
    prod.cluster.start();
    until(&queue, id, |shown| shown.transfer.state == TransferState::Done).await;
    assert_eq!(prod.keys().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_another_user_is_a_conflict_before_the_first_byte() {
    let prod = Prod::start().await;
    let services = prod.services();
    let connection = services.connect("prod").await.unwrap();
    connection.catalog.migrate().await.unwrap();
    crate::support::postgres::sql(
        &prod.url,
        "INSERT INTO s3_files (object_key, file_url, user_id) VALUES ('k', 'https://x', 'somebody-else')",
    )
    .await;
    let queue = queue(&prod.home, services, Scope::All).await;
    let source = prod.home.file("f.txt", b"kept");
    let id = queue.enqueue(vec![job(TransferKind::Upload, &connection, "k", Some(&source))]).await.unwrap()[0];
    let failed = until(&queue, id, |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!(failed.error.as_ref().unwrap().kind, FailureKind::Conflict, "{:?}", failed.error);
    assert_eq!(connection.store.head("k").await.unwrap_err().kind, FailureKind::NotFound);
}

/// The states of the journal's transfers, as another process sees them.
fn states(home: &Home) -> Vec<String> {
    let listed = home.run(["transfers", "--json"]).with(0).json();
    listed.iter().map(|transfer| transfer["state"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_records_wait_the_next_start_writes_each_once() {
    let mut prod = Prod::start().await;
    prod.home.run(["catalog", "migrate"]).with(0);
    for number in 0..5 {
        prod.home.file(&format!("k{number}"), [b'x'; 1000]);
    }
    prod.cluster.stop();
    let arguments = ["upload", "--wait", "--to", "up/", "k0", "k1", "k2", "k3", "k4"];
    let mut waiting = prod.home.command(arguments).spawn().unwrap();
    while states(&prod.home) != ["recording"; 5] {
        assert!(waiting.try_wait().unwrap().is_none(), "it ended instead of waiting: {:?}", states(&prod.home));
    }
    waiting.kill().unwrap();
    waiting.wait().unwrap();

    let parked = prod.home.run(["resume"]).with(1);
    assert!(parked.err.contains("database"), "{parked:?}");
    prod.cluster.start();
    prod.home.run(["resume"]).with(0);
    assert_eq!(prod.keys().await.len(), 5, "each once");
    assert_eq!(states(&prod.home), ["done"; 5]);
    let listed = prod.home.run(["ls", "--bucket", "--json"]).with(0);
    assert_eq!(listed.json().len(), 5);
    assert_eq!(prod.home.run(["ls", "--json"]).with(0).json().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_upload_of_a_key_whose_record_waits_does_not_wait_for_ever() {
    let mut prod = Prod::start().await;
    prod.home.run(["catalog", "migrate"]).with(0);
    prod.home.file("f.txt", "kept");
    prod.cluster.stop();
    let first = prod.home.run(["upload", "--key", "k", "f.txt"]).with(1);
    assert!(first.err.contains("stored, not recorded yet: windlass resume"), "{}", first.err);
    let second = prod.home.run(["upload", "--key", "k", "--on-conflict", "overwrite", "f.txt"]).with(1);
    assert!(second.err.contains("windlass resume"), "{}", second.err);
    prod.home.run(["resume"]).with(1);
    prod.cluster.start();
    prod.home.run(["resume"]).with(0);
    assert_eq!(prod.keys().await, ["k"]);
    assert_eq!(states(&prod.home), ["done"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_only_queued_is_run_before_what_comes_after_it() {
    let home = Home::new();
    home.file("old.txt", "old");
    home.file("new.txt", "new");
    home.run(["upload", "--key", "k", "--detach", "old.txt"]).with(0);
    home.run(["upload", "--key", "k", "--on-conflict", "overwrite", "new.txt"]).with(0);
    assert_eq!(states(&home), ["done"; 2]);
    home.run(["download", "k"]).with(0);
    assert_eq!(home.read("k"), b"new");
}
