//! What the doctor finds in a project, with a secret key and without one, and what it finds of keys that are wrong.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Project;
use super::links::deliver_securely;
use crate::support::uploadcare::PUBLIC_KEY;

/// What it says, by check, and the checks that fail.
fn said(project: &Project) -> (BTreeMap<String, Value>, Vec<String>) {
    said_of(project, "uploadcare")
}

fn said_of(project: &Project, profile: &str) -> (BTreeMap<String, Value>, Vec<String>) {
    let ended = project.home.run(["doctor", "--json", "--profile", profile]);
    assert!(!ended.out.contains("secretkey"), "{}", ended.out);
    let by_name = |finding: Value| (finding["check"].as_str().unwrap().to_owned(), finding);
    let findings: BTreeMap<String, Value> = ended.json().into_iter().map(by_name).collect();
    let failed: Vec<String> =
        findings.iter().filter(|(_, finding)| finding["status"] == "fail").map(|(check, _)| check.clone()).collect();
    assert_eq!(ended.code, i32::from(!failed.is_empty()), "{}", ended.out);
    (findings, failed)
}

/// Fails the test unless the checks came out so.
#[track_caller]
fn came_out(findings: &BTreeMap<String, Value>, status: &str, checks: &[&str]) {
    for check in checks {
        assert_eq!(findings[*check]["status"], status, "{check}: {findings:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_with_a_secret_key_is_written_to_and_nothing_is_left_behind() {
    let project = Project::new(true).await;
    let (findings, failed) = said(&project);
    assert_eq!(failed, Vec::<String>::new(), "{findings:#?}");
    came_out(&findings, "ok", &["credentials", "read", "write", "presigned-get", "public-url", "delete"]);
    came_out(&findings, "skip", &["presigned-put", "cors"]);
    assert_eq!((project.files(), project.server.project().files.len()), (0, 1), "a probe came and went");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_without_a_secret_key_is_asked_and_nothing_is_written() {
    let project = Project::new(false).await;
    let (findings, failed) = said(&project);
    assert_eq!(failed, Vec::<String>::new(), "{findings:#?}");
    came_out(&findings, "ok", &["credentials", "read"]);
    came_out(&findings, "skip", &["write", "presigned-get", "presigned-put", "public-url", "delete"]);
    assert_eq!(findings["write"]["detail"], "the profile has no secret_key (UPLOADCARE_SECRET_KEY)");
    assert_eq!(findings["presigned-put"]["detail"], "Uploadcare has no presigned PUT; its uploads are forms");
    assert_eq!(project.server.count("GET", "/info/"), 1, "the server itself was asked");
    assert_eq!(project.server.project().files.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_of_either_kind_fail_the_credentials() {
    for (secret, from, to, detail, hint) in [
        (false, PUBLIC_KEY, "nobodyskey", "does not know the public key nobodyskey", "UPLOADCARE_PUBLIC_KEY"),
        (true, PUBLIC_KEY, "nobodyskey", "does not know the public key nobodyskey", "UPLOADCARE_PUBLIC_KEY"),
        (true, "demosecretkey", "wrongsecretkey", "does not belong to the public key", "UPLOADCARE_SECRET_KEY"),
    ] {
        let project = Project::new(secret).await;
        project.home.file(".env", project.server.env(secret).replace(from, to));
        let (findings, failed) = said(&project);
        assert_eq!(failed, ["credentials"], "{findings:#?}");
        assert!(findings["credentials"]["detail"].as_str().unwrap().contains(detail), "{findings:#?}");
        assert!(findings["credentials"]["hint"].as_str().unwrap().contains(hint), "{findings:#?}");
        assert_eq!(project.server.project().files.len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secure_delivery_has_signed_links_and_no_public_ones() {
    let project = Project::new(true).await;
    deliver_securely(&project);
    let (findings, failed) = said_of(&project, "media");
    assert_eq!(failed, Vec::<String>::new(), "{findings:#?}");
    came_out(&findings, "ok", &["write", "presigned-get", "delete"]);
    assert_eq!(findings["public-url"]["detail"], "the project's files are read with a token only");
    assert_eq!(project.files(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cdn_that_is_not_the_projects_own_is_told_with_what_to_set() {
    let project = Project::new(true).await;
    let elsewhere = project.server.env(true).replace("/cdn\n", "/cdn/of-others\n");
    project.home.file(".env", elsewhere);
    let (findings, failed) = said(&project);
    assert_eq!(failed, ["presigned-get"], "{findings:#?}");
    assert!(findings["presigned-get"]["hint"].as_str().unwrap().contains("cdn_base"), "{findings:#?}");
    assert_eq!(project.files(), 0);
}
