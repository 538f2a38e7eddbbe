//! Headless commands with a person at the terminal: the question before a delete, the line of progress, and what a
//! script never sees.

use crate::support::program::Home;
use crate::support::pty::Person;

fn with_object(key: &str) -> Home {
    let home = Home::new();
    home.file("source.txt", "some bytes");
    home.run(["upload", "source.txt", "--key", key]).with(0);
    home
}

fn windlass(home: &Home, arguments: &[&str]) -> Person {
    home.in_terminal(&[&[env!("CARGO_BIN_EXE_windlass")], arguments].concat(), &[], 100, 30)
}

fn keys(home: &Home) -> usize {
    home.run(["ls", "--bucket", "--json"]).with(0).json().len()
}

#[test]
fn rm_asks_and_takes_only_a_yes_for_a_yes() {
    let home = with_object("a.txt");
    for answer in ["<Enter>", "n<Enter>", "yep<Enter>"] {
        let mut person = windlass(&home, &["rm", "a.txt"]);
        person.sees("Delete a.txt from windlass (profile local, built in)? [y/N]").press(answer);
        assert_eq!(person.sees("nothing was deleted").ended().exit_code(), 0, "{answer}");
        assert_eq!(keys(&home), 1, "{answer}");
    }
    let mut person = windlass(&home, &["rm", "a.txt"]);
    person.sees("[y/N]").press("y<Enter>");
    assert_eq!(person.sees("deleted a.txt").ended().exit_code(), 0);
    assert_eq!(keys(&home), 0);
}

#[test]
fn rm_says_how_much_would_go_and_that_records_may_be_hidden() {
    let home = with_object("a/1.txt");
    home.run(["upload", "source.txt", "--key", "a/2.txt"]).with(0);
    let mut person = windlass(&home, &["rm", "a/", "-r", "--bucket"]);
    person.sees("Delete 2 objects (20 B) from windlass").sees("a hidden one may exist").press("<C-c>");
    assert_eq!(person.ended().exit_code(), 130);
    assert!(person.text().contains("windlass: interrupted"), "{}", person.text());
    assert_eq!(keys(&home), 2);
}

#[test]
fn rm_says_what_is_missing_before_it_asks() {
    let home = with_object("a.txt");
    let mut person = windlass(&home, &["rm", "missing", "a.txt"]);
    person.sees("missing").sees("[y/N]").press("n<Enter>");
    assert_eq!(person.sees("nothing was deleted").ended().exit_code(), 1);
    let mut person = windlass(&home, &["rm", "missing", "a.txt"]);
    person.sees("Delete a.txt").press("y<Enter>");
    assert_eq!(person.sees("deleted a.txt").ended().exit_code(), 1);
}

#[test]
fn progress_stands_in_one_line_and_goes() {
    let home = Home::new();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    home.configure(&format!(
        "default_profile = \"far\"\n[profiles.far]\nprovider = \"s3\"\nendpoint = \"http://{}\"\nregion = \"us-east-1\"\n\
         bucket = \"b\"\naccess_key_id = \"k\"\nsecret_access_key = \"s\"\n",
        silent.local_addr().unwrap()
    ));
    home.file("a.txt", "a");
    let mut person = windlass(&home, &["upload", "a.txt"]);
    person.sees("0 of 1 done").press("<C-c>");
    assert_eq!(person.ended().exit_code(), 130);
    let text = person.text();
    assert!(text.contains("interrupted: 0 of 1 done, the rest is kept") && !text.contains("0 B/s"), "{text}");
}

#[test]
fn each_transfer_that_runs_has_a_line_up_to_eight() {
    let home = Home::new();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    home.configure(&format!(
        "default_profile = \"far\"\n[profiles.far]\nprovider = \"s3\"\nendpoint = \"http://{}\"\nregion = \"us-east-1\"\n\
         bucket = \"b\"\naccess_key_id = \"k\"\nsecret_access_key = \"s\"\nkey_template = \"{{name}}\"\n",
        silent.local_addr().unwrap()
    ));
    for number in 10..22 {
        home.file(&format!("many/{number}.bin"), vec![0; 2048]);
    }
    let mut person = windlass(&home, &["upload", "many", "--jobs", "12"]);
    person.sees("and 4 more").sees("0 of 12 done, ");
    let shown = |person: &Person| person.rows().into_iter().filter(|row| row.contains(".bin")).collect::<Vec<_>>();
    assert_eq!(shown(&person).len(), 8, "{:?}", person.rows());
    assert!(
        shown(&person)[0].starts_with("10.bin ") && shown(&person)[0].contains("%    2.0 KiB"),
        "{:?}",
        person.rows()
    );
    person.press("<C-c>");
    assert_eq!(person.ended().exit_code(), 130);
    let rows: Vec<String> = person.rows().into_iter().filter(|row| !row.trim().is_empty()).collect();
    assert_eq!(rows, ["windlass: interrupted: 0 of 12 done, the rest is kept; go on with: windlass resume"]);
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_gets_no_bars() {
    let home = Home::new();
    let path = home.file("a.bin", vec![1; 20 << 20]);
    let command = [env!("CARGO_BIN_EXE_windlass"), "upload", "a.bin", "--key", "k"];
    let mut person = home.in_terminal(&command, &[("TERM", "dumb")], 200, 30);
    assert_eq!(person.ended().exit_code(), 0);
    let line = format!("uploaded {} as k, 20.0 MiB\r\n", path.display());
    assert_eq!(person.bytes(), line.len() as u64, "{}", person.text());
}

#[test]
fn a_finished_upload_leaves_only_its_line() {
    let home = Home::new();
    home.file("a.txt", "a");
    let mut person = windlass(&home, &["upload", "a.txt", "--key", "k"]);
    assert_eq!(person.ended().exit_code(), 0);
    let rows: Vec<String> = person.rows().into_iter().filter(|row| !row.trim().is_empty()).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].starts_with("uploaded ") && rows[0].ends_with(" as k, 1 B"), "{rows:?}");
}
