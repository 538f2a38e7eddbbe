//! A project without a secret key, where nothing can be looked for: what may have arrived is not sent again by itself, and
//! is told; what cannot have arrived goes on.

use super::Project;
use super::twice::once;
use crate::support::home::noise;
use crate::support::uploadcare::Fault;

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_told_once_and_nothing_is_sent_again_by_itself() {
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
async fn what_was_surely_refused_is_sent_again_by_itself() {
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
async fn a_kill_in_the_middle_of_the_request_leaves_it_to_the_person() {
    let project = Project::new(false).await;
    project.killed_at("POST", "/base/").await;
    let ended = project.try_run(&["resume"]);
    assert_eq!(ended.code, 1, "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("a.txt may be there already"), "{}{}", ended.out, ended.err);
    assert_eq!((project.files(), project.server.count("POST", "/base/")), (0, 1));

    let mut person = project.home.screen(120, 36);
    person.press("3").sees("may be there already").press("r").sees("uploaded 1 of 1").press("q").ended();
    assert_eq!((project.server.project().kept().len(), project.run(&["ls"]).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_upload_says_that_it_may_have_arrived() {
    let project = Project::new(false).await;
    project.killed_at("POST", "/base/").await;
    let open = project.run(&["transfers"]);
    let cancelled = project.try_run(&["cancel", open[0]["id"].as_str().unwrap()]);
    assert!(cancelled.out.contains("the object may have arrived before"), "{}{}", cancelled.out, cancelled.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_leaves_a_few_files_in_doubt_and_the_others_wait() {
    let project = Project::new(false).await;
    (0..60).for_each(|number| drop(project.home.file(&format!("site/{number}.txt"), "text")));
    project.server.faults(|ask| (ask.target == "/base/").then(|| Fault::Say(502, Vec::new(), String::new())));
    let ended = project.try_run(&["upload", "site", "--jobs", "1"]);
    assert_eq!(ended.code, 1, "{}{}", ended.out, ended.err);
    let rows = project.run(&["transfers"]);
    let failed = rows.iter().filter(|row| row["state"] == "failed").count();
    assert!(project.server.count("POST", "/base/") <= 20 && failed <= 20, "{:?}", project.server.asked());
    assert!(rows.len() - failed >= 40, "{} of {}", failed, rows.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_before_the_last_byte_leaves_no_doubt() {
    let project = Project::new(false).await;
    project.home.file("large.bin", noise(9 << 20, 10));
    let mut running = project.home.start(["upload", "large.bin", "--rate", "1M", "--progress", "--json"]);
    while !running.line().contains("\"state\":\"sending\"") {}
    while running.line().contains("\"sent\":0,") {}
    running.signal("INT");
    assert_eq!(running.wait().code, 130);
    let lines = project.run(&["resume"]);
    assert_eq!((lines.last().unwrap()["state"].as_str(), project.files()), (Some("done"), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_in_doubt_is_in_doubt_when_it_is_cancelled_too() {
    let project = Project::new(false).await;
    project.home.file("a.txt", "text");
    project.server.faults(once(|| Fault::Lose));
    let ended = project.try_run(&["upload", "a.txt"]);
    let failed = ended.json().pop().unwrap();
    let cancelled = project.try_run(&["cancel", failed["id"].as_str().unwrap()]);
    assert!(cancelled.out.contains("the object may have arrived before"), "{}{}", cancelled.out, cancelled.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_input_that_was_interrupted_behind_its_last_byte_says_so() {
    let project = Project::new(false).await;
    project.server.faults(|ask| (ask.target == "/base/").then_some(Fault::Hang));
    let (reader, mut writer) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut writer, b"piped").unwrap();
    drop(writer);
    let running = project.home.start_fed(reader, ["upload", "-", "--key", "log.txt", "--json"]);
    project.server.has_asked("POST", "/base/", 1).await;
    running.signal("INT");
    assert_eq!(running.wait().code, 130);
    let rows = project.run(&["transfers"]);
    assert!(rows[0]["error"].as_str().unwrap().contains("may have arrived before"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_can_no_longer_be_watched_is_in_doubt() {
    let project = Project::new(false).await;
    project.server.project().web.insert("https://elsewhere.example/a.txt".into(), b"text"[..].into());
    let lost = |status: bool| status.then(|| Fault::Say(502, Vec::new(), String::new()));
    project.server.faults(move |ask| lost(ask.target.starts_with("/from_url/status/")));
    let ended = project.try_run(&["upload", "https://elsewhere.example/a.txt"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.err.contains("a.txt may be there already") && ended.err.contains("before you try again"),
        "{}",
        ended.err
    );
}
