//! Standard input as the source of an upload: any length arrives as it is, and what cannot be read again is never put off.

use std::io::{PipeWriter, Write};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::local::{TRANSFER_FIELDS, fields};
use crate::support::program::{Ended, Home, Running};

/// Starts a command with a pipe for its standard input.
fn start(home: &Home, arguments: &[&str]) -> (Running, PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    (home.start_fed(reader, arguments), writer)
}

/// Runs a command that is fed these bytes.
fn fed(home: &Home, bytes: &[u8], arguments: &[&str]) -> Ended {
    let (running, mut writer) = start(home, arguments);
    let bytes = bytes.to_vec();
    let writing = std::thread::spawn(move || writer.write_all(&bytes));
    let ended = running.wait();
    writing.join().unwrap().unwrap();
    ended
}

/// Writes until nobody reads any more.
fn endless(mut writer: PipeWriter) -> JoinHandle<std::io::ErrorKind> {
    std::thread::spawn(move || {
        loop {
            if let Err(error) = writer.write_all(&[7; 65_536]) {
                return error.kind();
            }
        }
    })
}

/// What the bucket has under a key.
fn stored(home: &Home, key: &str) -> Vec<u8> {
    home.command(["download", key, "--to", "-"]).output().unwrap().stdout
}

/// How many parts the object was put together from; 0 where it came in one request.
async fn parts(home: &Home, key: &str) -> u32 {
    let services = home.services();
    let connection = services.connect("local").await.unwrap();
    let etag = connection.store.head(key).await.unwrap().0.etag.unwrap();
    etag.split_once('-').map_or(0, |(_, parts)| parts.parse().unwrap())
}

fn noise(length: u32) -> Vec<u8> {
    (0..length).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_of_any_length_arrives_as_it_is() {
    for (length, expected) in [(0, 0), (11, 0), (40 << 20, 3)] {
        let home = Home::new();
        let bytes = noise(length);
        let uploaded = fed(&home, &bytes, &["upload", "-", "--key", "in/a.txt", "--json"]).with(0);
        assert_eq!(uploaded.err, "");
        assert_eq!(fields(&uploaded.out), TRANSFER_FIELDS);
        let line = &uploaded.json()[0];
        assert_eq!(
            [&line["path"], &line["key"], &line["size"], &line["sent"], &line["state"]],
            [&Value::Null, &json!("in/a.txt"), &json!(length), &json!(length), &json!("done")]
        );
        assert!(stored(&home, "in/a.txt") == bytes, "{length} bytes");
        assert_eq!(parts(&home, "in/a.txt").await, expected, "{length} bytes");
        let record = &home.run(["ls", "--json"]).with(0).json()[0];
        assert_eq!([&record["size"], &record["content_type"]], [&json!(length), &json!("text/plain")]);
    }
}

#[test]
fn its_type_may_be_said_and_people_read_where_it_went() {
    let home = Home::new();
    let uploaded = fed(&home, b"x", &["upload", "-", "--key", "k", "--type", "image/x-own"]).with(0);
    assert_eq!(uploaded.out, "uploaded standard input as k, 1 B\n");
    assert_eq!(home.run(["ls", "--json"]).with(0).json()[0]["content_type"], "image/x-own");
}

#[test]
fn a_key_that_exists_is_refused_before_the_input_ends() {
    let home = Home::new();
    fed(&home, b"old", &["upload", "-", "--key", "k"]).with(0);
    let (running, writer) = start(&home, &["upload", "-", "--key", "k"]);
    let writing = endless(writer);
    let refused = running.wait().with(1);
    assert!(refused.sentence().contains("k exists") && refused.err.contains("--on-conflict"), "{}", refused.err);
    assert_eq!(writing.join().unwrap(), std::io::ErrorKind::BrokenPipe);
    assert_eq!(stored(&home, "k"), b"old");
    fed(&home, b"new", &["upload", "-", "--key", "k", "--on-conflict", "overwrite"]).with(0);
    assert_eq!(stored(&home, "k"), b"new");
}

#[test]
fn an_interrupted_input_is_not_said_to_be_kept() {
    let home = Home::new();
    let (mut running, writer) = start(&home, &["upload", "-", "--key", "k", "--json", "--progress"]);
    loop {
        let line = running.line();
        assert!(!line.is_empty(), "it ended before it was sent");
        if line.contains("\"state\":\"sending\"") {
            break;
        }
    }
    running.signal("INT");
    let ended = running.wait().with(130);
    assert_eq!(ended.sentence(), "interrupted: what was read of standard input is not kept; upload it again");
    drop(writer);
    assert_eq!(home.run(["resume"]).with(0).out, "nothing is open\n");
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
}

#[test]
fn what_an_input_cannot_do_is_refused_with_what_to_do_instead() {
    let home = Home::new();
    home.file("a.txt", "a");
    for (arguments, hint) in [
        (&["upload", "-"][..], "--key KEY"),
        (&["upload", "-", "--to", "p/"], "--key KEY"),
        (&["upload", "-", "--key", "k", "--detach"], "leave out --detach"),
        (&["upload", "-", "--key", "k", "--dry-run"], "leave out --dry-run"),
        (&["upload", "a.txt", "-", "--key", "k"], "name the files"),
        (&["upload", "-", "-", "--key", "k"], "name the files"),
        (&["upload", "-", "--key", ""], "empty"),
    ] {
        let refused = home.run(arguments).with(2);
        assert!(refused.sentence().contains(hint), "{}", refused.err);
    }
    assert_eq!(home.run(["transfers"]).with(0).out, "nothing is queued\n");
}

#[test]
fn a_file_that_is_called_like_it_is_a_file() {
    let home = Home::new();
    home.file("-", "a file");
    home.run(["upload", "./-", "--key", "k"]).with(0);
    assert_eq!(stored(&home, "k"), b"a file");
}
