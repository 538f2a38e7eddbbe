//! Links: of the CDN, with a wanted name, and of secure delivery. A plain client follows them.

use super::Project;
use crate::support::http::request;

/// Published for `sectest.ucarecdn.com` alone (Uploadcare docs, "Secure delivery").
pub const SECRET: &str = "73636b61519adede42191efe1e73f02a67c7b692e3765f90c250c230be095211";

/// Writes the profile `media`, with this line more.
pub fn configure(project: &Project, line: &str) {
    let url = project.server.url.clone();
    project.home.configure(&format!(
        "[profiles.media]\nprovider = \"uploadcare\"\npublic_key = \"demopublickey\"\nsecret_key = \"demosecretkey\"\n\
         upload_base = \"{url}\"\napi_base = \"{url}\"\ncdn_base = \"{url}/cdn\"\n{line}\n"
    ));
}

/// Turns secure delivery on, with the profile `media` that knows its secret.
pub fn deliver_securely(project: &Project) {
    configure(project, &format!("secure_delivery_secret = \"{SECRET}\""));
    project.server.project().secure = Some(SECRET.into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_can_name_the_file_and_force_a_download() {
    let project = Project::new(true).await;
    let id = project.upload("a.txt", b"text");
    let link = project.run(&["link", &id, "--download-as", "my report.txt"]);
    let answer = request("GET", link[0]["url"].as_str().unwrap(), &[], b"").await;
    assert_eq!((answer.status, &*answer.body), (200, &b"text"[..]));
    assert!(answer.head.contains("content-disposition: attachment; filename=my%20report.txt"), "{}", answer.head);
    let public = project.run(&["link", &id, "--public"]);
    assert_eq!((&public[0]["kind"], &public[0]["expires_at"]), (&"cdn".into(), &serde_json::Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_secure_delivery_work_until_they_end_and_bare_ones_do_not() {
    let project = Project::new(true).await;
    deliver_securely(&project);
    project.home.file("a.txt", "text");
    let id =
        project.run(&["upload", "a.txt", "--profile", "media"]).last().unwrap()["key"].as_str().unwrap().to_owned();
    let link = &project.run(&["link", &id, "--expires", "10m", "--profile", "media"])[0];
    assert_eq!(link["kind"], "cdn");
    assert!(link["expires_at"].is_string(), "{link}");
    let signed = link["url"].as_str().unwrap();
    assert_eq!(request("GET", signed, &[], b"").await.status, 200);
    let bare = signed.split('?').next().unwrap();
    assert_eq!(request("GET", bare, &[], b"").await.status, 403);

    let short = &project.run(&["link", &id, "--expires", "2s", "--profile", "media"])[0];
    let end: chrono::DateTime<chrono::Utc> = short["expires_at"].as_str().unwrap().parse().unwrap();
    while request("GET", short["url"].as_str().unwrap(), &[], b"").await.status != 403 {
        assert!(chrono::Utc::now() < end + chrono::TimeDelta::seconds(20), "it works on");
    }
    assert_eq!(request("GET", signed, &[], b"").await.status, 200, "the other one goes on");

    let ended = project.try_run(&["link", &id, "--public", "--profile", "media"]);
    assert!(ended.err.contains("read with a token only"), "{}", ended.err);
    project.run(&["download", &id, "--to", "down", "--profile", "media"]);
    assert_eq!(project.home.read(format!("down/{id}")), b"text");
}
