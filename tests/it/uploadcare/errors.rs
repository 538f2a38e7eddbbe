//! What Uploadcare refuses, as the person reads it.

use super::Project;
use crate::support::program::Home;
use crate::support::uploadcare::{Fault, Uploadcare};

/// What the program says of an upload that is refused in these words.
async fn said(status: u16, body: &'static str) -> String {
    let project = Project::new(true).await;
    project.home.file("a.txt", "text");
    project.server.faults(move |_| Some(Fault::Say(status, Vec::new(), body.into())));
    let ended = project.try_run(&["upload", "a.txt"]);
    assert_eq!(ended.code, 1, "{}{}", ended.out, ended.err);
    ended.out + &ended.err
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_sentences_with_a_remedy() {
    for (status, body, sentence) in [
        (403, "UPLOADCARE_PUB_KEY is invalid.", "Uploadcare does not know the public key demopublickey"),
        (
            200,
            r#"{"error":{"status_code":403,"content":"UPLOADCARE_PUB_KEY is invalid."}}"#,
            "demopublickey: check UPLOADCARE_PUBLIC_KEY",
        ),
        (403, "Invalid signature.", "the secret key does not belong to the public key demopublickey"),
        (413, "The size of the request is too large.", "it is larger than the project takes"),
        (404, "<!DOCTYPE html><title>404</title>", "is not Uploadcare's API: check upload_base and api_base"),
    ] {
        let said = said(status, body).await;
        assert!(said.contains(sentence), "{status} {body}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_profile_of_the_file_is_said_with_the_file_and_its_table() {
    let (server, home) = (Uploadcare::start().await, Home::new());
    server.faults(|_| Some(Fault::Say(403, Vec::new(), "Invalid signature.".into())));
    home.file("a.txt", "text");
    for (key, value) in [("secret_key", "hunter2"), ("secret_key_command", "echo hunter2")] {
        home.configure(&format!(
            "default_profile = \"m\"\n[profiles.m]\nprovider = \"uploadcare\"\npublic_key = \"demopublickey\"\n\
             {key} = \"{value}\"\nupload_base = \"{0}\"\napi_base = \"{0}\"\n",
            server.url
        ));
        let ended = home.run(["ls", "--bucket"]).with(1);
        let place = format!("{}/config.toml", home.config().display());
        assert!(ended.err.contains(&format!("check {key} in [profiles.m] of {place}")), "{}", ended.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_wants_signatures_says_how_to_give_them() {
    let project = Project::new(false).await;
    project.server.project().signed_only = true;
    project.home.file("a.txt", "text");
    let ended = project.try_run(&["upload", "a.txt"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.err.contains("the project takes signed uploads only: set UPLOADCARE_SECRET_KEY"),
        "{}{}",
        ended.out,
        ended.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_over_the_projects_limit_is_told_so() {
    let project = Project::new(true).await;
    project.server.project().limit = 3;
    project.home.file("a.txt", "text");
    let ended = project.try_run(&["upload", "a.txt"]);
    assert!(ended.err.contains("a.txt\": it is larger than the project takes; raise the limit"), "{}", ended.err);
    assert_eq!(project.files(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_on_requests_is_waited_out_and_nothing_is_sent_twice() {
    let project = Project::new(true).await;
    project.home.file("a.txt", "text");
    let mut throttled = 0;
    project.server.faults(move |_| {
        throttled += 1;
        let wait = vec![("retry-after", "1".into())];
        (throttled % 2 == 1).then(|| Fault::Say(429, wait, "Request was throttled.".into()))
    });
    project.run(&["upload", "a.txt"]);
    assert_eq!((project.files(), project.server.project().kept().len()), (1, 1));
}
