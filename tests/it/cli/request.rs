//! `windlass request` and `windlass record`: the guides' presigned upload without a backend. The printed curl line is run
//! by a real shell with the real curl, against a bucket that another process serves, over http and over TLS.

use std::process::Command;

use serde_json::Value;

use crate::support::far::Far;
use crate::support::program::{Ended, Home};
use crate::support::tls::{Front, Tls};

/// A shell in the folder where somebody has the file.
fn shell(home: &Home, line: &str) -> Ended {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(home.here()).env("CURL_CA_BUNDLE", home.path().join("ca.pem"));
    Ended::of(shell.output().unwrap())
}

fn fields(line: &str) -> Vec<String> {
    let order = line.split("\":").filter_map(|piece| piece.rsplit('"').next()).map(str::to_owned);
    let known: Value = serde_json::from_str(line).unwrap();
    order.filter(|name| known.get(name).is_some()).collect()
}

fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().unwrap_or_else(|| panic!("no {field} in {line}"))
}

/// Homes whose profile is the same sort of bucket, over http and over TLS with an authority of our own.
async fn homes(far: &Far) -> (Vec<Home>, Front) {
    let (plain, encrypted, tls) = (Home::new(), Home::new(), Tls::new());
    plain.configure(&far.profile(&[]));
    let address = far.text("endpoint").strip_prefix("http://").unwrap();
    let front = Front::start(&tls, address).await;
    let ca_file = tls.ca_file(encrypted.path());
    let endpoint = format!("https://localhost:{}", front.port);
    encrypted.configure(&far.profile(&[("endpoint", &endpoint), ("ca_file", ca_file.to_str().unwrap())]));
    (vec![plain, encrypted], front)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_curl_line_uploads_and_the_record_is_there() {
    let far = Far::new();
    let (homes, _front) = homes(&far).await;
    for home in homes {
        home.file("it's a photo.png", "bytes");
        let arguments = ["request", "it's a photo.png", "--type", "image/png", "--size", "5", "--to", "in", "--json"];
        let asked = home.run(arguments).with(0);
        let names =
            ["success", "presignedUrl", "objectKey", "publicFileUrl", "headers", "content-length", "curl", "expiresAt"];
        let printed: Vec<String> =
            fields(&asked.out).into_iter().filter(|name| names.contains(&name.as_str())).collect();
        let expected: Vec<&str> = names.into_iter().filter(|name| *name != "content-length").collect();
        assert_eq!(printed, expected, "{}", asked.out);
        let line = &asked.json()[0];
        let key = text(line, "objectKey").to_owned();
        assert!(key.starts_with("in/") && key.ends_with("-it's a photo.png"), "{key}");
        assert_eq!(line["headers"]["content-type"], "image/png");
        assert!(text(line, "presignedUrl").contains("X-Amz-Expires=300"));
        let ends = chrono::DateTime::parse_from_rfc3339(text(line, "expiresAt")).unwrap();
        assert!((290..=300).contains(&(ends.to_utc() - chrono::Utc::now()).num_seconds()));

        let waiting = home.run(["transfers", "--json"]).with(0);
        let row = &waiting.json()[0];
        assert_eq!([&row["kind"], &row["state"], &row["key"]], ["request", "waiting", key.as_str()]);
        assert!(!waiting.out.contains("Signature"), "{}", waiting.out);
        shell(&home, text(line, "curl")).with(0);
        let recorded = home.run(["record", &key, "--json"]).with(0);
        assert_eq!(fields(&recorded.out), ["success", "presignedUrl", "objectKey", "publicFileUrl"]);
        let recorded = &recorded.json()[0];
        assert_eq!([&recorded["success"], &recorded["objectKey"]], [&Value::Bool(true), &Value::from(key.as_str())]);
        assert_eq!(recorded["publicFileUrl"], line["publicFileUrl"]);
        assert_eq!(home.run(["transfers", "--json"]).with(0).json()[0]["state"], "done", "the request itself");
        let record = &home.run(["ls", "--json"]).with(0).json()[0];
        assert_eq!([&record["key"], &record["state"]], [key.as_str(), "ok"]);
        assert_eq!((&record["size"], &record["content_type"]), (&Value::from(5), &Value::from("image/png")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_refuses_another_type_another_size_and_a_url_that_has_ended() {
    let far = Far::new();
    let (homes, _front) = homes(&far).await;
    for home in homes {
        home.file("a.png", "bytes");
        let arguments = ["request", "a.png", "--type", "image/png", "--size", "5", "--json"];
        let line = home.run(arguments).with(0).json().remove(0);
        let curl = text(&line, "curl");
        let wrong_type = shell(&home, &curl.replace("image/png", "text/html")).with(22);
        assert!(wrong_type.out.contains("SignatureDoesNotMatch"), "{wrong_type:?}");
        home.file("a.png", "six by");
        let wrong_size = shell(&home, curl).with(22);
        assert!(wrong_size.out.contains("SignatureDoesNotMatch"), "{wrong_size:?}");

        let mut waiting =
            home.start(["request", "a.png", "--type", "image/png", "--expires", "1s", "--wait", "--json"]);
        let line: Value = serde_json::from_str(&waiting.line()).unwrap();
        let ended = waiting.wait().with(1);
        assert!(ended.sentence().contains("nobody had uploaded"), "{}", ended.err);
        assert_eq!(ended.json()[0]["state"], "expired");
        let late = shell(&home, text(&line, "curl")).with(22);
        assert!(late.out.contains("AccessDenied") || late.out.contains("expired"), "{late:?}");
        assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "", "nothing got through");
    }
}

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
    assert!(lines.last().unwrap().starts_with("curl -g --fail-with-body --path-as-is -T 'a.txt'"), "{}", asked.out);
    assert!(asked.sentence().contains("nobody answers this link now"), "{}", asked.err);
    let listed = home.run(["transfers"]).with(0);
    assert!(listed.out.contains("waits for an upload until 20") && !listed.out.contains("next try"), "{}", listed.out);
    assert!(home.run(["resume"]).with(0).out.contains("nothing is open"), "it is not resume's");
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
        (&["a.png"], "--type"),
    ] {
        let refused = home.run([&["request"], arguments].concat()).with(2);
        assert!(refused.sentence().contains(says), "{arguments:?}: {}", refused.err);
    }
    assert!(home.run(["transfers"]).with(0).out.contains("nothing is queued"));
    let read_only = home.run(["request", "a.png", "--type", "image/png", "--read-only"]).with(1);
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
    assert!(home.run(["record", "a.txt", "--read-only"]).with(1).sentence().contains("read-only"));
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
