//! Uploadcare names a file in its answer. When that answer is lost, or the program dies right behind it, no second file is
//! left.

use super::Project;
use crate::support::home::noise;
use crate::support::uploadcare::{Ask, Fault};

/// What goes wrong with the first upload of a small file, and with nothing else.
fn once(mut fault: impl FnMut() -> Fault + Send + 'static) -> impl FnMut(&Ask) -> Option<Fault> + Send + 'static {
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
    let mut lost = false;
    project.server.faults(move |ask| {
        let now = !lost && ask.target == "/base/";
        lost |= now;
        now.then_some(Fault::Lose)
    });
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
        project.home.file("a.txt", "text");
        let is_where = move |ask: &Ask| ask.method == method && ask.target.starts_with(killed_at);
        project.server.faults(move |ask| is_where(ask).then_some(Fault::Hang));
        let running = project.home.start(["upload", "a.txt", "--json"]);
        project.server.has_asked(method, killed_at, 1).await;
        running.signal("KILL");
        running.wait();
        project.server.faults(|_| None);
        project.run(&["resume"]);
        assert_eq!(project.files(), 1, "{killed_at}");
        assert_eq!(project.server.project().kept().len(), 1, "{killed_at}");
        assert_eq!(project.run(&["ls"]).len(), 1, "{killed_at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_naming_and_keeping_loses_nothing() {
    let project = Project::new(true).await;
    project.home.file("a.txt", "text");
    project.server.faults(|ask| (ask.method == "PUT").then_some(Fault::Hang));
    let running = project.home.start(["upload", "a.txt", "--json"]);
    project.server.has_asked("PUT", "/files/", 1).await;
    running.signal("KILL");
    running.wait();
    assert_eq!(project.server.project().kept().len(), 0);
    // The source is not needed any more.
    std::fs::remove_file(project.home.here().join("a.txt")).unwrap();
    project.server.faults(|_| None);
    project.run(&["resume"]);
    assert_eq!((project.files(), project.server.project().kept().len()), (1, 1));
    assert_eq!(project.server.count("POST", "/base/"), 1);
    assert_eq!(project.run(&["ls"]).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_key_a_lost_answer_is_told_once_and_nothing_is_sent_again_by_itself() {
    let faults: [fn() -> Fault; 3] =
        [|| Fault::Lose, || Fault::Say(502, Vec::new(), String::new()), || Fault::Say(503, Vec::new(), String::new())];
    for fault in faults {
        let project = Project::new(false).await;
        project.home.file("a.txt", "text");
        project.server.faults(once(fault));
        let ended = project.try_run(&["upload", "a.txt", "--wait"]);
        assert_eq!(ended.code, 1, "{}{}", ended.out, ended.err);
        let last = ended.json().pop().unwrap();
        assert_eq!(last["state"], "failed");
        let error = last["error"].as_str().unwrap();
        assert!(error.starts_with("a.txt may be there already") && error.ends_with("r sends it again"), "{error}");
        project.run(&["resume"]);
        assert_eq!(project.server.count("POST", "/base/"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_key_what_was_surely_refused_is_sent_again_by_itself() {
    let project = Project::new(false).await;
    project.home.file("a.txt", "text");
    let asked_to_wait = || Fault::Say(503, vec![("retry-after", "1".into())], String::new());
    project.server.faults(once(asked_to_wait));
    let lines = project.run(&["upload", "a.txt"]);
    assert_eq!((lines.last().unwrap()["state"].as_str(), project.files()), (Some("done"), 1));

    // More than fits into the buffers between the two: it cannot have arrived whole.
    project.home.file("large.bin", noise(9 << 20, 9));
    project.server.project().breaks_off = 1;
    let lines = project.run(&["upload", "large.bin", "--wait"]);
    assert_eq!((lines.last().unwrap()["state"].as_str(), project.files()), (Some("done"), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_key_a_kill_in_the_middle_of_the_request_leaves_it_to_the_person() {
    let project = Project::new(false).await;
    project.home.file("a.txt", "text");
    project.server.faults(|ask| (ask.target == "/base/").then_some(Fault::Hang));
    let running = project.home.start(["upload", "a.txt", "--json"]);
    project.server.has_asked("POST", "/base/", 1).await;
    running.signal("KILL");
    running.wait();
    project.server.faults(|_| None);
    let ended = project.try_run(&["resume"]);
    assert_eq!(ended.code, 1, "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("a.txt may be there already"), "{}{}", ended.out, ended.err);
    assert_eq!((project.files(), project.server.count("POST", "/base/")), (0, 1));

    let mut person = project.home.screen(120, 36);
    person.press("3").sees("may be there already").press("r").sees("uploaded 1 of 1").press("q").ended();
    assert_eq!((project.server.project().kept().len(), project.run(&["ls"]).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_key_a_cancelled_upload_says_that_it_may_have_arrived() {
    let project = Project::new(false).await;
    project.home.file("a.txt", "text");
    project.server.faults(|ask| (ask.target == "/base/").then_some(Fault::Hang));
    let running = project.home.start(["upload", "a.txt", "--json"]);
    project.server.has_asked("POST", "/base/", 1).await;
    running.signal("KILL");
    running.wait();
    let open = project.run(&["transfers"]);
    let cancelled = project.try_run(&["cancel", open[0]["id"].as_str().unwrap()]);
    assert!(cancelled.out.contains("the object may have arrived before"), "{}{}", cancelled.out, cancelled.err);
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
