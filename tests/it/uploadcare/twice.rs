//! Uploadcare names a file in its answer. When that answer is lost, or the program dies right behind it, no second file is
//! left.

use windlass::domain::{TransferKind, TransferState};
use windlass::transfer::Scope;

use super::Project;
use super::links::configure;
use crate::support::home::{job, noise, queue, until};
use crate::support::uploadcare::{Ask, Fault};

/// What goes wrong with the first upload of a small file, and with nothing else.
pub fn once(mut fault: impl FnMut() -> Fault + Send + 'static) -> impl FnMut(&Ask) -> Option<Fault> + Send + 'static {
    let mut done = false;
    move |ask| {
        let now = !done && ask.target == "/base/";
        done |= now;
        now.then(&mut fault)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_an_upload_leaves_one_file() {
    let project = Project::new(true).await;
    project.home.file("a.txt", "text");
    project.server.faults(once(|| Fault::Lose));
    let lines = project.run(&["upload", "a.txt", "--wait"]);
    assert_eq!(lines.last().unwrap()["state"], "done");
    assert_eq!((project.files(), project.server.count("POST", "/base/")), (1, 1));
    let stored = project.server.project();
    assert_eq!(lines.last().unwrap()["key"], stored.kept()[0].uuid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_before_the_answer_leaves_one_file_that_is_kept() {
    for (method, killed_at) in [("POST", "/base/"), ("GET", "/files/")] {
        let project = Project::new(true).await;
        project.killed_at(method, killed_at).await;
        project.run(&["resume"]);
        assert_eq!(project.files(), 1, "{killed_at}");
        assert_eq!(project.server.project().kept().len(), 1, "{killed_at}");
        assert_eq!(project.run(&["ls"]).len(), 1, "{killed_at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_naming_and_keeping_loses_nothing() {
    let project = Project::new(true).await;
    project.killed_at("PUT", "/files/").await;
    assert_eq!(project.server.project().kept().len(), 0);
    // The source is not needed any more.
    std::fs::remove_file(project.home.here().join("a.txt")).unwrap();
    project.run(&["resume"]);
    assert_eq!((project.files(), project.server.project().kept().len()), (1, 1));
    assert_eq!(project.server.count("POST", "/base/"), 1);
    assert_eq!(project.run(&["ls"]).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_edited_meanwhile_never_gets_the_record_of_what_was_sent_before() {
    let project = Project::new(true).await;
    let path = project.home.file("a.txt", "first");
    // The first text arrives, and its answer does not.
    project.server.faults(|ask| match &*ask.target {
        "/base/" => Some(Fault::Lose),
        _ => Some(Fault::Hang),
    });
    let running = project.home.start(["upload", "a.txt", "--json"]);
    project.server.has_asked("GET", "/files/", 1).await;
    running.signal("KILL");
    running.wait();
    assert_eq!(project.files(), 1);
    // The second never arrives.
    std::fs::write(&path, "other").unwrap();
    project.server.faults(once(|| Fault::Hang));
    let running = project.home.start(["resume", "--json"]);
    project.server.has_asked("POST", "/base/", 2).await;
    running.signal("KILL");
    running.wait();
    project.server.faults(|_| None);
    project.run(&["resume"]);
    let server = project.server.project();
    assert_eq!(server.kept().iter().map(|file| &file.bytes[..]).collect::<Vec<_>>(), [b"other"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_kept_before_anybody_waits_until_it_is_ready() {
    let project = Project::new(true).await;
    project.server.project().looks_until_ready = 2;
    let id = project.upload("film.mp4", b"film");
    let asked = project.server.asked();
    let first = |begins: String| asked.iter().position(|asked| asked.starts_with(&begins)).unwrap();
    assert!(first(format!("PUT /files/{id}/storage/")) < first(format!("GET /files/{id}/")), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_still_worked_on_holds_up_nobody_else() {
    let project = Project::new(true).await;
    configure(&project, "");
    project.server.project().looks_until_ready = u32::MAX;
    let services = project.home.services();
    let connection = services.connect("media").await.unwrap();
    let queue = queue(&project.home, services, Scope::All).await;
    let upload = async |name: &str| {
        let path = project.home.file(name, name);
        queue.enqueue(vec![job(TransferKind::Upload, &connection, name, Some(&path))]).await.unwrap()[0]
    };
    let film = upload("film.mp4").await;
    let worked_on = |failure: &str| failure.contains("still works on it");
    until(&queue, film, |shown| shown.transfer.error.as_ref().is_some_and(|why| worked_on(&why.what))).await;
    project.server.project().looks_until_ready = 0;
    let text = upload("a.txt").await;
    until(&queue, text, |shown| shown.transfer.state == TransferState::Done).await;
    project.server.project().files[0].looks_left = 0;
    until(&queue, film, |shown| shown.transfer.state == TransferState::Done).await;
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_wrong_are_forgotten_once_the_files_are_through() {
    let project = Project::new(true).await;
    configure(&project, "");
    let looked_at = |ask: &Ask| ask.method == "GET" && ask.target.starts_with("/files/");
    let wrong = || Fault::Say(401, Vec::new(), r#"{"detail":"Incorrect authentication credentials."}"#.into());
    project.server.faults(move |ask| looked_at(ask).then(wrong));
    let services = project.home.services();
    let connection = services.connect("media").await.unwrap();
    let queue = queue(&project.home, services, Scope::All).await;
    let path = project.home.file("a.txt", "text");
    let jobs = ["a", "b", "c"].map(|name| job(TransferKind::Upload, &connection, name, Some(&path)));
    let ids = queue.enqueue(jobs.into()).await.unwrap();
    for id in &ids {
        until(&queue, *id, |shown| shown.held).await;
    }
    project.server.faults(|_| None);
    queue.retry(&ids[..1]).await.unwrap();
    for id in &ids {
        let done = until(&queue, *id, |shown| shown.transfer.state == TransferState::Done).await.transfer;
        assert_eq!(done.error, None);
    }
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_file_without_a_record_is_named_when_its_upload_is_cancelled() {
    let project = Project::new(true).await;
    project.home.file("film.mp4", noise(12 << 20, 11));
    let looked_at = |ask: &Ask| ask.method == "GET" && ask.target.starts_with("/files/");
    project.server.faults(move |ask| looked_at(ask).then(|| Fault::Say(403, Vec::new(), "no".into())));
    let failed = project.try_run(&["upload", "film.mp4"]).json().pop().unwrap();
    assert_eq!((failed["state"].as_str(), project.server.project().kept().len()), (Some("failed"), 1));
    project.server.faults(|_| None);
    let cancelled = project.try_run(&["cancel", failed["id"].as_str().unwrap()]);
    assert!(cancelled.out.contains("it is in the bucket, without a new record"), "{}{}", cancelled.out, cancelled.err);
    assert!(cancelled.out.contains(&project.server.project().kept()[0].uuid), "{}", cancelled.out);
}
