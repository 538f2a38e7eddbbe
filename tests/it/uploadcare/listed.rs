//! Lists over pages, and deletes by the hundred.

use std::collections::BTreeSet;

use super::Project;
use crate::support::uploadcare::Fault;

/// Puts so many files into the project behind the program's back; answers their ids.
fn filled(project: &Project, files: usize) -> BTreeSet<String> {
    let mut server = project.server.project();
    for number in 0..files {
        let uuid = uuid::Uuid::new_v4().to_string();
        server.add(uuid, &format!("{number}.txt"), "text/plain", b"x"[..].into(), true);
    }
    server.there().iter().map(|file| file.uuid.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_over_all_pages_and_has_every_file_once() {
    let project = Project::new(true).await;
    let ids = filled(&project, 2300);
    let listed = project.run(&["ls", "--bucket"]);
    assert_eq!(listed.len(), ids.len());
    let keys: BTreeSet<String> = listed.iter().map(|line| line["key"].as_str().unwrap().into()).collect();
    assert_eq!(keys, ids);
    assert_eq!(listed[0]["name"], "2299.txt", "the newest first, by the name that it was given");
    assert!(project.server.count("GET", "/files/") >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_page_at_another_host_is_never_asked_for() {
    let project = Project::new(true).await;
    let page = r#"{"next":"http://elsewhere.example/files/?limit=2","previous":null,"total":9,"results":[]}"#;
    project.server.faults(move |_| Some(Fault::Say(200, Vec::new(), page.into())));
    let ended = project.try_run(&["ls", "--bucket"]);
    assert_ne!(ended.code, 0);
    assert!(ended.err.contains("the next page of the files is said to be at elsewhere.example"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_files_are_deleted_by_the_hundred() {
    let project = Project::new(true).await;
    let ids = filled(&project, 150);
    let mut arguments = vec!["rm", "--bucket", "--yes"];
    arguments.extend(ids.iter().map(String::as_str));
    let (gone, unknown) = (project.upload("gone.txt", b"gone"), uuid::Uuid::new_v4().to_string());
    project.server.project().file(&gone).unwrap().removed = Some(chrono::Utc::now());
    arguments.extend([&*gone, &unknown]);
    let ended = project.try_run(&arguments).with(1);
    let last = ended.err.lines().last().unwrap();
    assert!(last.starts_with(&format!("windlass: there is no object {unknown} in bucket ")), "{}", ended.err);
    let lines = ended.json();
    let failed: Vec<_> = lines.iter().filter(|line| line["state"] == "failed").map(|line| &line["key"]).collect();
    assert_eq!((project.files(), lines.len()), (0, 152), "of what is gone already the record goes");
    assert_eq!(failed, [&unknown], "what stands for nothing has its line, too");
    let requests = project.server.count("DELETE", "/files/storage/");
    assert!((2..=20).contains(&requests), "{requests}");
}
