//! Several buckets in one profile: switched to from the screen, addressed by `--profile NAME/BUCKET`, each with its own
//! records of the one table; what is queued keeps its bucket.

use crate::support::far::Far;
use crate::support::home::noise;
use crate::support::postgres::{Cluster, sql, texts};
use crate::support::program::Home;

/// A profile `far` whose second bucket is `attic`, which its server does not have, and its database's URL.
async fn both(far: &Far, database: &str) -> (Home, String) {
    let url = Cluster::shared().await.database(database).await;
    let home = Home::new();
    let one = format!("bucket = \"{}\"", far.text("bucket"));
    let several = format!("buckets = [\"{}\", \"attic\"]", far.text("bucket"));
    home.configure(&far.profile(&[("database_url", &url), ("user_id", "u")]).replace(&one, &several));
    home.run(["catalog", "migrate"]).with(0);
    (home, url)
}

fn keys(home: &Home, profile: &str) -> Vec<String> {
    let rows = home.run(["ls", "--profile", profile, "--json"]).with(0).json();
    rows.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bucket_of_a_profile_has_its_records_and_its_address() {
    let far = Far::new();
    let (home, url) = both(&far, "buckets").await;
    home.file("a.txt", "some bytes");
    home.run(["upload", "a.txt", "--key", "here.txt"]).with(0);
    let row = "INSERT INTO s3_files (object_key, file_url, user_id, bucket) VALUES";
    sql(&url, &format!("{row} ('there.txt', 'x', 'u', 'attic'), ('old.txt', 'x', 'u', NULL)")).await;
    let first = format!("far/{}", far.text("bucket"));
    for profile in ["far", &first] {
        let mut found = keys(&home, profile);
        found.sort();
        assert_eq!(found, ["here.txt", "old.txt"], "rows without a bucket are the first's");
    }
    assert_eq!(keys(&home, "far/attic"), ["there.txt"]);
    let missing = home.run(["ls", "--bucket", "--profile", "far/attic"]).with(1);
    assert!(missing.sentence().contains("attic"), "{missing:?}");
    let unknown = home.run(["ls", "--profile", "far/cellar"]).with(2);
    assert!(unknown.sentence().contains("far/attic"), "{unknown:?}");
    let listed = home.run(["profiles", "--json"]).with(0).json();
    let rows: Vec<_> = listed.iter().map(|row| (row["name"].as_str().unwrap(), row["bucket"].as_str())).collect();
    assert_eq!(rows[..2], [("far", Some(far.text("bucket"))), ("far/attic", Some("attic"))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_switches_between_buckets_and_an_upload_keeps_its_own() {
    let far = Far::new();
    let (home, url) = both(&far, "switched").await;
    home.file("hero.png", noise(3 << 20, 4));
    let mut person = home.screen(120, 36);
    person.sees("far").sees("no files yet").sees("hero.png").cursor_is_on("hero.png");
    // The bucket stands still, so that the upload cannot be over before the switch.
    far.serving.signal("STOP");
    person.press("u").sees("Upload hero.png").press("<Enter>").sees("1 running");
    person.press("P").sees("far/attic").press("j").cursor_is_on("far/attic").press("<Enter>");
    person.no_longer_sees("Profiles").sees("profile far/attic");
    far.serving.signal("CONT");
    person.sees("uploaded 1 of 1").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let rows = texts(&url, "SELECT bucket, size_bytes::text FROM s3_files").await;
    assert_eq!(rows, [[far.text("bucket"), "3145728"]]);
    assert_eq!(keys(&home, "far/attic").len(), 0);
}

#[test]
fn a_bucket_is_named_once() {
    let far = Far::new();
    let home = Home::new();
    let one = format!("bucket = \"{}\"", far.text("bucket"));
    home.configure(&far.profile(&[]).replace(&one, "buckets = [\"a\", \"b\", \"a\"]"));
    let refused = home.run(["ls"]).with(2);
    assert!(refused.sentence().contains("names \"a\" twice"), "{refused:?}");
}
