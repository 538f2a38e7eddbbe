//! Upload requests: somebody else uploads by a URL, and what comes of it ends with its record, or with the reason why not.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Connection as _;
use windlass::catalog::RecordQuery;
use windlass::config::load::{Flags, load};
use windlass::domain::transfer::{AskedUpload, TransferView};
use windlass::domain::{Failure, FailureKind, NewRecord, Origin, Record, TransferId, TransferKind, TransferState};
use windlass::services::Services;
use windlass::storage::{PutOptions, Sent};
use windlass::transfer::{Connection, NewTransfer, Queue, Requested, Scope, WantedUpload};

use crate::support::faulty::{Faults, Faulty};
use crate::support::home::{Wrapped, job, queue, until};
use crate::support::http;
use crate::support::program::Home;
use crate::support::rogue::{Fault, Rogue};

const PNG: &str = "image/png";

/// A profile whose bucket fails as the test says, and a queue that runs everything.
struct Stage {
    home: Home,
    /// Serve the bucket as long as they are there.
    _services: Arc<Services>,
    faults: Arc<Faults>,
    connection: Arc<Connection>,
    queue: Arc<Queue>,
}

impl Stage {
    async fn new() -> Self {
        Self::in_home(Home::new()).await
    }

    async fn in_home(home: Home) -> Self {
        // As the screen does: links lead to an address that somebody holds.
        let services = Services::new(load(&Flags::default(), &|_| None, home.places()).unwrap());
        let (connection, faults) = (services.connect("local").await.unwrap(), Arc::<Faults>::default());
        let queue = opened(&home, &services, &faults, Scope::All).await;
        Self { home, _services: services, faults, connection, queue }
    }

    async fn ask(&self, size: Option<u64>, seconds: u64) -> Requested {
        let expires = Duration::from_secs(seconds);
        let wanted =
            WantedUpload { name: "a b.png".into(), content_type: PNG.into(), size, expires, prefix: "in/".into() };
        self.queue.request(&self.connection, &wanted).await.unwrap()
    }

    /// A request whose URL ends at that moment.
    fn ending(&self, key: &str, ends: DateTime<Utc>) -> NewTransfer {
        let asked = job(TransferKind::Request, &self.connection, key, None);
        let wanted = AskedUpload { size: Some(5), content_type: PNG.into(), expires_at: ends };
        NewTransfer { asked: Some(wanted), ..asked }
    }

    async fn put(&self, key: &str, bytes: &'static [u8], content_type: &str) {
        let options = PutOptions { content_type: content_type.into(), ..PutOptions::default() };
        let bytes = Bytes::from_static(bytes).into();
        self.connection.store.put(key, bytes, &options, &Sent::default()).await.unwrap();
    }

    async fn state(&self, id: TransferId, state: TransferState) -> TransferView {
        until(&self.queue, id, |shown| shown.transfer.state == state).await
    }

    async fn end(&self, id: TransferId) -> TransferView {
        until(&self.queue, id, |shown| shown.transfer.state.is_final()).await
    }

    async fn records(&self) -> Vec<Record> {
        let query = RecordQuery { limit: 100, ..RecordQuery::default() };
        self.connection.catalog.page(&query).await.unwrap().records
    }
}

async fn opened(home: &Home, services: &Arc<Services>, faults: &Arc<Faults>, scope: Scope) -> Arc<Queue> {
    let wrapping = faults.clone();
    let connector = Wrapped::new(services.clone(), move |store| Faulty::around(store, wrapping.clone()));
    queue(home, connector, scope).await
}

