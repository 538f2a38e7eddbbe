//! The queue in a person's hands, by keys alone in a real terminal: held, let go on, cancelled, tried again and limited
//! while bytes move to another process's bucket; whole folders up and down.

use super::joined;
use crate::support::far::Far;
use crate::support::home::noise;
use crate::support::program::Home;
use crate::support::pty::Person;

/// A home whose profile is a bucket that another process serves; keys are the files' names.
pub fn home() -> (Home, Far) {
    let (home, far) = (Home::new(), Far::new());
    home.configure(&far.profile(&[("key_template", "{name}")]));
    (home, far)
}

/// Limits the profile by the dialog; the figures in it are replaced.
pub fn limit(person: &mut Person, jobs: &str, rate: &str) {
    person.press("3b").sees("Limits of far").press(&format!("<C-u>{jobs}<Down><C-u>{rate}<Enter>"));
    person.no_longer_sees("Limits of far").sees(&format!("{jobs} large transfer"));
}

/// The keys in the bucket, in order.
fn keys(home: &Home) -> Vec<String> {
    let listed = home.run(["ls", "--bucket", "--json"]).with(0).json();
    listed.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_transfer_is_held_let_go_on_cancelled_and_tried_again() {
    let (home, _far) = home();
    let bytes = noise(30_000_000, 3);
    home.file("video.mp4", &bytes);
    let mut person = home.screen(120, 36);
    person.sees("video.mp4");
    limit(&mut person, "4", "1M");
    person.press("1").cursor_is_on("video.mp4").press("u").sees("Upload video.mp4").press("<Enter>");
    person.sees("limit 1.0 MiB/s").press("3").cursor_is_on("video.mp4").sees("running");
    person.titled(|title| title.starts_with("windlass ") && title.contains('%'));

    person.press("p").sees("p goes on").sees("1 paused").press("p").sees("1 running");
    person.press("<C-p>").sees("p goes on").press("<C-p>").no_longer_sees("p goes on").sees("1 running");
    person.press("x").sees("Cancel this transfer?").press("y").sees("cancelled: r tries again");
    person.titled(|title| title == "windlass: far");
    limit(&mut person, "4", "0");
    person.press("r").sees("uploaded 1 of 1").sees("uploaded, 28.6 MiB").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert_eq!(keys(&home), ["video.mp4"]);
    home.run(["download", "video.mp4", "--to", "back"]).with(0);
    assert_eq!(home.read("back/video.mp4"), bytes);
}

#[test]
fn a_row_opens_to_its_whole_message() {
    let (home, _far) = home();
    home.file("there.txt", b"1");
    home.run(["upload", "there.txt", "--key", "there.txt"]).with(0);
    home.run(["upload", "there.txt", "--key", "there.txt"]).with(1);
    let mut person = home.screen(40, 10);
    person.sees("there.txt").press("3").sees("failed").press("<Enter>").sees("message: there.txt exists");
    person
        .press("<Esc>")
        .no_longer_sees("message: there.txt exists")
        .resize(120, 36)
        .sees("r asks what to do")
        .press("<Enter>")
        .sees("if it is there")
        .sees("r asks whether to skip it");
    let text = joined(&person);
    assert!(text.contains("there.txt") && text.contains("s3, bucket"), "{text}");
}

#[test]
fn a_folder_goes_up_with_everything_in_it_and_comes_down_again() {
    let (home, _far) = home();
    let names: Vec<String> = (0..700).map(|number| format!("site/{}/{number:03}.txt", number % 3)).collect();
    for name in &names {
        home.file(name, name.as_bytes());
    }
    let mut person = home.screen(80, 24);
    person.sees("site/").cursor_is_on("site/").press("u").sees("Upload site/").press("<Enter>");
    person.sees("site/: 700 queued").sees("uploaded 700 of 700");
    assert_eq!(keys(&home).len(), 700);

    person.press("1h").sees("here/").press("2v").sees("1 folder").cursor_is_on("site/").no_longer_sees("uploaded 700");
    person.press("s").sees("Download site/").press("<Enter>").sees("site/: 700 queued").sees("downloaded 700 of 700");
    for name in &names {
        assert_eq!(std::fs::read(home.path().join(name)).unwrap(), name.as_bytes(), "{name}");
    }
}

#[test]
fn the_end_of_long_work_rings() {
    let (home, _far) = home();
    home.file("slow.bin", noise(120_000, 5));
    home.file("quick.bin", b"1");
    let mut person = home.screen(80, 24);
    person.sees("slow.bin").cursor_is_on("quick.bin").press("u").sees("Upload quick").press("<Enter>");
    person.sees("uploaded 1 of 1").press("<Esc>").no_longer_sees("uploaded 1 of 1");
    assert_eq!(person.bells(), 0, "short work ends in silence");
    limit(&mut person, "8", "10K");
    person.press("1j").cursor_is_on("slow.bin").press("u").sees("Upload slow").press("<Enter>").rings();
}

#[test]
fn a_console_without_titles_is_sent_none() {
    let (home, _far) = home();
    let mut person = home.screen_with(&[("TERM", "linux")], 80, 24);
    person.sees("Local").press("q");
    assert_eq!(person.ended().exit_code(), 0);
    assert_eq!(person.title(), "");
}

#[test]
fn a_file_that_is_gone_by_the_time_it_is_to_go_up_is_not_listed_any_longer() {
    let home = Home::new();
    let gone = home.file("gone.txt", "text");
    home.file("here.txt", "text");
    let mut person = home.screen(80, 24);
    person.sees("here.txt").cursor_is_on("gone.txt");
    std::fs::remove_file(gone).unwrap();
    person.press("u").sees("Upload gone.txt").press("<Enter>").sees("no such file").cursor_is_on("here.txt").press("q");
    assert_eq!(person.ended().exit_code(), 0);
}
