//! Uploadcare names a file in its answer. When that answer is lost, or the program dies right behind it, no second file is
//! left.

use super::Project;
use crate::support::uploadcare::Fault;

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
        project.server.faults(move |ask| ask.target.starts_with(killed_at).then_some(Fault::Hang));
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
