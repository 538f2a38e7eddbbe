//! Everything beneath a prefix, deleted by keys alone in a real terminal: from the bucket and from the table, with a record
//! or without one, and nothing besides.

use super::queue::home;

/// Keys that stay: what merely begins like the prefix, and what lies elsewhere.
const STAYS: [&str; 4] = ["docs/readme.txt", "photos", "photos-old/001.jpg", "photosynthesis.txt"];

fn keys(home: &crate::support::program::Home, of: &[&str]) -> Vec<String> {
    let listed = home.run([&["ls", "--json"], of].concat()).with(0).json();
    let mut keys: Vec<String> = listed.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

#[test]
fn everything_beneath_a_prefix_goes_from_bucket_and_table_and_nothing_else_does() {
    let (home, far) = home();
    let configured = far.profile(&[("key_template", "{name}")]);
    let elsewhere = configured.lines().skip(2).collect::<Vec<_>>().join("\n");
    let catalog = home.path().join("elsewhere.sqlite");
    home.configure(&format!(
        "{configured}\n[profiles.elsewhere]\n{elsewhere}\ndatabase_url = \"sqlite:{}\"\n",
        catalog.display()
    ));
    for number in 0..1200 {
        home.file(&format!("up/photos/{}/{number:04}.jpg", number % 7), b"12345");
    }
    home.run(["upload", "up/photos", "--to", "photos"]).with(0);
    for key in STAYS {
        home.file("one", key);
        home.run(["upload", "one", "--key", key]).with(0);
    }
    home.file("one", b"untracked");
    home.run(["--profile", "elsewhere", "upload", "one", "--key", "photos/untracked"]).with(0);
    assert_eq!(keys(&home, &["--bucket"]).len(), 1200 + STAYS.len() + 1);

    let mut person = home.screen(100, 30);
    person.sees("up/").press("2v").sees("photos/").press("/photos/<Tab>").sees("1 of 5");
    person.cursor_is_on("photos/").press("<Space>D").sees("Delete everything beneath photos/?");
    person.sees("1,201 objects, 5.9 KiB").press("<Enter>").no_longer_sees("Delete everything");
    assert_eq!(keys(&home, &["--bucket"]).len(), 1200 + STAYS.len() + 1, "a bare Enter deletes nothing");

    person.press("D").sees("1,201 objects, 5.9 KiB").press("y").sees("photos/ to delete: 1,201 queued");
    person.sees("deleted 1,201 of 1,201").press("<Esc><Esc>").sees("2 files, 2 folders").sees("photosynthesis.txt");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert_eq!(keys(&home, &["--bucket"]), STAYS, "the bucket");
    assert_eq!(keys(&home, &[]), STAYS, "the table");
}
