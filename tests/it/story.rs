//! A person's whole way through Windlass, by keys alone in a real terminal: nothing configured, and everything there.

mod again;
mod background;
mod below;
mod bucket;
mod deletes;
mod edit;
mod feelings;
mod filter;
mod find;
mod folders;
mod inspector;
mod keymap;
mod mouse;
mod names;
mod narrow;
mod numbers;
mod order;
mod palette;
mod pictures;
mod places;
mod profiles;
mod queue;
mod rate;
mod request;
mod sort;
mod tables;
mod theme;
mod welcome;
mod wire;

use std::time::{Duration, Instant};

use crate::support::home::{noise, put};
use crate::support::program::{Home, http_get_bytes};
use crate::support::pty::Person;

/// Uploads, links, downloads, deletes and quits.
fn upload_link_save_delete(home: &Home, width: u16, height: u16) {
    let bytes = noise(300_000, 7);
    home.file("hero.png", &bytes);
    let narrow = width < 72;
    let mut person = home.screen(width, height);
    person.sees("hero.png").cursor_is_on("hero.png");

    person.press("u").sees("Upload hero.png").sees("-hero.png").press("<Enter>").sees("uploaded 1 of 1");
    person.press("2").sees("1 file").cursor_is_on("hero.png");
    person.press("yl").sees("sent to your terminal").sees("good for 1 h");
    let link = person.waits_for_copy();
    assert_eq!(http_get_bytes(&link), bytes, "the link's bytes are the file's");
    if !narrow {
        assert!(joined(&person).contains(&link), "the link is whole on the screen: {}", person.text());
    }
    person.press("<Esc>").no_longer_sees("sent to your terminal");

    person.press("s").sees("downloaded 1 of 1");
    let mut files = std::fs::read_dir(home.here()).unwrap().map(|entry| entry.unwrap().path());
    let saved = files.find(|path| !path.ends_with("hero.png")).unwrap();
    assert_eq!(std::fs::read(saved).unwrap(), bytes, "what was saved is the file");

    person.press("2D").sees("Delete").press("<Enter>").no_longer_sees("No");
    person.press("2").cursor_is_on("hero.png").press("D").sees("Delete").press("y").sees("deleted 1 of 1");
    if !narrow {
        person.sees("no files yet");
    }
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(person.terminal_is_as_before());
    assert_eq!(home.run(["ls", "--json"]).with(0).out, "", "the record is gone");
    assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).out, "", "the object is gone");
}

/// The screen's text without its line ends: what is wrapped there is whole here.
fn joined(person: &Person) -> String {
    person.rows().iter().map(|row| row.trim_end()).collect()
}

#[test]
fn a_file_goes_up_is_linked_comes_down_and_is_deleted() {
    for (width, height) in [(120, 36), (80, 24), (40, 10)] {
        upload_link_save_delete(&Home::new(), width, height);
    }
}

#[test]
fn what_never_answers_holds_nothing_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let home = Home::new();
    home.configure(&format!(
        r#"
        default_profile = "silent"
        [profiles.silent]
        provider = "s3"
        endpoint = "http://127.0.0.1:{port}"
        access_key_id = "AKIDEXAMPLE"
        secret_access_key = "secret"
        bucket = "bucket"
        database_url = "postgres://me:secret@127.0.0.1:{port}/db"
        "#
    ));
    for name in ["one.txt", "two.txt", "three.txt"] {
        home.file(name, b"x");
    }
    let begun = Instant::now();
    let mut person = home.screen(120, 36);
    person.sees("silent").sees("two.txt");
    person.cursor_is_on("one.txt");
    person.press("/tw").no_longer_sees("one.txt").press("<Enter>").cursor_is_on("two.txt");
    person.press("<Esc>").sees("one.txt");
    person.press("v2v").sees("Bucket").press("<Esc>1");
    person.press("P").sees("Profiles").press("<Enter>").no_longer_sees("Profiles");
    person.press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert!(person.terminal_is_as_before());
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(10), "nothing here has to wait, yet it took {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_that_is_named_like_the_way_up_is_an_entry_of_its_own() {
    let home = Home::new();
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    for key in ["../y.txt", "top.txt"] {
        put(&connection, key).await;
    }
    let mut person = home.screen(120, 36);
    person.sees("Remote").press("2v").sees("Bucket").sees("\"../\"").cursor_is_on("\"../\"");
    person.press("<Enter>").no_longer_sees("\"../\"").sees("windlass/../ ").sees("1 file");
    person.press("h").sees("\"../\"").cursor_is_on("\"../\"").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
