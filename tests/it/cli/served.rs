//! Every command against an S3 endpoint that another process serves, with records in a real PostgreSQL, and the
//! sentences for everything that can be wrong with the two.

use serde_json::json;

use crate::support::far::Far;
use crate::support::postgres::{Cluster, Setup, texts};
use crate::support::program::Home;

#[tokio::test(flavor = "multi_thread")]
async fn every_command_works_on_another_processs_bucket_and_a_real_database() {
    let (far, cluster) = (Far::new(), Cluster::shared().await);
    let url = cluster.database("far").await;
    let home = Home::new();
    home.configure(&far.profile(&[("database_url", &url), ("user_id", "user_123")]));

    let missing = home.run(["ls"]).with(1);
    assert!(missing.sentence().contains("windlass catalog migrate"), "{}", missing.err);
    let status = home.run(["catalog", "status", "--json"]).with(0).json();
    assert_eq!(status[0]["table_exists"], false);
    assert!(status[0]["place"].as_str().unwrap().contains("s3_files"), "{status:?}");
    let migrated = home.run(["catalog", "migrate", "--json"]).with(0).json();
    assert!(!migrated[0]["applied"].as_array().unwrap().is_empty());
    assert_eq!(home.run(["catalog", "migrate", "--json"]).with(0).json()[0]["applied"], json!([]));

    home.file("hello.txt", "hello");
    let uploaded = home.run(["upload", "hello.txt", "--key", "a/hello.txt", "--json"]).with(0).json();
    let file_url = format!("{}/{}/a/hello.txt", far.text("endpoint"), far.text("bucket"));
    assert_eq!([&uploaded[0]["state"], &uploaded[0]["url"]], [&json!("done"), &json!(file_url)]);
    let rows = texts(&url, "SELECT object_key, file_url, user_id, size_bytes::text FROM s3_files").await;
    assert_eq!(rows, [["a/hello.txt", &file_url, "user_123", "5"]]);
    let record = &home.run(["ls", "--json"]).with(0).json()[0];
    assert_eq!(
        [&record["key"], &record["user_id"], &record["url"]],
        [&json!("a/hello.txt"), &json!("user_123"), &json!(file_url)]
    );
    assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).json()[0]["key"], "a/hello.txt");

    let link = home.run(["link", "a/hello.txt", "--json"]).with(0);
    assert_eq!(link.err, "");
    assert_eq!(crate::support::program::http_get(link.json()[0]["url"].as_str().unwrap()), "hello");
    home.run(["download", "a/", "-r", "--to", "down"]).with(0);
    assert_eq!(home.read("down/a/hello.txt"), b"hello");
    home.run(["rm", "a/hello.txt", "--yes"]).with(0);
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
    assert!(texts(&url, "SELECT object_key FROM s3_files").await.is_empty());
}

#[test]
fn a_wrong_key_id_secret_or_bucket_is_said_in_a_sentence() {
    let far = Far::new();
    let home = Home::new();
    home.file("a.txt", "a");
    for (name, value, says) in [
        ("access_key_id", "AKIAWRONGWRONGWRONG1", "key id"),
        ("secret_access_key", "not-the-secret", "secret"),
        ("bucket", "no-such-bucket", "no-such-bucket"),
    ] {
        home.configure(&far.profile(&[(name, value)]));
        let listed = home.run(["ls", "--bucket"]).with(1);
        assert!(listed.sentence().contains(says), "{name}: {}", listed.err);
        assert!(!listed.err.contains("not-the-secret"), "{}", listed.err);
        let uploaded = home.run(["upload", "a.txt"]).with(1);
        assert!(uploaded.sentence().contains(says), "{name}: {}", uploaded.err);
    }
}

#[test]
fn an_endpoint_that_cannot_be_reached_is_said_in_a_sentence() {
    let far = Far::new();
    let home = Home::new();
    for (endpoint, says) in
        [("http://127.0.0.1:9", "127.0.0.1:9"), ("https://no-such-host.invalid", "no-such-host.invalid")]
    {
        home.configure(&far.profile(&[("endpoint", endpoint)]));
        let listed = home.run(["ls", "--bucket"]).with(1);
        assert!(listed.sentence().contains(says), "{}", listed.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_database_password_is_said_in_a_sentence() {
    let far = Far::new();
    let cluster = Cluster::own(Setup { password: Some("right".into()), ..Setup::default() }).await;
    let home = Home::new();
    let url = cluster.url("postgres").replace(":right@", ":wr0ng@");
    home.configure(&far.profile(&[("database_url", &url)]));
    for arguments in [&["ls"][..], &["catalog", "status"], &["catalog", "migrate"]] {
        let refused = home.run(arguments).with(1);
        assert!(refused.sentence().contains("password") && !refused.err.contains("wr0ng"), "{}", refused.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_without_the_table_says_what_to_do() {
    let (far, cluster) = (Far::new(), Cluster::shared().await);
    let url = cluster.database("untabled").await;
    let home = Home::new();
    home.configure(&far.profile(&[("database_url", &url)]));
    home.file("a.txt", "a");
    let refused = home.run(["upload", "a.txt", "--key", "k"]).with(1);
    assert!(refused.sentence().contains("windlass catalog migrate"), "{}", refused.err);
}
