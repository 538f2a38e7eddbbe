//! Keys and names that are up to something: shown visibly, exact in JSON, and never written outside the chosen folder.

use serde_json::Value;
use windlass::domain::{NewRecord, Origin};

use crate::support::front::{Front, Right};
use crate::support::home::put;
use crate::support::program::Home;

const HOSTILE: &str = "a\u{1b}[31mred\nline\u{202e}gpj.exe\u{9b}x";

#[test]
fn hostile_names_are_visible_for_people_and_exact_in_json() {
    let home = Home::new();
    home.file(HOSTILE, "x");
    let uploaded = home.run(["upload", HOSTILE, "--key", HOSTILE]).with(0);
    let listed = home.run(["ls"]).with(0);
    let refused = home.run(["upload", HOSTILE, "--key", HOSTILE]).with(1);
    let as_json = home.run(["ls", "--bucket", "--json"]).with(0);
    let queue = home.run(["transfers"]).with(0);
    for text in [&uploaded.out, &listed.out, &refused.err, &as_json.out, &queue.out] {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{text:?}");
    }
    assert!(listed.out.ends_with("a␛[31mred\\nline⟨U+202E⟩gpj.exe⟨U+009B⟩x\n"), "{}", listed.out);
    assert_eq!(as_json.json()[0]["key"], HOSTILE);
    home.run(["download", HOSTILE, "--to", "down"]).with(0);
    assert_eq!(home.read(format!("down/{HOSTILE}")), b"x");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_no_safe_path_never_leave_the_folder() {
    let home = Home::new();
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let long = "n".repeat(300);
    for (key, why) in [("../x", "\"..\""), ("/x", "begins with /"), ("a//b", "empty part"), (&long, "300 bytes")] {
        put(&connection, key).await;
        let refused = home.run(["download", key, "--to", "down"]).with(1);
        assert!(refused.sentence().contains("is no safe file name") && refused.err.contains(why), "{}", refused.err);
        assert!(!home.here().join("down").exists(), "nothing may come into it");
    }
    assert!(!home.here().join("x").exists());
    let refused = home.run(["download", "../", "-r", "--to", "down"]).with(1);
    assert!(refused.sentence().contains("../x") && !home.here().join("down").exists(), "{}", refused.err);
    put(&connection, "p/../../x").await;
    put(&connection, "p/good").await;
    let ended = home.run(["download", "p/", "-r", "--to", "down"]).with(1);
    assert!(ended.sentence().contains("p/../../x"), "{}", ended.err);
    assert_eq!(home.read("down/p/good"), b"x", "the rest comes down");
}

#[test]
fn a_key_that_begins_with_a_slash_is_taken_so_and_said_to_be() {
    let home = Home::new();
    home.file("x", "x");
    for (arguments, said) in [
        (&["upload", "x", "--key", "/x"][..], "begins with \"/\""),
        (&["upload", "x", "--to", "/up"], "begins with \"/\""),
        (&["upload", "x", "--key", "a//x"], "empty part"),
    ] {
        let uploaded = home.run(arguments).with(0);
        assert!(uploaded.err.contains(said) && uploaded.err.contains("unless it is meant"), "{}", uploaded.err);
    }
    assert!(!home.run(["upload", "x", "--key", "x"]).with(0).err.contains("unless it is meant"));
    let listed = home.run(["ls", "--bucket", "--json"]).with(0).json();
    let keys: Vec<&str> = listed.iter().map(|line| line["key"].as_str().unwrap()).collect();
    assert!(keys.contains(&"/x") && keys.contains(&"a//x") && keys.contains(&"x"), "{keys:?}");
    let refused = home.run(["download", "/x"]).with(1);
    assert!(refused.sentence().contains("begins with /") && refused.err.contains("--to -"), "{}", refused.err);
    assert_eq!(home.run(["download", "/x", "--to", "-"]).with(0).out, "x", "as the sentence says");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_fold_is_neither_uploaded_nor_asked_for_nor_linked() {
    let home = Home::new();
    home.file("x", "x");
    for arguments in [
        &["upload", "x", "--key", "../x"][..],
        &["upload", "x", "--key", "a/./x", "--dry-run"],
        &["upload", "-", "--key", "a/../x"],
        &["upload", "x", "--to", "../up"],
        &["request", "x", "--type", "text/plain", "--to", "../up"],
    ] {
        let refused = home.run(arguments);
        assert!(refused.code > 0 && refused.sentence().contains("fold away"), "{arguments:?}: {refused:?}");
    }
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
    assert_eq!(home.run(["transfers"]).with(0).out, "nothing is queued\n");

    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    put(&connection, "../x").await;
    for kind in [&["link", "../x"][..], &["link", "../x", "--public"]] {
        let refused = home.run(kind).with(2);
        assert!(refused.out.is_empty() && refused.sentence().contains("no link reaches \"../x\""), "{}", refused.err);
    }
    assert_eq!(home.run(["download", "../x", "--to", "-"]).with(0).out, "x", "as the sentence says");
    home.run(["rm", "../x", "--bucket", "--yes"]).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_r2_every_command_finds_a_name_in_whatever_form_it_is_typed() {
    let (home, front) = (Home::new(), Front::r2(Right::ReadWrite).await);
    front.rogue.configure(&home, "r2", "sqlite:catalog.sqlite");
    // The server behind it knows only the form that R2 keeps: whatever came in the other one would find nothing.
    let (composed, apart) = ("gr\u{fc}n/caf\u{e9}.txt", "gru\u{308}n/cafe\u{301}.txt");
    let key = |lines: &[Value]| lines.iter().map(|line| line["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    home.file("a", "hello");
    home.run(["upload", "a", "--key", apart]).with(0);
    for place in [&[][..], &["--bucket"]] {
        let listed = home.run([&["ls", "gru\u{308}n/", "--json"], place].concat()).with(0).json();
        assert_eq!(key(&listed), [composed], "{place:?}");
    }
    assert_eq!(home.run(["record", apart, "--json"]).with(0).json()[0]["objectKey"], composed);
    assert!(home.run(["link", apart]).with(0).out.contains("gr%C3%BCn/caf%C3%A9.txt?"));
    assert_eq!(home.run(["download", apart, "--to", "-"]).with(0).out, "hello");
    home.run(["download", apart, "--to", "one"]).with(0);
    home.run(["download", "gru\u{308}n/", "-r", "--to", "all"]).with(0);
    assert_eq!(
        (home.read(format!("one/{composed}")), home.read(format!("all/{composed}"))),
        (b"hello".into(), b"hello".into())
    );
    home.run(["rm", apart, "--yes"]).with(0);
    for place in [&["ls"][..], &["ls", "--bucket"]] {
        assert_eq!(home.run(place).with(0).out, "", "{place:?}");
    }

    home.run(["upload", "a", "--key", composed]).with(0);
    home.run(["rm", "gru\u{308}n/", "-r", "--yes"]).with(0);
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
    let gone = home.run(["rm", apart, "--yes"]).with(1);
    assert!(gone.sentence().starts_with(&format!("no record of {apart} is visible")), "{}", gone.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_r2_an_apps_record_in_the_other_form_is_found_and_goes_with_its_object() {
    let (home, front) = (Home::new(), Front::r2(Right::ReadWrite).await);
    front.rogue.configure(&home, "r2", "sqlite:catalog.sqlite");
    let (composed, apart) = ("caf\u{e9}.txt", "cafe\u{301}.txt");
    home.file("a", "x");
    let connection = home.services().connect("far").await.unwrap();
    for delete in [&["rm", composed, "--yes"][..], &["rm", apart, "--yes"], &["rm", apart, "--bucket", "--yes"]] {
        home.run(["upload", "a", "--key", composed]).with(0);
        let of_the_app = NewRecord {
            origin: Origin::Uploaded,
            key: apart.into(),
            url: None,
            user_id: connection.writer.clone(),
            uploaded_at: chrono::Utc::now(),
            bucket: connection.profile.bucket().into(),
            size: 1,
            content_type: "text/plain".into(),
            etag: None,
            checksum: None,
        };
        connection.catalog.record(&[of_the_app]).await.unwrap();
        assert_eq!(home.run(["ls", "cafe\u{301}", "--json"]).with(0).json().len(), 2);
        home.run(delete).with(0);
        assert_eq!(home.run(["ls"]).with(0).out, "", "{delete:?}");
    }
}

#[test]
fn odd_keys_are_kept_apart() {
    let home = Home::new();
    let keys = ["a", "a/b", "a//b", "a/", "%2e", "ü", "u\u{308}", "a b+c?d#e", "文件/👩‍💻.png"];
    for key in keys {
        home.file("source", key);
        home.run(["upload", "source", "--key", key]).with(0);
    }
    let mut listed: Vec<String> =
        home.run(["ls", "--json"]).with(0).json().iter().map(|line| line["key"].as_str().unwrap().into()).collect();
    listed.sort();
    let mut asked: Vec<String> = keys.map(str::to_owned).to_vec();
    asked.sort();
    assert_eq!(listed, asked);
}

#[test]
fn names_that_are_not_utf_8_are_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let name = OsStr::from_bytes(b"bad\xff.txt");
    std::fs::write(home.here().join(name), "x").unwrap();
    let refused = home.run([OsStr::new("upload"), name]).with(1);
    assert!(refused.sentence().contains("bad\\xFF.txt is not UTF-8"), "{}", refused.err);
}

#[test]
fn special_files_are_refused() {
    let home = Home::new();
    let refused = home.run(["upload", "/dev/null"]).with(1);
    assert_eq!(refused.sentence(), "/dev/null is no regular file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_nul_is_listed_and_deleted_but_never_made_a_file() {
    let home = Home::new();
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    put(&connection, "p/a\0b").await;
    let listed = home.run(["ls", "--bucket"]).with(0);
    assert!(listed.out.ends_with("  p/a␀b\n"), "{}", listed.out);
    let refused = home.run(["download", "p/", "-r", "--to", "down"]).with(1);
    assert!(refused.sentence().contains("p/a␀b") && refused.err.contains("NUL"), "{}", refused.err);
    assert!(!home.here().join("down").exists());
    home.run(["rm", "p/", "-r", "--bucket", "--yes"]).with(0);
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
}