fn hour_ago() -> DateTime<Utc> {
    Utc::now() - TimeDelta::hours(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_uploads_by_the_url_ends_with_its_record() {
    let stage = Stage::new().await;
    let asked = stage.ask(Some(5), 300).await;
    assert!(asked.key.starts_with("in/") && asked.key.ends_with("-a b.png"), "{}", asked.key);
    let waiting = until(&stage.queue, asked.id, |shown| shown.transfer.not_before.is_some()).await.transfer;
    assert_eq!((waiting.state, waiting.url_ends()), (TransferState::Waiting, Some(asked.expires_at)));
    let sent = http::request("PUT", asked.url.expose(), &asked.headers, b"bytes").await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let done = stage.end(asked.id).await.transfer;
    assert_eq!((done.state, &done.error), (TransferState::Done, &None));
    let records = stage.records().await;
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].key.as_str(), records[0].size), (&*asked.key, Some(5)));
    assert_eq!(records[0].content_type.as_deref(), Some(PNG));
    assert!(records[0].verified_at.is_some(), "its object was looked at");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_holds_no_url() {
    let stage = Stage::new().await;
    let asked = stage.ask(None, 300).await;
    until(&stage.queue, asked.id, |shown| shown.transfer.not_before.is_some()).await;
    let signature = asked.url.expose().split("X-Amz-Signature=").nth(1).unwrap().as_bytes().to_vec();
    let state = stage.home.places().journal();
    for file in std::fs::read_dir(state.parent().unwrap()).unwrap().map(|file| file.unwrap().path()) {
        let bytes = if file.is_file() { std::fs::read(&file).unwrap() } else { Vec::new() };
        assert!(!bytes.windows(signature.len()).any(|window| window == signature), "{}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_expires_only_after_a_last_look() {
    let stage = Stage::new().await;
    let offline = Failure::new(FailureKind::Offline, "no route");
    *stage.faults.every_head.lock().unwrap() = Some(offline);
    stage.put("came", b"bytes", PNG).await;
    let ids = stage.queue.enqueue(["came", "never"].map(|key| stage.ending(key, hour_ago())).into()).await.unwrap();
    for id in &ids {
        until(&stage.queue, *id, |shown| shown.held).await;
    }
    assert!(stage.faults.heads_asked.load(Ordering::SeqCst) > 0, "it was looked for, in vain");
    *stage.faults.every_head.lock().unwrap() = None;
    stage.queue.retry(&ids).await.unwrap();
    assert_eq!(stage.end(ids[0]).await.transfer.state, TransferState::Done, "its URL ended while nobody looked");
    let expired = stage.end(ids[1]).await.transfer;
    assert_eq!(expired.state, TransferState::Expired);
    assert!(expired.error.as_ref().unwrap().sentence().contains("windlass record never"), "{:?}", expired.error);
    assert_eq!(stage.records().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_type_or_size_than_was_asked_for_fails_and_is_recorded_only_by_a_wish() {
    let stage = Stage::new().await;
    stage.put("type", b"bytes", "text/html").await;
    stage.put("size", b"by", PNG).await;
    let ends = Utc::now() + TimeDelta::hours(1);
    let ids = stage.queue.enqueue(["type", "size"].map(|key| stage.ending(key, ends)).into()).await.unwrap();
    let said = [stage.end(ids[0]).await, stage.end(ids[1]).await].map(|shown| shown.transfer);
    assert!(said.iter().all(|transfer| transfer.state == TransferState::Failed), "{said:?}");
    let what = said.map(|transfer| transfer.error.as_ref().unwrap().what.clone());
    assert!(what[0].contains("image/png was asked for, text/html came"), "{}", what[0]);
    assert!(what[1].contains("it has 2 bytes, 5 were asked for"), "{}", what[1]);
    assert_eq!(stage.records().await, [], "nothing is written");
    let record = stage.queue.record(&stage.connection, "type").await.unwrap();
    assert_eq!(stage.end(record).await.transfer.state, TransferState::Done);
    let records = stage.records().await;
    assert_eq!((records.len(), records[0].content_type.as_deref()), (1, Some("text/html")), "as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_holds_up_nobody_and_is_cancelled_at_once() {
    let stage = Stage::new().await;
    let asked = stage.ask(None, 300).await;
    until(&stage.queue, asked.id, |shown| shown.transfer.not_before.is_some()).await;
    let source = stage.home.file("f", b"bytes");
    let upload = job(TransferKind::Upload, &stage.connection, "other", Some(&source));
    let upload = stage.queue.enqueue(vec![upload]).await.unwrap()[0];
    assert_eq!(stage.end(upload).await.transfer.state, TransferState::Done);
    let delete = NewTransfer { without_record: true, ..job(TransferKind::Delete, &stage.connection, &asked.key, None) };
    let delete = stage.queue.enqueue(vec![delete]).await.unwrap()[0];
    assert_eq!(stage.end(delete).await.transfer.state, TransferState::Done, "of the same key");
    assert_eq!(stage.queue.cancel(&[asked.id]).await.unwrap(), 1);
    stage.state(asked.id, TransferState::Cancelled).await;
    assert_eq!(stage.queue.retry(&[asked.id]).await.unwrap(), 1);
    stage.state(asked.id, TransferState::Waiting).await;
    stage.put(&asked.key, b"bytes", PNG).await;
    assert_eq!(stage.end(asked.id).await.transfer.state, TransferState::Done, "it watches again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_needs_its_object() {
    let stage = Stage::new().await;
    let id = stage.queue.record(&stage.connection, "nothing").await.unwrap();
    let failed = stage.end(id).await.transfer;
    assert_eq!(failed.state, TransferState::Failed);
    assert!(failed.error.as_ref().unwrap().what.contains("there is no object nothing"), "{:?}", failed.error);
    stage.put("there", b"bytes", "text/plain; charset=utf-8").await;
    for _ in 0..2 {
        let id = stage.queue.record(&stage.connection, "there").await.unwrap();
        assert_eq!(stage.end(id).await.transfer.state, TransferState::Done);
    }
    let records = stage.records().await;
    assert_eq!((records.len(), records[0].content_type.as_deref()), (1, Some("text/plain")), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_what_is_found_leaves_an_apps_time_and_one_of_what_was_asked_for_sets_it() {
    let stage = Stage::new().await;
    let began = Utc::now();
    let of_2020: DateTime<Utc> = "2020-01-02T03:04:05Z".parse().unwrap();
    for key in ["found", "asked"] {
        stage.put(key, b"bytes", PNG).await;
        let row = NewRecord {
            origin: Origin::Uploaded,
            key: key.into(),
            url: None,
            user_id: stage.connection.writer.clone(),
            uploaded_at: of_2020,
            bucket: stage.connection.profile.bucket().into(),
            size: 5,
            content_type: PNG.into(),
            etag: None,
            checksum: None,
        };
        stage.connection.catalog.record(&[row]).await.unwrap();
    }
    let found = stage.queue.record(&stage.connection, "found").await.unwrap();
    let asked = stage.queue.enqueue(vec![stage.ending("asked", Utc::now() + TimeDelta::hours(1))]).await.unwrap()[0];
    for id in [found, asked] {
        assert_eq!(stage.end(id).await.transfer.state, TransferState::Done);
    }
    for record in stage.records().await {
        let kept = record.uploaded_at == Some(of_2020);
        assert_eq!(kept, record.key == "found", "{record:?}");
        assert!(record.etag.is_some() && record.verified_at.unwrap() > began - TimeDelta::seconds(2), "{record:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_asked_for_while_a_request_waits_is_that_requests() {
    let stage = Stage::new().await;
    let asked = stage.ask(Some(5), 300).await;
    until(&stage.queue, asked.id, |shown| shown.transfer.not_before.is_some()).await;
    stage.put(&asked.key, b"other bytes", PNG).await;
    assert_eq!(stage.queue.record(&stage.connection, &asked.key).await, Ok(asked.id));
    let failed = stage.end(asked.id).await.transfer;
    assert!(failed.error.as_ref().unwrap().what.contains("11 bytes, 5 were asked for"), "{:?}", failed.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_what_another_windlass_watches_is_asked_of_that_one() {
    let stage = Stage::new().await;
    let asked = stage.ask(Some(5), 300).await;
    until(&stage.queue, asked.id, |shown| shown.transfer.not_before.is_some()).await;
    stage.put(&asked.key, b"bytes", PNG).await;
    let recorded = stage.home.run(["record", &asked.key, "--json"]).with(0).json();
    assert_eq!((recorded.len(), recorded[0]["objectKey"].as_str()), (1, Some(&*asked.key)));
    assert_eq!(stage.end(asked.id).await.transfer.state, TransferState::Done);
    assert_eq!(stage.queue.view().borrow().transfers.len(), 1, "there was no second one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_the_right_to_look_waits_on_and_says_why() {
    let stage = Stage::new().await;
    *stage.faults.every_head.lock().unwrap() = Some(Failure::new(FailureKind::Denied, "the key may not do that"));
    let ends = Utc::now() + TimeDelta::hours(1);
    let ids = stage.queue.enqueue(vec![stage.ending("k", ends), stage.ending("late", hour_ago())]).await.unwrap();
    let waits = |shown: &TransferView| shown.transfer.not_before.is_some();
    let waiting = until(&stage.queue, ids[0], waits).await.transfer;
    assert_eq!((waiting.state, waiting.attempts), (TransferState::Waiting, 0));
    assert_eq!(waiting.error.as_ref().unwrap().kind, FailureKind::Denied);
    let expired = stage.end(ids[1]).await.transfer;
    assert_eq!(expired.state, TransferState::Expired);
    assert!(expired.error.as_ref().unwrap().what.contains("cannot be seen"), "{:?}", expired.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_is_refused() {
    let home = Home::new();
    home.configure("[profiles.local]\nprovider = \"local\"\nkey_template = \"{name}\"\n");
    let stage = Stage::in_home(home).await;
    let expires = Duration::from_secs(300);
    let wanted =
        WantedUpload { name: "a.png".into(), content_type: PNG.into(), size: None, expires, prefix: String::new() };
    let asked = stage.queue.request(&stage.connection, &wanted).await.unwrap();
    let refused = stage.queue.request(&stage.connection, &wanted).await.unwrap_err();
    assert!(refused.what.contains("is waited for already"), "{refused}");
    stage.put("a.png", b"bytes", PNG).await;
    stage.end(asked.id).await;
    let refused = stage.queue.request(&stage.connection, &wanted).await.unwrap_err();
    assert!(refused.what.contains("there is an object a.png already"), "{refused}");
    assert_eq!(stage.queue.view().borrow().transfers.len(), 1, "nothing else is queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_opens_later_watches_what_a_command_asked_for() {
    let home = Home::new();
    let (services, faults) = (home.services(), Arc::<Faults>::default());
    let connection = services.connect("local").await.unwrap();
    let command = opened(&home, &services, &faults, Scope::Nothing).await;
    let expires = Duration::from_secs(300);
    let wanted =
        WantedUpload { name: "x".into(), content_type: PNG.into(), size: None, expires, prefix: String::new() };
    let asked = command.request(&connection, &wanted).await.unwrap();
    command.close().await;
    drop(command);
    let screen = opened(&home, &services, &faults, Scope::All).await;
    let options = PutOptions { content_type: PNG.into(), ..PutOptions::default() };
    connection.store.put(&asked.key, Bytes::from_static(b"x").into(), &options, &Sent::default()).await.unwrap();
    let done = until(&screen, asked.id, |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!((done.state, done.url_ends()), (TransferState::Done, Some(asked.expires_at)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_odd_answer_ends_no_request_before_its_url_has_ended() {
    let stage = Stage::new().await;
    let ends = Utc::now() + TimeDelta::hours(1);
    for odd in [FailureKind::Internal, FailureKind::Unsupported, FailureKind::Usage] {
        *stage.faults.every_head.lock().unwrap() = Some(Failure::new(odd, "a page to log in at"));
        let key = format!("{odd:?}");
        let ids = stage.queue.enqueue(vec![stage.ending(&key, ends), stage.ending("late", hour_ago())]).await.unwrap();
        let waiting = until(&stage.queue, ids[0], |shown| shown.transfer.error.is_some()).await.transfer;
        assert_eq!((waiting.state, waiting.error.as_ref().unwrap().kind), (TransferState::Waiting, odd));
        assert_eq!(stage.end(ids[1]).await.transfer.state, TransferState::Failed, "nothing is waited for any more");
        *stage.faults.every_head.lock().unwrap() = None;
        stage.put(&key, b"bytes", PNG).await;
        assert_eq!(stage.end(ids[0]).await.transfer.state, TransferState::Done, "it has looked again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_that_is_good_by_the_buckets_clock_is_watched_on() {
    let (home, rogue) = (Home::new(), Rogue::start().await);
    rogue.configure(&home, "s3", &format!("sqlite:{}", home.path().join("catalog.sqlite").display()));
    let services = home.services();
    let connection = services.connect("far").await.unwrap();
    let queue = queue(&home, services, Scope::All).await;
    let ended = Utc::now() - TimeDelta::minutes(1);
    rogue.faults(move |_| Some(Fault::Dated(ended - TimeDelta::minutes(3))));
    let wanted = AskedUpload { size: None, content_type: PNG.into(), expires_at: ended };
    let asked = |key| NewTransfer { asked: Some(wanted.clone()), ..job(TransferKind::Request, &connection, key, None) };
    let ids = queue.enqueue(vec![asked("came"), asked("never")]).await.unwrap();
    for id in &ids {
        let waiting = until(&queue, *id, |shown| shown.transfer.error.is_some()).await.transfer;
        assert_eq!(waiting.state, TransferState::Waiting);
        assert!(waiting.error.as_ref().unwrap().what.contains("clock is behind"), "{:?}", waiting.error);
    }
    let options = PutOptions { content_type: PNG.into(), ..PutOptions::default() };
    connection.store.put("came", Bytes::from_static(b"x").into(), &options, &Sent::default()).await.unwrap();
    let came = until(&queue, ids[0], |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!(came.state, TransferState::Done);
    rogue.behave();
    let never = until(&queue, ids[1], |shown| shown.transfer.state.is_final()).await.transfer;
    assert_eq!(never.state, TransferState::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_first_is_not_what_was_asked_for() {
    let home = Home::new();
    let catalog = home.path().join("catalog.sqlite");
    home.configure(&format!(
        "[profiles.local]\nprovider = \"local\"\ndatabase_url = \"sqlite:{}\"\n",
        catalog.display()
    ));
    let stage = Stage::in_home(home).await;
    assert_eq!(stage.records().await, [], "its table is there");
    let url = format!("sqlite:{}", catalog.display());
    let mut beside = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON local_files BEGIN SELECT RAISE(ABORT, 'not today'); END";
    sqlx::raw_sql(refuse).execute(&mut beside).await.unwrap();
    stage.put("recorded", b"first", "text/html").await;
    stage.put("asked", b"first", PNG).await;
    let record = stage.queue.record(&stage.connection, "recorded").await.unwrap();
    let any_size = stage.ending("asked", Utc::now() + TimeDelta::hours(1));
    let any_size = NewTransfer { asked: any_size.asked.map(|asked| AskedUpload { size: None, ..asked }), ..any_size };
    let ids = [record, stage.queue.enqueue(vec![any_size]).await.unwrap()[0]];
    for id in ids {
        let failed = stage.end(id).await.transfer;
        assert!(failed.error.as_ref().unwrap().what.contains("has no record"), "{:?}", failed.error);
    }
    sqlx::raw_sql("DROP TRIGGER refuse").execute(&mut beside).await.unwrap();
    stage.put("recorded", b"another one", "text/plain").await;
    stage.put("asked", b"another one", PNG).await;
    stage.queue.retry(&ids).await.unwrap();
    for id in ids {
        let done = until(&stage.queue, id, |shown| shown.transfer.state == TransferState::Done).await.transfer;
        assert_eq!((done.size, &done.error), (Some(11), &None));
    }
    let mut records: Vec<_> = stage.records().await.into_iter().map(|record| (record.key, record.size)).collect();
    records.sort();
    assert_eq!(records, [("asked".to_owned(), Some(11)), ("recorded".to_owned(), Some(11))]);
}
