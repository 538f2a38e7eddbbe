//! Keys and names that are up to something: shown visibly, exact in JSON, and never written outside the chosen folder.

use windlass::storage::{PutOptions, Sent};

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

#[test]
fn keys_that_are_no_safe_path_never_leave_the_folder() {
    let home = Home::new();
    home.file("a.txt", "x");
    let long = "n".repeat(300);
    for (key, why) in [("../x", "\"..\""), ("/x", "begins with /"), ("a//b", "empty part"), (&long, "300 bytes")] {
        home.run(["upload", "a.txt", "--key", key]).with(0);
        let refused = home.run(["download", key, "--to", "down"]).with(1);
        assert!(refused.sentence().contains("is no safe file name") && refused.err.contains(why), "{}", refused.err);
        assert!(!home.here().join("down").exists(), "nothing may come into it");
    }
    assert!(!home.here().join("x").exists());
    let refused = home.run(["download", "../", "-r", "--to", "down"]).with(1);
    assert!(refused.sentence().contains("../x") && !home.here().join("down").exists(), "{}", refused.err);
    home.run(["upload", "a.txt", "--key", "p/../../x"]).with(0);
    home.run(["upload", "a.txt", "--key", "p/good"]).with(0);
    let ended = home.run(["download", "p/", "-r", "--to", "down"]).with(1);
    assert!(ended.sentence().contains("p/../../x"), "{}", ended.err);
    assert_eq!(home.read("down/p/good"), b"x", "the rest comes down");
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
    let options = PutOptions { content_type: "text/plain".into(), ..PutOptions::default() };
    connection.store.put("p/a\0b", bytes::Bytes::from("x").into(), &options, &Sent::default()).await.unwrap();
    let listed = home.run(["ls", "--bucket"]).with(0);
    assert!(listed.out.ends_with("  p/a␀b\n"), "{}", listed.out);
    let refused = home.run(["download", "p/", "-r", "--to", "down"]).with(1);
    assert!(refused.sentence().contains("p/a␀b") && refused.err.contains("NUL"), "{}", refused.err);
    assert!(!home.here().join("down").exists());
    home.run(["rm", "p/", "-r", "--bucket", "--yes"]).with(0);
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
}
