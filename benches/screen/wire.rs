//! What goes over the line to a terminal far away, in bytes and frames. Names have little in common, as those of real
//! files, because a frame carries only the cells that differ from the one before.

use std::time::Duration;

use super::start::open;
use super::support::fill::{self, Served};
use super::support::peers;
use super::support::program::Home;
use super::support::pty::Person;
use super::support::report::{self, Bound};

/// Files beside a catalog of as many records; both panes are full.
const ROWS: usize = 2_000;

/// How long a running transfer and an idle screen are watched.
const MINUTE: Duration = Duration::from_secs(60);

/// Keys of each kind that are measured.
const KEYS: usize = 15;

/// A kibibyte, in bytes.
const KIB: f64 = 1024.0;

/// Keys, a minute without any, and a minute of a running upload.
pub fn wire() {
    let home = Home::new();
    let served = Served::start();
    fill::sqlite_catalog(&home, &served, ROWS);
    for number in 0..ROWS {
        home.file(&name(number), "");
    }
    let (mut person, _) = open(&home);
    person.sees(&name(0)).sees("2,000 files").cursor_is_on(&name(0));
    costs(&mut person, "j, both panes full", "j", Bound::Most(KIB));
    costs(&mut person, "^l, both panes full", "<C-l>", Bound::Most(12.0 * KIB));
    // Never more than the whole screen.
    costs(&mut person, "^f, both panes full", "<C-f>", Bound::Most(12.0 * KIB));
    costs(&mut person, "j that scrolls, both panes full", "j", Bound::Most(12.0 * KIB));
    minute(&person, "idle, both panes full", Bound::Most(0.0), Bound::Most(0.0));
    person.press("q").ended();
    transfer();
}

/// An upload in one request that takes longer than the minute.
fn transfer() {
    let home = Home::new();
    home.configure(&format!(
        "default_profile = \"bench\"\n[transfers]\nrate = \"200K\"\n[profiles.bench]\nprovider = \"s3\"\nendpoint = \"http://127.0.0.1:{}\"\n\
         region = \"us-east-1\"\naccess_key_id = \"key\"\nsecret_access_key = \"secret\"\nbucket = \"bucket\"\n\
         path_style = true\n",
        peers::slow(),
    ));
    std::fs::File::create(home.here().join("video.mp4")).unwrap().set_len(15 << 20).unwrap();
    home.run(["upload", "--detach", "--on-conflict", "overwrite", "video.mp4"]).with(0);
    let (mut person, _) = open(&home);
    person.sees("1 running").sees("video.mp4").sees(" KiB/s");
    minute(&person, "a running transfer, over SSH", Bound::None, Bound::Most(4.0 * MINUTE.as_secs_f64()));
    let running = person.text().contains("1 running");
    report::value("it still runs at the end of it (1 is yes)", Bound::None, f64::from(u8::from(running)), "");
}

fn name(number: usize) -> String {
    let noise = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{number:04}-{noise:016x}.jpg")
}

/// Presses a key again and again; the median of the bytes that follow.
fn costs(person: &mut Person, what: &str, key: &str, bound: Bound) {
    let mut bytes: Vec<u64> = (0..KEYS)
        .map(|_| {
            let (frames, bytes) = (person.frames(), person.bytes());
            person.press(key).frame(frames);
            person.bytes() - bytes
        })
        .collect();
    bytes.sort_unstable();
    report::value(&format!("key {what}: bytes (median of {KEYS})"), bound, bytes[KEYS / 2] as f64, "bytes");
}

/// What is written in a minute without a key.
fn minute(person: &Person, what: &str, bytes: Bound, frames: Bound) {
    // What follows a start or the last key is no minute of its own.
    std::thread::sleep(Duration::from_secs(2));
    let before = (person.bytes(), person.frames());
    std::thread::sleep(MINUTE);
    report::value(&format!("{what}: bytes in a minute"), bytes, (person.bytes() - before.0) as f64, "bytes");
    report::value(&format!("{what}: frames in a minute"), frames, (person.frames() - before.1) as f64, "frames");
}
