//! Whole folders and prefixes: what is found is on its way while the search goes on, empty folders are remembered where
//! that is wanted, and a dry run touches nothing.

use serde_json::{Value, json};

use super::local::{TRANSFER_FIELDS, fields};
use crate::support::program::Home;

const FLAT: &str = "default_profile = \"flat\"\n[profiles.flat]\nprovider = \"local\"\nkey_template = \"{name}\"\n";

fn flat(transfers: &str) -> Home {
    let home = Home::new();
    home.configure(&FLAT.replace("[profiles", &format!("[transfers]\n{transfers}\n[profiles")));
    home
}

fn keys(home: &Home) -> Vec<String> {
    let listed = home.run(["ls", "--bucket", "--json"]).with(0).json();
    listed.iter().map(|line| line["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_folder_of_more_than_a_batch_goes_up_comes_down_and_goes_away_whole() {
    let home = flat("");
    for number in 0..1100 {
        home.file(&format!("many/{}/{number}.txt", number % 7), number.to_string());
    }
    let uploaded = home.run(["upload", "many", "--to", "m"]).with(0);
    assert!(uploaded.out.ends_with("uploaded 1,100 of 1,100\n"), "{}", uploaded.err);
    let downloaded = home.run(["download", "m/", "m/3/", "-r", "--to", "down", "--json"]).with(0).json();
    assert_eq!(downloaded.len(), 1100, "what two arguments stand for comes once");
    assert_eq!(home.read("down/m/3/1018.txt"), b"1018");
    let deleted = home.run(["rm", "m/", "-r", "--yes"]).with(0);
    assert!(deleted.out.ends_with("deleted 1,100 of 1,100\n"), "{}", deleted.err);
    assert_eq!(keys(&home), Vec::<String>::new());
    assert_eq!(home.run(["ls"]).with(0).out, "");
}

#[test]
fn an_empty_folder_is_remembered_where_that_is_set() {
    let home = flat("empty_folders = true");
    home.file("site/a.txt", "a");
    std::fs::create_dir_all(home.here().join("site/empty/inner")).unwrap();
    let uploaded = home.run(["upload", "site", "--to", "www", "--json"]).with(0);
    assert_eq!(uploaded.err, "", "the setting is no longer said to do nothing");
    assert_eq!(keys(&home), ["www/a.txt", "www/empty/inner/"]);
    let records = home.run(["ls", "www/empty/", "--json"]).with(0).json();
    assert_eq!([&records[0]["key"], &records[0]["size"]], [&json!("www/empty/inner/"), &json!(0)]);
    assert_eq!(records[0]["content_type"], "application/x-directory");
    let again = home.run(["upload", "site", "--to", "www", "--on-conflict", "overwrite"]).with(0);
    assert!(again.out.ends_with("uploaded 2 of 2\n"), "{}", again.out);
    home.run(["download", "www/", "-r", "--to", "down"]).with(0);
    assert!(!home.here().join("down/www/empty").exists(), "a marker is no file");
}

#[test]
fn a_marker_waits_in_the_queue_like_a_file() {
    let home = flat("empty_folders = true");
    std::fs::create_dir_all(home.here().join("site/empty")).unwrap();
    home.run(["upload", "site", "--to", "www", "--detach"]).with(0);
    home.file("site/empty/late.txt", "put there meanwhile");
    home.run(["resume"]).with(0);
    assert_eq!(keys(&home), ["www/empty/"]);
    let again = home.run(["upload", "site", "--to", "www"]).with(0);
    assert!(again.out.starts_with("uploaded ") && !again.out.contains("www/empty/,"), "{}", again.out);
}

#[test]
fn an_empty_folder_is_nothing_unless_that_is_set() {
    let home = flat("");
    std::fs::create_dir_all(home.here().join("site/empty")).unwrap();
    assert_eq!(home.run(["upload", "site", "--to", "www"]).with(0).sentence(), "there is no file to upload");
    assert_eq!(keys(&home), Vec::<String>::new());
}

#[test]
fn what_a_folder_holds_that_cannot_go_up_is_named_and_the_rest_goes_up() {
    let home = flat("symlinks = \"refuse\"");
    home.file("site/b.txt", "b");
    std::os::unix::fs::symlink("b.txt", home.here().join("site/link")).unwrap();
    let ended = home.run(["upload", "site", "--to", "www"]).with(1);
    assert!(ended.sentence().contains("site/link is a symbolic link"), "{}", ended.err);
    assert_eq!(keys(&home), ["www/b.txt"]);
    let detached = home.run(["upload", "site", "--to", "later", "--detach"]).with(1);
    assert!(detached.out.ends_with("queued 1; send with: windlass resume\n"), "{}", detached.out);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let home = flat("");
    let path = home.file("site/big.bin", vec![1; 20 << 20]);
    home.file("site/a.txt", "a");
    let dry = home.run(["upload", "site", "--to", "www", "--dry-run"]).with(0);
    let big = format!(
        "would upload {} as www/big.bin, 20.0 MiB in 4 parts of 6.0 MiB, with at most 20.0 MiB of memory",
        path.display()
    );
    assert!(dry.out.contains(&big), "{}", dry.out);
    assert!(dry.out.ends_with("\nwould move 2 files (20.0 MiB); nothing was done\n"), "{}", dry.out);
    let dry = home.run(["upload", "site/a.txt", "--key", "k", "--dry-run", "--json"]).with(0);
    assert_eq!(fields(&dry.out), TRANSFER_FIELDS);
    let line = &dry.json()[0];
    assert_eq!([&line["id"], &line["state"], &line["key"]], [&Value::Null, &json!("planned"), &json!("k")]);
    assert_eq!(home.run(["transfers"]).with(0).out, "nothing is queued\n");
    assert_eq!(keys(&home), Vec::<String>::new());

    home.run(["upload", "site/a.txt", "--key", "k/a.txt"]).with(0);
    let dry = home.run(["download", "k/", "-r", "--to", "down", "--dry-run"]).with(0);
    let target = home.here().join("down/k/a.txt");
    let expected = format!("would download k/a.txt to {}, 1 B\n", target.display());
    assert!(dry.out.starts_with(&expected), "{}", dry.out);
    assert!(!home.here().join("down").exists());
}

#[test]
fn several_files_never_become_one_object() {
    let home = flat("");
    home.file("a/x.txt", "from a");
    home.file("b/x.txt", "from b");
    home.file("b/y.txt", "y");
    let both = ["upload", "a/x.txt", "b/x.txt", "b/y.txt", "--on-conflict", "overwrite"];
    let refused = home.run(both).with(1);
    assert!(refused.sentence().contains("b/x.txt would get the key x.txt"), "{}", refused.err);
    assert_eq!(keys(&home), ["x.txt", "y.txt"]);
    home.run(["download", "x.txt"]).with(0);
    assert_eq!(home.read("x.txt"), b"from a");
    home.run(["upload", "a", "b", "--to", "two", "--on-conflict", "overwrite"]).with(1);
    home.run(["upload", "a", "b", "--to", "three", "--on-conflict", "keep-both"]).with(0);
    let three = ["three/x (2).txt", "three/x.txt", "three/y.txt"];
    assert_eq!(keys(&home), [&three[..], &["two/x.txt", "two/y.txt", "x.txt", "y.txt"]].concat());
}

#[test]
fn a_template_that_gives_all_files_of_a_folder_one_key_is_refused() {
    let home = Home::new();
    home.configure("default_profile = \"one\"\n[profiles.one]\nprovider = \"local\"\nkey_template = \"{date}.bin\"\n");
    home.file("site/a", "a");
    home.file("site/b", "b");
    let refused = home.run(["upload", "site", "--on-conflict", "overwrite"]).with(2);
    assert!(refused.sentence().contains("all files of a folder would get one key"), "{}", refused.err);
    assert_eq!(keys(&home), [""; 0]);
    home.run(["upload", "site", "--on-conflict", "keep-both"]).with(0);
    assert_eq!(keys(&home).len(), 2);
    home.run(["upload", "site/a", "--on-conflict", "overwrite"]).with(0);
}

#[test]
fn a_template_for_one_upload_keeps_the_names_of_a_website() {
    let home = Home::new();
    home.file("site/index.html", "<p>");
    home.file("site/css/a.css", "p {}");
    let kept = ["upload", "site", "--key-template", "{name}"];
    let dry = home.run([&kept[..], &["--to", "www", "--dry-run"]].concat()).with(0).out;
    assert!(dry.contains(" as www/index.html, ") && dry.contains(" as www/css/a.css, "), "{dry}");
    assert_eq!(keys(&home), [""; 0]);
    home.run(kept).with(0);
    home.run(["upload", "site", "--to", "two", "--key-template", "v1-{prefix}{name}"]).with(0);
    assert_eq!(keys(&home), ["css/a.css", "index.html", "v1-two/css/a.css", "v1-two/index.html"]);
    let twice = home.run(["upload", "site/index.html", "site/css/a.css", "--key-template", "{date}"]).with(1);
    assert!(twice.sentence().contains("that another of the files has"), "{}", twice.err);
}

#[test]
fn a_template_for_one_upload_is_checked_as_the_configured_one() {
    let home = Home::new();
    home.file("site/a", "a");
    let refused = |template: &str, path: &str| {
        let ended = home.run(["upload", path, "--on-conflict", "overwrite", "--key-template", template]).with(2);
        ended.sentence().to_owned()
    };
    let places = "the places are {prefix} {uuid} {name} {date} {millis}";
    let unknown = format!("key template \"{{nam}}\": no place is called {{nam}}; {places}");
    assert_eq!(refused("{nam}", "site/a"), unknown);
    assert_eq!(refused("{nam}", "site"), unknown);
    assert!(refused("{name", "site/a").contains("a `{` is not closed"));
    assert!(refused("", "site/a").contains("the key is empty"));
    assert!(refused("{date}.bin", "site").contains("all files of a folder would get one key"));
    let both = home.run(["upload", "site/a", "--key", "b", "--key-template", "{name}"]).with(2).sentence().to_owned();
    assert!(both.contains("--key <KEY>") && both.contains("--key-template <TEMPLATE>"), "{both}");
    assert_eq!(keys(&home), [""; 0]);
}

#[test]
fn a_key_that_a_typed_template_hardly_means_is_said() {
    let home = Home::new();
    home.file("a.txt", "a");
    for (to, template, said) in [("", "/{name}", "begins with"), ("up", "{prefix}/{name}", "has an empty part")] {
        let ended = home.run(["upload", "a.txt", "--to", to, "--key-template", template, "--dry-run"]).with(0);
        assert!(ended.err.contains(&format!("the key {said}")), "{template}: {}", ended.err);
    }
}
