//! The disk fills while a large object comes down. It cannot where the file system gives the file its room beforehand;
//! where it does not, what fits is kept, and the download goes on from there once there is room.

use super::check::part_files;
use super::faults::{home, put};
use crate::support::home::noise;
use crate::support::pty::Person;
use crate::support::rogue::{Dice, Rogue};
use crate::support::small_disk::SmallDisk;

const MIB: u64 = 1 << 20;

/// Sixteen ranges.
const SIZE: u64 = 128 * MIB;

/// Of which four come at once, of 8 MiB each, while four before them are on their way to the disk and into the journal.
const IN_FLIGHT: u64 = (4 + 4) * 8 * MIB;

/// What somebody else leaves of the disk.
const FITS: u64 = 44 * MIB;

/// Bytes that the server has sent of the object.
fn served(rogue: &Rogue) -> u64 {
    rogue.ledger().which(|entry| entry.ask.reads()).iter().map(|entry| entry.down).sum()
}

fn asked(rogue: &Rogue) -> usize {
    rogue.ledger().which(|entry| entry.ask.reads()).len()
}

/// The screen on the disk, whose notices of trouble stand in the list of transfers.
fn screen(home: &crate::support::program::Home, disk: &SmallDisk) -> Person {
    let mut words = disk.inside_without_reserving();
    words.push(env!("CARGO_BIN_EXE_windlass").to_owned());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    home.in_terminal(&words, &[], 160, 40)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_in_the_middle_stops_a_download_which_goes_on_once_there_is_room() {
    let (home, rogue) = home("s3").await;
    let bytes = noise(usize::try_from(SIZE).unwrap(), Dice::thrown().next());
    put(&rogue.direct(), "big.bin", bytes.clone()).await;
    let disk = SmallDisk::at(&home, "small", "160m");

    // The first pieces have come when somebody else fills the disk.
    rogue.stop_after(100);
    let target = disk.folder().to_str().unwrap().to_owned();
    let mut words = disk.inside_without_reserving();
    words.extend([env!("CARGO_BIN_EXE_windlass"), "download", "big.bin", "--to", &target].map(str::to_owned));
    let running = home.start_by(&words[0], &words[1..]);
    rogue.stopped().await;
    disk.fill_up_to(FITS);
    rogue.go_on();
    let ended = tokio::task::spawn_blocking(move || running.wait()).await.unwrap().with(1);
    rogue.quiet().await;
    assert!(ended.err.contains("big.bin") && ended.err.contains("no space left on device"), "{}", ended.err);
    assert!(ended.err.contains("free some space, then retry"), "{}", ended.err);
    assert_eq!(disk.shell("ls"), "big.bin.windlass-part\nfiller\n", "nothing has the final name");
    let first = served(&rogue);
    assert!((FITS..SIZE).contains(&first), "{first} bytes came");
    let row = home.run(["transfers", "--json"]).with(0).json().remove(0);
    assert_eq!(row["state"], "failed");
    let kept = row["sent"].as_u64().unwrap();
    assert!(kept > 0 && kept <= FITS + 8 * MIB && first - kept <= IN_FLIGHT, "{kept} bytes of {first} are kept");

    // Without room a retry asks for nothing.
    let mut screen = screen(&home, &disk);
    let before = asked(&rogue);
    screen.sees("big.bin").press("3").cursor_is_on("big.bin").press("r").sees("no room for big.bin");
    assert_eq!((asked(&rogue), disk.shell("ls")), (before, "big.bin.windlass-part\nfiller\n".to_owned()));

    disk.make_room();
    screen.press("r").sees("3 Transfers ──");
    assert_eq!(disk.shell("ls"), "big.bin\n");
    screen.press("q").ended();
    assert_eq!(served(&rogue) - first, SIZE - kept, "what was kept is not fetched again");
    let copy = disk.shell(&format!("cp big.bin {}", home.here().join("copy").display()));
    assert!(copy.is_empty() && home.read("copy") == bytes);
    assert_eq!(part_files(&home.here()), Vec::<String>::new());
}
