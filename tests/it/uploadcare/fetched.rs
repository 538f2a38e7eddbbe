//! Files that Uploadcare fetches from a URL.

use windlass::domain::{FailureKind, Secret, SecretUrl};
use windlass::storage::http::Patience;
use windlass::storage::uploadcare::{UploadcareSetup, UploadcareStore, open};
use windlass::storage::{ObjectStore, PutOptions};

use super::Project;
use crate::support::uploadcare::{PUBLIC_KEY, SECRET_KEY, Uploadcare};

const URL: &str = "https://elsewhere.example/a.txt?X-Amz-Signature=1";

fn store(server: &Uploadcare) -> UploadcareStore {
    let base = || Some(server.url.clone());
    open(UploadcareSetup {
        public_key: PUBLIC_KEY.into(),
        names: windlass::config::FieldNames::Keys,
        secret_key: Some(Secret::new(SECRET_KEY)),
        upload_base: base(),
        api_base: base(),
        cdn_base: base().map(|url| format!("{url}/cdn")),
        secure_delivery_secret: None,
        ca_file: None,
        sessions: std::env::temp_dir(),
        patience: Patience::default(),
    })
    .unwrap()
}

#[tokio::test]
async fn a_url_is_fetched_and_the_file_kept_only_when_it_is_told_so() {
    let server = Uploadcare::start().await;
    server.project().web.insert(URL.into(), b"text"[..].into());
    let (store, options) = (store(&server), PutOptions { transfer: "t".into(), ..PutOptions::default() });
    let stored = store.fetch(&SecretUrl::new(URL), "a.txt", &options).await.unwrap();
    let id = stored.key.unwrap();
    assert_eq!(server.project().there().len(), 1);
    assert_eq!(server.project().kept().len(), 0);
    assert_eq!(server.project().there()[0].metadata["windlass_transfer"], "t");
    store.keep(&id).await.unwrap();
    assert_eq!(server.project().kept()[0].name, "a.txt");
}

#[tokio::test]
async fn a_url_that_cannot_be_read_is_told_without_naming_it() {
    let server = Uploadcare::start().await;
    let answer = store(&server).fetch(&SecretUrl::new(URL), "a.txt", &PutOptions::default()).await;
    let failure = answer.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Usage);
    assert!(failure.sentence().contains("could not fetch \"a.txt\": Host does not exist"), "{failure}");
    assert!(!failure.sentence().contains("Signature"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_has_a_url_fetched_and_writes_it_down_nowhere() {
    let project = Project::new(true).await;
    project.server.project().web.insert(URL.into(), b"text"[..].into());
    let lines = project.run(&["upload", URL, "--key", "mine.txt"]);
    assert_eq!(lines.last().unwrap()["state"], "done");
    assert_eq!(project.server.project().kept()[0].name, "mine.txt");
    assert_eq!(project.run(&["ls"])[0]["size"], 4);
    for entry in project.home.path().join("state/windlass").read_dir().unwrap().flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("X-Amz-Signature"), "{:?}", entry.path());
    }
    let ended = project.try_run(&["upload", URL, "b.txt"]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(!ended.err.contains("Signature"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_mean_nothing_beside_a_url_is_refused_before_anything_is_fetched_and_the_rest_is_heard() {
    let project = Project::new(true).await;
    project.server.project().web.insert(URL.into(), b"text"[..].into());
    for (flags, named) in [
        (&["--type", "image/png"][..], "--type"),
        (&["--jobs", "2", "--rate", "1M"], "--jobs, --rate"),
        (&["--to", "in/", "--dry-run"], "--to, --dry-run"),
        (&["--detach", "--key-template", "{name}"], "--key-template, --detach"),
        (&["--on-conflict", "overwrite"], "--on-conflict"),
    ] {
        let ended = project.try_run(&[&["upload", URL], flags].concat());
        assert_eq!(ended.code, 2, "{flags:?}: {}", ended.err);
        assert!(ended.err.contains(&format!("leave out {named}")), "{flags:?}: {}", ended.err);
    }
    assert_eq!(project.files(), 0);
    let lines = project.run(&["upload", URL, "--on-conflict", "keep-both", "--wait", "--progress"]);
    assert_eq!(lines.last().unwrap()["state"], "done", "{lines:?}");
    assert_eq!(project.files(), 1);
}
