//! Large files: in parts, resumed after a kill, without a part that is sent twice.

use super::Project;
use crate::support::home::noise;
use crate::support::uploadcare::Fault;

const MIB: usize = 1 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_goes_up_in_parts_and_comes_down_the_same() {
    let project = Project::new(true).await;
    let bytes = noise(25 * MIB, 1);
    let id = project.upload("film.mp4", &bytes);
    assert_eq!(project.server.count("PUT", "/parts/"), 5);
    assert_eq!((project.server.count("POST", "/base/"), project.server.project().kept().len()), (0, 1));
    assert!(project.server.project().there()[0].bytes == bytes);
    project.run(&["download", &id, "--to", "down"]);
    assert!(project.home.read(format!("down/{id}")) == bytes);
    assert_eq!(left(&project), 0, "the links are not needed any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_key_a_large_file_goes_up_too() {
    let project = Project::new(false).await;
    let bytes = noise(12 * MIB, 7);
    let id = project.upload("film.mp4", &bytes);
    assert_eq!((project.server.count("PUT", "/parts/"), project.server.count("GET", "/files/")), (2, 0));
    assert!(project.server.project().kept()[0].bytes == bytes);
    assert_eq!((project.run(&["ls"])[0]["key"].as_str(), left(&project)), (Some(&*id), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_upload_forgets_its_links() {
    let project = Project::new(true).await;
    project.home.file("film.mp4", noise(12 * MIB, 8));
    project.server.faults(|ask| ask.target.starts_with("/parts/").then_some(Fault::Hang));
    let running = project.home.start(["upload", "film.mp4", "--json"]);
    project.server.has_asked("PUT", "/parts/", 2).await;
    running.signal("KILL");
    running.wait();
    assert_eq!(left(&project), 1);
    let open = project.run(&["transfers"]);
    project.run(&["cancel", open[0]["id"].as_str().unwrap()]);
    assert_eq!((left(&project), project.files()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cdn_that_ignores_ranges_is_read_all_the_same() {
    let project = Project::new(true).await;
    let bytes = noise(20 * MIB, 2);
    let id = project.upload("film.mp4", &bytes);
    project.server.project().ranges = false;
    project.run(&["download", &id, "--to", "down"]);
    assert!(project.home.read(format!("down/{id}")) == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_parts_that_had_arrived_are_not_sent_again() {
    let project = Project::new(true).await;
    let bytes = noise(60 * MIB, 3);
    project.home.file("film.mp4", &bytes);
    let mut taken = 0;
    project.server.faults(move |ask| {
        taken += usize::from(ask.target.starts_with("/parts/"));
        (taken > 3).then_some(Fault::Hang)
    });
    let running = project.home.start(["upload", "film.mp4", "--json"]);
    // Four are under way at once, and a part makes room for the next once it is in the journal: three are there.
    project.server.has_asked("PUT", "/parts/", 7).await;
    running.signal("KILL");
    assert_eq!(running.wait().code, 128 + 9);
    assert_eq!(left(&project), 1, "the links are kept for the next run");

    project.server.faults(|_| None);
    project.run(&["resume"]);
    assert_eq!((project.files(), project.server.count("POST", "/multipart/start/")), (1, 1));
    let server = project.server.project();
    assert!(server.kept()[0].bytes == bytes);
    let upload = server.uploads.values().next().unwrap();
    let times: Vec<usize> = upload.parts.values().map(Vec::len).collect();
    assert_eq!(times, [1; 10], "no part arrived twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_have_ended_start_the_upload_over_and_leave_one_file() {
    let project = Project::new(true).await;
    let bytes = noise(12 * MIB, 4);
    project.home.file("film.mp4", &bytes);
    let mut refused = 0;
    project.server.faults(move |ask| {
        let first = ask.target.starts_with("/parts/") && refused == 0;
        refused += usize::from(first);
        first.then(|| Fault::Say(403, Vec::new(), "<Error><Code>AccessDenied</Code></Error>".into()))
    });
    let lines = project.run(&["upload", "film.mp4"]);
    assert_eq!(lines.last().unwrap()["state"], "done");
    assert_eq!((project.files(), project.server.count("POST", "/multipart/start/")), (1, 2));
    assert!(project.server.project().kept()[0].bytes == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_timed_out_on_a_slow_line_is_sent_again_alone() {
    let project = Project::new(true).await;
    project.home.file("film.mp4", noise(12 * MIB, 8));
    let mut refused = 0;
    project.server.faults(move |ask| {
        let first = ask.target.starts_with("/parts/") && refused == 0;
        refused += usize::from(first);
        first.then(|| Fault::Say(400, Vec::new(), "<Error><Code>RequestTimeout</Code></Error>".into()))
    });
    let lines = project.run(&["upload", "film.mp4"]);
    assert_eq!(lines.last().unwrap()["state"], "done");
    assert_eq!((project.files(), project.server.count("POST", "/multipart/start/")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_the_last_step_leaves_one_file() {
    let project = Project::new(true).await;
    project.home.file("film.mp4", noise(12 * MIB, 5));
    let mut lost = false;
    project.server.faults(move |ask| {
        let now = !lost && ask.target.starts_with("/multipart/complete/");
        lost |= now;
        now.then_some(Fault::Lose)
    });
    project.run(&["upload", "film.mp4"]);
    assert_eq!((project.files(), project.server.count("PUT", "/parts/")), (1, 2));
    assert_eq!(project.server.project().kept().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_a_download_goes_on_where_it_was() {
    let project = Project::new(true).await;
    let bytes = noise(40 * MIB, 6);
    let id = project.upload("film.mp4", &bytes);
    let mut answered = 0;
    project.server.faults(move |ask| {
        answered += usize::from(ask.target.starts_with("/cdn/"));
        (answered > 2).then_some(Fault::Hang)
    });
    let running = project.home.start(["download", &*id, "--to", "down"]);
    // Five ranges, four at once: the fifth is asked for while the journal takes one of the others.
    project.server.has_asked("GET", "/cdn/", 5).await;
    while project.home.run(["transfers", "--json"]).json()[0]["sent"] == 0 {
        tokio::task::yield_now().await;
    }
    running.signal("KILL");
    running.wait();
    project.server.faults(|_| None);
    project.run(&["resume"]);
    assert!(project.home.read(format!("down/{id}")) == bytes);
    assert!(project.server.count("GET", "/cdn/") <= 9, "what had arrived was not asked for again");
}

/// Files of links in the state folder.
fn left(project: &Project) -> usize {
    project.home.path().join("state/windlass/uploadcare").read_dir().map_or(0, Iterator::count)
}
