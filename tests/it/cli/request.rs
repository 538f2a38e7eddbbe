//! `windlass request` and `windlass record`: the guides' presigned upload without a backend, what they print, refuse and
//! leave behind. What servers make of the URL is in `requested.rs`.

use serde_json::Value;

use super::requested::{shell, text};
use crate::support::far::Far;
use crate::support::front::{Front, Right};
use crate::support::program::Home;

#[test]
fn a_request_that_waits_ends_with_the_record_also_of_a_bucket_that_only_it_serves() {
    let home = Home::new();
    home.file("a.txt", "hello");
    let mut waiting = home.start(["request", "a.txt", "--type", "text/plain", "--wait", "--json"]);
    let line: Value = serde_json::from_str(&waiting.line()).unwrap();
    shell(&home, text(&line, "curl")).with(0);
    let ended = waiting.wait().with(0);
    let last = &ended.json()[0];
    assert_eq!([&last["kind"], &last["state"], &last["key"]], ["request", "done", text(&line, "objectKey")]);
    assert_eq!(home.run(["ls", "--json"]).with(0).json()[0]["key"], line["objectKey"]);
}

#[test]
fn people_get_a_line_to_paste_and_are_told_who_watches() {
    let home = Home::new();
    home.file("a.txt", "hello");
    let asked = home.run(["request", "a.txt", "--type", "text/plain"]).with(0);
    let lines: Vec<&str> = asked.out.lines().collect();
    assert!(lines[0].starts_with("key ") && lines[2].starts_with("PUT "), "{}", asked.out);
    assert!(lines[1].starts_with("until ") && lines[1].ends_with("(5 min)"), "{}", asked.out);
    assert!(lines.iter().any(|line| line.starts_with("public   http://127.0.0.1:")), "{}", asked.out);
    assert!(lines.last().unwrap().starts_with("curl -g --fail-with-body --path-as-is -T 'a.txt'"), "{}", asked.out);
    assert!(asked.sentence().contains("nobody answers this link now"), "{}", asked.err);
    let listed = home.run(["transfers"]).with(0);
    assert!(listed.out.contains("waits for an upload until 20") && !listed.out.contains("next try"), "{}", listed.out);
    let resumed = home.run(["resume"]).with(0);
    assert_eq!(resumed.out, "nothing else is open\n", "it is not resume's");
    assert!(resumed.err.contains("1 request waits for its upload"), "{}", resumed.err);
}

#[test]
fn the_type_is_what_the_name_suggests_unless_it_is_said() {
    let home = Home::new();
    for (arguments, mime) in [
        (&["photo.png"][..], "image/png"),
        (&["scan.PDF"], "application/pdf"),
        (&["data"], "application/octet-stream"),
        (&["photo.png", "--type", "text/plain"], "text/plain"),
    ] {
        let asked = home.run([&["request", "--json"], arguments].concat()).with(0).json();
        assert_eq!(asked[0]["headers"]["content-type"], mime, "{arguments:?}: {asked:?}");
    }
}

#[test]
fn what_no_url_can_carry_and_what_no_signature_allows_is_refused() {
    let home = Home::new();
    for (arguments, says) in [
        (&["a/../b.png", "--type", "image/png"][..], "has the part \"..\""),
        (&["..", "--type", "image/png"], "has the part \"..\""),
        (&["/a.png", "--type", "image/png"], "nothing beside it"),
        (&["a.png", "--type", "image/png", "--to", "x/../y"], "has the part \"..\""),
        (&["a.png", "--type", "image/png", "--expires", "8d"], "good for 7 d at most"),
        (&["a.png", "--type", "png"], "MIME type"),
    ] {
        let refused = home.run([&["request"], arguments].concat()).with(2);
        assert!(refused.sentence().contains(says), "{arguments:?}: {}", refused.err);
    }
    assert!(home.run(["transfers"]).with(0).out.contains("nothing is queued"));
    let read_only = home.run(["request", "a.png", "--type", "image/png", "--read-only"]).with(2);
    assert!(read_only.sentence().contains("read-only"), "{}", read_only.err);
}

#[test]
fn a_record_is_written_for_what_is_there_and_for_nothing_else() {
    let home = Home::new();
    let missing = home.run(["record", "nothing.txt", "--json"]).with(1);
    assert!(missing.sentence().contains("there is no object nothing.txt"), "{}", missing.err);
    assert_eq!(missing.out, "");
    home.file("a.txt", "hello");
    home.run(["upload", "a.txt", "--key", "a.txt"]).with(0);
    let recorded = home.run(["record", "a.txt"]).with(0);
    assert!(recorded.out.starts_with("recorded a.txt, http://"), "{}", recorded.out);
    assert_eq!(home.run(["ls", "--json"]).with(0).json().len(), 1, "the record that was there");
    assert!(home.run(["record", "a.txt", "--read-only"]).with(2).sentence().contains("read-only"));
}

