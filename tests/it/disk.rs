//! A full disk: a file system of one MiB in a mount namespace of its own, and the real program on it. What is said names
//! the file and what to do; nothing that was there is touched.

use std::path::Path;
use std::process::Command;

use crate::support::home::noise;
use crate::support::program::{Ended, Home};

/// How much room the small file system has.
#[derive(Clone, Copy, PartialEq)]
enum Room {
    /// One MiB.
    Little,
    /// None at all.
    None,
    /// What downloads leave to the queue, less what the queue itself takes.
    Reserve,
}

impl Room {
    /// As `mount -t tmpfs -o size=` takes it.
    const fn size(self) -> &'static str {
        match self {
            Self::Little | Self::None => "1m",
            Self::Reserve => "64m",
        }
    }
}

/// Runs the program with a small file system mounted at a folder; what is in it afterwards stands at the end of its
/// standard error.
fn on_a_small_disk(home: &Home, folder: &Path, room: Room, arguments: &[&str]) -> Ended {
    let fill = if room == Room::None { "dd if=/dev/zero of=\"$DISK/filler\" bs=4096 2>/dev/null;" } else { "" };
    let script = format!(
        "mount -t tmpfs -o size=$SIZE tmpfs \"$DISK\" || exit 99; {fill} \"$@\"; code=$?; ls \"$DISK\" >&2; exit $code"
    );
    std::fs::create_dir_all(folder).unwrap();
    let program = home.command(arguments);
    let mut outside = Command::new("unshare");
    outside.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"]);
    outside.arg(program.get_program()).args(program.get_args()).current_dir(home.here()).env_clear();
    outside.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outside.env("PATH", std::env::var_os("PATH").unwrap()).env("DISK", folder).env("SIZE", room.size());
    Ended::of(outside.output().unwrap())
}

/// A home whose local bucket holds one object of three MiB.
fn with_an_object() -> Home {
    let home = Home::new();
    home.file("big.bin", noise(3 << 20, 1));
    home.run(["upload", "--key", "big.bin", "big.bin"]).with(0);
    home
}

#[test]
fn a_download_that_does_not_fit_says_so_and_places_nothing() {
    let home = with_an_object();
    let folder = home.path().join("small");
    let arguments = ["download", "big.bin", "--to", folder.to_str().unwrap()];
    let ended = on_a_small_disk(&home, &folder, Room::Little, &arguments).with(1);
    assert!(ended.err.contains("no room for big.bin in ") && ended.err.contains("/small: "), "{}", ended.err);
    assert!(ended.err.contains("it needs 3.0 MiB, 1.0 MiB are free; free some space, then retry"), "{}", ended.err);
    assert!(!ended.err.lines().any(|line| line.starts_with("big.bin")), "nothing of it stays: {}", ended.err);
}

#[test]
fn small_downloads_that_do_not_fit_are_named_and_those_that_fit_are_whole() {
    let home = Home::new();
    let bytes = noise(600 << 10, 2);
    home.file("pair/a", &bytes);
    home.file("pair/b", &bytes);
    home.run(["upload", "--key", "pair/a", "pair/a"]).with(0);
    home.run(["upload", "--key", "pair/b", "pair/b"]).with(0);
    let folder = home.path().join("small");
    let arguments = ["download", "pair/", "-r", "--jobs", "1", "--to", folder.to_str().unwrap()];
    let ended = on_a_small_disk(&home, &folder, Room::Little, &arguments).with(1);
    assert!(
        ended.err.contains("no room for ") && ended.err.contains("/small/pair: it needs 600 KiB, "),
        "{}",
        ended.err
    );
    assert!(ended.err.contains(" are free; free some space, then retry"), "{}", ended.err);
    assert!(ended.out.contains("downloaded 1 of 2") && ended.err.ends_with("pair\n"), "{} {}", ended.out, ended.err);
}

#[test]
fn small_downloads_leave_the_queue_its_room() {
    let home = Home::new();
    home.file("a", "a");
    home.run(["upload", "--key", "a", "a"]).with(0);
    let state = home.path().join("state");
    let down = state.join("down");
    let arguments = ["download", "a", "--to", down.to_str().unwrap()];
    let ended = on_a_small_disk(&home, &state, Room::Reserve, &arguments).with(1);
    assert!(
        ended.err.contains("no room for a in ") && ended.err.contains("/state/down: it needs 1 B, "),
        "{}",
        ended.err
    );
    assert!(ended.err.contains(" are free, 64.0 MiB of them for the queue; free some space"), "{}", ended.err);
}

#[test]
fn a_journal_that_does_not_fit_queues_nothing_and_says_so() {
    let home = with_an_object();
    let ended = on_a_small_disk(&home, &home.path().join("state"), Room::None, &["upload", "big.bin"]).with(1);
    assert!(ended.err.contains("/state/") && ended.err.contains("free some space"), "{}", ended.err);
    assert!(home.here().join("big.bin").exists());
}

#[test]
fn a_local_bucket_that_is_full_says_so_and_keeps_nothing_half() {
    let home = Home::new();
    home.file("big.bin", noise(3 << 20, 1));
    let arguments = ["upload", "--key", "big.bin", "big.bin"];
    let ended = on_a_small_disk(&home, &home.path().join("data"), Room::Little, &arguments).with(1);
    assert!(ended.err.contains("big.bin"), "{}", ended.err);
    assert!(ended.err.contains("space") || ended.err.contains("full"), "{}", ended.err);
}
