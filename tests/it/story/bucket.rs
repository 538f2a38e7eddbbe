//! The bucket as a whole, by keys alone in a real terminal: its facts, its CORS rules, what is hidden in it, and the profile's
//! other buckets.

use serde_json::Value;

use crate::support::far::Far;
use crate::support::front::{Front, Right};
use crate::support::program::Home;

/// Two objects on a B2 that hides: each was replaced, and one is deleted since.
async fn hiding() -> (Home, Front) {
    let (home, front) = (Home::new(), Front::b2(Right::ReadWrite).await);
    front.rogue.configure(&home, "b2", "sqlite:catalog.sqlite");
    for (name, bytes) in [("one", "older"), ("one", "newer"), ("other", "older"), ("other", "newer")] {
        home.file("source.txt", bytes);
        let key = format!("docs/{name}.txt");
        home.run(["upload", "source.txt", "--key", key.as_str(), "--on-conflict", "overwrite"]).with(0);
    }
    home.run(["rm", "docs/one.txt", "--yes"]).with(0);
    (home, front)
}

/// The versions that the bucket keeps, by key and with their bytes.
fn kept(home: &Home) -> Vec<(String, u64)> {
    let told = home.run(["rm", "docs/", "-r", "--bucket", "--versions", "--dry-run", "--json"]);
    let row = |row: &Value| Some((row["key"].as_str()?.to_owned(), row["size"].as_u64()?));
    told.json().iter().filter_map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_is_counted_and_purged_and_what_is_seen_stays() {
    let (home, _front) = hiding().await;
    assert_eq!(kept(&home), [("docs/one.txt".to_owned(), 10), ("docs/other.txt".to_owned(), 10)]);
    let mut person = home.screen(80, 24);
    person.sees("1 file").press("2v").sees("Bucket ▾").sees("1 folder").cursor_is_on("docs/");
    person.press("<Enter>").no_longer_sees("1 folder").cursor_is_on("other.txt");
    person.press("B").sees("Bucket windlass").sees("v counts them").sees("its versions stay");
    person.press("v").sees("4 hidden versions, 15 B beneath docs/");
    person.press("D").sees("Purge 4 hidden versions?").sees("15 B").press("<Enter>").no_longer_sees("Purge 4");
    assert_eq!(kept(&home).len(), 2, "No is the answer of a bare Enter");
    person.press("Bv").sees("D purges them").press("Dy").sees("purged 2 of 2");
    assert_eq!(kept(&home), [("docs/other.txt".to_owned(), 5)]);
    person.press("Bv").sees("nothing beneath docs/").press("<Esc>").no_longer_sees("Bucket windlass");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    let records = home.run(["ls", "--json"]).with(0).json();
    assert_eq!((records.len(), &records[0]["key"]), (1, &Value::from("docs/other.txt")));
    home.run(["download", "docs/other.txt"]).with(0);
}

#[test]
fn the_cors_rules_are_shown_changed_and_cleared() {
    let (home, far) = (Home::new(), Far::new());
    home.configure(&far.profile(&[]));
    for (width, height) in [(120, 36), (80, 24)] {
        let mut person = home.screen(width, height);
        person.sees("far").press("B").sees("Bucket windlass").sees(far.text("endpoint")).sees("us-east-1");
        person.sees("no rules").press("a").sees("origin");
        person.press("https://example.org/app<Enter>").sees("browsers send no path");
        person
            .press("<C-u>https://example.org<Enter>")
            .sees("Bucket windlass")
            .sees("https://example.org")
            .sees("GET PUT");
        let rules = home.run(["cors", "show", "--json"]).with(0).json();
        assert_eq!(rules[0]["origins"], serde_json::json!(["https://example.org"]));
        person.press("c").sees("Remove all CORS rules?").press("y").sees("no rules");
        person.press("<Esc>").no_longer_sees("Bucket windlass").press("q");
        assert_eq!(person.ended().exit_code(), 0);
        assert_eq!(home.run(["cors", "show", "--json"]).with(0).out, "");
    }
}

#[test]
fn another_bucket_of_the_profile_is_a_digit_away() {
    let (home, far) = (Home::new(), Far::new());
    let one = format!("bucket = \"{}\"", far.text("bucket"));
    home.configure(&far.profile(&[]).replace(&one, "buckets = [\"windlass\", \"attic\"]"));
    let mut person = home.screen(80, 24);
    person.sees("far").press("B").sees("1 ● windlass").sees("2   attic").press("2");
    person.sees("profile far/attic").press("B").sees("Bucket attic").sees("2 ● attic");
    person.press("<Esc>").no_longer_sees("Bucket attic").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
