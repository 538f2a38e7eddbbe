//! Every command on the bucket that needs no configuration: what it does, what it prints, and that its JSON has exactly
//! the fields that scripts were promised.

use serde_json::{Value, json};

use crate::support::program::{Ended, Home};

/// The names of an object's fields, in the order they were printed.
#[track_caller]
pub fn fields(line: &str) -> Vec<String> {
    let object: Value = serde_json::from_str(line).unwrap();
    let mut names: Vec<(usize, String)> = object
        .as_object()
        .unwrap()
        .keys()
        .map(|name| (line.find(&format!("\"{name}\":")).unwrap(), name.clone()))
        .collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

pub const TRANSFER_FIELDS: [&str; 9] = ["id", "kind", "path", "key", "size", "sent", "url", "state", "error"];

/// A home with one object in it.
fn with_object(key: &str, bytes: &str) -> Home {
    let home = Home::new();
    home.file("source.txt", bytes);
    home.run(["upload", "source.txt", "--key", key]).with(0);
    home
}

#[test]
fn a_file_goes_up_and_comes_down_and_goes_away() {
    let home = Home::new();
    let path = home.file("hello.txt", "hello, well\n");
    let uploaded = home.run(["upload", "hello.txt", "--to", "a/b", "--json"]).with(0);
    assert_eq!(uploaded.err, "");
    assert_eq!(fields(&uploaded.out), TRANSFER_FIELDS);
    let line = &uploaded.json()[0];
    let key = line["key"].as_str().unwrap();
    assert!(key.starts_with("a/b/") && key.ends_with("-hello.txt") && key.len() == 4 + 36 + 10, "{key}");
    assert_eq!(
        [&line["kind"], &line["path"], &line["size"], &line["sent"], &line["state"], &line["error"]],
        [&json!("upload"), &json!(path), &json!(12), &json!(12), &json!("done"), &Value::Null]
    );

    let listed = home.run(["ls", "--json"]).with(0);
    assert_eq!(fields(&listed.out), ["key", "name", "size", "content_type", "uploaded_at", "user_id", "url", "state"]);
    let record = &listed.json()[0];
    assert_eq!([&record["key"], &record["size"], &record["state"]], [&json!(key), &json!(12), &json!("ok")]);
    assert_eq!([&record["content_type"], &record["user_id"]], [&json!("text/plain"), &json!("tester")]);
    assert_eq!(record["name"].as_str().unwrap(), &key[4..]);
    let uploaded_at = record["uploaded_at"].as_str().unwrap();
    assert!(chrono::DateTime::parse_from_rfc3339(uploaded_at).is_ok() && uploaded_at.ends_with('Z'), "{uploaded_at}");

    let downloaded = home.run(["download", key, "--to", "down", "--json"]).with(0);
    assert_eq!(fields(&downloaded.out), TRANSFER_FIELDS);
    assert_eq!(home.read(format!("down/{key}")), b"hello, well\n");

    let deleted = home.run(["rm", key, "--yes", "--json"]).with(0);
    assert_eq!(fields(&deleted.out), TRANSFER_FIELDS);
    assert_eq!(deleted.json()[0]["state"], "done");
    assert_eq!(home.run(["ls", "--json"]).with(0).out, "");
    assert_eq!(home.run(["ls", "--bucket", "--json"]).with(0).out, "");
}

#[test]
fn people_read_sentences_and_columns() {
    let home = Home::new();
    let path = home.file("hello.txt", "hello");
    let uploaded = home.run(["upload", "hello.txt", "--key", "a/hello.txt"]).with(0);
    assert_eq!(uploaded.out, format!("uploaded {} as a/hello.txt, 5 B\n", path.display()));
    let listed = home.run(["ls"]).with(0).out;
    assert!(
        listed.starts_with("       5 B  ") && listed.ends_with("  text/plain                a/hello.txt\n"),
        "{listed}"
    );
    let downloaded = home.run(["download", "a/hello.txt"]).with(0);
    assert_eq!(downloaded.out, format!("downloaded a/hello.txt to {}, 5 B\n", home.real("a/hello.txt").display()));
    assert_eq!(home.run(["rm", "a/hello.txt", "--yes"]).with(0).out, "deleted a/hello.txt\n");
}

#[test]
fn listings_take_a_prefix_and_a_limit() {
    let home = Home::new();
    for name in ["a/1.txt", "a/2.txt", "b/3.txt"] {
        home.file(name, "x");
        home.run(["upload", name, "--key", name]).with(0);
    }
    let keys = |ended: Ended| ended.with(0).json().iter().map(|line| line["key"].to_string()).collect::<Vec<_>>();
    assert_eq!(keys(home.run(["ls", "--json"])), ["\"b/3.txt\"", "\"a/2.txt\"", "\"a/1.txt\""], "newest first");
    assert_eq!(keys(home.run(["ls", "a/", "--json"])), ["\"a/2.txt\"", "\"a/1.txt\""]);
    assert_eq!(keys(home.run(["ls", "--limit", "1", "--json"])), ["\"b/3.txt\""]);
    assert_eq!(keys(home.run(["ls", "--bucket", "--json"])), ["\"a/1.txt\"", "\"a/2.txt\"", "\"b/3.txt\""], "by key");
    assert_eq!(keys(home.run(["ls", "a/", "--bucket", "--limit", "1", "--json"])), ["\"a/1.txt\""]);
    let object = &home.run(["ls", "b/", "--bucket", "--json"]).with(0).json()[0];
    assert_eq!([&object["size"], &object["user_id"], &object["state"]], [&json!(1), &Value::Null, &json!("unknown")]);
}

#[test]
fn only_the_users_records_unless_all_are_asked_for() {
    let home = Home::new();
    home.configure(
        "[profiles.ann]\nprovider = \"local\"\nuser_id = \"ann\"\ndatabase_url = \"sqlite:shared.sqlite\"\n\
                    [profiles.ben]\nprovider = \"local\"\nuser_id = \"ben\"\ndatabase_url = \"sqlite:shared.sqlite\"\n",
    );
    home.file("a.txt", "a");
    for user in ["ann", "ben"] {
        home.run(["--profile", user, "upload", "a.txt", "--key", user]).with(0);
    }
    let mine = home.run(["ls", "--json", "--profile", "ann"]).with(0).json();
    assert_eq!(mine.iter().map(|line| &line["key"]).collect::<Vec<_>>(), ["ann"]);
    let all = home.run(["ls", "--json", "--profile", "ann", "--all-users"]).with(0).json();
    assert_eq!(all.iter().map(|line| &line["user_id"]).collect::<Vec<_>>(), ["ben", "ann"]);
}

#[test]
fn folders_go_up_and_prefixes_come_down() {
    let home = Home::new();
    home.configure("default_profile = \"flat\"\n[profiles.flat]\nprovider = \"local\"\nkey_template = \"{name}\"\n");
    for name in ["site/index.html", "site/css/main.css", "site/empty"] {
        home.file(name, if name.ends_with("empty") { "" } else { name });
    }
    let uploaded = home.run(["upload", "site", "--to", "www"]).with(0);
    assert!(uploaded.out.ends_with("uploaded 3 of 3\n"), "{}", uploaded.out);
    home.run(["download", "www/", "-r", "--to", "down", "--jobs", "2"]).with(0);
    assert_eq!(home.read("down/www/css/main.css"), b"site/css/main.css");
    assert_eq!(home.read("down/www/empty"), b"");
    let types: Vec<Value> = home.run(["ls", "www/css/", "--json"]).with(0).json();
    assert_eq!(types[0]["content_type"], "text/css");
    let nothing = home.run(["download", "wwww/", "-r"]).with(1);
    assert_eq!(nothing.sentence(), "nothing begins with wwww/");
    assert!(home.run(["download", "www/"]).with(2).sentence().contains("-r"));
}

#[test]
fn the_type_is_what_was_said_or_the_name_suggests() {
    let home = Home::new();
    home.file("a.png", "x");
    home.file("noext", "x");
    home.run(["upload", "a.png", "--key", "1", "--type", "image/x-own"]).with(0);
    home.run(["upload", "a.png", "--key", "2"]).with(0);
    home.run(["upload", "noext", "--key", "3"]).with(0);
    let lines = home.run(["ls", "--json"]).with(0).json();
    let types: Vec<&str> = lines.iter().map(|line| line["content_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["application/octet-stream", "image/png", "image/x-own"]);
}

#[test]
fn a_key_that_exists_is_a_failure_that_names_the_flag() {
    let home = with_object("a.txt", "old");
    home.file("new.txt", "new");
    let refused = home.run(["upload", "new.txt", "--key", "a.txt"]).with(1);
    assert!(refused.sentence().contains("a.txt exists") && refused.err.contains("--on-conflict"), "{}", refused.err);
    let get = || {
        home.run(["download", "a.txt", "--on-conflict", "overwrite"]).with(0);
        String::from_utf8(home.read("a.txt")).unwrap()
    };
    assert_eq!(get(), "old");
    let skipped = home.run(["upload", "new.txt", "--key", "a.txt", "--on-conflict", "skip"]).with(0);
    assert!(skipped.out.ends_with("new.txt: skipped: a.txt exists\n"), "{}", skipped.out);
    assert_eq!(get(), "old");
    home.run(["upload", "new.txt", "--key", "a.txt", "--on-conflict", "overwrite"]).with(0);
    assert_eq!(get(), "new");
    home.run(["upload", "new.txt", "--key", "a.txt", "--on-conflict", "keep-both"]).with(0);
    home.run(["download", "a (2).txt"]).with(0);
    assert_eq!(home.read("a (2).txt"), b"new");
}

#[test]
fn a_file_that_exists_is_a_failure_that_names_the_flag() {
    let home = with_object("a.txt", "remote");
    home.file("a.txt", "mine");
    let refused = home.run(["download", "a.txt"]).with(1);
    assert!(refused.sentence().contains("a.txt") && refused.sentence().contains("--on-conflict"), "{}", refused.err);
    home.run(["download", "a.txt", "--on-conflict", "skip"]).with(0);
    assert_eq!(home.read("a.txt"), b"mine");
    home.run(["download", "a.txt", "--on-conflict", "keep-both"]).with(0);
    assert_eq!((home.read("a.txt"), home.read("a (2).txt")), (b"mine".to_vec(), b"remote".to_vec()));
    home.run(["download", "a.txt", "--on-conflict", "overwrite"]).with(0);
    assert_eq!(home.read("a.txt"), b"remote");
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_goes_up() {
    let home = Home::new();
    home.file("b.txt", "b");
    let ended = home.run(["upload", "gone.txt", "b.txt", "--to", "x/"]).with(1);
    assert_eq!(ended.sentence(), "cannot read gone.txt: no such file or directory");
    assert!(ended.out.starts_with("uploaded "), "{}", ended.out);
    assert_eq!(home.run(["ls", "--json"]).with(0).json().len(), 1);
}

#[test]
fn rm_shows_what_would_go_and_refuses_what_has_no_record() {
    let home = with_object("a/1.txt", "x");
    let dry = home.run(["rm", "a/", "-r", "--dry-run"]).with(0);
    assert_eq!(dry.out, "       1 B  a/1.txt\nwould delete 1 object (1 B); nothing was deleted\n");
    let dry = home.run(["rm", "a/", "-r", "--dry-run", "--json"]).with(0);
    assert_eq!(fields(&dry.out), TRANSFER_FIELDS);
    let line = &dry.json()[0];
    assert_eq!((&line["kind"], &line["key"], &line["size"]), (&json!("delete"), &json!("a/1.txt"), &json!(1)));
    assert_eq!(line["state"], "planned");
    let refused = home.run(["rm", "b.txt", "--yes"]).with(1);
    assert!(refused.sentence().starts_with("no record of b.txt is visible: "), "{}", refused.err);
    assert!(refused.sentence().contains("--bucket"), "{}", refused.err);
    for arguments in [&["rm", "b.txt", "--yes"][..], &["rm", "b.txt", "--dry-run"], &["rm", "b/", "-r", "--yes"]] {
        let refused = home.run([arguments, &["--json"]].concat()).with(1);
        assert_eq!(fields(&refused.out), TRANSFER_FIELDS, "{arguments:?}");
        let lines = refused.json();
        let line = &lines[0];
        let told = (lines.len(), &line["id"], &line["kind"], &line["key"], &line["state"]);
        assert_eq!(told, (1, &json!(null), &json!("delete"), &json!(arguments[1]), &json!("failed")));
        assert!(refused.err.contains(line["error"].as_str().unwrap()), "{refused:?}");
    }
    home.run(["rm", "a/", "-r", "--yes"]).with(0);
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
}

#[test]
fn rm_of_the_bucket_takes_what_has_no_visible_record() {
    let home = Home::new();
    home.configure(
        "[profiles.ann]\nprovider = \"local\"\nuser_id = \"ann\"\ndatabase_url = \"sqlite:a.sqlite\"\n\
                    [profiles.ben]\nprovider = \"local\"\nuser_id = \"ben\"\ndatabase_url = \"sqlite:a.sqlite\"\n",
    );
    home.file("a.txt", "a");
    home.run(["--profile", "ann", "upload", "a.txt", "--key", "k"]).with(0);
    home.run(["--profile", "ben", "rm", "k", "--yes"]).with(1);
    assert_eq!(home.run(["--profile", "ben", "ls", "--bucket", "--json"]).with(0).json().len(), 1);
    home.run(["--profile", "ben", "rm", "k", "--yes", "--bucket"]).with(0);
    assert_eq!(home.run(["--profile", "ben", "ls", "--bucket", "--json"]).with(0).out, "");
}

#[test]
fn rm_of_the_bucket_says_of_what_is_not_there_that_there_is_nothing() {
    let home = with_object("a.txt", "x");
    for flag in ["--yes", "--dry-run"] {
        let ended = home.run(["rm", "gone.txt", "--bucket", flag]).with(1);
        assert!(
            ended.err.contains("windlass: there is no object gone.txt in bucket windlass, and no record"),
            "{ended:?}"
        );
        assert!(!ended.out.contains("deleted 1") && !ended.out.contains("1 object"), "{}", ended.out);
    }
    let ended = home.run(["rm", "gone/", "--bucket", "--yes"]).with(1);
    assert!(ended.err.ends_with("-r takes everything that begins with it\n"), "{}", ended.err);
    let both = home.run(["rm", "gone.txt", "a.txt", "--bucket", "--yes", "--json"]).with(1);
    let told: Vec<_> = both.json().iter().map(|line| (line["key"].clone(), line["state"].clone())).collect();
    let expected = [("gone.txt", "failed"), ("a.txt", "done")].map(|(key, state)| (json!(key), json!(state)));
    assert_eq!(told, expected, "the other goes");
    assert_eq!(home.run(["ls", "--bucket"]).with(0).out, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn rm_of_the_bucket_takes_the_record_of_an_object_that_is_gone() {
    let home = with_object("a.txt", "x");
    let services = home.services();
    services.connect("local").await.unwrap().store.delete("a.txt").await.unwrap();
    home.run(["rm", "a.txt", "--bucket", "--yes"]).with(0);
    assert_eq!(home.run(["ls", "--json"]).with(0).out, "");
}

#[test]
fn where_nothing_is_to_list_that_is_said_to_people() {
    let home = with_object("a.txt", "x");
    for (arguments, said) in [
        (&["ls", "nothing/"][..], "windlass: no record for bucket windlass has a key that begins with nothing/\n"),
        (
            &["ls", "nothing/", "--bucket"],
            "windlass: no object in bucket windlass has a key that begins with nothing/\n",
        ),
        (&["ls", "nothing/", "--json"], ""),
        (&["ls"], ""),
    ] {
        assert_eq!(home.run(arguments).with(0).err, said, "{arguments:?}");
    }
    home.run(["rm", "a.txt", "--yes"]).with(0);
    assert_eq!(home.run(["ls"]).with(0).err, "windlass: there is no record for bucket windlass\n");
}

#[test]
fn read_only_refuses_every_write() {
    let home = with_object("a.txt", "x");
    home.file("b.txt", "b");
    for arguments in [&["upload", "b.txt"][..], &["rm", "a.txt", "--yes"]] {
        let refused = home.run(arguments.iter().chain(&["--read-only"])).with(2);
        assert!(refused.sentence().contains("read-only"), "{}", refused.err);
    }
    home.run(["--read-only", "download", "a.txt"]).with(0);
}

#[test]
fn a_link_says_how_long_it_is_good_for() {
    let home = with_object("a b.txt", "x");
    let link = home.run(["link", "a b.txt", "--expires", "2h", "--json"]).with(0);
    assert_eq!(fields(&link.out), ["key", "url", "kind", "expires_at"]);
    let line = &link.json()[0];
    assert_eq!([&line["key"], &line["kind"]], ["a b.txt", "presigned"]);
    let url = line["url"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:") && url.contains("/a%20b.txt?") && url.contains("X-Amz-Expires=7200"));
    let ends = chrono::DateTime::parse_from_rfc3339(line["expires_at"].as_str().unwrap()).unwrap();
    let minutes = (ends.to_utc() - chrono::Utc::now()).num_minutes();
    assert!((117..=120).contains(&minutes), "{minutes}");

    let told = home.run(["link", "a b.txt", "--expires", "7d"]).with(0);
    assert!(told.out.starts_with("http://") && told.out.lines().count() == 1, "{}", told.out);
    assert!(told.err.contains("good until ") && told.err.contains("(7 d)"), "{}", told.err);
    let refused = home.run(["link", "a b.txt", "--expires", "30d"]).with(2);
    assert!(refused.sentence().contains("a presigned URL is good for 7 d at most"), "{}", refused.err);
    let missing = home.run(["link", "nothing"]).with(1);
    assert!(missing.sentence().contains("nothing"), "{}", missing.err);
    let public = home.run(["link", "a b.txt", "--public"]).with(1);
    assert!(public.sentence().contains("public_base_url"), "{}", public.err);
}

#[test]
fn a_link_of_the_local_bucket_says_when_nobody_answers_it() {
    let home = with_object("a.txt", "some bytes");
    let alone = home.run(["link", "a.txt", "--json"]).with(0);
    assert!(alone.err.contains("works while a Windlass runs"), "{}", alone.err);

    let mut serving = home.start(["local", "serve", "--json"]);
    let served = serving.line();
    assert_eq!(fields(&served), ["endpoint", "region", "access_key_id", "secret_access_key", "bucket"]);
    let with_server = home.run(["link", "a.txt", "--json"]).with(0);
    assert_eq!(with_server.err, "");
    for link in [alone, with_server] {
        let link = link.json()[0]["url"].as_str().unwrap().to_owned();
        assert_eq!(crate::support::program::http_get(&link), "some bytes", "{link}");
    }
    serving.signal("TERM");
    serving.wait().with(0);
}

#[test]
fn profiles_are_listed_with_where_they_come_from() {
    let home = Home::new();
    home.configure("[profiles.prod]\nprovider = \"s3\"\nbucket = \"b\"\nregion = \"eu-west-1\"\naccess_key_id = \"k\"\nsecret_access_key = \"hunter2\"\n");
    let listed = home.run(["profiles", "--json"]).with(0);
    assert!(!listed.out.contains("hunter2"));
    for line in listed.out.lines() {
        assert_eq!(fields(line), ["name", "provider", "bucket", "source", "problem"]);
    }
    let prod = listed.json().into_iter().find(|line| line["name"] == "prod").unwrap();
    assert_eq!([&prod["provider"], &prod["bucket"], &prod["problem"]], [&json!("s3"), &json!("b"), &Value::Null]);
    assert!(prod["source"].as_str().unwrap().ends_with("config.toml"));
    let text = home.run(["profiles"]).with(0).out;
    assert!(text.lines().any(|line| line.starts_with("* local ")), "{text}");
}

#[test]
fn the_local_catalog_needs_no_migration() {
    let home = with_object("a", "x");
    let status = home.run(["catalog", "status", "--json"]).with(0);
    assert_eq!(fields(&status.out), ["place", "table_exists", "applied", "pending", "unindexed"]);
    assert_eq!((&status.json()[0]["pending"], &status.json()[0]["unindexed"]), (&json!([]), &Value::Null));
    let migrated = home.run(["catalog", "migrate", "--json"]).with(0);
    assert_eq!(fields(&migrated.out), ["place", "applied", "unindexed"]);
    assert_eq!(migrated.json()[0]["applied"], json!([]));
    assert!(home.run(["catalog", "status"]).with(0).out.ends_with(": up to date\n"));
}
