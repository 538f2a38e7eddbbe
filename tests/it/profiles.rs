//! Two profiles side by side in a real terminal: `local`, and an S3 endpoint of another process with records in a real
//! PostgreSQL. The whole way through the second, and a switch while one of its uploads runs.

use crate::support::far::Far;
use crate::support::home::noise;
use crate::support::postgres::{Cluster, texts};
use crate::support::program::{Home, http_get_bytes};

/// A home with both profiles, the far one in force, and its database's URL.
async fn both(far: &Far, database: &str) -> (Home, String) {
    let url = Cluster::shared().await.database(database).await;
    let home = Home::new();
    home.configure(&far.profile(&[("database_url", &url), ("user_id", "user_123")]));
    home.run(["catalog", "migrate"]).with(0);
    (home, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_through_another_processs_bucket_and_a_real_database() {
    let far = Far::new();
    let (home, url) = both(&far, "way").await;
    let bytes = noise(300_000, 9);
    home.file("hero.png", &bytes);
    let mut person = home.screen(120, 36);
    person.sees("far").sees("user_123").sees("hero.png").cursor_is_on("hero.png");
    person.press("u").sees("Upload hero.png").press("<Enter>").sees("uploaded 1 of 1");
    let rows = texts(&url, "SELECT user_id, size_bytes::text, content_type FROM s3_files").await;
    assert_eq!(rows, [["user_123", "300000", "image/png"]]);

    person.press("2").sees("1 file").cursor_is_on("hero.png").press("yl").sees("sent to your terminal");
    let link = person.waits_for_copy();
    assert!(link.starts_with(far.text("endpoint")), "{link}");
    assert_eq!(http_get_bytes(&link), bytes);
    person.press("<Esc>").no_longer_sees("sent to your terminal");

    person.press("s").sees("downloaded 1 of 1");
    let mut files = std::fs::read_dir(home.here()).unwrap().map(|entry| entry.unwrap().path());
    let saved = files.find(|path| !path.ends_with("hero.png")).unwrap();
    assert_eq!(std::fs::read(saved).unwrap(), bytes);

    person.press("2").cursor_is_on("hero.png").press("D").sees("Delete").press("y").sees("deleted 1 of 1");
    person.sees("no files yet").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert_eq!(texts(&url, "SELECT object_key FROM s3_files").await.len(), 0);
    assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).out, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_under_its_own_profile_while_the_screen_shows_another() {
    let far = Far::new();
    let (home, url) = both(&far, "switch").await;
    home.file("hero.png", noise(3 << 20, 11));
    let mut person = home.screen(120, 36);
    person.sees("far").sees("no files yet").sees("hero.png").cursor_is_on("hero.png");
    // The bucket stands still, so that the upload cannot be over before the switch.
    far.serving.signal("STOP");
    person.press("u").sees("Upload hero.png").press("<Enter>").sees("1 running");
    person.press("P").sees("Profiles").press("j").cursor_is_on("local").press("<Enter>").no_longer_sees("Profiles");
    person.sees("everyone").sees("1 running");
    assert_eq!(texts(&url, "SELECT object_key FROM s3_files").await.len(), 0);
    far.serving.signal("CONT");
    person.sees("uploaded 1 of 1");
    assert_eq!(texts(&url, "SELECT user_id, size_bytes::text FROM s3_files").await, [["user_123", "3145728"]]);
    assert_eq!(home.run(["ls", "--profile", "local", "--json"]).with(0).out, "", "nothing went to the profile shown");
    assert_eq!(home.run(["ls", "--json"]).with(0).json().len(), 1);
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
