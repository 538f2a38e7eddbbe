//! From a key to the screen that it changed.

use std::time::{Duration, Instant};

use super::lists;
use super::start::open;
use super::support::fill::{self, Served, file_name};
use super::support::peers;
use super::support::program::Home;
use super::support::pty::Person;
use super::support::report::{self, Bound};

/// Keys of each kind that are measured.
const KEYS: usize = 300;

/// Transfers that run while keys are measured.
const TRANSFERS: usize = 50;

/// Presses one key; how long until the cursor is seen on the file of that number.
pub fn press_and_watch(person: &mut Person, key: &str, number: usize) -> Duration {
    let pressed = Instant::now();
    let moved = person.press(key).cursor_is_on(&file_name(number)).frames();
    person.frame(moved - 1) - pressed
}

/// Presses one key; how long until the next frame is whole, whatever it shows.
fn press_and_wait(person: &mut Person, key: &str) -> Duration {
    let frames = person.frames();
    let pressed = Instant::now();
    person.press(key).frame(frames) - pressed
}

/// Every kind of key in a folder and in a bucket of a hundred thousand rows.
pub fn in_big_lists() {
    let home = Home::new();
    fill::folder(&home.here(), super::ROWS);
    let (mut person, _) = open(&home);
    person.sees(&file_name(0)).cursor_is_on(&file_name(0));
    of_every_kind(&mut person, "100,000 local rows");
    person.press("q").ended();

    let served = Served::start();
    served.fill(super::ROWS);
    let home = Home::new();
    home.configure(&served.profile(""));
    let mut person = lists::enter_bucket(&home);
    lists::to_the_end(&mut person, &file_name(super::ROWS - 1));
    person.press("gg").press("j").cursor_is_on(&file_name(0));
    of_every_kind(&mut person, "100,000 bucket rows");
    person.press("q").ended();
}

/// The cursor is on the first file.
fn of_every_kind(person: &mut Person, rows: &str) {
    let last = super::ROWS - 1;
    let keys = (1..=KEYS).map(|number| press_and_watch(person, "j", number)).collect();
    report::times(&format!("key j to changed screen, {rows}"), Bound::P95(2.0), keys);
    person.press("<C-a>").sees("100,000 marked").press("<Home>").press("j").cursor_is_on(&file_name(0));
    let keys = (1..=KEYS).map(|number| press_and_watch(person, "j", number)).collect();
    report::times(&format!("key j to changed screen, {rows}, all marked"), Bound::P95(2.0), keys);
    person.press("<Esc>").no_longer_sees("marked");
    let ends = |_| {
        let down = press_and_watch(person, "G", last);
        // Back to the first row, which is `..`, and on to the file behind it.
        person.press("<Home>").press("j").cursor_is_on(&file_name(0));
        down
    };
    let ends = (0..KEYS / 10).map(ends).collect();
    report::times(&format!("key G to changed screen, {rows}"), Bound::P95(2.0), ends);
    let pages = (0..KEYS).map(|_| press_and_wait(person, "<C-f>")).collect();
    report::times(&format!("key ^f to changed screen, {rows}"), Bound::P95(2.0), pages);
    let mut filters = Vec::new();
    for _ in 0..KEYS / 30 {
        filters.push(press_and_wait(person, "/"));
        filters.extend(["9", "9", "1", "5"].map(|key| press_and_wait(person, key)));
        person.sees(&file_name(9_915)).press("<Esc>");
        person.sees_that("all rows are back", |screen| !screen.contents().contains(" of 100,000"));
    }
    report::times(&format!("key in the filter to changed screen, {rows}"), Bound::P95(2.0), filters);
}

/// Moving while fifty uploads report their progress ten times a second.
pub fn beside_transfers() {
    let home = Home::new();
    fill::folder(&home.here(), super::ROWS);
    let config = format!(
        "default_profile = \"bench\"\n[transfers]\njobs = {TRANSFERS}\n[profiles.bench]\nprovider = \"s3\"\n\
         endpoint = \"http://127.0.0.1:{}\"\nregion = \"us-east-1\"\naccess_key_id = \"key\"\n\
         secret_access_key = \"secret\"\nbucket = \"bucket\"\npath_style = true\n",
        peers::slow(),
    );
    home.configure(&config);
    let mut upload = vec!["upload".to_owned(), "--detach".into(), "--on-conflict".into(), "overwrite".into()];
    let sources = home.path().join("sources");
    std::fs::create_dir(&sources).unwrap();
    for number in 0..TRANSFERS {
        // Not the names of the files in Local: those are waited for.
        let source = sources.join(format!("source-{number}"));
        std::fs::File::create(&source).unwrap().set_len(15 << 20).unwrap();
        upload.push(source.to_str().unwrap().to_owned());
    }
    home.run(&upload).with(0);
    let (mut person, _) = open(&home);
    person.sees(&file_name(0)).sees(&format!("{TRANSFERS} running")).cursor_is_on(&file_name(0));
    let keys = (1..=KEYS).map(|number| press_and_watch(&mut person, "j", number)).collect();
    report::times("key j to changed screen, 100,000 local rows, 50 uploads", Bound::P95(5.0), keys);
    let running = person.text().contains(&format!("{TRANSFERS} running"));
    report::value(
        "all 50 uploads still run at the end of it (1 is yes)",
        Bound::None,
        f64::from(u8::from(running)),
        "",
    );
}

/// Two hundred keys in one write.
pub fn burst() {
    let home = Home::new();
    fill::folder(&home.here(), super::ROWS);
    let (mut person, _) = open(&home);
    person.sees(&file_name(0)).cursor_is_on(&file_name(0));
    let (mut times, mut draws, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=10 {
        let (frames, written) = (person.frames(), person.bytes());
        times.push(press_and_watch(&mut person, &"j".repeat(200), round * 200));
        draws.push(person.frames() - frames);
        bytes.push(person.bytes() - written);
    }
    draws.sort_unstable();
    bytes.sort_unstable();
    report::times("200 keys j in one write to the last changed screen", Bound::None, times);
    report::value("200 keys j in one write: frames drawn (median of 10)", Bound::Most(5.0), draws[5] as f64, "frames");
    report::value("200 keys j in one write: bytes written (median of 10)", Bound::None, bytes[5] as f64, "bytes");
    person.press("q").ended();
}