#[test]
fn several_keys_and_everything_beneath_a_prefix_are_recorded_where_nobody_has_a_record() {
    let (home, other, far) = (Home::new(), Home::new(), Far::new());
    home.configure(&far.profile(&[]));
    other.configure(&far.profile(&[("key_template", "{prefix}{name}")]));
    for key in ["docs/a.txt", "docs/sub/b.txt", "docs/c.txt", "d.txt"] {
        other.file(key, "hello");
    }
    other.run(["upload", "docs", "--to", "docs/"]).with(0);
    other.run(["upload", "d.txt"]).with(0);
    home.run(["record", "docs/c.txt"]).with(0);
    let keys = |run: &[Value]| {
        let mut keys: Vec<String> = run.iter().map(|line| text(line, "objectKey").to_owned()).collect();
        keys.sort_unstable();
        keys
    };
    let beneath = home.run(["record", "docs/", "-r", "--json"]).with(0);
    let lines = beneath.json();
    assert_eq!(keys(&lines), ["docs/a.txt", "docs/sub/b.txt"]);
    assert!(lines.iter().all(|line| line["success"] == true && line["presignedUrl"].is_null()), "{lines:?}");
    assert!(beneath.err.contains("beneath it 1 has a record already"), "{}", beneath.err);
    let both = home.run(["record", "d.txt", "nothing.txt", "docs/c.txt", "--json"]).with(1);
    assert_eq!(keys(&both.json()), ["d.txt", "docs/c.txt"], "what is missing stops nothing");
    assert!(both.sentence().contains("there is no object nothing.txt"), "{}", both.err);
    assert_eq!(home.run(["ls", "--json"]).with(0).json().len(), 4);
    let prefix = home.run(["record", "docs/"]).with(2);
    assert!(prefix.sentence().contains("-r takes everything"), "{}", prefix.err);
    let nothing = home.run(["record", "nowhere/", "-r"]).with(1);
    assert!(nothing.sentence().contains("nothing begins with nowhere/"), "{}", nothing.err);
}

#[test]
fn a_request_whose_watcher_was_killed_is_recorded_afterwards_and_once() {
    let (home, far) = (Home::new(), Far::new());
    home.configure(&far.profile(&[]));
    home.file("a.txt", "hello");
    let mut waiting = home.start(["request", "a.txt", "--type", "text/plain", "--size", "5", "--wait", "--json"]);
    let line: Value = serde_json::from_str(&waiting.line()).unwrap();
    waiting.signal("KILL");
    waiting.wait().with(128 + 9);
    shell(&home, text(&line, "curl")).with(0);
    home.run(["record", text(&line, "objectKey")]).with(0);
    assert_eq!(home.run(["ls", "--json"]).with(0).json().len(), 1);
    let queue = home.run(["transfers", "--json"]).with(0).json();
    assert_eq!((queue.len(), &queue[0]["state"]), (1, &Value::from("done")), "it is the request that was watched");
}

#[test]
fn a_request_that_is_interrupted_stays_and_says_who_writes_its_record() {
    let home = Home::new();
    let mut waiting = home.start(["request", "a.txt", "--type", "text/plain", "--wait", "--json"]);
    waiting.line();
    waiting.signal("INT");
    let ended = waiting.wait().with(130);
    assert!(ended.sentence().contains("windlass record KEY"), "{}", ended.err);
    assert_eq!(home.run(["transfers", "--json"]).with(0).json()[0]["state"], "waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_forms_of_a_name_are_one_object_its_record_has_the_buckets_form() {
    let (home, front) = (Home::new(), Front::r2(Right::ReadWrite).await);
    front.rogue.configure(&home, "r2", "sqlite:catalog.sqlite");
    home.file("a", "hello");
    let (composed, apart) = ("gr\u{fc}n.txt", "gru\u{308}n.txt");
    home.run(["upload", "a", "--key", composed]).with(0);
    let recorded = home.run(["record", apart, "--json"]).with(0).json();
    assert_eq!(recorded[0]["objectKey"], composed);
    let records = home.run(["ls", "--json"]).with(0).json();
    assert_eq!((records.len(), &records[0]["key"]), (1, &Value::from(composed)));
}

#[test]
fn a_line_for_a_name_that_no_terminal_shows_is_printed_as_it_works() {
    let home = Home::new();
    let name = "in\u{202e}voice it's.txt";
    home.file(name, "hello");
    let mut waiting = home.start(["request", name, "--type", "text/plain", "--wait"]);
    let line = std::iter::repeat_with(|| waiting.line()).find(|line| line.starts_with("curl ")).unwrap();
    assert!(!line.contains('\u{202e}') && !line.contains('\u{27e8}'), "{line}");
    shell(&home, &line).with(0);
    waiting.wait().with(0);
}
